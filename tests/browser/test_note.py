"""A note by keyboard alone, in under fifteen seconds beyond the typing."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from accounts.models import Entry, Fact, Note, Obligation, Stage
from accounts.rules.dates import long
from tests.base import in_days, make_fact, the_cast

from .conftest import NARROW, Visit
from .steps import was_told

CHARACTERS_A_MINUTE = 60 * 5  # sixty words of five letters
SLOWEST = 15  # seconds from `n` to the note on the thread, without those in which one types
LINES = (
    "@carla",
    "They liked the trial.",
    "! send the terms by tomorrow",
    "? can it run in Frankfurt",
    '"We need it before summer."',
    "+ the export is slow",
    "#budget they plan in May",
    "> evaluating: they asked for more",
)


@pytest.fixture
def cast() -> SimpleNamespace:
    return the_cast()


@pytest.mark.complaint(6)
def test_all_seven_prefixes_by_keyboard_alone(visit: Visit, cast: SimpleNamespace) -> None:
    page = visit(cast.olivia)
    page.goto(f"/accounts/{cast.acme.pk}/")
    typing = 0.0
    begun = time.monotonic()
    page.keyboard.press("n")
    expect(page.get_by_label("What happened?")).to_be_focused()
    for number, line in enumerate(LINES):
        if number:
            page.keyboard.press("Enter")
        started = time.monotonic()
        page.keyboard.type(line, delay=60_000 / CHARACTERS_A_MINUTE / 4)  # as fast as a hurried writer
        typing += time.monotonic() - started
    page.keyboard.press("Control+Enter")
    was_told(page, "Kept on Acme Robotics.")
    expect(page.locator("#thread")).to_contain_text("“We need it before summer.” — Carla Weiss")
    beyond = time.monotonic() - begun - typing
    assert beyond < SLOWEST, f"{beyond:.1f} seconds"
    assert set(Obligation.objects.values_list("kind", flat=True)) == {"promise", "question", "feedback"}
    assert Fact.objects.get().topic_id == "budget"
    assert cast.acme.stage == Stage.EVALUATING
    assert Note.objects.exclude(external_id="").count() == 1
    page.locator("#messages").get_by_role("link", name="Take it all back").click()
    was_told(page, "Taken back, with all that it wrote down.")
    assert not Obligation.objects.open().exists()


def test_what_is_asked_is_answered_beside_the_chip(
    visit: Visit, cast: SimpleNamespace, has_no_barriers: Callable[[Page], None]
) -> None:
    make_fact(cast.acme, "budget", "They plan in June")
    page = visit(cast.olivia)
    page.goto(f"/accounts/{cast.acme.pk}/")
    page.keyboard.press("n")
    area = page.get_by_label("What happened?")
    area.fill("Grüße 🙂 von allen\n? who decides\n#budget they plan in May\n! send the terms")
    shown = page.locator("#chips")
    expect(shown).to_contain_text("Replaces: “They plan in June”")
    expect(shown).to_contain_text("2 lines ask something first.")
    has_no_barriers(page)
    area.press("Control+Enter")
    expect(shown.get_by_role("button", name="Carla Weiss")).to_be_focused()
    page.keyboard.press("Enter")
    expect(area).to_have_value(
        "Grüße 🙂 von allen\n? who decides @Carla.Weiss\n#budget they plan in May\n! send the terms"
    )
    expect(shown).to_contain_text("asked by Carla Weiss")
    tomorrow = long(in_days(1))
    shown.get_by_role("button", name=tomorrow).click()
    expect(shown).to_contain_text(f"due {tomorrow}")
    area.press("Control+Enter")
    was_told(page, "Kept on Acme Robotics.")
    assert Obligation.objects.get(kind="promise").due == in_days(1)


def test_from_anywhere_the_account_is_picked_with_two_keys(visit: Visit, cast: SimpleNamespace) -> None:
    page = visit(cast.olivia)
    page.keyboard.press("n")
    expect(page.get_by_label("Account", exact=True)).to_be_focused()
    page.keyboard.press("b")
    page.keyboard.press("Tab")
    page.keyboard.type("They called.")
    page.keyboard.press("Control+Enter")
    was_told(page, "Kept on Borealis Foods.")


def test_a_draft_survives_a_reload_a_crash_and_an_ended_session(visit: Visit, cast: SimpleNamespace) -> None:
    page = visit(cast.olivia)
    url, here = f"/accounts/{cast.acme.pk}/notes/", page.url
    page.goto(url)
    area = page.get_by_label("What happened?")
    area.fill("@carla\nThree hours of talk")
    page.reload()
    expect(area).to_have_value("@carla\nThree hours of talk")
    expect(page.locator("#chips")).to_contain_text("Carla Weiss")  # read anew
    context = page.context
    page.close()  # as when the tab crashes
    page = context.new_page()
    page.goto(url)
    area = page.get_by_label("What happened?")
    expect(area).to_have_value("@carla\nThree hours of talk")
    session = next(it for it in context.cookies() if it["name"] == settings.SESSION_COOKIE_NAME)
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    area.press("End")
    page.keyboard.type(" about it.")
    expect(page.locator("#chips")).to_contain_text("Your session has ended.")
    context.add_cookies(
        [{"name": session["name"], "value": session["value"], "url": here}]
    )  # signed in again, in another tab
    page.goto(url)
    expect(area).to_have_value("@carla\nThree hours of talk about it.")
    expect(page.locator("#chips")).to_contain_text("keeps")
    area.press("Control+Enter")
    was_told(page, "Kept on Acme Robotics.")
    assert Entry.objects.get(kind="conversation").text == "Three hours of talk about it."
    page.goto(url)
    expect(area).to_have_value("")


def test_on_a_phone_from_the_bar(
    visit: Visit, cast: SimpleNamespace, has_no_barriers: Callable[[Page], None]
) -> None:
    page = visit(cast.olivia, viewport=NARROW, has_touch=True, is_mobile=True)
    page.goto(f"/accounts/{cast.acme.pk}/")
    page.locator(".bottom-bar__note").tap()
    page.get_by_label("What happened?").fill("! send the terms by tomorrow")
    expect(page.locator("#chips")).to_contain_text(long(in_days(1)))
    has_no_barriers(page)
    page.get_by_role("button", name="Keep note").tap()
    was_told(page, "Kept on Acme Robotics.")
    page.locator("#thread").get_by_role("button", name="Take it all back").tap()
    was_told(page, "Taken back")
    assert not Obligation.objects.open().exists()


def test_without_javascript_it_is_shown_and_then_kept(visit: Visit, cast: SimpleNamespace) -> None:
    page = visit(cast.olivia, java_script_enabled=False)
    page.goto(f"/accounts/{cast.acme.pk}/notes/")
    page.get_by_label("What happened?").fill("They called.\n! send the terms")
    page.get_by_role("button", name="Keep note").click()
    page.get_by_role("button", name=long(in_days(1))).click()
    expect(page.locator("#chips")).to_contain_text(f"due {long(in_days(1))}")
    page.get_by_role("button", name="Keep note").click()
    was_told(page, "Kept on Acme Robotics.")
    assert Obligation.objects.get().due == in_days(1)
