"""What other systems and languages call the columns that we take: data, in `headings/`, one file for each."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

PLAIN = "english"
_SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "æ": "ae", "œ": "oe", "å": "aa", "ł": "l"}
)


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """A heading as it is compared: its letters and digits, without case, accents and the prefixes of warehouses."""
    text = unicodedata.normalize("NFKC", text.replace("\ufeff", "").replace("#", "number of "))
    text = text.casefold().strip().removeprefix("property_").translate(_SPELLED)
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if sign.isalnum())


@dataclass(frozen=True)
class Dialect:
    """How one system or language calls things: for each kind of table our field, and its headings, best first."""

    name: str
    because: str  # as a reason to read a heading so: “Salesforce calls it so”
    fields: Mapping[str, Mapping[str, Sequence[str]]]

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(
            word for fields in self.fields.values() for headings in fields.values() for word in headings
        )

    def headings(self, kind: str, field: str) -> Sequence[str]:
        return self.fields.get(kind, {}).get(field, ())

    def knows(self, headings: Sequence[str]) -> int:
        """How many of these headings this dialect has."""
        return len(self.words.intersection(headings))


def _read(path: Path) -> Dialect:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    because = data.pop("because", "The heading says so")
    kinds = {
        kind: {field: [fold(word) for word in words] for field, words in fields.items()}
        for kind, fields in data.items()
    }
    return Dialect(path.stem, because, kinds)


def _plain_first(path: Path) -> tuple[bool, str]:
    return not path.stem.startswith(PLAIN), path.stem


DIALECTS = [
    _read(path) for path in sorted((Path(__file__).parent / "headings").glob("*.toml"), key=_plain_first)
]
#: For each kind of table the fields that we take, in the order in which they look for their column.
FIELDS: dict[str, list[str]] = {}
for _dialect in DIALECTS:
    for _kind, _fields in _dialect.fields.items():
        FIELDS.setdefault(_kind, []).extend(name for name in _fields if name not in FIELDS.get(_kind, []))


def by_fit(headings: Sequence[str]) -> list[Dialect]:
    """The dialects, first those that have most of these headings; plain ones come first where they do as well."""
    return sorted(DIALECTS, key=lambda dialect: -dialect.knows(headings))
