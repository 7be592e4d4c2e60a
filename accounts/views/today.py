from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import HeldMail, Letter
from accounts.models import today as this_day
from accounts.pages.today import SHOWN, Agenda
from accounts.requests import SignedInRequest
from accounts.slots import parts_of

from .countersignatures import to_countersign


@require_safe
def today(request: SignedInRequest) -> HttpResponse:
    """The one sentence that matters, then what is due, what is coming and who is quiet."""
    if request.user.is_customer:
        return redirect(settings.CUSTOMER_HOME)
    day = Agenda.of(request.user, this_day())
    waiting = [*parts_of("today", request.user, day.on), *to_countersign(request.user)]
    context: dict[str, object] = {
        "today": day.on,
        "day": day,
        "unread": day.unread[:SHOWN],
        "waiting": waiting,
        "due_count": len(day.due) + sum(len(some.lines) for some in waiting),
    }
    if request.user.is_operations:
        context["letters_failed"] = Letter.objects.failed().count()
        context["mail_held"] = HeldMail.objects.waiting().exists()
    return render(request, "accounts/today.html", context)
