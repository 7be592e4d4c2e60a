"""The day by which something is promised, read from words: “by Friday”, “in two weeks”, “end of March”.

A phrase that means one day gives that day. A phrase that may mean several gives them all with a question, and the
writer chooses: a promise is never dated by a guess. (The library for this, dateparser, was tried first: it reads
3/4/2027 as the fourth of March, “in March” as today's day in March and “they may” as a month, all without a word.)
Everything is relative to the `today` given.
"""

from __future__ import annotations

import re
from datetime import date

from .phrases import LOWER, PHRASE
from .reader import DUE, DateReader, Phrase

CHOICES = 8
ALTERNATIVE = re.compile(r"\s{0,3},?\s{0,3}(?:or|and|to|/|-|–)\s{1,3}(?:on |by |the ){0,2}")


def deadline(text: str, *, today: date, start: int = 0) -> Phrase | None:
    """The day by which something is promised in `text`, or the question which day is meant; None without a date.

    “Due” outweighs “by”, “before” and “until”, which outweigh a day that is merely named; the last “due” counts, for
    so the question which of several days it is can be answered in the text. Quarters are those of the calendar, and
    asked about.
    """
    phrases = find(text, today=today, start=start)
    if not phrases:
        return None
    most = max(phrase.weight for phrase in phrases)
    clearest = [phrase for phrase in phrases if phrase.weight == most]
    if most == DUE:
        return clearest[-1]
    if len({(phrase.days, phrase.doubt) for phrase in clearest}) == 1:
        return clearest[0]
    days = sorted({day for phrase in clearest for day in phrase.days})
    end = len(text.rstrip())
    return Phrase(end, end, tuple(days[:CHOICES]), "Which of these days is it due?", DUE, " due ")


def find(text: str, *, today: date, start: int = 0) -> list[Phrase]:
    """Every phrase in text[start:] that means a day, in the order of the text."""
    found: list[Phrase] = []
    reader = DateReader(today)
    for match in PHRASE.finditer(text.translate(LOWER), start):
        phrase = reader.phrase(match)
        if phrase and found and ALTERNATIVE.fullmatch(text, found[-1].end, phrase.start):
            found[-1] = either(found[-1], phrase)
        elif phrase:
            found.append(phrase)
    return found


def either(first: Phrase, second: Phrase) -> Phrase:
    """“Friday or Monday” is one phrase that may mean either."""
    days = sorted({*first.days, *second.days})[:CHOICES]
    doubt = first.doubt or second.doubt or ("Which of these days?" if len(days) > 1 else "")
    return Phrase(first.start, second.end, tuple(days), doubt, max(first.weight, second.weight), first.lead)
