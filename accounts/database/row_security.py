"""Law 4, held by PostgreSQL: a customer's page is read under a role that sees one account's shared lines only.

The role belongs to no login. The site's role steps into it for a block (`as_customer`), naming the account; a query
that forgets to ask for shared lines then simply does not find the others. What the role may not read at all
(deals, approvals, handoffs, sessions ..., and of the tables below the columns that are not named) it was never granted:
PostgreSQL refuses a query for it.

The site's own policy is a constant truth, which the planner throws away: its queries cost nothing more. The tables'
owner, whose rights foreign keys and the erasure use, is not bound by policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet

if TYPE_CHECKING:
    from accounts.models import Account

M = TypeVar("M", bound=Model)
CUSTOMER_ROLE = "throughline_customer"


@dataclass(frozen=True)
class Readable:
    """What the customer's role may read of a table: which rows, as SQL, and of them which columns."""

    rows: str
    columns: str

    @property
    def names(self) -> list[str]:
        return self.columns.split()


MINE = "account_id IN (SELECT id FROM accounts_account)"  # itself read under this role's policy
READABLE = {
    "accounts_account": Readable(
        "id = accounts_read_as() OR merged_into_id = accounts_read_as()",
        "id name time_zone closed_at merged_into_id",
    ),
    "accounts_contact": Readable(MINE, "id account_id name say_name title left_on"),
    # whoever is to take over reads in before they are told of it
    "accounts_coverage": Readable(
        f"role <> 'incoming' AND ended_at IS NULL AND {MINE}",
        "id account_id role person_id started_at ended_at",
    ),
    "accounts_obligation": Readable(
        f"shared_at IS NOT NULL AND {MINE}",
        """id account_id kind role holder_id contact_id text due starts_at stretch urgency fact_id raised_at
        shared_at broken_at respond_by escalated_at escalated_to_id answered_at decision lapses_on closed_at
        outcome""",
    ),
    "accounts_fact": Readable(
        f"{MINE} AND EXISTS (SELECT FROM accounts_share s WHERE s.fact_id = accounts_fact.id)",
        "id account_id topic_id text provenance contact_id author_id at supersedes_id",
    ),
    # whatever was asked of them, they have heard
    "accounts_ask": Readable(MINE, "id account_id contact_id kind what by_id at"),
    "accounts_entry": Readable(
        """account_id IN (SELECT id FROM accounts_account)
        AND NOT EXISTS (SELECT FROM accounts_retraction r WHERE r.entry_id = accounts_entry.id)
        AND (EXISTS (SELECT FROM accounts_share s WHERE s.entry_id = accounts_entry.id)
             OR obligation_id IN (SELECT id FROM accounts_obligation) AND step IN (
                'raised', 'answered', 'decided', 'moved', 'agreed', 'reopened', 'kept', 'lapsed', 'broken',
                'made_good'))""",
        "id account_id kind at author_id author_name author_contact_id subject text step obligation_id",
    ),
    "accounts_verdict": Readable(MINE, "id account_id ask_id contact_id answer words at by_id follow_up_id"),
    "accounts_share": Readable("accounts_is_read_as(entry_id, fact_id)", "id entry_id fact_id at"),
    "accounts_retraction": Readable("accounts_is_read_as(entry_id, fact_id)", "id entry_id fact_id at"),
    "accounts_confirmation": Readable(
        "fact_id IN (SELECT id FROM accounts_fact)", "id fact_id at contact_id"
    ),
    "accounts_user": Readable(
        # of us whoever serves them, and whoever stands on a line that they may read
        """CASE kind WHEN 'customer' THEN contact_id IN (SELECT id FROM accounts_contact)
        ELSE id IN (SELECT person_id FROM accounts_coverage)
             OR id IN (SELECT holder_id FROM accounts_obligation)
             OR id IN (SELECT escalated_to_id FROM accounts_obligation)
             OR id IN (SELECT author_id FROM accounts_entry)
             OR id IN (SELECT author_id FROM accounts_fact)
             OR id IN (SELECT by_id FROM accounts_ask)
             OR id IN (SELECT by_id FROM accounts_verdict)
        END""",
        "id email name kind title phone contact_id is_active access_ended_at",
    ),
    # nothing in these is about a customer
    "accounts_topic": Readable("true", "slug name question position"),
    "accounts_organisation": Readable("true", "id name time_zone"),
}

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


def as_customer_reads(rows: QuerySet[M], *related: str) -> QuerySet[M]:
    """These rows, and those that they point to, with the columns that the customer's role may read."""
    chosen = list(READABLE[rows.model._meta.db_table].names)
    for path in related:
        model: type[Model] = rows.model
        for name in path.split("__"):
            model = model._meta.get_field(name).related_model  # type: ignore[assignment]  # a foreign key's
        chosen += [f"{path}__{column}" for column in READABLE[model._meta.db_table].names]
    return rows.select_related(*related or [None]).only(*chosen)


def secure(cursor: CursorWrapper, site: str) -> None:
    """Put the policies in place, for the site's role and for the customer's. Run as the tables' owner."""
    _ensure_membership(cursor, site)
    cursor.execute(FUNCTIONS)
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {CUSTOMER_ROLE}")
    cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {CUSTOMER_ROLE}")
    for table, readable in READABLE.items():
        cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        cursor.execute(f"DROP POLICY IF EXISTS site ON {table}")
        cursor.execute(f'CREATE POLICY site ON {table} TO "{site}" USING (true) WITH CHECK (true)')
        cursor.execute(f"DROP POLICY IF EXISTS customer ON {table}")
        cursor.execute(
            f"CREATE POLICY customer ON {table} FOR SELECT TO {CUSTOMER_ROLE} USING ({readable.rows})"
        )
        cursor.execute(f"GRANT SELECT ({', '.join(readable.names)}) ON {table} TO {CUSTOMER_ROLE}")


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
