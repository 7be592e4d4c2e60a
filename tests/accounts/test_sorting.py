"""Sorting what notes hold: one passage at a time becomes something, or nothing, and is never asked about again."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.briefing import compose
from accounts.briefing.from_notes import Unsorted
from accounts.models import (
    Account,
    Entry,
    EntryReading,
    Fact,
    Obligation,
    Passage,
    Refused,
    SortedPassage,
    Topic,
    User,
)
from tests.base import CastTestCase, in_days, make_entry, the_cast
from tests.laws import refusal_of

NOTE = "Carla never takes calls before ten. Nice weather. They pay €48,000 for it. Unless Dieter signs, nothing moves."
FIRST, SECOND, THIRD = (
    "Carla never takes calls before ten.",
    "They pay €48,000 for it.",
    "Unless Dieter signs, nothing moves.",
)


def unsorted(account: Account) -> list[Passage]:
    found = Passage.objects.of(account).unsorted().with_entry()
    return list(found.order_by("reading__entry__at", "reading", "start"))


class Sorting(CastTestCase):
    entry: Entry

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.entry = make_entry(cls.acme, NOTE, contacts=[cls.champion], days=9)
        EntryReading.read_all()

    @property
    def left(self) -> list[str]:
        return [passage.text for passage in unsorted(self.acme)]

    def press(self, became: str, by: User | None = None, **fields: Any) -> Any:
        """Answer the question that the page asks."""
        passage = unsorted(self.acme)[0]
        sent = {"entry": passage.reading_id, "start": passage.start, "text": passage.text, "became": became}
        return self.send(by or self.olivia, "passage_list", self.acme.pk, **(sent | fields))


class WhatBecomesOfAPassage(Sorting):
    def test_the_note_has_three_passages(self) -> None:
        assert self.left == [FIRST, SECOND, THIRD]

    def test_a_fact_points_back_to_the_entry_and_says_who_told_it(self) -> None:
        self.press("fact", topic="terms", contact=self.dieter.pk, text="They pay late")
        fact = Fact.objects.get()
        assert (fact.topic_id, fact.text, fact.entry, fact.author) == (
            "terms",
            "They pay late",
            self.entry,
            self.olivia,
        )
        assert (fact.provenance, fact.contact) == (Fact.Provenance.TOLD, self.dieter)
        row = SortedPassage.objects.get()
        assert (row.became, row.fact, row.entry, row.by) == ("fact", fact, self.entry, self.olivia)
        assert NOTE[row.start : row.end] == FIRST
        assert self.left == [SECOND, THIRD]

    def test_a_promise_is_held_by_the_owner(self) -> None:
        self.press("promise", by=self.max, due=in_days(5))
        owed = Obligation.objects.get()
        assert (owed.text, owed.due, owed.holder, owed.raised_by) == (
            FIRST,
            in_days(5),
            self.olivia,
            self.max,
        )
        assert SortedPassage.objects.get().obligation == owed

    def test_a_promise_is_held_by_whoever_of_the_team_says_so(self) -> None:
        self.acme.add_to_team(self.ines, "support", by=self.max, because="Helps")
        self.press("promise", by=self.ines, due=in_days(5), holder="me")
        owed = Obligation.objects.get()
        assert (owed.holder, owed.role) == (self.ines, "support")

    def test_the_owner_holds_it_as_the_owner_whatever_else_they_are(self) -> None:
        self.acme.add_to_team(self.olivia, "success", by=self.max, because="Both for a while")
        for holder in (None, self.olivia):
            sorted_ = unsorted(self.acme)[0].become_promise(FIRST, in_days(5), by=self.olivia, holder=holder)
            assert sorted_.obligation
            assert sorted_.obligation.role == "owner"

    def test_a_promise_is_held_by_nobody_from_outside(self) -> None:
        with pytest.raises(Refused, match="does not serve"):
            unsorted(self.acme)[0].become_promise(FIRST, in_days(5), by=self.max, holder=self.nils)
        assert not Obligation.objects.exists()

    def test_if_thens_and_ways_to_handle_somebody_stand_side_by_side(self) -> None:
        self.press("handling", contact=self.champion.pk)
        self.press("handling", contact=self.dieter.pk)
        self.press("if_then")
        assert not unsorted(self.acme)
        first, second = Fact.objects.live().on(Topic.HANDLING).order_by("pk")
        assert (first.contact, second.contact) == (self.champion, self.dieter)
        assert first.source == "about Carla Weiss, noted by Olivia Brandt"
        assert Fact.objects.live().on(Topic.IF_THEN).get().text == THIRD
        assert sorted(SortedPassage.objects.values_list("became", flat=True)) == [
            "handling",
            "handling",
            "if_then",
        ]
        self.assertNotContains(self.browse(self.olivia, "account_call", self.acme.pk), "disagree")

    def test_why_they_chose_us_is_told_of_its_topic(self) -> None:
        self.press("why_us")
        assert Fact.objects.get().topic_id == Topic.WHY_US

    def test_nothing_to_carry_makes_nothing(self) -> None:
        self.press("nothing")
        row = SortedPassage.objects.get()
        assert (row.became, row.fact, row.obligation) == ("nothing", None, None)
        assert not Fact.objects.exists()
        assert self.left == [SECOND, THIRD]

    def test_nothing_more_is_said_of_this_note_and_of_no_other(self) -> None:
        make_entry(self.acme, "They pay 90,000 dollars a year.", days=2)
        EntryReading.read_all()
        self.press("fact", topic="terms")
        self.press("rest")
        assert [row.became for row in SortedPassage.objects.order_by("start")] == [
            "fact",
            "nothing",
            "nothing",
        ]
        assert self.left == ["They pay 90,000 dollars a year."]

    def test_what_a_button_needs_is_asked_for_and_nothing_is_lost(self) -> None:
        for became, said in {
            "fact": "A fact about what?",
            "handling": "Who said it, or whom is it about?",
            "": "Press one of the buttons.",
            "poem": "Press one of the buttons.",
        }.items():
            page = self.press(became, text="My own words of it")
            self.assertContains(page, said)
            self.assertContains(page, "My own words of it")
            assert "form-errors" in page.content.decode()
        assert not SortedPassage.objects.exists()

    def test_by_other_rules_what_overlaps_a_sorted_passage_is_sorted(self) -> None:
        self.press("nothing")
        EntryReading.objects.update(rules=0)
        EntryReading.read_all()
        assert self.left == [SECOND, THIRD]
        Passage.objects.filter(start=NOTE.index(SECOND)).update(start=NOTE.index("calls"), begins=0)
        assert self.left == [THIRD]


class ThePage(Sorting):
    def test_shows_the_whole_note_its_passages_and_how_many_there_are(self) -> None:
        make_entry(self.acme, "They pay 90,000 dollars a year.", days=2)
        EntryReading.read_all()
        page = self.browse(self.olivia, "passage_list", self.acme.pk)
        self.assertContains(page, "4 passages nobody has looked at, in 2 notes.")
        self.assertContains(page, "Written by Olivia Brandt, with Carla Weiss")
        self.assertContains(page, f'aria-current="true">{FIRST}</mark> Nice weather. <mark><a ')
        self.assertContains(page, f">{SECOND}</a></mark>")
        self.assertContains(page, f"{FIRST}</textarea>")

    def test_proposes_the_topic_that_the_reason_speaks_of(self) -> None:
        proposed = '<option value="terms" selected>'
        self.assertNotContains(self.browse(self.olivia, "passage_list", self.acme.pk), proposed)
        self.press("nothing")
        self.assertContains(self.browse(self.olivia, "passage_list", self.acme.pk), proposed)

    def test_says_when_everything_was_looked_at(self) -> None:
        self.press("rest")
        page = self.browse(self.olivia, "passage_list", self.acme.pk)
        self.assertContains(page, "Somebody has looked at everything that the notes hold.")

    def test_notes_that_were_not_read_are_counted(self) -> None:
        make_entry(self.acme, "They pay 90,000 dollars a year.")
        page = self.browse(self.olivia, "passage_list", self.acme.pk)
        self.assertContains(page, "1 note not read for this yet.")

    def test_a_note_that_was_taken_back_is_not_asked_about(self) -> None:
        self.entry.retract(by=self.olivia, because="Another account")
        assert self.left == []

    def test_whoever_comes_second_is_told_and_keeps_their_words(self) -> None:
        passage = unsorted(self.acme)[0]
        self.press("nothing")
        sent = {
            "entry": passage.reading_id,
            "start": passage.start,
            "became": "if_then",
            "text": "If so, then not",
        }
        page = self.send(self.max, "passage_list", self.acme.pk, **sent)
        assert page.status_code == 409
        self.assertContains(page, "Somebody has sorted this meanwhile.", status_code=409)
        self.assertContains(page, "If so, then not", status_code=409)
        assert not Fact.objects.exists()

    def test_a_place_that_is_none_changes_nothing(self) -> None:
        for entry, start in [("x", "0"), (str(self.entry.pk), "1"), ("9" * 30, "-1"), ("", "")]:
            page = self.send(
                self.olivia, "passage_list", self.acme.pk, entry=entry, start=start, became="rest"
            )
            assert page.status_code == 409
        assert not SortedPassage.objects.exists()

    def test_of_another_account_nothing_is_sorted_here(self) -> None:
        passage = unsorted(self.acme)[0]
        sent = {"entry": passage.reading_id, "start": passage.start, "became": "rest"}
        assert self.send(self.olivia, "passage_list", self.borealis.pk, **sent).status_code == 409
        assert len(self.left) == 3

    def test_it_is_for_colleagues_who_see_the_account(self) -> None:
        for user in (self.nils, self.carla):
            assert self.browse(user, "passage_list", self.acme.pk).status_code == 404
            assert self.press("rest", by=user).status_code == 404
        with pytest.raises(PermissionDenied):
            unsorted(self.acme)[0].become_nothing(by=self.carla)
        assert len(self.left) == 3

    def test_of_a_closed_account_it_is_read_only(self) -> None:
        self.acme.close(by=self.max, because="They went out of business", outcomes={})
        page = self.browse(self.omar, "passage_list", self.acme.pk)
        self.assertContains(page, FIRST)
        self.assertNotContains(page, 'name="became"')
        for became in ("nothing", "rest", "if_then"):
            page = self.press(became, by=self.omar)
            self.assertContains(page, "Acme Robotics is closed.", status_code=409)
        assert not SortedPassage.objects.exists()

    def test_notes_of_an_account_that_was_merged_are_sorted_into_the_one_that_stays(self) -> None:
        self.acme.merge_into(self.borealis, by=self.max, because="One company")
        assert self.browse(self.max, "passage_list", self.acme.pk).status_code == 302
        passage = unsorted(self.borealis)[0]
        passage.become_fact(Topic.objects.get(pk="terms"), FIRST, by=self.max)
        assert Fact.objects.get(entry=self.entry).account == self.borealis

    def test_the_number_of_queries_is_fixed(self) -> None:
        self.browse(self.olivia, "passage_list", self.acme.pk)
        browser = self.as_(self.olivia)
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                browser.get(f"/accounts/{self.acme.pk}/passages/")
            counts.append(len(queries))
            for number in range(5):
                make_entry(
                    self.acme, f"They pay {number},000 dollars. She never calls.", contacts=[self.dieter]
                )
            EntryReading.read_all()
        assert counts[0] == counts[1] <= 20

    def test_and_so_is_that_of_a_key(self) -> None:
        counts = []
        self.press("nothing")
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                assert self.press("nothing").status_code == 302
            counts.append(len(queries))
            for number in range(5):
                make_entry(
                    self.acme, f"They pay {number},000 dollars. She never calls.", contacts=[self.dieter]
                )
            EntryReading.read_all()
        assert counts[0] == counts[1] <= 30


class TheBrief(Sorting):
    def test_what_was_sorted_leaves_the_notes(self) -> None:
        assert FIRST in compose(self.acme).notes.lines[0].text
        self.press("nothing")
        self.press("fact", topic="terms")
        (line,) = compose(self.acme).notes.lines
        assert line.text == f"{SECOND} {THIRD}", "what is short is read with what stands before it"
        self.press("nothing")
        notes = compose(self.acme).notes
        assert (notes.lines, notes.left) == ([], 0)
        page = self.browse(self.olivia, "account_printed_brief", self.acme.pk)
        self.assertContains(page, "No note holds anything that still has to be sorted.")

    def test_what_does_not_fit_is_counted_without_what_was_sorted(self) -> None:
        assert Unsorted.of(self.acme).shown(0).left == 3
        self.press("nothing")
        assert Unsorted.of(self.acme).shown(0).left == 2


class Laws(Sorting):
    def test_no_place_is_sorted_twice_and_nothing_becomes_what_it_is_not(self) -> None:
        self.press("nothing")
        insert = (
            'INSERT INTO accounts_sortedpassage (entry_id, start, "end", turn, became, by_id, at)'
            " VALUES (%s, %s, %s, 0, %s, %s, now())"
        )
        for start, end, became, law in (
            (3, len(FIRST) + 9, "nothing", "passage_sorted_once"),
            (80, 90, "fact", "sorted_passage_became_what_it_says"),
            (80, 90, "promise", "sorted_passage_became_what_it_says"),
            (80, 90, "role", "sorted_passage_became_what_it_says"),
            (80, 90, "story", "sorted_passage_became_what_it_says"),
            (80, None, "nothing", "sorted_passage_is_a_place_or_forgotten"),
            (90, 80, "nothing", "sorted_passage_is_a_place_or_forgotten"),
        ):
            said = refusal_of(insert, self.entry.pk, start, end, became, self.olivia.pk)
            assert said == law

    def test_erasure_forgets_where_words_changed_and_keeps_what_became_of_them(self) -> None:
        other = make_entry(self.acme, "They pay 90,000 dollars a year.", days=2)
        EntryReading.read_all()
        for _ in range(3):
            self.press("fact", topic="terms")
        self.press("nothing")
        assert self.left == []
        self.champion.erase(by=self.omar, because="Asked us to")
        EntryReading.read_all()
        gone = SortedPassage.objects.filter(entry=self.entry)
        assert [(row.start, row.end, row.became) for row in gone] == [(None, None, "fact")] * 3
        kept = SortedPassage.objects.get(entry=other)
        assert (kept.start, kept.became) == (0, "nothing")
        assert self.left == []
        self.assertContains(self.browse(self.olivia, "passage_list", self.acme.pk), "looked at everything")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_sort_the_same_passage_at_once_one_is_told() -> None:
    cast = the_cast()
    make_entry(cast.acme, NOTE)
    EntryReading.read_all()
    outcomes: list[object] = []
    both = threading.Barrier(2)

    def sort(by: User) -> None:
        (passage, *_) = unsorted(cast.acme)
        both.wait()
        try:
            outcomes.append(passage.become_fact(Topic.objects.get(pk="needs"), f"For {by}", by=by))
        except Refused as refused:
            outcomes.append(refused.messages)
        finally:
            connection.close()

    threads = [threading.Thread(target=sort, args=[person]) for person in (cast.max, cast.olivia)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert ["Somebody has sorted this meanwhile."] in outcomes
    assert len(outcomes) == 2
    assert (Fact.objects.count(), SortedPassage.objects.count()) == (1, 1)
