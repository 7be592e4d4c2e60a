"""A line of the brief, and what becomes of it in the words of a read-back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from .figures import Figure, FigureKind
from .reading import AnswerReader, Clause, Sense
from .words import words_of

if TYPE_CHECKING:
    from accounts.briefing import BriefLine

#: Of a line with more words nobody has to repeat every figure.
LONG_LINE = 60


class Said(StrEnum):
    DIFFERENTLY = "differently"
    NOT = "not"
    YES = "yes"


@dataclass(frozen=True)
class Difference:
    """What the line says, in its words, and what stands in its place; empty where nothing does."""

    original: str
    theirs: str = ""


@dataclass(frozen=True)
class Comparison:
    """Whether a read-back says a line. A help to the person who decides, and no decision."""

    line: BriefLine
    heard: bool
    differences: tuple[Difference, ...] = ()

    @property
    def said(self) -> Said:
        if any(difference.theirs for difference in self.differences):
            return Said.DIFFERENTLY
        return Said.YES if self.heard and not self.differences else Said.NOT

    @property
    def missing(self) -> list[str]:
        """What of it was left out, where the rest was said."""
        return [one.original for one in self.differences if not one.theirs] if self.heard else []

    @property
    def otherwise(self) -> list[Difference]:
        return [one for one in self.differences if one.theirs]


@dataclass(eq=False)
class LineRead:
    """A line of the brief with what it is about and what cannot be paraphrased in it."""

    line: BriefLine
    stems: set[str]
    figures: list[Figure]
    senses: list[Sense]
    denied: set[str]
    clauses: list[Clause]

    @classmethod
    def of(cls, line: BriefLine, reader: AnswerReader) -> LineRead:
        clauses = reader.clauses(line.text)
        in_title = [
            figure
            for figure in reader.figures(line.title)
            if figure.kind == FigureKind.DAY or (figure.kind == FigureKind.NAME and known(figure, reader))
        ]
        said = reader.figures(line.text)
        named = {
            word.stem
            for figure in in_title
            for word in words_of(figure.words)
            if figure.kind == FigureKind.NAME
        }
        figures = [*said, *(one for one in in_title if not any(one.is_met_by(other) for other in said))]
        stems = {stem for clause in clauses for stem in clause.stems if not stem.startswith("~")} | named
        denied = {stem for clause in clauses for stem in clause.denied}
        return cls(line, stems - {""}, figures, reader.senses(line.text), denied, clauses)

    @property
    def is_person(self) -> bool:
        return self.line.key.startswith("contact:")

    @cached_property
    def name(self) -> Figure | None:
        return next(
            (one for one in self.figures if one.kind == FigureKind.NAME and one.words in self.line.title),
            None,
        )

    def demands(self, figure: Figure) -> bool:
        """Whether it counts that this was left out: not each figure of a long story, or about a person."""
        long = len(self.line.text.split()) > LONG_LINE
        return figure.demanded and not long and not self.is_person


def known(figure: Figure, reader: AnswerReader) -> bool:
    return any(part in reader.known for part in figure.values)
