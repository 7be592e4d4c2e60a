"""What an account's memory still asks of whoever hands it over, as items of the checklist.

A passage of the notes that nobody has sorted and that may be a promise or fall due, answers that disagree, what is not
known at all, and who at the customer is to be told. What is found later gets an item of its own; no item is written
anew, and each ticks by what became of it (`Evidence`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypedDict, cast

from django.db.models import Count, F, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils.text import Truncator
from django_stubs_ext import WithAnnotations

from accounts.briefing.composing import wanted
from accounts.briefing.doubts import Doubts, TopicAnswers
from accounts.models import Account, Contact, Fact, Passage, Topic, today, verb

from .checklist import ChecklistItem, Part, Proof
from .evidence import PRESSING, overlaps
from .permissions import is_open
from .telling import ContactWithStanding, why, with_standing

if TYPE_CHECKING:
    from .handoff import Handoff
    from .handoff_sets import HandoffQuerySet

MOST = 5
"""So many passages at a time are items of their own; the others are counted in one line."""
LOOKED_AT = 4 * MOST
AT_A_TIME = 100
PARTS = {Topic.IF_THEN: Part.IF_THEN, "decision": Part.PEOPLE, Topic.HANDLING: Part.PEOPLE}


class Ranked(TypedDict):
    home: int
    rank: int
    of_all: int


RankedPassage: TypeAlias = "WithAnnotations[Passage, Ranked]"


@dataclass
class FoundInMemory:
    """What is read of one account, with that of accounts merged into it."""

    passages: list[RankedPassage] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    champion: bool = False
    should_know: list[ContactWithStanding] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.passages[0].of_all if self.passages else 0

    @property
    def topics(self) -> set[str]:
        return {fact.topic_id for fact in self.facts}


@verb
def follow_memory(handoffs: HandoffQuerySet) -> int:
    """Add what the memory of these accounts asks by now and their open checklists do not. Returns how many items.

    Whatever the number of handoffs, in a fixed number of queries; a second run adds nothing.
    """
    full = handoffs.filter(is_open(), accepted_at=None, role__in=handoffs.model.FULL_ROLES)
    chosen = list(full.select_related("account", "incoming").select_for_update(of=("self",)).order_by("pk"))
    if not chosen:
        return 0
    found = read([handoff.account for handoff in chosen])
    topics = list(Topic.objects.in_use().filter(must_survive=True))
    there: dict[int, list[ChecklistItem]] = {handoff.pk: [] for handoff in chosen}
    for item in ChecklistItem.objects.filter(handoff__in=chosen):
        there[item.handoff_id].append(item)
    wanted = [
        item
        for handoff in chosen
        for item in items_of(handoff, found[handoff.account_id], there[handoff.pk], topics)
    ]
    return len(ChecklistItem.objects.bulk_create(wanted))


def follow_all(handoffs: HandoffQuerySet) -> int:
    """`follow_memory` for any number of handoffs, some at a time."""
    ids = list(handoffs.order_by("pk").values_list("pk", flat=True))
    some = (ids[at : at + AT_A_TIME] for at in range(0, len(ids), AT_A_TIME))
    return sum(follow_memory(handoffs.model.objects.filter(pk__in=pks)) for pks in some)


def read(accounts: list[Account]) -> dict[int, FoundInMemory]:
    """By the account's id. Five queries."""
    found = {account.pk: FoundInMemory() for account in accounts}
    merged = Account.objects.filter(merged_into__in=found).values_list("pk", "merged_into_id")
    belongs = {pk: pk for pk in found} | dict(merged)
    home = Coalesce("reading__entry__account__merged_into", "reading__entry__account")
    unsorted = Passage.objects.filter(
        reading__entry__account__in=belongs, reasons__overlap=PRESSING
    ).unsorted()
    ranked = unsorted.with_entry().annotate(
        home=home,
        of_all=Window(Count("pk"), partition_by=[home]),
        rank=Window(RowNumber(), partition_by=[home], order_by=[F("words").desc(), "reading", "start"]),
    )
    for passage in cast("list[RankedPassage]", list(ranked.filter(rank__lte=LOOKED_AT).order_by("rank"))):
        found[passage.home].passages.append(passage)
    for fact in Fact.objects.filter(account__in=belongs).live().with_sources().order_by("-at", "-pk"):
        found[belongs[fact.account_id]].facts.append(fact)
    present = Contact.objects.present().filter(account__in=found)
    for contact in with_standing(present):
        if why(contact):
            found[contact.account_id].should_know.append(contact)
    for account in Contact.objects.champions().filter(account__in=found).values_list("account", flat=True):
        found[account].champion = True
    return found


