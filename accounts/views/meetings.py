from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.forms.obligations import MeetingForm
from accounts.models import Account, Obligation
from accounts.requests import SignedInRequest, staff_only


@staff_only
@require_http_methods(["GET", "POST"])
def meeting_new(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = MeetingForm(request.POST or None, account=account, initial={"contact": request.GET.get("contact")})
    if form.is_valid():
        with form.refusals():
            meeting = Obligation.plan_meeting(account, by=request.user, **form.planned)
            messages.success(request, f"Planned for {meeting.when}, by their clock.")
            return redirect(f"{reverse('account', args=[pk])}#owed")
    context = {
        "form": form,
        "account": account,
        "title": "Plan a meeting",
        "lede": f"You hold it. It stands on the ledger of {account} and comes up on your day with a short brief.",
        "verb": "Plan it",
    }
    return render(request, "accounts/form.html", context, status=form.status)
