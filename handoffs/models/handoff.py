from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, ClassVar

import pghistory
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.template.loader import render_to_string

from accounts.models import (
    Account,
    Condition,
    Contact,
    Coverage,
    Deal,
    Letter,
    Obligation,
    Topic,
    User,
    today,
    verb,
)
from accounts.models.base import database_now, refuse_if, require_words
from accounts.models.coverage import CoverageQuerySet
from accounts.models.users import NOBODY_ABOVE

from ..briefing import Brief, compose, compose_all, mentioned
from .transitions import Move, Transition

if TYPE_CHECKING:
    from .approvals import Approval
    from .checklist import ChecklistItem
    from .read_backs import ReadBack


def approvers_of(outgoing: User, incoming: User, writer: User | None = None) -> list[User]:
    """Who decides: the losing manager, and the gaining one where that is somebody else.

    Each is the nearest active person above who is neither outgoing nor incoming nor wrote the brief. Nobody may be
    left: then the list is empty, and nothing is approved until another person of last resort is named.
    """
    barred = [person for person in (outgoing, incoming, writer) if person]
    losing = outgoing.manager_if_any(except_for=barred)
    gaining = incoming.manager_if_any(except_for=barred)
    return list(dict.fromkeys(manager for manager in (losing, gaining) if manager))


