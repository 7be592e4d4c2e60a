"""Who asks. Every page belongs to somebody signed in; most belong to colleagues only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods
from django_htmx.middleware import HtmxDetails

from .models import User

P = ParamSpec("P")


class SignedInRequest(HttpRequest):
    user: User
    htmx: HtmxDetails


View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]
AnyView = Callable[Concatenate[Any, P], HttpResponseBase]


class Guard(Protocol):
    def __call__(self, view: View[P], /) -> AnyView[P]: ...


def guarded(methods: tuple[str, ...], may: Callable[[User], bool]) -> Guard:
    """A page of ours, which answers these methods for those who may: to a customer it does not exist."""

    def guard(view: View[P]) -> AnyView[P]:
        answer = require_http_methods(list(methods))(view)

        @wraps(view)
        def guarded_view(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.user.is_customer:
                raise Http404
            if not may(request.user):
                raise PermissionDenied
            return answer(request, *args, **kwargs)

        return guarded_view

    return guard


def staff_only(*methods: str) -> Guard:
    """`@staff_only("GET", "POST")`: for everybody who works here."""
    return guarded(methods, lambda user: True)


def changes_only(*methods: str) -> Guard:
    """For those who run changes: managers and operations."""
    return guarded(methods, lambda user: user.runs_changes)


def operations_only(*methods: str) -> Guard:
    return guarded(methods, lambda user: user.is_operations)


def saves_nothing(view: AnyView[P]) -> AnyView[P]:
    """A fragment that is asked for while one writes: an ended session is said in it, and leads nobody away."""
    view.saves_nothing = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def commits_itself(view: AnyView[P]) -> AnyView[P]:
    """A page whose acts are committed one by one, whatever becomes of the later ones: no transaction around it."""
    view.commits_itself = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def takes_up_to(most_bytes: int) -> Callable[[AnyView[P]], AnyView[P]]:
    """For a page to which files are sent: together they may be so large. It is asked before anything is read."""

    def mark(view: AnyView[P]) -> AnyView[P]:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]  # a mark on a function
        return view

    return mark


def number(text: str) -> int | None:
    """Which row somebody named by its number; nothing when no row can have that."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def next_url(request: HttpRequest, otherwise: str) -> str:
    """Where a small form said to go on to, when that is a page of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return (
        wanted if ours and wanted.startswith("/") else otherwise
    )  # Django takes other words for a view's name
