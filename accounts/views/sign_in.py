"""The ways in: the mailed code, the demonstration's cast, another address, and words that waited for a sign-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from math import ceil
from typing import ParamSpec

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.known_browsers import asked_from
from accounts.models import AddressChange, SignInAttempt, User
from accounts.requests import SignedInRequest
from accounts.unsent import forget, waiting

from . import done

P = ParamSpec("P")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class RequestCodeView(RequestLoginCodeView):
    """Asking for a code. Whoever has asked too often waits, and is told for how long."""

    def form_valid(self, form: forms.Form) -> HttpResponse:
        address = form.cleaned_data["email"]
        source, known = asked_from(self.request, address)
        wait = SignInAttempt.wait(SignInAttempt.Kind.ASKED, address=address, source=source, known=known)
        if wait:
            form.add_error(None, f"Several codes were asked for from here already. {try_again(wait)}")
            return too_soon(self.form_invalid(form), wait)
        person = User.objects.who_signs_in_as(address)
        LoginCodeVerificationProcess.initiate(request=self.request, user=person, email=address)
        return redirect(self.get_success_url())


class TypeCodeView(ConfirmLoginCodeView):
    """Typing the code. A guess is counted before it is looked at."""

    def post(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        address = self.stage.login.email
        source, known = asked_from(request, address)
        wait = SignInAttempt.wait(SignInAttempt.Kind.GUESSED, address=address, source=source, known=known)
        if wait:
            form = forms.Form({})  # not the form of the code: that would say whether it is right
            form.full_clean()
            form.add_error(None, f"Several codes were tried from here already. {try_again(wait)}")
            return too_soon(self.render_to_response(self.get_context_data(form=form)), wait)
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer


def try_again(wait: timedelta) -> str:
    minutes = ceil(wait.total_seconds() / 60)
    return f"Try again in {minutes} minutes." if minutes > 1 else "Try again in a minute."


def too_soon(response: HttpResponse, wait: timedelta) -> HttpResponse:
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response["Retry-After"] = str(1 + int(wait.total_seconds()))
    return response


def demo_only(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Elsewhere there is no such page, whatever the method."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(*args, **kwargs)

    return guarded


@login_not_required
@demo_only
@require_safe
def cast(request: HttpRequest) -> HttpResponse:
    lines = introductions()
    people = User.objects.active().select_related("reports_to", "contact__account").order_by("pk")
    cast = [(person, lines.get(person.email, "")) for person in people]
    return render(
        request,
        "accounts/cast.html",
        {
            "colleagues": [(person, line) for person, line in cast if not person.is_customer],
            "customers": [(person, line) for person, line in cast if person.is_customer],
        },
    )


def introductions() -> dict[str, str]:
    """One line about each of the demonstration's people, as its story left them beside the data."""
    try:
        story = json.loads((settings.VAR / "demo.json").read_text())
    except (OSError, ValueError):
        return {}
    return {person["email"]: person.get("line", "") for person in story.get("cast", [])}


@login_not_required
@demo_only
@require_POST
def cast_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User.objects.active(), pk=pk)
    login(request, person, backend=BACKEND)
    return redirect("today")


@require_safe
def session_list(request: SignedInRequest) -> HttpResponse:
    """Where one is signed in, whoever one is."""
    context = {"sessions": request.user.open_sessions(), "here": request.session.session_key}
    return render(request, "accounts/session_list.html", context)


@require_POST
def session_end(request: SignedInRequest, name: str) -> HttpResponse:
    session = next((one for one in request.user.open_sessions() if one.name == name), None)
    if session is None:
        raise Http404
    session.delete()
    return done(request, f"Signed out: {session.browser_in_words}.", "session_list")


@require_POST
def session_end_others(request: SignedInRequest) -> HttpResponse:
    request.user.end_sessions(but=request.session.session_key or "")
    return done(request, "You are signed in here only.", "session_list")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_change(request: HttpRequest, asked: str) -> HttpResponse:
    """Where the letter to the old address leads: its reader says whether the person signs in with the new one."""
    change = AddressChange.asked(asked)
    if request.method == "POST":
        change.confirm()
        messages.success(request, f"{change.person.name} signs in as {change.new} from now on.")
        return redirect("account_login")
    return render(request, "accounts/address_change.html", vars(change))


@require_http_methods(["GET", "POST"])
def unsent(request: HttpRequest) -> HttpResponse:
    """What was sent after the session had ended: shown to its writer, to be sent again or thrown away."""
    kept = waiting(request)
    if not kept:
        return redirect("today")
    if request.method == "POST":
        forget(request)
        if "send" in request.POST:
            return redirect(kept["path"], preserve_request=True)  # the browser posts the same fields there
        messages.info(request, "Thrown away. Nothing was sent.")
        return redirect("today")
    return render(request, "accounts/unsent.html", {"kept": kept})
