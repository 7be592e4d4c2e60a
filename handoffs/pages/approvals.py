"""who looks -> what waits for their decision, what waits for others', and what they decided lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import User, today
from accounts.rules import clocks
from handoffs.models import Approval, BriefReview, Handoff, ReadBack, Transition, blockers

from .handoff_rows import HandoffRow, reviews_of, rows_of, with_progress

MOST = 100
RECENT = 20


@dataclass(frozen=True)
class PastDecision:
    """One decision of somebody on a brief, a read-back or a plan, in their own words.

    `open`: what they decided on may still be seen as it stands. Otherwise nothing of it is told but their own part.
    """

    at: datetime
    yes: bool
    word: str
    because: str
    handoff: Handoff | None
    transition: Transition | None
    open: bool


def approvals_page(user: User) -> dict[str, object]:
    to_approve, asked_others = briefs_to_approve(user)
    to_accept = Handoff.objects.to_accept(user).order_by("accountable_on", "pk").with_people()[:MOST]
    plans = with_progress(Transition.objects.visible_to(user).waiting_for_approval(), user)
    reviews = [plan.review() for plan in plans.select_related("submitted_by")]
    mine = [one.transition for one in reviews if one.waits_for(user)]
    others = [(one.transition, one.waiting_for) for one in reviews if one.transition not in mine]
    return {
        "to_approve": [(one.handoff, consequence(one), one.is_stale) for one in to_approve],
        "to_accept": to_accept,
        "plans": mine,
        "plans_elsewhere": [(plan, waiting) for plan, waiting in others if waiting],
        "elsewhere": [*asked_others, *waiting_on_others(user, {handoff.pk for handoff in to_accept})],
        "decided": decided_by(user),
        "today": today(),
        "count": len(to_approve) + len(to_accept) + len(mine),
    }


def briefs_to_approve(user: User) -> tuple[list[BriefReview], list[HandoffRow]]:
    """Written briefs of which this person is an approver: those that wait for them, and those for another."""
    written = Handoff.objects.open().filter(written_at__isnull=False, accepted_at=None).with_approver(user)
    reviews = reviews_of(written.order_by("accountable_on", "pk")[:MOST])
    mine = [one for one in reviews if not blockers.approving(one.handoff, user, one)]
    others = [one for one in reviews if one not in mine and not one.is_approved]
    return mine, [HandoffRow.of(one) for one in others]


def consequence(review: BriefReview) -> str:
    """What happens when it is approved."""
    incoming, day = review.handoff.incoming, review.handoff.accountable_on
    others = [person.name for person in review.waiting_for]
    again = "The memory changed after the last approval. " if review.is_stale else ""
    if len(others) > 1:
        return f"{again}{' and '.join(others)} both decide; then {incoming} reads it back."
    return f"{again}Then {incoming} reads it back and owns it from {clocks.day_in_words(day)}."


def waiting_on_others(user: User, not_these: set[int]) -> list[HandoffRow]:
    """What this person wrote, read back or opened, and somebody else has to decide now."""
    handoffs = Handoff.objects.visible_to(user).open().filter(written_at__isnull=False, accepted_at=None)
    own = handoffs.filter(Q(outgoing=user) | Q(incoming=user) | Q(written_by=user))
    rows = rows_of(own.exclude(pk__in=not_these).order_by("accountable_on", "pk")[:MOST])
    return [row for row in rows if row.review and not is_my_turn(row.review, row.state, user)]


def is_my_turn(review: BriefReview, state: str, user: User) -> bool:
    if state == "to read back":
        return review.handoff.incoming == user
    return user in review.approvers and not blockers.approving(review.handoff, user, review)


def decided_by(user: User) -> list[PastDecision]:
    """The latest decisions of this person: approvals and accepted or returned read-backs, newest first."""
    people = ["handoff__account", "handoff__outgoing", "handoff__incoming"]
    approvals = (
        Approval.objects.filter(by=user).select_related("transition", *people).order_by("-at")[:RECENT]
    )
    heard = ReadBack.objects.filter(decided_by=user).select_related(*people).order_by("-decided_at")[:RECENT]
    decided = {*(one.handoff_id for one in approvals), *(read.handoff_id for read in heard)}
    rooms = Handoff.objects.visible_to(user).filter(pk__in=decided)
    plans = Transition.objects.visible_to(user).filter(pk__in=[one.transition_id for one in approvals])
    seen = {*rooms, *plans}
    decisions = []
    for one in approvals:
        word, thing = "approved" if one.approved else "returned", one.handoff or one.transition
        decisions.append(
            PastDecision(one.at, one.approved, word, one.because, one.handoff, one.transition, thing in seen)
        )
    for read in heard:
        word, at = "read-back accepted" if read.accepted else "read-back returned", read.decided_at
        assert at  # it has been decided
        decisions.append(
            PastDecision(at, bool(read.accepted), word, read.note, read.handoff, None, read.handoff in seen)
        )
    return sorted(decisions, key=lambda decision: decision.at, reverse=True)[:RECENT]
