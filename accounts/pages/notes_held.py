"""account -> NotesHeld: the next entry with passages that nobody has looked at, and how many of those there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Count

from accounts.models import Account, Contact, Entry, Passage
from accounts.models.passages import NOT_READ


@dataclass(frozen=True)
class Piece:
    """A part of an entry's words. `marked` is a passage to be sorted, `current` the one that is asked about."""

    text: str
    marked: bool = False
    current: bool = False


@dataclass(frozen=True)
class NotesHeld:
    """`current` is the passage that is asked about, `passages` are the unsorted ones of its entry."""

    count: int = 0
    notes: int = 0
    unread: int = 0
    current: Passage | None = None
    passages: list[Passage] = field(default_factory=list)
    with_whom: list[Contact] = field(default_factory=list)

    @property
    def pieces(self) -> Iterator[Piece]:
        """The whole entry in its order."""
        if self.current is None:
            return
        text, end = self.current.reading.entry.text, 0
        for passage in self.passages:
            yield Piece(text[end : passage.start])
            yield Piece(text[passage.start : passage.end], True, passage == self.current)
            end = passage.end
        yield Piece(text[end:])

    @classmethod
    def of(cls, account: Account, current: Passage | None = None) -> NotesHeld:
        """The oldest unsorted passage is asked about, unless it is said which. A fixed number of queries."""
        unsorted = Passage.objects.of(account).unsorted()
        in_order = unsorted.order_by("reading__entry__at", "reading", "start")
        current = current or in_order.with_entry().first()
        counted = unsorted.aggregate(count=Count("pk"), notes=Count("reading", distinct=True))
        unread = Entry.objects.of(account).not_retracted().filter(NOT_READ).count()
        if current is None:
            return cls(unread=unread)
        beside = list(unsorted.filter(reading=current.reading).order_by("start"))
        people = Contact.objects.filter(mentions__entry=current.reading_id).order_by("name", "pk")
        return cls(**counted, unread=unread, current=current, passages=beside, with_whom=list(people))