def items_of(
    handoff: Handoff, found: FoundInMemory, there: list[ChecklistItem], topics: list[Topic]
) -> Iterator[ChecklistItem]:
    """What is not on this list yet."""
    yield from passages(handoff, found, there)
    disputed = {item.topic_id for item in there if item.proof == Proof.SETTLED}
    for answers in Doubts.among(found.facts, today()).contradictions:
        if answers.topic.pk not in disputed:
            yield disagreement(handoff, answers)
    yield from gaps(handoff, found, there, topics)
    asked = {item.contact_id for item in there if item.proof == Proof.TOLD}
    for contact in found.should_know:
        if contact.pk not in asked:
            text = f"{contact} is told by us that {handoff.incoming} takes over"
            yield item_for(handoff, Proof.TOLD, Part.PEOPLE, text, because(contact), contact=contact)


def because(contact: ContactWithStanding) -> str:
    """Why they should hear of it from us, as a sentence."""
    reasons = ", ".join(why(contact))
    return f"{reasons[:1].upper()}{reasons[1:]}. They should not hear of it by chance."


def passages(handoff: Handoff, found: FoundInMemory, there: list[ChecklistItem]) -> Iterator[ChecklistItem]:
    """The most telling ones, as long as few of them are open; of the others one line."""
    listed = [item for item in there if item.proof == Proof.SORTED]
    new = [
        one
        for one in found.passages
        if not any(overlaps(item, one.reading_id, one.start, one.end) for item in listed)
    ]
    is_open = len(found.passages) - len(new)
    named = new[: max(MOST - is_open, 0)]
    for passage in named:
        entry = passage.reading.entry
        due = "cliff" in passage.reasons
        yield item_for(
            handoff,
            Proof.SORTED,
            Part.ACTIONS,
            f"{'May fall due' if due else 'May be a promise'}: “{one_line(passage.text)}”",
            f"{entry.signature} wrote it on {entry.at:%-d %B %Y}, and nobody has said what becomes of it."[
                :500
            ],
            entry=entry,
            start=passage.start,
            end=passage.end,
        )
    if found.count > is_open + len(named) and not any(item.proof == Proof.REST_SORTED for item in there):
        yield item_for(
            handoff,
            Proof.REST_SORTED,
            Part.ACTIONS,
            "The other promises and due dates in the notes are sorted",
            "Each becomes a promise, a fact, or nothing to carry: once, and for every later owner.",
        )


def disagreement(handoff: Handoff, answers: TopicAnswers) -> ChecklistItem:
    newest, older = answers.pairs[0]
    return item_for(
        handoff,
        Proof.SETTLED,
        PARTS.get(answers.topic.pk, Part.STORY),
        f"{answers.topic}: “{one_line(older.text, 18)}” or “{one_line(newest.text, 18)}”?",
        f"The first is {older.source}, {older.at:%-d %B %Y}; the other {newest.source}, {newest.at:%-d %B %Y}.",
        topic=answers.topic,
    )


def gaps(
    handoff: Handoff, found: FoundInMemory, there: list[ChecklistItem], topics: list[Topic]
) -> Iterator[ChecklistItem]:
    """What is not known and no item asks for: the rating, a champion, and what must survive."""
    asked = {(item.proof, item.topic_id) for item in there}
    why = "The next owner would have to ask the customer."
    if not handoff.account.condition and (Proof.CONDITION, None) not in asked:
        yield item_for(
            handoff, Proof.CONDITION, Part.CONDITION, "Nobody has rated how the account stands", why
        )
    if not found.champion and (Proof.CHAMPION, None) not in asked:
        yield item_for(handoff, Proof.CHAMPION, Part.PEOPLE, "No champion is named", why)
    for topic in topics:
        missing = topic.pk not in found.topics and wanted(handoff.account, topic)
        if missing and (Proof.TOPIC, topic.pk) not in asked:
            part = PARTS.get(topic.pk, Part.STORY)
            yield item_for(handoff, Proof.TOPIC, part, f"{topic} is not written down", why, topic=topic)


def item_for(
    handoff: Handoff, proof: Proof, part: Part, text: str, why: str, **about: object
) -> ChecklistItem:
    """It may be left open: what is thin is named to the approver."""
    return ChecklistItem(
        handoff=handoff,
        proof=proof,
        part=part,
        text=text[:300],
        why=why[:500],
        required=False,
        before_writing=True,
        position=600,
        **about,
    )


def one_line(text: str, words: int = 34) -> str:
    return Truncator(" ".join(text.split())).words(words)
