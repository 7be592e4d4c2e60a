from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.forms.people import DeactivateForm, PersonForm
from accounts.models import Account, Coverage, Entry, Obligation, Organisation, User, today
from accounts.models.base import refuse_if
from accounts.pages.after_a_change import ENOUGH, AfterChanges
from accounts.pages.customer_effort import asked_before_seen_by, asked_past_an_answer
from accounts.pages.if_left import if_any_left
from accounts.requests import (
    SignedInRequest,
    changes_only,
    commits_itself,
    next_url,
    operations_only,
    staff_only,
)

from . import asked_about, done, form_page

BOOK_SHOWN = 100
THANKS_SHOWN = 5


@staff_only("GET", "HEAD")
def person_list(request: SignedInRequest) -> HttpResponse:
    """Colleagues along their reporting lines; those who have left at the end."""
    staff = User.objects.staff().annotate(owns=owned_accounts())
    people = list(staff.select_related("reports_to").order_by("name"))
    context = {
        "lines": reporting_lines([person for person in people if person.may_come_in]),
        "gone": [
            (person, person.deactivated_because if request.user.may_manage(person) else "")
            for person in people
            if not person.may_come_in
        ],
        "last_resort": Organisation.get().last_resort_id,
    }
    return render(request, "accounts/person_list.html", context)


def reporting_lines(people: list[User]) -> list[tuple[User, int]]:
    """Each person under whom they report to, with how deep; who reports to nobody here comes first."""
    here = {person.pk for person in people}
    under: dict[int | None, list[User]] = {}
    for person in people:
        above = person.reports_to_id if person.reports_to_id in here else None
        under.setdefault(above, []).append(person)

    def lines(above: int | None, depth: int) -> list[tuple[User, int]]:
        return [
            line
            for person in under.get(above, [])
            for line in [(person, depth), *lines(person.pk, depth + 1)]
        ]

    return lines(None, 0)


@staff_only("GET", "HEAD")
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User.objects.staff().select_related("reports_to", "deactivated_by"), pk=pk)
    book = Account.objects.visible_to(request.user).open().owned_by(person).for_list()
    thanks = Entry.objects.visible_to(request.user).appreciations()
    holding = Coverage.objects.current().filter(person=person).exclude(role=Coverage.Role.OWNER)
    seen = holding.filter(account__in=Account.objects.visible_to(request.user))
    context = {
        "person": person,
        "book": book[:BOOK_SHOWN],
        "roles": seen.select_related("account").order_by("account__name"),
        "reports": person.reports.active().annotate(owns=owned_accounts()).order_by("name"),
        "late": Obligation.objects.visible_to(request.user).late().filter(holder=person).count(),
        "promises": Obligation.objects.visible_to(request.user).promised_by(person).promise_record(),
        "thanks": thanks.filter(account__in=person.holdings().values("account"))
        .select_related("account", "author", "author_contact")
        .order_by("-at", "-pk")[:THANKS_SHOWN],
        "may_manage": request.user.may_manage(person),
        "reason": person.deactivated_because if request.user.may_manage(person) else "",
        "today": today(),
        "is_last_resort": Organisation.get().last_resort_id == person.pk,
    }
    return render(request, "accounts/person.html", context)


def owned_accounts() -> Count:
    return Count("coverage", filter=Q(coverage__ended_at=None, coverage__role=Coverage.Role.OWNER))


@changes_only("GET", "POST")
def person_new(request: SignedInRequest) -> HttpResponse:
    form = PersonForm(request.POST or None, by=request.user)
    if form.is_valid():
        with form.refusals():
            person = User.add(by=request.user, **form.columns)
            sentence = f"{person} can sign in with a code mailed to {person.email}."
            return done(request, sentence, "person", person.pk)
    return form_page(request, form, "Add a colleague", "Add them", back="person_list")


