from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Exists, F, Q

from accounts.models import Account, Condition, Contact, Coverage, Obligation, Topic, User, today
from accounts.models.coverage import CoverageQuerySet
from accounts.models.obligation_sets import ObligationQuerySet
from accounts.models.users import NOBODY_ABOVE
from handoffs.briefing import Brief, compose

from .handoff_sets import HandoffQuerySet, approvers_of
from .moves import Move
from .transitions import Transition

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from .approvals import Approval
    from .checklist import ChecklistItem, Evidence
    from .read_backs import ReadBack


class HandoffStanding(models.Model):
    """The milestones of a handoff, what is true of it now, and what stands in the way of each next step."""

    FULL_ROLES: ClassVar[list[str]] = [Coverage.Role.OWNER, Coverage.Role.SUCCESS]
    #: What changes hands besides the account itself, as a sentence says it.
    PARTS: ClassVar[dict[str, str]] = {
        Coverage.Role.SUCCESS: "the success of",
        Coverage.Role.SUPPORT: "the support of",
        Coverage.Role.ENGINEER: "the technical side of",
        Coverage.Role.SPONSOR: "the sponsorship of",
    }

    transition = models.ForeignKey(Transition, on_delete=models.PROTECT, related_name="handoffs")
    move = models.OneToOneField(Move, on_delete=models.PROTECT, null=True, blank=True, related_name="handoff")
    follows = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="handoffs")
    role = models.CharField(max_length=8, choices=Coverage.Role.choices)
    outgoing = models.ForeignKey(User, on_delete=models.PROTECT, related_name="handoffs_out")
    incoming = models.ForeignKey(User, on_delete=models.PROTECT, related_name="handoffs_in")
    access_on = models.DateField()
    accountable_on = models.DateField()
    announce_on = models.DateField()
    back_up_until = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField()

    written_at = models.DateTimeField(null=True, blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    access_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    overridden_at = models.DateTimeField(null=True, blank=True)
    overridden_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    overridden_because = models.CharField(max_length=500, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)
    coverage = models.OneToOneField(
        Coverage, on_delete=models.PROTECT, null=True, blank=True, related_name="made_by_handoff"
    )
    announced_at = models.DateTimeField(null=True, blank=True)
    announced_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_back_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_because = models.CharField(max_length=500, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_because = models.CharField(max_length=500, blank=True)

    if TYPE_CHECKING:
        approvals: RelatedManager[Approval]
        items: RelatedManager[ChecklistItem]
        read_backs: RelatedManager[ReadBack]

    never_deleted = True
    objects = HandoffQuerySet.as_manager()
    brief_read: Brief | None = (
        None  # set by `listed` and by the room: a page composes its briefs once, together
    )
    evidence_read: Evidence | None = None  # set by the room

    class Meta:
        abstract = True
        ordering = ["account__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role"],
                condition=Q(moved_at=None, refused_at=None, cancelled_at=None),
                name="handoff_one_open",
            ),
            models.CheckConstraint(
                name="handoff_ends_once",
                condition=Q(moved_at=None, refused_at=None)
                | Q(moved_at=None, cancelled_at=None)
                | Q(refused_at=None, cancelled_at=None),
            ),
            models.CheckConstraint(
                name="handoff_moves_when_read_back_or_overridden",
                condition=Q(moved_at=None)
                | (
                    Q(coverage__isnull=False)
                    & (Q(accepted_at__isnull=False) | Q(overridden_at__isnull=False))
                ),
            ),
            models.CheckConstraint(
                name="handoff_override_says_why",
                condition=Q(overridden_at=None)
                | (
                    Q(overridden_by__isnull=False)
                    & ~Q(overridden_by=F("incoming"))
                    & ~Q(overridden_because="")
                ),
            ),
            models.CheckConstraint(
                name="handoff_accepted_by_a_second_person",
                condition=Q(accepted_at=None, accepted_by=None)
                | (Q(accepted_at__isnull=False, accepted_by__isnull=False) & ~Q(accepted_by=F("incoming"))),
            ),
            models.CheckConstraint(name="handoff_changes_hands", condition=~Q(incoming=F("outgoing"))),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.outgoing} to {self.incoming}"

    # What is true of it now

    @property
    def is_open(self) -> bool:
        return not (self.moved_at or self.refused_at or self.cancelled_at)

    @property
    def is_full(self) -> bool:
        """Owner and success take the five parts; other roles a brief and an acknowledgement."""
        return self.role in self.FULL_ROLES

    @property
    def what(self) -> str:
        """What changes hands: “Olivia hands … to Ines”."""
        return f"{self.PARTS.get(self.role, '')} {self.account}".strip()

    @property
    def state(self) -> str:
        """One word or two for lists, read from the milestones."""
        if self.taken_back_at:
            return "taken back"
        if self.moved_at:
            return "confirmed" if self.confirmed_at else "accepted"
        if self.cancelled_at:
            return "cancelled"
        if self.refused_at:
            return "refused"
        if not self.incoming.is_active:
            return "needs another successor"
        if self.accepted_at:
            return "accepted, waits for its date"
        if not self.written_at:
            return "to write"
        if not self.is_approved:
            return "approval is stale" if self.is_stale else "to approve"
        return "read back, to accept" if self.read_back_waiting else "to read back"

    def approvers(self) -> list[User]:
        return approvers_of(self.outgoing, self.incoming, self.written_by)

    def brief(self) -> Brief:
        return self.brief_read or compose(self.account)

    def decisions(self) -> list[Approval]:
        """The decisions since the brief was last written, oldest first."""
        if not self.written_at:
            return []
        if "approvals" in getattr(self, "_prefetched_objects_cache", {}):
            return [decision for decision in self.approvals.all() if decision.at >= self.written_at]
        return list(self.approvals.filter(at__gte=self.written_at).select_related("by").order_by("pk"))

    def waiting_for(self) -> list[User]:
        """Approvers who have not agreed to any brief of this round."""
        agreed = {decision.by_id for decision in self.decisions() if decision.approved}
        return [approver for approver in self.approvers() if approver.pk not in agreed]

    @property
    def is_approved(self) -> bool:
        """Every approver has agreed to the memory as it now stands."""
        return bool(self.written_at and self.approvers()) and not self.waiting_for() and not self.is_stale

    @property
    def is_stale(self) -> bool:
        """Approved once, and the memory has changed since."""
        agreed = [decision for decision in self.decisions() if decision.approved]
        if not agreed:
            return False
        latest = {decision.by_id: decision.fingerprint for decision in agreed}
        now = self.brief().fingerprint
        return any(fingerprint != now for fingerprint in latest.values())

    @property
    def approved_brief(self) -> Brief | None:
        """The brief that was frozen at the latest approval of this round."""
        agreed = [decision for decision in self.decisions() if decision.approved]
        return Brief.from_json(agreed[-1].brief or {}) if agreed else None

    @property
    def read_back_latest(self) -> ReadBack | None:
        if "read_backs" in getattr(self, "_prefetched_objects_cache", {}):
            return next(iter(self.read_backs.all()), None)
        return self.read_backs.select_related("by", "decided_by").order_by("-pk").first()

    @property
    def read_back_waiting(self) -> ReadBack | None:
        latest = self.read_back_latest
        return latest if latest and latest.decided_at is None else None

    def open_items(self) -> list[ChecklistItem]:
        """Required checklist items that neither the memory nor a person has ticked."""
        from .checklist import Evidence

        evidence = self.evidence_read or Evidence.of(self)
        return [item for item in self.items.all() if item.required and not item.is_done(evidence)]

    def writing_blockers(self) -> list[str]:
        """What stands in the way of calling the five parts complete."""
        account = self.account
        sentences = [*self._standing()]
        if self.written_at:
            sentences.append("It is already written and with the approvers.")
        if self.is_full:
            if not account.condition:
                sentences.append("Condition: rate how the account stands, with the reason.")
            live = account.facts.live().values_list("topic_id", flat=True)
            if Topic.STORY not in live:
                sentences.append("Story: tell it in a minute, recent first.")
            if Topic.IF_THEN not in live and account.condition_now != Condition.STEADY:
                sentences.append("If … then …: write at least one, since the account is not steady.")
        sentences += [f"Checklist: {item.text}" for item in self.open_items() if item.before_writing]
        return sentences

    def approval_blockers(self, user: User) -> list[str]:
        sentences = [*self._standing()]
        if not self.written_at:
            sentences.append("The brief is not written yet.")
        elif not self.is_stale and user not in self.waiting_for():
            sentences.append("You have already approved it.")
        return sentences

    def reading_blockers(self) -> list[str]:
        """What stands in the way of reading back."""
        sentences = [*self._standing()]
        if self.access_on > today():
            sentences.append(f"Access begins on {self.access_on:%-d %B %Y}.")
        if not self.written_at:
            sentences.append(f"{self.outgoing} has not finished writing.")
        elif not self.approvers():
            sentences.append(NOBODY_ABOVE)
        elif waiting := self.waiting_for():
            sentences += [f"{approver} has not approved the brief." for approver in waiting]
        elif self.is_stale:
            sentences.append("The memory changed after the approval; it has to be approved again.")
        if self.read_back_waiting or self.accepted_at:
            sentences.append("The read-back has been given.")
        return sentences

    def blockers(self) -> list[str]:
        """What stands in the way of accepting the read-back; the page lists them and the verb raises them."""
        sentences = [*self._standing()]
        read_back = self.read_back_waiting
        if self.accepted_at:
            sentences.append("The read-back has already been accepted.")
        elif read_back is None:
            sentences.append(f"{self.incoming} has not read it back.")
        if not self.is_approved:
            sentences.append(
                "The memory changed after the approval; it has to be approved again."
                if self.is_stale
                else "The brief is not approved."
            )
        if read_back:
            taken = set(read_back.takeovers.values_list("obligation_id", flat=True))
            sentences += [f"“{o}” has no new holder." for o in self.obligations() if o.pk not in taken]
        sentences += [f"Checklist: {item.text}" for item in self.open_items() if not item.by_read_back]
        return sentences

    def _standing(self) -> list[str]:
        if self.is_open and self.incoming.is_active and not self.account.closed_at:
            return []
        return [
            sentence
            for sentence in (
                f"This handoff is {self.state}." if not self.is_open else "",
                f"{self.incoming} has left. Choose another successor." if not self.incoming.is_active else "",
                f"{self.account} is closed." if self.account.closed_at else "",
            )
            if sentence
        ]

    def serving(self) -> CoverageQuerySet:
        """The coverage that this handoff will end: the outgoing person's, or that of whoever acts since they went.

        Empty when somebody else has the account by now: it is not the outgoing person's to give any more.
        """
        current = Coverage.objects.current().filter(account=self.account, role=self.role)
        own = current.filter(person=self.outgoing)
        return current.filter(Q(person=self.outgoing) | Q(Q(acting=True), ~Exists(own)))

    def owed_by_sale(self) -> ObligationQuerySet:
        """What passes from the sale to success: it stays where it is until the account moves."""
        deal = self.transition.deal
        return deal.owed if deal else Obligation.objects.none()

    def obligations(self) -> list[Obligation]:
        """What the incoming person has to take on, one by one. After a sale what was promised comes first."""
        held = Q(role=self.role, holder__in=self.serving().values("person"))
        owed = Obligation.objects.open().filter(held | Q(pk__in=self.owed_by_sale()), account=self.account)
        found = list(owed.select_related("holder", "contact").order_by("due", "pk"))
        if self.transition.deal_id:
            found.sort(key=lambda obligation: obligation.kind != Obligation.Kind.PROMISE)
        return found

    def may_write(self, user: User) -> bool:
        """The outgoing person, whoever acts, or somebody serving the account who fills the gaps; not the receiver."""
        if user.pk == self.incoming_id:
            return False
        return (
            user.pk == self.outgoing_id
            or user.is_operations
            or user.may_manage(self.outgoing)
            or Coverage.objects.accountable().filter(account=self.account, person=user).exists()
        )

    def may_accept(self, user: User) -> bool:
        """A second person: the outgoing one, an approver, or whoever acts; never the receiver."""
        if user.pk == self.incoming_id:
            return False
        return (
            user.pk == self.outgoing_id
            or user in self.approvers()
            or self.serving().filter(person=user).exists()
        )

    def may_steer(self, user: User) -> bool:
        """Who may cancel, replace, override or move dates: the approvers, whoever opened it, operations."""
        return (
            user.is_operations
            or user.pk == self.transition.opened_by_id
            or (user.runs_changes and user in self.approvers())
        )
