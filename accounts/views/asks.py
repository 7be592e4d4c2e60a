from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.forms.obligations import AskCustomerForm, ReportVerdictForm
from accounts.models import Account, Ask, Obligation, Verdict
from accounts.models.asks import SAME_CHOICE
from accounts.models.held_answers import answers_held
from accounts.pages.verdicts import by_owner, by_tenure, changes
from accounts.requests import SignedInRequest, changes_only, staff_only

from . import done, form_page

ACCOUNTS = 50


@staff_only("GET", "POST")
def ask_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything that any of us asked of a customer, and the form to ask for something."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = AskCustomerForm(request.POST or None, account=account)
    form.draft(f"ask:{pk}", "what")
    if form.is_valid():
        with form.refusals():
            passed = request.POST.get("passed", "").split()
            Ask.make(account, by=request.user, passed=passed, **form.cleaned_data)
            return done(request, "Written down for everybody.", "ask_list", pk, draft=f"ask:{pk}")
    context = {
        "account": account,
        "asks": Ask.objects.of(account).for_list().with_passed(),
        "form": form,
        "answer_first": Ask.answer_first(account),
        "held": answers_held(account, form.cleaned_data["what"]) if form.status == 409 else [],
    }
    return render(request, "accounts/ask_list.html", context, status=form.status)


# ---- Would they choose us again?


@changes_only("GET", "HEAD")
def verdict_list(request: SignedInRequest) -> HttpResponse:
    """Would they choose us again? Of each account seen, beside who owned it then; counted by owner."""
    seen = Verdict.objects.visible_to(request.user)
    accounts = Account.objects.filter(pk__in=seen.values("account")).order_by("name", "pk")
    page = Paginator(accounts, ACCOUNTS).get_page(request.GET.get("page"))
    asked = Ask.objects.choices().filter(account__in=Account.objects.visible_to(request.user))
    context = {
        "page": page,
        "tenures": by_tenure(seen.filter(account__in=list(page))),
        "owners": by_owner(seen),
        "changes": (counted := changes(seen)),
        "same": counted["the same"],
        "asked": asked.count(),
        "answered": asked.filter(verdicts__isnull=False).count(),
        "question": SAME_CHOICE,
    }
    return render(request, "accounts/verdict_list.html", context)


@staff_only("GET", "POST")
def verdict_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Write down what a customer said when one of us asked."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = ReportVerdictForm(request.POST or None, account=account)
    form.draft(f"verdict:{pk}", "words")
    if form.is_valid():
        with form.refusals():
            verdict = Verdict.give(account, by=request.user, **form.cleaned_data)
            sentence = "Written down."
            if verdict.follow_up:
                sentence += f" {verdict.follow_up.holder} decides what we do about it."
            return done(request, sentence, f"{reverse('account', args=[pk])}#verdicts", draft=f"verdict:{pk}")
    lede = f"“{SAME_CHOICE}” Write down what they said, in their words."
    return form_page(request, form, "Would they make the same choice?", "Write it down", account, lede=lede)


@staff_only("POST")
def obligation_ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask them now, from the check-in at day 90."""
    check_in = get_object_or_404(Obligation.objects.visible_to(request.user), pk=pk)
    Ask.same_choice(check_in, by=request.user)
    return done(request, "Asked: by letter, and on their page.", "obligation", pk)
