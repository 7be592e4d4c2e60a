"""What people do in a handoff, as steps that several journeys share. Each begins and ends on a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest import mock

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import Account, User
from handoffs.models import Handoff


def press(page: Page, button: str | Locator, within: str = "main") -> None:
    """Press a button that leads to another page, and wait until it is there."""
    if isinstance(button, str):
        button = page.locator(within).get_by_role("button", name=button, exact=True).first
    with page.expect_navigation():
        button.click()


def disclose(page: Page, summary: str, within: str = "main") -> Locator:
    """Open the form behind these words, unless it is open."""
    details = page.locator(f"{within} details", has=page.locator("summary", has_text=summary)).first
    if details.get_attribute("open") is None:
        details.locator("summary").first.click()
    return details


def says(page: Page, words: str) -> None:
    expect(page.locator("main")).to_contain_text(words)


def was_told(page: Page, words: str) -> None:
    """The message at the top of the page that answers what one has just done."""
    expect(page.locator("#messages")).to_contain_text(words)


@contextmanager
def days_later(days: int) -> Iterator[None]:
    """Let so many days pass. The database's own clock stays where it is."""
    real = timezone.now

    def now() -> datetime:
        return real() + timedelta(days=days)

    with mock.patch("django.utils.timezone.now", now):
        yield


# ---- The desk: who takes over


def choose_successor(page: Page, account: Account, person: User) -> None:
    """Choose who takes an account over; it is kept at once."""
    choice = page.get_by_label(f"Who takes over {account}", exact=True)
    if choice.input_value() != str(person.pk):
        with page.expect_response("**/choose/"):
            choice.select_option(str(person.pk))
    expect(page.get_by_label(f"Who takes over {account}", exact=True)).to_have_value(str(person.pk))


# ---- The handoff room: filling what is missing


def room(page: Page, handoff: Handoff) -> None:
    page.goto(f"/handoffs/{handoff.pk}/")


def rate(page: Page, condition: str, because: str) -> None:
    form = disclose(page, "Rate it", "#now").locator("form")
    form.get_by_label(condition).check()
    form.get_by_label("Because").fill(because)
    press(page, "Rate it", "#now")
    was_told(page, f"Rated {condition.lower()}.")


def tell_the_story(page: Page, text: str) -> None:
    disclose(page, "Tell it in a minute", "#story").locator("textarea").fill(text)
    press(page, "Keep the story", "#story")
    says(page, text)


def answer(page: Page, topic: str, text: str) -> None:
    """Fill a gap: write down what nobody has written down on this topic."""
    slot = page.locator(".brief-gap", has=page.get_by_text(f"{topic}: nobody has written it down."))
    slot.locator("summary").click()
    slot.locator("textarea").fill(text)
    press(page, slot.get_by_role("button", name="Write it down"))
    says(page, text)


def write_if_then(page: Page, happens: str, do: str) -> None:
    form = disclose(page, "Write down what could happen", "#story")
    form.get_by_label("If …").fill(happens)
    form.get_by_label("then …").fill(do)
    press(page, "Write it down", "#if-then")
    says(page, f"If {happens}, then {do}.")


def tick_what_must_be(page: Page) -> None:
    """Tick the required lines that only a person can say; the list comes back each time."""
    required = page.locator("#checklist li.is-blocking", has=page.locator("summary[aria-label^='Tick: ']"))
    for item in [item.get_attribute("id") for item in required.all()]:
        tick = page.locator(f"#{item} summary[aria-label^='Tick: ']")
        tick.click()
        page.locator(f"#{item}").get_by_label("What was done").fill("Gone through with the team")
        page.locator(f"#{item}").get_by_role("button", name="Tick it").click()
        expect(tick).to_have_count(0)


def complete(page: Page) -> None:
    """Hand the brief to the approvers."""
    press(page, page.locator("#gate button").first)
    was_told(page, "is written.")


def write(page: Page, handoff: Handoff, story: str = "They came after an audit that failed.") -> None:
    """Everything a writer has to do. A role beside the owner's takes a brief without the five parts."""
    room(page, handoff)
    if handoff.is_full:
        rate(page, "Watch", "They have been quiet since the summer")
        tell_the_story(page, story)
        write_if_then(page, "they stay quiet until the autumn", "ask for half a day on site")
    tick_what_must_be(page)
    complete(page)


# ---- Decisions


def approve(page: Page, handoff: Handoff) -> None:
    page.goto(f"/handoffs/{handoff.pk}/approve/")
    press(page, "Approve these words")
    was_told(page, "is approved and frozen.")


ANSWERS = (
    "They came after an audit that failed.",
    "We answered plainly; the audit itself is nothing to talk about",
    "Whoever answers the telephone, to ask how they are",
    "All that is written here, by its date",
    "What is written here, on its day",
    "They may hear nothing for weeks, so I write every Friday",
)


def read_back(page: Page, handoff: Handoff, *answers: str) -> None:
    """The answers in one's own words; whoever reads back takes on all that is owed."""
    page.goto(f"/handoffs/{handoff.pk}/read-back/")
    questions = page.locator("main form textarea").all()
    assert len(questions) == (6 if handoff.is_full else 1)
    for question, answer in zip(questions, answers or ANSWERS, strict=False):
        question.fill(answer)
    if page.get_by_label("I take all of these on").count():
        page.get_by_label("I take all of these on").check()
    press(page, "Send the read-back" if handoff.is_full else "I take it on")
    if page.locator("#remarks").count():
        press(page, "Send it as it is")
    was_told(page, "Read back.")


def accept(page: Page, handoff: Handoff) -> None:
    room(page, handoff)
    press(page, "Accept the read-back")
    was_told(page, f"{handoff.incoming} answers for {handoff.what} from now on.")
