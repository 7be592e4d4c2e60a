"""Somebody is gone from one hour to the next; somebody is away for three weeks and comes back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account, Coverage, Obligation, today
from handoffs.models import Handoff, Transition
from handoffs.tasks import run_due_changes
from tests.base import in_days, make_coverage, make_entry, make_fact, make_obligation, make_user, the_cast
from tests.handoffs.steps import dates

from . import steps
from .conftest import Visit


@pytest.mark.complaint(2)
def test_a_sudden_departure_leaves_nobody_unserved(
    visit: Visit, has_no_barriers: Callable[[Page], None]
) -> None:
    cast = the_cast()
    tove = make_user("Tove Aune", reports_to=cast.max)
    make_coverage(cast.acme, tove, Coverage.Role.SUPPORT)
    promise = make_obligation(cast.acme, "Send the security answers", contact=cast.champion)

    # Olivia is signed in. Max ends her access: her next click leads out, and he answers for her accounts, unread.
    olivia, page = visit(cast.olivia), visit(cast.max)
    page.goto(f"/people/{cast.olivia.pk}/departure/?when=sudden")
    steps.says(page, "access and sessions end, and Max Adeyemi answers for 2 accounts, marked unread")
    has_no_barriers(page)
    page.get_by_label("Why?").fill("Olivia does not work here any more")
    steps.press(page, "End access and open it")
    olivia.get_by_role("link", name="Accounts").first.click()
    expect(olivia).to_have_url(re.compile(r"/sign-in/\?next=/accounts/"))
    expect(olivia.get_by_role("heading", name="Sign in")).to_be_visible()
    steps.says(page, "Olivia Brandt has gone, and Max Adeyemi answers for 2 accounts now, unread.")
    for account in (cast.acme, cast.borealis):
        assert account.owner == cast.max
    assert Obligation.objects.get(pk=promise.pk).holder == cast.max
    page.goto(f"/accounts/{cast.acme.pk}/")
    steps.says(page, "Max Adeyemi is acting owner and has not read this account back.")
    has_no_barriers(page)

    # He starts it; the brief is put together from memory, and lists what nobody has written down.
    departure = Transition.objects.get(person=cast.olivia)
    page.goto(f"/transitions/{departure.pk}/")
    for account in (cast.acme, cast.borealis):
        steps.choose_successor(page, account, cast.ines)
    steps.press(page, "Start 2 handovers")
    handoff = Handoff.objects.get(transition=departure, account=cast.acme)
    steps.room(page, handoff)
    steps.says(page, "Olivia Brandt has gone. Max Adeyemi acts for Acme Robotics")
    gaps = page.locator("main .notice", has_text="Olivia Brandt has gone.")
    expect(gaps).to_contain_text("How the account stands")
    expect(gaps).to_contain_text("Why they chose us")
    has_no_barriers(page)

    # A colleague who supports the account fills what she knows; Max does the rest and calls it complete.
    colleague = visit(tove)
    steps.room(colleague, handoff)
    steps.tell_the_story(colleague, "They came after an audit that failed.")
    steps.answer(colleague, "Why they chose us", "We were the only ones who could export the ledger.")
    steps.room(page, handoff)
    expect(gaps).not_to_contain_text("Why they chose us")
    steps.rate(page, "Urgent", "Nobody has spoken with them since she went")
    steps.write_if_then(page, "Carla hears of it from somebody else", "call her before noon")
    steps.tick_what_must_be(page)
    steps.complete(page)

    # He wrote it, so he does not approve it: Petra does.
    refused = page.goto(f"/handoffs/{handoff.pk}/approve/")
    assert refused
    assert refused.status == 403
    petra = visit(cast.petra)
    petra.goto("/approvals/")
    expect(petra.locator("main .row", has_text="Acme Robotics")).to_contain_text("brief to approve")
    steps.approve(petra, handoff)

    # Ines reads it back, Max accepts: she answers for it, and it is not unread any more.
    ines = visit(cast.ines)
    steps.read_back(ines, handoff)
    steps.accept(page, handoff)
    owner = Coverage.objects.owners().get(account=cast.acme)
    assert (owner.person, owner.acting) == (cast.ines, False)
    assert Obligation.objects.get(pk=promise.pk).holder == cast.ines
    ines.goto(f"/accounts/{cast.acme.pk}/")
    steps.says(ines, "Ines Carvalho has owned it since")
    expect(ines.locator("main")).not_to_contain_text("has not read")
    page.goto("/")
    expect(page.locator("main")).to_contain_text("Borealis Foods")
    expect(page.locator("main")).not_to_contain_text("Acme Robotics")


def test_a_stand_in_serves_for_three_weeks_and_hands_back(visit: Visit) -> None:
    cast = the_cast()
    make_entry(cast.acme)
    promise = make_obligation(cast.acme, "Send the security answers")

    # Max opens the leave and starts it.
    page = visit(cast.max)
    page.goto(f"/people/{cast.olivia.pk}/leave/")
    page.get_by_label("Why?").fill("Olivia is away with her family")
    page.get_by_label("First day away").fill(today().isoformat())
    page.get_by_label("Back on").fill(in_days(21).isoformat())
    steps.press(page, "Open the leave")
    for account in (cast.acme, cast.borealis):
        steps.choose_successor(page, account, cast.ines)
    steps.press(page, "Start 2 handovers")
    leave = Transition.objects.get(person=cast.olivia)
    handoff = Handoff.objects.get(transition=leave, account=cast.acme)

    # Olivia writes what must not wait, Max approves, and Ines stands in for one account.
    olivia, ines = visit(cast.olivia), visit(cast.ines)
    steps.write(olivia, handoff)
    steps.approve(page, handoff)
    steps.read_back(ines, handoff)
    steps.accept(olivia, handoff)
    assert cast.acme.owner == cast.ines

    # Her first day away: where nobody has read back, the manager acts.
    run_due_changes()
    assert who_answers_for(cast.borealis) == (cast.max, True)
    assert Obligation.objects.get(pk=promise.pk).holder == cast.ines
    page.goto(f"/transitions/{leave.pk}/")
    steps.says(page, "1 of 2 accepted")

    # On the return date everything is hers again by itself.
    with steps.days_later(20):
        run_due_changes()
    assert who_answers_for(cast.acme) == (cast.ines, False)
    with steps.days_later(21):
        run_due_changes()
    for account in (cast.acme, cast.borealis):
        assert who_answers_for(account) == (cast.olivia, False)
    assert Obligation.objects.get(pk=promise.pk).holder == cast.olivia
    olivia.goto(f"/accounts/{cast.acme.pk}/")
    expect(olivia.locator(".thread__knot").first).to_contain_text(
        "Ines Carvalho handed Acme Robotics to Olivia Brandt"
    )
    steps.says(olivia, "Olivia Brandt is back")
    page.reload()
    expect(page.get_by_role("row", name="Acme Robotics")).to_contain_text("taken back")


def who_answers_for(account: Account) -> tuple[object, bool]:
    owner = Coverage.objects.owners().select_related("person").get(account=account)
    return owner.person, owner.acting


def test_a_colleague_answers_what_whoever_takes_over_asks(
    visit: Visit, has_no_barriers: Callable[[Page], None]
) -> None:
    cast = the_cast()
    tove = make_user("Tove Aune", reports_to=cast.max)
    make_coverage(cast.acme, tove, Coverage.Role.SUPPORT)
    decision = make_fact(
        cast.acme, "decision", "The board decides by 14 January 2031.", contact=cast.champion
    )

    # Olivia has gone from one hour to the next, and Ines takes over.
    departure = Transition.objects.open_departure(
        cast.olivia, by=cast.max, sudden=True, because="Olivia has gone", **dates(announced=5)
    )
    for move in departure.moves.all():
        move.assign(cast.ines, by=cast.max)
    departure.start(by=cast.max).run()
    handoff = Handoff.objects.get(transition=departure, account=cast.acme)

    # She asks about a line. Olivia cannot be asked; who serves the account can.
    ines = visit(cast.ines)
    ines.goto(f"/handoffs/{handoff.pk}/read-back/")
    has_no_barriers(ines)
    steps.press(ines, ines.get_by_role("link", name="Ask about How they decide"))
    has_no_barriers(ines)
    whom = ines.get_by_label("Whom do you ask?")
    expect(whom.locator("option")).to_have_text(["Tove Aune", "Max Adeyemi"])
    whom.select_option(label="Tove Aune")
    ines.get_by_label("What do you want to know?").fill("Who prepares it for the board?")
    steps.press(ines, "Ask")
    steps.was_told(ines, "Tove Aune is asked, and finds it on Today.")
    expect(ines.locator("#inquiries")).to_contain_text("Not answered yet.")

    # Tove finds it on Today and answers.
    page = visit(tove)
    page.goto("/")
    steps.press(page, page.get_by_role("link", name="Who prepares it for the board?"))
    steps.says(page, "The board decides by 14 January 2031.")
    has_no_barriers(page)
    page.get_by_label("Your answer").fill("Dieter writes the paper, in December")
    steps.press(page, "Answer")
    expect(page.locator(".inquiry", has_text="Who prepares it")).to_contain_text("Tove Aune answered")
    has_no_barriers(page)

    # It is memory now, with her name, and stands beside the line.
    known = cast.acme.facts.live().filter(topic="decision")
    assert {fact.author for fact in known} == {decision.author, tove}
    ines.goto(f"/handoffs/{handoff.pk}/read-back/")
    expect(ines.locator("#inquiries")).not_to_contain_text("Not answered yet.")
    steps.says(ines, "Dieter writes the paper, in December")

    # Max completes the brief and Petra approves. Ines reads back with a wrong day: Max sees it against the right one.
    page = visit(cast.max)
    steps.write(page, handoff)
    steps.approve(visit(cast.petra), handoff)
    wrong = "The board decides by 15 January 2031; Dieter writes the paper for it in December."
    steps.read_back(ines, handoff, *steps.ANSWERS[:4], wrong, steps.ANSWERS[5])
    steps.room(page, handoff)
    line = page.locator(
        "#decide .compared > li.is-differently", has_text="The board decides by 14 January 2031."
    )
    expect(line).to_contain_text("said differently")
    expect(line).to_contain_text("14 January 2031 in the brief")
    expect(line).to_contain_text("15 January 2031 in the read-back")
    has_no_barriers(page)
