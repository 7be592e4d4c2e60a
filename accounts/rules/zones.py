"""In which time zone a customer lives, by the country and the place that are written down of them."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from holidays.registry import COUNTRIES

from . import clocks


def zone_of(country: str, *places: str) -> str:
    """The time zone of a country, or there of the first place that names a city or a state of one; "" when unsure.

    `country` is a name or code like Germany or DE. What is not certain stays open: a country of several zones has none.
    """
    code = code_of(country)
    zones = zones_by_country().get(code, ())
    if len({hours_of(zone) for zone in zones}) == 1:
        return zones[0]
    for place in places:
        named = {
            zone
            for word, zone in words_of(code).items()
            if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", place)
        }
        if len(named) == 1:
            return named.pop()
    return ""


def code_of(country: str) -> str:
    """The two letters of a country."""
    wanted = re.sub(r"[\W_]+", "_", country.strip().lower()).strip("_")
    names = {"usa": "US", "united_states_of_america": "US", "uk": "GB", "great_britain": "GB", "england": "GB"} | {
        "deutschland": "DE", "österreich": "AT", "schweiz": "CH",
    }  # fmt: skip
    for name, (_, code, *other_codes) in COUNTRIES.items():
        if wanted in {name, code.lower(), *(other.lower() for other in other_codes)}:
            return code
    return names.get(wanted, "")


@cache
def hours_of(zone: str) -> tuple[timedelta | None, ...]:
    """How far a zone is from UTC in each month: zones that differ in history alone are one to us."""
    year = clocks.now().year
    return tuple(datetime(year, month, 15, tzinfo=ZoneInfo(zone)).utcoffset() for month in range(1, 13))


@cache
def zones_by_country() -> dict[str, tuple[str, ...]]:
    """The time zones of each country, as the database of time zones lists them."""
    found: dict[str, list[str]] = defaultdict(list)
    listed = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for line in listed.splitlines():
        if line and not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            found[code].append(zone)
    return {code: tuple(zones) for code, zones in found.items()}


@cache
def words_of(code: str) -> dict[str, str]:
    """The names of cities and states of a country, each with its time zone. Short codes of states in capitals only."""
    words = {zone.rpartition("/")[2].replace("_", " "): zone for zone in zones_by_country().get(code, ())}
    states = tomllib.loads((Path(__file__).parent / "zones.toml").read_text(encoding="utf-8"))
    for zone, names in states.get(code, {}).items():
        words |= dict.fromkeys(names, zone)
    return words
