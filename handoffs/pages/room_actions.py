"""handoff + who looks -> what this person may do in its room now, and the forms with which they do it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from accounts.briefing import BriefLine
from accounts.forms.accounts import ConditionForm
from accounts.forms.base import FieldValues, FormData, VerbForm
from accounts.models import Contact, Topic, User, today
from handoffs.forms import room as forms
from handoffs.models import ChecklistItem, Handoff, Part, blockers
from handoffs.models.permissions import (
    may_accept,
    may_approve,
    may_read_why,
    may_steer,
    may_write,
    sees_account,
)

F = TypeVar("F", bound=VerbForm)


@dataclass(frozen=True)
class RoomPermissions:
    """The verbs ask the same rules once more."""

    fill: bool
    waive: bool
    write: bool
    approve: bool
    override: bool
    read_back: bool
    refuse: bool
    accept: bool
    steer: bool
    replace: bool
    tell: bool
    see_account: bool
    read_why: bool

    @classmethod
    def of(cls, handoff: Handoff, user: User) -> RoomPermissions:
        is_open, waiting = handoff.is_open, handoff.read_back_waiting
        writes = not handoff.account.closed_at and may_write(handoff, user)
        fills = writes and not blockers.over(handoff)
        decides = is_open and may_approve(handoff, user)
        takes_over = is_open and user.pk == handoff.incoming_id and not handoff.accepted_at
        steers = may_steer(handoff, user)
        gone = handoff.moved_at or handoff.cancelled_at or handoff.follower
        off = handoff.refused_at or handoff.cancelled_at or handoff.taken_back_at or handoff.account.closed_at
        return cls(
            fill=fills,
            waive=fills and user.notice_at is None,
            write=fills and not handoff.written_at,
            approve=decides and bool(handoff.written_at),
            override=decides and handoff.incoming.may_come_in,
            read_back=takes_over and not waiting,
            refuse=takes_over,
            accept=is_open and bool(waiting) and may_accept(handoff, user),
            steer=steers and is_open,
            replace=steers and not gone,
            tell=not off and user.pk != handoff.incoming_id and (writes or steers),
            read_why=bool(handoff.announced_at) or may_read_why(handoff.transition, user, today()),
            see_account=sees_account(handoff, user),
        )


@dataclass(frozen=True)
class Course:
    """A way off the straight road, behind a click."""

    name: str
    title: str
    verb: str
    form: VerbForm

    @property
    def open(self) -> bool:
        return self.form.is_bound

    @property
    def tone(self) -> str:
        return "button--danger" if self.name in {"override", "cancel"} else ""


@dataclass
class RoomForms:
    """The forms of the room by name, for its page and for the view to which each is sent.

    `sent` holds those that came back, to be shown again with what was typed; `data` is what was sent just now.
    """

    handoff: Handoff
    user: User
    sent: dict[str, VerbForm] = field(default_factory=dict)
    data: FormData = None

    def __getitem__(self, name: str) -> VerbForm:
        h, account = self.handoff, self.handoff.account
        rated = {"condition": account.condition, "because": account.condition_because}
        dates = {column: getattr(h, column) for column in ("access_on", "accountable_on", "announce_on")}
        made: dict[str, tuple[type[VerbForm], FieldValues]] = {
            "condition": (ConditionForm, {"initial": rated}),
            "champion": (forms.ChampionForm, {"account": account}),
            "if_then": (forms.IfThenForm, {}),
            "return": (forms.ReturnForm, {}),
            "return_read_back": (forms.ReturnReadBackForm, {}),
            "refuse": (forms.RefuseForm, {}),
            "reschedule": (forms.RescheduleForm, {"initial": dates}),
            "hold_out": (forms.HoldOutForm, {"handoff": h}),
            "replace": (forms.ReplaceForm, {"handoff": h}),
            "override": (forms.OverrideForm, {}),
            "cancel": (forms.CancelForm, {}),
        }
        make, options = made[name]
        form = self._form(name, make, **options)
        if name in {"return", "return_read_back"}:
            form.draft(f"{name.replace('_', '-')}:{h.pk}", next(iter(form.fields)))
        return form

    def _form(self, name: str, make: type[F], **options: Any) -> F:
        if isinstance(sent := self.sent.get(name), make):
            return sent
        return make(self.data, auto_id=f"{name.replace(':', '-')}-%s", **options)

    def waive(self, item: ChecklistItem) -> forms.WaiveForm:
        return self._form(f"waive:{item.pk}", forms.WaiveForm)

    def tick(self, item: ChecklistItem) -> forms.TickForm:
        return self._form(f"tick:{item.pk}", forms.TickForm)

    def know(self, topic: Topic, contacts: list[Contact], line: BriefLine | None = None) -> forms.KnowForm:
        """An answer on a topic, or a better one in the place of this line."""
        name = line.key if line else f"topic:{topic.pk}"
        if isinstance(sent := self.sent.get(name), forms.KnowForm):
            return sent
        initial = {"topic": topic.pk, "supersedes": line.key.removeprefix("fact:") if line else None}
        initial |= {"text": line.text} if line else {}
        account = self.handoff.account
        form = self._form(
            name, forms.KnowForm, account=account, contacts=contacts, by=self.user, initial=initial
        )
        form.fields["text"].label = topic.question
        form.draft(f"know:{account.pk}:{name}")
        return form

    def courses(self, may: RoomPermissions) -> list[Course]:
        """Those that this person may take now."""
        steers, replaces, name = may.steer, may.replace, self.handoff.outgoing.first_name
        stays = steers and self.handoff.outgoing.may_come_in
        offered = [
            (may.refuse, "refuse", "I cannot take it on", "Refuse"),
            (steers, "reschedule", "Set other dates", "Set the dates"),
            (stays, "hold_out", f"Keep something with {name}", "Hold it out"),
            (replaces, "replace", "Choose another successor", "Hand it to them"),
            (may.override, "override", "Move it without a read-back", "Override"),
            (stays, "cancel", "Call it off", "Call it off"),
        ]
        return [Course(name, title, verb, self[name]) for allowed, name, title, verb in offered if allowed]


@dataclass(frozen=True)
class ChecklistRow:
    """A line of the checklist as it stands, with what this person may do about it.

    `became` says what was made of the passage, `count` how many an open line speaks of.
    """

    row: ChecklistItem
    done: bool
    may_change: bool
    waive: VerbForm
    tick: VerbForm
    became: str = ""
    count: int = 0

    @property
    def ticks_itself(self) -> bool:
        return self.row.proof != "person"

    @property
    def place(self) -> str:
        """The name of the page on which it is done, where that is not this one."""
        places = {"sorted": "passage_list", "rest_sorted": "passage_list", "settled": "account_call"}
        return places.get(self.row.proof, "")

    @property
    def act(self) -> str:
        """What is done on that page."""
        return "Settle" if self.row.proof == "settled" else "Sort"

    @property
    def day(self) -> date:
        """By when: what concerns a person of theirs before the customer is told, all else before it moves."""
        handoff = self.row.handoff
        return handoff.announce_on if self.row.contact_id else handoff.accountable_on

    @property
    def css(self) -> str:
        if self.row.waived_at:
            return "is-waived"
        return "is-done" if self.done else ("is-blocking" if self.row.required else "")


@dataclass(frozen=True)
class Checklist:
    rows: list[ChecklistRow]

    @property
    def parts(self) -> list[tuple[str, list[ChecklistRow]]]:
        """What is open and can be done now, by part."""
        waiting = [row for row in self.rows if not row.done and not row.row.by_read_back]
        parts = [(str(part.label), [row for row in waiting if row.row.part == part]) for part in Part]
        return [(label, some) for label, some in parts if some]

    @property
    def owed(self) -> list[ChecklistRow]:
        """What ticks itself when somebody takes it on by name."""
        return [row for row in self.rows if not row.done and row.row.by_read_back]

    @property
    def done(self) -> list[ChecklistRow]:
        return [row for row in self.rows if row.done]
