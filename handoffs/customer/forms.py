"""What a customer can write on their page."""

from __future__ import annotations

from typing import Unpack

from django import forms

from accounts.forms.base import FieldValues, FormData, FormOptions, OneLine, VerbForm, words
from accounts.models import Obligation, Verdict

from .page import TeamMember


class AskForm(VerbForm):
    """A question to somebody by name."""

    whom = forms.ChoiceField(label="Whom do you ask?")
    text = words("What would you like to know?", rows=4)
    urgency = forms.ChoiceField(
        label="How soon do you need to hear?",
        choices=[
            (Obligation.Urgency.NORMAL, "This week is fine"),
            (Obligation.Urgency.SOON, "Within two days"),
            (Obligation.Urgency.EMERGENCY, "Today: something is wrong"),
        ],
        widget=forms.RadioSelect,
        initial=Obligation.Urgency.NORMAL,
    )

    def __init__(
        self, data: FormData = None, *, team: list[TeamMember], **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **options)
        members = [(str(one.coverage), f"{one.person}, who {one.role}") for one in team]
        self.choose_from("whom", members)
        self.draft("ask")


class CorrectForm(VerbForm):
    text = words("What is right?", "Somebody by name answers you, and you see here what came of it.", rows=3)


class ReopenForm(VerbForm):
    because = words("What is still missing?", rows=3)


class VerdictForm(VerbForm):
    """Three buttons, and room for a word on why."""

    words = words("Why?", "Whoever answers for your account reads it.", rows=3, required=False)
    answer = forms.ChoiceField(choices=Verdict.Answer.choices, required=False)

    def clean(self) -> FieldValues:
        if not self.cleaned_data.get("answer"):
            raise forms.ValidationError("Press one of the three answers. Your words are kept.")
        return self.cleaned_data


class NameForm(VerbForm):
    """How they write and say their own name."""

    name = OneLine(label="Your name", max_length=200)
    say_name = OneLine(
        label="How to say it", help_text="If people get it wrong.", max_length=200, required=False
    )
    title = OneLine(label="What you are at your company", max_length=200, required=False)
