"""A table as it was staged: its columns by what they mean to us, and its rows with typed cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from . import spoiled, values
from .columns import PLACED_BY, label
from .marks import Mark, digest_of_row, parts_of, whole_cell
from .values import DateForm, Unfit

T = TypeVar("T")
NO_COLUMN = "No column of this file says which account a row is about: say which on the mapping page."


@dataclass
class Table:
    """A recognised sheet. What is the same for a whole column (the form of its dates ...) is worked out once."""

    index: int
    name: str
    kind: str
    header: Sequence[str]
    columns: Mapping[str, int]
    sentence: str = ""
    rows: list[StagedRow] = field(default_factory=list)
    repair: bool = False
    forms: dict[str, DateForm] = field(default_factory=dict)
    decimals: dict[str, str] = field(default_factory=dict)

    @cached_property
    def numbers(self) -> list[str]:
        """Its columns whose numbers count nothing."""
        return [name for name in self.columns if name in spoiled.NO_QUANTITY]

    @cached_property
    def phones(self) -> list[str]:
        """Enough of its telephone numbers to tell how they are written."""
        return [row.text("phone") for row in self.rows[: spoiled.MOST_COMPARED]]

    def has(self, name: str) -> bool:
        return name in self.columns

    @cached_property
    def parts(self) -> dict[int, list[int]]:
        """For each column those that make it whole, where it is a table that went out."""
        return parts_of(self.header)

    @property
    def went_out(self) -> bool:
        """Whether it is a table of ours, or of another house, in which each row has a mark."""
        return self.has("mark")

    def column(self, name: str) -> list[str]:
        return [row.text(name) for row in self.rows]

    def heading(self, name: str) -> str:
        return self.header[self.columns[name]].strip() if name in self.columns else label(name)

    def form(self, name: str) -> DateForm:
        if name not in self.forms:
            self.forms[name] = values.date_forms(self.column(name))[0]
        return self.forms[name]

    def decimal(self, name: str) -> str:
        if name not in self.decimals:
            self.decimals[name] = values.decimal_sign(self.column(name))
        return self.decimals[name]


@dataclass(eq=False, slots=True)
class StagedRow:
    """A row of a table: its number, the line it stood on, and its cells as they came, read by the column's name."""

    table: Table
    number: int
    line: int
    cells: Sequence[str]

    def __str__(self) -> str:
        return f"row {self.number} (line {self.line})"

    @property
    def source(self) -> str:
        """File and row, as what it becomes remembers them."""
        return f"{self.table.name}, row {self.number}"

    @property
    def place(self) -> tuple[int, int]:
        return self.table.index, self.number

    def cell(self, name: str) -> str:
        place = self.table.columns.get(name)
        cell = self.cells[place] if place is not None and place < len(self.cells) else ""
        if cell and place is not None and self.table.went_out:
            cell = whole_cell(self.cells, self.table.parts[place])
        elif cell[:1] in spoiled.MARKS:
            cell = spoiled.repaired_cell(cell, number=name in spoiled.NO_QUANTITY)
        return values.repaired(cell) if cell and self.table.repair else cell

    @property
    def mark(self) -> Mark | None:
        """Of a row that went out from here, or from another house: of what it was."""
        return Mark.read(self.cell("mark")) if self.table.went_out else None

    def is_untouched(self, house: str) -> bool:
        """Whether it went out from this house, and nobody has changed it since."""
        mark, place = self.mark, self.table.columns.get("mark")
        if mark is None or mark.house != house:
            return False
        return mark.digest == digest_of_row(self.table.header, self.cells, self.table.parts, place)

    def text(self, name: str) -> str:
        """A cell in one line; nothing where a spreadsheet has left too little of a number."""
        text = values.plain(self.cell(name))
        return "" if name in spoiled.NO_QUANTITY and spoiled.is_shortened(text) else text

    def spoiled(self) -> list[str]:
        """What of the row a spreadsheet has spoiled for good, or may have, in sentences."""
        said = []
        for name in self.table.numbers:
            text, heading = values.plain(self.cell(name)), self.table.heading(name)
            if spoiled.is_shortened(text):
                said.append(spoiled.why_empty(heading, text))
            elif name == "phone" and spoiled.lacks_zeros(text, self.table.phones):
                said.append(spoiled.why_doubtful(heading, text))
        return said

    def prose(self, name: str) -> str:
        """A cell with its line breaks."""
        return self.cell(name).strip()

    def record(self, name: str) -> str:
        return values.record_id(self.text(name))

    def yes(self, name: str) -> bool:
        return values.is_yes(self.text(name))

    def unplaced(self, otherwise: str) -> str:
        """Why a row has no account: no column is read for that, or else the sentence for one whose cells are empty."""
        placed_by = PLACED_BY.get(self.table.kind, "").split()
        return otherwise if any(map(self.table.has, placed_by)) else NO_COLUMN

    def day(self, name: str) -> date | None:
        return self.read(name, lambda text: values.day(text, self.table.form(name)))

    def amount(self, name: str) -> Decimal | None:
        return self.read(name, lambda text: values.amount(text, self.table.decimal(name)))

    def whole(self, name: str, low: int, high: int) -> int | None:
        return self.read(name, lambda text: values.whole(text, self.table.decimal(name), low, high))

    def read(self, name: str, reader: Callable[[str], T]) -> T:
        try:
            return reader(self.text(name))
        except Unfit as error:
            raise Unfit(f"Column “{self.table.heading(name)}”: {error}.") from None
