"""text -> passages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from accounts.rules import dates

from .sentences import WORD, Span, sentences
from .signals import SIGNALS, folded

RULES = 3
"""The version of these rules: what was read by another is read anew."""
LEAST = 8
"""With so many words a sentence is understood by itself; a shorter one is shown with those around it."""

MONEY = re.compile(
    r"[$€£¥₹]\s?\d|\d\s?(?:[$€£¥₹%]|(?:k|eur|usd|gbp|chf|inr|sek|dkk|nok|pln|cad|aud|jpy)\b)", re.I
)
DATE = re.compile(r"\b\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?\b|\b20\d\d-\d\d-\d\d\b|\bq[1-4]\b", re.I)
QUOTED = re.compile(r"[\"“„«].{2,}?[\"”“»]")
FIGURE = re.compile(r"\d")
EQUALS = re.compile(r"\w\s=\s\w")
#: A sentence that begins so says something of what stands before it.
POINTS_BACK = frozenset("he she it they him her them this that these those".split())  # noqa: SIM905
#: What is said to be polite, or to sign.
POLITE = re.compile(
    r"[\s>]*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|thanks|thank you|many thanks|cheers|best|regards"
    r"|kind regards|best regards|warm\w*|sincerely|yours|happy|merry|hola|hallo|bonjour|merci|danke|gracias)\b",
    re.I,
)
SHORT = 6
NAMES_A_DAY = {"date", "cliff", "figure"}
#: A date, or a month: “Wednesday” and “next week” are of the days around the note.
OF_THE_CALENDAR = re.compile(rf"\d|{dates.MONTH}", re.I)


@dataclass(frozen=True)
class FoundPassage:
    """text[start:end] may matter, for these reasons; text[begins:ends] is what has to be read to understand it.

    `words` says how much it tells: its different words. `days` are those to come that it names without a doubt.
    """

    start: int
    end: int
    begins: int
    ends: int
    reasons: tuple[str, ...]
    words: int
    days: tuple[date, ...] = ()


def read(text: str, on: date | None = None) -> list[FoundPassage]:
    """The passages of an entry that was written `on` a day, in its order; without a day, none is read from the words.

    Whatever is written can be read; time grows with its length.
    """
    places = sentences(text)
    told = [[folded(word) for word in WORD.findall(text, *place)] for place in places]
    found = []
    for at, (start, end) in enumerate(places):
        if reasons := reasons_of(text[start:end], told[at]):
            first, last = understood(at, told)
            begins, ends = places[first][0], places[last][1]
            days = days_to_come(text[start:end], on) if on and reasons & NAMES_A_DAY else ()
            found.append(
                FoundPassage(start, end, begins, ends, tuple(sorted(reasons)), len(set(told[at])), days)
            )
    return found


def days_to_come(sentence: str, on: date) -> tuple[date, ...]:
    """The days of the calendar that are meant in it for certain, from the one on which it was written."""
    meant = {
        phrase.day
        for phrase in dates.find(sentence, today=on)
        if phrase.day and OF_THE_CALENDAR.search(sentence, phrase.start, phrase.end)
    }
    return tuple(sorted(day for day in meant if day >= on))


def reasons_of(sentence: str, words: list[str]) -> set[str]:
    """Why a sentence may matter: by its words, and by its figures and marks."""
    if len(words) < SHORT and POLITE.match(sentence):
        return set()
    found = SIGNALS.of(words)
    found |= {"money"} if MONEY.search(sentence) else set()
    found |= {"date"} if DATE.search(sentence) else set()
    found |= {"words"} if QUOTED.search(sentence) or EQUALS.search(sentence) else set()
    found |= {"question"} if "?" in sentence else set()
    found |= {"figure"} if FIGURE.search(sentence) else set()
    return found


def understood(at: int, told: list[list[str]]) -> Span:
    """The first and the last of the sentences that are read with one: before it where it points back or is short."""
    first = last = at
    if first > 0 and told[at][0] in POINTS_BACK:
        first -= 1
    while sum(map(len, told[first : last + 1])) < LEAST and (first > 0 or last < len(told) - 1):
        if first > 0:
            first -= 1
        else:
            last += 1
    return first, last
