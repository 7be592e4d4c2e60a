"""What a plan is made of: the people, accounts and all else in the tables, questions, and outcomes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sized
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

from . import values
from .columns import WORDS, listed
from .tables import StagedRow as StagedRow
from .tables import Table as Table
from .texts import NOTHING_READ, ImportedText

NEW, CHANGED, UNCHANGED, ASIDE, LEFT_OUT = "new", "changed", "unchanged", "aside", "ignored"
#: The domain of addresses for people who came without one: mail to it leads nowhere.
NOWHERE = "import.invalid"
Fields: TypeAlias = dict[str, Any]  # columns of a model, as Django takes them


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
    absence: str = ""  # that they leave or are away, as the rest of a sentence
    manager: PlannedPerson | None = None
    stays: str = ""  # why the importer may not change what they are, their line and their address
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
    since: date | None = None  # it was made in the other system
    owner_since: datetime | None = None
    source: str = ""  # file and row
    merged_into: PlannedAccount | None = None
    parts: list[PlannedAccount] = field(default_factory=list)  # those merged into it, as they were
    former_names: list[str] = field(default_factory=list)

    @property
    def home(self) -> PlannedAccount:
        """Where its memory is read now."""
        return self.merged_into or self

    @property
    def pks(self) -> list[int | None]:
        """Its own id and those of what was merged into it."""
        return [self.pk, *(part.pk for part in self.parts)]

    @property
    def names(self) -> list[str]:
        """All that files may still call it."""
        records = [self, *self.parts]
        return [name for record in records for name in (record.name, *record.former_names)]


@dataclass(eq=False)
class PlannedDeal:
    customer: PlannedAccount
    fields: Fields
    row: StagedRow
    pk: int | None = None
    named: str = ""  # whom the file names with it
    agent: PlannedPerson | None = None
    holder: PlannedPerson | None = None  # nobody: the account's owner
    role: str = "owner"

    @property
    def source(self) -> str:
        """File and row, and who has the deal by what the file says."""
        told = f", attributed to {self.named}" if self.named else ""
        return f"{self.row.source}{told}"[:400]


@dataclass(frozen=True)
class KnownDeal:
    customer: PlannedAccount
    fields: Fields
    pk: int
    held_by: int  # the pk of the person


@dataclass(eq=False)
class PlannedContact:
    customer: PlannedAccount
    fields: Fields
    pk: int | None = None
    source: str = ""
    signs_in: bool = False  # by the address that is recorded: then it stays
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
    contacts: list[PlannedContact]
    source: str
    read: ImportedText = NOTHING_READ


@dataclass(eq=False)
class PlannedDebt:
    """What is undone in the other system, to become something owed. `holder` is who has it there, if one of ours."""

    customer: PlannedAccount
    kind: str
    text: str
    due: date | None
    starts_at: datetime | None
    raised_at: datetime
    external_id: str
    contact: PlannedContact | None
    row: StagedRow
    named: str = ""  # whom the file names with it
    severity: str = ""
    holder: PlannedPerson | None = None  # nobody: the account's owner
    role: str = "owner"

    @property
    def source(self) -> str:
        """File and row, and who has it by what the file says."""
        told = f", attributed to {self.named}" if self.named else ""
        return f"{self.row.source}{told}"[:400]


@dataclass(frozen=True)
class KnownDebt:
    """A line of the ledger that a file brought in: where it is open, and whether we may end it ourselves."""

    pk: int
    held_by: int
    is_open: bool
    is_ours_to_end: bool


@dataclass(frozen=True)
class PlannedChange:
    """What a row changes in what is recorded of an account, its contacts or deals: a line on its thread."""

    customer: PlannedAccount
    text: str
    source: str


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
    """What the database holds already, as far as these files can touch it and whoever imports may see it.

    `elsewhere` are the accounts that the importer may not see: nothing is ever looked up in them for the importer,
    and only operations are told that a row may be about one of them.
    """

    people: list[PlannedPerson] = field(default_factory=list)
    customers: list[PlannedAccount] = field(default_factory=list)
    elsewhere: list[PlannedAccount] = field(default_factory=list)
    contacts: list[PlannedContact] = field(default_factory=list)
    deals: dict[str, KnownDeal] = field(default_factory=dict)  # by external id
    entries: set[str] = field(default_factory=set)
    debts: dict[str, KnownDebt] = field(default_factory=dict)  # by external id
    erased: set[str] = field(default_factory=set)  # the marks of those who asked to be forgotten
    erased_elsewhere: set[str] = field(default_factory=set)
    past: set[tuple[int, int]] = field(default_factory=set)  # account, person
    serving_since: dict[tuple[int, int], datetime] = field(default_factory=dict)  # in our records
    spells: set[tuple[int, int, datetime]] = field(default_factory=set)  # account, person, its beginning
    products: set[str] = field(default_factory=set)
    resort: PlannedPerson | None = None
    importer: PlannedPerson | None = None
    team: set[int] = field(default_factory=set)  # the importer, and whoever reports to them
    operations: bool = False  # the importer works there: sees every account, acts for everybody
    house: str = ""  # its sign, on what went out from here


@dataclass
class ImportPlan:
    """All that would change, row by row, and what has to be asked first."""

    people: list[PlannedPerson] = field(default_factory=list)
    customers: list[PlannedAccount] = field(default_factory=list)
    contacts: list[PlannedContact] = field(default_factory=list)
    deals: list[PlannedDeal] = field(default_factory=list)
    activities: list[PlannedActivity] = field(default_factory=list)
    debts: list[PlannedDebt] = field(default_factory=list)
    done: list[tuple[int, str]] = field(
        default_factory=list
    )  # what is owed here and ended there, with the source
    tenures: list[PlannedTenure] = field(default_factory=list)
    changes: list[PlannedChange] = field(default_factory=list)
    #: As support, with the reason.
    joining: dict[tuple[PlannedAccount, PlannedPerson], str] = field(default_factory=dict)
    joining_source: dict[tuple[PlannedAccount, PlannedPerson], str] = field(default_factory=dict)
    invented: str = f"@{NOWHERE}"
    founded: list[PlannedAccount] = field(default_factory=list)  # those of `customers` made when carried out
    resort: PlannedPerson | None = None
    questions: list[ImportQuestion] = field(default_factory=list)
    outcomes: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    by_operations: bool = False
    #: For operations alone: where a row may belong, and the same as sentences.
    hints: dict[tuple[int, int], str] = field(default_factory=dict)
    asks: list[str] = field(default_factory=list)
    colleagues: list[str] = field(
        default_factory=list
    )  # what changes for each of ours: all of it is shown before
    samples: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    kinds: dict[int, str] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)  # from where owner, currency and time zone are taken

    def settle(self, row: StagedRow, state: str, because: str = "") -> None:
        self.outcomes[row.place] = (state, because)

    def correct(self, contact: PlannedContact, changes: Fields) -> None:
        """Change what is recorded of a contact who is here already, beside what else changes of them."""
        planned = next((each for each in self.contacts if each.pk == contact.pk), None)
        if planned is None:
            self.contacts.append(PlannedContact(contact.customer, dict(changes), pk=contact.pk))
        else:
            planned.fields.update(changes)

    def change(self, customer: PlannedAccount, name: str, changes: Fields, source: str) -> None:
        """Something recorded becomes something else: shown before, and afterwards a line on the account's thread."""
        text = f"{name}: " + ", ".join(f"{field} {value}" for field, value in changes.items())
        self.samples.append(text)
        self.changes.append(PlannedChange(customer, text, source))

    def counts(self) -> dict[str, dict[str, int]]:
        """Rows new, changed, unchanged and left aside, for each kind of table."""
        tally: dict[str, Counter[str]] = defaultdict(Counter)
        for (file, _), (state, _because) in self.outcomes.items():
            tally[WORDS.get(self.kinds.get(file, ""), "other rows")][state] += 1
        order = [*WORDS.values(), "other rows"]
        return {
            word: {state: tally[word][state] for state in (NEW, CHANGED, UNCHANGED, ASIDE, LEFT_OUT)}
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
            (len(self.debts), f"{_some(self.debts, 'thing', 'things')} undone elsewhere will be owed here."),
            (len(self.done), f"{_some(self.done, 'thing', 'things')} owed here will be done."),
            (
                len(self.joining),
                f"{_some(self.joining, 'time', 'times')} somebody joins an account's team as support, "
                "because they work on something of it.",
            ),
        ]
        return [sentence for count, sentence in found if count]

    def nothing(self, verb: str = "would change") -> str:
        """That nothing changes, and what became of the rows instead; empty where something does change."""
        states = Counter(state for state, _ in self.outcomes.values())
        if not self.changes_nothing:
            return ""
        if set(states) == {UNCHANGED}:
            applying = "applying changes nothing" if verb == "would change" else f"nothing {verb}"
            return f"Everything in these files is here already: {applying}."
        ignored = sorted(
            {self.names[file] for (file, _), (state, _) in self.outcomes.items() if state == LEFT_OUT}
        )
        parts = [
            f"{_rows(states[UNCHANGED])} here already" if states[UNCHANGED] else "",
            f"{_rows(states[ASIDE])} left aside" if states[ASIDE] else "",
            f"{listed(ignored)} {'is' if len(ignored) == 1 else 'are'} ignored" if ignored else "",
        ]
        said = ", ".join(part for part in parts if part) or "the files hold no rows"
        return f"Nothing {verb}: {said}."

    def waiting(self) -> list[ImportQuestion]:
        return [question for question in self.questions if question.waits]

    @property
    def changes_nothing(self) -> bool:
        written = (self.people, self.customers, self.contacts, self.deals, self.activities, self.tenures)
        return not (any(written) or self.joining or self.debts or self.done)


def news(fields: Fields, known: Fields) -> Fields:
    """What a row says that differs from what is known, by more than blanks. Blank cells never empty what we know."""
    return {
        name: value
        for name, value in fields.items()
        if value not in (None, "") and values.unblanked(known.get(name)) != values.unblanked(value)
    }


def _rows(count: int) -> str:
    return f"{count:,} row is" if count == 1 else f"{count:,} rows are"


def _some(things: Sized, one: str, many: str) -> str:
    return f"{len(things):,} {one if len(things) == 1 else many}"
