"""A list of (name or id, address, manager, kind) -> what it gives to people whose addresses an import invented.

Whoever has signed in keeps the rule of the old address: their line is refused, and says where it is changed.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from django.db.models import Q

from accounts.limits import Unreadable
from accounts.models import ImportBatch, User
from accounts.models.base import refuse_if, require, verb
from accounts.models.reporting_lines import LEADS_NOWHERE
from accounts.models.user_sets import UserQuerySet

from . import values
from .people import is_address
from .reading import read_file

MOST_LINES = 2_000
KINDS = {
    "rep": User.Kind.REP,
    "manager": User.Kind.MANAGER,
    "operations": User.Kind.OPERATIONS,
    "ops": User.Kind.OPERATIONS,
}
#: How columns are called in lists that name them; else they come in this order.
HEADINGS = {
    "who": {"who", "name", "id", "person", "user", "name or id", "user id", "full name"},
    "address": {"address", "email", "e-mail", "mail", "email address", "e-mail address"},
    "manager": {"manager", "reports to", "manager name"},
    "kind": {"kind", "works as", "role", "type"},
}


def with_invented_addresses() -> UserQuerySet:
    """Colleagues who never signed in and have an address that an import made up for them."""
    batches = ImportBatch.objects.exclude(applied_at=None).exclude(answers__domain=None)
    invented = Q(email__iendswith=LEADS_NOWHERE)
    for domain in set(batches.values_list("answers__domain", flat=True)):
        invented |= Q(email__iendswith=f"@{domain}")
    people: UserQuerySet = User.objects.staff().active().filter(invented, last_login=None, sessions=None)
    return people.order_by("name", "pk")


@dataclass(frozen=True)
class AddressLine:
    number: int
    who: str
    address: str = ""
    manager: str = ""
    kind: str = ""


@dataclass
class Assignment:
    """What a line gives to whom, in words as well; or why it cannot."""

    line: AddressLine
    person: User | None = None
    address: str = ""
    manager: User | None = None
    kind: str = ""
    shown: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        return not self.refused and bool(self.shown)


# ---- Reading the list


def lines_of(text: str) -> list[AddressLine]:
    """What was pasted, with or without a first line that names the columns. Raises `Unreadable`."""
    sample = text[:4000]
    delimiter = max("\t;,", key=sample.count)
    return _lines(enumerate(csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True), 1))


def lines_in(name: str, data: bytes) -> list[AddressLine]:
    """The same of a file. Raises `Unreadable`."""
    sheet = read_file(name, data)[0]
    return _lines([(1, sheet.header), *((row.line, row.cells) for row in sheet.rows)])


def as_text(lines: Iterable[AddressLine]) -> str:
    """The list as one may correct it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        (line.who, line.address, line.manager, line.kind) for line in lines
    )
    return out.getvalue()


def _lines(rows: Iterable[tuple[int, list[str]]]) -> list[AddressLine]:
    found: list[AddressLine] = []
    columns = {name: place for place, name in enumerate(HEADINGS)}
    for number, cells in rows:
        cells = [values.plain(cell) for cell in cells]
        if not any(cells):
            continue
        if not found and (named := _columns(cells)):
            columns = named
            continue
        told = {name: cells[place] for name, place in columns.items() if place < len(cells)}
        found.append(AddressLine(number, told.pop("who", ""), **told))
        if len(found) > MOST_LINES:
            raise Unreadable(f"The list has more than {MOST_LINES:,} lines. Send it in several parts.")
    if not found:
        raise Unreadable(
            "There is no line in it. Write one for each person: name or id, address, manager, kind."
        )
    return found


def _columns(cells: list[str]) -> dict[str, int]:
    """The place of each column where this line names them; nothing where it is about somebody."""
    named = {
        name: place
        for place, cell in enumerate(cells)
        for name in HEADINGS
        if values.key(cell) in HEADINGS[name]
    }
    return named if "who" in named and len(named) > 1 else {}


# ---- What it would change


