"""What a plan is made of: tables with typed cells, the people and customers in them, questions, and outcomes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from . import values
from .columns import WORDS
from .values import DateForm, Unfit

NEW, CHANGED, UNCHANGED, ASIDE = "new", "changed", "unchanged", "aside"
#: The domain of addresses for people who came without one: mail to it leads nowhere.
NOWHERE = "import.invalid"
Fields: TypeAlias = dict[str, Any]  # columns of a model, as Django takes them


@dataclass(frozen=True)
class StagedRow:
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
    rows: list[StagedRow]
    sentence: str = ""
    repair: bool = False
    forms: dict[str, DateForm] = field(default_factory=dict)
    decimals: dict[str, str] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return name in self.columns

    def text(self, row: StagedRow, name: str) -> str:
        place = self.columns.get(name)
        cells = row.cells
        if place is None or place >= len(cells) or not (cell := cells[place]):
            return ""
        return values.plain(values.repaired(cell) if self.repair else cell)

    def prose(self, row: StagedRow, name: str) -> str:
        """A cell with its line breaks."""
        place = self.columns.get(name)
        cell = row.cells[place] if place is not None and place < len(row.cells) else ""
        return (values.repaired(cell) if self.repair else cell).strip()

    def record(self, row: StagedRow, name: str) -> str:
        return values.record_id(self.text(row, name))

    def yes(self, row: StagedRow, name: str) -> bool:
        return values.is_yes(self.text(row, name))

    def column(self, name: str) -> list[str]:
        return [self.text(row, name) for row in self.rows]

    def heading(self, name: str) -> str:
        return self.header[self.columns[name]].strip()

    def day(self, row: StagedRow, name: str) -> date | None:
        try:
            return values.day(self.text(row, name), self.form(name))
        except Unfit as error:
            raise Unfit(f"Column “{self.heading(name)}”: {error}.") from None

    def amount(self, row: StagedRow, name: str) -> Decimal | None:
        try:
            return values.amount(self.text(row, name), self.decimal(name))
        except Unfit as error:
            raise Unfit(f"Column “{self.heading(name)}”: {error}.") from None

    def whole(self, row: StagedRow, name: str, low: int, high: int) -> int | None:
        try:
            return values.whole(self.text(row, name), self.decimal(name), low, high)
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
class PlannedPerson:
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
    manager: PlannedPerson | None = None
    changes: Fields = field(default_factory=dict)


@dataclass(eq=False)
class PlannedAccount:
    """An account, known or about to be made. `owner` is who will answer for it (a known one's owner stays)."""

    name: str
    pk: int | None = None
    external_id: str = ""
    fields: Fields = field(default_factory=dict)
    parent: PlannedAccount | None = None
    closed: bool = False
    owner: PlannedPerson | None = None
    owner_because: str = ""
    acting: bool = False
    team: dict[int, str] = field(default_factory=dict)  # person's pk -> role that may hold a deal
    changes: Fields = field(default_factory=dict)
    named_owner: str = ""
    since: date | None = None


@dataclass(eq=False)
class PlannedDeal:
    customer: PlannedAccount
    fields: Fields
    pk: int | None = None
    agent: PlannedPerson | None = None
    holder: PlannedPerson | None = None  # nobody: the account's owner
    role: str = "owner"


@dataclass(eq=False)
class PlannedContact:
    customer: PlannedAccount
    fields: Fields
    pk: int | None = None
    name_locked: bool = False
    spelled: bool = False  # by themselves: the title stays as well


@dataclass(eq=False)
class PlannedActivity:
    """A task or note of another system, to become an entry that keeps its day and author."""

    customer: PlannedAccount
    kind: str
    at: datetime
    subject: str
    text: str
    external_id: str
    author: PlannedPerson | None
    author_name: str
    contact: PlannedContact | None


@dataclass(frozen=True)
class PlannedTenure:
    """Somebody served an account before our records began, from one instant to another."""

    customer: PlannedAccount
    person: PlannedPerson
    started_at: datetime
    ended_at: datetime
    because: str


@dataclass
class ImportQuestion:
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
class ExistingBook:
    """What the database holds already, as far as these files can touch it."""

    people: list[PlannedPerson] = field(default_factory=list)
    customers: list[PlannedAccount] = field(default_factory=list)
    aliases: list[tuple[str, str, PlannedAccount]] = field(
        default_factory=list
    )  # name, id and where it is now
    contacts: list[PlannedContact] = field(default_factory=list)
    deals: dict[str, PlannedDeal] = field(default_factory=dict)  # by external id
    entries: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)  # the marks of those who asked to be forgotten
    past: set[tuple[int, int]] = field(default_factory=set)  # account, person
    products: set[str] = field(default_factory=set)
    resort: PlannedPerson | None = None
    importer: PlannedPerson | None = None


@dataclass
class ImportPlan:
    """All that would change, row by row, and what has to be asked first."""

    people: list[PlannedPerson] = field(default_factory=list)
    customers: list[PlannedAccount] = field(default_factory=list)
    contacts: list[PlannedContact] = field(default_factory=list)
    deals: list[PlannedDeal] = field(default_factory=list)
    activities: list[PlannedActivity] = field(default_factory=list)
    tenures: list[PlannedTenure] = field(default_factory=list)
    joining: dict[tuple[PlannedAccount, PlannedPerson], str] = field(
        default_factory=dict
    )  # role support, with the reason
    invented: str = f"@{NOWHERE}"
    founded: list[PlannedAccount] = field(default_factory=list)  # those of `customers` made when carried out
    resort: PlannedPerson | None = None
    questions: list[ImportQuestion] = field(default_factory=list)
    outcomes: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    samples: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    kinds: dict[int, str] = field(default_factory=dict)

    def settle(self, row: StagedRow, state: str, because: str = "") -> None:
        self.outcomes[row.file, row.number] = (state, because)

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
        found = [
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
                len(self.tenures),
                f"{_some(self.tenures, 'earlier tenure is', 'earlier tenures are')} kept: who served whom before.",
            ),
            (
                len(self.joining),
                f"{_some(self.joining, 'time', 'times')} somebody joins an account's team as support, "
                "because they work on an open deal of it.",
            ),
        ]
        return [sentence for count, sentence in found if count]

    def waiting(self) -> list[ImportQuestion]:
        return [question for question in self.questions if question.waits]

    @property
    def changes_nothing(self) -> bool:
        return not (
            self.people
            or self.customers
            or self.contacts
            or self.deals
            or self.activities
            or self.tenures
            or self.joining
        )

    def left(self) -> Iterator[tuple[tuple[int, int], str]]:
        """Every row with a reason: what was not applied, or only in part."""
        return ((place, because) for place, (_, because) in self.outcomes.items() if because)


def _some(things: Sized, one: str, many: str) -> str:
    return f"{len(things):,} {one if len(things) == 1 else many}"
