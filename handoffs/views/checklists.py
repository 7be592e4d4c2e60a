"""Checklists: one thing that must survive, ticked or waived; and the templates, which operations keep."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.forms.base import VerbForm
from accounts.requests import SignedInRequest, operations_only, staff_only
from handoffs.forms.room import TickForm, WaiveForm
from handoffs.forms.transitions import TemplateItemForm
from handoffs.models import ChecklistItem, Handoff, TemplateItem
from handoffs.pages.room import Room

from .handoffs import room_page


def one_of_mine(request: SignedInRequest, pk: int) -> ChecklistItem:
    seen = Handoff.objects.visible_to(request.user).values("pk")
    return get_object_or_404(ChecklistItem.objects.filter(handoff__in=seen), pk=pk)


def answer(
    request: SignedInRequest, item: ChecklistItem, sent: TickForm | WaiveForm | None = None
) -> HttpResponse:
    """The list as it stands now, with what still bars the way; the whole room without htmx.

    `sent` is the form that came back wrong or refused.
    """
    if not (request.htmx or sent):
        return redirect(f"{reverse('handoff', args=[item.handoff_id])}#item-{item.pk}")
    handoff = get_object_or_404(Handoff.objects.with_people(), pk=item.handoff_id)
    name = "tick" if isinstance(sent, TickForm) else "waive"
    forms: dict[str, VerbForm] = {f"{name}:{item.pk}": sent} if sent else {}
    if not request.htmx:
        return room_page(request, handoff, forms)
    context = Room(handoff, request.user, forms).context | {"swapped": True}
    return render(request, "handoffs/_checklist.html", context, status=sent.status if sent else 200)


@staff_only("POST")
def item_tick(request: SignedInRequest, pk: int) -> HttpResponse:
    """With a sentence where it must survive, and without one elsewhere."""
    item = one_of_mine(request, pk)
    if not item.wants_words:
        item.tick(by=request.user)
        return answer(request, item)
    form = TickForm(request.POST, auto_id=f"tick-{pk}-%s")
    if form.is_valid():
        with form.refusals():
            item.tick(by=request.user, words=form.cleaned_data["words"])
            return answer(request, item)
    return answer(request, item, form)


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
    return answer(request, item, form)


# ---- The templates. Handoffs that are open keep the items they have


@operations_only("GET", "HEAD")
def checklist_list(request: SignedInRequest) -> HttpResponse:
    items = TemplateItem.objects.select_related("topic")
    used = items.filter(active=True)
    by_kind = groupby(used, key=lambda item: item.get_kind_display() or "Every change of hands")
    context = {
        "kinds": [(kind, list(some)) for kind, some in by_kind],
        "retired": items.filter(active=False),
    }
    return render(request, "handoffs/checklist_list.html", context)


@operations_only("GET", "POST")
def checklist_new(request: SignedInRequest) -> HttpResponse:
    return edited(request, TemplateItem())


@operations_only("GET", "POST")
def checklist_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    return edited(request, get_object_or_404(TemplateItem, pk=pk))


def edited(request: SignedInRequest, item: TemplateItem) -> HttpResponse:
    form = TemplateItemForm(request.POST or None, instance=item)
    if form.is_valid():
        if item.pk:
            form.save_changes()
        else:
            form.save()
        messages.success(request, "Kept. Handoffs opened from now on take it so.")
        return redirect("checklist_list")
    return render(request, "handoffs/checklist_edit.html", {"form": form, "item": item}, status=form.status)


@operations_only("POST")
def checklist_retire(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take an item out of use, or put it back."""
    item = get_object_or_404(TemplateItem, pk=pk)
    item.active = not item.active
    item.save(update_fields=["active"])
    messages.success(
        request, "It is in use again." if item.active else "It is out of use. Open handoffs keep theirs."
    )
    return redirect("checklist_list")
