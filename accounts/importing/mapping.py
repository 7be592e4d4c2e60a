"""What a staged file holds and which of its columns means what: guessed, kept from last time, or said by somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypedDict

from accounts.models.accounts import Account
from accounts.models.base import refuse_if
from accounts.models.import_mappings import ImportMapping, shape_of
from accounts.models.imports import ImportBatch, ImportFile
from accounts.models.users import User

from . import columns
from .columns import IGNORED, NEEDED, OTHER, WORDS, Guess, Meaning
from .dialects import FIELDS, fold
from .guessing import Vocabulary, kind_by_values, offers

SAMPLED = 300  # rows from which values are told
#: What a person may say that a file holds.
CHOICES = {**WORDS, IGNORED: "nothing that is wanted: ignore it"}


class Offer(TypedDict):
    field: str
    because: str


class FileMapping(TypedDict):
    """How one file is read, as it is written to a file that can be kept and sent."""

    file: str
    holds: str
    because: str
    headings: list[str]
    columns: dict[str, str]
    unused: list[str]
    offered: dict[str, str]


def shape(file: ImportFile) -> str:
    return shape_of(fold(cell) for cell in file.header if cell.strip())


# ---- Guessed, or as last time


def understand(file: ImportFile, by: User) -> None:
    """Say on the file what it holds: as it was read last time, or else by its headings."""
    kept = ImportMapping.objects.visible_to(by).for_shape(shape(file))
    columns_kept = placed(file, kept.columns) if kept else {}
    if kept and len(columns_kept) == len(kept.columns):
        _by_mapping(file, kept, columns_kept)
    else:
        guess(file)


def _by_mapping(file: ImportFile, kept: ImportMapping, found: dict[str, int]) -> None:
    because = f"mapping “{kept.name}”, saved by {kept.saved_by} on {kept.saved_at:%d %B %Y}"
    file.mapping = kept
    read_as(file, kept.kind, found, because)
    file.sentence = f"Read as last time: {because}. {file.sentence}"


def guess(file: ImportFile) -> None:
    """Say on the file what its headings say."""
    meaning = columns.recognise(file.header, file.name)
    file.mapping, file.said_by = None, None
    _take(file, meaning)


def read_as(file: ImportFile, kind: str, found: dict[str, int], because: str) -> None:
    if kind == IGNORED:
        _take(file, Meaning(IGNORED, {}, "Ignored: nothing in it is taken.", because))
    else:
        _take(file, columns.meaning_of(file.header, kind, found, ""))
        file.because = because


def _take(file: ImportFile, meaning: Meaning) -> None:
    file.kind, file.columns, file.sentence = meaning.kind, meaning.columns, meaning.sentence
    if meaning.refused:
        file.kind = OTHER
    file.because, file.offers = meaning.because, {}


def placed(file: ImportFile, said: Mapping[str, str]) -> dict[str, int]:
    """The columns of a file by the headings that a mapping names; those it has not are left out."""
    labels = [fold(label) for label in file.labels]
    return {name: labels.index(fold(label)) for name, label in said.items() if fold(label) in labels}


def labelled(file: ImportFile) -> dict[str, str]:
    """For each of our fields the heading of its column."""
    return {name: file.labels[place] for name, place in file.columns.items()}


# ---- By values


def look_closer(batch: ImportBatch, by: User) -> None:
    """Write on each file what its unused columns may be by their values, and what a file of no known kind may hold."""
    files = list(batch.files.defer("data").order_by("position"))
    known = vocabulary(files, by)
    for file in files:
        if file.kind != IGNORED and file.row_count:
            file.offers = (
                offers_for(file, file.kind, file.columns, known) if file.kind else kind_offer(file, known)
            )
            file.save(update_fields=["offers"])


def offers_for(file: ImportFile, kind: str, taken: Mapping[str, int], known: Vocabulary) -> dict[str, Offer]:
    """By place, as text: what each unused column of a file of this kind may be."""
    sample = sampled(file)
    found = offers(file.header, kind, set(taken.values()), set(taken), lambda place: sample[place], known)
    return {str(place): Offer(field=guess.field, because=guess.because) for place, guess in found.items()}


def kind_offer(file: ImportFile, known: Vocabulary) -> dict[str, Offer]:
    kind, because = kind_by_values(sampled(file), known)
    return {"kind": Offer(field=kind, because=because)} if kind else {}


def sampled(file: ImportFile) -> list[list[str]]:
    """The values of each column in the first rows that have any."""
    rows = list(file.rows.order_by("number").values_list("cells", flat=True)[:SAMPLED])
    wide = range(len(file.header))
    return [[cells[place] for cells in rows if place < len(cells) and cells[place].strip()] for place in wide]


def vocabulary(files: Iterable[ImportFile], by: User) -> Vocabulary:
    """What whoever imports may know: accounts they see, everybody who works here, and what the files name."""
    known = Vocabulary()
    for name, external_id in Account.objects.visible_to(by).values_list("name", "external_id"):
        known.add_accounts([name, external_id])
    for person in User.objects.staff().values_list("name", "email", "external_id"):
        known.add_people(person)
    for file in files:
        if file.kind == "account":
            known.add_accounts(_named_in(file, "name", "external_id"))
        elif file.kind == "person":
            known.add_people(_named_in(file, "name", "email", "external_id"))
    return known


def _named_in(file: ImportFile, *fields: str) -> Iterator[str]:
    for place in (file.columns[name] for name in fields if name in file.columns):
        for text in file.rows.values_list(f"cells__{place}", flat=True):
            yield text or ""


# ---- Said by somebody


def say(file: ImportFile, kind: str, found: dict[str, int], *, by: User) -> None:
    """Read a file as this person says. Raises `Refused` when nothing could be taken from it like that."""
    refuse_if(*objections(file, kind, found))
    file.mapping, file.said_by = None, by
    read_as(file, kind, found, f"{by} said so")
    if kind == IGNORED:
        file.sentence = f"Ignored, as {by} said: nothing in it is taken."


def objections(file: ImportFile, kind: str, found: Mapping[str, int]) -> list[str]:
    """Why a file cannot be read so."""
    if kind not in CHOICES:
        return ["Say what the file holds."]
    sentences = []
    needed = NEEDED.get(kind, "").split()
    if needed and not set(needed) & set(found):
        which = " or ".join(f"the {columns.label(name)}" for name in needed)
        sentences.append(
            f"{file.name}: say which column is {which}; without it nothing of {WORDS[kind]} can be taken."
        )
    unknown = set(found) - set(FIELDS.get(kind, []))
    sentences += [
        f"{file.name}: “{name}” is none of our fields for {CHOICES[kind]}." for name in sorted(unknown)
    ]
    return sentences


def guessed_columns(file: ImportFile, kind: str) -> dict[str, int]:
    """What the headings say if the file holds this."""
    if kind == file.kind:
        return dict(file.columns)
    return columns.columns_of(kind, [fold(cell) for cell in file.header]) if kind in FIELDS else {}


def reason_of(file: ImportFile, kind: str, name: str, place: int) -> Guess:
    """Why a column is read as this field."""
    guesses = columns.reasons(file.header, kind, {name: place})
    found = guesses[place]
    if found.because:
        return found
    because = file.because if kind == file.kind else ""
    return Guess(name, because or "chosen by hand")


# ---- As a file


def written(file: ImportFile) -> FileMapping:
    """How this file is read, for somebody to keep, change and send. It holds headings and no values."""
    offered = {
        file.labels[int(place)]: f"{offer['field']}: {offer['because']}"
        for place, offer in file.offers.items()
        if place.isdecimal()
    }
    return FileMapping(
        file=file.name, holds=file.kind if file.kind in CHOICES else "unknown", because=file.because or file.sentence,
        headings=file.labels, columns=labelled(file), unused=file.unused, offered=offered,
    )  # fmt: skip


def from_written(data: object) -> list[FileMapping]:
    """The mappings in what was read from such a file. Raises `ValueError` with a sentence about what is wrong."""
    files = data.get("files") if isinstance(data, dict) else None
    if not isinstance(files, list) or not all(isinstance(one, dict) for one in files):
        raise ValueError("It has no list of “files”.")
    return [_checked(one) for one in files]


def _checked(one: Mapping[str, object]) -> FileMapping:
    name, holds, found = one.get("file"), one.get("holds"), one.get("columns", {})
    if not isinstance(name, str) or not isinstance(holds, str):
        raise ValueError("Each of its files needs “file”, its name, and “holds”, what is in it.")
    if holds not in {*CHOICES, "unknown"}:
        raise ValueError(f"{name}: “holds” is “{holds}”, and may be {', '.join(CHOICES)} or unknown.")
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ValueError(f"{name}: “columns” gives for each of our fields the heading of its column.")
    headings = one.get("headings", [])
    texts = [str(text) for text in headings] if isinstance(headings, list) else []
    return FileMapping(
        file=name, holds=holds, because="", headings=texts, columns={str(k): str(v) for k, v in found.items()},
        unused=[], offered={},
    )  # fmt: skip


def matching(file: ImportFile, mappings: Iterable[FileMapping]) -> FileMapping | None:
    """The mapping for this file: one of its name, or else one for the same headings."""
    theirs = set(map(fold, file.labels))
    by_shape = [one for one in mappings if set(map(fold, one["headings"])) == theirs]
    named = [one for one in mappings if one["file"] == file.name]
    both = [one for one in named if one in by_shape]
    return next(iter([*both, *named, *by_shape]), None)


def read_by(file: ImportFile, said: FileMapping, *, by: User) -> None:
    """Read a file as such a mapping says. Raises `Refused` where it names a column that the file has not."""
    if said["holds"] == "unknown":
        return
    found = placed(file, said["columns"])
    lost = [label for name, label in said["columns"].items() if name not in found]
    refuse_if(f"{file.name} has no column {columns.listed(lost)}, which the mapping names." if lost else None)
    say(file, said["holds"], found, by=by)
