"""When something that we owe is late. `ObligationQuerySet.late` says the same in SQL; a test holds the two equal."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def late_since(
    *,
    due: date | None,
    respond_by: datetime | None,
    answered_at: datetime | None,
    closed_at: datetime | None,
    zone: ZoneInfo,
    now: datetime,
) -> date | None:
    """The day on which we should have acted, or None when it is not late.

    It is late while it is open, waits for us and not for the customer, and its time is over: a due date when that
    day has ended in the customer's time zone, a question also when it has waited longer than we allow ourselves
    (`respond_by`).
    """
    if closed_at or answered_at:
        return None
    over = []
    if due and due < now.astimezone(zone).date():
        over.append(due)
    if respond_by and respond_by < now:
        over.append(respond_by.astimezone(zone).date())
    return min(over, default=None)
