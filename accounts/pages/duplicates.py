"""Accounts that may be one customer, side by side, with what they have in common; and what was joined lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery

from accounts.models import Account, AccountMerge, Contact, Deal, DistinctAccounts, User
from accounts.rules.duplicates import Described, DuplicatePair, suggest

PAIRS_SHOWN = 50


@dataclass(frozen=True)
class SideBySide:
    """Two accounts and what speaks for their being one."""

    one: Account
    other: Account
    reasons: Sequence[str]

    @property
    def because(self) -> str:
        return ", ".join(self.reasons).capitalize()

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """What is known of both or of one, each with what it is called."""
        told = [
            (label, str(getattr(self.one, name) or ""), str(getattr(self.other, name) or ""))
            for name, label in LINES
        ]
        return [line for line in told if line[1] or line[2]]


LINES = [
    ("owner_name", "Owner"), ("industry", "Industry"), ("country", "Country"), ("address", "Address"),
    ("phone", "Phone"), ("website", "Website"), ("people", "People"), ("deals_open", "Open deals"),
    ("open_count", "Owed"), ("external_id", "Other system’s id"),
]  # fmt: skip


def pairs_of(user: User) -> list[DuplicatePair]:
    """Open accounts that this person sees and that may be one, likeliest first; not those that were said to be two."""
    two = set(DistinctAccounts.objects.visible_to(user).values_list("first", "second"))
    found = suggest(described(Account.objects.visible_to(user).open()))
    return [pair for pair in found if (min(pair.one, pair.other), max(pair.one, pair.other)) not in two]


def described(accounts: QuerySet[Account]) -> list[Described]:
    """What these accounts can be compared by; their people's addresses and phones count as theirs."""
    people: dict[int, list[tuple[str, str]]] = defaultdict(list)
    known = Contact.objects.present().filter(account__in=accounts.order_by().values("pk"))
    for account, mail, phone in known.order_by("pk").values_list("account", "email", "phone"):
        people[account].append((mail, phone))
    told = accounts.order_by("pk").values_list("pk", "name", "address", "phone", "website")
    return [
        Described(
            pk, name, addresses=[address], phones=[phone, *(each for _, each in people[pk])],
            mails=[mail for mail, _ in people[pk] if mail], sites=[site],
        )
        for pk, name, address, phone, site in told
    ]  # fmt: skip


def duplicates_page(user: User, page: str | None) -> Page[DuplicatePair]:
    return Paginator(pairs_of(user), PAIRS_SHOWN).get_page(page)


def side_by_side(user: User, pairs: Sequence[DuplicatePair]) -> list[SideBySide]:
    """These pairs with their accounts, in a fixed number of queries."""
    wanted = {pk for pair in pairs for pk in (pair.one, pair.other)}
    accounts = Account.objects.visible_to(user).filter(pk__in=wanted).with_owner().with_debts()
    people = Contact.objects.present().filter(account=OuterRef("pk")).order_by().values("account")
    deals = Deal.objects.open().filter(account=OuterRef("pk")).order_by().values("account")
    found = accounts.annotate(
        people=Subquery(people.annotate(n=Count("pk")).values("n")),
        deals_open=Subquery(deals.annotate(n=Count("pk")).values("n")),
    ).in_bulk()
    return [SideBySide(found[pair.one], found[pair.other], pair.reasons) for pair in pairs]


def joined_lately(user: User) -> list[AccountMerge]:
    return list(AccountMerge.objects.visible_to(user).undoable()[:PAIRS_SHOWN])
