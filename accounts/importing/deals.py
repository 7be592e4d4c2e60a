"""Deals, and what they tell: who served whom from when to when, and who served last."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from rapidfuzz import fuzz, process

from . import values
from .book import (
    CHANGED,
    NEW,
    UNCHANGED,
    Fields,
    KnownDeal,
    PlannedAccount,
    PlannedDeal,
    PlannedPerson,
    PlannedTenure,
    StagedRow,
    news,
)
from .currencies import currency_of
from .lookups import known_ids
from .people import resolve
from .placing import Placement
from .review import Review
from .values import Unfit
from .vocabulary import meaning

WON = ("won", "closedwon", "closed won", "gewonnen")
NOT_YOURS = "Only operations bring in or change what people outside your team hold."
LOST = ("lost", "closedlost", "closed lost", "verloren")


@dataclass
class Service:
    """What the deals say about one person's service of one account."""

    first: date | None = None
    last: date | None = None
    latest: date | None = None
    deals: int = 0


@dataclass
class Record:
    """Everybody's service of every account, from the deals in the files."""

    served: dict[PlannedAccount, dict[PlannedPerson, Service]] = field(default_factory=dict)

    def note(
        self, customer: PlannedAccount, person: PlannedPerson, engaged: date | None, ended: date | None
    ) -> None:
        service = self.served.setdefault(customer, {}).setdefault(person, Service())
        service.deals += 1
        if engaged:
            service.first = min(service.first or engaged, engaged)
            service.latest = max(service.latest or engaged, engaged)
            service.last = max(service.last or engaged, ended or engaged, engaged)


def plan_deals(review: Review, placement: Placement) -> Record:
    record = Record()
    seen: dict[str, StagedRow] = {}
    made: Counter[str] = Counter()
    spelling = _products(review)
    here = {known.pk: external for external, known in review.known.deals.items()}
    for row, (customer, fields) in review.fitting(
        "deal", lambda row: _read(review, placement, row, spelling)
    ):
        ours = here.get(review.own_pk(row) or 0, "")
        external = ours or review.their_id(row) or _id_of(review, row, customer, fields, made)
        if external in seen:
            review.aside(row, f"The deal {external} is already in {seen[external]}.")
            continue
        seen[external] = row
        named = row.text("agent")
        agent = resolve(review, named) if named else None
        if named and not review.acts_for(agent):
            review.aside(row, f"It is with “{named}”. {NOT_YOURS}")
            continue
        if agent and not ours:
            ended = fields["closed_at"].date() if fields["closed_at"] else None
            record.note(customer, agent, fields["engaged_on"], ended)
        _settle(review, placement, row, customer, {**fields, "external_id": external}, agent)
    return record


def _products(review: Review) -> dict[str, str]:
    """Each product's name without blanks and case, to the name as it is written."""
    names = {row.text("name") for row in review.each("product") if row.text("name")}
    for row in review.each("product"):
        review.plan.settle(row, UNCHANGED)
    return {values.squashed(name): name for name in sorted(names) or sorted(review.known.products)}


def _read(
    review: Review, placement: Placement, row: StagedRow, spelling: dict[str, str]
) -> tuple[PlannedAccount, Fields]:
    account = row.text("account")
    beside = None if values.record_id(account) else placement.of_deal(row)
    if not beside and not values.record_id(account):
        raise Unfit(review.unplaced(row, "It names no account, so nobody could hold the deal."))
    customer = beside or find_customer(review, account)
    engaged, outcome, stage = row.day("engaged_on"), _outcome(row), row.text("stage") or row.text("status")
    closes = row.day("closed_on") if outcome and row.text("closed_on") else row.day("closes_on")
    if outcome and not closes:
        raise Unfit(f"It is closed ({stage or outcome}) and has no date of closing.")
    product = _product(review, row.text("product"), spelling)
    return customer, {
        "name": row.text("name") or product or f"Deal {row.text('external_id')}".strip(),
        "kind": "renewal" if meaning("deal", row.text("type")) else "",
        "type": row.text("type")[:60],
        "stage": stage,
        "product": product,
        "amount": row.amount("amount"),
        "currency": currency_of(review, row),
        "engaged_on": engaged,
        "expected_close": None if outcome else closes,
        "closed_at": review.midnight(closes) if outcome and closes else None,
        "outcome": outcome,
    }


