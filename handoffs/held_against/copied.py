"""answers -> what shows that one of them was copied, or hardly given, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from rapidfuzz import fuzz

from .words import words_of

#: So many words in a row that stand in the brief as well are no words of one's own; a name and a date are fewer.
LONGEST_RUN = 12
#: Two answers of at least so many words are one text when they are so alike (0 to 100), or one holds the other.
SAME_FROM, SAME = 4, 92
FEWEST = 3
IN_WORDS = {0: "nothing", 1: "one word", 2: "two words"}
SHOWN = 6


def remarks(answers: Sequence[tuple[str, str]], brief: Iterable[str]) -> list[str]:
    """Of questions with their answers, and all texts of the brief. Nothing is forbidden by it."""
    given = [(question, text) for question, text in answers if text.strip()]
    return [*hardly_said(given), *twice(given), *pasted(given, brief)]


def hardly_said(answers: list[tuple[str, str]]) -> list[str]:
    counts = ((question, len(words_of(text))) for question, text in answers)
    return [
        f"“{question}” is answered with {IN_WORDS[count]}." for question, count in counts if count < FEWEST
    ]


def twice(answers: list[tuple[str, str]]) -> list[str]:
    return [
        f"“{one}” and “{other}” have the same answer."
        for (one, text), (other, again) in combinations(answers, 2)
        if same_text(text, again)
    ]


def same_text(one: str, other: str) -> bool:
    short, long = sorted(([word.plain for word in words_of(text)] for text in (one, other)), key=len)
    if len(short) < SAME_FROM:
        return False
    inside = len(short) >= LONGEST_RUN and " ".join(short) in " ".join(long)
    return inside or fuzz.ratio(" ".join(short), " ".join(long)) >= SAME


def pasted(answers: list[tuple[str, str]], brief: Iterable[str]) -> list[str]:
    rows = {row for text in brief for row in rows_of([word.plain for word in words_of(text)])}
    found = []
    for question, text in answers:
        words = words_of(text)
        at = longest(rows_of([word.plain for word in words]), rows)
        if at:
            begin, end = at
            start = text[words[begin].start : words[min(begin + SHOWN, end) - 1].end]
            found.append(
                f"“{question}”: {end - begin} words in a row stand in the brief as they are: “{start} …”"
            )
    return found


def rows_of(words: list[str]) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + LONGEST_RUN]) for at in range(len(words) - LONGEST_RUN + 1)]


def longest(mine: list[tuple[str, ...]], theirs: set[tuple[str, ...]]) -> tuple[int, int] | None:
    """From which word to which the longest part of an answer is that stands in the brief."""
    best, begin = None, None
    for at, row in enumerate([*mine, ()]):
        if row in theirs:
            begin = at if begin is None else begin
        elif begin is not None:
            run = (begin, at - 1 + LONGEST_RUN)
            best = max(best or run, run, key=lambda it: it[1] - it[0])
            begin = None
    return best
