from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.pages.customer_effort import Effort
from accounts.requests import SignedInRequest, staff_only


@staff_only
@require_safe
def account_effort(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a year with us took them: repeats, transfers and waits, counted."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    return render(
        request, "accounts/customer_effort.html", {"account": account, "effort": Effort.of(account)}
    )
