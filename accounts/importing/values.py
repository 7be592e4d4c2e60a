"""Single cells: names to compare, record ids, amounts, yes and no, days, and text that was read wrongly once."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from accounts.rules.lines import LOST, NOT_READ

LEGAL_FORMS = frozenset(
    [
        "ag", "co", "company", "corp", "corporation", "gmbh", "inc", "incorporated", "kg", "limited", "llc", "llp",
        "ltd", "nv", "oy", "plc", "pte", "pty", "sa", "sarl", "sas", "se", "spa", "srl",
    ]
)  # fmt: skip
_YES = frozenset(["1", "true", "yes", "y", "t", "ja", "oui", "si", "x"])
_SALESFORCE_ID = re.compile(r"[a-zA-Z0-9]{3}[a-zA-Z0-9]{12}(?:[A-Z0-5]{3})?")
_NO_ID = re.compile(r"0{15}(?:AAA)?|0{18}")
_AROUND_NUMBERS = re.compile(r"[\s\u00a0\u202f'’]|[$€£¥]|\b(?:USD|EUR|GBP|CHF)\b")
#: What a spreadsheet takes for a formula, and the same behind apostrophes of ours or of somebody else's.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


class Unfit(Exception):
    """A cell that cannot be taken, with the sentence that says why."""


def plain(text: str) -> str:
    """Without blanks around it, and single blanks within."""
    return LOST.sub(NOT_READ, " ".join(text.split())) if "\ufffd" in text else " ".join(text.split())


def unblanked(value: object) -> object:
    """A value as it is compared: how many blanks stand in a text says nothing."""
    return plain(value) if isinstance(value, str) else value


@functools.lru_cache(maxsize=20_000)
def key(name: str) -> str:
    """What two spellings of the same name have in common: letters without case, width or extra blanks."""
    return plain(unicodedata.normalize("NFKC", name)).casefold()


@functools.lru_cache(maxsize=20_000)
def squashed(name: str) -> str:
    """As `key`, and without anything that is neither letter nor digit: “GTX Pro” and “GTXPro” are the same."""
    return "".join(sign for sign in key(name) if sign.isalnum())


@functools.lru_cache(maxsize=20_000)
def bare(name: str) -> str:
    """A company's name without its legal form and punctuation."""
    words = re.sub(r"[^\w&]+", " ", key(name).replace(".", "")).split()
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return " ".join(words)


def record_id(text: str) -> str:
    """An id as other systems write it: nothing for a null reference, 18 characters for a Salesforce id of 15."""
    text = text.strip()
    if 4 < len(text) < 15:
        return text
    if _NO_ID.fullmatch(text) or text.casefold() in {"null", "none", "n/a", "#n/a"}:
        return ""
    if len(text) == 15 and looks_like_record(text):
        return text + _check_letters(text)
    return text


def looks_like_record(text: str) -> bool:
    """Whether this is a Salesforce id (three signs for the kind of record, then at least one digit and a letter)."""
    shaped = _SALESFORCE_ID.fullmatch(text) and text[0] in "0578a"
    return bool(shaped and re.search(r"[a-zA-Z]", text) and re.search(r"\d", text))


def looks_like_id(text: str) -> bool:
    """Whether this names a record rather than a person: of one word, with digits in it, and no e-mail address."""
    text = text.strip()
    return " " not in text and "@" not in text and any(sign.isdigit() for sign in text)


def _check_letters(text: str) -> str:
    """Salesforce's own check: which of each five signs are capitals, as one letter or digit."""
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    parts = (text[start : start + 5] for start in (0, 5, 10))
    return "".join(
        signs[sum(1 << place for place, sign in enumerate(part) if sign.isupper())] for part in parts
    )


def is_yes(text: str) -> bool:
    return text.strip().casefold() in _YES


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet will take for a formula; `bare_cell` takes the apostrophe off again."""
    return f"'{text}" if _FORMULA.match(text) else text


def bare_cell(text: str) -> str:
    """What `safe_cell` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


# ---- Text that was once read in the wrong encoding


def repaired(text: str) -> str:
    """UTF-8 that was read as cp1252 and saved again, put right; any other text as it is."""
    if text.isascii() or not any(sign in text for sign in "ÃÂâÅÄ"):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


# ---- Amounts


