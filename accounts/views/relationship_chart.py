from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.models import Account, today
from accounts.pages.chart_drawing import ChartDrawing
from accounts.pages.relationship_chart import relationship_chart
from accounts.requests import SignedInRequest, staff_only


@staff_only
@require_safe
def account_relationship_chart(request: SignedInRequest, pk: int) -> HttpResponse:
    """The relationship over twenty-four months; alone where the account's page asks for it."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    if account.merged_into_id:
        return redirect("account_relationship_chart", account.merged_into_id)
    drawing = ChartDrawing.of(relationship_chart(account, today()))
    template = "accounts/_relationship_chart.html" if request.htmx else "accounts/relationship_chart.html"
    response = render(request, template, {"account": account, "drawing": drawing})
    patch_vary_headers(response, ["HX-Request"])
    return response
