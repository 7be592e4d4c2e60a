from __future__ import annotations

import csv
from collections.abc import Iterator

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify

from accounts.importing import batches
from accounts.importing.columns import NOT_TAKEN
from accounts.importing.reading import DELIMITERS, ENCODINGS, MOST_BYTES, SUFFIXES, read_files
from accounts.importing.sheets import Sheet
from accounts.importing.values import safe_cell
from accounts.limits import MB, Unreadable
from accounts.models import ImportBatch, ImportFile, ImportRow, Refused, User
from accounts.models.imports import PreviewData
from accounts.requests import SignedInRequest, changes_only, number, takes_up_to

from . import done

BATCHES_SHOWN = 50
QUESTIONS_SHOWN = TRAY_SHOWN = FILES_SHOWN = 50


def open_batch(request: SignedInRequest, pk: int) -> ImportBatch:
    return get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)


@changes_only("GET", "HEAD")
def import_list(request: SignedInRequest) -> HttpResponse:
    return render(request, "accounts/imports/list.html", list_context(request, []))


def list_context(request: SignedInRequest, errors: list[str]) -> dict[str, object]:
    found = ImportBatch.objects.visible_to(request.user).select_related("created_by", "applied_by")
    files = Prefetch("files", ImportFile.objects.defer("data", "header"))
    return {
        "batches": found.prefetch_related(files)[:BATCHES_SHOWN],
        "errors": errors,
        "accept": ",".join(SUFFIXES),
        "megabytes": MOST_BYTES // MB,
    }


@takes_up_to(MOST_BYTES)
@changes_only("GET", "HEAD", "POST")
def import_new(request: SignedInRequest) -> HttpResponse:
    """Stage what was uploaded; nothing else changes."""
    if request.method != "POST":
        return redirect("import_list")
    try:
        batch, _ = batches.stage(uploaded(request), by=request.user)
    except (Unreadable, Refused) as error:
        sentences = error.messages if isinstance(error, Refused) else [str(error)]
        return render(request, "accounts/imports/list.html", list_context(request, sentences), status=422)
    return redirect("import_batch", batch.pk)


def uploaded(request: SignedInRequest) -> list[Sheet]:
    files = request.FILES.getlist("files")
    if not files:
        raise Unreadable("Choose at least one file.")
    return read_files([(file.name or "file", file.read()) for file in files])


