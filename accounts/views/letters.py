"""For operations the letters that could not be sent; for customers the way from a letter to its page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.forms.letters import GiveUpForm
from accounts.models import Letter, User
from accounts.requests import SignedInRequest, operations_only

from . import done, form_page

LETTERS_SHOWN = 50


@operations_only("GET", "HEAD")
def letter_list(request: SignedInRequest) -> HttpResponse:
    """To whom, what about, why not, and when it is tried again. What stands in them is not shown."""
    failed = Letter.objects.failed().select_related("to", "contact").defer("text")
    given_up = Letter.objects.filter(given_up_at__isnull=False).select_related("to", "contact", "given_up_by")
    context = {
        "page_obj": Paginator(failed, LETTERS_SHOWN).get_page(request.GET.get("page")),
        "given_up": given_up.defer("text").order_by("-given_up_at")[:LETTERS_SHOWN],
    }
    return render(request, "accounts/letter_list.html", context)


@operations_only("POST")
def letter_try_again(request: SignedInRequest, pk: int) -> HttpResponse:
    get_object_or_404(Letter, pk=pk).try_again(by=request.user)
    return done(request, "It is tried again at once.", "letter_list")


@operations_only("GET", "POST")
def letter_give_up(request: SignedInRequest, pk: int) -> HttpResponse:
    letter = get_object_or_404(Letter, pk=pk)
    form = GiveUpForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            letter.give_up(by=request.user, because=form.cleaned_data["because"])
            return done(request, f"{letter.reader} is not written to any more about this.", "letter_list")
    title, lede = f"Give up the letter to {letter.reader}", f"“{letter.subject}” will not be sent."
    return form_page(request, form, title, "Give it up", lede=lede, danger=True, back="letter_list")


@login_not_required
@require_safe
def letter_page(request: HttpRequest, signed: str) -> HttpResponse:
    """Where the address in a customer's letter leads: by the mailed code to the page that the letter speaks of.

    Whoever has no sign-in, or is signed in as somebody else, reads what to do. Nothing of the account is shown.
    """
    letters = Letter.objects.of_page(signed).select_related("to__contact", "contact__account", "signed_by")
    letter = get_object_or_404(letters)
    contact = letter.their_contact
    if contact is None:
        raise Http404
    reader = User.objects.active().filter(contact=contact, contact__left_on=None).first()
    if reader and request.user == reader:
        return redirect(letter.page)
    if reader and not request.user.is_authenticated:
        return redirect_to_login(request.path)
    context = {"letter": letter, "contact": contact, "reader": reader}
    return render(request, "accounts/letter_page.html", context)
