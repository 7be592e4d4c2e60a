from __future__ import annotations

from secrets import token_urlsafe
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from accounts.forms.notes import NoteForm, RetractForm
from accounts.models import Account, Entry, EntryReading, Note, Passage
from accounts.notes.preview import NotePreview, answered
from accounts.requests import SignedInRequest, number, saves_nothing, staff_only

from . import done, form_page, held_back

# ---- Notes: the text, its chips, and what is saved of them


@staff_only("GET", "POST")
def note_new(request: SignedInRequest) -> HttpResponse:
    """A note from anywhere: the account is chosen on the form."""
    chosen = request.POST.get("account") or request.GET.get("account", "")
    accounts = Account.objects.visible_to(request.user).open()
    account = get_object_or_404(accounts, pk=number(chosen)) if chosen.isdecimal() else None
    form = NoteForm(request.POST or None, user=request.user, account=account, initial=kind_of(request))
    return note_page(request, form)


@staff_only("GET", "POST")
def account_note(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    if account.merged_into_id:
        return redirect("account_note", account.merged_into_id, preserve_request=True)
    initial = kind_of(request)
    form = NoteForm(request.POST or None, user=request.user, account=account, fixed=True, initial=initial)
    return note_page(request, form)


def kind_of(request: SignedInRequest) -> dict[str, str]:
    """The kind of note that a link asks for."""
    kind = request.GET.get("kind", "")
    return {"kind": kind} if kind in Entry.KEPT_BY_HAND else {}


def note_page(request: SignedInRequest, form: NoteForm) -> HttpResponse:
    """Save the note if the page showed what it would save, else show it."""
    account = form.chosen
    preview = form.preview(account) if account and form.is_bound else None
    changed: list[str] = []
    if preview and request.POST.get("answer"):
        form.rewrite("text", answered(preview, request.POST["answer"]))
        preview = form.preview(preview.account)
    elif preview and form.is_valid():
        seen = request.POST.get("seen", "")
        changed = preview.changed(seen)
        if preview.blockers:
            form.add_error(None, preview.blockers)
        elif not preview.was_shown(seen):
            form.status = 409 if changed else 200
        else:
            with form.refusals():
                return saved(request, form.save(preview), form)
    context = {"form": form, "account": account, "changed": changed, **chips_of(preview)}
    return render(request, "accounts/note.html", context, status=form.status)


def saved(request: SignedInRequest, note: Note, form: NoteForm) -> HttpResponse:
    undo = reverse("entry_undo", args=[note.pk])
    message = format_html(
        'Kept on {}. <a href="{}" hx-post="{}" hx-vals=\'{{"once": "{}"}}\' hx-swap="none">Take it all back</a> '
        "within ten minutes.",
        note.account,
        undo,
        undo,
        token_urlsafe(16),
    )
    draft = form.fields["text"].widget.attrs["data-draft"]
    EntryReading.read_now(note)
    offered = Passage.objects.offered_of(note.pk).unsorted().exists()
    account = reverse("account", args=[note.account_id])
    return done(
        request, message, f"{account}?kept={note.pk}#thread" if offered else thread_of(note), draft=draft
    )


def thread_of(entry: Entry) -> str:
    return f"{reverse('account', args=[entry.account_id])}#thread"


def chips_of(preview: NotePreview | None) -> dict[str, object]:
    return {"preview": preview}


@saves_nothing
@require_POST
def note_preview(request: SignedInRequest) -> HttpResponse:
    """The chips of a text that is being written."""
    if not request.user.is_authenticated:
        return render(request, "accounts/_chips.html", {"ended": True})
    if request.user.is_customer:
        raise Http404
    chosen = request.POST.get("account", "")
    accounts = Account.objects.visible_to(request.user).open()
    account = get_object_or_404(accounts, pk=number(chosen)) if chosen.isdecimal() else None
    form = NoteForm(request.POST, user=request.user, account=account)
    preview = form.preview(account) if account and form.text_now.strip() else None
    return render(request, "accounts/_chips.html", {"form": form, "account": account, **chips_of(preview)})


# ---- What becomes of a line on the thread


@staff_only("GET", "POST")
def entry_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a note back with all that it wrote down, within ten minutes."""
    notes = Note.objects.visible_to(request.user).select_related("account")
    note = cast(Note, get_object_or_404(notes, pk=pk))
    if note.author_id != request.user.pk:
        raise PermissionDenied
    if request.method == "POST":
        stays = note.undo(by=request.user)
        sentence = "Taken back, with all that it wrote down. It stays readable, struck through."
        messages.success(request, sentence)
        for sentence in stays:
            messages.warning(request, sentence)
        if request.htmx:
            return HttpResponse(headers={"HX-Refresh": "true"})  # whatever page it is read on, it changed
        return redirect(thread_of(note))
    return render(request, "accounts/note_undo.html", {"entry": note, "account": note.account})


@staff_only("POST")
def entry_share(request: SignedInRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(Entry.objects.visible_to(request.user).select_related("account"), pk=pk)
    entry.share(by=request.user)
    return done(request, "They see this line from now on.", thread_of(entry))


@staff_only("GET", "POST")
def entry_retract(request: SignedInRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(Entry.objects.visible_to(request.user).select_related("account"), pk=pk)
    if not entry.may_be_retracted_by(request.user):
        raise PermissionDenied("Only its author can take a note back.")
    form = RetractForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            because = form.cleaned_data["because"]
            if not entry.is_new_of(request.user) and (asked := held_back(request.user, entry, because)):
                return done(request, asked, thread_of(entry))
            entry.retract(by=request.user, because=because)
            return done(request, "Taken back. It stays readable, struck through.", thread_of(entry))
    return form_page(request, form, "Take this note back", "Take it back", entry.account, lede=f"“{entry}”")
