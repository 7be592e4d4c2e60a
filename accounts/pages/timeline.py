"""An account's timeline, page by page, which people read as its thread: entries, stages, changes of owner, silences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Account, Entry, Mention
from accounts.rules import clocks

PAGE = 20
SILENCE = timedelta(days=42)
IN_TOUCH = Q(kind__in=Entry.CONTACT_KINDS) | Q(author_contact__isnull=False)


@dataclass(frozen=True)
class TimelineItem:
    kind: Literal["entry", "stage", "knot", "silence"]
    at: datetime
    entry: Entry | None = None
    weeks: int = 0


@dataclass(frozen=True)
class TimelinePage:
    lines: list[TimelineItem]
    older: str  # the cursor of the page after this one, or nothing
    first: bool
    kind: str = ""
    q: str = ""
    who: int | None = None

    @property
    def query(self) -> str:
        """What the pages after this one ask for as well."""
        asked = {"kind": self.kind, "q": self.q, "who": self.who or ""}
        return urlencode({name: value for name, value in asked.items() if value})


def read(
    account: Account, *, kind: str = "", q: str = "", who: int | None = None, before: str = ""
) -> TimelinePage:
    """One page of the account's timeline, newest first. `before` is the cursor that the page before gave.

    `who` is the id of a contact: then only what they took part in, or wrote, is read.
    Two queries at most, whatever the length of the history. Raises `ValueError` when the cursor is none of ours.
    """
    entries = Entry.objects.of(account).for_thread()
    if kind:
        entries = entries.filter(kind=kind)
    if q:
        entries = entries.filter(Q(text__icontains=q) | Q(subject__icontains=q))
    if who:
        met = Mention.objects.filter(entry=OuterRef("pk"), contact=who)
        entries = entries.filter(Q(author_contact=who) | Exists(met))
    if before:
        entries = entries.before(*cursor(before))
    whole = not (kind or q or who)
    found = list(entries[: PAGE + 1])
    page = found[:PAGE]
    silences = silences_before(page) if whole else {}
    lines = [line for entry in page for line in lines_of(entry, silences.get(entry.pk))]
    if whole:
        later = in_touch_after(account, cursor(before)[0]) if before else clocks.now()
        lines = [*silence_until(later, page), *lines]
    last = page[-1] if len(found) > PAGE else None
    return TimelinePage(lines, f"{last.at.isoformat()},{last.pk}" if last else "", not before, kind, q, who)


def cursor(text: str) -> tuple[datetime, int]:
    at, _, pk = text.partition(",")
    instant = parse_datetime(at)
    if instant is None or timezone.is_naive(instant):
        raise ValueError(text)
    return instant, int(pk)


def in_touch(entry: Entry) -> bool:
    return entry.kind in Entry.CONTACT_KINDS or entry.author_contact_id is not None


def silences_before(page: Sequence[Entry]) -> dict[int, TimelineItem]:
    """The silence that ended with an entry by which we were in touch, by the entry's id.

    The page itself tells when that had been before; one that reaches beyond its end begins the page after it.
    """
    earlier: datetime | None = None
    found = {}
    for entry in reversed(page):
        if not in_touch(entry):
            continue
        if earlier and entry.at - earlier >= SILENCE:
            found[entry.pk] = silence(earlier, entry.at)
        if not hasattr(entry, "retraction"):
            earlier = entry.at
    return found


def in_touch_after(account: Account, at: datetime) -> datetime | None:
    """When we were next in touch, from this instant on."""
    entries = Entry.objects.of(account).not_retracted().filter(IN_TOUCH, at__gte=at)
    return entries.order_by("at", "pk").values_list("at", flat=True).first()


def lines_of(entry: Entry, silence_before: TimelineItem | None) -> list[TimelineItem]:
    kind: Literal["entry", "stage", "knot"] = "entry"
    if entry.kind == Entry.Kind.STAGE:
        kind = "stage"
    elif entry.is_knot:
        kind = "knot"
    line = TimelineItem(kind, entry.at, entry)
    return [line, silence_before] if silence_before else [line]


def silence_until(later: datetime | None, page: Sequence[Entry]) -> list[TimelineItem]:
    """Nobody had been in touch for weeks, up to this instant: now, or what the page before ended with."""
    last = next(filter(in_touch, page), None)
    return [silence(last.at, later)] if last and later and later - last.at >= SILENCE else []


def silence(start: datetime, end: datetime) -> TimelineItem:
    return TimelineItem("silence", start, weeks=(end - start).days // 7)
