from __future__ import annotations

from django import forms

from accounts.models import Contact

from .base import DateInput, FieldValues, RecordForm, VerbForm, because, day


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
            "cost", "left_on",
        ]  # fmt: skip
        help_texts = {
            "name": "As they write it themselves.",
            "say_name": "Such as “DREE-us”, or whom to ask for.",
            "evidence": "What they did or said that makes you call them a champion.",
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
