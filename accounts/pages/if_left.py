"""If somebody left tomorrow, which accounts would start over?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django_stubs_ext import WithAnnotations

from accounts.models import Account, Coverage, User
from accounts.models.account_sets import AccountQuerySet
from accounts.models.continuity import ContinuityColumns, annotated, evidence_of
from accounts.rules.continuity import Loss, if_left


class TeamColumns(ContinuityColumns):
    team_now: list[int]


AccountWithTeam: TypeAlias = "WithAnnotations[Account, TeamColumns]"


@dataclass(frozen=True)
class AccountLoss(Loss):
    account: Account


@dataclass(frozen=True)
class PersonLosses:
    """What would be lost if one person left tomorrow, worst first."""

    person: User
    losses: list[AccountLoss]

    @property
    def start_over(self) -> list[AccountLoss]:
        return [loss for loss in self.losses if loss.starts_over]

    @property
    def go_on(self) -> list[AccountLoss]:
        return [loss for loss in self.losses if not loss.starts_over]

    @property
    def weight(self) -> int:
        return sum(loss.weight for loss in self.start_over)


def if_any_left(people: Sequence[User], viewer: User) -> list[PersonLosses]:
    """For each of these people, the accounts they serve that the viewer may see. Two queries for any number."""
    serving = Coverage.objects.accountable().filter(
        person__in=people, account__in=Account.objects.visible_to(viewer).open()
    )
    served: dict[int, set[int]] = defaultdict(set)
    for person_id, account_id in serving.values_list("person_id", "account_id"):
        served[person_id].add(account_id)
    wanted = Account.objects.filter(pk__in={pk for pks in served.values() for pk in pks})
    accounts = {account.pk: account for account in with_team(wanted)}
    return [
        PersonLosses(
            person,
            sorted(
                (loss_of(accounts[pk], person) for pk in served[person.pk]),
                key=lambda loss: (not loss.starts_over, -loss.weight, loss.account.name, loss.account.pk),
            ),
        )
        for person in people
    ]


def with_team(accounts: AccountQuerySet) -> QuerySet[AccountWithTeam]:
    """Adds `team_now`: the ids of those who serve each account and could go on serving it."""
    serving = Coverage.objects.current().exclude(role=Coverage.Role.INCOMING).filter(account=OuterRef("pk"))
    found = annotated(accounts).annotate(team_now=ArraySubquery(serving.order_by().values("person")))
    return cast("QuerySet[AccountWithTeam]", found)


def loss_of(account: AccountWithTeam, person: User) -> AccountLoss:
    loss = if_left(evidence_of(account), account.team_now, person.pk, person.name)
    return AccountLoss(loss.reasons, account)
