"""The account page with 20 and with 5,000 entries: the same number of queries, and much the same time."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Entry
from tests.base import BACKEND, make_account, the_cast

from .measure import report, seconds

MOST_QUERIES = 12


@pytest.mark.django_db(transaction=True)
def test_account_page(owner_connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    cast = the_cast()
    client = Client()
    client.force_login(cast.olivia, backend=BACKEND)
    figures: dict[str, float | int] = {}
    for entries in (20, 5_000):
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
    figures["ratio_of_5000_to_20"] = figures["seconds_with_5000"] / figures["seconds_with_20"]
    report("The account page", **figures)
    assert figures["queries_with_5000"] == figures["queries_with_20"] <= MOST_QUERIES
