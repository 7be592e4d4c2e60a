"""The sweep of the ledger, against the plainest SQL that changes the same rows and leaves an entry for each.

`SWEEP_OBLIGATIONS=200000` measures the full size. One line in ten is swept: promises that break, questions that
waited too long, answers that lapse, a third of each.
"""

from __future__ import annotations

import os

import pytest
from django.db import connection

from accounts.sweep import break_promises, escalate_questions, lapse_answers
from tests.conftest import NAME, as_owner

from .generate import generate
from .measure import report, seconds_undone

OBLIGATIONS = int(os.environ.get("SWEEP_OBLIGATIONS", "5000"))
ACCOUNTS = max(100, OBLIGATIONS // 100)
OPEN = """
    INSERT INTO accounts_obligation (
        account_id, kind, role, holder_id, contact_id, text, due, stretch, urgency, severity, obstacle, raised_at,
        raised_by_id, transfers, answered_at, lapses_on, respond_by, decision, outcome, external_id)
    SELECT c.account_id, CASE n %% 3 WHEN 0 THEN 'promise' ELSE 'question' END, 'owner', c.person_id,
           CASE WHEN n %% 3 > 0 THEN (SELECT min(id) FROM accounts_contact WHERE account_id = c.account_id) END,
           'Something that we owe them, line ' || n,
           current_date + CASE WHEN n %% 10 = 0 THEN -2 ELSE 20 END, false, 'normal', '', '', now(), c.person_id, 0,
           CASE WHEN n %% 3 = 2 THEN now() - interval '15 days' END,
           CASE WHEN n %% 3 = 2 THEN current_date + CASE WHEN n %% 10 = 0 THEN -2 ELSE 20 END END,
           CASE WHEN n %% 3 > 0 THEN now() + CASE n %% 10 WHEN 0 THEN -interval '1 hour' ELSE interval '9 days' END END,
           '', '', ''
    FROM generate_series(1, %(obligations)s) n
    JOIN (SELECT row_number() OVER () AS nth, account_id, person_id FROM accounts_coverage
          WHERE role = 'owner' AND ended_at IS NULL) c ON c.nth = n %% %(accounts)s + 1
"""
PLAIN = """
    WITH swept AS (
        UPDATE accounts_obligation SET {change} WHERE closed_at IS NULL AND {chosen} RETURNING id, account_id
    )
    INSERT INTO accounts_entry (account_id, kind, at, recorded_at, author_name, subject, text, stage, step,
                                obligation_id, external_id)
    SELECT account_id, 'obligation', now(), now(), 'Throughline', 'Swept: something that we owe them',
           'It was due on that day and was not kept by then.', '', 'swept', id, '' FROM swept
"""
LETTER = """
    INSERT INTO accounts_letter (to_id, signed_by_id, account_id, subject, text, written_at)
    SELECT holder_id, holder_id, account_id, 'No answer yet', 'This question has waited too long: ' || text, now()
    FROM accounts_obligation WHERE escalated_at = now()
"""
BREAK = PLAIN.format(
    change="broken_at = now(), broken_by_id = holder_id",
    chosen="kind = 'promise' AND broken_at IS NULL AND due < current_date",
)
ESCALATE = PLAIN.format(
    change="escalated_at = now(), escalated_to_id = holder_id",
    chosen="answered_at IS NULL AND escalated_at IS NULL AND respond_by < now()",
)
LAPSE = PLAIN.format(
    change="outcome = 'lapsed', closed_at = now(), closed_by_id = holder_id",
    chosen="answered_at IS NOT NULL AND lapses_on < current_date",
)


def ours() -> None:
    for act in (break_promises, escalate_questions, lapse_answers):
        assert act() > OBLIGATIONS // 40


def raw() -> None:
    with connection.cursor() as cursor:
        for statement in (BREAK, ESCALATE, LETTER, LAPSE):
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_sweep() -> None:
    with as_owner(NAME) as owner:
        generate(owner, ACCOUNTS, ACCOUNTS)
        owner.execute("DELETE FROM accounts_obligation")
        owner.execute(OPEN, {"obligations": OBLIGATIONS, "accounts": ACCOUNTS})
        owner.execute("ANALYZE accounts_obligation")
    swept, plain = seconds_undone(ours), seconds_undone(raw)
    report(
        f"The sweep: {OBLIGATIONS} open obligations of {ACCOUNTS} accounts, one in ten is due (seconds)",
        ours=swept,
        raw=plain,
        ratio=swept / plain,
    )
    assert swept <= 3 * plain
