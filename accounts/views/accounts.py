from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms.accounts import (
    AccountForm,
    CloseForm,
    ConditionForm,
    EndServiceForm,
    MergeForm,
    NewAccountForm,
    StageForm,
    TeamForm,
)
from accounts.forms.notes import KINDS
from accounts.models import (
    Account,
    Contact,
    Coverage,
    Deal,
    Entry,
    Fact,
    Obligation,
    Stage,
    Topic,
    User,
    today,
)
from accounts.models.verdicts import Told
from accounts.pages import continuity, timeline
from accounts.pages.call_plan import Doubts, last_said
from accounts.pages.executives import Executives
from accounts.requests import SignedInRequest, changes_only, staff_only
from accounts.rules import clocks
from accounts.rules.condition import signs
from accounts.rules.promise_record import PromiseRecord

ROWS = 50


# ---- The list


@staff_only
@require_safe
def account_list(request: SignedInRequest) -> HttpResponse:
    accounts = filtered(request, Account.objects.visible_to(request.user).open())
    page = Paginator(accounts.for_list(), ROWS).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": page,
        "query": query.urlencode() + "&" if query else "",
        "filtered": any(request.GET.values()),
        "owners": owners_seen_by(request.user),
        "stages": Stage.choices,
        "today": today(),
        "soon": timezone.localdate(clocks.now()) + timedelta(days=60),
    }
    template = "accounts/_account_list.html" if request.htmx else "accounts/account_list.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def filtered(request: SignedInRequest, accounts: Any) -> Any:
    """The accounts that the sentence above the list speaks of. Words it does not know are let be."""
    asked = request.GET
    if asked.get("owner") == "me":
        accounts = accounts.owned_by(request.user)
    elif asked.get("owner", "").isdecimal():
        accounts = accounts.owned_by(get_object_or_404(User.objects.staff(), pk=asked["owner"]))
    if asked.get("stage") in Stage.values:
        accounts = accounts.with_journey().filter(stage_now=asked["stage"])
    if asked.get("late") or asked.get("with") == "late":
        accounts = accounts.with_late_obligations()
    if asked.get("no_champion") or asked.get("with") == "no_champion":
        accounts = accounts.without_champion()
    if words := searched(request):
        accounts = accounts.matching(words)
    return accounts


