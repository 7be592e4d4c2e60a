"""Who owns each account that is new: the owner the files name, or who the deals show."""

from __future__ import annotations

from datetime import date

from . import values
from .book import PlannedAccount, PlannedPerson, PlannedTenure
from .deals import Record, Service
from .people import resolve
from .review import Review

COLUMN, LATEST, MOST = "column", "latest-deal", "most-deals"


def plan_owners(review: Review, record: Record) -> None:
    by = _ask_for_the_rule(review, record)
    unowned = []
    for customer in review.customers.everyone:
        if customer.pk is not None:
            _compare(review, customer)
            continue
        owner, because = None, ""
        if by == COLUMN and customer.named_owner:
            owner, because = resolve(review, customer.named_owner), "Imported: named as owner in the file"
        elif record.served.get(customer):
            rule = MOST if by == MOST else LATEST
            owner, because = _from_deals(review, customer, record.served[customer], rule)
        if owner is None:
            unowned.append(customer)
        else:
            _give(review, customer, owner, because)
    if unowned:
        _give_the_rest(review, unowned)


def _ask_for_the_rule(review: Review, record: Record) -> str:
    new = [customer for customer in review.customers.everyone if customer.pk is None]
    named = any(customer.named_owner for customer in new)
    if not new or not (named or record.served):
        return COLUMN
    options = [(COLUMN, "The owner whom the file of accounts names")] if named else []
    if record.served:
        options.append((LATEST, "Whoever has the latest deal (by day of engagement)"))
        options.append((MOST, "Whoever has the most deals"))
    return review.ask(
        "owner_from", "Who owns each new account?", options, recommended=options[0][0],
        why="Every open account has exactly one owner.",
    )  # fmt: skip


def _from_deals(
    review: Review, customer: PlannedAccount, people: dict[PlannedPerson, Service], by: str
) -> tuple[PlannedPerson | None, str]:
    def rank(person: PlannedPerson) -> tuple[date | int, ...]:
        service = people[person]
        return (service.deals,) if by == MOST else (service.latest or date.min, 0)

    best = max(rank(person) for person in people)
    first = [person for person in people if rank(person) == best]
    first.sort(key=lambda person: (-people[person].deals, values.key(person.name)))
    if by == LATEST and people[first[0]].latest is None:
        first = first[:1]  # nobody was engaged on any day: whoever has most deals
    owner = first[0]
    if len(first) > 1:
        owner = _ask_about_tie(review, customer, first, people)
    service = people[owner]
    if by == MOST:
        return owner, f"Imported: has the most deals, {service.deals}"
    if service.latest is None:
        return owner, "Imported: works on their deals"
    return owner, f"Imported: has the latest deal, of {service.latest}"


def _ask_about_tie(
    review: Review,
    customer: PlannedAccount,
    people: list[PlannedPerson],
    services: dict[PlannedPerson, Service],
) -> PlannedPerson:
    day = services[people[0]].latest
    answer = review.ask(
        f"tie:{values.key(customer.name)}",
        f"Who owns {customer.name}? {len(people)} people come first{f', each with a deal of {day}' if day else ''}.",
        [(values.key(p.name), f"{p.name} ({services[p].deals} deals with them)") for p in people],
        recommended=values.key(people[0].name),
        needed=True,
        why="The rule does not decide between them.",
    )
    return next(person for person in people if values.key(person.name) == answer)


def _give(review: Review, customer: PlannedAccount, owner: PlannedPerson, because: str) -> None:
    """Make somebody the owner; for somebody who has left, the nearest active manager acts."""
    if owner.active:
        customer.owner, customer.owner_because = owner, because
        if owner.absence:
            warning = f"{owner.name} {owner.absence}, and would own {customer.name}."
            review.plan.remarks.append(warning)
        return
    customer.owner, customer.acting = acting_for(review, owner), True
    customer.owner_because = f"Imported: {owner.name}, the owner, has left"
    if not any(tenure.customer is customer and tenure.person is owner for tenure in review.plan.tenures):
        start = review.midnight(customer.since) if customer.since else review.now
        tenure = PlannedTenure(customer, owner, start, review.now, "Imported: owned the account")
        review.plan.tenures.append(tenure)


def acting_for(review: Review, leaver: PlannedPerson) -> PlannedPerson:
    """The nearest active person above, or the person of last resort."""
    above = leaver.manager
    while above is not None and not above.active:
        above = above.manager
    return above or resort(review)


def resort(review: Review) -> PlannedPerson:
    """The person of last resort: the one named, else the one manager above all others, else whoever imports."""
    if review.plan.resort is None:
        top = [p for p in review.people.everybody if p.kind == "manager" and p.active and p.manager is None]
        review.plan.resort = review.known.resort or (top[0] if len(top) == 1 else review.known.importer)
    assert review.plan.resort is not None
    return review.plan.resort


def _give_the_rest(review: Review, unowned: list[PlannedAccount]) -> None:
    answer = review.ask(
        "owner_else",
        f"{_why_unowned(review, unowned)} Who owns {'them' if len(unowned) > 1 else 'it'}?",
        [("acting", f"{resort(review).name} acts as owner until somebody takes them over")],
        recommended="acting",
        needed=True,
        people=True,
        why="Every open account has exactly one owner.",
    )
    owner = next((p for p in review.known.people if f"user:{p.pk}" == answer), None)
    for customer in unowned:
        customer.owner, customer.acting = owner or resort(review), owner is None
        customer.owner_because = "Imported: chosen as owner" if owner else "Imported: no owner by the files"


def _why_unowned(review: Review, unowned: list[PlannedAccount]) -> str:
    """Why these accounts have no owner by the files: no column, an empty cell, or somebody who is not one of us."""
    count = f"{len(unowned):,} account{'s' if len(unowned) > 1 else ''}"
    columns = [
        f"“{table.heading('owner')}” of {table.name}" for table in review.of("account") if table.has("owner")
    ]
    if not columns:
        where = "" if not review.of("account") else ": say on the mapping page if one does"
        return (
            f"No column of these files names the owner of an account{where}. That leaves {count} without one."
        )
    named = sum(bool(customer.named_owner) for customer in unowned)
    if not named:
        return f"Column {' and '.join(columns)} is empty for {count}."
    if named == len(unowned):
        return f"Whom column {' and '.join(columns)} names for {count} does not work here."
    return f"Column {' and '.join(columns)} is empty, or names somebody who does not work here, for {count}."


def _compare(review: Review, customer: PlannedAccount) -> None:
    """An import never takes an account from its owner: say so where the file names another."""
    person = review.people.find(customer.named_owner) if customer.named_owner else None
    owner = None if customer.closed else customer.owner
    if person and person.active and owner and person is not owner:
        review.plan.remarks.append(
            f"{customer.name}: the file names {person.name}, and {owner.name} owns it here. "
            "An import takes no account from anybody; hand it over instead."
        )
