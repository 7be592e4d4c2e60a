"""How a table that goes out is described: what it is called, and for each column a heading and what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, Protocol, TypeAlias, TypeVar

from django.db import models

from accounts.importing.marks import Mark, digest_of

from .scope import ExportScope

Row = TypeVar("Row", bound=models.Model)
ExportCell: TypeAlias = str | int | Decimal | date | None
ExportColumn: TypeAlias = tuple[str, Callable[[Row, ExportScope], ExportCell]]


class SheetOut(Protocol):
    """What a file needs to know of a table, whatever its rows are."""

    @property
    def name(self) -> str: ...
    @property
    def headings(self) -> list[str]: ...
    def lines(self, scope: ExportScope) -> Iterator[list[ExportCell]]: ...


@dataclass(frozen=True)
class ExportSheet(Generic[Row]):
    """A table of rows of one kind. Its first column is the mark by which a row is known when it comes in again."""

    name: str
    kind: str
    rows: Callable[[ExportScope], Iterable[Row]]
    columns: Sequence[ExportColumn[Row]]

    @property
    def headings(self) -> list[str]:
        return [f"Throughline {self.kind}", *(heading for heading, _ in self.columns)]

    def lines(self, scope: ExportScope) -> Iterator[list[ExportCell]]:
        """The rows of these accounts, as they are written."""
        for row in self.rows(scope):
            yield self.line(row, scope)

    def line(self, row: Row, scope: ExportScope) -> list[ExportCell]:
        cells = [tell(row, scope) for _, tell in self.columns]
        told = zip(self.headings[1:], map(as_text, cells), strict=True)
        return [str(Mark(scope.house, self.kind, row.pk, digest_of(told))), *cells]


def as_text(cell: ExportCell) -> str:
    """What a table of text holds of a cell."""
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def yes(value: object) -> str:
    return "yes" if value else "no"
