from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Frozen, User

from .handoff import Handoff
from .transitions import Transition


class Approval(Frozen):
    """A manager's decision on a fingerprint: of a transition's plan, or of a handoff's brief (frozen with it)."""

    transition = models.ForeignKey(
        Transition, on_delete=models.PROTECT, null=True, blank=True, related_name="approvals"
    )
    handoff = models.ForeignKey(
        Handoff, on_delete=models.PROTECT, null=True, blank=True, related_name="approvals"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="approvals")
    at = models.DateTimeField()
    approved = models.BooleanField(help_text="Otherwise it was returned, with the reason.")
    because = models.CharField(max_length=1000, blank=True)
    fingerprint = models.CharField(max_length=64)
    brief = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="approval_of_one_thing",
                condition=Q(transition__isnull=False, handoff__isnull=True)
                | Q(transition__isnull=True, handoff__isnull=False, brief__isnull=False),
            ),
            models.CheckConstraint(
                name="approval_return_says_why", condition=Q(approved=True) | ~Q(because="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by} {'approved' if self.approved else 'returned'}"
