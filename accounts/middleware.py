"""What every page promises: what comes in is text and not too much, the same form sent twice is done once, words
survive an expired session, and a refusal is a sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from itertools import chain

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.messages.storage.base import Message
from django.db import DataError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse

from . import unsent
from .limits import MB
from .models import Refused, Submission
from .models.base import acts_done

ONCE = "once"
KEY_LENGTH = 32
#: What a form carries that nobody typed.
NOT_TYPED = {"csrfmiddlewaretoken", ONCE, unsent.WRITER}
#: What belongs to a form besides the files that are sent with it.
AROUND_FILES = 64 * 1024
#: So much is taken in and thrown away, so that the browser has sent everything and shows the answer.
MOST_THROWN_AWAY = 64 * MB
NEVER_ASKED_FOR = (
    "accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture", "geolocation",
    "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get",
    "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip


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
        damaged = [str(value).replace("\0", "") for value in texts if "\0" in str(value)]
        words = [words for words in damaged if words.strip()]
        return HttpResponse(render_to_string("400.html", {"words": words}), status=400)


def typed(request: HttpRequest) -> dict[str, list[str]]:
    return {name: values for name, values in request.POST.lists() if name not in NOT_TYPED}


class KeepUnsentMiddleware(LoginRequiredMiddleware):
    """Sign-in is required everywhere. A form sent after the session ended is kept until its writer is back."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[object, ...],
        view_kwargs: dict[str, object],
    ) -> HttpResponseBase | None:
        if request.user.is_authenticated and not request.user.may_come_in:
            logout(request)
        if request.user.is_authenticated:
            unsent.waiting(request)  # what is not for this person's eyes goes before a page is made
        if getattr(request, "htmx", False) and getattr(view_func, "saves_nothing", False):
            return None  # the view itself says that the session has ended
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method == "POST" and unsent.keep(request, typed(request)):
            sign_in = f"{reverse('account_login')}?next={reverse('unsent')}"
            response = HttpResponseRedirect(sign_in)
            if getattr(request, "htmx", False):
                response.status_code, response["HX-Redirect"] = 200, sign_in
            return response
        return super().handle_no_permission(request, view_func)


class OnceMiddleware:
    """The same form sent twice is done once, and answered twice alike: by its key, which `{% csrf_token %}` carries.

    The key is kept in the transaction of what the form does: neither is there without the other. A form that was
    refused, or came back to be put right, has not used its key.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.POST.get(ONCE, "")
        view = view_of(request)
        if not key or not request.user.is_authenticated or getattr(view, "saves_nothing", False):
            return self.get_response(request)
        digest = digest_of(request)
        with one_after_another(key) if getattr(view, "commits_itself", False) else transaction.atomic():
            sent, is_new = Submission.claim(request.user, key[:KEY_LENGTH], digest)
            if is_new:
                return self.first_answer(request, sent)
        return answer_again(request, sent) if sent.digest == digest else changed_since(request, sent)

    def first_answer(self, request: HttpRequest, sent: Submission) -> HttpResponse:
        before = acts_done()
        response = self.get_response(request)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR and connection.in_atomic_block:
            transaction.set_rollback(True)
        elif response.status_code == HTTPStatus.FOUND or (
            response.status_code < 300 and acts_done() > before
        ):
            sent.answered(response.headers.get("Location", ""), said_in(request))
        else:
            sent.delete()
        return response


def view_of(request: HttpRequest) -> Callable[..., object] | None:
    try:
        return resolve(request.path_info).func
    except Resolver404:
        return None


@contextmanager
def one_after_another(key: str) -> Iterator[None]:
    """Nobody else is in such a block with this key: for pages that no transaction holds together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def digest_of(request: HttpRequest) -> str:
    """Of where the form was sent, and of all that was filled in."""
    sent = sorted(typed(request).items())
    digest = hashlib.sha256(repr((request.get_full_path(), sent)).encode(errors="replace"))
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(repr((name, file.name, file.size)).encode(errors="replace"))
            for part in file.chunks():
                digest.update(part)
            file.seek(0)
    return digest.hexdigest()


def said_in(request: HttpRequest) -> list[Message]:
    """What the next page is to say; it stays there to be said."""
    storage = messages.get_messages(request)
    if isinstance(storage, list) or storage.used:  # there are none, or this page says it
        return []
    said = list(storage)
    storage.used = False
    return said


def answer_again(request: HttpRequest, sent: Submission) -> HttpResponse:
    for message in sent.messages:
        messages.add_message(request, message.level, message.message, message.extra_tags)
    if sent.location:
        return HttpResponseRedirect(sent.location)
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return HttpResponseRedirect("/")


def changed_since(request: HttpRequest, sent: Submission) -> HttpResponse:
    """Somebody went back and changed the words: nothing is lost, and it is theirs to say that it is meant anew."""
    context = {"fields": typed(request), "files": bool(request.FILES), "location": sent.location}
    return render(request, "accounts/sent_before.html", context, status=HTTPStatus.CONFLICT)


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
        if isinstance(exception, DataError):  # a number or a text that no column holds
            return render(request, "400.html", status=HTTPStatus.BAD_REQUEST)
        if not isinstance(exception, Refused):
            return None
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"sentences": exception.messages}, status=409)
        yours = {
            key: value
            for key, value in request.POST.items()
            if key not in NOT_TYPED and str(value).strip() and not str(value).isdigit()
        }
        context = {
            "sentences": exception.messages,
            "yours": yours,
            "back": request.headers.get("Referer", "/"),
        }
        return render(request, "409.html", context, status=409)


class SizeMiddleware:
    """What is larger than its page takes is refused before it is read. Stands above all that reads a form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = request.META.get("CONTENT_LENGTH") or ""
        sent = int(said) if said.isdecimal() else 0
        if sent <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return self.get_response(request)
        files = int(getattr(view_of(request), "most_bytes", 0))  # `takes_up_to`
        if files and sent <= files + AROUND_FILES:
            return self.get_response(request)
        thrown_away = 0
        while thrown_away < min(sent, MOST_THROWN_AWAY) and (some := request.read(AROUND_FILES)):
            thrown_away += len(some)
        most = files or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        return too_much(request, f"It is {sent / MB:.1f} MB; here {most / MB:.0f} MB can be taken at once.")


def too_much(request: HttpRequest, sentence: str) -> HttpResponse:
    page = {"sentence": sentence}
    return render(request, "413.html", page, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


class HeadersMiddleware:
    """What a browser is told with everything: what pages never ask for, and to keep no copy of what was read."""

    HEADERS = {
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in NEVER_ASKED_FOR),
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",  # files that are everybody's come with a rule of their own
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.headers.setdefault(name, value)
        return response
