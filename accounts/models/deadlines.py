"""What a date does to the ledger by itself, for all its lines at once: promises break, clocks run out, answers lapse,
check-ins are planned.

Each is one statement that changes the rows and leaves an entry for each of them. It looks at every row's state as it
changes it, so it may run as often as it likes, beside people at work, and each thing happens once. A row that the
database refuses is left out, and logged.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TypeAlias

from django.db import DataError, IntegrityError, InternalError, connection, transaction

from accounts.rules import clocks
from accounts.rules.lines import one_line_in_sql

from .base import database_now
from .obligation_kinds import CHECK_INS
from .organisation import Organisation, today, zone_named

Value: TypeAlias = list[str] | list[date] | list[int] | datetime | date | str | int | None
logger = logging.getLogger(__name__)
#: What a row may be refused for. Whatever else fails (a lock, the connection) fails for all of them.
NOT_EVERYBODYS = (IntegrityError, DataError, InternalError)
LAST = 2**63 - 1
HIGHEST = (
    "SELECT greatest((SELECT max(id) FROM accounts_obligation), (SELECT max(id) FROM accounts_account), 1)"
)
#: Who is named where a date did something and no person.
BY_ITSELF = "Throughline"

BREAK = """
    WITH swept AS (
        UPDATE accounts_obligation o
        SET broken_at = (o.due + 1)::timestamp AT TIME ZONE a.time_zone, broken_by_id = o.holder_id
        FROM accounts_account a
        WHERE a.id = o.account_id AND o.kind = 'promise' AND o.closed_at IS NULL AND o.broken_at IS NULL
            AND o.due < (%(now)s AT TIME ZONE a.time_zone)::date AND o.due < %(latest)s
            AND (%(only)s::bigint[] IS NULL OR o.id = ANY (%(only)s)) AND o.id BETWEEN %(first)s AND %(last)s
        RETURNING o.id, o.account_id, o.kind, o.text, o.due, o.broken_at
    )
"""
LAPSE = """
    WITH swept AS (
        UPDATE accounts_obligation
        SET outcome = 'lapsed', closed_at = %(now)s, closed_by_id = holder_id
        WHERE closed_at IS NULL AND answered_at IS NOT NULL AND lapses_on < %(today)s
            AND id BETWEEN %(first)s AND %(last)s
        RETURNING id, account_id, kind, text
    )
"""
# A manager is the nearest active person above, as in User.manager_if_any; who stands above all is told themselves.
ESCALATE = """
    WITH RECURSIVE late AS MATERIALIZED (
        SELECT id, holder_id FROM accounts_obligation
        WHERE closed_at IS NULL AND answered_at IS NULL AND escalated_at IS NULL AND respond_by < %(now)s
            AND id BETWEEN %(first)s AND %(last)s
    ), above (holder_id, id, step) AS (
        SELECT u.id, u.reports_to_id, 1 FROM accounts_user u WHERE u.id IN (SELECT holder_id FROM late)
        UNION ALL
        SELECT above.holder_id, u.reports_to_id, step + 1
        FROM above JOIN accounts_user u ON u.id = above.id
            AND NOT (u.is_active AND u.access_ended_at IS NULL AND u.email NOT ILIKE '%%.invalid')
    ), manager AS (
        SELECT h.id AS holder_id, coalesce(
            (SELECT u.id FROM (
                SELECT a.id, a.step FROM above a WHERE a.holder_id = h.id
                UNION ALL SELECT o.last_resort_id, 1000000 FROM accounts_organisation o
             ) a JOIN accounts_user u ON u.id = a.id AND u.is_active AND u.access_ended_at IS NULL AND u.id <> h.id
             ORDER BY u.email ILIKE '%%.invalid', a.step LIMIT 1),
            h.id) AS id
        FROM (SELECT DISTINCT holder_id AS id FROM late) h
    ), swept AS (
        UPDATE accounts_obligation o SET escalated_at = %(now)s, escalated_to_id = manager.id
        FROM late JOIN manager USING (holder_id)
        WHERE o.id = late.id AND o.closed_at IS NULL AND o.answered_at IS NULL AND o.escalated_at IS NULL
            AND o.holder_id = late.holder_id AND o.respond_by < %(now)s
        RETURNING o.id, o.account_id, o.kind, o.text, o.holder_id, o.escalated_to_id, o.respond_by, o.raised_at
    ), told AS (
        INSERT INTO accounts_letter (to_id, signed_by_id, account_id, subject, text, page, written_at, next_try_at)
        SELECT s.escalated_to_id, s.holder_id, s.account_id, left('No answer yet: ' || a.name, 200),
               'This question has waited since '
               || to_char(s.raised_at AT TIME ZONE 'UTC', 'FMDD FMMonth YYYY, HH24:MI "UTC"')
               || ' for an answer from ' || h.name || ', longer than we allow ourselves:' || chr(10) || chr(10)
               || '“' || s.text || '”',
               '/obligations/' || s.id || '/', %(now)s, %(now)s
        FROM swept s JOIN accounts_account a ON a.id = s.account_id JOIN accounts_user h ON h.id = s.holder_id
    )
