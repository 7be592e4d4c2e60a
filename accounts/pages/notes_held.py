"""account -> NotesHeld: the next entry with passages that nobody has looked at, and how many of those there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.db.models import Count, Q

from accounts.models import Account, Contact, Entry, Passage, SortedPassage
from accounts.models.passages import NOT_READ

from .proposed import Proposed

LATELY = 5
"""So many of what was sorted last are shown, each to be undone."""


@dataclass(frozen=True)
class Piece:
    """A part of an entry's words. `passage` is one to be sorted, `current` the one that is asked about.

    By `key` one goes on from there to this one.
    """

    text: str
    passage: int | None = None
    current: bool = False
    key: str = ""


@dataclass(frozen=True)
class NotesHeld:
    """`current` is the passage that is asked about, `passages` are the unsorted ones of its entry.

    `done` were sorted, `lately` is the last of them.
    """

    count: int = 0
    notes: int = 0
    unread: int = 0
    done: int = 0
    current: Passage | None = None
    passages: list[Passage] = field(default_factory=list)
    with_whom: list[Contact] = field(default_factory=list)
    lately: list[SortedPassage] = field(default_factory=list)
    proposed: Proposed | None = None

    @property
    def all(self) -> int:
        return self.done + self.count

    @property
    def pieces(self) -> Iterator[Piece]:
        """The whole entry in its order."""
        if self.current is None:
            return
        text, end = self.current.reading.entry.text, 0
        here = next((at for at, one in enumerate(self.passages) if one == self.current), 0)
        keys = {here - 1: "k", here + 1: "j"}
        for at, passage in enumerate(self.passages):
            yield Piece(text[end : passage.start])
            own = text[passage.start : passage.end]
            yield Piece(own, passage.pk, passage == self.current, keys.get(at, ""))
            end = passage.end
        yield Piece(text[end:])

    @classmethod
    def of(cls, account: Account, current: Passage | None = None, among: Q | None = None) -> NotesHeld:
        """The oldest unsorted passage is asked about, unless it is said which, or `among` which.

        A fixed number of queries.
        """
        unsorted = Passage.objects.of(account).unsorted().filter(among or Q())
        in_order = unsorted.order_by("reading__entry__at", "reading", "start")
        current = current or in_order.with_entry().first()
        counted = unsorted.aggregate(count=Count("pk"), notes=Count("reading", distinct=True))
        sorted_ = SortedPassage.objects.of(account).standing()
        whole = cls(
            unread=Entry.objects.of(account).not_retracted().filter(NOT_READ).count(),
            done=sorted_.count(),
            lately=list(sorted_.with_what_became().order_by("-pk")[:LATELY]),
        )
        if current is None:
            return whole
        beside = list(Passage.objects.filter(reading=current.reading).unsorted().order_by("start"))
        people = list(account.contacts.filter(erased_at=None).order_by("name", "pk"))
        met = set(current.reading.entry.mentions.values_list("contact", flat=True))
        with_whom = [person for person in people if person.pk in met]
        proposed = Proposed.of(current, people, with_whom)
        return replace(
            whole, **counted, current=current, passages=beside, with_whom=with_whom, proposed=proposed
        )
