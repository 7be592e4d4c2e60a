"""An account in one screen, and on paper: what a browser makes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from accounts.models import Contact, Fact, Stage
from tests.base import make_contact, make_entry, make_fact, make_stage, the_cast
from tests.handoffs.steps import hand_over

from .conftest import NARROW, Visit

SCREEN = {"width": 1280, "height": 800}
LONG = "They want to close the books in three days in every one of their nine sites, proven to the auditors. "


def test_five_long_answers_end_above_the_fold_and_open_to_all_of_it(
    visit: Visit, has_no_barriers: Callable[[Page], None]
) -> None:
    """Row 30: at 1280 by 800 nobody scrolls for company, buyer, stage, needs and outcome wanted."""
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
def test_the_picture_comes_afterwards_and_nothing_moves(size: dict[str, int], visit: Visit) -> None:
    cast = the_cast()
    make_entry(cast.acme, days=1)
    page = visit(cast.olivia, viewport=size)
    held: list[Route] = []
    page.route("**/picture/", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks its handlers
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
