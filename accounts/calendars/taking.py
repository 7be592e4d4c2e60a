"""From events to meetings: what would become of each, shown before anything is done, and taking it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeAlias

from django.db import transaction
from django.db.models.functions import Lower

from accounts.models import Account, Contact, Coverage, Obligation, User, Visit
from accounts.rules import clocks

from .reading import CalendarEvent

MOST_SHOWN = 300
AHEAD = timedelta(days=366)
MOVED = "moved in the calendar"
CANCELLED = "cancelled in the calendar"

Outcome: TypeAlias = Literal["new", "moved", "dropped", "same", "aside"]


@dataclass(frozen=True)
class EventOutcome:
    """What becomes of one event: of those left `aside`, `why` says why they are not taken."""

    what: Outcome
    event: CalendarEvent
    account: Account | None = None
    contact: Contact | None = None
    visit: Obligation | None = None
    why: str = ""

    @property
    def when(self) -> str:
        at, zone = self.event.at, self.account.zone if self.account else UTC
        if at is None:
            return ""
        if isinstance(at, datetime):
            there = at.astimezone(zone)
            return f"{there:%a} {clocks.day_in_words(there)}, {there:%H:%M}"
        return f"{at:%a} {clocks.day_in_words(at)}, all day"


@dataclass(frozen=True)
class CalendarImport:
    lines: list[EventOutcome]
    others: int  # events with nobody of ours to meet, or that are over: none of our business

    @classmethod
    def of(cls, events: Iterable[CalendarEvent], user: User, now: datetime) -> CalendarImport:
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

    def of_kind(self, *kinds: Outcome) -> list[EventOutcome]:
        return [line for line in self.lines if line.what in kinds]

    @property
    def taken(self) -> list[EventOutcome]:
        return self.of_kind("new", "moved", "dropped")

    @property
    def not_taken(self) -> list[EventOutcome]:
        return self.of_kind("aside")

    @property
    def same(self) -> list[EventOutcome]:
        return self.of_kind("same")

    @property
    def fingerprint(self) -> str:
        """Changes with anything that taking it would do."""
        shown = [(line.what, line.event.as_json(), line.account and line.account.pk) for line in self.taken]
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()

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
    event: CalendarEvent,
    contacts: dict[str, list[Contact]],
    visits: dict[str, Obligation],
    serves: set[int],
    user: User,
    now: datetime,
) -> EventOutcome | None:
    """What becomes of an event; nothing when it is none of our business."""
    if visit := visits.get(event.key):
        return settle_known(event, visit, user, now)
    met = [contact for email in event.emails for contact in contacts.get(email, [])]
    if event.cancelled or not (met or (event.why and not event.emails)):
        return None
    if event.why:
        return EventOutcome("aside", event, met[0].account if met else None, why=event.why)
    assert event.at
    account, contact = met[0].account, met[0]
    if len({one.account_id for one in met}) > 1:
        names = " and ".join(sorted({one.account.name for one in met}))
        why = f"It is with people of {names}. Plan it on the one that it is about."
        return EventOutcome("aside", event, why=why)
    if is_over(event.at, account, now):
        return None
    if event.at > (now + AHEAD if isinstance(event.at, datetime) else account.day(now + AHEAD)):
        return EventOutcome("aside", event, account, contact, why="It is more than a year ahead.")
    if account.pk not in serves:
        why = f"You do not serve {account}: whoever holds a meeting must be on the team."
        return EventOutcome("aside", event, account, contact, why=why)
    return EventOutcome("new", event, account, contact)


def settle_known(event: CalendarEvent, visit: Obligation, user: User, now: datetime) -> EventOutcome:
    """What becomes of an event that is a meeting here already."""

    def outcome(what: Outcome, why: str = "") -> EventOutcome:
        return EventOutcome(what, event, visit.account, visit.contact, visit, why)

    if not visit.is_open:
        return outcome("same", f"{visit.get_outcome_display()} here.")
    if visit.holder_id != user.pk:
        return outcome("same", f"{visit.holder} holds it.")
    if event.cancelled:
        return outcome("dropped")
    if event.why or event.at is None:
        return outcome("aside", event.why)
    if event.at == (visit.starts_at or visit.due):
        return outcome("same")
    if is_over(event.at, visit.account, now):
        return outcome("aside", "It was moved to a day that is over.")
    return outcome("moved")


def is_over(at: date, account: Account, now: datetime) -> bool:
    return at < now if isinstance(at, datetime) else at < account.day(now)
