"""account -> StakeholderMap: who of ours knows whom of theirs, drawn and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Contact, Coverage
from accounts.rules import clocks

from .continuity import CHAMPION_MET_WITHIN, Tie, day, in_time, ties_of

ROW, TOP = 34, 20
LEFT, RIGHT = 150, 270  # where a line begins and ends in the picture
LETTERS = 19


@dataclass(frozen=True)
class Ours:
    """A colleague in the left column."""

    pk: int
    name: str
    active: bool
    y: int

    @property
    def short(self) -> str:
        return shortened(self.name)


@dataclass(frozen=True)
class Theirs:
    """One of their people in the right column, with whoever of ours knows them."""

    contact: Contact
    ties: tuple[Tie, ...]
    y: int

    @property
    def short(self) -> str:
        return shortened(self.contact.name)

    @property
    def known_by(self) -> list[Tie]:
        return [tie for tie in self.ties if tie.active]

    @property
    def only(self) -> str:
        """The one colleague who knows them, where there is only one."""
        return self.known_by[0].name if len(self.known_by) == 1 else ""


@dataclass(frozen=True)
class Line:
    """A tie in the picture: thicker for more meetings, dashed when the last was long ago."""

    tie: Tie
    y1: int
    y2: int
    x1: int = LEFT
    x2: int = RIGHT

    @property
    def width(self) -> float:
        return min(1 + self.tie.times * 0.4, 4)

    @property
    def quiet(self) -> bool:
        return self.tie.last < clocks.now() - CHAMPION_MET_WITHIN


@dataclass(frozen=True)
class StakeholderMap:
    ours: list[Ours]
    theirs: list[Theirs]
    lines: list[Line]
    warnings: list[str]

    @property
    def height(self) -> int:
        return TOP + ROW * max(len(self.ours), len(self.theirs), 1)


def stakeholder_map(account: Any, contacts: Sequence[Contact], team: Iterable[Coverage]) -> StakeholderMap:
    """From an account that was read with `continuity.annotated`, its contacts and who serves it now."""
    known = ties_of(account)
    people = {row.person_id: (row.person.name, row.person.is_active) for row in team}
    people |= {tie.person: (tie.name, tie.active) for tie in known}
    ours = [
        Ours(pk, name, active, TOP + number * ROW)
        for number, (pk, (name, active)) in enumerate(sorted(people.items(), key=lambda one: one[1]))
    ]
    present = [contact for contact in contacts if not contact.left_on]
    present.sort(key=lambda contact: (not contact.is_champion, contact.name))
    theirs = [
        Theirs(contact, tuple(tie for tie in known if tie.contact == contact.pk), TOP + number * ROW)
        for number, contact in enumerate(present)
    ]
    heights = {person.pk: person.y for person in ours}
    lines = [Line(tie, heights[tie.person], one.y) for one in theirs for tie in one.ties]
    return StakeholderMap(ours, theirs, lines, warnings(account, contacts, known))


def warnings(account: Any, contacts: Sequence[Contact], known: Sequence[Tie]) -> list[str]:
    """What may break: one thread only, and a champion who left or went quiet."""
    ours = {tie.name for tie in known if tie.active}
    met = {tie.contact for tie in known if tie.active}
    gone = [contact for contact in contacts if contact.left_on and contact.is_champion]
    single = next((contact.name for contact in contacts if {contact.pk} == met), "")
    found = [
        f"It hangs by one thread: only {next(iter(ours))} is known to them" if len(ours) == 1 else "",
        f"It hangs by one thread: {single} is the only one of theirs we have met in a year" if single else "",
        *(f"{contact.name}, who spoke for us, left on {contact.left_on:%-d %b %Y}" for contact in gone),
        *(quiet(champion["name"], in_time(champion["met"])) for champion in account.champions_now),
    ]
    return [sentence for sentence in found if sentence]


def quiet(name: str, met: datetime | None, within: timedelta = CHAMPION_MET_WITHIN) -> str:
    if met is None:
        return f"{name} speaks for us, and nobody has met them"
    if met < clocks.now() - within:
        return f"{name}, who speaks for us, has been quiet since {day(met)}"
    return ""


def shortened(name: str) -> str:
    return name if len(name) <= LETTERS else name[: LETTERS - 1] + "…"
