"""What people do in a handoff, as steps that several journeys share. Each begins and ends on a page."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from handoffs.models import Handoff


def room(page: Page, handoff: Handoff) -> None:
    page.goto(f"/handoffs/{handoff.pk}/")


def disclose(page: Page, summary: str, within: str = "main") -> None:
    """Open the form behind these words, unless it is open."""
    details = page.locator(f"{within} details", has=page.get_by_text(summary, exact=True)).first
    if details.get_attribute("open") is None:
        details.locator("summary").first.click()


def rate(page: Page, condition: str, because: str) -> None:
    disclose(page, "Rate it", "#condition")
    form = page.locator("#condition form")
    form.get_by_label(condition, exact=False).first.check()
    form.get_by_label("Why").fill(because)
    form.get_by_role("button", name="Rate it").click()


def tell_the_story(page: Page, text: str) -> None:
    disclose(page, "Tell it in a minute", "#story")
    form = page.locator("#story form", has=page.get_by_role("button", name="Keep the story"))
    form.locator("textarea").first.fill(text)
    form.get_by_role("button", name="Keep the story").click()


def write_if_then(page: Page, what_if: str, then: str) -> None:
    disclose(page, "Write one down", "#if-then")
    form = page.locator("#if-then form")
    form.locator("textarea, input[type=text]").nth(0).fill(what_if)
    form.locator("textarea, input[type=text]").nth(1).fill(then)
    form.get_by_role("button", name="Write it down").click()


def tick_everything(page: Page) -> None:
    """Tick what a person has to say; htmx puts the list back each time."""
    while (button := page.locator("#checklist").get_by_role("button", name="Tick:").first).is_visible():
        name = button.get_attribute("aria-label")
        button.click()
        expect(page.locator("#checklist").get_by_role("button", name=name, exact=True)).to_have_count(0)


def complete(page: Page) -> None:
    page.locator("#gate button").first.click()


def approve(page: Page, handoff: Handoff) -> None:
    page.goto(f"/handoffs/{handoff.pk}/approve/")
    page.get_by_role("button", name="Approve these words").click()


def read_back(page: Page, handoff: Handoff, *answers: str) -> None:
    """Four answers in one's own words; every obligation stays with whoever reads back, as the page suggests."""
    page.goto(f"/handoffs/{handoff.pk}/read-back/")
    for question, answer in zip(page.locator("form textarea").all(), answers, strict=True):
        question.fill(answer)
    for choice in page.locator("form.form select").all():
        choice.select_option(index=1)
    page.get_by_role("button", name="Send the read-back").click()


def accept(page: Page, handoff: Handoff) -> None:
    room(page, handoff)
    page.get_by_role("button", name="Accept the read-back").click()
