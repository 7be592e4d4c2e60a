"""What a calendar file holds, as words and instants. How a series repeats is worked out by recurring-ical-events."""

from __future__ import annotations

import hashlib
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock_time
from email.header import decode_header, make_header
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component, Event
from icalendar.error import BrokenCalendarProperty

from accounts.limits import MB, READING, Unreadable, read_within
from accounts.rules.decoding import decoded
from accounts.rules.html_text import readable
from accounts.rules.lines import one_line

MOST_BYTES = 5 * MB
MOST_EVENTS = 10_000
MOST_PARTS = 50_000  # of any kind: events, alarms, time zones with each of their changes
MOST_RULES = 10  # of one series
MOST_PEOPLE = 200  # at one event
#: Years in which a meeting may lie. Outside, a step to another time zone may leave the years that Python knows.
YEARS = range(1900, 2201)
#: A series is read so far ahead; one that goes on since before that is not followed.
SERIES_AHEAD, SERIES_SINCE = timedelta(days=60), timedelta(days=3660)
NO_DATE = "Its date cannot be read."
GOES_ON = "From then on it repeats in another way, which is not followed."
NO_RULE = "How it repeats cannot be read."
TOO_OFTEN = {"BYHOUR", "BYMINUTE", "BYSECOND"}


def read(data: bytes, *, zone: ZoneInfo, now: datetime) -> list[CalendarEvent]:
    """What a file holds from today on. Hours without a time zone are meant in `zone`. Raises `Unreadable`."""
    if len(data) > MOST_BYTES:
        raise Unreadable("This file is larger than 5 MB. Export only the next two months and take that.")
    return read_within(READING, "This calendar", events_of, data, zone, now)


def events_of(data: bytes, zone: ZoneInfo, now: datetime) -> list[CalendarEvent]:
    """As `read`, in this very process, which a rule that never matches may keep busy for long."""
    calendars = calendars_of(data)
    parts = [part for calendar in calendars for part in calendar.walk("VEVENT")]
    withdrawn = [calendar for calendar in calendars if _word(calendar, "METHOD") == "CANCEL"]
    cancels = {id(part) for calendar in withdrawn for part in calendar.walk("VEVENT")}
    groups: dict[str, list[Component]] = {}
    for part in parts:
        groups.setdefault(_text(part, "UID"), []).append(part)
    reader = CalendarReader(zone, now, cancels)
    events: list[CalendarEvent] = []
    for uid, some in groups.items():
        try:
            events += reader.events(uid, some)
        except (BrokenCalendarProperty, ValueError, TypeError, OverflowError):
            events.append(reader.aside(some[0], NO_DATE))
        refuse_too_many(len(events))
    return events


def calendars_of(data: bytes) -> list[Component]:
    text = (decoded(data) or data.decode("latin-1")).lstrip("\ufeff").replace("\0", "")
    text = BROKEN_IN_A_TITLE.sub(lambda found: found[0].replace("=\r\n", "").replace("=\n", ""), text)
    start = text.lstrip()[:20].upper()
    if not start.startswith("BEGIN:VCALENDAR"):
        raise Unreadable("This is not a calendar file: an .ics file begins with BEGIN:VCALENDAR.")
    if not text.rstrip()[-20:].upper().endswith("END:VCALENDAR"):
        raise Unreadable("The calendar breaks off before its end: it is damaged. Export it again.")
    capitals = text.upper()
    refuse_too_many(capitals.count("BEGIN:VEVENT"))
    if capitals.count("BEGIN:") > MOST_PARTS:
        raise Unreadable(f"There are more than {MOST_PARTS:,} parts in it. Export only the next two months.")
    try:
        return list(Calendar.from_ical(text, multiple=True))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise Unreadable("The calendar breaks off or is damaged. Export it again.") from error


def refuse_too_many(events: int) -> None:
    if events > MOST_EVENTS:
        raise Unreadable(
            f"There are more than {MOST_EVENTS:,} events in it. Export only the next two months."
        )


def _text(part: Component, name: str) -> str:
    value = part.get(name)
    value = value[0] if isinstance(value, list) and value else value
    return " ".join(str(value or "").split())


def _word(part: Component, name: str) -> str:
    return _text(part, name).upper()


def _all(part: Component, name: str) -> list[Any]:
    """Every value of a property, which may stand there once, several times or not at all."""
    values = part.get(name, [])
    return values if isinstance(values, list) else [values]


