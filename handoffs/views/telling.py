"""Whom at the customer we tell of a change of hands, and how: chosen from the handoff room."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.forms.base import VerbForm
from accounts.models import Contact, today
from accounts.models.base import require
from accounts.requests import SignedInRequest, staff_only
from accounts.views import done, form_page
from handoffs.forms.telling import CallForm, RecipientForm
from handoffs.models import Handoff, Notification, Recipient
from handoffs.models.permissions import may_tell

from .handoffs import one_of_mine


@staff_only("GET", "POST")
def handoff_recipient_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Somebody there whom we do not propose by ourselves."""
    handoff = one_of_mine(request, pk)
    require(may_tell(handoff, request.user))
    form = RecipientForm(request.POST or None, handoff=handoff, by=request.user, initial={"way": "letter"})
    return choose(request, handoff, form, "Who else is told?")


@staff_only("GET", "POST")
def handoff_recipient(request: SignedInRequest, pk: int, contact: int) -> HttpResponse:
    """How one of them is told: by letter, by a call of somebody by name, or not by us."""
    handoff = one_of_mine(request, pk)
    require(may_tell(handoff, request.user))
    one = contact_of(handoff, contact)
    row = handoff.recipients.filter(contact=one).first()
    before = (
        {"way": row.way, "caller": row.caller_id, "lets_in": row.lets_in}
        if row
        else {"way": "letter" if one.email else "call"}
    )
    form = RecipientForm(request.POST or None, handoff=handoff, by=request.user, contact=one, initial=before)
    return choose(request, handoff, form, f"How is {one} told?", one)


def choose(
    request: SignedInRequest, handoff: Handoff, form: VerbForm, title: str, contact: Contact | None = None
) -> HttpResponse:
    if form.is_valid():
        with form.refusals():
            given = form.cleaned_data | ({"contact": contact} if contact else {})
            row = Recipient.choose(handoff, by=request.user, **given)
            return done(request, f"{row}.", room(handoff))
    lede = f"That {handoff.incoming} takes over {handoff.what}, on {handoff.announce_on:%-d %B %Y}."
    more = {"lede": lede, "back_to": room(handoff)}
    return form_page(request, form, title, "Set it", handoff.account, **more)


@staff_only("GET", "POST")
def handoff_call(request: SignedInRequest, pk: int, contact: int) -> HttpResponse:
    """One of them was rung: what was said goes on the thread, and they have been told."""
    handoff = one_of_mine(request, pk)
    one = contact_of(handoff, contact)
    rings = handoff.recipients.filter(contact=one, caller=request.user).exists()
    require(rings or may_tell(handoff, request.user))
    form = CallForm(request.POST or None, initial={"on": today()})
    form.draft(f"call:{pk}:{contact}", "words")
    if form.is_valid():
        with form.refusals():
            told = Notification.record_call(handoff, one, by=request.user, **form.cleaned_data)
            sentence = f"{told}, and the call is on the thread."
            return done(request, sentence, room(handoff), draft=f"call:{pk}:{contact}")
    lede = f"You told them that {handoff.incoming} takes over {handoff.what}. Write it down as it was said."
    more = {"lede": lede, "back_to": room(handoff)}
    return form_page(request, form, f"The call with {one}", "They have been told", handoff.account, **more)


def contact_of(handoff: Handoff, contact: int) -> Contact:
    return get_object_or_404(handoff.account.contacts, pk=contact)


def room(handoff: Handoff) -> str:
    return f"{reverse('handoff', args=[handoff.pk])}#told"
