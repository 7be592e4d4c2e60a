"""The sweep of the ledger, against the plainest SQL that changes the same rows and leaves an entry for each.

In a database of 20,000 accounts with 2,000,000 entries and ten open obligations each, of every kind. One promise in ten
is past its day, one question in ten has waited too long, one answer in ten lapses. Both are undone, in turns.
"""

from __future__ import annotations

from statistics import median

from django.db import connection

from accounts.models import Obligation
from accounts.models.deadlines import break_promises, escalate_questions, lapse_answers
from tests.conftest import as_owner

from .conftest import Use
from .measure import ACCOUNTS, ENTRIES, ratio, report, side_by_side, undone, within

TARGET = 3
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
        assert act() > ACCOUNTS // 20


def raw() -> None:
    with connection.cursor() as cursor:
        for statement in (BREAK, ESCALATE, LETTER, LAPSE):
            cursor.execute(statement)


def test_sweep(use: Use) -> None:
    use(ACCOUNTS, ENTRIES)
    swept, plain = side_by_side(undone(ours), undone(raw), runs=3)
    with as_owner(connection.settings_dict["NAME"]) as owner:
        owner.execute("VACUUM accounts_obligation, accounts_entry, accounts_letter")  # the database is kept
    report(
        f"The sweep: {Obligation.objects.open().count()} open obligations of {ACCOUNTS} accounts (seconds)",
        ours=median(swept),
        raw=median(plain),
        ratio=ratio(swept, plain),
        target=TARGET,
    )
    assert within(ratio(swept, plain), TARGET)
