from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.models import Coverage, Deal, User, today
from accounts.rules import clocks

from .transition_sets import TransitionQuerySet

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from .approvals import Approval
    from .moves import MoveQuerySet


class TransitionStanding(models.Model):
    """The milestones of a transition, what is true of it now, and what stands in the way of each next step."""

    class Kind(models.TextChoices):
        REORG = "reorg", "Territory reorganisation"
        DEPARTURE = "departure", "Departure"
        ROLE_CHANGE = "role_change", "Role change"
        LEAVE = "leave", "Leave"
        SALE_TO_SUCCESS = "sale_to_success", "Sale to success"
        SPONSOR_CHANGE = "sponsor_change", "Sponsor change"
        HANDOVER = "handover", "Handover of one account"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=200)
    person = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transitions",
        help_text="Who leaves, or goes on leave.",
    )
    deal = models.ForeignKey(
        Deal,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transitions",
        help_text="What was sold, when it passes from sale to success.",
    )
    sudden = models.BooleanField(
        default=False, help_text="The person had gone before anybody could hand over."
    )
    because = models.CharField(max_length=500, help_text="The customer reads this reason.")
    access_on = models.DateField("access", help_text="From this day the next owner may read.")
    accountable_on = models.DateField(
        "accountable", help_text="From this day, once read back, the next owner answers."
    )
    announced_on = models.DateField("announced", help_text="On this day the customer is told.")
    last_day = models.DateField(null=True, blank=True, help_text="The leaver's last day.")
    return_on = models.DateField(
        "back on", null=True, blank=True, help_text="Accounts go back by themselves."
    )
    back_up_until = models.DateField(
        null=True, blank=True, help_text="The outgoing person stays as named back-up until this day."
    )
    opened_at = models.DateTimeField(default=clocks.now, editable=False)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="The leaver has gone, or is back.")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_because = models.CharField(max_length=500, blank=True)

    if TYPE_CHECKING:
        approvals: RelatedManager[Approval]
        moves: MoveQuerySet

    never_deleted = True
    objects = TransitionQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(
                    kind__in=["departure", "leave"], ended_at=None, undone_at=None, cancelled_at=None
                ),
                name="transition_one_for_a_person",
            ),
            models.UniqueConstraint(
                fields=["deal"],
                condition=Q(undone_at=None, cancelled_at=None),
                name="transition_one_for_a_deal",
            ),
            models.CheckConstraint(
                name="transition_of_a_sale_has_its_deal",
                condition=Q(kind="sale_to_success", deal__isnull=False)
                | (~Q(kind="sale_to_success") & Q(deal=None)),
            ),
            models.CheckConstraint(
                name="transition_leave_returns",
                condition=~Q(kind="leave") | Q(return_on__gt=F("accountable_on")),
            ),
            models.CheckConstraint(
                name="transition_cancelled_says_why",
                condition=Q(cancelled_at=None) | (Q(cancelled_by__isnull=False) & ~Q(cancelled_because="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    # What is true of it now

    @property
    def state(self) -> str:
        if self.cancelled_at:
            return "cancelled"
        if self.undone_at:
            return "taken back"
        if self.started_at:
            return "under way" if self.is_under_way else "done"
        if self.submitted_at:
            return "approved" if self.is_approved else "waiting for approval"
        return "being planned"

    @property
    def is_under_way(self) -> bool:
        from .handoff import Handoff

        return self.moves.waiting().exists() or Handoff.objects.open().filter(transition__pk=self.pk).exists()

    @property
    def needs_approval(self) -> bool:
        return self.kind == self.Kind.REORG

    @property
    def can_change(self) -> bool:
        return not (self.started_at or self.cancelled_at or self.undone_at)

    @property
    def is_over(self) -> bool:
        """No handoff may be opened for it any more."""
        return bool(self.cancelled_at or self.undone_at or (self.kind == self.Kind.LEAVE and self.ended_at))

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hexadecimal over the dates and every move: what the managers approve."""
        columns = ("account_id", "role", "outgoing_id", "incoming_id", "because")
        if "moves" in getattr(self, "_prefetched_objects_cache", {}):
            moves = sorted(tuple(getattr(move, name) for name in columns) for move in self.moves.all())
        else:
            moves = list(self.moves.order_by("account_id", "role").values_list(*columns))
        dates = [str(self.access_on), str(self.accountable_on), str(self.announced_on)]
        return hashlib.sha256(json.dumps([dates, moves]).encode()).hexdigest()

    def managers_concerned(self) -> list[User]:
        """The nearest managers of everybody who gives or receives an account, each once."""
        concerned = {approver for approvers in self._approvers_of_each_pair() for approver in approvers}
        return sorted(concerned, key=lambda person: person.name)

    def _approvers_of_each_pair(self) -> list[list[User]]:
        from .handoff_sets import approvers_of

        pairs = self.moves.exclude(incoming=None).order_by().values_list("outgoing", "incoming").distinct()
        people = User.objects.linked()
        return [approvers_of(people[outgoing], people[incoming]) for outgoing, incoming in pairs]

    def approvers_among(self, people: Mapping[int, User]) -> set[User]:
        """The nearest managers of everybody who gives or receives an account, from moves that were read with it."""
        from .handoff_sets import approvers_of

        pairs = {(move.outgoing_id, move.incoming_id) for move in self.moves.all() if move.incoming_id}
        return {manager for one, other in pairs for manager in approvers_of(people[one], people[other or 0])}

    def agreed_by(self) -> set[int]:
        """Who has approved the plan as it now stands, from approvals that were read with it."""
        now = self.fingerprint
        return {one.by_id for one in self.approvals.all() if one.approved and one.fingerprint == now}

    def waiting_for(self) -> list[User]:
        """The managers concerned who have not approved the plan as it now stands."""
        print_ = self.fingerprint
        agreed = set(self.approvals.filter(fingerprint=print_, approved=True).values_list("by_id", flat=True))
        return [manager for manager in self.managers_concerned() if manager.pk not in agreed]

    @property
    def is_approved(self) -> bool:
        return bool(self.submitted_at) and all(self._approvers_of_each_pair()) and not self.waiting_for()

    def blockers(self) -> list[str]:
        """What stands in the way of starting."""
        unnamed = self.moves.filter(incoming=None).count()
        gone = self.moves.filter(incoming__is_active=False).select_related("incoming").first()
        sentences = [
            "It was already started." if self.started_at else "",
            "It was cancelled." if self.cancelled_at else "",
            "There is no account to move." if not self.moves.exists() else "",
            f"{unnamed} account{'s have' if unnamed != 1 else ' has'} no successor yet." if unnamed else "",
            f"{gone.incoming} has left; choose another successor for {gone.account}." if gone else "",
        ]
        if self.needs_approval and not any(sentences):
            if not self.submitted_at:
                sentences.append("It has not been sent for approval.")
            else:
                sentences += [
                    f"{manager} has not approved the plan as it stands." for manager in self.waiting_for()
                ]
            if self.access_on > today():
                sentences.append(f"It runs on {self.access_on:%-d %B %Y}.")
        return [sentence for sentence in sentences if sentence]

    def may_run(self, user: User) -> bool:
        if self.person:
            return user.may_manage(self.person) or user.pk == self.opened_by_id
        if self.kind in {self.Kind.HANDOVER, self.Kind.SALE_TO_SUCCESS}:
            return user.pk == self.opened_by_id or any(
                user.may_manage(move.outgoing) for move in self.moves.select_related("outgoing")
            )
        return user.runs_changes and (user.is_operations or user.pk == self.opened_by_id)

    @classmethod
    def blockers_of_sale(cls, deal: Deal) -> list[str]:
        """What stands in the way of handing what was sold in this deal to success."""
        from .handoff import Handoff

        begun = cls.objects.filter(deal=deal.pk, undone_at=None, cancelled_at=None).first()
        under_way = Handoff.objects.open().filter(account=deal.account_id, role=Coverage.Role.SUCCESS).first()
        serving = Coverage.objects.current().filter(account=deal.account_id, role=Coverage.Role.SUCCESS)
        there = serving.select_related("person").first()
        sentences = [
            f"{deal.account} is closed." if deal.account.closed_at else "",
            "" if deal.is_won else f"“{deal}” has not been won.",
            f"“{deal}” was handed to success already: {begun}. Cancel that first if it has to begin anew."
            if begun
            else "",
            f"The success of {deal.account} is being handed to {under_way.incoming} already."
            if under_way and not begun
            else "",
            f"{there.person} looks after the success of {deal.account} already. Hand that over instead."
            if there and not begun
            else "",
        ]
        return [sentence for sentence in sentences if sentence]

    def undo_blockers(self) -> list[str]:
        """What stands in the way of taking it all back: a customer who was told, or a person who has gone."""
        from .handoff import Handoff

        told = (
            Handoff.objects.filter(transition__pk=self.pk, announced_at__isnull=False)
            .select_related("account")
            .first()
        )
        gone = (
            Handoff.objects.filter(transition__pk=self.pk, moved_at__isnull=False, outgoing__is_active=False)
            .select_related("outgoing")
            .first()
        )
        sentences = [
            "It has not been started." if not self.started_at else "",
            f"It is already {self.state}." if self.cancelled_at or self.undone_at else "",
            f"{told.account} was told on {told.announced_at:%-d %B %Y}; it can no longer be taken back."
            if told
            else "",
            f"{gone.outgoing} has left, so {gone.account} cannot go back." if gone else "",
            f"{self.person} has gone; these accounts need somebody. Choose other successors instead."
            if self.person and not self.person.is_active
            else "",
            self._moved_on(),
        ]
        return [sentence for sentence in sentences if sentence]

    def _moved_on(self) -> str:
        """The first account that somebody else has since been given, in a sentence."""
        from .handoff import Handoff

        moved = Handoff.objects.filter(
            transition__pk=self.pk, moved_at__isnull=False, taken_back_at=None, account__closed_at=None
        )
        made = Coverage.objects.filter(made_by_handoff__in=moved)
        there = set(made.standing_in().values_list("account_id", "role"))
        for handoff in moved.select_related("account", "incoming"):
            if (handoff.account_id, handoff.role) not in there:
                return f"{handoff.account} has since passed on from {handoff.incoming}, so it cannot go back."
        return ""
