"""A file for each noun. They share a page of one form, a part of a page, and going on once a thing is done."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

from accounts.forms.base import Refusals
from accounts.models import Account, Countersignature, Entry, Fact, User
from accounts.requests import SignedInRequest


def form_page(
    request: HttpRequest,
    form: Refusals,
    title: str,
    verb: str,
    account: Account | None = None,
    **more: object,
) -> HttpResponse:
    """A page of nothing but one form. `verb` is on its button; `lede`, `back` (an address by its
    name), `back_to` (a path) and `danger` are what a page may add."""
    context = {"form": form, "title": title, "verb": verb, "account": account, **more}
    return render(request, "accounts/form.html", context, status=form.status)


def part_or_page(request: SignedInRequest, part: str, page: str, context: dict[str, object]) -> HttpResponse:
    """The part that htmx asks for, or the whole page with it."""
    response = render(request, part if request.htmx else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def asked_about(person: User, form: Refusals) -> str:
    """What a page adds when the address that was typed is not the one to sign in with yet."""
    new = form.cleaned_data.get("email") or person.email
    if new.lower() == person.email.lower():
        return ""
    return f" {person} still signs in as {person.email}: a letter there asks whether {new} is right."


def held_back(user: User, thing: Entry | Fact, because: str) -> str:
    """Where this person is leaving: that their manager is asked to agree before it is taken back."""
    return Countersignature.ask_if_leaving(Countersignature.Act.RETRACT, thing, by=user, words=because)


def done(
    request: HttpRequest, sentence: str, to: str, *args: object, draft: str = "", tags: str = ""
) -> HttpResponse:
    """Say what was done, and go on to a page, by name or address. The browser forgets the `draft` of it."""
    messages.success(request, sentence, extra_tags=f"draft:{draft} {tags}".strip() if draft else tags)
    return redirect(to, *args)
