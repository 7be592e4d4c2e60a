"""account -> Brief: composed from memory, invents nothing, and changes when the memory does."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from accounts.briefing import Brief, BriefLine, BriefPart, compose
from accounts.briefing.from_notes import FromNotes, NoteLine, first_names
from accounts.models import Account, Contact, EntryReading, Topic
from tests.base import (
    CastTestCase,
    make_contact,
    make_deal,
    make_entry,
    make_fact,
    make_obligation,
    make_question,
)

texts = st.text(max_size=40)
lines = st.builds(BriefLine, texts, texts, texts, texts, st.booleans(), st.lists(texts, max_size=2))
parts = st.builds(
    BriefPart, st.sampled_from(["now", "owed", "people"]), st.lists(lines, max_size=3), st.integers()
)
notes = st.builds(NoteLine, st.integers(), texts, texts, st.lists(texts, max_size=2))
briefs = st.builds(
    Brief,
    texts,
    st.lists(parts, max_size=3),
    st.builds(FromNotes, texts, st.booleans(), st.lists(notes, max_size=2)),
    st.lists(texts, max_size=3),
)


QUERIES = 13


def test_nobody_is_called_by_their_title() -> None:
    called = first_names(["Dr Amira Saleh", "Prof. Ita Kinsella", "Jonas Okafor", "Jonas Ek", ""])
    assert list(called.values()) == ["Amira", "Ita", "Jonas Okafor", "Jonas Ek"]


class Composing(CastTestCase):
    def test_an_empty_memory_is_all_gaps_and_no_invention(self) -> None:
        brief = compose(self.cobalt)
        told = [line.title for line in brief.lines]
        assert told == ["Condition", "Watch", "Watch"], "not rated, no champion, and nobody in touch"
        assert brief.notes.lines == []
        assert "How the account stands" in brief.gaps
        assert "Who stands up for us" in brief.gaps
        for topic in Topic.objects.filter(must_survive=True):
            assert topic.name in brief.gaps

    def test_a_gap_closes_when_it_is_filled(self) -> None:
        topic = Topic.objects.filter(must_survive=True).exclude(pk=Topic.IF_THEN).first()
        assert topic
        gap = topic.name
        assert gap in compose(self.acme).gaps
        fact = make_fact(self.acme, topic.pk, "In three days", contact=self.champion)
        assert gap not in compose(self.acme).gaps
        fact.retract(by=self.olivia, because="Wrong company")
        assert gap in compose(self.acme).gaps

    def test_only_a_steady_account_does_without_a_contingency(self) -> None:
        gap = str(Topic.objects.get(pk=Topic.IF_THEN))
        make_entry(self.acme)
        assert gap in compose(self.acme).gaps
        self.acme.rate("steady", because="All is well", by=self.olivia)
        assert gap not in compose(self.acme).gaps
        self.acme.rate("watch", because="Quiet", by=self.olivia)
        assert gap in compose(self.acme).gaps

    def test_it_says_what_is_owed_who_matters_and_from_whom_we_know(self) -> None:
        make_obligation(self.acme, "Send the security answers", contact=self.dieter)
        make_question(self.acme, self.dieter, "Can we export it all?")
        make_deal(self.acme, "Renewal 2027")
        make_fact(self.acme, Topic.STORY, "They came after a failed rollout", contact=self.champion)
        brief = compose(self.acme)
        owed = {line.text for line in brief.part("owed").lines}
        assert owed == {"Send the security answers", "Can we export it all?"}
        champion = brief.part("people").lines[0]
        assert champion.title == "Carla Weiss"
        assert champion.must_survive
        assert "What it cost them" in champion.text
        assert brief.part("story").lines[0].source.startswith("told by Carla Weiss")
        assert "Renewal 2027" in brief.part("terms").lines[0].title

    def test_superseded_retracted_and_finished_things_are_left_out(self) -> None:
        fact = make_fact(self.acme, Topic.STORY, "Old story")
        fact.supersede("New story", by=self.olivia)
        entry = make_entry(self.acme, "Never happened")
        entry.retract(by=self.olivia, because="Another customer")
        make_obligation(self.acme, "Done already").keep(by=self.olivia)
        text = json.dumps(compose(self.acme).as_json())
        assert "New story" in text
        for gone in ("Old story", "Never happened", "Done already"):
            assert gone not in text

    def test_the_memory_of_a_merged_account_is_in_it(self) -> None:
        make_fact(self.acme, Topic.STORY, "They came after a failed rollout")
        make_obligation(self.acme, "Send the security answers")
        self.acme.merge_into(self.cobalt, by=self.max, because="One company")
        brief = compose(self.cobalt)
        assert brief.part("story").lines[0].text == "They came after a failed rollout"
        assert [line.text for line in brief.part("owed").lines] == ["Send the security answers"]

    def test_the_fingerprint_changes_with_what_must_survive_and_only_then(self) -> None:
        seen = {compose(self.acme).fingerprint}
        assert compose(self.acme).fingerprint in seen
        owed = make_obligation(self.acme)
        for change in (
            lambda: None,
            lambda: make_fact(self.acme),
            lambda: owed.keep(by=self.olivia),
            lambda: self.acme.rate("watch", because="Quiet", by=self.olivia),
        ):
            change()
            self.acme.refresh_from_db()
            now = compose(self.acme).fingerprint
            assert now not in seen
            seen.add(now)
        for ordinary in (
            lambda: make_entry(self.acme, "They never answer on Fridays."),
            lambda: make_deal(self.acme),
            lambda: make_contact(self.acme, "New Person", Contact.Role.USER),
            lambda: make_obligation(self.cobalt),
        ):
            ordinary()
            EntryReading.read_all()
            assert compose(self.acme).fingerprint == now

    def test_it_carries_what_the_notes_hold_in_their_own_words(self) -> None:
        make_entry(
            self.acme,
            "Lunch was late. Their notice period of ninety days is long.",
            days=9,
            contacts=[self.dieter],
        )
        assert compose(self.acme).notes.unread == 1
        EntryReading.read_all()
        notes = compose(self.acme).notes
        assert [(line.text, line.who) for line in notes.lines] == [
            ("Their notice period of ninety days is long.", "Dieter")
        ]
        assert (notes.left, notes.unread) == (0, 0)

    def test_what_has_no_room_is_counted(self) -> None:
        long = " ".join(f"word{n}" for n in range(30))
        for n in range(40):
            make_entry(self.acme, f"Unless they pay by day {n} we stop {long}.")
        EntryReading.read_all()
        notes = compose(self.acme).notes
        words = sum(len(line.text.split()) for line in notes.lines)
        assert words <= 40 * 40 // 2
        assert len(notes.lines) + notes.left == 40
        assert notes.left > 0

    def test_the_number_of_queries_does_not_grow(self) -> None:
        make_entry(self.acme, "They never answer on Fridays.")
        EntryReading.read_all()
        with self.assertNumQueries(QUERIES):
            compose(Account.objects.get(pk=self.acme.pk))
        for n in range(8):
            make_entry(self.acme, f"Note {n}", contacts=[self.dieter])
            make_fact(self.acme, text=f"Fact {n}", contact=self.champion)
            make_question(self.acme, self.dieter, f"Question {n}")
            make_deal(self.acme, f"Deal {n}")
        EntryReading.read_all()
        with self.assertNumQueries(QUERIES):
            compose(Account.objects.get(pk=self.acme.pk))


@given(briefs)
def test_a_brief_survives_being_stored(brief: Brief) -> None:
    stored = json.loads(json.dumps(brief.as_json()))
    assert Brief.from_json(stored) == brief
    assert Brief.from_json(stored).fingerprint == brief.fingerprint


@given(briefs, briefs)
def test_two_briefs_have_one_fingerprint_only_if_what_matters_is_the_same(one: Brief, other: Brief) -> None:
    told = [sorted(line.told for line in brief.matters.lines) for brief in (one, other)]
    assert (one.fingerprint == other.fingerprint) == (told[0] == told[1])
