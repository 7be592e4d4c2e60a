"""Accounts that may be one customer: somebody joins them, or says that they are two. Joining can be taken back."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.models import Account, AccountMerge, DistinctAccounts, Refused
from accounts.pages.duplicates import duplicates_page, joined_lately, side_by_side
from accounts.requests import SignedInRequest, changes_only

from . import done


@changes_only("GET", "HEAD")
def duplicate_list(request: SignedInRequest) -> HttpResponse:
    page = duplicates_page(request.user, request.GET.get("page"))
    context = {
        "page_obj": page,
        "pairs": side_by_side(request.user, list(page.object_list)),
        "joined": joined_lately(request.user),
    }
    return render(request, "accounts/duplicate_list.html", context)


@changes_only("POST")
def duplicate_join(request: SignedInRequest, first: int, second: int) -> HttpResponse:
    """One of the two becomes part of the other: `keep` names the one that stays."""
    one, other = both(request, first, second)
    kept = {str(one.pk): (other, one), str(other.pk): (one, other)}.get(request.POST.get("keep", ""))
    if kept is None:
        raise Refused("Say which of the two stays.")
    account, into = kept
    account.merge_into(into, by=request.user, because=request.POST.get("because", ""))
    sentence = f"{account} is part of {into} now. For 30 days it can be taken back below."
    return done(request, sentence, "duplicate_list")


@changes_only("POST")
def duplicate_part(request: SignedInRequest, first: int, second: int) -> HttpResponse:
    one, other = both(request, first, second)
    DistinctAccounts.say(one, other, by=request.user)
    return done(request, f"{one} and {other} are two. They are not suggested again.", "duplicate_list")


@changes_only("POST")
def merge_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    merge = get_object_or_404(AccountMerge.objects.visible_to(request.user), pk=pk)
    merge.undo(by=request.user)
    sentence = f"{merge.account} is an account of its own again. Invite anew who of theirs signed in."
    return done(request, sentence, "account", merge.account_id)


def both(request: SignedInRequest, first: int, second: int) -> tuple[Account, Account]:
    seen = Account.objects.visible_to(request.user)
    return get_object_or_404(seen, pk=first), get_object_or_404(seen, pk=second)
