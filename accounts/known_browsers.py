"""Which browser asks, and from where: what the limits of signing in count by.

A browser remembers in a signed cookie who signed in on it. That opens nothing: it only keeps what strangers do with
somebody's address from standing in that person's way.
"""

from __future__ import annotations

import ipaddress
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

from .models import User

COOKIE = "signed_in_here"
A_YEAR = timedelta(days=365)
PEOPLE_REMEMBERED = 5


def remembered(request: HttpRequest) -> tuple[str, list[int]]:
    """This browser's name, and the ids of those who signed in on it; a new name and nobody if it has no such cookie."""
    try:
        name, people = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=A_YEAR)
    except signing.BadSignature:
        return get_random_string(22), []
    return name, people


def remember(response: HttpResponse, request: HttpRequest, user: User) -> None:
    name, people = remembered(request)
    people = [user.pk, *(pk for pk in people if pk != user.pk)][:PEOPLE_REMEMBERED]
    response.set_cookie(
        COOKIE,
        signing.dumps([name, people], salt=COOKIE),
        max_age=A_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def asked_from(request: HttpRequest, address: str) -> tuple[str, bool]:
    """What attempts to sign in with this address are counted by, and whether it is a browser that knows the address."""
    name, people = remembered(request)
    person = User.objects.who_signs_in_as(address)
    if person is not None and person.pk in people:
        return f"browser {name}", True
    return place_of(request), False


def place_of(request: HttpRequest) -> str:
    """The network address a request comes from; of IPv6 the first half, which is one customer's of a provider.

    Each proxy adds whom it heard, so of X-Forwarded-For only the last entries, as many as there are proxies of ours,
    are true: what stands before them the browser wrote itself.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    hops.append(request.META.get("REMOTE_ADDR", ""))
    hop = hops[-1 - min(settings.TRUSTED_PROXIES, len(hops) - 1)]
    try:
        address = ipaddress.ip_address(hop)
    except ValueError:
        return hop
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)