def searched(request: SignedInRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()


def owners_seen_by(user: User) -> Any:
    """Whom one may choose in "owned by": colleagues who own something that this person may see."""
    seen = Account.objects.visible_to(user).open()
    owning = Coverage.objects.owners().filter(account__in=seen).exclude(person=user)
    return User.objects.filter(pk__in=owning.values("person")).order_by("name")


# ---- The page


@staff_only
@require_safe
def account(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(
        continuity.annotated(Account.objects.visible_to(request.user).for_page()), pk=pk
    )
    if account.merged_into:
        return redirect("account", account.merged_into_id)
    page = thread_page(request, account)
    if request.htmx:
        response = render(request, "accounts/_thread_lines.html", {"account": account, "thread": page})
    else:
        response = render(request, "accounts/account.html", about(account, request.user) | {"thread": page})
    patch_vary_headers(response, ["HX-Request"])
    return response


def thread_page(request: SignedInRequest, account: Account) -> timeline.Thread:
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


def about(account: Any, user: User) -> dict[str, Any]:
    """All that stands beside the thread of an account read `for_page`, in as many queries whatever the history."""
    team = list(account.coverage.current().select_related("person").order_by("started_at"))
    team.sort(key=lambda row: Coverage.Role.values.index(row.role))
    day = account.day_now
    contacts = list(
        Contact.objects.filter(account=account, erased_at=None).with_contexts(day).order_by("left_on", "name")
    )
    continuity.introduce(contacts, account)
    facts = list(Fact.objects.of(account).live().with_sources().order_by("topic__position", "-at", "-pk"))
    owed = list(Obligation.objects.open().filter(account=account).for_list())
    owed.sort(key=lambda line: not line.is_late)  # late ones first
    deals = list(Deal.objects.in_hand().filter(account=account).select_related("holder"))
    owner = next((row for row in team if row.role == Coverage.Role.OWNER), None)
    champions = sorted(
        (contact for contact in contacts if contact.is_champion and not contact.left_on),
        key=lambda contact: -(contact.strength or 0),
    )
    return {
        "account": account,
        "team": team,
        "owner": owner,
        "may_change_team": user.runs_changes or (owner is not None and owner.person_id == user.pk),
        "may_hand_over": user.runs_changes,
        "champions": champions,
        "deciders": [contact for contact in contacts if decides(contact)],
        "others": [contact for contact in contacts if contact not in champions],
        "stage": Stage(account.stage_now).label if account.stage_now else "",
        "champion_met": met(account, champions[0]) if champions else None,
        "answers": answers(facts),
        "stories": latest_told(fact for fact in facts if fact.topic_id == Topic.STORY),
        "doubts": None if account.closed_at else Doubts.among(facts, day),
        "if_then": [fact for fact in facts if fact.topic_id == Topic.IF_THEN],
        "owed": owed,
        "promises": PromiseRecord.of(account.promise_months, day),
        "verdicts": Told.all_of(account.verdicts_told),
        "executives": Executives.of(account, team, owed),
        "deals": deals,
        "warnings": signs(
            late=sum(line.is_late for line in owed),
            repairs=sum(line.kind == Obligation.Kind.REPAIR for line in owed),
            stage=account.stage_now or "",
            has_champion=bool(champions),
            last_contact_at=account.last_contact_at,
            now=clocks.now(),
        ),
        "continuity": None if account.closed_at else continuity.Continuity.of(account),
        "today": day,
        "kinds": Entry.Kind.choices,
        "note_kinds": KINDS,
    }


def decides(contact: Contact) -> bool:
    deciding = {Contact.Role.ECONOMIC_BUYER, Contact.Role.DECISION_MAKER}
    return not contact.left_on and bool(deciding.intersection(contact.roles))


def met(account: Any, champion: Contact) -> datetime | None:
    """When we were last in touch with a champion, as the account's five checks have read it."""
    known = {one["pk"]: one["met"] for one in account.champions_now}
    return continuity.in_time(known.get(champion.pk))


def latest_told(stories: Iterable[Fact]) -> list[Fact]:
    """Those written or confirmed last first."""
    return sorted(stories, key=lambda story: (last_said(story), story.pk), reverse=True)


def answers(facts: list[Fact]) -> dict[str, Any]:
    """Each topic with its live answers: `outcome`, `needs` and the rest, gaps included."""
    by_topic: dict[str, list[Fact]] = {}
    for fact in facts:
        by_topic.setdefault(fact.topic_id, []).append(fact)
    topics = [(topic, by_topic.get(topic.pk, [])) for topic in Topic.objects.all()]
    above = {Topic.OUTCOME, "needs", Topic.IF_THEN, Topic.STORY}
    beside = {*above, Topic.WORDS}
    return {
        "outcome": by_topic.get(Topic.OUTCOME, []),
        "needs": by_topic.get("needs", []),
        "words": by_topic.get(Topic.WORDS, []),
        "known": [(topic, known) for topic, known in topics if known and topic.pk not in beside],
        "gaps": [topic for topic, known in topics if not known and topic.is_in_use and topic.pk not in above],
    }


# ---- Verbs


@staff_only
@require_http_methods(["GET", "POST"])
def account_new(request: SignedInRequest) -> HttpResponse:
    form = NewAccountForm(request.POST or None, user=request.user)
    if form.is_valid():
        with form.refusals():
            account = Account.start(by=request.user, **form.columns)
            messages.success(request, f"{account} is open, and {form.cleaned_data['owner']} owns it.")
            return redirect("account", account.pk)
    return render(
        request,
        "accounts/form.html",
        {"form": form, "title": "Open an account", "verb": "Open it", "back": "account_list"},
        status=form.status,
    )


@staff_only
@require_http_methods(["GET", "POST"])
@transaction.atomic
def account_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(
        Account.objects.visible_to(request.user).select_for_update(of=("self",)), pk=pk
    )
    form = AccountForm(request.POST or None, instance=account, user=request.user)
    if form.is_valid():
        form.save_changes()
        messages.success(request, "Corrected. What it said before is kept in the history.")
        return redirect("account", account.pk)
    account.refresh_from_db()
    return answer(request, account, form, f"Correct {account}", "Correct it")


@staff_only
@require_http_methods(["GET", "POST"])
def account_condition(request: SignedInRequest, pk: int) -> HttpResponse:
    account = one_of_mine(request, pk)
    form = ConditionForm(request.POST or None, initial={"condition": account.condition_now})
    if form.is_valid():
        with form.refusals():
            account.rate(
                form.cleaned_data["condition"], because=form.cleaned_data["because"], by=request.user
            )
            messages.success(request, f"{account} is rated {account.get_condition_display().lower()}.")
            return redirect("account", account.pk)
    lede = "You may rate it more cautiously than our own checks do, never less."
    return answer(request, account, form, f"How does {account} stand?", "Rate it", lede)


@staff_only
@require_http_methods(["GET", "POST"])
def account_stage(request: SignedInRequest, pk: int) -> HttpResponse:
    account = one_of_mine(request, pk)
    form = StageForm(request.POST or None, initial={"stage": account.stage})
    form.draft(f"stage:{pk}", "evidence")
    if form.is_valid():
        with form.refusals():
            given = form.cleaned_data
            at = timezone.make_aware(datetime.combine(given["on"], time.min)) if given["on"] else None
            reached = Entry.reach_stage(
                account, given["stage"], evidence=given["evidence"], by=request.user, at=at
            )
            messages.success(
                request, f"{account} is now {reached.subject.lower()}.", extra_tags=f"draft:stage:{pk}"
            )
            return redirect("account", account.pk)
    return answer(request, account, form, f"Where does {account} stand on its journey?", "Record it")


@staff_only
@require_http_methods(["GET", "POST"])
def account_close(request: SignedInRequest, pk: int) -> HttpResponse:
    account = one_of_mine(request, pk)
    if not (request.user.runs_changes or account.owner == request.user):
        raise PermissionDenied
    form = CloseForm(request.POST or None, owed=list(account.obligations.open().select_related("holder")))
    if form.is_valid():
        with form.refusals():
            account.close(by=request.user, because=form.cleaned_data["because"], outcomes=form.outcomes)
            messages.success(request, f"{account} is closed. Its memory stays.")
            return redirect("account_list")
    lede = "Its memory stays readable. Say what becomes of each thing we still owe them."
    return answer(request, account, form, f"Close {account}", "Close the account", lede)


@changes_only
@require_http_methods(["GET", "POST"])
def account_merge(request: SignedInRequest, pk: int) -> HttpResponse:
    account = one_of_mine(request, pk)
    form = MergeForm(request.POST or None, account=account, user=request.user)
    if form.is_valid():
        other = form.cleaned_data["other"]
        with form.refusals():
            account.merge_into(other, by=request.user, because=form.cleaned_data["because"])
            messages.success(request, f"{account} is part of {other} now; their memory is read as one.")
            return redirect("account", other.pk)
    lede = f"Everything that is known of {account} will be read on the other account’s page."
    return answer(request, account, form, f"Merge {account} into another account", "Merge", lede)


@staff_only
@require_http_methods(["GET", "POST"])
def account_team(request: SignedInRequest, pk: int) -> HttpResponse:
    account = one_of_mine(request, pk)
    if not (request.user.runs_changes or account.owner == request.user):
        raise PermissionDenied
    ending = "coverage" in request.POST
    joins = TeamForm(None if ending else request.POST or None)
    ends = EndServiceForm(request.POST if ending else None, account=account)
    if ending and ends.is_valid():
        with ends.refusals():
            row = ends.cleaned_data["coverage"]
            row.end(by=request.user, because=ends.cleaned_data["because"])
            messages.success(
                request, f"{row.person} no longer serves {account} as {row.get_role_display().lower()}."
            )
            return redirect("account_team", pk)
    elif joins.is_valid():
        with joins.refusals():
            given = joins.cleaned_data
            Coverage.begin(account, given["role"], given["person"], by=request.user, because=given["because"])
            messages.success(request, f"{given['person']} serves {account} from now on.")
            return redirect("account_team", pk)
    team = account.coverage.current().select_related("person").order_by("started_at")
    past = account.coverage.exclude(ended_at=None).select_related("person").order_by("-ended_at")
    context = {"account": account, "team": team, "past": past, "joins": joins, "ends": ends, "ending": ending}
    return render(request, "accounts/team.html", context, status=max(joins.status, ends.status))


def one_of_mine(request: SignedInRequest, pk: int) -> Account:
    return get_object_or_404(Account.objects.visible_to(request.user), pk=pk)


def answer(
    request: SignedInRequest, account: Account, form: Any, title: str, verb: str, lede: str = ""
) -> HttpResponse:
    """The page of one form about an account."""
    context = {"account": account, "form": form, "title": title, "verb": verb, "lede": lede}
    return render(request, "accounts/form.html", context, status=form.status)
