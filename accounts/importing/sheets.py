"""Tables as they were read, nothing interpreted yet, and how much of them one reading may bring."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.limits import Unreadable

MOST_SHEETS = 100
MOST_ROWS = 50_000
MOST_COLUMNS = 1_000
LAST_LINE = 1_048_576  # of a worksheet, says Excel
MOST_CELLS = 3_000_000
MOST_CELL = 131_072  # the longest text that the systems we read from keep in a field
MOST_SIGNS = 50_000_000
COMPARED = 50  # rows with the first, to tell whether it is one of them
NUMBERED = "Column"
HEADLESS = "The first row is data like the others, so the columns are numbered."
#: What no heading is: a day, an id of a database, an address. Where the rows below hold the like, the first is data.
SHAPES = (
    re.compile(r"\d{4}-\d{2}-\d{2}([T ][\d:.]+.*)?"),
    re.compile(r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.I),
    re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
)


@dataclass(frozen=True)
class Row:
    """One logical row: its number among the data rows, the line it starts on, and its cells as they stand."""

    number: int
    line: int
    cells: list[str]


@dataclass
class Allowance:
    """What may still come in of the files that are read together."""

    sheets: int = MOST_SHEETS
    cells: int = MOST_CELLS
    signs: int = MOST_SIGNS

    def take_sheet(self, name: str) -> None:
        self.sheets -= 1
        if self.sheets < 0:
            raise Unreadable(f"{name} brings more than {MOST_SHEETS} sheets. Send them in several steps.")

    def take_row(self, name: str, line: int, cells: list[str]) -> None:
        if any(len(cell) > MOST_CELL for cell in cells):
            raise Unreadable(f"{name} has a cell of more than {MOST_CELL:,} characters on line {line:,}.")
        self.cells -= len(cells)
        self.signs -= sum(map(len, cells))
        if self.cells < 0 or self.signs < 0:
            raise Unreadable(
                f"{name} holds more than can be read at once ({MOST_CELLS:,} cells, {MOST_SIGNS:,} characters). "
                "Split it."
            )


@dataclass
class Sheet:
    name: str
    encoding: str
    because: str
    delimiter: str
    header: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    data: bytes = b""
    first_line: int = 1

    @property
    def is_table(self) -> bool:
        """Whether most rows have as many cells as the first: prose with commas in it does not."""
        agreeing = sum(len(row.cells) == len(self.header) for row in self.rows)
        return len(self.header) > 1 and agreeing * 2 > len(self.rows)

    def fill(self, lines: Iterable[tuple[int, list[str]]], allowed: Allowance) -> None:
        """Take these lines: the first with anything in it is the header, the others are the data."""
        for line, cells in lines:
            if line > LAST_LINE:
                raise Unreadable(
                    f"{self.name} has more than {LAST_LINE:,} lines. Delete those that are empty."
                )
            wide = last_filled(cells)
            allowed.take_row(self.name, line, cells)
            if wide > MOST_COLUMNS:
                raise Unreadable(
                    f"{self.name} has something in column {wide:,} of line {line:,}; {MOST_COLUMNS:,} columns can be "
                    "taken. Delete what you do not need, and send it again."
                )
            if wide and not self.header:
                self.header = cells[:wide]
            elif wide and len(self.rows) == MOST_ROWS:
                raise Unreadable(f"{self.name} has more than {MOST_ROWS:,} rows. Split it.")
            elif wide:
                self.rows.append(Row(len(self.rows) + 1, line, self.fitting(cells, wide)))
            if wide and not self.rows:
                self.first_line = line
        if self._first_is_data():
            self._number_the_columns()

    def _first_is_data(self) -> bool:
        return any(self._has_a_cell_like(shape) for shape in SHAPES) if self.rows else False

    def _has_a_cell_like(self, shape: re.Pattern[str]) -> bool:
        """Whether a column has such a cell in the first row and hardly any other below."""
        rows = self.rows[:COMPARED]
        for place, cell in enumerate(self.header):
            if not shape.fullmatch(cell.strip()):
                continue
            below = [
                row.cells[place].strip()
                for row in rows
                if place < len(row.cells) and row.cells[place].strip()
            ]
            if below and sum(shape.fullmatch(text) is not None for text in below) >= 0.8 * len(below):
                return True
        return False

    def _number_the_columns(self) -> None:
        """Nothing names the columns: they have numbers, and the first row is one of the rows."""
        wide = max(len(self.header), *(len(row.cells) for row in self.rows[:COMPARED]))
        first = Row(1, self.first_line, self.header + [""] * (wide - len(self.header)))
        self.rows = [first, *(Row(row.number + 1, row.line, row.cells) for row in self.rows)]
        self.header = [f"{NUMBERED} {place}" for place in range(1, wide + 1)]
        self.because = f"{self.because} {HEADLESS}".strip()

    def fitting(self, cells: list[str], wide: int) -> list[str]:
        """A row as it is kept. Programs differ in what they write for the empty cells at its end."""
        if self.delimiter:
            return cells[:MOST_COLUMNS]
        return cells[:wide] + [""] * (len(self.header) - wide)


def last_filled(cells: list[str]) -> int:
    """How many cells there are up to the last with anything in it."""
    return next((place for place in range(len(cells), 0, -1) if cells[place - 1].strip()), 0)
