"""What the cells of other systems say, and what that is here: a status, a kind of activity, a part in buying."""

from __future__ import annotations

import tomllib
from pathlib import Path

from . import values


def _words() -> dict[str, dict[str, str]]:
    """For each section what each word means, from every file of `words/`."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted((Path(__file__).parent / "words").glob("*.toml")):
        for section, meanings in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for meaning, words in meanings.items():
                found.setdefault(section, {}).update({values.squashed(word): meaning for word in words})
    return found


WORDS = _words()
DONE, CANCELLED, OPEN = "done", "cancelled", "open"


def meaning(section: str, text: str) -> str:
    """What a cell says in our words, such as “done” for “Completed”; nothing where we do not know the word."""
    return WORDS[section].get(values.squashed(text), "") if text else ""


def meaning_within(section: str, text: str) -> str:
    """What a longer cell says by a word in it, such as “question” for “Billing inquiry”."""
    said = values.squashed(text)
    return next((found for word, found in WORDS[section].items() if word in said), "")
