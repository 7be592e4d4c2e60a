from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Account, Contact, Obligation, User

from .base import VerbForm, because, day, one_of, words


class ObligationForm(VerbForm):
    kind = one_of("What is it?", Obligation.Kind, initial=Obligation.Kind.PROMISE)
    text = words("The exact words", "As they were said. They outlive whoever said them.")
    contact = forms.ModelChoiceField(
        Contact.objects.none(),
        label="To whom, or who raised it",
        required=False,
        empty_label="nobody in particular",
    )
    due = day("By when", "A promise needs a date.", required=False)
    urgency = forms.ChoiceField(choices=Obligation.Urgency.choices, initial=Obligation.Urgency.NORMAL)
    stretch = forms.BooleanField(label="A stretch: we said we would try", required=False)
    shared = forms.BooleanField(label="Show it on their page from now on", required=False)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = account.contacts.present()  # type: ignore[attr-defined]


class MoveForm(VerbForm):
    to = day("To")
    because = because("Because", "They see the reason when the line is shared.")


class AnswerObligationForm(VerbForm):
    text = words("The answer", "It closes when they agree, or lapses in two weeks.", rows=3)


class DecideForm(VerbForm):
    decision = one_of("We say", Obligation.Decision)
    because = because("Because", "A no without a reason is no answer.")


class AgreeForm(VerbForm):
    contact = forms.ModelChoiceField(
        Contact.objects.none(), label="Who agreed?", empty_label="Choose one of their people"
    )
    words = words("Their words", "You record it for them; it is shown as reported by us.", rows=2)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = account.contacts.present()  # type: ignore[attr-defined]


class ReopenForm(VerbForm):
    because = because("What is still missing?", "The second time, it goes to the manager by itself.")


class HandForm(VerbForm):
    colleague = forms.ModelChoiceField(
        User.objects.can_serve(), label="To whom?", empty_label="Choose a colleague"
    )
    because = because("Why?", required=False)
