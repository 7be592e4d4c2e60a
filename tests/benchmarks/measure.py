"""How the benchmarks measure: medians of several runs, and a ratio to raw SQL for the same rows in the same run.

Run them by hand: `bin/test -n0 -s tests/benchmarks/bench_*.py`. A slow machine fails nothing, since only ratios and
numbers of queries mean anything away from the machine that they were taken on; those that are over their target fail.
TINY=1 shows that they still run, at a size at which times mean nothing and fail nothing.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from statistics import median

from django.db import connection, transaction

TINY = bool(os.environ.get("TINY"))
#: How many accounts, and entries in all, the database holds that most of them are run on.
ACCOUNTS, ENTRIES = (200, 2_000) if TINY else (20_000, 2_000_000)


def within(figure: float, target: float) -> bool:
    """Whether a figure meets its target, as it always does at a tiny size."""
    return TINY or figure <= target


def times(runs: int) -> int:
    """So many runs as a figure needs that means something."""
    return 1 if TINY else runs


def tidy_up() -> None:
    """So that what ran before leaves nothing to be collected while we measure."""
    if not TINY:
        gc.collect()


def seconds(act: Callable[[], object], runs: int = 5, warm_up: int = 1) -> float:
    """The median time in seconds of some runs, after a warm-up that is not counted."""
    taken = []
    for run in range(times(runs) + warm_up):
        tidy_up()
        start = time.perf_counter()
        act()
        if run >= warm_up:
            taken.append(time.perf_counter() - start)
    return median(taken)


def seconds_undone(act: Callable[[], object], runs: int = 3, warm_up: int = 1) -> float:
    """The median time of an act that writes; deferred constraints are checked, and every run is rolled back."""
    taken = []
    for run in range(times(runs) + warm_up):
        tidy_up()
        with transaction.atomic():
            start = time.perf_counter()
            act()
            connection.check_constraints()
            taken.append(time.perf_counter() - start)
            transaction.set_rollback(True)
        if run < warm_up:
            taken.pop()
    return median(taken)


def side_by_side(*acts: Callable[[], object], runs: int = 7) -> list[list[float]]:
    """The times of each act, run in turns after one round that is not counted: what else the machine does hits all."""
    rounds = [[once(act) for act in acts] for _ in range(times(runs) + 1)]
    return [list(taken) for taken in zip(*rounds[1:], strict=True)]


def once(act: Callable[[], object]) -> float:
    tidy_up()
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def ratio(ours: list[float], raw: list[float]) -> float:
    """The median of what each round of ours took in times of the raw act beside it."""
    return median(mine / theirs for mine, theirs in zip(ours, raw, strict=True))


def undone(act: Callable[[], object]) -> Callable[[], None]:
    """The same act, with its deferred constraints checked, and rolled back."""

    def act_and_undo() -> None:
        with transaction.atomic():
            act()
            connection.check_constraints()
            transaction.set_rollback(True)

    return act_and_undo


def report(what: str, **figures: float | int | str) -> None:
    """One line a figure, so that two runs can be laid side by side."""
    print(f"\n{what}")
    for name, figure in figures.items():
        shown = f"{figure:.4f}" if isinstance(figure, float) else figure
        print(f"  {name.replace('_', ' '):<44} {shown}")
