"""Starting a departure over 1,000 accounts, against raw SQL (COPY where it may) for the very same rows."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction

from accounts.models import Account, Contact, Coverage, Obligation, Topic, User
from accounts.models.base import database_now
from handoffs.models import JobRun, Transition
from tests.base import in_days, make_user, the_cast

from .measure import TINY, ratio, report, seconds, seconds_undone, side_by_side, undone, within

ACCOUNTS = 20 if TINY else 1_000
WRITTEN = ["handoffs_handoff", "handoffs_checklistitem", "accounts_coverage"]
#: Of a sudden departure: how large the books are, and which new rows it writes, by what makes them its own.
SUDDEN = (20, 40) if TINY else (1_200, 10_000)
NEW_ROWS = {
    "handoffs_transition": "person_id = {leaver}",
    "handoffs_move": "outgoing_id = {leaver}",
    "accounts_offboarding": "person_id = {leaver}",
    "accounts_coverage": "follows_id IN (SELECT id FROM accounts_coverage WHERE person_id = {leaver})",
    "accounts_entry": "coverage_id IN (SELECT c.id FROM accounts_coverage c "
    "JOIN accounts_coverage before ON before.id = c.follows_id WHERE before.person_id = {leaver})",
}
#: And what it changes besides, before those and after them.
FIRST = """
    UPDATE accounts_user SET access_ended_at = now() WHERE id = {leaver};
    DELETE FROM accounts_session WHERE user_id = {leaver};
    UPDATE accounts_coverage SET ended_at = (SELECT min(started_at) FROM new_accounts_coverage),
        ended_by_id = {manager}, ended_because = 'Gone' WHERE person_id = {leaver} AND ended_at IS NULL
"""
THEN = """
    UPDATE accounts_obligation SET holder_id = {manager} WHERE holder_id = {leaver} AND closed_at IS NULL;
    UPDATE accounts_deal SET holder_id = {manager} WHERE holder_id = {leaver} AND closed_at IS NULL;
    UPDATE accounts_user SET is_active = false, deactivated_at = now() WHERE id = {leaver}
"""
OURS = "SELECT {columns} FROM {table} WHERE {mine} ORDER BY id"


def a_large_book(owner: User, by: User, accounts: int = ACCOUNTS, promises: int = 2) -> list[Account]:
    """Accounts with a champion and so many open promises each."""
    now = database_now()
    with transaction.atomic():
        made = Account.objects.bulk_create(
            Account(
                name=f"Customer {n}",
                industry="Robotics",
                condition="watch",
                condition_because="Quiet",
                condition_by=by,
                condition_at=now,
            )
            for n in range(accounts)
        )
        Coverage.objects.bulk_create(
            Coverage(
                account=account,
                role="owner",
                person=owner,
                started_at=now,
                started_by=by,
                started_because="Benchmark",
            )
            for account in made
        )
    Contact.objects.bulk_create(
        Contact(account=account, name="Carla Diaz", roles=["champion"], strength=3, evidence="Spoke for us")
        for account in made
    )
    Obligation.objects.bulk_create(
        Obligation(
            account=account,
            kind="promise",
            text=f"Promise {n}",
            due=in_days(n),
            holder=owner,
            raised_at=now,
            raised_by=owner,
        )
        for account in made
        for n in range(1, promises + 1)
    )
    return made


def columns_of(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            [table],
        )
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_start() -> None:
    cast = the_cast()
    leaver = make_user("Lena Book", reports_to=cast.max)
    a_large_book(leaver, cast.max)
    transition = Transition.objects.open_departure(
        leaver,
        by=cast.max,
        because="She moves on",
        access_on=in_days(0),
        accountable_on=in_days(14),
        announced_on=in_days(7),
        last_day=in_days(14),
    )
    transition.moves.update(incoming=cast.ines)
    now = database_now()
    Transition.objects.filter(pk=transition.pk).update(started_at=now, started_by=cast.max)
    job = JobRun.objects.create(transition=transition, total=ACCOUNTS, queued_at=now, heartbeat_at=now)

    rows: dict[str, list[tuple[Any, ...]]] = {}
    before = database_now()
    with transaction.atomic():
        JobRun.objects.get(pk=job.pk).run()
        mine = {
            "handoffs_handoff": f"transition_id = {transition.pk}",
            "handoffs_checklistitem": f"handoff_id IN (SELECT id FROM handoffs_handoff "
            f"WHERE transition_id = {transition.pk})",
            "accounts_coverage": f"role = 'incoming' AND started_at >= '{before.isoformat()}'",
        }
        with connection.cursor() as cursor:
            for table in WRITTEN:
                cursor.execute(OURS.format(columns=columns_of(table), table=table, mine=mine[table]))
                rows[table] = cursor.fetchall()
        transaction.set_rollback(True)

    def raw() -> None:
        with connection.cursor() as cursor:
            for table in WRITTEN:
                if table == "accounts_coverage":  # PostgreSQL has no COPY into a table with row security
                    marks = ", ".join(["%s"] * len(rows[table][0]))
                    cursor.executemany(
                        f"INSERT INTO {table} ({columns_of(table)}) VALUES ({marks})", rows[table]
                    )
                    continue
                with cursor.copy(f"COPY {table} ({columns_of(table)}) FROM STDIN") as copy:
                    for row in rows[table]:
                        copy.write_row(row)

    ours = seconds_undone(lambda: JobRun.objects.get(pk=job.pk).run())
    bare = seconds_undone(raw)

    def request() -> None:
        fresh = Transition.objects.get(pk=transition.pk)
        Transition.objects.filter(pk=fresh.pk).update(started_at=None, started_by=None)
        fresh.start(by=cast.max)

    from config.celery import app

    app.conf.task_always_eager = False
    asked = seconds_undone(request)
    app.conf.task_always_eager = True
    report(
        f"Starting a departure over {ACCOUNTS} accounts",
        handoffs=len(rows["handoffs_handoff"]),
        checklist_items=len(rows["handoffs_checklistitem"]),
        ours_in_seconds=ours,
        raw_SQL_of_the_same_rows_in_seconds=bare,
        ratio_to_raw=ours / bare,
        the_request_that_starts_it_in_seconds=asked,
    )


@pytest.mark.django_db
def test_desk() -> None:
    """The desk's calculation over the same book."""
    from handoffs.planning import succession_plan

    cast = the_cast()
    leaver = make_user("Lena Book", reports_to=cast.max)
    a_large_book(leaver, cast.max)
    for n in range(30):
        make_user(f"Rep {n}", reports_to=cast.max)
    transition = Transition.objects.open_departure(
        leaver,
        by=cast.max,
        because="She moves on",
        access_on=in_days(0),
        accountable_on=in_days(14),
        announced_on=in_days(7),
        last_day=in_days(14),
    )
    assert Topic.objects.exists()
    report(
        f"Suggesting successors for {ACCOUNTS} accounts among 32 colleagues",
        seconds=seconds(lambda: succession_plan(transition), 3),
    )


