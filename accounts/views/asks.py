from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.forms.obligations import AskCustomerForm
from accounts.models import Account, Ask
from accounts.requests import SignedInRequest, staff_only


@staff_only
@require_http_methods(["GET", "POST"])
def ask_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything that any of us asked of a customer, and the form to ask for something."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = AskCustomerForm(request.POST or None, account=account)
    form.draft(f"ask:{pk}", "what")
    if form.is_valid():
        with form.refusals():
            Ask.make(account, by=request.user, **form.cleaned_data)
            messages.success(request, "Written down for everybody.", extra_tags=f"draft:ask:{pk}")
            return redirect("ask_list", pk)
    context = {
        "account": account,
        "asks": Ask.objects.of(account).for_list(),
        "form": form,
        "answer_first": Ask.answer_first(account),
    }
    return render(request, "accounts/ask_list.html", context, status=form.status)
