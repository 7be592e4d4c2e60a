"""How the benchmarks measure: medians of several runs, and a ratio to raw SQL for the same rows in the same run.

Run them by hand: `bin/test -n0 -s tests/benchmarks/bench_*.py`. They print; a slow machine fails nothing, since only
ratios and numbers of queries mean anything away from the machine that they were taken on.
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


def report(what: str, **figures: float | int | str) -> None:
    """One line a figure, so that two runs can be laid side by side."""
    print(f"\n{what}")
    for name, figure in figures.items():
        shown = f"{figure:.4f}" if isinstance(figure, float) else figure
        print(f"  {name.replace('_', ' '):<44} {shown}")
