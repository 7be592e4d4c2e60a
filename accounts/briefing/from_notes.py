"""account -> FromNotes: what its notes hold that nobody has sorted yet, in their own words, as far as there is room.

Room is counted in words: a brief is at most half as long as what it is made of. What does not fit is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeAlias, TypedDict, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Sum, Window
from django_stubs_ext import WithAnnotations

from accounts.models import Account, Entry, Mention, Passage
from accounts.models.passages import NOT_READ
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

    @classmethod
    def of(
        cls, account: Account, *, room: int | None = None, beside: int = 0, without: Iterable[int] = ()
    ) -> FromNotes:
        """In so many words; without `room` in half of the words of the notes, less those that stand `beside` them.

        Passages `without`, by their ids, stand elsewhere already. Three queries, whatever the number of notes.
        """
        entries = Entry.objects.of(account).not_retracted()
        of_all = entries.aggregate(
            words=Sum("reading__words", default=0),
            unread=Count("pk", filter=NOT_READ),
        )
        unsorted = Passage.objects.of(account).unsorted().exclude(pk__in=without)
        passages = unsorted.annotate(of_all=Window(Count("pk")))
        most_telling = passages.order_by("-words", "reading", "start")[:MOST_OFFERED]
        offered = cast("list[CountedPassage]", list(most_telling))
        found_in_all = offered[0].of_all if offered else 0
        by_entry: dict[int, list[Passage]] = {}
        for passage in offered:
            by_entry.setdefault(passage.reading_id, []).append(passage)
        people = Mention.objects.filter(entry=OuterRef("pk")).order_by("pk")
        found = Entry.objects.filter(pk__in=by_entry).select_related("author", "author_contact")
        found = found.annotate(with_whom=ArraySubquery(people.values("contact__name")))
        told = {entry.pk: entry for entry in cast("list[EntryWithPeople]", list(found))}
        author = usual_author(told.values())
        called = first_names(name for entry in told.values() for name in [entry.who, *entry.with_whom])
        lines = {
            pk: NoteLine(pk, entry.at.date().isoformat(), who(entry, author, called))
            for pk, entry in told.items()
        }
        if room is None:
            room = min(max(of_all["words"] // 2 - beside, LEAST_WORDS), MOST_WORDS)
        spans = chosen(
            by_entry,
            {pk: entry.text for pk, entry in told.items()},
            {pk: count_words(line.label) for pk, line in lines.items()},
            room - 2 * len({(entry.at.year, entry.at.month) for entry in told.values()}),
        )
        shown = [
            replace(lines[pk], pieces=pieces_of(told[pk].text, some))
            for pk, some in sorted(spans.items(), key=lambda pair: (told[pair[0]].at, pair[0]))
        ]
        carried = sum(inside(passage, spans.get(passage.reading_id, [])) for passage in offered)
        imported = any(told[pk].imported_by_id for pk in spans)
        return cls(author, imported, shown, found_in_all - carried, of_all["unread"])


def inside(passage: Passage, spans: Iterable[Span]) -> bool:
    return any(start <= passage.start and passage.end <= end for start, end in spans)


def usual_author(entries: Iterable[Entry]) -> str:
    """Whoever wrote most of them: the others are named."""
    return next((name for name, _ in Counter(entry.who for entry in entries).most_common(1)), "")


def first_names(names: Iterable[str]) -> dict[str, str]:
    """What each is called where all of them are named in full beside it: by the first name, unless two share it."""
    firsts = {name: name.split()[0] for name in names if name}
    shared = Counter(firsts.values())
    return {name: first if shared[first] == 1 else name for name, first in firsts.items()}


def who(entry: EntryWithPeople, author: str, called: dict[str, str]) -> str:
    """Who wrote it, unless that is the usual author, and of whom."""
    names = [entry.who] if entry.who != author else []
    return ", ".join(called[name] for name in [*names, *entry.with_whom])


def pieces_of(text: str, spans: Iterable[Span]) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in spans]
