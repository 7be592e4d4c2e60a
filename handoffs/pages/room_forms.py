"""The forms of the handoff room, each where it stands: filled anew, or as it came back refused or wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from accounts.forms.accounts import ConditionForm
from accounts.forms.base import FieldValues, VerbForm
from accounts.models import Contact, Topic
from handoffs.briefing import BriefLine
from handoffs.forms.room import (
    CancelForm,
    ChampionForm,
    HoldOutForm,
    IfThenForm,
    KnowForm,
    OverrideForm,
    RefuseForm,
    ReplaceForm,
    RescheduleForm,
    ReturnReadBackForm,
    WaiveForm,
)
from handoffs.models import ChecklistItem, Handoff

from .room_permissions import RoomPermissions

F = TypeVar("F", bound=VerbForm)


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
    """`sent` holds the forms that came back, by name, to be shown again with what was typed."""

    handoff: Handoff
    sent: dict[str, VerbForm] = field(default_factory=dict)

    def _form(self, name: str, make: type[F], **options: Any) -> F:
        sent = self.sent.get(name)
        return sent if isinstance(sent, make) else make(auto_id=f"{name.replace(':', '-')}-%s", **options)

    def condition(self) -> ConditionForm:
        account = self.handoff.account
        initial = {"condition": account.condition, "because": account.condition_because}
        return self._form("condition", ConditionForm, initial=initial)

    def champion(self) -> ChampionForm:
        return self._form("champion", ChampionForm, account=self.handoff.account)

    def if_then(self) -> IfThenForm:
        return self._form("if_then", IfThenForm)

    def return_read_back(self) -> ReturnReadBackForm:
        form = self._form("return_read_back", ReturnReadBackForm)
        form.draft(f"return-read-back:{self.handoff.pk}", "note")
        return form

    def waive(self, item: ChecklistItem) -> WaiveForm:
        return self._form(f"waive:{item.pk}", WaiveForm)

    def know(self, topic: Topic, contacts: list[Contact], line: BriefLine | None = None) -> KnowForm:
        """An answer on a topic, or a better one in the place of this line."""
        name = line.key if line else f"topic:{topic.pk}"
        if isinstance(sent := self.sent.get(name), KnowForm):
            return sent
        initial = {"topic": topic.pk, "supersedes": line.key.removeprefix("fact:") if line else None}
        initial |= {"text": line.text} if line else {}
        account = self.handoff.account
        form = self._form(name, KnowForm, account=account, contacts=contacts, initial=initial)
        form.fields["text"].label = topic.question
        form.draft(f"know:{account.pk}:{name}")
        return form

    def courses(self, may: RoomPermissions) -> list[Course]:
        """Those that this person may take now."""
        h = self.handoff
        dates = {name: getattr(h, name) for name in ("access_on", "accountable_on", "announce_on")}
        stays, name = may.steer and h.outgoing.is_active, h.outgoing.first_name
        offered: list[tuple[bool, str, str, str, type[VerbForm], FieldValues]] = [
            (may.refuse, "refuse", "I cannot take it on", "Refuse", RefuseForm, {}),
            (may.steer, "reschedule", "Set other dates", "Set the dates", RescheduleForm, {"initial": dates}),
            (stays, "hold_out", f"Keep something with {name}", "Hold it out", HoldOutForm, {"handoff": h}),
            (
                may.replace,
                "replace",
                "Choose another successor",
                "Hand it to them",
                ReplaceForm,
                {"handoff": h},
            ),
            (may.override, "override", "Move it without a read-back", "Override", OverrideForm, {}),
            (stays, "cancel", "Call it off", "Call it off", CancelForm, {}),
        ]
        return [
            Course(name, title, verb, self._form(name, make, **options))
            for allowed, name, title, verb, make, options in offered
            if allowed
        ]
