"""RelationshipChart -> ChartDrawing: the place of everything in it, in pixels on a wide screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from accounts.models import Entry, Stage
from accounts.rules.promise_record import FIGURES

from .relationship_chart import (
    THEIRS,
    WORDS,
    ChartMonth,
    OwnerSpan,
    RelationshipChart,
    Silence,
    StageBand,
)

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
class ChartMark:
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
class ChartDrawing:
    chart: RelationshipChart
    months: list[ChartMark]
    bands: list[ChartMark]
    owners: list[ChartMark]
    knots: list[ChartMark]
    columns: list[ChartMark]
    silences: list[ChartMark]
    promises: list[ChartMark]
    kinds: list[tuple[str, str]]
    before: ChartMark | None  # where the chart begins before our records do

    width, height = WIDTH, HEIGHT

    @classmethod
    def of(cls, chart: RelationshipChart) -> Self:
        scale = ChartScale(chart.starts, chart.ends)
        seen = {kind for month in chart.months for kind in month.touches}
        return cls(
            chart,
            months=[scale.month(month) for month in chart.months],
            bands=[scale.band(band) for band in chart.bands],
            owners=[scale.owner(span) for span in chart.spans],
            knots=[
                ChartMark(scale.x(span.starts), OWNER_Y, title=span.name) for span in chart.spans if span.knot
            ],
            columns=scale.columns(chart.months),
            silences=[scale.silence(silence) for silence in chart.silences],
            promises=[mark for month in chart.months for mark in scale.promises(month)],
            kinds=[(COLOURS[kind], words[1]) for kind, words in WORDS.items() if kind in seen],
            before=scale.before(chart),
        )


@dataclass(frozen=True)
class ChartScale:
    """From days to places."""

    starts: date
    ends: date

    def x(self, day: date) -> float:
        share = (min(max(day, self.starts), self.ends) - self.starts) / (self.ends - self.starts)
        return round(LEFT + share * (RIGHT - LEFT), 1)

    def between(self, starts: date, ends: date) -> tuple[float, float]:
        x = self.x(starts)
        return x, round(max(self.x(ends) - x, 1), 1)

    def month(self, month: ChartMonth) -> ChartMark:
        x, width = self.between(month.starts, month.ends)
        text = f"{month.starts:%b}" if (month.starts.month - 1) % 3 == 0 else ""
        year = f"{month.starts:%Y}" if month.starts.month == 1 else ""
        return ChartMark(x, HEIGHT - 18, width, text=text, css="s-muted" if year else "s-rule", title=year)

    def before(self, chart: RelationshipChart) -> ChartMark | None:
        known = [span.starts for span in chart.spans] + [band.starts for band in chart.bands]
        known += [month.starts for month in chart.months if not month.is_blank]
        x, width = self.between(self.starts, min(known, default=self.ends))
        text = fitting("Before our records", width)
        return ChartMark(x, OWNER_Y, width, text=text) if text else None

    def band(self, band: StageBand) -> ChartMark:
        x, width = self.between(band.starts, band.ends)
        css = "c-paper s-brick" if band.stage == Stage.AT_RISK else "c-rule s-rule"
        title = f"{band.label} from {band.starts:%-d %B %Y}"
        return ChartMark(x, STAGE_Y, max(width - 2, 1), BAND, css, fitting(band.label, width - 10), title)

    def owner(self, span: OwnerSpan) -> ChartMark:
        x, width = self.between(span.starts, span.ends)
        name = fitting(span.name, width - (24 if span.knot else 4), span.name.partition(" ")[0])
        title = f"{span.name}{', acting,' if span.acting else ''} from {span.starts:%-d %B %Y}"
        css = "s-marigold" if span.acting else "s-spruce"
        return ChartMark(x, OWNER_Y, width, css=css, text=name, title=title)

    def columns(self, months: Sequence[ChartMonth]) -> list[ChartMark]:
        most = max((month.touched for month in months), default=0)
        marks = []
        for month in months:
            x, width = self.between(month.starts, month.ends)
            y = float(TOUCH_Y)
            for kind, number in month.touches.items():
                tall = round(number / max(most, 6) * TOUCH_TALL, 1)
                y = round(y - tall, 1)
                title = f"{month.starts:%B %Y}: {month.in_touch}"
                marks.append(ChartMark(x + 5, y, round(width - 10, 1), tall, COLOURS[kind], title=title))
        return marks

    def silence(self, silence: Silence) -> ChartMark:
        x, width = self.between(silence.starts, silence.ends)
        text = fitting(f"{silence.weeks} weeks of silence", width, f"{silence.weeks} weeks")
        return ChartMark(x, TOUCH_Y, width, text=text, title=str(silence))

    def promises(self, month: ChartMonth) -> list[ChartMark]:
        """A square for each, three at most; what is more is said as a number."""
        x, width = self.between(month.starts, month.ends)
        fates = [fate for fate in FIGURES for _ in range(getattr(month, fate))]
        title = f"{month.starts:%B %Y}: {month.promises}"
        marks = [
            ChartMark(round(x + width / 2 - 5, 1), PROMISE_Y - 12 * place, 10, 10, fate, title=title)
            for place, fate in enumerate(fates[:3])
        ]
        if more := len(fates) - len(marks):
            marks.append(ChartMark(round(x + width / 2 + 7, 1), PROMISE_Y - 15, text=f"+{more}", title=title))
        return marks


def fitting(text: str, width: float, shorter: str = "") -> str:
    """The text where there is room for it, or the shorter one, or nothing."""
    return next((words for words in (text, shorter) if words and len(words) * LETTER <= width), "")
