"""What a phrase means to somebody who writes on a given day: one day, or several with the question which."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from .phrases import (
    COUNTS,
    MONTH,
    MONTHS,
    RULES,
    WEEKDAYS,
    exists,
    figures,
    last_day,
    month_end,
    month_in,
    next_month,
    short,
    three_months,
    weekday_in,
    year_in,
)

JUST_PASSED = timedelta(days=31)
"""A day without a year that passed no longer ago than this is asked about: the next one is eleven months away."""

DUE, BY, NAMED = 3, 2, 1
"""How clearly a phrase says that it is the deadline: “due Friday”, “by Friday”, “Friday”."""


DEADLINES = {"by", "before", "until", "till", "no later than", "not later than"}
NO_DEADLINES = {"from", "after", "since", "every", "each"}
SWALLOWED = {
    "in": "by ",
    "within": "by ",
    "during": "by ",
    "before": "by ",
    "due in": "due ",
    "due within": "due ",
}
"""Introductions that do not fit before a day and the written answer takes the place of, with what it says instead."""

IN = {"in", "within", "due in", "due within"}
COMMON_WORDS = {"mon", "wed", "sat", "sun"}
"""Short names of weekdays that are English words or parts of names: taken for days only after “by”, “on” and so on."""

Days = tuple[date, ...]
Reading = tuple[Days, str]
"""The days that a phrase may mean, and the question which one it is (empty: it is the only one)."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that mean a day. An answer to `doubt` replaces text[start:end] by `written(day)`."""

    start: int
    end: int
    days: tuple[date, ...]
    doubt: str = ""
    weight: int = NAMED
    lead: str = ""

    @property
    def day(self) -> date | None:
        return None if self.doubt else self.days[0]

    def written(self, day: date) -> str:
        return self.lead + short(day)


