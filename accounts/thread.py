"""An account's one continuous line, as a page of it is read: entries, stage bands, knots and silences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Case, OuterRef, Q, Subquery, When
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from .models import Account, Entry

PAGE = 30
SILENCE = timedelta(days=42)
IN_TOUCH = Q(kind__in=Entry.CONTACT_KINDS) | Q(author_contact__isnull=False)


@dataclass(frozen=True)
class Line:
    kind: Literal["entry", "stage", "knot", "silence"]
    at: datetime
    entry: Entry | None = None
    weeks: int = 0


@dataclass(frozen=True)
class Thread:
    lines: list[Line]
    older: str  # the cursor of the page after this one, or nothing
    first: bool
    kind: str = ""
    q: str = ""


def read(account: Account, *, kind: str = "", q: str = "", before: str = "") -> Thread:
    """One page of the account's thread, newest first. `before` is the cursor that the page before gave.

    One query whatever the length of the history. Raises `ValueError` when the cursor is none of ours.
    """
    entries = Entry.objects.of(account).for_thread()
    if kind:
        entries = entries.filter(kind=kind)
    if q:
        entries = entries.filter(Q(text__icontains=q) | Q(subject__icontains=q))
    if before:
        entries = entries.before(*cursor(before))
    whole = not (kind or q)
    if whole:
        entries = entries.annotate(last_in_touch=last_in_touch(account))
    found = list(entries[: PAGE + 1])
    page = found[:PAGE]
    lines = [line for entry in page for line in lines_of(entry)]
    if whole and not before:
        lines = [*silence_until_now(page), *lines]
    last = page[-1] if len(found) > PAGE else None
    return Thread(lines, f"{last.at.isoformat()},{last.pk}" if last else "", not before, kind, q)


def cursor(text: str) -> tuple[datetime, int]:
    at, _, pk = text.partition(",")
    instant = parse_datetime(at)
    if instant is None or timezone.is_naive(instant):
        raise ValueError(text)
    return instant, int(pk)


def last_in_touch(account: Account) -> Case:
    """For an entry by which we were in touch: when that had been before."""
    earlier = (
        Entry.objects.of(account).standing().filter(IN_TOUCH, at__lt=OuterRef("at")).order_by("-at", "-pk")
    )
    return Case(When(IN_TOUCH, then=Subquery(earlier.values("at")[:1])))


def lines_of(entry: Entry) -> list[Line]:
    kind: Literal["entry", "stage", "knot"] = "entry"
    if entry.kind == Entry.Kind.STAGE:
        kind = "stage"
    elif entry.is_knot:
        kind = "knot"
    earlier: datetime | None = getattr(entry, "last_in_touch", None)
    quiet = [silence(earlier, entry.at)] if earlier and entry.at - earlier >= SILENCE else []
    return [Line(kind, entry.at, entry), *quiet]


def silence_until_now(page: list[Entry]) -> list[Line]:
    """Nobody has been in touch for weeks, up to this day."""
    touched = (entry for entry in page if entry.kind in Entry.CONTACT_KINDS or entry.author_contact_id)
    last = next(touched, None)
    now = timezone.now()
    return [silence(last.at, now)] if last and now - last.at >= SILENCE else []


def silence(start: datetime, end: datetime) -> Line:
    return Line("silence", start, weeks=(end - start).days // 7)