@dataclass(frozen=True)
class CalendarReader:
    zone: ZoneInfo
    now: datetime
    cancels: set[int]

    def events(self, uid: str, parts: Sequence[Component]) -> Iterator[CalendarEvent]:
        """The occurrences of one event: a single one, or those of a series with what was changed about some."""
        masters = [part for part in parts if part.get("RECURRENCE-ID") is None]
        changed = [part for part in parts if part.get("RECURRENCE-ID") is not None]
        onwards = [part for part in changed if is_for_all_later(part)] if masters else []
        changed = [part for part in changed if part not in onwards]
        if not uid:
            why = "It has no id of its own, so it could not be known again."
            yield from (self.aside(part, why) for part in parts)
            return
        master = masters[-1] if masters else None  # the last one in the file is the latest
        overridden = set()
        for part in changed:
            first = self.occurrence(part.get("RECURRENCE-ID"), master)
            if first is not None:
                overridden.add(first)
                yield self.event(part, key_of(uid, first))
        if master is not None and not repeats(master):
            yield self.event(master, key_of(uid, None))
        elif master is not None:
            yield from self.series(uid, master, overridden, onwards)

    def series(
        self, uid: str, part: Component, overridden: set[date], onwards: Sequence[Component]
    ) -> Iterator[CalendarEvent]:
        start, why = self.start(part)
        why = why or self.why_not_followed(part, start)
        if why or start is None:
            yield self.aside(part, why)
            return
        exceptions = [self.occurrence(one, part) for some in _all(part, "EXDATE") for one in some.dts]
        left_out = {at for at in exceptions if at is not None}
        try:
            found = set(self.repeated(part, start))
        except (ValueError, TypeError, OverflowError):
            yield self.aside(part, NO_RULE)
            return
        changes = self.changes_onwards(onwards, part)
        for at in sorted(found - left_out - overridden, key=self.sortable):
            since = [(first, later) for first, later in changes if self.sortable(first) <= self.sortable(at)]
            later = since[-1][1] if since else None
            if later and repeats(later):
                continue
            yield self.event(later or part, key_of(uid, at), self.moved(later, at, start) if later else at)
        yield from (self.aside(later, GOES_ON) for _, later in changes if repeats(later))
        for at in sorted(left_out - overridden, key=self.sortable):
            yield CalendarEvent(key_of(uid, at), title_of(part), at, (), cancelled=True)

    def changes_onwards(self, parts: Sequence[Component], master: Component) -> list[tuple[date, Component]]:
        """From which occurrence on each change holds (RFC 5545, RANGE=THISANDFUTURE), the earliest first."""
        found = [(self.occurrence(part.get("RECURRENCE-ID"), master), part) for part in parts]
        known = [(first, part) for first, part in found if first is not None]
        return sorted(known, key=lambda one: self.sortable(one[0]))

    def moved(self, later: Component, at: date, start: date) -> date:
        """An occurrence as far from its place as the first that was moved with all that follow it, by the clock."""
        first, begins = (
            getattr(later.get("RECURRENCE-ID"), "dt", None),
            getattr(later.get("DTSTART"), "dt", None),
        )
        if not isinstance(first, date) or not isinstance(begins, date):
            return at
        zone = start.tzinfo if isinstance(start, datetime) and start.tzinfo else self.zone
        if not isinstance(begins, datetime):
            shift = begins - (first.date() if isinstance(first, datetime) else first)
            return (at.astimezone(zone).date() if isinstance(at, datetime) else at) + shift
        was = self.sortable(first if isinstance(first, datetime) and first.tzinfo else self.settled(first))
        ahead = on_the_clock(begins, zone) - on_the_clock(was, zone)
        shown = on_the_clock(self.sortable(at), zone) + ahead
        return shown.replace(tzinfo=zone).astimezone(UTC)

    def occurrence(self, named: object, master: Component | None) -> date | None:
        """The occurrence that a change or an exception names: by its instant, or by its day alone."""
        at = getattr(named, "dt", None)
        if not isinstance(at, date):
            return None
        start = self.start(master)[0] if master is not None else None
        if isinstance(at, datetime) or not isinstance(start, datetime):
            return self.settled(at)
        return datetime.combine(at, start.timetz()).astimezone(UTC)

    def why_not_followed(self, part: Component, start: date | None) -> str:
        rules = _all(part, "RRULE")
        if part.get("EXRULE") is not None:
            return "It leaves dates out by a rule of an old kind, which is not followed."
        if len(rules) > MOST_RULES:
            return NO_RULE
        for rule in rules:
            often = {"SECONDLY", "MINUTELY", "HOURLY"} & {str(word).upper() for word in rule.get("FREQ", [])}
            if often or TOO_OFTEN & set(rule):
                return "It repeats more often than once a day."
            if not rule.get("FREQ") or any(step < 1 for step in rule.get("INTERVAL", [])):
                return NO_RULE
        if start and self.sortable(start) < self.now - SERIES_SINCE:
            return "It has been repeating for more than ten years, which is further than we follow."
        return ""

    def repeated(self, part: Component, start: date) -> Iterator[date]:
        """Its occurrences from today to the end of the two months, by the clock of the event's own zone."""
        bare = Event({"UID": "", **{name: part[name] for name in ("RRULE", "RDATE") if name in part}})
        bare.add("DTSTART", start)
        calendar = Calendar()
        calendar.add_component(bare)
        today = self.now.astimezone(start.tzinfo if isinstance(start, datetime) else self.zone).date()
        until = self.now + SERIES_AHEAD
        last = today + SERIES_AHEAD + timedelta(days=1)
        for occurrence in recurring_ical_events.of(calendar).between(today, last):
            at = self.settled(occurrence["DTSTART"].dt)
            if self.sortable(at) <= until:
                yield at

    def event(self, part: Component, key: str, at: date | None = None) -> CalendarEvent:
        emails, why = emails_of(part), ""
        if at is None:
            at, why = self.start(part)
        if len(emails) > MOST_PEOPLE:
            emails, why = emails[:MOST_PEOPLE], f"More than {MOST_PEOPLE} people take part."
        if _word(part, "CLASS") in {"PRIVATE", "CONFIDENTIAL"}:
            why = why or "It is marked as private in the calendar."
        cancelled = _word(part, "STATUS") == "CANCELLED" or id(part) in self.cancels
        settled = at.astimezone(UTC) if isinstance(at, datetime) else at
        return CalendarEvent(key, title_of(part), settled, emails, cancelled, why)

    def aside(self, part: Component, why: str) -> CalendarEvent:
        return CalendarEvent("", title_of(part), None, emails_of(part)[:MOST_PEOPLE], why=why)

    def start(self, part: Component) -> tuple[date | None, str]:
        """When it begins; or nothing, and why not."""
        value = part.get("DTSTART")
        at = getattr(value, "dt", None)
        if not isinstance(at, date):
            return None, NO_DATE
        if at.year not in YEARS:
            return None, "It lies in a year that no meeting is in."
        named = getattr(value, "params", {}).get("TZID")
        if isinstance(at, datetime) and at.tzinfo is None and named:
            return None, f"It is in a time zone that we do not know (“{named[:60]}”)."
        if isinstance(at, datetime) and at.tzinfo is None:
            return at.replace(tzinfo=self.zone), ""
        return at, ""

    def settled(self, at: date) -> date:
        """The same instant however it was written: in UTC, or a whole day."""
        if not isinstance(at, datetime):
            return at
        return (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)

    def sortable(self, at: date) -> datetime:
        return at if isinstance(at, datetime) else datetime.combine(at, clock_time(), self.zone)


