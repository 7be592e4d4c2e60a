"""Find anything: names, with typing errors forgiven, and words in what was written, of what a person may see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.contrib.postgres.search import (
    TrigramWordSimilarity,
)
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.db.models import Exists, Func, OuterRef, Q, Value
from django.db.models.functions import Greatest, Lower

from .models import Account, Contact, Entry, Fact, Obligation, Retraction, User

SHOWN = 8
SHOWN_OF_ONE_KIND = 50
LONGEST = 200  # characters that are looked for; a box is not a letter

ALIKE = 0.35  # the trigrams a name must share: one slip in a word of eight letters leaves 0.38
NEXT_TO_THE_BEST = 0.6  # and how much of the best name's likeness, so that a name typed rightly stands alone

COMMON = 2_000  # matches expected; from here on it is quicker to read back from today than to gather them all
RECENT = 50_000  # entries so read, at most

START, STOP = "\x02", "\x03"
MARKED = f"StartSel='{START}', StopSel='{STOP}'"
EXCERPT = "MaxFragments=2, FragmentDelimiter=' … ', MaxWords=30, MinWords=15, ShortWord=0"
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Part:
    """A stretch of text, and whether it is what was looked for. A page escapes it like any other text."""

    text: str
    hit: bool = False


@dataclass(frozen=True)
class Found:
    thing: Any
    parts: list[Part]

    @property
    def cursor(self) -> str:
        """Where an account's thread begins with this entry."""
        return f"{self.thing.at.isoformat()},{self.thing.pk + 1}"


@dataclass(frozen=True)
class Group:
    kind: str
    found: list[Found]
    more: bool = False


@dataclass(frozen=True)
class Results:
    words: str
    groups: list[Group]
    kind: str = ""

    @property
    def count(self) -> int:
        return sum(len(group.found) for group in self.groups)

    @property
    def more(self) -> bool:
        return any(group.more for group in self.groups)


class OneOf(Func):
    """A column's value stands in an array: one parameter, where IN would bind thousands."""

    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY ("
    output_field = models.BooleanField()


@dataclass(frozen=True)
class Sight:
    """The accounts a person sees, read once and held against every kind before anything is put in order."""

    accounts: list[int] | None  # None: all there are

    @classmethod
    def of(cls, user: User) -> Sight:
        visible = Account.objects.visible_to(user).order_by()
        limited = bool(visible.query.where)
        return cls(list(visible.values_list("pk", flat=True)) if limited else None)

    def within(self, rows: models.QuerySet[M], path: str = "account_id") -> models.QuerySet[M]:
        if self.accounts is None:
            return rows
        return rows.filter(OneOf(path, Value(self.accounts)))


@dataclass(frozen=True)
class Asked:
    """What was typed: `rest` as people write to search engines, `last` the word that may not be finished."""

    words: str
    rest: str
    last: str  # for to_tsquery, or nothing

    @classmethod
    def parse(cls, typed: str) -> Asked:
        words = " ".join(typed.replace("\0", " ").split())[:LONGEST].strip()
        unfinished = re.fullmatch(r"(.* |)(\w+)", words)
        if unfinished is None or words.count('"') % 2 or f" {unfinished[1]}".lower().endswith(" or "):
            return cls(words, words, "")
        return cls(words, unfinished[1].strip(), f"'{unfinished[2]}':*")

    @property
    def swapped(self) -> list[str]:
        """A short word with two neighbouring letters the other way round: too few trigrams survive that slip."""
        word = self.words
        if not (word.isalpha() and 3 < len(word) < 7):
            return []
        return [word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)]

    def given(self, sight: Sight, limit: int) -> dict[str, Any]:
        """The values for the statements that look into what was written."""
        return {
            "rest": self.rest,
            "last": self.last,
            "everywhere": sight.accounts is None,
            "accounts": sight.accounts or [],
            "recent": RECENT,
            "whole": f"{MARKED}, HighlightAll=true",
            "excerpt": f"{MARKED}, {EXCERPT}",
            "limit": limit,
        }


