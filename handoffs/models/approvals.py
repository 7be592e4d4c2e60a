"""What approvers decided on a brief or on a whole plan, and whether their decision still holds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.briefing import Brief, Matters, matters_of
from accounts.models import Frozen, User
from accounts.models.fields import LineField

from .permissions import approvers_of

if TYPE_CHECKING:
    from .handoff import Handoff
    from .transitions import Transition


class Approval(Frozen):
    """A manager's decision on a fingerprint: of a transition's plan, or of a handoff's brief (frozen with it)."""

    transition = models.ForeignKey(
        "handoffs.Transition", on_delete=models.PROTECT, null=True, blank=True, related_name="approvals"
    )
    handoff = models.ForeignKey(
        "handoffs.Handoff", on_delete=models.PROTECT, null=True, blank=True, related_name="approvals"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="approvals")
    at = models.DateTimeField()
    approved = models.BooleanField(help_text="Otherwise it was returned, with the reason.")
    because = LineField(max_length=1000, blank=True)
    fingerprint = LineField(max_length=64)
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


class BriefReview:
    """The decisions on a handoff's brief since it was last written, held against the memory as it stands now.

    What `matters` in it is read when it is first asked for, unless a page that has it already gives it.
    """

    def __init__(self, handoff: Handoff, matters: Matters | None = None) -> None:
        self.handoff = handoff
        self._matters = matters

    @cached_property
    def matters(self) -> Matters:
        return self._matters or matters_of([self.handoff.account])[self.handoff.account_id]

    @cached_property
    def approvers(self) -> list[User]:
        return self.handoff.approvers()

    @cached_property
    def agreed(self) -> list[Approval]:
        """The approvals of this round, oldest first."""
        written_at = self.handoff.written_at
        if not written_at:
            return []
        decisions = sorted(self.handoff.approvals.all(), key=lambda decision: decision.pk)
        return [decision for decision in decisions if decision.approved and decision.at >= written_at]

    @cached_property
    def approved_brief(self) -> Brief | None:
        """The brief as it was frozen at the latest approval."""
        return Brief.from_json(self.agreed[-1].brief or {}) if self.agreed else None

    @cached_property
    def waiting_for(self) -> list[User]:
        """Approvers who have not agreed to any brief of this round."""
        agreed = {decision.by_id for decision in self.agreed}
        return [approver for approver in self.approvers if approver.pk not in agreed]

    @cached_property
    def is_stale(self) -> bool:
        """Approved once, and the memory has changed since."""
        latest = {decision.by_id: decision.fingerprint for decision in self.agreed}
        return any(fingerprint != self.matters.fingerprint for fingerprint in latest.values())

    @property
    def is_approved(self) -> bool:
        """Every approver has agreed to the memory as it now stands."""
        written = bool(self.handoff.written_at and self.approvers)
        return written and not self.waiting_for and not self.is_stale

    @property
    def state(self) -> str:
        """How far the handoff is, in a word or two for lists, read from its milestones."""
        handoff = self.handoff
        if handoff.taken_back_at:
            return "taken back"
        if handoff.moved_at:
            return "confirmed" if handoff.confirmed_at else "accepted"
        if handoff.cancelled_at:
            return "cancelled"
        if handoff.refused_at:
            return "refused"
        if handoff.wants_another:
            return "needs another successor"
        if handoff.accepted_at:
            return "accepted, waits for its date"
        if not handoff.written_at:
            return "to write"
        if not self.is_approved:
            return "approval is stale" if self.is_stale else "to approve"
        return "read back, to accept" if handoff.read_back_waiting else "to read back"


class PlanReview:
    """What the managers concerned have decided on a transition's plan as it now stands.

    `people` is `User.objects.linked()`, where it was read already.
    """

    def __init__(self, transition: Transition, people: Mapping[int, User] | None = None) -> None:
        self.transition = transition
        self._people = people

    @cached_property
    def approvers_of_each_pair(self) -> list[list[User]]:
        pairs = set(self.transition.plan("outgoing_id", "incoming_id"))
        people = self._people or User.objects.linked()
        return [approvers_of(people[one], people[other]) for one, other in pairs if other]

    @cached_property
    def managers(self) -> list[User]:
        """The nearest managers of everybody who gives or receives an account, each once."""
        concerned = {approver for approvers in self.approvers_of_each_pair for approver in approvers}
        return sorted(concerned, key=lambda person: person.name)

    @cached_property
    def waiting_for(self) -> list[User]:
        """The managers concerned who have not approved the plan with this fingerprint."""
        now = self.transition.fingerprint
        decisions = self.transition.approvals.all()
        agreed = {one.by_id for one in decisions if one.approved and one.fingerprint == now}
        return [manager for manager in self.managers if manager.pk not in agreed]

    @property
    def is_approved(self) -> bool:
        submitted = bool(self.transition.submitted_at)
        return submitted and all(self.approvers_of_each_pair) and not self.waiting_for

    def waits_for(self, user: User) -> bool:
        """Whether this person is to decide on it now."""
        return bool(self.transition.submitted_at) and self.transition.can_change and user in self.waiting_for
