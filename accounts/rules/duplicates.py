"""Which two accounts may be one customer: by name, street address, phone, e-mail addresses and domain.

Pure: descriptions in, suggestions out. What many have in common tells little, so a mark that more than a few share
makes no pair; only records that share a mark are compared, never each with each.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Literal, TypeAlias

from rapidfuzz import fuzz

Mark: TypeAlias = Literal["address", "phone", "mail", "domain", "name", "word"]
#: A mark that more records share is a building, a switchboard, a parent's web site or a common word.
MOST_SHARING = 40
#: A word of a name that more have is not looked up by itself.
MOST_WITH_A_WORD = 20
#: A word in more than this part of all names says nothing of any one of them.
COMMON_WORD = 0.02
SHORTEST_PHONE = 7
ENOUGH = 60
POINTS: dict[Mark, int] = {"address": 65, "phone": 45, "mail": 45, "domain": 40}
#: What two different ones speak against it.
AGAINST: dict[Mark, int] = {"address": 45, "phone": 10, "domain": 25}
#: From this likeness of whole names, or of what one has of the other, on (of 100): so many points.
WHOLE = ((97, 60), (88, 45), (45, 0), (0, -20))
PART = ((97, 40), (70, 25), (50, 0), (0, -20))

SAYS: dict[Mark, str] = {
    "name": "the same name",
    "word": "names alike",
    "address": "the same street and number",
    "phone": "the same phone number",
    "mail": "the same e-mail address",
    "domain": "the same domain",
}

NO_WORD = re.compile(r"[\W_]+")
FORMS = frozenset(
    [
        "ag", "bv", "co", "company", "corp", "corporation", "gmbh", "holding", "inc", "incorporated", "kg",
        "limited", "llc", "llp", "ltd", "mbh", "nv", "oy", "plc", "pte", "pty", "sa", "sarl", "sas", "se",
        "spa", "srl", "the", "of", "and", "und", "group",
    ]
)  # fmt: skip
STREETS = frozenset(
    [
        "st", "street", "str", "ave", "av", "avenue", "rd", "road", "blvd", "boulevard", "dr", "drive",
        "pl", "place", "pkwy", "parkway", "ct", "court", "ln", "lane", "hwy", "strasse", "straße", "n", "s",
        "e", "w", "north", "south", "east", "west", "suite", "ste", "floor",
    ]
)  # fmt: skip
SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "gov", "net", "org"])
#: Whoever has an address there may be anybody's.
FREE_MAIL = frozenset(
    [
        "gmail", "googlemail", "yahoo", "hotmail", "outlook", "live", "gmx", "web", "icloud", "aol",
        "proton", "t-online",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Described:
    """What is known of one account, as it was written. All but the name may be empty or several."""

    pk: int
    name: str
    addresses: Sequence[str] = ()
    phones: Sequence[str] = ()
    mails: Sequence[str] = ()
    sites: Sequence[str] = ()

    @cached_property
    def words(self) -> list[str]:
        return [word for word in words(self.name) if word not in FORMS] or words(self.name)

    @cached_property
    def marks(self) -> dict[Mark, frozenset[str]]:
        """What it can be compared by, each as it is compared."""
        domains = [*map(label, self.sites), *(label(mail.rpartition("@")[2]) for mail in self.mails)]
        told: dict[Mark, Iterable[str]] = {
            "address": map(street, self.addresses),
            "phone": map(number, self.phones),
            "mail": (mail.strip().casefold() for mail in self.mails),
            "domain": domains,
        }
        return {mark: frozenset(filter(None, texts)) for mark, texts in told.items()}


@dataclass(frozen=True)
class DuplicatePair:
    """Two that may be one, how much speaks for it (`ENOUGH` is enough), and what it is."""

    one: int
    other: int
    points: int
    reasons: list[str] = field(default_factory=list)


# ---- How each is compared


def words(text: str) -> list[str]:
    """Lower-case words without accents and punctuation."""
    plain = text.casefold().replace("'", "").replace("’", "")
    if not plain.isascii():
        plain = "".join(s for s in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(s))
    return NO_WORD.sub(" ", plain).split()


def street(address: str) -> str:
    """House number and the first word of the street's name; nothing without a number."""
    found = words(address)
    numbers = [word for word in found if word[0].isdigit()]
    if not numbers:
        return ""
    place = found.index(numbers[0])
    after = [word for word in found[place + 1 :] if word not in STREETS]
    before = [word for word in found[:place] if word not in STREETS]
    name = after[:1] if place == 0 else before[-1:]
    return f"{numbers[0]} {name[0]}" if name else ""


