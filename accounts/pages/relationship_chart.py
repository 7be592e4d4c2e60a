"""account -> Picture: twenty-four months of a relationship, as lanes to look at and as rows to read.

Stages as bands, owners along the thread with a knot where it changed hands, being in touch by month and kind,
silences, and what became of promises. Five queries, whatever the history; the rest is calculation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any, Self

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import Account, Coverage, Entry, Obligation, Stage
from accounts.rules.promise_record import FIGURES, by_month, in_words, month_before

from .timeline import IN_TOUCH, SILENCE

MONTHS = 24
#: Of what has no kind of being in touch, though the customer wrote it.
THEIRS = "theirs"


# ---- What it shows


@dataclass(frozen=True)
class Band:
    """A stage of the journey, from the day it was reached to the day of the next."""

    stage: str
    starts: date
    ends: date

    @property
    def label(self) -> str:
        return str(Stage(self.stage).label)


@dataclass(frozen=True)
class Span:
    """Who owned the account, from day to day. `knot`: it came out of somebody else's hands within the picture."""

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
class Month:
    """What happened in one month; the stages and owners it saw, and a silence that lasted through any of it."""

    starts: date
    ends: date
    touches: dict[str, int] = field(default_factory=dict)
    kept: int = 0
    late: int = 0
    broken: int = 0
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
        return in_words(self.kept, self.late, self.broken) if self.due else ""

    @property
    def due(self) -> int:
        return self.kept + self.late + self.broken

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
class Picture:
    """Twenty-four months up to a day, this one included, the oldest first."""

    day: date
    months: list[Month]
    bands: list[Band]
    spans: list[Span]
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
    def newest_first(self) -> list[Month]:
        return self.months[::-1]

    def __str__(self) -> str:
        """What the picture says to somebody who cannot see it."""
        hands = sum(span.knot for span in self.spans)
        due = in_words(*(sum(getattr(month, name) for month in self.months) for name in FIGURES))
        said = [
            f"{sum(month.touched for month in self.months)} times in touch",
            f"{len(self.silences)} silence{'' if len(self.silences) == 1 else 's'} of six weeks or more",
            f"changed hands {hands} time{'' if hands == 1 else 's'}",
            f"promises: {due}",
        ]
        return "; ".join(said)


# ---- What is read


def draw(account: Account, day: date) -> Picture:
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
    return Picture(day, months, bands, spans, silences)


def touched_since(account: Account, start: datetime) -> Iterable[tuple[date, str, int]]:
    """Of each day on which we were in touch: by what kind, and how often. In the order of days."""
    entries = Entry.objects.of(account).standing().filter(IN_TOUCH, at__gte=start)
    by_day = entries.order_by().annotate(day=TruncDate("at")).values_list("day", "kind")
    for day, kind, number in by_day.annotate(number=Count("pk")).order_by("day", "kind"):
        yield day, kind if kind in Entry.CONTACT_KINDS else THEIRS, number


def last_before(account: Account, start: datetime) -> date | None:
    entries = Entry.objects.of(account).standing().filter(IN_TOUCH, at__lt=start)
    at = entries.order_by("-at").values_list("at", flat=True).first()
    return timezone.localdate(at) if at else None


def stages_of(account: Account) -> Sequence[tuple[date, str]]:
    entries = Entry.objects.of(account).standing().filter(kind=Entry.Kind.STAGE)
    reached = entries.order_by("at", "pk").values_list("at", "stage")
    return [(timezone.localdate(at), stage) for at, stage in reached]


def owners_of(account: Account, start: datetime) -> Iterable[Coverage]:
    served = Coverage.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=start), account=account, role=Coverage.Role.OWNER
    )
    return served.select_related("person").order_by("started_at", "pk")


def promises_of(account: Account, day: date) -> Mapping[date, Mapping[str, int]]:
    rows = Obligation.objects.filter(account__in=account.memory_ids).promise_months(MONTHS)
    return by_month((row["counted"] for row in rows), day)


# ---- What it comes to


