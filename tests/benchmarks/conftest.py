"""Databases of some size for the benchmarks, each made once a day and kept: two million entries take minutes."""

import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from psycopg import sql

from tests.conftest import NAME, as_owner, connect_site_to, put_clock_ahead, template_name

from . import generate

Use = Callable[[int, int], None]


@pytest.fixture
def use(django_db_setup: None, django_db_blocker: Any) -> Iterator[Use]:
    """`use(accounts, entries)` connects the site to a database of that size. Whatever is written must be undone."""

    def connect(accounts: int, entries: int) -> None:
        connect_site_to(made(accounts, entries), settings.SITE_DATABASE_URL)

    with django_db_blocker.unblock():
        yield connect
        connect_site_to(NAME, settings.SITE_DATABASE_URL)


def made(accounts: int, entries: int) -> str:
    """The name of such a database, made if there is none of today, by this generator and with these migrations."""
    sized = f"bench_{accounts}_{entries}"
    made_of = f"{template_name()} {datetime.now(UTC):%F} {Path(generate.__file__).read_text()}"
    name = f"{sized}_{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"
    with as_owner() as owner:
        known = "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname LIKE %s"
        there = dict(owner.execute(known, [f"{sized}\\_%"]).fetchall())
        if there.pop(name, None):
            return name
        for old in {*there, name}:
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(old)))
        owner.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template_name())
            )
        )
        put_clock_ahead(name)
        start = time.monotonic()
        with as_owner(name) as connection:
            generate.generate(connection, accounts, entries)
        print(f"\n{accounts} accounts and {entries} entries made in {time.monotonic() - start:.0f} seconds")
        owner.execute(sql.SQL("COMMENT ON DATABASE {} IS 'whole'").format(sql.Identifier(name)))
    return name
