"""The account page and today: few queries, and the same time whatever the history and however many other accounts.

Once with 20 and with 5,000 entries on the account; once in a database of 1,000 accounts with 100,000 entries and in one
of 20,000 with 2,000,000, the same pages of both opened in turns.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Entry, User
from tests.base import BACKEND, make_account, the_cast

from .conftest import Use
from .measure import ACCOUNTS, ENTRIES, TINY, once, ratio, report, seconds, times, within

MOST_QUERIES = 12
FLAT = 1.3
MANY = 50 if TINY else 5_000
REPS = [0] if TINY else [1, 3, 5]
SIZES = [(ACCOUNTS, 1_000) if TINY else (1_000, 100_000), (ACCOUNTS, ENTRIES)]
#: The pages, each as a rep opens it who owns some accounts. What is to be flat as well is a line here.
PAGES: dict[str, Callable[[list[Account]], list[str]]] = {
    "account": lambda mine: [reverse("account", args=[account.pk]) for account in mine],
    "today": lambda mine: [reverse("today")] * len(mine),
}


@pytest.mark.parametrize("page", PAGES)
def test_flat(page: str, use: Use) -> None:
    """Openings by three reps of two accounts each, in the one database and in the other, in turns."""
    opened: dict[int, list[float]] = {entries: [] for _, entries in SIZES}
    queries: dict[int, int] = {}
    for turn in range(times(5) + 1):
        for accounts, entries in SIZES:
            use(accounts, entries)
            openings = [
                partial(client.get, address)
                for client, mine in map(a_rep, REPS)
                for address in PAGES[page](mine)
            ]
            with CaptureQueriesContext(connection) as counted:
                assert openings[0]().status_code == 200
            queries[entries] = len(counted)
            taken = [once(opening) for opening in openings]
            if turn:
                opened[entries].append(median(taken))
    small, large = opened.values()
    flatness = ratio(large, small)
    report(
        f"The page {page} (seconds)",
        **{f"with_{entries}_entries": median(taken) for entries, taken in opened.items()},
        **{f"queries_with_{entries}": count for entries, count in queries.items()},
        ratio=flatness,
        target=FLAT,
    )
    assert max(queries.values()) <= MOST_QUERIES
    assert within(flatness, FLAT)


def a_rep(nth: int) -> tuple[Client, list[Account]]:
    """A rep, signed in and warmed up, with two of their accounts."""
    rep = User.objects.filter(kind="rep").order_by("pk")[nth]
    client = Client()
    client.force_login(rep, backend=BACKEND)
    return client, list(Account.objects.owned_by(rep).order_by("pk")[:2])


@pytest.mark.django_db(transaction=True)
def test_account_page(owner_connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    cast = the_cast()
    client = Client()
    client.force_login(cast.olivia, backend=BACKEND)
    figures: dict[str, float | int] = {}
    for entries in (20, MANY):
        account = make_account(f"Customer with {entries}", cast.olivia)
        now = timezone.now()
        Entry.objects.bulk_create(
            Entry(account=account, kind="conversation", at=now - timedelta(hours=n), author=cast.olivia,
                  text=f"We spoke about shipment {n} and what it takes to have it there by Friday.")
            for n in range(entries)
        )  # fmt: skip
        owner_connection.execute("ANALYZE")  # as autovacuum does on any database that is in use
        address = reverse("account", args=[account.pk])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        figures[f"queries_with_{entries}"] = len(queries)
        figures[f"seconds_with_{entries}"] = seconds(partial(client.get, address), runs=15, warm_up=3)

    def raw() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM accounts_entry WHERE account_id = %s ORDER BY at DESC, id DESC LIMIT 31",
                [account.pk],
            )
            cursor.fetchall()

    figures["raw_SQL_for_a_page_of_the_thread"] = seconds(raw, runs=15)
    figures[f"ratio_of_{MANY}_to_20"] = figures[f"seconds_with_{MANY}"] / figures["seconds_with_20"]
    report("The account page", **figures)
    assert figures[f"queries_with_{MANY}"] == figures["queries_with_20"] <= MOST_QUERIES