def find(typed: str, user: User, kind: str = "") -> Results:
    """What answers to these words, at most 8 of each kind, or 50 of the one kind asked for.

    Raises `PermissionDenied` for a customer: they have their page.
    """
    if user.is_customer:
        raise PermissionDenied
    asked = Asked.parse(typed)
    if not asked.words:
        return Results("", [])
    kind = kind if kind in KINDS else ""
    limit = SHOWN_OF_ONE_KIND if kind else SHOWN
    with transaction.atomic():
        sight = Sight.of(user)
        with connection.cursor() as cursor:
            cursor.execute(FORGIVING, [str(ALIKE)])
        groups = [
            gathered(name, gather(asked, sight, limit + 1), limit)
            for name, gather in KINDS.items()
            if kind in {"", name}
        ]
    return Results(asked.words, [group for group in groups if group.found], kind)


def gathered(kind: str, found: list[Found], limit: int) -> Group:
    return Group(kind, found[:limit], more=len(found) > limit)


# ---- Names

# For this transaction. The planner believes that comparing trigrams costs nothing, and would read whole tables.
FORGIVING = """
    SELECT set_config('pg_trgm.word_similarity_threshold', %s, true), set_config('enable_seqscan', 'off', true)
"""


def accounts(asked: Asked, sight: Sight, limit: int) -> list[Found]:
    rows = alike(sight.within(Account.objects.all(), "pk").select_related("merged_into"), asked, limit)
    return [Found(row, marked(row.name, asked.words)) for row in rows]


def people(asked: Asked, sight: Sight, limit: int) -> list[Found]:
    """Contacts of the accounts in sight, and colleagues, whom everybody here sees."""
    contacts = sight.within(Contact.objects.filter(erased_at=None).select_related("account"))
    both: list[Any] = [
        *(alike_or_mailed(contacts, asked, limit)),
        *(alike_or_mailed(User.objects.staff(), asked, limit)),
    ]
    both.sort(key=lambda person: -person.likeness)
    return [Found(person, marked(person.name, asked.words)) for person in near_the_best(both)[:limit]]


def alike_or_mailed(rows: models.QuerySet[M], asked: Asked, limit: int) -> list[M]:
    if "@" in asked.words:
        mailed = rows.filter(email__istartswith=asked.words).annotate(likeness=Value(1.0))
        return list(mailed.order_by("email", "pk")[:limit])
    return alike(rows, asked, limit)


def alike(rows: models.QuerySet[M], asked: Asked, limit: int) -> list[M]:
    """Rows whose `name` is like the words, most alike first, each with its `likeness` from 0 to 1."""
    found = near_the_best(named(rows, [asked.words])[:limit])
    if not found and (swapped := asked.swapped):
        return list(named(rows, swapped).filter(likeness__gte=0.9)[:limit])
    return found


def named(rows: models.QuerySet[M], spellings: list[str]) -> models.QuerySet[M]:
    like_one = [Q(name__trigram_word_similar=spelling) for spelling in spellings]
    likeness = [TrigramWordSimilarity(spelling, "name") for spelling in spellings]
    most = Greatest(*likeness) if len(likeness) > 1 else likeness[0]
    found: models.QuerySet[M] = rows.filter(reduce(or_, like_one)).annotate(likeness=most)
    return found.order_by("-likeness", Lower("name"), "pk")


def near_the_best(rows: Any) -> list[Any]:
    found = list(rows)
    return [row for row in found if row.likeness >= NEXT_TO_THE_BEST * found[0].likeness]


def marked(name: str, words: str) -> list[Part]:
    """The name, with the parts that were typed as they stand in it."""
    typed = "|".join(re.escape(word) for word in sorted(words.split(), key=len, reverse=True))
    pieces = re.split(rf"(?<!\w)({typed})", name, flags=re.IGNORECASE)
    return [Part(piece, hit=bool(n % 2)) for n, piece in enumerate(pieces) if piece]


# ---- Words


def obligations(asked: Asked, sight: Sight, limit: int) -> list[Found]:
    newest = read(NEWEST.format(table="accounts_obligation"), asked.given(sight, limit))
    return quoted(Obligation.objects.select_related("account", "holder", "contact"), newest)


def facts(asked: Asked, sight: Sight, limit: int) -> list[Found]:
    newest = read(NEWEST.format(table=STANDING_FACTS), asked.given(sight, limit))
    rows = Fact.objects.select_related("account", "topic", "contact", "author").annotate(
        is_retracted=Exists(Retraction.objects.filter(fact=OuterRef("pk"))),
        is_replaced=Exists(Fact.objects.filter(supersedes=OuterRef("pk"))),
    )
    return quoted(rows, newest)


