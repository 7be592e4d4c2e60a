"""Addresses, managers and kinds for people whom an import brought without an address, many at once."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from accounts.forms.people import MOST_ADDRESS_BYTES, AddressListForm
from accounts.importing.addresses import (
    AddressLine,
    AddressReview,
    as_text,
    give,
    lines_in,
    lines_of,
    with_invented_addresses,
)
from accounts.limits import Unreadable
from accounts.requests import SignedInRequest, operations_only, takes_up_to

from . import done

SHOWN = 50


@takes_up_to(MOST_ADDRESS_BYTES)
@operations_only("GET", "POST")
def address_list(request: SignedInRequest) -> HttpResponse:
    """Who waits for an address; what a list would give them, shown before it is given."""
    form = AddressListForm(request.POST or None, request.FILES or None)
    review = None
    if form.is_valid():
        try:
            review = AddressReview(lines_sent(form), request.user)
        except Unreadable as error:
            form.add_error(None, str(error))
    if review and request.POST.get("give") == review.fingerprint:
        with form.refusals():
            count = give(review.assignments, by=request.user)
            people = "One person has" if count == 1 else f"{count} people have"
            return done(request, f"{people} what the list gives them.", "address_list")
    return address_page(request, form, review)


def lines_sent(form: AddressListForm) -> list[AddressLine]:
    if file := form.cleaned_data.get("file"):
        return lines_in(file.name or "file", file.read())
    return lines_of(form.cleaned_data["list"])


def address_page(
    request: SignedInRequest, form: AddressListForm, review: AddressReview | None
) -> HttpResponse:
    page = Paginator(with_invented_addresses().select_related("reports_to"), SHOWN)
    context: dict[str, object] = {"page_obj": page.get_page(request.GET.get("page")), "form": form}
    if review:
        found = review.assignments
        refused, given = [one for one in found if one.refused], [one for one in found if one.changes]
        text = as_text(one.line for one in found)
        context |= {
            "review": review, "refused": refused[:SHOWN], "given": given[:SHOWN], "text": text,
            "more_refused": max(0, len(refused) - SHOWN), "more_given": max(0, len(given) - SHOWN),
            "count": len(given), "stale": "give" in request.POST,
            "form": AddressListForm(initial={"list": text}),
        }  # fmt: skip
        if form.errors:  # the verb has refused it
            context["refusals"] = form.non_field_errors()
    return render(request, "accounts/address_list.html", context, status=form.status)
