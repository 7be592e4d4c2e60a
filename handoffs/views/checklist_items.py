"""One thing that must survive: ticked, unticked, or waived with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.requests import SignedInRequest, staff_only
from handoffs.forms.room import WaiveForm
from handoffs.models import ChecklistItem, Handoff
from handoffs.pages.room import Room

from .handoffs import room_page


def one_of_mine(request: SignedInRequest, pk: int) -> ChecklistItem:
    seen = Handoff.objects.visible_to(request.user).values("pk")
    return get_object_or_404(ChecklistItem.objects.filter(handoff__in=seen), pk=pk)


def the_handoff(request: SignedInRequest, item: ChecklistItem) -> Handoff:
    return get_object_or_404(Handoff.objects.with_people(), pk=item.handoff_id)


def answer(request: SignedInRequest, item: ChecklistItem) -> HttpResponse:
    """The list as it stands now, with what still bars the way; the whole room without htmx."""
    if not request.htmx:
        return redirect(f"{reverse('handoff', args=[item.handoff_id])}#item-{item.pk}")
    handoff = the_handoff(request, item)
    room = Room(handoff, request.user)
    context = {"room": room, "handoff": handoff, "account": handoff.account, "swapped": True}
    return render(request, "handoffs/_checklist.html", context)


@staff_only("POST")
def item_tick(request: SignedInRequest, pk: int) -> HttpResponse:
    item = one_of_mine(request, pk)
    item.tick(by=request.user)
    return answer(request, item)


@staff_only("POST")
def item_untick(request: SignedInRequest, pk: int) -> HttpResponse:
    item = one_of_mine(request, pk)
    item.untick(by=request.user)
    return answer(request, item)


@staff_only("POST")
def item_waive(request: SignedInRequest, pk: int) -> HttpResponse:
    item = one_of_mine(request, pk)
    form = WaiveForm(request.POST, auto_id=f"waive-{pk}-%s")
    if form.is_valid():
        with form.refusals():
            item.waive(by=request.user, because=form.cleaned_data["because"])
            messages.success(request, "Waived. The reason stays on the record.")
            return answer(request, item)
    if request.htmx:
        handoff = the_handoff(request, item)
        room = Room(handoff, request.user, {f"waive:{pk}": form})
        context = {"room": room, "handoff": handoff, "account": handoff.account, "swapped": True}
        return render(request, "handoffs/_checklist.html", context, status=form.status)
    return room_page(request, the_handoff(request, item), {f"waive:{pk}": form})
