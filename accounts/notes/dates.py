"""Days and how they are written in words."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def short(day: date) -> str:
    """A day in words that `find` reads as that very day, whatever the day is on which it is read."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year:04}"


def long(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {short(day)}"


def exists(year: int, month: int, day: int) -> bool:
    return 1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= last_day(year, month)


def last_day(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def month_end(first: date) -> date:
    return first.replace(day=last_day(first.year, first.month))


def next_month(first: date) -> date:
    return month_end(first) + timedelta(days=1)


def three_months(first: date) -> tuple[date, date]:
    return first, month_end(next_month(next_month(first)))
