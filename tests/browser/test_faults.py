"""What goes wrong between a browser and a site: exactly one wins, the other is told, and no words are lost."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import Account, Entry, Session
from handoffs.models import Handoff, JobRun
from tests.base import make_entry, make_obligation, the_cast
from tests.handoffs.steps import departure, hand_over, ready_to_accept, write

from . import steps
from .conftest import Visit


def test_a_form_posted_twice_happens_once(visit: Visit) -> None:
    cast = the_cast()
    leaving = departure(cast.olivia, cast.ines, by=cast.max, start=False)
    page = visit(cast.max)
    page.goto(f"/transitions/{leaving.pk}/")
    page.get_by_role("button", name="Start 2 handovers").dblclick()
    expect(page.locator("main")).to_contain_text(re.compile("0 of 2 accepted|already"))
    page.goto(f"/transitions/{leaving.pk}/")
    steps.says(page, "0 of 2 accepted")
    assert Handoff.objects.filter(transition=leaving).count() == 2
    assert JobRun.objects.filter(transition=leaving).count() == 1

    # A note kept with two quick clicks is one note.
    page.goto(f"/accounts/{cast.acme.pk}/notes/")
    page.get_by_label("What happened").fill("Carla wants the pilot in Turku first.")
    page.get_by_role("button", name="Keep note").dblclick()
    expect(page.locator("#thread-lines")).to_contain_text("Carla wants the pilot in Turku first.")
    assert Entry.objects.filter(account=cast.acme, text__contains="Turku").count() == 1


def test_a_stale_tab_sees_theirs_and_yours(visit: Visit, has_no_barriers: Callable[[Page], None]) -> None:
    cast = the_cast()
    handoff = hand_over(cast.acme, cast.ines, by=cast.max)

    # Two people correct the same company: the second is told what the first one wrote, and keeps their own words.
    olivia, page = visit(cast.olivia), visit(cast.max)
    for tab in (olivia, page):
        tab.goto(f"/accounts/{cast.acme.pk}/edit/")
    olivia.get_by_label("Industry").fill("Industrial robots")
    steps.press(olivia, "Correct it")
    page.get_by_label("Industry").fill("Machines")
    steps.press(page, "Correct it")
    steps.says(page, "Somebody else changed this while you were writing.")
    steps.says(page, "Industry is now “Industrial robots”.")
    expect(page.get_by_label("Industry")).to_have_value("Machines")
    has_no_barriers(page)
    assert Account.objects.get(pk=cast.acme.pk).industry == "Industrial robots"

    # The handoff is called off while she tells its story.
    steps.room(olivia, handoff)
    told = steps.disclose(olivia, "Write down what could happen", "#story")
    told.get_by_label("If …").fill("the pilot in Turku slips")
    told.get_by_label("then …").fill("lend them the sandbox")
    handoff.cancel(by=cast.max, because="Olivia stays after all")
    steps.press(olivia, "Write it down", "#if-then")
    has_no_barriers(olivia)
    steps.says(olivia, "the pilot in Turku slips")
    steps.says(olivia, "Olivia stays after all")


def test_what_was_written_survives_an_expired_session(
    visit: Visit, has_no_barriers: Callable[[Page], None]
) -> None:
    cast = the_cast()
    words = "Carla's new head of finance asks for numbers before the board meets."
    page = visit(cast.olivia)
    page.goto(f"/accounts/{cast.acme.pk}/notes/")
    page.get_by_label("What happened").fill(words)
    Session.objects.all().delete()
    steps.press(page, "Keep note")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Your e-mail address at work").fill(cast.olivia.email)
    steps.press(page, "Mail me a code")
    has_no_barriers(page)
    code = re.search(r"^\s*([A-Z0-9]+(?:-[A-Z0-9]+)+)\s*$", str(mail.outbox[-1].body), re.M)
    assert code, mail.outbox[-1].body
    page.get_by_label("The code from the mail").fill(code[1])
    steps.press(page, "Sign in")
    expect(page).to_have_url(re.compile("/unsent/$"))
    steps.says(page, words)
    has_no_barriers(page)
    steps.press(page, "Send it again")
    expect(page.locator("#thread-lines")).to_contain_text(words)
    assert Entry.objects.filter(account=cast.acme, text=words).count() == 1


def test_the_main_job_works_without_javascript(visit: Visit) -> None:
    cast = the_cast()
    make_entry(cast.acme)
    promise = make_obligation(cast.acme, "Send the security answers")
    page, olivia, ines = (
        visit(person, java_script_enabled=False) for person in (cast.max, cast.olivia, cast.ines)
    )
    page.goto(f"/accounts/{cast.acme.pk}/")
    with page.expect_navigation():
        page.get_by_role("link", name="Hand over").click()
    page.get_by_label("To whom?").select_option(label="Ines Carvalho")
    page.get_by_label("Why?").fill("A smaller book for Olivia")
    page.get_by_label("Accountable").fill(page.get_by_label("Access").input_value())
    steps.press(page, "Plan the handover")
    steps.press(page, "Start the handover")
    handoff = Handoff.objects.get(account=cast.acme)
    steps.write(olivia, handoff)
    steps.approve(page, handoff)
    steps.read_back(ines, handoff)
    steps.accept(olivia, handoff)
    promise.refresh_from_db()
    assert cast.acme.owner == promise.holder == cast.ines


def test_going_back_after_a_post_decides_nothing_again(visit: Visit) -> None:
    cast = the_cast()
    handoff = hand_over(cast.acme, cast.ines, by=cast.max)
    write(handoff, by=cast.olivia)
    page = visit(cast.max)
    steps.approve(page, handoff)
    page.reload()
    assert handoff.approvals.count() == 1
    page.go_back()
    button = page.get_by_role("button", name="Approve these words")
    if button.is_enabled():  # the browser may show the page as it was
        steps.press(page, button)
    steps.says(page, "You have already approved it.")
    assert handoff.approvals.count() == 1


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(
    visit: Visit, has_no_barriers: Callable[[Page], None]
) -> None:
    cast = the_cast()
    handoff = hand_over(cast.borealis, cast.nils, by=cast.max)
    ready_to_accept(handoff, by=cast.olivia)

    # Max and Petra both have the read-back before them: he accepts it, then she returns it with a note.
    page, petra = visit(cast.max), visit(cast.petra)
    for tab in (page, petra):
        steps.room(tab, handoff)
    note = steps.disclose(petra, "Return it with a note")
    note.get_by_label("What did they miss?").fill("He does not say who decides there.")
    steps.press(page, "Accept the read-back")
    steps.press(petra, "Return with a note")
    steps.says(petra, "How it stands now")
    steps.says(petra, "He does not say who decides there.")
    has_no_barriers(petra)
    handoff.refresh_from_db()
    assert handoff.state == "accepted"
    assert cast.borealis.owner == cast.nils
