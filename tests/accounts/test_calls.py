"""Ask nothing twice: what is known before a call, what disagrees, and how often we asked again."""

from __future__ import annotations

from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.calls import Plan, plan
from accounts.models import Refused, Retraction, today
from tests.base import CastTestCase, days_ago, make_fact


class BeforeACall(CastTestCase):
    def the_plan(self) -> Plan:
        return plan(self.acme, today())

    def test_what_is_known_comes_first_and_only_then_the_gaps(self) -> None:
        """Complaints 9 and 10: not asked again, and not interrogated. Complaint 33: their budget is known."""
        make_fact(self.acme, "budget", "Money is planned in June", contact=self.champion)
        page = self.browse(self.olivia, "account_call", self.acme.pk)
        text = page.content.decode()
        assert text.index("Money is planned in June") < text.index("Only this is left to ask")
        self.assertContains(page, "Told by Carla Weiss")
        gaps = [topic.pk for topic in self.the_plan().gaps]
        assert "outcome" in gaps
        assert "budget" not in gaps
        assert "if-then" not in gaps
        self.assertContains(self.browse(self.olivia, "account", self.acme.pk), "Plan a call")

    def test_two_answers_that_disagree_are_shown_with_both_sources_until_settled(self) -> None:
        """Complaint 7: the new person contradicts what was agreed."""
        old = make_fact(self.acme, "terms", "Sixty days to pay", contact=self.champion)
        new = make_fact(self.acme, "terms", "Thirty days to pay", by=self.ines)
        page = self.browse(self.olivia, "account_call", self.acme.pk)
        for words in (
            "Two answers disagree: Terms agreed",
            "Told by Carla Weiss",
            "Inferred by Ines Carvalho",
        ):
            self.assertContains(page, words)
        sent = self.send(self.olivia, "fact_settle", old.pk, other=new.pk, because="It is in the contract.")
        self.assertRedirects(sent, reverse("account_call", args=[self.acme.pk]))
        assert self.the_plan().contradictions == []
        assert [fact.pk for known in self.the_plan().known for fact in known.facts] == [old.pk]
        because = Retraction.objects.get(fact=new).because
        assert because == "“Sixty days to pay” stands instead: It is in the contract."

    def test_both_may_hold_until_a_third_answer_comes(self) -> None:
        old = make_fact(self.acme, "terms", "Sixty days to pay")
        new = make_fact(self.acme, "terms", "Price fixed for three years")
        self.send(self.olivia, "fact_hold_both", new.pk, other=old.pk)
        assert self.the_plan().contradictions == []
        make_fact(self.acme, "terms", "Thirty days to pay")
        assert len(self.the_plan().contradictions) == 1

    def test_the_same_answer_twice_is_no_contradiction(self) -> None:
        make_fact(self.acme, "terms", "Sixty days to pay")
        make_fact(self.acme, "terms", "sixty  days to pay.")
        make_fact(self.acme, "if-then", "If she leaves, then we call Dieter")
        make_fact(self.acme, "if-then", "If they merge, then we call Pia")
        assert self.the_plan().contradictions == []

    def test_settling_needs_a_reason_and_two_live_answers_on_one_topic(self) -> None:
        old = make_fact(self.acme, "terms", "Sixty days to pay")
        new = make_fact(self.acme, "terms", "Thirty days to pay")
        elsewhere = make_fact(self.borealis, "terms", "Ninety days to pay")
        for one, other, because in ((old, new, " "), (old, old, "So"), (old, elsewhere, "So")):
            with pytest.raises(Refused):
                one.settle(other, because=because, by=self.olivia)
        old.settle(new, because="It is in the contract.", by=self.olivia)
        with pytest.raises(Refused):
            new.settle(old, because="No, it is not.", by=self.ines)

    def test_what_is_past_its_review_asks_for_confirmation(self) -> None:
        with mock.patch.object(timezone, "now", return_value=days_ago(200)):
            fact = make_fact(self.acme, "budget", "Money is planned in June")
        self.assertContains(
            self.browse(self.olivia, "account_call", self.acme.pk), "Ask whether it still holds"
        )
        self.send(self.olivia, "fact_confirm", fact.pk, contact=self.champion.pk)
        assert self.the_plan().to_confirm == []

    def test_not_yours(self) -> None:
        fact = make_fact(self.acme)
        other = make_fact(self.acme, text="Close the books in one day")
        for user in (self.nils, self.carla):
            assert self.browse(user, "account_call", self.acme.pk).status_code == 404
            for name in ("fact_settle", "fact_hold_both"):
                sent = self.send(user, name, fact.pk, other=other.pk, because="So")
                assert sent.status_code == 404
        assert self.send(self.olivia, "fact_settle", fact.pk, other="²").status_code == 404

    def test_as_many_queries_whatever_is_known(self) -> None:
        make_fact(self.acme)
        client, url = self.as_(self.max), reverse("account_call", args=[self.acme.pk])
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        for number in range(10):
            make_fact(self.acme, "terms", f"Term {number}")
        with CaptureQueriesContext(connection) as many:
            client.get(url)
        assert len(few) == len(many)


class AskedBefore(CastTestCase):
    def test_it_is_counted_by_account_by_rep_and_by_topic(self) -> None:
        """Complaint 9."""
        fact = make_fact(self.acme, "terms", "Sixty days to pay", contact=self.champion)
        fact.share(by=self.olivia)
        self.send(self.carla, "customer_asked_before", fact.pk)
        page = self.browse(self.max, "asked_before")
        asked = page.context["asked"]  # type: ignore[attr-defined]
        assert asked.accounts == [(self.acme, 1)]
        assert asked.reps == [("Olivia Brandt", 1)]
        assert asked.topics == [("Terms agreed", 1)]
        self.assertContains(
            self.browse(self.olivia, "account_call", self.acme.pk), "They have told us 1 time in a year"
        )

    def test_for_those_who_run_changes_each_with_their_own_accounts(self) -> None:
        self.assertContains(self.browse(self.omar, "asked_before"), "Nobody was asked twice")
        assert self.browse(self.olivia, "asked_before").status_code == 403
        assert self.browse(self.carla, "asked_before").status_code == 404
