from __future__ import annotations

from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.pages.as_of import account_as_of as read_as_of
from accounts.pages.as_of import the_zone
from accounts.requests import SignedInRequest, staff_only
from accounts.rules import clocks


@staff_only
@require_safe
def account_as_of(request: SignedInRequest, pk: int) -> HttpResponse:
    """The account as it was known when a day ended; without a day, when yesterday ended."""
    account = get_object_or_404(Account.objects.visible_to(request.user).select_related("merged_into"), pk=pk)
    if account.merged_into:
        there = reverse("account_as_of", args=[account.merged_into_id])
        return redirect(f"{there}?{request.GET.urlencode()}")
    zone = the_zone()
    day = clocks.now().astimezone(zone).date()
    asked = request.GET.get("on", (day - timedelta(days=1)).isoformat())
    on, wrong = the_day(asked, day)
    context = {
        "account": account,
        "asked": asked,
        "wrong": wrong,
        "latest": day,
        "then": read_as_of(account, on, zone) if on else None,
    }
    return render(request, "accounts/as_of.html", context, status=400 if wrong else 200)


def the_day(asked: str, latest: date) -> tuple[date | None, str]:
    """The day that was asked for, or the sentence that says why there is none."""
    try:
        on = datetime.strptime(asked.strip(), "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError:
        return None, f"“{asked[:40]}” is not a day. Write it like {latest.isoformat()}."
    if on > latest:
        return None, f"{on:%-d %B %Y} is still to come. Choose a day up to today."
    if on.year < 1900:
        return None, f"Nobody wrote anything down in {on.year}. Choose a later day."
    return on, ""
