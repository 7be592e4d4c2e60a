"""Fills a database with many accounts, what we owe them and what happened on them, by COPY.

    python -m tests.benchmarks.generate --accounts 20000 --entries 2000000

writes to the database of OWNER_DATABASE_URL, which must be migrated and may hold other things already. The
tables' owner is needed: the index of the entries' words is built once at the end, not row by row.

The words follow a law of their own: "migration" stands in one entry of three, "invoice" in one of thirty,
"escrow" in one of three thousand, "zyzzyva" in none.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]
Row = tuple[Any, ...]

WORDS_IN_AN_ENTRY = 22
SYLLABLES = [
    f"{start}{vowel}{end}"
    for start in ("b", "br", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w", "z")
    for vowel in "aeiou"
    for end in ("", "n", "r", "l")
]
MARKS = [("migration", 3), ("invoice", 30), ("escrow", 3_000)]


def generate(
    connection: Connection, accounts: int = 1_000, entries: int = 100_000, seed: int = 1
) -> list[int]:
    """Accounts with an owner, 3 contacts, 10 obligations and 5 facts each, and so many entries in all.

    Returns the ids of the reps who own them, 100 accounts each; every tenth rep leads the nine that follow.
    """
    chance = random.Random(seed)
    words = vocabulary(chance)
    now = datetime.now(UTC)
    with connection.transaction():
        people = a_team(connection, max(1, accounts // 100), now)
        first = next_id(connection, "accounts_account")
        mine = {first + n: people[n * len(people) // accounts] for n in range(accounts)}
        copy(
            connection,
            "accounts_account (id, name, industry, region, segment, country, website, time_zone, "
            "external_id, created_at, condition, condition_because, closed_because)",
            (
                (pk, a_name(chance), "Robotics", "Nordics", "", "", "", "UTC", "", now, "", "", "")
                for pk in mine
            ),
        )
        copy(
            connection,
            "accounts_coverage (account_id, role, person_id, acting, started_at, started_by_id, started_because, "
            "ended_because)",
            (
                (pk, "owner", rep, False, now - timedelta(days=900), rep, "Benchmark", "")
                for pk, rep in mine.items()
            ),
        )
        copy(
            connection,
            "accounts_contact (account_id, name, say_name, name_locked, title, email, phone, roles, evidence, cost, "
            "external_id, created_at)",
            (
                (pk, a_name(chance), "", False, "Buyer", "", "", ["user"], "", "", "", now)
                for pk in mine
                for _ in range(3)
            ),
        )
        owe(connection, chance, words, mine, now)
    with without_index(connection, "entry_words"):
        tell(connection, chance, words, mine, now, entries)
    for table in ("account", "coverage", "contact", "obligation", "fact", "entry"):
        connection.execute(f"ANALYZE accounts_{table}")
    return people


def owe(
    connection: Connection, chance: random.Random, words: list[str], mine: dict[int, int], now: datetime
) -> None:
    copy(
        connection,
        "accounts_obligation (account_id, kind, role, holder_id, text, due, stretch, urgency, raised_at, raised_by_id, "
        "transfers, severity, obstacle, decision, outcome, external_id)",
        (
            (pk, "promise", "owner", rep, a_text(chance, words, 8), (now + timedelta(days=n * 20 - 60)).date(), False,
             "normal", now, rep, 0, "", "", "", "", "")
            for pk, rep in mine.items()
            for n in range(10)
        ),
    )  # fmt: skip
    copy(
        connection,
        "accounts_fact (account_id, topic_id, text, provenance, author_id, at)",
        (
            (pk, topic, a_text(chance, words, 8), "inferred", rep, now)
            for pk, rep in mine.items()
            for topic in ("outcome", "why-us", "story", "if-then", "if-then")
        ),
    )


def tell(
    connection: Connection,
    chance: random.Random,
    words: list[str],
    mine: dict[int, int],
    now: datetime,
    entries: int,
) -> None:
    pks = list(mine)
    copy(
        connection,
        "accounts_entry (account_id, kind, at, recorded_at, author_id, author_name, subject, text, stage, step, "
        "external_id)",
        (
            (pk, "conversation", now - timedelta(minutes=n * 1_000_000 // entries), now, mine[pk], "", "",
             a_text(chance, words, WORDS_IN_AN_ENTRY), "", "", "")
            for n in range(entries)
            for pk in (pks[n * 7919 % len(pks)],)
        ),
    )  # fmt: skip


@contextmanager
def without_index(connection: Connection, name: str) -> Iterator[None]:
    row = connection.execute("SELECT pg_get_indexdef(%s::regclass)", [name]).fetchone()
    assert row is not None
    connection.execute(f"DROP INDEX {name}")
    try:
        yield
    finally:
        connection.execute(row[0])


def vocabulary(chance: random.Random) -> list[str]:
    """Twenty thousand made-up words, the first of them by far the most frequent, as in any language."""
    made = {"".join(chance.choices(SYLLABLES, k=chance.randint(1, 3))) for _ in range(60_000)}
    by_length = sorted(made, key=lambda word: (len(word), word))[:20_000]
    weights = [1 / (rank + 3) for rank in range(len(by_length))]
    return chance.choices(by_length, weights, k=1_000_000)


def a_text(chance: random.Random, words: list[str], length: int) -> str:
    start = chance.randrange(len(words) - length)
    said = words[start : start + length]
    said += [mark for mark, one_in in MARKS if not chance.randrange(one_in)]
    return " ".join(said)


def a_name(chance: random.Random) -> str:
    return " ".join("".join(chance.choices(SYLLABLES, k=chance.randint(2, 3))).title() for _ in range(2))


def a_team(connection: Connection, reps: int, now: datetime) -> list[int]:
    """Reps; every tenth of them is a manager to whom the following nine report."""
    first = next_id(connection, "accounts_user")
    rows = [
        (
            pk := first + n,
            f"rep{pk}@bench.example",
            f"Rep {pk}",
            "rep" if n % 10 else "manager",
            None if n % 10 == 0 else first + n - n % 10,
        )
        for n in range(reps)
    ]
    copy(
        connection,
        "accounts_user (id, email, name, kind, reports_to_id, password, title, phone, region, is_active, joined_at, "
        "deactivated_because, external_id)",
        ((*row, "!", "", "", "", True, now, "", "") for row in rows),
    )
    return [row[0] for row in rows]


def next_id(connection: Connection, table: str) -> int:
    """The first of ids that nobody has, and the table's own counting goes on far behind them."""
    row = connection.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
        f"greatest((SELECT max(id) FROM {table}), 0) + 1000000) - 999999"
    ).fetchone()
    assert row is not None
    return int(row[0])


def copy(connection: Connection, target: str, rows: Iterable[Row] | Iterator[Row]) -> None:
    with connection.cursor().copy(f"COPY {target} FROM STDIN") as out:
        for row in rows:
            out.write_row(row)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000)
    parser.add_argument("--entries", type=int, default=100_000)
    asked = parser.parse_args()
    started = time.monotonic()
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as made:
        generate(made, asked.accounts, asked.entries)
    print(
        f"{asked.accounts} accounts and {asked.entries} entries in {time.monotonic() - started:.0f} seconds"
    )
