"""An account in one screen, and on paper: what a browser makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from accounts.models import Contact, Context, Entry, EntryReading, Fact, Stage, Topic
from tests.base import (
    days_ago,
    in_days,
    make_contact,
    make_coverage,
    make_deal,
    make_entry,
    make_fact,
    make_obligation,
    make_stage,
    make_user,
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


def a_long_memory(cast: SimpleNamespace) -> None:
    """Hundreds of lines, dozens of everything, each as long as people write them."""
    acme, olivia = cast.acme, cast.olivia
    Fact.tell(acme, " ".join(["extraordinary"] * 80 + ["to"] * 80), by=olivia, instead_of=None)
    make_stage(acme, Stage.IN_VALUE, evidence=LONG * 3)
    Entry.objects.bulk_create(
        Entry(account=acme, kind="conversation", at=days_ago(n / 2), author=olivia, text=f"{n} " + LONG * 4)
        for n in range(400)
    )
    for number in range(30):
        make_obligation(acme, f"{number} {LONG * 2}", contact=cast.champion, due_in=number - 10)
        contact = make_contact(acme, f"Maximiliane Hohenstein-{number}", Contact.Role.BLOCKER, title=LONG)
        Context.note(contact, LONG * 2, in_days(30), by=olivia)
    for topic in Topic.objects.exclude(pk=Topic.STORY):
        for number in range(5):
            make_fact(acme, topic.pk, f"{number} {LONG * 4}", contact=cast.champion)
    for number in range(12):
        make_coverage(acme, make_user(f"Wilhelmine Schwarzenberger {number}"))
        make_deal(acme, f"The {number}th renewal of everything that they have with us, in all sites")


@pytest.mark.complaint(7)
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_brief_of_a_long_memory_fits_two_pages_before_its_notes(paper: str, visit: Visit) -> None:
    """Whoever comes new has terms, promises and people on paper, before the first call."""
    cast = the_cast()
    a_long_memory(cast)
    page = visit(cast.olivia)
    EntryReading.read_all()
    page.goto(reverse("account_printed_brief", args=[cast.acme.pk]))
    text = page.locator("main").inner_text()
    assert pages_of(page, paper) <= 2 + 4
    page.locator(".paper__notes").evaluate("(notes) => notes.remove()")
    assert 1 <= pages_of(page, paper) <= 2
    for said in ("and 21 more", "and 24 more", "more, the least telling", "and 2 more", "and 7 more"):
        assert said in text, said


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