def repeats(part: Component) -> bool:
    return part.get("RRULE") is not None or part.get("RDATE") is not None


def is_for_all_later(part: Component) -> bool:
    """Whether a change holds for an occurrence and all that follow it."""
    return str(part["RECURRENCE-ID"].params.get("RANGE", "")).upper() == "THISANDFUTURE"


def on_the_clock(at: datetime, zone: tzinfo) -> datetime:
    """What a clock in this zone shows then; of an hour without a zone, that hour."""
    return (at.astimezone(zone) if at.tzinfo else at).replace(tzinfo=None)


def title_of(part: Component) -> str:
    """What it is called, however its letters were sent."""
    value = part.get("SUMMARY")
    value = value[0] if isinstance(value, list) and value else value
    params = getattr(value, "params", {})
    text = str(value or "")
    if str(params.get("ENCODING", "")).upper() == "QUOTED-PRINTABLE":
        text = decoded(quopri.decodestring(text.encode()), str(params.get("CHARSET", ""))) or text
    elif "=?" in text:
        text = str(make_header(decode_header(text)))
    return one_line(readable(text))[:300]


def emails_of(part: Component) -> tuple[str, ...]:
    """The addresses of whoever takes part or invited, as they are compared."""
    values = [*_all(part, "ATTENDEE"), *_all(part, "ORGANIZER")]
    found = [str(value).strip().lower().removeprefix("mailto:").strip() for value in values]
    return tuple(dict.fromkeys(email for email in found if "@" in email))


#: A title of an old kind, whose lines end in the middle.
BROKEN_IN_A_TITLE = re.compile(
    r"^SUMMARY[^:\n]*QUOTED-PRINTABLE[^:\n]*:(?:[^\n]*=\r?\n)+", re.MULTILINE | re.IGNORECASE
)
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
    form = "%Y%m%dT%H%M%SZ" if isinstance(first, datetime) else "%Y%m%d"
    return f"ics:{name}:{first:{form}}"
