"""What bin/demo starts, and ends again: servers, tables, the story, the site, a worker, the timetable."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from .processes import CannotStart, Child, keep_private, lock, stop_all, stop_on_signals
from .running import published
from .servers import Servers, addresses

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
EVERYWHERE = {"127.0.0.1", "0.0.0.0"}  # noqa: S104
OUR_APPS = ["accounts", "handoffs"]
MADE_BY_THE_DEMO = ["postgres", "valkey", "mail", "static", "demo.json"]


def main(*arguments: str) -> None:
    if unknown := set(arguments) - {"--reset"}:
        raise CannotStart(f"bin/demo knows --reset and nothing else, not {' '.join(unknown)}.")
    refuse_one_s_own_database()
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    keep_private(VAR)
    with stop_on_signals(), lock(VAR) as ours:
        if not ours:
            raise CannotStart("bin/demo is running already from this folder.")
        must_be_free(host, port)
        if "--reset" in arguments:
            reset()
        with addresses(VAR, durable=True) as (urls, servers):
            address = f"http://{'localhost' if host in EVERYWHERE else host}:{port}/"
            environment = demo_environment(host) | urls | {"SITE_URL": address.rstrip("/")}
            prepare(environment)
            with (
                published(environment),
                watched(site_processes(host, port, environment), servers) as watch,
            ):
                wait_for(f"http://{host}:{port}/health/", watch)
                welcome(address)
                watch.forever()


def refuse_one_s_own_database() -> None:
    """One click signs in as anybody, so the product starts like that on no database but the one of our own servers."""
    if os.environ.get("DATABASE_URL"):
        raise CannotStart(
            "The demo lets anybody sign in with a click, so it runs on a database of its own, not on the one in "
            "DATABASE_URL. How to run the product on yours stands in the README."
        )


def must_be_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise CannotStart(
                f"Port {port} is taken ({taken.strerror}). Choose another: PORT={port + 1} bin/demo"
            ) from taken


def reset() -> None:
    if os.environ.get("REDIS_URL"):
        raise CannotStart(
            "--reset empties only the servers that bin/demo starts itself, and REDIS_URL names one of your own: "
            "empty that yourself, then start without --reset."
        )
    Servers(VAR).stop_left_over()
    for name in MADE_BY_THE_DEMO:
        path = VAR / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def demo_environment(host: str) -> dict[str, str]:
    hosts = ",".join(sorted({"localhost", "127.0.0.1", "[::1]", host} - {"0.0.0.0"}))  # noqa: S104
    defaults = {"ALLOWED_HOSTS": hosts, "SECRET_KEY": Servers(VAR).passwords["secret_key"]}
    given = {name: os.environ[name] for name in defaults if os.environ.get(name)}
    return os.environ | defaults | given | {"DEMO": "1"}


# ---- Tables, files, story


def prepare(environment: dict[str, str]) -> None:
    with psycopg.connect(environment["OWNER_DATABASE_URL"], autocommit=True) as owner:
        refuse_tables_of_another_version(owner)
        manage(environment, "migrate", "--verbosity=0")
        owner.execute(sql.SQL("COMMENT ON TABLE django_migrations IS {}").format(migrations_digest()))
    collect_static(environment)
    manage(environment, "load_demo")


def refuse_tables_of_another_version(owner: "psycopg.Connection[tuple[Any, ...]]") -> None:
    """Until a release migrations are edited in place, so tables that others made cannot be brought up to date.

    The digest of the migrations stands as a comment on Django's table of them. There is none yet where the first
    start was cut short or somebody migrated by hand: then it is enough that the files know what was applied.
    """
    if owner.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
        return
    digest = owner.execute("SELECT obj_description('django_migrations'::regclass)").fetchone()
    applied = owner.execute(
        "SELECT app, name FROM django_migrations WHERE app = ANY (%s)", [OUR_APPS]
    ).fetchall()
    known = {(path.parent.parent.name, path.stem) for path in migrations()}
    if digest == (migrations_digest(),) or (digest == (None,) and known.issuperset(applied)):
        return
    raise CannotStart(
        "The tables were made by another version of Throughline, and before its first release none is brought up "
        "to date. Start afresh with bin/demo --reset; what the demo wrote is lost."
    )


def migrations() -> list[Path]:
    return sorted(path for app in OUR_APPS for path in (ROOT / app / "migrations").glob("0*.py"))


def migrations_digest() -> str:
    return hashlib.sha256(
        b"".join(path.name.encode() + path.read_bytes() for path in migrations())
    ).hexdigest()


def collect_static(environment: dict[str, str]) -> None:
    """Hashing and compressing takes seconds, so only when a file of ours or of a package has changed."""
    collected, digest = VAR / "static" / "collected-from", hashlib.sha256()
    for path in [ROOT / "requirements.txt", *sorted((ROOT / "config" / "static").rglob("*"))]:
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    if collected.exists() and collected.read_text() == digest.hexdigest():
        return
    manage(environment, "collectstatic", "--clear", "--noinput", "--verbosity=0")
    collected.write_text(digest.hexdigest())


def manage(environment: dict[str, str], *arguments: str) -> None:
    if subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment).returncode:
        raise CannotStart(f"`manage.py {' '.join(arguments)}` failed; what it says is above.")


# ---- The site's processes


def site_processes(host: str, port: int, environment: dict[str, str]) -> list[Child]:
    celery = ["-m", "celery", "--app", "config", "--quiet"]
    programs = {
        "gunicorn": ["-m", "gunicorn", "config.wsgi", f"--bind={host}:{port}", "--workers=2", "--threads=4",
                     "--graceful-timeout=5", "--no-control-socket"],
        "worker": [*celery, "worker", "--concurrency=2", "--loglevel=INFO", "--without-mingle"],
        "beat": [*celery, "beat", f"--schedule={VAR / 'beat'}", "--pidfile=", "--loglevel=INFO"],
    }  # fmt: skip
    return [
        Child(name, [sys.executable, *arguments], log=VAR / f"{name}.log", env=environment, cwd=ROOT)
        for name, arguments in programs.items()
    ]


@dataclass
class Watch:
    """Starts again what dies, at once the first time and ever more slowly while it keeps dying."""

    children: list[Child]

    def __post_init__(self) -> None:
        self.pauses = {child.name: 0.0 for child in self.children}
        self.due: dict[str, float] = {}

    def look(self) -> None:
        for child in self.children:
            if child.alive():
                continue
            now = time.monotonic()
            if child.name not in self.due:
                pause = self.pauses[child.name] = min(20.0, self.pauses[child.name] * 2 or 0.5)
                self.due[child.name] = now + pause
                print(f"{child.name} stopped; starting it again (its log: {child.log})", flush=True)
                child.wait(0)
            elif now >= self.due[child.name]:
                del self.due[child.name]
                child.start()

    def forever(self) -> None:
        while True:
            self.look()
            time.sleep(0.25)


@contextmanager
def watched(processes: list[Child], servers: Servers) -> Iterator[Watch]:
    try:
        for process in processes:
            process.start()
        yield Watch([*servers.children, *processes])
    finally:
        stop_all(processes)


def wait_for(address: str, watch: Watch, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for child in watch.children:
            child.must_live()
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310
                return
        except urllib.error.HTTPError as answer:
            raise CannotStart(f"{address} answers {answer.code}; see {VAR / 'gunicorn.log'}") from answer
        except OSError:
            time.sleep(0.1)
    raise CannotStart(f"The site did not answer at {address} within {seconds:.0f} seconds; see {VAR}")


def welcome(address: str) -> None:
    path = VAR / "demo.json"
    story = json.loads(path.read_text()) if path.exists() else {"cast": []}
    story["address"] = address
    path.write_text(json.dumps(story, indent=2, ensure_ascii=False) + "\n")
    print(f"\nThroughline is at {address}\n")
    if story["cast"]:
        print(f"Sign in as one of the cast with a click: {address}cast/")
        for person in story["cast"]:
            who = (
                f"  {person['name']:<20} {person['role']:<12} {person['email']:<36} {person.get('line', '')}"
            )
            print(who.rstrip())
    print("\nCtrl-C stops everything; the data stay.", flush=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except CannotStart as reason:
        sys.exit(str(reason))
