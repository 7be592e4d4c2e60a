from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Account, Coverage, User, today, verb
from accounts.models.base import refuse_if, save_columns
from accounts.models.fields import LineField

from . import permissions


class MoveQuerySet(models.QuerySet["Move"]):
    def visible_to(self, user: User) -> MoveQuerySet:
        """Those whose accounts this person may see in a plan; a customer sees none."""
        return self.none() if user.is_customer else self.filter(permissions.seen_moves(user, today()))

    def with_account_visible_to(self, user: User) -> MoveQuerySet:
        """Those of which this person may also see the account as it is now: it is theirs, or still to move."""
        seen = self.visible_to(user)
        if user.is_operations:
            return seen
        return seen.filter(
            permissions.of_accounts_seen(user)
            | permissions.still_to_move() & Q(transition__cancelled_at=None)
        )

    def still_to_move(self) -> MoveQuerySet:
        return self.filter(permissions.still_to_move())

    def waiting(self) -> MoveQuerySet:
        """Those that should have a handoff and have none yet."""
        return self.filter(handoff=None, refused_because="")


class Move(models.Model):
    """A line of a transition's plan: one account's one role from one person to another."""

    transition = models.ForeignKey("handoffs.Transition", on_delete=models.PROTECT, related_name="moves")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="moves")
    role = LineField(max_length=8, choices=Coverage.Role.choices, default=Coverage.Role.OWNER)
    outgoing = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    incoming = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    because = LineField(max_length=500, blank=True)
    refused_because = LineField(max_length=500, blank=True, help_text="Why no handoff could be opened.")

    objects = MoveQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["transition", "account", "role"], name="move_once"),
            models.CheckConstraint(
                name="move_changes_hands", condition=Q(incoming=None) | ~Q(incoming=F("outgoing"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.outgoing} to {self.incoming or 'nobody yet'}"

    @verb
    def assign(self, incoming: User | None, *, by: User, because: str = "") -> None:
        """Choose who takes this account over, or leave it open again."""
        self.transition.lock_for_planning(by)
        refuse_if(self.why_not(incoming))
        save_columns(self, incoming=incoming, because=because.strip())

    def why_not(self, incoming: User | None) -> str:
        """Why this person cannot take the account over, or an empty string."""
        if incoming is None:
            return ""
        if incoming.pk == self.outgoing_id:
            return f"{incoming} already has {self.account}."
        if incoming.is_customer:
            return f"{incoming} is a customer."
        why = incoming.cannot_take_over(self.transition.return_on)
        return f"{incoming} cannot take {self.account}: {incoming.first_name} {why}." if why else ""
