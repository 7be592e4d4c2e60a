from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.forms.people import ContactForm, ContextForm, EraseForm
from accounts.models import Account, Contact, Context, Letter, User, today
from accounts.requests import SignedInRequest, operations_only, staff_only

from . import asked_about, done, form_page


@staff_only("GET", "POST")
def contact_new(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = ContactForm(request.POST or None, instance=Contact(account=account))
    if form.is_valid():
        contact = form.save()
        return done(request, f"{contact} is on {account}.", "account", pk)
    return render(request, "accounts/contact.html", {"form": form, "account": account}, status=form.status)


@staff_only("GET", "POST")
@transaction.atomic
def contact(request: SignedInRequest, pk: int) -> HttpResponse:
    contacts = Contact.objects.visible_to(request.user).select_related("account")
    contact = get_object_or_404(contacts.select_for_update(of=("self",)), pk=pk)
    form = ContactForm(None if contact.erased_at else request.POST or None, instance=contact)
    signs_in = User.objects.active().filter(contact=contact).first()
    if form.is_valid():
        with form.refusals():
            contact.correct(by=request.user, **form.changes)
            asked = asked_about(User.objects.get(pk=signs_in.pk), form) if signs_in else ""
            sentence = f"What we know of {contact} is up to date.{asked}"
            return done(request, sentence, "account", contact.account_id)
    context = {
        "form": form,
        "contact": contacts.get(pk=pk),
        "account": contact.account,
        "entries": contact.entries.visible_to(request.user).for_thread()[:5],
        "told": contact.sorted_passages.standing().with_what_became().order_by("-pk"),
        "contexts": contact.contexts.lasting(today()).select_related("by"),
        "erasures": contact.erasures.select_related("by"),
        "signs_in": signs_in,
        "may_invite": contact.may_be_invited_by(request.user),
    }
    return render(request, "accounts/contact.html", context, status=form.status)


@staff_only("GET", "POST")
def contact_context(request: SignedInRequest, pk: int) -> HttpResponse:
    """Something that weighs on a contact for a while."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user).select_related("account"), pk=pk)
    form = ContextForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            noted = Context.note(contact, by=request.user, **form.cleaned_data)
            sentence = f"Whoever talks to {contact} sees this until {noted.until:%-d %B %Y}."
            return done(request, sentence, "contact", pk)
    lede = "So that whoever calls next calls a person, not a title. The customer never sees it."
    title = f"What weighs on {contact}?"
    return form_page(request, form, title, "Keep it in mind", contact.account, lede=lede)


@staff_only("POST")
def context_end(request: SignedInRequest, pk: int) -> HttpResponse:
    context = get_object_or_404(Context.objects.visible_to(request.user), pk=pk)
    context.end(by=request.user)
    sentence = "It matters no longer. Who said so, and when, is kept."
    return done(request, sentence, "contact", context.contact_id)


@staff_only("POST")
def contact_invite(request: SignedInRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=pk)
    user = contact.invite(by=request.user)
    held = Letter.objects.held().filter(to=user).order_by("-pk").first()
    when = f"waits: {held.held_because}" if held else "says how."
    return done(request, f"{contact} can sign in now, and a letter in your name {when}", "contact", pk)


@staff_only("POST")
def contact_end_invitation(request: SignedInRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=pk)
    contact.end_invitation(by=request.user)
    return done(request, f"{contact} no longer sees the account's page.", "contact", pk)


@operations_only("GET", "POST")
def contact_erase(request: SignedInRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.visible_to(request.user).select_related("account"), pk=pk)
    form = EraseForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            contact.erase(by=request.user, because=form.cleaned_data["because"])
            sentence = "Their name and words are blanked everywhere. Who did it and when stays."
            return done(request, sentence, "account", contact.account_id)
    lede = "Their name and words are blanked in every place that copied them. This cannot be taken back."
    return form_page(request, form, f"Erase {contact}", "Erase them", contact.account, lede=lede, danger=True)
