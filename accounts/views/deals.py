from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.forms.accounts import CloseDealForm, DealForm
from accounts.models import Account, Deal, Obligation, today
from accounts.pages.call_plan import Proposal
from accounts.requests import SignedInRequest, staff_only

from . import done, form_page


@staff_only("GET", "POST")
def deal_new(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = DealForm(request.POST or None, instance=Deal(account=account), account=account)
    if form.is_valid():
        with form.refusals():
            deal = Deal.begin(account, by=request.user, **form.columns)
            return done(request, f"“{deal}” is in flight.", "account", pk)
    context = {
        "form": form,
        "account": account,
        "title": "A deal in flight",
        "verb": "Add it",
        "before": Proposal.of(account),
        "today": today(),
    }
    return render(request, "accounts/deal_new.html", context, status=form.status)


@staff_only("GET", "POST")
def deal(request: SignedInRequest, pk: int) -> HttpResponse:
    deals = Deal.objects.visible_to(request.user).select_related("account", "holder")
    deal = get_object_or_404(deals, pk=pk)
    form = DealForm(request.POST or None, instance=deal, account=deal.account)
    if form.is_valid():
        with form.refusals():
            deal.revise(by=request.user, **form.changes)
            return done(request, "The deal is up to date.", "account", deal.account_id)
    shown = deals.get(pk=pk)
    context = {
        "form": form,
        "deal": shown,
        "account": shown.account,
        "verb": "Keep the changes",
        "promises": shown.promises.for_list(),
        "record": Obligation.objects.filter(account__in=shown.account.memory_ids).promise_record(),
        "today": shown.account.day(),
        "before": Proposal.of(shown.account, renewal=False),  # `record` stands below
    }
    return render(request, "accounts/deal.html", context, status=form.status)


@staff_only("GET", "POST")
def deal_close(request: SignedInRequest, pk: int) -> HttpResponse:
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("account"), pk=pk)
    form = CloseDealForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            deal.close(form.cleaned_data["outcome"], by=request.user)
            sentence = f"{deal.get_outcome_display()}: {deal}"
            if deal.is_won and deal.may_be_handed_on_by(request.user):
                sentence = f"{sentence}. Next, hand it to whoever looks after their success."
                return done(request, sentence, "deal", pk)
            return done(request, sentence, "account", deal.account_id)
    return form_page(request, form, f"How did “{deal}” end?", "Close the deal", deal.account)
