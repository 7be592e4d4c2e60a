from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.calendars.reading import MOST_BYTES, CalendarEvent, read
from accounts.calendars.taking import MOST_SHOWN, CalendarImport
from accounts.forms.obligations import CadenceForm, CalendarForm, MeetingForm
from accounts.limits import Unreadable
from accounts.models import Account, Cadence, Obligation, Organisation, Refused, Visit, today
from accounts.requests import SignedInRequest, staff_only, takes_up_to
from accounts.rules import clocks

from . import done, form_page

HELD_SHOWN = 20


@staff_only("GET", "POST")
def cadence_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """How often who visits an account, which visits are owed, and which were held."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = CadenceForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            cadence = Cadence.keep_to(account, by=request.user, **form.cleaned_data)
            return done(request, f"{cadence}. The next visit is in the ledger.", "cadence_list", pk)
    visits = Obligation.objects.filter(account__in=account.memory_ids, kind=Obligation.Kind.VISIT).for_list()
    context = {
        "account": account,
        "cadences": Cadence.objects.of(account).current(),
        "owed": visits.open(),
        "held": visits.exclude(closed_at=None).order_by("-closed_at")[:HELD_SHOWN],
        "form": form,
        "today": today(),
    }
    return render(request, "accounts/cadence_list.html", context, status=form.status)


@staff_only("POST")
def cadence_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    seen = Account.objects.visible_to(request.user)
    cadence = get_object_or_404(Cadence.objects.filter(account__in=seen).select_related("account"), pk=pk)
    cadence.stop(by=request.user)
    sentence = f"No more visits ({cadence.get_role_display().lower()})."
    return done(request, sentence, "cadence_list", cadence.account.merged_into_id or cadence.account_id)


# ---- Meetings


@staff_only("GET", "POST")
def meeting_new(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = MeetingForm(request.POST or None, account=account, initial={"contact": request.GET.get("contact")})
    if form.is_valid():
        with form.refusals():
            meeting = Visit.plan(account, by=request.user, **form.planned)
            sentence = f"Planned for {meeting.when}, by their clock."
            return done(request, sentence, f"{reverse('account', args=[pk])}#owed")
    lede = f"You hold it. It stands on the ledger of {account} and comes up on your day with a short brief."
    return form_page(request, form, "Plan a meeting", "Plan it", account, lede=lede)


# ---- The calendar file


@takes_up_to(MOST_BYTES)
@staff_only("GET", "POST")
def calendar(request: SignedInRequest) -> HttpResponse:
    """Choose a calendar file; what would be taken is shown, and nothing is done yet."""
    initial = {"zone": Organisation.get().time_zone}
    form = CalendarForm(request.POST or None, request.FILES or None, initial=initial)
    if not form.is_valid():
        return calendar_page(request, form)
    try:
        data = form.cleaned_data["file"].read()
        events = read(data, zone=ZoneInfo(form.cleaned_data["zone"]), now=clocks.now())
    except Unreadable as error:
        form.add_error("file", str(error))
        return calendar_page(request, form, status=422)
    plan = CalendarImport.of(events, request.user, clocks.now())
    shown = [line.event for line in plan.lines]
    if len(shown) > MOST_SHOWN:
        sentence = f"More than {MOST_SHOWN} events are with your customers. Export a shorter time."
        form.add_error("file", sentence)
        return calendar_page(request, form, status=422)
    return calendar_page(request, form, plan=plan, events=shown)


@staff_only("POST")
def calendar_take(request: SignedInRequest) -> HttpResponse:
    """Take what was shown, in one transaction; when it is no longer the same, show it again instead."""
    form = CalendarForm(initial={"zone": Organisation.get().time_zone})
    try:
        stored = signing.loads(request.POST.get("events", ""), salt=salt(request), max_age=24 * 3600)
    except signing.BadSignature:
        messages.error(request, "Choose the file again: what was shown is no longer at hand.")
        return redirect("calendar")
    events = [CalendarEvent.from_json(one) for one in stored]
    plan = CalendarImport.of(events, request.user, clocks.now())
    if plan.fingerprint != request.POST.get("expecting"):
        messages.error(request, "Something changed since you looked. Look again before you take it.")
        return calendar_page(request, form, plan=plan, events=events, status=409)
    try:
        plan.take(by=request.user)
    except Refused as refused:
        for sentence in refused.messages:
            messages.error(request, sentence)
        return calendar_page(request, form, plan=plan, events=events, status=409)
    count = len(plan.taken)
    return done(request, f"{count} meeting{'s are' if count != 1 else ' is'} as in your calendar.", "today")


def calendar_page(
    request: SignedInRequest,
    form: CalendarForm,
    *,
    plan: CalendarImport | None = None,
    events: list[CalendarEvent] | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, object] = {"form": form, "plan": plan}
    if events is not None:
        stored = [event.as_json() for event in events]
        context["events"] = signing.dumps(stored, salt=salt(request), compress=True)
    return render(request, "accounts/calendar.html", context, status=status)


def salt(request: SignedInRequest) -> str:
    return f"accounts.calendar:{request.user.pk}"
