"""account -> Brief: composed from memory, invents nothing, and changes when the memory does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account, Contact, EntryReading, Topic
from handoffs.briefing import Brief, BriefLine, compose, compose_with_notes, mentioned, telling_words
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
lines = st.builds(BriefLine, texts, texts, texts, texts, st.booleans())
briefs = st.builds(
    Brief,
    account=texts,
    condition=st.sampled_from(["steady", "watch", "urgent"]),
    condition_because=texts,
    story=st.lists(lines, max_size=3),
    people=st.lists(lines, max_size=3),
    actions=st.lists(lines, max_size=3),
    gaps=st.lists(texts, max_size=3),
)


class Composing(CastTestCase):
    def test_an_empty_memory_is_all_gaps_and_no_invention(self) -> None:
        brief = compose(self.cobalt)
        for part in (brief.story, brief.people, brief.actions, brief.facts, brief.deals, brief.notes):
            assert part == []
        assert "Nobody has rated how the account stands" in brief.gaps
        assert "No champion is named" in brief.gaps
        for topic in Topic.objects.filter(must_survive=True):
            assert f"{topic.name} is not written down" in brief.gaps

    def test_a_gap_closes_when_it_is_filled(self) -> None:
        topic = Topic.objects.filter(must_survive=True).exclude(pk=Topic.IF_THEN).first()
        assert topic
        gap = f"{topic.name} is not written down"
        assert gap in compose(self.acme).gaps
        fact = make_fact(self.acme, topic.pk, "In three days", contact=self.champion)
        assert gap not in compose(self.acme).gaps
        fact.retract(by=self.olivia, because="Wrong company")
        assert gap in compose(self.acme).gaps

    def test_only_a_steady_account_does_without_a_contingency(self) -> None:
        gap = f"{Topic.objects.get(pk=Topic.IF_THEN)} is not written down"
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
        assert {line.text for line in brief.actions} == {"Send the security answers", "Can we export it all?"}
        assert brief.people[0].title == "Carla Weiss"
        assert brief.people[0].must_survive
        assert "What it cost them" in brief.people[0].text
        assert brief.story[0].source.startswith("told by Carla Weiss")
        assert "Renewal 2027" in brief.deals[0].title

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
        assert brief.story[0].text == "They came after a failed rollout"
        assert [line.text for line in brief.actions] == ["Send the security answers"]

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
            "Lunch was late. Their notice period of ninety days ends on 30 June.",
            days=9,
            contacts=[self.dieter],
        )
        assert compose_with_notes(self.acme).notes_unread == 1
        EntryReading.read_all()
        brief = compose_with_notes(self.acme)
        assert [(line.text, line.source) for line in brief.notes] == [
            ("Their notice period of ninety days ends on 30 June.", "Dieter")
        ]
        assert (brief.notes_left, brief.notes_unread) == (0, 0)

    def test_what_has_no_room_is_counted(self) -> None:
        long = " ".join(f"word{n}" for n in range(30))
        for n in range(40):
            make_entry(self.acme, f"Unless they pay by day {n} we stop {long}.")
        EntryReading.read_all()
        brief = compose_with_notes(self.acme)
        words = sum(len(line.text.split()) for line in brief.notes)
        assert words <= 40 * 40 // 2
        assert len(brief.notes) + brief.notes_left == 40
        assert brief.notes_left > 0

    def test_the_number_of_queries_does_not_grow(self) -> None:
        make_entry(self.acme, "They never answer on Fridays.")
        EntryReading.read_all()
        with self.assertNumQueries(11):
            compose_with_notes(Account.objects.get(pk=self.acme.pk))
        for n in range(8):
            make_entry(self.acme, f"Note {n}", contacts=[self.dieter])
            make_fact(self.acme, text=f"Fact {n}", contact=self.champion)
            make_question(self.acme, self.dieter, f"Question {n}")
            make_deal(self.acme, f"Deal {n}")
        EntryReading.read_all()
        with self.assertNumQueries(11):
            compose_with_notes(Account.objects.get(pk=self.acme.pk))


@given(briefs)
def test_a_brief_survives_being_stored(brief: Brief) -> None:
    stored = json.loads(json.dumps(brief.as_json()))
    assert Brief.from_json(stored) == brief
    assert Brief.from_json(stored).fingerprint == brief.fingerprint


@given(briefs, briefs)
def test_two_briefs_have_one_fingerprint_only_if_what_matters_is_the_same(one: Brief, other: Brief) -> None:
    assert (one.fingerprint == other.fingerprint) == (one.matters == other.matters)


@given(st.lists(lines, max_size=4), texts)
def test_whatever_is_said_only_lines_that_are_there_are_mentioned(some: list[BriefLine], said: str) -> None:
    assert set(mentioned(some, said)) <= {line.key for line in some}


@given(
    st.lists(
        st.sampled_from(["alpha", "bravo", "charlie", "delta", "echo", "foxtrot"]), min_size=1, max_size=5
    )
)
def test_a_line_repeated_word_for_word_is_mentioned(words: list[str]) -> None:
    line = BriefLine("fact:1", "Outcome", " ".join(words))
    assert mentioned([line], f"They said: {line.text}!") == ["fact:1"]


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("I call Carla first", True),
        ("weiss is the one", True),
        ("I call the champion", False),
        ("", False),
    ],
)
def test_a_person_is_mentioned_by_any_part_of_the_name(said: str, heard: bool) -> None:
    assert bool(mentioned([BriefLine("contact:1", "Carla Weiss", "Champion")], said)) is heard


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("they want to close their books within three days", True),
        ("closing the book in 3 days", True),
        ("They want to close their boooks", True),  # a slip
        ("all is well with them", False),
    ],
)
def test_a_fact_is_mentioned_by_a_third_of_its_telling_words(said: str, heard: bool) -> None:
    line = BriefLine("fact:1", "Outcome", "Close the books in three days")
    assert bool(mentioned([line], said)) is heard


def test_common_and_short_words_tell_nothing() -> None:
    assert telling_words("We have to be there with them by the 14th, they said") == ["14th", "said"]
