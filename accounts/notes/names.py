"""Finding things by a name that somebody typed in a hurry: without accents, cut short, or with one slip.

The same for the people, the topics and the stages that a note names. Where a name fits several things they are all
found, and it is for the caller to ask. The time to look one up grows with its length, not with the number of names.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable
from functools import cached_property
from typing import Generic, TypeVar

from rapidfuzz.distance import OSA

T = TypeVar("T", bound=Hashable)

LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
ACCENTS = re.compile("[\u0300-\u036f]")
GAPS = re.compile(r"[\s._'’-]+")
SHORTEST_WITH_SLIP, LONGEST_NAME = 4, 60


def fold(name: str) -> str:
    """A name as it is compared: without case, accents and punctuation."""
    if not name.isascii():
        name = ACCENTS.sub("", unicodedata.normalize("NFKD", name.casefold().translate(LETTERS)))
    return GAPS.sub(" ", name.casefold()).strip()


class Names(Generic[T]):
    """Things that are found by name: as written, by how the name begins, or with one typing slip."""

    def __init__(self, named: Iterable[tuple[T, Iterable[str], Iterable[str]]]) -> None:
        """Of each thing the names that are its own, and those that it may share with others."""
        own: dict[str, dict[T, None]] = defaultdict(dict)
        shared: dict[str, dict[T, None]] = defaultdict(dict)
        things: dict[T, None] = {}
        for thing, own_names, shared_names in named:
            things[thing] = None
            for names, index in ((own_names, own), (shared_names, shared)):
                for name in filter(None, map(fold, names)):
                    index[name][thing] = None
        self.all = tuple(things)
        self.own = {name: tuple(found) for name, found in own.items()}
        self.shared = {name: tuple(found) for name, found in shared.items()}
        self.in_order = sorted(self.shared)
        self.found: dict[tuple[str, int], tuple[T, ...]] = {}

    @cached_property
    def openings(self) -> frozenset[str]:
        """All that names of several words begin with, word by word."""
        names = (name.split(" ") for name in (*self.shared, *self.own))
        return frozenset(" ".join(words[:end]) for words in names for end in range(1, len(words)))

    @cached_property
    def slips(self) -> dict[str, list[str]]:
        """Names by what is left of them when one character is lost: two that differ by one slip share such a rest."""
        index: dict[str, list[str]] = defaultdict(list)
        for name in self.shared:
            if SHORTEST_WITH_SLIP <= len(name) <= LONGEST_NAME:
                for rest in rests(name):
                    index[rest].append(name)
        return index

    def exactly(self, name: str) -> tuple[T, ...]:
        return self.own.get(name) or self.shared.get(name, ())

    def match(self, name: str, *, shortest: int) -> tuple[T, ...]:
        """Those meant by a name; a beginning must have at least `shortest` characters."""
        return self.exactly(name) or self.loosely(name, shortest=shortest)

    def loosely(self, name: str, *, shortest: int) -> tuple[T, ...]:
        found = self.found.get((name, shortest))
        if found is None:
            found = (self.beginning(name) if len(name) >= shortest else ()) or self.nearly(name)
            self.found[name, shortest] = found
        return found

    def beginning(self, name: str) -> tuple[T, ...]:
        found: dict[T, None] = {}
        for at in range(bisect_left(self.in_order, name), len(self.in_order)):
            if not self.in_order[at].startswith(name):
                break
            found.update(dict.fromkeys(self.shared[self.in_order[at]]))
        return tuple(found)

    def nearly(self, name: str) -> tuple[T, ...]:
        if not SHORTEST_WITH_SLIP <= len(name) <= LONGEST_NAME:
            return ()
        near = {it for rest in rests(name) for it in self.slips.get(rest, ())}
        names = sorted(it for it in near if OSA.distance(it, name, score_cutoff=1) <= 1)
        return tuple(dict.fromkeys(thing for it in names for thing in self.shared[it]))


def rests(name: str) -> set[str]:
    return {name, *(name[:at] + name[at + 1 :] for at in range(len(name)))}
