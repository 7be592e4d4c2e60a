"""The templates of checklists, kept by operations. Handoffs that are open keep the items they have."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.requests import SignedInRequest, operations_only
from handoffs.forms.transitions import TemplateItemForm
from handoffs.models import TemplateItem


@operations_only("GET", "HEAD")
def checklist_list(request: SignedInRequest) -> HttpResponse:
    items = TemplateItem.objects.select_related("topic")
    used = items.filter(active=True)
    context = {
        "kinds": [(some[0].get_kind_display() or "Every change of hands", some) for some in by_kind(used)],
        "retired": items.filter(active=False),
    }
    return render(request, "handoffs/checklist_list.html", context)


def by_kind(items: Iterable[TemplateItem]) -> list[list[TemplateItem]]:
    return [list(some) for _, some in groupby(items, key=lambda item: item.kind)]


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
