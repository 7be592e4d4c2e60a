"""A question of whoever takes over, and its answer."""

from __future__ import annotations

from typing import Unpack

from django import forms

from accounts.forms.base import FormData, FormOptions, VerbForm, words
from accounts.models import User
from handoffs.models import Handoff, Inquiry
from handoffs.models.inquiries import colleagues_to_ask


class AskColleagueForm(VerbForm):
    to = forms.TypedChoiceField(label="Whom do you ask?", coerce=int)
    question = words("What do you want to know?", "They find it on their page for today.", rows=3)

    def __init__(
        self, data: FormData = None, *, handoff: Handoff, line: str, **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **options)
        self.colleagues = {person.pk: person for person in colleagues_to_ask(handoff)}
        self.choose_from("to", [(str(pk), str(person)) for pk, person in self.colleagues.items()])
        self.draft(f"inquiry:{handoff.pk}:{line}", "question")

    @property
    def to_whom(self) -> User:
        return self.colleagues[self.cleaned_data["to"]]


class AnswerColleagueForm(VerbForm):
    text = words("Your answer", "It is kept on the account’s thread, in your name.", rows=5)
    instead = forms.BooleanField(label="It takes the place of what is written", required=False)

    def __init__(self, data: FormData = None, *, inquiry: Inquiry, **options: Unpack[FormOptions]) -> None:
        super().__init__(data, **options)
        topic = inquiry.topic
        if not inquiry.is_replaceable:
            del self.fields["instead"]
        if topic:
            self.fields["text"].help_text += f" It is an answer on “{topic}” as well."
        if topic and topic.must_survive:
            self.fields["text"].help_text += " What is approved already is approved again."
        self.draft(f"inquiry-answer:{inquiry.pk}")
