from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.requests import SignedInRequest, staff_only
from handoffs.models import JobRun, Transition

STOP_POLLING = 286  # htmx: take this answer, and ask no more


@staff_only("GET", "HEAD")
def job(request: SignedInRequest, pk: int) -> HttpResponse:
    seen = Transition.objects.visible_to(request.user)
    job = get_object_or_404(JobRun.objects.filter(transition__in=seen), pk=pk)
    status = STOP_POLLING if job.is_finished and request.htmx else 200
    response = render(
        request,
        "handoffs/job.html" if not request.htmx else "handoffs/_job.html",
        {"job": job},
        status=status,
    )
    if job.is_finished:
        response["HX-Trigger"] = "handoffs-opened"
    return response
