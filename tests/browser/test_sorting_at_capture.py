"""Keeping a note by keyboard, and saying of what it holds what becomes of it; going on at once is as quick."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import Fact, SortedPassage
from tests.base import the_cast

from .conftest import Visit
from .steps import was_told


def test_a_note_is_kept_and_what_it_holds_is_sorted_there(
    visit: Visit, has_no_barriers: Callable[[Page], None]
) -> None:
    cast = the_cast()
    page = visit(cast.olivia)
    page.goto(f"/accounts/{cast.acme.pk}/")
    page.keyboard.press("n")
    words = page.get_by_label("What happened?")
    expect(words).to_be_focused()
    page.keyboard.type("They pay €48,000 a year for it. Unless Dieter signs, nothing moves.")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    was_told(page, "Kept on Acme Robotics.")
    asked = page.get_by_role("form", name="What becomes of this passage?")
    expect(asked.get_by_label("A fact about what?")).to_have_value("terms")
    expect(page.locator("#thread mark[aria-current]")).to_have_text("They pay €48,000 a year for it.")
    has_no_barriers(page)
    page.keyboard.press("1")
    was_told(page, "Sorted: a fact.")
    expect(page.locator("#thread mark[aria-current]")).to_have_text("Unless Dieter signs, nothing moves.")
    page.keyboard.press("3")
    expect(page.locator("#sorting")).to_contain_text("That was all of your note.")
    assert [fact.topic_id for fact in Fact.objects.order_by("pk")] == ["terms", "if-then"]
    assert [row.became for row in SortedPassage.objects.order_by("start")] == ["fact", "if_then"]


def test_whoever_goes_on_at_once_leaves_it_for_later(visit: Visit) -> None:
    cast = the_cast()
    page = visit(cast.olivia)
    page.goto(f"/accounts/{cast.acme.pk}/")
    for text in ("They pay €48,000 a year for it.", "Unless Dieter signs, nothing moves."):
        page.keyboard.press("n")
        expect(page.get_by_label("What happened?")).to_be_focused()
        page.keyboard.type(text)
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        was_told(page, "Kept on Acme Robotics.")
    page.goto(f"/accounts/{cast.acme.pk}/passages/")
    expect(page.locator(".lede")).to_have_text("2 passages nobody has looked at, in 2 notes.")
