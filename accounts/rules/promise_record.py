"""What became of what we promised: twelve months of kept, late and broken, out of all these. Never a percentage.

A promise belongs to the month in which it was missed or, before that, kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

MONTHS = 12
FIGURES = ("kept", "late", "broken")


@dataclass(frozen=True, kw_only=True)
class Promises:
    """How many were kept, kept late and broken."""

    kept: int = 0
    late: int = 0
    broken: int = 0

    @property
    def due(self) -> int:
        return self.kept + self.late + self.broken

    @property
    def in_words(self) -> str:
        """Such as “3 of 5 kept, 1 late, 1 broken”."""
        if not self.due:
            return "nothing was due"
        rest = [f"{self.late} late" if self.late else "", f"{self.broken} broken" if self.broken else ""]
        return ", ".join([f"{self.kept} of {self.due} kept", *filter(None, rest)])


@dataclass(frozen=True)
class Month(Promises):
    starts: date

    @property
    def css(self) -> str:
        if not self.due:
            return ""
        if self.kept == self.due:
            return "is-kept"
        return "is-late" if self.broken == self.due else "is-mixed"

    def __str__(self) -> str:
        return f"{self.starts:%B %Y}: {self.in_words}"


@dataclass(frozen=True)
class PromiseRecord(Promises):
    """The last twelve months, this one included, the oldest first."""

    months: list[Month]

    @classmethod
    def of(cls, counted: Iterable[dict[str, Any]], day: date) -> PromiseRecord:
        """From rows of month, kept, late and broken; in months without a row nothing was kept or missed."""
        figures = by_month(counted, day)
        starts = [month_before(day, ago) for ago in reversed(range(MONTHS))]
        months = [Month(start, **figures[start]) for start in starts]
        return cls(months, **sum((figures[start] for start in starts), Counter[str]()))

    def __str__(self) -> str:
        return self.in_words


def by_month(counted: Iterable[dict[str, Any]], day: date) -> defaultdict[date, Counter[str]]:
    """How many were kept, late and broken, by the first day of the month.

    Where a customer is a day ahead and has begun the next month, it counts as this one.
    """
    figures: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for row in counted:
        month = min(date.fromisoformat(row["month"][:10]), month_before(day, 0))
        figures[month].update({name: row[name] for name in FIGURES})
    return figures


def month_before(day: date, ago: int) -> date:
    """The first day of the month so many months before that of a day."""
    index = day.year * 12 + day.month - 1 - ago
    return date(index // 12, index % 12 + 1, 1)
