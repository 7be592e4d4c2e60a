"""lines + answers -> Comparison of each line: said, said differently, or not said.

Words decide where an answer speaks of a line; whether it says the same is decided by what cannot be paraphrased: days,
amounts, numbers, names, “never” and “only”, conditions. It helps the person who decides and decides nothing: whoever
says it in quite other words is not understood here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from .figures import FigureKind
from .lines import Comparison, LineRead
from .reading import AnswerReader, Clause
from .spoken import SpokenPart

if TYPE_CHECKING:
    from accounts.briefing import BriefLine

#: How alike two words must be (0 to 100) to count as the same: forgives an ending or a typing slip.
ALIKE, SHORTEST_ALIKE = 86, 5
#: A clause belongs to the lines whose words it has most of, up to this part of the most.
NEARLY_MOST, LEAST_SHARED = 0.6, 0.6


def held_against(
    lines: Sequence[BriefLine],
    answers: Sequence[str],
    *,
    on: date,
    names: Iterable[str] = (),
    unnamed: Iterable[str] = (),
    supposed: Container[int] = (),
) -> list[Comparison]:
    """What becomes of each line in the answers, which were written on that day.

    `names` are people whom both may speak of, `unnamed` those who need not be named (the account, who hands over), and
    `supposed` the numbers of the answers about what may happen, where no “if” is needed.
    """
    people = [*names, *(line.title for line in lines if line.key.startswith("contact:"))]
    reader = AnswerReader(on, people, unnamed)
    asked = [LineRead.of(line, reader) for line in lines]
    clauses = [
        clause
        for n, answer in enumerate(answers)
        for clause in reader.clauses(answer, n, supposed=n in supposed)
    ]
    use_their_words(clauses, {stem for line in asked for stem in line.stems})
    weights = rarity(asked)
    owners = owned(asked, clauses, weights)
    return [SpokenPart(line, clauses, owners, reader, weights).compared() for line in asked]


def use_their_words(clauses: list[Clause], wanted: set[str]) -> None:
    """A word of the answers that differs by an ending or a slip from one of the lines counts as that one."""
    by_letter: dict[str, list[str]] = {}
    for stem in wanted:
        if len(stem) >= SHORTEST_ALIKE:
            by_letter.setdefault(stem[0], []).append(stem)
    meant: dict[str, str] = {}
    for stem in {stem for clause in clauses for stem in clause.stems} - wanted:
        near = by_letter.get(stem[0], []) if len(stem) >= SHORTEST_ALIKE else []
        best = max(near, key=lambda other: fuzz.ratio(stem, other), default="")
        if best and fuzz.ratio(stem, best) >= ALIKE:
            meant[stem] = best
    for clause in clauses:
        clause.stems = {meant.get(stem, stem) for stem in clause.stems}
        clause.denied = {meant.get(stem, stem) for stem in clause.denied}
        clause.refused = {meant.get(stem, stem) for stem in clause.refused}


def rarity(lines: list[LineRead]) -> Mapping[str, float]:
    """How much a word tells which line is spoken of: less, the more lines have it."""
    counted = Counter(stem for line in lines for stem in line.stems)
    return {stem: 1 / count for stem, count in counted.items()}


def owned(lines: list[LineRead], clauses: list[Clause], weights: Mapping[str, float]) -> list[list[LineRead]]:
    """Of each clause the lines that it speaks of."""

    def shared(line: LineRead, clause: Clause) -> float:
        words = sum(weights[stem] for stem in line.stems & clause.stems)
        figures = sum(
            any(one.is_met_by(theirs) for theirs in clause.figures)
            for one in line.figures
            if one.kind != FigureKind.NAME
        )
        return words + figures / 2 if words else float(figures if not line.stems else 0)

    found = []
    for clause in clauses:
        scores = [(shared(line, clause), line) for line in lines]
        most = max((score for score, _ in scores), default=0)
        found.append([line for score, line in scores if score >= max(LEAST_SHARED, NEARLY_MOST * most)])
    return found
