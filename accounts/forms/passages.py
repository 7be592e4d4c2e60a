"""What becomes of a passage of a note."""

from __future__ import annotations

from typing import ClassVar, Unpack

from django import forms

from accounts.models import Account, Passage, SortedPassage, Topic, User

from .base import ContactForAccountForm, FieldValues, FormData, FormOptions, day, one_of, one_of_theirs, words

#: The topic that the reason for a passage speaks of. The first that fits is proposed.
PROPOSED = {"money": "terms", "decision": "decision", "competitor": "competition", "words": Topic.WORDS}


class SortForm(ContactForAccountForm):
    """One passage, and the buttons for what may become of it; each needs other fields."""

    use_required_attribute = False  # which are needed is known when a button is pressed

    FACT, PROMISE, IF_THEN, HANDLING, WHY_US, NOTHING, REST = (
        "fact",
        "promise",
        "if_then",
        "handling",
        "why_us",
        "nothing",
        "rest",
    )
    NEEDS: ClassVar[dict[str, list[str]]] = {
        FACT: ["text", "topic"],
        PROMISE: ["text", "due"],
        IF_THEN: ["text"],
        HANDLING: ["text", "contact"],
        WHY_US: ["text"],
        NOTHING: [],
        REST: [],
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
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, account=account, **options)
        topic = next((PROPOSED[reason] for reason in passage.reasons if reason in PROPOSED), None)
        contact = passage.reading.entry.author_contact
        self.initial.update(text=passage.text, topic=topic, contact=contact, holder="")
        self.draft(f"passage:{passage.reading_id}:{passage.start}")
        if by == account.owner or not account.coverage.accountable().filter(person=by).exists():
            del self.fields["holder"]
        else:
            self.choose_from("holder", [("", f"{account.owner}, who owns the account"), ("me", "I do")])
        for name in self.NEEDS.get(str(self.data.get("became")), []):
            self.fields[name].required = True

    def clean(self) -> FieldValues:
        cleaned: FieldValues = super().clean() or self.cleaned_data
        if not cleaned.get("became"):
            raise forms.ValidationError("Press one of the buttons.")
        return cleaned

    def sort(self, passage: Passage, by: User) -> str:
        """Make of it what was said. Returns the sentence about it."""
        given, became = self.cleaned_data, self.cleaned_data["became"]
        if became == self.REST:
            count = passage.reading.hold_nothing_more(by=by)
            return f"Nothing more in this note: {count} passage{'' if count == 1 else 's'} looked at."
        if became == self.NOTHING:
            sorted_ = passage.become_nothing(by=by)
        elif became == self.PROMISE:
            holder = by if given.get("holder") else None
            sorted_ = passage.become_promise(
                given["text"], given["due"], by=by, holder=holder, contact=given["contact"]
            )
        else:
            topic = given["topic"] if became == self.FACT else Topic.objects.get(pk=self.ON_TOPIC[became])
            sorted_ = passage.become_fact(topic, given["text"], by=by, contact=given["contact"])
        return f"Sorted: {SortedPassage.Became(sorted_.became).label.lower()}."
