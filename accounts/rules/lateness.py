"""By when we answer, and when something that we owe is late.

`ObligationQuerySet.late` says the same in SQL; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo

import holidays
from holidays.registry import COUNTRIES

#: How much of their working time may pass before a question is answered, by the urgency that they gave it.
ANSWERED_WITHIN = {
    "normal": timedelta(hours=16),
    "soon": timedelta(hours=8),
    "emergency": timedelta(hours=2),
}


def answer_due(asked: datetime, urgency: str, zone: ZoneInfo, country: str) -> datetime:
    """By when a question is answered: so many hours of the customer's own working time after it was asked."""
    return ends(asked, ANSWERED_WITHIN[urgency], zone, country)


class Owed(Protocol):
    """What a line of the ledger says of its dates."""

    due: date | None
    respond_by: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None


def late_since(line: Owed, zone: ZoneInfo, now: datetime) -> date | None:
    """The day on which we should have acted, or None when it is not late.

    It is late while it is open, waits for us and not for the customer, and its time is over: a due date when that
    day has ended in the customer's time zone, `zone`; a question also when it has waited longer than we allow
    ourselves, until `respond_by`.
    """
    if line.closed_at or line.answered_at:
        return None
    over = []
    if line.due and line.due < now.astimezone(zone).date():
        over.append(line.due)
    if line.respond_by and line.respond_by < now:
        over.append(line.respond_by.astimezone(zone).date())
    return min(over, default=None)


# ---- The clock on a question: Monday to Friday, nine to five where the customer is, not on their holidays

OPENS, CLOSES = time(9), time(17)
SATURDAY = 5
ONE_DAY = timedelta(days=1)


def ends(begins: datetime, working: timedelta, here: ZoneInfo, country: str = "") -> datetime:
    """The instant at which so much working time has passed in a time zone and country, as UTC.

    `country` is a name or code like Germany or DE. Of a country that we do not
    know we know no holidays. Between opening and closing, time is what a stopwatch shows, also when clocks change.
    """
    begins, left = begins.astimezone(UTC), working
    for day in working_days(begins.astimezone(here).date(), country):
        opens, closes = (datetime.combine(day, hour, here).astimezone(UTC) for hour in (OPENS, CLOSES))
        if opens.astimezone(here).date() != day:
            continue  # a day left out where the date line was moved
        opens = max(begins, opens)
        open_for = closes - opens
        if open_for >= left:
            return opens + left
        left -= max(open_for, timedelta())
    raise AssertionError("there is always another working day")


def working_days(first: date, country: str) -> Iterator[date]:
    """The days on which work is done there, from this one on."""
    free = holidays_of(country)
    day = first
    while True:
        if day.weekday() < SATURDAY and (free is None or day not in free):
            yield day
        day += ONE_DAY


@cache
def holidays_of(country: str) -> holidays.HolidayBase | None:
    """The public holidays of a country, for any year; nothing when we do not know it."""
    wanted = country.strip().lower().replace(" ", "_")
    for name, (_, code, *other_codes) in COUNTRIES.items():
        if wanted in {name, code.lower(), *(other.lower() for other in other_codes)}:
            return holidays.country_holidays(code)
    return None
