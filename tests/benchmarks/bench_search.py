"""Finding common, medium, rare and absent words, for a rep, a manager and operations.

Against the bare query of the index of words: no permissions, no names, no obligations, no facts, nothing marked.
`SEARCH_ACCOUNTS=20000 SEARCH_ENTRIES=2000000` measures the full size.
"""

from __future__ import annotations

import os
from functools import partial
from statistics import median

import pytest
from django.db import connection

from accounts.models import Account, User
from accounts.searching import SHOWN, find
from tests.base import make_user
from tests.conftest import NAME, as_owner

from .generate import generate
from .measure import report, seconds

ACCOUNTS = int(os.environ.get("SEARCH_ACCOUNTS", "1000"))
ENTRIES = int(os.environ.get("SEARCH_ENTRIES", "100000"))
WORDS = {
    "common": "migration",
    "medium": "invoice",
    "rare": "escrow",
    "absent": "zyzzyva",
    "two together": "migration invoice",
}


def bare(words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM (SELECT id, at FROM accounts_entry WHERE words @@ websearch_to_tsquery('any_language', %s)"
            " OFFSET 0) gathered ORDER BY at DESC LIMIT %s",
            [words, SHOWN],
        )
        cursor.fetchall()


@pytest.mark.django_db(transaction=True)
def test_search() -> None:
    with as_owner(NAME) as owner:
        people = generate(owner, ACCOUNTS, ENTRIES)
        owner.execute("VACUUM accounts_entry")
    who = {
        "rep": User.objects.get(pk=people[1]),
        "manager": User.objects.get(pk=people[0]),
        "operations": make_user("Omar Haddad", User.Kind.OPERATIONS),
    }
    name = Account.objects.order_by("pk")[10].name
    misspelt = name[:3] + name[4:]
    by_index = {kind: seconds(partial(bare, words)) for kind, words in WORDS.items()}
    for role, user in who.items():
        ours = {kind: seconds(partial(find, words, user)) for kind, words in WORDS.items()}
        figures: dict[str, float] = {}
        for kind in WORDS:
            figures[f"{kind}: bare"] = by_index[kind]
            figures[f"{kind}: ours"] = ours[kind]
        report(
            f"Search as {role}: {ACCOUNTS} accounts, {ENTRIES} entries (seconds)",
            **figures,
            a_name_misspelt=seconds(partial(find, misspelt, user)),
            ratio_of_medians=median(ours.values()) / median(by_index.values()),
        )
