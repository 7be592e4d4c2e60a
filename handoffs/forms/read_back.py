"""The read-back: six answers, and who takes on what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from django import forms

from accounts.briefing import Brief
from accounts.forms.base import FormData, FormOptions, VerbForm, words
from accounts.models import Obligation, User
from handoffs.held_against import remarks
from handoffs.models import Handoff, ReadBack


class ReadBackForm(VerbForm):
    """The account in the incoming person's own words; what is owed is taken on in one act, exceptions named.

    `as_it_is` is sent by the second button: what was remarked on the answers has been read.
    """

    stands = words("Where do they stand?", "What they want, and what they worry about.", rows=4)
    why_us = words(
        "Why did they choose us, and what must not be raised?",
        "The reasons, and what one had better not bring up with whom.",
        rows=4,
    )
    first_call = words("Whom do you call first, and why?", rows=3)
    promised = words("What have we promised, and by when?", "To whom, and what was said with it.", rows=4)
    falls_due = words(
        "What falls due, and when?", "Notice, renewal, a decision of theirs: with the day.", rows=3
    )
    could_go_wrong = words("What could go wrong, and what will you do?", rows=4)
    takes_on = forms.BooleanField(label="I take all of these on", required=False)
    as_it_is = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: FormData = None,
        *,
        handoff: Handoff,
        owed: list[Obligation],
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, **options)
        self.handoff, self.owed = handoff, owed
        if not handoff.is_full:
            for name in ReadBack.QUESTIONS[1:]:
                del self.fields[name]
            self.fields["stands"].label = "What do you take on, in your own words?"
            self.fields["stands"].help_text = "A sentence or two is enough."
        for name in self.questions:
            self.draft(f"read-back:{handoff.pk}:{name}", name)
        if not owed:
            del self.fields["takes_on"]
            return
        others = User.objects.can_serve().exclude(pk__in=[handoff.incoming_id, handoff.outgoing_id])
        colleagues = [("", "I take it on"), *((person.pk, f"{person} takes it on") for person in others)]
        for obligation in owed:
            self.fields[self.holder_name(obligation)] = forms.TypedChoiceField(
                label=str(obligation), choices=colleagues, coerce=int, empty_value=None, required=False
            )

    @property
    def questions(self) -> list[str]:
        return [name for name in ReadBack.QUESTIONS if name in self.fields]

    @property
    def question_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.questions]

    @property
    def lines(self) -> list[tuple[Obligation, forms.BoundField]]:
        return [(obligation, self[self.holder_name(obligation)]) for obligation in self.owed]

    @staticmethod
    def holder_name(obligation: Obligation) -> str:
        return f"holder_{obligation.pk}"

    @property
    def answers(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "") for name in ReadBack.QUESTIONS}

    @property
    def holders(self) -> Mapping[int, User]:
        """Who takes on what: a colleague where one was chosen; the rest whoever reads back, if they said so."""
        mine = self.handoff.incoming_id if self.cleaned_data.get("takes_on") else None
        chosen = {o.pk: self.cleaned_data[self.holder_name(o)] or mine for o in self.owed}
        people = User.objects.in_bulk({person for person in chosen.values() if person})
        return {obligation: people[person] for obligation, person in chosen.items() if person}

    @property
    def has_exceptions(self) -> bool:
        return any(field.value() for _, field in self.lines)

    def remarks(self, brief: Brief) -> list[str]:
        """What shows that answers were copied or hardly given, unless it was read and they are sent all the same."""
        if self.cleaned_data["as_it_is"]:
            return []
        answers = [(str(self.fields[name].label), self.cleaned_data[name]) for name in self.questions]
        return remarks(answers, [line.text for line in brief.lines])
