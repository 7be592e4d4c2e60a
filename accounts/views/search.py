from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.models import today
from accounts.pages.search import find
from accounts.requests import SignedInRequest, staff_only


@staff_only
@require_safe
def search(request: SignedInRequest) -> HttpResponse:
    found = find(request.GET.get("q", ""), request.user, request.GET.get("kind", ""))
    template = "accounts/_results.html" if request.htmx else "accounts/search.html"
    response = render(request, template, {"results": found, "today": today()})
    patch_vary_headers(response, ["HX-Request"])
    return response
