from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Account, Fact, today
from accounts.pages.asked_before import asked_before_seen_by
from accounts.pages.call_plan import plan
from accounts.requests import SignedInRequest, changes_only, staff_only


@staff_only
@require_safe
def account_call(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is known, with who told us and when; and only then the gaps."""
    account = get_object_or_404(Account.objects.visible_to(request.user).select_related("merged_into"), pk=pk)
    if account.merged_into:
        return redirect("account_call", account.merged_into_id)
    day = today()
    context = {
        "account": account,
        "plan": plan(account, day),
        "contacts": account.contacts.present(),
        "today": day,
    }
    return render(request, "accounts/call_plan.html", context)


@staff_only
@require_POST
def fact_settle(request: SignedInRequest, pk: int) -> HttpResponse:
    fact, other = two_of_mine(request, pk)
    fact.settle(other, because=request.POST.get("because", ""), by=request.user)
    messages.success(request, "Settled. The other answer stays readable, with your reason.")
    return redirect("account_call", fact.account_id)


@staff_only
@require_POST
def fact_hold_both(request: SignedInRequest, pk: int) -> HttpResponse:
    fact, other = two_of_mine(request, pk)
    fact.hold_both(other, by=request.user)
    messages.success(request, "Both hold. Nobody is asked about it until one of them changes.")
    return redirect("account_call", fact.account_id)


def two_of_mine(request: SignedInRequest, pk: int) -> tuple[Fact, Fact]:
    seen = Fact.objects.visible_to(request.user).select_related("account", "topic")
    other = request.POST.get("other", "")
    known = other.isascii() and other.isdecimal() and len(other) < 19
    return get_object_or_404(seen, pk=pk), get_object_or_404(seen, pk=int(other) if known else 0)


@changes_only
@require_safe
def asked_before(request: SignedInRequest) -> HttpResponse:
    """\"I was asked this before\": by account, by rep and by topic."""
    return render(request, "accounts/asked_before.html", {"asked": asked_before_seen_by(request.user)})
