"""Exports of three systems come in whole: what is not told by its columns somebody says, once for all such files."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, expect

from accounts.models import Account, Contact, Deal, Entry, ImportBatch, ImportMapping, ImportRow, User
from tests.base import make_user

from . import steps
from .conftest import NARROW, Visit

DYNAMICS = {
    "Account.csv": "Account Name,Main Phone,Territory,Primary Contact,Owner\n"
    "Ponder Ltd,0444 123456,North,Ada Reed,Nia Falk\n",
    "Contact.csv": "Email,Company Name,Business Phone,First Name,Last Name\n"
    "ada@ponder.example,Ponder Ltd,0444 123456,Ada,Reed\n",
    "Opportunity.csv": "Created On,Topic,Owner,Potential Customer,Status,Est. revenue,Est. close date,"
    "Actual Close Date,Currency\n"
    "5/20/2026 7:42,Rolls,Nia Falk,Ponder Ltd,Open,13400,8/31/2027,,US Dollar\n"
    "5/2/2025 0:00,Reels,Nia Falk,Ponder Ltd,Won,900,6/26/2025,6/28/2025,US Dollar\n",
    "User.csv": "First Name,Last Name,Primary Email,Title\nNia,Falk,nia@vendor.example,Sales Representative\n",
    # One that no system writes: a person says what it is.
    "visits.csv": "Wo,Am Tag,Was war\nPonder Ltd,21.01.2026,They want the rolls in spring.\n"
    "Ponder Ltd,22.01.2026,They asked who installs them.\n",
}
HUBSPOT = {
    "companies.csv": "Record ID,Company name,Industry,Company owner\n11,Alder Group,Timber,nia@vendor.example\n",
    "contacts.csv": "Record ID,First Name,Last Name,Email,Associated Company,Job Title\n"
    "21,Ben,Roe,ben@alder.example,Alder Group,Buyer\n",
    "deals.csv": "Record ID,Deal Name,Deal Stage,Amount,Currency,Close Date,Deal owner,Associated Company\n"
    "31,Planks,Proposal,1200,GBP,2027-05-01,nia@vendor.example,Alder Group\n",
    "activities.csv": "Activity ID,Activity Type,Activity Date,Activity Owner,Notes/Description,"
    "Associated Contact Email\n"
    "A1,Call,2026-07-14,nia@vendor.example,They want a trial in May.,ben@alder.example\n",
}
GERMAN = {
    "Kunden.csv": "Kundennummer;Firma;Branche;Land;Kundenbetreuer\nK1;Brückner & Söhne;Möbel;Österreich;Nia Falk\n",
    "Ansprechpartner.csv": "Vorname;Nachname;Kunde;E-Mail;Telefon;Funktion\n"
    "Jörg;Weiß;Brückner & Söhne;joerg@brueckner.example;0044 123;Einkauf\n",
    "Verkaufschancen.csv": "Angebotsnummer;Projekt;Kunde;Phase;Betrag;Währung;Abschlussdatum;Verkäufer\n"
    "V1;Stühle;Brückner & Söhne;Angebot;1.200,50;Schweizer Franken;31.01.2027;Nia Falk\n",
    "Notizen.csv": "Notiz-ID;Datum;Kunde;Ansprechpartner;Betreff;Notiz;Verfasser\n"
    "N1;14.07.2026;Brückner & Söhne;Jörg Weiß;Muster;Sie möchten Muster in Eiche.;Nia Falk\n",
}


def test_three_exports_come_in_whole_and_a_second_time_without_a_change(
    visit: Visit, has_no_barriers: Callable[[Page], None]
) -> None:
    omar = visit(make_user("Omar Haddad", User.Kind.OPERATIONS))

    # Dynamics is known; one file of their own waits for him to say what it holds.
    upload(omar, DYNAMICS)
    expect(omar.locator("#unknown")).to_contain_text("1 file waits for you")
    steps.says(omar, "“US Dollar” is USD")
    steps.says(omar, "“Primary Contact”")
    with omar.expect_navigation():
        omar.locator("#unknown").get_by_role("link", name="visits.csv").click()
    expect(omar.locator("#mapping")).to_contain_text("It may hold")
    omar.get_by_label("Each row of it is about").select_option(label="Activities, notes and tasks")
    expect(omar.get_by_label("What “Wo” means")).to_be_visible()
    expect(omar.locator("tbody tr").first).to_contain_text("names or ids of accounts of this book")
    has_no_barriers(omar)
    omar.get_by_label("What “Wo” means").select_option(label="Account")
    omar.get_by_label("What “Am Tag” means").select_option(label="Day")
    omar.get_by_label("What “Was war” means").select_option(label="Words")
    omar.get_by_label("Keep this under a name").fill("Our visits")
    steps.press(omar, "Read it like this")
    steps.was_told(omar, "visits.csv is read as activities, notes and tasks.")
    has_no_barriers(omar)
    omar.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    has_no_barriers(omar)
    steps.press(omar, "Apply")
    steps.was_told(omar, "Imported.")
    ponder = Account.objects.get(name="Ponder Ltd")
    assert ponder.owner == User.objects.get(email="nia@vendor.example")
    assert Entry.objects.filter(account=ponder, text__contains="who installs them").exists()
    assert set(Deal.objects.values_list("name", "currency", "outcome")) == {
        ("Rolls", "USD", ""),
        ("Reels", "USD", "won"),
    }

    # HubSpot and a German spreadsheet need nothing said.
    for files in (HUBSPOT, GERMAN):
        upload(omar, files)
        expect(omar.locator("#unknown")).to_have_count(0)
        steps.press(omar, "Apply")
        steps.was_told(omar, "Imported.")
    assert Contact.objects.filter(name="Jörg Weiß", account__name="Brückner & Söhne").exists()
    assert Deal.objects.get(name="Stühle").currency == "CHF"
    assert Entry.objects.filter(account__name="Alder Group", text__contains="trial in May").exists()
    assert not ImportRow.objects.filter(state="aside").exists()

    # The same again, with what was said kept: nothing changes.
    before = counted()
    for files in (DYNAMICS, HUBSPOT, GERMAN):
        upload(omar, files)
        if files is DYNAMICS:
            steps.says(omar, "Read as last time: mapping “Our visits”, saved by Omar Haddad")
        steps.says(omar, "Everything in these files is here already: applying changes nothing.")
        steps.press(omar, "Apply")
    assert counted() == before
    assert ImportBatch.objects.filter(applied_at__isnull=False).count() == 6
    assert ImportMapping.objects.count() == 1


def counted() -> tuple[int, ...]:
    return tuple(model._default_manager.count() for model in (Account, Contact, Deal, Entry, User))


def upload(page: Page, files: dict[str, str]) -> None:
    page.goto("/import/")
    payloads: list[FilePayload] = [
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()} for name, text in files.items()
    ]
    page.get_by_label("Files from your other system").set_input_files(payloads)
    steps.press(page, "Look at them")
