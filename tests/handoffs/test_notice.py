"""From notice on, whoever leaves adds; what others depend on they take back or close with a second person only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import Countersignature, Entry, Fact, Obligation, Refused, Retraction, User
from accounts.models.cases import CustomerCase
from accounts.rules import clocks
from handoffs.models import Handoff, Transition
from tests.base import (
    CastTestCase,
    at_time,
    days_ago,
    in_days,
    make_case,
    make_deal,
    make_entry,
    make_fact,
    make_obligation,
    make_question,
)
from tests.laws import refusal_of, run_sql

from .steps import departure

LEAVING = "Olivia Brandt is leaving, and others depend on this. Max Adeyemi has to agree to it."
REFUSED = "Whoever is leaving adds to the memory. A second person has to agree to this."


class FromNoticeOn(CastTestCase):
    entry: Entry
    fact: Fact
    promise: Obligation
    transition: Transition

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        with at_time(days_ago(3)):
            cls.entry = make_entry(cls.acme, "They give notice by November.")
            cls.fact = make_fact(cls.acme, "terms", "Notice by November")
            cls.promise = make_obligation(cls.acme, "Send the spare controllers", due_in=30)
        cls.transition = departure(cls.olivia, cls.ines, by=cls.max, last_day=in_days(14))

    def page_of(self, user: User) -> str:
        return str(self.browse(user, "countersignature_list").content.decode())

    def ask(self) -> Countersignature:
        self.send(self.olivia, "fact_retract", self.fact.pk, because="I misheard it")
        return Countersignature.objects.get()

    # Who is leaving

    def test_notice_stands_on_the_person_while_the_departure_is_open(self) -> None:
        def is_leaving() -> bool:
            return User.objects.get(pk=self.olivia.pk).notice_at is not None

        assert is_leaving()
        assert not User.objects.filter(notice_at__isnull=False).exclude(pk=self.olivia.pk).exists()
        self.transition.cancel(by=self.max, because="She stays")
        assert not is_leaving()
        departure(self.olivia, self.ines, by=self.max, start=False, last_day=in_days(14))
        assert is_leaving()

    def test_a_leave_is_no_notice(self) -> None:
        self.transition.cancel(by=self.max, because="She stays")
        Transition.objects.open_leave(
            self.olivia, by=self.max, because="Away", access_on=in_days(0), starts_on=in_days(1),
            announced_on=in_days(1), return_on=in_days(9),
        )  # fmt: skip
        assert User.objects.get(pk=self.olivia.pk).notice_at is None

    # What a leaver does not do alone

    def test_a_leaver_adds(self) -> None:
        make_entry(self.acme, "And Dieter signs.", by=self.olivia)
        make_fact(self.acme, "decision", "Dieter signs", by=self.olivia)
        self.fact.supersede("Notice by October", by=self.olivia)
        make_obligation(self.acme, "Bring an engineer", by=self.olivia)

    def test_alone_nothing_is_taken_back_kept_or_closed(self) -> None:
        repair = make_case(self.acme, "The pump failed", "repair", by=self.max)
        deal = make_deal(self.acme)
        for act in (
            lambda: self.entry.retract(by=self.olivia, because="Wrong"),
            lambda: self.fact.retract(by=self.olivia, because="Wrong"),
            lambda: self.promise.keep(by=self.olivia),
            lambda: self.promise.agree(contact=self.champion, words="Never mind", by=self.olivia),
            lambda: CustomerCase.objects.get(pk=repair.pk).make_good("Replaced it", by=self.olivia),
            lambda: deal.close("lost", by=self.olivia),
            lambda: self.acme.close(by=self.olivia, because="Gone", outcomes={}),
        ):
            with pytest.raises(Refused) as refused:
                act()
            assert LEAVING in refused.value.messages
        self.promise.refresh_from_db()
        assert self.promise.is_open
        assert not Retraction.objects.exists()

    def test_what_they_wrote_a_moment_ago_they_take_back(self) -> None:
        make_entry(self.acme, "On the wrong account.", by=self.olivia).retract(
            by=self.olivia, because="Wrong"
        )
        make_fact(self.acme, "budget", "In June", by=self.olivia).retract(by=self.olivia, because="Wrong")
        with at_time(clocks.now() + timedelta(minutes=11)):
            late = Entry.objects.get(pk=self.entry.pk)
            with pytest.raises(Refused):
                late.retract(by=self.olivia, because="Wrong")

    def test_their_own_tasks_and_visits_they_close(self) -> None:
        make_obligation(self.acme, "Write to legal", Obligation.Kind.TASK, by=self.olivia).keep(
            by=self.olivia
        )

    def test_no_item_of_the_checklist_is_waived_by_them(self) -> None:
        handoff = Handoff.objects.get(account=self.acme)
        item = handoff.items.filter(proof="person")[0]
        with pytest.raises(Refused, match="Olivia Brandt is leaving"):
            item.waive(by=self.olivia, because="Not needed")
        item.waive(by=self.max, because="Not needed")

    def test_postgresql_refuses_it_whatever_the_code_does(self) -> None:
        waive = "UPDATE handoffs_checklistitem SET waived_at = now(), waived_by_id = %s, waived_because = 'x'"
        assert refusal_of(waive, self.olivia.pk) == REFUSED
        for column, row in (("entry_id", self.entry), ("fact_id", self.fact)):
            retract = (
                f"INSERT INTO accounts_retraction ({column}, by_id, at, because) VALUES (%s, %s, now(), 'x')"
            )
            assert refusal_of(retract, row.pk, self.olivia.pk) == REFUSED
        close = "UPDATE accounts_obligation SET closed_at = now(), outcome = 'kept', closed_by_id = %s WHERE id = %s"
        assert refusal_of(close, self.olivia.pk, self.promise.pk) == REFUSED
        account = "UPDATE accounts_account SET closed_at = now(), closed_by_id = %s WHERE id = %s"
        assert refusal_of(account, self.olivia.pk, self.acme.pk) == REFUSED
        run_sql(close, self.max.pk, self.promise.pk)

    # With a second person

    def test_the_manager_is_asked_on_today_and_agrees(self) -> None:
        page = self.as_(self.olivia).post(
            reverse("fact_retract", args=[self.fact.pk]), {"because": "I misheard it"}, follow=True
        )
        self.assertContains(
            page, "You are leaving, and others depend on this. Max Adeyemi is asked to agree to it."
        )
        asked = Countersignature.objects.get()
        assert Fact.objects.live().contains(self.fact)
        self.assertContains(
            self.browse(self.max, "today"), "Acme Robotics: Olivia Brandt wants to take back: “"
        )
        self.assertNotContains(self.browse(self.nils, "today"), "Olivia Brandt wants to take back")
        self.send(self.max, "countersignature_agree", asked.pk)
        assert not Fact.objects.live().contains(self.fact)
        taken_back = Retraction.objects.get()
        assert (taken_back.by, taken_back.because) == (self.olivia, "I misheard it (Max Adeyemi agreed)")

    def test_a_promise_is_kept_and_a_customers_word_recorded_once_somebody_agrees(self) -> None:
        self.send(self.olivia, "obligation_keep", self.promise.pk)
        self.promise.refresh_from_db()
        assert self.promise.is_open
        Countersignature.objects.get().agree(by=self.max)
        self.promise.refresh_from_db()
        assert (self.promise.outcome, self.promise.closed_by) == ("kept", self.olivia)
        asked = make_question(self.acme, self.champion, by=self.olivia)
        asked.answer("All of it", by=self.olivia)
        said = {"contact": self.champion.pk, "words": "Fine"}
        self.send(self.olivia, "obligation_agree", asked.pk, **said)
        Countersignature.objects.waiting().get().agree(by=self.max)
        asked.refresh_from_db()
        assert (asked.outcome, asked.agreed_by) == ("agreed", self.champion)

    def test_the_manager_declines_with_a_reason_and_the_leaver_reads_it(self) -> None:
        asked = self.ask()
        self.assertContains(
            self.send(self.max, "countersignature_decline", asked.pk), "This field is required"
        )
        self.send(self.max, "countersignature_decline", asked.pk, note="Carla said so herself")
        assert Fact.objects.live().contains(self.fact)
        assert "Max Adeyemi declined: Carla said so herself" in self.page_of(self.olivia)
        with pytest.raises(Refused, match="has decided on this already"):
            asked.agree(by=self.max)

    def test_neither_the_leaver_nor_a_colleague_nor_a_stranger_decides(self) -> None:
        asked = self.ask()
        for user, status in ((self.olivia, 403), (self.nils, 404), (self.carla, 403)):
            assert self.send(user, "countersignature_agree", asked.pk).status_code in {status, 404}, user
        with pytest.raises(PermissionDenied):
            asked.agree(by=self.ines)
        own = "UPDATE accounts_countersignature SET decided_at = now(), decided_by_id = by_id, agreed = true"
        assert refusal_of(own) == "countersigned_by_a_second_person"
        silent = "UPDATE accounts_countersignature SET decided_at = now(), decided_by_id = %s, agreed = false"
        assert refusal_of(silent, self.max.pk) == "countersignature_declined_says_why"
        assert refusal_of("DELETE FROM accounts_countersignature").startswith("permission denied")

    def test_it_is_asked_once(self) -> None:
        self.ask()
        page = self.send(self.olivia, "fact_retract", self.fact.pk, because="Again")
        self.assertContains(page, "A second person has been asked about this already.", status_code=409)
