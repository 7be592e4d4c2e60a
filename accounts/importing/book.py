"""What a plan is made of: tables with typed cells, the people and customers in them, questions, and outcomes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from . import values
from .columns import WORDS
from .values import DateForm, Unfit

NEW, CHANGED, UNCHANGED, ASIDE = "new", "changed", "unchanged", "aside"


@dataclass(frozen=True)
class Line:
    """A staged row: which file, which row, on which line, with its cells as they came."""

    file: int
    number: int
    line: int
    cells: Sequence[str]
    pk: int = 0


@dataclass
class Table:
    """A recognised sheet; its cells are read through here, so that each column is read in one way."""

    index: int
    name: str
    kind: str
    header: Sequence[str]
    columns: Mapping[str, int]
    lines: list[Line]
    sentence: str = ""
    repair: bool = False
    forms: dict[str, DateForm] = field(default_factory=dict)
    decimals: dict[str, str] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return name in self.columns

    def text(self, line: Line, name: str) -> str:
        place = self.columns.get(name)
        cells = line.cells
        if place is None or place >= len(cells) or not (cell := cells[place]):
            return ""
        return values.plain(values.repaired(cell) if self.repair else cell)

    def prose(self, line: Line, name: str) -> str:
        """A cell with its line breaks."""
        place = self.columns.get(name)
        cell = line.cells[place] if place is not None and place < len(line.cells) else ""
        return (values.repaired(cell) if self.repair else cell).strip()

    def record(self, line: Line, name: str) -> str:
        return values.record_id(self.text(line, name))

    def yes(self, line: Line, name: str) -> bool:
        return values.is_yes(self.text(line, name))

    def column(self, name: str) -> list[str]:
        return [self.text(line, name) for line in self.lines]

    def heading(self, name: str) -> str:
        return self.header[self.columns[name]].strip()

    def day(self, line: Line, name: str) -> date | None:
        try:
            return values.day(self.text(line, name), self.form(name))
        except Unfit as error:
            raise Unfit(f"Column “{self.heading(name)}”: {error}.") from None

    def amount(self, line: Line, name: str) -> Decimal | None:
        try:
            return values.amount(self.text(line, name), self.decimal(name))
        except Unfit as error:
            raise Unfit(f"Column “{self.heading(name)}”: {error}.") from None

    def whole(self, line: Line, name: str, low: int, high: int) -> int | None:
        try:
            return values.whole(self.text(line, name), self.decimal(name), low, high)
        except Unfit as error:
            raise Unfit(f"Column “{self.heading(name)}”: {error}.") from None

    def form(self, name: str) -> DateForm:
        if name not in self.forms:
            self.forms[name] = values.date_forms(self.column(name))[0]
        return self.forms[name]

    def decimal(self, name: str) -> str:
        if name not in self.decimals:
            self.decimals[name] = values.decimal_sign(self.column(name))
        return self.decimals[name]


@dataclass(eq=False)
class Person:
    """One of ours, known (`pk`) or about to be made."""

    name: str
    pk: int | None = None
    email: str = ""
    kind: str = "rep"
    title: str = ""
    phone: str = ""
    region: str = ""
    external_id: str = ""
    active: bool = True
    manager: Person | None = None
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Customer:
    """An account, known or about to be made. `owner` is who will answer for it (a known one's owner stays)."""

    name: str
    pk: int | None = None
    external_id: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    parent: Customer | None = None
    closed: bool = False
    owner: Person | None = None
    owner_because: str = ""
    acting: bool = False
    team: dict[int, str] = field(default_factory=dict)  # person's pk -> role that may hold a deal
    changes: dict[str, Any] = field(default_factory=dict)
    named_owner: str = ""
    since: date | None = None
    row: Line | None = None


@dataclass(eq=False)
class PlannedDeal:
    customer: Customer
    fields: dict[str, Any]
    pk: int | None = None
    agent: Person | None = None
    holder: Person | None = None  # nobody: the account's owner
    role: str = "owner"


@dataclass(eq=False)
class PlannedContact:
    customer: Customer
    fields: dict[str, Any]
    pk: int | None = None
    name_locked: bool = False
    spelled: bool = False  # by themselves: the title stays as well


@dataclass(eq=False)
class Happening:
    """A task or note of another system, to become an entry that keeps its day and author."""

    customer: Customer
    kind: str
    at: datetime
    subject: str
    text: str
    external_id: str
    author: Person | None
    author_name: str
    contact: PlannedContact | None


@dataclass(frozen=True)
class Spell:
    """Somebody served an account before our records began, from one instant to another."""

    customer: Customer
    person: Person
    started_at: datetime
    ended_at: datetime
    because: str


@dataclass
class Question:
    """Something the files do not say. `needed` ones wait for a person; `recommended` is what we would answer."""

    key: str
    text: str
    options: list[tuple[str, str]]
    recommended: str = ""
    needed: bool = False
    answer: str = ""
    why: str = ""
    people: bool = False  # any active colleague may be the answer, as "user:<pk>"

    @property
    def value(self) -> str:
        return self.answer or self.recommended

    @property
    def waits(self) -> bool:
        return self.needed and not self.answer


@dataclass
class Known:
    """What the database holds already, as far as these files can touch it."""

    people: list[Person] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    aliases: list[tuple[str, str, Customer]] = field(default_factory=list)  # name, id and where it is now
    contacts: list[PlannedContact] = field(default_factory=list)
    deals: dict[str, PlannedDeal] = field(default_factory=dict)  # by external id
    entries: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)  # the marks of those who asked to be forgotten
    past: set[tuple[int, int]] = field(default_factory=set)  # account, person
    products: set[str] = field(default_factory=set)
    resort: Person | None = None
    importer: Person | None = None


