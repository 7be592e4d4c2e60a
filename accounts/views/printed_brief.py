from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.pages.account import AccountPage, for_page
from accounts.pages.printed_brief import PrintedBrief
from accounts.requests import SignedInRequest, staff_only
from accounts.rules import clocks


@staff_only
@require_safe
def account_printed_brief(request: SignedInRequest, pk: int) -> HttpResponse:
    """What one must know of an account, on two pages of paper."""
    account = get_object_or_404(for_page(Account.objects.visible_to(request.user)), pk=pk)
    if account.merged_into_id:
        return redirect("account_printed_brief", account.merged_into_id)
    page = AccountPage.of(account, request.user)
    context = {**vars(page), "brief": PrintedBrief.of(page), "now": clocks.now()}
    return render(request, "accounts/printed_brief.html", context)
