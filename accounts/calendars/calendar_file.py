"""From a calendar file (.ics, RFC 5545) to meetings: what is in it, what would be taken, and taking it.

    events = read(data, zone=..., now=...)     only words and instants; raises `Unreadable`
    plan = Plan.of(events, user)               what becomes of each, shown before anything is done
    plan.take(by=user)                         all of it, or nothing

An event is known again by its id and, in a series, by the instant that its occurrence had at first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from django.db import transaction
from django.db.models.functions import Lower
from icalendar import Calendar
from icalendar.error import BrokenCalendarProperty

from accounts.models import Account, Contact, Coverage, Obligation, User, Visit

MOST_BYTES = 5 * 1024 * 1024
MOST_EVENTS = 10_000
MOST_SHOWN = 300
#: A series is read for so long; a single event so far ahead, and one that goes on since before that is not followed.
SERIES_AHEAD, AHEAD, SERIES_SINCE = timedelta(days=60), timedelta(days=366), timedelta(days=3660)
TOO_OFTEN = {"BYHOUR", "BYMINUTE", "BYSECOND"}
LONGEST_UID = 90

MOVED = "moved in the calendar"
CANCELLED = "cancelled in the calendar"


class Unreadable(Exception):
    """A file that cannot be read, with the sentence that says why and what to do."""


@dataclass(frozen=True)
class Event:
    """One occurrence of something in a calendar. `at` is an instant, a whole day, or None when `why` says so."""

    key: str
    title: str
    at: date | None
    emails: tuple[str, ...] = ()
    cancelled: bool = False
    why: str = ""

    def as_json(self) -> list[Any]:
        at = self.at.isoformat() if self.at else ""
        return [self.key, self.title, at, list(self.emails), self.cancelled, self.why]

    @classmethod
    def from_json(cls, stored: list[Any]) -> Event:
        key, title, text, emails, cancelled, why = stored
        at = (datetime if "T" in text else date).fromisoformat(text) if text else None
        return cls(key, title, at, tuple(emails), cancelled, why)


# ---- Reading


def read(data: bytes, *, zone: ZoneInfo, now: datetime) -> list[Event]:
    """What a file holds from today on. Hours without a time zone are meant in `zone`. Raises `Unreadable`."""
    if len(data) > MOST_BYTES:
        raise Unreadable("This file is larger than 5 MB. Export only the next two months and take that.")
    text = data.decode("utf-8-sig", errors="replace").replace("\0", "")
    if not text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        raise Unreadable("This is not a calendar file: an .ics file begins with BEGIN:VCALENDAR.")
    if not text.rstrip().upper().endswith("END:VCALENDAR"):
        raise Unreadable("The calendar breaks off before its end: it is damaged. Export it again.")
    try:
        calendars = Calendar.from_ical(text, multiple=True)
        parts = [part for calendar in calendars for part in calendar.walk("VEVENT")]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise Unreadable("The calendar breaks off or is damaged. Export it again.") from error
    if len(parts) > MOST_EVENTS:
        raise Unreadable(
            f"There are more than {MOST_EVENTS:,} events in it. Export only the next two months."
        )
    cancels = {
        id(part) for one in calendars if _word(one, "METHOD") == "CANCEL" for part in one.walk("VEVENT")
    }
    groups: dict[str, list[Any]] = {}
    for part in parts:
        groups.setdefault(_text(part, "UID"), []).append(part)
    reader = Reader(zone, now, cancels)
    events: list[Event] = []
    for uid, some in groups.items():
        try:
            events += list(reader.events(uid, some))
        except (BrokenCalendarProperty, ValueError, TypeError, OverflowError):
            events.append(reader.aside(some[0], "Its date cannot be read."))
    return events


def _text(part: Any, name: str) -> str:
    value = part.get(name)
    value = value[0] if isinstance(value, list) and value else value
    return " ".join(str(value or "").split())


def _word(part: Any, name: str) -> str:
    return _text(part, name).upper()


@dataclass(frozen=True)
class Reader:
    zone: ZoneInfo
    now: datetime
    cancels: set[int]

    def events(self, uid: str, parts: list[Any]) -> Iterator[Event]:
        """The occurrences of one event: a single one, or those of a series with what was changed about some."""
        masters = [part for part in parts if part.get("RECURRENCE-ID") is None]
        changed = [part for part in parts if part.get("RECURRENCE-ID") is not None]
        if not uid:
            yield from (
                self.aside(part, "It has no id of its own, so it could not be known again.") for part in parts
            )
            return
        overridden = set()
        for part in changed:
            first = self.instant(part, "RECURRENCE-ID")
            if first is not None:
                overridden.add(first)
                yield self.event(part, key_of(uid, first))
        for part in masters[-1:]:  # the last one in the file is the latest
            if part.get("RRULE") is None and part.get("RDATE") is None:
                yield self.event(part, key_of(uid, None))
            else:
                yield from self.series(uid, part, overridden)

    def series(self, uid: str, part: Any, overridden: set[date]) -> Iterator[Event]:
        start, why = self.start(part)
        why = why or self.why_not_followed(part, start)
        if why or start is None:
            yield self.aside(part, why)
            return
        left_out = set(self.listed(part, "EXDATE"))
        try:
            days = set(islice(self.repeated(part, start), 400)) | set(self.listed(part, "RDATE"))
        except (ValueError, TypeError, OverflowError):
            yield self.aside(part, "How it repeats cannot be read.")
            return
        until = (self.now + SERIES_AHEAD).astimezone(self.zone)
        for at in sorted(days - left_out - overridden, key=self.sortable):
            if self.sortable(at) <= until:
                yield self.event(part, key_of(uid, at), at)
        for at in sorted(left_out - overridden, key=self.sortable):
            yield Event(key_of(uid, at), _text(part, "SUMMARY")[:300], at, (), cancelled=True)

    def why_not_followed(self, part: Any, start: date | None) -> str:
        rule = part.get("RRULE") or {}
        if isinstance(rule, list):
            return "It repeats by several rules at once, which we cannot follow."
        often = {"SECONDLY", "MINUTELY", "HOURLY"} & {str(word).upper() for word in rule.get("FREQ", [])}
        if often or TOO_OFTEN & set(rule):
            return "It repeats more often than once a day."
        if start and self.sortable(start) < self.now - SERIES_SINCE:
            return "It repeats since more than ten years ago, which is further than we follow."
        return ""

    def repeated(self, part: Any, start: date) -> Iterator[date]:
        """What the rule says from today to the end of the two months, by the clock of the event's own zone."""
        if part.get("RRULE") is None:
            yield start
            return
        rule = dict(part["RRULE"])
        whole = not isinstance(start, datetime)
        own = self.zone if whole or not isinstance(start, datetime) else start.tzinfo
        if until := rule.get("UNTIL"):
            last = until[0] if isinstance(until, list) else until
            if isinstance(last, datetime) and last.tzinfo:
                last = last.astimezone(own).replace(tzinfo=None)
            rule["UNTIL"] = [last]
        naive = (
            datetime.combine(start, time()) if not isinstance(start, datetime) else start.replace(tzinfo=None)
        )
        words = part["RRULE"].__class__(rule).to_ical().decode()
        here = self.now.astimezone(own).replace(tzinfo=None)
        begins = datetime.combine(here.date(), time())
        for found in rrulestr(words, dtstart=naive).between(begins, begins + SERIES_AHEAD, inc=True):
            yield found.date() if whole else found.replace(tzinfo=own).astimezone(UTC)

    def listed(self, part: Any, name: str) -> Iterator[date]:
        lists = part.get(name) or []
        for some in lists if isinstance(lists, list) else [lists]:
            for one in getattr(some, "dts", []):
                if isinstance(one.dt, date):
                    yield self.settled(one.dt)

    def event(self, part: Any, key: str, at: date | None = None) -> Event:
        why = ""
        if at is None:
            at, why = self.start(part)
        if _word(part, "CLASS") in {"PRIVATE", "CONFIDENTIAL"}:
            why = why or "It is marked as private in the calendar."
        cancelled = _word(part, "STATUS") == "CANCELLED" or id(part) in self.cancels
        settled = at.astimezone(UTC) if isinstance(at, datetime) else at
        return Event(key, _text(part, "SUMMARY")[:300], settled, emails_of(part), cancelled, why)

    def aside(self, part: Any, why: str) -> Event:
        return Event("", _text(part, "SUMMARY")[:300], None, emails_of(part), why=why)

    def start(self, part: Any) -> tuple[date | None, str]:
        """When it begins; or nothing, and why not."""
        value = part.get("DTSTART")
        at = getattr(value, "dt", None)
        if not isinstance(at, date):
            return None, "Its date cannot be read."
        named = getattr(value, "params", {}).get("TZID")
        if isinstance(at, datetime) and at.tzinfo is None and named:
            return None, f"It is in a time zone that we do not know (“{named}”)."
        if isinstance(at, datetime) and at.tzinfo is None:
            return at.replace(tzinfo=self.zone), ""
        return at, ""

    def instant(self, part: Any, name: str) -> date | None:
        at = getattr(part.get(name), "dt", None)
        return self.settled(at) if isinstance(at, date) else None

    def settled(self, at: date) -> date:
        """The same instant however it was written: in UTC, or a whole day."""
        if not isinstance(at, datetime):
            return at
        return (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)

    def sortable(self, at: date) -> datetime:
        return at if isinstance(at, datetime) else datetime.combine(at, time(), self.zone)


