"""Who owns each account that is new: the owner the files name, or who the deals show."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from . import values
from .book import Customer, Person, Spell
from .deals import Record, Service
from .people import resolve

if TYPE_CHECKING:
    from .review import Desk

COLUMN, LATEST, MOST = "column", "latest-deal", "most-deals"


def plan_owners(desk: Desk, record: Record) -> None:
    by = _ask_for_the_rule(desk, record)
    unowned = []
    for customer in desk.customers.everyone:
        if customer.pk is not None:
            _compare(desk, customer)
            continue
        owner, because = None, ""
        if by == COLUMN and customer.named_owner:
            owner, because = resolve(desk, customer.named_owner), "Imported: named as owner in the file"
        elif record.served.get(customer):
            owner, because = _from_deals(
                desk, customer, record.served[customer], MOST if by == MOST else LATEST
            )
        if owner is None:
            unowned.append(customer)
        else:
            _give(desk, customer, owner, because)
    if unowned:
        _give_the_rest(desk, unowned)


def _ask_for_the_rule(desk: Desk, record: Record) -> str:
    new = [customer for customer in desk.customers.everyone if customer.pk is None]
    named = any(customer.named_owner for customer in new)
    if not new or not (named or record.served):
        return COLUMN
    options = [(COLUMN, "The owner whom the file of accounts names")] if named else []
    if record.served:
        options.append((LATEST, "Whoever has the latest deal (by day of engagement)"))
        options.append((MOST, "Whoever has the most deals"))
    return desk.ask(
        "owner_from", "Who owns each new account?", options, recommended=options[0][0],
        why="Every open account has exactly one owner.",
    )  # fmt: skip


def _from_deals(
    desk: Desk, customer: Customer, people: dict[Person, Service], by: str
) -> tuple[Person | None, str]:
    def rank(person: Person) -> tuple[date | int, ...]:
        service = people[person]
        return (service.deals,) if by == MOST else (service.latest or date.min, 0)

    best = max(rank(person) for person in people)
    first = sorted(
        (p for p in people if rank(p) == best), key=lambda p: (-people[p].deals, values.key(p.name))
    )
    if by == LATEST and people[first[0]].latest is None:
        first = first[:1]  # nobody was engaged on any day: whoever has most deals
    owner = first[0]
    if len(first) > 1:
        owner = _ask_about_tie(desk, customer, first, people)
    service = people[owner]
    if by == MOST:
        return owner, f"Imported: has the most deals, {service.deals}"
    if service.latest is None:
        return owner, "Imported: works on their deals"
    return owner, f"Imported: has the latest deal, of {service.latest}"


def _ask_about_tie(
    desk: Desk, customer: Customer, people: list[Person], services: dict[Person, Service]
) -> Person:
    day = services[people[0]].latest
    answer = desk.ask(
        f"tie:{values.key(customer.name)}",
        f"Who owns {customer.name}? {len(people)} people come first{f', each with a deal of {day}' if day else ''}.",
        [(values.key(p.name), f"{p.name} ({services[p].deals} deals with them)") for p in people],
        recommended=values.key(people[0].name),
        needed=True,
        why="The rule does not decide between them.",
    )
    return next(person for person in people if values.key(person.name) == answer)


def _give(desk: Desk, customer: Customer, owner: Person, because: str) -> None:
    """Make somebody the owner; for somebody who has left, the nearest active manager acts."""
    if owner.active:
        customer.owner, customer.owner_because = owner, because
        return
    customer.owner, customer.acting = acting_for(desk, owner), True
    customer.owner_because = f"Imported: {owner.name}, the owner, has left"
    if not any(spell.customer is customer and spell.person is owner for spell in desk.plan.spells):
        start = desk.midnight(customer.since) if customer.since else desk.now
        desk.plan.spells.append(Spell(customer, owner, start, desk.now, "Imported: owned the account"))


def acting_for(desk: Desk, leaver: Person) -> Person:
    """The nearest active person above, or the person of last resort."""
    above = leaver.manager
    while above is not None and not above.active:
        above = above.manager
    return above or resort(desk)


def resort(desk: Desk) -> Person:
    """The person of last resort: the one named, else the one manager above all others, else whoever imports."""
    if desk.plan.resort is None:
        top = [p for p in desk.people.everybody if p.kind == "manager" and p.active and p.manager is None]
        desk.plan.resort = desk.known.resort or (top[0] if len(top) == 1 else desk.known.importer)
    assert desk.plan.resort is not None
    return desk.plan.resort


def _give_the_rest(desk: Desk, unowned: list[Customer]) -> None:
    count = f"{len(unowned)} account{'s' if len(unowned) > 1 else ''}"
    answer = desk.ask(
        "owner_else",
        f"The files name no owner for {count}. Who owns {'them' if len(unowned) > 1 else 'it'}?",
        [("acting", f"{resort(desk).name} acts as owner until somebody takes them over")],
        recommended="acting",
        needed=True,
        people=True,
        why="Every open account has exactly one owner.",
    )
    owner = next((p for p in desk.known.people if f"user:{p.pk}" == answer), None)
    for customer in unowned:
        customer.owner, customer.acting = owner or resort(desk), owner is None
        customer.owner_because = "Imported: chosen as owner" if owner else "Imported: the files name no owner"


def _compare(desk: Desk, customer: Customer) -> None:
    """An import never takes an account from its owner: say so where the file names another."""
    person = desk.people.find(customer.named_owner) if customer.named_owner else None
    if (
        person is None
        or not person.active
        or person is customer.owner
        or customer.closed
        or not customer.owner
    ):
        return
    desk.plan.remarks.append(
        f"{customer.name}: the file names {person.name}, and {customer.owner.name} owns it here. "
        "An import takes no account from anybody; hand it over instead."
    )
