"""Find anything: names, with typing errors forgiven, and words in what was written, of what a person may see."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict, TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Lower

from accounts.models import Account, Contact, Entry, Fact, Obligation, Retraction, User

SHOWN = 8
SHOWN_OF_ONE_KIND = 50
LONGEST = 200  # characters that are looked for; a box is not a letter

ALIKE = 0.35  # the trigrams a name must share: one slip in a word of eight letters leaves 0.38
NEXT_TO_THE_BEST = 0.6  # and how much of the best name's likeness, so that a name typed rightly stands alone

COMMON = 2_000  # matches expected; from here on it is quicker to read back from today than to gather them all
RECENT = 50_000  # entries so read, at most
MANY = 1_000  # accounts in sight; who sees more may see all

START, STOP = "\x02", "\x03"
MARKED = f"StartSel='{START}', StopSel='{STOP}'"
EXCERPT = "MaxFragments=2, FragmentDelimiter=' … ', MaxWords=30, MinWords=15, ShortWord=0"
M = TypeVar("M", bound=models.Model)
Named: TypeAlias = Account | Contact | User
Written: TypeAlias = Obligation | Fact | Entry
ResultRow: TypeAlias = tuple[Any, ...]  # as a statement of ours gives it
Parameters: TypeAlias = dict[str, str | int | bool | list[int]]


@dataclass(frozen=True)
class TextPart:
    """A stretch of text, and whether it is what was looked for. A page escapes it like any other text."""

    text: str
    hit: bool = False


@dataclass(frozen=True)
class Found:
    thing: Named | Written
    parts: list[TextPart]

    @property
    def cursor(self) -> str:
        """Where an account's timeline begins with this entry."""
        assert isinstance(self.thing, Entry)
        return f"{self.thing.at.isoformat()},{self.thing.pk + 1}"


@dataclass(frozen=True)
class Group:
    kind: str
    found: list[Found]
    more: bool = False

    @property
    def is_forgiven(self) -> bool:
        """Nothing in it holds what was typed: the names are only like it."""
        return not any(part.hit for one in self.found for part in one.parts)


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
    """A value stands in an array: one parameter, where IN would bind thousands."""

    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY ("
    output_field = models.BooleanField()


@dataclass(frozen=True)
class Sight:
    """The accounts a person sees, read once and held against every kind before anything is put in order."""

    accounts: list[int] | None  # None: all there are

    @classmethod
    def of(cls, user: User) -> Sight:
        if user.is_operations:
            return cls(None)
        visible = Account.objects.visible_to(user).aggregate(pks=ArrayAgg("pk", default=[]))["pks"]
        return cls(None if len(visible) > MANY and len(visible) == Account.objects.count() else visible)

    def within(self, rows: models.QuerySet[M], path: str) -> models.QuerySet[M]:
        """The rows whose account is in sight. Adding 0 to its number leaves the planner the index of the names."""
        if self.accounts is None or not path:
            return rows
        return rows.filter(OneOf(F(path) + 0, Value(self.accounts)))


@dataclass(frozen=True)
class SearchQuery:
    """What was typed: `rest` as people write to search engines, `last` the word that may not be finished."""

    words: str
    rest: str
    last: str  # for to_tsquery, or nothing

    @classmethod
    def parse(cls, typed: str) -> SearchQuery:
        words = " ".join(typed.split())[:LONGEST].strip()
        unfinished = re.fullmatch(r"(.* |)(\w+)", words)
        if unfinished is None or words.count('"') % 2 or f" {unfinished[1]}".lower().endswith(" or "):
            return cls(words, words, "")
        return cls(words, unfinished[1].strip(), f"'{unfinished[2]}':*")

    @property
    def swapped(self) -> str:
        """A pattern for a short word with two neighbouring letters the other way round, or nothing.

        Too few trigrams survive that slip.
        """
        word = self.words
        if not (word.isalpha() and 3 < len(word) < 7):
            return ""
        spellings = [word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)]
        return rf"\m({'|'.join(spellings)})\M"

    def given(self, sight: Sight, limit: int) -> Parameters:
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

    What holds the words stands before names that are only like them.

    Raises `PermissionDenied` for a customer: they have their page.
    """
    if user.is_customer:
        raise PermissionDenied
    query = SearchQuery.parse(typed)
    if not query.words:
        return Results("", [])
    kind = kind if kind in KINDS else ""
    kinds = [kind] if kind else KINDS
    limit = SHOWN_OF_ONE_KIND if kind else SHOWN
    with transaction.atomic():
        sight = Sight.of(user)
        found = {**names(query, sight, limit + 1, kinds), **written(query, sight, limit + 1, kinds)}
    groups = [Group(name, found[name][:limit], more=len(found[name]) > limit) for name in kinds]
    some = sorted((group for group in groups if group.found), key=lambda group: group.is_forgiven)
    return Results(query.words, some, kind)


# ---- Names


class Hit(TypedDict):
    table: int
    pk: int
    likeness: float


# For this transaction. The planner believes that comparing trigrams costs nothing, and would read whole tables.
FORGIVING = """
    SELECT set_config('pg_trgm.word_similarity_threshold', %(alike)s, true), set_config('enable_seqscan', 'off', true)
