"""How the benchmarks measure: medians of several runs, and a ratio to raw SQL for the same rows in the same run.

Run them by hand: `bin/test -n0 -s tests/benchmarks/bench_*.py`. A slow machine fails nothing, since only ratios and
numbers of queries mean anything away from the machine that they were taken on; those that are over their target fail.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from statistics import median

from django.db import connection, transaction


def seconds(act: Callable[[], object], runs: int = 5, warm_up: int = 1) -> float:
    """The median time in seconds of some runs, after a warm-up that is not counted."""
    times = []
    for run in range(runs + warm_up):
        gc.collect()
        start = time.perf_counter()
        act()
        if run >= warm_up:
            times.append(time.perf_counter() - start)
    return median(times)


def seconds_undone(act: Callable[[], object], runs: int = 3, warm_up: int = 1) -> float:
    """The median time of an act that writes; deferred constraints are checked, and every run is rolled back."""
    times = []
    for run in range(runs + warm_up):
        gc.collect()
        with transaction.atomic():
            start = time.perf_counter()
            act()
            connection.check_constraints()
            times.append(time.perf_counter() - start)
            transaction.set_rollback(True)
        if run < warm_up:
            times.pop()
    return median(times)


def side_by_side(*acts: Callable[[], object], runs: int = 7) -> list[list[float]]:
    """The times of each act, run in turns after one round that is not counted: what else the machine does hits all."""
    rounds = [[once(act) for act in acts] for _ in range(runs + 1)]
    return [list(times) for times in zip(*rounds[1:], strict=True)]


def once(act: Callable[[], object]) -> float:
    gc.collect()
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
