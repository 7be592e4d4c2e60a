"""Accepting a handoff with 200 open obligations: the number of queries must not depend on how many there are."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Obligation, User
from accounts.models.base import database_now
from handoffs.models import Handoff, Transition
from tests.base import in_days, make_account, make_deal, make_fact, make_obligation, the_cast

from .measure import TINY, report, seconds_undone

MANY = 10 if TINY else 200


def a_handoff_to_accept(cast: SimpleNamespace, obligations: int) -> Handoff:
    """Written, approved and read back, with so many open obligations taken on by Ines."""
    account = make_account(f"Customer with {obligations}", cast.olivia)
    for n in range(obligations):
        make_obligation(account, f"Promise {n}", due_in=n + 1)
    make_fact(account, "story", "They came to us after a rollout that failed")
    make_fact(account, "if-then", "If the audit slips, then we offer the sandbox")
    make_deal(account)
    account.rate("watch", because="Quiet", by=cast.olivia)
    transition = Transition.objects.open_handover(
        account.coverage.owners().get(),
        cast.ines,
        by=cast.max,
        because="Closer to Ines",
        access_on=in_days(0),
        accountable_on=in_days(0),
        announced_on=in_days(0),
    )
    transition.start(by=cast.max)
    handoff = Handoff.objects.get(transition=transition)
    for item in handoff.items.filter(proof="person"):
        item.tick(by=cast.olivia, words="Done, and told to Ines")
    handoff.write(by=cast.olivia)
    handoff.approve(by=cast.max, fingerprint=handoff.brief().fingerprint)
    handoff.read_back(
        by=cast.ines,
        stands="Quiet",
        why_us="The export",
        first_call="Nobody yet",
        promised="A lot",
        falls_due="Nothing",
        could_go_wrong="The audit",
        holders={o.pk: cast.ines for o in handoff.obligations()},
    )
    return handoff


def accept(pk: int, by: User) -> None:
    Handoff.objects.get(pk=pk).accept(by=by)


@pytest.mark.django_db(transaction=True)
def test_accept() -> None:
    cast = the_cast()
    figures: dict[str, float | int] = {}
    for obligations in (2, MANY):
        handoff = a_handoff_to_accept(cast, obligations)
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            Handoff.objects.get(pk=handoff.pk).accept(by=cast.olivia)
            transaction.set_rollback(True)
        figures[f"queries_with_{obligations}"] = len(queries)
        figures[f"seconds_with_{obligations}"] = seconds_undone(partial(accept, handoff.pk, cast.olivia))
    held = Obligation.objects.open().filter(account=handoff.account)

    def raw() -> None:
        now = database_now()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_coverage SET ended_at = %s, ended_by_id = %s, ended_because = 'x' "
                "WHERE owner_of = %s",
                [now, cast.max.pk, handoff.account_id],
            )
            cursor.execute(
                "INSERT INTO accounts_coverage (account_id, role, person_id, acting, started_at, started_by_id, "
                "started_because, ended_because) VALUES (%s, 'owner', %s, false, %s, %s, 'x', '')",
                [handoff.account_id, cast.ines.pk, now, cast.max.pk],
            )
            cursor.execute(
                "UPDATE accounts_deal SET holder_id = %s WHERE account_id = %s AND closed_at IS NULL",
                [cast.ines.pk, handoff.account_id],
            )
            cursor.execute(
                "UPDATE accounts_obligation SET holder_id = %s WHERE account_id = %s AND closed_at IS NULL",
                [cast.ines.pk, handoff.account_id],
            )

    figures["obligations_moved"] = held.count()
    figures["raw_SQL_that_moves_them_in_seconds"] = seconds_undone(raw)
    figures["ratio_to_raw"] = figures[f"seconds_with_{MANY}"] / figures["raw_SQL_that_moves_them_in_seconds"]
    report("Accepting a handoff", **figures)