"""


def names(query: SearchQuery, sight: Sight, limit: int, kinds: Collection[str]) -> dict[str, list[Found]]:
    """Accounts and contacts in sight, and colleagues, whom everybody here sees: all in one look."""
    tables: list[tuple[str, models.QuerySet[Named], str]] = [
        ("accounts", Account.objects.select_related("merged_into"), "pk"),
        ("people", Contact.objects.filter(erased_at=None).select_related("account"), "account_id"),
        ("people", User.objects.staff(), ""),
    ]
    tables = [table for table in tables if table[0] in kinds]
    if not tables:
        return {}
    read(FORGIVING, {"alike": str(ALIKE)})
    looks = [
        alike(sight.within(rows, path), query)
        .annotate(table=Value(n))
        .values("table", "pk", "likeness")[:limit]
        for n, (_, rows, path) in enumerate(tables)
    ]
    hits = list(looks[0].union(*looks[1:], all=True))
    found: dict[str, list[Found]] = {}
    for kind in {kind for kind, _, _ in tables}:
        close = near_the_best([hit for hit in hits if tables[hit["table"]][0] == kind])
        likeness = {(hit["table"], hit["pk"]): hit["likeness"] for hit in close}
        things = [
            (-likeness[n, pk], thing.name.lower(), n, pk, thing)
            for n, (_, rows, _) in enumerate(tables)
            for pk, thing in rows.in_bulk([pk for table, pk in likeness if table == n]).items()
        ]
        found[kind] = [Found(thing, marked(thing.name, query.words)) for *_, thing in sorted(things)[:limit]]
    return found


def alike(rows: models.QuerySet[M], query: SearchQuery) -> models.QuerySet[M]:
    """Rows whose `name` is like the words, most alike first, each with its `likeness` from 0 to 1."""
    if "@" in query.words and hasattr(rows.model, "email"):
        found: models.QuerySet[M] = rows.filter(email__istartswith=query.words).annotate(likeness=Value(1.0))
    else:
        like = Q(name__trigram_word_similar=query.words)
        if query.swapped:
            like |= Q(name__iregex=query.swapped)
        found = rows.filter(like).annotate(likeness=TrigramWordSimilarity(query.words, "name"))
    return found.order_by("-likeness", Lower("name"), "pk")


def near_the_best(hits: list[Hit]) -> list[Hit]:
    """Of what is alike the nearest; where nothing is, what stood in one of the swapped spellings."""
    alike = [hit for hit in hits if hit["likeness"] >= ALIKE] or hits
    best = max((hit["likeness"] for hit in alike), default=0)
    return [hit for hit in alike if hit["likeness"] >= NEXT_TO_THE_BEST * best]


def marked(name: str, words: str) -> list[TextPart]:
    """The name, with the parts that were typed as they stand in it."""
    typed = "|".join(re.escape(word) for word in sorted(words.split(), key=len, reverse=True))
    pieces = re.split(rf"(?<!\w)({typed})", name, flags=re.IGNORECASE)
    return [TextPart(piece, hit=bool(n % 2)) for n, piece in enumerate(pieces) if piece]


# ---- Words


# The newest rows in sight that hold the words, each with its headline: a short text whole, of a long one the words
# around what was found (near its beginning, if it is very long). Rare words are quickly gathered by the index of
# words, common ones by reading back from today, and each of the two is slow where the other is quick. Which it is to
# be follows from how often PostgreSQL has counted the word; it knows the words when it plans (nothing is prepared).

QUERY = "(websearch_to_tsquery('any_language', %(rest)s) && to_tsquery('any_language', %(last)s))"
HOLDS = f"words @@ {QUERY} AND (%(everywhere)s OR account_id = ANY (%(accounts)s::bigint[]))"
HEADED = f"""
    SELECT kind, id, CASE WHEN length(said) <= 240 THEN ts_headline('any_language', said, {QUERY}, %(whole)s)
                     ELSE ts_headline('any_language', said, {QUERY}, %(excerpt)s) || ' …' END
    FROM ({{looks}}) newest ORDER BY at DESC, id DESC
