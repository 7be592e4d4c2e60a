"""The handoff room: one account changes hands in front of everybody who has a part in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify

from accounts.briefing.composing import part_of
from accounts.forms.base import FieldValues, VerbForm
from accounts.models import Deal, Fact, Topic, User
from accounts.models.base import require
from accounts.requests import SignedInRequest, number, staff_only
from accounts.rules import clocks
from handoffs.forms.read_back import ReadBackForm
from handoffs.forms.room import ChampionForm, IfThenForm, KnowForm, ReturnForm
from handoffs.models import Handoff, ReadBack
from handoffs.models.permissions import may_accept, may_approve, may_steer, may_write
from handoffs.pages.past_part import PastPart
from handoffs.pages.room import Room
from handoffs.pages.room_actions import RoomForms

TIED = "tied"  # the session remembers, for one page, which account has just moved


def one_of_mine(request: SignedInRequest, pk: int) -> Handoff:
    """The one whose room this person may enter. Every verb begins here."""
    # Two queries: joined with every person of a handoff, PostgreSQL would plan longer than it reads.
    get_object_or_404(Handoff.objects.visible_to(request.user).only("pk"), pk=pk)
    return Handoff.objects.with_people().select_related("account__condition_by", "announced_by").get(pk=pk)


@staff_only("GET", "HEAD")
def handoff(request: SignedInRequest, pk: int) -> HttpResponse:
    """The room; to those who had a part in it and may not enter any more, what there was of it in their time."""
    try:
        return room_page(request, one_of_mine(request, pk))
    except Http404:
        closed = get_object_or_404(Handoff.objects.on_record_for(request.user), pk=pk)
        context = {"record": PastPart.of(closed, request.user), "tied": just_tied(request, closed)}
        return render(request, "handoffs/handoff_record.html", context)


def room_page(
    request: SignedInRequest, handoff: Handoff, sent: dict[str, VerbForm] | None = None
) -> HttpResponse:
    """The room, with the forms that came back refused or wrong where they stand."""
    room = Room(handoff, request.user, sent or {})
    status = max([200, *(form.status for form in room.sent.values())])
    context = room.context | {"tied": just_tied(request, handoff)}
    return render(request, "handoffs/handoff.html", context, status=status)


def just_tied(request: SignedInRequest, handoff: Handoff) -> bool:
    """Whether this person has just accepted the read-back by which it changed hands: told once."""
    return TIED in request.session and request.session.pop(TIED) == handoff.pk


def act(
    request: SignedInRequest,
    pk: int,
    name: str,
    may: Callable[[Handoff, User], bool],
    verb: Callable[..., str],
    part: str = "",
) -> HttpResponse:
    """Call the verb with what the form holds, and go on in this part of the room.

    A form that is wrong or refused comes back in the room.
    """
    handoff = one_of_mine(request, pk)
    require(may(handoff, request.user))
    form = RoomForms(handoff, request.user, data=request.POST)[name]
    if form.is_valid():
        with form.refusals():
            sentence = verb(handoff, **form.cleaned_data)
            messages.success(request, sentence, extra_tags=draft_tag(form))
            return redirect(f"{reverse('handoff', args=[pk])}{f'#{part}' if part else ''}")
    return room_page(request, one_of_mine(request, pk), {name: form})


def fill(request: SignedInRequest, pk: int, name: str, write: Callable[..., str], part: str) -> HttpResponse:
    """The same for what the memory lacks, which is written down while the handoff is under way."""

    @transaction.atomic
    def fill_in(handoff: Handoff, **given: object) -> str:
        handoff.lock_to_fill(request.user)
        return write(handoff, **given)

    return act(request, pk, name, may_write, fill_in, part)


def draft_tag(form: VerbForm) -> str:
    keys = [field.widget.attrs.get("data-draft") for field in form.fields.values()]
    return next((f"draft:{key}" for key in keys if key), "")


def takes_over(handoff: Handoff, user: User) -> bool:
    return user.pk == handoff.incoming_id


# ---- Filling what is missing


@staff_only("POST")
def handoff_rate(request: SignedInRequest, pk: int) -> HttpResponse:
    def rate(handoff: Handoff, condition: str, because: str) -> str:
        handoff.account.rate(condition, because=because, by=request.user)
        return f"Rated {handoff.account.get_condition_display().lower()}."

    return fill(request, pk, "condition", rate, "now")


@staff_only("POST")
def handoff_know(request: SignedInRequest, pk: int) -> HttpResponse:
    """An answer on a topic, or a better one in the place of an answer."""
    handoff = one_of_mine(request, pk)
    require(may_write(handoff, request.user))
    older = request.POST.get("supersedes", "")
    name = f"fact:{older}" if number(older) else f"topic:{slugify(request.POST.get('topic', ''))}"
    form = KnowForm(
        request.POST,
        account=handoff.account,
        contacts=list(handoff.account.contacts.present()),
        by=request.user,
        auto_id=f"{name.replace(':', '-')}-%s",
    )
    form.draft(f"know:{handoff.account_id}:{name}")
    if form.is_valid():
        with form.refusals():
            with transaction.atomic():
                handoff.lock_to_fill(request.user)
                fact = form.record(handoff.account)
            messages.success(request, f"{fact.topic}: written down.", extra_tags=draft_tag(form))
            return redirect(f"{reverse('handoff', args=[pk])}#{part_of(fact.topic_id)}")
    return room_page(request, handoff, {name: form})


@staff_only("POST")
def handoff_if_then(request: SignedInRequest, pk: int) -> HttpResponse:
    def state(handoff: Handoff, happens: str, do: str) -> str:
        text, topic = IfThenForm.sentence(happens, do), Topic.objects.get(pk=Topic.IF_THEN)
        Fact.state(handoff.account, topic, text, by=request.user)
        return "Written down: the next owner will not be surprised by it."

    return fill(request, pk, "if_then", state, "if-then")


@staff_only("POST")
def handoff_champion(request: SignedInRequest, pk: int) -> HttpResponse:
    def name(handoff: Handoff, **given: object) -> str:
        return f"{ChampionForm.record(handoff.account, **given)} is our champion there."

    return fill(request, pk, "champion", name, "people")


# ---- The steps of the rail


@staff_only("POST")
def handoff_write(request: SignedInRequest, pk: int) -> HttpResponse:
    """The five parts are complete; on to the next account that is to be written."""
    handoff = one_of_mine(request, pk)
    handoff.write(by=request.user)
    approvers = " and ".join(str(approver) for approver in handoff.approvers())
    messages.success(request, f"{handoff.account} is written. Next, {approvers} decides on the brief.")
    place = Room(handoff, request.user).place
    wanted = place.next if place and request.POST.get("then") == "next" else None
    return redirect("handoff", wanted.pk if wanted else pk)


@staff_only("GET", "POST")
def handoff_approve(request: SignedInRequest, pk: int) -> HttpResponse:
    """The brief as it would be frozen; approving agrees to exactly the brief that this page showed."""
    handoff = one_of_mine(request, pk)
    require(may_approve(handoff, request.user))
    form = VerbForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            handoff.approve(by=request.user, fingerprint=request.POST.get("fingerprint", ""))
            handoff = one_of_mine(request, pk)
            others = handoff.review().waiting_for
            after = f"Now {others[0]} decides." if others else f"{handoff.incoming} reads it back now."
            messages.success(request, f"The brief on {handoff.account} is approved and frozen. {after}")
            return redirect("handoff", pk)
    return approve_page(request, handoff, form)


@staff_only("POST")
def handoff_return(request: SignedInRequest, pk: int) -> HttpResponse:
    handoff = one_of_mine(request, pk)
    require(may_approve(handoff, request.user))
    form = RoomForms(handoff, request.user, data=request.POST)["return"]
    if form.is_valid():
        with form.refusals():
            handoff.return_to_writer(by=request.user, because=form.cleaned_data["because"])
            messages.success(
                request, f"Returned to {handoff.outgoing} with your words.", extra_tags=draft_tag(form)
            )
            return redirect("handoff", pk)
    return approve_page(request, one_of_mine(request, pk), form)


def approve_page(request: SignedInRequest, handoff: Handoff, form: VerbForm) -> HttpResponse:
    """`form` is whichever came back; the other one is made anew."""
    returning = form if isinstance(form, ReturnForm) else RoomForms(handoff, request.user)["return"]
    context = Room(handoff, request.user).context | {
        "approval": form,
        "return_form": returning,
    }
    return render(request, "handoffs/handoff_approve.html", context, status=form.status)


@staff_only("GET", "POST")
def handoff_read_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Source and read-back side by side; what was copied or hardly said is pointed out once before it is sent."""
    handoff = one_of_mine(request, pk)
    require(takes_over(handoff, request.user))
    room = Room(handoff, request.user)
    form = ReadBackForm(
        request.POST or None, handoff=handoff, owed=handoff.obligations(), initial=said_before(handoff)
    )
    remarks = form.remarks(room.source) if form.is_valid() else []
    if form.is_valid() and not remarks:
        with form.refusals():
            handoff.read_back(by=request.user, holders=form.holders, **form.answers)
            messages.success(request, "Read back. A second person accepts it now, or says what is missing.")
            return redirect(f"{reverse('handoff', args=[pk])}#read-back")
    context = room.context | {"form": form, "remarks": remarks, "asking_from": "read-back"}
    return render(request, "handoffs/handoff_read_back.html", context, status=form.status)


