"""The catalogue of topics, kept by operations: what is worth knowing about every customer."""

from __future__ import annotations

from django.apps import apps
from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.forms.facts import MergeTopicForm, TopicForm
from accounts.models import Topic, User
from accounts.requests import SignedInRequest, operations_only

from . import done


@operations_only("GET", "HEAD")
def topic_list(request: SignedInRequest) -> HttpResponse:
    topics = list(Topic.objects.with_use().select_related("merged_into", "merged_by", "retired_by"))
    context = {
        "in_use": [topic for topic in topics if topic.is_in_use],
        "retired": [topic for topic in topics if topic.retired_at and not topic.merged_into],
        "merged": [topic for topic in topics if topic.merged_into],
    }
    return render(request, "accounts/topic_list.html", context)


@operations_only("GET", "POST")
def topic_new(request: SignedInRequest) -> HttpResponse:
    form = TopicForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            topic = Topic.add(by=request.user, **form.columns)
            return done(request, f"“{topic}” is in the catalogue. In a note it is #{topic.pk}.", "topic_list")
    return render(request, "accounts/topic.html", {"form": form}, status=form.status)


@operations_only("GET", "POST")
def topic(request: SignedInRequest, slug: str) -> HttpResponse:
    topic = one_topic(slug)
    form = TopicForm(request.POST or None, instance=topic)
    if form.is_valid():
        with form.refusals():
            topic.revise(by=request.user, **form.changes)
            return done(request, "Kept. What it said before stays in the history.", "topic_list")
    return topic_page(request, slug, form, MergeTopicForm(topic=topic))


@operations_only("POST")
def topic_merge(request: SignedInRequest, slug: str) -> HttpResponse:
    topic = one_topic(slug)
    form = MergeTopicForm(request.POST, topic=topic)
    if form.is_valid():
        into = form.cleaned_data["into"]
        with form.refusals():
            moved = topic.merge_into(into, by=request.user)
            answers = "1 answer is" if moved == 1 else f"{moved} answers are"
            return done(request, f"“{topic}” is part of “{into}” now: {answers} kept there.", "topic_list")
    return topic_page(request, slug, TopicForm(instance=topic), form)


@operations_only("POST")
def topic_retire(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take a topic out of use, or put it back."""
    topic = one_topic(slug)
    if topic.retired_at:
        topic.put_back(by=request.user)
        messages.success(request, f"“{topic}” is asked about again.")
    else:
        topic.retire(by=request.user)
        messages.success(request, f"“{topic}” is out of use. What we know stays readable.")
    return redirect("topic_list")


def one_topic(slug: str) -> Topic:
    return get_object_or_404(Topic.objects.select_related("merged_into"), pk=slug)


def topic_page(request: SignedInRequest, slug: str, form: TopicForm, merge: MergeTopicForm) -> HttpResponse:
    shown = get_object_or_404(Topic.objects.with_use().select_related("merged_into", "merged_by"), pk=slug)
    context = {"form": form, "merge": merge, "topic": shown, "history": history(shown)}
    return render(request, "accounts/topic.html", context, status=max(form.status, merge.status))


def history(topic: Topic) -> list[tuple[Model, User | None]]:
    """What was recorded of it, newest first, each time with who did it."""
    recorded = apps.get_model("accounts", "TopicEvent")._default_manager.filter(pgh_obj=topic)
    events = recorded.select_related("pgh_context", "merged_into")
    found = list(events.order_by("-pgh_id")[:20])
    ids = [event.pgh_context.metadata.get("user") if event.pgh_context else None for event in found]
    people = User.objects.in_bulk({pk for pk in ids if pk})
    return [(event, people.get(pk)) for event, pk in zip(found, ids, strict=True)]
