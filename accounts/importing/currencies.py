"""In which currency an amount is: as the file says it, by a code, a sign or words of many languages, or an answer."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache

from babel import Locale
from babel.numbers import get_currency_name

from . import values
from .review import Review
from .tables import StagedRow

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs", "hu", "tr", "ja")
MAJOR = ("EUR", "USD", "GBP", "CHF", "JPY", "CNY", "AUD", "CAD", "SEK", "NOK", "DKK", "PLN", "CZK")
#: Words in common use that the library does not have, and those that several currencies share.
ALSO = {
    "poundsterling": "GBP",
    "sterling": "GBP",
    "franken": "CHF",
    "sfr": "CHF",
    "us$": "USD",
    "usdollar": "USD",
}
SHARED = {
    "$": "USD",
    "dollar": "USD",
    "dollars": "USD",
    "¥": "JPY",
    "pound": "GBP",
    "pounds": "GBP",
    "kr": "",
    "rs": "",
}
_AROUND = re.compile(r"[\d.,'’\s()+-]+")


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    """Every name and sign of a currency, as it is compared, with its code; those that several share are left out."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for language in LANGUAGES:
        locale = Locale(language)
        for code, name in locale.currencies.items():
            for word in (name, get_currency_name(code, count=2, locale=locale)):
                found[_bare(word)].add(code)
        for code, sign in locale.currency_symbols.items():
            found[_bare(sign)].add(code)
    return {word: next(iter(codes)) for word, codes in found.items() if len(codes) == 1} | ALSO


@lru_cache(maxsize=1)
def codes() -> frozenset[str]:
    return frozenset(Locale("en").currencies)


def _bare(text: str) -> str:
    return "".join(sign for sign in values.key(text) if not sign.isspace() and sign not in ".-()")


@lru_cache(maxsize=2_000)
def code_of(text: str) -> str:
    """The code of the currency that a cell names, such as USD for “US Dollar”; nothing where that is not certain."""
    said = text.strip().upper()
    if said in codes():
        return said
    bare = _bare(text)
    return "" if bare in SHARED else _words().get(bare, "")


def name_of(code: str) -> str:
    return f"{get_currency_name(code, locale='en')} ({code})"


# ---- Of a row


def currency_of(review: Review, row: StagedRow) -> str:
    """The code of the currency of a deal: what the row says, else the heading of its amount, else what is answered."""
    for name in ("currency", "amount"):
        said = _said(row, name)
        if said:
            code = code_of(said) or _ask_about(review, row, name, said)
            _remember(review, row, name, said, code)
            return code
    if row.table.has("amount") and (code := _in_heading(row.table.heading("amount"))):
        _remember(review, row, "amount", row.table.heading("amount"), code)
        return code
    return _ask(review, row)


def _said(row: StagedRow, name: str) -> str:
    text = row.text(name)
    return text if name == "currency" else _AROUND.sub(" ", text).strip()


def _in_heading(heading: str) -> str:
    """A currency in a heading such as “Amount (EUR)”."""
    words = re.findall(r"[A-Za-z]{3}\b|[€£$]", heading)
    return next((code for word in words if word == word.upper() and (code := code_of(word))), "")


def _ask_about(review: Review, row: StagedRow, name: str, said: str) -> str:
    """Ask about words that are no currency we know, or that several have. Each is asked about once."""
    likely = SHARED.get(_bare(said), "") or review.answers.get("currency", "").upper()
    options = [(code, name_of(code)) for code in _options(review)]
    return review.ask(
        f"currency:{values.key(said)}",
        f"Column “{row.table.heading(name)}” of {row.table.name} says “{said}”. Which currency is that?",
        options, recommended=likely, needed=not likely,
        why="Several currencies are called so." if _bare(said) in SHARED else "It is the name of no currency we know.",
    )  # fmt: skip


def _ask(review: Review, row: StagedRow) -> str:
    """Ask once for all amounts that come without a currency."""
    if not row.text("amount"):
        return review.asked["currency"].value if "currency" in review.asked else _without_amount(review)
    described = _in_words(review)
    options = [(code, name_of(code)) for code in _options(review)]
    why = "The description of the columns names it." if described else (
        f"Nothing in {row.table.name} says so: no column is read as the currency, and the amounts have no sign."
        if not row.table.has("currency")
        else f"Column “{row.table.heading('currency')}” of {row.table.name} is empty for some deals."
    )  # fmt: skip
    return review.ask(
        "currency", "In which currency are the amounts that come without one?", options,
        recommended=described or "EUR", why=why,
    )  # fmt: skip


def _without_amount(review: Review) -> str:
    given = review.answers.get("currency", "").upper()
    return given if given in codes() else _in_words(review) or "EUR"


def _options(review: Review) -> list[str]:
    given = review.answers.get("currency", "").upper()
    return [*MAJOR, given] if given in codes() and given not in MAJOR else list(MAJOR)


def _in_words(review: Review) -> str:
    """The currency that a description of the columns names."""
    for table in review.of("dictionary"):
        words = " ".join(cell for row in table.rows for cell in row.cells)
        for code in MAJOR:
            if re.search(rf"\b{code}\b", words):
                return code
    return ""


# ---- Told


def _remember(review: Review, row: StagedRow, name: str, said: str, code: str) -> None:
    tally = review.currencies.setdefault((row.table.name, row.table.heading(name)), Counter())
    tally[said, code] += 1


def told(review: Review) -> list[str]:
    """From what the currencies are taken."""
    sentences = []
    for (table, heading), tally in review.currencies.items():
        words = [
            f"“{said}” is {code}" for (said, code), _ in tally.most_common(6) if code and said.upper() != code
        ]
        more = f": {', '.join(words)}" if words else ""
        sentences.append(f"The currency of deals: column “{heading}” of {table}{more}.")
    if "currency" in review.asked:
        question = review.asked["currency"]
        by = "as you answered" if question.answer else "unless you answer otherwise below"
        sentences.append(f"The currency of amounts that come without one: {question.value}, {by}.")
    return sentences
