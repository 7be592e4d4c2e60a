"""handoff + who looks -> Room: everything the handoff room shows, and nothing that this person may not see."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from django.db.models import Prefetch, prefetch_related_objects

from accounts.briefing import Brief, BriefChange, BriefLine, BriefPart
from accounts.briefing.composing import brief_of, part_of
from accounts.briefing.memory import AccountMemory
from accounts.forms.base import VerbForm
from accounts.models import Account, Condition, Contact, Coverage, Topic, User, today
from accounts.rules.condition import Sign, most_cautious
from handoffs.forms.room import KnowForm
from handoffs.held_against import Comparison, Said
from handoffs.models import (
    Approval,
    BriefReview,
    ChecklistItem,
    Evidence,
    Handoff,
    Holdout,
    Proof,
    ReadBack,
    Takeover,
    blockers,
)

from .afterwards import Afterwards
from .announcement import Announcement
from .inquiries import Inquiries
from .place_in_book import PlaceInBook
from .rail import RailStep, rail
from .room_actions import Checklist, ChecklistRow, Course, RoomForms, RoomPermissions
from .thin import thin


@dataclass(frozen=True)
class RoomLine:
    """One line of the brief; of an answer, where this person may, the form that writes it better."""

    line: BriefLine
    form: KnowForm | None


@dataclass(frozen=True)
class RoomGap:
    """A topic on which nobody has written anything, and where this person may, the form that fills the gap."""

    topic: Topic
    form: KnowForm | None


@dataclass(frozen=True)
class RoomPart:
    """A part of the brief in the room; `is_missing` says that something lacks that has to be there."""

    part: BriefPart
    lines: list[RoomLine]
    gaps: list[RoomGap]
    is_missing: bool


@dataclass
class Room:
    """Read lazily: a template that leaves a part out does not pay for it.

    `sent` holds the forms that came back refused or wrong, by name, to be shown again with what was typed.
    """

    handoff: Handoff
    user: User
    sent: dict[str, VerbForm] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What nearly every part of the page asks for is read once."""
        prefetch_related_objects(
            [self.handoff],
            Prefetch("approvals", Approval.objects.select_related("by")),
            Prefetch("read_backs", ReadBack.objects.select_related("by", "decided_by")),
            Prefetch("read_backs__takeovers", Takeover.objects.select_related("obligation", "holder")),
            Prefetch("items", ChecklistItem.objects.select_related("ticked_by", "waived_by")),
        )

    @property
    def account(self) -> Account:
        return self.handoff.account

    @property
    def context(self) -> dict[str, object]:
        """What every template of the room knows."""
        return {"room": self, "handoff": self.handoff, "account": self.account}

    @cached_property
    def may(self) -> RoomPermissions:
        return RoomPermissions.of(self.handoff, self.user)

    @property
    def is_incoming(self) -> bool:
        return self.user.pk == self.handoff.incoming_id

    # The brief, its approval and the read-back

    @cached_property
    def memory(self) -> AccountMemory:
        """What the brief is composed from: the page reads it once."""
        return AccountMemory.read(self.account)

    @cached_property
    def brief(self) -> Brief:
        return brief_of(self.memory)

    @cached_property
    def review(self) -> BriefReview:
        return self.handoff.review(self.brief.matters)

    @property
    def source(self) -> Brief:
        """What is read back: the brief as it was frozen, else as it stands."""
        return self.review.approved_brief or self.brief

    @property
    def brief_without_gaps(self) -> Brief:
        return replace(self.brief, gaps=[])

    @cached_property
    def returned(self) -> Approval | None:
        """The latest return, while nobody has written it anew."""
        latest = next(iter(self.handoff.approvals.all()), None)
        return latest if latest and not latest.approved and not self.handoff.written_at else None

    @cached_property
    def is_stale(self) -> bool:
        return self.handoff.is_open and not self.handoff.accepted_at and self.review.is_stale

    @cached_property
    def changes(self) -> list[BriefChange]:
        before = self.review.approved_brief
        return self.brief.matters.changes_since(before.matters) if before else []

    @property
    def read_back(self) -> ReadBack | None:
        return self.handoff.read_back_latest

    @property
    def waiting(self) -> ReadBack | None:
        return self.handoff.read_back_waiting

    @cached_property
    def compared(self) -> list[Comparison]:
        """The lines that must survive, held against the read-back: said differently first, said last."""
        if not self.read_back:
            return []
        people = (line.title for line in self.source.lines if line.key.startswith("contact:"))
        names = [title.split(", left on ")[0] for title in people]
        compared = self.read_back.held_against(self.source.must_survive, names)
        return sorted(compared, key=lambda one: list(Said).index(one.said))

    @cached_property
    def remarks(self) -> list[str]:
        """What shows that answers of the read-back were copied, or hardly given."""
        return self.read_back.remarks(self.source) if self.read_back else []

    @property
    def said_count(self) -> int:
        return sum(one.said == Said.YES for one in self.compared)

    @property
    def question_names(self) -> tuple[str, ...]:
        return ReadBack.QUESTIONS

    @cached_property
    def takeovers(self) -> list[Takeover]:
        if not self.read_back:
            return []
        return sorted(self.read_back.takeovers.all(), key=lambda row: row.pk)

    @cached_property
    def afterwards(self) -> Afterwards:
        return Afterwards.of(self.handoff)

    @cached_property
    def inquiries(self) -> Inquiries:
        shown = {line.key for brief in (self.brief, self.source) for line in brief.lines}
        gaps = {f"topic:{gap.topic.pk}" for part in self.parts for gap in part.gaps}
        return Inquiries(self.handoff, self.user, shown | gaps)

    # The people, the dates and the way

    @property
    def outgoing_role(self) -> str:
        return "" if self.outgoing_left else "hands over"

    @property
    def outgoing_left(self) -> bool:
        return not self.handoff.outgoing.may_come_in

    @property
    def incoming_left(self) -> bool:
        return not self.handoff.incoming.may_come_in

    @cached_property
    def acting(self) -> Coverage | None:
        return next((one for one in self.memory.team if one.acting and one.role == self.handoff.role), None)

    @cached_property
    def follower(self) -> Handoff | None:
        return self.handoff.follower

    @cached_property
    def holdouts(self) -> list[Holdout]:
        return list(
            self.handoff.holdouts.filter(ended_at=None).select_related("deal", "by").order_by("until")
        )

    @cached_property
    def rail(self) -> list[RailStep]:
        acting = self.acting.person if self.acting else None
        told = self.announcement.notices
        return rail(self.handoff, self.review, acting=acting, day=today(), notices=told)

    @cached_property
    def announcement(self) -> Announcement:
        return Announcement(self.handoff, self.user, self.may.tell)

    @cached_property
    def place(self) -> PlaceInBook | None:
        """This account among all that the same person hands over in the same change."""
        return PlaceInBook.of(self.handoff, self.user) if self.may.fill else None

    @property
    def has_notices(self) -> bool:
        h = self.handoff
        special = h.overridden_at or h.refused_at or h.cancelled_at or h.follows_id or self.follower
        lacking = h.is_open and (self.incoming_left or self.outgoing_left)
        sent_back = self.is_incoming and self.read_back is not None and self.read_back.accepted is False
        return bool(self.homeless or self.is_stale or self.returned or special or lacking or sent_back)

    # The parts of the brief

    @cached_property
    def contacts(self) -> list[Contact]:
        return [contact for contact in self.memory.contacts if not contact.left_on]

    @cached_property
    def topic_of(self) -> dict[str, Topic]:
        return {f"fact:{fact.pk}": fact.topic for fact in self.memory.facts}

    @cached_property
    def answered(self) -> set[str]:
        return {topic.pk for topic in self.topic_of.values()}

    @cached_property
    def parts(self) -> list[RoomPart]:
        """Each with the form that writes a line better, and the topics on which nobody has written anything."""
        answered, missing = {*self.answered, Topic.IF_THEN, Topic.HANDLING}, self.missing
        asked = [topic for topic in self.memory.topics if topic.must_survive and topic.is_in_use]
        gaps = [topic for topic in asked if topic.pk not in answered]
        return [
            RoomPart(
                part,
                [RoomLine(line, self._know(self.topic_of.get(line.key), line)) for line in part.lines],
                [RoomGap(topic, self._know(topic)) for topic in gaps if part_of(topic.pk) == part.key],
                missing.get(part.key, False),
            )
            for part in self.brief.parts
        ]

    def _know(self, topic: Topic | None, line: BriefLine | None = None) -> KnowForm | None:
        return self.forms.know(topic, self.contacts, line) if topic and self.may.fill else None

    @cached_property
    def warnings(self) -> list[Sign]:
        return self.memory.signs

    @cached_property
    def condition_now(self) -> Condition:
        return most_cautious(self.account.condition, self.warnings)

    @property
    def needs_contingency(self) -> bool:
        return Topic.IF_THEN not in self.answered and self.condition_now != Condition.STEADY

    @property
    def has_champion(self) -> bool:
        return any(line.key.startswith("contact:") and line.must_survive for line in self.brief.lines)

    @property
    def missing(self) -> dict[str, bool]:
        """Which of the parts lack something that has to be there."""
        full = self.handoff.is_full
        return {
            "now": full and not self.account.condition,
            "story": full and (Topic.STORY not in self.answered or self.needs_contingency),
        }

    # The forms, the checklist, and what stands in the way

    @cached_property
    def forms(self) -> RoomForms:
        return RoomForms(self.handoff, self.user, self.sent)

    @cached_property
    def courses(self) -> list[Course]:
        return self.forms.courses(self.may)

    @cached_property
    def homeless(self) -> list[VerbForm]:
        """Forms that came back and whose place on the page has gone meanwhile: shown as theirs against yours."""
        open_rows = [row for row in self.checklist.rows if row.may_change and not row.done]
        placed = {f"{act}:{row.row.pk}" for row in open_rows for act in ("waive", "tick")}
        placed |= {course.name for course in self.courses}
        if self.may.fill:
            gaps = {f"topic:{gap.topic.pk}" for part in self.parts for gap in part.gaps}
            placed |= {"condition", "champion", "if_then", *self.topic_of, *gaps}
        if self.may.accept:
            placed.add("return_read_back")
        return [form for name, form in self.sent.items() if name not in placed]

    @cached_property
    def evidence(self) -> Evidence:
        return Evidence.of(self.handoff, self.memory)

    @cached_property
    def checklist(self) -> Checklist:
        rows = [
            ChecklistRow(
                item,
                item.is_done(self.evidence),
                self.may.fill,
                self.forms.waive(item),
                self.forms.tick(item),
                self.evidence.what_became_of(item) if item.is_done(self.evidence) else "",
                self.evidence.rest if item.proof == Proof.REST_SORTED else 0,
            )
            for item in self.handoff.items.all()
        ]
        return Checklist(rows)

    @cached_property
    def giver(self) -> User:
        """Who does what the checklist still asks: who hands over, or whoever acts since they have gone."""
        if not self.outgoing_left:
            return self.handoff.outgoing
        return self.acting.person if self.acting else self.handoff.transition.opened_by

    @property
    def thin_count(self) -> int:
        return len(self.thin) + len(self.brief.gaps)

    @cached_property
    def thin(self) -> list[str]:
        """What an approver has to know of the brief before they agree to it."""
        return thin(self.handoff, self.memory)

    @cached_property
    def writing_blockers(self) -> list[str]:
        return blockers.writing(self.handoff, self.evidence)

    @cached_property
    def approval_blockers(self) -> list[str]:
        return blockers.approving(self.handoff, self.user, self.review)

    @cached_property
    def reading_blockers(self) -> list[str]:
        return blockers.reading_back(self.handoff, self.review)

    @cached_property
    def accepting_blockers(self) -> list[str]:
        return blockers.accepting(self.handoff, self.review, self.evidence)
