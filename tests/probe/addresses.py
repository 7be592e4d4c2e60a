"""Every URL of the site, from the URLconf, and the objects that it can be asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from .marks import account_of, our_models

#: Of which table the number in an address is, where the word before it does not say so by itself.
TABLES = {
    "people": "accounts_user",
    "cast": "accounts_user",
    "import": "accounts_importbatch",
    "jobs": "handoffs_jobrun",
    "checklist": "handoffs_checklistitem",
    "checklists": "handoffs_templateitem",
    "changes": "handoffs_handoff",
    "choices": "accounts_ask",
    "owed": "accounts_obligation",
    "entries": "accounts_entry",
    "cadences": "accounts_cadence",
}
PLACE = re.compile(r"(?:([\w-]+)/)?<(?:(\w+):)?(\w+)>")
ANYTHING = [str(number) for number in (1, 2, 3, 5, 8, 13, 21, 34, 55)]


@dataclass(frozen=True)
class Thing:
    """What stands in an address in place of its variables, and the account to which that belongs, or 0."""

    keys: tuple[str, ...] = ()
    account: int = 0


@dataclass(frozen=True)
class Target:
    """A URL of the URLconf."""

    name: str
    route: str
    of_handoffs: bool  # a page of changes of hands, where more may be read of what is about to come
    table: str  # of which its object is a row, or nothing
    things: tuple[Thing, ...]

    def path(self, thing: Thing) -> str:
        keys = iter(thing.keys)
        return "/" + PLACE.sub(
            lambda place: f"{place[1]}/{next(keys)}" if place[1] else next(keys), self.route
        )


def patterns(
    found: list[URLPattern | URLResolver], before: str = ""
) -> Iterator[tuple[str, str, Callable[..., object]]]:
    for pattern in found:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, route)
        else:
            yield pattern.name or route, route, pattern.callback


def every_target() -> list[Target]:
    rows = every_row()
    targets = []
    for name, route, view in patterns(get_resolver().url_patterns):
        places = PLACE.findall(route)
        table = table_of(places[0][0]) if places else ""
        first = rows.get(table) or [Thing((key,)) for key in ANYTHING]
        things = [Thing((*thing.keys, *("0" for _ in places[1:])), thing.account) for thing in first]
        of_handoffs = view.__module__.startswith("handoffs.")
        targets.append(Target(name, route, of_handoffs, table, tuple(things if places else [Thing()])))
    return targets


def table_of(word: str) -> str:
    """The table whose rows stand behind this word of an address; nothing where that cannot be told."""
    ours = {model._meta.db_table for model in our_models()}
    guesses = [TABLES.get(word, ""), f"accounts_{word[:-1]}", f"handoffs_{word[:-1]}"]
    return next((guess for guess in guesses if guess in ours), "")


def every_row() -> dict[str, list[Thing]]:
    """Of each table of ours the keys of its rows, each with the account to which it belongs."""
    found: dict[str, list[Thing]] = {}
    with connection.cursor() as cursor:
        for model in our_models():
            table, key = model._meta.db_table, model._meta.pk
            account = account_of(model) or "0"
            cursor.execute(f'SELECT t."{key.column}"::text, coalesce({account}, 0) FROM {table} t ORDER BY 1')
            found[table] = [Thing((pk,), account) for pk, account in cursor.fetchall()]
    return found