@dataclass
class Plan:
    """All that would change, row by row, and what has to be asked first."""

    people: list[Person] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    contacts: list[PlannedContact] = field(default_factory=list)
    deals: list[PlannedDeal] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    joining: dict[tuple[Customer, Person], str] = field(default_factory=dict)  # role support, with the reason
    invented: str = "@import.invalid"
    founded: list[Customer] = field(default_factory=list)  # those of `customers` made when carried out
    resort: Person | None = None
    questions: list[Question] = field(default_factory=list)
    outcomes: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    samples: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    kinds: dict[int, str] = field(default_factory=dict)

    def settle(self, line: Line, state: str, because: str = "") -> None:
        self.outcomes[line.file, line.number] = (state, because)

    def counts(self) -> dict[str, dict[str, int]]:
        """Rows new, changed, unchanged and left aside, for each kind of table."""
        tally: dict[str, Counter[str]] = defaultdict(Counter)
        for (file, _), (state, _because) in self.outcomes.items():
            tally[WORDS.get(self.kinds.get(file, ""), "other rows")][state] += 1
        order = [*WORDS.values(), "other rows"]
        return {
            word: {state: tally[word][state] for state in (NEW, CHANGED, UNCHANGED, ASIDE)}
            for word in order
            if word in tally
        }

    def facts(self) -> list[str]:
        """What else would be written, in sentences."""
        founded = [customer for customer in self.customers if customer.pk is None]
        made = [person for person in self.people if person.pk is None]
        managers = sum(person.kind == "manager" for person in made)
        gone = sum(not person.active for person in made)
        invented = sum(person.email.endswith(self.invented) for person in made)
        acting = sum(customer.acting for customer in founded)
        told = [
            (len(made), f"{_some(made, 'person is', 'people are')} added."),
            (managers, f"{managers:,} of them as managers."),
            (gone, f"{gone:,} of them as having left: they cannot sign in."),
            (
                invented,
                f"{invented:,} of them came without an e-mail address and get one that leads nowhere "
                f"({self.invented}); put it right under People.",
            ),
            (len(founded), f"{_some(founded, 'account gets its', 'accounts get their')} owner."),
            (acting, f"{acting:,} of these owners only act: the owner has left, or none is named."),
            (
                len(self.spells),
                f"{_some(self.spells, 'earlier spell is', 'earlier spells are')} kept: who served whom before.",
            ),
            (
                len(self.joining),
                f"{_some(self.joining, 'time', 'times')} somebody joins an account's team as support, "
                "because they work on an open deal of it.",
            ),
        ]
        return [sentence for count, sentence in told if count]

    def waiting(self) -> list[Question]:
        return [question for question in self.questions if question.waits]

    @property
    def changes_nothing(self) -> bool:
        return not (
            self.people
            or self.customers
            or self.contacts
            or self.deals
            or self.happenings
            or self.spells
            or self.joining
        )

    def left(self) -> Iterator[tuple[tuple[int, int], str]]:
        """Every row with a reason: what was not applied, or only in part."""
        return ((place, because) for place, (_, because) in self.outcomes.items() if because)


def _some(things: Sized, one: str, many: str) -> str:
    return f"{len(things):,} {one if len(things) == 1 else many}"
