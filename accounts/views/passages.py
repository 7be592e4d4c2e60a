from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from accounts.forms.passages import SortForm
from accounts.models import Account, Passage, SortedPassage
from accounts.models.sorted_passages import SORTED_MEANWHILE
from accounts.pages.notes_held import NotesHeld
from accounts.requests import SignedInRequest, number, staff_only


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
            draft = form.fields["text"].widget.attrs["data-draft"]
            messages.success(request, form.sort(passage, request.user), extra_tags=f"draft:{draft}")
            return passage_page(request, account) if request.htmx else redirect(request.get_full_path())
    return passage_page(request, account, form, NotesHeld.of(account, passage, among(request)))


@staff_only("POST")
def sorted_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """A passage was sorted wrongly: it is asked about again."""
    seen = SortedPassage.objects.visible_to(request.user).select_related("entry__account__merged_into")
    sorted_ = get_object_or_404(seen, pk=pk)
    account = sorted_.entry.account.merged_into or sorted_.entry.account
    stays = sorted_.undo(by=request.user)
    messages.success(request, "Undone. It is asked about again.")
    for sentence in stays:
        messages.warning(request, sentence)
    if not request.htmx:
        return redirect("passage_list", account.pk)
    again = Passage.objects.of(account).unsorted().with_entry()
    passage = again.filter(reading=sorted_.entry_id, start__lt=sorted_.end, end__gt=sorted_.start).first()
    return passage_page(request, account, held=NotesHeld.of(account, passage))


def among(request: SignedInRequest) -> Q:
    """Which passages the address asks for: some of a note that was just kept, or what concerns whoever asks."""
    if kept := number(request.GET.get("kept", "")):
        return Q(pk__in=Passage.objects.offered_of(kept))
    return Passage.concerning(request.user) if "mine" in request.GET else Q()


def jumped_to(request: SignedInRequest, account: Account) -> Passage | None:
    """The unsorted passage that the address names."""
    if (pk := number(request.GET.get("passage", ""))) is None:
        return None
    return Passage.objects.of(account).unsorted().with_entry().filter(pk=pk).first()


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
    held: NotesHeld | None = None,
    *,
    wrote: str = "",
    meanwhile: str = "",
) -> HttpResponse:
    """`meanwhile` says why what somebody `wrote` was not taken; the page asks about the next passage.

    htmx gets the part that changes.
    """
    held = held or NotesHeld.of(account, jumped_to(request, account), among(request))
    if form is None and held.current and not account.closed_at:
        form = SortForm(account=account, passage=held.current, proposed=held.proposed, by=request.user)
    context = {"account": account, "held": held, "form": form, "wrote": wrote, "meanwhile": meanwhile}
    context["kept"] = "kept" in request.GET
    asked = request.GET.copy()
    asked.pop("passage", None)
    context["sort_at"] = (
        f"{reverse('passage_list', args=[account.pk])}{'?' if asked else ''}{asked.urlencode()}"
    )
    context["jump_to"] = f"{context['sort_at']}{'&' if asked else '?'}passage="
    status = 409 if meanwhile else form.status if form else 200
    page = "accounts/_sorting.html" if request.htmx else "accounts/passage_list.html"
    response = render(
        request, page, context | {"swapped": request.htmx and request.method == "POST"}, status=status
    )
    patch_vary_headers(response, ["HX-Request"])
    return response