def find_customer(review: Review, text: str) -> PlannedAccount:
    """The account a row names. Raises `Unfit` with the reason when there is none."""
    customer = review.customers.find(text)
    if customer is None:
        if text not in review.hints:
            names = [values.key(each.name) for each in review.customers.everyone]
            like = process.extractOne(values.key(text), names, scorer=fuzz.ratio, score_cutoff=80)
            review.hints[text] = f" Is “{review.customers.everyone[like[2]].name}” meant?" if like else ""
        raise Unfit(f"There is no account “{text}”.{review.hints[text]}")
    return customer


def _outcome(row: StagedRow) -> str:
    if row.table.went_out and (told := values.key(row.text("outcome"))):
        return told if told in ("won", "lost", "dropped") else ""
    said = {values.key(row.text(name)) for name in ("stage", "status")}
    if said & set(WON) or row.yes("is_won"):
        return "won"
    return "lost" if said & set(LOST) or row.yes("is_closed") else ""


def _product(review: Review, text: str, spelling: dict[str, str]) -> str:
    proper = spelling.get(values.squashed(text), text)
    if not text or proper == text:
        return text
    if asked := review.asked.get(f"product:{text}"):
        return proper if asked.value == "fix" else text
    count = sum(table.column("product").count(text) for table in review.of("deal"))
    answer = review.ask(
        f"product:{text}",
        f"{count:,} deal{' names' if count == 1 else 's name'} a product “{text}”. Is that “{proper}”?",
        [("fix", f"Yes, write it “{proper}”"), ("keep", f"No, keep “{text}”")],
        recommended="fix",
        why="It is the same but for blanks and capitals.",
    )
    return proper if answer == "fix" else text


def _id_of(
    review: Review, row: StagedRow, customer: PlannedAccount, fields: Fields, made: Counter[str]
) -> str:
    """A lasting id for a deal that came without one: from what does not change while it is open.

    The account may have had another name, or been another account, when the deal was taken.
    """
    engaged, agent = str(fields["engaged_on"] or ""), values.key(row.text("agent"))
    names = review.customers.names_of(row.text("account"), customer)
    bases = ["|".join([values.key(name), fields["name"], engaged, agent]) for name in names]
    made[bases[0]] += 1
    ids = ["import:" + hashlib.sha256(f"{base}|{made[bases[0]]}".encode()).hexdigest()[:24] for base in bases]
    return next((each for each in ids if known_deal(review, customer, each)), ids[0])


def known_deal(review: Review, customer: PlannedAccount, external_id: str) -> KnownDeal | None:
    known = review.known.deals
    return next((known[each] for each in known_ids(customer, [external_id]) if each in known), None)


def _settle(
    review: Review, placement: Placement, row: StagedRow, customer: PlannedAccount, fields: Fields,
    agent: PlannedPerson | None,
) -> None:  # fmt: skip
    external = fields["external_id"]
    known = known_deal(review, customer, external)
    if known is None:
        if customer.closed:
            review.aside(row, f"{customer.name} is closed here.")
            return
        fields["external_id"] = review.new_id(customer, external)
        fields["kind"] = fields["kind"] or "opportunity"
        placement.add_deal(customer, external, fields["name"])
        deal = PlannedDeal(customer, fields, row, named=row.text("agent"), agent=agent)
        review.plan.deals.append(deal)
        review.plan.settle(row, NEW)
        return
    if not review.known.operations:
        fields["external_id"] = known.fields["external_id"]
        if known.held_by not in review.known.team:
            review.aside(row, NOT_YOURS)
            return
    said = _differences(review, row, fields, known)
    if known.fields["closed_at"] and not fields["closed_at"]:
        note = "The deal is closed here and open in the file; an import does not open it again."
        review.plan.settle(row, UNCHANGED, note)
    elif said:
        if fields["closed_at"]:
            said["expected_close"] = None
        review.plan.deals.append(PlannedDeal(customer, said, row, pk=known.pk))
        review.plan.settle(row, CHANGED)
        review.plan.change(known.customer, f"Deal {external}", said, row.source)
    else:
        review.plan.settle(row, UNCHANGED)


