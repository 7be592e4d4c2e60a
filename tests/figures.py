"""What the house measures, for people and for bin/test: python tests/figures.py [--check] [FOLDER]

Files and lines of product code (without migrations; of the demo's story only the largest file counts), how long files
and functions are, which modules import each other in a circle, imports inside functions, class names used twice,
`Any`, ignored types, and template lines that are too long. With --check it ends with 1 when a limit is passed.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

APPS = ("accounts", "handoffs", "config")
LONGEST_FILE, LONGEST_TEMPLATE_LINE = 400, 120
LIMITS = {
    "largest file": LONGEST_FILE,
    "largest circle of modules": 3,
    "imports inside functions": 10,
    "class names used twice": 0,
    "lines with Any": 40,
    "ignored types": 15,
    "long template lines, %": 1.0,
}


@dataclass(frozen=True)
class Module:
    name: str
    text: str
    tree: ast.Module
    is_package: bool

    @property
    def package(self) -> str:
        return self.name if self.is_package else self.name.rpartition(".")[0]

    @property
    def length(self) -> int:
        return len(self.text.splitlines())

    @property
    def is_story(self) -> bool:
        """Of the demo's story: its files may be no longer than others, and are not counted otherwise."""
        return {"demo", "story"} <= set(self.name.split("."))


def modules(top: Path) -> Iterator[Module]:
    """The product's modules, the demo's story among them, without migrations."""
    for path in sorted(path for app in APPS for path in (top / app).rglob("*.py")):
        parts = path.relative_to(top).with_suffix("").parts
        if "migrations" in parts:
            continue
        is_package = parts[-1] == "__init__"
        text = path.read_text()
        yield Module(".".join(parts[:-1] if is_package else parts), text, ast.parse(text), is_package)


def functions(module: Module) -> Iterator[int]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno
            yield node.end_lineno - node.lineno + 1


def imports(module: Module, known: set[str]) -> Iterator[tuple[str, bool]]:
    """Each module of ours that this one imports when it runs, and whether it does so inside a function."""
    for_types = {
        id(inner)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    inside = {
        id(inner)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
    }
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ImportFrom) or id(node) in for_types:
            continue
        above = module.package.split(".")[: len(module.package.split(".")) - node.level + 1]
        source = ".".join([*above, *([node.module] if node.module else [])]) if node.level else node.module
        for alias in node.names:
            for target in (f"{source}.{alias.name}", source or ""):
                if target in known and target != module.name:
                    yield target, id(node) in inside
                    break


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other, directly or through others, the largest first."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for target in edges[waiting.pop()] - found:
                found.add(target)
                waiting.append(target)
        return found

    reach = {module: reached(module) for module in list(edges)}
    groups = {
        tuple(sorted({module} | {other for other in there if module in reach.get(other, set())}))
        for module, there in reach.items()
        if module in there
    }
    return sorted(map(list, groups), key=len, reverse=True)


def templates(top: Path) -> list[str]:
    return [line for path in (top / "templates").rglob("*.html") for line in path.read_text().splitlines()]


def matching(pattern: str, all_modules: Iterable[Module]) -> int:
    return sum(bool(re.search(pattern, line)) for module in all_modules for line in module.text.splitlines())


def measured(top: Path) -> tuple[dict[str, float], dict[str, list[str]]]:
    """The figures by name, and of some of them the places that make them up."""
    long_files = [(m.name, m.length) for m in modules(top) if m.length > LONGEST_FILE]
    all_modules = [module for module in modules(top) if not module.is_story]
    known = {module.name for module in all_modules}
    sizes = [module.length for module in all_modules]
    lengths = sorted(length for module in all_modules for length in functions(module))
    edges: dict[str, set[str]] = defaultdict(set)
    inner: list[str] = []
    for module in all_modules:
        for target, inside in imports(module, known):
            edges[module.name].add(target)
            if inside:
                inner.append(f"{module.name} imports {target}")
    classes = Counter(
        node.name
        for module in all_modules
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and node.name not in {"Meta", "Command"}
    )
    twice = [name for name, times in classes.items() if times > 1]
    rings = circles(edges)
    lines = templates(top)
    long = sum(len(line) > LONGEST_TEMPLATE_LINE for line in lines)
    figures: dict[str, float] = {
        "files": len(all_modules),
        "lines": sum(sizes),
        "median file": statistics.median(size for size in sizes if size),
        "largest file": max(module.length for module in modules(top)),
        "files over the limit": len(long_files),
        "functions": len(lengths),
        "median function": statistics.median(lengths),
        "90 % of functions up to": lengths[int(len(lengths) * 0.9)],
        "circles of modules": len(rings),
        "largest circle of modules": len(rings[0]) if rings else 0,
        "imports inside functions": len(inner),
        "class names used twice": len(twice),
        "lines with Any": matching(r"^(?!from typing import).*\bAny\b", all_modules),
        "ignored types": matching(r"# type: ignore", all_modules),
        "template lines": len(lines),
        "long template lines": long,
        "long template lines, %": round(100 * long / len(lines), 1),
    }
    places = {
        "largest file": [f"{name} ({length})" for name, length in long_files],
        "largest circle of modules": [", ".join(ring) for ring in rings],
        "imports inside functions": inner,
        "class names used twice": twice,
    }
    return figures, places


def main(*arguments: str) -> int:
    top = Path(next((word for word in arguments if word != "--check"), Path(__file__).parents[1]))
    figures, places = measured(top)
    passed = [name for name, limit in LIMITS.items() if figures[name] > limit]
    for name, figure in figures.items():
        limit = f"  (at most {LIMITS[name]:g})" if name in LIMITS else ""
        print(f"{name:28} {figure:>8g}{limit}{'  <-- too much' if name in passed else ''}")
    for name in passed:
        print(*(f"    {place}" for place in places.get(name, [])), sep="\n")
    return int("--check" in arguments and bool(passed))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
