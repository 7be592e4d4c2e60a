"""The story's own time: its calendar, and a clock by which the verbs stamp what they do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.rules import clocks

ZONE = ZoneInfo("Europe/Berlin")
FORTNIGHT = 10  # working days
NAMED_DAY = re.compile(r"\{(month)?([+-]\d+)\}")


class Calendar:
    """Days counted from today: within a fortnight each is a working day, beyond it a day of the calendar."""

    def __init__(self, today: date) -> None:
        self.today = today

    def on(self, day: int) -> date:
        """The date of a day of the story, never on a weekend: -1 is the last working day, 10 is in two weeks."""
        step = timedelta(days=1 if day > 0 else -1)
        found, left = self.today, min(abs(day), FORTNIGHT)
        while left:
            found += step
            left -= found.weekday() < 5
        found += step * max(abs(day) - FORTNIGHT, 0)
        while day and found.weekday() >= 5:
            found += step
        return found

    def at(self, day: int, minute: int) -> datetime:
        """That day at so many minutes past midnight."""
        return datetime.combine(self.on(day), time(minute // 60, minute % 60), ZONE)

    def dated(self, text: str) -> str:
        """The text with `{+12}` written as a day (“3 May”) and `{month+90}` as a month."""

        def named(match: re.Match[str]) -> str:
            return f"{self.on(int(match[2])):{'%B' if match[1] else '%-d %B'}}"

        return NAMED_DAY.sub(named, text)


class Clock:
    """Stands at the instant it was put to, and goes on a little each time somebody looks at it."""

    def __init__(self, begins: datetime) -> None:
        self.instant = begins

    def put_to(self, instant: datetime) -> None:
        self.instant = max(instant, self.instant)

    def now(self) -> datetime:
        self.instant += timedelta(milliseconds=1)
        return self.instant


@contextmanager
def story_time(begins: datetime) -> Iterator[Clock]:
    """Within this block the product lives in the story's time, which begins here. For one thread only."""
    clock = Clock(begins)
    with clocks.running(clock.now):
        yield clock
