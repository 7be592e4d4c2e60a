from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.importing.reading import Unreadable
from accounts.requests import SignedInRequest, changes_only
from handoffs.forms.transitions import ReorgForm
from handoffs.models import Transition
from handoffs.reorg_list import ReorgList, read_list


@changes_only("GET", "POST")
def reorg_new(request: SignedInRequest) -> HttpResponse:
    """The list is read, and planned when every line is right or the wrong ones, shown before, are left aside."""
    form = ReorgForm(request.POST or None, request.FILES or None)
    reading = read(form, request) if form.is_valid() else None
    if reading and (not reading.wrong or left_aside(request, reading)):
        with form.refusals():
            return redirect("transition", open_reorg(request, form, reading).pk)
    context = {"form": form, "reading": reading}
    return render(request, "handoffs/reorg_new.html", context, status=form.status)


def read(form: ReorgForm, request: SignedInRequest) -> ReorgList | None:
    """The list as it was sent. It goes into the text area, so that wrong lines can be corrected right there."""
    file = form.cleaned_data["file"]
    name, data = (file.name, file.read()) if file else ("The list", form.cleaned_data["list"].encode())
    try:
        reading = read_list(name, data, request.user)
    except Unreadable as error:
        form.add_error("file" if file else "list", str(error))
        return None
    form["list"].label = "The list"  # the bound field has taken its label from the field already
    form.fields["list"].required = True
    form.rewrite("list", reading.text)
    return reading


def left_aside(request: SignedInRequest, reading: ReorgList) -> bool:
    """Whether the person chose to go on without the wrong lines, having seen these very ones."""
    return bool(reading.lines) and request.POST.get("aside") == reading.fingerprint


def open_reorg(request: SignedInRequest, form: ReorgForm, reading: ReorgList) -> Transition:
    given = {name: form.cleaned_data[name] for name in form.cleaned_data if name not in {"file", "list"}}
    reorg = Transition.objects.open_reorg(given.pop("name"), reading.lines, by=request.user, **given)
    messages.success(request, "Nothing has changed yet. See whom it hits, then send it for approval.")
    if reading.wrong:
        lines = ", ".join(str(wrong.line) for wrong in reading.wrong[:20])
        some = "line" if len(reading.wrong) == 1 else "lines"
        messages.warning(request, f"Left aside: {some} {lines}.")
    return reorg
