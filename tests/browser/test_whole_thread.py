"""Reading all of a thread, by keyboard alone, and going on where one stopped."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import EntryReading, ThreadRead
from tests.base import make_entry, the_cast

from .conftest import NARROW, Visit


def test_a_thread_is_read_note_by_note_and_gone_on_with(
    visit: Visit, has_no_barriers: Callable[[Page], None]
) -> None:
    cast = the_cast()
    for day in range(14):
        make_entry(cast.acme, f"On day {day} she asked for the {day}th thing.", days=100 - day)
    EntryReading.read_all()
    page = visit(cast.olivia, viewport=NARROW)
    page.goto(f"/accounts/{cast.acme.pk}/passages/")
    page.get_by_role("link", name="Read it all").click()
    expect(page.locator(".lede")).to_have_text("14 of 14 to read: 126 words, about 1 minute.")
    expect(page.locator("mark").first).to_have_text("On day 0 she asked for the 0th thing.")
    has_no_barriers(page)
    for _ in range(12):
        page.keyboard.press("j")
    expect(page.locator(".row").last.get_by_role("link").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("button", name="I have read this")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator(".row").last.get_by_role("link").first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Space")
    expect(page.locator(".lede")).to_have_text("2 of 14 to read: 18 words, about 1 minute.")
    expect(page.locator(".row")).to_have_count(2)
    page.reload()
    expect(page.locator("mark").first).to_have_text("On day 12 she asked for the 12th thing.")
    page.keyboard.press("m")
    expect(page.locator(".lede")).to_have_text("You have read all of it. What comes in later is shown here.")
    assert len(ThreadRead.objects.get().entries) == 14
