"""Olivia leaves, and her customers do not have to start over: the whole main job in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Coverage, Obligation, today
from handoffs.models import Handoff, Transition
from handoffs.tasks import run_due_changes
from tests.base import (
    in_days,
    make_deal,
    make_entry,
    make_fact,
    make_obligation,
    make_question,
    make_stage,
    the_cast,
)

from . import steps
from .conftest import Visit


@pytest.mark.complaint(2, 4, 5)
def test_a_leavers_accounts_survive(visit: Visit, has_no_barriers: Callable[[Page], None]) -> None:
    cast = the_cast()
    make_stage(cast.acme, "evaluating")
    make_entry(cast.acme, "Carla wants the pilot in Turku first.", contacts=[cast.champion])
    promise = make_obligation(cast.acme, "Send the security answers", contact=cast.champion, shared=True)
    late = make_obligation(cast.borealis, "Second training in Oulu", due_in=-4)
    make_question(cast.acme, cast.champion, "Can we export it all?", shared=True)
    outcome = make_fact(cast.acme, "outcome", "Close the books in three days", contact=cast.champion)
    outcome.share(by=cast.olivia)
    make_deal(cast.acme, "Renewal of the pilot", expected_close=in_days(30))

    # 1. Max opens the departure: what would be lost comes first, with a successor and the reasons for each.
    page = visit(cast.max)
    page.goto(f"/people/{cast.olivia.pk}/departure/")
    page.get_by_label("Why?").fill("Olivia moves to Porto")
    page.get_by_label("Accountable").fill(today().isoformat())
    page.get_by_label("Announced").fill(today().isoformat())
    steps.press(page, "Open the departure")
    expect(page.get_by_role("heading", level=1)).to_have_text("Olivia Brandt leaves")
    lines = page.locator("#moves tbody tr")
    expect(lines.first).to_contain_text("1 thing we owe, late")
    expect(lines.last).to_contain_text("Carla Weiss")
    expect(lines.first).to_contain_text("The best suggestion")
    has_no_barriers(page)
    for account in (cast.acme, cast.borealis):
        steps.choose_successor(page, account, cast.ines)
    steps.press(page, "Start 2 handovers")
    steps.says(page, "0 of 2")
    transition = Transition.objects.get(person=cast.olivia)
    handoff = Handoff.objects.get(transition=transition, account=cast.acme)
    assert handoff.items.filter(obligation=promise).exists()
    assert Handoff.objects.get(account=cast.borealis).items.filter(obligation=late).exists()

    # 2. Olivia fills what is missing; what the memory holds has ticked itself.
    olivia = visit(cast.olivia)
    steps.room(olivia, handoff)
    expect(olivia.locator("#gate button").first).to_be_disabled()
    expect(olivia.locator("#checklist details", has_text="Done:")).to_contain_text("A champion is named")
    has_no_barriers(olivia)
    steps.rate(olivia, "Watch", "The pilot hangs on Carla alone")
    steps.tell_the_story(olivia, "They came after an audit that failed; Carla pushed the pilot through.")
    steps.write_if_then(olivia, "the audit slips past March", "offer the sandbox until June")
    steps.tick_what_must_be(olivia)
    steps.complete(olivia)
    expect(olivia.get_by_role("heading", level=1)).to_have_text("Borealis Foods")  # on to the next one
    assert Handoff.objects.get(pk=handoff.pk).written_by == cast.olivia

    # 3. Max returns it with a reason, then approves the frozen brief; later terms make the approval stale.
    page.goto(f"/handoffs/{handoff.pk}/approve/")
    has_no_barriers(page)
    steps.disclose(page, "Return it with reasons").get_by_label("What is missing?").fill("Who else is there?")
    steps.press(page, "Return it")
    steps.room(olivia, handoff)
    steps.says(olivia, "Who else is there?")
    steps.complete(olivia)
    steps.approve(page, handoff)
    assert Handoff.objects.get(pk=handoff.pk).state == "to read back"
    olivia.goto(f"/accounts/{cast.acme.pk}/notes/")
    olivia.get_by_label("What happened").fill("#terms Carla's new head of finance asks for numbers.")
    steps.press(olivia, "Keep note")
    steps.room(page, handoff)
    steps.says(page, "The approval is stale.")
    page.goto(f"/handoffs/{handoff.pk}/approve/")
    expect(page.locator("#changes")).to_contain_text("asks for numbers")
    steps.approve(page, handoff)

    # 4. Ines reads it back; the page shows what she missed; it is returned once, then accepted.
    ines = visit(cast.ines)
    steps.read_back(ines, handoff, "A pilot", "A demo", "Nobody yet", "Something", "Some day", "Anything")
    steps.room(olivia, handoff)
    steps.says(olivia, "not said")
    has_no_barriers(olivia)
    form = steps.disclose(olivia, "Return it with a note")
    form.get_by_label("What did they miss?").fill("You have not said who Carla is.")
    steps.press(olivia, "Return with a note")
    ines.goto(f"/handoffs/{handoff.pk}/read-back/")
    steps.says(ines, "You have not said who Carla is.")
    has_no_barriers(ines)
    steps.read_back(
        ines,
        handoff,
        "They close the books in three days after an audit that failed; the pilot was pushed through.",
        "Close the books in three days: we showed how. The failed audit is not raised with their finance.",
        "Carla, because she fell out with purchasing over us",
        "The security answers, within the week; and whether they can export it all",
        "The renewal of the pilot, in a month",
        "If the audit slips past March I offer the sandbox",
    )
    steps.room(olivia, handoff)
    carla_herself = olivia.get_by_text("Carla Weiss", exact=True)
    expect(olivia.locator(".compared li.is-yes", has=carla_herself)).to_be_visible()
    steps.accept(olivia, handoff)
    moved = Handoff.objects.get(pk=handoff.pk)
    assert moved.state == "accepted"
    assert cast.acme.owner == cast.ines
    held = Obligation.objects.open().filter(account=cast.acme).values_list("holder__name", flat=True)
    assert set(held) == {"Ines Carvalho"}
    assert not Coverage.objects.current().filter(account=cast.acme, person=cast.olivia, role="owner").exists()
    ines.goto(f"/accounts/{cast.acme.pk}/")
    expect(ines.locator(".thread__knot").first).to_contain_text(
        "Olivia Brandt handed Acme Robotics to Ines Carvalho"
    )
    has_no_barriers(ines)

    # 5. Carla sees from the announcement on who hands over to whom and why; she corrects what we know.
    carla = visit(cast.carla)
    expect(carla.locator("main")).not_to_contain_text("Olivia moves to Porto")
    run_due_changes()
    carla.reload()
    steps.says(carla, "Ines Carvalho took over from Olivia Brandt")
    steps.says(carla, "Olivia moves to Porto")
    has_no_barriers(carla)
    steps.press(carla, "We know about it")
    assert Handoff.objects.get(pk=handoff.pk).confirmed_by == cast.champion
    known = f"#fact-{outcome.pk}"
    steps.disclose(carla, "Correct us", known).locator("textarea").fill("In two days, since October")
    steps.press(carla, "Correct us", known)
    feedback = Obligation.objects.get(kind="feedback", fact=outcome)
    assert feedback.holder == cast.ines
    assert feedback.is_open
    expect(carla.locator(f"#told-{feedback.pk}")).to_contain_text("Ines Carvalho has it.")
