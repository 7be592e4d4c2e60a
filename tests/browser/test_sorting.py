"""Sorting what the notes hold, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import EntryReading, Fact, SortedPassage
from tests.base import make_entry, the_cast

from .conftest import NARROW, Visit
from .steps import was_told

NOTE = "She never calls before ten. They pay €48,000 for it. Unless Dieter signs, nothing moves."


def test_passages_are_sorted_by_single_keys(visit: Visit, has_no_barriers: Callable[[Page], None]) -> None:
    cast = the_cast()
    make_entry(cast.acme, NOTE)
    EntryReading.read_all()
    page = visit(cast.olivia, viewport=NARROW)
    page.goto(f"/accounts/{cast.acme.pk}/passages/")
    expect(page.locator(".lede")).to_have_text("3 passages nobody has looked at, in 1 note.")
    has_no_barriers(page)
    page.keyboard.press("5")
    expect(page.get_by_label("Who said it, or whom is it about?")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("8")
    was_told(page, "Sorted: nothing to carry.")
    expect(page.locator(".lede")).to_have_text("2 passages nobody has looked at, in 1 note.")
    page.keyboard.press("u")
    was_told(page, "Undone. It is asked about again.")
    expect(page.locator(".lede")).to_have_text("3 passages nobody has looked at, in 1 note.")
    expect(page.locator("mark[aria-current]")).to_have_text("She never calls before ten.")
    page.keyboard.press("8")
    was_told(page, "Sorted: nothing to carry.")
    expect(page.locator(".lede")).to_have_text("2 passages nobody has looked at, in 1 note.")
    expect(page.get_by_label("A fact about what?")).to_have_value("terms")
    page.keyboard.press("1")
    was_told(page, "Sorted: a fact.")
    expect(page.locator(".lede")).to_have_text("1 passage nobody has looked at, in 1 note.")
    assert Fact.objects.get().text == "They pay €48,000 for it."
    standing = SortedPassage.objects.standing().order_by("start")
    assert [row.became for row in standing] == ["nothing", "fact"]
