from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User, today
from accounts.requests import SignedInRequest, staff_only
from handoffs.forms.transitions import ReasonForm
from handoffs.models import Approval, Handoff, ReadBack, Transition

from .transitions import Row, desk, of_handoff, one_of_mine

MOST = 100
RECENT = 20


# ---- What waits for whom


@staff_only
@require_safe
def approval_list(request: SignedInRequest) -> HttpResponse:
    user = request.user
    to_approve, asked_others = handoffs_to_approve(user)
    plans = list(Transition.objects.visible_to(user).waiting_for_approval().select_related("submitted_by"))
    mine = [plan for plan in plans if user in plan.waiting_for()]
    others = [(plan, plan.waiting_for()) for plan in plans if plan not in mine]
    to_accept = Handoff.objects.to_accept(user).order_by("accountable_on", "pk")[:MOST].listed()
    context = {
        "to_approve": [(handoff, consequence(handoff)) for handoff in to_approve],
        "to_accept": to_accept,
        "plans": mine,
        "plans_elsewhere": [(plan, waiting) for plan, waiting in others if waiting],
        "elsewhere": [*asked_others, *waiting_on_others(user, {handoff.pk for handoff in to_accept})],
        "decided": decided_by(user),
        "today": today(),
    }
    context["count"] = len(to_approve) + len(to_accept) + len(mine)
    return render(request, "handoffs/approval_list.html", context)


def handoffs_to_approve(user: User) -> tuple[list[Handoff], list[Row]]:
    """Written handoffs of which this person is an approver: those that wait for them, and those for another."""
    waiting = Handoff.objects.awaiting_decision_of(user).filter(accepted_at=None)
    listed = waiting.order_by("accountable_on", "pk")[:MOST].listed()
    mine = [
        handoff
        for handoff in listed
        if not handoff.is_approved and (handoff.is_stale or user in handoff.waiting_for())
    ]
    others = [of_handoff(handoff) for handoff in listed if handoff not in mine and not handoff.is_approved]
    return mine, others


def consequence(handoff: Handoff) -> str:
    """What happens when it is approved."""
    others = [person.name for person in handoff.waiting_for()]
    again = "The memory changed after the last approval. " if handoff.is_stale else ""
    if len(others) > 1:
        return f"{again}{' and '.join(others)} both decide; then {handoff.incoming} reads it back."
    return f"{again}Then {handoff.incoming} reads it back and owns it from {handoff.accountable_on:%-d %B}."


def waiting_on_others(user: User, not_these: set[int]) -> list[Row]:
    """What this person wrote, read back or opened, and somebody else has to decide now."""
    handoffs = Handoff.objects.visible_to(user).open().filter(written_at__isnull=False, accepted_at=None)
    own = handoffs.filter(Q(outgoing=user) | Q(incoming=user) | Q(written_by=user))
    rows = [
        of_handoff(handoff)
        for handoff in own.exclude(pk__in=not_these).order_by("accountable_on", "pk")[:MOST].listed()
    ]
    return [row for row in rows if row.handoff and not is_my_turn(row.handoff, row.state, user)]


def is_my_turn(handoff: Handoff, state: str, user: User) -> bool:
    if state in {"to approve", "approval is stale"}:
        return user in handoff.waiting_for() or (handoff.is_stale and user in handoff.approvers())
    return state == "to read back" and handoff.incoming == user


def decided_by(user: User) -> list[dict[str, Any]]:
    """The latest decisions of this person: approvals and accepted or returned read-backs, newest first."""
    approvals = Approval.objects.filter(by=user).select_related(
        "transition", "handoff__account", "handoff__outgoing", "handoff__incoming"
    )
    read_backs = ReadBack.objects.filter(decided_by=user).select_related(
        "by", "handoff__account", "handoff__outgoing", "handoff__incoming"
    )
    rows: list[dict[str, Any]] = [
        {
            "at": one.at,
            "yes": one.approved,
            "word": "approved" if one.approved else "returned",
            "handoff": one.handoff,
            "transition": one.transition,
            "because": one.because,
        }
        for one in approvals.order_by("-at")[:RECENT]
    ]
    rows += [
        {
            "at": one.decided_at,
            "yes": bool(one.accepted),
            "word": "read-back accepted" if one.accepted else "read-back returned",
            "handoff": one.handoff,
            "because": one.note,
        }
        for one in read_backs.order_by("-decided_at")[:RECENT]
    ]
    return sorted(rows, key=lambda row: row["at"], reverse=True)[:RECENT]


# ---- Approval of a whole plan


@staff_only
@require_POST
def transition_submit(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    transition.submit(by=request.user)
    names = " and ".join(person.name for person in transition.waiting_for())
    messages.success(
        request, f"The plan is with {names}." if names else "Everybody concerned agrees already."
    )
    return redirect("transition", pk)


@staff_only
@require_POST
def transition_approve(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    transition.approve(by=request.user, fingerprint=request.POST.get("fingerprint", ""))
    messages.success(request, "You have approved the plan as it stands.")
    return redirect("transition", pk)


@staff_only
@require_POST
def transition_return(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    form = ReasonForm(request.POST, label="What should change?", auto_id="return_%s")
    if form.is_valid():
        with form.refusals():
            transition.return_to_planner(by=request.user, because=form.cleaned_data["because"])
            messages.success(request, "It goes back with your note.")
            return redirect("transition", pk)
    return desk(request, one_of_mine(request, pk), status=form.status, return_form=form)
