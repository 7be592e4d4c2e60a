"""Since when the owners serve: from a history of ownership, or from what they did; and who else may join the team."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from . import values
from .book import NEW, UNCHANGED, PlannedAccount, PlannedPerson, PlannedTenure, StagedRow
from .deals import NOT_YOURS, Record
from .people import resolve
from .review import Review
from .values import Unfit

OWNED = "Imported: owned the account"
OF_OWNERS = {
    "owner",
    "ownerid",
    "accountowner",
    "ownername",
    "hubspotownerid",
    "besitzer",
    "betreuer",
    "inhaber",
}
FIRST, CREATED, TODAY = "first", "created", "today"
RECENT = timedelta(days=365)


@dataclass(frozen=True)
class Change:
    """An account passed from one owner to another."""

    row: StagedRow
    on: date
    before: PlannedPerson | None
    after: PlannedPerson | None


# ---- A history of ownership


def plan_history(review: Review) -> None:
    """Who owned what before, as past coverage; and since when whoever owns a new account does."""
    changes: dict[PlannedAccount, list[Change]] = defaultdict(list)
    for row, found in review.fitting("history", lambda row: _read(review, row)):
        customer, told = found
        if isinstance(told, PlannedTenure):
            _add(review, row, told)
        elif told is None:
            review.plan.settle(row, UNCHANGED)  # whoever serves now
        else:
            changes[customer].append(told)
    for customer, told_of in changes.items():
        _follow(review, customer, sorted(told_of, key=lambda change: change.on))


def _read(review: Review, row: StagedRow) -> tuple[PlannedAccount, Change | PlannedTenure | None]:
    customer = review.customers.find(row.text("account"))
    if customer is None:
        raise Unfit(f"It is about the account “{row.text('account')}”, which is not here.")
    if row.table.has("person"):
        return customer, _read_spell(review, row, customer)
    if values.squashed(row.text("field")) not in OF_OWNERS:
        raise Unfit(
            f"It tells what “{row.text('field')}” was before. Of earlier values only owners are kept."
        )
    on = row.day("at")
    before, after = (_person(review, row.text(name)) for name in ("old", "new"))
    if on is None or on > review.today:
        raise Unfit("It does not say on which day the owner changed.")
    if before is None and after is None:
        raise Unfit("It names nobody who works here or did.")
    return customer, Change(row, on, before, after)


def _person(review: Review, text: str) -> PlannedPerson | None:
    if not values.record_id(text) or values.looks_like_id(text):
        return review.people.find(text) if text else None
    return resolve(review, text)


def _read_spell(review: Review, row: StagedRow, customer: PlannedAccount) -> PlannedTenure | None:
    person, since, until = resolve(review, row.text("person")), row.day("since"), row.day("until")
    if person is None:
        raise Unfit(f"“{row.text('person')}” is nobody who works here or did.")
    if since is None or since > review.today:
        raise Unfit("It does not say since when.")
    if until is None or until >= review.today:
        if person is not customer.owner:
            raise Unfit(f"It has no end, and {person.name} does not own the account here.")
        _since(review, customer, since)
        return None
    return _tenure(review, customer, person, since, until)


def _tenure(
    review: Review, customer: PlannedAccount, person: PlannedPerson, since: date, until: date
) -> PlannedTenure:
    if until < since:
        raise Unfit("It ends before it begins.")
    return PlannedTenure(customer, person, review.midnight(since), review.midnight(until), OWNED)


def _follow(review: Review, customer: PlannedAccount, changes: list[Change]) -> None:
    """Each owner from the change before to the next; the first since the account was written down there."""
    started = min(customer.since or changes[0].on, changes[0].on)
    for change in changes:
        if change.before is None:
            review.plan.settle(change.row, UNCHANGED, "" if change.after else "It names no owner before.")
        else:
            _add(review, change.row, _tenure(review, customer, change.before, started, change.on))
        started = change.on
    if changes[-1].after is customer.owner:
        _since(review, customer, started)


def _since(review: Review, customer: PlannedAccount, day: date) -> None:
    if customer.pk is None and not customer.acting:
        customer.owner_since = review.midnight(day)


def _add(review: Review, row: StagedRow, tenure: PlannedTenure) -> None:
    if not review.acts_for(tenure.person):
        review.aside(row, NOT_YOURS)
        return
    spell = (tenure.customer.pk, tenure.person.pk, tenure.started_at)
    twice = any(
        (other.customer, other.person, other.started_at)
        == (tenure.customer, tenure.person, tenure.started_at)
        for other in review.plan.tenures
    )
    if spell in review.known.spells or twice:
        review.plan.settle(row, UNCHANGED)
        return
    review.plan.tenures.append(tenure)
    review.plan.settle(row, NEW)


# ---- From what they did


def plan_since(review: Review, record: Record) -> None:
    """Since when each new account has the owner whom the file names: asked once, with what the files show."""
    unknown = [
        customer
        for customer in review.customers.everyone
        if customer.pk is None and customer.owner_since is None and not customer.acting
        and customer.owner_because.startswith("Imported: named")
    ]  # fmt: skip
    first = {customer: day for customer in unknown if (day := _first(review, record, customer))}
    created = {customer: customer.since for customer in unknown if customer.since}
    if answer := _ask_since(review, first, created):
        for customer in unknown:
            day = first.get(customer) if answer == FIRST else None
            if day := day or (created.get(customer) if answer != TODAY else None):
                customer.owner_since = review.midnight(day)
    _drop_what_is_covered(review)


def _first(review: Review, record: Record, customer: PlannedAccount) -> date | None:
    """The first day on which the owner of an account did something for it, by the files."""
    owner = customer.owner
    days = [
        activity.at.astimezone(review.zone).date()
        for activity in review.plan.activities
        if activity.customer is customer and activity.author is owner
    ]
    served = record.served.get(customer, {}).get(owner) if owner else None
    return min([*days, *([served.first] if served and served.first else [])], default=None)


def _ask_since(review: Review, first: dict[PlannedAccount, date], created: dict[PlannedAccount, date]) -> str:
    some = next(iter(first or created), None)
    if some is None:
        return ""
    shown = f"{some.name} since {(first or created)[some]:%-d %B %Y}"
    options = [
        (FIRST, f"Since the first entry or deal of theirs with it, else since it was made there: {shown}")
    ]
    if created:
        options.append((CREATED, "Since the account was made in the other system"))
    options.append((TODAY, "From today: what they did before lies before our records"))
    return review.ask(
        "owner_since", "Since when do the owners serve their new accounts?", options,
        recommended=FIRST, why="The files name the owners and do not say since when.",
    )  # fmt: skip


def _drop_what_is_covered(review: Review) -> None:
    """Nobody has served before our records while they own the account in them."""
    review.plan.tenures = [
        tenure
        for tenure in review.plan.tenures
        if not (
            tenure.person is tenure.customer.owner
            and tenure.customer.owner_since
            and tenure.customer.owner_since <= tenure.started_at
        )
    ]


# ---- Who else


def plan_team(review: Review) -> None:
    """Whoever wrote of an account that somebody else owns may join its team: asked once for all of them."""
    last: dict[tuple[PlannedAccount, PlannedPerson], datetime] = {}
    count: Counter[tuple[PlannedAccount, PlannedPerson]] = Counter()
    source: dict[tuple[PlannedAccount, PlannedPerson], str] = {}
    for activity in review.plan.activities:
        person, customer = activity.author, activity.customer
        if person and person.active and not _serves(review, customer, person):
            count[customer, person] += 1
            source.setdefault((customer, person), activity.source)
            last[customer, person] = max(last.get((customer, person), activity.at), activity.at)
    answer = _ask_who_joins(review, count) if count and review.known.operations else "nobody"
    for pair, times in count.items() if answer != "nobody" else []:
        if answer == "all" or last[pair] > review.now - RECENT:
            review.plan.joining[pair] = f"Imported: wrote {times} entr{'ies' if times > 1 else 'y'}"
            review.plan.joining_source[pair] = source[pair]


def _serves(review: Review, customer: PlannedAccount, person: PlannedPerson) -> bool:
    team = person.pk is not None and person.pk in customer.team
    return customer.closed or person is customer.owner or team or (customer, person) in review.plan.joining


def _ask_who_joins(review: Review, count: Counter[tuple[PlannedAccount, PlannedPerson]]) -> str:
    names = ", ".join(f"{person.name} ({customer.name})" for customer, person in list(count)[:4])
    more = f" and {len(count) - 4:,} more" if len(count) > 4 else ""
    return review.ask(
        "team",
        f"Colleagues wrote of accounts that somebody else owns. Do they join the team as support? {names}{more}",
        [
            ("nobody", "No: what they wrote stays, and they do not see the account by it"),
            ("recent", "Those who wrote within a year"),
            ("all", "All of them"),
        ],
        recommended="nobody", why="Whoever joins sees the account from now on.",
    )  # fmt: skip
