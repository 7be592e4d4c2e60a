"""Answers, the topics that they are about, and the story."""

from __future__ import annotations

from typing import Unpack

from django import forms
from django.utils.text import Truncator

from accounts.models import Account, Fact, Topic, User
from accounts.models.facts import STORY_WORDS, teller_of, too_long_a_story

from .base import (
    ContactForAccountForm,
    FieldValues,
    FormData,
    FormOptions,
    RecordForm,
    VerbForm,
    because,
    one_of,
    one_of_theirs,
    words,
)


def said(fact: Fact) -> str:
    """How an answer begins, who gave it and when."""
    return f"“{Truncator(fact.text).words(14)}” ({fact.source}, {fact.at:%-d %B %Y})"


class AnswerForm(ContactForAccountForm):
    """An answer on a topic, and where we have it from."""

    text = words("What is true?")
    provenance = one_of("How do we know?", Fact.Provenance)
    contact = one_of_theirs("Who told us", "nobody of theirs", "When the customer told us.")

    def clean(self) -> FieldValues:
        cleaned: FieldValues = super().clean() or self.cleaned_data
        if cleaned.get("provenance") == Fact.Provenance.TOLD and not cleaned.get("contact"):
            self.add_error("contact", "Name the contact who told us.")
        return cleaned


#: What becomes of somebody else's answer when another one is written down.
INSTEAD, BOTH = "instead", "both"
BECOMES = [
    (INSTEAD, "Now instead: mine takes its place"),
    (BOTH, "Both were said: mine stands beside it, until somebody settles which of them holds"),
]
SAY_WHICH = "Somebody else said so. Say whether yours holds now instead, or both were said."


def becomes_of_it() -> forms.ChoiceField:
    """Asked where a new answer comes from somebody else; the same person's takes the place of their own."""
    label = "And what we had, where somebody else says so now?"
    return one_of(label, BECOMES, required=False)


class NewerAnswerForm(AnswerForm):
    """What somebody says now on a topic that has an answer already."""

    becomes = becomes_of_it()

    def __init__(
        self, data: FormData = None, *, fact: Fact, by: User, **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, account=fact.account, **options)
        self.fact, self.by = fact, by
        if fact.topic_id in [*Topic.MANY, Topic.STORY]:
            del self.fields["becomes"]

    def clean(self) -> FieldValues:
        cleaned = super().clean()
        teller = teller_of(cleaned.get("provenance", ""), cleaned.get("contact"), self.by)
        if "becomes" in self.fields and teller != self.fact.teller and not cleaned.get("becomes"):
            self.add_error("becomes", SAY_WHICH)
        return cleaned

    def record(self) -> Fact:
        """The answer takes the place of the older one, or stands beside it as a disagreement."""
        given = dict(self.cleaned_data)
        beside = given.pop("becomes", "") == BOTH
        follow = self.fact.stand_beside if beside else self.fact.supersede
        return follow(by=self.by, **given)


class FactForm(AnswerForm):
    topic = forms.ModelChoiceField(
        Topic.objects.in_use(), label="About", empty_label="Choose what it is about"
    )
    replaces = forms.ChoiceField(
        label="We have an answer already",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Look at the answer we have: is it still true, does yours hold now instead, or were both said?",
            "invalid_choice": "Somebody has just written another answer. Does yours take its place?",
        },
    )
    field_order = ["topic", "text", "provenance", "contact", "replaces"]

    BESIDE = "beside"

    def __init__(
        self, data: FormData = None, *, account: Account, by: User, **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, account=account, **options)
        self.known = self.answers_to(account, self["topic"].value())
        if not self.known:
            del self.fields["replaces"]
            return
        newer = [(str(fact.pk), f"Now instead: mine takes the place of {said(fact)}") for fact in self.known]
        beside = (self.BESIDE, "Both were said: mine stands beside it, until somebody settles which holds")
        self.choose_from("replaces", [*newer, beside])
        if len(newer) == 1 and self.known[0].teller == by:
            self.initial["replaces"] = newer[0][0]

    @staticmethod
    def answers_to(account: Account, slug: object) -> list[Fact]:
        """The live answers that a new one on this topic is held against."""
        if not slug or str(slug) in Topic.MANY:
            return []
        return list(Fact.objects.of(account).live().on(str(slug)).with_sources().order_by("-at", "-pk"))

    def clean(self) -> FieldValues:
        cleaned = super().clean()
        chosen = {str(fact.pk): fact for fact in self.known}
        cleaned["supersedes"] = chosen.get(cleaned.pop("replaces", ""))
        return cleaned


class StoryForm(VerbForm):
    """The next version of an account's story; `instead_of` is the one its writer has read."""

    text = words(
        "Their story",
        "Who they are, why they chose us, what they want, where it stands; as you would tell it to a colleague. "
        f"At most {STORY_WORDS} words: a minute, read aloud.",
        rows=12,
    )
    instead_of = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if sentence := too_long_a_story(text):
            raise forms.ValidationError(sentence)
        return text

    def hold_against(self, story: Fact | None) -> None:
        """Sent again, it takes the place of the one that stands now."""
        self.rewrite("instead_of", str(story.pk) if story else "")


class ConfirmForm(ContactForAccountForm):
    contact = one_of_theirs("Who says so?", "I know it myself")


class RetractFactForm(VerbForm):
    because = because("Why is it not true?", "It stays readable in the history, with this reason.")


class TopicForm(RecordForm[Topic]):
    class Meta:
        model = Topic
        fields = ["name", "question", "review_days", "must_survive", "position"]
        labels = {
            "name": "What is it called?",
            "question": "How does one ask the customer?",
            "review_days": "Ask again after so many days",
            "must_survive": "Whoever takes over must show that they know it",
            "position": "Place in the list",
        }
        help_texts = {
            "question": "Written on their page, and in the plan of a call.",
            "must_survive": "",
            "position": "Lower numbers come first.",
        }
        widgets = {"question": forms.Textarea(attrs={"rows": 2})}

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        namesakes = Topic.objects.in_use().filter(name__iexact=name).exclude(pk=self.instance.pk)
        if namesakes.exists():
            raise forms.ValidationError("There is a topic of that name already.")
        return name

    def clean_review_days(self) -> int:
        days = int(self.cleaned_data["review_days"])
        if not 1 <= days <= 3650:
            raise forms.ValidationError("Between a day and ten years.")
        return days


class MergeTopicForm(VerbForm):
    into = forms.ModelChoiceField(
        Topic.objects.none(), label="Part of which other topic?", empty_label="Choose the topic that stays"
    )

    def __init__(self, data: FormData = None, *, topic: Topic, **options: Unpack[FormOptions]) -> None:
        super().__init__(data, **options)
        others = Topic.objects.in_use().exclude(pk=topic.pk)
        self.offer("into", others)
