"""One rule says what is late: on a line, in a list, in the five checks, on the account's page and on Today."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import product

from django.utils import timezone

from accounts.models import Account, Obligation, User
from accounts.models.continuity import annotated
from accounts.models.deadlines import escalate_questions
from tests.base import (
    CastTestCase,
    days_ago,
    in_days,
    make_account,
    make_obligation,
    make_question,
    make_user,
)

ZONES = ["Pacific/Kiritimati", "Europe/Berlin", "America/Los_Angeles", "Pacific/Pago_Pago"]


class Lateness(CastTestCase):
    def test_a_line_and_the_list_say_the_same_wherever_the_customer_is(self) -> None:
        now = timezone.now()
        for zone, due_in, closed in product(ZONES, [-3, -1, 0, 1, None], [False, True]):
            account = make_account(f"{zone} {due_in} {closed}", self.olivia, time_zone=zone)
            task = make_obligation(account, kind="task", due_in=due_in)
            if closed:
                task.keep(by=self.olivia)
            contact = account.contacts.create(name="Kim")
            for waited, answered in product([-1, 1], [None, now]):
                asked = make_question(account, contact, due_in=due_in)
                Obligation.objects.filter(pk=asked.pk).update(
                    respond_by=now + timedelta(hours=waited), answered_at=answered
                )
        late = {line.pk for line in Obligation.objects.select_related("account") if line.is_late}
        assert {line.pk for line in Obligation.objects.late()} == late
        assert 0 < len(late) < Obligation.objects.count()

    def test_a_promise_is_not_late_while_it_is_still_their_day(self) -> None:
        account = make_account("Los Angeles Harbour", self.olivia, time_zone="America/Los_Angeles")
        promise = make_obligation(account)
        for at_home, due in ((account.day(), False), (account.day() - timedelta(days=1), True)):
            Obligation.objects.filter(pk=promise.pk).update(due=at_home)
            promise.refresh_from_db()
            assert (promise.is_late, Obligation.objects.late().exists()) == (due, due)

    def test_a_question_that_waits_too_long_is_late_everywhere(self) -> None:
        asked = make_question(self.acme, self.champion, due_in=None, at=days_ago(9))
        assert asked.is_late
        checked = annotated(Account.objects.filter(pk=self.acme.pk))
        assert checked.values_list("late_now", flat=True).get() == 1
        listed = Account.objects.for_list().filter(pk=self.acme.pk)
        assert listed.values_list("late_count", flat=True).get() == 1  # type: ignore[misc]  # an annotation
        assert (self.acme.warnings()[0][1], self.acme.condition_now) == ("1 thing we owe is late", "urgent")
        for page, key in (("account", self.acme.pk), ("today", None), ("obligation_list", None)):
            text = self.browse(self.olivia, page, *([key] if key else [])).content.decode()
            assert "Nothing we owe them is late" not in text
            assert asked.text in text

    def test_what_waits_for_their_word_is_not_late(self) -> None:
        asked = make_question(self.acme, self.champion, due_in=0, at=days_ago(9))
        asked.answer("In Frankfurt", by=self.olivia)
        Obligation.objects.filter(pk=asked.pk).update(due=in_days(-2))
        asked.refresh_from_db()
        assert not asked.is_late
        assert not Obligation.objects.late().exists()


class WhoIsTold(CastTestCase):
    """`escalate_questions` finds every holder's manager in one statement, as `User.manager_if_any` does for one."""

    def test_the_statement_and_the_person_find_the_same_manager(self) -> None:
        chance = random.Random(7)
        people = [make_user(f"Person {n}") for n in range(12)]
        for place, person in enumerate(people[1:], 1):
            person.reports_to = chance.choice(people[:place])
            person.save()
        for person in people:
            account = make_account(f"Account of {person}", person)
            make_question(account, account.contacts.create(name="Kim"), due_in=None, at=days_ago(9))
        managers = chance.sample(people[:6], 3)
        for person in managers:
            person.coverage.current().pass_to(people[11], by=self.max, because="They leave")
        User.objects.filter(pk__in=[person.pk for person in managers]).update(is_active=False)
        for person in people[:8:3]:  # nobody comes in by an address that an import invented
            User.objects.filter(pk=person.pk).update(email=f"person{person.pk}@import.INVALID")
        asked = Obligation.objects.filter(text="Can we export it all?")
        expected = {line.pk: line.holder.manager_if_any() or line.holder for line in asked}
        assert escalate_questions() == len(expected)
        assert {line.pk: line.escalated_to for line in asked.all()} == expected
