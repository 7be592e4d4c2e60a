"""The days under which all tests pass: bin/test --days runs the whole suite as if it were each of them in turn.

Arguments go to pytest: bin/test --days tests/accounts. What each run printed is in var/days.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: Each weekday is among them.
DAYS = {
    "2027-12-31": "Friday, the last day of a year",
    "2028-01-01 00:30": "Saturday, and in Greenwich it is still last year",
    "2028-01-31": "Monday, and the next month has no such day",
    "2028-02-28": "Monday, the day before a leap day",
    "2028-02-29": "Tuesday, a leap day",
    "2028-03-26 01:30": "Sunday, half an hour before summer time begins",
    "2028-04-27": "Thursday, in the last week of a month",
    "2028-04-29": "Saturday, in the last week of a month",
    "2028-10-29 02:30": "Sunday, half an hour before summer time ends",
    "2029-02-28": "Wednesday, the last of February",
}
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
    """The days whose turn it is in bin/test: within a week each has had its own."""
    days, first = list(DAYS), today.toordinal() * AT_A_TIME
    return [days[(first + n) % len(days)] for n in range(AT_A_TIME)]


def passes(day: str, *command: str) -> bool:
    """Run the tests as if it were that day; print one line, and below it what failed."""
    log = ROOT / "var" / "days" / f"{day.replace(' ', '-').replace(':', '')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        there = {"DAY": day, "PYTHONPATH": str(ROOT / "tests" / "another_day")}
        done = subprocess.run(command, cwd=ROOT, env=os.environ | there, stdout=file, stderr=file)
    *lines, last = log.read_text().splitlines() or [""]
    failed = [f"    {line}" for line in lines if line.startswith(("FAILED", "ERROR"))]
    print(f"{day:16}  {last.strip('= ')} ({DAYS[day]})", *failed, sep="\n", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--of-today"]:
        results = [
            passes(day, sys.executable, "-m", "pytest", *IN_PARALLEL, *DATED)
            for day in of_today(datetime.now(UTC).date())
        ]
    else:
        results = [passes(day, "bash", "bin/test", *(sys.argv[1:] or IN_PARALLEL)) for day in DAYS]
    sys.exit(not all(results))
