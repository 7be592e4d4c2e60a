"""text -> the amounts, shares, lengths, times and numbers in it, in figures or in words.

“€40k” and “40,000 euros” are one amount, “two weeks” and “14 days” one length. “1.500” may be either of two numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .figures import Figure, FigureKind, Quantity, place
from .words import TABLES, stem

DIGITS = r"\d{1,3}(?:[.,’'\u00a0\u202f ]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d+)?"
SCALES = {
    name: factor
    for factor, names in {
        1e3: "k thousand tsd",
        1e6: "m mn mio million millions",
        1e9: "bn billion billions",
    }.items()
    for name in names.split()
}
SMALL = {word: number for number, word in enumerate(TABLES["numbers"]["small"].split())}
TENS = {word: 10 * number for number, word in enumerate(TABLES["numbers"]["tens"].split(), start=2)}
SIZES = {"hundred": 100.0, "thousand": 1e3, "million": 1e6}
SPELT = "|".join([*SMALL, *TENS, *SIZES, "dozen"])
IN_WORDS = rf"(?:(?:a|half a)\s+)?(?:{SPELT})(?:(?:[\s-]+(?:and\s+)?)(?:{SPELT}))*"
CURRENCIES = {sign: name for name, signs in TABLES["currencies"].items() for sign in [name, *signs.split()]}
SIGN = "|".join(re.escape(sign) for sign in sorted(CURRENCIES, key=len, reverse=True))
UNITS = {
    "minute": ("minutes", 1), "min": ("minutes", 1), "hour": ("minutes", 60), "hr": ("minutes", 60),
    "day": ("days", 1), "night": ("days", 1), "week": ("days", 7), "fortnight": ("days", 14),
    "month": ("months", 1), "quarter": ("months", 3), "year": ("months", 12),
}  # fmt: skip
UNIT = "|".join(UNITS)
AMOUNT = re.compile(
    rf"(?<![\w.,/])(?:(?P<before>{SIGN})\s?)?(?P<number>{DIGITS}|\b(?:{IN_WORDS})\b)"
    rf"(?:\s?(?P<scale>{'|'.join(SCALES)})\b\.?)?"
    rf"(?:\s?(?P<after>{SIGN})(?!\w))?"
    r"(?:\s?(?P<share>%|per\s?cent\b))?"
    r"(?:[\s-](?:(?:working|business|calendar|full|whole|more|good)[\s-])?"
    rf"(?P<unit>{UNIT})s?\b)?",
    re.IGNORECASE,
)
#: “A week” is told in passing, “within a week” is a term.
ONE_UNIT = re.compile(
    rf"\b(?P<within>(?:with)?in\s+)?(?:an?|the|per|every|each)\s+(?P<unit>{UNIT})\b", re.IGNORECASE
)
CLOCK = re.compile(
    r"(?<![\w.:])(?:(\d{1,2})[:h](\d{2})|(\d{1,2})(?:[:.](\d{2}))?\s?([ap])\.?m\b)", re.IGNORECASE
)
CODE = re.compile(r"\b(?=[A-Za-z]*[A-Z])[A-Za-z]+-?\d[\w-]*\b")
OF_WHAT = re.compile(r"[\s-]+[^\W\d_]{3,}")
WORD_BEFORE, LONGEST_WORD = re.compile(r"([^\W\d_]+)[\s-]+$"), 30
NO_NUMBERS = {"one", "a hundred", "a dozen", "zero"}
"""“One of them” is no number that one has to know."""


def amounts_in(text: str) -> Iterator[Figure]:
    """From the particular to the general. Where two overlap the first counts."""
    for match in CLOCK.finditer(text):
        hour = int(match[1] or match[3])
        hour = hour % 12 + 12 if (match[5] or "").lower() == "p" else hour
        minutes = 60 * hour + int(match[2] or match[4] or 0)
        yield place(FigureKind.TIME, text, *match.span(), Quantity(minutes, "clock"))
    for match in CODE.finditer(text):
        code = frozenset({match[0].upper().replace("-", "")})
        yield Figure(
            FigureKind.NUMBER, match[0], *match.span(), code, of_what=re.split(r"[-\d]", match[0])[0]
        )
    for match in AMOUNT.finditer(text):
        if figure := amount(match):
            yield figure
    for match in ONE_UNIT.finditer(text):
        unit, size = UNITS[match["unit"].lower()]
        one = frozenset({Quantity(size, unit)})
        term = bool(match["within"]) or match["unit"].lower() == "fortnight"
        yield Figure(FigureKind.LENGTH, match[0], *match.span(), one, demanded=term)


def amount(match: re.Match[str]) -> Figure | None:
    said = match["number"]
    numbers = in_figures(said) if said[0].isdigit() else {in_words(said)}
    scale = SCALES[match["scale"].lower()] if match["scale"] else 1.0
    kind, unit, size = FigureKind.NUMBER, "", 1
    if sign := match["before"] or match["after"]:
        kind, unit = FigureKind.MONEY, CURRENCIES[sign.lower()]
    elif match["share"]:
        kind, unit = FigureKind.SHARE, "%"
    elif match["unit"]:
        kind = FigureKind.LENGTH
        unit, size = UNITS[match["unit"].lower()]
    if kind == FigureKind.NUMBER and said.lower() in NO_NUMBERS:
        return None
    of_what = OF_WHAT.match(match.string, match.end()) if kind == FigureKind.NUMBER else None
    words = place(kind, match.string, match.start(), of_what.end() if of_what else match.end())
    values = frozenset(Quantity(number * scale * size, unit) for number in numbers)
    counted = stem(of_what[0].strip(" -\n")) if of_what else ""
    before = WORD_BEFORE.search(match.string, max(0, match.start() - LONGEST_WORD), match.start())
    counted = counted or (f"after {stem(before[1])}" if before else "")
    bare = frozenset(Quantity(number) for number in numbers) if kind == FigureKind.LENGTH else frozenset()
    return Figure(kind, words.words, match.start(), match.end(), values, of_what=counted, bare=bare)


def in_figures(said: str) -> set[float]:
    """“40.000” may be forty thousand or forty."""
    plain = re.sub(r"[’'\u00a0\u202f ]", "", said)
    marks = [mark for mark in plain if mark in ".,"]
    if not marks:
        return {float(plain)}
    head, _, tail = plain.rpartition(marks[-1])
    whole, broken = float(re.sub("[.,]", "", plain)), float(f"{re.sub('[.,]', '', head)}.{tail}")
    if len(tail) != 3:
        return {broken}
    return {whole} if len(set(marks)) < len(marks) or tail == "000" else {whole, broken}


def in_words(said: str) -> float:
    """“One hundred and twenty” is 120, “half a million” 500,000."""
    total, current = 0.0, 0.0
    for word in re.findall("[a-z]+", said.lower()):
        if word in SMALL or word in TENS:
            current += SMALL.get(word, 0) or TENS.get(word, 0)
        elif word == "dozen":
            current = (current or 1) * 12
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in SIZES:
            total, current = total + (current or 1) * SIZES[word], 0.0
    return (total + current) / (2 if said.lower().startswith("half") else 1)
