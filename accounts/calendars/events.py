"""What is read from a calendar: one occurrence of something, known again by its id when it is moved."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

LONGEST_UID = 90
#: An event as plain data, which a page sends along and brings back.
StoredEvent: TypeAlias = tuple[str, str, str, list[str], bool, str]


@dataclass(frozen=True)
class CalendarEvent:
    """`at` is an instant, a whole day, or None when `why` says so."""

    key: str
    title: str
    at: date | None
    emails: tuple[str, ...] = ()
    cancelled: bool = False
    why: str = ""

    def as_json(self) -> StoredEvent:
        at = self.at.isoformat() if self.at else ""
        return (self.key, self.title, at, list(self.emails), self.cancelled, self.why)

    @classmethod
    def from_json(cls, stored: StoredEvent) -> CalendarEvent:
        key, title, text, emails, cancelled, why = stored
        at = (datetime if "T" in text else date).fromisoformat(text) if text else None
        return cls(key, title, at, tuple(emails), cancelled, why)


def key_of(uid: str, first: date | None) -> str:
    """What an occurrence is known by: its id and, in a series, the instant that it had at first."""
    name = uid if len(uid) <= LONGEST_UID else hashlib.sha256(uid.encode()).hexdigest()
    if first is None:
        return f"ics:{name}:"
    return (
        f"ics:{name}:{first:%Y%m%dT%H%M%SZ}" if isinstance(first, datetime) else f"ics:{name}:{first:%Y%m%d}"
    )
