"""What a row that went out from here is known by when it comes in again.

The mark says whose row it is (the house, by a sign of its own), of which kind and number, and of what its cells were
when it went out. So a row that nobody has touched since changes nothing, however old it is, and one that somebody has
corrected is still about the same thing. In another house it is a mark like any other text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .values import bare_cell

_MARK = re.compile(r"tl-([0-9a-f]{8})-([a-z]{4,10})-(\d{1,18})(?:-([0-9a-f]{16}))?")
_DECIMALS = re.compile(r"(-?\d+)\.(\d*?)0*")
#: A column in which the text of another goes on, in a workbook.
_FURTHER_PART = re.compile(r", part \d+$")
#: What no XML may hold, and so no workbook.
_NOT_IN_XML = re.compile("[\ufffe\uffff]")


@dataclass(frozen=True)
class Mark:
    """`digest` is empty where only the thing is meant, and not a row about it."""

    house: str
    kind: str
    pk: int
    digest: str = ""

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """The mark that this cell is; nothing where it is none."""
        found = _MARK.fullmatch(text.strip())
        return cls(found[1], found[2], int(found[3]), found[4] or "") if found else None

    def __str__(self) -> str:
        digest = f"-{self.digest}" if self.digest else ""
        return f"tl-{self.house}-{self.kind}-{self.pk}{digest}"


def digest_of(cells: Iterable[tuple[str, str]]) -> str:
    """Changes when any of these cells does, each a heading and its text; not when columns stand in another order."""
    said = sorted((heading.strip(), canonical(text)) for heading, text in cells if text.strip())
    return hashlib.sha256(repr(said).encode(errors="replace")).hexdigest()[:16]


def canonical(text: str) -> str:
    """A text as every kind of file brings it back: a workbook knows 12.50 as 12.5, and ends each line alike."""
    text = in_xml(text).replace("\r\n", "\n").replace("\r", "\n").strip()
    if decimals := _DECIMALS.fullmatch(text):
        return f"{decimals[1]}.{decimals[2]}" if decimals[2] else decimals[1]
    return text


def in_xml(text: str) -> str:
    """The text without what a workbook cannot hold."""
    return _NOT_IN_XML.sub("\ufffd", text)


# ---- Rows


def parts_of(header: Sequence[str]) -> dict[int, list[int]]:
    """For each column the columns in which a text that is too long for a cell goes on, itself the first."""
    further: dict[str, list[int]] = {}
    for place, heading in enumerate(header):
        if _FURTHER_PART.search(heading):
            further.setdefault(_FURTHER_PART.sub("", heading), []).append(place)
    return {place: [place, *further.get(heading, [])] for place, heading in enumerate(header)}


def whole_cell(cells: Sequence[str], places: Iterable[int]) -> str:
    """A cell as it was before it went out, of the columns that hold it."""
    return "".join(bare_cell(cells[place]) for place in places if place < len(cells))


def digest_of_row(
    header: Sequence[str], cells: Sequence[str], parts: Mapping[int, list[int]], mark: int | None
) -> str:
    """What the digest in the mark is, as long as nobody changes the row. The mark stands in that column."""
    return digest_of(
        (heading, whole_cell(cells, parts[place]))
        for place, heading in enumerate(header[: len(cells)])
        if place != mark and not _FURTHER_PART.search(heading)
    )
