"""What cannot be paraphrased: a day, an amount, a length, a number or a name, and when two of them say the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class FigureKind(StrEnum):
    DAY = "day"
    TIME = "time"
    MONEY = "amount"
    SHARE = "share"
    LENGTH = "length"
    NUMBER = "number"
    NAME = "name"
    SENSE = "sense"


@dataclass(frozen=True, slots=True)
class Day:
    """A day as far as it is said: of what is None nothing was said."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    quarter: int | None = None

    def is_met_by(self, other: Day) -> bool:
        """Whether the other says nothing else, and no less but for the year (and of a day, for the month)."""
        if None not in (self.year, other.year) and self.year != other.year:
            return False
        same_month = None in (self.month, other.month) or self.month == other.month
        if self.day is not None:
            return self.day == other.day and same_month
        if self.weekday is not None:
            return self.weekday == other.weekday
        if self.quarter is not None:
            return self.quarter == (other.quarter or (other.month and (other.month + 2) // 3))
        if self.month is not None:
            return self.month == other.month
        return self.year == other.year


@dataclass(frozen=True, slots=True)
class Quantity:
    """So many of a unit; of an empty unit nothing was said."""

    amount: float
    unit: str = ""

    def is_met_by(self, other: Quantity) -> bool:
        same_unit = self.unit == other.unit or not (self.unit and other.unit)
        return same_unit and abs(self.amount - other.amount) < 0.005


#: A name's parts and a code stand as they are compared.
Value = Day | Quantity | str


@dataclass(frozen=True, slots=True)
class Figure:
    """A place in a text; `values` are what it may mean. One that is not `demanded` may be left out.

    `of_what` is what a number counts, or what it stands after: three plants are not five modules. `bare` is how many of
    its unit a length is: “under 20” may say “under 20 hours”.
    """

    kind: FigureKind
    words: str
    start: int
    end: int
    values: frozenset[Value]
    demanded: bool = True
    of_what: str = ""
    bare: frozenset[Value] = frozenset()

    def is_met_by(self, other: Figure) -> bool:
        values = self.values
        if self.kind != other.kind:
            if other.kind != FigureKind.NUMBER or not other.counts_nothing:
                return False
            values = values if self.kind in {FigureKind.MONEY, FigureKind.SHARE} else self.bare
        return any(says(theirs, mine) for mine, theirs in product(values, other.values))

    @property
    def counts_nothing(self) -> bool:
        return not self.of_what or self.of_what.startswith("after ")

    def is_like(self, other: Figure) -> bool:
        """Whether the other could stand in its place."""
        if self.kind == other.kind == FigureKind.DAY:
            return self.exactness == other.exactness
        return self.kind == other.kind and self.of_what == other.of_what

    @property
    def exactness(self) -> str:
        """Of a day: whether it is one of the calendar, one of every week, or a longer time."""
        days = [value for value in self.values if isinstance(value, Day)]
        if any(day.day for day in days):
            return "day"
        return "weekday" if any(day.weekday is not None for day in days) else "time"


def says(theirs: Value, mine: Value) -> bool:
    if isinstance(mine, Day) and isinstance(theirs, Day):
        return mine.is_met_by(theirs)
    if isinstance(mine, Quantity) and isinstance(theirs, Quantity):
        return mine.is_met_by(theirs)
    return isinstance(mine, str) and mine == theirs


def place(kind: FigureKind, text: str, start: int, end: int, *values: Value) -> Figure:
    """text[start:end] without the full stop of its sentence."""
    end -= text[start:end].endswith(".")
    return Figure(kind, text[start:end], start, end, frozenset(values))