class HandoffQuerySet(models.QuerySet["Handoff"]):
    def open(self) -> HandoffQuerySet:
        return self.filter(moved_at=None, refused_at=None, cancelled_at=None)

    def visible_to(self, user: User) -> HandoffQuerySet:
        """Both people, their managers, who serves the account, whoever opened it, and operations.

        The incoming person sees it from the access date.
        """
        if user.is_operations:
            return self
        if user.is_customer:
            return self.none()
        people = user.team_ids()
        mine = (
            Q(outgoing__in=people)
            | Q(incoming=user, access_on__lte=today())
            | Q(incoming__in=[pk for pk in people if pk != user.pk])
            | Q(transition__opened_by=user)
        )
        serving = Coverage.objects.accountable().filter(account=OuterRef("account"), person__in=people)
        decided = user.approvals.filter(handoff=OuterRef("pk"))
        approving = self.model.objects.awaiting_decision_of(user).values("pk")
        return self.filter(mine | Exists(serving) | Exists(decided) | Q(pk__in=approving))

    def with_people(self) -> HandoffQuerySet:
        return self.select_related("account", "outgoing", "incoming", "transition", "transition__person")

    def awaiting_decision_of(self, user: User) -> HandoffQuerySet:
        """Written, not yet moved, and this person is one of the approvers (their decision may be given)."""
        waiting = self.open().filter(written_at__isnull=False).order_by()
        sides = waiting.values_list("outgoing", "incoming", "written_by")
        people = User.objects.linked()
        decided = [
            Q(outgoing=outgoing, incoming=incoming, written_by=writer)
            for outgoing, incoming, writer in sides.distinct()
            if user in approvers_of(people[outgoing], people[incoming], people.get(writer or 0))
        ]
        return waiting.filter(reduce(or_, decided)) if decided else self.none()

    def to_accept(self, user: User) -> HandoffQuerySet:
        """A read-back waits, and this person may accept it: the outgoing one, an approver, or whoever acts."""
        from .read_backs import ReadBack

        serving = Coverage.objects.current().filter(
            account=OuterRef("account"), role=OuterRef("role"), person=user
        )
        waiting = Exists(ReadBack.objects.filter(handoff=OuterRef("pk"), decided_at=None))
        approving = self.model.objects.awaiting_decision_of(user).values("pk")
        return (
            self.open()
            .filter(waiting, Q(outgoing=user) | Exists(serving) | Q(pk__in=approving), accepted_at=None)
            .exclude(incoming=user)
        )

    def listed(self) -> list[Handoff]:
        """These handoffs with everything that `state` and `waiting_for` read, in a fixed number of queries.

        1. The handoffs with account, people and transition. 2.-3. Their decisions and read-backs.
        4. All colleagues, to walk up the reporting lines. 5. ff. The briefs of those that were approved.
        """
        from .approvals import Approval

        decisions = Approval.objects.select_related("by").order_by("pk")
        handoffs = list(
            self.with_people().prefetch_related(models.Prefetch("approvals", decisions), "read_backs")
        )
        people = User.objects.linked() if handoffs else {}
        for handoff in handoffs:
            handoff.outgoing = people[handoff.outgoing_id]
            handoff.incoming = people[handoff.incoming_id]
            if handoff.written_by_id:
                handoff.written_by = people[handoff.written_by_id]
        approved = [h.account for h in handoffs if h.is_open and any(d.approved for d in h.decisions())]
        briefs = compose_all(approved) if approved else {}
        for handoff in handoffs:
            handoff.brief_read = briefs.get(handoff.account_id)
        return handoffs

    def to_write(self, user: User) -> HandoffQuerySet:
        return self.open().filter(outgoing=user, written_at=None)

    def to_read_back(self, user: User) -> HandoffQuerySet:
        return self.open().filter(incoming=user, access_on__lte=today())

    def give_access(self) -> int:
        """Put the incoming people whose access date has come on the team, to read. Returns how many."""
        due = list(
            self.open()
            .filter(access_on__lte=today(), access_at=None, incoming__is_active=True)
            .select_related("transition__opened_by")
            .select_for_update(of=("self",))
        )
        if not due:
            return 0
        now = database_now()
        taken = set(
            Coverage.objects.current()
            .filter(role=Coverage.Role.INCOMING, account__in=[h.account_id for h in due])
            .values_list("account_id", "person_id")
        )
        wanted = {(h.account_id, h.incoming_id): h for h in due if (h.account_id, h.incoming_id) not in taken}
        Coverage.objects.bulk_create(
            Coverage(
                account_id=account,
                person_id=person,
                role=Coverage.Role.INCOMING,
                started_at=now,
                started_by=h.transition.opened_by,
                started_because=h.transition.name,
            )
            for (account, person), h in wanted.items()
        )
        return Handoff.objects.filter(pk__in=[h.pk for h in due]).update(access_at=now)

    def to_announce(self) -> HandoffQuerySet:
        """Whose customer is to be told by now, and has not been."""
        return self.filter(
            announced_at=None,
            announce_on__lte=today(),
            refused_at=None,
            cancelled_at=None,
            taken_back_at=None,
            incoming__is_active=True,
            account__closed_at=None,
        )

    def with_back_up(self) -> HandoffQuerySet:
        """Those whose outgoing person still serves the account as back-up."""
        rows = Coverage.objects.current().filter(role=Coverage.Role.BACK_UP)
        return self.filter(
            Exists(rows.filter(account=OuterRef("account"), person=OuterRef("outgoing"))),
            moved_at__isnull=False,
            taken_back_at=None,
        )

    def call_off(self, *, by: User, because: str) -> int:
        """Cancel these handoffs; whoever was reading in loses access."""
        called_off = list(self.values_list("pk", flat=True))
        chosen = Handoff.objects.filter(pk__in=called_off)
        chosen.end_access(by=by, because=because)
        return chosen.update(cancelled_at=database_now(), cancelled_by=by, cancelled_because=because)

    def end_access(self, *, by: User, because: str) -> int:
        """Take reading access from the incoming people, except where another open handoff of theirs needs it."""
        reading = self.filter(account=OuterRef("account"), incoming=OuterRef("person"))
        others = (
            Handoff.objects.open()
            .filter(account=OuterRef("account"), incoming=OuterRef("person"), access_at__isnull=False)
            .exclude(pk__in=list(self.values_list("pk", flat=True)))
        )
        return (
            Coverage.objects.current()
            .filter(Exists(reading), ~Exists(others), role=Coverage.Role.INCOMING)
            .end(by=by, because=because)
        )

    def take_back(self, *, by: User, because: str) -> None:
        """Return moved accounts to whoever had them, and end the back-ups that came of the move."""
        moved = list(self)
        back_ups = Coverage.objects.current().filter(
            Exists(self.filter(account=OuterRef("account"), outgoing=OuterRef("person"))),
            role=Coverage.Role.BACK_UP,
        )
        back_ups.return_deals(by=by)
        back_ups.end(by=by, because=because)
        Coverage.objects.filter(made_by_handoff__in=moved).give_back(by=by, because=because)
        Handoff.objects.filter(pk__in=[h.pk for h in moved]).update(taken_back_at=database_now())


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Handoff(models.Model):
    """One account's one role from one person to another: written, approved, read back, accepted, announced."""

    FULL_ROLES: ClassVar[list[str]] = [Coverage.Role.OWNER, Coverage.Role.SUCCESS]

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
    reminded_on = models.DateField(null=True, blank=True)

    never_deleted = True
    objects = HandoffQuerySet.as_manager()
    brief_read: Brief | None = None  # set by `listed` only: a page's list composes its briefs together

    class Meta:
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

        evidence = Evidence.of(self)
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

    def obligations(self) -> list[Obligation]:
        """What the incoming person has to take on, one by one."""
        holders = self.serving().values("person")
        return list(
            Obligation.objects.open()
            .filter(account=self.account, role=self.role, holder__in=holders)
            .select_related("holder", "contact")
            .order_by("due", "pk")
        )

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

    # Verbs

    def _lock(self) -> None:
        """Lock the handoff and its account, always in this order."""
        self.brief_read = None
        self.refresh_from_db(from_queryset=Handoff.objects.select_for_update(of=("self",)))
        Account.objects.select_for_update().get(pk=self.account_id)
        self.account.refresh_from_db()
        self.brief_read = None

    @verb
    def write(self, *, by: User) -> None:
        """The five parts are complete: hand the brief to the approvers."""
        self._lock()
        if not self.may_write(by):
            raise PermissionDenied
        refuse_if(*self.writing_blockers())
        self.written_at, self.written_by = database_now(), by
        refuse_if(None if approvers_of(self.outgoing, self.incoming, by) else NOBODY_ABOVE)
        self.save(update_fields=["written_at", "written_by"])

    @verb
    def approve(self, *, by: User, fingerprint: str) -> Approval:
        """Agree to the brief with this fingerprint, which is frozen with the decision."""
        self._lock()
        if by not in self.approvers():
            raise PermissionDenied
        brief = self.brief()
        refuse_if(
            *self.approval_blockers(by),
            "The memory has changed since you opened this page. Read the brief again before you decide."
            if fingerprint != brief.fingerprint
            else None,
        )
        return self.approvals.create(
            by=by, fingerprint=brief.fingerprint, brief=brief.as_json(), approved=True, at=database_now()
        )

    @verb
    def return_to_writer(self, *, by: User, because: str) -> Approval:
        """Not good enough yet: say why, and it goes back to be written."""
        because = require_words(because, "Say what is missing.")
        self._lock()
        if by not in self.approvers():
            raise PermissionDenied
        refuse_if(
            *self._standing(),
            None if self.written_at else "The brief is not written yet.",
            "The read-back has been accepted." if self.accepted_at else None,
        )
        brief = self.brief()
        decision = self.approvals.create(
            by=by,
            fingerprint=brief.fingerprint,
            brief=brief.as_json(),
            approved=False,
            because=because,
            at=database_now(),
        )
        self.written_at = self.written_by = None
        self.save(update_fields=["written_at", "written_by"])
        return decision

    @verb
    def read_back(
        self,
        *,
        by: User,
        stands: str,
        first_call: str,
        promised: str,
        could_go_wrong: str,
        holders: Mapping[int, User],
    ) -> ReadBack:
        """The incoming person says it in their own words, and takes on each open obligation by name.

        `holders` gives the new holder of each obligation by its id: the incoming person or a colleague.
        """
        from .read_backs import Takeover

        self._lock()
        if by.pk != self.incoming_id:
            raise PermissionDenied
        owed = self.obligations()
        refuse_if(
            *self.reading_blockers(),
            "Say where they stand, in your own words." if not stands.strip() else None,
            "Say whom you call first, and why." if self.is_full and not first_call.strip() else None,
            "Say what we have promised, and by when." if self.is_full and not promised.strip() else None,
            "Say what could go wrong, and what you will do."
            if self.is_full and not could_go_wrong.strip()
            else None,
            *(f"Say who takes on “{o}”." for o in owed if o.pk not in holders),
        )
        brief = self.approved_brief or self.brief()
        said = "\n".join([stands, first_call, promised, could_go_wrong])
        row = self.read_backs.create(
            by=by,
            at=database_now(),
            stands=stands.strip(),
            first_call=first_call.strip(),
            promised=promised.strip(),
            could_go_wrong=could_go_wrong.strip(),
            mentioned=mentioned(brief.must_survive, said),
        )
        Takeover.objects.bulk_create(
            Takeover(read_back=row, obligation=obligation, holder=holders[obligation.pk])
            for obligation in owed
        )
        return row

    @verb
    def accept(self, *, by: User) -> None:
        """A second person accepts the read-back; from its date the account is the incoming person's.

        Coverage, obligations and deals move in this same transaction when the date has come.
        """
        self._lock()
        if not self.may_accept(by):
            raise PermissionDenied
        refuse_if(*self.blockers())
        read_back = self.read_back_waiting
        assert read_back
        now = database_now()
        read_back.decided_at, read_back.decided_by, read_back.accepted = now, by, True
        read_back.save(update_fields=["decided_at", "decided_by", "accepted"])
        self.accepted_at, self.accepted_by = now, by
        self.save(update_fields=["accepted_at", "accepted_by"])
        if self.accountable_on <= today():
            self._move(by=by, because=f"Read back by {self.incoming}, accepted by {by}")

    @verb
    def return_read_back(self, *, by: User, note: str) -> None:
        """Something that must survive was not understood: say what, and they read back again."""
        note = require_words(note, "Say what they missed.")
        self._lock()
        if not self.may_accept(by):
            raise PermissionDenied
        read_back = self.read_back_waiting
        refuse_if(*self._standing(), None if read_back else "There is no read-back to return.")
        assert read_back
        read_back.decided_at, read_back.decided_by = database_now(), by
        read_back.accepted, read_back.note = False, note
        read_back.save(update_fields=["decided_at", "decided_by", "accepted", "note"])

    @verb
    def becomes_accountable(self) -> None:
        """Its date has come and the read-back was accepted before: the account moves now."""
        self._lock()
        refuse_if(
            *self._standing(),
            None if self.accepted_at else "The read-back has not been accepted.",
            None if self.accountable_on <= today() else f"It moves on {self.accountable_on:%-d %B %Y}.",
        )
        by = self.accepted_by
        assert by
        self._move(by=by, because=f"Read back by {self.incoming}, accepted by {by}")

    @verb
    def override(self, *, by: User, because: str) -> None:
        """A manager moves the account without an accepted read-back. The reason stays on the record."""
        because = require_words(
            because, "Say why this cannot wait for the read-back. It stays on the record."
        )
        self._lock()
        if by not in self.approvers():
            raise PermissionDenied
        refuse_if(*self._standing())
        self.overridden_at, self.overridden_by, self.overridden_because = database_now(), by, because
        self.save(update_fields=["overridden_at", "overridden_by", "overridden_because"])
        self._move(by=by, because=f"Not read back: {by} decided so, because {because}")

    def _move(self, *, by: User, because: str) -> None:
        """Coverage, obligations and deals of the role pass to the incoming person at one instant."""
        outgoing = self.outgoing
        stays = outgoing.is_active and bool(self.back_up_until and self.back_up_until > today())
        held = list(self.holdouts.current().select_related("deal")) if outgoing.is_active else []
        if (stays or held) and self.serving().filter(person=outgoing).exists():
            self._stay_as_back_up([holdout.deal_id for holdout in held if holdout.deal_id], by=by)
        self.__class__.objects.filter(pk=self.pk).end_access(by=by, because=because)
        self.coverage = self._pass_on(by=by, because=because)
        self._give_to_colleagues(by=by)
        self.moved_at = database_now()
        self.save(update_fields=["moved_at", "coverage"])

    def _pass_on(self, *, by: User, because: str) -> Coverage:
        """End who serves in this role and begin with the incoming person; where they serve in it already, anew."""
        current = Coverage.objects.current().filter(account=self.account, role=self.role)
        going = list(self.serving().values_list("pk", flat=True))
        own = list(current.filter(person=self.incoming).values_list("pk", flat=True))
        other = current.exclude(pk__in=going).select_related("person").first()
        refuse_if(
            f"{self.account} is {other.person}'s by now, not {self.outgoing}'s."
            if other and self.role == Coverage.Role.OWNER
            else None
        )
        if not (going or own):  # the manager served in this role besides, and has kept what was held in it
            return Coverage.begin(self.account, self.role, self.incoming, by=by, because=because)
        (made,) = Coverage.objects.filter(pk__in=[*going, *own]).pass_to(
            self.incoming, by=by, because=because
        )
        return made

    def _stay_as_back_up(self, deal_ids: list[int], *, by: User) -> None:
        back_up = {"account": self.account, "role": Coverage.Role.BACK_UP, "person": self.outgoing}
        if not Coverage.objects.current().filter(**back_up).exists():
            Coverage.begin(
                self.account,
                Coverage.Role.BACK_UP,
                self.outgoing,
                by=by,
                because=f"Back-up for {self.incoming}",
            )
        Deal.objects.open().filter(pk__in=deal_ids, account=self.account).update(
            role=Coverage.Role.BACK_UP, holder=self.outgoing
        )

    def _give_to_colleagues(self, *, by: User) -> None:
        read_back = self.read_back_latest
        if read_back is None or not read_back.accepted:
            return
        for takeover in read_back.takeovers.exclude(holder=self.incoming).select_related(
            "obligation", "holder"
        ):
            moved = takeover.obligation.holder_id == self.incoming_id
            if moved and takeover.obligation.is_open and takeover.holder.is_active:
                takeover.obligation.hand_to(
                    takeover.holder, by=by, because=f"Taken on in the handoff to {self.incoming}"
                )

    @verb
    def refuse(self, *, by: User, because: str) -> None:
        """The incoming person cannot take it on, and says why. Their access ends; somebody else is chosen."""
        because = require_words(because, "Say why you cannot take this account on.")
        self._lock()
        if by.pk != self.incoming_id:
            raise PermissionDenied
        refuse_if(*self._standing(), "The read-back has already been accepted." if self.accepted_at else None)
        Handoff.objects.filter(pk=self.pk).end_access(by=by, because=because)
        self.refused_at, self.refused_because = database_now(), because
        self.save(update_fields=["refused_at", "refused_because"])

    @verb
    def replace(self, incoming: User, *, by: User, because: str) -> Handoff:
        """Somebody else takes over: a new handoff follows this one, with its own approval and read-back."""
        because = require_words(because, "Say why somebody else takes it over.")
        self._lock()
        if not self.may_steer(by):
            raise PermissionDenied
        refuse_if(
            f"This handoff is {self.state}." if self.moved_at or self.cancelled_at else None,
            f"“{self.transition}” is {self.transition.state}." if self.transition.is_over else None,
            "Another handoff already follows this one."
            if Handoff.objects.filter(follows=self).exists()
            else None,
            f"{incoming} cannot take it." if not incoming.is_active or incoming.is_customer else None,
            f"{incoming} is the one who cannot take it."
            if incoming.pk in {self.incoming_id, self.outgoing_id}
            else None,
            f"{self.account} is closed." if self.account.closed_at else None,
        )
        if not self.refused_at:
            Handoff.objects.filter(pk=self.pk).call_off(by=by, because=because)
        return Handoff.open_for(
            self.transition,
            self.account,
            self.role,
            self.outgoing,
            incoming,
            follows=self,
            accountable_on=self.accountable_on,
            announce_on=self.announce_on,
        )

    @verb
    def cancel(self, *, by: User, because: str) -> None:
        """Call it off: the account stays with whoever has it."""
        because = require_words(because, "Say why it is called off.")
        self._lock()
        if not self.may_steer(by):
            raise PermissionDenied
        refuse_if(
            f"This handoff is {self.state}." if not self.is_open else None,
            f"{self.outgoing} has gone; choose another successor instead."
            if not self.outgoing.is_active
            else None,
        )
        Handoff.objects.filter(pk=self.pk).call_off(by=by, because=because)
        self.refresh_from_db()

    @verb
    def reschedule(self, *, access_on: date, accountable_on: date, announce_on: date, by: User) -> None:
        """Set other dates for this one account."""
        self._lock()
        if not self.may_steer(by):
            raise PermissionDenied
        refuse_if(
            *self._standing(),
            "Access cannot come after the day they answer for it." if access_on > accountable_on else None,
            "The customer has already been told."
            if self.announced_at and announce_on != self.announce_on
            else None,
        )
        self.access_on, self.accountable_on, self.announce_on = access_on, accountable_on, announce_on
        self.save(update_fields=["access_on", "accountable_on", "announce_on"])
        Handoff.objects.filter(pk=self.pk).give_access()
        if self.accepted_at and accountable_on <= today():
            self._move(by=by, because=f"Read back by {self.incoming}, accepted by {self.accepted_by}")

    @verb
    def hold_out(self, until: date, *, by: User, because: str, deal: Deal | None = None) -> Holdout:
        """Keep the account, or one deal of it, with the outgoing person until a date; then it moves by itself."""
        because = require_words(because, "Say why it stays for now.")
        self._lock()
        if not self.may_steer(by):
            raise PermissionDenied
        refuse_if(
            *self._standing(),
            "A holdout ends on a day to come." if until <= today() else None,
            f"{self.outgoing} has left and can keep nothing." if not self.outgoing.is_active else None,
            "That deal is not open on this account."
            if deal and (deal.account_id != self.account_id or deal.closed_at)
            else None,
            f"{deal.holder} holds that deal, not {self.outgoing}."
            if deal and (deal.holder_id, deal.role) != (self.outgoing_id, self.role)
            else None,
        )
        if deal is None:
            self.accountable_on = max(self.accountable_on, until)
            self.save(update_fields=["accountable_on"])
        return self.holdouts.create(deal=deal, until=until, because=because, by=by, at=database_now())

    @verb
    def announce(self) -> None:
        """The announcement date has come: from now on the customer sees who hands over to whom, and why."""
        self._lock()
        refuse_if(
            "They were told already." if self.announced_at else None,
            f"This handoff is {self.state}."
            if self.refused_at or self.cancelled_at or self.taken_back_at
            else None,
            None if self.announce_on <= today() else f"They are told on {self.announce_on:%-d %B %Y}.",
            f"{self.incoming} has left." if not self.incoming.is_active else None,
        )
        self.announced_at = database_now()
        self.announced_by = self.outgoing if self.outgoing.is_active else self.outgoing.nearest_manager()
        self.save(update_fields=["announced_at", "announced_by"])
        for customer in User.objects.active().filter(contact__account=self.account):
            Letter.write(
                customer,
                signed_by=self.announced_by,
                account=self.account,
                subject=f"{self.incoming} will look after {self.account}",
                text=render_to_string("emails/announcement.txt", {"handoff": self, "customer": customer}),
            )

    @verb
    def confirm(self, *, contact: Contact) -> None:
        """The customer says that the change is known and that what we know of them is right."""
        self._lock()
        refuse_if(
            None if self.announced_at else "This change has not been announced.",
            "You have already confirmed it." if self.confirmed_at else None,
            "That contact belongs to another account." if contact.account_id != self.account_id else None,
        )
        self.confirmed_at, self.confirmed_by = database_now(), contact
        self.save(update_fields=["confirmed_at", "confirmed_by"])

    @verb
    def end_back_up(self) -> None:
        """The back-up period is over: what the outgoing person still held goes to the owner.

        Not while another handoff's period, or a deal held out until a later day, still needs them there.
        """
        given = Handoff.objects.filter(
            account=self.account, outgoing=self.outgoing, moved_at__isnull=False, taken_back_at=None
        )
        held_out = Holdout.objects.current().filter(handoff=OuterRef("pk"))
        if given.filter(Q(back_up_until__gt=today()) | Exists(held_out)).exists():
            return
        rows = Coverage.objects.current().filter(
            account=self.account, role=Coverage.Role.BACK_UP, person=self.outgoing
        )
        by = self.accepted_by or self.overridden_by or self.transition.opened_by
        rows.return_deals(by=by)
        rows.end(by=by, because="The back-up period is over")

    @classmethod
    def open_for(
        cls,
        transition: Transition,
        account: Account,
        role: str,
        outgoing: User,
        incoming: User,
        *,
        follows: Handoff | None = None,
        accountable_on: date | None = None,
        announce_on: date | None = None,
    ) -> Handoff:
        """Open one handoff with its checklist. `JobRun` opens many at once with the same two steps."""
        from .checklist import ChecklistItem

        handoff = cls.objects.create(
            transition=transition,
            account=account,
            role=role,
            outgoing=outgoing,
            incoming=incoming,
            follows=follows,
            access_on=transition.access_on,
            accountable_on=accountable_on or transition.accountable_on,
            announce_on=announce_on or transition.announced_on,
            back_up_until=transition.back_up_until,
            opened_at=database_now(),
        )
        ChecklistItem.objects.make_for(cls.objects.filter(pk=handoff.pk))
        cls.objects.filter(pk=handoff.pk).give_access()
        return handoff


