"""A vendor whose people do anything, in any order, while time passes: what the stateful test is made of.

`ledger` is what we owe, `hands` is how accounts change hands, `laws` is what may never be found afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from accounts.models import Account, Coverage, CustomerCase, Obligation, Refused, Topic, User
from config.demo.story.clock import story_time
from handoffs.models import Handoff, Transition
from tests.base import (
    make_case,
    make_champion,
    make_contact,
    make_coverage,
    make_customer,
    make_deal,
    make_fact,
    make_obligation,
    make_user,
    the_cast,
)
from tests.handoffs.steps import dates

#: Long ago: nothing in the story may happen after the database's own clock. Summer time is about to begin.
BEGINS = datetime(2016, 3, 3, 9, tzinfo=UTC)
nth = st.sampled_from(range(60))  # not `integers`, which would mostly be small
days = st.sampled_from([0, 1, 3, 10])
#: A day is over first and last in the first two of these. (In the third, clocks change twice a year.)
WHERE = {
    "Acme Robotics": ("Pacific/Kiritimati", "Kiribati"),
    "Borealis Foods": ("Pacific/Pago_Pago", "American Samoa"),
    "Cobalt Mining": ("America/New_York", "United States"),
    "Dunmore Press": ("Europe/Dublin", "Ireland"),
}


class Errors(logging.Handler):
    """What background work logged as an error instead of raising it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))


@contextmanager
def logged_errors() -> Iterator[list[str]]:
    handler = Errors()
    loggers = [logging.getLogger("accounts.models.base"), logging.getLogger("accounts.models.letters")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield handler.found
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def a_vendor_and_its_customers() -> None:
    """Where every story begins. Each account's memory is full enough for a brief to be written at once."""
    with story_time(BEGINS):
        cast = the_cast()
        for account in (cast.acme, cast.borealis, cast.cobalt, cast.dunmore):
            account.time_zone, account.country = WHERE[account.name]
            account.save()
        make_customer(make_contact(cast.borealis, "Bo Rask"))
        make_champion(cast.borealis, "Bea Storm")
        make_contact(cast.cobalt, "Conny Ek")
        make_user("Rana Ekström", reports_to=cast.ines)  # reports to a rep
        make_coverage(cast.acme, cast.ines, "success")
        make_coverage(cast.acme, cast.max, "sponsor")
        for account in (cast.acme, cast.borealis):
            make_deal(account)
            contact = account.contacts.order_by("pk").first()
            make_obligation(account, f"Send {account} the security answers", contact=contact)
            make_case(account, f"Can {account} export it?", "question", contact=contact)
        for account in Account.objects.all():
            for slug in {
                Topic.STORY,
                Topic.IF_THEN,
                *Topic.objects.filter(must_survive=True).values_list("pk", flat=True),
            }:
                make_fact(account, slug, f"What we know of {slug}")
            account.rate(account.condition_now, because="As we see it", by=cast.max)


class Story(RuleBasedStateMachine):
    """A vendor with eight people and four customers, on a clock of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.clock = self.open.enter_context(story_time(BEGINS + timedelta(hours=1)))
        self.open.enter_context(transaction.atomic())
        self.open.callback(transaction.set_rollback, True)
        self.numbers = count(1)

    def teardown(self) -> None:
        self.open.close()

    # Who and what

    @staticmethod
    def one_of(rows: Any, n: int) -> Any:
        found = list(rows.order_by("pk") if hasattr(rows, "order_by") else rows)
        if not found:
            raise Refused("There is none.")
        return found[n % len(found)]

    def person(self, n: int) -> User:
        return self.one_of(User.objects.active().staff(), n)  # type: ignore[no-any-return]

    def boss(self, n: int) -> User:
        """Somebody who may do most things; two times in three operations, who may do nearly all."""
        may = (
            ["operations"]
            if n % 3 and User.objects.active().filter(kind="operations")
            else ["manager", "operations"]
        )
        return self.one_of(User.objects.active().filter(kind__in=may), n)  # type: ignore[no-any-return]

    def owner(self, n: int) -> User:
        """Somebody who has an account to lose."""
        owners = Coverage.objects.owners().values("person")
        return self.one_of(User.objects.filter(pk__in=owners), n)  # type: ignore[no-any-return]

    def customer_of(self, account: Account, n: int) -> User:
        return self.one_of(User.objects.active().filter(contact__account=account), n)  # type: ignore[no-any-return]

    def account(self, n: int) -> Account:
        rows = Account.objects.all() if n % 7 == 0 else Account.objects.open()
        return self.one_of(rows, n)  # type: ignore[no-any-return]

    def obligation(self, n: int, *kinds: str) -> Obligation:
        rows = Obligation.objects.all() if n % 3 == 0 else Obligation.objects.open()
        return self.one_of(rows.filter(kind__in=kinds) if kinds else rows, n)  # type: ignore[no-any-return]

    def case(self, n: int, *kinds: str) -> CustomerCase:
        """The same, to be answered; whoever draws may well answer what nobody asked."""
        return CustomerCase.objects.get(pk=self.obligation(n, *kinds).pk)

    def handoff(self, n: int) -> Handoff:
        rows = Handoff.objects.all() if n % 5 == 0 else Handoff.objects.open()
        return self.one_of(rows, n)  # type: ignore[no-any-return]

    def open_handoff(self, n: int) -> Handoff:
        """One under way, begun for the purpose where there is none."""
        if not Handoff.objects.open().exists():
            row, boss = self.one_of(Coverage.objects.owners(), n), self.boss(1)
            handover = Transition.objects.open_handover(
                row, self.person(n + 1), by=boss, because="A smaller book", **dates(0, 0, 3)
            )
            handover.start(by=boss).run()
        return self.one_of(Handoff.objects.open(), n)  # type: ignore[no-any-return]

    def transition(self, n: int) -> Transition:
        return self.one_of(Transition.objects.under_way(), n)  # type: ignore[no-any-return]

    def attempt(self, act: Callable[[], object]) -> None:
        """A refusal leaves everything as it was, and is an answer."""
        try:
            with transaction.atomic():
                act()
        except (Refused, PermissionDenied):
            pass

    @staticmethod
    def read(sql: str, **values: date | datetime) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
