from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms.notes import NoteForm, RetractForm
from accounts.models import Account, Entry
from accounts.requests import SignedInRequest, staff_only


@staff_only
@require_http_methods(["GET", "POST"])
def note_new(request: SignedInRequest) -> HttpResponse:
    """A note from anywhere: the account is chosen on the form."""
    chosen = request.POST.get("account") or request.GET.get("account", "")
    accounts = Account.objects.visible_to(request.user).open()
    account = get_object_or_404(accounts, pk=chosen) if chosen.isdecimal() else None
    form = NoteForm(request.POST or None, user=request.user, account=account)
    if form.is_valid() and account:
        with form.refusals():
            form.keep(account, by=request.user)
            messages.success(request, f"Note kept on {account}.", extra_tags="draft:note")
            return redirect(f"{reverse('account', args=[account.pk])}#thread")
    return render(request, "accounts/note.html", {"form": form}, status=form.status)


@staff_only
@require_http_methods(["GET", "POST"])
def account_note(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = NoteForm(request.POST or None, user=request.user, account=account, fixed=True)
    if form.is_valid():
        with form.refusals():
            form.keep(account, by=request.user)
            messages.success(request, "Note kept.", extra_tags=f"draft:note:{pk}")
            return redirect(f"{reverse('account', args=[pk])}#thread")
    return render(request, "accounts/note.html", {"form": form, "account": account}, status=form.status)


@staff_only
@require_POST
def entry_share(request: SignedInRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(Entry.objects.visible_to(request.user).select_related("account"), pk=pk)
    entry.share(by=request.user)
    messages.success(request, "They see this line from now on.")
    return redirect(f"{reverse('account', args=[entry.account_id])}#thread")


@staff_only
@require_http_methods(["GET", "POST"])
def entry_retract(request: SignedInRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(Entry.objects.visible_to(request.user).select_related("account"), pk=pk)
    if not entry.may_be_retracted_by(request.user):
        raise PermissionDenied("Only its author can take a note back.")
    form = RetractForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            entry.retract(by=request.user, because=form.cleaned_data["because"])
            messages.success(request, "Taken back. It stays readable, struck through.")
            return redirect(f"{reverse('account', args=[entry.account_id])}#thread")
    context = {
        "form": form,
        "account": entry.account,
        "title": "Take this note back",
        "lede": f"“{entry}”",
        "verb": "Take it back",
    }
    return render(request, "accounts/form.html", context, status=form.status)
