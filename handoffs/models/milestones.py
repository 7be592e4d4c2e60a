"""How far a handoff is, in a word or two for lists, read from its milestones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .approvals import BriefReview

if TYPE_CHECKING:
    from .handoff import Handoff


def state_of(handoff: Handoff, review: BriefReview) -> str:
    if handoff.taken_back_at:
        return "taken back"
    if handoff.moved_at:
        return "confirmed" if handoff.confirmed_at else "accepted"
    if handoff.cancelled_at:
        return "cancelled"
    if handoff.refused_at:
        return "refused"
    if not handoff.incoming.is_active:
        return "needs another successor"
    if handoff.accepted_at:
        return "accepted, waits for its date"
    if not handoff.written_at:
        return "to write"
    if not review.is_approved:
        return "approval is stale" if review.is_stale else "to approve"
    return "read back, to accept" if handoff.read_back_waiting else "to read back"