"""
# A sale is looked after by success where somebody serves in it, a change of owner by the new owner. Whoever comes back
# after others stood in for them has not changed hands. A check-in on a weekend becomes one on the Monday.
CARE = """
    WITH cause AS (
        SELECT d.account_id, d.id AS deal_id, NULL::bigint AS coverage_id,
               (d.closed_at AT TIME ZONE %(zone)s)::date AS day,
               CASE d.kind WHEN 'renewal' THEN 'the renewal “' ELSE 'the sale of “' END || left(d.name, 80) || '”'
                   AS what
        FROM accounts_deal d
        WHERE d.outcome = 'won' AND d.closed_at > %(since)s
        UNION ALL
        SELECT c.account_id, NULL, c.id, (c.started_at AT TIME ZONE %(zone)s)::date, u.name || ' took over'
        FROM accounts_coverage c JOIN accounts_user u ON u.id = c.person_id
        WHERE c.role = 'owner' AND c.ended_at IS NULL AND NOT c.acting AND c.follows_id IS NOT NULL
            AND c.started_at > %(since)s
            AND c.person_id IS DISTINCT FROM (
                SELECT p.person_id FROM accounts_coverage p
                WHERE p.account_id = c.account_id AND p.role = 'owner' AND NOT p.acting AND p.started_at < c.started_at
                ORDER BY p.started_at DESC LIMIT 1)
    ), wanted AS (
        SELECT cause.*, check_in, d.due + (ARRAY[0, 0, 0, 0, 0, 2, 1])[extract(isodow FROM d.due)::int] AS due
        FROM cause, unnest(%(check_ins)s::int[]) AS check_in, LATERAL (SELECT day + check_in AS due) d
    ), swept AS (
        INSERT INTO accounts_obligation (account_id, kind, role, holder_id, text, due, check_in, after_deal_id,
            after_coverage_id, raised_at, raised_by_id, stretch, urgency, severity, obstacle, transfers, decision,
            outcome, external_id)
        SELECT w.account_id, 'visit', h.role, h.person_id,
               'Check in with ' || a.name || ', ' || w.check_in || ' days after ' || w.what,
               w.due, w.check_in, w.deal_id, w.coverage_id, %(now)s, h.person_id,
               false, 'normal', '', '', 0, '', '', ''
        FROM wanted w JOIN accounts_account a ON a.id = w.account_id AND a.closed_at IS NULL
        CROSS JOIN LATERAL (
            SELECT c.role, c.person_id FROM accounts_coverage c
            WHERE c.account_id = a.id AND c.ended_at IS NULL
                AND (c.role = 'owner' OR c.role = 'success' AND w.deal_id IS NOT NULL)
            ORDER BY c.role = 'owner', c.started_at LIMIT 1
        ) h
        WHERE w.due >= %(today)s AND w.account_id BETWEEN %(first)s AND %(last)s AND NOT EXISTS (
            SELECT FROM accounts_obligation o
            WHERE o.check_in = w.check_in AND (o.after_deal_id = w.deal_id OR o.after_coverage_id = w.coverage_id))
        ORDER BY w.account_id, w.due
        ON CONFLICT DO NOTHING
        RETURNING id, account_id, kind, text
    )
