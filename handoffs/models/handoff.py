from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import pghistory
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string

from accounts.models import Account, Contact, Coverage, Deal, Letter, User, today, verb
from accounts.models.base import database_now, refuse_if, require_words
from accounts.models.users import NOBODY_ABOVE
from handoffs.briefing import mentioned

from .handoff_sets import approvers_of
from .handoff_standing import HandoffStanding
from .transitions import Transition

if TYPE_CHECKING:
    from .approvals import Approval
    from .holdouts import Holdout
    from .read_backs import ReadBack


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Handoff(HandoffStanding):
    """One account's one role from one person to another: written, approved, read back, accepted, announced."""

    # Verbs

    def _lock(self) -> None:
        """Lock the handoff and its account, always in this order."""
        self.brief_read = self.evidence_read = None
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
        self.owed_by_sale().pass_to(self.incoming, self.role)
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
        if not (
            going or own
        ):  # nobody before a sale; or the manager did besides, and has kept what was held in it
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
                subject=f"{self.incoming} will look after {self.what}",
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
        from .holdouts import Holdout

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
