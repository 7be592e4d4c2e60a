"""What stands in the way of each step of a plan, in sentences. The page lists them; the verb refuses with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import Coverage, Deal, today
from accounts.models.base import sentences

from .approvals import PlanReview

if TYPE_CHECKING:
    from .transitions import Transition


def wrong_dates(transition: Transition) -> list[str]:
    """Which dates of the plan cannot all be meant."""
    stays = transition.back_up_until
    return sentences(
        "The next owner must be able to read (access) before they answer for it (accountable)."
        if transition.access_on > transition.accountable_on
        else "",
        "The return date comes after the first day of leave."
        if transition.return_on and transition.return_on <= transition.accountable_on
        else "",
        f"{transition.person} cannot stay as back-up after the last day."
        if stays and transition.last_day and stays > transition.last_day
        else "",
    )


def start_blockers(transition: Transition) -> list[str]:
    """What stands in the way of starting."""
    unnamed = transition.moves.filter(incoming=None).count()
    gone = transition.moves.filter(incoming__is_active=False).select_related("incoming").first()
    found = [
        "It was already started." if transition.started_at else "",
        "It was cancelled." if transition.cancelled_at else "",
        "There is no account to move." if not transition.moves.exists() else "",
        f"{unnamed} account{'s have' if unnamed != 1 else ' has'} no successor yet." if unnamed else "",
        f"{gone.incoming} has left; choose another successor for {gone.account}." if gone else "",
    ]
    if transition.needs_approval and not any(found):
        if not transition.submitted_at:
            found.append("It has not been sent for approval.")
        else:
            waiting = PlanReview(transition).waiting_for
            found += [f"{manager} has not approved the plan as it stands." for manager in waiting]
        if transition.access_on > today():
            found.append(f"It runs on {transition.access_on:%-d %B %Y}.")
    return sentences(*found)


def sale_blockers(deal: Deal) -> list[str]:
    """What stands in the way of handing what was sold in this deal to success."""
    begun = deal.transitions.filter(undone_at=None, cancelled_at=None).first()
    under_way = deal.account.handoffs.open().filter(role=Coverage.Role.SUCCESS).first()
    there = deal.account.coverage.current().filter(role=Coverage.Role.SUCCESS).first()
    return sentences(
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
    )


def cancel_blockers(transition: Transition) -> list[str]:
    return sentences(
        f"It is already {transition.state}." if transition.cancelled_at or transition.undone_at else "",
        person_has_gone(transition),
    )


def undo_blockers(transition: Transition) -> list[str]:
    """What stands in the way of taking it all back: a customer who was told, or a person who has gone."""
    handoffs = transition.handoffs.select_related("account", "outgoing")
    announced = handoffs.filter(announced_at__isnull=False).first()
    gone = handoffs.filter(moved_at__isnull=False, outgoing__is_active=False).first()
    return sentences(
        "It has not been started." if not transition.started_at else "",
        *cancel_blockers(transition),
        f"{announced.account} was told on {announced.announced_at:%-d %B %Y}; it can no longer be taken back."
        if announced
        else "",
        f"{gone.outgoing} has left, so {gone.account} cannot go back." if gone else "",
        passed_on_since(transition),
    )


def person_has_gone(transition: Transition) -> str:
    if transition.person is None or transition.person.is_active:
        return ""
    return f"{transition.person} has gone; these accounts need somebody. Choose other successors instead."


def passed_on_since(transition: Transition) -> str:
    """The first account that somebody else has since been given, in a sentence."""
    moved = transition.handoffs.filter(moved_at__isnull=False, taken_back_at=None, account__closed_at=None)
    made = Coverage.objects.filter(made_by_handoff__in=moved)
    there = set(made.standing_in().values_list("account_id", "role"))
    for handoff in moved.select_related("account", "incoming"):
        if (handoff.account_id, handoff.role) not in there:
            return f"{handoff.account} has since passed on from {handoff.incoming}, so it cannot go back."
    return ""
