from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.forms.passages import SortForm
from accounts.models import Account, Passage
from accounts.models.passages import SORTED_MEANWHILE
from accounts.pages.notes_held import NotesHeld
from accounts.requests import SignedInRequest, number, staff_only

from . import done


@staff_only("GET", "HEAD", "POST")
def passage_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the notes of an account hold: one passage at a time, and what becomes of it."""
    account = get_object_or_404(Account.objects.visible_to(request.user).select_related("merged_into"), pk=pk)
    if account.merged_into_id:
        return redirect("passage_list", account.merged_into_id)
    if request.method != "POST":
        return passage_page(request, account)
    if (passage := passage_meant(request, account)) is None:
        return passage_page(request, account, wrote=request.POST.get("text", ""), meanwhile=SORTED_MEANWHILE)
    form = SortForm(request.POST, account=account, passage=passage, by=request.user)
    if form.is_valid():
        with form.refusals():
            sentence = form.sort(passage, request.user)
            return done(
                request, sentence, "passage_list", pk, draft=form.fields["text"].widget.attrs["data-draft"]
            )
    return passage_page(request, account, form, passage)


def passage_meant(request: SignedInRequest, account: Account) -> Passage | None:
    """The unsorted passage that was shown: by its place, because it may have been found anew since."""
    entry, start = number(request.POST.get("entry", "")), number(request.POST.get("start", ""))
    if entry is None or start is None:
        return None
    return Passage.objects.of(account).unsorted().with_entry().filter(reading=entry, start=start).first()


def passage_page(
    request: SignedInRequest,
    account: Account,
    form: SortForm | None = None,
    passage: Passage | None = None,
    *,
    wrote: str = "",
    meanwhile: str = "",
) -> HttpResponse:
    """`meanwhile` says why what somebody `wrote` was not taken; the page asks about the next passage."""
    held = NotesHeld.of(account, passage)
    if form is None and held.current and not account.closed_at:
        form = SortForm(account=account, passage=held.current, by=request.user)
    context = {"account": account, "held": held, "form": form, "wrote": wrote, "meanwhile": meanwhile}
    status = 409 if meanwhile else form.status if form else 200
    return render(request, "accounts/passage_list.html", context, status=status)
