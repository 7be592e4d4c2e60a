from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.pages import continuity, printed_brief
from accounts.requests import SignedInRequest, staff_only
from accounts.rules import clocks

from .accounts import about


@staff_only
@require_safe
def account_brief(request: SignedInRequest, pk: int) -> HttpResponse:
    """What one must know of an account, on two pages of paper."""
    accounts = continuity.annotated(Account.objects.visible_to(request.user).for_page())
    account = get_object_or_404(accounts, pk=pk)
    if account.merged_into_id:
        return redirect("account_brief", account.merged_into_id)
    shown = about(account, request.user)
    context = shown | {"paper": printed_brief.brief(account, shown), "now": clocks.now()}
    return render(request, "accounts/brief.html", context)
