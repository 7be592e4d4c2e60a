"""A batch of files from staging to applying. Each step is one act: all of it happens, or none of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.models import ImportBatch, ImportFile, ImportMapping, User
from accounts.models.base import database_now, refuse_if, verb
from accounts.models.imports import fingerprint

from .applying import carry_out
from .book import ImportPlan
from .columns import NOT_TAKEN
from .mapping import FileMapping, guess, labelled, look_closer, matching, read_by, say, shape
from .sheets import Sheet
from .staging import make_plan, restage, save_outcomes, save_rows, summary


@verb
def stage(
    sheets: Iterable[Sheet], *, by: User, answers: Mapping[str, str] | None = None
) -> tuple[ImportBatch, ImportPlan]:
    """Save these sheets, row by row, and say what they would change. Nothing else changes yet. Raises `Refused`."""
    if not by.runs_changes:
        raise PermissionDenied
    batch = ImportBatch.objects.create(created_by=by, answers=dict(answers or {}))
    save_rows(batch, sheets)
    refuse_if(*_sentences(batch) if not batch.files.filter(row_count__gt=0).exists() else ())
    return batch, preview(batch)


def _sentences(batch: ImportBatch) -> list[str]:
    return [f"{name}: {sentence}" for name, sentence in batch.files.values_list("name", "sentence")[:5]]


def preview(batch: ImportBatch) -> ImportPlan:
    """Plan anew, and save what the plan says on the batch and on each row."""
    plan = make_plan(batch)
    save_outcomes(batch, plan)
    batch.preview = summary(plan)
    batch.save(update_fields=["preview"])
    return plan


@verb
def answer(batch: ImportBatch, answers: Mapping[str, str], *, by: User) -> ImportPlan:
    """Save answers to the plan's questions, and plan anew; an empty one takes the answer back."""
    batch.lock(by)
    batch.answers = {key: value for key, value in {**batch.answers, **answers}.items() if value}
    batch.save(update_fields=["answers"])
    return preview(batch)


@verb
def read_again(batch: ImportBatch, file: ImportFile, encoding: str, *, by: User) -> None:
    """Read a staged text file in another encoding. Raises `Unreadable`."""
    batch.lock(by)
    restage(file, encoding)
    preview(batch)


@verb
def say_what_it_holds(
    batch: ImportBatch, file: ImportFile, kind: str, columns: dict[str, int], *, by: User, keep_as: str = ""
) -> ImportPlan:
    """Read a file as somebody says, and plan anew; `keep_as` keeps that for files of this shape. Raises `Refused`."""
    batch.lock(by)
    say(file, kind, columns, by=by)
    file.save()
    if keep_as:
        ImportMapping.keep(keep_as, shape=shape(file), kind=kind, columns=labelled(file), by=by)
    look_closer(batch, batch.created_by)
    return preview(batch)


@verb
def read_by_file(batch: ImportBatch, mappings: Sequence[FileMapping], *, by: User) -> ImportPlan:
    """Read each file of the batch as the mapping for it says, and plan anew. Raises `Refused`."""
    batch.lock(by)
    for file in batch.files.defer("data"):
        if said := matching(file, mappings):
            read_by(file, said, by=by)
            file.save()
    look_closer(batch, batch.created_by)
    return preview(batch)


@verb
def refuse_mapping(batch: ImportBatch, file: ImportFile, *, by: User) -> ImportPlan:
    """Read a file by its headings, not as last time, and plan anew."""
    batch.lock(by)
    guess(file)
    file.save()
    look_closer(batch, batch.created_by)
    return preview(batch)


@verb
def apply(batch: ImportBatch, *, by: User, expecting: str = "") -> ImportPlan:
    """Carry the plan out. `expecting` is the fingerprint of the preview one saw. Raises `Refused`."""
    batch.lock(by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts.imports'))")
    plan = make_plan(batch)
    said = summary(plan)
    nothing = not batch.files.exclude(kind__in=NOT_TAKEN).exists()
    refuse_if(
        *(_sentences(batch) if nothing else ()),
        *(f"Answer first: {question.text}" for question in plan.waiting()),
        "The accounts have changed since this preview was made, and so has what the import would do. "
        "Look at it again before applying."
        if expecting and expecting != fingerprint(said)
        else None,
    )
    carry_out(plan, by=by)
    save_outcomes(batch, plan)
    batch.preview, batch.applied_at, batch.applied_by = said, database_now(), by
    batch.save(update_fields=["preview", "applied_at", "applied_by"])
    batch.files.update(data=None)
    batch.ask_operations(by=by)
    return plan
