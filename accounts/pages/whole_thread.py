"""account, reader -> WholeThread: all of its thread to be read in order, a part at a time, and how much is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias, TypedDict, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Func, IntegerField, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django_stubs_ext import WithAnnotations

from accounts.models import Account, Entry, Mention, Passage, SortedPassage, ThreadRead, User
from accounts.models.entries import EntryQuerySet

from .notes_held import Piece

PART = 12
"""So many entries stand on a page: a few minutes."""
WORDS_A_MINUTE = 250
READ = [*Entry.KEPT_BY_HAND, Entry.Kind.STAGE, Entry.Kind.COVERAGE]


class ReadColumns(TypedDict):
    with_whom: list[str]


EntryToRead: TypeAlias = "WithAnnotations[Entry, ReadColumns]"


@dataclass(frozen=True)
class ReadEntry:
    """An entry with its passages marked, what became of them, and whether the reader has read it before."""

    entry: EntryToRead
    pieces: list[Piece]
    became: list[SortedPassage]
    is_read: bool


@dataclass(frozen=True)
class WholeThread:
    """`left` entries of `all` are unread, of so many `words`. `earlier` and `later` are where other parts begin."""

    parts: list[ReadEntry] = field(default_factory=list)
    all: int = 0
    left: int = 0
    words: int = 0
    earlier: int | None = None
    later: int | None = None

    @property
    def minutes(self) -> int:
        return -(-self.words // WORDS_A_MINUTE)

    @property
    def read(self) -> int:
        return self.all - self.left

    @classmethod
    def of(cls, account: Account, reader: User, start: int | None = None) -> WholeThread:
        """The oldest entries that the reader has not read; from `start`, the id of an entry, on whatever they have.

        Eight queries at most, whatever the length of the thread.
        """
        read = ThreadRead.of(account, reader)
        whole = to_read(account)
        unread = whole.exclude(pk__in=read)
        first = whole.filter(pk=start).first() if start else None
        asked = whole.filter(since(first)) if first else unread
        found = cast("list[EntryToRead]", list(with_people(asked)[: PART + 1]))
        counted = whole.aggregate(
            all=Count("pk"),
            left=Count("pk", filter=~Q(pk__in=read)),
            words=Coalesce(Sum(word_count(), filter=~Q(pk__in=read)), 0),
        )
        later = found[PART].pk if len(found) > PART else None
        before = whole.filter(~since(found[0])) if found else whole
        earlier = list(before.reverse().values_list("pk", flat=True)[:PART])
        return cls(
            parts_of(found[:PART], read), **counted, earlier=earlier[-1] if earlier else None, later=later
        )


def to_read(account: Account) -> EntryQuerySet:
    """What people wrote, and by what it is understood: the stages and the changes of hands. The oldest first."""
    return Entry.objects.of(account).not_retracted().filter(kind__in=READ).order_by("at", "pk")


def since(entry: Entry) -> Q:
    return Q(at__gt=entry.at) | Q(at=entry.at, pk__gte=entry.pk)


def word_count() -> Coalesce:
    """As many words as were counted when it was read for its passages; until then as many as blanks tell."""
    blanks = Func(F("text"), template="cardinality(regexp_split_to_array(%(expressions)s, '\\s+'))")
    return Coalesce(F("reading__words"), blanks, output_field=IntegerField())


def with_people(entries: EntryQuerySet) -> EntryQuerySet:
    people = Mention.objects.filter(entry=OuterRef("pk")).order_by("pk")
    shown = entries.select_related("author", "imported_by", "author_contact", "coverage__person", "account")
    return shown.annotate(with_whom=ArraySubquery(people.values("contact__name"))).with_originals()


def parts_of(entries: Iterable[EntryToRead], read: set[int]) -> list[ReadEntry]:
    ids = [entry.pk for entry in entries]
    passages: dict[int, list[Passage]] = {}
    for passage in Passage.objects.filter(reading__in=ids).order_by("reading", "start"):
        passages.setdefault(passage.reading_id, []).append(passage)
    became: dict[int, list[SortedPassage]] = {}
    sorted_ = SortedPassage.objects.filter(entry__in=ids).standing().exclude(became="nothing")
    for row in sorted_.with_what_became().order_by("start"):
        became.setdefault(row.entry_id, []).append(row)
    return [
        ReadEntry(
            entry,
            pieces(entry.text, passages.get(entry.pk, [])),
            became.get(entry.pk, []),
            entry.pk in read,
        )
        for entry in entries
    ]


def pieces(text: str, passages: Iterable[Passage]) -> list[Piece]:
    found, end = [], 0
    for passage in passages:
        found += [Piece(text[end : passage.start]), Piece(text[passage.start : passage.end], passage.pk)]
        end = passage.end
    return [*found, Piece(text[end:])]
