"""bin/demo on tables of another version: it says what to do, instead of failing in the middle of a migration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from config.demo.command import main, migrations_digest, refuse_tables_of_another_version
from config.demo.processes import CannotStart

Owner = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def owner(owner_connection: Owner, monkeypatch: pytest.MonkeyPatch) -> Iterator[Owner]:
    """The tables' owner, as where bin/demo runs servers of its own. What it does is taken back."""
    monkeypatch.delenv("DATABASE_URL")
    with owner_connection.transaction(force_rollback=True):
        yield owner_connection


def mark(owner: Owner, digest: str) -> None:
    owner.execute(f"COMMENT ON TABLE django_migrations IS '{digest}'")


def test_an_empty_database_is_welcome(owner: Owner) -> None:
    owner.execute("ALTER TABLE django_migrations RENAME TO none_yet")
    refuse_tables_of_another_version(owner)


def test_tables_of_this_version_are_kept(owner: Owner) -> None:
    mark(owner, migrations_digest())
    refuse_tables_of_another_version(owner)


def test_a_first_start_that_was_cut_short_goes_on(owner: Owner) -> None:
    owner.execute("DELETE FROM django_migrations WHERE app = 'handoffs'")
    refuse_tables_of_another_version(owner)


def test_tables_of_edited_migrations_are_refused(owner: Owner) -> None:
    mark(owner, "0" * 64)
    with pytest.raises(CannotStart, match="with bin/demo --reset"):
        refuse_tables_of_another_version(owner)


def test_tables_of_migrations_that_are_no_more_are_refused(owner: Owner) -> None:
    owner.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '0013_meetings', now())"
    )
    with pytest.raises(CannotStart, match="with bin/demo --reset"):
        refuse_tables_of_another_version(owner)


def test_the_demo_does_not_run_on_one_s_own_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/ours")
    with pytest.raises(CannotStart, match="on a database of its own"):
        main()
