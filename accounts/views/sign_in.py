"""The ways in beside the mailed code: the demonstration's cast, and words that waited for a sign-in."""

from __future__ import annotations

import json

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.unsent import forget, waiting

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_not_required
@require_safe
def cast(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
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
@require_POST
def cast_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    person = get_object_or_404(User.objects.active(), pk=pk)
    login(request, person, backend=BACKEND)
    return redirect("today")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_change(request: HttpRequest, asked: str) -> HttpResponse:
    """Where the letter to the old address leads: its reader says whether the person signs in with the new one."""
    if request.method == "POST":
        person = User.confirm_address(asked)
        messages.success(request, f"{person.name} signs in as {person.email} from now on.")
        return redirect("account_login")
    person, new, by = User.address_asked(asked)
    return render(request, "accounts/address_change.html", {"person": person, "new": new, "by": by})


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
