"""Whoever takes over asks a colleague about a line of the brief; the answer is memory and stands beside the line."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Coverage, Entry, Fact, Refused, Topic, User
from handoffs.models import Handoff, Inquiry, Transition
from handoffs.models.inquiries import colleagues_to_ask
from handoffs.slots import waiting_for
from tests.base import CastTestCase, in_days, make_coverage, make_fact, make_user
from tests.handoffs.steps import dates, hand_over, hand_over_wholly
from tests.laws import refusal_of


class Asking(CastTestCase):
    handoff: Handoff
    tove: User
    decision: Fact

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.tove = make_user("Tove Aune", reports_to=cls.max)
        make_coverage(cls.acme, cls.tove, Coverage.Role.SUPPORT)
        cls.decision = make_fact(cls.acme, "decision", "The board, in June")
        cls.handoff = hand_over(cls.acme, cls.ines, by=cls.max)

    def ask(self, **changed: Any) -> Inquiry:
        given: dict[str, Any] = {
            "to": self.tove, "by": self.ines, "line": f"fact:{self.decision.pk}", "about": "The board, in June",
        }  # fmt: skip
        return Inquiry.ask(self.handoff, "Why not in May?", **(given | changed))

    def test_the_answer_is_an_entry_and_an_answer_on_the_topic_with_its_author(self) -> None:
        asked = self.ask()
        answer = asked.answer("Their audit is in May", by=self.tove)
        assert (answer.entry.author, answer.entry.text) == (self.tove, "Their audit is in May")
        assert answer.entry.subject == "Ines Carvalho asked: Why not in May?"
        assert answer.fact
        assert (answer.fact.author, answer.fact.topic_id) == (self.tove, "decision")
        assert set(self.acme.facts.live().filter(topic="decision")) == {self.decision, answer.fact}
        assert answer.fact.confirmations.exists()
        assert self.decision.confirmations.exists()  # both hold: no contradiction
        assert not Inquiry.objects.unanswered().exists()

    def test_it_may_take_the_place_of_the_line(self) -> None:
        self.ask().answer("The board, in July", by=self.tove, instead=True)
        assert [fact.text for fact in self.acme.facts.live().filter(topic="decision")] == [
            "The board, in July"
        ]

    def test_it_takes_no_place_of_what_the_customer_reads(self) -> None:
        self.decision.share(by=self.olivia)
        asked = self.ask()
        self.assertNotContains(self.browse(self.tove, "inquiry_answer", asked.pk), "takes the place")
        with pytest.raises(Refused, match="stands beside this line"):
            asked.answer("The board, in July", by=self.tove, instead=True)

    def test_about_a_gap_it_fills_the_gap_and_about_the_account_it_is_an_entry(self) -> None:
        self.ask(line="topic:why-us", about="Why they chose us").answer("We came to the cellar", by=self.tove)
        assert self.acme.facts.live().get(topic="why-us").text == "We came to the cellar"
        facts = Fact.objects.count()
        self.ask(line="", about="").answer("They are kind people", by=self.tove)
        assert Fact.objects.count() == facts
        assert Entry.objects.filter(text="They are kind people").exists()

    def test_a_story_is_not_told_by_an_answer(self) -> None:
        story = make_fact(self.acme, Topic.STORY, "They came after a failed rollout")
        answer = self.ask(line=f"fact:{story.pk}").answer("In Hamburg", by=self.tove)
        assert answer.fact is None

    def test_only_whoever_takes_over_asks_and_not_after_it_is_over(self) -> None:
        for by in (self.olivia, self.max, self.nils):
            with pytest.raises(PermissionDenied):
                self.ask(by=by, to=self.tove)
        self.handoff.cancel(by=self.max, because="Not now")
        with pytest.raises(PermissionDenied):
            self.ask()

    def test_whoever_sees_the_account_is_asked_and_nobody_else(self) -> None:
        gone = make_user("Gro Vik", reports_to=self.max)
        make_coverage(self.acme, gone, Coverage.Role.ENGINEER).end(by=self.max, because="Moved on")
        assert colleagues_to_ask(self.handoff) == [self.olivia, self.tove, self.max]
        for to in (gone, self.nils, self.ines, self.carla):
            with pytest.raises(Refused, match="cannot answer this"):
                self.ask(to=to)
        assert refusal_of(
            "INSERT INTO handoffs_inquiry (handoff_id, line, about, question, by_id, to_id, at)"
            " VALUES (%s, '', '', 'Why?', %s, %s, now())",
            self.handoff.pk, self.ines.pk, self.ines.pk,
        ) == "inquiry_asks_somebody_else"  # fmt: skip

    def test_a_giver_who_has_left_is_replaced_by_whoever_served(self) -> None:
        departure = Transition.objects.open_departure(
            self.tove, by=self.max, sudden=True, because="Tove has gone", **dates(announced=5)
        )
        assert departure.person == self.tove
        assert colleagues_to_ask(self.handoff) == [self.olivia, self.max]

    def test_whoever_was_asked_answers_or_whoever_writes_the_brief_and_not_whoever_asked(self) -> None:
        asked = self.ask()
        for by in (self.ines, self.nils):
            with pytest.raises(PermissionDenied):
                asked.answer("Because", by=by)
        assert asked.answer("I know it, too", by=self.olivia).entry.author == self.olivia

    def test_whom_is_asked_sees_it_on_today_until_it_is_answered(self) -> None:
        asked = self.ask()
        (line,) = [link for link in waiting_for(self.tove) if link.text.startswith("Answer")]
        assert line.text == "Answer Ines Carvalho on Acme Robotics: “Why not in May?”"
        self.assertContains(self.browse(self.tove, "today"), "Why not in May?")
        answer = asked.answer("Their audit is in May", by=self.tove)
        assert Inquiry.objects.waiting_for(self.tove) == []
        answer.entry.retract(by=self.tove, because="Another customer")
        assert Inquiry.objects.waiting_for(self.tove) == [asked]
        Coverage.objects.get(person=self.tove, account=self.acme).end(by=self.max, because="Moved on")
        assert Inquiry.objects.waiting_for(self.tove) == []

    def test_it_stands_beside_its_line_and_unanswered_at_the_read_back(self) -> None:
        self.ask()
        url = reverse("handoff_ask", args=[self.handoff.pk])
        page = self.browse(self.ines, "handoff_read_back", self.handoff.pk)
        self.assertContains(page, "Why not in May?", count=2)  # beside the line, and in the list
        self.assertContains(page, "Not answered yet.")
        self.assertContains(page, f"{url}?line=fact%3A{self.decision.pk}&amp;from=read-back")
        self.assertNotContains(self.browse(self.olivia, "handoff", self.handoff.pk), f"{url}?line=")
        Inquiry.objects.get().answer("Their audit is in May", by=self.tove, instead=True)
        page = self.browse(self.ines, "handoff", self.handoff.pk)
        self.assertContains(page, "Tove Aune answered")
        self.assertNotContains(page, "Not answered yet.")

    def test_it_is_asked_from_a_line_and_answered_on_a_page(self) -> None:
        key = f"fact:{self.decision.pk}"
        url = f"{reverse('handoff_ask', args=[self.handoff.pk])}?line={key}&from=read-back"
        browser = self.as_(self.ines)
        self.assertContains(browser.get(url), "The board, in June")
        sent = browser.post(url, {"to": self.tove.pk, "question": "Why not in May?"})
        assert sent["Location"] == f"{reverse('handoff_read_back', args=[self.handoff.pk])}#inquiries"
        asked = Inquiry.objects.get()
        assert (asked.line, asked.about) == (key, "How they decide: The board, in June")
        page = self.browse(self.tove, "inquiry_answer", asked.pk)
        self.assertContains(page, "It takes the place of what is written")
        self.send(self.tove, "inquiry_answer", asked.pk, text="Their audit is in May")
        assert Inquiry.objects.get().standing_answers[0].entry.text == "Their audit is in May"

    def test_a_line_that_is_not_in_the_brief_cannot_be_asked_about(self) -> None:
        theirs = make_fact(self.borealis, "decision", "The owner alone")
        for key in (f"fact:{theirs.pk}", "fact:x", "topic:nothing", "nonsense"):
            url = f"{reverse('handoff_ask', args=[self.handoff.pk])}?line={key}"
            assert self.as_(self.ines).get(url).status_code == 404, key

    def test_the_room_asks_for_all_of_them_at_once(self) -> None:
        self.ask()
        self.ask(line="").answer("Because", by=self.tove)
        few = self.queries_of_the_room()
        for number in range(4):
            self.ask(to=self.olivia if number % 2 else self.tove)
            self.ask(line="").answer(f"Because {number}", by=self.olivia)
        assert self.queries_of_the_room() == few

    def queries_of_the_room(self) -> int:
        self.browse(self.ines, "handoff", self.handoff.pk)
        with CaptureQueriesContext(connection) as queries:
            self.browse(self.ines, "handoff", self.handoff.pk)
        return len(queries)

    def test_what_was_asked_before_it_moved_stays_with_its_answer(self) -> None:
        moved = hand_over_wholly(self.borealis, self.nils, by=self.max)
        with pytest.raises(PermissionDenied):
            Inquiry.ask(moved, "Who signs?", to=self.max, by=self.nils, line="", about="")

    def test_access_begins_on_its_day(self) -> None:
        Handoff.objects.filter(pk=self.handoff.pk).update(access_on=in_days(3))
        self.handoff.refresh_from_db()
        with pytest.raises(PermissionDenied):
            self.ask()