def _differences(review: Review, row: StagedRow, fields: Fields, known: KnownDeal) -> Fields:
    said = news(fields, known.fields)
    if _same_day(review, fields["closed_at"], known.fields["closed_at"]):
        said.pop("closed_at", None)
    if fields["external_id"] == review.reference("deal", known.pk):
        said.pop("external_id", None)
    for name in ("currency", "name"):
        if not row.table.has(name):
            said.pop(name, None)
    return said


def _same_day(review: Review, one: datetime | None, other: datetime | None) -> bool:
    """A file knows the day on which a deal was closed, and no hour of it."""
    if one is None or other is None:
        return False
    return one.astimezone(review.zone).date() == other.astimezone(review.zone).date()


# ---- What follows from all deals together


def plan_tenures(review: Review, record: Record) -> None:
    """Earlier service: each person's first to last day with an account. Spells overlap and leave gaps, as they did."""
    for customer, people in record.served.items():
        for person, service in people.items():
            if service.first is None or service.last is None:
                continue
            if _is_known(review, customer, person, service.first):
                continue
            count = f"{service.deals} deal{'s' if service.deals > 1 else ''}"
            review.plan.tenures.append(
                PlannedTenure(
                    customer, person, review.midnight(service.first), review.midnight(service.last),
                    f"Imported: sold to them, {count}",
                )
            )  # fmt: skip


def _is_known(review: Review, customer: PlannedAccount, person: PlannedPerson, first: date) -> bool:
    """Whether that person's service since that day is kept already, before our records or in them."""
    if customer.pk is None or person.pk is None:
        return False
    pair = (customer.pk, person.pk)
    since = review.known.serving_since.get(pair)
    return pair in review.known.past or (since is not None and since <= review.midnight(first))


def plan_holders(review: Review) -> None:
    """Who holds each new deal: closed ones stay with who closed them, open ones need somebody who serves."""
    working: Counter[tuple[PlannedAccount, PlannedPerson]] = Counter()
    others = [
        deal
        for deal in review.plan.deals
        if deal.pk is None
        and not deal.fields["closed_at"]
        and deal.agent
        and deal.agent is not deal.customer.owner
    ]
    keep = _ask_about_open_deals(review, [deal for deal in others if deal.agent and deal.agent.active])
    for deal in review.plan.deals:
        if deal.pk is not None or deal.agent is None:
            continue
        if deal.fields["closed_at"]:
            deal.holder = deal.agent
        elif deal.agent is not deal.customer.owner and deal.agent.active and keep:
            deal.holder = deal.agent
            deal.role = deal.customer.team.get(deal.agent.pk or 0, "support")
            if deal.agent.pk not in deal.customer.team:
                working[deal.customer, deal.agent] += 1
                review.plan.joining_source.setdefault((deal.customer, deal.agent), deal.row.source)
    for (customer, person), count in working.items():
        deals = f"{count} open deal{'s' if count > 1 else ''}"
        review.plan.joining[customer, person] = f"Imported: works on {deals}"
    _leave_aside_what_others_hold(review)


def _leave_aside_what_others_hold(review: Review) -> None:
    """A deal that falls to the account's owner falls to somebody for whom the importer may act, or waits."""
    kept = []
    for deal in review.plan.deals:
        if deal.pk is not None or review.acts_for(deal.holder or deal.customer.owner):
            kept.append(deal)
        else:
            review.aside(deal.row, NOT_YOURS)
    review.plan.deals = kept


def _ask_about_open_deals(review: Review, others: list[PlannedDeal]) -> bool:
    if not others:
        return True
    answer = review.ask(
        "open_deals", f"{len(others)} open deals are with somebody who does not own the account. Who holds them?",
        [("agent", "Whoever works on them; they join the account's team as support"), ("owner", "The account's owner")],
        recommended="agent", why="Whoever holds an open deal must serve the account.",
    )  # fmt: skip
    return answer != "owner"