def decimal_sign(values: Iterable[str]) -> str:
    """The sign that parts whole from fraction in a column of numbers: a comma or a point."""
    commas = points = 0
    for value in values:
        digits = re.sub(r"[^\d.,]", "", value)
        last = max(digits.rfind(","), digits.rfind("."))
        if last < 0:
            continue
        both = "," in digits and "." in digits
        if both or (len(digits) - last != 4 and digits.count(digits[last]) == 1):
            commas += digits[last] == ","
            points += digits[last] == "."
    return "," if commas > points else "."


def amount(text: str, decimal: str = ".") -> Decimal | None:
    """The number in a cell such as “$1,100.04 ”, “1100,04” or “(500)”; nothing for an empty one.

    Raises `Unfit` when what is there is not a number.
    """
    bare_text = text if text.isdecimal() else _AROUND_NUMBERS.sub("", text)
    if not bare_text or bare_text == "-":
        return None
    negative = bare_text.startswith("(") and bare_text.endswith(")")
    number = bare_text.strip("()")
    number = number.replace(".", "").replace(",", ".") if decimal == "," else number.replace(",", "")
    try:
        found = Decimal(number)
    except InvalidOperation:
        raise Unfit(f"“{text.strip()}” is not a number") from None
    if not found.is_finite() or abs(found) >= Decimal(10) ** 14:
        raise Unfit(f"“{text.strip()}” is not an amount that can be kept")
    return -found.quantize(Decimal("0.01")) if negative else found.quantize(Decimal("0.01"))


def whole(text: str, decimal: str, low: int, high: int) -> int | None:
    """A whole number within bounds."""
    found = amount(text, decimal)
    if found is None:
        return None
    if found != found.to_integral_value() or not low <= found <= high:
        raise Unfit(f"“{text.strip()}” is not a whole number from {low:,} to {high:,}")
    return int(found)


# ---- Days


@dataclass(frozen=True)
class DateForm:
    name: str
    example: str
    patterns: tuple[str, ...]


YEAR_FIRST = DateForm(
    "ymd", "2017-03-24",
    ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f",
     "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y%m%d"),
)  # fmt: skip
DAY_FIRST = DateForm(
    "dmy", "24/3/2017 (day first)",
    ("%d/%m/%Y", "%d/%m/%y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d-%m-%Y", "%d-%m-%y"),
)  # fmt: skip
MONTH_FIRST = DateForm(
    "mdy", "3/24/2017 (month first)",
    ("%m/%d/%Y", "%m/%d/%y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m-%d-%Y", "%m-%d-%y"),
)  # fmt: skip
DOTTED = DateForm("dotted", "24.3.2017", ("%d.%m.%Y", "%d.%m.%y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S"))
IN_WORDS = DateForm(
    "words", "24 Mar 2017",
    ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y"),
)  # fmt: skip
DATE_FORMS = (YEAR_FIRST, DAY_FIRST, MONTH_FIRST, DOTTED, IN_WORDS)


@functools.lru_cache(maxsize=20_000)
def instant(text: str, form: DateForm) -> datetime | None:
    """The moment in a cell, in the column's one form; naive where the cell names no zone."""
    for pattern in form.patterns:
        try:
            return datetime.strptime(text.strip(), pattern)  # noqa: DTZ007 - the zone, if any, is in the pattern
        except ValueError:
            continue
    return None


def day(text: str, form: DateForm) -> date | None:
    """The day in a cell, nothing for an empty one. Raises `Unfit` when it is not a day in the column's form."""
    if not text.strip():
        return None
    found = instant(text, form)
    if found is None or not 1900 <= found.year <= 2200:
        raise Unfit(
            f"“{text.strip()}” is not a date written like {form.example}, as the rest of its column is"
        )
    return found.date() if found.tzinfo is None else found.astimezone(UTC).date()


def date_forms(values: Sequence[str]) -> list[DateForm]:
    """The forms in which a column's days can be read, best first; two or more that do equally well are a question."""
    distinct = sorted({value.strip() for value in values if value.strip()})[:2000]
    if not distinct:
        return [YEAR_FIRST]
    read = {form.name: [instant(value, form) for value in distinct] for form in DATE_FORMS}
    scores = {name: sum(found is not None for found in result) for name, result in read.items()}
    best = max(scores.values())
    if best == 0:
        return [YEAR_FIRST]
    forms = [form for form in DATE_FORMS if scores[form.name] == best]
    return [
        form
        for place, form in enumerate(forms)
        if read[form.name] not in [read[f.name] for f in forms[:place]]
    ]