"""  # noqa: S608 (no value stands in it, nor in those below)
# OFFSET 0 keeps the planner from reading back by number or by date after all: what somebody sees may be long ago.
BY_ID = f"""(
    SELECT '{{kind}}' AS kind, id, NULL::timestamptz AS at, left(text, 20000) AS said FROM (
        SELECT id, text FROM {{table}} WHERE {HOLDS} {{fence}}
    ) held ORDER BY id DESC LIMIT %(limit)s
)"""  # noqa: S608

# An answer whose topic was merged into another is found there.
CURRENT_FACTS = """(
        SELECT * FROM accounts_fact f WHERE NOT EXISTS (
            SELECT FROM accounts_fact moved WHERE moved.supersedes_id = f.id AND moved.topic_id <> f.topic_id)
    ) facts"""

# What an obligation was raised with is found as the obligation.
ENTRY_HOLDS = f"{HOLDS} AND step <> 'raised'"
EXPECTED = f"EXPLAIN (FORMAT JSON) SELECT FROM accounts_entry WHERE {ENTRY_HOLDS}"
BY_DATE = """(
    SELECT 'entries' AS kind, id, at, left(subject || ' ' || text, 20000) AS said FROM {entries}
    ORDER BY at DESC, id DESC LIMIT %(limit)s
)"""
BACK_FROM_TODAY = BY_DATE.format(
    entries=f"(SELECT * FROM accounts_entry ORDER BY at DESC, id DESC LIMIT %(recent)s) recent WHERE {ENTRY_HOLDS}"  # noqa: S608
)
GATHERED = BY_DATE.format(
    entries=f"(SELECT id, at, subject, text FROM accounts_entry WHERE {ENTRY_HOLDS} OFFSET 0) gathered"  # noqa: S608
)
LOOKS = {
    "obligations": BY_ID.format(kind="obligations", table="accounts_obligation", fence="{fence}"),
    "facts": BY_ID.format(kind="facts", table=CURRENT_FACTS, fence="{fence}"),
    "entries": GATHERED,
}
WRITTEN: dict[str, models.QuerySet[Written]] = {
    "obligations": Obligation.objects.select_related("account", "holder", "contact"),
    "facts": Fact.objects.select_related("account", "topic", "contact", "author").annotate(
        is_retracted=Exists(Retraction.objects.filter(fact=OuterRef("pk"))),
        is_replaced=Exists(Fact.objects.filter(supersedes=OuterRef("pk"))),
    ),
    "entries": Entry.objects.select_related("account", "author", "author_contact", "imported_by").annotate(
        is_retracted=Exists(Retraction.objects.filter(entry=OuterRef("pk")))
    ),
}
Headlines: TypeAlias = dict[str, dict[int, str]]


def written(query: SearchQuery, sight: Sight, limit: int, kinds: Collection[str]) -> dict[str, list[Found]]:
    given = query.given(sight, limit)
    looks = {kind: look for kind, look in LOOKS.items() if kind in kinds}
    newest = headlines(looks, given)
    things = {kind: WRITTEN[kind].in_bulk(newest[kind]) for kind in looks}
    return {
        kind: [Found(things[kind][pk], parts_of(headline)) for pk, headline in newest[kind].items()]
        for kind in looks
    }


def headlines(looks: dict[str, str], given: Parameters) -> Headlines:
    """Reading back ends after so many entries: two common words may never meet, which no count foretells."""
    if "entries" not in looks or not are_common(given):
        return look(looks, given)
    found = look(looks | {"entries": BACK_FROM_TODAY}, given)
    enough = len(found["entries"]) == given["limit"]
    return found if enough else found | look({"entries": GATHERED}, given)


def are_common(given: Parameters) -> bool:
    ((plan,),) = read(EXPECTED, given)
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return int(plan[0]["Plan"]["Plan Rows"]) >= COMMON


def look(looks: dict[str, str], given: Parameters) -> Headlines:
    found: Headlines = {kind: {} for kind in looks}
    if looks:
        statement = HEADED.format(looks=" UNION ALL ".join(looks.values()))
        fence = "" if given["everywhere"] else "OFFSET 0"
        for kind, pk, headline in read(statement.format(fence=fence), given):
            found[kind][pk] = headline
    return found


def read(statement: str, given: Parameters) -> list[ResultRow]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows: list[ResultRow] = cursor.fetchall()
    return rows


def parts_of(headline: str) -> list[TextPart]:
    """The headline taken apart at its marks; a mark that the text itself held opens nothing."""
    pieces = re.split(f"{START}([^{START}{STOP}]*){STOP}", headline)
    bare = [re.sub(f"[{START}{STOP}]", "", piece) for piece in pieces]
    return [TextPart(piece, hit=bool(n % 2)) for n, piece in enumerate(bare) if piece]


KINDS = ["accounts", "people", "obligations", "facts", "entries"]
