"""What files hold and what their columns mean: said by a person, kept, and told truly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import TestCase

from accounts.importing import batches
from accounts.management.mapping_files import ask_about_files
from accounts.models import (
    Account,
    Contact,
    Deal,
    Entry,
    ImportBatch,
    ImportFile,
    ImportMapping,
    ImportRow,
    Obligation,
    Refused,
    User,
)
from tests.base import make_account, make_user

from .test_import_book import real, take
from .test_import_pages import ImportTestCase, file

ODD = "Wer;Wo;Wann\nAda Reed;Acme Robotics;ada@acme.example\nBen Roe;Borealis Foods;ben@borealis.example\n"
DYNAMICS = {
    "Account.csv": "Account Name,Main Phone,Territory,Owner\nPonder Ltd,0444 123456,North,Olivia Brandt\n",
    "Contact.csv": "Email,Company Name,Business Phone,First Name,Last Name\n"
    "ada@ponder.example,Ponder Ltd,0444 123456,Ada,Reed\n",
    "Opportunity.csv": "Created On,Topic,Owner,Potential Customer,Status,Est. revenue,Est. close date,"
    "Actual Close Date,Currency\n"
    "5/20/2026 7:42,Rolls,Olivia Brandt,Ponder Ltd,Open,13400,8/31/2027,,US Dollar\n"
    "5/2/2025 0:00,Reels,Olivia Brandt,Ponder Ltd,Won,900,6/26/2025,6/28/2025,US Dollar\n",
}


def files_of(texts: dict[str, str]) -> list[SimpleUploadedFile]:
    return [file(text, name) for name, text in texts.items()]


class Saying(ImportTestCase):
    def file_of(self, batch: ImportBatch, position: int = 0) -> ImportFile:
        return batch.files.get(position=position)

    def say(self, batch: ImportBatch, position: int = 0, by: User | None = None, **fields: str) -> int:
        posted = {name.replace("column_", "column-"): value for name, value in fields.items()}
        return self.send(by or self.omar, "import_mapping", batch.pk, position, **posted).status_code

    def test_a_file_that_nobody_knows_is_staged_and_waits_for_somebody_to_say(self) -> None:
        batch = self.staged(file(ODD, "odd.csv"))
        page = self.browse(self.omar, "import_batch", batch.pk).content.decode()
        assert "1 file" in page
        assert "Say what odd.csv holds" in page
        assert "names no columns that we know" in batch.tray()[0].because
        assert self.apply(batch).status_code == 409
        mapping = self.browse(self.omar, "import_mapping", batch.pk, 0).content.decode()
        assert "It may hold contacts" in mapping
        assert self.say(batch, kind="contact", column_0="name", column_1="account", column_2="email") == 302
        assert self.apply(batch).status_code == 302
        assert Contact.objects.filter(name="Ada Reed", account__name="Acme Robotics").exists()
        assert self.file_of(batch).said_by == self.omar

    def test_choosing_a_kind_shows_its_columns_with_samples_and_keeps_nothing(self) -> None:
        batch = self.staged(file(ODD, "odd.csv"))
        page = self.browse(self.omar, "import_mapping", batch.pk, 0, kind="contact").content.decode()
        assert "ada@acme.example" in page
        assert "every value is an e-mail address" in page
        assert "2 of 2 values are names or ids of accounts" in page
        assert self.file_of(batch).kind == ""

    def test_what_is_offered_is_taken_with_one_press(self) -> None:
        batch = self.staged(file("Last name,Wo\nReed,Acme Robotics\nRoe,Borealis Foods\n", "contacts.csv"))
        assert self.say(batch, kind="contact", column_0="last_name", column_1="") == 302
        self.file_of(batch).refresh_from_db()
        assert "account" not in self.file_of(batch).columns
        assert self.say(batch, kind="contact", column_0="last_name", column_1="", take="1:account") == 302
        assert self.file_of(batch).columns == {"last_name": 0, "account": 1}

    def test_one_field_from_two_columns_or_none_that_is_needed_is_told_on_the_page(self) -> None:
        batch = self.staged(file(ODD, "odd.csv"))
        assert self.say(batch, kind="contact", column_0="name", column_1="name", column_2="") == 422
        assert self.say(batch, kind="account", column_0="industry", column_1="", column_2="") == 422
        assert self.say(batch, kind="nonsense") == 422
        assert self.file_of(batch).kind == ""

    def test_a_file_that_is_known_and_not_taken_waits_for_nobody(self) -> None:
        batch = self.staged(
            file("Id,CampaignId,LeadId\n1,2,3\n", "members.csv"), file("Name,Industry\nFir,Wood\n")
        )
        assert not batch.unknown().exists()
        assert "members of campaigns" in self.reasons(batch)[0]

    def test_an_ignored_file_is_told_in_the_counts_and_not_in_the_tray(self) -> None:
        batch = self.staged(file(ODD, "odd.csv"), file("Name,Industry,Owner\nFir,Wood,Olivia Brandt\n"))
        assert self.say(batch, kind="ignore") == 302
        batch.refresh_from_db()
        assert dict(batch.preview["counts"])["other rows"]["ignored"] == 2
        assert not batch.tray().exists()
        assert ImportRow.objects.filter(file__batch=batch, state="ignored").count() == 2
        assert "Ignored, as Omar" in self.file_of(batch).sentence
        assert self.apply(batch).status_code == 302
        again = self.staged(file(ODD, "odd.csv"), file("Name,Industry,Owner\nFir,Wood,Olivia Brandt\n"))
        self.say(again, kind="ignore")
        page = self.browse(self.omar, "import_batch", again.pk).content.decode()
        assert "Nothing would change: 1 row is here already, “odd.csv” is ignored." in page

    def test_a_mapping_is_found_again_for_the_same_headings_and_can_be_refused(self) -> None:
        batch = self.staged(file(ODD, "odd.csv"))
        self.say(
            batch, kind="contact", column_0="name", column_1="account", column_2="email", name="Our list"
        )
        turned = "Wann;Wer;Wo\nada@acme.example;Ada Reed;Acme Robotics\n"
        again = self.staged(file(turned, "later.csv"))
        found = self.file_of(again)
        assert found.columns == {"email": 0, "name": 1, "account": 2}
        assert "Read as last time: mapping “Our list”, saved by Omar" in found.sentence
        page = self.browse(self.omar, "import_batch", again.pk).content.decode()
        assert "Do not read later.csv as last time" in page
        self.send(self.omar, "import_mapping_refuse", again.pk, 0)
        assert (self.file_of(again).kind, self.file_of(again).mapping) == ("", None)

    def test_a_manager_s_mapping_is_not_found_by_another_manager(self) -> None:
        other = make_user("Mona Reyes", User.Kind.MANAGER)
        ImportMapping.keep("Mine", shape="s", kind="contact", columns={}, by=other)
        ImportMapping.keep("Ours", shape="t", kind="contact", columns={}, by=self.omar)
        assert [str(one) for one in ImportMapping.objects.visible_to(self.max)] == ["Ours"]
        assert not ImportMapping.objects.visible_to(self.olivia).exists()

    def test_values_are_compared_only_with_accounts_that_the_importer_sees(self) -> None:
        far = make_user("Rufus Stone")
        make_account("Hidden Mills", far)
        make_account("Hidden Works", far)
        text = "Last name,Email,Wo\nReed,,Hidden Mills\nRoe,,Hidden Works\n"
        assert self.file_of(self.staged(file(text, "contacts.csv"), by=self.max)).offers == {}
        assert self.file_of(self.staged(file(text, "contacts.csv"))).offers["2"]["field"] == "account"

    def test_more_columns_than_fit_on_a_page_are_paged_and_keep_what_the_others_say(self) -> None:
        header = ["Last name", *(f"Odd {n}" for n in range(60)), "Account"]
        batch = self.staged(file(",".join(header) + "\nReed" + "," * 60 + ",Acme Robotics\n", "wide.csv"))
        page = self.browse(self.omar, "import_mapping", batch.pk, 0).content.decode()
        assert page.count("<select") == 51
        assert self.say(batch, kind="contact", page="2", column_55="title", go_on="1") == 302
        assert self.file_of(batch).columns == {"last_name": 0, "account": 61, "title": 55}

    def test_what_was_said_holds_when_the_letters_are_read_anew(self) -> None:
        batch = self.staged(file(ODD, "odd.csv"))
        self.say(batch, kind="contact", column_0="name", column_1="account", column_2="email")
        self.send(self.omar, "import_encoding", batch.pk, 0, encoding="cp1252")
        assert self.file_of(batch).kind == "contact"

    def test_an_import_that_is_over_is_read_no_differently(self) -> None:
        batch = self.imported(file("Name,Industry,Owner\nFir,Wood,Olivia Brandt\n"))
        with pytest.raises(Refused):
            batches.say_what_it_holds(batch, self.file_of(batch), "ignore", {}, by=self.omar)
        page = self.browse(self.omar, "import_mapping", batch.pk, 0).content.decode()
        assert "This import is over" in page
        assert "<select" not in page.split("<main")[1]


class Truth(ImportTestCase):
    def questions(self, batch: ImportBatch) -> dict[str, str]:
        batch.refresh_from_db()
        return {question["key"]: question["text"] for question in batch.preview["questions"]}

    def test_dynamics_files_come_in_whole_and_say_from_what(self) -> None:
        batch = self.staged(*files_of(DYNAMICS))
        assert not batch.tray().exists()
        page = self.browse(self.omar, "import_batch", batch.pk).content.decode()
        assert "“US Dollar” is USD" in page
        assert "The owner of each new account: column “Owner” of Account.csv." in page
        assert "Hours that name no time zone" in page
        assert self.apply(batch).status_code == 302
        again = self.staged(*files_of(DYNAMICS))
        assert again.preview["nothing"].startswith("Everything in these files is here already")
        won = Deal.objects.get(name="Reels")
        assert (won.outcome, won.currency, won.closed_at and won.closed_at.date().isoformat()) == (
            "won", "USD", "2025-06-28",
        )  # fmt: skip
        assert Deal.objects.get(name="Rolls").expected_close
        assert Account.objects.get(name="Ponder Ltd").owner == self.olivia

    def test_a_file_of_one_sort_of_activity_says_so_by_its_name(self) -> None:
        text = "Subject,Regarding,Start Time,Owner\nThe audit,Acme Robotics,2026-01-05 10:00,Olivia Brandt\n"
        for name, kind in (
            ("Appointments.csv", "visit"),
            ("Phone Calls.csv", "conversation"),
            ("list.csv", "note"),
        ):
            self.imported(file(text.replace("The", name), name))
            assert Entry.objects.latest("pk").kind == kind

    def test_no_owner_is_said_to_be_missing_where_a_column_names_one(self) -> None:
        none = self.questions(self.staged(file("Name,Industry\nFir,Wood\n")))
        assert "No column of these files names the owner of an account" in none["owner_else"]
        empty = self.questions(self.staged(file("Name,Industry,Owner\nFir,Wood,\n")))
        assert "Column “Owner” of accounts.csv is empty for 1 account." in empty["owner_else"]
        text = "Name,Industry,Owner\nFir,Wood,Xaver Y\n"
        batch = self.staged(file(text))
        batches.answer(batch, {"person:xaver y": "outside"}, by=self.omar)
        assert "names for 1 account does not work here" in self.questions(batch)["owner_else"]

    def test_no_account_is_said_to_be_missing_only_where_a_cell_is_empty(self) -> None:
        without = self.staged(file("Deal ID,Deal name,Stage,Amount\nD1,Rolls,Proposal,5\n", "deals.csv"))
        assert self.reasons(without) == [
            "No column of this file says which account a row is about: say which on the mapping page."
        ]
        empty = self.staged(
            file("Deal ID,Deal name,Stage,Amount,Account\nD1,Rolls,Proposal,5,\n", "deals.csv")
        )
        assert "names no account" in self.reasons(empty)[0]

    def test_a_currency_that_nobody_knows_is_asked_about_in_the_words_of_the_file(self) -> None:
        make_account("Fir", self.olivia)
        deals = "Deal ID,Deal name,Account,Stage,Amount,Currency\nD1,Rolls,Fir,Proposal,1200,Taler\n"
        batch = self.staged(file(deals, "deals.csv"))
        assert "Column “Currency” of deals.csv says “Taler”" in self.questions(batch)["currency:taler"]
        assert self.apply(batch).status_code == 409
        batches.answer(batch, {"currency:taler": "CHF"}, by=self.omar)
        assert self.apply(batch).status_code == 302
        assert Deal.objects.get(name="Rolls").currency == "CHF"

    def test_amounts_tell_their_currency_by_sign_or_heading(self) -> None:
        make_account("Fir", self.olivia)
        deals = "Deal ID,Deal name,Account,Stage,Amount (CHF)\nD1,Rolls,Fir,Proposal,1200\n"
        batch = self.staged(file(deals, "deals.csv"))
        self.send(
            self.omar, "import_mapping", batch.pk, 0, **{"kind": "deal", "take": "4:amount", "column-4": ""}
        )
        self.apply(batch)
        assert Deal.objects.get(name="Rolls").currency == "CHF"
        signs = "Deal ID,Deal name,Account,Stage,Amount\nD2,Reels,Fir,Proposal,£ 900\n"
        self.imported(file(signs, "more.csv"))
        assert Deal.objects.get(name="Reels").currency == "GBP"

    def test_an_assumed_currency_is_told(self) -> None:
        make_account("Fir", self.olivia)
        deals = "Deal ID,Deal name,Account,Stage,Amount\nD1,Rolls,Fir,Proposal,1200\n"
        page = self.browse(
            self.omar, "import_batch", self.staged(file(deals, "deals.csv")).pk
        ).content.decode()
        assert "Nothing in deals.csv says so" in page
        assert (
            "The currency of amounts that come without one: EUR, unless you answer otherwise below." in page
        )


class Terminal(ImportTestCase):
    def take(self, folder: Path, **options: object) -> str:
        out = StringIO()
        call_command(
            "import_book", str(folder), stdout=out, skip_checks=True, by=self.omar.email, yes=True, **options
        )
        return out.getvalue()

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.place = tmp_path / "book"
        self.place.mkdir()
        (self.place / "odd.csv").write_text(ODD, encoding="utf-8")
        self.kept = tmp_path / "mapping.json"

    def test_a_mapping_is_written_changed_and_used(self) -> None:
        assert "Nothing was imported" in self.take(self.place, write_mapping=self.kept)
        said = json.loads(self.kept.read_text(encoding="utf-8"))
        assert said["files"][0]["headings"] == ["Wer", "Wo", "Wann"]
        assert said["files"][0]["holds"] == "unknown"
        assert "ada@acme.example" not in self.kept.read_text(encoding="utf-8")
        assert not ImportBatch.objects.exists()
        said["files"][0] |= {"holds": "contact", "columns": {"name": "Wer", "account": "Wo", "email": "Wann"}}
        self.kept.write_text(json.dumps(said), encoding="utf-8")
        self.take(self.place, mapping=self.kept)
        assert Contact.objects.filter(name="Ben Roe", email="ben@borealis.example").exists()

    def test_a_mapping_that_does_not_fit_is_refused_with_a_sentence(self) -> None:
        for text, told in (
            ("{", "is no mapping"),
            ('{"files": [{"file": "odd.csv"}]}', "holds"),
            ('{"files": [{"file": "odd.csv", "holds": "frogs"}]}', "frogs"),
            ('{"files": [{"file": "odd.csv", "holds": "contact", "columns": {"name": "Nobody"}}]}', "Nobody"),
            ('{"files": [{"file": "odd.csv", "holds": "contact", "columns": {"shoe": "Wer"}}]}', "shoe"),
        ):
            self.kept.write_text(text)
            with pytest.raises(CommandError, match=told):
                self.take(self.place, mapping=self.kept)

    def test_without_anybody_to_ask_a_folder_of_unknown_files_is_refused(self) -> None:
        with pytest.raises(CommandError, match="names no columns that we know"):
            self.take(self.place)

    def test_a_terminal_asks_what_the_page_asks(self) -> None:
        batch = self.staged(file(ODD, "odd.csv"))
        asked: list[str] = []

        def put(text: str, labels: Sequence[str]) -> int:
            asked.append(text)
            return labels.index("contacts") if "contacts" in labels else 0

        ask_about_files(batch, put)
        assert asked[0].startswith("What does odd.csv hold? It may be contacts")
        found = batch.files.get()
        assert (found.kind, found.columns["account"], found.columns["email"]) == ("contact", 1, 2)


class Cases(TestCase):
    """Small exports with invented names that lie beside the project, taken by the command into an empty database."""

    def test_dynamics(self) -> None:
        told = take(real("import_cases/f01_dynamics_headers"))
        assert "names no account" not in told
        assert set(Deal.objects.values_list("account__name", "currency")) == {("Ponder Ltd", "USD")}
        assert Deal.objects.count() == 2
        ada = Contact.objects.get()
        assert (ada.name, ada.email) == ("Ada Reed", "ada@ponder.example")
        assert ada.account.owner == User.objects.get(name="Nia Falk", email="nia@vendor.example")
        mail = Entry.objects.get(kind="email")
        assert (mail.account.name, list(mail.contacts.all())) == ("Ponder Ltd", [ada])
        assert not ImportRow.objects.filter(state="aside").exists()

    def test_hubspot(self) -> None:
        told = take(real("import_cases/f02_hubspot_headers"))
        assert "no owner" not in told
        nia = User.objects.get(email="nia.falk@vendor.example")
        assert [account.owner for account in Account.objects.all()] == [nia, nia]
        assert Contact.objects.count() == 2
        assert Entry.objects.get(text__contains="trial in May").account.name == "Alder Group"
        owed = Obligation.objects.get()
        assert (owed.due, owed.account.name) == (date(2027, 1, 15), "Birch Group")
        assert not ImportRow.objects.filter(state="aside").exists()

    def test_currencies_in_words(self) -> None:
        assert "“US Dollar” is USD" in take(real("import_cases/f14_currency_words"))
        assert Deal.objects.get().currency == "USD"
