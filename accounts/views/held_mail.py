"""Mail in a contact's name, when nothing proves that they wrote it: somebody who knows them looks at it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.forms.letters import SetAsideForm
from accounts.models import HeldMail, Original
from accounts.requests import SignedInRequest, staff_only

from . import done, form_page

HELD_SHOWN = 20


@staff_only("GET", "HEAD")
def held_mail_list(request: SignedInRequest) -> HttpResponse:
    """What waits on the accounts that one sees, the oldest first."""
    waiting = HeldMail.objects.visible_to(request.user).waiting()
    waiting = waiting.select_related("account", "contact", "letter").annotate(
        has_original=Exists(Original.objects.filter(held_mail=OuterRef("pk")))
    )
    page = Paginator(waiting, HELD_SHOWN).get_page(request.GET.get("page"))
    return render(request, "accounts/held_mail_list.html", {"page_obj": page})


@staff_only("POST")
def held_mail_take(request: SignedInRequest, pk: int) -> HttpResponse:
    entry = one_i_see(request, pk).take(by=request.user)
    return done(request, "It is on the account, in your name.", "account", entry.account_id)


@staff_only("GET", "POST")
def held_mail_set_aside(request: SignedInRequest, pk: int) -> HttpResponse:
    held = one_i_see(request, pk)
    form = SetAsideForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            held.set_aside(by=request.user, because=form.cleaned_data["because"])
            return done(request, "It stays off the account.", "held_mail_list")
    title = f"Set aside the mail in the name of {held.contact}"
    return form_page(request, form, title, "Set it aside", held.account, back="held_mail_list")


def one_i_see(request: SignedInRequest, pk: int) -> HeldMail:
    held: HeldMail = get_object_or_404(HeldMail.objects.visible_to(request.user), pk=pk)
    return held
