"""handoff + who looks -> Room: everything the handoff room shows, and nothing that this person may not see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from accounts.forms.accounts import ConditionForm
from accounts.forms.base import VerbForm
from accounts.models import Account, Condition, Contact, Coverage, Fact, Obligation, Stage, Topic, User, today
from accounts.rules.condition import most_cautious
from handoffs.briefing import Brief, Line
from handoffs.forms.room import (
    CancelForm,
    ChampionForm,
    HoldOutForm,
    IfThenForm,
    KnowForm,
    OverrideForm,
    ReadBackForm,
    RefuseForm,
    ReplaceForm,
    RescheduleForm,
    ReturnReadBackForm,
    WaiveForm,
)
from handoffs.models import Approval, ChecklistItem, Evidence, Handoff, Holdout, Part, ReadBack

STORY = [Topic.STORY, Topic.WHY_US, Topic.OUTCOME]


@dataclass(frozen=True)
class Step:
    """One stop of the rail: write, approve, read back, accept, announced."""

    name: str
    meta: str
    done: bool = False
    late: bool = False
    current: bool = False


@dataclass(frozen=True)
class Change:
    """One line of a brief that is not what it was."""

    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Known:
    """One answer of the brief, with the form that writes it better where this person may."""

    line: Line
    form: KnowForm | None


@dataclass(frozen=True)
class Slot:
    """A topic of the brief: its answers, or the gap and the form that fills it."""

    topic: Topic
    known: list[Known]
    form: KnowForm | None

    @property
    def is_gap(self) -> bool:
        return not self.known


@dataclass(frozen=True)
class Place:
    """Where one is among the accounts of the same person: interview mode, one account per screen."""

    number: int
    total: int
    to_write: int
    previous: Handoff | None
    next: Handoff | None


@dataclass(frozen=True)
class Item:
    """A line of the checklist as it stands, with what this person may do about it."""

    row: ChecklistItem
    done: bool
    may_change: bool
    waive: VerbForm

    @property
    def ticks_itself(self) -> bool:
        return self.row.proof != "person"

    @property
    def css(self) -> str:
        if self.row.waived_at:
            return "is-waived"
        return "is-done" if self.done else ("is-blocking" if self.row.required else "")


def lines_of(brief: Brief) -> Iterator[tuple[str, str, str]]:
    """Every line of a brief as key, title and words; the condition is one of them."""
    yield "condition", "Condition", f"{Condition(brief.condition).label}. {brief.condition_because}".strip()
    for part in (
        brief.story,
        brief.people,
        brief.actions,
        brief.contingencies,
        brief.facts,
        brief.deals,
        brief.recent,
    ):
        for line in part:
            yield line.key, line.title, f"{line.text}\n{line.source}".strip()


def changes(before: Brief, after: Brief) -> list[Change]:
    """What an approver has to know: the lines that were added, taken out or written anew, in the brief's order."""
    old = {key: (title, text) for key, title, text in lines_of(before)}
    new = {key: (title, text) for key, title, text in lines_of(after)}
    found = [
        Change(title, "\n".join(old.get(key, ("", ""))[1:]) if key in old else "", text)
        for key, (title, text) in new.items()
        if old.get(key) != (title, text)
    ]
    return found + [Change(title, text, "") for key, (title, text) in old.items() if key not in new]


