"""The benchmarks still run: each of them once, at a size at which its times mean nothing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .mutations import ROOT


@pytest.mark.django_db
def test_each_benchmark_runs() -> None:
    """In a run of their own, on the database that this one has migrated."""
    benches = sorted(str(path) for path in (ROOT / "tests" / "benchmarks").glob("bench_*.py"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *benches]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"TINY": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
