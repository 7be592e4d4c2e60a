"""What customers ask after a change of owner, where the answers stood, and whether anybody spoke with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AnswerSource, Obligation, Refused
from accounts.models.cases import CustomerCase
from accounts.pages.after_a_change import ENOUGH, AfterChanges
from accounts.pages.customer_effort import Effort
from accounts.rules import clocks
from accounts.rules.lateness import ends
from handoffs.models import Handoff
from handoffs.slots import not_spoken
from tests.base import (
    CastTestCase,
    at_time,
    days_ago,
    make_account,
    make_contact,
    make_entry,
    make_obligation,
    make_question,
)
from tests.handoffs.steps import hand_over_wholly
from tests.laws import refusal_of


class AfterAChange(CastTestCase):
    question: CustomerCase

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        with at_time(days_ago(20)):
            cls.acme.coverage.owners().pass_to(cls.ines, by=cls.max, because="Olivia leaves")
        cls.question = make_question(cls.acme, cls.champion, "When was the rollout agreed?", at=days_ago(5))

    def test_whoever_answers_marks_it_with_one_click(self) -> None:
        page = self.browse(self.ines, "obligation", self.question.pk)
        self.assertContains(page, "Where did the answer stand?")
        for _, label in AnswerSource.Where.choices:
            self.assertContains(page, label)
        self.send(self.ines, "obligation_source", self.question.pk, where="nowhere")
        marked = AnswerSource.objects.get()
        assert (marked.where, marked.by, marked.coverage.person) == ("nowhere", self.ines, self.ines)
        page = self.browse(self.ines, "obligation", self.question.pk)
        self.assertContains(page, "Nowhere, says Ines Carvalho.")

    def test_of_two_marks_the_newest_counts(self) -> None:
        AnswerSource.mark(self.question, "nowhere", by=self.ines)
        AnswerSource.mark(self.question, "memory", by=self.max)
        (change,) = Effort.of(self.acme).changes
        assert (change.brief, change.memory, change.nowhere, change.unmarked) == (0, 1, 0, 0)
        assert refusal_of("UPDATE accounts_answersource SET \"where\" = 'brief'").startswith(
            "permission denied"
        )

    def test_it_is_asked_of_questions_within_ninety_days_of_a_change_only(self) -> None:
        for line in (
            make_question(self.acme, self.champion, "Before the change", at=days_ago(30)),
            make_question(self.cobalt, make_contact(self.cobalt, "Bea"), "Whose owner stayed"),
            make_obligation(self.acme, "A promise", by=self.ines),
        ):
            self.assertNotContains(
                self.browse(self.omar, "obligation", line.pk), "Where did the answer stand?"
            )
            with pytest.raises(Refused, match="within 90 days of a change of owner"):
                AnswerSource.mark(line, "brief", by=self.omar)
        with at_time(clocks.now() + timedelta(days=80)):
            late = make_question(self.acme, self.champion, "Much later", by=self.ines)
            with pytest.raises(Refused):
                AnswerSource.mark(late, "brief", by=self.ines)
        with pytest.raises(Refused, match="Say whether it stood"):
            AnswerSource.mark(self.question, "somewhere", by=self.ines)
        with pytest.raises(PermissionDenied):
            AnswerSource.mark(self.question, "brief", by=self.carla)

    def test_it_is_counted_by_change_on_what_it_took_them(self) -> None:
        AnswerSource.mark(self.question, "brief", by=self.ines)
        make_question(self.acme, self.champion, "Who signs?", by=self.ines)
        make_question(self.acme, self.champion, "Asked of Olivia", at=days_ago(25))
        page = self.browse(self.ines, "account_effort", self.acme.pk)
        stood = (
            "2 questions within 90 days: 1 answered in the brief, 0 in the memory, 0 nowhere, 1 not marked"
        )
        self.assertContains(page, stood)

    def test_accounts_that_did_not_move_stand_beside_them(self) -> None:
        Account.objects.update(created_at=days_ago(300))
        make_question(self.cobalt, make_contact(self.cobalt, "Bea"), "Whose owner stayed", at=days_ago(9))
        compared = AfterChanges.seen_by(self.max)
        assert (compared.each_moved, compared.stayed, compared.stayed_asked) == (1.0, 2, 1)
        page = self.browse(self.max, "asked_before")
        self.assertContains(page, "In the 90 days after a change an account asks 1.0 questions")
        self.assertContains(page, "one whose owner stayed asked 0.5 in the last 90 days")

    def test_nobody_sees_in_it_what_they_may_not_see(self) -> None:
        assert AfterChanges.seen_by(self.nils).changes == []
        assert self.browse(self.ines, "asked_before").status_code == 403

    def test_nobody_is_ranked_on_fewer_than_fifteen_and_the_page_says_why(self) -> None:
        for n in range(ENOUGH - 2):
            account = make_account(f"Moved {n}", self.olivia)
            account.coverage.owners().pass_to(self.ines, by=self.max, because="Olivia leaves")
        assert AfterChanges.seen_by(self.max).ranked == []
        page = self.browse(self.max, "asked_before")
        self.assertContains(page, "Nobody is ranked who took over fewer than 15 accounts")
        self.assertNotContains(page, "By who took over")
        one = make_account("One more", self.olivia)
        one.coverage.owners().pass_to(self.ines, by=self.max, because="Olivia leaves")
        AnswerSource.mark(self.question, "nowhere", by=self.ines)
        assert AfterChanges.seen_by(self.max).ranked == [(self.ines, ENOUGH, 1 / ENOUGH)]
        self.assertContains(self.browse(self.max, "asked_before"), "By who took over")

    def test_it_takes_the_same_queries_however_many(self) -> None:
        with CaptureQueriesContext(connection) as before:
            AfterChanges.seen_by(self.max)
        for n in range(4):
            account = make_account(f"Moved {n}", self.olivia)
            account.coverage.owners().pass_to(self.ines, by=self.max, because="Olivia leaves")
            make_question(account, make_contact(account, "Bea"), by=self.ines)
        with self.assertNumQueries(len(before)):
            AfterChanges.seen_by(self.max)


class NoFirstContact(CastTestCase):
    handoff: Handoff

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.handoff = hand_over_wholly(cls.acme, cls.ines, by=cls.max)

    def after(self, hours: int) -> timedelta:
        """From the change of hands until so many of the customer's working hours have passed."""
        assert self.handoff.moved_at
        return ends(self.handoff.moved_at, timedelta(hours=hours), self.acme.zone) - clocks.now()

    def test_after_the_third_working_day_the_manager_and_the_new_owner_are_told(self) -> None:
        with at_time(clocks.now() + self.after(23)):
            assert not_spoken(self.max) == []
        with at_time(clocks.now() + self.after(25)):
            assert not_spoken(self.max) == not_spoken(self.ines) == not_spoken(self.petra) == [self.handoff]
            assert not_spoken(self.nils) == []
            said = "Ines Carvalho has not spoken with Acme Robotics yet"
            self.assertContains(self.browse(self.max, "today"), said)
            self.assertContains(self.browse(self.max, "handoff", self.handoff.pk), said)

    def test_a_conversation_ends_it_and_a_note_does_not(self) -> None:
        with at_time(clocks.now() + self.after(25)):
            make_entry(self.acme, by=self.ines, kind="note", days=0)
            assert not_spoken(self.max) == [self.handoff]
            make_entry(self.acme, by=self.ines, days=0)
            assert not_spoken(self.max) == []
            page = self.browse(self.max, "handoff", self.handoff.pk)
            self.assertNotContains(page, "has not spoken with")

    def test_whoever_has_passed_it_on_is_not_asked_any_more(self) -> None:
        self.acme.coverage.owners().pass_to(self.nils, by=self.petra, because="By region")
        with at_time(clocks.now() + self.after(25)):
            assert not_spoken(self.max) == []

    def test_the_room_says_what_they_asked_since(self) -> None:
        make_question(self.acme, self.champion, by=self.ines)
        assert Obligation.objects.filter(kind="question").exists()
        page = self.browse(self.max, "handoff", self.handoff.pk)
        self.assertContains(page, "Since then they asked: 1 question within 90 days")
