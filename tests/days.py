"""The days under which all tests pass: bin/test --days runs the whole suite as if it were each of them in turn.

Arguments go to pytest: bin/test --days tests/accounts. What each run printed is in var/days.
"""

from __future__ import annotations

import os
import subprocess
import sys
from calendar import isleap
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TODAY = datetime.now(UTC).date()
SUNDAY, EIGHT_YEARS = 6, 8 * 366

#: What is awkward about a day, and at which hour.
AWKWARD: dict[str, tuple[str, Callable[[date], bool]]] = {
    "the last day of a year": ("", lambda day: (day.month, day.day) == (12, 31)),
    "the first hour of a year": ("00:30", lambda day: (day.month, day.day) == (1, 1)),
    "the next month has no such day": ("", lambda day: (day.month, day.day) == (1, 31)),
    "the last of February": ("", lambda day: (day.month, day.day) == (2, 28) and not isleap(day.year)),
    "the day before a leap day": ("", lambda day: (day.month, day.day) == (2, 28) and isleap(day.year)),
    "a leap day": ("", lambda day: (day.month, day.day) == (2, 29)),
    "half an hour before summer time begins": ("01:30", lambda day: is_last_sunday_of(3, day)),
    "half an hour before summer time ends": ("02:30", lambda day: is_last_sunday_of(10, day)),
}
LAST_WEEK = 24


def is_last_sunday_of(month: int, day: date) -> bool:
    return day.month == month and day.day > LAST_WEEK and day.weekday() == SUNDAY


def days(today: date) -> dict[str, str]:
    """The next of each awkward kind, and for each weekday that is not among them one in the last week of a month."""
    found = {}
    ahead = [today + timedelta(days=n) for n in range(1, EIGHT_YEARS)]
    for words, (hour, is_it) in AWKWARD.items():
        day = next(filter(is_it, ahead))
        found[f"{day} {hour}".strip()] = f"{day:%A}, {words}"
    for weekday in set(range(7)) - {date.fromisoformat(day[:10]).weekday() for day in found}:
        day = next(day for day in ahead if day.weekday() == weekday and day.day > LAST_WEEK)
        found[str(day)] = f"{day:%A}, in the last week of a month"
    return found


#: What plain bin/test runs under a few of them.
DATED = [
    "tests/accounts/test_appreciation.py",
    "tests/accounts/test_dates.py",
    "tests/accounts/test_digests.py",
    "tests/accounts/test_ledger.py",
    "tests/accounts/test_meetings.py",
    "tests/accounts/test_today.py",
    "tests/handoffs/test_planning.py",
]
AT_A_TIME = 2
IN_PARALLEL = ["-q", "-n", "2", "--dist", "worksteal"]


def of_today(today: date) -> list[str]:
    """The days whose turn it is in bin/test: all have had theirs after as many runs on as many days."""
    all_days, first = list(days(today)), today.toordinal() * AT_A_TIME
    return [all_days[(first + n) % len(all_days)] for n in range(AT_A_TIME)]


def passes(day: str, *command: str) -> bool:
    """Run the tests as if it were that day; print one line, and below it what failed."""
    log = ROOT / "var" / "days" / f"{day.replace(' ', '-').replace(':', '')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        there = {"DAY": day, "PYTHONPATH": str(ROOT / "tests" / "another_day")}
        done = subprocess.run(command, cwd=ROOT, env=os.environ | there, stdout=file, stderr=file)
    *lines, last = log.read_text().splitlines() or [""]
    failed = [f"    {line}" for line in lines if line.startswith(("FAILED", "ERROR"))]
    print(f"{day:16}  {last.strip('= ')} ({days(TODAY)[day]})", *failed, sep="\n", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--of-today"]:
        results = [
            passes(day, sys.executable, "-m", "pytest", *IN_PARALLEL, *DATED) for day in of_today(TODAY)
        ]
    else:
        results = [passes(day, "bash", "bin/test", *(sys.argv[1:] or IN_PARALLEL)) for day in days(TODAY)]
    sys.exit(not all(results))
