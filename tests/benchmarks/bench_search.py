"""Finding common, medium, rare and absent words in two million entries, for four people who see more and more.

Ours is `find`: one box over accounts, people, obligations, facts and entries, what was found marked and loaded with all
that the page shows of it. It is held against two raw ones, in turns:

- bare: the index of the entries' words alone. No permission, no names, no obligations, no facts, nothing marked;
- by hand: what the page needs, in the SQL that one would write for it: of each kind the best or newest that the person
  may see, with the names beside it, and marked. Six statements, no objects made.

The median of all searches for words must be at most three times the bare median, and a search must take at most
three times what it takes by hand (the median of all).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from statistics import median
from typing import Any

from django.db import connection, transaction

from accounts.models import Account, User
from accounts.pages.search import ALIKE, SHOWN, find

from .conftest import Use
from .measure import ACCOUNTS, ENTRIES, ratio, report, side_by_side, within

TARGET = 3
WORDS = {
    "common": "migration",
    "medium": "invoice",
    "rare": "escrow",
    "absent": "zyzzyva",
    "two together": "migration invoice",
}
BARE = """
    SELECT id FROM (SELECT id, at FROM accounts_entry WHERE words @@ websearch_to_tsquery('any_language', %(words)s)
                    OFFSET 0) gathered ORDER BY at DESC LIMIT %(shown)s
"""
TEAM = """
    WITH RECURSIVE team (id) AS (
        SELECT %(person)s::bigint UNION SELECT u.id FROM accounts_user u JOIN team ON u.reports_to_id = team.id
    )
"""
SEEN = (
    "(SELECT account_id FROM accounts_coverage WHERE ended_at IS NULL AND person_id IN (SELECT id FROM team))"
)
NAMED = """
    SELECT x.* FROM {table} x WHERE name %%> %(words)s AND {seen}
    ORDER BY word_similarity(%(words)s, name) DESC LIMIT %(shown)s
"""
WRITTEN = """
    SELECT x.*, a.name, ts_headline('any_language', left(x.text, 20000),
                                    websearch_to_tsquery('any_language', %(words)s))
    FROM (SELECT * FROM {table} WHERE words @@ websearch_to_tsquery('any_language', %(words)s) AND {seen}
          ORDER BY {newest} DESC LIMIT %(shown)s) x
    JOIN accounts_account a ON a.id = x.account_id
"""


def by_hand(everything: bool) -> list[str]:
    seen, of_account = ("true", "true") if everything else (f"id IN {SEEN}", f"account_id IN {SEEN}")
    statements = [
        NAMED.format(table="accounts_account", seen=seen),
        NAMED.format(table="accounts_contact", seen=of_account),
        NAMED.format(table="accounts_user", seen="kind <> 'customer'"),
        WRITTEN.format(table="accounts_obligation", seen=of_account, newest="id"),
        WRITTEN.format(table="accounts_fact", seen=of_account, newest="id"),
        WRITTEN.format(table="accounts_entry", seen=of_account, newest="at"),
    ]
    return statements if everything else [TEAM + statement for statement in statements]


def run(statements: Sequence[str], words: str, user: User) -> None:
    given: dict[str, str | int] = {"words": words, "shown": SHOWN, "person": user.pk}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(ALIKE)])
        for statement in statements:
            cursor.execute(statement, given)
            cursor.fetchall()


def people() -> dict[str, User]:
    """A rep with their own 100 accounts, their manager with ten times as many, who leads all, and operations."""
    reps = User.objects.filter(kind="rep", reports_to__reports_to__isnull=False).order_by("pk")
    rep = reps.first() or User.objects.filter(kind="rep").order_by("pk")[0]
    assert rep.reports_to
    return {
        "rep": rep,
        "manager": rep.reports_to,
        "director": User.objects.filter(kind="manager", reports_to=None).order_by("pk")[0],
        "operations": User.objects.filter(kind="operations").order_by("pk")[0],
    }


def test_search(use: Use) -> None:
    use(ACCOUNTS, ENTRIES)
    name = Account.objects.order_by("pk")[10].name
    words = WORDS | {"a name": name, "a name misspelt": name[:3] + name[4:]}
    all_ours, all_bare, of_hand = [], [], []
    for role, user in people().items():
        figures: dict[str, Any] = {}
        for kind, typed in words.items():
            ours, bare, hand = side_by_side(
                partial(find, typed, user),
                partial(run, [BARE], typed, user),
                partial(run, by_hand(user.is_operations), typed, user),
                runs=3,
            )
            if kind in WORDS:
                all_ours.append(median(ours))
                all_bare.append(median(bare))
            of_hand.append(ratio(ours, hand))
            figures[kind] = (
                f"ours {median(ours):.4f}  bare {median(bare):.4f}  by hand {median(hand):.4f}"
                f"  ours is {ratio(ours, bare):.2f} x bare, {of_hand[-1]:.2f} x by hand"
            )
        report(f"Search as {role}: {ACCOUNTS} accounts, {ENTRIES} entries (seconds)", **figures)
    to_bare, to_hand = median(all_ours) / median(all_bare), median(of_hand)
    report("All searches", median_to_bare_median=to_bare, median_ratio_to_by_hand=to_hand, target=TARGET)
    assert within(to_bare, TARGET)
    assert within(to_hand, TARGET)
