"""What a read-back mentions of a brief, by the words they share."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from accounts.briefing import BriefLine

#: How alike two words must be (0 to 100) to count as the same: forgives an ending or a typing slip.
ALIKE = 86
#: The share of a line's telling words that a read-back must contain to count as having mentioned it.
MENTIONED = 0.34
COMMON = frozenset(
    """
    about after again against because before being between could does doing down during each from
    further have having here into just more most once only other over same should some such than
    that their them then there these they this those through under until very were what when where
    which while will with would your
    """.split()  # noqa: SIM905 (words are read, not quotation marks)
)


def telling_words(text: str) -> list[str]:
    """The words of a line by which one recognises it: longer than three letters, or with a digit; not common."""
    words = re.findall(r"[\w'-]+", text.lower())
    return list(
        dict.fromkeys(w for w in words if (len(w) > 3 or any(c.isdigit() for c in w)) and w not in COMMON)
    )


def mentioned(lines: Iterable[BriefLine], words: str) -> list[str]:
    """Keys of the lines that a read-back mentions. A help to the person who decides, not a verdict.

    A person is mentioned by any part of their name; anything else when a third of its telling words appear.
    """
    said = telling_words(words) + re.findall(r"\w+", words.lower())
    return [line.key for line in lines if _is_mentioned(line, said)]


def _is_mentioned(line: BriefLine, said: list[str]) -> bool:
    if line.key.startswith("contact:"):
        return any(part in said for part in line.title.lower().split() if len(part) > 2)
    telling = telling_words(line.text)
    if not telling:
        return line.text.lower().strip() in " ".join(said)
    heard = sum(any(fuzz.ratio(word, other) >= ALIKE for other in said) for word in telling)
    return heard / len(telling) >= MENTIONED
