"""handoff + who looks -> Room: everything the handoff room shows, and nothing that this person may not see."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from django.db.models import Prefetch, prefetch_related_objects

from accounts.forms.base import VerbForm
from accounts.models import Account, Condition, Contact, Coverage, Fact, Obligation, Stage, Topic, User, today
from accounts.rules.condition import Sign, most_cautious
from handoffs.briefing import Brief, BriefChange, BriefLine
from handoffs.forms.room import KnowForm
from handoffs.models import (
    Approval,
    BriefReview,
    ChecklistItem,
    Evidence,
    Handoff,
    Holdout,
    ReadBack,
    Takeover,
    blockers,
)
from handoffs.models.transfer import serving

from .rail import RailStep, rail
from .room_actions import Checklist, ChecklistRow, Course, RoomForms, RoomPermissions

STORY = [Topic.STORY, Topic.WHY_US, Topic.OUTCOME]


@dataclass(frozen=True)
class BriefAnswer:
    """One answer of the brief, with the form that writes it better where this person may."""

    line: BriefLine
    form: KnowForm | None


@dataclass(frozen=True)
class BriefTopic:
    """A topic of the brief: its answers, or the gap and the form that fills it."""

    topic: Topic
    known: list[BriefAnswer]
    form: KnowForm | None

    @property
    def is_gap(self) -> bool:
        return not self.known


@dataclass(frozen=True)
class PlaceInBook:
    """Where one is among the accounts of the same person: interview mode, one account per screen."""

    number: int
    total: int
    to_write: int
    previous: Handoff | None
    next: Handoff | None


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
    def brief(self) -> Brief:
        return self.handoff.brief()

    @cached_property
    def review(self) -> BriefReview:
        return self.handoff.review(self.brief)

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
        return self.brief.changes_since(before) if before else []

    @property
    def read_back(self) -> ReadBack | None:
        return self.handoff.read_back_latest

    @property
    def waiting(self) -> ReadBack | None:
        return self.handoff.read_back_waiting

    @cached_property
    def mentions(self) -> list[tuple[BriefLine, bool]]:
        """The lines that must survive, each with whether the read-back mentions it; the missed ones first."""
        if not self.read_back:
            return []
        return sorted(self.read_back.held_against(self.source.must_survive), key=lambda pair: pair[1])

    @property
    def mentioned_count(self) -> int:
        return sum(said for _, said in self.mentions)

    @property
    def question_names(self) -> tuple[str, ...]:
        return ReadBack.QUESTIONS

    @cached_property
    def takeovers(self) -> list[Takeover]:
        if not self.read_back:
            return []
        return list(self.read_back.takeovers.select_related("obligation", "holder").order_by("pk"))

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
        return serving(self.handoff).filter(acting=True).select_related("person").first()

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
        return rail(self.handoff, self.review, acting=acting, day=today())

    @cached_property
    def place(self) -> PlaceInBook | None:
        """This account among all that the same person hands over in the same change."""
        if not self.may.fill:
            return None
        beside = Handoff.objects.open().filter(
            outgoing=self.handoff.outgoing_id, transition=self.handoff.transition_id
        )
        if beside.count() < 2:  # who may see which need not be asked then
            return None
        seen = beside.visible_to(self.user).exclude(incoming=self.user).select_related("account")
        siblings = list(seen.order_by("account__name", "pk"))
        numbers = [sibling.pk for sibling in siblings]
        if self.handoff.pk not in numbers or len(siblings) < 2:
            return None
        at = numbers.index(self.handoff.pk)
        return PlaceInBook(
            at + 1,
            len(siblings),
            sum(sibling.written_at is None for sibling in siblings),
            siblings[at - 1] if at else None,
            siblings[at + 1] if at + 1 < len(siblings) else None,
        )

    @property
    def has_notices(self) -> bool:
        h = self.handoff
        special = h.overridden_at or h.refused_at or h.cancelled_at or h.follows_id or self.follower
        lacking = h.is_open and (self.incoming_left or self.outgoing_left)
        sent_back = self.is_incoming and self.read_back is not None and self.read_back.accepted is False
        return bool(self.homeless or self.is_stale or self.returned or special or lacking or sent_back)

    # The five parts

    @cached_property
    def stage(self) -> str:
        stage = self.account.stage
        return str(Stage(stage).label) if stage else ""

    @cached_property
    def obligations(self) -> list[Obligation]:
        return self.handoff.obligations()

    @cached_property
    def contacts(self) -> list[Contact]:
        return list(self.account.contacts.present())

    @cached_property
    def topics(self) -> dict[str, Topic]:
        return {topic.pk: topic for topic in Topic.objects.all()}

    @cached_property
    def topic_of(self) -> dict[str, str]:
        live = Fact.objects.of(self.account).live().values_list("pk", "topic_id")
        return {f"fact:{pk}": topic for pk, topic in live}

    def _answer(self, line: BriefLine) -> BriefAnswer:
        topic = self.topics.get(self.topic_of.get(line.key, ""))
        if not self.may.fill or topic is None:
            return BriefAnswer(line, None)
        return BriefAnswer(line, self.forms.know(topic, self.contacts, line))

    def _answers(self, slugs: list[str], lines: list[BriefLine]) -> list[BriefTopic]:
        by_topic: dict[str, list[BriefAnswer]] = {}
        for line in lines:
            by_topic.setdefault(self.topic_of.get(line.key, ""), []).append(self._answer(line))
        found = []
        for topic in (self.topics[slug] for slug in slugs if slug in self.topics):
            known = by_topic.get(topic.pk, [])
            form = self.forms.know(topic, self.contacts) if self.may.fill and not known else None
            found.append(BriefTopic(topic, known, form))
        return found

    @cached_property
    def story(self) -> list[BriefTopic]:
        return self._answers(list(STORY), self.brief.story)

    @cached_property
    def facts(self) -> list[BriefTopic]:
        """What else is known, then what else the next owner would have to ask."""
        known = [self.topic_of[line.key] for line in self.brief.facts if line.key in self.topic_of]
        asked = [topic.pk for topic in self.topics.values() if topic.must_survive and topic.is_in_use]
        wanted = [pk for pk in asked if pk not in {*STORY, Topic.IF_THEN}]
        return self._answers(list(dict.fromkeys([*known, *wanted])), self.brief.facts)

    @cached_property
    def contingencies(self) -> list[BriefAnswer]:
        return [self._answer(line) for line in self.brief.contingencies]

    @cached_property
    def warnings(self) -> list[Sign]:
        return self.account.warnings()

    @cached_property
    def condition_now(self) -> Condition:
        return most_cautious(self.account.condition, self.warnings)

    @property
    def needs_contingency(self) -> bool:
        return not self.brief.contingencies and self.condition_now != Condition.STEADY

    @property
    def has_champion(self) -> bool:
        return any(line.must_survive for line in self.brief.people)

    @property
    def missing(self) -> dict[str, bool]:
        """Which of the five parts lack something that has to be there."""
        full = self.handoff.is_full
        return {
            "condition": full and not self.account.condition,
            "story": full and self.story[0].is_gap,
            "if_then": full and self.needs_contingency,
        }

    # The forms, the checklist, and what stands in the way

    @cached_property
    def forms(self) -> RoomForms:
        return RoomForms(self.handoff, self.sent)

    @cached_property
    def courses(self) -> list[Course]:
        return self.forms.courses(self.may)

    @cached_property
    def homeless(self) -> list[VerbForm]:
        """Forms that came back and whose place on the page has gone meanwhile: shown as theirs against yours."""
        placed = {f"waive:{row.row.pk}" for row in self.checklist.rows if row.may_change and not row.done}
        placed |= {course.name for course in self.courses}
        if self.may.fill:
            gaps = {f"topic:{one.topic.pk}" for one in [*self.story, *self.facts] if one.is_gap}
            placed |= {"condition", "champion", "if_then", *self.topic_of, *gaps}
        if self.may.accept:
            placed.add("return_read_back")
        return [form for name, form in self.sent.items() if name not in placed]

    @cached_property
    def evidence(self) -> Evidence:
        return Evidence.of(self.handoff)

    @cached_property
    def checklist(self) -> Checklist:
        rows = [
            ChecklistRow(item, item.is_done(self.evidence), self.may.fill, self.forms.waive(item))
            for item in self.handoff.items.all()
        ]
        return Checklist(rows)

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
