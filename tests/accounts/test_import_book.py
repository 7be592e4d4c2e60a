"""Real books, taken whole by the command. They lie beside the project and are no part of it."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F
from django.test import TestCase

from accounts.models import (
    Account,
    Contact,
    Coverage,
    Deal,
    Entry,
    ImportBatch,
    ImportRow,
    Obligation,
    Organisation,
    User,
)
from tests.base import make_user

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.django_db


def real(name: str) -> Path:
    folder = DATA / name
    if not folder.exists():
        missing = "../shared/data is missing: the real books to try the import with."
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    return folder


def take(folder: Path, **options: Any) -> str:
    out = StringIO()
    call_command("import_book", str(folder), stdout=out, skip_checks=True, **options)
    connection.check_constraints()
    return out.getvalue()


def everything() -> dict[str, int]:
    models = (User, Account, Contact, Coverage, Deal, Entry, Obligation, Organisation)
    return {model.__name__: model._default_manager.count() for model in models}


# ---- Maven: 85 accounts, each sold to by 10 to 30 agents, and no owner column


class Maven(TestCase):
    told: str

    @classmethod
    def setUpTestData(cls) -> None:
        cls.told = take(real("maven_crm_sales"))

    def test_it_is_taken_whole_into_an_empty_database(self) -> None:
        assert Account.objects.count() == 85
        assert Account.objects.exclude(parent=None).count() == 15
        assert User.objects.filter(kind="rep").count() == 35
        managers = User.objects.filter(kind="manager")
        assert managers.count() == 6
        assert set(managers.values_list("region", flat=True)) == {"Central", "East", "West"}
        assert not User.objects.filter(kind="rep", reports_to=None).exists()
        assert Deal.objects.count() == 7375
        assert Deal.objects.filter(outcome="won").count() == 4238
        assert Deal.objects.filter(outcome="lost").count() == 2473
        assert Organisation.get().last_resort == User.objects.get(kind="operations")
        assert "Nobody works here yet" in self.told

    def test_deals_that_name_no_account_wait_in_the_tray_with_row_and_line(self) -> None:
        batch = ImportBatch.objects.get()
        tray = batch.tray().filter(file__kind="deal")
        assert tray.count() == 1425
        row = tray[0]
        assert "names no account" in row.because
        assert row.line == row.number + 1
        assert row.cells[3] == ""
        assert ImportRow.objects.filter(file__batch=batch, file__kind="deal").count() == 8800

    def test_products_are_matched_and_undated_deals_stay_undated(self) -> None:
        assert not Deal.objects.filter(product="GTXPro").exists()
        assert ImportRow.objects.filter(cells__contains=["GTXPro"]).count() == 1480
        assert "1,480 deals name a product “GTXPro”. Is that “GTX Pro”? → Yes" in self.told
        undated = Deal.objects.filter(engaged_on=None)
        assert undated.count() == 163  # the other 337 of 500 name no account
        assert not undated.exclude(stage="Prospecting").exists()

    def test_earlier_agents_are_past_coverage_with_overlaps_and_gaps(self) -> None:
        past = Coverage.objects.filter(role="past")
        assert past.count() == 1180
        assert past.values("account", "person").distinct().count() == 1180
        agents = past.values("account").annotate(agents=Count("person")).values_list("agents", flat=True)
        assert (min(agents), max(agents)) == (10, 30)
        first = past.order_by("started_at")[0]
        assert (first.person.name, first.started_at.date().isoformat()) == ("Moses Frase", "2016-10-20")

    def test_the_owner_is_the_agent_of_the_latest_deal_and_a_tie_is_told(self) -> None:
        owners = Coverage.objects.owners()
        assert owners.count() == 85
        assert owners.values("person").distinct().count() == 27
        tie = "Who owns Bioholding? 2 people come first, each with a deal of 2017-12-19. → Darcel Schlecht"
        assert tie in self.told
        row = owners.get(account__name="Cancity")
        assert row.started_because == "Imported: has the latest deal, of 2017-12-09"
        assert Coverage.objects.filter(role="past", account=row.account, person=row.person).exists()

    def test_open_deals_stay_with_their_agents_who_join_the_team(self) -> None:
        open_deals = Deal.objects.open()
        assert open_deals.count() == 664
        assert open_deals.filter(role="support").count() == 639
        assert not open_deals.exclude(account__coverage__person=F("holder")).exists()

    def test_the_same_files_again_change_nothing_and_say_so(self) -> None:
        before = everything()
        again = take(real("maven_crm_sales"))
        assert everything() == before
        assert "Nothing was changed: 7,502 rows are here already, 1,446 rows are left aside." in again
        assert "deals: 7,375 unchanged, 1,425 left aside" in again


def test_a_dry_run_says_the_same_and_changes_nothing() -> None:
    said = take(real("maven_crm_sales"), dry_run=True)
    assert "accounts: 85 new" in said
    assert "1,180 earlier tenures are kept" in said
    assert not User.objects.exists()
    assert not ImportBatch.objects.exists()


def test_owners_may_come_from_most_deals_and_open_deals_go_to_them() -> None:
    take(real("maven_crm_sales"), owner_from="most-deals", open_deals="owner")
    assert Coverage.objects.owners().values("person").distinct().count() == 15
    assert not Deal.objects.open().filter(role="support").exists()


def test_a_tie_stops_the_command_when_it_is_to_be_asked_and_nobody_can_answer() -> None:
    with pytest.raises(CommandError, match=r"Nothing was imported\. Who owns Bioholding"):
        take(real("maven_crm_sales"), tie="ask")
    assert not Account.objects.exists()


def test_an_owner_who_has_left_is_followed_by_the_acting_manager() -> None:
    boss = make_user("Dustin Brinkmann", User.Kind.MANAGER)
    make_user("Moses Frase", reports_to=boss, is_active=False)
    make_user("Petra Lindqvist", User.Kind.OPERATIONS)
    take(real("maven_crm_sales"))
    acting = Coverage.objects.owners().filter(acting=True)
    assert acting.exists()
    assert {row.person for row in acting} == {boss}
    for row in acting:
        assert "Moses Frase, the owner, has left" in row.started_because
        assert Coverage.objects.filter(role="past", account=row.account, person__name="Moses Frase").exists()
        assert not row.account.deals.open().filter(holder__is_active=False).exists()


# ---- The same accounts, written in other ways


VARIANTS = (
    "accounts_utf16le_bom_tab.txt",
    "accounts_utf8_bom_quoteall.csv",
    "accounts_header_case_space.csv",
)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_same_accounts_in_another_dress_change_nothing(name: str) -> None:
    take(real("maven_crm_sales") / "accounts.csv")
    assert "accounts: 85 unchanged" in take(real("encoding_variants_of_maven") / name)


def test_cp1252_with_decimal_commas() -> None:
    take(real("encoding_variants_of_maven") / "accounts_cp1252_semicolon_decimal_comma.csv")
    acme = Account.objects.get(name="Acme Corporation")
    assert (acme.country, str(acme.revenue)) == ("États-Unis", "1100.04")


def test_mojibake_is_repaired_only_when_somebody_says_so() -> None:
    path = real("encoding_variants_of_maven") / "accounts_mojibake.csv"
    said = take(path)
    assert "10 cells" in said
    assert Account.objects.get(name="Acme Corporation").country == "Ã‰tats-Unis"
    assert "accounts: 10 changed, 75 unchanged" in take(path, repair=True)
    assert Account.objects.get(name="Acme Corporation").country == "États-Unis"


def test_duplicates_totals_footers_short_rows_and_formulas() -> None:
    path = real("encoding_variants_of_maven") / "accounts_duplicates_footer_formula_mixed_eol.csv"
    take(path)
    assert Account.objects.count() == 86
    assert Account.objects.filter(name='=HYPERLINK("http://example.invalid")').exists()
    reasons = "\n".join(ImportBatch.objects.get().tray().values_list("because", flat=True))
    for told in (
        "is already in row 1 (line 2). It says the same.",
        "It may be the same account as “Acme Corporation”.",
        "It is a totals line",
        "It is the footer of a report",
        "It has 6 cells and the header has 7",
    ):
        assert told in reasons
    take(path, look_alikes="different")
    assert Account.objects.filter(name="Acme Corporation, Inc.").exists()


# ---- Salesforce


def test_salesforce_accounts_contacts_deals_and_tasks() -> None:
    folder = real("salesforce_workshop_bsd3")
    take(folder)
    assert (Account.objects.count(), Contact.objects.count(), Deal.objects.count()) == (22, 18, 50)
    undone = Obligation.objects.exclude(external_id="")
    assert undone.filter(kind="task").count() == 36  # of 75: none was started there, so all of them are owed
    assert undone.filter(due__year__lt=2024).exists()
    closed = Entry.objects.exclude(external_id="")
    assert closed.filter(external_id__startswith="case:").count() == closed.count() == 4
    reasons = ImportBatch.objects.get().tray()
    assert reasons.filter(because__contains="names no account, and a contact is always").count() == 84
    assert reasons.filter(because__contains="a lead, which belongs to no account").exists()
    before = everything()
    assert "Nothing was changed: 140 rows are here already, 307 rows are left aside." in take(folder)
    assert everything() == before


def test_tasks_are_held_by_whoever_has_them_and_never_by_the_importer() -> None:
    folder = real("salesforce_workshop_bsd3")
    omar = make_user("Omar Haddad", User.Kind.OPERATIONS)
    jane = make_user("Jane Okafor", external_id="005Ec000004oBPNIA2")
    take(folder, by=omar.email)
    assert set(Obligation.objects.exclude(external_id="").values_list("holder", flat=True)) == {jane.pk}
    assert Coverage.objects.owners().filter(person=jane).count() == 21


@pytest.mark.parametrize(
    "name",
    ["salesforce_fivetran_apache2", "hubspot_fivetran_apache2", "messy_dedupe_mit"],
)
def test_other_exports_are_taken_or_told_about_and_never_crash(name: str) -> None:
    said = take(real(name), dry_run=True)
    assert "A dry run: nothing was changed." in said


def test_a_folder_of_something_else_is_refused_with_sentences() -> None:
    with pytest.raises(CommandError, match=r"Nothing was imported\. .*names its columns"):
        take(real("adventureworks_territories_mit"))
    assert not User.objects.exists()


# ---- Who may


def test_a_rep_may_not_import_and_a_stranger_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("account,industry\nAcme,Robots\n")
    with pytest.raises(CommandError, match="There is no file or folder"):
        take(tmp_path / "missing")
    rep = make_user("Olivia Brandt")
    with pytest.raises(CommandError, match="only managers and operations may"):
        take(tmp_path, by=rep.email)
    with pytest.raises(CommandError, match="Nobody here has the address"):
        take(tmp_path, by="nobody@vendor.example")
    with pytest.raises(CommandError, match="There is no manager"):
        take(tmp_path)
