"""What tests of the laws share: raw SQL around the models, and the refusal it earns."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import DatabaseError, connection, transaction


def run_sql(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run SQL as the site's role, and check what is otherwise checked at commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall() if cursor.description else []
        connection.check_constraints()
    return rows


def refusal_of(sql: str, *values: Any) -> str:
    """The name of the law, or the sentence, with which PostgreSQL refuses this SQL. Fails when it does not."""
    try:
        run_sql(sql, *values)
    except DatabaseError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        return str(
            getattr(diagnosis, "constraint_name", None) or getattr(diagnosis, "message_primary", error)
        )
    raise AssertionError(f"PostgreSQL let this happen: {sql} {values}")


def is_waiting(connection: psycopg.Connection[Any], pid: int) -> bool:
    """Whether the server process with this id waits for somebody else's lock."""
    row = connection.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone()
    return row is not None and row[0] == "Lock"
