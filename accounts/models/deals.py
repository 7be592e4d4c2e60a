from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import pghistory
from django.db import models
from django.db.models import F, Q

from accounts.rules import clocks

from .base import (
    AccountRows,
    Imported,
    database_now,
    imported_by_somebody,
    refuse_if,
    require,
    save_columns,
    verb,
)
from .entries import Entry
from .fields import LineField
from .letters import Letter
from .notice import not_alone
from .obligation_sets import ObligationQuerySet
from .obligations import Obligation
from .roles import Role
from .users import User

if TYPE_CHECKING:
    from .accounts import Account

#: How long a customer who bought judges us by what was said to win them.
MADE_TRUE_WITHIN = timedelta(days=90)


class DealQuerySet(AccountRows["Deal"]):
    def open(self) -> DealQuerySet:
        return self.filter(closed_at=None)

    def newest_first(self) -> DealQuerySet:
        """Those in flight by the day on which they close, then those that ended."""
        return self.order_by(F("closed_at").desc(nulls_first=True), "expected_close", "pk")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Deal(Imported):
    """What is in flight: an opportunity or a renewal, kept small on purpose."""

    class Kind(models.TextChoices):
        OPPORTUNITY = "opportunity", "Opportunity"
        RENEWAL = "renewal", "Renewal"

    class Outcome(models.TextChoices):
        WON = "won", "Won"
        LOST = "lost", "Lost"
        DROPPED = "dropped", "Dropped"

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="deals")
    kind = LineField(max_length=12, choices=Kind.choices, default=Kind.OPPORTUNITY)
    #: What the system it came from calls this sort of deal, such as “Expansion”.
    type = LineField(max_length=60, blank=True)
    name = LineField(max_length=255)
    role = LineField(max_length=8, choices=Role.choices, default=Role.OWNER)
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="deals")
    stage = LineField(max_length=60, blank=True)
    product = LineField(max_length=120, blank=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = LineField(max_length=3, default="EUR")
    engaged_on = models.DateField(null=True, blank=True)
    expected_close = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = LineField(max_length=8, choices=Outcome.choices, blank=True)
    external_id = LineField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=clocks.now, editable=False)

    never_deleted = True
    objects = DealQuerySet.as_manager()

    class Meta:
        ordering = ["expected_close", "pk"]
        indexes = [models.Index(fields=["closed_at"], condition=Q(outcome="won"), name="deal_won")]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="deal_external_id_once"
            ),
            models.CheckConstraint(
                name="deal_closed_has_outcome",
                condition=Q(closed_at=None, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
            ),
            imported_by_somebody("deal_imported_by_somebody"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_won(self) -> bool:
        return self.outcome == self.Outcome.WON

    @property
    def is_in_hand(self) -> bool:
        """In flight, or won so lately that what was promised for it is still being made true."""
        return not self.closed_at or (self.is_won and self.closed_at >= clocks.now() - MADE_TRUE_WITHIN)

    @property
    def opened_at(self) -> datetime:
        """When it was begun: the day on which they were engaged, where that was before it was written down."""
        if self.engaged_on is None:
            return self.created_at
        engaged = datetime.combine(self.engaged_on, time.min, self.account.zone)
        return min(engaged, self.created_at)

    @property
    def promises(self) -> ObligationQuerySet:
        """The promises made at this sale: raised while it was open."""
        made = Obligation.objects.filter(account=self.account_id, kind=Obligation.Kind.PROMISE)
        until = {"raised_at__lte": self.closed_at} if self.closed_at else {}
        return made.filter(raised_at__gte=self.opened_at, **until)

    @property
    def owed(self) -> ObligationQuerySet:
        """What this sale left to be done, held where it was sold or by the owner: its promises, and its check-ins."""
        left = Q(pk__in=self.promises) | Q(after_deal=self)
        return Obligation.objects.open().filter(left, role__in=[Role.OWNER, self.role])

    @property
    def seller(self) -> User | None:
        """Who held it, while they still serve the account; else the owner, who answers for what was said."""
        serving = self.account.coverage.accountable().filter(person=self.holder_id)
        return self.holder if serving.exists() else self.account.owner

    def may_be_handed_on_by(self, user: User) -> bool:
        """Who may give what was sold into a colleague's care: the seller, their managers, and operations."""
        seller = self.seller
        return seller is not None and (user.pk == seller.pk or user.may_manage(seller))

    @classmethod
    @verb
    def begin(cls, /, account: Account, *, holder: User, by: User, **fields: object) -> Deal:
        """Put a deal in flight, held by somebody who serves the account."""
        refuse_if(f"{account} is closed." if account.closed_at else None)
        deal = cls.objects.create(account=account, holder=holder, role=cls.role_of(holder, account), **fields)
        Entry.record(account, Entry.Kind.CHANGE, f"{deal.get_kind_display()} “{deal}” is in flight", by=by)
        return deal

    @verb
    def revise(self, /, *, by: User, **fields: object) -> None:
        """Change what is recorded of an open deal, or who of the team holds it."""
        self.refresh_from_db(from_queryset=Deal.objects.select_for_update())
        refuse_if(f"This deal was already {self.get_outcome_display().lower()}." if self.closed_at else None)
        if isinstance(holder := fields.get("holder"), User):
            fields["role"] = self.role_of(holder, self.account)
        save_columns(self, **fields)

    @staticmethod
    def role_of(holder: User, account: Account) -> str:
        """In which role this person would hold a deal of the account."""
        serving = account.coverage.accountable().filter(person=holder)
        roles = set(serving.values_list("role", flat=True))
        refuse_if(f"{holder} does not serve {account}. Put them on its team first." if not roles else None)
        return Role.OWNER if Role.OWNER in roles else min(roles)

    @verb
    def close(self, outcome: str, *, by: User) -> None:
        """Won, lost or dropped, now."""
        self.refresh_from_db(from_queryset=Deal.objects.select_for_update())
        refuse_if(
            f"This deal was already {self.get_outcome_display().lower()}." if self.closed_at else None,
            "Say whether it was won, lost or dropped." if outcome not in self.Outcome.values else None,
            not_alone(by),
        )
        save_columns(self, closed_at=database_now(), outcome=outcome)
        said = f"{self.get_kind_display()} “{self}” {outcome}"
        Entry.record(self.account, Entry.Kind.CHANGE, said, by=by, at=self.closed_at)

    @property
    def success(self) -> User | None:
        """Who looks after the success of the account already."""
        there = self.account.coverage.current().filter(role=Role.SUCCESS).select_related("person").first()
        return there.person if there else None

    @verb
    def give_to_success(self, *, by: User) -> User:
        """What was promised at this sale goes, by name, to whoever looks after their success already. Who that is."""
        self.refresh_from_db(from_queryset=Deal.objects.select_for_update(of=("self",)))
        require(self.may_be_handed_on_by(by))
        there = self.success
        owed = list(self.owed.exclude(holder=there))
        refuse_if(
            None if self.is_won else f"“{self}” has not been won.",
            None if there else f"Nobody looks after the success of {self.account} yet.",
            None if owed else "Nothing of what was promised at this sale is left to hand on.",
        )
        assert there
        because = f"“{self}” was sold"
        for line in owed:
            line.hand_to(there, by=by, because=because)
        text = f"{because}, and this was promised for it:\n\n" + "\n".join(f"- {line.text}" for line in owed)
        Letter.write(there, signed_by=by, subject=f"{self.account}: {self} was sold"[:200], text=text)
        return there
