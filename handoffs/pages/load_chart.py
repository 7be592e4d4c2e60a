"""How many accounts each person owns before and after a reorganisation, as bars."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from handoffs.planning import Impact, owned_by

LABELS = 140  # units left for the names


@dataclass(frozen=True)
class LoadBar:
    """One person's accounts before and after, with where to draw them."""

    person: User
    leaving: int
    arriving: int
    before: int
    y: int
    stays_width: float
    change_width: float

    @property
    def after(self) -> int:
        return self.before - self.leaving + self.arriving

    @property
    def gains(self) -> bool:
        return self.after >= self.before

    @property
    def change_at(self) -> float:
        return LABELS + self.stays_width

    @property
    def text_at(self) -> float:
        return self.change_at + self.change_width + 8


@dataclass(frozen=True)
class LoadChart:
    bars: list[LoadBar]
    height: int


def load_chart(impact: Impact) -> LoadChart:
    """Accounts owned before and after, drawn to one scale of 400 units."""
    people = sorted({*impact.arriving, *impact.leaving}, key=lambda person: person.name)
    owned = owned_by(people)
    after = {
        person: owned[person.pk] - impact.leaving.get(person, 0) + impact.arriving.get(person, 0)
        for person in people
    }
    scale = 400 / max([1, *after.values(), *owned.values()])
    bars = [
        LoadBar(
            person,
            impact.leaving.get(person, 0),
            impact.arriving.get(person, 0),
            owned[person.pk],
            at * 32,
            round(min(owned[person.pk], after[person]) * scale, 1),
            round(abs(owned[person.pk] - after[person]) * scale, 1),
        )
        for at, person in enumerate(people)
    ]
    return LoadChart(bars, len(people) * 32)
