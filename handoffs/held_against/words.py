"""text -> its words as they are compared: without endings, and with those of one meaning as one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from accounts.notes.names import fold

WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
POSSESSIVE = re.compile(r"'s?$")
ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ied", "ed", "es", "ly", "s")
SHORTEST_STEM = 3

TABLES: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
)
CUES = {word for words in TABLES["cues"].values() for word in words.split() if word.isalpha()}
COMMON = frozenset(TABLES["common"]["words"].split()) | CUES


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text; `stem` is empty where it says nothing about what the text is about."""

    text: str
    plain: str
    stem: str
    start: int
    end: int


def words_of(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    found = WORD.finditer(text, start, len(text) if end is None else end)
    return [Word(match[0], plain(match[0]), stem(match[0]), *match.span()) for match in found]


@lru_cache(maxsize=20_000)
def plain(word: str) -> str:
    """A word without case, accents and possessive; “don't” and its like are “not”."""
    small = word.casefold().replace("’", "'")
    return "not" if small.endswith("n't") else fold(POSSESSIVE.sub("", small)).replace(" ", "-")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What two forms of a word have in common; for words of one meaning, the first of them."""
    small = plain(word)
    if small in COMMON or (len(small) < SHORTEST_STEM and not word.isupper()):
        return ""
    return SAME.get(small) or SAME.get(shortened(small)) or shortened(small)


def shortened(word: str) -> str:
    """A word without its ending: “slipped”, “slipping” and “slips” are “slip”."""
    for ending in ENDINGS:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= SHORTEST_STEM and not (ending == "s" and rest.endswith("s")):
            rest = rest + "y" if ending in {"ies", "ied"} else rest
            twice = len(rest) > SHORTEST_STEM and rest[-1] == rest[-2] and rest[-1] not in "ls"
            word = rest[:-1] if twice else rest
            break
    return word.removesuffix("e") if len(word) > SHORTEST_STEM else word


def compared_as(word: Word) -> str:
    """As `stem`, of words too that say nothing about what a line is about."""
    return word.stem or shortened(word.plain)


def lines_of(table: str) -> Iterator[list[str]]:
    return (line.split() for line in TABLES[table]["words"].strip().splitlines())


SAME: dict[str, str] = {}
for _first, *_rest in lines_of("same"):
    SAME |= {
        form: f"={_first}"
        for word in (_first, *_rest)
        for form in (word, shortened(word))
        if form not in SAME
    }

#: Of each word those that it excludes.
OPPOSITES: dict[str, frozenset[str]] = {}
for _row in lines_of("opposite"):
    _stems = [SAME.get(shortened(word.rstrip("*")), shortened(word.rstrip("*"))) for word in _row]
    for _stem in _stems:
        OPPOSITES[_stem] = OPPOSITES.get(_stem, frozenset()) | (set(_stems) - {_stem})


class Cues:
    """Finds words, and rows of words, that change what a sentence says."""

    def __init__(self, *tables: str) -> None:
        entries = [entry for table in tables for entry in TABLES["cues"][table].split()]
        self.whole = {entry for entry in entries if "_" not in entry and not entry.endswith("*")}
        self.stems = tuple(entry[:-1] for entry in entries if entry.endswith("*"))
        self.rows: dict[str, list[list[str]]] = {}
        for first, *rest in (entry.split("_") for entry in entries if "_" in entry):
            self.rows.setdefault(first, []).append(rest)

    def at(self, words: list[Word], index: int) -> int:
        """How many words the cue that stands here has; 0 where none stands."""
        word = words[index].plain
        for rest in self.rows.get(word, ()):
            if [other.plain for other in words[index + 1 : index + 1 + len(rest)]] == rest:
                return len(rest) + 1
        return int(word in self.whole or word.startswith(self.stems))


NOT, ONLY, IF = Cues("not"), Cues("only"), Cues("if")
#: What a read-back may say instead.
ANY_ONLY, ANY_IF, OPENS_IF = Cues("only", "also_only"), Cues("if", "also_if"), Cues("opens_if")