def emails_of(part: Any) -> tuple[str, ...]:
    """The addresses of whoever takes part or invited, as they are compared."""
    found: list[str] = []
    for name in ("ATTENDEE", "ORGANIZER"):
        values = part.get(name) or []
        for value in values if isinstance(values, list) else [values]:
            found.append(str(value).strip().lower().removeprefix("mailto:").strip())
    return tuple(dict.fromkeys(email for email in found if "@" in email))


def key_of(uid: str, first: date | None) -> str:
    """What an occurrence is known by, also when it is moved: short enough to be kept."""
    name = uid if len(uid) <= LONGEST_UID else hashlib.sha256(uid.encode()).hexdigest()
    if first is None:
        return f"ics:{name}:"
    return (
        f"ics:{name}:{first:%Y%m%dT%H%M%SZ}" if isinstance(first, datetime) else f"ics:{name}:{first:%Y%m%d}"
    )


# ---- What would be taken


@dataclass(frozen=True)
class Line:
    """What becomes of one event: `new`, `moved`, `dropped`, `same`, or `aside` with why it is not taken."""

    what: str
    event: Event
    account: Account | None = None
    contact: Contact | None = None
    visit: Obligation | None = None
    why: str = ""

    @property
    def when(self) -> str:
        at, zone = self.event.at, self.account.zone if self.account else UTC
        if at is None:
            return ""
        return (
            f"{at.astimezone(zone):%a %-d %B, %H:%M}"
            if isinstance(at, datetime)
            else f"{at:%a %-d %B}, all day"
        )


