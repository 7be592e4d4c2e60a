"""An export from its row in the log to its file. Long ones run behind the page, and end whole or not at all."""

from __future__ import annotations

import logging
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from django.db import connection, transaction
from django.http import QueryDict

from accounts.models import Account, Entry, Export, Refused, User
from accounts.models.exports import MOST_TRIES, OFTEN_INTERRUPTED, ExportEnded
from accounts.models.offboarding import OUR_FAULT
from accounts.pages.account_filter import AccountFilter

from .columns import SheetOut
from .files import CsvArchive, TablesFile, TooManyRows, WorkbookFile
from .memory import write_memory
from .scope import ExportScope
from .sheets import OF_ACCOUNTS, PEOPLE

#: So many accounts with so many entries go out while one waits; more of them behind the page.
SMALL_ACCOUNTS, SMALL_ENTRIES = 25, 2_000
AT_A_TIME = 50
#: An export says how far it is no more often than this, in seconds.
A_BEAT = 1.0
LOCK = 7_015_347
logger = logging.getLogger(__name__)


def accounts_of(export: Export) -> list[int]:
    """The numbers of the accounts that are to go out: those that the person sees now, by the list's own filter."""
    seen = Account.objects.visible_to(export.by)
    if export.account_id:
        return list(seen.filter(pk=export.account_id).values_list("pk", flat=True))
    asked = AccountFilter.of(QueryDict(export.query))
    return list(asked.of_list(seen, export.by).order_by("pk").values_list("pk", flat=True).distinct())


def is_small(pks: list[int]) -> bool:
    return len(pks) <= SMALL_ACCOUNTS and not (
        Entry.objects.filter(account__in=pks).order_by()[SMALL_ENTRIES:].exists()
    )


def make(export: Export) -> None:
    """Make the file of an export; what fails says so on its page. Safe to run twice, at once, or after a crash."""
    with _alone_with(export) as mine:
        if not mine:
            return
        try:
            export.begin()
            # within a page's transaction what fails is undone up to here
            with transaction.atomic() if connection.in_atomic_block else nullcontext():
                _make(export)
        except ExportEnded:
            return
        except (Refused, TooManyRows) as refusal:
            _fail(export, " ".join(getattr(refusal, "messages", [str(refusal)])))
        except Exception:
            logger.exception("%s", export)
            _fail(export, OUR_FAULT)


def resume(export: Export) -> None:
    """Take up an export whose message or worker was lost, unless that has happened too often."""
    if export.tries >= MOST_TRIES:
        _fail(export, OFTEN_INTERRUPTED)
    else:
        make(export)


def _fail(export: Export, because: str) -> None:
    try:
        export.fail(because)
    except ExportEnded:
        logger.info("%s has ended already", export)


@contextmanager
def _alone_with(export: Export) -> Iterator[bool]:
    """Whether nobody else makes it: the lock goes with the connection of whoever holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, export.pk])
        (mine,) = cursor.fetchone()
        try:
            yield mine
        finally:
            if mine:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, export.pk])


@dataclass
class ExportProgress:
    """How far an export is. Says so now and then, and hears whether somebody has stopped it."""

    export: Export
    done: int = 0
    rows: int = 0
    accounts: list[int] = field(default_factory=list)
    said_at: float = field(default_factory=time.monotonic)

    def count(self) -> None:
        self.rows += 1
        self.tick()

    def tick(self) -> None:
        if time.monotonic() - self.said_at >= A_BEAT:
            self.export.go_on(self.done, self.rows)
            self.said_at = time.monotonic()


def _make(export: Export) -> None:
    person = User.objects.get(pk=export.by_id)
    if not person.may_come_in:
        raise Refused("Whoever wanted it does not work here any more.")
    pks, progress = accounts_of(export), ExportProgress(export)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        scope = ExportScope.of(person)
        write = _write_json if export.shape == Export.Shape.JSON else _write_tables
        write(scope, pks, path, progress)
        export.finish(path, scope.gone_out, done=progress.done, rows=progress.rows)


def _write_tables(scope: ExportScope, pks: list[int], path: Path, progress: ExportProgress) -> None:
    sheets = [*OF_ACCOUNTS, PEOPLE]
    kind = WorkbookFile if progress.export.shape == Export.Shape.XLSX else CsvArchive
    with kind(sheets, progress.tick) as file:
        for start in range(0, len(pks), AT_A_TIME):
            some = pks[start : start + AT_A_TIME]
            scope.take(some)
            for sheet in OF_ACCOUNTS:
                _add(file, sheet, scope, progress)
            progress.done += len(some)
        _add(file, PEOPLE, scope, progress)
        file.save(path)


def _add(file: TablesFile, sheet: SheetOut, scope: ExportScope, progress: ExportProgress) -> None:
    for line in sheet.lines(scope):
        file.add(sheet, line)
        progress.count()


def _write_json(scope: ExportScope, pks: list[int], path: Path, progress: ExportProgress) -> None:
    """One file for each account; several of them in an archive."""
    if progress.export.account_id:
        with path.open("w", encoding="utf-8") as file:
            for pk in pks:
                _write_memory(scope, pk, file, progress)
        return
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for pk in pks:
            member = archive.open(f"{pk}.json", "w", force_zip64=True)
            with TextIOWrapper(member, encoding="utf-8") as text:
                _write_memory(scope, pk, text, progress)


def _write_memory(scope: ExportScope, pk: int, file: IO[str], progress: ExportProgress) -> None:
    scope.people.clear()
    for taken in scope.take([pk]):
        write_memory(scope, scope.accounts[taken], file, progress.count)
    progress.done += 1
    progress.tick()
