"""What a staged file holds and what its columns mean: shown with samples and reasons, and for a person to say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404

from accounts.importing import batches, mapping
from accounts.importing.columns import IGNORED, PLACED_BY, label
from accounts.importing.dialects import FIELDS
from accounts.importing.mapping import CHOICES, Offer
from accounts.models import ImportBatch, ImportFile, Refused
from accounts.requests import SignedInRequest, changes_only, number

from . import done, part_or_page
from .imports import open_batch

COLUMNS_SHOWN = 50
SAMPLES = 3


@dataclass(frozen=True)
class ColumnLine:
    """One column as the page shows it: `field` is what it means, empty where it is not used."""

    place: int
    label: str
    samples: list[str]
    field: str
    because: str
    offer: Offer | None

    @property
    def offered(self) -> str:
        return label(self.offer["field"]) if self.offer else ""


@dataclass(frozen=True)
class Choice:
    """What somebody chose on the page: what the file holds, and the place of each field; or why that cannot be."""

    kind: str
    columns: dict[str, int]
    errors: list[str]


@changes_only("GET", "HEAD", "POST")
def import_mapping(request: SignedInRequest, pk: int, position: int) -> HttpResponse:
    batch = open_batch(request, pk)
    file = get_object_or_404(batch.files.defer("data"), position=position)
    if request.method == "POST":
        choice = chosen(request.POST, file)
        if not choice.errors:
            try:
                return say(request, batch, file, choice)
            except Refused as error:
                file.refresh_from_db()
                choice = Choice(choice.kind, choice.columns, error.messages)
        return page(request, batch, file, choice, status=422)
    kind = request.GET.get("kind", "")
    kind = kind if kind in CHOICES else file.kind
    kind = kind if kind in CHOICES else ""
    return page(request, batch, file, Choice(kind, mapping.guessed_columns(file, kind), []))


def say(request: SignedInRequest, batch: ImportBatch, file: ImportFile, choice: Choice) -> HttpResponse:
    name = request.POST.get("name", "").strip()
    batches.say_what_it_holds(batch, file, choice.kind, choice.columns, by=request.user, keep_as=name)
    kept = f" Kept as “{name[:120]}” for files with the same columns." if name else ""
    if request.POST.get("go_on") or request.POST.get("take"):
        sentence = f"{file.name} is read as you said.{kept}"
        return done(request, sentence, f"{request.path}?page={request.POST.get('page', '1')}")
    if choice.kind == IGNORED:
        return done(request, f"{file.name} is ignored.{kept}", "import_batch", batch.pk)
    unused = len(file.header) - len(choice.columns)
    rest = f" {unused:,} column{'' if unused == 1 else 's'} not used." if unused else ""
    return done(
        request, f"{file.name} is read as {CHOICES[choice.kind]}.{rest}{kept}", "import_batch", batch.pk
    )


@changes_only("POST")
def import_mapping_refuse(request: SignedInRequest, pk: int, position: int) -> HttpResponse:
    """Not as last time: read the file by its headings."""
    batch = open_batch(request, pk)
    file = get_object_or_404(batch.files.defer("data"), position=position)
    batches.refuse_mapping(batch, file, by=request.user)
    return done(request, f"{file.name} is read by its headings again.", "import_batch", batch.pk)


# ---- What was chosen


def chosen(posted: QueryDict, file: ImportFile) -> Choice:
    """The choice on the page over what holds for the columns on its other pages; what is taken twice is an error."""
    kind = posted.get("kind", "")
    shown = {
        place: posted[f"column-{place}"] for place in range(len(file.header)) if f"column-{place}" in posted
    }
    fields = {place: name for place, name in shown.items() if name in FIELDS.get(kind, [])}
    fields |= taken_offers(posted.get("take", ""), kind, len(file.header))
    columns = {
        name: place
        for name, place in mapping.guessed_columns(file, kind).items()
        if place not in shown and name not in fields.values()
    }
    columns |= {name: place for place, name in fields.items()}
    errors = [
        f"More than one column is said to be the {label(name)}. Choose the one to read it from."
        for name, count in Counter(fields.values()).items()
        if count > 1
    ]
    return Choice(kind, columns, errors)


def taken_offers(take: str, kind: str, wide: int) -> dict[int, str]:
    """What was offered and is taken with the press of a button, as “3:amount 5:currency”."""
    pairs = (offer.partition(":") for offer in take.split())
    return {
        place: name
        for text, _, name in pairs
        if name in FIELDS.get(kind, []) and (place := number(text)) is not None and place < wide
    }


# ---- What is shown


def page(
    request: SignedInRequest, batch: ImportBatch, file: ImportFile, choice: Choice, status: int = 200
) -> HttpResponse:
    shown = lines(request, batch, file, choice)
    context = {
        "batch": batch,
        "file": file,
        "kind": choice.kind,
        "choices": CHOICES,
        "ignored": choice.kind == IGNORED,
        "fields": sorted(
            ((name, label(name)) for name in FIELDS.get(choice.kind, [])), key=lambda pair: pair[1]
        ),
        "page_obj": shown,
        "offered": " ".join(f"{line.place}:{line.offer['field']}" for line in shown if line.offer),
        "unused": len(file.header) - len(set(choice.columns.values())),
        "placed": bool(set(PLACED_BY.get(choice.kind, "").split()) & set(choice.columns)),
        "places": choice.kind in PLACED_BY,
        "kind_offer": kind_offer(file, choice),
        "errors": choice.errors,
        "mapping_name": file.mapping.name if file.mapping else "",
    }
    response = part_or_page(
        request, "accounts/imports/_mapping.html", "accounts/imports/mapping.html", context
    )
    response.status_code = status
    return response


def kind_offer(file: ImportFile, choice: Choice) -> tuple[str, str, str] | None:
    """For a file of no known kind: what its values look like, in words, with the reason."""
    offer = file.offers.get("kind") if not choice.kind else None
    return (offer["field"], CHOICES[offer["field"]], offer["because"]) if offer else None


def lines(request: SignedInRequest, batch: ImportBatch, file: ImportFile, choice: Choice) -> Page[ColumnLine]:
    samples, by_place = mapping.sampled(file), {place: name for name, place in choice.columns.items()}
    offers = offers_now(batch, file, choice)
    found = [
        ColumnLine(
            place, text, different(samples[place]), by_place.get(place, ""),
            mapping.reason_of(file, choice.kind, by_place[place], place).because if place in by_place else "",
            offers.get(str(place)),
        )
        for place, text in enumerate(file.labels)
    ]  # fmt: skip
    return Paginator(found, COLUMNS_SHOWN).get_page(request.GET.get("page") or request.POST.get("page"))


def offers_now(batch: ImportBatch, file: ImportFile, choice: Choice) -> dict[str, Offer]:
    """What unused columns may be, if the file holds what was chosen."""
    if choice.kind not in FIELDS:
        return {}
    if choice.kind == file.kind and choice.columns == file.columns:
        return dict(file.offers)
    known = mapping.vocabulary(batch.files.defer("data"), batch.created_by)
    return mapping.offers_for(file, choice.kind, choice.columns, known)


def different(cells: list[str]) -> list[str]:
    return list(dict.fromkeys(" ".join(cell.split()) for cell in cells))[:SAMPLES]