class HoldoutQuerySet(models.QuerySet["Holdout"]):
    def current(self) -> HoldoutQuerySet:
        return self.filter(ended_at=None, deal__isnull=False, until__gt=today(), deal__closed_at=None)

    def expired(self) -> HoldoutQuerySet:
        return self.filter(ended_at=None, until__lte=today())


class Holdout(models.Model):
    """One account, or one of its deals, that stays with the outgoing person until a date."""

    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, related_name="holdouts")
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, null=True, blank=True, related_name="holdouts")
    until = models.DateField()
    because = models.CharField(max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    columns_that_change = ("ended_at",)
    objects = HoldoutQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.deal or self.handoff.account} until {self.until:%-d %B %Y}"

    @verb
    def end(self) -> None:
        """Its date has come: a deal goes to the account's owner; the back-up ends with its last deal."""
        self.refresh_from_db(from_queryset=Holdout.objects.select_for_update(of=("self",)))
        if self.ended_at:
            return
        self.ended_at = database_now()
        self.save(update_fields=["ended_at"])
        handoff = self.handoff
        if self.deal_id and handoff.moved_at:
            owner = handoff.account.owner
            Deal.objects.open().filter(pk=self.deal_id, role=Coverage.Role.BACK_UP).update(
                role=Coverage.Role.OWNER, holder=owner
            )
            handoff.end_back_up()