@changes_only("GET", "POST")
def person_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    person = one_i_manage(request, pk)
    form = PersonForm(request.POST or None, instance=person, by=request.user)
    if form.is_valid():
        with form.refusals():
            person.correct(by=request.user, **form.changes)
            return done(request, f"Corrected.{asked_about(person, form)}", "person", pk)
    return form_page(request, form, f"Correct {User.objects.get(pk=pk)}", "Correct it", back="person_list")


@commits_itself
@changes_only("GET", "POST")
def person_deactivate(request: SignedInRequest, pk: int) -> HttpResponse:
    person = one_i_manage(request, pk)
    form = DeactivateForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            manager = person.deactivate(by=request.user, because=form.cleaned_data["because"])
            rest = (
                f"What they held passes to {manager}."
                if person.is_active
                else f"{manager} answers for what they held."
            )
            sentence = f"{person}’s access has ended. {rest}"
            return done(request, sentence, "person", pk)
    lede = (
        "They are signed out at once, and everything they hold goes to the nearest active manager, "
        "who answers for it unread. For a departure with handoffs, open a departure instead."
    )
    title = f"End {person}’s access now"
    return form_page(request, form, title, "End access", lede=lede, danger=True, back="person_list")


@commits_itself
@changes_only("POST")
def person_move_book(request: SignedInRequest, pk: int) -> HttpResponse:
    """Try again now to pass on what somebody held whose access has ended."""
    person = one_i_manage(request, pk)
    refuse_if(None if person.offboarding else f"Nothing of {person}’s waits to be passed on.")
    person.pass_on_book()
    if not person.is_active:
        messages.success(request, f"What {person} held has passed on.")
    return redirect(next_url(request, reverse("person", args=[pk])))


@operations_only("POST")
def person_reactivate(request: SignedInRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User.objects.staff(), pk=pk)
    person.reactivate(by=request.user)
    sentence = f"{person} can sign in again. What they held stays with whoever has it now."
    return done(request, sentence, "person", pk)


def one_i_manage(request: SignedInRequest, pk: int) -> User:
    person: User = get_object_or_404(User.objects.staff(), pk=pk)
    if not request.user.may_manage(person):
        raise PermissionDenied
    return person


# ---- What would be lost, and what is asked twice


@staff_only("GET", "HEAD")
def person_if_left(request: SignedInRequest, pk: int) -> HttpResponse:
    """If they left tomorrow, which accounts would start over? For whoever manages them, and for themselves."""
    person: User = get_object_or_404(User.objects.staff(), pk=pk)
    if not (person == request.user or request.user.may_manage(person)):
        raise PermissionDenied
    going = if_any_left([person], request.user)
    return render(request, "accounts/if_left.html", {"person": person, "going": going[0]})


@changes_only("GET", "HEAD")
def team_if_left(request: SignedInRequest) -> HttpResponse:
    """The same for everybody in a manager's team, whose going would cost most first."""
    managers = User.objects.active().filter(kind=User.Kind.MANAGER).order_by("name")
    asked = request.GET.get("of", "")
    if request.user.is_operations:
        lead = next((one for one in managers if str(one.pk) == asked), None)
        if asked and lead is None:
            raise Http404
    else:
        lead = request.user
    team = User.objects.active().filter(pk__in=lead.team_ids() if lead else []).order_by("name")
    context = {
        "lead": lead,
        "managers": managers if request.user.is_operations else [],
        "goings": sorted(
            (going for going in if_any_left(list(team), request.user) if going.losses),
            key=lambda going: (-going.weight, going.person.name),
        ),
    }
    return render(request, "accounts/if_anybody_left.html", context)


@changes_only("GET", "HEAD")
def asked_before(request: SignedInRequest) -> HttpResponse:
    """\"I was asked this before\": by account, by rep and by topic."""
    context = {
        "asked": asked_before_seen_by(request.user),
        "compared": AfterChanges.seen_by(request.user),
        "enough": ENOUGH,
        "passed": asked_past_an_answer(request.user),
    }
    return render(request, "accounts/asked_before.html", context)
