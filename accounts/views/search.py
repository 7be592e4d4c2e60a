from __future__ import annotations

from django.http import HttpResponse

from accounts.models import today
from accounts.pages.search import find
from accounts.requests import SignedInRequest, staff_only

from . import part_or_page


@staff_only("GET", "HEAD")
def search(request: SignedInRequest) -> HttpResponse:
    found = find(request.GET.get("q", ""), request.user, request.GET.get("kind", ""))
    context = {"results": found, "today": today()}
    return part_or_page(request, "accounts/_results.html", "accounts/search.html", context)
