"""The forms of the handoff room. Each calls one verb; what is refused is said on the form, with the words kept."""

from __future__ import annotations

from typing import Any, Unpack

from django import forms
from django.db import transaction

from accounts.forms.base import (
    FieldValues,
    FormData,
    FormOptions,
    OneLine,
    PersonField,
    VerbForm,
    because,
    day,
    words,
)
from accounts.forms.facts import BOTH, SAY_WHICH, becomes_of_it
from accounts.models import Account, Contact, Deal, Fact, Topic, User
from accounts.models.facts import teller_of
from handoffs.models import Handoff


class KnowForm(VerbForm):
    """An answer on a topic, and who told us."""

    topic = forms.ModelChoiceField(Topic.objects.all(), widget=forms.HiddenInput)
    supersedes = forms.ModelChoiceField(Fact.objects.none(), required=False, widget=forms.HiddenInput)
    text = words("What is true?", rows=3)
    source = forms.ChoiceField(label="Where do we have it from?")
    becomes = becomes_of_it()

    def __init__(
        self,
        data: FormData = None,
        *,
        account: Account,
        contacts: list[Contact],
        by: User,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, **options)
        self.by = by
        self.offer("supersedes", Fact.objects.of(account).select_related("topic", "contact", "author"))
        if str(self["topic"].value()) in [*Topic.MANY, Topic.STORY] or not self["supersedes"].value():
            del self.fields["becomes"]
        sources = [
            (Fact.Provenance.INFERRED, "We worked it out ourselves"),
            *((f"told:{contact.pk}", f"{contact} told us") for contact in contacts),
            (Fact.Provenance.TO_CONFIRM, "Still to confirm"),
        ]
        self.choose_from("source", sources)
        self.contacts = {str(contact.pk): contact for contact in contacts}

    @property
    def origin(self) -> FieldValues:
        kind, _, contact = self.cleaned_data.get("source", "").partition(":")
        return {"provenance": kind, "contact": self.contacts.get(contact)}

    def clean(self) -> FieldValues:
        cleaned: FieldValues = super().clean() or self.cleaned_data
        older: Fact | None = cleaned.get("supersedes")
        unsaid = older and "becomes" in self.fields and not cleaned.get("becomes")
        if older and unsaid and teller_of(author=self.by, **self.origin) != older.teller:
            self.add_error("becomes", SAY_WHICH)
        return cleaned

    def record(self, account: Account) -> Fact:
        """State the answer, or let it take the place of the one it was written over, or stand beside that one."""
        given = self.cleaned_data
        older: Fact | None = given["supersedes"]
        if older:
            follow = older.stand_beside if given.get("becomes") == BOTH else older.supersede
            return follow(given["text"], by=self.by, **self.origin)
        return Fact.state(account, given["topic"], given["text"], by=self.by, **self.origin)


class IfThenForm(VerbForm):
    """One contingency, in two halves."""

    happens = words("If …", "What could happen with them?", rows=2)
    do = words("then …", "What do we do about it, and who does it?", rows=2)

    @staticmethod
    def sentence(happens: str, do: str) -> str:
        happens = happens.strip().removeprefix("If ").rstrip(",. ")
        return f"If {happens}, then {do.strip().removeprefix('then ').rstrip('. ')}."


class ChampionForm(VerbForm):
    """Somebody there who speaks for us: one of those we know, or somebody not written down yet."""

    contact = forms.ModelChoiceField(
        Contact.objects.none(), label="Who speaks for us?", required=False, empty_label="Somebody not listed"
    )
    name = OneLine(label="Their name, as they write it", max_length=200, required=False)
    title = OneLine(label="What they do", max_length=200, required=False)
    strength = forms.TypedChoiceField(label="How strongly?", choices=Contact.Strength.choices, coerce=int)
    evidence = words("What shows it?", "What they did or said.", rows=2)
    cost = words(
        "What did it cost them?", "Standing, favours or quarrels spent on us.", rows=2, required=False
    )

    def __init__(self, data: FormData = None, *, account: Account, **options: Unpack[FormOptions]) -> None:
        super().__init__(data, **options)
        self.offer("contact", account.contacts.present())

    def clean(self) -> FieldValues:
        cleaned: FieldValues = super().clean() or self.cleaned_data
        if not cleaned.get("contact") and not cleaned.get("name", "").strip():
            self.add_error("contact", "Choose somebody, or write their name below.")
        return cleaned

    @staticmethod
    @transaction.atomic
    def record(account: Account, **given: Any) -> Contact:
        contact: Contact = given["contact"] or Contact(
            account=account, name=given["name"].strip(), title=given["title"].strip()
        )
        if contact.pk:
            contact = Contact.objects.select_for_update().get(pk=contact.pk)
        if Contact.Role.CHAMPION not in contact.roles:
            contact.roles = [Contact.Role.CHAMPION, *contact.roles]
        contact.strength, contact.evidence = given["strength"], given["evidence"].strip()
        contact.cost = given["cost"].strip() or contact.cost
        columns = ["roles", "strength", "evidence", "cost"]
        contact.save(update_fields=columns if contact.pk else None)
        return contact


class ReturnForm(VerbForm):
    because = words("What is missing?", "Whoever wrote it sees these words.", rows=3)


class ReturnReadBackForm(VerbForm):
    note = words("What did they miss?", "They see these words, and read back again.", rows=3)


class RefuseForm(VerbForm):
    because = because("Why can you not take it on?", "Your access ends, and somebody else is chosen.")


class OverrideForm(VerbForm):
    because = because(
        "Why can it not wait for the read-back?",
        "The account moves at once. This reason stays on the record.",
    )


class CancelForm(VerbForm):
    because = because("Why is it called off?", "The account stays with whoever has it.")


class WaiveForm(VerbForm):
    because = because("Why is it not needed here?", "The reason stays on the record.")


class TickForm(VerbForm):
    words = because("What was done, in a sentence?", "Your words stay on the record.")


class RescheduleForm(VerbForm):
    access_on = day("May read from")
    accountable_on = day("Answers from", "Or from the accepted read-back, if that is later.")
    announce_on = day("The customer is told on")


class HoldOutForm(VerbForm):
    deal = forms.ModelChoiceField(
        Deal.objects.none(), label="What stays?", required=False, empty_label="The whole account"
    )
    until = day("Until", "Then it moves by itself.")
    because = because("Why?")

    def __init__(self, data: FormData = None, *, handoff: Handoff, **options: Unpack[FormOptions]) -> None:
        super().__init__(data, **options)
        self.offer("deal", handoff.account.deals.open())


class ReplaceForm(VerbForm):
    incoming = PersonField(User.objects.can_serve(), label="Who takes over instead?")
    because = because("Why?")

    def __init__(self, data: FormData = None, *, handoff: Handoff, **options: Unpack[FormOptions]) -> None:
        super().__init__(data, **options)
        others = User.objects.can_serve().exclude(pk__in=[handoff.incoming_id, handoff.outgoing_id])
        self.offer("incoming", others)