def said_before(handoff: Handoff) -> FieldValues:
    """A read-back that came back with a note is written on, not anew."""
    latest = handoff.read_back_latest
    if latest is None or latest.accepted is not False:
        return {}
    said: FieldValues = {name: getattr(latest, name) for name in ReadBack.QUESTIONS}
    taken = latest.takeovers.values_list("obligation_id", "holder_id")
    others = {f"holder_{owed}": holder for owed, holder in taken if holder != handoff.incoming_id}
    return said | others | {"takes_on": True}


@staff_only("POST")
def handoff_accept(request: SignedInRequest, pk: int) -> HttpResponse:
    handoff = one_of_mine(request, pk)
    handoff.accept(by=request.user)
    if handoff.moved_at:
        request.session[TIED] = pk
        messages.success(request, f"{handoff.incoming} answers for {handoff.what} from now on.")
    else:
        messages.success(
            request, f"Accepted. It moves by itself on {clocks.day_in_words(handoff.accountable_on)}."
        )
    return redirect("handoff", pk)


@staff_only("POST")
def handoff_return_read_back(request: SignedInRequest, pk: int) -> HttpResponse:
    def send_back(handoff: Handoff, note: str) -> str:
        handoff.return_read_back(by=request.user, note=note)
        return f"Returned to {handoff.incoming} with your note."

    return act(request, pk, "return_read_back", may_accept, send_back)


