from __future__ import annotations

from typing import Unpack

from django import forms

from accounts.models import Account, Contact, Verdict

from .base import FormData, FormOptions, VerbForm, one_of, words


class ReportVerdictForm(VerbForm):
    """What a customer said to one of us."""

    contact = forms.ModelChoiceField(
        Contact.objects.none(), label="Who said so?", empty_label="Choose one of their people"
    )
    answer = one_of("Would they make the same choice?", Verdict.Answer)
    words = words("Their words", "You report it for them; it is shown as reported by us.", rows=3)

    def __init__(
        self, data: FormData | None = None, *, account: Account, **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **options)
        self.offer("contact", account.contacts.present())
        self.draft(f"verdict:{account.pk}", "words")
