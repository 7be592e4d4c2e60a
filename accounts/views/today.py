from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import today as this_day
from accounts.pages.today import SHOWN, Agenda
from accounts.requests import SignedInRequest


@require_safe
def today(request: SignedInRequest) -> HttpResponse:
    """The one sentence that matters, then what is due, what is coming and who is quiet."""
    if request.user.is_customer:
        return redirect("customer_page")
    day = Agenda.of(request.user, this_day())
    context = {"today": day.on, "day": day, "unread": day.unread[:SHOWN]}
    return render(request, "accounts/today.html", context)
