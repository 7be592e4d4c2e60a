"""Fills a database with many accounts, what we owe them and what happened on them, by COPY.

    python -m tests.benchmarks.generate --accounts 20000 --entries 2000000

writes to the database of OWNER_DATABASE_URL, which must be migrated and may hold other things already. The
tables' owner is needed: the indexes of the entries are built once at the end, not row by row.

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
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]
Row = dict[str, Any]

WORDS_IN_AN_ENTRY = 22
SYLLABLES = [
    f"{start}{vowel}{end}"
    for start in ("b", "br", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w", "z")
    for vowel in "aeiou"
    for end in ("", "n", "r", "l")
]
MARKS = [("migration", 3), ("invoice", 30), ("escrow", 3_000)]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"]
DAY = timedelta(days=1)

TOPICS = ["outcome", "why-us", "story", "if-then", "if-then"]
OPEN = ["promise"] * 4 + ["question"] * 2 + ["answered", "feedback", "visit", "task"]
KEPT = 5  # promises of each account, in the last months
HAPPENED = ["conversation"] * 7 + ["email"] * 6 + ["note"] * 3 + ["visit", "executive", "obligation", "fact"]
STAGES = {0: "learning", 8: "evaluating", 20: "deciding", 30: "onboarding", 45: "in_value"}

# Who took part, what was taken back and what the customer sees: of some of our entries.
MENTIONS = """
    INSERT INTO accounts_mention (entry_id, contact_id)
    SELECT e.id, first.id + e.id %% 3
    FROM accounts_entry e
    JOIN (SELECT account_id, min(id) AS id FROM accounts_contact WHERE id >= %s GROUP BY 1) first USING (account_id)
    WHERE e.id >= %s AND e.kind IN ('conversation', 'email', 'visit') AND e.id %% 7 < 4
"""
TAKEN_BACK = """
    INSERT INTO accounts_retraction (entry_id, by_id, because, at)
    SELECT id, author_id, 'Heard it wrongly', at FROM accounts_entry
    WHERE id >= %s AND kind = 'note' AND id %% 97 = 0
"""
SHARED = """
    INSERT INTO accounts_share (entry_id, by_id, at)
    SELECT id, author_id, at FROM accounts_entry WHERE id >= %s AND kind = 'email' AND id %% 10 = 0
