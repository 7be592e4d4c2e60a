"""The short form: every person, every URL, with something of theirs and something that is not.

REQUESTS=100000 bin/test tests/probe -k long -s     the long form: anybody asks for anything; it prints figures
SEED=7 REQUESTS=...                                 other questions
.venv/bin/python tests/mutations.py probe           takes each filter away in turn, and the probe must notice
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from unittest import mock

import pytest

from accounts.models.account_sets import AccountQuerySet
from accounts.models.entries import EntryQuerySet
from accounts.pages.search import Sight
from handoffs.customer import page

from .asking import Asked, Probe
from .forms import Fields
from .marks import text_columns
from .relations import ANONYMOUS, RELATIONS

REQUESTS = int(os.environ.get("REQUESTS", 200))


@contextmanager
def figures(probe: Probe) -> Iterator[Asked]:
    """What is asked within this block, by itself."""
    before, probe.asked = probe.asked, Asked()
    try:
        yield probe.asked
    finally:
        probe.asked = before


@pytest.mark.parametrize("who", [*RELATIONS, ANONYMOUS])
def test_nobody_reads_or_changes_what_is_not_theirs(probe: Probe, who: str) -> None:
    with figures(probe) as asked:
        probe.everything_as(who)
        report = probe.report()
    print(report)
    assert not asked.leaks, report


def test_the_short_form_sends_every_form_as_several_people(probe: Probe) -> None:
    for target in probe.targets:
        assert sum(probe.sends(who, target) for who in probe.people) > 1, target.name


def test_what_its_forms_were_found_with_is_theirs(probe: Probe) -> None:
    assert not probe.asked.leaks, probe.report()


def test_no_letter_says_more_than_its_reader_may_see(probe: Probe) -> None:
    with figures(probe) as asked:
        probe.letters()
        report = probe.report()
    assert not asked.leaks, report


def test_long_form(probe: Probe) -> None:
    with figures(probe) as asked:
        probe.at_random(REQUESTS)
        report = probe.report()
    print(report)
    assert asked.requests.total() >= REQUESTS
    assert not asked.leaks, report


def test_every_text_is_marked(probe: Probe) -> None:
    planted = {f"{tab}.{col}" for tab, col in probe.judge.rows("SELECT DISTINCT tab, col FROM probe.mark")}
    missing = {str(column) for column in text_columns()} - planted
    assert not missing, f"no text of these is in the probe's world: {sorted(missing)}"


# ---- It bites: with a filter taken away the same questions find a leak

EVERYTHING: Callable[..., object] = lambda rows, user=None: rows  # noqa: E731 - a filter that lets everything through


@contextmanager
def both(*without: AbstractContextManager[object]) -> Iterator[None]:
    with without[0], without[1]:
        yield


@pytest.mark.parametrize(
    ("who", "urls", "without"),
    [
        ("nils", ["account", "contact"], mock.patch.object(AccountQuerySet, "visible_to", EVERYTHING)),
        ("per", ["search"], mock.patch.object(Sight, "of", return_value=Sight(None))),
        (
            "carla",
            ["customer_page"],
            both(
                mock.patch.object(page, "as_customer", return_value=nullcontext()),
                mock.patch.object(EntryQuerySet, "shared", EVERYTHING),
            ),
        ),
    ],
    ids=["accounts", "search", "row security"],
)
def test_it_bites(probe: Probe, who: str, urls: list[str], without: AbstractContextManager[object]) -> None:
    with figures(probe) as asked, without:
        for target in probe.targets:
            if target.name in urls:
                for thing in probe.things(who, target):
                    probe.look(who, target, thing, "?q=planted" if target.name == "search" else "")
    assert {leak.url for leak in asked.leaks} == set(urls)


def test_it_bites_where_something_is_changed(probe: Probe) -> None:
    """Uwe, who serves nobody, rates an account once nothing hides it from him."""
    target = next(target for target in probe.targets if target.name == "account_condition")
    sent: Fields = {"condition": "urgent", "because": "The roll-out slips"}
    with figures(probe) as asked, mock.patch.object(AccountQuerySet, "visible_to", EVERYTHING):
        probe.ask("uwe", "post", target, target.things[0], sent)
    assert "changed accounts_account" in {leak.what for leak in asked.leaks}
