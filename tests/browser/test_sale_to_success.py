"""From the won deal to the accepted read-back: what was promised at the sale is taken on, promise by promise."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from accounts.models import Coverage, Deal, Obligation, today
from handoffs.models import Handoff, Transition
from handoffs.tasks import run_due_changes
from tests.base import days_ago, make_deal, make_fact, make_obligation, the_cast

from . import steps
from .conftest import Visit


@pytest.mark.complaint(24, 25, 27)
def test_from_a_won_deal_to_whoever_looks_after_their_success(
    visit: Visit, has_no_barriers: Callable[[Page], None]
) -> None:
    """The promises of the sale, its stretch marked, and what keeps them from production."""
    cast = the_cast()
    deal = make_deal(cast.acme, "Pilot", kind=Deal.Kind.OPPORTUNITY)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_deal SET created_at = %s", [days_ago(30)])
    make_obligation(cast.acme, "Live in Hamburg before the audit", at=days_ago(9), contact=cast.champion)
    make_obligation(cast.acme, "The export to SAP by summer", at=days_ago(5), stretch=True, shared=True)
    make_fact(cast.acme, "outcome", "Close the books in three days", contact=cast.champion)

    # 1. Olivia wins the deal. Max hands it to success: the promises made for it are in front of him.
    olivia = visit(cast.olivia)
    olivia.goto(f"/deals/{deal.pk}/close/")
    olivia.get_by_label("Won").check()
    steps.press(olivia, "Close the deal")
    steps.was_told(olivia, "Next, hand it to whoever looks after their success.")
    expect(olivia.get_by_role("link", name="Hand to success")).to_be_visible()
    page = visit(cast.max)
    page.goto(f"/accounts/{cast.acme.pk}/")
    page.get_by_role("link", name="Pilot").click()
    page.get_by_role("link", name="Hand to success").click()
    steps.says(page, "Live in Hamburg before the audit")
    steps.says(page, "a stretch")
    has_no_barriers(page)
    page.get_by_label("Who looks after their success?").select_option(str(cast.ines.pk))
    page.get_by_label("Why?").fill("You have bought it; now it has to pay off")
    page.get_by_label("Accountable").fill(today().isoformat())
    page.get_by_label("Announced").fill(today().isoformat())
    steps.press(page, "Plan it")
    steps.says(page, "the account keeps its owner")
    has_no_barriers(page)
    steps.press(page, "Start the handover")
    handoff = Handoff.objects.get(transition=Transition.objects.get(deal=deal))

    # 2. Olivia writes; the promises of the sale stand first among what is taken on by name.
    steps.room(olivia, handoff)
    steps.says(olivia, "Olivia hands the success of Acme Robotics to Ines")
    debts = olivia.locator("#checklist ul.checklist li", has_text="Promised at the sale")
    expect(debts.first).to_contain_text("Live in Hamburg before the audit")
    expect(debts.last).to_contain_text("a stretch: “The export to SAP by summer”")
    has_no_barriers(olivia)
    steps.answer(olivia, "How they decide", "Carla signs; the night shift uses it")
    steps.answer(olivia, "Terms agreed", "Sixty days to pay, and no price rise for two years")
    steps.write(olivia, handoff)
    steps.approve(page, handoff)

    # 3. Ines takes each promise on and reads it back; until Olivia accepts, the promises are Olivia's.
    ines = visit(cast.ines)
    ines.goto(f"/handoffs/{handoff.pk}/read-back/")
    steps.says(ines, "a stretch: we said we would try")
    has_no_barriers(ines)
    steps.read_back(ines, handoff)
    held = Obligation.objects.open().filter(account=cast.acme)
    assert set(held.values_list("holder__name", "role")) == {("Olivia Brandt", "owner")}
    steps.accept(olivia, handoff)
    assert set(held.values_list("holder__name", "role")) == {("Ines Carvalho", "success")}
    assert cast.acme.owner == cast.olivia
    assert Coverage.objects.current().filter(account=cast.acme, role="success", person=cast.ines).exists()
    steps.says(olivia, "Olivia Brandt handed the success of Acme Robotics to Ines Carvalho")

    # 4. Carla reads who looks after her success, since when and why, and who has what she was promised.
    run_due_changes()
    carla = visit(cast.carla)
    steps.says(carla, "Ines Carvalho looks after your success since")
    steps.says(carla, "You have bought it; now it has to pay off")
    steps.says(carla, "Nobody else on your team changes.")
    steps.says(carla, "Ines Carvalho sees to it")
    has_no_barriers(carla)
