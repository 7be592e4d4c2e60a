"""An Excel workbook (.xlsx) as sheets: each filled page is one."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from accounts.limits import Unreadable

from .sheets import MOST_SHEETS, Allowance, Sheet

LONGEST_TITLE = 31
#: A form of numbers that shows so many digits, whatever the number; and how it writes a sign that stands for itself.
ZEROS, FEWEST_ZEROS = re.compile(r"[0 ()/+-]+"), 2
LITERAL = re.compile(r"""\\(.)|"([^"]*)"|\[[^\]]*\]|[_*].""")


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
    for line, row in enumerate(page.rows, start=1):
        yield line, [_cell(cell.value, cell.number_format) for cell in row]


def _cell(value: object, form: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        is_day = value.time() == datetime.min.time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return _in_zeros(value, form)
    return str(value).replace("\x00", "")


def _itself(found: re.Match[str]) -> str:
    return found[1] or found[2] or ""


def _in_zeros(number: int, form: str) -> str:
    """A number as the page shows it where its form is a row of zeros, such as 0000000000 or 00000-0000."""
    digits, form = str(number), LITERAL.sub(_itself, form.partition(";")[0])
    places = form.count("0")
    if places < FEWEST_ZEROS or not ZEROS.fullmatch(form) or len(digits) > places:
        return digits
    waiting = iter(digits.zfill(places))
    return "".join(next(waiting) if sign == "0" else sign for sign in form)
