"""Take an answer, a rule or a filter out and see that a test turns red: python tests/mutations.py LIST [ROW|NAME ...]

Each list in tests/mutations (complaints, verbs, probe) names mutations: a text of a file, what it becomes, and the
tests that must catch it. Those of complaints.toml stand for a row of the list of complaints; what must catch them are
the tests marked with that row.
They are applied one after another in a worktree of its own. At the end the tests that turned red must be green there.
It ends with 1 when a mutation survives or cannot be tried.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LISTS = ROOT / "tests" / "mutations"
TREE = ROOT / "var" / "mutations"
FAILED = 1  # pytest's code for a test that failed; others mean that it could not run them
RED = re.compile(r"^(?:\w*FAIL\w*|ERROR)\b.*?(tests/.+?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Mutation:
    name: str
    file: str
    text: str
    becomes: str
    tests: list[str]
    row: int | None = None

    def __str__(self) -> str:
        return f"row {self.row}: {self.name}" if self.row else self.name

    def found(self, root: Path = ROOT) -> int:
        """How often the text occurs in its file: once, or the mutation cannot be tried."""
        path = root / self.file
        return path.read_text().count(self.text) if path.exists() else 0

    @contextmanager
    def applied(self, root: Path) -> Iterator[None]:
        path = root / self.file
        before = path.read_text()
        path.write_text(before.replace(self.text, self.becomes))
        try:
            yield
        finally:
            path.write_text(before)


@cache
def answers() -> dict[int, list[str]]:
    """Of each row of the complaints the tests that are marked with it, those in a browser last."""
    found: dict[int, list[str]] = {}
    files = (ROOT / "tests").rglob("test_*.py")
    for path in sorted(files, key=lambda path: ("browser" in path.parts, path)):
        for name, rows in marked(ast.parse(path.read_text())):
            for row in rows:
                found.setdefault(row, []).append(f"{path.relative_to(ROOT)}::{name}")
    return found


def marked(node: ast.Module | ast.ClassDef, above: str = "") -> Iterator[tuple[str, list[int]]]:
    """Each test and each class of tests that is marked with rows of the complaints, and with which."""
    for part in node.body:
        if isinstance(part, ast.ClassDef | ast.FunctionDef):
            marks = [mark for mark in part.decorator_list if isinstance(mark, ast.Call)]
            rows = [
                ast.literal_eval(row)
                for mark in marks
                if ast.unparse(mark.func) == "pytest.mark.complaint"
                for row in mark.args
            ]
            if rows:
                yield above + part.name, rows
        if isinstance(part, ast.ClassDef):
            yield from marked(part, f"{above}{part.name}::")


def listed(name: str) -> list[Mutation]:
    """The mutations of a list: complaints or verbs."""
    tests = answers()
    read = tomllib.loads((LISTS / f"{name}.toml").read_text())["mutation"]
    return [Mutation(**({"tests": tests.get(one.get("row"), [])} | one)) for one in read]


@contextmanager
def worktree() -> Iterator[Path]:
    """The tree as it is now, changes that are not committed yet included, in a folder of its own."""

    def git(*command: str) -> str:
        done = subprocess.run(["git", *command], cwd=ROOT, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    tree = TREE / str(os.getpid())
    git("worktree", "add", "--detach", str(tree), git("stash", "create") or "HEAD")
    try:
        yield tree
    finally:
        git("worktree", "remove", "--force", str(tree))


def run(tree: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run these tests in that tree until one fails."""
    once = {"PYTEST_XDIST_TESTRUNUID": f"mutations-{os.getpid()}"}  # so that all runs together migrate once
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no", *tests]
    return subprocess.run(command, cwd=tree, env=os.environ | once, capture_output=True, text=True)


def tried(mutation: Mutation, tree: Path) -> tuple[str, str]:
    """The test that caught it, or nothing; and what happened in words."""
    if mutation.found(tree) != 1:
        return "", f"its text occurs {mutation.found(tree)} times in {mutation.file}"
    if not mutation.tests:
        return "", "no test answers for it"
    with mutation.applied(tree):
        done = run(tree, *mutation.tests)
    if done.returncode == FAILED and (red := RED.search(done.stdout)):
        return red[1], red[1].rpartition("::")[2]
    return "", "SURVIVED" if done.returncode == 0 else f"could not be tried:\n{done.stdout}{done.stderr}"


def main(name: str, *only: str) -> int:
    chosen = [one for one in listed(name) if not only or str(one.row) in only or one.name in only]
    caught_by = set()
    survived = 0
    with worktree() as tree:
        for mutation in chosen:
            begun = time.monotonic()
            test, words = tried(mutation, tree)
            caught_by |= {test} - {""}
            survived += not test
            seconds = f"{time.monotonic() - begun:5.1f} s"
            print(f"{'killed' if test else '------'} {seconds}  {mutation} ({words})", flush=True)
        without = run(tree, *sorted(caught_by)) if caught_by else None
    print(f"{len(chosen) - survived} of {len(chosen)} mutations killed")
    if without is None or without.returncode:
        print("Without a mutation:", without.stdout if without else "no test turned red")
        return 1
    return int(survived > 0)


if __name__ == "__main__":
    if "DATABASE_URL" not in os.environ:
        servers = [sys.executable, "-m", "config.demo.servers", "var/test"]
        os.chdir(ROOT)
        os.execv(sys.executable, [*servers, sys.executable, *sys.argv])
    sys.exit(main(*sys.argv[1:]))
