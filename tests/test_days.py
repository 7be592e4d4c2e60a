"""The days under which the tests are run: none is left out, whenever one looks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from .days import AWKWARD, DATED, ROOT, days, of_today

LOOKS = [date(2026, 11, 27), date(2027, 12, 31), date(2028, 2, 28), date(2028, 2, 29), date(2096, 3, 1)]


@pytest.mark.parametrize("today", LOOKS, ids=str)
def test_each_weekday_and_each_awkward_day_is_still_to_come(today: date) -> None:
    found = days(today)
    assert {date.fromisoformat(day[:10]).weekday() for day in found} == set(range(7))
    assert all(date.fromisoformat(day[:10]) > today for day in found)
    assert {words.partition(", ")[2] for words in found.values()} >= set(AWKWARD)


def test_within_a_fortnight_each_has_its_turn() -> None:
    fortnight = [date(2026, 11, 27) + timedelta(days=n) for n in range(14)]
    turns = {days(today)[day] for today in fortnight for day in of_today(today)}
    assert {words.partition(", ")[2] for words in turns} >= set(AWKWARD)


def test_what_is_run_under_them_is_there() -> None:
    assert [name for name in DATED if not (ROOT / name).exists()] == []
