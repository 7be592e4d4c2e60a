"""Law 4, held by PostgreSQL: a customer's page is read under a role that sees one account's shared lines only.

The role belongs to no login. The site's role steps into it for a block (`as_customer`), naming the account; a query
that forgets to ask for shared lines then simply does not find the others. What the role may not read at all
(deals, approvals, handoffs, sessions ...) it was never granted.

The site's own policy is a constant truth, which the planner throws away: its queries cost nothing more. The tables'
owner, whose rights foreign keys and the erasure use, is not bound by policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

if TYPE_CHECKING:
    from accounts.models import Account

CUSTOMER_ROLE = "throughline_customer"

#: Tables that the customer's role may read, and which of their rows.
MINE = "account_id IN (SELECT id FROM accounts_account)"  # itself read under this role's policy
POLICIES = {
    "accounts_account": "id = accounts_read_as() OR merged_into_id = accounts_read_as()",
    "accounts_contact": MINE,
    "accounts_coverage": MINE,
    "accounts_obligation": f"shared_at IS NOT NULL AND {MINE}",
    "accounts_fact": f"{MINE} AND EXISTS (SELECT FROM accounts_share s WHERE s.fact_id = accounts_fact.id)",
    "accounts_ask": MINE,  # whatever was asked of them, they have heard
    "accounts_entry": """account_id IN (SELECT id FROM accounts_account)
        AND NOT EXISTS (SELECT FROM accounts_retraction r WHERE r.entry_id = accounts_entry.id)
        AND (EXISTS (SELECT FROM accounts_share s WHERE s.entry_id = accounts_entry.id)
             OR obligation_id IN (SELECT id FROM accounts_obligation) AND step IN (
                'raised', 'answered', 'decided', 'moved', 'agreed', 'reopened', 'kept', 'lapsed', 'broken',
                'made_good'))""",
    "accounts_verdict": MINE,
    "accounts_share": "accounts_is_read_as(entry_id, fact_id)",
    "accounts_retraction": "accounts_is_read_as(entry_id, fact_id)",
    "accounts_confirmation": "fact_id IN (SELECT id FROM accounts_fact)",
    "accounts_user": "kind <> 'customer' OR contact_id IN (SELECT id FROM accounts_contact)",
}
#: Read by the customer's role without a condition: nothing in them is about a customer.
OPEN_TABLES = ["accounts_topic", "accounts_organisation"]

# A policy on shares cannot ask the policy on entries which asks it back, so these two look with the owner's eyes.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION accounts_read_as() RETURNS bigint LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('throughline.account', true), '')::bigint $$;

CREATE OR REPLACE FUNCTION accounts_is_read_as(entry bigint, fact bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM accounts_account a
        WHERE (a.id = accounts_read_as() OR a.merged_into_id = accounts_read_as())
          AND a.id = coalesce((SELECT e.account_id FROM accounts_entry e WHERE e.id = entry),
                              (SELECT f.account_id FROM accounts_fact f WHERE f.id = fact)))
$$;
"""


@contextmanager
def as_customer(account: Account) -> Iterator[None]:
    """Read as the customer: inside the block PostgreSQL hides everything that is not theirs or not shared.

    Nothing can be written in it, and what is read must be evaluated before it ends.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('throughline.account', %s, true)", [str(account.pk)])
        cursor.execute(f"SET LOCAL ROLE {CUSTOMER_ROLE}")
        yield
        # After an error both go with the transaction or its savepoint; otherwise we step back ourselves.
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SELECT set_config('throughline.account', '', true)")


def secure(cursor: CursorWrapper, site: str) -> None:
    """Put the policies in place, for the site's role and for the customer's. Run as the tables' owner."""
    _ensure_membership(cursor, site)
    cursor.execute(FUNCTIONS)
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {CUSTOMER_ROLE}")
    for table, rows in POLICIES.items():
        cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        cursor.execute(f"DROP POLICY IF EXISTS site ON {table}")
        cursor.execute(f'CREATE POLICY site ON {table} TO "{site}" USING (true) WITH CHECK (true)')
        cursor.execute(f"DROP POLICY IF EXISTS customer ON {table}")
        cursor.execute(f"CREATE POLICY customer ON {table} FOR SELECT TO {CUSTOMER_ROLE} USING ({rows})")
    tables = ", ".join([*POLICIES, *OPEN_TABLES])
    cursor.execute(f"GRANT SELECT ON {tables} TO {CUSTOMER_ROLE}")


def _ensure_membership(cursor: CursorWrapper, site: str) -> None:
    cursor.execute(
        "SELECT pg_has_role(%s, oid, 'MEMBER') FROM pg_roles WHERE rolname = %s", [site, CUSTOMER_ROLE]
    )
    found = cursor.fetchone()
    if found and found[0]:
        return
    cursor.execute("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
    (may_make_it,) = cursor.fetchone()
    if not may_make_it:
        raise ImproperlyConfigured(
            f"The customer's page needs a role of its own. Let a superuser run: CREATE ROLE {CUSTOMER_ROLE} NOLOGIN; "
            f'GRANT {CUSTOMER_ROLE} TO "{site}";'
        )
    if not found:
        cursor.execute(f"CREATE ROLE {CUSTOMER_ROLE} NOLOGIN")
    cursor.execute(f'GRANT {CUSTOMER_ROLE} TO "{site}"')
