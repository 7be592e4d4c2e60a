"""What a date does to the ledger by itself, for all its lines at once: promises break, clocks run out, answers lapse.

Each is one statement that changes the rows and leaves an entry for each of them. It looks at every row's state as it
changes it, so it may run as often as it likes, beside people at work, and each thing happens once.
"""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from .models import Account, today
from .models.base import database_now
from .models.obligations import BY_ITSELF
from .models.organisation import zone_named

BREAK = """
    WITH clock (time_zone, zone, day) AS MATERIALIZED (
        SELECT * FROM unnest(%(time_zones)s::text[], %(zones)s::text[], %(days)s::date[])
    ), swept AS (
        UPDATE accounts_obligation o
        SET broken_at = (o.due + 1)::timestamp AT TIME ZONE clock.zone, broken_by_id = o.holder_id
        FROM accounts_account a JOIN clock USING (time_zone)
        WHERE a.id = o.account_id AND o.kind = 'promise' AND o.closed_at IS NULL AND o.broken_at IS NULL
            AND o.due < clock.day AND o.due < %(latest)s
        RETURNING o.id, o.account_id, o.kind, o.text, o.due, o.broken_at
    )
"""
LAPSE = """
    WITH swept AS (
        UPDATE accounts_obligation
        SET outcome = 'lapsed', closed_at = %(now)s, closed_by_id = holder_id
        WHERE closed_at IS NULL AND answered_at IS NOT NULL AND lapses_on < %(today)s
        RETURNING id, account_id, kind, text
    )
"""
# A manager is the nearest active person above, as in User.manager_if_any; who stands above all is told themselves.
ESCALATE = """
    WITH RECURSIVE late AS MATERIALIZED (
        SELECT id, holder_id FROM accounts_obligation
        WHERE closed_at IS NULL AND answered_at IS NULL AND escalated_at IS NULL AND respond_by < %(now)s
    ), above (holder_id, id) AS (
        SELECT u.id, u.reports_to_id FROM accounts_user u WHERE u.id IN (SELECT holder_id FROM late)
        UNION ALL
        SELECT above.holder_id, u.reports_to_id
        FROM above JOIN accounts_user u ON u.id = above.id AND NOT u.is_active
    ), manager AS (
        SELECT h.id AS holder_id, coalesce(
            (SELECT a.id FROM above a JOIN accounts_user u ON u.id = a.id AND u.is_active WHERE a.holder_id = h.id),
            (SELECT u.id FROM accounts_organisation o JOIN accounts_user u ON u.id = o.last_resort_id AND u.is_active),
            h.id) AS id
        FROM (SELECT DISTINCT holder_id AS id FROM late) h
    ), swept AS (
        UPDATE accounts_obligation o SET escalated_at = %(now)s, escalated_to_id = manager.id
        FROM late JOIN manager USING (holder_id)
        WHERE o.id = late.id AND o.closed_at IS NULL AND o.answered_at IS NULL AND o.escalated_at IS NULL
            AND o.holder_id = late.holder_id AND o.respond_by < %(now)s
        RETURNING o.id, o.account_id, o.kind, o.text, o.holder_id, o.escalated_to_id, o.respond_by, o.raised_at
    ), told AS (
        INSERT INTO accounts_letter (to_id, signed_by_id, account_id, subject, text, written_at)
        SELECT s.escalated_to_id, s.holder_id, s.account_id, left('No answer yet: ' || a.name, 200),
               'This question has waited since '
               || to_char(s.raised_at AT TIME ZONE 'UTC', 'FMDD FMMonth, HH24:MI "UTC"')
               || ' for an answer from ' || h.name || ', longer than we allow ourselves:' || chr(10) || chr(10)
               || '“' || s.text || '”',
               %(now)s
        FROM swept s JOIN accounts_account a ON a.id = s.account_id JOIN accounts_user h ON h.id = s.holder_id
    )
"""


def entry(*, at: str, subject: str, tells: str, step: str) -> str:
    """The line of the thread that a statement leaves for each of the rows in `swept`."""
    return f"""
        INSERT INTO accounts_entry (account_id, kind, at, recorded_at, author_name, subject, text, stage, step,
                                    obligation_id, external_id)
        SELECT account_id, 'obligation', {at}, %(now)s, %(by_itself)s,
               initcap(kind) || ' {subject}: ' || CASE WHEN length(text) < 80 THEN text ELSE left(text, 79) || '…' END,
               {tells}, '', '{step}', id, ''
        FROM swept
    """  # noqa: S608 (no value stands in it)


def break_promises() -> int:
    """Break every promise whose day has passed where the customer is. Returns how many."""
    # A day ends at midnight where the customer is. Their zones are few, so each is looked up once.
    names = list(Account.objects.order_by().values_list("time_zone", flat=True).distinct())
    zones = [zone_named(name) for name in names]
    days = [timezone.localtime(timezone.now(), zone).date() for zone in zones]
    if not days:
        return 0
    line = entry(
        at="broken_at",
        subject="broken",
        tells="'It was due on ' || to_char(due, 'FMDD FMMonth YYYY') || ' and was not kept by then.'",
        step="broken",
    )
    keys = [zone.key for zone in zones]
    return run(BREAK + line, time_zones=names, zones=keys, days=days, latest=max(days))


def lapse_answers() -> int:
    """Close, openly as lapsed, what we answered and nobody came back to in the stated time. Returns how many."""
    words = "'No word came back on our answer in the stated time.'"
    return run(LAPSE + entry(at="%(now)s", subject="lapsed", tells=words, step="lapsed"), today=today())


def escalate_questions() -> int:
    """Bring each question that waited too long before the holder's manager, once, by letter. Returns how many."""
    to = "(SELECT name FROM accounts_user u WHERE u.id = escalated_to_id)"
    words = f"'Nobody answered in time, so ' || {to} || ' was told.'"
    return run(ESCALATE + entry(at="%(now)s", subject="escalated", tells=words, step="escalated"))


def run(statement: str, **values: list[str] | list[date] | date | int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, {"now": database_now(), "by_itself": BY_ITSELF, **values})
        return int(cursor.rowcount)