def bands_of(reached: Sequence[tuple[date, str]], first: date, day: date) -> Iterable[Band]:
    for (starts, stage), (ends, _) in pairwise([*reached, (day, "")]):
        if ends > first or starts >= first:
            yield Band(stage, max(starts, first), max(ends, first))


def spans_of(rows: Iterable[Coverage], first: date, day: date) -> Iterable[Span]:
    before: Coverage | None = None
    for row in rows:
        starts = timezone.localdate(row.started_at)
        ends = timezone.localdate(row.ended_at) if row.ended_at else day
        other = before is not None and before.person_id != row.person_id
        yield Span(row.person.name, max(starts, first), ends, row.acting, other and starts >= first)
        before = row


def silences_between(days: Iterable[date | None], first: date, day: date) -> list[Silence]:
    """Six weeks or more in which nobody was in touch, as far as the picture shows them; also one that lasts."""
    known = [one for one in days if one]
    pairs = pairwise([*known, day]) if known else ()
    long = [(earlier, later) for earlier, later in pairs if later - earlier >= SILENCE]
    return [Silence(earlier, later) for earlier, later in long if later > first]


def month_of(
    starts: date,
    touches: Iterable[tuple[date, str, int]],
    bands: Iterable[Band],
    spans: Iterable[Span],
    silences: Iterable[Silence],
    counted: Mapping[date, Mapping[str, int]],
) -> Month:
    ends = month_before(starts, -1)
    times: dict[str, int] = defaultdict(int)
    for day, kind, number in touches:
        if starts <= day < ends:
            times[kind] += number

    def during(lasting: Iterable[Any]) -> list[Any]:
        return [one for one in lasting if one.starts < ends and one.ends >= starts]

    return Month(
        starts,
        ends,
        {kind: times[kind] for kind in WORDS if kind in times},
        stages=tuple(band.label for band in during(bands)),
        owners=tuple(dict.fromkeys(span.name for span in during(spans))),
        silence=next(iter(during(silences)), None),
        **counted.get(starts, {}),
    )


# ---- Where it goes on paper: units of the drawing, which are pixels on a wide screen

WIDTH, HEIGHT, LEFT, RIGHT = 840, 250, 72, 832
STAGE_Y, BAND = 12, 22
OWNER_Y = 72
TOUCH_Y, TOUCH_TALL = 168, 60  # the ground on which the columns stand, and the tallest of them
PROMISE_Y = 212
LETTER = 6.4
COLOURS = {
    Entry.Kind.CONVERSATION: "c-spruce",
    Entry.Kind.VISIT: "c-marigold",
    Entry.Kind.EMAIL: "c-sky",
    Entry.Kind.EXECUTIVE: "c-muted",
    THEIRS: "c-plum",
}


@dataclass(frozen=True)
class Mark:
    """One thing in the drawing: where, how large, its class, what is written in it and what it says when pointed at."""

    x: float
    y: float
    width: float = 0
    height: float = 0
    css: str = ""
    text: str = ""
    title: str = ""

    @property
    def end(self) -> float:
        return round(self.x + self.width, 1)

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class Drawing:
    """A picture with the place of everything in it."""

    picture: Picture
    months: list[Mark]
    bands: list[Mark]
    owners: list[Mark]
    knots: list[Mark]
    columns: list[Mark]
    silences: list[Mark]
    promises: list[Mark]
    kinds: list[tuple[str, str]]
    before: Mark | None  # where the picture begins before our records do

    width, height = WIDTH, HEIGHT

    @classmethod
    def of(cls, picture: Picture) -> Self:
        scale = Scale(picture.starts, picture.ends)
        return cls(
            picture,
            months=[scale.month(month) for month in picture.months],
            bands=[scale.band(band) for band in picture.bands],
            owners=[scale.owner(span) for span in picture.spans],
            knots=[
                Mark(scale.x(span.starts), OWNER_Y, title=span.name) for span in picture.spans if span.knot
            ],
            columns=scale.columns(picture.months),
            silences=[scale.silence(silence) for silence in picture.silences],
            promises=[mark for month in picture.months for mark in scale.promises(month)],
            kinds=[(COLOURS[kind], words[1]) for kind, words in WORDS.items() if any_of(picture, kind)],
            before=scale.before(picture),
        )


