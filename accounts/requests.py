"""Who asks. Every page belongs to somebody signed in; most belong to colleagues only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from .models import User

P = ParamSpec("P")


class SignedInRequest(HttpRequest):
    user: User
    htmx: HtmxDetails


View = Callable[Concatenate[SignedInRequest, P], HttpResponse]
AnyView = Callable[Concatenate[Any, P], HttpResponse]


def staff_only(view: View[P]) -> AnyView[P]:
    """A page of ours: to a customer it does not exist."""

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_customer:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def changes_only(view: View[P]) -> AnyView[P]:
    """For those who run changes: managers and operations."""

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.runs_changes:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return staff_only(guarded)


def operations_only(view: View[P]) -> AnyView[P]:
    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_operations:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return staff_only(guarded)


def saves_nothing(view: AnyView[P]) -> AnyView[P]:
    """A fragment that is asked for while one writes: an ended session is said in it, and leads nobody away."""
    view.saves_nothing = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def next_url(request: HttpRequest, otherwise: str) -> str:
    """Where a small form said to go on to, when that is a page of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else otherwise
