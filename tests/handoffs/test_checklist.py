"""The checklist is made of memory: what is found gets an item, and each ticks by what became of it."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from accounts.models import EntryReading, Fact, Passage, Refused, Topic
from accounts.rules import clocks
from handoffs.models import ChecklistItem, Handoff, Notification, Recipient
from handoffs.models.memory_items import MOST, follow_all
from handoffs.pages.room import Room
from tests.base import CastTestCase, in_days, make_deal, make_entry, make_fact, make_obligation
from tests.laws import refusal_of, run_sql

from .steps import approve, hand_over, write

PROMISED = "We will send Carla the two spare controllers before the audit, free of charge."
FALLS_DUE = "The contract lapses on 14 January unless they give notice no later than the end of November."


class MadeOfMemory(CastTestCase):
    handoff: Handoff

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        make_entry(cls.acme, PROMISED)
        make_entry(cls.acme, FALLS_DUE)
        EntryReading.read_all()
        cls.handoff = hand_over(cls.acme, cls.ines, by=cls.max)

    def follow(self) -> int:
        return follow_all(Handoff.objects.open())

    def items(self, proof: str) -> list[ChecklistItem]:
        return list(self.handoff.items.filter(proof=proof))

    def is_done(self, item: ChecklistItem) -> bool:
        rows = Room(self.fresh(), self.olivia).checklist.rows
        return next(row.done for row in rows if row.row == item)

    def fresh(self) -> Handoff:
        return Handoff.objects.with_people().get(pk=self.handoff.pk)

    def test_each_promise_and_due_date_that_nobody_sorted_is_an_item_in_its_own_words(self) -> None:
        due, promised = sorted(self.items("sorted"), key=lambda item: "promise" in item.text)
        assert due.text == f"May fall due: “{FALLS_DUE}”"
        assert promised.text == f"May be a promise: “{PROMISED}”"
        assert promised.why.startswith("Olivia Brandt wrote it on ")

    def test_it_ticks_by_what_became_of_the_passage(self) -> None:
        item = next(one for one in self.items("sorted") if "promise" in one.text)
        assert not self.is_done(item)
        passage = Passage.objects.get(reading__entry=item.entry)
        passage.become_promise("Two spare controllers", in_days(20), by=self.olivia)
        assert self.is_done(item)
        page = self.browse(self.olivia, "handoff", self.handoff.pk)
        self.assertContains(page, "Sorted: what we owe")

    def test_what_is_found_later_appears_and_nothing_is_written_twice(self) -> None:
        before = list(self.handoff.items.values_list("pk", "text"))
        assert self.follow() == 0
        make_entry(self.acme, "I told Dieter that we pay the penalty if the delivery slips again.")
        EntryReading.read_all()
        assert self.follow() == 1
        assert self.follow() == 0
        assert list(self.handoff.items.values_list("pk", "text")[: len(before)]) == before
        assert any("I told Dieter" in item.text for item in self.items("sorted"))

    def test_a_verb_in_the_room_brings_the_list_up_to_date_and_looking_does_not(self) -> None:
        make_entry(self.acme, "I told Dieter that we pay the penalty if the delivery slips again.")
        EntryReading.read_all()
        count = self.handoff.items.count()
        self.browse(self.olivia, "handoff", self.handoff.pk)
        assert self.handoff.items.count() == count
        if_then = {"happens": "the audit fails", "do": "Olivia calls"}
        self.send(self.olivia, "handoff_if_then", self.handoff.pk, **if_then)
        assert self.handoff.items.count() == count + 1

    def test_a_few_are_named_and_the_rest_is_one_line_with_its_count(self) -> None:
        for n in range(9):
            make_entry(self.acme, f"We will deliver part {n} in {n} weeks at our cost, as I told Dieter.")
        EntryReading.read_all()
        self.follow()
        assert len(self.items("sorted")) == MOST
        (rest,) = self.items("rest_sorted")
        page = self.browse(self.olivia, "handoff", self.handoff.pk)
        self.assertContains(page, "The other promises and due dates in the notes are sorted: 6")
        named = {item.entry_id for item in self.items("sorted")}
        for passage in Passage.objects.exclude(reading__in=named):
            passage.become_nothing(by=self.olivia)
        assert self.is_done(rest)
        Passage.objects.filter(reading__in=named)[0].become_nothing(by=self.olivia)
        assert self.follow() == 0

    def test_a_note_that_was_taken_back_asks_nothing_more(self) -> None:
        item = next(one for one in self.items("sorted") if "promise" in one.text)
        assert item.entry
        item.entry.retract(by=self.olivia, because="Said of another account")
        assert self.is_done(item)

    def test_answers_that_disagree_are_an_item_until_somebody_settles_them(self) -> None:
        make_fact(self.acme, "terms", "Thirty days", contact=self.dieter)
        said = make_fact(self.acme, "terms", "Sixty days", contact=self.champion)
        assert self.follow() == 1
        (item,) = self.items("settled")
        assert item.text == "Terms agreed: “Thirty days” or “Sixty days”?"
        assert "told by Dieter Krol" in item.why
        assert not self.is_done(item)
        said.settle(Fact.objects.get(text="Thirty days"), because="It is signed", by=self.olivia)
        assert self.is_done(item)
        assert self.follow() == 0

    def test_what_must_survive_and_is_not_known_is_an_item_once(self) -> None:
        wanted = set(Topic.objects.in_use().filter(must_survive=True).values_list("pk", flat=True))
        asked = list(self.handoff.items.filter(proof="topic").values_list("topic", flat=True))
        assert wanted <= set(asked)
        assert len(asked) == len(set(asked))
        budget = self.handoff.items.filter(text__endswith=" is not written down").first()
        assert budget
        assert not self.is_done(budget)
        make_fact(self.acme, str(budget.topic_id), "In March")
        assert self.is_done(budget)

    def test_whoever_must_be_told_is_an_item_until_they_are_told(self) -> None:
        told = {item.contact: item for item in self.items("told")}
        assert set(told) == {self.champion}
        assert told[self.champion].text == "Carla Weiss is told by us that Ines Carvalho takes over"
        make_obligation(self.acme, "Send the drawings", contact=self.dieter)
        assert self.follow() == 1
        (dieters,) = self.handoff.items.filter(proof="told", contact=self.dieter)
        assert dieters.why == "Waits for something we owe. They should not hear of it by chance."
        assert not self.is_done(dieters)
        Notification.record_call(self.handoff, self.dieter, "He is glad", by=self.olivia)
        assert self.is_done(dieters)
        Recipient.choose(self.handoff, self.champion, "not", by=self.olivia)
        assert self.is_done(told[self.champion])
        assert self.follow() == 0

    def test_no_template_asks_what_the_memory_asks(self) -> None:
        law = "template_asks_nothing_that_the_memory_asks"
        assert refusal_of("UPDATE handoffs_templateitem SET proof = 'sorted', topic_id = NULL") == law
        page = self.browse(self.omar, "checklist_new")
        self.assertNotContains(page, "Somebody has said what becomes of it")

    def test_each_open_item_names_a_person_and_a_day(self) -> None:
        page = self.browse(self.olivia, "handoff", self.handoff.pk)
        self.assertContains(page, f"Olivia Brandt, by {clocks.day_in_words(in_days(0))}")

    def test_where_the_giver_has_gone_it_names_whoever_acts(self) -> None:
        self.handoff.cancel(by=self.max, because="She goes at once")
        self.olivia.deactivate(by=self.max, because="Gone")
        handoff = hand_over(self.acme, self.ines, by=self.petra)
        page = self.browse(self.max, "handoff", handoff.pk)
        self.assertContains(page, f"Max Adeyemi, by {clocks.day_in_words(in_days(0))}")

    def test_nothing_of_it_forbids_the_brief(self) -> None:
        assert not any(item.required for item in self.items("sorted"))
        write(self.handoff, by=self.olivia)
        approve(self.handoff)

    def test_other_roles_keep_their_short_list(self) -> None:
        proofs = set(self.handoff.items.values_list("proof", flat=True))
        assert "sorted" in proofs
        self.acme.add_to_team(self.nils, "support", by=self.max, because="Helps")
        support = hand_over(self.acme, self.ines, by=self.petra, role="support")
        assert not support.items.filter(proof__in=["sorted", "topic", "settled"]).exists()


class InWords(CastTestCase):
    handoff: Handoff

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.handoff = hand_over(cls.acme, cls.ines, by=cls.max)

    @property
    def item(self) -> ChecklistItem:
        return self.handoff.items.filter(proof="person", required=True)[0]

    def test_what_must_survive_is_not_ticked_without_a_sentence(self) -> None:
        with pytest.raises(Refused, match="Say in a sentence what was done"):
            self.item.tick(by=self.olivia, words="  ")
        page = self.send(self.olivia, "item_tick", self.item.pk, words=" ")
        self.assertContains(page, "This field is required")
        self.send(self.olivia, "item_tick", self.item.pk, words="Went through it with Dieter")
        page = self.browse(self.olivia, "handoff", self.handoff.pk)
        self.assertContains(page, "Went through it with Dieter")

    def test_postgresql_refuses_a_bare_tick(self) -> None:
        bare = "UPDATE handoffs_checklistitem SET ticked_at = now(), ticked_by_id = %s WHERE id = %s"
        assert refusal_of(bare, self.olivia.pk, self.item.pk) == "item_that_must_survive_is_ticked_in_words"
        optional = ChecklistItem.objects.filter(required=False)[0]
        run_sql(bare, self.olivia.pk, optional.pk)

    def test_the_sentence_stays_on_the_record_when_the_tick_is_undone(self) -> None:
        item = self.item
        item.tick(by=self.olivia, words="Went through it with Dieter")
        item.untick(by=self.olivia)
        page = self.browse(self.olivia, "handoff", self.handoff.pk)
        self.assertContains(page, "Undone. Olivia Brandt had said: Went through it with Dieter")
        item.tick(by=self.olivia, words="And with Carla")
        kept = run_sql("SELECT ticked_words FROM handoffs_checklistitemevent ORDER BY pgh_id")
        assert ("Went through it with Dieter",) in kept
        assert refusal_of("DELETE FROM handoffs_checklistitemevent").startswith("permission denied")


class NamedToTheApprover(CastTestCase):
    handoff: Handoff

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        make_entry(cls.acme, PROMISED)
        EntryReading.read_all()
        make_fact(cls.acme, "story", "They make robots. We help.", by=cls.olivia)
        make_fact(cls.acme, "terms", "Thirty days", contact=cls.dieter)
        make_fact(cls.acme, "terms", "Sixty days", contact=cls.champion)
        cls.handoff = hand_over(cls.acme, cls.ines, by=cls.max)
        write(cls.handoff, by=cls.olivia)
        cls.handoff.items.filter(proof="recent_note").get().waive(by=cls.max, because="They rest in winter")

    def test_what_is_thin_is_said_in_a_sentence_each_and_counted(self) -> None:
        page = self.browse(self.max, "handoff_approve", self.handoff.pk)
        for sentence in (
            "1 passage of the notes nobody has looked at.",
            "1 of them may be a promise, or fall due.",
            "The story has 5 words.",
            "Terms agreed: answers disagree, and nobody has said which of them stands.",
            "Nothing is written down that we owe them.",
            "1 item of the checklist was waived.",
        ):
            self.assertContains(page, sentence)
        count = 6 + len(self.handoff.brief().gaps)
        self.assertContains(page, f'<h2>Thin or missing</h2><span class="count">{count}</span>')
        assert self.send(
            self.max, "handoff_approve", self.handoff.pk, fingerprint=self.handoff.brief().fingerprint
        )["Location"] == reverse("handoff", args=[self.handoff.pk])


class TheDealsInFlight(CastTestCase):
    def test_two_of_one_name_are_told_apart(self) -> None:
        make_deal(self.acme, "GTX Pro", amount=4_000, currency="GBP", stage="Proposal")
        make_deal(self.acme, "GTX Pro", amount=9_000.50, expected_close=date(2027, 1, 31))
        make_deal(self.acme, "GTX Pro", amount=None, expected_close=None, currency="")
        handoff = hand_over(self.acme, self.ines, by=self.max)
        texts = sorted(handoff.items.filter(text__contains="GTX Pro").values_list("text", flat=True))
        assert len(set(texts)) == 3
        assert texts[0].startswith("Say where the deal “GTX Pro” stands")
        assert any("(4,000 GBP, closes " in text for text in texts)
        assert any("closes 31 January 2027)" in text for text in texts)
