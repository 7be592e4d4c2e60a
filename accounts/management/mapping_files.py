"""How files are read, at a terminal: written to a file, read from one, and asked about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from django.core.management.base import CommandError

from accounts.importing import batches, mapping
from accounts.importing.columns import IGNORED, PLACED_BY, label
from accounts.importing.dialects import FIELDS
from accounts.importing.mapping import CHOICES, FileMapping
from accounts.models import ImportBatch, ImportFile

ABOUT = (
    "How each file is read. “holds” is what a row is about, one of “kinds”; “columns” gives for each of our fields "
    "the heading of its column, and which fields there are stands under “fields”. Change what is wrong and take it "
    "with --mapping. What is unused or only offered is for you to read; it is not taken from here."
)
#: Puts a question with these numbered answers, and gives the number chosen.
Put = Callable[[str, Sequence[str]], int]


def write_mapping(path: Path, batch: ImportBatch) -> None:
    files = [mapping.written(file) for file in batch.files.defer("data").order_by("position")]
    kinds = {file["holds"] for file in files if file["holds"] in FIELDS} or set(FIELDS)
    said = {
        "about": ABOUT,
        "kinds": {"unknown": "nobody has said yet", **CHOICES},
        "fields": {kind: {name: label(name) for name in FIELDS[kind]} for kind in sorted(kinds)},
        "files": files,
    }
    try:
        path.write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from None


def read_mapping(path: Path) -> list[FileMapping]:
    try:
        return mapping.from_written(json.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise CommandError(f"Nothing was imported. {path} is no mapping: {error}") from None


def left_over(batch: ImportBatch, mappings: Sequence[FileMapping]) -> list[str]:
    """The files of a mapping that are not among those that are read."""
    used = [mapping.matching(file, mappings) for file in batch.files.defer("data")]
    return [one["file"] for one in mappings if one not in used]


def offered(file: ImportFile) -> Iterator[str]:
    """What the file may hold and its unused columns may be, for somebody to take with a mapping."""
    for place, offer in file.offers.items():
        if place.isdecimal():
            yield f"“{file.labels[int(place)]}” may be the {label(offer['field'])}: {offer['because']}."
        else:
            yield f"It may hold {CHOICES[offer['field']]}: {offer['because']}."


def ask_about_files(batch: ImportBatch, put: Put) -> None:
    """Ask what the page asks: what a file holds, which column names the account, what is taken of what is offered."""
    for file in list(batch.files.defer("data").filter(row_count__gt=0).order_by("position")):
        kind = file.kind or _ask_for_kind(file, put)
        if kind not in CHOICES:
            continue
        columns = mapping.guessed_columns(file, kind)
        if kind != IGNORED:
            columns |= dict(_asked_columns(batch, file, kind, columns, put))
        if (kind, columns) != (file.kind, file.columns):
            batches.say_what_it_holds(batch, file, kind, columns, by=batch.created_by)


def _ask_for_kind(file: ImportFile, put: Put) -> str:
    offer = file.offers.get("kind")
    like = f" It may be {CHOICES[offer['field']]}: {offer['because']}." if offer else ""
    kinds = list(CHOICES)
    chosen = put(
        f"What does {file.name} hold?{like} Its columns: {', '.join(file.labels[:20])}.",
        [*CHOICES.values(), "I do not know: leave its rows aside"],
    )
    return kinds[chosen] if chosen < len(kinds) else ""


def _asked_columns(
    batch: ImportBatch, file: ImportFile, kind: str, columns: dict[str, int], put: Put
) -> Iterator[tuple[str, int]]:
    known = mapping.vocabulary(batch.files.defer("data"), batch.created_by)
    taken: set[str] = set()
    for place, offer in mapping.offers_for(file, kind, columns, known).items():
        what = f"Column “{file.labels[int(place)]}” of {file.name} may be the {label(offer['field'])}"
        if put(f"{what}: {offer['because']}. Is it?", ["Yes", "No: do not use it"]) == 0:
            taken.add(offer["field"])
            yield offer["field"], int(place)
    placed_by = set(PLACED_BY.get(kind, "").split())
    if placed_by and not placed_by & (set(columns) | taken):
        free = [place for place in range(len(file.header)) if place not in columns.values()][:50]
        labels = [file.labels[place] for place in free]
        chosen = put(
            f"Which column of {file.name} says which account a row is about?", [*labels, "None does"]
        )
        if chosen < len(free):
            yield "account", free[chosen]
