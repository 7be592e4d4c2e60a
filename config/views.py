"""What the site says of itself: whether it is well, and the page for what we did not foresee."""

import sys

from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as BrokerError

from accounts.limits import MB
from accounts.middleware import too_much

TOO_MUCH = {
    RequestDataTooBig: f"Without files, {settings.DATA_UPLOAD_MAX_MEMORY_SIZE // MB} MB can be taken at once.",
    TooManyFieldsSent: f"It has more than {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields.",
    TooManyFilesSent: f"{settings.DATA_UPLOAD_MAX_NUMBER_FILES} files can be taken at once.",
}


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def broker_answers() -> bool:
    try:
        with current_app.connection_for_write(connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=1)
    except (BrokerError, OSError):
        return False
    return True


@login_not_required
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while people can work, else 503. A missing broker only delays what runs in the background."""
    answers = {"database": database_answers(), "broker": broker_answers()}
    return JsonResponse(answers, status=200 if answers["database"] else 503)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """413 for more than is taken, else 400. Neither touches the database or the session."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return too_much(request, TOO_MUCH[type(exception)])
    return render(request, "400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 with a way on while PostgreSQL restarts, else 500. Neither touches the database or the session."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})
    return HttpResponse(render_to_string("500.html"), status=500)
