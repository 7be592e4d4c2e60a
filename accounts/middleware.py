"""What every page promises: what comes in is text, words survive an expired session, a refusal is a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from itertools import chain

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from .models import Refused

UNSENT = "unsent"
UNSENT_LIMIT = 200_000


class TextOnlyMiddleware:
    """A NUL is in no text, and PostgreSQL takes none: what comes with one is answered with 400, before it is read.

    The answer is made without the session, whose key is one of the things that come in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = [*request.GET.lists(), *request.POST.lists()]
        texts = [*chain.from_iterable([name, *values] for name, values in sent), *request.COOKIES.values()]
        if "\0" not in "".join(map(str, texts)):
            return self.get_response(request)
        words = [str(value).replace("\0", "") for value in texts if "\0" in str(value)]
        return HttpResponse(render_to_string("400.html", {"words": words}), status=400)


class KeepUnsentMiddleware(LoginRequiredMiddleware):
    """Sign-in is required everywhere. A form sent after the session ended is kept until its writer is back."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[object, ...],
        view_kwargs: dict[str, object],
    ) -> HttpResponseBase | None:
        if getattr(request, "htmx", False) and getattr(view_func, "saves_nothing", False):
            return None  # the view itself says that the session has ended
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method == "POST":
            fields = {key: values for key, values in request.POST.lists() if key != "csrfmiddlewaretoken"}
            if len(json.dumps(fields)) <= UNSENT_LIMIT:
                request.session[UNSENT] = {"path": request.get_full_path(), "fields": fields}
                sign_in = f"{reverse('account_login')}?next={reverse('unsent')}"
                response = HttpResponseRedirect(sign_in)
                if getattr(request, "htmx", False):
                    response.status_code, response["HX-Redirect"] = 200, sign_in
                return response
        return super().handle_no_permission(request, view_func)


class RefusalMiddleware:
    """A `Refused` that no view turned into its own page becomes 409: what stands in the way, and what one typed.

    A wrong method gets a page as well, with a way on.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            page = render(request, "405.html", status=HTTPStatus.METHOD_NOT_ALLOWED)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"sentences": exception.messages}, status=409)
        yours = {
            key: value
            for key, value in request.POST.items()
            if key != "csrfmiddlewaretoken" and str(value).strip() and not str(value).isdigit()
        }
        context = {
            "sentences": exception.messages,
            "yours": yours,
            "back": request.headers.get("Referer", "/"),
        }
        return render(request, "409.html", context, status=409)
