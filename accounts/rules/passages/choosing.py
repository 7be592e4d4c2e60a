"""passages, words to spend -> what is shown of each entry, the most telling for their length first."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from math import cbrt
from typing import Protocol, TypeVar

from .sentences import Span, count_words

K = TypeVar("K", bound=Hashable)


class Placed(Protocol):
    """A passage, found or kept: where it is read from and to, and how many different words it has."""

    @property
    def begins(self) -> int: ...
    @property
    def ends(self) -> int: ...
    @property
    def words(self) -> int: ...


def chosen(
    passages: Mapping[K, Iterable[Placed]], texts: Mapping[K, str], labels: Mapping[K, int], room: int
) -> dict[K, list[Span]]:
    """For so many words the places to show of each entry, in order, joined where they touch.

    `labels` counts the words that stand before whatever is shown of an entry. A passage is worth its different words
    over the cube root of what it costs: long ones say more, and of two that say as much the shorter one comes first.
    """
    shown: dict[K, list[Span]] = {}
    waiting: list[tuple[float, int, K, Placed]] = []
    of_entry: dict[K, list[tuple[int, Placed]]] = defaultdict(list)

    def cost(entry: K, passage: Placed) -> int:
        """The words that it adds to what is shown already; of a new entry its label, too."""
        there = shown.get(entry, [])
        text, new = texts[entry], without((passage.begins, passage.ends), there)
        return sum(count_words(text[start:end]) for start, end in new) + (0 if there else labels[entry])

    def wait(entry: K, at: int, passage: Placed) -> None:
        if price := cost(entry, passage):
            heapq.heappush(waiting, (-passage.words / cbrt(price), at, entry, passage))

    at = 0
    for entry, some in passages.items():
        for passage in some:
            of_entry[entry].append((at, passage))
            wait(entry, at, passage)
            at += 1
    while waiting:
        _, _, entry, passage = heapq.heappop(waiting)
        price = cost(entry, passage)
        if not price or price > room:
            continue
        room -= price
        shown[entry] = joined(texts[entry], [*shown.get(entry, ()), (passage.begins, passage.ends)])
        for number, beside in of_entry[entry]:  # they cost less now
            wait(entry, number, beside)
    return shown


def without(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of a span when these are taken out of it, in order."""
    left, (start, end) = [], span
    for begins, ends in sorted(taken):
        if begins > start:
            left.append((start, min(begins, end)))
        start = max(start, ends)
    return [(a, b) for a, b in [*left, (start, end)] if a < b]


def joined(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans in order; those with nothing but blanks between them are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and (start <= found[-1][1] or not text[found[-1][1] : start].strip()):
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
