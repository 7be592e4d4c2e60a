"""What somebody who is leaving may not do alone: asked for by them, decided by whoever manages them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.forms.obligations import DeclineForm
from accounts.models import Countersignature, User
from accounts.requests import SignedInRequest, staff_only
from accounts.slots import Link, Waiting

from . import done


def to_countersign(user: User) -> list[Waiting]:
    """What of it waits for this person, as a part of Today."""
    url = reverse("countersignature_list")
    lines = [Link(str(one), f"{url}#asked-{one.pk}") for one in Countersignature.objects.to_decide(user)]
    every = Link(f"All {len(lines)} that wait for a second person", url)
    return [Waiting("Needs a second person: they are leaving", lines, every)] if lines else []


@staff_only("GET", "HEAD")
def countersignature_list(request: SignedInRequest) -> HttpResponse:
    return countersignature_page(request)


@staff_only("POST")
def countersignature_agree(request: SignedInRequest, pk: int) -> HttpResponse:
    asked = one_of_mine(request, pk)
    asked.agree(by=request.user)
    return done(request, f"Agreed, and done in {asked.by}'s name and yours.", "countersignature_list")


@staff_only("POST")
def countersignature_decline(request: SignedInRequest, pk: int) -> HttpResponse:
    asked = one_of_mine(request, pk)
    form = DeclineForm(request.POST, auto_id=f"decline-{pk}-%s")
    if form.is_valid():
        with form.refusals():
            asked.decline(by=request.user, note=form.cleaned_data["note"])
            return done(request, f"It stays as it is. {asked.by} reads why.", "countersignature_list")
    return countersignature_page(request, {pk: form})


def one_of_mine(request: SignedInRequest, pk: int) -> Countersignature:
    return get_object_or_404(Countersignature.objects.visible_to(request.user).for_list(), pk=pk)


def countersignature_page(
    request: SignedInRequest, sent: dict[int, DeclineForm] | None = None
) -> HttpResponse:
    """What waits for this person, and what they asked for themselves."""
    forms = sent or {}
    waiting = [
        (one, forms.get(one.pk) or DeclineForm(auto_id=f"decline-{one.pk}-%s"))
        for one in Countersignature.objects.to_decide(request.user)
    ]
    own = Countersignature.objects.visible_to(request.user).for_list().filter(by=request.user)
    context = {"waiting": waiting, "own": own.select_related("decided_by")}
    status = max([200, *(form.status for form in forms.values())])
    return render(request, "accounts/countersignature_list.html", context, status=status)