def entries(asked: Asked, sight: Sight, limit: int) -> list[Found]:
    rows = Entry.objects.select_related("account", "author", "author_contact").annotate(
        is_retracted=Exists(Retraction.objects.filter(entry=OuterRef("pk")))
    )
    return quoted(rows, newest_entries(asked.given(sight, limit)))


# The newest rows in sight that hold the words, each with its headline: a short text whole, of a long one the words
# around what was found (near its beginning, if it is very long). Rare words are quickly gathered by the index of
# words, common ones by reading back from today, and each of the two is slow where the other is quick. Which it is to
# be follows from how often PostgreSQL has counted the word; it knows the words when it plans (nothing is prepared).

QUERY = "(websearch_to_tsquery('any_language', %(rest)s) && to_tsquery('any_language', %(last)s))"
HOLDS = f"words @@ {QUERY} AND (%(everywhere)s OR account_id = ANY (%(accounts)s::bigint[]))"
HEADLINE = f"""
    CASE WHEN length(said) <= 240 THEN ts_headline('any_language', said, {QUERY}, %(whole)s)
    ELSE ts_headline('any_language', said, {QUERY}, %(excerpt)s) || ' …' END
"""
NEWEST = f"""
    SELECT id, {HEADLINE} FROM (
        SELECT id, left(text, 20000) AS said FROM {{table}} WHERE {HOLDS} ORDER BY id DESC LIMIT %(limit)s
    ) newest ORDER BY id DESC
"""  # noqa: S608 (no value stands in it, nor in those below)

# An answer whose topic was merged into another is found there.
STANDING_FACTS = """(
        SELECT * FROM accounts_fact f WHERE NOT EXISTS (
            SELECT FROM accounts_fact moved WHERE moved.supersedes_id = f.id AND moved.topic_id <> f.topic_id)
    ) facts"""

# What an obligation was raised with is found as the obligation.
ENTRY_HOLDS = f"{HOLDS} AND step <> 'raised'"
EXPECTED = f"EXPLAIN (FORMAT JSON) SELECT FROM accounts_entry WHERE {ENTRY_HOLDS}"
ENTRIES = f"""
    SELECT id, {HEADLINE} FROM (
        SELECT id, at, left(subject || ' ' || text, 20000) AS said FROM {{entries}}
        ORDER BY at DESC, id DESC LIMIT %(limit)s
    ) newest ORDER BY at DESC, id DESC
"""  # noqa: S608
BACK_FROM_TODAY = ENTRIES.format(
    entries=f"(SELECT * FROM accounts_entry ORDER BY at DESC, id DESC LIMIT %(recent)s) recent WHERE {ENTRY_HOLDS}"  # noqa: S608
)
# OFFSET 0 keeps the planner from reading by date after all.
GATHERED = ENTRIES.format(
    entries=f"(SELECT id, at, subject, text FROM accounts_entry WHERE {ENTRY_HOLDS} OFFSET 0) gathered"  # noqa: S608
)

Headlines = list[tuple[int, str]]


def newest_entries(given: dict[str, Any]) -> Headlines:
    """Reading back ends after so many entries: two common words may never meet, which no count foretells."""
    ((plan,),) = read(EXPECTED, given)
    if expected_rows(plan) >= COMMON:
        found = read(BACK_FROM_TODAY, given)
        if len(found) == given["limit"]:
            return found
    return read(GATHERED, given)


def read(statement: str, given: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows: list[Any] = cursor.fetchall()
    return rows


def expected_rows(plan: Any) -> int:
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return int(plan[0]["Plan"]["Plan Rows"])


def quoted(rows: models.QuerySet[M], newest: Headlines) -> list[Found]:
    things = rows.in_bulk([pk for pk, _ in newest]) if newest else {}
    return [Found(things[pk], parts_of(headline)) for pk, headline in newest]


def parts_of(headline: str) -> list[Part]:
    """The headline taken apart at its marks; a mark that the text itself held opens nothing."""
    pieces = re.split(f"{START}([^{START}{STOP}]*){STOP}", headline)
    bare = [re.sub(f"[{START}{STOP}]", "", piece) for piece in pieces]
    return [Part(piece, hit=bool(n % 2)) for n, piece in enumerate(bare) if piece]


KINDS: dict[str, Callable[[Asked, Sight, int], list[Found]]] = {
    "accounts": accounts,
    "people": people,
    "obligations": obligations,
    "facts": facts,
    "entries": entries,
}