class DateReader:
    """Reads phrases as days, as somebody who writes on `today` means them."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.monday = today - timedelta(days=today.weekday())

    def phrase(self, match: re.Match[str]) -> Phrase | None:
        """What a match of `PHRASE` means; None when it is no day by which something is due."""
        rule = next(name for name in RULES if match[name] is not None)
        intro = " ".join((match["intro"] or "").split())
        if intro in NO_DEADLINES:
            return None
        words = " ".join(match[rule].split())
        read: Callable[[str, str], Reading | None] = getattr(self, rule)  # each rule has a method of its name
        try:
            reading = read(words, intro)
            if reading and intro == "before" and rule != "edge":
                reading = before(*reading, whole=rule in {"month", "period", "quarter"})
        except (ValueError, OverflowError, StopIteration):  # beyond the calendar
            reading = (), "There is no such day. Which day is meant?"
        if reading is None:
            return None
        weight = DUE if intro.startswith(("due", "deadline")) else BY if intro in DEADLINES else NAMED
        start = match.start("intro") if intro in SWALLOWED else match.start("said")
        return Phrase(start, match.end("said"), *reading, weight, SWALLOWED.get(intro, ""))

    # Numbers

    def iso(self, words: str, intro: str) -> Reading:
        year, month, day = figures(words)
        return on_weekday(self.exact(year, month, day), words)

    def numbers(self, words: str, intro: str) -> Reading | None:
        first, second, year = figures(words)
        if "." in words and year < 100 and not is_said_to_be_a_day(intro):
            return None  # rather a version
        year += 2000 if year < 100 else 0
        return on_weekday(self.either(first, second, year, "." not in words), words)

    def pair(self, words: str, intro: str) -> Reading | None:
        """Two numbers are a day only where they are said to be one: not in “24/7” or “3/4 of the seats”."""
        if not is_said_to_be_a_day(intro) and weekday_in(words) is None:
            return None
        first, second = figures(words)
        return on_weekday(self.either(first, second, None, "." not in words), words)

    def either(self, first: int, second: int, year: int | None, slashes: bool) -> Reading:
        """Day before month, or month before day? With dots the day is first; else it is asked if both exist."""
        if not slashes or first > 12:
            return self.dated(first, second, year)
        if second > 12 or first == second:
            return self.dated(second, first, year)
        readings = [self.dated(first, second, year)[0], self.dated(second, first, year)[0]]
        days = tuple(sorted({day for reading in readings for day in reading}))
        return days, "Which day is meant: is the day or the month written first?"

    # A day of a month

    def day_month(self, words: str, intro: str) -> Reading:
        return on_weekday(self.dated(figures(words)[0], month_in(words), year_in(words)), words)

    month_day = day_month

    def dated(self, day: int, month: int, year: int | None) -> Reading:
        if year is not None:
            return self.exact(year, month, day)
        if not exists(2024, month, day):  # not even in a leap year
            return self.exact(self.next_year_of(month), month, day)
        if (month, day) == (2, 29) and not exists(self.next_year_of(2), 2, 29):
            return self.exact(self.next_year_of(2), 2, 29)
        coming = next(
            date(year, month, day)
            for year in range(self.today.year, self.today.year + 9)
            if exists(year, month, day) and date(year, month, day) >= self.today
        )
        years = self.today.year, self.today.year - 1
        passed = [date(year, month, day) for year in years if exists(year, month, day)]
        recent = [it for it in passed if timedelta(0) < self.today - it <= JUST_PASSED]
        if recent:
            return (coming, recent[0]), f"{short(recent[0])} has just passed. Which day is meant?"
        return (coming,), ""

    def exact(self, year: int, month: int, day: int) -> Reading:
        if exists(year, month, day):
            return (date(year, month, day),), ""
        if not 1 <= month <= 12 or not 1 <= day <= 31:
            return (), "There is no such day. Which day is meant?"
        last = date(year, month, last_day(year, month))
        doubt = f"{MONTHS[month - 1]} {year} has no day {day}. Which day is meant?"
        return (last, last + timedelta(days=1)), doubt

    def next_year_of(self, month: int) -> int:
        return self.today.year if month >= self.today.month else self.today.year + 1

    def ordinal(self, words: str, intro: str) -> Reading | None:
        """“By the 15th”: this month's, or the next month's that has such a day."""
        if not is_said_to_be_a_day(intro):
            return None
        day = figures(words)[0]
        first = self.today.replace(day=1)
        if "month" in words:
            first = next_month(first) if "next" in words else first
            return self.exact(first.year, first.month, day)
        days: list[date] = []
        for _ in range(4):
            if exists(first.year, first.month, day):
                days.append(first.replace(day=day))
            first = next_month(first)
        if self.today in days:
            return (self.today, next(it for it in days if it > self.today)), "Today, or next month?"
        return (next(it for it in days if it >= self.today),), ""

    # Weekdays: weeks begin on Monday

    def weekday(self, words: str, intro: str) -> Reading | None:
        which, _, name = words.rpartition(" ")
        if not which and not intro and name in COMMON_WORDS:
            return None
        weekday = weekday_in(name)
        assert weekday is not None
        ahead = (weekday - self.today.weekday()) % 7
        of_this_week = self.monday + timedelta(days=weekday)
        if which == "this" and of_this_week < self.today:
            return (self.in_days(ahead),), f"This week's {WEEKDAYS[weekday]} has passed. Which day is meant?"
        if which == "next":
            return self.next_weekday(self.in_days(ahead or 7), of_this_week + timedelta(days=7))
        if which == "last":
            return (self.in_days(ahead - 7),), ""
        if not which and not ahead:
            return (self.today, self.in_days(7)), f"Today is {WEEKDAYS[weekday]}. Today, or in a week?"
        return (self.in_days(ahead if which == "this" else ahead or 7),), ""

    def next_weekday(self, nearest: date, of_next_week: date) -> Reading:
        """To some, “next Thursday” said on a Monday is in three days; to others, in ten."""
        if nearest == of_next_week:
            return (nearest,), ""
        return (nearest, of_next_week), "This week's or next week's?"

    def weekday_week(self, words: str, intro: str) -> Reading:
        """“Friday week” is a week after Friday to those who say it, and a slip to others."""
        weekday = weekday_in(words)
        assert weekday is not None
        friday = self.in_days((weekday - self.today.weekday()) % 7 or 7)
        return (friday, friday + timedelta(days=7)), "Which day exactly?"

    def of_week(self, words: str, intro: str) -> Reading:
        weekday = weekday_in(words)
        assert weekday is not None
        return (self.monday + timedelta(days=weekday + (7 if "next" in words else 0)),), ""

    # Distances

    def near(self, words: str, intro: str) -> Reading:
        away = {"yesterday": -1, "tomorrow": 1, "day after tomorrow": 2}
        return (self.in_days(away.get(words, 0)),), ""

    def after(self, words: str, intro: str) -> Reading | None:
        """“In two weeks”, “10 days from now”. Without “in” or “from now” it is a length and no date."""
        count, unit, *_ = words.removeprefix("next ").split(" ", 2)
        ago = words.endswith(" ago")
        if not (ago or "from" in words or intro in IN):
            return None
        number = COUNTS.get(count) or int(count)
        if unit in {"working", "business"} or unit.startswith("weekday"):
            return self.in_working_days(number)
        return (self.away(-number if ago else number, unit),), ""

    def vague(self, words: str, intro: str) -> Reading | None:
        if intro not in IN:
            return None
        unit = words.split(" ")[-1]
        counts = (2,) if "couple" in words else (3, 4)
        return tuple(self.away(count, unit) for count in counts), "Which day exactly?"

    def away(self, number: int, unit: str) -> date:
        if unit.startswith("month"):
            return self.in_months(number)
        if unit.startswith("year"):
            return self.in_months(12 * number)
        days = 14 if unit.startswith("fortnight") else 7 if unit.startswith("week") else 1
        return self.in_days(number * days)

    def in_days(self, number: int) -> date:
        return self.today + timedelta(days=number)

    def in_months(self, number: int) -> date:
        """The same day of that month, or its last one."""
        years, month = divmod(self.today.month - 1 + number, 12)
        year = self.today.year + years
        return date(year, month + 1, min(self.today.day, last_day(year, month + 1)))

    def in_working_days(self, number: int) -> Reading:
        day = self.today
        while number:
            day += timedelta(days=1)
            number -= day.weekday() < 5
        return (day,), "Counted without holidays. Is this the day?"

    # Parts of the calendar

    def month(self, words: str, intro: str) -> Reading | None:
        year = year_in(words)
        if year is None and (not intro or intro == "for"):
            return None
        first = self.first_of(month_in(words), year)
        return self.within(first, month_end(first), MONTHS[first.month - 1])

    def first_of(self, month: int, year: int | None) -> date:
        return date(year or self.next_year_of(month), month, 1)

    def quarter(self, words: str, intro: str) -> Reading | None:
        if not intro:
            return None
        return self.within(*self.quarter_of(int(words[1]), year_in(words)), words[:2].upper())

    def quarter_of(self, number: int, year: int | None) -> tuple[date, date]:
        """The first and last day of a quarter of the calendar: without a year, of the one that ends next."""
        month = 3 * number - 2
        if year is None:
            year = self.today.year + (month + 2 < self.today.month)
        return three_months(date(year, month, 1))

    def period(self, words: str, intro: str) -> Reading:
        which, unit = words.split(" ")
        first, last = self.span(unit, following=which == "next")
        return self.within(first, last, words)

    def span(self, unit: str, *, following: bool) -> tuple[date, date]:
        """The first and last day of this (or the following) week, month, quarter or year. A week ends on Friday."""
        if unit == "week":
            first = self.monday + timedelta(days=7 * following)
            return first, first + timedelta(days=4)
        if unit == "month":
            first = self.today.replace(day=1)
            first = next_month(first) if following else first
            return first, month_end(first)
        if unit == "quarter":
            first = self.today.replace(month=self.today.month - (self.today.month - 1) % 3, day=1)
            return three_months(three_months(first)[1] + timedelta(days=1) if following else first)
        year = self.today.year + following
        return date(year, 1, 1), date(year, 12, 31)

    def within(self, first: date, last: date, name: str) -> Reading:
        middle = (first.replace(day=15),) if (last - first).days in range(27, 31) else ()
        days = tuple(dict.fromkeys(day for day in (first, *middle, last) if day >= self.today)) or (last,)
        return days, f"Which day {'' if name.startswith(('this', 'next')) else 'in '}{name}?"

    def edge(self, words: str, intro: str) -> Reading:
        """The end, middle or beginning of something."""
        first, last, of_quarter = self.edged(words)
        if words.startswith(("early", "late")):
            early, late = (first, first + timedelta(days=9)), (last - timedelta(days=9), last)
            return early if words.startswith("early") else late, "Which day exactly?"
        day = edge_day(words, first, last)
        if of_quarter:
            return (day,), "By the calendar's quarters it is this day. Do they count theirs so?"
        if ("week" in words or words == "eow") and day < self.today:
            days = self.monday + timedelta(days=6), day + timedelta(days=7)
            return days, "That has passed. Which day is meant?"
        return (day,), ""

    def edged(self, words: str) -> tuple[date, date, bool]:
        """The first and last day of what it is the edge of; and whether that is a quarter."""
        following = " next " in words
        units = {"eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year"}
        unit = units.get(words) or next((it for it in units.values() if it in words), "")
        if unit:
            return *self.span(unit, following=following), unit == "quarter"
        named_quarter = re.search(r"q([1-4])", words)
        if named_quarter:
            return *self.quarter_of(int(named_quarter[1]), year_in(words)), True
        year = year_in(words)
        month = re.search(rf"(?:^|[ -])({MONTH})(?:\.| |$)", words.replace("mid-", "mid "))
        if month:
            first = self.first_of(month_in(month[1]), year)
            return first, month_end(first), False
        assert year is not None
        return date(year, 1, 1), date(year, 12, 31), False


def on_weekday(reading: Reading, words: str) -> Reading:
    """A weekday beside a date tells which of several days is meant, or that something is wrong."""
    weekday, (days, doubt) = weekday_in(words), reading
    if weekday is None or not days:
        return reading
    fitting = tuple(day for day in days if day.weekday() == weekday)
    if len(fitting) == 1 and "has no day" not in doubt:
        return fitting, ""
    if fitting or doubt:
        return reading
    other = days[0] + timedelta(days=(weekday - days[0].weekday()) % 7)
    return (days[0], other), f"{short(days[0])} is a {WEEKDAYS[days[0].weekday()]}. Which day is meant?"


def is_said_to_be_a_day(intro: str) -> bool:
    return intro in DEADLINES or intro == "on" or intro.startswith(("due", "deadline"))


def edge_day(words: str, first: date, last: date) -> date:
    if words.startswith(("beginning", "start")):
        return first
    if words.startswith("mid"):
        is_month = first.month == last.month and first.day == 1
        return first.replace(day=15) if is_month else first + (last - first) / 2
    return last


def before(days: Days, doubt: str, *, whole: bool) -> Reading:
    """The day before a day; of a month, the day before its first."""
    earlier = tuple(day - timedelta(days=1) for day in (days[:1] if whole else days))
    return earlier, "Is this the day?" if whole else doubt
