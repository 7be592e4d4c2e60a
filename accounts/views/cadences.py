from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms.obligations import CadenceForm
from accounts.models import Account, Cadence, Obligation, today
from accounts.requests import SignedInRequest, staff_only

HELD_SHOWN = 20


@staff_only
@require_http_methods(["GET", "POST"])
def cadence_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """How often who visits an account, which visits are owed, and which were held."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = CadenceForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            cadence = Cadence.keep_to(account, by=request.user, **form.cleaned_data)
            messages.success(request, f"{cadence}. The next visit is in the ledger.")
            return redirect("cadence_list", pk)
    visits = Obligation.objects.filter(account__in=account.memory_ids, kind=Obligation.Kind.VISIT).for_list()
    context = {
        "account": account,
        "cadences": Cadence.objects.of(account).current(),
        "owed": visits.open(),
        "held": visits.exclude(closed_at=None).order_by("-closed_at")[:HELD_SHOWN],
        "form": form,
        "today": today(),
    }
    return render(request, "accounts/cadence_list.html", context, status=form.status)


@staff_only
@require_POST
def cadence_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    seen = Account.objects.visible_to(request.user)
    cadence = get_object_or_404(Cadence.objects.filter(account__in=seen).select_related("account"), pk=pk)
    cadence.stop(by=request.user)
    messages.success(request, f"No more visits ({cadence.get_role_display().lower()}).")
    return redirect("cadence_list", cadence.account.merged_into_id or cadence.account_id)