def short(instant: Any) -> str:
    return f"{instant:%-d %b}"


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
            Prefetch("approvals", Approval.objects.select_related("by").order_by("pk")),
            Prefetch("read_backs", ReadBack.objects.select_related("by", "decided_by")),
            Prefetch("items", ChecklistItem.objects.select_related("ticked_by", "waived_by")),
        )

    # Who looks

    @cached_property
    def today(self) -> date:
        return today()

    @property
    def account(self) -> Account:
        return self.handoff.account

    @cached_property
    def approvers(self) -> list[User]:
        return self.handoff.approvers()

    @cached_property
    def may_fill(self) -> bool:
        return self.handoff.is_open and not self.account.closed_at and self.handoff.may_write(self.user)

    @cached_property
    def may_write(self) -> bool:
        return self.may_fill and not self.handoff.written_at

    @cached_property
    def may_approve(self) -> bool:
        return self.handoff.is_open and bool(self.handoff.written_at) and self.user in self.approvers

    @cached_property
    def may_override(self) -> bool:
        return self.handoff.is_open and self.user in self.approvers and self.handoff.incoming.is_active

    @cached_property
    def may_accept(self) -> bool:
        return self.handoff.is_open and bool(self.waiting) and self.handoff.may_accept(self.user)

    @cached_property
    def may_steer(self) -> bool:
        return self.handoff.may_steer(self.user)

    @property
    def is_incoming(self) -> bool:
        return self.user.pk == self.handoff.incoming_id

    @cached_property
    def may_read_back(self) -> bool:
        return self.is_incoming and self.handoff.is_open and not self.waiting and not self.handoff.accepted_at

    @cached_property
    def sees_account(self) -> bool:
        return Account.objects.visible_to(self.user).filter(pk=self.account.pk).exists()

    # What it says

    @property
    def outgoing_role(self) -> str:
        return "" if self.outgoing_left else "hands over"

    @property
    def outgoing_left(self) -> bool:
        return not self.handoff.outgoing.is_active

    @property
    def incoming_left(self) -> bool:
        return not self.handoff.incoming.is_active

    @cached_property
    def stage(self) -> str:
        stage = self.account.stage
        return str(Stage(stage).label) if stage else ""

    @cached_property
    def source(self) -> Brief:
        """What is read back: the brief as it was frozen, else as it stands."""
        return self.handoff.approved_brief or self.brief

    @property
    def brief_without_gaps(self) -> Brief:
        return replace(self.brief, gaps=[])

    @cached_property
    def brief(self) -> Brief:
        """Composed once for the page; the handoff compares this same one with what was approved."""
        self.handoff.brief_read = self.handoff.brief()
        return self.handoff.brief_read

    @cached_property
    def decisions(self) -> list[Approval]:
        return self.handoff.decisions()

    @cached_property
    def returned(self) -> Approval | None:
        """The latest return, while nobody has written it anew."""
        if self.handoff.written_at:
            return None
        latest = next(reversed(self.handoff.approvals.all()), None)
        return latest if latest and not latest.approved else None

    @cached_property
    def is_stale(self) -> bool:
        self.handoff.brief_read = self.brief
        return self.handoff.is_open and not self.handoff.accepted_at and self.handoff.is_stale

    @cached_property
    def waiting_for(self) -> list[User]:
        return self.handoff.waiting_for()

    @cached_property
    def changes(self) -> list[Change]:
        before = self.handoff.approved_brief
        return changes(before, self.brief) if before else []

    @cached_property
    def read_back(self) -> ReadBack | None:
        return self.handoff.read_back_latest

    @cached_property
    def waiting(self) -> ReadBack | None:
        latest = self.read_back
        return latest if latest and latest.decided_at is None else None

    @cached_property
    def mentions(self) -> list[tuple[Line, bool]]:
        """The lines that must survive, each with whether the read-back mentions it; the missed ones first."""
        if not self.read_back:
            return []
        return sorted(self.read_back.held_against(self.source.must_survive), key=lambda pair: pair[1])

    @property
    def mentioned_count(self) -> int:
        return sum(said for _, said in self.mentions)

    @property
    def question_names(self) -> tuple[str, ...]:
        return ReadBackForm.QUESTIONS

    @cached_property
    def takeovers(self) -> list[Any]:
        if not self.read_back:
            return []
        return list(self.read_back.takeovers.select_related("obligation", "holder").order_by("pk"))

    @cached_property
    def obligations(self) -> list[Obligation]:
        return self.handoff.obligations()

    @cached_property
    def holdouts(self) -> list[Holdout]:
        return list(
            self.handoff.holdouts.filter(ended_at=None).select_related("deal", "by").order_by("until")
        )

    @cached_property
    def acting(self) -> Coverage | None:
        return self.handoff.serving().filter(acting=True).select_related("person").first()

    @cached_property
    def follower(self) -> Handoff | None:
        following = Handoff.objects.filter(follows=self.handoff).select_related(
            "incoming", "account", "outgoing"
        )
        return following.first()

    @cached_property
    def place(self) -> Place | None:
        """This account among all that the same person hands over in the same change."""
        if not self.may_fill:
            return None
        beside = Handoff.objects.open().filter(
            outgoing=self.handoff.outgoing_id, transition=self.handoff.transition_id
        )
        if beside.count() < 2:  # who may see which need not be asked then
            return None
        siblings = list(
            beside.visible_to(self.user)
            .exclude(incoming=self.user)
            .select_related("account")
            .order_by("account__name", "pk")
        )
        numbers = [sibling.pk for sibling in siblings]
        if self.handoff.pk not in numbers or len(siblings) < 2:
            return None
        at = numbers.index(self.handoff.pk)
        return Place(
            at + 1,
            len(siblings),
            sum(sibling.written_at is None for sibling in siblings),
            siblings[at - 1] if at else None,
            siblings[at + 1] if at + 1 < len(siblings) else None,
        )

    # The rail

    @cached_property
    def rail(self) -> list[Step]:
        done = self._milestones()
        first_open = next((i for i, step in enumerate(done[:4]) if not step.done), None)
        if not self.handoff.is_open or first_open is None:
            return done
        late = self.handoff.accountable_on < self.today
        at = done[first_open]
        done[first_open] = Step(
            at.name, f"{at.meta}, late" if late else at.meta, at.done, late or at.late, True
        )
        return done

    def _milestones(self) -> list[Step]:
        h = self.handoff
        by = f"by {short(h.accountable_on)}"
        approvers = " and ".join(person.first_name for person in self.approvers) or "nobody yet"
        approved = bool(h.written_at) and not self.waiting_for and not self.is_stale
        read = bool(h.accepted_at or self.waiting)
        if h.overridden_at and h.overridden_by:
            accept = Step("Overridden", f"{h.overridden_by.first_name}, {short(h.overridden_at)}", True)
        elif h.accepted_at and h.accepted_by:
            accept = Step("Accept", f"{h.accepted_by.first_name}, {short(h.accepted_at)}", True)
        else:
            accept = Step("Accept", f"a second person, {by}")
        writer = h.written_by or (self.acting.person if self.acting else h.outgoing)
        return [
            Step(
                "Write",
                f"{writer.first_name}, {short(h.written_at)}"
                if h.written_at
                else f"{writer.first_name}, {by}",
                bool(h.written_at),
            ),
            Step(
                "Approve", f"{approvers}: stale" if self.is_stale else approvers, approved, late=self.is_stale
            ),
            Step(
                "Read back",
                f"{h.incoming.first_name}, {short(self.read_back.at)}"
                if read and self.read_back
                else f"{h.incoming.first_name}, {by}",
                read,
            ),
            accept,
            Step(
                "Announced",
                f"told on {short(h.announced_at)}" if h.announced_at else f"on {short(h.announce_on)}",
                bool(h.announced_at),
            ),
        ]

    # The parts

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

    def _known(self, line: Line) -> Known:
        topic = self.topics.get(self.topic_of.get(line.key, ""))
        if not self.may_fill or topic is None:
            return Known(line, None)
        return Known(line, self.know_form(topic, line))

    def know_form(self, topic: Topic, line: Line | None = None) -> KnowForm:
        name = line.key if line else f"topic:{topic.pk}"
        if isinstance(sent := self.sent.get(name), KnowForm):
            return sent
        initial = {"topic": topic.pk, "supersedes": line.key.removeprefix("fact:") if line else None}
        form = KnowForm(
            account=self.account,
            contacts=self.contacts,
            auto_id=f"{name.replace(':', '-')}-%s",
            initial=initial | ({"text": line.text} if line else {}),
        )
        form.fields["text"].label = topic.question
        form.draft(f"know:{self.account.pk}:{name}")
        return form

    def _slots(self, slugs: list[str], lines: list[Line]) -> list[Slot]:
        by_topic: dict[str, list[Known]] = {}
        for line in lines:
            by_topic.setdefault(self.topic_of.get(line.key, ""), []).append(self._known(line))
        return [
            Slot(
                self.topics[slug],
                by_topic.get(slug, []),
                self.know_form(self.topics[slug]) if self.may_fill and slug not in by_topic else None,
            )
            for slug in slugs
            if slug in self.topics
        ]

    @cached_property
    def story(self) -> list[Slot]:
        return self._slots(list(STORY), self.brief.story)

    @cached_property
    def facts(self) -> list[Slot]:
        """What else is known, then what else the next owner would have to ask."""
        told = dict.fromkeys(
            self.topic_of[line.key] for line in self.brief.facts if line.key in self.topic_of
        )
        asked = [t for t in self.topics.values() if t.must_survive and t.is_in_use]
        wanted = [t.pk for t in asked if t.pk not in {*STORY, Topic.IF_THEN}]
        return self._slots(list(dict.fromkeys([*told, *wanted])), self.brief.facts)

    @cached_property
    def contingencies(self) -> list[Known]:
        return [self._known(line) for line in self.brief.contingencies]

    @cached_property
    def condition_now(self) -> Condition:
        return most_cautious(self.account.condition, self.warnings)

    @cached_property
    def needs_contingency(self) -> bool:
        return not self.brief.contingencies and self.condition_now != Condition.STEADY

    @cached_property
    def warnings(self) -> list[tuple[Condition, str]]:
        return self.account.warnings()

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

    # The forms

    def form(self, name: str, make: type[VerbForm], **options: Any) -> VerbForm:
        return self.sent.get(name) or make(auto_id=f"{name}-%s", **options)

    @property
    def condition_form(self) -> VerbForm:
        initial = {"condition": self.account.condition, "because": self.account.condition_because}
        return self.form("condition", ConditionForm, initial=initial)

    @property
    def champion_form(self) -> VerbForm:
        return self.form("champion", ChampionForm, account=self.account)

    @property
    def if_then_form(self) -> VerbForm:
        return self.form("if_then", IfThenForm)

    @property
    def return_read_back_form(self) -> VerbForm:
        form = self.form("return_read_back", ReturnReadBackForm)
        form.draft(f"return-read-back:{self.handoff.pk}", "note")
        return form

    @cached_property
    def courses(self) -> list[dict[str, Any]]:
        """The ways off the straight road that this person may take now, each behind a click."""
        h = self.handoff
        steers = self.may_steer and h.is_open
        replaces = self.may_steer and not h.moved_at and not h.cancelled_at and not self.follower
        offered = [
            (self.is_incoming and h.is_open and not h.accepted_at, "refuse", "I cannot take it on", "Refuse"),
            (steers, "reschedule", "Set other dates", "Set the dates"),
            (
                steers and h.outgoing.is_active,
                "hold_out",
                f"Keep something with {h.outgoing.first_name}",
                "Hold it out",
            ),
            (replaces, "replace", "Choose another successor", "Hand it to them"),
            (self.may_override, "override", "Move it without a read-back", "Override"),
            (steers and h.outgoing.is_active, "cancel", "Call it off", "Call it off"),
        ]
        return [
            {
                "name": name,
                "title": title,
                "verb": verb,
                "tone": "button--danger" if name in {"override", "cancel"} else "",
                "form": self.course_form(name),
                "open": name in self.sent,
            }
            for may, name, title, verb in offered
            if may
        ]

    def course_form(self, name: str) -> VerbForm:
        h = self.handoff
        dates = {
            "access_on": h.access_on,
            "accountable_on": h.accountable_on,
            "announce_on": h.announce_on,
        }
        make: dict[str, tuple[type[VerbForm], dict[str, Any]]] = {
            "refuse": (RefuseForm, {}),
            "reschedule": (RescheduleForm, {"initial": dates}),
            "hold_out": (HoldOutForm, {"handoff": h}),
            "replace": (ReplaceForm, {"handoff": h}),
            "override": (OverrideForm, {}),
            "cancel": (CancelForm, {}),
        }
        form, options = make[name]
        return self.form(name, form, **options)

    @property
    def has_notices(self) -> bool:
        h = self.handoff
        told = h.overridden_at or h.refused_at or h.cancelled_at or h.follows_id or self.follower
        lacking = h.is_open and (self.incoming_left or self.outgoing_left)
        sent_back = self.is_incoming and self.read_back is not None and self.read_back.accepted is False
        return bool(self.homeless or self.is_stale or self.returned or told or lacking or sent_back)

    @cached_property
    def homeless(self) -> list[VerbForm]:
        """Forms that came back and whose place on the page has gone meanwhile: shown as theirs against yours."""
        placed = {f"waive:{item.row.pk}" for item in self.items if item.may_change and not item.done}
        placed |= {course["name"] for course in self.courses}
        if self.may_fill:
            slots = [*self.story, *self.facts]
            placed |= {"condition", "champion", "if_then", *self.topic_of}
            placed |= {f"topic:{slot.topic.pk}" for slot in slots if slot.is_gap}
        if self.may_accept:
            placed.add("return_read_back")
        return [form for name, form in self.sent.items() if name not in placed]

    # The checklist and what stands in the way

    @cached_property
    def items(self) -> list[Item]:
        return [
            Item(
                row,
                row.is_done(self.evidence),
                self.may_fill,
                self.sent.get(f"waive:{row.pk}") or WaiveForm(auto_id=f"waive-{row.pk}-%s"),
            )
            for row in self.handoff.items.all()
        ]

    @cached_property
    def evidence(self) -> Evidence:
        """Gathered once for the page; the blockers of the handoff read this same one."""
        self.handoff.evidence_read = Evidence.of(self.handoff)
        return self.handoff.evidence_read

    @cached_property
    def checklist(self) -> list[tuple[str, list[Item]]]:
        """What is open and can be done now, by part."""
        waiting = [item for item in self.items if not item.done and not item.row.by_read_back]
        parts = [(str(part.label), [item for item in waiting if item.row.part == part]) for part in Part]
        return [(label, some) for label, some in parts if some]

    @property
    def debts(self) -> list[Item]:
        """What is owed and ticks itself when somebody takes it on by name."""
        return [item for item in self.items if not item.done and item.row.by_read_back]

    @property
    def settled(self) -> list[Item]:
        return [item for item in self.items if item.done]

    @cached_property
    def writing_blockers(self) -> list[str]:
        self.handoff.evidence_read = self.evidence
        return self.handoff.writing_blockers()

    @cached_property
    def approval_blockers(self) -> list[str]:
        return self.handoff.approval_blockers(self.user)

    @cached_property
    def reading_blockers(self) -> list[str]:
        self.handoff.brief_read = self.brief
        return self.handoff.reading_blockers()

    @cached_property
    def accepting_blockers(self) -> list[str]:
        self.handoff.brief_read, self.handoff.evidence_read = self.brief, self.evidence
        return self.handoff.blockers()
