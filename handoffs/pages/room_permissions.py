"""handoff + who looks -> what this person may do in its room now. The verbs ask the same rules once more."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Account, User
from handoffs.models import Handoff
from handoffs.models.permissions import may_accept, may_approve, may_steer, may_write


@dataclass(frozen=True)
class RoomPermissions:
    fill: bool
    write: bool
    approve: bool
    override: bool
    read_back: bool
    refuse: bool
    accept: bool
    steer: bool
    replace: bool
    see_account: bool

    @classmethod
    def of(cls, handoff: Handoff, user: User) -> RoomPermissions:
        is_open, waiting = handoff.is_open, handoff.read_back_waiting
        fills = is_open and not handoff.account.closed_at and may_write(handoff, user)
        decides = is_open and may_approve(handoff, user)
        takes_over = is_open and user.pk == handoff.incoming_id and not handoff.accepted_at
        steers = may_steer(handoff, user)
        gone = handoff.moved_at or handoff.cancelled_at or handoff.follower
        return cls(
            fill=fills,
            write=fills and not handoff.written_at,
            approve=decides and bool(handoff.written_at),
            override=decides and handoff.incoming.is_active,
            read_back=takes_over and not waiting,
            refuse=takes_over,
            accept=is_open and bool(waiting) and may_accept(handoff, user),
            steer=steers and is_open,
            replace=steers and not gone,
            see_account=Account.objects.visible_to(user).filter(pk=handoff.account_id).exists(),
        )
