"""Opening a change of each kind: a departure, a leave, a handover, from sale to success, a reorganisation."""

from __future__ import annotations

from typing import TypeAlias

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.limits import Unreadable
from accounts.models import Account, Coverage, Deal, Obligation, User
from accounts.models.base import require
from accounts.requests import SignedInRequest, changes_only, commits_itself, number, staff_only, takes_up_to
from handoffs import planning
from handoffs.forms.transitions import (
    MOST_LIST,
    DepartureForm,
    HandoverForm,
    LeaveForm,
    ReorgForm,
    SaleToSuccessForm,
)
from handoffs.models import Transition
from handoffs.models.blockers import sale_blockers
from handoffs.reorg_list import ReorgList, read_list

OpeningForm: TypeAlias = DepartureForm | LeaveForm | HandoverForm | SaleToSuccessForm
#: What may become of a person, as the sentence on the page says it, and the page that opens it.
OPENINGS = {
    "departure": ("leaves", "departure_new", ""),
    "sudden": ("has already gone", "departure_new", "?when=sudden"),
    "leave": ("goes on leave", "leave_new", ""),
}


@changes_only("GET", "HEAD")
def transition_new(request: SignedInRequest) -> HttpResponse:
    person, kind = request.GET.get("person", ""), request.GET.get("kind", "")
    if number(person) and kind in OPENINGS:
        _, name, query = OPENINGS[kind]
        return redirect(reverse(name, args=[person]) + query)
    people = User.objects.can_serve()
    if not request.user.is_operations:
        people = people.filter(pk__in=request.user.team_ids()).exclude(pk=request.user.pk)
    kinds = [(value, words) for value, (words, *_) in OPENINGS.items()]
    return render(request, "handoffs/transition_new.html", {"people": people, "kinds": kinds})


def somebody_i_manage(request: SignedInRequest, pk: int) -> User:
    person: User = get_object_or_404(User.objects.staff().select_related("reports_to"), pk=pk)
    require(request.user.may_manage(person))
    return person


def their_book(person: User) -> dict[str, object]:
    """What they answer for: how many accounts, and what else hangs on them."""
    roles = Coverage.objects.accountable().filter(person=person, role__in=Coverage.HOLDING_ROLES)
    accounts = roles.values("account").distinct().count()
    under_way = Transition.objects.under_way().filter(person=person).first()
    return {"person": person, "accounts": accounts, "under_way": under_way}


@commits_itself
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
    if transition := opened(form, request.user):
        return to_suggestions(request, transition)
    context = book | {"form": form, "manager": person.nearest_manager()}
    template = "handoffs/_departure_form.html" if request.htmx else "handoffs/departure_new.html"
    return render(request, template, context, status=form.status)


@changes_only("GET", "POST")
def leave_new(request: SignedInRequest, pk: int) -> HttpResponse:
    person = somebody_i_manage(request, pk)
    form = LeaveForm(request.POST or None, person=person)
    if transition := opened(form, request.user):
        return to_suggestions(request, transition)
    context = their_book(person) | {"form": form}
    return render(request, "handoffs/leave_new.html", context, status=form.status)


def opened(form: OpeningForm, by: User) -> Transition | None:
    """The change that the form opens, or None when it is wrong, refused or not filled in."""
    if form.is_valid():
        with form.refusals():
            return form.open(by)
    return None


def to_suggestions(request: SignedInRequest, transition: Transition) -> HttpResponse:
    """On to its page, where every account already has a suggested successor."""
    transition.fill_in(planning.best_successors(transition), by=request.user)
    messages.success(request, "Nothing has been handed over yet. Look through the successors, then start it.")
    return redirect("transition", transition.pk)


@staff_only("GET", "POST")
def handover_new(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user).open(), pk=pk)
    team = the_team_i_may_change(request.user, account)
    require(bool(team))
    asked = request.GET.get("to", "")
    form = HandoverForm(request.POST or None, team=team, initial={"incoming": asked})
    if transition := opened(form, request.user):
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


# ---- From sale to success


@staff_only("GET", "POST")
def sale_to_success_new(request: SignedInRequest, pk: int) -> HttpResponse:
    deals = Deal.objects.visible_to(request.user).select_related("account", "holder")
    deal = get_object_or_404(deals, pk=pk)
    seller = deal.seller
    if seller is None or not deal.may_be_handed_on_by(request.user):
        raise PermissionDenied
    asked = {"success": request.GET.get("to", "")}
    form = SaleToSuccessForm(request.POST or None, deal=deal, seller=seller, initial=asked)
    if transition := opened(form, request.user):
        messages.success(request, f"The success of {deal.account} is planned to change hands. Start it here.")
        return redirect("transition", transition.pk)
    found = planning.CandidatePool([deal.account], seller)
    context = {
        "deal": deal,
        "account": deal.account,
        "seller": seller,
        "form": form,
        "promises": deal.owed.filter(kind=Obligation.Kind.PROMISE).for_list(),
        "blockers": sale_blockers(deal),
        "there": deal.success if deal.is_won else None,
        "suggestions": found.suggest(deal.account, role=Coverage.Role.SUCCESS),
    }
    return render(request, "handoffs/sale_to_success_new.html", context, status=form.status)


@staff_only("POST")
def deal_give_to_success(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was promised at a further sale goes to whoever looks after their success already."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("account", "holder"), pk=pk)
    person = deal.give_to_success(by=request.user)
    messages.success(request, f"{person} holds what was promised at this sale, and is told by letter.")
    return redirect("deal", pk)


# ---- A reorganisation, by its list


@takes_up_to(MOST_LIST)
@changes_only("GET", "POST")
def reorg_new(request: SignedInRequest) -> HttpResponse:
    """The list is read, and planned when every line is right or the wrong ones, shown before, are left aside."""
    form = ReorgForm(request.POST or None, request.FILES or None)
    reading = read(form, request) if form.is_valid() else None
    if reading and (not reading.wrong or left_aside(request, reading)):
        with form.refusals():
            return redirect("transition", open_reorg(request, form, reading).pk)
    context = {"form": form, "reading": reading}
    return render(request, "handoffs/reorg_new.html", context, status=form.status)


def read(form: ReorgForm, request: SignedInRequest) -> ReorgList | None:
    """The list as it was sent. It goes into the text area, so that wrong lines can be corrected right there."""
    file = form.cleaned_data["file"]
    name, data = (file.name, file.read()) if file else ("The list", form.cleaned_data["list"].encode())
    try:
        reading = read_list(name, data, request.user)
    except Unreadable as error:
        form.add_error("file" if file else "list", str(error))
        return None
    form["list"].label = "The list"  # the bound field has taken its label from the field already
    form.fields["list"].required = True
    form.rewrite("list", reading.text)
    return reading


def left_aside(request: SignedInRequest, reading: ReorgList) -> bool:
    """Whether the person chose to go on without the wrong lines, having seen these very ones."""
    return bool(reading.lines) and request.POST.get("aside") == reading.fingerprint


def open_reorg(request: SignedInRequest, form: ReorgForm, reading: ReorgList) -> Transition:
    given = {name: form.cleaned_data[name] for name in form.cleaned_data if name not in {"file", "list"}}
    reorg = Transition.objects.open_reorg(given.pop("name"), reading.lines, by=request.user, **given)
    messages.success(request, "Nothing has changed yet. See whom it hits, then send it for approval.")
    if reading.wrong:
        lines = ", ".join(str(wrong.line) for wrong in reading.wrong[:20])
        some = "line" if len(reading.wrong) == 1 else "lines"
        messages.warning(request, f"Left aside: {some} {lines}.")
    return reorg
