"""What stands in the way of each step of a plan or a handoff, in sentences. The page lists them; the verb refuses.

A page that has read the review, the evidence or what is owed already gives it, so that it is read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from accounts.models import Condition, Contact, Coverage, Deal, Obligation, Topic, User, today
from accounts.models.base import sentences
from accounts.models.users import NOBODY_ABOVE
from accounts.rules import clocks

from . import permissions
from .approvals import BriefReview, PlanReview

if TYPE_CHECKING:
    from .evidence import Evidence
    from .handoff import Handoff
    from .transitions import Transition

MOST_NAMED = 12
STALE = "The memory changed after the approval; it has to be approved again."
ASKED = {
    "stands": "Say where they stand, in your own words.",
    "why_us": "Say why they chose us, and what must not be raised.",
    "first_call": "Say whom you call first, and why.",
    "promised": "Say what we have promised, and by when.",
    "falls_due": "Say what falls due, and when.",
    "could_go_wrong": "Say what could go wrong, and what you will do.",
}
ACCEPTED = "The read-back has already been accepted."


# Of a plan


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
    named = transition.moves.filter(incoming__isnull=False).select_related("account", "incoming")
    unable = named.filter(permissions.unable_to_take_over()).order_by("incoming__name", "account__name")
    found = [
        "It was already started." if transition.started_at else "",
        "It was cancelled." if transition.cancelled_at else "",
        "There is no account to move." if not transition.moves.exists() else "",
        f"{unnamed} account{'s have' if unnamed != 1 else ' has'} no successor yet." if unnamed else "",
        *(
            f"{move.incoming} {move.incoming.cannot_take_over(transition.return_on)}; "
            f"choose another successor for {move.account}."
            for move in unable[:MOST_NAMED]
            if move.incoming
        ),
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
        f"{there.person} looks after the success of {deal.account} already. Give them what was promised at "
        "this sale, or hand their place over."
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
    gone = handoffs.filter(moved_at__isnull=False).exclude(outgoing__in=User.objects.active()).first()
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
    if transition.person is None or transition.person.may_come_in:
        return ""
    return f"{transition.person} has gone; these accounts need somebody. Choose other successors instead."


def passed_on_since(transition: Transition) -> str:
    """The first account that somebody else has since been given, in a sentence."""
    moved = transition.handoffs.filter(moved_at__isnull=False, taken_back_at=None, account__closed_at=None)
    made = Coverage.objects.filter(made_by_handoff__in=moved)
    there = set(made.still_serving().values_list("account_id", "role"))
    for handoff in moved.select_related("account", "incoming"):
        if (handoff.account_id, handoff.role) not in there:
            return f"{handoff.account} has since passed on from {handoff.incoming}, so it cannot go back."
    return ""


# Of a handoff


def over(handoff: Handoff) -> list[str]:
    """Why nothing is done about it any more."""
    return sentences(
        None if handoff.is_open else f"This handoff is {handoff.state}.",
        f"{handoff.account} is closed." if handoff.account.closed_at else None,
    )


def every_step(handoff: Handoff) -> list[str]:
    """What stands in the way of whatever step comes next."""
    why = handoff.incoming.cannot_take_over(handoff.transition.return_on)
    return over(handoff) + sentences(f"{handoff.incoming} {why}. Choose another successor." if why else None)


def writing(handoff: Handoff, evidence: Evidence | None = None) -> list[str]:
    """What stands in the way of calling the five parts complete."""
    found = every_step(handoff)
    if handoff.written_at:
        found.append("It is already written and with the approvers.")
    if handoff.is_full:
        found += missing_parts(handoff)
    return found + [f"Checklist: {i.text}" for i in handoff.open_items(evidence) if i.before_writing]


def missing_parts(handoff: Handoff) -> list[str]:
    account = handoff.account
    live = set(account.facts.live().values_list("topic_id", flat=True))
    careful = Topic.IF_THEN not in live and account.condition_now != Condition.STEADY
    return sentences(
        None if account.condition else "Condition: rate how the account stands, with the reason.",
        None if Topic.STORY in live else "Story: tell it in a minute, recent first.",
        "If … then …: write at least one, since the account is not steady." if careful else None,
    )


def approving(handoff: Handoff, user: User, review: BriefReview | None = None) -> list[str]:
    """What stands in the way of this approver's decision."""
    found = every_step(handoff)
    review = review or handoff.review()
    if not handoff.written_at:
        found.append("The brief is not written yet.")
    elif handoff.accepted_at:
        found.append(ACCEPTED)
    elif user not in review.waiting_for and not review.is_stale:
        found.append("You have already approved it.")
    return found


def returning(handoff: Handoff) -> list[str]:
    """What stands in the way of sending the brief back to be written."""
    return every_step(handoff) + sentences(
        None if handoff.written_at else "The brief is not written yet.",
        "The read-back has been accepted." if handoff.accepted_at else None,
    )


def reading_back(handoff: Handoff, review: BriefReview | None = None) -> list[str]:
    """What stands in the way of reading back."""
    found = every_step(handoff)
    review = review or handoff.review()
    if handoff.access_on > today():
        found.append(f"Access begins on {handoff.access_on:%-d %B %Y}.")
    if not handoff.written_at:
        found.append(f"{handoff.outgoing} has not finished writing.")
    elif not review.approvers:
        found.append(NOBODY_ABOVE)
    elif review.waiting_for:
        found += [f"{approver} has not approved the brief." for approver in review.waiting_for]
    elif review.is_stale:
        found.append(STALE)
    if handoff.read_back_waiting or handoff.accepted_at:
        found.append("The read-back has been given.")
    return found


