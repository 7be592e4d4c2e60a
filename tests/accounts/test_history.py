"""History costs the same for each row, however many rows a statement changes and whatever ran before it."""

from __future__ import annotations

from typing import Any

import psycopg

from accounts.database.history import PLAN_FOR_MANY_ROWS
from tests.laws import run_sql

#: Functions of triggers that read what a whole statement changed, and whether they are planned for many rows.
PLANNED = """
    SELECT DISTINCT p.proname, 'enable_nestloop=off' = ANY (coalesce(p.proconfig, '{}'))
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgoldtable IS NOT NULL OR t.tgnewtable IS NOT NULL
"""
ADDED_LATER = """
    CREATE TABLE newcomer (id bigint);
    CREATE FUNCTION newcomer_history() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TRIGGER newcomer_history AFTER UPDATE ON newcomer
        REFERENCING OLD TABLE AS old_values NEW TABLE AS new_values
        FOR EACH STATEMENT EXECUTE FUNCTION newcomer_history()
"""


def test_every_trigger_of_history_is_planned_for_many_rows(db: None) -> None:
    planned = dict(run_sql(PLANNED))
    history = run_sql(
        "SELECT DISTINCT tgfoid::regproc::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger_update%%'"
    )
    assert {name for (name,) in history} <= planned.keys()
    assert not [name for name, for_many in planned.items() if not for_many]


def test_so_is_a_trigger_that_is_added_later(owner_connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    with owner_connection.transaction(force_rollback=True):
        owner_connection.execute(ADDED_LATER)
        assert ("newcomer_history", False) in owner_connection.execute(PLANNED).fetchall()
        owner_connection.execute(PLAN_FOR_MANY_ROWS)
        assert ("newcomer_history", True) in owner_connection.execute(PLANNED).fetchall()
