"""As of a date: an account read as it was known when a day ended."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, Obligation, Stage, Topic, today
from accounts.pages.as_of import AccountAsOf, account_as_of
from tests.base import (
    CastTestCase,
    days_ago,
    in_days,
    make_contact,
    make_entry,
    make_fact,
    make_obligation,
    make_question,
    make_stage,
)

UTC = ZoneInfo("UTC")


class AsOf(CastTestCase):
    def then(self, days: int) -> AccountAsOf:
        return account_as_of(self.acme, today() - timedelta(days=days), UTC)

    def long_ago(self, days: float) -> mock._patch[mock.Mock]:
        """What is written in this block is written so many days ago, as far as our own clock goes."""
        return mock.patch.object(timezone, "now", return_value=days_ago(days))

    @pytest.mark.complaint(7)
    def test_facts_then_current(self) -> None:
        """What was agreed stays readable after it changed."""
        with self.long_ago(50):
            old = make_fact(self.acme, "terms", "Sixty days to pay")
            guess = make_fact(self.acme, "budget", "Planned in June")
        with self.long_ago(20):
            old.supersede("Thirty days to pay", by=self.olivia)
            guess.retract(by=self.olivia, because="A guess")
        assert self.then(60).facts == []
        said = [fact.text for _, known in self.then(30).facts for fact in known]
        assert said == ["Planned in June", "Sixty days to pay"]
        assert [fact.text for _, known in self.then(10).facts for fact in known] == ["Thirty days to pay"]

    def test_people_then_serving_and_the_stage_then_reached(self) -> None:
        make_stage(self.acme, Stage.EVALUATING, days=40)
        make_stage(self.acme, Stage.IN_VALUE, days=10)
        self.olivia.deactivate(by=self.max, because="Gone")
        then = self.then(20)
        assert then.stage_label == "Evaluating"
        assert [row.person for row in then.team] == [self.olivia]
        assert [row.person for row in self.then(0).team] == [self.max]
        assert (then.previous, then.next) == (today() - timedelta(days=40), today() - timedelta(days=10))
        assert self.then(500).is_blank

    def test_an_obligation_with_the_date_and_holder_it_had(self) -> None:
        """By its history: moved and handed over after the day that is asked for."""
        promise = make_obligation(self.acme, due_in=5)
        tomorrow = today() + timedelta(days=1)
        with_later_history(promise)
        line = account_as_of(self.acme, today(), UTC).owed[0]
        assert (line.due, line.holder, line.late) == (in_days(5), "Olivia Brandt", False)
        line = account_as_of(self.acme, tomorrow, UTC).owed[0]
        assert (line.due, line.holder) == (in_days(30), "Max Adeyemi")
        assert account_as_of(self.acme, in_days(3), UTC).owed == []

    def test_what_is_older_than_its_history_follows_from_its_steps(self) -> None:
        """Memory that was brought along: its rows were written today, and tell of long ago."""
        promise = make_obligation(self.acme, due_in=5, at=days_ago(60))
        first = promise.due
        promise.move(in_days(9), because="Fair", by=self.olivia)
        question = make_question(self.acme, self.champion, due_in=None, at=days_ago(60))
        then = self.then(30)
        assert [(line.obligation, line.due) for line in then.owed] == [(promise, first), (question, None)]
        assert self.then(61).owed == []
        assert self.then(0).owed[0].due == in_days(9)

    def test_contacts_as_they_were(self) -> None:
        uwe = make_contact(self.acme, "Uwe Alt", Contact.Role.USER)
        assert [known.name for known in self.then(0).people] == ["Carla Weiss", "Dieter Krol", "Uwe Alt"]
        uwe.left_on = today()
        uwe.save(update_fields=["left_on"])
        assert [known.left for known in self.then(0).people] == [False, False, True]
        assert self.then(1).people == []

    def test_the_condition_somebody_had_rated(self) -> None:
        self.acme.rate("urgent", because="They look elsewhere", by=self.olivia)
        assert (self.then(0).condition, self.then(1).condition) == ("Urgent", "")

    def test_the_page_says_it(self) -> None:
        make_stage(self.acme, Stage.EVALUATING, days=40)
        make_fact(self.acme, Topic.OUTCOME)
        page = self.browse(self.olivia, "account_as_of", self.acme.pk, on=today().isoformat())
        self.assertContains(page, "Close the books in three days")
        self.assertContains(page, "Evaluating")
        before = today() - timedelta(days=40)
        self.assertContains(page, f"?on={before.isoformat()}")
        self.assertContains(self.browse(self.olivia, "account", self.acme.pk), "Read it as it was on a day")

    def test_wrong_and_future_days_are_answered_with_a_sentence(self) -> None:
        for asked, said in (
            ("nonsense", "is not a day"),
            ("", "is not a day"),
            ("2025-02-30", "is not a day"),
            (in_days(1).isoformat(), "is still to come"),
            ("0001-01-01", "Choose a later day"),
        ):
            page = self.browse(self.olivia, "account_as_of", self.acme.pk, on=asked)
            self.assertContains(page, said, status_code=400)

    def test_not_yours(self) -> None:
        for user in (self.nils, self.ines, self.carla):
            assert self.browse(user, "account_as_of", self.acme.pk).status_code == 404

    def test_a_merged_account_is_read_where_it_went(self) -> None:
        make_obligation(self.borealis, "Send the keys")
        self.borealis.merge_into(self.acme, by=self.max, because="One company")
        page = self.browse(self.max, "account_as_of", self.borealis.pk, on=today().isoformat())
        there = reverse("account_as_of", args=[self.acme.pk])
        self.assertRedirects(page, f"{there}?on={today().isoformat()}", fetch_redirect_response=False)
        assert [str(line.obligation) for line in self.then(0).owed] == ["Send the keys"]

    def test_as_many_queries_whatever_the_history(self) -> None:
        make_obligation(self.acme)
        make_fact(self.acme)
        client, url = self.as_(self.max), reverse("account_as_of", args=[self.acme.pk])
        with CaptureQueriesContext(connection) as few:
            client.get(url, {"on": today().isoformat()})
        for number in range(10):
            make_obligation(self.acme, f"Promise {number}")
            make_fact(self.acme, "terms", f"Term {number}")
            make_entry(self.acme, contacts=[make_contact(self.acme, f"Contact {number}")])
        with CaptureQueriesContext(connection) as many:
            page = client.get(url, {"on": today().isoformat()})
        self.assertContains(page, "Promise 9")
        assert len(few) == len(many), "\n".join(query["sql"][:150] for query in many)


def with_later_history(promise: Obligation) -> None:
    """Tomorrow it is moved and handed to Max, the day after it is kept."""
    events = Obligation.pgh_event_model.objects  # type: ignore[attr-defined]
    tomorrow = datetime.combine(today() + timedelta(days=1), time(9), UTC)
    event = events.get(pgh_obj=promise.pk)
    maximum = promise.holder.reports_to
    for days, change in (
        (0, {"due": in_days(30), "holder": maximum}),
        (1, {"due": in_days(30), "holder": maximum, "closed_at": tomorrow + timedelta(days=1)}),
    ):
        event.pk = None
        for name, value in change.items():
            setattr(event, name, value)
        with mock.patch.object(timezone, "now", return_value=tomorrow + timedelta(days=days)):
            event.save(force_insert=True)
