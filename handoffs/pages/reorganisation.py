"""Whom a reorganisation hits, and how many accounts each person owns before and after: what a manager weighs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count

from accounts.models import Account, Contact, Coverage, Deal, Obligation, User, today
from handoffs.models import Transition
from handoffs.models.moves import MoveQuerySet

A_YEAR = timedelta(days=365)
LABELS = 140  # units left for the names


@dataclass(frozen=True)
class Impact:
    accounts: int
    obligations: int
    champions: int
    deals: int
    deal_values: dict[str, Decimal]  # by currency: what is not of one kind is not added up
    third_owner: list[Account]
    arriving: dict[User, int]
    leaving: dict[User, int]


def impact_of(transition: Transition, seen: MoveQuerySet | None = None) -> Impact:
    """What a plan touches: accounts, obligations under way, champions, deals, and customers on their third owner
    within a year. `seen` are the moves that count, if not all do."""
    some = transition.moves.all() if seen is None else seen
    moves = list(some.select_related("account", "outgoing", "incoming"))
    ids = [move.account_id for move in moves]
    deals = Deal.objects.open().filter(account__in=ids)
    owners = (
        Coverage.objects.filter(
            account__in=ids, role=Coverage.Role.OWNER, started_at__date__gt=today() - A_YEAR
        )
        .order_by()
        .values_list("account_id")
        .annotate(n=Count("person", distinct=True))
    )
    often = {account_id for account_id, count in owners if count >= 2}
    return Impact(
        accounts=len(set(ids)),
        obligations=Obligation.objects.open().filter(account__in=ids).count(),
        champions=Contact.objects.champions().filter(account__in=ids).count(),
        deals=deals.count(),
        deal_values=_values(deals),
        third_owner=[move.account for move in moves if move.account_id in often],
        arriving=_tally(move.incoming for move in moves),
        leaving=_tally(move.outgoing for move in moves),
    )


def owned_by(people: Iterable[User]) -> Counter[int]:
    """How many accounts each of these people owns today, by their ids."""
    rows = Coverage.objects.owners().filter(person__in=list(people)).order_by().values_list("person")
    return Counter(dict(rows.annotate(n=Count("pk"))))


def _values(deals: Iterable[Deal]) -> dict[str, Decimal]:
    values: dict[str, Decimal] = defaultdict(Decimal)
    for deal in deals:
        if deal.amount:
            values[deal.currency] += deal.amount
    return dict(sorted(values.items()))


def _tally(people: Iterable[User | None]) -> dict[User, int]:
    return dict(Counter(person for person in people if person).most_common())


@dataclass(frozen=True)
class LoadBar:
    """One person's accounts before and after, with where to draw them: so many units for each account."""

    person: User
    leaving: int
    arriving: int
    before: int
    y: int
    scale: float

    @property
    def after(self) -> int:
        return self.before - self.leaving + self.arriving

    @property
    def gains(self) -> bool:
        return self.after >= self.before

    @property
    def stays_width(self) -> float:
        return round(min(self.before, self.after) * self.scale, 1)

    @property
    def change_width(self) -> float:
        return round(abs(self.before - self.after) * self.scale, 1)

    @property
    def change_at(self) -> float:
        return LABELS + self.stays_width

    @property
    def text_at(self) -> float:
        return self.change_at + self.change_width + 8


@dataclass(frozen=True)
class LoadChart:
    bars: list[LoadBar]
    height: int


def load_chart(impact: Impact, of: Collection[int] | None = None) -> LoadChart:
    """Accounts owned before and after, drawn to one scale of 400 units; only of some people, by their ids, if given."""
    hit = {*impact.arriving, *impact.leaving}
    people = sorted((one for one in hit if of is None or one.pk in of), key=lambda person: person.name)
    owned, leaving, arriving = owned_by(people), Counter(impact.leaving), Counter(impact.arriving)
    scale = 400 / max([1, *(owned[one.pk] + max(0, arriving[one] - leaving[one]) for one in people)])
    bars = [
        LoadBar(one, leaving[one], arriving[one], owned[one.pk], at * 32, scale)
        for at, one in enumerate(people)
    ]
    return LoadChart(bars, len(people) * 32)
