"""What an entry or a mail was read from, for staff who see it: to be kept as a file, never shown as a page."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from accounts.models import Entry, HeldMail, Original
from accounts.requests import SignedInRequest, staff_only


@staff_only("GET", "HEAD")
def entry_original(request: SignedInRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(Entry.objects.visible_to(request.user), pk=pk)
    return attached(Original.objects.behind(entry).first())


@staff_only("GET", "HEAD")
def held_mail_original(request: SignedInRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(HeldMail.objects.visible_to(request.user), pk=pk)
    return attached(Original.objects.filter(held_mail=held).first())


def attached(original: Original | None) -> HttpResponse:
    """The file, in a type that no browser opens by itself; 404 where nothing was kept."""
    if original is None:
        raise Http404
    return HttpResponse(
        bytes(original.data),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{original.file_name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )
