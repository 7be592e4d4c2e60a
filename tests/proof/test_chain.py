"""Three owners in a row, for accounts that chance makes up: the third knows what the first one sorted."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator

from accounts.models import Account, EntryReading, Obligation, Passage, SortedPassage, Topic, User
from handoffs.models import Handoff
from tests.base import CastTestCase, in_days, make_account, make_contact, make_entry, make_user
from tests.handoffs.steps import approve, departure, hand_over, hand_over_wholly, ready_to_accept, write

PROMISE, HANDLING, IF_THEN, FACT = "my word", "Never ring", "If the", "costs"
SENTENCES = [
    f"I gave them {PROMISE} that the {{thing}} comes to gate {{number}} at our cost.",
    f"{HANDLING} {{name}} on a Friday before {{number}}, a text first.",
    f"{IF_THEN} {{thing}} fails in hall {{number}}, then {{name}} stops the line unless somebody of ours is there.",
    f"The {{thing}} {FACT} {{number}} euros, and that price ends with the year.",
    "Good talk about gate {number}, nothing new.",
    "sent {name} the slides for {number}",
    "Is the {thing} of hall {number} waterproof?",
]
THINGS = ["pump", "boiler", "crane", "mixer", "kiln", "press"]
NAMES = ["Signe", "Pekka", "Anouk"]
SEEDS = range(3)


def notes(chance: random.Random) -> Iterator[str]:
    """Two dozen of them. A number is in one sentence only, so each sentence is known by it."""
    numbers = iter(chance.sample(range(1_000, 9_999), 100))
    for _ in range(24):
        yield " ".join(
            chance.choice(SENTENCES).format(
                thing=chance.choice(THINGS), name=chance.choice(NAMES), number=next(numbers)
            )
            for _ in range(chance.randint(1, 3))
        )


class Chain:
    """One account and its hands, and what whoever sorted made of its notes."""

    def __init__(self, number: int, first: User) -> None:
        self.chance = random.Random(number)
        self.account = make_account(f"Chain {number}", first)
        self.contact = make_contact(self.account, "Signe Aho")
        for text in notes(self.chance):
            make_entry(self.account, text, by=first, contacts=[self.contact])
        EntryReading.read_all()
        self.topics = list(Topic.objects.in_use().exclude(pk__in=[Topic.STORY, *Topic.MANY]))
        self.chance.shuffle(self.topics)
        self.carried: set[str] = set()

    def unsorted(self) -> list[Passage]:
        return list(Passage.objects.of(self.account).unsorted().with_entry())

    def sort(self, by: User, share: float) -> None:
        """Some of what is left becomes what its words say it is."""
        for passage in self.unsorted():
            if self.chance.random() < share:
                self._become(passage, by)

    def _become(self, passage: Passage, by: User) -> None:
        words = passage.text
        if PROMISE in words:
            passage.become_promise(words, in_days(30), by=by, contact=self.contact)
        elif HANDLING in words:
            passage.become_fact(Topic.objects.get(pk=Topic.HANDLING), words, by=by, contact=self.contact)
        elif IF_THEN in words:
            passage.become_fact(Topic.objects.get(pk=Topic.IF_THEN), words, by=by)
        elif FACT in words and self.topics:
            passage.become_fact(self.topics.pop(), words, by=by, contact=self.contact)
        else:
            passage.become_nothing(by=by)
            return
        self.carried.add(words)

    def keep_a_promise(self, by: User) -> None:
        """Who has kept it need not hand it on."""
        promise = Obligation.objects.open().filter(account=self.account, sorted_passage__isnull=False)[0]
        promise.keep(by=by)
        self.carried.remove(promise.text)


def words_of(handoff: Handoff) -> str:
    """Everything that the frozen brief says."""
    brief = handoff.review().approved_brief
    assert brief
    return json.dumps(brief.as_json(), ensure_ascii=False)


class ThreeOwnersInARow(CastTestCase):
    all: list[Chain]
    briefs: dict[Account, list[str]]
    by_olivia: dict[Account, set[str]]

    @classmethod
    def setUpTestData(cls) -> None:
        """Olivia sorts and leaves, Ines sorts more, Nils sorts nothing and hands over to Tove."""
        super().setUpTestData()
        tove = make_user("Tove Lind", reports_to=cls.petra)
        cls.all = [Chain(seed, cls.olivia) for seed in SEEDS]
        cls.briefs, cls.by_olivia = {}, {}
        leaving = departure(cls.olivia, cls.ines, by=cls.max)
        for chain in cls.all:
            chain.sort(cls.olivia, 0.4)
            cls.by_olivia[chain.account] = set(chain.carried)
            first = ready_to_accept(leaving.handoffs.get(account=chain.account), by=cls.olivia)
            first.accept(by=cls.max)
            cls.briefs[chain.account] = [words_of(first)]
        cls.olivia.deactivate(by=cls.max, because="Gone to Porto")
        for chain in cls.all:
            chain.sort(cls.ines, 0.5)
            chain.keep_a_promise(cls.ines)
            second = hand_over_wholly(chain.account, cls.nils, by=cls.max)
            third = hand_over(chain.account, tove, by=cls.petra)
            write(third, by=cls.nils)
            approve(third)
            cls.briefs[chain.account] += [words_of(second), words_of(third)]

    def chains(self, each: Callable[[Chain], None]) -> None:
        for chain in self.all:
            with self.subTest(chain.account.name):
                each(chain)

    def test_what_the_first_and_the_second_sorted_stands_in_the_third_brief(self) -> None:
        def each(chain: Chain) -> None:
            first, _, third = self.briefs[chain.account]
            for words in self.by_olivia[chain.account]:
                assert words in first, words
            assert len(chain.carried) > len(self.by_olivia[chain.account]) > 4
            for words in chain.carried:
                assert words in third, words

        self.chains(each)

    def test_the_first_one_is_named_though_they_have_gone(self) -> None:
        def each(chain: Chain) -> None:
            hers = SortedPassage.objects.filter(entry__account=chain.account, by=self.olivia)
            assert all(one.fact.author == self.olivia for one in hers if one.fact)
            assert f"inferred by {self.olivia}" in self.briefs[chain.account][2]

        self.chains(each)

    def test_what_nobody_sorted_is_still_offered_and_what_somebody_did_is_not(self) -> None:
        def each(chain: Chain) -> None:
            left = {passage.text for passage in chain.unsorted()}
            offered = [text for text in left if text in self.briefs[chain.account][2]]
            assert offered
            page = self.browse(self.nils, "passage_list", chain.account.pk)
            self.assertContains(page, f"{len(left)} passages")
            EntryReading.objects.filter(entry__account=chain.account).delete()
            EntryReading.read_all()
            assert {passage.text for passage in chain.unsorted()} == left
            every = {passage.text for passage in Passage.objects.of(chain.account).with_entry()}
            looked_at = SortedPassage.objects.filter(entry__account=chain.account)
            assert every - left == {one.entry.text[one.start : one.end] for one in looked_at}

        self.chains(each)
