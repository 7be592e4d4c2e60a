"""From a won deal to success: who sees to it that what was promised comes true."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.models import Coverage, Deal, Obligation
from accounts.requests import SignedInRequest, staff_only
from handoffs import planning
from handoffs.forms.transitions import SaleToSuccessForm
from handoffs.models.plan_blockers import sale_blockers


@staff_only("GET", "POST")
def sale_to_success_new(request: SignedInRequest, pk: int) -> HttpResponse:
    deals = Deal.objects.visible_to(request.user).select_related("account", "holder")
    deal = get_object_or_404(deals, pk=pk)
    seller = deal.seller
    if seller is None or not deal.may_be_handed_on_by(request.user):
        raise PermissionDenied
    asked = {"success": request.GET.get("to", "")}
    form = SaleToSuccessForm(request.POST or None, deal=deal, seller=seller, initial=asked)
    if form.is_valid():
        with form.refusals():
            transition = form.open(request.user)
            messages.success(
                request, f"The success of {deal.account} is planned to change hands. Start it here."
            )
            return redirect("transition", transition.pk)
    found = planning.CandidatePool([deal.account], seller)
    context = {
        "deal": deal,
        "account": deal.account,
        "seller": seller,
        "form": form,
        "promises": deal.owed.filter(kind=Obligation.Kind.PROMISE).for_list(),
        "blockers": sale_blockers(deal),
        "suggestions": found.suggest(deal.account, role=Coverage.Role.SUCCESS),
    }
    return render(request, "handoffs/sale_to_success_new.html", context, status=form.status)
