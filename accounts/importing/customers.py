"""Accounts: matching, look-alikes, parents, and who is to own each."""

from __future__ import annotations

from . import values
from .book import CHANGED, NEW, UNCHANGED, Fields, PlannedAccount, StagedRow, news
from .review import Review
from .values import Unfit

TEXTS = ("industry", "region", "segment", "country", "address", "phone", "website")


def plan_customers(review: Review) -> None:
    met: dict[int, StagedRow] = {}
    rows: list[tuple[StagedRow, PlannedAccount]] = []
    for row, (name, fields) in review.fitting("account", _read):
        if part := review.customers.part(row.record("external_id"), name):
            _leave_merged(review, row, part, fields)
            continue
        customer = _match(review, row, name)
        if customer is None:
            continue
        if id(customer) in met:
            _twice(review, row, customer, fields, met[id(customer)])
            continue
        met[id(customer)] = row
        _compare(review, customer, name, fields, row)
        rows.append((row, customer))
    for row, customer in rows:
        _place_under(review, row, customer)
    for row, customer in rows:
        _settle(review, row, customer)


def _read(row: StagedRow) -> tuple[str, Fields]:
    name = row.text("name")
    if not name:
        raise Unfit(f"Column “{row.table.heading('name')}” is empty: an account needs a name.")
    fields: Fields = {field: row.text(field) for field in TEXTS}
    fields["revenue"] = row.amount("revenue")
    fields["employees"] = row.whole("employees", 0, 2_000_000_000)
    fields["founded"] = row.whole("founded", 1000, 2200)
    return name, fields


def _leave_merged(review: Review, row: StagedRow, part: PlannedAccount, fields: Fields) -> None:
    """What was joined here stays joined, and what a file says of the one is not said of the other."""
    if theirs := row.record("external_id"):
        review.customers.id_also(theirs, part)
    differs = news(fields, part.fields)
    note = (
        f"It is part of “{part.home.name}” here, so its {', '.join(differs)} is not taken." if differs else ""
    )
    review.plan.settle(row, UNCHANGED, note)


def _match(review: Review, row: StagedRow, name: str) -> PlannedAccount | None:
    """The account this row is about: known, met earlier in the files, or new. Nothing when it must be asked first."""
    customers, theirs = review.customers, review.their_id(row)
    if customer := customers.by_pk(review.own_pk(row)):
        return customer
    if theirs and (customer := customers.by_id(theirs)):
        return customer
    customer = customers.by_name(name)
    if customer and not (theirs and customer.external_id):
        return customer
    like = customer or customers.alike(name)
    if like is not None:
        answer = _ask_whether_same(review, name, like, bool(customer))
        if answer == "same":
            customers.name_also(name, like)
            return like
        if answer != "different":
            review.aside(
                row, f"It may be the same account as “{like.name}”. Say whether it is, and apply again."
            )
            return None
    if not review.known.operations:
        review.ask_operations(row, f"You see no account “{name}”.", _elsewhere(review, name, theirs))
        return None
    return customers.add(PlannedAccount(name=name, external_id=theirs))


def _elsewhere(review: Review, name: str, theirs: str) -> str:
    """What operations are told of an account that the importer does not see."""
    other = review.elsewhere.by_id(theirs) or review.elsewhere.by_name(name) or review.elsewhere.alike(name)
    if other is None:
        return "No account here looks like it: import the row yourself if it is a new one."
    owner = f"{other.owner.name} owns" if other.owner else "nobody serves"
    return f"It may be “{other.name}”, which {owner} and whoever imported may not see."


def _ask_whether_same(review: Review, name: str, like: PlannedAccount, same_name: bool) -> str:
    choices = [
        ("same", f"The same as “{like.name}”"),
        ("different", "Another account"),
        ("aside", "Leave it aside"),
    ]
    every = review.ask(
        "same", "What about look-alikes that you do not answer one by one?",
        [("aside", "Leave them aside"), ("same", "Take each for the account it looks like"),
         ("different", "Take each for an account of its own")],
        recommended="aside", why="Accounts are never merged unless you say so.",
    )  # fmt: skip
    return review.ask(
        f"same:{values.key(name)}|{values.key(like.name)}",
        f"Is “{name}” the same account as “{like.name}”?",
        choices,
        recommended=every,
        why="The names are the same and the ids differ." if same_name else "The names are nearly the same.",
    )


def _twice(
    review: Review, row: StagedRow, customer: PlannedAccount, fields: Fields, first: StagedRow
) -> None:
    differs = news(fields, customer.fields)
    more = f"It differs in {', '.join(differs)}; the first row counts." if differs else "It says the same."
    review.aside(row, f"The account “{customer.name}” is already in {first}. {more}")


def _compare(review: Review, customer: PlannedAccount, name: str, fields: Fields, row: StagedRow) -> None:
    """Blank cells never empty what we know."""
    said = {field: value for field, value in fields.items() if value not in (None, "")}
    theirs = review.their_id(row)
    if theirs and not customer.external_id and review.known.operations:
        said["external_id"] = theirs
    same_id = theirs and theirs == customer.external_id
    known_by_id = customer.pk and (same_id or customer.pk == review.own_pk(row))
    if known_by_id and values.key(name) != values.key(customer.name):
        said["name"] = name
    if customer.pk:
        customer.changes = news(said, customer.fields)
    if "external_id" in said:
        review.customers.id_also(theirs, customer)
    customer.fields.update(said)
    customer.named_owner, customer.source = row.text("owner"), row.source
    if row.table.has("created"):
        moment = values.instant(row.text("created"), row.table.form("created"))
        customer.since = moment.date() if moment else None


def _place_under(review: Review, row: StagedRow, customer: PlannedAccount) -> None:
    text = row.text("parent")
    if not text or not values.record_id(text):
        return
    parent, why = review.customers.find(text), ""
    if parent is None:
        why = f"Its parent “{text}” is not among the accounts, so it was left without one."
    elif _is_under(parent, customer):
        why = f"“{parent.name}” cannot be its parent: each would be part of the other."
    elif customer.parent is not parent:
        customer.parent = parent
        if customer.pk:
            customer.changes["parent"] = parent
    if why:
        review.plan.settle(row, "", why)


def _is_under(customer: PlannedAccount | None, other: PlannedAccount) -> bool:
    while customer is not None:
        if customer is other:
            return True
        customer = customer.parent
    return False


def _settle(review: Review, row: StagedRow, customer: PlannedAccount) -> None:
    because = review.plan.outcomes.get(row.place, ("", ""))[1]
    if customer.pk is None:
        review.plan.settle(row, NEW, because)
        review.plan.customers.append(customer)
    elif customer.changes:
        review.plan.settle(row, CHANGED, because)
        review.plan.customers.append(customer)
        said = {field: _shown(value) for field, value in customer.changes.items()}
        review.plan.change(customer, customer.name, said, row.source)
    else:
        review.plan.settle(row, UNCHANGED, because)


def _shown(value: object) -> str:
    return value.name if isinstance(value, PlannedAccount) else str(value)
