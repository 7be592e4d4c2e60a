"""What somebody takes along: asked for from the list or from an account, made, and downloaded for a day."""

from __future__ import annotations

from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify

from accounts.exporting import carrying_out
from accounts.forms.exports import ExportForm
from accounts.models import Account, Export, Refused, today
from accounts.pages.account_filter import AccountFilter
from accounts.requests import SignedInRequest, staff_only

from . import done, part_or_page

ROWS = 50
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "zip": "application/zip",
}
STOP_POLLING = 286  # htmx: take this answer, and ask no more


@staff_only("GET", "HEAD")
def export_list(request: SignedInRequest) -> HttpResponse:
    """One's own exports; to operations the access log of everybody's."""
    log = Export.objects.visible_to(request.user).with_downloads().select_related("by", "account")
    page = Paginator(log.defer("accounts"), ROWS).get_page(request.GET.get("page"))
    return render(request, "accounts/exports/list.html", {"page": page})


@staff_only("GET", "POST")
def export_new(request: SignedInRequest) -> HttpResponseBase:
    """The accounts of the list, by its own filter."""
    asked = AccountFilter.of(request.GET)
    form = ExportForm(request.POST or None, may_take_closed=request.user.is_operations, closed=asked.closed)
    if form.is_valid():
        asked = replace(asked, closed=form.cleaned_data.get("closed", False))
        what = asked.in_words(request.user)
        return begun(request, form, Export(by=request.user, query=asked.query, what=what))
    seen = Account.objects.visible_to(request.user)
    context = {
        "form": form,
        "what": asked.in_words(request.user),
        "count": asked.of_list(seen, request.user).distinct().count(),
        "query": asked.query,
    }
    return render(request, "accounts/exports/new.html", context)


@staff_only("GET", "POST")
def account_export(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """One account with its whole memory, which includes what was merged into it."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    if account.merged_into_id:
        return redirect("account_export", account.merged_into_id)
    form = ExportForm(request.POST or None, may_take_closed=False)
    if form.is_valid():
        return begun(request, form, Export(by=request.user, account=account, what=account.name))
    context = {"form": form, "account": account, "what": account.name, "count": 1}
    return render(request, "accounts/exports/new.html", context)


def begun(request: SignedInRequest, form: ExportForm, wanted: Export) -> HttpResponseBase:
    """What is small goes out at once; the rest is made behind a page that says how far it is."""
    wanted.shape = form.cleaned_data["shape"]
    pks = carrying_out.accounts_of(wanted)
    if not pks:
        raise Refused("No account fits, so there is nothing to take along. Choose others in the list.")
    export = Export.ask(
        by=request.user, shape=wanted.shape, what=wanted.what, total=len(pks), account=wanted.account,
        query=wanted.query,
    )  # fmt: skip
    if not carrying_out.is_small(pks):
        export.queue()
        return redirect("export", export.pk)
    carrying_out.make(export)
    export.refresh_from_db()
    return redirect("export_file" if export.state == "ready" else "export", export.pk)


@staff_only("GET", "HEAD")
def export(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far it is, and its file when it is whole."""
    export = one_i_see(request, pk)
    context = {"export": export, "mine": export.by_id == request.user.pk}
    response = part_or_page(request, "accounts/exports/_state.html", "accounts/exports/export.html", context)
    if request.htmx and not export.is_under_way:
        response.status_code = STOP_POLLING
    return response


@staff_only("GET", "HEAD")
def export_file(request: SignedInRequest, pk: int) -> StreamingHttpResponse:
    export = one_of_mine(request, pk)
    size = export.hand_out(to=request.user)
    response = StreamingHttpResponse(export.file(), content_type=KINDS[export.file_ending])
    name = slugify(export.account.name) if export.account else "accounts"
    response["Content-Disposition"] = (
        f'attachment; filename="{name or "account"}-{today(export.finished_at):%Y-%m-%d}.{export.file_ending}"'
    )
    response["Content-Length"] = str(size)
    return response


@staff_only("POST")
def export_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    export = one_of_mine(request, pk)
    export.stop(by=request.user)
    return done(request, "Stopped. Nothing of it is kept.", "export", pk)


@staff_only("POST")
def export_start_again(request: SignedInRequest, pk: int) -> HttpResponse:
    export = one_of_mine(request, pk)
    export.start_again(by=request.user)
    return done(request, "It is begun anew.", "export", pk)


def one_i_see(request: SignedInRequest, pk: int) -> Export:
    seen = Export.objects.visible_to(request.user).select_related("by", "account")
    return get_object_or_404(seen, pk=pk)


def one_of_mine(request: SignedInRequest, pk: int) -> Export:
    """What somebody took is theirs alone: operations read in the log that they did."""
    export = one_i_see(request, pk)
    if export.by_id != request.user.pk:
        raise PermissionDenied
    return export
