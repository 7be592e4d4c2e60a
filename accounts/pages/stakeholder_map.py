"""account -> StakeholderMap: who of ours knows whom of theirs, drawn and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Contact, Coverage
from accounts.rules import clocks
from accounts.rules.continuity import CHAMPION_MET_WITHIN, Connection, ContinuityEvidence, day

ROW, TOP = 34, 20
LEFT, RIGHT = 150, 270  # where a line begins and ends in the drawing
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
    connections: tuple[Connection, ...]
    y: int

    @property
    def short(self) -> str:
        return shortened(self.contact.name)

    @property
    def known_by(self) -> list[Connection]:
        return [known for known in self.connections if known.active]

    @property
    def only(self) -> str:
        """The one colleague who knows them, where there is only one."""
        return self.known_by[0].name if len(self.known_by) == 1 else ""


@dataclass(frozen=True)
class ConnectionLine:
    """A connection as a line: thicker for more meetings, dashed when the last was long ago."""

    connection: Connection
    y1: int
    y2: int
    x1: int = LEFT
    x2: int = RIGHT

    @property
    def width(self) -> float:
        return min(1 + self.connection.times * 0.4, 4)

    @property
    def quiet(self) -> bool:
        return self.connection.last < clocks.now() - CHAMPION_MET_WITHIN


@dataclass(frozen=True)
class StakeholderMap:
    ours: list[Ours]
    theirs: list[Theirs]
    lines: list[ConnectionLine]
    warnings: list[str]

    @property
    def height(self) -> int:
        return TOP + ROW * max(len(self.ours), len(self.theirs), 1)


def stakeholder_map(
    evidence: ContinuityEvidence, contacts: Sequence[Contact], team: Iterable[Coverage]
) -> StakeholderMap:
    """From what the account's checks are made of, its contacts and who serves it now."""
    people = {row.person_id: (row.person.name, row.person.may_come_in) for row in team}
    people |= {known.person: (known.name, known.active) for known in evidence.connections}
    ours = [
        Ours(pk, name, active, TOP + number * ROW)
        for number, (pk, (name, active)) in enumerate(sorted(people.items(), key=lambda one: one[1]))
    ]
    present = [contact for contact in contacts if not contact.left_on]
    present.sort(key=lambda contact: (not contact.is_champion, contact.name))
    theirs = [
        Theirs(
            contact,
            tuple(known for known in evidence.connections if known.contact == contact.pk),
            TOP + number * ROW,
        )
        for number, contact in enumerate(present)
    ]
    heights = {person.pk: person.y for person in ours}
    lines = [
        ConnectionLine(known, heights[known.person], one.y) for one in theirs for known in one.connections
    ]
    return StakeholderMap(ours, theirs, lines, warnings(evidence, contacts))


def warnings(evidence: ContinuityEvidence, contacts: Sequence[Contact]) -> list[str]:
    """What may break: one connection only, and a champion who left or went quiet."""
    active = [known for known in evidence.connections if known.active]
    ours = {known.name for known in active}
    met = {known.contact for known in active}
    gone = [contact for contact in contacts if contact.left_on and contact.is_champion]
    single = next((contact.name for contact in contacts if {contact.pk} == met), "")
    found = [
        f"Only {next(iter(ours))} knows anybody there" if len(ours) == 1 else "",
        f"{single} is the only one of theirs we have met in a year" if single else "",
        *(f"{contact.name}, who spoke for us, left on {contact.left_on:%-d %b %Y}" for contact in gone),
        *(quiet(champion.name, champion.met_at) for champion in evidence.champions),
    ]
    return [sentence for sentence in found if sentence]


def quiet(name: str, met: datetime | None) -> str:
    if met is None:
        return f"{name} speaks for us, and nobody has met them"
    if met < clocks.now() - CHAMPION_MET_WITHIN:
        return f"{name}, who speaks for us, has been quiet since {day(met)}"
    return ""


def shortened(name: str) -> str:
    return name if len(name) <= LETTERS else name[: LETTERS - 1] + "…"
