"""Which transitions there are for whom, and how each kind of them is opened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Account, Coverage, Deal, User, today, verb
from accounts.models.base import refuse_if, require, require_words

from . import permissions
from .blockers import sale_blockers, wrong_dates
from .moves import Move

if TYPE_CHECKING:
    from .transitions import Transition


class PlanDates(TypedDict):
    """The three dates that every plan has."""

    access_on: date
    accountable_on: date
    announced_on: date


class TransitionQuerySet(models.QuerySet["Transition"]):
    def visible_to(self, user: User) -> TransitionQuerySet:
        """Those one opened, is the subject of, or whose moves touch one's people. Not all moves: see theirs."""
        if user.is_operations:
            return self
        if user.is_customer:
            return self.none()
        people = user.team_ids() if user.is_manager else [user.pk]
        touched = Move.objects.filter(permissions.touches(user, today()), transition=OuterRef("pk"))
        return self.filter(Q(opened_by=user) | Q(person__in=people) | Exists(touched))

    def under_way(self) -> TransitionQuerySet:
        return self.filter(undone_at=None, cancelled_at=None, ended_at=None)

    def waiting_for_approval(self) -> TransitionQuerySet:
        return self.filter(submitted_at__isnull=False, started_at=None, undone_at=None, cancelled_at=None)

    # Opening

    def open_departure(
        self,
        person: User,
        /,
        *,
        by: User,
        because: str,
        last_day: date | None = None,
        sudden: bool = False,
        back_up_until: date | None = None,
        **dates: Unpack[PlanDates],
    ) -> Transition:
        """Somebody leaves. Sudden: they have gone, so the plan ends their access, and then the manager acts."""
        plan = {"sudden": sudden, **dates}
        plan |= {"last_day": today()} if sudden else {"last_day": last_day, "back_up_until": back_up_until}
        transition = self._plan_departure(person, by=by, because=because, **plan)
        if sudden:
            person.pass_on_book()
        return transition

    @verb
    def _plan_departure(self, person: User, /, *, by: User, because: str, **plan: object) -> Transition:
        kind, name = self.model.Kind.DEPARTURE, f"{person} leaves"
        transition = self._open_for(person, kind, name, by=by, because=because, **plan)
        if transition.sudden:
            transition.leaver_goes()
        return transition

    @verb
    def open_leave(
        self, person: User, *, by: User, because: str, starts_on: date, return_on: date, access_on: date,
        announced_on: date,
    ) -> Transition:  # fmt: skip
        """Somebody is away for a while: stand-ins serve, and hand back by themselves on the return date."""
        refuse_if("The return date comes after the first day of leave." if return_on <= starts_on else None)
        dates = {"access_on": access_on, "accountable_on": starts_on, "announced_on": announced_on}
        kind, name = self.model.Kind.LEAVE, f"{person} is on leave"
        return self._open_for(person, kind, name, by=by, because=because, return_on=return_on, **dates)

    @verb
    def open_handover(
        self, coverage: Coverage, incoming: User, /, *, by: User, because: str, **dates: Unpack[PlanDates]
    ) -> Transition:
        """What one person serves an account in passes to somebody else: a transition of one."""
        coverage.refresh_from_db()
        account, outgoing = coverage.account, coverage.person
        refuse_if(
            f"{outgoing} no longer serves {account} in that role." if coverage.ended_at else None,
            f"{incoming} has it already." if outgoing == incoming else None,
            Move(account=account, outgoing=outgoing, transition=self.model()).why_not(incoming),
        )
        require(by.may_manage(outgoing) or by == outgoing)
        name = f"{account}: {outgoing} to {incoming}"
        transition = self._open(self.model.Kind.HANDOVER, name, by=by, because=because, **dates)
        transition.moves.create(account=account, role=coverage.role, outgoing=outgoing, incoming=incoming)
        return transition

    @verb
    def open_sale_to_success(
        self, deal: Deal, success: User, /, *, by: User, because: str, **dates: Unpack[PlanDates]
    ) -> Transition:
        """What was sold passes into the care of a colleague, who takes on each promise made at the sale.

        Whoever sold it hands over; the account's owner stays its owner.
        """
        deal.refresh_from_db(from_queryset=Deal.objects.select_for_update(of=("self",)))
        deal.account.refresh_from_db()
        seller = deal.seller
        require(seller is None or deal.may_be_handed_on_by(by))
        move = Move(
            transition=self.model(),
            account=deal.account,
            role=Coverage.Role.SUCCESS,
            outgoing=seller,
            incoming=success,
        )
        refuse_if(*sale_blockers(deal), move.why_not(success) if seller else None)
        kind, name = self.model.Kind.SALE_TO_SUCCESS, f"{deal.account}: sale to success"[:200]
        move.transition = self._open(kind, name, by=by, because=because, deal=deal, **dates)
        move.save()
        return move.transition

    @verb
    def open_reorg(
        self,
        name: str,
        lines: Iterable[tuple[Account, User, str]],
        /,
        *,
        by: User,
        because: str,
        **dates: Unpack[PlanDates],
    ) -> Transition:
        """Accounts move to new owners by a list of (account, new owner, reason). Nothing changes until it runs."""
        require(by.is_operations or by.is_manager)
        name = require_words(name, "Give the reorganisation a name.")
        transition = self._open(self.model.Kind.REORG, name, by=by, because=because, **dates)
        wanted = {account.pk: (account, owner, reason) for account, owner, reason in lines}
        serving = Coverage.objects.owners().filter(account__in=wanted)
        owners = dict(serving.values_list("account_id", "person_id"))
        moves = [
            Move(transition=transition, account=account, outgoing_id=owners[pk], incoming=owner, because=why)
            for pk, (account, owner, why) in wanted.items()
            if pk in owners and owners[pk] != owner.pk
        ]
        refuse_if(
            None if moves else "Every account on the list already has that owner.",
            *(move.why_not(move.incoming) for move in moves),
        )
        Move.objects.bulk_create(moves)
        return transition

    def _open(self, kind: str, name: str, *, by: User, because: str, **plan: object) -> Transition:
        because = require_words(because, "Say why, as the customer may read it.")
        transition = self.create(kind=kind, name=name, opened_by=by, because=because, **plan)
        refuse_if(*wrong_dates(transition))
        return transition

    def _open_for(
        self, person: User, kind: str, name: str, *, by: User, because: str, **plan: object
    ) -> Transition:
        """A departure or a leave, with a move for everything that the person answers for."""
        person.refresh_from_db(from_queryset=User.objects.select_for_update())
        require(by.may_manage(person))
        other = self.under_way().filter(person=person).first()
        refuse_if(
            f"{person}'s access has already ended." if not person.may_come_in else None,
            f"There is one under way already: {other}." if other else None,
        )
        transition = self._open(kind, name, by=by, because=because, person=person, **plan)
        served = Coverage.objects.accountable().filter(person=person, role__in=Coverage.HOLDING_ROLES)
        Move.objects.bulk_create(
            Move(transition=transition, account_id=account, role=role, outgoing=person)
            for account, role in served.values_list("account_id", "role")
        )
        return transition
