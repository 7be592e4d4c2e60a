"""What waits for somebody's approval, and the approval of a whole plan."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.requests import SignedInRequest, staff_only
from handoffs.forms.transitions import ReasonForm
from handoffs.pages.approvals import approvals_page

from .transitions import one_of_mine, page_of


@staff_only("GET", "HEAD")
def approval_list(request: SignedInRequest) -> HttpResponse:
    return render(request, "handoffs/approval_list.html", approvals_page(request.user))


# ---- Approval of a whole plan


@staff_only("POST")
def transition_submit(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    transition.submit(by=request.user)
    names = " and ".join(person.name for person in transition.review().waiting_for)
    messages.success(
        request, f"The plan is with {names}." if names else "Everybody concerned agrees already."
    )
    return redirect("transition", pk)


@staff_only("POST")
def transition_approve(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    transition.approve(by=request.user, fingerprint=request.POST.get("fingerprint", ""))
    messages.success(request, "You have approved the plan as it stands.")
    return redirect("transition", pk)


@staff_only("POST")
def transition_return(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    form = ReasonForm(request.POST, label="What should change?", auto_id="return_%s")
    if form.is_valid():
        with form.refusals():
            transition.return_to_planner(by=request.user, because=form.cleaned_data["because"])
            messages.success(request, "It goes back with your note.")
            return redirect("transition", pk)
    return page_of(request, one_of_mine(request, pk), status=form.status, return_form=form)