def number(phone: str) -> str:
    """The last digits of a phone number, without the country and, where it is left out, the area."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    return digits[-SHORTEST_PHONE:] if len(digits) >= SHORTEST_PHONE else ""


def label(site: str) -> str:
    """The name in a domain: “acme” of https://www.acme.co.uk/about. Nothing of those who give mail to anybody."""
    host = re.sub(r"^\w+://", "", site.strip().casefold()).split("/")[0].split(":")[0]
    parts = host.removeprefix("www.").split(".")
    if len(parts) > 2 and parts[-2] in SECOND_LEVEL:
        parts.pop()
    found = parts[-2] if len(parts) > 1 else ""
    return "" if found in FREE_MAIL else found


# ---- Suggestions


def suggest(described: Sequence[Described]) -> list[DuplicatePair]:
    """Pairs for which enough speaks, most first; those of equal points in the order given."""
    told = _telling_words(described)
    found = [
        _weigh(described[one], described[other], told[one], told[other])
        for one, other in _pairs(described, told)
    ]
    return sorted((each for each in found if each.points >= ENOUGH), key=lambda each: -each.points)


def _telling_words(described: Sequence[Described]) -> list[list[str]]:
    """Of each name the words that tell one from another; all of them where there are none."""
    count = Counter(word for each in described for word in set(each.words))
    most = max(MOST_SHARING, len(described) * COMMON_WORD)
    return [[word for word in each.words if count[word] <= most] or each.words for each in described]


def _pairs(described: Sequence[Described], told: Sequence[list[str]]) -> list[tuple[int, int]]:
    """The places of each two that share a mark which not too many have."""
    blocks: dict[tuple[Mark, str], list[int]] = defaultdict(list)
    for place, each in enumerate(described):
        for mark, texts in each.marks.items():
            for text in texts:
                blocks[mark, text].append(place)
        blocks["name", " ".join(sorted(told[place]))].append(place)
        for word in set(told[place]):
            blocks["word", word].append(place)
    met: set[tuple[int, int]] = set()
    for (mark, _), block in blocks.items():
        if len(block) <= (MOST_WITH_A_WORD if mark == "word" else MOST_SHARING):
            met.update(combinations(block, 2))
    return sorted(met)


def _weigh(one: Described, other: Described, mine: list[str], theirs: list[str]) -> DuplicatePair:
    points = _name_points(" ".join(mine), " ".join(theirs))
    reasons = [SAYS["name"] if words(one.name) == words(other.name) else SAYS["word"]] if points > 0 else []
    for mark, texts in one.marks.items():
        others = other.marks[mark]
        if texts & others:
            points += POINTS[mark]
            reasons.append(SAYS[mark])
        elif texts and others:
            points -= AGAINST.get(mark, 0)
    return DuplicatePair(one.pk, other.pk, points, reasons)


def _name_points(first: str, second: str) -> int:
    """What the names say, by the words that tell one from another."""
    squeezed = fuzz.ratio(first.replace(" ", ""), second.replace(" ", ""))
    whole = max(fuzz.token_sort_ratio(first, second), squeezed)
    return max(_step(WHOLE, whole), _step(PART, fuzz.token_set_ratio(first, second)))


def _step(steps: Sequence[tuple[int, int]], likeness: float) -> int:
    return next(points for least, points in steps if likeness >= least)
