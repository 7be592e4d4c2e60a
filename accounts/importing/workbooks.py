"""An Excel workbook (.xlsx) as sheets: each filled page is one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from accounts.limits import Unreadable

from .sheets import MOST_SHEETS, Allowance, Sheet

LONGEST_TITLE = 31


def read_workbook(name: str, data: bytes, allowed: Allowance) -> list[Sheet]:
    """Its filled pages. Raises `Unreadable`."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        if len(book.worksheets) > MOST_SHEETS:
            raise Unreadable(f"{name} has more than {MOST_SHEETS} sheets. Keep those that you need.")
        sheets = []
        for page in book.worksheets:
            page.reset_dimensions()  # some exporters write a wrong size
            title = f"{name} ({page.title[:LONGEST_TITLE]})" if len(book.worksheets) > 1 else name
            sheet = Sheet(title, "xlsx", "An Excel workbook: its cells need no decoding.", "")
            sheet.fill(_lines(page), allowed)
            if sheet.header:
                allowed.take_sheet(name)
                sheets.append(sheet)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part provokes
        raise Unreadable(
            f"{name} cannot be opened as a workbook. Save it again as XLSX or as CSV."
        ) from error
    if not sheets:
        raise Unreadable(f"{name} is a workbook without a filled sheet.")
    return sheets


def _lines(page: ReadOnlyWorksheet) -> Iterator[tuple[int, list[str]]]:
    for line, row in enumerate(page.values, start=1):
        yield line, [_cell(value) for value in row]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        is_day = value.time() == datetime.min.time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\x00", "")
