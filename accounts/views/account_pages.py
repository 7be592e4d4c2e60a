"""What else can be read of an account, each on a page of its own; `accounts.pages` has what they show."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.briefing import compose
from accounts.models import Account, Contact, today
from accounts.models.continuity import annotated, evidence_of
from accounts.pages.after_a_change import AfterChanges
from accounts.pages.as_of import account_as_of as read_as_of
from accounts.pages.as_of import the_zone
from accounts.pages.call_plan import plan
from accounts.pages.chart_drawing import ChartDrawing
from accounts.pages.customer_effort import Effort
from accounts.pages.relationship_chart import relationship_chart
from accounts.pages.stakeholder_map import stakeholder_map
from accounts.requests import SignedInRequest, staff_only
from accounts.rules import clocks

from . import part_or_page


@staff_only("GET", "HEAD")
def account_printed_brief(request: SignedInRequest, pk: int) -> HttpResponse:
    """What one must know of an account, on paper: the brief as it stands now."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    if account.merged_into_id:
        return redirect("account_printed_brief", account.merged_into_id)
    team = account.coverage.current().select_related("person").order_by("started_at")
    context = {"account": account, "brief": compose(account), "team": team, "now": clocks.now()}
    return render(request, "accounts/printed_brief.html", context)


@staff_only("GET", "HEAD")
def account_relationship_chart(request: SignedInRequest, pk: int) -> HttpResponse:
    """The relationship over twenty-four months; alone where the account's page asks for it."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    if account.merged_into_id:
        return redirect("account_relationship_chart", account.merged_into_id)
    drawing = ChartDrawing.of(relationship_chart(account, today()))
    part, page = "accounts/_relationship_chart.html", "accounts/relationship_chart.html"
    return part_or_page(request, part, page, {"account": account, "drawing": drawing})


@staff_only("GET", "HEAD")
def account_stakeholder_map(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who of ours knows whom of theirs, and what hangs by one connection."""
    account = get_object_or_404(annotated(Account.objects.visible_to(request.user)), pk=pk)
    contacts = list(Contact.objects.filter(account=account, erased_at=None).order_by("name", "pk"))
    team = account.coverage.current().select_related("person")
    context = {"account": account, "map": stakeholder_map(evidence_of(account), contacts, team)}
    return render(request, "accounts/stakeholder_map.html", context)


@staff_only("GET", "HEAD")
def account_effort(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a year with us took them: repeats, transfers and waits, counted."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    context = {
        "account": account,
        "effort": Effort.of(account),
        "compared": AfterChanges.seen_by(request.user),
    }
    return render(request, "accounts/customer_effort.html", context)


@staff_only("GET", "HEAD")
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


@staff_only("GET", "HEAD")
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
