"""What became of what we promised: twelve months of kept, late and broken, out of what was due. Never a percentage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

MONTHS = 12


@dataclass(frozen=True)
class Month:
    starts: date
    kept: int = 0
    late: int = 0
    broken: int = 0

    @property
    def due(self) -> int:
        return self.kept + self.late + self.broken

    @property
    def css(self) -> str:
        if not self.due:
            return ""
        if self.kept == self.due:
            return "is-kept"
        return "is-late" if self.broken == self.due else "is-mixed"

    def __str__(self) -> str:
        return f"{self.starts:%B %Y}: {in_words(self.kept, self.late, self.broken)}"


@dataclass(frozen=True)
class PromiseRecord:
    """The last twelve months, this one included, the oldest first."""

    months: list[Month]

    @staticmethod
    def first_month(day: date) -> date:
        """The first day of the month in which twelve months up to this day begin."""
        return month_before(day, MONTHS - 1)

    @classmethod
    def of(cls, counted: Iterable[dict[str, Any]], day: date) -> PromiseRecord:
        """From rows of month, kept, late and broken; months without a row had nothing due."""
        by_month = {date.fromisoformat(row["month"][:10]): row for row in counted}
        starts = [month_before(day, ago) for ago in reversed(range(MONTHS))]
        months = [Month(start, **figures(by_month.get(start, {}))) for start in starts]
        return cls(months)

    @property
    def kept(self) -> int:
        return sum(month.kept for month in self.months)

    @property
    def late(self) -> int:
        return sum(month.late for month in self.months)

    @property
    def broken(self) -> int:
        return sum(month.broken for month in self.months)

    @property
    def due(self) -> int:
        return self.kept + self.late + self.broken

    def __str__(self) -> str:
        return in_words(self.kept, self.late, self.broken)


def figures(row: dict[str, Any]) -> dict[str, int]:
    return {name: row[name] for name in ("kept", "late", "broken") if row}


def in_words(kept: int, late: int, broken: int) -> str:
    """Such as “3 of 5 kept, 1 late, 1 broken”."""
    due = kept + late + broken
    if not due:
        return "nothing was due"
    rest = [f"{late} late" if late else "", f"{broken} broken" if broken else ""]
    return ", ".join([f"{kept} of {due} kept", *filter(None, rest)])


def month_before(day: date, ago: int) -> date:
    """The first day of the month so many months before that of a day."""
    index = day.year * 12 + day.month - 1 - ago
    return date(index // 12, index % 12 + 1, 1)
