from __future__ import annotations

from datetime import datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from accounts.briefing.memory import for_page
from accounts.forms import accounts as forms
from accounts.forms.notes import KINDS
from accounts.models import Account, Coverage, Entry, Stage, User, today
from accounts.pages import timeline
from accounts.pages.account import AccountPage
from accounts.pages.account_filter import AccountFilter
from accounts.requests import SignedInRequest, changes_only, number, staff_only
from accounts.rules import clocks

from . import done, form_page, part_or_page

ROWS = 50
NAMESAKES = 20


# ---- The list


@staff_only("GET", "HEAD")
def account_list(request: SignedInRequest) -> HttpResponse:
    asked = AccountFilter.of(request.GET)
    accounts = asked.of_list(Account.objects.visible_to(request.user), request.user)
    page = Paginator(accounts.for_list(), ROWS).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": page,
        "query": query.urlencode() + "&" if query else "",
        "filtered": any(request.GET.values()),
        "owners": owners_seen_by(request.user),
        "namesakes": namesakes(request),
        "stages": Stage.choices,
        "today": today(),
        "soon": timezone.localdate(clocks.now()) + timedelta(days=60),
    }
    return part_or_page(request, "accounts/_account_list.html", "accounts/account_list.html", context)


def namesakes(request: SignedInRequest) -> list[Account]:
    """Possible duplicates. Only operations see all accounts, so only they are told."""
    if request.htmx or not request.user.is_operations:
        return []
    return list(Account.objects.open().namesakes().with_owner()[:NAMESAKES])


def searched(request: SignedInRequest) -> str:
    return request.GET.get("q", "").strip()


def owners_seen_by(user: User) -> QuerySet[User]:
    """Whom one may choose in "owned by": colleagues who own something that this person may see."""
    seen = Account.objects.visible_to(user).open()
    owning = Coverage.objects.owners().filter(account__in=seen).exclude(person=user)
    owners: QuerySet[User] = User.objects.filter(pk__in=owning.values("person")).order_by("name")
    return owners


# ---- The page


