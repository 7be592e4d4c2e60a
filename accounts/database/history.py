"""How PostgreSQL plans the history triggers, set anew after every migration for those that there are by then.

A trigger that reads what a whole statement changed (`REFERENCING OLD TABLE ... NEW TABLE`) keeps its plan for the
connection. After a few updates of one row that plan looks through the old rows once for each new one, which takes
hours where somebody with thousands of accounts leaves. Without nested loops it sorts or hashes both, at any size.
"""

from __future__ import annotations

from django.db import connections

#: Every trigger that reads what a statement changed: those of history, and whatever else is written that way.
PLAN_FOR_MANY_ROWS = """
DO $$ DECLARE
    function regprocedure;
BEGIN
    FOR function IN
        SELECT DISTINCT p.oid FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE (t.tgoldtable IS NOT NULL OR t.tgnewtable IS NOT NULL)
          AND NOT 'enable_nestloop=off' = ANY (coalesce(p.proconfig, '{}'))
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET enable_nestloop = off', function);
    END LOOP;
END $$
"""


def plan_for_many_rows(using: str = "default", **kwargs: object) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(PLAN_FOR_MANY_ROWS)
