"""Forms of transitions and checklists. Those of the handoff room are in room.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Unpack

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundWidget
from django.utils.datastructures import MultiValueDict

from accounts.forms.base import (
    FieldValues,
    FormData,
    FormOptions,
    OneLine,
    OwnWords,
    PersonField,
    RecordForm,
    RecordOptions,
    UploadField,
    VerbForm,
    because,
    day,
    one_of,
)
from accounts.limits import MB
from accounts.models import Coverage, Deal, Topic, User, today
from accounts.rules.lateness import working_days
from handoffs.models import TemplateItem, Transition
from handoffs.models.checklist import FROM_MEMORY, Proof

ACCESS = "The next owner may read."
ACCOUNTABLE = "They answer for it, once read back."
ANNOUNCED = "The customer is told."
BECAUSE = "The customer reads this reason."


class PlanForm(VerbForm):
    """A change that is planned: why, and its dates, which are `usual` so many days from now."""

    usual: ClassVar[dict[str, int]] = {}
    because = because("Why?", BECAUSE)
    access_on = day("Access", ACCESS)
    announced_on = day("Announced", ANNOUNCED)
    accountable_on = day("Accountable", ACCOUNTABLE)

    def __init__(
        self,
        data: FormData = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.propose(self.usual)

    def propose(self, usual: Mapping[str, int]) -> None:
        """Fill in working days that are so many days from now, or the next, where nothing is filled in."""
        for name, days in usual.items():
            on = today() + timedelta(days=days)
            self.initial.setdefault(name, next(working_days(on, "")) if days else on)


class DepartureForm(PlanForm):
    """Somebody leaves. When they have already gone, the last day and the back-up have no meaning."""

    PLANNED, SUDDEN = "planned", "sudden"
    USUAL: ClassVar = {
        PLANNED: {"access_on": 0, "announced_on": 7, "accountable_on": 14, "last_day": 14},
        SUDDEN: {"access_on": 0, "announced_on": 1, "accountable_on": 0},
    }
    when = one_of(
        "Is there time to hand over?", [(PLANNED, "Still here"), (SUDDEN, "Already gone")], initial=PLANNED
    )
    last_day = day("Last day", "Their access ends the day after.", required=False)
    back_up_until = day("Stays as back-up until", "Named to the customer as somebody to ask.", required=False)

    def __init__(
        self, data: FormData = None, *, person: User, manager: User, **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **options)
        self.person = person
        self.consequences = {
            self.PLANNED: f"{person.first_name} writes the briefs and serves the accounts until they move.",
            self.SUDDEN: f"{person.first_name}’s access ends now, and {manager} acts for all of them until "
            "somebody has read them back. The briefs are made from memory.",
        }
        self.fields["last_day"].required = not self.is_sudden
        self.propose(self.USUAL[self.SUDDEN if self.is_sudden else self.PLANNED])

    def courses(self) -> list[tuple[BoundWidget, str]]:
        """Each of the two radio buttons with its consequence."""
        return [(radio, self.consequences[radio.data["value"]]) for radio in self["when"]]

    @property
    def is_sudden(self) -> bool:
        return bool(self["when"].value() == self.SUDDEN)

    def clean(self) -> FieldValues:
        given: FieldValues = super().clean() or self.cleaned_data
        last = given.get("last_day")
        if given.get("when") == self.SUDDEN:
            given["last_day"] = given["back_up_until"] = None
        elif last and last < today():
            self.add_error(
                "last_day", f"That day is past. If {self.person.first_name} has gone, say so above."
            )
        return given

    def open(self, by: User) -> Transition:
        given = dict(self.cleaned_data)
        sudden = given.pop("when") == self.SUDDEN
        return Transition.objects.open_departure(self.person, by=by, sudden=sudden, **given)


class LeaveForm(PlanForm):
    usual = {"access_on": 0, "announced_on": 3, "starts_on": 7, "return_on": 28}
    access_on = day("Access", "The stand-in may read.")
    starts_on = day("First day away", "The stand-in answers, once read back.")
    return_on = day("Back on", "Everything goes back by itself.")

    def __init__(self, data: FormData = None, *, person: User, **options: Unpack[FormOptions]) -> None:
        super().__init__(data, **options)
        del self.fields["accountable_on"]  # it is the first day away
        self.person = person

    def open(self, by: User) -> Transition:
        return Transition.objects.open_leave(self.person, by=by, **self.cleaned_data)


class HandoverForm(PlanForm):
    """What one person serves an account in, to a colleague."""

    usual = {"access_on": 0, "announced_on": 7, "accountable_on": 14}
    coverage = forms.TypedChoiceField(label="Which part of it?", coerce=int)
    incoming = PersonField(User.objects.can_serve(), label="To whom?", empty_label="Choose somebody")

    def __init__(
        self, data: FormData = None, *, team: list[Coverage], **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **options)
        self.team = {row.pk: row for row in team}
        rows = [(str(row.pk), f"{row.get_role_display()}: {row.person}") for row in team]
        self.choose_from("coverage", rows)

    def open(self, by: User) -> Transition:
        given = dict(self.cleaned_data)
        row, incoming = self.team[given.pop("coverage")], given.pop("incoming")
        return Transition.objects.open_handover(row, incoming, by=by, **given)


class SaleToSuccessForm(PlanForm):
    """Who looks after what was sold from now on."""

    usual = {"access_on": 0, "announced_on": 3, "accountable_on": 7}
    success = PersonField(
        User.objects.can_serve(), label="Who looks after their success?", empty_label="Choose somebody"
    )
    access_on = day("Access", "They may read.")

    def __init__(
        self, data: FormData = None, *, deal: Deal, seller: User, **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **options)
        self.deal = deal
        self.offer("success", User.objects.can_serve().exclude(pk=seller.pk))

    def open(self, by: User) -> Transition:
        given = dict(self.cleaned_data)
        return Transition.objects.open_sale_to_success(self.deal, given.pop("success"), by=by, **given)


class PlanDatesForm(VerbForm):
    """The dates of a plan that has not begun. Which of them there are depends on its kind."""

    access_on = day("Access", ACCESS)
    announced_on = day("Announced", ANNOUNCED)
    accountable_on = day("Accountable", ACCOUNTABLE)
    last_day = day("Last day")
    return_on = day("Back on", "Everything goes back by itself.")
    back_up_until = day("Stays as back-up until", required=False)

    def __init__(
        self, data: FormData = None, *, transition: Transition, **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **options)
        departs = transition.kind == Transition.Kind.DEPARTURE and not transition.sudden
        if not departs:
            del self.fields["last_day"], self.fields["back_up_until"]
        if transition.kind != Transition.Kind.LEAVE:
            del self.fields["return_on"]
        else:
            self.fields["accountable_on"].label = "First day away"
        for name in self.fields:
            self.initial.setdefault(name, getattr(transition, name))


class ReasonForm(VerbForm):
    because = because("Why?")

    def __init__(self, data: FormData = None, *, label: str, **options: Unpack[FormOptions]) -> None:
        super().__init__(data, **options)
        self.fields["because"].label = label


class MoveSuccessorForm(VerbForm):
    """Who takes one account over, with a reason in one's own words."""

    incoming = PersonField(
        User.objects.can_serve(), label="Who takes it over?", empty_label="Choose somebody"
    )
    because = because("Why this person?", "The people concerned read it.", required=False)


