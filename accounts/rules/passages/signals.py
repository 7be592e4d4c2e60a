"""Words -> reasons: for which of the reasons in `signals.toml` a sentence may matter."""

from __future__ import annotations

import os
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypedDict, cast

SHIPPED = Path(__file__).with_name("signals.toml")
SHORTEST_STEM = 2


def folded(word: str) -> str:
    """A word as it is compared: without case and accents, with one kind of apostrophe."""
    if not word.isascii():
        word = unicodedata.normalize("NFKD", word.replace("’", "'"))
        word = "".join(letter for letter in word if not unicodedata.combining(letter))
    return word.casefold()


class Signals:
    """Finds reasons by words. A word is looked up, not searched for, so that time grows with the text alone."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """`words` by reason; one that ends in `*` stands for every word that begins so."""
        whole: dict[str, set[str]] = defaultdict(set)
        stems: dict[str, set[str]] = defaultdict(set)
        rows: dict[str, list[tuple[list[str], str]]] = defaultdict(list)
        for reason, some in words.items():
            for entry in some:
                first, *rest = folded(entry).split()
                if rest:
                    rows[first].append((rest, reason))
                elif first.endswith("*"):
                    stems[first[:-1]].add(reason)
                else:
                    whole[first].add(reason)
        self.rows = dict(rows)
        longest = max(map(len, stems), default=0)

        def of_word(word: str) -> frozenset[str]:
            found = set(whole.get(word, ()))
            for end in range(SHORTEST_STEM, min(len(word), longest) + 1):
                found |= stems.get(word[:end], set())
            return frozenset(found)

        self.of_word = lru_cache(maxsize=50_000)(of_word)

    def of(self, words: Sequence[str]) -> set[str]:
        """The reasons of a sentence, given its words, folded."""
        found: set[str] = set()
        for at, word in enumerate(words):
            found |= self.of_word(word)
            for rest, reason in self.rows.get(word, ()):
                if all(map(matches, words[at + 1 : at + 1 + len(rest)], rest)) and at + len(rest) < len(
                    words
                ):
                    found.add(reason)
        return found


def matches(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


class SignalTable(TypedDict):
    title: str
    words: list[str]


def read_file(path: Path) -> dict[str, SignalTable]:
    return cast("dict[str, SignalTable]", tomllib.loads(path.read_text(encoding="utf-8")))


def all_words() -> dict[str, list[str]]:
    """The words of each reason: ours, and those of the operator's own file."""
    words = {reason: list(table["words"]) for reason, table in read_file(SHIPPED).items()}
    if own := os.environ.get("PASSAGE_SIGNALS"):
        for reason, table in read_file(Path(own)).items():
            words[reason] += table["words"]
    return words


#: What each reason is called on a page, in the order in which they are named.
REASONS: dict[str, str] = {reason: table["title"] for reason, table in read_file(SHIPPED).items()}
SIGNALS = Signals(all_words())
