"""What becomes of a passage of a note."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Unpack

from django import forms
from django.forms import BoundField

from accounts.models import Account, Contact, Obligation, Passage, SortedPassage, Topic, User
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


@dataclass(frozen=True)
class Answer:
    """A button, its key, whether Enter presses it too, and the fields that it alone asks for."""

    key: int
    name: str
    title: str
    pressed: bool
    fields: list[BoundField] = field(default_factory=list)


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
        PROMISE: ["text"],
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
        PROMISE: "What we owe",
        IF_THEN: "If … then …",
        HANDLING: "How to handle them",
        ROLE: "Their part, or they left",
        STORY: "Part of the story",
        WHY_US: "Why they chose us",
        NOTHING: "Nothing to carry",
        REST: "Nothing more in this note",
    }
    #: What is asked for beside the button.
    ASKS: ClassVar[dict[str, list[str]]] = {
        FACT: ["topic"],
        PROMISE: ["owed", "due", "holder"],
        ROLE: ["roles", "left_on", "went_to"],
    }
    ON_TOPIC: ClassVar[dict[str, str]] = {
        IF_THEN: Topic.IF_THEN,
        HANDLING: Topic.HANDLING,
        WHY_US: Topic.WHY_US,
    }

    text = words(
        "In which words?",
        "Shorten or complete them. Then Esc and a number, or Ctrl+Enter for the button in colour.",
        rows=3,
        required=False,
    )
    contact = one_of_theirs("Who said it, or whom is it about?", "nobody in particular")
    topic = forms.ModelChoiceField(
        Topic.objects.in_use().exclude(pk__in=[Topic.STORY, *Topic.MANY]),
        label="A fact about what?",
        empty_label="Choose what it is about",
        required=False,
    )
    owed = one_of(
        "What do we owe?",
        [(Obligation.Kind.PROMISE, "We promised it"), (Obligation.Kind.QUESTION, "They asked it")],
        required=False,
    )
    due = day("By when, if said", required=False)
    holder = one_of("Who holds it?", [], required=False)
    roles = forms.MultipleChoiceField(
        label="Which part do they play?",
        choices=Contact.Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    left_on = day("They left on", required=False)
    went_to = OneLine(label="They went to", max_length=200, required=False)
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
        # each passage has ids of its own: after a key no field of the next one has the focus
        options.setdefault("auto_id", f"sort-{passage.reading_id}-{passage.start}-%s")
        super().__init__(data, account=account, **options)
        proposed = proposed or Proposed(self.FACT)
        self.offer("contact", account.contacts.filter(erased_at=None))  # who has left said something, too
        self.initial.update(
            text=passage.text,
            topic=proposed.topic,
            contact=proposed.contact,
            owed=Obligation.Kind.QUESTION if proposed.asked else Obligation.Kind.PROMISE,
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
    def answers(self) -> Iterator[Answer]:
        for key, (name, title) in enumerate(self.BUTTONS.items(), start=1):
            asked = [self[one] for one in self.ASKS.get(name, []) if one in self.fields]
            yield Answer(key, name, title, name == self.pressed, asked)

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
        asked = became == self.PROMISE and cleaned.get("owed") == Obligation.Kind.QUESTION
        if asked and "contact" not in self.errors and not cleaned.get("contact"):
            self.add_error("contact", "Choose who asked it.")
        if became == self.ROLE:
            self.clean_role(cleaned)
        return cleaned

    def clean_role(self, given: FieldValues) -> None:
        contact: Contact | None = given.get("contact")
        gone = given.get("left_on") or (contact and contact.left_on)
        if given.get("went_to") and not gone:
            self.add_error(
                "left_on", "On which day did they leave? If nobody said, the day of the note will do."
            )
        elif not (given.get("roles") or given.get("left_on") or given.get("went_to")):
            self.add_error("left_on", "Choose the day on which they left, or the part they play.")

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
            asked = given["owed"] == Obligation.Kind.QUESTION
            become = passage.become_question if asked else passage.become_promise
            return become(text, given["due"], by=by, holder=holder, contact=contact)
        if became == self.STORY:
            return passage.become_part_of_story(text, by=by)
        if became == self.ROLE:
            part = {name: given[name] for name in ("roles", "left_on", "went_to")}
            return passage.become_role(contact, text, by=by, **part)
        topic = given["topic"] if became == self.FACT else Topic.objects.get(pk=self.ON_TOPIC[became])
        return passage.become_fact(topic, text, by=by, contact=contact)
