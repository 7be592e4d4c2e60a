"""account -> FromNotes: what its notes hold that nobody has sorted yet, in their own words, as far as there is room.

Room is counted in words: a brief is at most half as long as what it is made of. What does not fit is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeAlias, TypedDict, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, OuterRef, Sum, Value, When, Window
from django_stubs_ext import WithAnnotations

from accounts.models import Account, Entry, Mention, Passage
from accounts.models.passages import NOT_READ
from accounts.models.users import first_name
from accounts.rules.passages import Span, chosen, count_words

MOST_OFFERED = 400
"""So many passages, those with the most different words, are weighed against each other."""
MOST_WORDS = 2_500
"""What is read in ten minutes: no brief of an account's notes is longer, however many they are."""
LEAST_WORDS = 150


class PeopleOfEntry(TypedDict):
    with_whom: list[str]


class Counted(TypedDict):
    of_all: int


CountedPassage: TypeAlias = "WithAnnotations[Passage, Counted]"
EntryWithPeople: TypeAlias = "WithAnnotations[Entry, PeopleOfEntry]"


@dataclass(frozen=True)
class NoteLine:
    """What is carried of one entry: the pieces of it, in its order; who wrote it and of whom, as far as is not said."""

    entry: int
    on: str
    who: str
    pieces: list[str] = field(default_factory=list)

    @property
    def day(self) -> date:
        return date.fromisoformat(self.on)

    @property
    def text(self) -> str:
        return " … ".join(self.pieces)

    @property
    def label(self) -> str:
        day = f"{self.day:%-d}"
        return f"{day}, {self.who}: " if self.who else f"{day}: "


@dataclass(frozen=True)
class FromNotes:
    """`author` wrote whatever names nobody else; where it was `imported`, its file says so.

    `left` passages are not shown, `unread` notes have not been read. Days are written as they are frozen: 2026-05-03.
    """

    author: str = ""
    imported: bool = False
    lines: list[NoteLine] = field(default_factory=list)
    left: int = 0
    unread: int = 0

    @property
    def months(self) -> list[tuple[date, list[NoteLine]]]:
        """The lines by the month in which it happened, the oldest first."""
        found: dict[date, list[NoteLine]] = {}
        for line in self.lines:
            found.setdefault(line.day.replace(day=1), []).append(line)
        return list(found.items())

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> FromNotes:
        return cls(**stored | {"lines": [NoteLine(**line) for line in stored["lines"]]})


@dataclass(frozen=True)
class Unsorted:
    """What the notes of an account hold and nobody has sorted: the passages worth weighing, and their entries.

    `count` is how many passages there are in all, `words` how many the notes have, `unread` how many were not read.
    """

    passages: dict[int, list[Passage]]
    entries: dict[int, EntryWithPeople]
    count: int
    words: int
    unread: int

    @classmethod
    def of(cls, account: Account, soon: Iterable[date] = ()) -> Unsorted:
        """Of a long memory those that name a day of these come first, then those with the most different words.

        Three queries, whatever the number of notes.
        """
        of_all = Entry.objects.of(account).not_retracted()
        counted = of_all.aggregate(
            words=Sum("reading__words", default=0), unread=Count("pk", filter=NOT_READ)
        )
        named = Case(When(days__overlap=list(soon), then=0), default=1) if soon else Value(1)
        passages = Passage.objects.of(account).unsorted().annotate(of_all=Window(Count("pk")))
        telling = passages.order_by(named, "-words", "reading", "start")[:MOST_OFFERED]
        offered = cast("list[CountedPassage]", list(telling))
        by_entry: dict[int, list[Passage]] = {}
        for passage in offered:
            by_entry.setdefault(passage.reading_id, []).append(passage)
        people = Mention.objects.filter(entry=OuterRef("pk")).order_by("pk")
        found = Entry.objects.filter(pk__in=by_entry).select_related("author", "author_contact")
        found = found.annotate(with_whom=ArraySubquery(people.values("contact__name")))
        entries = {entry.pk: entry for entry in cast("list[EntryWithPeople]", list(found))}
        return cls(by_entry, entries, offered[0].of_all if offered else 0, **counted)

    def shown(self, room: int, without: Container[Passage] = ()) -> FromNotes:
        """What of them is shown in so many words, beside those passages that stand elsewhere already."""
        told = self.entries
        room = min(max(room, 0), MOST_WORDS)
        author = usual_author(told.values())
        called = first_names(name for entry in told.values() for name in [entry.who, *entry.with_whom])
        lines = {
            pk: NoteLine(pk, entry.at.date().isoformat(), who(entry, author, called))
            for pk, entry in told.items()
        }
        here = {
            pk: left
            for pk, some in self.passages.items()
            if (left := [passage for passage in some if passage not in without])
        }
        spans = chosen(
            here,
            {pk: entry.text for pk, entry in told.items()},
            {pk: count_words(line.label) for pk, line in lines.items()},
            room - 2 * len({(entry.at.year, entry.at.month) for entry in told.values()}),
        )
        shown = [
            replace(lines[pk], pieces=pieces_of(told[pk].text, some))
            for pk, some in sorted(spans.items(), key=lambda pair: (told[pair[0]].at, pair[0]))
        ]
        every = [passage for some in self.passages.values() for passage in some]
        carried = sum(
            passage in without or inside(passage, spans.get(passage.reading_id, [])) for passage in every
        )
        imported = any(told[pk].imported_by_id for pk in spans)
        return FromNotes(author, imported, shown, self.count - carried, self.unread)


def inside(passage: Passage, spans: Iterable[Span]) -> bool:
    return any(start <= passage.start and passage.end <= end for start, end in spans)


def usual_author(entries: Iterable[Entry]) -> str:
    """Whoever wrote most of them: the others are named."""
    return next((name for name, _ in Counter(entry.who for entry in entries).most_common(1)), "")


def first_names(names: Iterable[str]) -> dict[str, str]:
    """What each is called where all of them are named in full beside it: by the first name, unless two share it."""
    firsts = {name: first_name(name) for name in names if name}
    shared = Counter(firsts.values())
    return {name: first if shared[first] == 1 else name for name, first in firsts.items()}


def who(entry: EntryWithPeople, author: str, called: dict[str, str]) -> str:
    """Who wrote it, unless that is the usual author, and of whom."""
    names = [entry.who] if entry.who != author else []
    return ", ".join(called[name] for name in [*names, *entry.with_whom])


def pieces_of(text: str, spans: Iterable[Span]) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in spans]
