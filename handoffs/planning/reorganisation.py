"""Whom a reorganisation hits: what a manager weighs before approving."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count

from accounts.models import Account, Contact, Coverage, Deal, Obligation, User, today
from handoffs.models import Transition

A_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Impact:
    """Who is hit by a reorganisation: what a manager weighs before approving."""

    accounts: int
    obligations: int
    champions: int
    deals: int
    deal_value: float
    third_owner: list[Account]
    arriving: dict[User, int]
    leaving: dict[User, int]


def impact(transition: Transition) -> Impact:
    """What a plan touches: accounts, obligations under way, champions, deals, and customers on their third owner
    within a year."""
    moves = list(transition.moves.select_related("account", "outgoing", "incoming"))
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
        deal_value=float(sum(deal.amount or 0 for deal in deals)),
        third_owner=[move.account for move in moves if move.account_id in often],
        arriving=_tally(move.incoming for move in moves),
        leaving=_tally(move.outgoing for move in moves),
    )


def owned_by(people: Iterable[User]) -> Counter[int]:
    """How many accounts each of these people owns today, by their ids."""
    rows = Coverage.objects.owners().filter(person__in=list(people)).order_by().values_list("person")
    return Counter(dict(rows.annotate(n=Count("pk"))))


def _tally(people: Iterable[User | None]) -> dict[User, int]:
    return dict(Counter(person for person in people if person).most_common())
