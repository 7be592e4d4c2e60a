"""An account has no say in the exponent by which it is measured itself."""

from __future__ import annotations

from tests.proof.leave_one_out import GRID, Measured, left_out, report


def best_at(*exponents: float) -> Measured:
    """An account that carries one question more at these exponents."""
    carry = {exponent: {3: 10 + (exponent in exponents), 2: 14} for exponent in GRID}
    return Measured(carry, {3: 9, 2: 14})


def test_what_is_best_for_an_account_is_not_chosen_for_it() -> None:
    known = {"one": best_at(0.2), "two": best_at(0.5), "three": best_at(0.5)}
    assert left_out(known, {}) == {"one": 0.5, "two": 0.2, "three": 0.2}


def test_further_accounts_are_measured_by_the_others_and_choose_for_nobody() -> None:
    known = {"one": best_at(0.3), "two": best_at(0.3)}
    assert left_out(known, {"unseen": best_at(0.6)}) == {"one": 0.3, "two": 0.3, "unseen": 0.3}
    last = [*report(known, {"unseen": best_at(0.6)})][-2]
    assert last == "further accounts, at 1/3: 10.00 of 18 left out, 9.00 as it is (at least 12.0)"


def test_of_equally_good_ones_the_middle_is_taken() -> None:
    known = {"one": best_at(), "two": best_at(0.2, 0.25, 0.3)}
    assert left_out(known, {})["one"] == 0.25
