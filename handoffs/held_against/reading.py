"""text -> its clauses, each with what it is about, what it names, and whether it says yes or no."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from accounts.rules.passages.sentences import sentences

from .amounts import amounts_in
from .days import days_in
from .figures import Figure, FigureKind
from .words import ANY_IF, ANY_ONLY, CUES, IF, NOT, ONLY, OPENS_IF, TABLES, Cues, Word, words_of

PAUSE = re.compile(r"[;:,()\n]|\s[-–—]\s|\b(?:and|but|while|whereas)\b", re.IGNORECASE)
FULL_PAUSE = re.compile(r"[.;:!?\n]")
TURNS, SHORT, EMPTY, NO_NAMES = (
    frozenset(TABLES["grammar"][name].split()) for name in ("turns", "short", "empty", "no_names")
)
MOST_CAPITALS, FEW = 0.4, 4
"""Where more words than that begin with a capital, it is no sign of a name."""
LONGEST_SCOPE, SHORT_SCOPE = 7, 2


@dataclass(frozen=True)
class Sense:
    """“Never”, “only” or “if”, with the words that it is about: text[start:end] of a line.

    `stems` are what it is about; where these are none (“not ours”), its words themselves.
    """

    kind: str
    start: int
    end: int
    stems: frozenset[str]


@dataclass(eq=False)
class Clause:
    """A piece of a sentence: between commas, before `and`."""

    answer: int
    sentence: int
    text: str
    stems: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    #: Of those what is denied outright: “without” takes something away and turns nothing round.
    refused: set[str] = field(default_factory=set)
    figures: list[Figure] = field(default_factory=list)
    denied_figures: list[Figure] = field(default_factory=list)
    only: bool = False
    condition: bool = False
    denies: bool = False

    @property
    def place(self) -> tuple[int, int]:
        """Which sentence of which answer it is in."""
        return self.answer, self.sentence

    @property
    def affirmed(self) -> set[str]:
        return self.stems - self.denied


class AnswerReader:
    """Reads texts that speak of the same people: `names` as they are written in full."""

    def __init__(self, on: date, names: Iterable[str], unnamed: Iterable[str] = ()) -> None:
        self.on = on
        self.known = {word.plain for name in names for word in words_of(name) if len(word.plain) > 2}
        self.unnamed = {word.plain for name in unnamed for word in words_of(name)}

    # What stands in a text

    def figures(self, text: str) -> list[Figure]:
        """Its days, amounts and numbers, and its names, from left to right."""
        found: list[Figure] = []
        for figure in (*days_in(text, self.on), *amounts_in(text)):
            if all(figure.end <= other.start or figure.start >= other.end for other in found):
                found.append(figure)
        taken = [(figure.start, figure.end) for figure in found]
        return sorted([*found, *self.names(text, taken)], key=lambda figure: figure.start)

    def names(self, text: str, taken: list[tuple[int, int]]) -> Iterator[Figure]:
        within = {at for begin, end in taken for at in range(begin, end)}
        words = [word for word in words_of(text) if word.start not in within]
        first = {begin for begin, _ in sentences(text)}
        inner = {word.start for word in words if word.start not in first and not after_opening(text, word)}
        capitals = sum(word.start in inner and word.text[0].isupper() for word in words)
        many = capitals > max(FEW, MOST_CAPITALS * len(inner))
        run: list[Word] = []
        for word in words:
            known = word.plain in self.known and word.text[0].isupper()
            looks = word.text[0].isupper() and any(sign.islower() for sign in word.text) and not many
            is_name = known or (
                looks
                and word.start in inner
                and bool(word.stem)
                and word.plain not in NO_NAMES | self.unnamed
            )
            if run and (not is_name or text[run[-1].end : word.start] != " "):
                yield named(text, run)
                run = []
            if is_name:
                run.append(word)
        if run:
            yield named(text, run)

    # Its clauses

    def clauses(self, text: str, answer: int = 0, *, supposed: bool = False) -> list[Clause]:
        """`supposed`: all of it is about what may happen."""
        figures = self.figures(text)
        found = []
        for number, span in enumerate(sentences(text)):
            words = words_of(text, *span)
            denied, refused = denied_in(text, words), denied_in(text, words, but_for=SHORT)
            before = {words[at + length - 1].end for at, length in cued(words, NOT)}
            only, condition, denying = (
                {words[at].start for at, _ in cued(words, cues)} for cues in (ANY_ONLY, ANY_IF, NOT)
            )
            for begin, end in pieces(text, span):
                inside = [word for word in words if begin <= word.start < end]
                here = [figure for figure in figures if begin <= figure.start < end]
                if not inside:
                    continue
                told = {w: meaning(w) for w in inside if not in_figure(w, here)}
                found.append(
                    Clause(
                        answer,
                        number,
                        text[begin:end].strip(" ,;:()\n"),
                        stems=set(told.values()) - {""},
                        denied={means for w, means in told.items() if w.start in denied} - {""},
                        refused={means for w, means in told.items() if w.start in refused} - {""},
                        figures=here,
                        denied_figures=[it for it in here if any(directly(text, no, it) for no in before)],
                        only=any(w.start in only for w in inside),
                        condition=supposed
                        or any(w.start in condition for w in inside)
                        or bool(OPENS_IF.at(inside, 0)),
                        denies=any(w.start in denying for w in inside),
                    )
                )
        return found

    def senses(self, text: str) -> list[Sense]:
        """What it forbids, and where it says “only” or “if”."""
        found = []
        figures = self.figures(text)
        for span in sentences(text):
            words = words_of(text, *span)
            for kind, cues in (("if", IF), ("only", ONLY), ("not", NOT)):
                for at, length in cued(words, cues):
                    if kind == "not" and words[at].plain in SHORT:
                        continue
                    scope = scope_of(text, words, at, length)
                    first, last = min(at, *scope), max(at + length - 1, *scope)
                    told = (words[index] for index in scope if not in_figure(words[index], figures))
                    stems = frozenset(map(meaning, told)) - {""}
                    found.append(Sense(kind, words[first].start, words[last].end, stems))
        return without_doubles(found)


def after_opening(text: str, word: Word) -> bool:
    """Whether something like a sentence begins with it."""
    return text[max(0, word.start - 3) : word.start].rstrip(" ")[-1:] in {"", *"“\"'(:;•*>-–—\n"}


def named(text: str, run: list[Word]) -> Figure:
    parts = frozenset(word.plain for word in run if len(word.plain) > 2)
    return Figure(FigureKind.NAME, text[run[0].start : run[-1].end], run[0].start, run[-1].end, parts)


def meaning(word: Word) -> str:
    """What a word is compared by: its stem, or “ours”, “come” and their like as they are, marked as telling little."""
    if word.stem or word.plain in EMPTY or word.plain in CUES:
        return word.stem
    return f"~{word.plain}"


def directly(text: str, cue_ends: int, figure: Figure) -> bool:
    """Whether a “not” stands right before it: “not by 14 January”."""
    return (
        cue_ends <= figure.start
        and len(words_of(text, cue_ends, figure.start)) <= 2
        and not FULL_PAUSE.search(text, cue_ends, figure.start)
    )


def in_figure(word: Word, figures: list[Figure]) -> bool:
    """Whether it belongs to a figure; names and days of the week are words besides."""
    return any(
        figure.start <= word.start < figure.end
        and figure.kind != FigureKind.NAME
        and figure.exactness != "weekday"
        for figure in figures
    )


def pieces(text: str, span: tuple[int, int]) -> Iterator[tuple[int, int]]:
    begin, last = span
    for pause in PAUSE.finditer(text, *span):
        inside = pause[0] == "," and text[pause.end() : pause.end() + 1].isdigit()
        if not inside:
            yield begin, pause.start()
            begin = pause.start() if pause[0][0].isalpha() else pause.end()
    yield begin, last


def cued(words: list[Word], cues: Cues) -> Iterator[tuple[int, int]]:
    """Where a cue stands and how many words it has. “Nobody else” is an “only” and no “not”."""
    at = 0
    while at < len(words):
        length = cues.at(words, at)
        exclusive = ANY_ONLY.at(words, at) if cues is NOT else 0
        if length and exclusive < 2:
            yield at, length
        at += max(length, exclusive, 1)


def scope_of(text: str, words: list[Word], at: int, length: int) -> list[int]:
    """The words that a cue is about: those that follow it, as far as the clause goes; if none do, those before it."""
    scope: list[int] = []
    longest = SHORT_SCOPE if words[at].plain in SHORT else LONGEST_SCOPE
    for index in range(at + length, min(len(words), at + length + longest)):
        gap = text[words[index - 1].end : words[index].start]
        told = any(meaning(words[i]) for i in scope)
        turns = "," in gap or words[index].plain in TURNS or NOT.at(words, index)
        if FULL_PAUSE.search(gap) or (told and turns):
            break
        scope.append(index)
    if any(meaning(words[i]) for i in scope):
        return scope
    before: list[int] = []
    for index in range(at - 1, -1, -1):
        gap = text[words[index].end : words[index + 1].start]
        if before and (PAUSE.search(gap) or words[index].plain in TURNS or words[index].plain == "and"):
            break
        before.append(index)
    return before or scope or [at]


def denied_in(text: str, words: list[Word], but_for: Collection[str] = ()) -> set[int]:
    """Where the words stand that are denied, but for those cues. “Not only” denies nothing."""
    return {
        words[index].start
        for at, length in cued(words, NOT)
        if words[at].plain not in but_for and [word.plain for word in words[at : at + 2]] != ["not", "only"]
        for index in scope_of(text, words, at, length)
    }


def without_doubles(senses: list[Sense]) -> list[Sense]:
    """“Unless” is a condition and no refusal besides."""
    kept: list[Sense] = []
    for sense in senses:
        if not any(other.start == sense.start and other.kind == "if" for other in kept):
            kept.append(sense)
    return kept
