from __future__ import annotations

from typing import Unpack

from django import forms

from accounts.models import Topic

from .base import FormData, FormOptions, RecordForm, VerbForm


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
