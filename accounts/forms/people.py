"""Their people, and ours."""

from __future__ import annotations

from typing import Unpack

from django import forms

from accounts.limits import MB
from accounts.models import Contact, User

from .base import (
    DateInput,
    FieldValues,
    FormData,
    OwnWords,
    RecordForm,
    RecordOptions,
    UploadField,
    VerbForm,
    because,
    day,
)

MOST_ADDRESS_BYTES = MB
STAFF = [(kind.value, kind.label) for kind in User.Kind if kind != User.Kind.CUSTOMER]


class PersonForm(RecordForm[User]):
    """A colleague. Managers add reps to their own team; operations add anybody, and change what they are."""

    kind = forms.ChoiceField(label="Works as", choices=STAFF)

    class Meta:
        model = User
        fields = ["name", "email", "kind", "title", "phone", "region", "reports_to"]

    def __init__(self, data: FormData = None, *, by: User, **options: Unpack[RecordOptions[User]]) -> None:
        super().__init__(data, **options)
        managers = User.objects.active().filter(kind=User.Kind.MANAGER).exclude(pk=self.instance.pk)
        if self.instance.pk and not by.is_operations:
            managers = User.objects.filter(pk=self.instance.reports_to_id)
            for name in ("kind", "reports_to"):
                self.fields[name].disabled = True
                self.fields[name].help_text = "Only operations change this."
        elif not by.is_operations:
            managers = managers.filter(pk__in=by.team_ids())
            self.fields["reports_to"].required = True
            self.choose_from("kind", STAFF[:1])
            self.initial.setdefault("reports_to", by.pk)
        self.offer("reports_to", managers.order_by("name"))


class AddressListForm(VerbForm):
    file = UploadField(
        label="The list, as a file",
        required=False,
        help_text="CSV or XLSX with a line for each person: name or id, address, manager, kind.",
        accept=".csv,.tsv,.txt,.xlsx",
        most_bytes=MOST_ADDRESS_BYTES,
    )
    list = OwnWords(
        label="or pasted here",
        required=False,
        strip=False,
        max_length=200_000,
        help_text="What stays as it is may be left empty. A kind is rep, manager or operations.",
        widget=forms.Textarea(
            attrs={
                "rows": 9,
                "spellcheck": "false",
                "placeholder": "name or id, address, manager, kind\n"
                "Ines Carvalho, ines@vendor.example, Max Adeyemi, rep",
            }
        ),
    )

    def clean(self) -> FieldValues:
        given: FieldValues = super().clean() or self.cleaned_data
        if not given.get("file") and not (given.get("list") or "").strip():
            self.add_error("list", "Choose a file, or paste the list here.")
        return given


class DeactivateForm(VerbForm):
    because = because("Why does their access end?")


class ContactForm(RecordForm[Contact]):
    roles = forms.MultipleChoiceField(
        label="The part they play",
        choices=Contact.Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Contact
        fields = [
            "name", "say_name", "name_locked", "title", "email", "phone", "roles", "strength", "evidence",
            "cost", "left_on", "went_to",
        ]  # fmt: skip
        help_texts = {
            "name": "As they write it themselves.",
            "say_name": "Such as “DREE-us”, or whom to ask for.",
            "evidence": "What they did or said. Of a champion it has to be told.",
            "cost": "The standing, favours or quarrels they spent on us. The next owner must know it.",
            "left_on": "They stay readable here when they have gone.",
        }
        widgets = {
            "evidence": forms.Textarea(attrs={"class": "voice-input", "rows": 3}),
            "cost": forms.Textarea(attrs={"class": "voice-input", "rows": 3}),
            "left_on": DateInput(),
        }

    def clean(self) -> FieldValues:
        cleaned = super().clean()
        if Contact.Role.CHAMPION in cleaned.get("roles", []) and not cleaned.get("evidence", "").strip():
            self.add_error("evidence", "Say what shows that they are a champion.")
        return cleaned


class ContextForm(VerbForm):
    text = because(
        "What weighs on them?",
        "Such as a new boss, a first big purchase, a hiring freeze. Only we read it, and only until its day.",
    )
    until = day("Until when does it matter?", "It is gone from every page the day after. At most a year.")


class EraseForm(VerbForm):
    because = because("On whose request, or by which duty?", "This reason, who and when is all that stays.")