def unanswered(
    handoff: Handoff, answers: Mapping[str, str], owed: Iterable[Obligation], holders: Mapping[int, User]
) -> list[str]:
    """What a read-back leaves open: a question, or something owed that nobody takes on."""
    asked = ASKED if handoff.is_full else {"stands": ASKED["stands"]}
    return [
        *(sentence for name, sentence in asked.items() if not answers.get(name)),
        *(f"Say who takes on “{o}”." for o in owed if o.pk not in holders),
    ]


def accepting(
    handoff: Handoff, review: BriefReview | None = None, evidence: Evidence | None = None
) -> list[str]:
    """What stands in the way of accepting the read-back."""
    found = every_step(handoff)
    read_back = handoff.read_back_waiting
    review = review or handoff.review()
    if handoff.accepted_at:
        found.append(ACCEPTED)
    elif read_back is None:
        found.append(f"{handoff.incoming} has not read it back.")
    if not review.is_approved:
        found.append(STALE if review.is_stale else "The brief is not approved.")
    if read_back:
        taken = {row.obligation_id for row in read_back.takeovers.all()}
        found += [f"“{o}” has no new holder." for o in handoff.obligations() if o.pk not in taken]
    return found + [f"Checklist: {i.text}" for i in handoff.open_items(evidence) if not i.by_read_back]


def becoming_accountable(handoff: Handoff) -> list[str]:
    date_ = handoff.accountable_on
    return every_step(handoff) + sentences(
        None if handoff.accepted_at else "The read-back has not been accepted.",
        None if date_ <= today() else f"It moves on {date_:%-d %B %Y}.",
    )


def replacing(handoff: Handoff, incoming: User) -> list[str]:
    """What stands in the way of this person taking over instead."""
    transition = handoff.transition
    why = incoming.cannot_take_over(transition.return_on)
    return sentences(
        f"This handoff is {handoff.state}." if handoff.moved_at or handoff.cancelled_at else None,
        f"“{transition}” is {transition.state}." if transition.is_over else None,
        "Another handoff already follows this one." if handoff.follower else None,
        f"{incoming} is a customer." if incoming.is_customer else None,
        f"{incoming} cannot take it: {incoming.first_name} {why}." if why else None,
        f"{incoming} is the one who cannot take it."
        if incoming in {handoff.incoming, handoff.outgoing}
        else None,
        f"{handoff.account} is closed." if handoff.account.closed_at else None,
    )


def cancelling(handoff: Handoff) -> list[str]:
    gone = f"{handoff.outgoing} has gone; choose another successor instead."
    return sentences(
        None if handoff.is_open else f"This handoff is {handoff.state}.",
        None if handoff.outgoing.may_come_in else gone,
    )


def rescheduling(handoff: Handoff, access_on: date, accountable_on: date, announce_on: date) -> list[str]:
    moves = announce_on != handoff.announce_on
    late = handoff.announced_at and moves
    written = handoff.recipients.filter(letter__isnull=False, letter__given_up_at=None)
    under_way = moves and not late and announce_on > today() and written.exists()
    return every_step(handoff) + sentences(
        "Access cannot come after the day they answer for it." if access_on > accountable_on else None,
        "The customer has already been told." if late else None,
        "The letters to the customer are on their way." if under_way else None,
    )


def holding_out(handoff: Handoff, until: date, deal: Deal | None) -> list[str]:
    """What stands in the way of keeping the account, or this deal of it, with the outgoing person."""
    found = every_step(handoff) + sentences(
        "A holdout ends on a day in the future." if until <= today() else None,
        None if handoff.outgoing.may_come_in else f"{handoff.outgoing} has left and can keep nothing.",
    )
    if deal and (deal.account_id != handoff.account_id or deal.closed_at):
        found.append("That deal is not open on this account.")
    if deal and (deal.holder_id, deal.role) != (handoff.outgoing_id, handoff.role):
        found.append(f"{deal.holder} holds that deal, not {handoff.outgoing}.")
    return found


def announcing(handoff: Handoff) -> list[str]:
    off = handoff.refused_at or handoff.cancelled_at or handoff.taken_back_at
    return sentences(
        "They were told already." if handoff.announced_at else None,
        f"This handoff is {handoff.state}." if off else None,
        None if handoff.announce_on <= today() else f"They are told on {handoff.announce_on:%-d %B %Y}.",
        f"{handoff.incoming} does not take it over any more." if handoff.wants_another else None,
    )


def telling(handoff: Handoff, contact: Contact) -> list[str]:
    """What stands in the way of telling this contact of it, or of saying how they are told."""
    off = handoff.refused_at or handoff.cancelled_at or handoff.taken_back_at
    told = handoff.notifications.filter(contact=contact).select_related("by").first()
    return sentences(
        f"This handoff is {handoff.state}." if off else None,
        f"{handoff.account} is closed." if handoff.account.closed_at else None,
        "That contact belongs to another account." if contact.account_id != handoff.account_id else None,
        f"{contact} has left their company." if contact.left_on or contact.erased_at else None,
        f"{contact} was told by {told.by} on {clocks.day_in_words(told.at)}." if told else None,
    )


def confirming(handoff: Handoff, contact: Contact) -> list[str]:
    theirs = contact.account_id == handoff.account_id
    return sentences(
        None if handoff.announced_at else "This change has not been announced.",
        "You have already confirmed it." if handoff.confirmed_at else None,
        None if theirs else "That contact belongs to another account.",
    )
