"""Transitions and handoffs as rows of a list: how far each is, and whose turn it is, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.briefing import matters_of
from accounts.models import User
from handoffs.models import Approval, BriefReview, Handoff, Move, Transition
from handoffs.models.handoff_sets import HandoffQuerySet
from handoffs.models.permissions import choosers_of
from handoffs.models.transition_sets import TransitionQuerySet

M = TypeVar("M", bound=models.Model)
#: How each state of a handoff looks in a list: kind of tag.
LOOKS = {
    "to write": "due",
    "to approve": "waiting",
    "approval is stale": "late",
    "to read back": "waiting",
    "read back, to accept": "due",
    "accepted, waits for its date": "ok",
    "accepted": "ok",
    "confirmed": "ok",
    "refused": "late",
    "needs another successor": "loose",
    "taken back": "info",
    "cancelled": "info",
}


@dataclass
class HandoffRow:
    """One account of a change under way: the plan's move, and the handoff that stands for it now."""

    move: Move
    review: BriefReview | None
    state: str

    @classmethod
    def of(cls, review: BriefReview, move: Move | None = None) -> HandoffRow:
        h = review.handoff
        planned = Move(account=h.account, role=h.role, outgoing=h.outgoing, incoming=h.incoming)
        return cls(move or planned, review, review.state)

    @property
    def handoff(self) -> Handoff | None:
        return self.review.handoff if self.review else None

    @property
    def looks(self) -> str:
        return LOOKS.get(self.state, "info")

    @property
    def waits_for(self) -> str:
        """Whose turn it is."""
        if self.review is None or not self.review.handoff.is_open:
            return ""
        return " and ".join(person.name for person in who_is_to_act(self.review))


def who_is_to_act(review: BriefReview) -> list[User]:
    """For whom an open handoff waits: somebody, unless it only waits for its date."""
    handoff = review.handoff
    giver = handoff.outgoing if handoff.outgoing.may_come_in else handoff.outgoing.nearest_manager()
    match review.state:
        case "needs another successor":
            return choosers_of(handoff)
        case "to approve":
            return review.waiting_for
        case "approval is stale":
            return review.approvers
        case "to write" | "read back, to accept":
            return [giver]
        case "to read back":
            return [handoff.incoming]
    return []


def reviews_of(handoffs: HandoffQuerySet) -> list[BriefReview]:
    """The reviews of these handoffs, with everything that they ask for.

    1. The handoffs with account, people and transition. 2.-3. Their decisions and read-backs.
    4. All colleagues, to walk up the reporting lines. 5. ff. The briefs of those that were approved.
    """
    decisions = Prefetch("approvals", Approval.objects.select_related("by"))
    found = list(handoffs.with_people().prefetch_related(decisions, "read_backs"))
    people = User.objects.linked() if found else {}
    for handoff in found:
        handoff.outgoing, handoff.incoming = people[handoff.outgoing_id], people[handoff.incoming_id]
        handoff.written_by = people.get(handoff.written_by_id or 0)
    approved = [handoff.account for handoff in found if handoff.is_open and handoff.review().agreed]
    matters = matters_of(approved) if approved else {}
    return [handoff.review(matters.get(handoff.account_id)) for handoff in found]


def rows_of(handoffs: HandoffQuerySet) -> list[HandoffRow]:
    return [HandoffRow.of(review) for review in reviews_of(handoffs)]


def rows_of_moves(transition: Transition, moves: list[Move]) -> list[HandoffRow]:
    """The latest handoff of each move, however often somebody else had to be chosen."""
    handoffs = transition.handoffs.filter(account__in=[move.account_id for move in moves]).order_by("pk")
    latest = {(one.handoff.account_id, one.handoff.role): one for one in reviews_of(handoffs)}
    return [
        HandoffRow.of(review, move) if review else HandoffRow(move, None, "being opened")
        for move in moves
        for review in [latest.get((move.account_id, move.role))]
    ]


def with_progress(transitions: TransitionQuerySet, user: User) -> TransitionQuerySet:
    """Adds how many `accounts` and `handovers` this person sees of them; of these the `accepted`, `still_open`,
    `unopened` and `refused`."""
    moves = Move.objects.visible_to(user)
    place = {name: OuterRef(name) for name in ("transition", "account", "role")}
    handoffs = Handoff.objects.filter(Exists(moves.filter(**place)))

    def count(rows: models.QuerySet[M], of: str = "pk") -> Coalesce:
        some = rows.filter(transition=OuterRef("pk")).order_by().values("transition")
        return Coalesce(Subquery(some.annotate(n=models.Count(of, distinct=True)).values("n")), 0)

    accepted = Q(accepted_at__isnull=False) | Q(overridden_at__isnull=False)
    return transitions.annotate(
        accounts=count(moves.filter(refused_because=""), "account"),
        handovers=count(moves.filter(refused_because="")),
        accepted=count(handoffs.filter(accepted, cancelled_at=None, taken_back_at=None)),
        still_open=count(handoffs.open()),
        unopened=count(moves.waiting()),
        refused=count(moves.exclude(refused_because="")),
    )


def unfinished(transitions: TransitionQuerySet) -> TransitionQuerySet:
    """Being planned, or with an account still to change hands, or somebody still to leave or return.

    Wants `with_progress`.
    """
    awaited = Q(ended_at=None, kind__in=["departure", "leave"])
    to_do = awaited | Q(started_at=None) | Q(still_open__gt=0) | Q(unopened__gt=0)
    return transitions.filter(to_do, undone_at=None, cancelled_at=None)