@dataclass(frozen=True)
class Plan:
    lines: list[Line]
    others: int  # events with nobody of ours to meet, or that are over: none of our business

    @classmethod
    def of(cls, events: Iterable[Event], user: User, now: datetime) -> Plan:
        events = list(events)
        seen = Account.objects.visible_to(user).open()
        emails = {email for event in events for email in event.emails}
        contacts: dict[str, list[Contact]] = {}
        theirs = Contact.objects.present().filter(account__in=seen).annotate(low=Lower("email"))
        for contact in theirs.filter(low__in=emails).select_related("account").order_by("pk"):
            contacts.setdefault(contact.email.lower(), []).append(contact)
        keys = {event.key for event in events if event.key}
        known = Obligation.objects.filter(external_id__in=keys, account__in=Account.objects.visible_to(user))
        visits = {visit.external_id: visit for visit in known.select_related("account", "holder", "contact")}
        rows = Coverage.objects.current().filter(person=user, role__in=Coverage.HOLDING_ROLES)
        serves = set(rows.values_list("account", flat=True))
        found = [settle(event, contacts, visits, serves, user, now) for event in events]
        lines = [line for line in found if line]
        return cls(lines, len(found) - len(lines))

    def of_kind(self, *kinds: str) -> list[Line]:
        return [line for line in self.lines if line.what in kinds]

    @property
    def taken(self) -> list[Line]:
        return self.of_kind("new", "moved", "dropped")

    @property
    def not_taken(self) -> list[Line]:
        return self.of_kind("aside")

    @property
    def same(self) -> list[Line]:
        return self.of_kind("same")

    @property
    def fingerprint(self) -> str:
        """Changes with anything that taking it would do."""
        told = [(line.what, line.event.as_json(), line.account and line.account.pk) for line in self.taken]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    @transaction.atomic
    def take(self, *, by: User) -> None:
        """Plan, move and drop as the lines say, all of it or nothing. Raises `Refused`."""
        for line in self.taken:
            event = line.event
            assert event.at or line.what == "dropped"
            if line.what == "dropped" and line.visit:
                line.visit.drop(by=by, because=CANCELLED)
            elif line.what == "moved" and line.visit and event.at:
                line.visit.move(event.at, because=MOVED, by=by)
            elif line.account and event.at:
                Visit.plan(
                    line.account,
                    event.title or f"Meeting with {line.contact}",
                    by=by,
                    starts_at=event.at,
                    contact=line.contact,
                    external_id=event.key,
                )


