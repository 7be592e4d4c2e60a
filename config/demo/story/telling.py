"""The words in which the story is told. What is told is kept for later, and happens in the order of its days."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from accounts.models import Account, Topic, User

from .clock import Calendar, story_time

if TYPE_CHECKING:
    from .customer import Customer

T = TypeVar("T")
MORNING = 8 * 60 + 40
BLANK_LINE = re.compile(r"\n\s*\n")


class Told(Generic[T]):
    """What will exist once the story has come that far."""

    _it: T | None = None

    @property
    def it(self) -> T:
        if self._it is None:
            raise LookupError("The story speaks of something that has not happened yet.")
        return self._it

    def is_now(self, it: T) -> T:
        self._it = it
        return it


class Story:
    def __init__(self, today: date) -> None:
        self.calendar = Calendar(today)
        self.people: dict[str, User] = {}
        self.topics: dict[str, Topic] = Topic.objects.in_bulk()
        self.customers: dict[str, Customer] = {}
        self._events: list[tuple[int, int, int, Callable[[], object]]] = []
        self._last_of: dict[tuple[str, int], int] = {}

    def on(self, day: int) -> date:
        return self.calendar.on(day)

    def text(self, words: str) -> str:
        """With its days named. A blank line begins a new one; where else the words are broken is of no matter."""
        lines = BLANK_LINE.split(words.strip())
        return self.calendar.dated("\n".join(" ".join(line.split()) for line in lines))

    def who(self, first_name: str) -> User:
        return self.people[first_name]

    def account(self, name: str) -> Account:
        """As it is at that moment of the story."""
        return Account.objects.get(name=name)

    def tell(self, day: int, clock: str, act: Callable[[], object]) -> None:
        """Let something happen on a day, at a time like `14:30`."""
        hour, minute = clock.split(":")
        self._add(day, int(hour) * 60 + int(minute), act)

    def tell_of(self, thread: str, day: int, act: Callable[[], object]) -> None:
        """Let something happen on a day, some time after what this thread has already told of that day."""
        seed = zlib.crc32(f"{thread} {day}".encode())
        before = [minute for other, minute, _, _ in self._events if other == day]
        mine = self._last_of.get((thread, day))
        minute = MORNING + seed % 150 if mine is None else mine + 12 + seed % 23
        while minute in before:
            minute += 1
        self._last_of[thread, day] = minute
        self._add(day, minute, act)

    def _add(self, day: int, minute: int, act: Callable[[], object]) -> None:
        self._events.append((day, minute, len(self._events), act))

    def happen(self) -> None:
        """Live through all of it."""
        self._events.sort(key=lambda event: event[:3])
        begins = self.calendar.at(*self._events[0][:2]) - timedelta(days=1)
        with story_time(begins) as clock:
            for day, minute, _, act in self._events:
                clock.put_to(self.calendar.at(day, minute))
                try:
                    act()
                except Exception as error:
                    error.add_note(f"On day {day} of the story, at {minute // 60}:{minute % 60:02}.")
                    raise
