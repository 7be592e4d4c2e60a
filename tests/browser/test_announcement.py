"""A customer is really told: people without a sign-in, by letters whose links are followed, and by a call."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import Contact, User
from handoffs.models import Handoff
from handoffs.tasks import run_due_changes
from tests.base import make_account, make_champion, make_contact, the_cast
from tests.handoffs.steps import dates, hand_over

from . import steps
from .conftest import NARROW, Visit


def kestrel_changes_hands() -> tuple[SimpleNamespace, Handoff]:
    """Nobody at Kestrel signs in. They hear of it in two days."""
    cast = the_cast()
    kestrel = make_account("Kestrel Yachts", cast.olivia)
    make_champion(kestrel, "Ada Lund", email="ada@kestrel.example")
    make_contact(kestrel, "Bo Strand", Contact.Role.DECISION_MAKER, email="bo@kestrel.example")
    make_contact(kestrel, "Cleo Dahl", Contact.Role.ECONOMIC_BUYER)
    return cast, hand_over(kestrel, cast.ines, by=cast.max, **dates(announced=2, accountable=9))


def mail_to(address: str) -> str:
    return next(str(letter.body) for letter in reversed(mail.outbox) if address in letter.to[0])


def link_to(address: str) -> str:
    found = re.search(r"https?://[^/\s]+(/our/letters/\S+)", mail_to(address))
    assert found
    return found[1]


def notice(page: Page, name: str) -> str:
    return page.locator("#told li.row", has_text=name).inner_text()


def test_contacts_without_a_sign_in_are_told(visit: Visit, has_no_barriers: Callable[[Page], None]) -> None:
    _, handoff = kestrel_changes_hands()
    max_, olivia = User.objects.get(name="Max Adeyemi"), handoff.outgoing

    # 1. Before the day Max lets Ada in, with the letter.
    page = visit(max_)
    steps.room(page, handoff)
    assert "without a sign-in" in notice(page, "Bo Strand")
    has_no_barriers(page)
    with page.expect_navigation():
        page.get_by_role("link", name="Change how Ada Lund is told").click()
    has_no_barriers(page)
    page.get_by_label("From then on they see their page").check()
    steps.press(page, "Set it")
    assert "sees their page from then on" in notice(page, "Ada Lund")

    # 2. The day comes: two letters, and Olivia rings Cleo.
    with steps.days_later(2):
        run_due_changes()
        page = visit(olivia)
        steps.room(page, handoff)
        expect(page.locator(".rail")).to_contain_text("Ada Lund and 1 more")
        expect(page.locator(".rail")).to_contain_text("1 to go")
        with page.expect_navigation():
            page.get_by_role("link", name="Write down the call with Cleo Dahl").click()
        page.get_by_label("What was said?").fill("She knows Ines from the fair.")
        has_no_barriers(page)
        steps.press(page, "They have been told")
        steps.was_told(page, "Cleo Dahl was told")
        steps.says(page, "She knows Ines from the fair.")

        # 3. Ada follows the link of her letter, and the mailed code brings her to her team.
        ada = visit(None, viewport=NARROW)
        ada.goto(link_to("ada@"))
        ada.get_by_label("Your e-mail address at work").fill("ada@kestrel.example")
        steps.press(ada, "Mail me a code")
        code = re.search(r"^ +([A-Z0-9-]+)$", mail_to("ada@"), re.MULTILINE)
        assert code
        ada.locator("input[name=code]").fill(code[1])
        steps.press(ada, ada.locator("main form button").first)
        expect(ada).to_have_url(re.compile(r"/our/account/#team$"))
        steps.says(ada, "Olivia Brandt hands over to Ines Carvalho")

        # 4. Bo has no sign-in: the link of his letter says whom to ask.
        bo = visit(None)
        bo.goto(link_to("bo@"))
        steps.says(bo, "Bo Strand, you have no sign-in for this page yet")
        steps.says(bo, "Ask Olivia Brandt, who wrote to you")
        has_no_barriers(bo)


def test_a_letter_is_held_until_the_day(visit: Visit, has_no_barriers: Callable[[Page], None]) -> None:
    cast, handoff = kestrel_changes_hands()
    handoff.override(by=cast.max, because="It cannot wait")
    ada = handoff.account.contacts.get(name="Ada Lund")
    page = visit(cast.ines)
    page.goto(f"/contacts/{ada.pk}/")
    steps.press(page, page.get_by_role("button", name=re.compile("Invite|Let")).first)
    steps.was_told(page, "a letter in your name waits")
    assert not [letter for letter in mail.outbox if "ada@" in letter.to[0]]
    steps.room(page, handoff)
    expect(page.locator("#told")).to_contain_text("Letters that wait until then")
    expect(page.locator("#told")).to_contain_text("“Your page with Ines Carvalho” to Ada Lund")
    has_no_barriers(page)
    with steps.days_later(2):
        run_due_changes()
        subjects = [letter.subject for letter in mail.outbox if "ada@" in letter.to[0]]
        assert subjects == ["Ines Carvalho will look after Kestrel Yachts", "Your page with Ines Carvalho"]
        page.reload()
        expect(page.locator("#told")).not_to_contain_text("Letters that wait")
        reader = visit(User.objects.get(contact=ada))
        reader.goto(link_to("ada@"))
        steps.says(reader, "Ines Carvalho took over from Olivia Brandt")
