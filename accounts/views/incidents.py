from __future__ import annotations

from itertools import groupby

from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.forms.obligations import IncidentForm
from accounts.models import Account, CustomerCase, Obligation, today
from accounts.requests import SignedInRequest, changes_only, staff_only

from . import done

FOUND_SHOWN = 10


@staff_only("GET", "HEAD")
def incident_list(request: SignedInRequest) -> HttpResponse:
    """What this person reported, on whatever account: their own words, and what became of them."""
    reported = Obligation.objects.reported_by(request.user)
    return render(request, "accounts/incident_list.html", {"reported": reported})


@staff_only("GET", "POST")
def incident_new(request: SignedInRequest) -> HttpResponse:
    """Anybody of ours may report what went wrong with any customer. Of the account they are told its name."""
    chosen = request.POST.get("account") or request.GET.get("account", "")
    if not chosen.isdecimal():
        return render(request, "accounts/incident_choose.html", found(request))
    account = get_object_or_404(Account.objects.open(), pk=chosen)
    form = IncidentForm(request.POST or None)
    form.draft(f"incident:{account.pk}")
    if form.is_valid():
        with form.refusals():
            repair = CustomerCase.report(account, by=request.user, **form.cleaned_data)
            sentence = f"{repair.holder} is told and makes it good."
            return done(request, sentence, "incident_list", draft=f"incident:{account.pk}")
    context = {"form": form, "incident_account": account}
    return render(request, "accounts/incident_new.html", context, status=form.status)


def found(request: SignedInRequest) -> dict[str, object]:
    """Open accounts by a part of their name: nothing else of them."""
    words = request.GET.get("q", "").strip()
    named = Account.objects.open().filter(name__icontains=words).order_by(Lower("name"))
    return {"q": words, "found": named.values("pk", "name")[:FOUND_SHOWN] if len(words) > 1 else None}


@changes_only("GET", "HEAD")
def obstacle_list(request: SignedInRequest) -> HttpResponse:
    """What of ours stands in the way of business, counted across the accounts that this person sees."""
    lines = Obligation.objects.visible_to(request.user).obstacles()
    kinds = [
        (Obligation.Obstacle(kind).label, list(found))
        for kind, found in groupby(lines, key=lambda line: line.obstacle)
    ]
    counted = [
        (len({line.account_id for line in found}), sum(line.is_open for line in found), kind, found)
        for kind, found in kinds
    ]
    counted.sort(key=lambda row: (-row[0], -row[1], row[2]))
    return render(request, "accounts/obstacle_list.html", {"counted": counted, "today": today()})
