"""Opening a departure, a leave, or the handover of one account."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.models import Account, Coverage, User
from accounts.requests import SignedInRequest, changes_only, staff_only
from handoffs import planning
from handoffs.forms.transitions import DepartureForm, HandoverForm, LeaveForm
from handoffs.models import Transition

#: What may become of a person, as the sentence on the page says it, and the page that opens it.
OPENINGS = {
    "departure": ("leaves", "departure_new", ""),
    "sudden": ("has already gone", "departure_new", "?when=sudden"),
    "leave": ("goes on leave", "leave_new", ""),
}


@changes_only("GET", "HEAD")
def transition_new(request: SignedInRequest) -> HttpResponse:
    person, kind = request.GET.get("person", ""), request.GET.get("kind", "")
    if person.isdigit() and kind in OPENINGS:
        _, name, query = OPENINGS[kind]
        return redirect(reverse(name, args=[person]) + query)
    people = User.objects.can_serve()
    if not request.user.is_operations:
        people = people.filter(pk__in=request.user.team_ids()).exclude(pk=request.user.pk)
    kinds = [(value, words) for value, (words, *_) in OPENINGS.items()]
    return render(request, "handoffs/transition_new.html", {"people": people, "kinds": kinds})


def somebody_i_manage(request: SignedInRequest, pk: int) -> User:
    person: User = get_object_or_404(User.objects.staff().select_related("reports_to"), pk=pk)
    if not request.user.may_manage(person):
        raise PermissionDenied
    return person


def their_book(person: User) -> dict[str, object]:
    """What they answer for: how many accounts, and what else hangs on them."""
    roles = Coverage.objects.accountable().filter(person=person, role__in=Coverage.HOLDING_ROLES)
    accounts = roles.values("account").distinct().count()
    under_way = Transition.objects.under_way().filter(person=person).first()
    return {"person": person, "accounts": accounts, "under_way": under_way}


@changes_only("GET", "POST")
def departure_new(request: SignedInRequest, pk: int) -> HttpResponse:
    person = somebody_i_manage(request, pk)
    book = their_book(person)
    form = DepartureForm(
        request.POST or None,
        person=person,
        manager=person.nearest_manager(),
        initial={
            "when": "sudden" if request.GET.get("when") == "sudden" else "planned",
            "because": request.GET.get("because", ""),
        },
    )
    if form.is_valid():
        with form.refusals():
            transition = form.open(request.user)
            return opened(request, transition)
    context = book | {"form": form, "manager": person.nearest_manager()}
    template = "handoffs/_departure_form.html" if request.htmx else "handoffs/departure_new.html"
    return render(request, template, context, status=form.status)


@changes_only("GET", "POST")
def leave_new(request: SignedInRequest, pk: int) -> HttpResponse:
    person = somebody_i_manage(request, pk)
    form = LeaveForm(request.POST or None, person=person)
    if form.is_valid():
        with form.refusals():
            transition = form.open(request.user)
            return opened(request, transition)
    context = their_book(person) | {"form": form}
    return render(request, "handoffs/leave_new.html", context, status=form.status)


def opened(request: SignedInRequest, transition: Transition) -> HttpResponse:
    """On to its page, where every account already has a suggested successor."""
    transition.fill_in(planning.best_successors(transition), by=request.user)
    messages.success(request, "Nothing has been handed over yet. Look through the successors, then start it.")
    return redirect("transition", transition.pk)


@staff_only("GET", "POST")
def handover_new(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user).open(), pk=pk)
    team = the_team_i_may_change(request.user, account)
    if not team:
        raise PermissionDenied
    asked = request.GET.get("to", "")
    form = HandoverForm(request.POST or None, team=team, initial={"incoming": asked})
    if form.is_valid():
        with form.refusals():
            transition = form.open(request.user)
            messages.success(request, f"{account} is planned to change hands. Start it when you are sure.")
            return redirect("transition", transition.pk)
    context = {
        "account": account,
        "form": form,
        "suggestions": planning.CandidatePool([account], team[0].person).suggest(account),
    }
    return render(request, "handoffs/handover_new.html", context, status=form.status)


def the_team_i_may_change(user: User, account: Account) -> list[Coverage]:
    """Who serves the account in a role that this person may hand over, the owner first."""
    rows = Coverage.objects.accountable().filter(account=account, role__in=Coverage.HOLDING_ROLES)
    mine = [row for row in rows.select_related("person") if row.person == user or user.may_manage(row.person)]
    return sorted(mine, key=lambda row: Coverage.HOLDING_ROLES.index(Coverage.Role(row.role)))