MOST_LIST = 5 * MB  # ten thousand lines with long reasons
LONGEST_LIST = 1_000_000


class ReorgForm(PlanForm):
    usual = {"access_on": 7, "announced_on": 21, "accountable_on": 28}
    name = OneLine(max_length=200, help_text="Such as “Nordics by industry, spring”.")
    because = because("Why?", BECAUSE + " A line of the list may give one of its own.")
    file = UploadField(
        label="The list, as a file",
        required=False,
        help_text="CSV or XLSX with the columns account, new owner and reason (the reason may be left out).",
        accept=".csv,.tsv,.txt,.xlsx",
        most_bytes=MOST_LIST,
    )
    list = OwnWords(
        label="or pasted here",
        required=False,
        strip=False,
        max_length=LONGEST_LIST,
        help_text="The first line names the columns. Copy it from a spreadsheet or write it here.",
        widget=forms.Textarea(
            attrs={
                "rows": 9,
                "spellcheck": "false",
                "placeholder": "account, new owner, reason\nAcme Robotics, Ines Carvalho, She knows robotics",
            }
        ),
    )
    access_on = day("Runs on", "The new owners may read.")

    def clean(self) -> FieldValues:
        given: FieldValues = super().clean() or self.cleaned_data
        if not given.get("file") and not (given.get("list") or "").strip():
            self.add_error("file", "Choose a file, or paste the list below.")
        return given


class TemplateItemForm(RecordForm[TemplateItem]):
    class Meta:
        model = TemplateItem
        labels = {
            "text": "What must survive the change?",
            "why": "Why is it on the list?",
            "part": "Part of the handoff",
            "kind": "For which change?",
            "when": "When?",
            "proof": "What ticks it?",
            "topic": "The topic that must have an answer",
            "required": "It must be done, or waived with a reason",
            "before_writing": "Before the brief goes for approval (else before the read-back is accepted)",
            "position": "Place in the list",
        }
        fields = list(labels)
        help_texts = {
            "kind": "",
            "topic": "Only where an answer on a topic ticks it.",
            "required": "",
            "before_writing": "",
            "position": "Lower numbers come first.",
        }
        widgets = {"text": forms.TextInput, "why": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, data: FormData = None, **options: Unpack[RecordOptions[TemplateItem]]) -> None:
        super().__init__(data, **options)
        kinds = [("", "Every kind of change"), *Transition.Kind.choices]
        self.choose_from("kind", kinds)
        self.choose_from(
            "proof", [(proof, label) for proof, label in Proof.choices if proof not in FROM_MEMORY]
        )
        offered = Topic.objects.in_use() | Topic.objects.filter(pk=self.instance.topic_id)
        self.offer("topic", offered)

    def clean(self) -> FieldValues:
        given = super().clean()
        if given.get("proof") == "topic" and not given.get("topic"):
            self.add_error("topic", "Choose the topic whose answer ticks this.")
        elif given.get("proof") != "topic":
            given["topic"] = None
        return given
