"""What a brief is made of. It can be frozen, as JSON, and held against a later one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from accounts.rules.passages import count_words

from .from_notes import FromNotes

#: The parts in their order: what hurts first stands first. The notes and the gaps follow.
TITLES = {
    "now": "Now",
    "owed": "What we owe",
    "people": "The people",
    "terms": "Terms and money",
    "story": "If … then …, and the story",
    "ways": "Their words and ways",
}


@dataclass(frozen=True)
class BriefLine:
    """One thing of the brief: what it says, where it comes from, and whether it must survive the change.

    `key` names what stands behind it: `fact:3`, `contact:7`. `more` is told beside it and changes by itself. What is
    `spare` may be left out where there is no room.
    """

    key: str
    title: str
    text: str
    source: str = ""
    must_survive: bool = False
    more: list[str] = field(default_factory=list)
    spare: bool = False

    @property
    def words(self) -> int:
        return count_words(" ".join([self.title, self.text, self.source, *self.more]))

    @property
    def told(self) -> tuple[str, str, str, str]:
        """What is the same as long as nothing has changed."""
        return self.key, self.title, self.text, self.source


@dataclass(frozen=True)
class BriefPart:
    """`left` more lines have no room here: they stand on the account's page."""

    key: str
    lines: list[BriefLine] = field(default_factory=list)
    left: int = 0

    @property
    def title(self) -> str:
        return TITLES[self.key]


@dataclass(frozen=True)
class BriefChange:
    """One line of a brief that is not what it was: what an approver has to know."""

    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Matters:
    """What an approval is about and a read-back shows: how the account stands, and each line that must survive."""

    lines: list[BriefLine]

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hexadecimal of these lines, as canonical JSON, in whatever order they stand."""
        lines = sorted(line.told for line in self.lines)
        canonical = json.dumps(lines, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def changes_since(self, before: Matters) -> list[BriefChange]:
        """What was added, taken out or written anew since then, in the order of these lines."""
        old, new = (
            {line.key: (line.title, f"{line.text}\n{line.source}".strip()) for line in matters.lines}
            for matters in (before, self)
        )
        found = [
            BriefChange(title, old[key][1] if key in old else "", text)
            for key, (title, text) in new.items()
            if old.get(key) != (title, text)
        ]
        return found + [BriefChange(title, text, "") for key, (title, text) in old.items() if key not in new]


@dataclass(frozen=True)
class Brief:
    """The composition: six parts, what the notes hold besides, and what nobody has written down."""

    account: str
    parts: list[BriefPart] = field(default_factory=list)
    notes: FromNotes = field(default_factory=FromNotes)
    gaps: list[str] = field(default_factory=list)

    def part(self, key: str) -> BriefPart:
        return next((part for part in self.parts if part.key == key), BriefPart(key))

    @property
    def lines(self) -> Iterator[BriefLine]:
        return (line for part in self.parts for line in part.lines)

    @property
    def must_survive(self) -> list[BriefLine]:
        """What the receiver has to show: the condition has a question of its own."""
        return [line for line in self.lines if line.must_survive and line.key != "condition"]

    @property
    def matters(self) -> Matters:
        return Matters([line for line in self.lines if line.must_survive])

    @property
    def fingerprint(self) -> str:
        """It changes when, and only when, something that must survive does: an ordinary note changes nothing."""
        return self.matters.fingerprint

    @property
    def words(self) -> int:
        """How many are read besides the notes."""
        titles = (part.title for part in self.parts if part.lines)
        return sum(line.words for line in self.lines) + count_words(" ".join([*titles, *self.gaps]))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Brief:
        parts = [
            BriefPart(part["key"], [BriefLine(**line) for line in part["lines"]], part["left"])
            for part in stored["parts"]
        ]
        return cls(stored["account"], parts, FromNotes.from_json(stored["notes"]), stored["gaps"])


def within(parts: Iterable[BriefPart], words: int, least: int = 0) -> list[BriefPart]:
    """These parts, without what is spare and cannot be read in so many words; the first ones come first.

    What is spare has `least` words in any case.
    """
    parts = list(parts)
    room = max(words - sum(line.words for part in parts for line in part.lines if not line.spare), least)
    found = []
    for part in parts:
        kept = []
        for line in part.lines:
            room -= line.words if line.spare else 0
            if not line.spare or room >= 0:
                kept.append(line)
        found.append(BriefPart(part.key, kept, part.left + len(part.lines) - len(kept)))
    return found
