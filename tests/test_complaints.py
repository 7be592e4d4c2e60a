"""Each complaint has tests that turn red when its answer goes away; tests/mutations.py takes each answer out."""

from __future__ import annotations

import pytest

from .mutations import LISTS, Mutation, answers, listed

ROWS = range(1, 50)
#: Rows that no test answers: what customers complain of and the product does not address yet.
UNANSWERED = {43: "Dead links, demands for data before substance"}


def test_each_row_but_these_has_a_test() -> None:
    missing = [row for row in ROWS if row not in answers()]
    print(
        "No test answers:",
        *(f"row {row} ({UNANSWERED.get(row, 'which should have one')})" for row in missing),
    )
    assert missing == list(UNANSWERED)


def test_no_test_answers_a_row_that_is_not_there() -> None:
    assert set(answers()) <= set(ROWS)


@pytest.mark.parametrize("name", [path.stem for path in sorted(LISTS.glob("*.toml"))])
def test_each_mutation_can_still_be_tried(name: str) -> None:
    """What it takes out still stands where it says, once; and there are tests that have to notice."""

    def rotten(mutation: Mutation) -> bool:
        return mutation.found() != 1 or mutation.text == mutation.becomes or not mutation.tests

    assert [str(mutation) for mutation in listed(name) if rotten(mutation)] == []


def test_each_answered_row_is_taken_out_once_at_least() -> None:
    assert set(answers()) == {mutation.row for mutation in listed("complaints")}