# ---- Another course


@staff_only("POST")
def handoff_refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    def refuse(handoff: Handoff, because: str) -> str:
        handoff.refuse(by=request.user, because=because)
        return f"{handoff.account} will find somebody else. Your reason is on the record."

    return act(request, pk, "refuse", takes_over, refuse)


@staff_only("POST")
def handoff_override(request: SignedInRequest, pk: int) -> HttpResponse:
    def override(handoff: Handoff, because: str) -> str:
        handoff.override(by=request.user, because=because)
        return f"{handoff.incoming} answers for {handoff.what} now, without having read it back."

    return act(request, pk, "override", may_approve, override)


@staff_only("POST")
def handoff_hold_out(request: SignedInRequest, pk: int) -> HttpResponse:
    def hold_out(handoff: Handoff, deal: Deal | None, until: date, because: str) -> str:
        handoff.hold_out(until, by=request.user, because=because, deal=deal)
        return f"{deal or handoff.account} stays with {handoff.outgoing} until {clocks.day_in_words(until)}."

    return act(request, pk, "hold_out", may_steer, hold_out)


@staff_only("POST")
def handoff_reschedule(request: SignedInRequest, pk: int) -> HttpResponse:
    def reschedule(handoff: Handoff, **dates: date) -> str:
        handoff.reschedule(by=request.user, **dates)
        day = clocks.day_in_words(handoff.accountable_on)
        return f"The dates are set: {handoff.incoming} answers for it from {day}."

    return act(request, pk, "reschedule", may_steer, reschedule)


@staff_only("POST")
def handoff_replace(request: SignedInRequest, pk: int) -> HttpResponse:
    """Another successor: the answer leads into the new handoff, which follows this one."""
    handoff = one_of_mine(request, pk)
    require(may_steer(handoff, request.user))
    form = RoomForms(handoff, request.user, data=request.POST)["replace"]
    if form.is_valid():
        with form.refusals():
            following = handoff.replace(by=request.user, **form.cleaned_data)
            messages.success(request, f"{following.incoming} takes it over instead.")
            return redirect("handoff", following.pk)
    return room_page(request, one_of_mine(request, pk), {"replace": form})


@staff_only("POST")
def handoff_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    def cancel(handoff: Handoff, because: str) -> str:
        handoff.cancel(by=request.user, because=because)
        return f"Called off. {handoff.account} stays with {handoff.account.owner}."

    return act(request, pk, "cancel", may_steer, cancel)