def goes_at_once(leaver: User, manager: User) -> None:
    """Both acts of a sudden departure, one behind the other."""
    with mock.patch("accounts.models.offboarding.SMALL", 10**9):
        Transition.objects.open_departure(
            User.objects.get(pk=leaver.pk),
            by=manager,
            because="Gone",
            sudden=True,
            access_on=in_days(0),
            accountable_on=in_days(0),
            announced_on=in_days(1),
        )
    assert not User.objects.get(pk=leaver.pk).is_active


def the_same_rows(leaver: User, manager: User) -> Callable[[], None]:
    """A sudden departure in as few statements as there are tables. Its new rows wait in temporary tables."""
    ids = {"leaver": leaver.pk, "manager": manager.pk}
    made = {}
    with transaction.atomic(), connection.cursor() as cursor:
        goes_at_once(leaver, manager)
        for table, mine in NEW_ROWS.items():
            cursor.execute(OURS.format(columns=columns_of(table), table=table, mine=mine.format(**ids)))
            made[table] = cursor.fetchall()
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        for table, rows in made.items():
            cursor.execute(
                f"CREATE TEMP TABLE new_{table} AS SELECT {columns_of(table)} FROM {table} LIMIT 0"
            )
            with cursor.copy(f"COPY new_{table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
    inserts = "; ".join(
        f"INSERT INTO {table} ({columns_of(table)}) SELECT {columns_of(table)} FROM new_{table}"
        for table in NEW_ROWS
    )

    def raw() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"{FIRST.format(**ids)}; {inserts}; {THEN.format(**ids)}")

    return raw


@pytest.mark.django_db
def test_sudden() -> None:
    """Small departures come first on the same connection: PostgreSQL keeps the plans that it made for them."""
    cast = the_cast()
    taken = {}
    for accounts in SUDDEN:
        leaver = make_user(f"Lena Book {accounts}", reports_to=cast.max)
        a_large_book(leaver, cast.max, accounts, promises=10)
        for n in range(7):
            small = make_user(f"Rep {accounts} {n}", reports_to=cast.max)
            a_large_book(small, cast.max, 1)
            goes_at_once(small, cast.max)
        raw = the_same_rows(leaver, cast.max)
        ours, bare = side_by_side(undone(lambda: goes_at_once(leaver, cast.max)), undone(raw), runs=3)  # noqa: B023 - called at once
        taken[accounts] = median(ours)
        report(
            f"A sudden departure of {accounts} accounts with {accounts * 10} promises, after small ones",
            ours_in_seconds=median(ours),
            raw_SQL_of_the_same_rows_in_seconds=median(bare),
            ratio_to_raw=ratio(ours, bare),
        )
        assert within(ratio(ours, bare), 3.0)
        with connection.cursor() as cursor:
            for table in NEW_ROWS:
                cursor.execute(f"DROP TABLE new_{table}")
    few, many = SUDDEN
    growth = taken[many] / taken[few] / (many / few)
    report("Time for each account, from the small book to the large one", grows_by_a_factor_of=growth)
    assert within(growth, 1.5)
