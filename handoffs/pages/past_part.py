"""handoff + who looks -> PastPart: what somebody whose part in a handoff is over may still read of it.

That is what they wrote themselves, who did what and when in their time, and the brief that was frozen then. Nothing of
it is read from the account's memory as it stands now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter

from django.db.models import Max

from accounts.briefing import Brief
from accounts.models import Account, Coverage, User
from accounts.models.account_sets import called_then
from handoffs.models import Approval, Handoff, ReadBack


@dataclass(frozen=True)
class Milestone:
    what: str
    by: User | None
    at: datetime
    ends: bool = False  # how the handoff ended: told to everybody who had a part


@dataclass(frozen=True)
class WordsOfTheirs:
    """What this person wrote, on which occasion."""

    what: str
    at: datetime
    text: str


@dataclass
class PastPart:
    handoff: Handoff
    user: User

    @classmethod
    def of(cls, handoff: Handoff, user: User) -> PastPart:
        people = Handoff.objects.select_related(
            "outgoing", "incoming", "written_by", "overridden_by", "cancelled_by", "transition__opened_by"
        )
        return cls(people.get(pk=handoff.pk), user)

    @cached_property
    def served_until(self) -> datetime | None:
        """When this person's service on the account ended."""
        rows = Coverage.objects.filter(account=self.handoff.account_id, person=self.user)
        ended: datetime | None = rows.aggregate(ended=Max("ended_at"))["ended"]
        return ended

    @cached_property
    def until(self) -> datetime | None:
        """The end of their time: of their service, or of what they did besides. None for who never had access."""
        own = [stone.at for stone in self.everything if stone.by == self.user]
        return max([*own, *filter(None, [self.served_until])], default=None)

    @cached_property
    def name(self) -> str:
        """What the account was called in their time."""
        if self.until is None:
            return "An account that you did not see"
        account = Account.objects.filter(pk=self.handoff.account_id)
        return str(account.values_list(called_then(self.handoff.account_id, self.until), flat=True).get())

    @cached_property
    def approvals(self) -> list[Approval]:
        return list(self.handoff.approvals.select_related("by").order_by("at", "pk"))

    @cached_property
    def read_backs(self) -> list[ReadBack]:
        return list(self.handoff.read_backs.select_related("by", "decided_by").order_by("pk"))

    @property
    def everything(self) -> list[Milestone]:
        h = self.handoff
        stones = [
            ("Opened", h.transition.opened_by, h.opened_at, False),
            ("Written", h.written_by, h.written_at, False),
            *(("Approved" if one.approved else "Returned", one.by, one.at, False) for one in self.approvals),
            *(("Read back", one.by, one.at, False) for one in self.read_backs),
            *(
                (
                    f"Read-back {'accepted' if one.accepted else 'returned'}",
                    one.decided_by,
                    one.decided_at,
                    False,
                )
                for one in self.read_backs
            ),
            ("Moved without a read-back", h.overridden_by, h.overridden_at, False),
            ("Refused", h.incoming, h.refused_at, True),
            ("Called off", h.cancelled_by, h.cancelled_at, True),
            ("Changed hands", None, h.moved_at, True),
            ("Taken back", None, h.taken_back_at, True),
        ]
        return [Milestone(what, by, at, ends) for what, by, at, ends in stones if at]

    @property
    def milestones(self) -> list[Milestone]:
        """Of their time, and how it ended."""
        seen = [one for one in self.everything if one.ends or (self.until and one.at <= self.until)]
        return sorted(seen, key=attrgetter("at"))

    @cached_property
    def frozen(self) -> Approval | None:
        """The last brief that was approved by them, or while they served."""
        theirs = [
            one
            for one in self.approvals
            if one.approved and (one.by == self.user or (self.served_until and one.at <= self.served_until))
        ]
        return theirs[-1] if theirs else None

    @cached_property
    def brief(self) -> Brief | None:
        return Brief.from_json(self.frozen.brief or {}) if self.frozen else None

    @property
    def own_read_backs(self) -> list[ReadBack]:
        return [one for one in self.read_backs if one.by == self.user]

    @property
    def words(self) -> list[WordsOfTheirs]:
        h, mine = self.handoff, self.user
        said = [
            *(("Returned the brief", one.by, one.at, one.because) for one in self.approvals),
            *(("On the read-back", one.decided_by, one.decided_at, one.note) for one in self.read_backs),
            ("Refused it", h.incoming, h.refused_at, h.refused_because),
            ("Called it off", h.cancelled_by, h.cancelled_at, h.cancelled_because),
            ("Moved it without a read-back", h.overridden_by, h.overridden_at, h.overridden_because),
            *(
                ("Waived an item", mine, item.waived_at, item.waived_because)
                for item in h.items.filter(waived_by=mine)
            ),
            *(("Held it out", mine, one.at, one.because) for one in h.holdouts.filter(by=mine)),
        ]
        return [WordsOfTheirs(what, at, text) for what, by, at, text in said if by == mine and at and text]
