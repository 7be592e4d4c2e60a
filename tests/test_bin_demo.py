"""bin/demo on tables of another version says what to do, and commands find the servers of one that is running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.demo.command import main, migrations_digest, refuse_tables_of_another_version
from config.demo.processes import CannotStart, lock
from config.demo.running import published, settings_of_the_demo

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


def test_commands_find_the_demo_that_is_running_and_no_other(tmp_path: Path) -> None:
    said = {"DATABASE_URL": "postgresql://demo@127.0.0.1:5/throughline", "DEMO": "1", "HOME": "/nowhere"}
    with lock(tmp_path):
        with published(said, tmp_path):
            assert (tmp_path / "running.json").stat().st_mode & 0o077 == 0
            assert settings_of_the_demo(tmp_path) == {name: said[name] for name in ("DATABASE_URL", "DEMO")}
        assert settings_of_the_demo(tmp_path) == {}


def test_what_a_demo_left_behind_that_was_killed_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text('{"DATABASE_URL": "postgresql://gone"}')
    (tmp_path / "lock").touch()
    assert settings_of_the_demo(tmp_path) == {}
