from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from accounts.briefing import Brief, Matters, compose
from accounts.models import Account, Contact, Coverage, Deal, Obligation, User, today, verb
from accounts.models.base import database_now, refuse_if, require, require_words, save_columns
from accounts.models.fields import LineField
from accounts.models.users import NOBODY_ABOVE

from . import blockers, telling, transfer
from .approvals import Approval, BriefReview
from .checklist import ChecklistItem
from .evidence import Evidence
from .handoff_sets import HandoffQuerySet
from .memory_items import follow_memory
from .permissions import approvers_of, may_accept, may_approve, may_steer, may_write
from .read_backs import ReadBack, Takeover
from .shown_people import settle_held_letters
from .transfer import Holdout


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Handoff(models.Model):
    """One account's one role from one person to another: written, approved, read back, accepted, announced."""

    FULL_ROLES: ClassVar[list[str]] = [Coverage.Role.OWNER, Coverage.Role.SUCCESS]
    #: What changes hands besides the account itself, as a sentence says it.
    PARTS: ClassVar[dict[str, str]] = {
        Coverage.Role.SUCCESS: "the success of",
        Coverage.Role.SUPPORT: "the support of",
        Coverage.Role.ENGINEER: "the technical side of",
        Coverage.Role.SPONSOR: "the sponsorship of",
    }

    transition = models.ForeignKey("handoffs.Transition", on_delete=models.PROTECT, related_name="handoffs")
    move = models.OneToOneField(
        "handoffs.Move", on_delete=models.PROTECT, null=True, blank=True, related_name="handoff"
    )
    follows = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="handoffs")
    role = LineField(max_length=8, choices=Coverage.Role.choices)
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
    overridden_because = LineField(max_length=500, blank=True)
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
    refused_because = LineField(max_length=500, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_because = LineField(max_length=500, blank=True)

    never_deleted = True
    objects = HandoffQuerySet.as_manager()

    class Meta:
        ordering = ["account__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role"],
                condition=Q(moved_at=None, refused_at=None, cancelled_at=None),
                name="handoff_one_open",
                violation_error_message="There is already an open handoff for this account and role.",
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

    @property
    def is_open(self) -> bool:
        return not (self.moved_at or self.refused_at or self.cancelled_at)

    @property
    def wants_another(self) -> bool:
        """Whether somebody else has to be chosen to take over: they have left, or leave before it ends."""
        return bool(self.incoming.cannot_take_over(self.transition.return_on))

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
        return self.review().state

    def brief(self) -> Brief:
        return compose(self.account)

    def review(self, matters: Matters | None = None) -> BriefReview:
        """How far its approval is. A page gives what `matters` as the memory stands where it has read it already."""
        return BriefReview(self, matters)

    @property
    def read_back_latest(self) -> ReadBack | None:
        return next(iter(self.read_backs.all()), None)

    @property
    def read_back_waiting(self) -> ReadBack | None:
        latest = self.read_back_latest
        return latest if latest and latest.decided_at is None else None

    @property
    def follower(self) -> Handoff | None:
        """The handoff that follows this one, since somebody else was chosen."""
        return Handoff.objects.filter(follows=self).select_related("incoming").first()

    def open_items(self, evidence: Evidence | None = None) -> list[ChecklistItem]:
        """Required checklist items that neither the memory nor a person has ticked."""
        evidence = evidence or Evidence.of(self)
        return [item for item in self.items.all() if item.required and not item.is_done(evidence)]

    def obligations(self) -> list[Obligation]:
        """What the incoming person has to take on, one by one. After a sale what was promised comes first."""
        held = Q(role=self.role, holder__in=transfer.serving(self).values("person"))
        sold = Q(pk__in=transfer.owed_by_sale(self))
        owed = self.account.obligations.open().filter(held | sold)
        found = list(owed.select_related("holder", "contact").order_by("due", "pk"))
        if self.transition.deal_id:
            found.sort(key=lambda obligation: obligation.kind != Obligation.Kind.PROMISE)
        return found

    def approvers(self) -> list[User]:
        return approvers_of(self.outgoing, self.incoming, self.written_by)

    def lock(self) -> None:
        """Lock the handoff and its account, always in this order."""
        self.refresh_from_db(from_queryset=Handoff.objects.select_for_update(of=("self",)))
        self.account = Account.objects.select_for_update(of=("self",)).get(pk=self.account_id)

    def lock_to_fill(self, by: User) -> None:
        """Part of an act that fills what is missing: `by` may write, and this is still under way."""
        self.lock()
        require(may_write(self, by))
        refuse_if(*blockers.over(self))
        follow_memory(Handoff.objects.filter(pk=self.pk))

    # The straight road

    @verb
    def write(self, *, by: User) -> None:
        """The five parts are complete: hand the brief to the approvers."""
        self.lock_to_fill(by)
        refuse_if(*blockers.writing(self))
        refuse_if(None if approvers_of(self.outgoing, self.incoming, by) else NOBODY_ABOVE)
        save_columns(self, written_at=database_now(), written_by=by)

    @verb
    def approve(self, *, by: User, fingerprint: str) -> Approval:
        """Agree to the brief with this fingerprint, which is frozen with the decision."""
        self.lock()
        require(may_approve(self, by))
        brief = self.brief()
        review = self.review(brief.matters)
        refuse_if(
            *blockers.approving(self, by, review),
            "The memory has changed since you opened this page. Read the brief again before you decide."
            if fingerprint != brief.fingerprint
            else None,
        )
        return self._decide(brief, by=by, approved=True)

    @verb
    def return_to_writer(self, *, by: User, because: str) -> Approval:
        """Not good enough yet: say why, and it goes back to be written."""
        because = require_words(because, "Say what is missing.")
        self.lock()
        require(may_approve(self, by))
        refuse_if(*blockers.returning(self))
        decision = self._decide(self.brief(), by=by, approved=False, because=because)
        save_columns(self, written_at=None, written_by=None)
        return decision

    def _decide(self, brief: Brief, **decision: object) -> Approval:
        frozen = {"fingerprint": brief.fingerprint, "brief": brief.as_json()}
        return self.approvals.create(at=database_now(), **frozen, **decision)

    @verb
    def read_back(self, /, *, by: User, holders: Mapping[int, User], **answers: str) -> ReadBack:
        """The incoming person says it in their own words, and takes on each open obligation by name.

        `answers` go by the names of `ReadBack.QUESTIONS`; `holders` gives the new holder of each obligation by its id:
        the incoming person or a colleague.
        """
        self.lock()
        require(by.pk == self.incoming_id)
        owed, words = self.obligations(), {name: text.strip() for name, text in answers.items()}
        refuse_if(*blockers.reading_back(self), *blockers.unanswered(self, words, owed, holders))
        row = self.read_backs.create(by=by, at=database_now(), **words)
        Takeover.objects.bulk_create(
            Takeover(read_back=row, obligation=obligation, holder=holders[obligation.pk])
            for obligation in owed
        )
        return row

    @verb
    def accept(self, *, by: User) -> None:
        """A second person accepts the read-back; when its date has come all moves in this same transaction."""
        self.lock()
        refuse_if(*blockers.over(self))  # whoever comes second may see it no more, and is told
        require(may_accept(self, by))
        refuse_if(*blockers.accepting(self))
        read_back = self.read_back_waiting
        assert read_back
        read_back.decide(by=by, accepted=True)
        save_columns(self, accepted_at=read_back.decided_at, accepted_by=by)
        if self.accountable_on <= today():
            self._transfer_as_accepted(by=by)

    @verb
    def return_read_back(self, *, by: User, note: str) -> None:
        """Something that must survive was not understood: say what, and they read back again."""
        note = require_words(note, "Say what they missed.")
        self.lock()
        require(may_accept(self, by))
        read_back = self.read_back_waiting
        refuse_if(*blockers.every_step(self), None if read_back else "There is no read-back to return.")
        assert read_back
        read_back.decide(by=by, accepted=False, note=note)

    @verb
    def becomes_accountable(self) -> None:
        """Its date has come and the read-back was accepted before: the account moves now."""
        self.lock()
        refuse_if(*blockers.becoming_accountable(self))
        assert self.accepted_by
        self._transfer_as_accepted(by=self.accepted_by)

    def _transfer_as_accepted(self, *, by: User) -> None:
        because = f"Read back by {self.incoming}, accepted by {self.accepted_by}"
        transfer.transfer(self, by=by, because=because)

    @verb
    def override(self, *, by: User, because: str) -> None:
        """A manager moves the account without an accepted read-back. The reason stays on the record."""
        because = require_words(
            because, "Say why this cannot wait for the read-back. It stays on the record."
        )
        self.lock()
        require(may_approve(self, by))
        refuse_if(*blockers.every_step(self))
        save_columns(self, overridden_at=database_now(), overridden_by=by, overridden_because=because)
        transfer.transfer(self, by=by, because=f"Not read back: {by} decided so, because {because}")

    # Another course

    @verb
    def refuse(self, *, by: User, because: str) -> None:
        """The incoming person cannot take it on, and says why. Their access ends; somebody else is chosen."""
        because = require_words(because, "Say why you cannot take this account on.")
        self.lock()
        require(by.pk == self.incoming_id)
        refuse_if(*blockers.every_step(self), blockers.ACCEPTED if self.accepted_at else None)
        Handoff.objects.filter(pk=self.pk).end_access(by=by, because=because)
        telling.withdraw([self.pk], because=f"{self.incoming} does not take it over.")
        save_columns(self, refused_at=database_now(), refused_because=because)
        settle_held_letters(self.account)

    @verb
    def replace(self, incoming: User, *, by: User, because: str) -> Handoff:
        """Somebody else takes over: a new handoff follows this one, with its own approval and read-back."""
        because = require_words(because, "Say why somebody else takes it over.")
        self.lock()
        require(may_steer(self, by))
        refuse_if(*blockers.replacing(self, incoming))
        if not self.refused_at:
            Handoff.objects.filter(pk=self.pk).call_off(by=by, because=because)
        following = Handoff(
            transition=self.transition,
            account=self.account,
            role=self.role,
            outgoing=self.outgoing,
            incoming=incoming,
            follows=self,
            access_on=self.transition.access_on,
            accountable_on=self.accountable_on,
            announce_on=self.announce_on,
            back_up_until=self.transition.back_up_until,
        )
        return Handoff.objects.open_all([following])[0]

    @verb
    def cancel(self, *, by: User, because: str) -> None:
        """Call it off: the account stays with whoever has it."""
        because = require_words(because, "Say why it is called off.")
        self.lock()
        require(may_steer(self, by))
        refuse_if(*blockers.cancelling(self))
        Handoff.objects.filter(pk=self.pk).call_off(by=by, because=because)
        self.refresh_from_db()

    @verb
    def reschedule(self, *, access_on: date, accountable_on: date, announce_on: date, by: User) -> None:
        """Set other dates for this one account."""
        self.lock()
        require(may_steer(self, by))
        refuse_if(*blockers.rescheduling(self, access_on, accountable_on, announce_on))
        save_columns(self, access_on=access_on, accountable_on=accountable_on, announce_on=announce_on)
        Handoff.objects.filter(pk=self.pk).renew_access(by=by)
        if self.accepted_at and accountable_on <= today():
            self._transfer_as_accepted(by=by)

    @verb
    def hold_out(self, until: date, *, by: User, because: str, deal: Deal | None = None) -> Holdout:
        """Keep the account, or one deal of it, with the outgoing person until a date; then it moves by itself."""
        because = require_words(because, "Say why it stays for now.")
        self.lock()
        require(may_steer(self, by))
        refuse_if(*blockers.holding_out(self, until, deal))
        if deal is None:
            save_columns(self, accountable_on=max(self.accountable_on, until))
        return self.holdouts.create(deal=deal, until=until, because=because, by=by, at=database_now())

    # The customer, and afterwards

    @verb
    def announce(self) -> None:
        """The announcement date has come: write to those who are told by letter. With the first of them who really
        was told, by a letter that was sent or a call, it is announced (`Notification`)."""
        self.lock()
        refuse_if(*blockers.announcing(self))
        telling.write_letters(self)

    @verb
    def confirm(self, *, contact: Contact) -> None:
        """The customer says that the change is known and that what we know of them is right."""
        self.lock()
        refuse_if(*blockers.confirming(self, contact))
        save_columns(self, confirmed_at=database_now(), confirmed_by=contact)

    @verb
    def end_back_up(self) -> None:
        """The back-up period is over."""
        transfer.end_back_up(self)
