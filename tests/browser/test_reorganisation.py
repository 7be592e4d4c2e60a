"""Territories are redrawn by a list: seen, approved, run, and taken back as long as no customer was told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.transaction import atomic
from playwright.sync_api import Page, expect

from accounts.models import Coverage, Obligation, today
from handoffs.models import Handoff, JobRun, Transition
from handoffs.tasks import run_due_changes
from tests.base import in_days, make_account, make_deal, make_obligation, the_cast

from . import steps
from .conftest import Visit

LIST = """account,new owner,reason
Acme Robotics,Nils Aalto,He knows robotics
Dunmore Press,Ines Carvalho,
Eastern Slate Co,Nils Aalto,"Ireland, all of it"
Cobalt Minning,Nils Aalto,
"""
NAME = "Nordics by industry"


@pytest.mark.complaint(1)
def test_a_reorganisation_is_planned_run_and_taken_back(
    visit: Visit, has_no_barriers: Callable[[Page], None], broker: str
) -> None:
    cast = the_cast()
    promise = make_obligation(cast.acme, "Send the security answers", contact=cast.champion)
    renewal = make_deal(cast.acme, "Renewal of the pilot")
    eastern = make_account("Eastern Slate", cast.ines, days=200)
    with atomic():
        serving = Coverage.objects.owners().filter(account=eastern)
        serving.pass_to(cast.olivia, by=cast.max, because="Ines went to another team")

    # Operations uploads the list. Two lines are wrong, and each says where and why; nothing is planned by it.
    omar = visit(cast.omar)
    omar.goto("/reorgs/new/")
    omar.get_by_label("Name").fill(NAME)
    omar.get_by_label("Why?").fill("One team for each industry")
    omar.get_by_label("Runs on").fill(today().isoformat())
    omar.get_by_label("Accountable").fill(today().isoformat())
    omar.get_by_label("Announced").fill(in_days(21).isoformat())
    omar.get_by_label("The list, as a file").set_input_files(
        {"name": "spring.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    steps.press(omar, "Read the list")
    steps.says(omar, "2 lines cannot be followed")
    wrong = omar.locator("#wrong tbody tr")
    expect(wrong.nth(0)).to_contain_text("There is no account “Eastern Slate Co” that you may see.")
    expect(wrong.nth(1).get_by_role("rowheader")).to_have_text("5")
    expect(wrong.nth(1).locator("[data-label=Row]")).to_have_text("4")
    expect(wrong.nth(1)).to_contain_text("Is it Cobalt Mining?")
    has_no_barriers(omar)
    assert not Transition.objects.exists()

    # He corrects it right there, and sees who is hit before anything changes.
    corrected = LIST.replace("Eastern Slate Co", "Eastern Slate").replace("Cobalt Minning,Nils Aalto,\n", "")
    omar.get_by_label("The list", exact=True).fill(corrected)
    steps.press(omar, "Read the list again")
    impact = omar.locator("#impact")
    expect(impact).to_contain_text("3 customers get a new owner.")
    expect(impact).to_contain_text("1 thing we owe, 1 champion and 1 open deal worth 42,000")
    expect(impact.locator(".row--late")).to_contain_text("Eastern Slate")
    expect(omar.locator("#moves")).to_contain_text("Ireland, all of it")
    has_no_barriers(omar)
    plan = Transition.objects.get(name=NAME)
    steps.press(omar, "Send it for approval")
    steps.was_told(omar, "The plan is with Max Adeyemi and Petra Lindqvist.")
    expect(omar.get_by_role("button", name="Run it now")).to_be_disabled()

    # Each manager concerned approves the frozen plan on their own sign-in.
    managers = [visit(cast.max), visit(cast.petra)]
    for page in managers:
        page.goto("/approvals/")
        with page.expect_navigation():
            page.get_by_role("link", name=NAME).click()
        has_no_barriers(page)
        steps.press(page, "Approve this plan")
        steps.was_told(page, "You have approved the plan as it stands.")

    # He runs it; the page counts until every handoff is open.
    omar.goto(f"/transitions/{plan.pk}/")
    steps.press(omar, "Run it now")
    steps.says(omar, "Opening the handoffs")
    JobRun.objects.get(transition=plan).run()
    steps.says(omar, "0 of 3 accepted")
    expect(omar.get_by_role("row", name="Acme Robotics")).to_contain_text("to write")

    # One account goes all the way: written, approved by both, read back, accepted.
    handoff = Handoff.objects.get(transition=plan, account=cast.acme)
    olivia, nils = visit(cast.olivia), visit(cast.nils)
    steps.write(olivia, handoff)
    for page in managers:
        steps.approve(page, handoff)
    steps.read_back(nils, handoff)
    steps.accept(olivia, handoff)
    assert cast.acme.owner == cast.nils
    assert Obligation.objects.get(pk=promise.pk).holder == cast.nils

    # He takes all of it back: every account, promise and deal is with whoever had it.
    omar.goto(f"/transitions/{plan.pk}/")
    steps.says(omar, "1 of 3 accepted")
    steps.disclose(omar, "Undo this change")
    steps.press(omar, "Undo all of it")
    steps.was_told(omar, "All of it is taken back")
    has_no_barriers(omar)
    assert [account.owner for account in (cast.acme, cast.dunmore, eastern)] == [
        cast.olivia,
        cast.nils,
        cast.olivia,
    ]
    renewal.refresh_from_db()
    assert Obligation.objects.get(pk=promise.pk).holder == renewal.holder == cast.olivia
    assert not Handoff.objects.open().filter(transition=plan).exists()
    olivia.goto(f"/accounts/{cast.acme.pk}/")
    expect(olivia.locator(".thread__knot").first).to_contain_text(
        "Nils Aalto handed Acme Robotics to Olivia Brandt"
    )


def test_what_a_customer_was_told_is_not_taken_back(visit: Visit) -> None:
    cast = the_cast()
    plan = Transition.objects.open_reorg(
        NAME,
        [(cast.acme, cast.nils, ""), (cast.borealis, cast.nils, "")],
        by=cast.omar,
        because="One team for each industry",
        access_on=today(),
        accountable_on=in_days(14),
        announced_on=today(),
    )
    plan.submit(by=cast.omar)
    for manager in (cast.max, cast.petra):
        plan.approve(by=manager, fingerprint=plan.fingerprint)
    plan.start(by=cast.omar)
    omar = visit(cast.omar)
    omar.goto(f"/transitions/{plan.pk}/")
    run_due_changes()  # the customers are told while his page is open
    steps.disclose(omar, "Undo this change")
    steps.press(omar, "Undo all of it")
    steps.says(omar, "Acme Robotics was told on")
    with omar.expect_navigation():
        omar.get_by_role("link", name="Open it as it stands now").click()
    told = steps.disclose(omar, "Undo this change")
    expect(told).to_contain_text("it can no longer be taken back")
    expect(told.get_by_role("button")).to_have_count(0)
    assert Handoff.objects.open().filter(transition=plan).count() == 2
