from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

import pghistory
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from accounts.models import Account, Coverage, Deal, User, today, verb
from accounts.models.base import database_now, refuse_if, require_words
from accounts.models.users import NOBODY_ABOVE

if TYPE_CHECKING:
    from .jobs import JobRun


from .moves import Move
from .transition_standing import TransitionStanding


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Transition(TransitionStanding):
    """Why accounts are moving. Its state is read from its milestones."""

    # Verbs

    @classmethod
    @verb
    def open_departure(
        cls,
        person: User,
        *,
        by: User,
        because: str,
        access_on: date,
        accountable_on: date,
        announced_on: date,
        last_day: date | None = None,
        sudden: bool = False,
        back_up_until: date | None = None,
    ) -> Transition:
        """Somebody leaves. Sudden: they have gone, so their access ends and the manager acts in this same act."""
        transition = cls._open_for(
            person,
            cls.Kind.DEPARTURE,
            f"{person} leaves",
            by=by,
            because=because,
            access_on=access_on,
            accountable_on=accountable_on,
            announced_on=announced_on,
            sudden=sudden,
            last_day=today() if sudden else last_day,
            back_up_until=None if sudden else back_up_until,
        )
        if sudden:
            person.deactivate(by=by, because=because)
            transition.ended_at = database_now()
            transition.save(update_fields=["ended_at"])
        return transition

    @classmethod
    @verb
    def open_leave(
        cls,
        person: User,
        *,
        by: User,
        because: str,
        access_on: date,
        starts_on: date,
        announced_on: date,
        return_on: date,
    ) -> Transition:
        """Somebody is away for a while: stand-ins serve, and hand back by themselves on the return date."""
        refuse_if("The return date comes after the first day of leave." if return_on <= starts_on else None)
        return cls._open_for(
            person,
            cls.Kind.LEAVE,
            f"{person} is on leave",
            by=by,
            because=because,
            access_on=access_on,
            accountable_on=starts_on,
            announced_on=announced_on,
            return_on=return_on,
        )

    @classmethod
    @verb
    def open_handover(
        cls,
        coverage: Coverage,
        incoming: User,
        *,
        by: User,
        because: str,
        access_on: date,
        accountable_on: date,
        announced_on: date,
    ) -> Transition:
        """What one person serves an account in passes to somebody else: a transition of one."""
        because = require_words(because, "Say why, as the customer may read it.")
        coverage.refresh_from_db()
        account, outgoing = coverage.account, coverage.person
        refuse_if(
            f"{outgoing} no longer serves {account} in that role." if coverage.ended_at else None,
            f"{incoming} is a customer." if incoming.is_customer else None,
            f"{incoming} has it already." if outgoing == incoming else None,
        )
        if not (by.may_manage(outgoing) or by == outgoing):
            raise PermissionDenied
        transition = cls.objects.create(
            kind=cls.Kind.HANDOVER,
            name=f"{account}: {outgoing} to {incoming}",
            because=because,
            opened_by=by,
            access_on=access_on,
            accountable_on=accountable_on,
            announced_on=announced_on,
        )
        refuse_if(*transition.wrong_dates())
        transition.moves.create(account=account, role=coverage.role, outgoing=outgoing, incoming=incoming)
        return transition

    @classmethod
    @verb
    def open_sale_to_success(
        cls,
        deal: Deal,
        success: User,
        *,
        by: User,
        because: str,
        access_on: date,
        accountable_on: date,
        announced_on: date,
    ) -> Transition:
        """What was sold passes into the care of a colleague, who takes on each promise made at the sale.

        Whoever sold it hands over; the account's owner stays its owner.
        """
        deal.refresh_from_db(from_queryset=Deal.objects.select_for_update(of=("self",)))
        deal.account.refresh_from_db()
        because = require_words(because, "Say why, as the customer may read it.")
        seller = deal.seller
        if seller and not deal.may_be_handed_on_by(by):
            raise PermissionDenied
        move = Move(account=deal.account, role=Coverage.Role.SUCCESS, outgoing=seller, incoming=success)
        refuse_if(*cls.blockers_of_sale(deal), move.why_not(success) if seller else None)
        transition = cls.objects.create(
            kind=cls.Kind.SALE_TO_SUCCESS,
            name=f"{deal.account}: sale to success"[:200],
            deal=deal,
            because=because,
            opened_by=by,
            access_on=access_on,
            accountable_on=accountable_on,
            announced_on=announced_on,
        )
        refuse_if(*transition.wrong_dates())
        move.transition = transition
        move.save()
        return transition

    @classmethod
    @verb
    def open_reorg(
        cls,
        name: str,
        lines: Iterable[tuple[Account, User, str]],
        *,
        by: User,
        because: str,
        access_on: date,
        accountable_on: date,
        announced_on: date,
    ) -> Transition:
        """Accounts move to new owners by a list of (account, new owner, reason). Nothing changes until it runs."""
        if not by.is_operations and not by.is_manager:
            raise PermissionDenied
        transition = cls.objects.create(
            kind=cls.Kind.REORG,
            name=require_words(name, "Give the reorganisation a name."),
            opened_by=by,
            because=require_words(because, "Say why, as the customers may read it."),
            access_on=access_on,
            accountable_on=accountable_on,
            announced_on=announced_on,
        )
        refuse_if(*transition.wrong_dates())
        wanted = {account.pk: (account, owner, reason) for account, owner, reason in lines}
        refuse_if(*(f"{owner} is a customer." for _, owner, _ in wanted.values() if owner.is_customer))
        owners = dict(
            Coverage.objects.owners().filter(account__in=wanted).values_list("account_id", "person_id")
        )
        Move.objects.bulk_create(
            Move(
                transition=transition,
                account=account,
                role=Coverage.Role.OWNER,
                outgoing_id=owners[pk],
                incoming=owner,
                because=reason,
            )
            for pk, (account, owner, reason) in wanted.items()
            if pk in owners and owners[pk] != owner.pk
        )
        refuse_if(None if transition.moves.exists() else "Every account on the list already has that owner.")
        return transition

    @classmethod
    def _open_for(
        cls, person: User, kind: str, name: str, *, by: User, because: str, **fields: object
    ) -> Transition:
        person.refresh_from_db(from_queryset=User.objects.select_for_update())
        because = require_words(because, "Say why, as the customers may read it.")
        if not by.may_manage(person):
            raise PermissionDenied
        other = cls.objects.under_way().filter(person=person).first()
        refuse_if(
            f"{person}'s access has already ended." if not person.is_active else None,
            f"There is one under way already: {other}." if other else None,
        )
        transition = cls.objects.create(
            kind=kind, name=name, person=person, because=because, opened_by=by, **fields
        )
        refuse_if(*transition.wrong_dates())
        served = Coverage.objects.accountable().filter(person=person, role__in=Coverage.HOLDING_ROLES)
        Move.objects.bulk_create(
            Move(transition=transition, account_id=account, role=role, outgoing=person)
            for account, role in served.values_list("account_id", "role")
        )
        return transition

    @verb
    def set_dates(
        self,
        *,
        by: User,
        access_on: date,
        accountable_on: date,
        announced_on: date,
        last_day: date | None = None,
        return_on: date | None = None,
        back_up_until: date | None = None,
    ) -> None:
        """Plan other dates, as long as it has not begun. An approval of the former dates goes stale."""
        self._lock_for_planning(by)
        self.access_on, self.accountable_on, self.announced_on = access_on, accountable_on, announced_on
        self.last_day, self.return_on = last_day or self.last_day, return_on or self.return_on
        self.back_up_until = back_up_until
        refuse_if(*self.wrong_dates())
        self.save(
            update_fields=[
                "access_on",
                "accountable_on",
                "announced_on",
                "last_day",
                "return_on",
                "back_up_until",
            ]
        )

    def wrong_dates(self) -> list[str]:
        """Which dates of the plan cannot all be meant."""
        stays = self.back_up_until
        sentences = [
            "The next owner must be able to read (access) before they answer for it (accountable)."
            if self.access_on > self.accountable_on
            else "",
            "The return date comes after the first day of leave."
            if self.return_on and self.return_on <= self.accountable_on
            else "",
            f"{self.person} cannot stay as back-up after the last day."
            if stays and self.last_day and stays > self.last_day
            else "",
        ]
        return [sentence for sentence in sentences if sentence]

    @verb
    def choose(self, successors: Mapping[int, tuple[User | None, User | None]], *, by: User) -> int:
        """Choose successors for many accounts at once: all of them or none.

        `successors` gives, by the id of the move, whom the person saw there and whom they want. Where somebody
        else chose in the meantime it is refused, naming both. Returns how many changed.
        """
        self._lock_for_planning(by)
        moves = list(self.moves.filter(pk__in=successors).select_related("account", "incoming", "outgoing"))
        changing = [move for move in moves if move.incoming != successors[move.pk][1]]
        refuse_if(
            *(
                f"{move.account} goes to {move.incoming or 'nobody yet'} in the meantime; "
                f"you chose {successors[move.pk][1] or 'nobody'}."
                for move in changing
                if move.incoming != successors[move.pk][0]
            ),
            *(sentence for move in changing if (sentence := move.why_not(successors[move.pk][1]))),
        )
        for move in changing:
            move.incoming, move.because = successors[move.pk][1], ""
        Move.objects.bulk_update(changing, ["incoming", "because"], batch_size=500)
        return len(changing)

    @verb
    def suggest(self, *, by: User) -> int:
        """Give every account without a successor the best suggestion. Returns how many."""
        from handoffs.planning import fill_in

        self._lock_for_planning(by)
        return fill_in(self)

    def _lock_for_planning(self, by: User) -> None:
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if not self.may_run(by):
            raise PermissionDenied
        refuse_if(None if self.can_change else f"{self} is already {self.state}.")

    @verb
    def submit(self, *, by: User) -> None:
        """Freeze the plan and ask every manager concerned. A later change makes their approval stale."""
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if not self.may_run(by):
            raise PermissionDenied
        refuse_if(
            None if self.can_change else f"It is already {self.state}.",
            None if self.moves.exists() else "There is no account to move.",
            "Some accounts have no new owner yet." if self.moves.filter(incoming=None).exists() else None,
        )
        self.submitted_at, self.submitted_by = database_now(), by
        self.save(update_fields=["submitted_at", "submitted_by"])

    @verb
    def approve(self, *, by: User, fingerprint: str) -> None:
        """A manager concerned agrees to the plan with this fingerprint."""
        self._lock_for_decision(by)
        refuse_if(
            "The plan has changed since you opened it. Read it again before you decide."
            if fingerprint != self.fingerprint
            else None
        )
        self.approvals.create(by=by, at=database_now(), fingerprint=fingerprint, approved=True)

    @verb
    def return_to_planner(self, *, by: User, because: str) -> None:
        """A manager concerned sends the plan back with a reason."""
        because = require_words(because, "Say what should change.")
        self._lock_for_decision(by)
        self.approvals.create(
            by=by, at=database_now(), fingerprint=self.fingerprint, approved=False, because=because
        )
        self.submitted_at = self.submitted_by = None
        self.save(update_fields=["submitted_at", "submitted_by"])

    def _lock_for_decision(self, by: User) -> None:
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if by not in self.managers_concerned():
            raise PermissionDenied
        refuse_if(
            None if self.submitted_at else "It is not waiting for approval.",
            None if self.can_change else f"It is already {self.state}.",
            "You have already approved this plan." if by not in self.waiting_for() else None,
        )

    @verb
    def start(self, *, by: User) -> JobRun:
        """Begin: every move gets its handoff, opened in chunks by the worker. Returns the job to watch."""
        from .jobs import JobRun

        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if not self.may_run(by):
            raise PermissionDenied
        refuse_if(*self.blockers())
        refuse_if(None if all(self._approvers_of_each_pair()) else NOBODY_ABOVE)
        self.started_at, self.started_by = database_now(), by
        self.save(update_fields=["started_at", "started_by"])
        return JobRun.queue(self)

    @verb
    def cancel(self, *, by: User, because: str) -> None:
        """Stop it: open handoffs are cancelled; what has already moved stays where it is."""
        from .handoff import Handoff

        because = require_words(because, "Say why it is cancelled.")
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if not self.may_run(by):
            raise PermissionDenied
        refuse_if(
            f"It is already {self.state}." if self.cancelled_at or self.undone_at else None,
            f"{self.person} has gone; these accounts need somebody. Choose other successors instead."
            if self.person and not self.person.is_active
            else None,
        )
        self.cancelled_at, self.cancelled_by, self.cancelled_because = database_now(), by, because
        self.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_because"])
        Handoff.objects.open().filter(transition=self).call_off(by=by, because=because)

    @verb
    def undo(self, *, by: User) -> None:
        """Take the whole of it back: every account to whoever had it, every open handoff called off.

        Works until the first customer was told; PostgreSQL holds that law (`undone_before_anyone_was_told`).
        """
        from .handoff import Handoff

        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if not self.may_run(by):
            raise PermissionDenied
        handoffs = Handoff.objects.filter(transition=self)
        list(handoffs.select_for_update().order_by("pk").values_list("pk"))
        refuse_if(*self.undo_blockers())
        because = f"{self.name} was taken back"
        handoffs.open().call_off(by=by, because=because)
        handoffs.filter(moved_at__isnull=False, taken_back_at=None).take_back(by=by, because=because)
        if self.kind == self.Kind.LEAVE:
            self._give_back(because, by=by)
        self.moves.filter(handoff=None).update(refused_because=because)
        self.undone_at, self.undone_by = database_now(), by
        self.save(update_fields=["undone_at", "undone_by"])

    @verb
    def person_leaves(self) -> None:
        """The day after the leaver's last: access ends, and the manager acts where nobody has read back.

        Whether anybody started the handovers in time or not: they can still be started afterwards.
        """
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        refuse_if(
            None
            if self.kind == self.Kind.DEPARTURE
            and not self.ended_at
            and not self.cancelled_at
            and not self.undone_at
            and self.last_day
            and self.last_day < today()
            else "It is not time yet."
        )
        assert self.person
        if self.person.is_active:
            self.person.end_service(by=self.opened_by, because=self.because)
        self.ended_at = database_now()
        self.save(update_fields=["ended_at"])

    @verb
    def leave_begins(self) -> None:
        """First day of leave: where no stand-in has read back, the manager acts."""
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if not (
            self.kind == self.Kind.LEAVE
            and self.person
            and self.started_at
            and self.accountable_on <= today()
            and not self.is_over
        ):
            return
        uncovered = Coverage.objects.accountable().filter(
            person=self.person, account__in=self.moves.values("account"), role__in=Coverage.HOLDING_ROLES
        )
        if uncovered.exists():
            uncovered.pass_to(
                self.person.nearest_manager(),
                by=self.opened_by,
                because=f"{self.person} is on leave",
                acting=True,
            )

    @verb
    def person_returns(self) -> None:
        """The return date: everything that moved for the leave goes back by itself."""
        from .handoff import Handoff

        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        refuse_if(
            None
            if self.kind == self.Kind.LEAVE
            and self.started_at
            and not self.ended_at
            and not self.cancelled_at
            and not self.undone_at
            and self.return_on
            and self.return_on <= today()
            else "It is not time yet."
        )
        assert self.person
        because = f"{self.person} is back"
        Handoff.objects.open().filter(transition=self).call_off(by=self.opened_by, because=because)
        if self.person.is_active:
            self._give_back(because, by=self.opened_by)
        self.ended_at = database_now()
        self.save(update_fields=["ended_at"])

    def _give_back(self, because: str, *, by: User) -> None:
        """What a stand-in serves, or whoever acts since, is the returning person's again, as it was before."""
        assert self.person
        before = Coverage.objects.filter(
            person=self.person, account__in=self.moves.values("account"), role__in=Coverage.HOLDING_ROLES
        )
        unread = {(row.account_id, row.role): row.acting for row in before.order_by("started_at")}
        came_of_it = Coverage.objects.filter(Q(made_by_handoff__transition=self) | Q(pk__in=before))
        rows = list(came_of_it.standing_in().exclude(person=self.person))
        for acting in (False, True):
            back = [row.pk for row in rows if unread.get((row.account_id, row.role), False) == acting]
            Coverage.objects.filter(pk__in=back).pass_to(self.person, by=by, because=because, acting=acting)
        self.handoffs.filter(moved_at__isnull=False, taken_back_at=None).update(taken_back_at=database_now())
