"""account -> RelationshipChart: twenty-four months of a relationship, as lanes to look at and as rows to read.

Stages as bands, owners along a line with a knot where the owner changed, being in touch by month and kind,
silences, and what became of promises. Five queries, whatever the history; the rest is calculation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import pairwise
from typing import TypeVar

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import Account, Coverage, Entry, Obligation, Stage
from accounts.rules.promise_record import FIGURES, Month, Promises, by_month, month_before

from .timeline import IN_TOUCH, SILENCE

T = TypeVar("T", "StageBand", "OwnerSpan", "Silence")
MONTHS = 24
#: Of what has no kind of being in touch, though the customer wrote it.
THEIRS = "theirs"


# ---- What it shows


@dataclass(frozen=True)
class StageBand:
    """A stage of the journey, from the day it was reached to the day of the next."""

    stage: str
    starts: date
    ends: date

    @property
    def label(self) -> str:
        return str(Stage(self.stage).label)


@dataclass(frozen=True)
class OwnerSpan:
    """Who owned the account, from day to day. `knot`: the owner before, within the chart, was somebody else."""

    name: str
    starts: date
    ends: date
    acting: bool = False
    knot: bool = False


@dataclass(frozen=True)
class Silence:
    """Nobody was in touch between these days."""

    starts: date
    ends: date

    @property
    def weeks(self) -> int:
        return (self.ends - self.starts).days // 7

    def __str__(self) -> str:
        return f"No contact for {self.weeks} weeks"


@dataclass(frozen=True)
class ChartMonth(Month):
    """What happened in one month; the stages and owners it saw, and a silence that lasted through any of it."""

    ends: date
    touches: dict[str, int] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    silence: Silence | None = None

    @property
    def touched(self) -> int:
        return sum(self.touches.values())

    @property
    def in_touch(self) -> str:
        """ "3 conversations, 1 visit" """
        said = [f"{n} {WORDS[kind][0 if n == 1 else 1]}" for kind, n in self.touches.items()]
        return ", ".join(said)

    @property
    def promises(self) -> str:
        return self.in_words if self.due else ""

    @property
    def is_blank(self) -> bool:
        return not (self.touches or self.due or self.stages or self.owners)


#: The kinds of being in touch in the order in which a month's column is built, with one and many of each.
WORDS = {
    Entry.Kind.CONVERSATION: ("conversation", "conversations"),
    Entry.Kind.VISIT: ("visit", "visits"),
    Entry.Kind.EMAIL: ("e-mail", "e-mails"),
    Entry.Kind.EXECUTIVE: ("executive contact", "executive contacts"),
    THEIRS: ("line of their own", "lines of their own"),
}


@dataclass(frozen=True)
class RelationshipChart:
    """Twenty-four months up to a day, this one included, the oldest first."""

    day: date
    months: list[ChartMonth]
    bands: list[StageBand]
    spans: list[OwnerSpan]
    silences: list[Silence]

    @property
    def starts(self) -> date:
        return self.months[0].starts

    @property
    def ends(self) -> date:
        return self.months[-1].ends

    @property
    def is_blank(self) -> bool:
        return all(month.is_blank for month in self.months)

    @property
    def newest_first(self) -> list[ChartMonth]:
        return self.months[::-1]

    def __str__(self) -> str:
        """What the chart says to somebody who cannot see it."""
        changes = sum(span.knot for span in self.spans)
        promises = Promises(**{name: sum(getattr(month, name) for month in self.months) for name in FIGURES})
        said = [
            f"{sum(month.touched for month in self.months)} times in touch",
            f"{len(self.silences)} silence{'' if len(self.silences) == 1 else 's'} of six weeks or more",
            f"changed hands {changes} time{'' if changes == 1 else 's'}",
            f"promises: {promises.in_words}",
        ]
        return "; ".join(said)


# ---- What is read


def relationship_chart(account: Account, day: date) -> RelationshipChart:
    """The last twenty-four months of an account and of what was merged into it, up to this day."""
    first = month_before(day, MONTHS - 1)
    start = timezone.make_aware(datetime.combine(first, time.min))
    touches = list(touched_since(account, start))
    bands = list(bands_of(stages_of(account), first, day))
    spans = list(spans_of(owners_of(account, start), first, day))
    silences = silences_between([last_before(account, start), *(at for at, _, _ in touches)], first, day)
    counted = promises_of(account, day)
    months = [
        month_of(starts, touches, bands, spans, silences, counted)
        for starts in (month_before(day, ago) for ago in reversed(range(MONTHS)))
    ]
    return RelationshipChart(day, months, bands, spans, silences)


def touched_since(account: Account, start: datetime) -> Iterable[tuple[date, str, int]]:
    """Of each day on which we were in touch: by what kind, and how often. In the order of days."""
    entries = Entry.objects.of(account).not_retracted().filter(IN_TOUCH, at__gte=start)
    by_day = entries.order_by().annotate(day=TruncDate("at")).values_list("day", "kind")
    for day, kind, number in by_day.annotate(number=Count("pk")).order_by("day", "kind"):
        yield day, kind if kind in Entry.CONTACT_KINDS else THEIRS, number


def last_before(account: Account, start: datetime) -> date | None:
    entries = Entry.objects.of(account).not_retracted().filter(IN_TOUCH, at__lt=start)
    at = entries.order_by("-at").values_list("at", flat=True).first()
    return timezone.localdate(at) if at else None


def stages_of(account: Account) -> Sequence[tuple[date, str]]:
    entries = Entry.objects.of(account).not_retracted().filter(kind=Entry.Kind.STAGE)
    reached = entries.order_by("at", "pk").values_list("at", "stage")
    return [(timezone.localdate(at), stage) for at, stage in reached]


def owners_of(account: Account, start: datetime) -> Iterable[Coverage]:
    owned = Coverage.objects.filter(account=account, role=Coverage.Role.OWNER)
    served = owned.filter(Q(ended_at=None) | Q(ended_at__gte=start))
    return served.select_related("person").order_by("started_at", "pk")


def promises_of(account: Account, day: date) -> Mapping[date, Mapping[str, int]]:
    rows = Obligation.objects.filter(account__in=account.memory_ids).promise_months(MONTHS)
    return by_month((row["counted"] for row in rows), day)


# ---- What it comes to


def bands_of(reached: Sequence[tuple[date, str]], first: date, day: date) -> Iterable[StageBand]:
    for (starts, stage), (ends, _) in pairwise([*reached, (day, "")]):
        if ends > first or starts >= first:
            yield StageBand(stage, max(starts, first), max(ends, first))


def spans_of(rows: Iterable[Coverage], first: date, day: date) -> Iterable[OwnerSpan]:
    before: Coverage | None = None
    for row in rows:
        starts = timezone.localdate(row.started_at)
        ends = timezone.localdate(row.ended_at) if row.ended_at else day
        other = before is not None and before.person_id != row.person_id
        yield OwnerSpan(row.person.name, max(starts, first), ends, row.acting, other and starts >= first)
        before = row


def silences_between(days: Iterable[date | None], first: date, day: date) -> list[Silence]:
    """Six weeks or more in which nobody was in touch, as far as the chart shows them; also one that lasts."""
    known = [one for one in days if one]
    pairs = pairwise([*known, day]) if known else ()
    long = [(earlier, later) for earlier, later in pairs if later - earlier >= SILENCE]
    return [Silence(earlier, later) for earlier, later in long if later > first]


def month_of(
    starts: date,
    touches: Iterable[tuple[date, str, int]],
    bands: Iterable[StageBand],
    spans: Iterable[OwnerSpan],
    silences: Iterable[Silence],
    counted: Mapping[date, Mapping[str, int]],
) -> ChartMonth:
    ends = month_before(starts, -1)
    times: dict[str, int] = defaultdict(int)
    for day, kind, number in touches:
        if starts <= day < ends:
            times[kind] += number

    def during(lasting: Iterable[T]) -> list[T]:
        return [one for one in lasting if one.starts < ends and one.ends >= starts]

    return ChartMonth(
        starts,
        ends,
        {kind: times[kind] for kind in WORDS if kind in times},
        stages=tuple(band.label for band in during(bands)),
        owners=tuple(dict.fromkeys(span.name for span in during(spans))),
        silence=next(iter(during(silences)), None),
        **counted.get(starts, {}),
    )