@staff_only("GET", "HEAD")
def account(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(for_page(Account.objects.visible_to(request.user)), pk=pk)
    if account.merged_into:
        return redirect("account", account.merged_into_id)
    thread = timeline_page(request, account)
    if request.htmx:
        response = render(request, "accounts/_timeline_items.html", {"account": account, "thread": thread})
    else:
        context = {
            **vars(AccountPage.of(account, request.user)),
            "thread": thread,
            "kinds": Entry.Kind.choices,
            "note_kinds": KINDS,
            "kept": number(request.GET.get("kept", "")),
        }
        response = render(request, "accounts/account.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def timeline_page(request: SignedInRequest, account: Account) -> timeline.TimelinePage:
    asked = request.GET
    kind = asked.get("kind", "")
    try:
        return timeline.read(
            account,
            kind=kind if kind in Entry.Kind.values else "",
            q=searched(request),
            who=int(who) if (who := asked.get("who", "")[:18]).isdecimal() else None,
            before=asked.get("before", ""),
        )
    except ValueError as unknown:
        raise Http404 from unknown


# ---- Verbs


@staff_only("GET", "POST")
def account_new(request: SignedInRequest) -> HttpResponse:
    form = forms.NewAccountForm(request.POST or None, user=request.user)
    if form.is_valid():
        with form.refusals():
            account = Account.start(by=request.user, **form.columns)
            sentence = f"{account} is open, and {form.cleaned_data['owner']} owns it."
            return done(request, sentence, "account", account.pk)
    return form_page(request, form, "Open an account", "Open it", back="account_list")


@staff_only("GET", "POST")
@transaction.atomic
def account_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    seen = Account.objects.visible_to(request.user)
    account = get_object_or_404(seen.select_for_update(of=("self",)), pk=pk)
    form = forms.AccountForm(request.POST or None, instance=account, user=request.user)
    if form.is_valid():
        form.save_changes()
        return done(request, "Corrected. What it said before is kept in the history.", "account", account.pk)
    account.refresh_from_db()
    return form_page(request, form, f"Correct {account}", "Correct it", account)


@staff_only("GET", "POST")
def account_condition(request: SignedInRequest, pk: int) -> HttpResponse:
    account = one_of_mine(request, pk)
    form = forms.ConditionForm(request.POST or None, initial={"condition": account.condition_now})
    if form.is_valid():
        with form.refusals():
            given = form.cleaned_data
            account.rate(given["condition"], because=given["because"], by=request.user)
            sentence = f"{account} is rated {account.get_condition_display().lower()}."
            return done(request, sentence, "account", account.pk)
    lede = "You may rate it more cautiously than our own checks do, never less."
    return form_page(request, form, f"How does {account} stand?", "Rate it", account, lede=lede)


@staff_only("GET", "POST")
def account_stage(request: SignedInRequest, pk: int) -> HttpResponse:
    account = one_of_mine(request, pk)
    form = forms.StageForm(request.POST or None, initial={"stage": account.stage})
    form.draft(f"stage:{pk}", "evidence")
    if form.is_valid():
        with form.refusals():
            given = form.cleaned_data
            at = timezone.make_aware(datetime.combine(given["on"], time.min)) if given["on"] else None
            reached = Entry.reach_stage(
                account, given["stage"], evidence=given["evidence"], by=request.user, at=at
            )
            sentence = f"{account} is now {reached.subject.lower()}."
            return done(request, sentence, "account", account.pk, draft=f"stage:{pk}")
    return form_page(request, form, f"Where does {account} stand on its journey?", "Record it", account)


@staff_only("GET", "POST")
def account_close(request: SignedInRequest, pk: int) -> HttpResponse:
    account = one_of_mine(request, pk)
    if not (request.user.runs_changes or account.owner == request.user):
        raise PermissionDenied
    form = forms.CloseForm(
        request.POST or None, owed=list(account.obligations.open().select_related("holder"))
    )
    if form.is_valid():
        with form.refusals():
            account.close(by=request.user, because=form.cleaned_data["because"], outcomes=form.outcomes)
            return done(request, f"{account} is closed. Its memory stays.", "account_list")
    lede = "Its memory stays readable. Say what becomes of each thing we still owe them."
    return form_page(request, form, f"Close {account}", "Close the account", account, lede=lede)


@changes_only("GET", "POST")
def account_merge(request: SignedInRequest, pk: int) -> HttpResponse:
    account = one_of_mine(request, pk)
    form = forms.MergeForm(request.POST or None, account=account, user=request.user)
    if form.is_valid():
        other = form.cleaned_data["other"]
        with form.refusals():
            account.merge_into(other, by=request.user, because=form.cleaned_data["because"])
            sentence = f"{account} is part of {other} now; their memory is read as one."
            return done(request, sentence, "account", other.pk)
    lede = f"Everything that is known of {account} will be read on the other account’s page."
    return form_page(request, form, f"Merge {account} into another account", "Merge", account, lede=lede)


@staff_only("GET", "POST")
def account_team(request: SignedInRequest, pk: int) -> HttpResponse:
    account = one_of_mine(request, pk)
    if not (request.user.runs_changes or account.owner == request.user):
        raise PermissionDenied
    ending = "coverage" in request.POST
    joins = forms.TeamForm(None if ending else request.POST or None)
    ends = forms.EndServiceForm(request.POST if ending else None, account=account)
    if ending and ends.is_valid():
        with ends.refusals():
            row = ends.cleaned_data["coverage"]
            row.end(by=request.user, because=ends.cleaned_data["because"])
            sentence = f"{row.person} no longer serves {account} as {row.get_role_display().lower()}."
            return done(request, sentence, "account_team", pk)
    elif joins.is_valid():
        with joins.refusals():
            given = joins.cleaned_data
            Coverage.begin(account, given["role"], given["person"], by=request.user, because=given["because"])
            return done(request, f"{given['person']} serves {account} from now on.", "account_team", pk)
    team = account.coverage.current().select_related("person").order_by("started_at")
    past = account.coverage.exclude(ended_at=None).select_related("person").order_by("-ended_at")
    context = {"account": account, "team": team, "past": past, "joins": joins, "ends": ends, "ending": ending}
    return render(request, "accounts/team.html", context, status=max(joins.status, ends.status))


def one_of_mine(request: SignedInRequest, pk: int) -> Account:
    return get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
