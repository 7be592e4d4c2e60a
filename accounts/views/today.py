from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Account, Coverage, Obligation, User
from accounts.models import today as this_day
from accounts.requests import SignedInRequest

COMING = timedelta(days=14)
QUIET = timedelta(days=45)
SHOWN = 12


@require_safe
def today(request: SignedInRequest) -> HttpResponse:
    """The one sentence that matters, then what is due, what is coming and who is quiet."""
    user = request.user
    if user.is_customer:
        return redirect("customer_page")
    day = this_day()
    mine = Obligation.objects.visible_to(user).open().filter(holder=user).for_list()
    due = list(mine.filter(due__lte=day, answered_at=None))
    waiting = list(mine.filter(due=None, kind__in=Obligation.THEIRS, answered_at=None))
    coming = list(mine.filter(due__gt=day, due__lte=day + COMING)[:SHOWN])
    acting = Coverage.objects.owners().filter(person=user, acting=True).select_related("account")
    unread = list(acting.order_by("account__name"))
    context = {
        "today": day,
        "due": [*due, *waiting],
        "coming": coming,
        "quiet": quiet(user),
        "unread": unread[:SHOWN],
        "unread_count": len(unread),
        "sentence": sentence(due, waiting, coming, unread, day),
    }
    return render(request, "accounts/today.html", context)


def quiet(user: User) -> Any:
    """Accounts of this person that nobody has been in touch with for weeks, the longest silence first."""
    since = timezone.now() - QUIET
    mine = Account.objects.visible_to(user).open().owned_by(user).with_journey().with_champion()
    silent = mine.filter(Q(last_contact_at=None) | Q(last_contact_at__lt=since))
    return silent.order_by(F("last_contact_at").asc(nulls_last=True), "pk")[:SHOWN]


def sentence(due: list[Any], waiting: list[Any], coming: list[Any], unread: list[Any], day: Any) -> str:
    late = [line for line in due if line.due < day]
    if late:
        worst = late[0]
        more = f", and {len(late) - 1} more {'is' if len(late) == 2 else 'are'} late" if len(late) > 1 else ""
        days = (day - worst.due).days
        return f"{worst.account} has waited {days} day{'s' if days > 1 else ''} for “{worst}”{more}."
    if waiting:
        asked = waiting[0]
        return f"{asked.contact or asked.account} asked “{asked}” and waits for your answer."
    if unread:
        return f"You answer for {unread[0].account} and nobody has read it back yet."
    if due:
        return f"Today {due[0].account} is owed “{due[0]}”."
    if coming:
        return f"Nothing is due today. Next: “{coming[0]}” for {coming[0].account}, on {coming[0].due:%A}."
    return "Nothing is due. A good day to call somebody who has been quiet."
