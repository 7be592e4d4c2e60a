"""text -> the places of its sentences: lines, sentences, and the breaths of a dictated note without punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

WORD = re.compile(r"\w+(?:['’]\w+)*")
#: The end of a line, or a full stop before something that can begin a sentence.
END = re.compile(r"(?P<stop>[.!?…]+[\"”»’)\]]*)\s+(?=[\"“„«(\[¿¡>*•-]*\s*[^\W_a-zß-ÿ])|\s*\n\s*|\s+[|•]\s+")
#: What ends with a full stop and not the sentence: an abbreviation, an initial, the number of a list.
GOES_ON = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|sr|sra|hr|fr|no|nr|vs|approx|ca|etc|inc|ltd|co|e\.g|i\.e|z\.b|bzw|tel|p|pp)"
    r"|\b[A-ZÀ-Þ]|[\n>][\s>]*\d{1,2})\.$",
    re.IGNORECASE,
)
ANY_WORD = re.compile(r"\w+")
LONG, BREATH, LONGEST_BREATH, LEAST = 45, 18, 32, 8
BREATHES_AT = frozenset("and but so because he she they i we if when then also".split())  # noqa: SIM905


def count_words(text: str) -> int:
    return len(ANY_WORD.findall(text))


def sentences(text: str) -> list[Span]:
    """Where each sentence begins and ends. Whatever is not blank lies in one of them."""
    return [breath for sentence in by_stops(text) for breath in by_breath(text, sentence)]


def by_stops(text: str) -> Iterator[Span]:
    start = 0
    for match in END.finditer(text):
        end = match.end("stop") if match["stop"] else match.start()
        if match["stop"] and GOES_ON.search("\n" + text[max(start, end - 16) : end]):
            continue
        if WORD.search(text, start, end):
            yield start, end
            start = match.end()
    if WORD.search(text, start):
        yield start, len(text.rstrip())


def by_breath(text: str, sentence: Span) -> Iterator[Span]:
    """A sentence; one of more than 45 words in pieces of 18 to 32, cut before `and`, `but` and their like."""
    begin, end = sentence
    words = list(WORD.finditer(text, begin, end))
    if len(words) > LONG:
        last = 0
        for at, word in enumerate(words):
            breathes = word[0].casefold() in BREATHES_AT or text[: word.start()].rstrip()[-1:] in set(",;:")
            if len(words) - at >= LEAST and (
                at - last >= LONGEST_BREATH or (breathes and at - last >= BREATH)
            ):
                yield begin, word.start()
                begin, last = word.start(), at
    yield begin, end
