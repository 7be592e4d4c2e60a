"""A real book comes in by upload, and one of its reps leaves: every account is handed over to the end.

The set lies beside the project and is no part of it: 85 accounts, 35 people with 6 managers, 8,800 deals.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.models import Count, Q
from playwright.sync_api import Page, expect

from accounts.models import Account, Coverage, Deal, Entry, ImportBatch, Organisation, User, today
from handoffs.models import Handoff, Transition
from tests.base import make_user

from . import steps
from .conftest import Visit

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FILES = ["accounts.csv", "sales_teams.csv", "products.csv", "sales_pipeline.csv"]


@pytest.fixture
def maven() -> list[Path]:
    files = [DATA / "maven_crm_sales" / name for name in FILES]
    if not all(file.exists() for file in files):
        missing = "../shared/data is missing: the real books to try the import with."
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    return files


def test_a_real_book_is_imported_and_one_of_its_reps_leaves(
    visit: Visit, maven: list[Path], has_no_barriers: Callable[[Page], None]
) -> None:
    omar = visit(make_user("Omar Haddad", User.Kind.OPERATIONS))

    # He uploads the four files, sees what they would change, and is asked what they do not say.
    upload(omar, maven)
    preview = omar.locator("main table").first
    expect(preview.get_by_role("row", name="Accounts")).to_contain_text("85")
    expect(preview.get_by_role("row", name="Deals")).to_contain_text("7,375")
    expect(omar.locator("#apply").get_by_role("button", name="Apply")).to_be_disabled()
    expect(omar.locator("#blockers")).to_contain_text("Who owns Bioholding?")
    has_no_barriers(omar)
    assert not Account.objects.exists()
    omar.get_by_label("1,480 deals name a product “GTXPro”").select_option(label="Yes, write it “GTX Pro”")
    omar.get_by_label("Who owns Bioholding?").select_option(label="Versie Hillebrand (10 deals with them)")
    steps.press(omar, "Keep these answers")
    steps.was_told(omar, "Answers kept.")
    steps.press(omar, "Apply")
    steps.was_told(omar, "Imported. 1,425 rows wait in the review tray.")
    assert Account.objects.get(name="Bioholding").owner == User.objects.get(name="Versie Hillebrand")
    assert not Deal.objects.filter(product="GTXPro").exists()

    # What could not be applied is in the tray, with row, line and reason.
    with omar.expect_navigation():
        omar.get_by_role("link", name="Review tray").click()
    expect(omar.locator("main table tbody tr").first).to_contain_text("names no account")
    has_no_barriers(omar)

    # The same files again change nothing.
    before = everything()
    upload(omar, maven)
    steps.says(omar, "Nothing would change: 7,502 rows are here already, 1,425 rows are left aside.")
    steps.press(omar, "Apply")
    steps.was_told(omar, "Nothing was changed. 1,425 rows wait in the review tray.")
    assert everything() == before
    assert ImportBatch.objects.filter(applied_at__isnull=False).count() == 2

    # A rep of that book leaves. The manager keeps the successors that the page suggests.
    rep = somebody_with_few_accounts()
    manager = rep.reports_to
    assert manager
    page = visit(manager)
    page.goto(f"/people/{rep.pk}/departure/")
    page.get_by_label("Why?").fill("A new start elsewhere")
    page.get_by_label("Accountable").fill(today().isoformat())
    steps.press(page, "Open the departure")
    has_no_barriers(page)
    departure = Transition.objects.get(person=rep)
    count = departure.moves.count()
    steps.press(page, f"Start {count} handovers")
    handoffs = list(Handoff.objects.filter(transition=departure).with_people())
    assert len(handoffs) == count

    # Each account is written, approved, read back and accepted, to the last one.
    pages = {manager.pk: page}

    def of(person: User) -> Page:
        if person.pk not in pages:
            pages[person.pk] = visit(person)
        return pages[person.pk]

    for handoff in handoffs:
        steps.write(of(rep), handoff)
        for approver in handoff.approvers():
            steps.approve(of(approver), handoff)
        steps.read_back(of(handoff.incoming), handoff)
        steps.accept(of(rep), handoff)
    page.goto(f"/transitions/{departure.pk}/")
    steps.says(page, f"{count} of {count} accepted")
    assert not Coverage.objects.accountable().filter(person=rep).exists()
    assert not Deal.objects.open().filter(holder=rep).exists()
    for handoff in handoffs:
        serving = Coverage.objects.current().filter(account=handoff.account, role=handoff.role)
        assert serving.filter(person=handoff.incoming, acting=False).exists()


def upload(page: Page, files: list[Path]) -> None:
    page.goto("/import/")
    page.get_by_label("Files from your other system").set_input_files(files)
    steps.press(page, "Look at them")


def everything() -> dict[str, int]:
    models = (User, Account, Coverage, Deal, Entry, Organisation)
    return {model.__name__: model._default_manager.count() for model in models}


def somebody_with_few_accounts() -> User:
    """A rep who owns some and supports others, as few as there are."""
    serving = Q(coverage__ended_at=None, coverage__role__in=Coverage.HOLDING_ROLES)
    roles = Count("coverage__role", filter=serving, distinct=True)
    reps = User.objects.filter(kind=User.Kind.REP).annotate(n=Count("coverage", filter=serving), roles=roles)
    rep: User = reps.filter(roles=2).order_by("n", "pk")[0]
    return rep
