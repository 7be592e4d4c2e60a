"""By when we answer, and when something that we owe is late.

`ObligationQuerySet.late` says the same in SQL; a test holds the two equal.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from .working_hours import ends

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
