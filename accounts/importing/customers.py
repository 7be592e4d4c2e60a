"""Accounts: matching, look-alikes, parents, and who is to own each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz, process

from . import values
from .book import ASIDE, CHANGED, NEW, UNCHANGED, Customer, Line, Table
from .values import Unfit

if TYPE_CHECKING:
    from .review import Desk

ALIKE = 92
#: Beyond this many names only those that differ by their legal form are compared.
MOST_COMPARED = 6_000
TEXTS = ("industry", "region", "segment", "country", "website")


class Customers:
    """Every account by id and by name."""

    def __init__(self, customers: Iterable[Customer]) -> None:
        self.everyone: list[Customer] = []
        self._by_id: dict[str, Customer] = {}
        self._by_name: dict[str, Customer] = {}
        self._bare: dict[str, Customer] = {}
        for customer in customers:
            self.add(customer)

    def add(self, customer: Customer) -> Customer:
        self.everyone.append(customer)
        if customer.external_id:
            self._by_id[customer.external_id] = customer
        self._by_name.setdefault(values.key(customer.name), customer)
        self._bare.setdefault(values.bare(customer.name), customer)
        return customer

    def name_also(self, name: str, customer: Customer) -> None:
        self._by_name.setdefault(values.key(name), customer)

    def id_also(self, external_id: str, customer: Customer, *, keep: bool = False) -> None:
        """Find this account by that id, too; it becomes its own unless `keep` leaves the one it has."""
        if not keep:
            customer.external_id = external_id
        self._by_id.setdefault(external_id, customer)

    def by_id(self, text: str) -> Customer | None:
        return self._by_id.get(values.record_id(text)) if text else None

    def by_name(self, text: str) -> Customer | None:
        return self._by_name.get(values.key(text)) if text else None

    def find(self, text: str) -> Customer | None:
        return self.by_id(text) or self.by_name(text)

    def alike(self, name: str) -> Customer | None:
        """An account whose name is nearly this one."""
        bare = values.bare(name)
        if bare in self._bare:
            return self._bare[bare]
        if len(bare) < 6 or len(self._bare) > MOST_COMPARED:
            return None
        for other, _, _ in process.extract(
            bare, self._bare.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=3
        ):
            if _digits(other) == _digits(bare):
                return self._bare[other]
        return None


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def plan_customers(desk: Desk) -> None:
    met: dict[int, Line] = {}
    rows: list[tuple[Table, Line, Customer]] = []
    for table, line in desk.each("account"):
        try:
            name, fields = _read(table, line)
        except Unfit as error:
            desk.plan.settle(line, ASIDE, str(error))
            continue
        customer = _match(desk, table, line, name)
        if customer is None:
            continue
        if id(customer) in met:
            _twice(desk, line, customer, fields, met[id(customer)])
            continue
        met[id(customer)] = line
        _compare(desk, customer, name, fields, table, line)
        rows.append((table, line, customer))
    for table, line, customer in rows:
        _place_under(desk, table, line, customer)
    for _, line, customer in rows:
        _settle(desk, line, customer)


def _read(table: Table, line: Line) -> tuple[str, dict[str, Any]]:
    name = table.text(line, "name")
    if not name:
        raise Unfit(f"Column “{table.heading('name')}” is empty: an account needs a name.")
    fields: dict[str, Any] = {field: table.text(line, field) for field in TEXTS}
    fields["revenue"] = table.amount(line, "revenue") if table.has("revenue") else None
    fields["employees"] = table.whole(line, "employees", 0, 2_000_000_000) if table.has("employees") else None
    fields["founded"] = table.whole(line, "founded", 1000, 2200) if table.has("founded") else None
    return name, fields


def _match(desk: Desk, table: Table, line: Line, name: str) -> Customer | None:
    """The account this row is about: known, met earlier in the files, or new. Nothing when it must be asked first."""
    customers, theirs = desk.customers, table.record(line, "external_id")
    if theirs and (customer := customers.by_id(theirs)):
        return customer
    customer = customers.by_name(name)
    if customer and not (theirs and customer.external_id):
        return customer
    like = customer or customers.alike(name)
    if like is not None:
        answer = _ask_whether_same(desk, name, like, bool(customer))
        if answer == "same":
            customers.name_also(name, like)
            return like
        if answer != "different":
            desk.plan.settle(
                line,
                ASIDE,
                f"It may be the same account as “{like.name}”. Say whether it is, and apply again.",
            )
            return None
    return customers.add(Customer(name=name, external_id=theirs, row=line))


def _ask_whether_same(desk: Desk, name: str, like: Customer, same_name: bool) -> str:
    choices = [
        ("same", f"The same as “{like.name}”"),
        ("different", "Another account"),
        ("aside", "Leave it aside"),
    ]
    every = desk.ask(
        "same", "What about look-alikes that you do not answer one by one?",
        [("aside", "Leave them aside"), ("same", "Take each for the account it looks like"),
         ("different", "Take each for an account of its own")],
        recommended="aside", why="Accounts are never merged unless you say so.",
    )  # fmt: skip
    return desk.ask(
        f"same:{values.key(name)}|{values.key(like.name)}",
        f"Is “{name}” the same account as “{like.name}”?",
        choices,
        recommended=every,
        why="The names are the same and the ids differ." if same_name else "The names are nearly the same.",
    )


def _twice(desk: Desk, line: Line, customer: Customer, fields: dict[str, Any], first: Line) -> None:
    said = {name: value for name, value in fields.items() if value not in (None, "")}
    differs = [name for name, value in said.items() if customer.fields.get(name) != value]
    more = f" It differs in {', '.join(differs)}; the first row counts." if differs else " It says the same."
    place = f"row {first.number} (line {first.line})"
    desk.plan.settle(line, ASIDE, f"The account “{customer.name}” is already in {place}.{more}")


def _compare(
    desk: Desk, customer: Customer, name: str, fields: dict[str, Any], table: Table, line: Line
) -> None:
    """Blank cells never empty what we know."""
    said = {field: value for field, value in fields.items() if value not in (None, "")}
    theirs = table.record(line, "external_id")
    if theirs and not customer.external_id:
        said["external_id"] = theirs
    if (
        customer.pk
        and theirs
        and theirs == customer.external_id
        and values.key(name) != values.key(customer.name)
    ):
        said["name"] = name
    if customer.pk:
        customer.changes = {
            field: value for field, value in said.items() if customer.fields.get(field) != value
        }
    if "external_id" in said:
        desk.customers.id_also(theirs, customer)
    customer.fields.update(said)
    customer.named_owner = table.text(line, "owner")
    if table.has("created"):
        moment = values.instant(table.text(line, "created"), table.form("created"))
        customer.since = moment.date() if moment else None


def _place_under(desk: Desk, table: Table, line: Line, customer: Customer) -> None:
    text = table.text(line, "parent")
    if not text or not values.record_id(text):
        return
    parent, why = desk.customers.find(text), ""
    if parent is None:
        why = f"Its parent “{text}” is not among the accounts, so it was left without one."
    elif _is_under(parent, customer):
        why = f"“{parent.name}” cannot be its parent: each would be part of the other."
    elif customer.parent is not parent:
        customer.parent = parent
        if customer.pk:
            customer.changes["parent"] = parent
    if why:
        desk.plan.settle(line, "", why)


def _is_under(customer: Customer | None, other: Customer) -> bool:
    while customer is not None:
        if customer is other:
            return True
        customer = customer.parent
    return False


def _settle(desk: Desk, line: Line, customer: Customer) -> None:
    because = desk.plan.outcomes.get((line.file, line.number), ("", ""))[1]
    if customer.pk is None:
        desk.plan.settle(line, NEW, because)
        desk.plan.customers.append(customer)
    elif customer.changes:
        desk.plan.settle(line, CHANGED, because)
        desk.plan.customers.append(customer)
        told = ", ".join(f"{field} {_shown(value)}" for field, value in customer.changes.items())
        desk.plan.samples.append(f"{customer.name}: {told}")
    else:
        desk.plan.settle(line, UNCHANGED, because)


def _shown(value: object) -> str:
    return value.name if isinstance(value, Customer) else str(value)
