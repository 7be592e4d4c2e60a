"""An account in one screen, and on paper: what a browser makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from accounts.models import Contact, Entry, EntryReading, Fact, Stage, Topic
from tests.base import (
    days_ago,
    make_contact,
    make_deal,
    make_entry,
    make_fact,
    make_obligation,
    make_stage,
    the_cast,
)
from tests.handoffs.steps import hand_over

from .conftest import NARROW, Visit

SCREEN = {"width": 1280, "height": 800}
LONG = "They want to close the books in three days in every one of their nine sites, proven to the auditors. "


@pytest.mark.complaint(30)
def test_five_long_answers_end_above_the_fold_and_open_to_all_of_it(
    visit: Visit, has_no_barriers: Callable[[Page], None]
) -> None:
    """At 1280 by 800 nobody scrolls for company, buyer, stage, needs and outcome wanted."""
    cast = the_cast()
    acme, champion = cast.acme, cast.champion
    acme.revenue, acme.employees, acme.website = 12_000_000_000, 120_000, "acme-robotics.example"
    acme.save(update_fields=["revenue", "employees", "website"])
    champion.evidence = LONG * 6
    champion.save(update_fields=["evidence"])
    for name in ("Beate Krull-Hohenstein", "Dr Jens Ahlers", "Professor Ludmila Szczepańska"):
        make_contact(acme, name, Contact.Role.DECISION_MAKER)
    make_stage(acme, Stage.DECIDING, evidence=LONG * 6)
    make_entry(acme, contacts=[champion])
    for topic in ("needs", "outcome"):
        make_fact(acme, topic, "An older answer.")
        make_fact(acme, topic, LONG * 8 + "To the last word.", contact=champion)
    Fact.tell(acme, LONG * 8, by=cast.olivia, instead_of=None)
    hand_over(acme, cast.ines, by=cast.max)
    page = visit(cast.olivia, viewport=SCREEN)
    page.goto(reverse("account", args=[acme.pk]))
    answers = page.locator(".five > div")
    expect(answers).to_have_count(5)
    for answer in answers.all():
        box = answer.bounding_box()
        assert box
        assert box["y"] + box["height"] <= SCREEN["height"]
        expect(answer.locator("p.source:visible").last).to_be_visible()
    newest = answers.nth(3).locator(".clamp").first
    assert newest.locator(".voice").evaluate("(text) => text.scrollHeight > text.clientHeight")
    newest.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(newest.locator(".voice")).to_contain_text("To the last word.")
    assert not newest.locator(".voice").evaluate("(text) => text.scrollHeight > text.clientHeight + 2")
    has_no_barriers(page)


@pytest.mark.parametrize("size", [SCREEN, NARROW])
def test_the_picture_comes_afterwards_and_nothing_moves(
    size: dict[str, int], visit: Visit, has_no_barriers: Callable[[Page], None]
) -> None:
    cast = the_cast()
    make_entry(cast.acme, days=1)
    page = visit(cast.olivia, viewport=size)
    held: list[Route] = []
    page.route("**/relationship-chart/", lambda route: held.append(route))
    page.goto(reverse("account", args=[cast.acme.pk]))
    thread = page.locator("#thread")
    expect(page.locator("#picture a", has_text="See the last 24 months")).to_be_visible()
    before = thread.bounding_box()
    held[0].continue_()
    expect(page.locator("#picture svg[role=img]")).to_be_visible()
    after = thread.bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 2
    page.unroute_all()
    for name in ("account", "account_relationship_chart", "account_story"):
        page.goto(reverse(name, args=[cast.acme.pk]))
        has_no_barriers(page)


def a_full_memory(cast: SimpleNamespace) -> None:
    """A customer who is served well: something on every topic, eighty notes, and what they are owed."""
    acme, olivia = cast.acme, cast.olivia
    Fact.tell(acme, " ".join(["extraordinary"] * 40 + ["to"] * 40), by=olivia, instead_of=None)
    make_stage(acme, Stage.IN_VALUE, evidence=LONG)
    Entry.objects.bulk_create(
        Entry(account=acme, kind="conversation", at=days_ago(4 * n), author=olivia, text=f"{n} {LONG * 3}")
        for n in range(80)
    )
    for number in range(7):
        make_obligation(acme, f"{number} {LONG}", contact=cast.champion, due_in=number - 2)
        make_contact(
            acme, f"Maximiliane Hohenstein-{number}", Contact.Role.BLOCKER, title="Head of the works"
        )
    for topic in Topic.objects.exclude(pk__in=[Topic.STORY, Topic.HANDLING]):
        make_fact(acme, topic.pk, f"{topic} {LONG}", contact=cast.champion)
    for number in range(40):
        make_deal(acme, f"The {number}th renewal of everything that they have with us, in all sites")


@pytest.mark.complaint(7)
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_brief_fits_two_pages_before_its_notes(paper: str, visit: Visit) -> None:
    """Whoever comes new has terms, promises and people on paper, before the first call; it is read in five minutes."""
    cast = the_cast()
    a_full_memory(cast)
    page = visit(cast.olivia)
    EntryReading.read_all()
    page.goto(reverse("account_printed_brief", args=[cast.acme.pk]))
    text = page.locator("main").inner_text()
    assert pages_of(page, paper) <= 2 + 4
    for said in ("more: read them on the account’s page", "more, the least telling"):
        assert said in text, said
    page.locator(".paper__notes").evaluate("(notes) => notes.remove()")
    assert 1 <= pages_of(page, paper) <= 2


def test_the_accounts_page_itself_prints_without_its_controls(visit: Visit) -> None:
    cast = the_cast()
    make_entry(cast.acme)
    page = visit(cast.olivia)
    page.goto(reverse("account", args=[cast.acme.pk]))
    page.emulate_media(media="print")
    for control in (".masthead", "#quick-note", ".actions", "#picture", ".sentence"):
        expect(page.locator(control).first).to_be_hidden()
    expect(page.locator(".five")).to_be_visible()
    assert pages_of(page, "A4") <= 3


def pages_of(page: Page, paper: str) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format=paper)))
