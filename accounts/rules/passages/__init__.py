"""What a note holds that must not be lost: `read(text)` points at whole sentences, each with why it may matter.

Nothing here writes text: a passage is a place in what somebody wrote. Why it may matter is found by words, which stand
in `signals.toml`, and by figures, dates, money and quotation marks, which are the same in most languages. What is never
worth carrying (greetings, signatures, scheduling, thanks) is left out; a sentence with a reason stays, however dull.
"""

from .choosing import chosen
from .reading import RULES, FoundPassage, days_to_come, read
from .sentences import Span, count_words, sentences
from .signals import REASONS

__all__ = [
    "REASONS",
    "RULES",
    "FoundPassage",
    "Span",
    "chosen",
    "count_words",
    "days_to_come",
    "read",
    "sentences",
]
