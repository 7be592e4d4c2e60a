"""The days under which the tests are run: none is left out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from .days import DATED, DAYS, ROOT, of_today


def test_each_weekday_is_among_them() -> None:
    assert {datetime.fromisoformat(day).weekday() for day in DAYS} == set(range(7))
    for day, words in DAYS.items():
        assert words.startswith(f"{datetime.fromisoformat(day):%A}"), day


def test_within_a_week_each_has_its_turn() -> None:
    week = [date(2026, 12, 28) + timedelta(days=n) for n in range(7)]
    assert {day for today in week for day in of_today(today)} == set(DAYS)


def test_what_is_run_under_them_is_there() -> None:
    assert [name for name in DATED if not (ROOT / name).exists()] == []
