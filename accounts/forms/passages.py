"""What becomes of a passage of a note."""

from __future__ import annotations

from typing import ClassVar, Unpack

from django import forms

from accounts.models import Account, Contact, Passage, SortedPassage, Topic, User
from accounts.pages.proposed import Proposed

from .base import (
    ContactForAccountForm,
    FieldValues,
    FormData,
    FormOptions,
    OneLine,
    day,
    one_of,
    one_of_theirs,
    words,
)


class SortForm(ContactForAccountForm):
    """One passage, and the buttons for what may become of it; each needs other fields."""

    use_required_attribute = False  # which are needed is known when a button is pressed

    FACT, PROMISE, IF_THEN, HANDLING, ROLE, STORY, WHY_US, NOTHING, REST = (
        "fact",
        "promise",
        "if_then",
        "handling",
        "role",
        "story",
        "why_us",
        "nothing",
        "rest",
    )
    NEEDS: ClassVar[dict[str, list[str]]] = {
        FACT: ["text", "topic"],
        PROMISE: ["text", "due"],
        IF_THEN: ["text"],
        HANDLING: ["text", "contact"],
        ROLE: ["contact"],
        STORY: ["text"],
        WHY_US: ["text"],
        NOTHING: [],
        REST: [],
    }
    #: What stands on the button of each, in the order of its key.
    BUTTONS: ClassVar[dict[str, str]] = {
        FACT: "A fact",
        PROMISE: "A promise",
        IF_THEN: "If … then …",
        HANDLING: "How to handle them",
        ROLE: "Their part, or they left",
        STORY: "Part of the story",
        WHY_US: "Why they chose us",
        NOTHING: "Nothing to carry",
        REST: "Nothing more in this note",
    }
    ON_TOPIC: ClassVar[dict[str, str]] = {
        IF_THEN: Topic.IF_THEN,
        HANDLING: Topic.HANDLING,
        WHY_US: Topic.WHY_US,
    }

    text = words(
        "In which words?", "As they stand in the note. Shorten or complete them.", rows=3, required=False
    )
    contact = one_of_theirs("Who said it, or whom is it about?", "nobody in particular")
    topic = forms.ModelChoiceField(
        Topic.objects.in_use().exclude(pk__in=[Topic.STORY, *Topic.MANY]),
        label="A fact about what?",
        empty_label="Choose what it is about",
        required=False,
    )
    due = day("A promise for when?", required=False)
    holder = one_of("Who holds the promise?", [], required=False)
    roles = forms.MultipleChoiceField(
        label="Which part do they play?",
        choices=Contact.Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    left_on = day("They left on", required=False)
    went_to = OneLine(label="Where did they go?", max_length=200, required=False)
    became = forms.ChoiceField(
        choices=[(name, name) for name in NEEDS], widget=forms.HiddenInput, required=False
    )

    def __init__(
        self,
        data: FormData = None,
        *,
        account: Account,
        passage: Passage,
        by: User,
        proposed: Proposed | None = None,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, account=account, **options)
        proposed = proposed or Proposed(self.FACT)
        self.offer("contact", account.contacts.filter(erased_at=None))  # who has left said something, too
        self.initial.update(
            text=passage.text,
            topic=proposed.topic,
            contact=proposed.contact,
            due=proposed.due,
            roles=proposed.roles,
            holder="",
        )
        self.pressed = str(self.data.get("became") or proposed.became)
        self.draft(f"passage:{passage.reading_id}:{passage.start}")
        owner = account.owner
        if by == owner or not account.coverage.accountable().filter(person=by).exists():
            del self.fields["holder"]
        else:
            self.choose_from("holder", [("", f"{owner}, who owns the account"), ("me", "I do")])
            self.initial["holder"] = "me" if passage.reading.entry.author_id == by.pk else ""
        for name in self.NEEDS.get(str(self.data.get("became")), []):
            self.fields[name].required = True

    @property
    def buttons(self) -> list[tuple[int, str, str, bool]]:
        """The key of each, its value and its words, and whether it is the one that Enter presses."""
        named = enumerate(self.BUTTONS.items(), start=1)
        return [(key, name, title, name == self.pressed) for key, (name, title) in named]

    def full_clean(self) -> None:
        """The first field that has to be looked at is where one goes on writing."""
        super().full_clean()
        wrong = next((name for name in self.fields if self.is_bound and name in self.errors), None)
        if wrong:
            self.fields[wrong].widget.attrs["autofocus"] = True

    def clean(self) -> FieldValues:
        cleaned: FieldValues = super().clean() or self.cleaned_data
        became = cleaned.get("became")
        if not became:
            raise forms.ValidationError("Press one of the buttons.")
        if became == self.ROLE and not cleaned.get("roles") and not cleaned.get("left_on"):
            self.add_error("left_on", "Choose the day on which they left, or the part they play.")
        return cleaned

    def sort(self, passage: Passage, by: User) -> str:
        """Make of it what was said. Returns the sentence about it."""
        given, became = self.cleaned_data, self.cleaned_data["became"]
        if became == self.REST:
            count = passage.reading.hold_nothing_more(by=by)
            return f"Nothing more in this note: {count} passage{'' if count == 1 else 's'} looked at."
        sorted_ = self.make(became, passage, given, by)
        return f"Sorted: {SortedPassage.Became(sorted_.became).label.lower()}."

    def make(self, became: str, passage: Passage, given: FieldValues, by: User) -> SortedPassage:
        text, contact = given["text"], given["contact"]
        if became == self.NOTHING:
            return passage.become_nothing(by=by)
        if became == self.PROMISE:
            holder = by if given.get("holder") else None
            return passage.become_promise(text, given["due"], by=by, holder=holder, contact=contact)
        if became == self.STORY:
            return passage.become_part_of_story(text, by=by)
        if became == self.ROLE:
            part = {name: given[name] for name in ("roles", "left_on", "went_to")}
            return passage.become_role(contact, text, by=by, **part)
        topic = given["topic"] if became == self.FACT else Topic.objects.get(pk=self.ON_TOPIC[became])
        return passage.become_fact(topic, text, by=by, contact=contact)
