"""What columns may mean whose headings say nothing: by a heading that is nearly one we know, and by their values.

Everything here is offered to a person and never taken by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from . import values
from .columns import Guess
from .dialects import DIALECTS, FIELDS, fold

ALIKE = 82
ENOUGH = 0.9  # of the values
FEWEST = 2  # values from which anything can be told
LONG = 40  # characters: a sentence, not a name
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_BRACKETS = re.compile(r"[(\[].*?[)\]]")
#: The fields that values of a sort may belong to, for each kind, the likeliest first.
BY_VALUES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "account": {"colleague": ["owner"], "account": ["parent"], "date": ["created"], "amount": ["revenue"]},
    "person": {"address": ["email"], "colleague": ["manager"]},
    "contact": {"account": ["account"], "address": ["email"]},
    "deal": {
        "account": ["account"], "colleague": ["agent"], "date": ["closes_on", "engaged_on"], "amount": ["amount"],
    },
    "task": {
        "account": ["account"], "address": ["email"], "colleague": ["author"], "date": ["happened", "created"],
        "prose": ["text"],
    },
}  # fmt: skip


@dataclass
class Vocabulary:
    """The names and ids of accounts and of our people that whoever imports may see, and those in the files."""

    accounts: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)

    def add_accounts(self, texts: Iterable[str]) -> None:
        self.accounts.update(values.key(text) for text in texts if text.strip())

    def add_people(self, texts: Iterable[str]) -> None:
        self.people.update(values.key(text) for text in texts if text.strip())


def offers(
    header: Sequence[str],
    kind: str,
    taken: Collection[int],
    used: Collection[str],
    sample: Callable[[int], list[str]],
    known: Vocabulary,
) -> dict[int, Guess]:
    """For columns of a table of this kind that are not `taken`, what fields not yet `used` they may be.

    `sample` gives the values of a column, by its place.
    """
    free = [name for name in FIELDS.get(kind, []) if name not in used]
    found: dict[int, Guess] = {}
    for place, cell in enumerate(header):
        if place in taken:
            continue
        guess = _by_heading(cell, kind, free) or _by_values(sample(place), kind, free, known)
        if guess:
            found[place] = guess
            free.remove(guess.field)
    return found


def _by_heading(cell: str, kind: str, free: Sequence[str]) -> Guess | None:
    """A heading that is one we know but for what stands in brackets, or but for a few letters."""
    theirs = {
        word: (name, dialect.because)
        for dialect in DIALECTS
        for name in free
        for word in dialect.headings(kind, name)
    }
    without = fold(_BRACKETS.sub("", cell))
    if without != fold(cell) and without in theirs:
        name, because = theirs[without]
        return Guess(name, f"{because} but for what stands in brackets", certain=False)
    heading = fold(cell)
    if len(heading) < 5:
        return None
    near = process.extractOne(heading, list(theirs), scorer=fuzz.ratio, score_cutoff=ALIKE)
    if near is None or near[0] == heading:
        return None
    return Guess(theirs[near[0]][0], f"nearly the same as the heading “{near[0]}”", certain=False)


# ---- By values


def _by_values(cells: list[str], kind: str, free: Sequence[str], known: Vocabulary) -> Guess | None:
    for sort, because in sorts(cells, known):
        for name in BY_VALUES.get(kind, {}).get(sort, ()):
            if name in free:
                return Guess(name, because, certain=False)
    return None


def sorts(cells: Iterable[str], known: Vocabulary) -> Iterator[tuple[str, str]]:
    """What these values look like, the most telling first, each with the reason."""
    every = [text for cell in cells if (text := values.plain(cell))]
    if (of := len(every)) < FEWEST:
        return
    for sort, names, what in (
        ("account", known.accounts, "are names or ids of accounts of this book"),
        ("colleague", known.people, "are people who work here"),
    ):
        count = sum(values.key(text) in names for text in every)
        if count >= of * ENOUGH:
            yield sort, f"{count} of {of} values {what}"
    texts = set(every)
    for sort, fits, because in (
        ("address", _ADDRESS.fullmatch, "every value is an e-mail address"),
        ("date", _is_date, "every value is a date"),
        ("amount", _is_amount, "every value is an amount"),
    ):
        if all(fits(text) for text in texts):
            yield sort, because
    if sum(map(len, texts)) > LONG * len(texts):
        yield "prose", "its values are sentences"


def _is_date(text: str) -> bool:
    return any(values.instant(text, form) for form in values.DATE_FORMS) and not text.isdecimal()


def _is_amount(text: str) -> bool:
    try:
        return values.amount(text) is not None and len(text) > 2
    except values.Unfit:
        return False


# ---- Kinds


def kind_by_values(columns: Iterable[list[str]], known: Vocabulary) -> tuple[str, str]:
    """What a table may hold whose header says nothing: the kind and the reason; both empty where nothing tells."""
    seen: dict[str, str] = {}
    for cells in columns:
        for sort, because in sorts(cells, known):
            seen.setdefault(sort, because)
    for kind, needed in (
        ("task", "account date prose"),
        ("deal", "account amount"),
        ("contact", "account address"),
        ("task", "account date"),
    ):
        if set(needed.split()) <= set(seen):
            first, *others = (seen[sort] for sort in needed.split())
            return kind, "; ".join([f"in one column {first}", *(f"in another {other}" for other in others)])
    return "", ""
