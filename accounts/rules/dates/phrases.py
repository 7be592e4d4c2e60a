"""Days in words: how they are written, and how phrases that mean one look.

In the expressions `~` stands for a gap between words, and every rule is a named group. One expression finds all
phrases in one pass over the text; each of its repetitions is bounded, so that the time grows with the length of the
text and no faster.
"""

from __future__ import annotations

import re
import string
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def short(day: date) -> str:
    """A day in words that `find` reads as that very day, whatever the day is on which it is read."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year:04}"


def long(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {short(day)}"


def exists(year: int, month: int, day: int) -> bool:
    return 1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= last_day(year, month)


def last_day(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def month_end(first: date) -> date:
    return first.replace(day=last_day(first.year, first.month))


def next_month(first: date) -> date:
    return month_end(first) + timedelta(days=1)


def three_months(first: date) -> tuple[date, date]:
    return first, month_end(next_month(next_month(first)))


# ---- Phrases

LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
WEEKDAY = "(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
ONE_TO_TWELVE = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
COUNTS = {word: number for number, word in enumerate(ONE_TO_TWELVE, start=1)}
COUNTS |= {"a": 1, "an": 1, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90}
COUNT = "(?:{})".format("|".join(["\\d{1,3}", *sorted(COUNTS, key=len, reverse=True)]))
UNIT = "(?:(?:working|business)~days?|weekdays?|days?|weeks?|fortnights?|months?|years?)"
YEAR = "[12]\\d{3}"
QUARTER = f"q[1-4](?:~{YEAR})?"
HOUR = "(?:eod|cob|close~of~business|(?:the~)?end~of~(?:the~)?day|noon|midday|\\d{1,2}(?::\\d\\d)?\\s?[ap]m)"
DAY_NAME = f"(?:{WEEKDAY}\\.?,?~(?:the~)?)?"

RULES = {
    "iso": DAY_NAME + r"\d{4}(?P<dash>[-/])\d{1,2}(?P=dash)\d{1,2}",
    "numbers": DAY_NAME + r"\d{1,2}(?P<mark>[-/.])\d{1,2}(?P=mark)(?:\d{4}|\d{2})",
    "day_month": rf"{DAY_NAME}\d{{1,2}}(?:st|nd|rd|th)?~?(?:of~)?{MONTH}(?!\w)\.?(?:,?~{YEAR})?",
    "month_day": rf"{DAY_NAME}{MONTH}\.?~(?:the~)?\d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,?~{YEAR})?",
    "pair": DAY_NAME + r"\d{1,2}(?:/\d{1,2}|\.\d{1,2}\.)",
    "edge": (
        rf"(?:(?:end|beginning|start|middle|early|late|mid)(?:~of|~in)?[-~](?:the~)?"
        rf"(?:(?:this|next)~)?(?:week|month|quarter|year|{QUARTER}|{MONTH}(?!\w)\.?(?:~{YEAR})?|{YEAR})"
        rf"|(?:month|quarter|year)(?:-|'s~|~)end|eo[wmqy])"
    ),
    "of_week": rf"(?:{WEEKDAY}~(?:of~)?(?:this|next)~week|(?:this|next)~week,?~(?:on~)?{WEEKDAY})",
    "weekday_week": rf"{WEEKDAY}~week",
    "weekday": rf"(?:(?:this|next|last|coming)~)?{WEEKDAY}",
    "after": (
        rf"(?:next~)?{COUNT}~{UNIT}(?:~(?:from~(?:now|today)|ago))?"
        r"(?!\w|~(?:of|after|before|following|from|prior)(?!\w))"
    ),
    "vague": rf"(?:a~)?(?:couple~of|few|several)~{UNIT}",
    "near": (
        r"(?:day~after~tomorrow|today|tonight|tomorrow|yesterday|eod|cob|close~of~business"
        r"|end~of~(?:the~)?day|this~(?:morning|afternoon|evening))"
    ),
    "period": r"(?:this|next)~(?:week|month|quarter|year)",
    "quarter": QUARTER,
    "month": rf"{MONTH}(?!\w)\.?(?:~{YEAR})?",
    "ordinal": r"\d{1,2}(?:st|nd|rd|th)(?:~of~(?:this|next)~month|(?=\s{0,8}(?:[.,;:!?)]|\Z)))",
}
INTRO = (
    "(?:due(?:~(?:on|by|in|within))?|deadline:?|by|before|until|till|(?:no|not)~later~than|on|in|within|during|for"
    "|from|after|since|every|each)"
)
FIRST_LETTERS = "(?:[abdjloqs]|co|cl|e[anovil]|f[eirou]|in|m[aio]|n[eio]|t[hiuewo]|un|w[ei]|ye)"
"""How phrases begin: most words of a text are passed over at their first letters."""
PHRASE = re.compile(
    (
        rf"(?<![\w@/.-])(?=\d|{FIRST_LETTERS})(?:(?P<intro>{INTRO})~)?(?P<said>(?:the~)?(?:{HOUR}(?:,|~on)?~)?(?:"
        + "|".join(f"(?P<{name}>{rule})" for name, rule in RULES.items())
        + r"))(?![\w/]|-\d|['’]s)"
    )
    .replace("[-~]", r"(?:-|\s{1,8})")
    .replace("~", r"\s{1,8}")
)


def figures(words: str) -> list[int]:
    return [int(it) for it in re.findall(r"\d+", words)]


def words_in(words: str) -> Iterator[str]:
    return (match[0] for match in re.finditer("[a-z]{3,}", words))


def month_in(words: str) -> int:
    return next(
        number
        for word in words_in(words)
        for number, month in enumerate(MONTHS, start=1)
        if month.lower().startswith(word.removesuffix("t") if word == "sept" else word)
    )


def weekday_in(words: str) -> int | None:
    short_names = {"tues": "tue", "weds": "wed", "thur": "thu", "thurs": "thu"}
    return next(
        (
            number
            for word in words_in(words)
            for number, weekday in enumerate(WEEKDAYS)
            if weekday.lower().startswith(short_names.get(word, word))
        ),
        None,
    )


def year_in(words: str) -> int | None:
    found = re.search(rf"(?<!\d){YEAR}(?!\d)", words)
    return int(found[0]) if found else None
