"""Tables as they were read, nothing interpreted yet, and how much of them one reading may bring."""

from __future__ import annotations

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

    def fitting(self, cells: list[str], wide: int) -> list[str]:
        """A row as it is kept. Programs differ in what they write for the empty cells at its end."""
        if self.delimiter:
            return cells[:MOST_COLUMNS]
        return cells[:wide] + [""] * (len(self.header) - wide)


def last_filled(cells: list[str]) -> int:
    """How many cells there are up to the last with anything in it."""
    return next((place for place in range(len(cells), 0, -1) if cells[place - 1].strip()), 0)
