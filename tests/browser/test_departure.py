"""Olivia leaves, and her customers do not have to start over: the whole main job in a browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import Coverage, Obligation, today
from handoffs.models import Handoff, Transition
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
    page.get_by_role("button", name="Open the departure").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Olivia Brandt leaves")
    expect(page.locator("#moves tbody tr").first).to_contain_text("1 thing we owe, late")
    expect(page.locator("#moves tbody tr").last).to_contain_text("Carla Weiss")
    has_no_barriers(page)
    for account in (cast.acme, cast.borealis):
        with page.expect_response("**/choose/"):
            page.get_by_label(f"Who takes over {account}").select_option(label="Ines Carvalho")
    page.get_by_role("button", name="Start 2 handovers").click()
    expect(page.locator("main")).to_contain_text("0 of 2")
    transition = Transition.objects.get(person=cast.olivia)
    handoff = Handoff.objects.get(transition=transition, account=cast.acme)
    assert handoff.items.filter(obligation=promise).exists()
    assert Handoff.objects.get(account=cast.borealis).items.filter(obligation=late).exists()

    # 2. Olivia fills what is missing; what the memory holds has ticked itself.
    olivia = visit(cast.olivia)
    steps.room(olivia, handoff)
    expect(olivia.locator("#gate button").first).to_be_disabled()
    has_no_barriers(olivia)
    steps.rate(olivia, "Watch", "The pilot hangs on Carla alone")
    steps.tell_the_story(olivia, "They came after an audit that failed; Carla pushed the pilot through.")
    steps.write_if_then(olivia, "the audit slips past March", "offer the sandbox until June")
    steps.tick_everything(olivia)
    steps.complete(olivia)
    assert Handoff.objects.get(pk=handoff.pk).written_by == cast.olivia

    # 3. Max approves the frozen brief; a later note makes the approval stale, and he approves again.
    steps.approve(page, handoff)
    assert Handoff.objects.get(pk=handoff.pk).state == "to read back"
    olivia.goto(f"/accounts/{cast.acme.pk}/notes/")
    olivia.get_by_label("What happened").fill("Carla's new head of finance asks for numbers.")
    olivia.get_by_role("button", name="Keep note").click()
    steps.room(page, handoff)
    expect(page.locator("main")).to_contain_text("The memory changed after")
    steps.approve(page, handoff)

    # 4. Ines reads it back; the page shows what she missed; it is returned once, then accepted.
    ines = visit(cast.ines)
    steps.read_back(ines, handoff, "A pilot", "Nobody yet", "Something", "Anything")
    steps.room(olivia, handoff)
    has_no_barriers(olivia)
    steps.disclose(olivia, "Return it with a note")
    olivia.locator("#decide textarea").fill("You have not said who Carla is.")
    olivia.get_by_role("button", name="Return with a note").click()
    steps.read_back(
        ines,
        handoff,
        "They close the books in three days after an audit that failed; the pilot was pushed through.",
        "Carla, because she fell out with purchasing over us",
        "The security answers, within the week; and whether they can export it all",
        "If the audit slips past March I offer the sandbox",
    )
    has_no_barriers(ines)
    steps.accept(olivia, handoff)
    moved = Handoff.objects.get(pk=handoff.pk)
    assert moved.state == "accepted"
    assert cast.acme.owner == cast.ines
    held = Obligation.objects.open().filter(account=cast.acme).values_list("holder__name", flat=True)
    assert set(held) == {"Ines Carvalho"}
    assert not Coverage.objects.current().filter(account=cast.acme, person=cast.olivia, role="owner").exists()
    ines.goto(f"/accounts/{cast.acme.pk}/")
    expect(ines.locator(".thread__knot").first).to_contain_text("Ines Carvalho")

    # 5. Carla sees from the announcement on who hands over to whom and why; she corrects what we know.
    Handoff.objects.get(pk=handoff.pk).announce()
    carla = visit(cast.carla)
    expect(carla.locator("main")).to_contain_text("Ines Carvalho")
    expect(carla.locator("main")).to_contain_text("Olivia moves to Porto")
    has_no_barriers(carla)
    steps.disclose(carla, "Correct us")
    correction = carla.locator("form", has=carla.get_by_role("button", name="Correct it")).first
    correction.locator("textarea").fill("In two days, since October")
    correction.get_by_role("button").click()
    feedback = Obligation.objects.get(kind="feedback", fact=outcome)
    assert feedback.holder == cast.ines
    assert feedback.is_open
