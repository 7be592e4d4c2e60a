"""What a header and the values under it say, each with its reason; what currencies are called."""

from __future__ import annotations

from django.test import SimpleTestCase

from accounts.importing import columns, currencies, guessing
from accounts.importing.dialects import fold


class Headings(SimpleTestCase):
    def kind(self, header: str, name: str = "") -> str:
        return columns.recognise(header.split(","), name).kind

    def fields(self, header: str, name: str = "") -> set[str]:
        return set(columns.recognise(header.split(","), name).columns)

    def test_headings_are_compared_without_case_accents_and_signs(self) -> None:
        assert fold("Straße (Größe)") == fold("STRASSE  GROESSE") == "strassegroesse"
        assert fold("Prénom") == fold("prenom")
        assert fold("\ufeffE-Mail") == "email"

    def test_each_dialect_is_known_by_its_own_names(self) -> None:
        for header, kind, fields in (
            (
                "Topic,Potential Customer,Est. revenue,Est. close date,Owner,Status",
                "deal",
                "name account amount agent",
            ),
            (
                "Subject,Regarding,Date Sent,Activity Status,Owner,To",
                "task",
                "subject what happened status author to",
            ),
            (
                "First Name,Last Name,Primary Email,Title,Manager",
                "person",
                "first_name last_name email title manager",
            ),
            (
                "Record ID,First Name,Last Name,Email,Associated Company",
                "contact",
                "external_id account email",
            ),
            ("Company ID,Company name,Company owner,Industry", "account", "external_id name owner"),
            (
                "hs_object_id,dealname,dealstage,amount,closedate,hubspot_owner_id",
                "deal",
                "external_id name stage agent",
            ),
            (
                "engagement_id,property_hs_note_body,property_hs_timestamp",
                "task",
                "external_id text happened",
            ),
            ("engagement_id,company_id,type_id", "link", "activity account"),
            ("Id,OpportunityId,ContactId,Role,IsPrimary", "role", "deal contact role"),
            (
                "Id,AccountId,Field,OldValue,NewValue,CreatedDate,CreatedById",
                "history",
                "account field old new",
            ),
            ("Id,OpportunityId,Field,OldValue,NewValue,CreatedDate", "history", "deal field old new"),
            (
                "Id,Title,TextPreview,OwnerId,CreatedDate,FirstPublishLocationId",
                "task",
                "subject text author",
            ),
            (
                "Opportunity Name,Account Name,Stage,Amount,Close Date,Opportunity Owner",
                "deal",
                "name account agent",
            ),
            (
                "Deal - Title,Deal - Organization,Deal - Value,Deal - Status,Deal - Owner",
                "deal",
                "name account amount",
            ),
            ("Deal Name,Account Name,Stage,Closing Date,Amount,Deal Owner", "deal", "name account closes_on"),
            ("Firma,Branche,Umsatz,Betreuer,Land", "account", "name industry revenue owner country"),
            ("Vorname,Nachname,Firma,E-Mail,Telefon", "contact", "first_name last_name account email phone"),
            (
                "Projekt,Kunde,Phase,Betrag,Währung,Abschlussdatum,Verkäufer",
                "deal",
                "name account currency agent",
            ),
            (
                "Datum,Kunde,Betreff,Notiz,Verfasser,Fällig am",
                "task",
                "happened account subject text author due",
            ),
        ):
            with self.subTest(header):
                meaning = columns.recognise(header.split(","))
                assert meaning.kind == kind, meaning.sentence
                assert set(fields.split()) <= set(meaning.columns)

    def test_each_column_says_who_calls_it_so(self) -> None:
        meaning = columns.recognise(["Topic", "Potential Customer", "Est. Revenue", "Status"])
        assert meaning.guesses[0].because == "Dynamics calls it so"
        assert columns.recognise(["Firma", "Branche", "Betreuer"]).guesses[0].because == "German for it"

    def test_campaigns_are_not_deals(self) -> None:
        header = "Name,Campaign Code,Campaign Type,Status Reason,Owner,Created On,Proposed Start Date"
        assert "campaigns" in columns.recognise(header.split(","), "Campaign.csv").sentence.casefold()
        assert self.kind(header) == ""
        assert self.kind("Name,Status,Id,Start Date,Amount,Owner", "campaigns.csv") == ""

    def test_the_sentence_names_what_is_not_used_also_a_single_column(self) -> None:
        one = columns.recognise(["Firma", "Branche", "Schuhgröße"])
        assert "Column “Schuhgröße” is kept with the rows and not used." in one.sentence
        two = columns.recognise(["Firma", "Branche", "Schuhgröße", "Haarfarbe"])
        assert "2 columns: “Schuhgröße” and “Haarfarbe” are kept" in two.sentence


class Values(SimpleTestCase):
    def offered(self, header: str, kind: str, *cells: list[str], **known: list[str]) -> dict[str, str]:
        names = guessing.Vocabulary()
        names.add_accounts(known.get("accounts", []))
        names.add_people(known.get("people", []))
        found = guessing.offers(header.split(","), kind, [], [], lambda place: cells[place], names)
        assert not any(guess.certain for guess in found.values())
        return {guess.field: guess.because for guess in found.values()}

    def test_a_column_is_told_by_its_values_and_only_offered(self) -> None:
        said = self.offered(
            "A1,A2,A3,A4,A5", "deal",
            ["Acme", "Borealis"], ["Nia Falk", "nia@vendor.example"], ["2026-03-01", "2026-04-02"],
            ["1,200.50", "900.00"], ["x", "y"],
            accounts=["acme", "Borealis"], people=["Nia Falk", "nia@vendor.example"],
        )  # fmt: skip
        assert said == {
            "account": "2 of 2 values are names or ids of accounts of this book",
            "agent": "2 of 2 values are people who work here",
            "closes_on": "every value is a date",
            "amount": "every value is an amount",
        }

    def test_a_heading_that_is_nearly_one_we_know_is_offered(self) -> None:
        said = self.offered("Est. Close Dat,Revenue (EUR)", "deal", [], [])
        assert "nearly the same as the heading" in said["closes_on"]
        assert self.offered("Industri", "account", [])["industry"]
        assert "brackets" in self.offered("Annual Revenue (EUR)", "account", [])["revenue"]

    def test_one_value_or_a_mixed_column_tells_nothing(self) -> None:
        assert not self.offered("A1", "contact", ["ada@acme.example"])
        assert not self.offered("A1", "contact", ["ada@acme.example", "n/a"])

    def test_a_table_is_told_by_its_values(self) -> None:
        known = guessing.Vocabulary({"acme", "borealis"}, set())
        names, addresses = ["Acme", "Borealis"], ["a@b.example", "c@d.example"]
        kind, because = guessing.kind_by_values([["x", "y"], names, addresses], known)
        assert kind == "contact"
        assert "e-mail address" in because
        assert guessing.kind_by_values([["x", "y"]], known) == ("", "")


class Currencies(SimpleTestCase):
    def test_currencies_are_known_by_words_signs_and_codes_of_many_languages(self) -> None:
        for said, code in (
            ("US Dollar", "USD"), ("US-Dollar", "USD"), ("Euro", "EUR"), ("€", "EUR"), ("£", "GBP"), ("usd", "USD"),
            ("Schweizer Franken", "CHF"), ("Swiss Franc", "CHF"), ("Pound Sterling", "GBP"), ("A$", "AUD"),
            ("Taler", ""), ("$", ""), ("dollars", ""), ("TAL", ""),
        ):  # fmt: skip
            assert currencies.code_of(said) == code, said