@changes_only("GET", "HEAD")
def import_batch(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = open_batch(request, pk)
    questions = sorted(batch.preview.get("questions", []), key=lambda question: not question["waits"])
    context = {
        "batch": batch,
        "files": files_of(request, batch),
        "unknown": list(batch.unknown().defer("data")),
        "nothing_known": not batch.files.exclude(kind__in=NOT_TAKEN).exists(),
        "ignored_rows": any(tally.get("ignored") for _, tally in batch.preview.get("counts", [])),
        "encodings": ENCODINGS,
        "counts": batch.preview.get("counts", []),
        "facts": batch.preview.get("facts", []),
        "questions": [named(question, batch) for question in questions[:QUESTIONS_SHOWN]],
        "more_questions": max(0, len(questions) - QUESTIONS_SHOWN),
        "colleagues": [(f"user:{person.pk}", person.as_choice) for person in User.objects.can_serve()],
        "waiting": batch.waiting(),
        "consequence": consequence(batch),
        "tray_count": batch.tray().count(),
    }
    return render(request, "accounts/imports/batch.html", context)


def files_of(request: SignedInRequest, batch: ImportBatch) -> Page[tuple[ImportFile, str, str]]:
    """Each file with its encoding and delimiter in words, those first of which it is not known what they hold."""
    files = sorted(batch.files.defer("data").select_related("mapping"), key=lambda file: file.kind != "")
    lines = [
        (file, ENCODINGS.get(file.encoding, file.encoding.upper()), DELIMITERS.get(file.delimiter, ""))
        for file in files
    ]
    return Paginator(lines, FILES_SHOWN).get_page(request.GET.get("page"))


def named(question: PreviewData, batch: ImportBatch) -> dict[str, object]:
    """A question about a person asks for the name of somebody new, too."""
    kind, _, text = question["key"].partition(":")
    if kind != "person":
        return {**question}
    return {**question, "person_key": f"name:{text}", "person_name": batch.answers.get(f"name:{text}", "")}


def consequence(batch: ImportBatch) -> str:
    """What applying does (or did), in one sentence."""
    if batch.preview.get("changes_nothing"):
        return str(batch.preview.get("nothing", ""))
    parts = []
    for word, tally in batch.preview.get("counts", []):
        changed = [f"{tally[state]:,} {state}" for state in ("new", "changed") if tally[state]]
        if changed:
            parts.append(f"{word} ({', '.join(changed)})")
    return f"All of it happens in one act, or none of it: {', '.join(parts)}." if parts else ""


@changes_only("POST")
def import_answers(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = open_batch(request, pk)
    asked = {question["key"] for question in batch.preview.get("questions", [])}
    said = {name.removeprefix("answer:"): str(value) for name, value in request.POST.items()}
    found = {key: value for key, value in said.items() if key in asked or key.startswith("name:")}
    batches.answer(batch, found, by=request.user)
    return done(request, "Answers kept. Nothing is changed before you apply.", "import_batch", batch.pk)


@changes_only("POST")
def import_encoding(request: SignedInRequest, pk: int, position: int) -> HttpResponse:
    batch = open_batch(request, pk)
    file = get_object_or_404(batch.files, position=position)
    encoding = request.POST.get("encoding", "")
    if encoding not in ENCODINGS:
        raise Refused("Choose one of the encodings.")
    try:
        batches.read_again(batch, file, encoding, by=request.user)
        messages.success(request, f"{file.name} is now read as {ENCODINGS[encoding]}.")
    except Unreadable as error:
        messages.error(request, str(error))
    return redirect("import_batch", batch.pk)


@changes_only("POST")
def import_apply(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = open_batch(request, pk)
    try:
        batches.apply(batch, by=request.user, expecting=request.POST.get("expecting", ""))
    except Refused:
        batch.refresh_from_db()
        if batch.is_open:
            batches.preview(batch)  # what it would do by now, for when they come back
        raise
    left = batch.tray().count()
    sentence = "Nothing was changed." if batch.preview["changes_nothing"] else "Imported."
    rest = f" {left:,} rows wait in the review tray." if left else ""
    return done(request, sentence + rest, "import_batch", batch.pk)


@changes_only("POST")
def import_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    open_batch(request, pk).discard(by=request.user)
    return done(request, "The staged rows are gone. Nothing else was changed.", "import_list")


# ---- The review tray


@changes_only("GET", "HEAD")
def import_tray(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = open_batch(request, pk)
    rows = batch.tray()
    files = rows.order_by().values("file__position", "file__name").annotate(count=Count("pk"))
    reasons = rows.order_by().values("because").annotate(count=Count("pk")).order_by("-count", "because")
    if wanted := request.GET.get("file", ""):
        place = number(wanted)
        rows = rows.none() if place is None else rows.filter(file__position=place)
    context = {
        "batch": batch,
        "page_obj": Paginator(rows, TRAY_SHOWN).get_page(request.GET.get("page")),
        "files": files.order_by("file__position"),
        "wanted": wanted,
        "reasons": reasons[:12],
        "count": batch.tray().count(),
    }
    return render(request, "accounts/imports/tray.html", context)


@changes_only("GET", "HEAD")
def import_tray_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The tray as CSV; of one file with that file's own headers, so that it can be put right and imported again."""
    batch = open_batch(request, pk)
    rows = batch.tray()
    widest = max((len(file.header) for file in batch.files.defer("data")), default=0)
    header = [f"Cell {number}" for number in range(1, widest + 1)]
    name = f"review-tray-{batch.pk}"
    if wanted := request.GET.get("file", ""):
        file = get_object_or_404(batch.files.defer("data"), position=number(wanted))
        rows, header = rows.filter(file=file), file.header
        name += f"-{slugify(file.name.rsplit('.', 1)[0])}"
    lines = tray_lines(header, rows.iterator(chunk_size=2000), hints=request.user.is_operations)
    response = HttpResponse(lines, content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


class Echo:
    """What csv writes goes straight out."""

    def write(self, text: str) -> str:
        return text


def tray_lines(header: list[str], rows: Iterator[ImportRow], *, hints: bool) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield "\ufeff"
    yield writer.writerow([safe_cell(cell) for cell in ["File", "Row", "Line", "Reason", *header]])
    for row in rows:
        because = f"{row.because} {row.hint if hints else ''}".strip()
        cells = [row.file.name, str(row.number), str(row.line), because, *row.cells]
        yield writer.writerow([safe_cell(cell) for cell in cells])