"""
# As long as somebody only acts for an owner, that owner's check-ins wait with whoever acts.
CARE_ENDS = """
    WITH swept AS (
        UPDATE accounts_obligation o SET outcome = 'dropped', closed_at = %(now)s, closed_by_id = o.holder_id
        FROM accounts_coverage c, accounts_coverage n
        WHERE o.after_coverage_id = c.id AND o.closed_at IS NULL AND c.ended_at IS NOT NULL
            AND n.account_id = o.account_id AND n.role = 'owner' AND n.ended_at IS NULL AND NOT n.acting
            AND n.person_id <> c.person_id AND o.id BETWEEN %(first)s AND %(last)s
        RETURNING o.id, o.account_id, o.kind, o.text, n.person_id
    )
"""


def entry(*, at: str, subject: str, tells: str, step: str) -> str:
    """The line of the thread that a statement leaves for each of the rows in `swept`."""
    words = one_line_in_sql("text")
    return f"""
        INSERT INTO accounts_entry (account_id, kind, at, recorded_at, author_name, subject, text, stage, step,
                                    obligation_id, external_id)
        SELECT account_id, 'obligation', {at}, %(now)s, %(by_itself)s,
               initcap(kind) || ' {subject}: ' || CASE WHEN length({words}) < 80 THEN {words}
               ELSE left({words}, 79) || '…' END,
               {tells}, '', '{step}', id, ''
        FROM swept
    """  # noqa: S608 (no value stands in it)


def break_promises(only: list[int] | None = None) -> int:
    """Break every promise (or of some, by their ids) whose day has ended where the customer is. Returns how many."""
    line = entry(
        at="broken_at",
        subject="broken",
        tells="'It was due on ' || to_char(due, 'FMDD FMMonth YYYY') || ' and was not kept by then.'",
        step="broken",
    )
    latest = clocks.now().date() + timedelta(days=1)  # nowhere on earth is it a later day: lets an index help
    return run(BREAK + line, latest=latest, only=only)


def lapse_answers() -> int:
    """Close, openly as lapsed, what we answered and nobody came back to in the stated time. Returns how many."""
    words = "'No word came back on our answer in the stated time.'"
    return run(LAPSE + entry(at="%(now)s", subject="lapsed", tells=words, step="lapsed"), today=today())


def escalate_questions() -> int:
    """Bring each question that waited too long before the holder's manager, once, by letter. Returns how many."""
    to = "(SELECT name FROM accounts_user u WHERE u.id = escalated_to_id)"
    words = f"'Nobody answered in time, so ' || {to} || ' was told.'"
    return run(ESCALATE + entry(at="%(now)s", subject="escalated", tells=words, step="escalated"))


def plan_care() -> int:
    """Plan the check-ins after each sale and each change of owner of which we do not look back. Returns how many."""
    dropped = "(SELECT name FROM accounts_user u WHERE u.id = person_id) || ' owns the account now.'"
    run(CARE_ENDS + entry(at="%(now)s", subject="dropped", tells=dropped, step="dropped"))
    zone = zone_named(Organisation.objects.values_list("time_zone", flat=True).first() or "UTC")
    return run(
        CARE + entry(at="%(now)s", subject="raised", tells="text", step="raised"),
        zone=zone.key,
        today=today(),
        since=clocks.now() - timedelta(days=max(CHECK_INS) + 3),
        check_ins=CHECK_INS,
    )


def run(statement: str, **values: Value) -> int:
    """Do it to all rows at once; where one of them stands in the way, to all the others. Returns how many."""
    try:
        return run_between(1, LAST, statement, values)
    except NOT_EVERYBODYS:
        if values.get("only"):
            raise  # somebody works on these rows, and is told
        with connection.cursor() as cursor:
            cursor.execute(HIGHEST)
            (highest,) = cursor.fetchone()
        return run_apart(1, highest, statement, values)


def run_apart(first: int, last: int, statement: str, values: Mapping[str, Value]) -> int:
    """Do it to halves, and halves of these where one fails, until only the row itself is left out."""
    try:
        return run_between(first, last, statement, values)
    except NOT_EVERYBODYS:
        if first == last:
            logger.exception("Row %s is left out: the database refuses what its date brings", first)
            return 0
    middle = (first + last) // 2
    return run_apart(first, middle, statement, values) + run_apart(middle + 1, last, statement, values)


def run_between(first: int, last: int, statement: str, values: Mapping[str, Value]) -> int:
    span: dict[str, Value] = {"first": first, "last": last, "now": database_now(), "by_itself": BY_ITSELF}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, {**values, **span})
        return int(cursor.rowcount)
