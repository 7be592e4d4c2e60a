"""Whoever takes over asks a colleague about a line of the brief; the colleague answers, and the answer is memory."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.briefing import BriefLine
from accounts.models import Topic
from accounts.models.base import require
from accounts.requests import SignedInRequest, staff_only
from handoffs.forms.inquiries import AnswerColleagueForm, AskColleagueForm
from handoffs.models import Inquiry
from handoffs.models.inquiries import may_answer, may_ask
from handoffs.pages.room import Room

from .handoffs import draft_tag, one_of_mine

READ_BACK = "read-back"


@staff_only("GET", "POST")
def handoff_ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask about the line named in the address, or about the account; then back to where one came from."""
    handoff = one_of_mine(request, pk)
    require(may_ask(handoff, request.user))
    key = request.GET.get("line", "")
    line = asked_about(Room(handoff, request.user), key)
    form = AskColleagueForm(request.POST or None, handoff=handoff, line=key)
    place = "handoff_read_back" if request.GET.get("from") == READ_BACK else "handoff"
    if form.is_valid():
        with form.refusals():
            Inquiry.ask(
                handoff,
                form.cleaned_data["question"],
                to=form.to_whom,
                by=request.user,
                line=key,
                about=f"{line.title}: {line.text}".strip(": ") if line else "",
            )
            messages.success(
                request, f"{form.to_whom} is asked, and finds it on Today.", extra_tags=draft_tag(form)
            )
            return redirect(f"{reverse(place, args=[pk])}#inquiries")
    context = {"handoff": handoff, "account": handoff.account, "line": line, "form": form, "place": place}
    return render(request, "handoffs/handoff_ask.html", context, status=form.status)


def asked_about(room: Room, key: str) -> BriefLine | None:
    """The line of the brief with this key, as it stands or as it was frozen; or the topic that has no answer."""
    if not key:
        return None
    for line in (*room.brief.lines, *room.source.lines):
        if line.key == key:
            return line
    kind, _, slug = key.partition(":")
    topic = Topic.objects.in_use().filter(pk=slug).first() if kind == "topic" else None
    if topic is None:
        raise Http404
    return BriefLine(key, topic.name, "")


@staff_only("GET", "POST")
def inquiry_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    inquiry = get_object_or_404(Inquiry.objects.visible_to(request.user), pk=pk)
    handoff = one_of_mine(request, inquiry.handoff_id)
    require(may_answer(inquiry, request.user))
    form = AnswerColleagueForm(request.POST or None, inquiry=inquiry)
    if form.is_valid():
        with form.refusals():
            inquiry.answer(
                form.cleaned_data["text"], by=request.user, instead=form.cleaned_data.get("instead", False)
            )
            messages.success(
                request, f"Kept, and {inquiry.by} finds it beside the line.", extra_tags=draft_tag(form)
            )
            return redirect(f"{reverse('handoff', args=[handoff.pk])}#inquiries")
    context = {"handoff": handoff, "account": handoff.account, "inquiry": inquiry, "form": form}
    return render(request, "handoffs/inquiry_answer.html", context, status=form.status)
