"""Numbers that a spreadsheet has spoiled: put right where that is certain, and told where it is not.

A telephone number or an id is no quantity. A spreadsheet takes it for one: it drops its first zeros and writes a long
one as 4.42E+11. Whoever wants to prevent that writes ="0444", or puts an apostrophe before it, as we do ourselves
before what it would take for a formula (`values.safe_cell`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

#: What programs write so that a spreadsheet takes a cell for text.
TEXT_AS_FORMULA = re.compile(r'=\s*(?:"((?:[^"]|"")*)"|T\(\s*"((?:[^"]|"")*)"\s*\)|(\d+))\s*')
OURS = re.compile(r"'(?=[=+\-@\t\r])")
#: Its own, before a number.
ITS_OWN = re.compile(r"['’](?=[(\d][\d\s()/.-]*$)")
#: What a spreadsheet makes of a long number: the last digits are lost for good.
SHORTENED = re.compile(r"[+-]?\d(?:[.,]\d+)?E\+?\d{1,3}", re.IGNORECASE)
#: Columns whose numbers count nothing.
NO_QUANTITY = {
    "phone", "external_id", "who", "what", "account", "deal", "contact", "parent", "owner", "manager", "author",
    "activity", "agent",
}  # fmt: skip
MARKS = {"'", "’", "=", " "}  # how a cell begins that may be put right
MOST_COMPARED = 200
FEWEST_DIGITS, MOST_DIGITS = 6, 13  # of a telephone number as it is dialled at home


def repaired_cell(cell: str, *, number: bool = False) -> str:
    """The cell as it was meant, where that is certain; any other as it is. `number`: of a column of `NO_QUANTITY`."""
    text = OURS.sub("", cell, count=1) if cell.startswith("'") else cell
    if number and text[:1] in {"'", "’"}:
        text = ITS_OWN.sub("", text, count=1)
    found = TEXT_AS_FORMULA.fullmatch(text.strip()) if text.lstrip().startswith("=") else None
    return next(part for part in found.groups() if part is not None).replace('""', '"') if found else text


def is_shortened(text: str) -> bool:
    """Whether a number has lost its last digits: nobody can tell which one it was."""
    return bool(SHORTENED.fullmatch(text.replace(" ", "")))


def why_empty(heading: str, text: str) -> str:
    return f"Column “{heading}”: a spreadsheet has shortened “{text}” and its last digits are lost, so it stays empty."


def lacks_zeros(text: str, column: Sequence[str]) -> bool:
    """Whether a telephone number may have lost its first zero: it begins with none, and most others there do."""
    if not (text.isdecimal() and text[0] != "0" and FEWEST_DIGITS <= len(text) <= MOST_DIGITS):
        return False
    others = [other for other in column if other and other != text and not other.startswith("+")]
    return sum(other.startswith("0") for other in others) * 2 > len(others)


def why_doubtful(heading: str, text: str) -> str:
    return f"Column “{heading}”: “{text}” may have lost its first zero in a spreadsheet, as the others begin with one."