"""


@dataclass
class Made:
    """What is made, by chance from one seed: accounts with their owners, and the first id of what hangs off them."""

    chance: random.Random
    now: datetime
    owners: dict[int, int]
    contacts: int  # three of each account, in the accounts' order
    obligations: int  # len(OPEN) + KEPT of each account, in the accounts' order
    entries: int
    words: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = vocabulary(self.chance)

    def text(self, length: int) -> str:
        start = self.chance.randrange(len(self.words) - length)
        said = self.words[start : start + length]
        said += [mark for mark, one_in in MARKS if not self.chance.randrange(one_in)]
        return " ".join(said)

    def name(self) -> str:
        words = ("".join(self.chance.choices(SYLLABLES, k=self.chance.randint(2, 3))) for _ in range(2))
        return " ".join(words).title()

    def ago(self, most: int, least: int = 0) -> datetime:
        """An instant between so many days ago."""
        return self.now - timedelta(days=self.chance.uniform(least, most))


def generate(
    connection: Connection, accounts: int = 1_000, entries: int = 100_000, seed: int = 1
) -> list[int]:
    """Accounts with an owner, 3 contacts, 10 open and 5 kept obligations, 5 facts each, and so many entries in all.

    Returns the ids of the reps who own them, 100 accounts each. Every tenth rep leads the nine that follow, the
    first leads the managers as well; beside them stands one person of operations.
    """
    now = datetime.now(UTC)
    with connection.transaction():
        reps = a_team(connection, max(1, accounts // 100))
        first = next_id(connection, "accounts_account", accounts)
        made = Made(
            chance=random.Random(seed),
            now=now,
            owners={first + n: reps[n * len(reps) // accounts] for n in range(accounts)},
            contacts=next_id(connection, "accounts_contact", 3 * accounts),
            obligations=next_id(connection, "accounts_obligation", (len(OPEN) + KEPT) * accounts),
            entries=next_id(connection, "accounts_entry", entries),
        )
        copy(
            connection,
            "accounts_account",
            (
                {"id": pk, "name": made.name(), "industry": "Robotics", "time_zone": ZONES[pk % len(ZONES)]}
                for pk in made.owners
            ),
        )
        copy(connection, "accounts_coverage", coverage(made))
        copy(connection, "accounts_contact", contacts(made))
        copy(connection, "accounts_obligation", obligations(made))
        copy(connection, "accounts_fact", facts(made))
        copy(connection, "accounts_deal", deals(made))
    connection.execute("SET maintenance_work_mem = '256MB'")
    with bare(connection, "accounts_entry"):
        copy(connection, "accounts_entry", told(made, entries))
    with bare(connection, "accounts_mention"):
        connection.execute(MENTIONS, [made.contacts, made.entries])
    connection.execute(TAKEN_BACK, [made.entries])
    connection.execute(SHARED, [made.entries])
    connection.execute("VACUUM ANALYZE")
    return reps


def a_team(connection: Connection, reps: int) -> list[int]:
    """Reps; every tenth of them is a manager to whom the following nine report."""
    first = next_id(connection, "accounts_user", reps + 1)
    people: list[Row] = [
        {
            "id": first + n,
            "email": f"rep{first + n}@bench.example",
            "name": f"Rep {first + n}",
            "kind": "rep" if n % 10 else "manager",
            "reports_to_id": None if n == 0 else first + n - n % 10 if n % 10 else first,
            "is_active": True,
        }
        for n in range(reps)
    ]
    omar = {"id": first + reps, "email": f"omar{first}@bench.example", "name": "Omar", "kind": "operations"}
    copy(connection, "accounts_user", [*people, omar | {"reports_to_id": None, "is_active": True}])
    return [person["id"] for person in people]


def coverage(made: Made) -> Iterator[Row]:
    began = made.now - 900 * DAY
    for pk, rep in made.owners.items():
        yield {
            "account_id": pk,
            "role": "owner",
            "person_id": rep,
            "started_at": began,
            "started_by_id": rep,
            "started_because": "Opened",
        }


def contacts(made: Made) -> Iterator[Row]:
    """A champion, somebody with the budget and a user, of each account."""
    for n, pk in enumerate(pk for pk in made.owners for _ in range(3)):
        champion = n % 3 == 0
        yield {
            "id": made.contacts + n,
            "account_id": pk,
            "name": made.name(),
            "email": f"contact{made.contacts + n}@customer.example",
            "roles": [["champion", "user"], ["economic_buyer"], ["user"]][n % 3],
            "strength": 3 if champion else None,
            "evidence": "Spoke for us" if champion else "",
        }


def obligations(made: Made) -> Iterator[Row]:
    """Open ones of every kind, of which one in ten is late, and promises that were kept, one in ten of them late."""
    each = [
        (n, pk, rep, kind)
        for n, (pk, rep) in enumerate(made.owners.items())
        for kind in [*OPEN, *["kept"] * KEPT]
    ]
    for nth, (n, pk, rep, kind) in enumerate(each):
        late = not made.chance.randrange(10)
        theirs = kind in {"question", "answered", "feedback"}
        day = made.now + DAY * (-made.chance.randint(2, 9) if late else made.chance.randint(3, 90))
        closed = made.ago(330, 10) if kind == "kept" else None
        yield {
            "id": made.obligations + nth,
            "account_id": pk,
            "kind": {"kept": "promise", "answered": "question"}.get(kind, kind),
            "role": "owner",
            "holder_id": rep,
            "contact_id": made.contacts + 3 * n + nth % 3 if theirs else None,
            "text": made.text(8),
            "due": closed or (None if theirs else day),
            "urgency": "normal",
            "raised_at": made.ago(420, 340) if closed else made.ago(40, 16),
            "raised_by_id": rep,
            "answered_at": made.ago(15, 12) if kind == "answered" else None,
            "lapses_on": day if kind == "answered" else None,
            "respond_by": day if kind == "question" else None,
            "broken_at": closed - DAY if closed and late else None,
            "broken_by_id": rep if closed and late else None,
            "closed_at": closed,
            "closed_by_id": rep if closed else None,
            "outcome": "kept" if closed else "",
        }


def facts(made: Made) -> Iterator[Row]:
    for pk, rep in made.owners.items():
        for topic in TOPICS:
            yield {
                "account_id": pk,
                "topic_id": topic,
                "text": made.text(8),
                "provenance": "inferred",
                "author_id": rep,
                "at": made.ago(600),
            }


def deals(made: Made) -> Iterator[Row]:
    for pk, rep in made.owners.items():
        yield {
            "account_id": pk,
            "kind": "renewal",
            "name": "Renewal",
            "role": "owner",
            "holder_id": rep,
            "amount": made.chance.randint(5, 500) * 1_000,
            "currency": "EUR",
            "expected_close": made.now + DAY * made.chance.randint(10, 300),
        }


def told(made: Made, entries: int) -> Iterator[Row]:
    """Two years of entries, the oldest first, each account's turn coming round again and again."""
    pks = list(made.owners)
    for n in range(entries):
        place = n * 7919 % len(pks)
        pk, stage = pks[place], STAGES.get(n // len(pks), "")
        kind = "stage" if stage else made.chance.choice(HAPPENED)
        raised = made.obligations + place * len([*OPEN, *["kept"] * KEPT]) if kind == "obligation" else None
        at = made.now - timedelta(minutes=(entries - n) * 1_000_000 // entries)
        yield {
            "id": made.entries + n,
            "account_id": pk,
            "kind": kind,
            "at": at,
            "recorded_at": at,
            "author_id": made.owners[pk],
            "text": made.text(WORDS_IN_AN_ENTRY),
            "stage": stage,
            "step": "raised" if raised else "",
            "obligation_id": raised,
        }


@contextmanager
def bare(connection: Connection, table: str) -> Iterator[None]:
    """Indexes are built and foreign keys are checked at the end, for all rows at once."""
    keys = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
        [table],
    ).fetchall()
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = %s::regclass AND NOT indisunique",
        [table],
    ).fetchall()
    for name, _ in keys:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    connection.execute(f"DROP INDEX {', '.join(name for name, _ in indexes)}")
    yield
    for _, definition in indexes:
        connection.execute(definition)
    for name, definition in keys:
        connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def vocabulary(chance: random.Random) -> list[str]:
    """Twenty thousand made-up words, the first of them by far the most frequent, as in any language."""
    made = {"".join(chance.choices(SYLLABLES, k=chance.randint(1, 3))) for _ in range(60_000)}
    by_length = sorted(made, key=lambda word: (len(word), word))[:20_000]
    weights = [1 / (rank + 3) for rank in range(len(by_length))]
    return chance.choices(by_length, weights, k=1_000_000)


