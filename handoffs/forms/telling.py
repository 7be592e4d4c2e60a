"""How somebody at the customer is told of a change of hands, and what was said when they were rung."""

from __future__ import annotations

from typing import Unpack

from django import forms

from accounts.forms.base import FormData, FormOptions, VerbForm, day, one_of, one_of_theirs, words
from accounts.models import Contact, User
from handoffs.models import Handoff, Recipient


class RecipientForm(VerbForm):
    contact = one_of_theirs("Who?", "Choose somebody there", required=True)
    way = one_of("How are they told?", Recipient.Way)
    caller = forms.ModelChoiceField(
        User.objects.none(),
        label="Who rings them?",
        required=False,
        empty_label="Whoever hands over",
        help_text="Only where they are told by telephone.",
    )
    lets_in = forms.BooleanField(
        label="From then on they see their page",
        required=False,
        help_text="Only where they are told by letter: it says how they sign in.",
    )

    def __init__(
        self,
        data: FormData = None,
        *,
        handoff: Handoff,
        by: User,
        contact: Contact | None = None,
        **options: Unpack[FormOptions],
    ) -> None:
        """`contact`: the form is about them and nobody else."""
        super().__init__(data, **options)
        self.offer("caller", User.objects.can_serve().exclude(pk=handoff.incoming_id))
        if contact:
            del self.fields["contact"]
        else:
            chosen = handoff.recipients.values("contact")
            self.offer("contact", handoff.account.contacts.present().exclude(pk__in=chosen))
        reads = contact and User.objects.active().filter(contact=contact).exists()
        if reads or not (by.runs_changes or handoff.account.owner == by):
            del self.fields["lets_in"]


class CallForm(VerbForm):
    on = day("On which day?")
    words = words("What was said?", "It stands on the account’s thread. The customer does not see it.")
