"""Each complaint that the product answers is named, by its row, by the tests which fail when its answer goes away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
#: Rows of the list of complaints that have an answer here; rows 1, 2, 4 and 5 are the journeys of tests/browser.
ANSWERED = [3, *range(6, 43), *range(44, 50)]
#: "Row 24", "Rows 24, 26 and 28", "rows 9-11", test_row_19_..., test_rows_15_and_37_...
NAMED = re.compile(r"\brows? (\d+(?:(?:, | and | to |-)\d+)*)|test_rows?_(\d+(?:_and_\d+)*)_", re.IGNORECASE)


def rows_in(text: str) -> set[int]:
    """The rows that a text names."""
    return {int(row) for named in NAMED.finditer(text) for row in re.findall(r"\d+", named[0])}


def named() -> dict[int, list[str]]:
    """Where each row is named."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for row in rows_in(path.read_text()) if path != Path(__file__) else set():
            found.setdefault(row, []).append(path.name)
    return found


@pytest.mark.parametrize("row", ANSWERED)
def test_a_test_answers_it(row: int) -> None:
    assert named().get(row), f"no test names row {row} of the complaints"


def test_rows_are_read_wherever_they_stand() -> None:
    assert rows_in("Rows 24, 26 and 28: a date. Row 7.") == {7, 24, 26, 28}
    assert rows_in("def test_row_19_every_letter") == {19}
    assert rows_in("def test_rows_15_and_37_what_they_read") == {15, 37}
    assert rows_in("in twenty rows") == set()