def any_of(picture: Picture, kind: str) -> bool:
    return any(kind in month.touches for month in picture.months)


@dataclass(frozen=True)
class Scale:
    """From days to places."""

    starts: date
    ends: date

    def x(self, day: date) -> float:
        share = (min(max(day, self.starts), self.ends) - self.starts) / (self.ends - self.starts)
        return round(LEFT + share * (RIGHT - LEFT), 1)

    def between(self, starts: date, ends: date) -> tuple[float, float]:
        x = self.x(starts)
        return x, round(max(self.x(ends) - x, 1), 1)

    def month(self, month: Month) -> Mark:
        x, width = self.between(month.starts, month.ends)
        text = f"{month.starts:%b}" if (month.starts.month - 1) % 3 == 0 else ""
        year = f"{month.starts:%Y}" if month.starts.month == 1 else ""
        return Mark(x, HEIGHT - 18, width, text=text, css="s-muted" if year else "s-rule", title=year)

    def before(self, picture: Picture) -> Mark | None:
        known = [span.starts for span in picture.spans] + [band.starts for band in picture.bands]
        known += [month.starts for month in picture.months if not month.is_blank]
        x, width = self.between(self.starts, min(known, default=self.ends))
        text = fitting("Before our records", width)
        return Mark(x, OWNER_Y, width, text=text) if text else None

    def band(self, band: Band) -> Mark:
        x, width = self.between(band.starts, band.ends)
        css = "c-paper s-brick" if band.stage == Stage.AT_RISK else "c-rule s-rule"
        title = f"{band.label} from {band.starts:%-d %B %Y}"
        return Mark(x, STAGE_Y, max(width - 2, 1), BAND, css, fitting(band.label, width - 10), title)

    def owner(self, span: Span) -> Mark:
        x, width = self.between(span.starts, span.ends)
        name = fitting(span.name, width - (24 if span.knot else 4), span.name.partition(" ")[0])
        title = f"{span.name}{', acting,' if span.acting else ''} from {span.starts:%-d %B %Y}"
        return Mark(
            x, OWNER_Y, width, css="s-marigold" if span.acting else "s-spruce", text=name, title=title
        )

    def columns(self, months: Sequence[Month]) -> list[Mark]:
        most = max((month.touched for month in months), default=0)
        marks = []
        for month in months:
            x, width = self.between(month.starts, month.ends)
            y = float(TOUCH_Y)
            for kind, number in month.touches.items():
                tall = round(number / max(most, 6) * TOUCH_TALL, 1)
                y = round(y - tall, 1)
                title = f"{month.starts:%B %Y}: {month.in_touch}"
                marks.append(Mark(x + 5, y, round(width - 10, 1), tall, COLOURS[kind], title=title))
        return marks

    def silence(self, silence: Silence) -> Mark:
        x, width = self.between(silence.starts, silence.ends)
        words = f"{silence.weeks} weeks of silence"
        return Mark(
            x, TOUCH_Y, width, text=fitting(words, width, f"{silence.weeks} weeks"), title=str(silence)
        )

    def promises(self, month: Month) -> list[Mark]:
        """A square for each, three at most; what is more is said as a number."""
        x, width = self.between(month.starts, month.ends)
        fates = [fate for fate in FIGURES for _ in range(getattr(month, fate))]
        title = f"{month.starts:%B %Y}: {month.promises}"
        marks = [
            Mark(round(x + width / 2 - 5, 1), PROMISE_Y - 12 * place, 10, 10, fate, title=title)
            for place, fate in enumerate(fates[:3])
        ]
        if more := len(fates) - len(marks):
            marks.append(Mark(round(x + width / 2 + 7, 1), PROMISE_Y - 15, text=f"+{more}", title=title))
        return marks


def fitting(text: str, width: float, shorter: str = "") -> str:
    """The text where there is room for it, or the shorter one, or nothing."""
    return next((words for words in (text, shorter) if words and len(words) * LETTER <= width), "")
