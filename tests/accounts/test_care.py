"""Care for 90 days after a sale and after each change of owner. Rows name the complaints that they answer."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Coverage, Deal, Obligation, Organisation, User, today
from accounts.models.deadlines import plan_care
from accounts.tasks import sweep
from tests.base import CastTestCase, days_ago, make_account, make_coverage, make_deal, make_user
from tests.laws import refusal_of


def working(days: int, after: date | None = None) -> date:
    """So many days after today or another day; the Monday after, when that is on a weekend."""
    due = (after or today()) + timedelta(days=days)
    return due + timedelta(days={5: 2, 6: 1}.get(due.weekday(), 0))


def give(account: Account, person: User, *, acting: bool = False) -> Coverage:
    (row,) = (
        Coverage.objects.owners()
        .filter(account=account)
        .pass_to(person, by=person, because="Takes over", acting=acting)
    )
    return row


class CheckIns(CastTestCase):
    def lines(self, account: Account | None = None) -> list[Obligation]:
        found = Obligation.objects.exclude(check_in=None).filter(account=account or self.acme)
        return list(found.order_by("due", "pk"))

    @pytest.mark.complaint(25)
    def test_a_change_of_owner_is_followed_up_three_times(self) -> None:
        """Nobody takes over and disappears; each check-in is a visit with a holder and a date."""
        row = give(self.acme, self.ines)
        assert plan_care() == 3
        assert [(one.check_in, one.due) for one in self.lines()] == [
            (day, working(day)) for day in (7, 30, 90)
        ]
        for one in self.lines():
            assert (one.kind, one.holder, one.role, one.after_coverage) == ("visit", self.ines, "owner", row)
            assert (
                one.text == f"Check in with Acme Robotics, {one.check_in} days after Ines Carvalho took over"
            )
            step = one.entries.get()
            assert (step.step, step.who, step.text) == ("raised", "Throughline", one.text)

    @pytest.mark.complaint(25)
    def test_a_sale_is_followed_up_by_success_where_there_is_one(self) -> None:
        """A promise made at the sale meets somebody who asks after it within 90 days."""
        make_deal(self.acme, "First line", kind=Deal.Kind.OPPORTUNITY).close("won", by=self.olivia)
        make_deal(self.borealis, "Year two").close("won", by=self.olivia)
        make_deal(self.borealis, "Cold store").close("lost", by=self.olivia)
        make_coverage(self.acme, self.nils, Coverage.Role.SUCCESS)
        assert plan_care() == 6
        first = self.lines()[0]
        assert (first.holder, first.role) == (self.nils, "success")
        assert first.text == "Check in with Acme Robotics, 7 days after the sale of “First line”"
        other = self.lines(self.borealis)[0]
        assert (other.holder, other.role) == (self.olivia, "owner")
        assert other.text == "Check in with Borealis Foods, 7 days after the renewal “Year two”"

    def test_it_is_planned_once_however_often_the_sweep_runs(self) -> None:
        give(self.acme, self.ines)
        sweep()
        self.lines()[0].drop(by=self.ines, because="We talk every day")
        assert plan_care() == 0
        assert len(self.lines()) == 3

    def test_what_lies_behind_is_not_planned_afterwards(self) -> None:
        """An imported sale of last month is asked after at 90 days only, one of last year not at all."""
        for name, days in (("Lately", 40), ("Long ago", 200)):
            make_deal(self.acme, name, closed_at=days_ago(days), outcome="won")
        assert plan_care() == 1
        assert (self.lines()[0].check_in, self.lines()[0].due) == (90, working(50))

    def test_the_first_owner_and_whoever_only_acts_are_no_change(self) -> None:
        make_account("Evergreen", self.ines, days=0)
        give(self.acme, self.max, acting=True)
        assert plan_care() == 0
        give(self.acme, self.max)
        assert plan_care() == 3

    def test_whoever_comes_back_has_not_changed_hands(self) -> None:
        give(self.acme, self.ines)
        plan_care()
        give(self.acme, self.max, acting=True)
        assert plan_care() == 0
        assert {one.holder for one in self.lines()} == {self.max}, "what is planned waits with whoever acts"
        give(self.acme, self.ines)
        assert plan_care() == 0
        assert {(one.holder, one.is_open) for one in self.lines()} == {(self.ines, True)}

    def test_the_next_change_drops_what_is_left_of_the_one_before(self) -> None:
        give(self.acme, self.ines)
        plan_care()
        self.lines()[0].keep(by=self.ines)
        give(self.acme, self.nils)
        assert plan_care() == 3
        before = [one for one in self.lines() if one.text.endswith("Ines Carvalho took over")]
        assert [one.outcome for one in before] == ["held", "dropped", "dropped"]
        step = before[1].entries.get(step="dropped")
        assert (step.who, step.text) == ("Throughline", "Nils Aalto owns the account now.")
        assert {one.holder for one in self.lines() if one.is_open} == {self.nils}

    def test_nothing_is_planned_for_an_account_that_is_closed(self) -> None:
        give(self.acme, self.ines)
        self.acme.close(by=self.max, because="They stopped trading", outcomes={})
        assert plan_care() == 0

    def test_a_day_is_the_organisations_day(self) -> None:
        """Dates are whole days in the organisation's time zone, whatever the clock of the server says."""
        row = give(self.acme, self.ines)
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # there is always a day between these two
            Organisation.objects.update(time_zone=zone)
            row = give(self.acme, self.nils if row.person == self.ines else self.ines)
            plan_care()
            day = timezone.localtime(row.started_at, ZoneInfo(zone)).date()
            dues = [one.due for one in self.lines() if one.after_coverage == row]
            assert dues == [working(days, day) for days in (7, 30, 90)]

    def test_they_stand_on_today_and_on_the_account(self) -> None:
        give(self.acme, self.ines)
        plan_care()
        for page in (self.browse(self.ines, "today"), self.browse(self.ines, "account", self.acme.pk)):
            self.assertContains(page, "Check in with Acme Robotics, 7 days after Ines Carvalho took over")

    def test_the_database_knows_what_a_check_in_is(self) -> None:
        row = give(self.acme, self.ines)
        deal = make_deal(self.acme)
        insert = """INSERT INTO accounts_obligation (account_id, kind, role, holder_id, text, raised_at, raised_by_id,
            stretch, urgency, severity, obstacle, transfers, decision, outcome, external_id, check_in, after_deal_id,
            after_coverage_id) VALUES (%s, %s, 'owner', %s, 'x', now(), %s, false, 'normal', '', '', 0, '', '', '',
            %s, %s, %s)"""
        who = (self.ines.pk, self.ines.pk)
        law = "check_in_is_a_visit_with_one_cause"
        for kind, *cause in (
            ("task", 7, deal.pk, None),
            ("visit", 8, deal.pk, None),
            ("visit", 7, None, None),
            ("visit", None, deal.pk, None),
            ("visit", None, None, row.pk),
            ("visit", 7, deal.pk, row.pk),
        ):
            assert refusal_of(insert, self.acme.pk, kind, *who, *cause) == law, (kind, cause)
        plan_care()
        once = refusal_of(insert, self.acme.pk, "visit", *who, 7, None, row.pk)
        assert once == "check_in_once_after_a_change"
        deal.close("won", by=self.ines)
        plan_care()
        once = refusal_of(insert, self.acme.pk, "visit", *who, 7, deal.pk, None)
        assert once == "check_in_once_after_a_sale"
        assert "permission denied" in refusal_of(
            "UPDATE accounts_obligation SET check_in = 30 WHERE check_in = 7"
        )

    def test_it_takes_as_many_statements_for_many_as_for_one(self) -> None:
        other = make_user("Ada Sol", reports_to=self.max)
        for account in (self.acme, self.borealis, self.cobalt):
            give(account, other)
        with CaptureQueriesContext(connection) as many:
            assert plan_care() == 9
        with CaptureQueriesContext(connection) as none:
            assert plan_care() == 0
        assert len(many) == len(none)
