"""The day of a person: what is due, what is coming with a brief before each visit, and who is quiet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Entry, Obligation, Stage, User, Visit, today
from accounts.pages.today import Agenda, Quiet
from accounts.rules import clocks
from handoffs.models import Transition
from handoffs.slots import waiting_for
from tests.base import (
    CastTestCase,
    days_ago,
    in_days,
    make_account,
    make_champion,
    make_entry,
    make_fact,
    make_obligation,
    make_question,
    make_stage,
)
from tests.handoffs.steps import approve, dates, hand_over, read_back, write

MOST_QUERIES = 16


def meet(account: Account, by: User, *, days: float = 3, **fields: Any) -> Obligation:
    starts_at = timezone.now() + timedelta(days=days)
    return Visit.plan(account, "The first quarter", by=by, starts_at=starts_at, **fields)


def day_of(user: User) -> Agenda:
    return Agenda.of(user, today())


class Coming(CastTestCase):
    def lines(self, user: User) -> dict[str, str]:
        (visit,) = day_of(user).coming
        return dict(visit.lines)

    @pytest.mark.complaint(10)
    def test_each_visit_says_with_whom_where_they_stand_and_what_they_wait_for(self) -> None:
        """Nobody calls them without knowing the company, the buyer and the stage."""
        make_stage(self.acme, Stage.EVALUATING, days=40)
        said = make_entry(self.acme, days=12)
        make_obligation(self.acme, "Send the security answers", due_in=-3, contact=self.dieter)
        make_obligation(self.acme, "Name a trainer", due_in=20)
        meet(self.acme, self.olivia, contact=self.champion)
        lines = self.lines(self.olivia)
        assert lines["With"] == "Carla Weiss, Head of finance systems, champion"
        assert lines["Stands"] == f"Evaluating. Last conversation on {clocks.day_in_words(said.at)}"
        assert (
            lines["Waits for"]
            == f"“Send the security answers”, late since {clocks.day_in_words(in_days(-3))}"
        )
        page = self.browse(self.olivia, "today")
        for line in lines.values():
            self.assertContains(page, line)

    def test_a_question_that_nobody_answered_is_what_they_wait_for(self) -> None:
        asked = make_question(
            self.acme, self.champion, "Can it run in Frankfurt?", due_in=None, at=days_ago(9)
        )
        meet(self.acme, self.olivia)
        waits = self.lines(self.olivia)["Waits for"]
        assert (
            waits == f"our answer to “Can it run in Frankfurt?”, since {clocks.day_in_words(asked.raised_at)}"
        )
        asked.answer("Yes, since May.", by=self.olivia)
        assert self.lines(self.olivia)["Waits for"] == "Nothing of ours is open"

    def test_what_nobody_wrote_down_is_a_gap(self) -> None:
        meet(self.borealis, self.olivia)
        lines = self.lines(self.olivia)
        assert lines["With"] == "Nobody is named, and no champion is known"
        assert lines["Stands"] == "No stage recorded. Nobody was ever in touch"
        make_champion(self.borealis, "Bea Holm", title="Buyer")
        assert self.lines(self.olivia)["With"] == "Bea Holm, Buyer, champion. Nobody is named for this visit"

    def test_two_weeks_by_the_hour_and_nothing_of_others(self) -> None:
        meet(self.acme, self.olivia, days=20)
        late, early = meet(self.acme, self.olivia, days=5), meet(self.acme, self.olivia, days=4.9)
        task = make_obligation(self.borealis, "Write up", Obligation.Kind.TASK, due_in=2)
        make_obligation(self.cobalt, "Ines's own", due_in=2)
        assert day_of(self.olivia).coming == [task, early, late]

    def test_a_meeting_of_today_is_the_sentence_and_has_its_brief(self) -> None:
        make_obligation(self.borealis, "Send the list", due_in=0)
        with mock.patch("django.utils.timezone.now", return_value=timezone.now().replace(hour=6)):
            starts_at = timezone.now() + timedelta(hours=3)
            met = Visit.plan(
                self.acme, "The audit", by=self.olivia, starts_at=starts_at, contact=self.champion
            )
            day = day_of(self.olivia)
        assert day.sentence == f"Today at {met.hour} you meet Carla Weiss: “The audit”."
        assert next(line for line in day.due if line.pk == met.pk).lines


class QuietOnes(CastTestCase):
    def quiet(self) -> dict[str, str]:
        return {line.account.name: line.sentence for line in day_of(self.olivia).quiet}

    def talk(self, account: Account, *days: float) -> None:
        for ago in days:
            make_entry(account, days=ago)

    @pytest.mark.complaint(31)
    def test_it_is_measured_against_the_accounts_own_rhythm(self) -> None:
        """Who was visited every twelve days is missed after forty; who is called each quarter is not."""
        self.talk(self.acme, 40, 52, 64, 76)
        self.talk(self.borealis, 40, 130, 220)
        assert self.quiet() == {"Acme Robotics": "usually every 12 days, now 40"}
        self.assertContains(self.browse(self.olivia, "today"), "usually every 12 days, now 40")

    def test_not_before_two_weeks_and_at_the_latest_after_three_months(self) -> None:
        self.talk(self.acme, 13, 14, 15, 16)
        self.talk(self.borealis, 91, 190, 290)
        assert self.quiet() == {"Borealis Foods": "usually every 100 days, now 91"} or self.quiet() == {
            "Borealis Foods": "usually every 99 days, now 91"
        }

    def test_of_whom_too_little_is_known_six_weeks_are_let_pass(self) -> None:
        self.talk(self.acme, 46, 47)
        self.talk(self.borealis, 44, 45)
        assert self.quiet() == {"Acme Robotics": "no word for 46 days"}

    def test_without_any_contact_it_counts_from_its_opening(self) -> None:
        assert self.quiet() == {}
        Account.objects.filter(pk=self.acme.pk).update(created_at=days_ago(50))
        assert self.quiet() == {"Acme Robotics": "nobody was ever in touch, in 50 days"}

    def test_what_was_taken_back_and_what_we_wrote_to_ourselves_is_no_contact(self) -> None:
        self.talk(self.acme, 60)
        make_entry(self.acme, "To myself", kind=Entry.Kind.NOTE, days=1)
        make_entry(self.acme, "Wrong one", days=1).retract(by=self.olivia, because="Wrong customer")
        self.talk(self.borealis, 1)
        assert self.quiet() == {"Acme Robotics": "no word for 60 days"}

    def test_the_memory_of_a_merged_account_counts(self) -> None:
        other = make_account("Acme Labs", self.olivia)
        self.talk(other, 2)
        self.talk(self.acme, 60)
        other.merge_into(self.acme, by=self.max, because="One company")
        assert "Acme Robotics" not in self.quiet()

    @pytest.mark.complaint(48)
    def test_a_quiet_one_is_let_be_with_a_reason_until_a_day(self) -> None:
        """A signal has a holder and a next step, or is dismissed with a reason."""
        self.talk(self.acme, 60)
        self.assertContains(self.browse(self.olivia, "today"), reverse("account_let_be", args=[self.acme.pk]))
        page = self.send(self.olivia, "account_let_be", self.acme.pk, because="", until=in_days(20))
        assert page.status_code == 200
        page = self.send(self.olivia, "account_let_be", self.acme.pk, because="Break", until=in_days(0))
        self.assertContains(page, "Choose a day in the future.")
        self.send(self.olivia, "account_let_be", self.acme.pk, because="Summer break", until=in_days(20))
        assert self.quiet() == {}
        step = Obligation.objects.get()
        assert (step.holder, step.due, str(step)) == (
            self.olivia, in_days(20), "Get in touch again: Summer break",
        )  # fmt: skip
        with mock.patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(days=20)):
            assert step in day_of(self.olivia).due
        with mock.patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(days=21)):
            assert "Acme Robotics" in self.quiet()

    @pytest.mark.complaint(48)
    def test_a_planned_visit_is_the_next_step_and_a_late_one_is_not(self) -> None:
        self.talk(self.acme, 60)
        self.talk(self.borealis, 60)
        meet(self.acme, self.olivia, days=30)
        make_obligation(self.borealis, "Visit them", Obligation.Kind.VISIT, due_in=-1)
        assert list(self.quiet()) == ["Borealis Foods"]

    def test_the_rhythm_is_of_twice_the_usual_time_between_its_bounds(self) -> None:
        now = timezone.now()
        for usual, last, is_quiet in [
            (12, 24.5, True),
            (12, 23.5, False),
            (2, 13.5, False),
            (80, 90.5, True),
        ]:
            account = mock.Mock(
                usual=timedelta(days=usual), last_contact_at=now - timedelta(days=last), next_step=False
            )
            assert bool(Quiet.of(account, now)) is is_quiet


class ChangesOfHands(CastTestCase):
    """What the day says of handoffs, read for everything at once."""

    def sentences(self, user: User) -> list[str]:
        return [line.text for line in waiting_for(user)]

    def test_each_step_waits_for_whoever_takes_it(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max)
        assert self.sentences(self.olivia) == ["Write what Ines Carvalho must know of Acme Robotics"]
        assert self.sentences(self.max) == []
        write(handoff, by=self.olivia)
        assert self.sentences(self.olivia) == []
        assert self.sentences(self.max) == ["Approve the brief of Acme Robotics for Ines Carvalho"]
        assert self.sentences(self.petra) == []
        approve(handoff)
        assert self.sentences(self.max) == []
        assert [line[:19] for line in self.sentences(self.ines)] == ["Read Acme Robotics "]
        read_back(handoff)
        assert self.sentences(self.ines) == []
        accept = "Accept or return Ines Carvalho's read-back of Acme Robotics"
        assert self.sentences(self.olivia) == self.sentences(self.max) == [accept]
        handoff.accept(by=self.max)
        assert self.sentences(self.olivia) == self.sentences(self.max) == []

    def test_memory_that_changed_after_the_approval_is_approved_again(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max)
        write(handoff, by=self.olivia)
        approve(handoff)
        make_fact(self.acme, "terms", "Sixty days to pay")
        assert self.sentences(self.max) == ["Approve the brief of Acme Robotics for Ines Carvalho"]
        assert self.sentences(self.ines) == []

    def test_a_plan_waits_for_the_managers_whom_it_concerns(self) -> None:
        line = (self.borealis, self.ines, "She knows food")
        plan = Transition.objects.open_reorg(
            "Nordics", [line], by=self.omar, because="By industry", **dates()
        )
        plan.submit(by=self.omar)
        assert self.sentences(self.max) == ["Decide on the plan “Nordics”"]
        assert self.sentences(self.petra) == self.sentences(self.olivia) == []
        plan.approve(by=self.max, fingerprint=plan.fingerprint)
        assert self.sentences(self.max) == []


class HowManyQueries(CastTestCase):
    def fill(self, count: int) -> None:
        """Accounts of Max himself with everything that the page can show of them."""
        for number in range(count):
            account = make_account(f"Customer {number}", self.max, acting=number % 3 == 0)
            champion = make_champion(account, "Somebody")
            make_stage(account, Stage.IN_VALUE)
            make_entry(account, days=60 + number / 10)
            if number % 2:
                make_question(account, champion, due_in=None)
                make_obligation(account, due_in=-1)
                make_obligation(account, "Soon", due_in=5)
                meet(account, self.max, contact=champion)
                meet(account, self.max)

    def queries(self) -> list[str]:
        browser = self.as_(self.max)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(reverse("today")).status_code == 200
        return [query["sql"] for query in asked]

    def test_they_are_as_many_with_two_accounts_as_with_200(self) -> None:
        """At most sixteen:

        1. the session 2. its user 3. the organisation's day 4. what is due 5. what is coming, with the briefs
        6. the accounts with their rhythm. Of changes of hands: 7. the colleagues 8. the handoffs that touch this
        person 9. the decisions on them 10. what colleagues ask of this person 11. submitted plans 12. their lines
        13. the decisions on them 14.-15. those without a first contact. 16. What needs a second person.
        """
        handoff = hand_over(self.acme, self.ines, by=self.max)
        write(handoff, by=self.olivia)
        approve(handoff)
        line = (self.borealis, self.ines, "She knows food")
        plan = Transition.objects.open_reorg(
            "Nordics", [line], by=self.omar, because="By industry", **dates()
        )
        plan.submit(by=self.omar)
        self.fill(2)
        few = self.queries()
        assert len(few) <= MOST_QUERIES, "\n".join(query[:150] for query in few)
        self.fill(198)
        assert len(self.queries()) == len(few)
