"""text -> the days in it, in whatever form: “14 January”, “14/01” and “2026-01-14” are one day.

Where it may mean two days (“03/04”) it means both. A day without a year is that day of any year.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from accounts.rules.dates.phrases import (
    LOWER,
    MONTH,
    PHRASE,
    RULES,
    exists,
    figures,
    month_in,
    weekday_in,
    year_in,
)
from accounts.rules.dates.reader import DateReader, Reading

from .figures import Day, Figure, FigureKind, Value, place
from .words import TABLES

#: Of the phrases that a note is read for, those that name a day without asking which day it is today.
OF_THE_CALENDAR = {"iso", "numbers", "day_month", "month_day", "edge"}
NAMED_EDGE = re.compile(rf"{MONTH}|q[1-4]|\d{{4}}")
PAIR = re.compile(r"(?<![\w/.,-])(\d{1,2})(?:/(\d{1,2})|\.(\d{1,2})\.)(?![\w/])")
NO_PAIR = {"24/7", "9/5"}
MONTH_ALONE = re.compile(rf"\b{MONTH}\b\.?(?:,?\s+(?P<year>[12]\d{{3}})\b)?", re.IGNORECASE)
#: Short forms and words that begin a sentence as something else: “May I ...”.
DOUBTFUL_MONTHS = {"may", "march", "mar", "sept", "jun", "jan", "dec"}
INTRODUCED = re.compile(
    r"\b(?:in|by|of|until|till|since|from|before|after|to|on|due|end|mid|early|late|this|next|last)[\s-]+$",
    re.IGNORECASE,
)
INTRODUCTION = 12
QUARTER = re.compile(
    r"\b(?:q(?P<n>[1-4])|(?P<word>first|second|third|fourth|last) quarter)\b(?:\s+(?:of\s+)?(?P<year>[12]\d{3}))?",
    re.IGNORECASE,
)
QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE)
ORDINAL = re.compile(
    r"(?<![\w.])(\d{1,2})(?:st|nd|rd|th)\b(?!\s+(?:floor|time|anniversary|birthday|place))", re.IGNORECASE
)
ORDINAL_WORDS = {word: day for day, word in enumerate(TABLES["numbers"]["ordinals"].split(), start=1)}
ORDINAL_WORD = re.compile(rf"(?<=\bthe )(?:{'|'.join(ORDINAL_WORDS)})\b", re.IGNORECASE)
YEAR = re.compile(r"(?<![\w.,/-])(?:19[5-9]\d|20\d\d)(?![\w%/-]|[.,]\d)")


def days_in(text: str, on: date) -> Iterator[Figure]:
    """The days that a text names, as somebody who writes on that day means them. Where two overlap the first counts."""
    yield from of_the_calendar(text, on)
    yield from pairs(text)
    yield from months(text)
    for match in QUARTER.finditer(text):
        number = int(match["n"]) if match["n"] else QUARTERS[match["word"].lower()]
        yield place(FigureKind.DAY, text, *match.span(), Day(year=whole(match["year"]), quarter=number))
    for match in WEEKDAY.finditer(text):
        name = match[0].lower().removesuffix("s")
        yield place(FigureKind.DAY, text, *match.span(), Day(weekday=weekday_in(name)))
    for match in ORDINAL.finditer(text):
        if 1 <= int(match[1]) <= 31:
            yield place(FigureKind.DAY, text, *match.span(), Day(day=int(match[1])))
    for match in ORDINAL_WORD.finditer(text):
        day = frozenset({Day(day=ORDINAL_WORDS[match[0].lower()])})
        yield Figure(FigureKind.DAY, match[0], *match.span(), day, demanded=False)
    for match in YEAR.finditer(text):
        yield place(FigureKind.DAY, text, *match.span(), Day(year=int(match[0])))


def whole(digits: str | None) -> int | None:
    return int(digits) if digits else None


def is_introduced(text: str, start: int) -> bool:
    return bool(INTRODUCED.search(text, max(0, start - INTRODUCTION), start))


def of_the_calendar(text: str, on: date) -> Iterator[Figure]:
    """As a note is read (`accounts/rules/dates`)."""
    reader = DateReader(on)
    for match in PHRASE.finditer(text.translate(LOWER)):
        rule = next(name for name in RULES if match[name] is not None)
        words = " ".join(match[rule].split())
        if rule in OF_THE_CALENDAR and (rule != "edge" or NAMED_EDGE.search(words)):
            yield place(FigureKind.DAY, text, *match.span(rule), *read(reader, rule, words))


def read(reader: DateReader, rule: str, words: str) -> set[Value]:
    """The days that a phrase may mean, with year and weekday only where it says the year."""
    says_year = year_in(words) is not None or (rule in {"iso", "numbers"} and len(figures(words)) == 3)
    read_as: Callable[[str, str], Reading | None] = getattr(reader, rule)
    try:
        days, _ = read_as(words, "on") or ((), "")
    except (ValueError, OverflowError, StopIteration):  # beyond the calendar
        days = ()
    if not days:  # a day that does not exist was said all the same
        return {words}
    return {
        Day(day.year, day.month, day.day, day.weekday()) if says_year else Day(None, day.month, day.day)
        for day in days
    }


def pairs(text: str) -> Iterator[Figure]:
    """“14/01”, not “3/4 of the seats”."""
    for match in PAIR.finditer(text):
        one, other = int(match[1]), int(match[2] or match[3])
        days = {
            Day(None, month, day) for day, month in ((one, other), (other, one)) if exists(2024, month, day)
        }
        sure = "0" in match[0] or max(one, other) > 12 or is_introduced(text, match.start())
        if days and sure and match[0] not in NO_PAIR:
            yield place(FigureKind.DAY, text, *match.span(), *days)


def months(text: str) -> Iterator[Figure]:
    """“In March”; of the months that are words besides, those that are certain."""
    for match in MONTH_ALONE.finditer(text):
        begins = text[max(0, match.start() - 3) : match.start()].rstrip(" “\"'(-–•*\n")[-1:] in {"", *".!?:;"}
        sure = match["year"] or is_introduced(text, match.start())
        if match[0][0].isupper() and (sure or not begins or match[0].lower() not in DOUBTFUL_MONTHS):
            day = Day(year=whole(match["year"]), month=month_in(match[0].lower()))
            yield place(FigureKind.DAY, text, *match.span(), day)