class AddressReview:
    """Works out what each line gives, one line knowing of the others. Changes nothing."""

    def __init__(self, lines: Sequence[AddressLine], by: User) -> None:
        self.by = by
        people: dict[int, User] = User.objects.linked()
        self.staff = sorted(people.values(), key=lambda person: person.pk)
        self.open = set(with_invented_addresses().values_list("pk", flat=True))
        self.taken = {
            email.casefold(): pk for email, pk in User.objects.values_list("email", "pk")
        }  # a customer's, too
        self.assignments = [Assignment(line) for line in lines]
        for each in self.assignments:
            each.person = self._find(each, each.line.who, "") if each.line.who else None
            if not each.line.who:
                each.refused.append("It names nobody.")
        self.kinds = {
            one.person.pk: KINDS[values.key(one.line.kind)]
            for one in self.assignments
            if one.person and values.key(one.line.kind) in KINDS
        }
        self._look_for_two_of_one()
        for each in self.assignments:
            if each.person:
                self._review(each, each.person)

    @property
    def fingerprint(self) -> str:
        """Changes when what would change does."""
        said = [(one.line.who, one.shown, one.refused) for one in self.assignments]
        return sha256(repr(said).encode()).hexdigest()[:16]

    def _find(self, one: Assignment, text: str, what: str) -> User | None:
        """Whom an id, a present address or a name means; says so where it is nobody, or several."""
        key = values.key(text)
        told = (
            [p for p in self.staff if p.external_id and p.external_id == values.record_id(text)]
            or [p for p in self.staff if p.email.casefold() == key]
            or [p for p in self.staff if values.key(p.name) == key]
        )
        if len(told) == 1:
            return told[0]
        many = f"{len(told)} people are called “{text}”: write the id or the present address instead."
        none = f"Nobody here has the name, id or address “{text}”."
        one.refused.append(f"{what}{many if told else none}")
        return None

    def _look_for_two_of_one(self) -> None:
        people = Counter(one.person.pk for one in self.assignments if one.person)
        addresses = Counter(one.line.address.casefold() for one in self.assignments if one.line.address)
        for one in self.assignments:
            if one.person and people[one.person.pk] > 1:
                one.refused.append(f"{one.person} is in {people[one.person.pk]} lines. Keep one of them.")
            if one.line.address and addresses[one.line.address.casefold()] > 1:
                one.refused.append(
                    f"{one.line.address} is in {addresses[one.line.address.casefold()]} lines: "
                    "whoever reads it would come in as any of them."
                )

    def _review(self, one: Assignment, person: User) -> None:
        if person.pk not in self.open:
            one.refused.append(_why_closed(person))
            return
        self._give_address(one, person)
        self._give_kind(one, person)
        self._give_manager(one, person)
        if (one.kind or one.manager) and (stays := person.stays_because(self.by)):
            one.refused.append(stays)
        if not one.shown and not one.refused:
            one.refused.append("It says nothing new.")

    def _give_address(self, one: Assignment, person: User) -> None:
        address = one.line.address
        if not address or address.casefold() == person.email.casefold():
            return
        if not is_address(address):
            one.refused.append(f"“{address}” is not an e-mail address.")
        elif address.casefold().endswith(LEADS_NOWHERE):
            one.refused.append(f"No mail reaches {address}.")
        elif address.casefold() in self.taken:
            one.refused.append(f"Somebody else signs in with {address}.")
        else:
            one.address = address
            one.shown.append(f"{person.email} → {address}")

    def _give_kind(self, one: Assignment, person: User) -> None:
        text = one.line.kind
        if not text:
            return
        if values.key(text) not in KINDS:
            one.refused.append(f"“{text}” is none of rep, manager and operations.")
        elif KINDS[values.key(text)] == User.Kind.OPERATIONS and person.holdings().exists():
            one.refused.append(f"{person} still serves accounts. Hand them over first.")
        elif KINDS[values.key(text)] != person.kind:
            one.kind = KINDS[values.key(text)]
            one.shown.append(f"{person.get_kind_display().lower()} → {User.Kind(one.kind).label.lower()}")

    def _give_manager(self, one: Assignment, person: User) -> None:
        if not one.line.manager:
            return
        manager = self._find(one, one.line.manager, "Their manager: ")
        if manager is None or manager.pk == person.reports_to_id:
            return
        if not manager.may_come_in:
            one.refused.append(f"{manager} has left: choose another manager.")
        elif self.kinds.get(manager.pk, manager.kind) == User.Kind.REP:
            one.refused.append(f"{manager} is a rep. Say “manager” in a line of theirs, or choose another.")
        elif manager == person or person.leads(manager):
            one.refused.append(f"{manager} reports to {person}: reporting lines cannot go round in a circle.")
        else:
            one.manager = manager
            one.shown.append(f"reports to {person.reports_to or 'nobody'} → {manager}")


def _why_closed(person: User) -> str:
    if not person.may_come_in:
        return f"{person} has left."
    if person.last_login or person.sessions.exists():
        return f"{person} has signed in already: change it on their page, where the old address is told."
    return f"{person} has an address of their own already, {person.email}: change it on their page."


@verb
def give(assignments: Sequence[Assignment], *, by: User) -> int:
    """Give all of it, or nothing: each by the person's own verb. Returns to how many. Raises `Refused`.

    Addresses first, so that what else changes is told to one that somebody reads.
    """
    require(by.is_operations)
    given = [one for one in assignments if one.changes]
    refuse_if("No line of it can be followed." if not given else None)
    for one in given:
        if one.person and one.address:
            one.person.change_address(one.address, by=by)
    for one in given:
        if one.person and one.kind:
            one.person.change_kind(one.kind, by=by)
    for one in given:
        if one.person and one.manager:
            one.person.change_manager(one.manager, by=by)
    return len(given)
