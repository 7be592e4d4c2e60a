"""How an export is written: as tables of text in an archive, or as a workbook. Row by row, whatever their number."""

from __future__ import annotations

import csv
import pickle
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

import openpyxl
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from accounts.importing.marks import in_xml
from accounts.importing.values import safe_cell

from .columns import ExportCell, SheetOut, as_text

#: A cell of Excel keeps 32,767 of the units of which some signs need two, and a sheet so many rows.
LONGEST_IN_A_CELL, LAST_ROW = 16_000, 1_048_576
WIDTHS = {"Text": 80, "Answer": 80, "Account": 28, "Subject": 40}
NARROW, USUAL = 12, 20


class TooManyRows(Exception):
    """More than a workbook holds, with the sentence that says so."""


class TablesFile(Protocol):
    """Something to which the rows of tables are added, in any order, before it is whole."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def add(self, sheet: SheetOut, line: Sequence[ExportCell]) -> None: ...
    def save(self, path: Path) -> None: ...


class CsvArchive:
    """One CSV for each table, in a ZIP."""

    def __init__(self, sheets: Iterable[SheetOut], tick: Callable[[], None]) -> None:
        self.sheets = list(sheets)
        self.closing = ExitStack()

    def __enter__(self) -> Self:
        self.folder = Path(self.closing.enter_context(tempfile.TemporaryDirectory()))
        self.files: dict[str, IO[str]] = {}
        for sheet in self.sheets:
            path = self.folder / f"{sheet.name.lower()}.csv"
            file = self.closing.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
            self.files[sheet.name] = file
            csv.writer(file).writerow(sheet.headings)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.close()

    def add(self, sheet: SheetOut, line: Sequence[ExportCell]) -> None:
        csv.writer(self.files[sheet.name]).writerow([safe_cell(as_text(cell)) for cell in line])

    def save(self, path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in self.files.values():
                file.close()
                archive.write(file.name, Path(file.name).name)


class WorkbookFile:
    """A workbook with a sheet for each table. What is too long for a cell goes on in columns of its own.

    How many of those there are is known when all rows are, so until then the rows wait in files. `tick` is called as
    they are written.
    """

    def __init__(self, sheets: Iterable[SheetOut], tick: Callable[[], None]) -> None:
        self.sheets, self.tick = list(sheets), tick
        self.closing = ExitStack()

    def __enter__(self) -> Self:
        self.waiting: dict[str, IO[bytes]] = {}
        for sheet in self.sheets:
            self.waiting[sheet.name] = self.closing.enter_context(tempfile.TemporaryFile())
        self.rows = {sheet.name: 1 for sheet in self.sheets}
        self.longest = {sheet.name: [0] * len(sheet.headings) for sheet in self.sheets}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.close()

    def add(self, sheet: SheetOut, line: Sequence[ExportCell]) -> None:
        self.rows[sheet.name] += 1
        if self.rows[sheet.name] > LAST_ROW:
            raise TooManyRows(f"A workbook holds {LAST_ROW:,} rows of {sheet.name}. Take CSV instead.")
        cells = [workbook_cell(cell) for cell in line]
        lengths = (len(cell) if isinstance(cell, str) else 0 for cell in cells)
        self.longest[sheet.name] = list(map(max, self.longest[sheet.name], lengths))
        pickle.dump(cells, self.waiting[sheet.name])

    def save(self, path: Path) -> None:
        book = openpyxl.Workbook(write_only=True)
        for sheet in self.sheets:
            parts = [max(1, -(-length // LONGEST_IN_A_CELL)) for length in self.longest[sheet.name]]
            self._write(book.create_sheet(sheet.name), sheet, parts)
        book.save(path)

    def _write(self, page: WriteOnlyWorksheet, sheet: SheetOut, parts: list[int]) -> None:
        headings = list(in_parts(sheet.headings, parts))
        page.freeze_panes = "B2"
        widths = page.column_dimensions  # type: ignore[attr-defined]  # not in its types
        for place, heading in enumerate(headings):
            width = WIDTHS.get(heading, NARROW if place == 0 else USUAL)
            widths[get_column_letter(place + 1)].width = width
        page.append([bold(page, str(heading)) for heading in headings])
        file = self.waiting[sheet.name]
        file.seek(0)
        for _ in range(self.rows[sheet.name] - 1):
            page.append(list(cells_in_parts(pickle.load(file), parts)))  # noqa: S301 - our own
            self.tick()


def bold(page: WriteOnlyWorksheet, heading: str) -> Cell:
    cell: Cell = WriteOnlyCell(page, heading)
    cell.font = Font(bold=True)
    return cell


def workbook_cell(cell: ExportCell) -> ExportCell:
    return in_xml(cell) if isinstance(cell, str) else cell


def in_parts(headings: Iterable[str], parts: Sequence[int]) -> Iterator[str]:
    """The headings of a table some of whose columns are so many columns of the workbook."""
    for heading, count in zip(headings, parts, strict=True):
        yield heading
        yield from (f"{heading}, part {number}" for number in range(2, count + 1))


def cells_in_parts(line: Sequence[ExportCell], parts: Sequence[int]) -> Iterator[ExportCell]:
    for cell, count in zip(line, parts, strict=True):
        if not isinstance(cell, str):
            yield from [cell, *[None] * (count - 1)]
            continue
        for number in range(count):
            yield safe_cell(cell[number * LONGEST_IN_A_CELL : (number + 1) * LONGEST_IN_A_CELL])