def next_id(connection: Connection, table: str, rows: int) -> int:
    """The first of so many ids that nobody has; the table's own counting goes on behind them."""
    sequence = f"pg_get_serial_sequence('{table}', 'id')"
    row = connection.execute(
        f"SELECT setval({sequence}, greatest((SELECT max(id) FROM {table}), 0) + {rows}) - {rows} + 1"
    ).fetchone()
    assert row is not None
    return int(row[0])


def copy(connection: Connection, table: str, rows: Iterable[Row]) -> None:
    """Rows with the same columns each; whatever else must not be null is blank."""
    rows = iter(rows)
    first = next(rows)
    blank = {name: value for name, value in blanks(connection, table) if name not in first}
    with connection.cursor().copy(f"COPY {table} ({', '.join([*first, *blank])}) FROM STDIN") as out:
        for row in chain([first], rows):
            out.write_row([*row.values(), *blank.values()])


def blanks(connection: Connection, table: str) -> list[tuple[Any, ...]]:
    """The columns that must not be null, each with what stands for nothing in it."""
    return connection.execute(
        """
        SELECT attname, CASE typcategory WHEN 'S' THEN '' WHEN 'B' THEN 'f' WHEN 'D' THEN 'now' WHEN 'A' THEN '{}'
                                         ELSE '0' END
        FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
        WHERE attrelid = %s::regclass AND attnum > 0 AND attnotnull AND NOT attisdropped AND attidentity = ''
        """,
        [table],
    ).fetchall()


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
