"""What time it is, and what a clock on somebody's wall means: an hour of a day there may not exist, or come twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

_set: ContextVar[Callable[[], datetime] | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """This instant: every date and time that the product reads in Python comes from here."""
    return clock() if (clock := _set.get()) else timezone.now()  # noqa: TID251


def is_set() -> bool:
    """Whether another clock than the real one runs here."""
    return _set.get() is not None


@contextmanager
def running(clock: Callable[[], datetime]) -> Iterator[None]:
    """Within this block, and this thread, it is what that clock says."""
    token = _set.set(clock)
    try:
        yield
    finally:
        _set.reset(token)


def day_in_words(day: date | None, *, short: bool = False) -> str:
    """A day as one says it, such as “2 April”: with its year where that is not the present one. `short`: “2 Apr”."""
    if day is None:
        return ""
    month = "%b" if short else "%B"
    return f"{day:%-d {month}}" if day.year == now().year else f"{day:%-d {month} %Y}"


def instants(day: date, hour: time, zone: ZoneInfo) -> list[datetime]:
    """The instants at which a clock in this zone shows that hour of that day, the earlier one first.

    Mostly one. None where the clocks go forward over it, or where the date line was moved over the whole day; two
    where the clocks go back.
    """
    shown = datetime.combine(day, hour)
    readings = {shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(at for at in readings if at.astimezone(zone).replace(tzinfo=None) == shown)


def offset(at: datetime, zone: ZoneInfo) -> str:
    """How far a zone is from UTC at an instant, such as UTC+2 or UTC-3:30."""
    ahead = at.astimezone(zone).utcoffset()
    assert ahead is not None
    minutes = int(ahead.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
