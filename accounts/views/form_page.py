from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from accounts.forms.base import Refusals
from accounts.models import Account
from accounts.requests import SignedInRequest


def form_page(
    request: SignedInRequest,
    form: Refusals,
    title: str,
    verb: str,
    account: Account | None = None,
    **more: object,
) -> HttpResponse:
    """A page of nothing but one form. `verb` is on its button; `lede`, `back` and `danger` are what a page may add."""
    context = {"form": form, "title": title, "verb": verb, "account": account, **more}
    return render(request, "accounts/form.html", context, status=form.status)
