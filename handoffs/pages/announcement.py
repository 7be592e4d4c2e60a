"""handoff + who looks -> Announcement: whom at the customer we tell, what became of it, and what waits until then."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from accounts.models import Letter, User, today
from accounts.rules import clocks
from handoffs.models import Handoff, Recipient
from handoffs.models.telling import ContactWithStanding, RecipientStatus, nobody_to_tell, notices, people_of


@dataclass(frozen=True)
class NoticeLine:
    """One of theirs, and what this person may do about it."""

    notice: RecipientStatus
    may_change: bool
    may_record_call: bool

    @property
    def state(self) -> tuple[str, str]:
        """The look of the tag, and its words."""
        told, letter = self.notice.told, self.notice.letter
        if told and told.letter_id:
            return "ok", f"told by letter, {clocks.day_in_words(told.at)}"
        if told:
            return "ok", f"{told.by} told them, {clocks.day_in_words(told.at)}"
        if self.notice.is_left_out:
            return "info", "not told by us"
        if letter and letter.given_up_at:
            return "late", "the letter was given up"
        if letter and letter.failed_because:
            return "late", "the letter could not be sent so far"
        if letter:
            return "waiting", "the letter is on its way"
        if self.notice.way == Recipient.Way.CALL:
            return "waiting", f"{self.notice.caller} rings them"
        return "due", "by letter"

    @property
    def why_not(self) -> str:
        """What became of a letter that has not arrived."""
        letter = self.notice.letter
        return (letter.given_up_because or letter.failed_because) if letter and not self.notice.told else ""


@dataclass
class Announcement:
    """`may_tell`: this person says whom we tell, and how."""

    handoff: Handoff
    user: User
    may_tell: bool

    @cached_property
    def people(self) -> list[ContactWithStanding]:
        return list(people_of(self.handoff))

    @cached_property
    def notices(self) -> list[RecipientStatus]:
        return notices(self.handoff, self.people)

    @cached_property
    def lines(self) -> list[NoticeLine]:
        return [NoticeLine(one, self.may_change(one), self.may_record_call(one)) for one in self.notices]

    def may_change(self, one: RecipientStatus) -> bool:
        written = one.letter and not one.letter.given_up_at
        return self.may_tell and not (one.told or written)

    def may_record_call(self, one: RecipientStatus) -> bool:
        rings = one.caller == self.user and self.user.pk != self.handoff.incoming_id
        return (self.may_tell or rings) and not one.told and self.handoff.announce_on <= today()

    @property
    def told(self) -> list[RecipientStatus]:
        return [one for one in self.notices if one.told]

    @property
    def pending(self) -> list[RecipientStatus]:
        return [one for one in self.notices if one.is_pending]

    @property
    def has_others(self) -> bool:
        return len(self.people) > len(self.notices)

    @cached_property
    def blocker(self) -> str:
        return "" if self.handoff.announced_at else nobody_to_tell(self.handoff, self.notices)

    @cached_property
    def held(self) -> list[Letter]:
        """Letters to them that wait for the announcement."""
        held = Letter.objects.held().filter(
            account=self.handoff.account_id, signed_by=self.handoff.incoming_id
        )
        return [] if self.handoff.announced_at else list(held.select_related("to", "contact", "signed_by"))
