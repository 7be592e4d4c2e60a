"""What association files tie together: rows that hold nothing but the ids of two records."""

from __future__ import annotations

from collections.abc import Iterable

from .tables import Table

ENDS = ("account", "contact", "deal", "activity")


class Links:
    """To each record of a kind, the ids of those of the other kinds that association files tie to it."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self._tied: dict[tuple[str, str], dict[str, list[str]]] = {}
        for table in tables:
            for row in table.rows if table.kind == "link" else []:
                self._tie({end: row.record(end) for end in ENDS if row.record(end)})

    def __bool__(self) -> bool:
        return bool(self._tied)

    def _tie(self, ids: dict[str, str]) -> None:
        for end, record in ids.items():
            tied = self._tied.setdefault((end, record), {})
            for other, theirs in ids.items():
                if other != end and theirs not in tied.setdefault(other, []):
                    tied[other].append(theirs)

    def of(self, end: str, record: str, other: str) -> list[str]:
        """The ids of the other kind that are tied to this record."""
        return self._tied.get((end, record), {}).get(other, [])