def settle(
    event: Event,
    contacts: dict[str, list[Contact]],
    visits: dict[str, Obligation],
    serves: set[int],
    user: User,
    now: datetime,
) -> Line | None:
    """What becomes of an event; nothing when it is none of our business."""
    if visit := visits.get(event.key):
        return settle_known(event, visit, user, now)
    met = [contact for email in event.emails for contact in contacts.get(email, [])]
    if event.cancelled or not (met or (event.why and not event.emails)):
        return None
    if event.why:
        return Line("aside", event, met[0].account if met else None, why=event.why)
    assert event.at
    account, contact = met[0].account, met[0]
    if len({one.account_id for one in met}) > 1:
        names = " and ".join(sorted({one.account.name for one in met}))
        return Line("aside", event, why=f"It is with people of {names}. Plan it on the one that it is about.")
    if is_over(event.at, account, now):
        return None
    if event.at > (now + AHEAD if isinstance(event.at, datetime) else account.day(now + AHEAD)):
        return Line("aside", event, account, contact, why="It is more than a year ahead.")
    if account.pk not in serves:
        why = f"You do not serve {account}: whoever holds a meeting must be on the team."
        return Line("aside", event, account, contact, why=why)
    return Line("new", event, account, contact)


def settle_known(event: Event, visit: Obligation, user: User, now: datetime) -> Line | None:
    told = {"account": visit.account, "contact": visit.contact, "visit": visit}
    at = visit.starts_at or visit.due
    if not visit.is_open:
        return Line("same", event, **told, why=f"{visit.get_outcome_display()} here.")  # type: ignore[arg-type]
    if visit.holder_id != user.pk:
        return Line("same", event, **told, why=f"{visit.holder} holds it.")  # type: ignore[arg-type]
    if event.cancelled:
        return Line("dropped", event, **told)  # type: ignore[arg-type]
    if event.why or event.at is None:
        return Line("aside", event, **told, why=event.why)  # type: ignore[arg-type]
    if event.at == at:
        return Line("same", event, **told)  # type: ignore[arg-type]
    if is_over(event.at, visit.account, now):
        return Line("aside", event, **told, why="It was moved to a day that is over.")  # type: ignore[arg-type]
    return Line("moved", event, **told)  # type: ignore[arg-type]


def is_over(at: date, account: Account, now: datetime) -> bool:
    return at < now if isinstance(at, datetime) else at < account.day(now)
