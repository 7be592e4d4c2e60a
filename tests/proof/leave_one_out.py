"""The figure of `test_carried.py` where the one number that is free was chosen without the account that is measured:

    bin/test tests/proof/leave_one_out.py -s
    PROOF=/folder/of/accounts:/one/account bin/test tests/proof/leave_one_out.py -s

That number is the exponent of the price in `accounts/rules/passages/choosing.py` (a cube root: 1/3). For each account
the exponent is chosen by the others, by what they carry at a third and at half together, and then the account is
measured with it. Accounts of the folders in PROOF have no say in any choice: they are measured by what the known
accounts choose. Of exponents that are equally good the middle one is taken.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from statistics import mean, median_low
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.models import Account, EntryReading
from tests.proof.test_carried import AT_LEAST, PROOF, carried, printed, words_of_notes

GRID = [number / 100 for number in range(20, 65, 5)]
PARTS = list(AT_LEAST)
Carried = dict[int, int]
"""By part of the notes' words (3 is a third): how many questions are carried."""


@dataclass(frozen=True)
class Measured:
    """What the printed brief of one account carries: with each exponent, and as the product is."""

    by_exponent: Mapping[float, Carried]
    as_it_is: Carried


def chosen_by(some: Iterable[Measured]) -> float:
    """The exponent with which these accounts carry most."""
    some = list(some)
    carry = {exponent: sum(sum(one.by_exponent[exponent].values()) for one in some) for exponent in GRID}
    return median_low(exponent for exponent, count in carry.items() if count == max(carry.values()))


def left_out(known: Mapping[str, Measured], further: Mapping[str, Measured]) -> dict[str, float]:
    """For each account the exponent that the known others choose."""
    return {
        name: chosen_by(measured for other, measured in known.items() if other != name)
        for name in [*known, *further]
    }


def accounts_in(folder: Path) -> list[Path]:
    """The folder itself where it is an account, and those in it."""
    return sorted(file.parent for file in [*folder.glob("questions.json"), *folder.glob("*/questions.json")])


def measure(folder: Path) -> Measured:
    with transaction.atomic():
        call_command("import_book", folder, yes=True, stdout=StringIO())
        EntryReading.read_all()
        account, words = Account.objects.get(), words_of_notes(folder)

        def by_part() -> Carried:
            return {part: carried(folder, printed(account, words // part))[0] for part in PARTS}

        by_exponent = {}
        for exponent in GRID:
            with mock.patch("accounts.rules.passages.choosing.cbrt", partial(pow, exp=exponent)):
                by_exponent[exponent] = by_part()
        found = Measured(by_exponent, by_part())
        transaction.set_rollback(True)
    return found


def report(known: Mapping[str, Measured], further: Mapping[str, Measured]) -> Iterator[str]:
    """What is printed, line by line."""
    everybody, exponents = {**known, **further}, left_out(known, further)
    heads = [*(f"{exponent:.2f}" for exponent in GRID), "as it is"]
    yield " " * 14 + "".join(f"{head:>9}" for head in heads) + "   left out"
    for name, found in everybody.items():
        each = [found.by_exponent[exponent] for exponent in GRID]
        carry = "".join(f"{_both(one):>9}" for one in [*each, found.as_it_is])
        chosen = exponents[name]
        yield f"{name:14}{carry}   {chosen:.2f}: {_both(found.by_exponent[chosen])}"
    for title, some in [("these accounts", known), ("further accounts", further)]:
        for part in PARTS if some else []:
            out = mean(found.by_exponent[exponents[name]][part] for name, found in some.items())
            now = mean(found.as_it_is[part] for found in some.values())
            yield f"{title}, at 1/{part}: {out:.2f} of 18 left out, {now:.2f} as it is (at least {AT_LEAST[part]})"


def _both(score: Carried) -> str:
    return " + ".join(str(score[part]) for part in PARTS)


@pytest.mark.django_db
@pytest.mark.skipif(not PROOF.exists(), reason="the data are not here")
def test_leave_one_out() -> None:
    folders = [Path(one) for one in os.environ.get("PROOF", "").split(os.pathsep) if one]
    known = {path.name: measure(path) for path in accounts_in(PROOF)}
    further = {path.name: measure(path) for folder in folders for path in accounts_in(folder)}
    print("", *report(known, further), sep="\n")
