"""Sorting what the notes hold, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import EntryReading, Fact, Obligation, SortedPassage
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


def test_one_goes_about_in_a_note_and_goes_on_by_keys_after_writing(visit: Visit) -> None:
    cast = the_cast()
    make_entry(cast.acme, NOTE, contacts=[cast.champion])
    EntryReading.read_all()
    page = visit(cast.olivia, viewport={"width": 1280, "height": 800})
    page.goto(f"/accounts/{cast.acme.pk}/passages/")
    current, words = page.locator("mark[aria-current]"), page.get_by_label("In which words?")
    page.keyboard.press("j")
    expect(current).to_have_text("They pay €48,000 for it.")
    page.keyboard.press("j")
    expect(current).to_have_text("Unless Dieter signs, nothing moves.")
    page.keyboard.press("k")
    expect(words).to_have_value("They pay €48,000 for it.")
    for field in ("By when, if said", "Champion", "They left on", "They went to"):
        expect(page.get_by_label(field)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Nothing more in this note")).to_be_in_viewport(ratio=1)
    words.fill("They pay 48")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    was_told(page, "Sorted: what we owe.")
    expect(current).to_have_text("She never calls before ten.")
    page.get_by_text("Unless Dieter signs, nothing moves.").click()
    expect(words).to_have_value("Unless Dieter signs, nothing moves.")
    words.fill("Nothing moves unless Dieter signs")
    page.keyboard.press("Control+Enter")
    was_told(page, "Sorted: if … then ….")
    expect(current).to_have_text("She never calls before ten.")
    page.keyboard.press("8")
    was_told(page, "Sorted: nothing to carry.")
    assert [row.became for row in SortedPassage.objects.order_by("start")] == [
        "nothing",
        "promise",
        "if_then",
    ]
    owed = Obligation.objects.get()
    assert (owed.text, owed.due) == ("They pay 48", None)
