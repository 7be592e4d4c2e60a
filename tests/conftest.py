"""Tests connect as the site does: as a role that owns no table. The tables' owner makes the databases.

One database is migrated for the whole run and kept while the migrations stay the same; each worker's own is a
copy of it, made again after every test that really committed: the site's role may not TRUNCATE, and rows that
migrations made must come back."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from accounts import adapter
from config.celery import app
from config.demo.roles import url_with
from config.settings import database

ROOT = Path(__file__).resolve().parent.parent
# How fast a machine is fails no test.
hypothesis_settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("ours")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
NAME = f"test_{WORKER}_{os.getpid()}"
if WORKER.startswith("gw"):  # each worker has a Valkey database of its own as well
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{int(WORKER[2:]) + 1}"
    app.conf.broker_url = os.environ["REDIS_URL"]


def template_name() -> str:
    """A name for the migrated database that changes with every migration."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return f"test_template_{digest.hexdigest()[:12]}"


def as_owner(name: str = "") -> "psycopg.Connection[tuple[Any, ...]]":
    return psycopg.connect(url_with(settings.OWNER_DATABASE_URL, database=name), autocommit=True)


def connect_site_to(name: str, url: str) -> None:
    connections["default"].close()
    connections["default"].settings_dict.update(database(url_with(url, database=name)))


def migrate_template() -> str:
    """Once for all workers: the first one here migrates while the others wait for the lock."""
    name = template_name()
    lock = ROOT / "var" / "template.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with as_owner() as owner:
            done = owner.execute(
                "SELECT pg_catalog.shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
                [name],
            ).fetchone()
            run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
            if done == (run,):
                return name
            if not done or not done[0]:  # none, or one whose migration was interrupted
                owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
                owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            connect_site_to(name, settings.OWNER_DATABASE_URL)
            call_command("migrate", verbosity=0)
            connections["default"].close()
            owner.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(run))
            )
    return name


def copy_template(name: str = NAME) -> None:
    """Make a database anew: this worker's own, or another one."""
    connections["default"].close()
    with as_owner() as owner:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        owner.execute(copy.format(sql.Identifier(name), sql.Identifier(template_name())))
    put_clock_ahead(name)


def put_clock_ahead(name: str) -> None:
    """In a run under another day this database's clock is as far ahead as ours."""
    if ahead := os.environ.get("SECONDS_AHEAD"):
        clock = "CREATE OR REPLACE FUNCTION accounts_now() RETURNS timestamptz LANGUAGE sql RETURN {}"
        then = sql.SQL("clock_timestamp() + make_interval(secs => {})").format(sql.Literal(float(ahead)))
        with as_owner(name) as owner:
            owner.execute(sql.SQL(clock).format(then))


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        migrate_template()
        copy_template()
        connect_site_to(NAME, settings.SITE_DATABASE_URL)
        TransactionTestCase._fixture_teardown = lambda self: copy_template()  # type: ignore[attr-defined]
        yield
        connections["default"].close()
        with as_owner() as owner:
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME)))


@pytest.fixture
def owner_connection(db: None) -> "Iterator[psycopg.Connection[tuple[Any, ...]]]":
    """The tables' owner, in this test's database: sees only what is committed."""
    with as_owner(NAME) as connection:
        yield connection


@pytest.fixture
def second_connection(transactional_db: None) -> "Iterator[psycopg.Connection[tuple[Any, ...]]]":
    """Another connection of the site's role, for races: it commits only when the test says so."""
    connection = psycopg.connect(url_with(settings.SITE_DATABASE_URL, database=NAME))
    try:
        yield connection
    finally:
        connection.close()


@pytest.fixture(autouse=True, scope="session")
def tasks_run_at_once() -> None:
    """A task runs where it is queued. Tests of the broker itself ask for `broker`."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)


class AtOnce(Executor):
    def submit(self, act: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(act(*args, **kwargs))
        return done


@pytest.fixture(autouse=True, scope="session")
def codes_are_mailed_at_once() -> None:
    """And not while the page is answered already: whoever reads the mail next finds it."""
    adapter.POST = AtOnce()


@pytest.fixture
def broker() -> Iterator[str]:
    """The real broker, emptied; a test that needs a worker starts one."""
    app.conf.update(task_always_eager=False)
    app.control.purge()
    yield app.conf.broker_url
    app.control.purge()
    app.conf.update(task_always_eager=True)


@pytest.fixture
def site_environment(transactional_db: None) -> dict[str, str]:
    """What a process of its own (a worker, a command) needs to work on this test's database."""
    return os.environ | {
        "DATABASE_URL": url_with(settings.SITE_DATABASE_URL, database=NAME),
        "DEMO": "1",
    }
