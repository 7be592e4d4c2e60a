"""Whether something that is written answers what one is about to ask: by the words that tell."""

from __future__ import annotations

import re

WORD = re.compile(r"\w+")
STEM = 5
"""So many letters of a longer word are compared: budget and budgets, decide and decides."""
WORDS = """
    about again also another anything asked been before being both business call called change come could customer
    does doing done each else ever every exactly feel find first from general give going good have having help here
    into just keep kind know less like look made make many mean might more most much must need never next often only
    other over please possible question rather really same send should some someone something soon still sure take talk
    team tell than thank thanks that their them then there these they thing things think this those time today together
    told under until upon used using very want week well were what when where whether which while whom whose will with
    within without work would write year your yours
"""
COMMON = frozenset(WORDS.split())


def telling(words: str) -> set[str]:
    """The beginnings of the words that tell what a question is about: long enough, or a number, and not common."""
    found = {word for word in WORD.findall(words.lower()) if len(word) > 3 or any(map(str.isdigit, word))}
    return {word[:STEM] for word in found - COMMON}


def likeness(asked: set[str], text: str) -> int:
    """How many of the telling words stand in this text; 0 where they are too few to make an answer of it."""
    shared = len(asked & telling(text))
    return shared if shared >= min(2, len(asked)) else 0
