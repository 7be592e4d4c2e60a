"""A person is not an address, an account is not a name: who is meant by a row, also after two accounts became one."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import TypeAlias

from django.test import TestCase

from accounts.models import Account, Contact, Entry, ImportBatch
from tests.accounts.test_import_book import everything, real, take
from tests.accounts.test_import_pages import ImportTestCase, file
from tests.base import make_contact, make_entry

HEADER = "First name,Last name,Account,Email,Phone,Title\n"


def only(batch: ImportBatch, prefix: str) -> dict[str, str]:
    """The one question whose key begins so."""
    (found,) = [each for each in batch.preview["questions"] if each["key"].startswith(prefix)]
    assert isinstance(found, dict)
    return found


def people(account: Account) -> list[tuple[str, str, str]]:
    return list(account.contacts.order_by("pk").values_list("name", "email", "title"))


class TwoWhoShareAMailbox(ImportTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.jo = make_contact(self.acme, "Jo Park", email="desk@acme.example", title="Porter")

    def take(self, *rows: str, **answers: str) -> ImportBatch:
        return self.imported(file(HEADER + "".join(f"{row}\n" for row in rows), "contacts.csv"), **answers)

    def parks(self) -> list[tuple[str, str, str]]:
        return [each for each in people(self.acme) if "Park" in each[0]]

    def test_somebody_else_with_the_address_is_asked_about_and_renames_nobody(self) -> None:
        batch = self.take("Jim,Park,Acme Robotics,DESK@acme.example,,Night porter")
        asked = only(batch, "contact:")
        assert asked["text"] == (
            "Is “Jim Park” in contacts.csv, row 1 the same person as Jo Park, who is known at Acme Robotics?"
        )
        assert "Both have the address DESK@acme.example, and the names differ" in asked["why"]
        assert self.parks() == [
            ("Jo Park", "desk@acme.example", "Porter"),
            ("Jim Park", "DESK@acme.example", "Night porter"),
        ]
        again = self.staged(file(f"{HEADER}Jim,Park,Acme Robotics,desk@acme.example,,Night porter\n"))
        assert not [each for each in again.preview["questions"] if each["key"].startswith("contact")]

    def test_a_new_name_is_taken_when_somebody_says_that_it_is_one(self) -> None:
        row = "Jim,Parker,Acme Robotics,desk@acme.example,,"
        key = only(self.staged(file(f"{HEADER}{row}\n", "contacts.csv")), "contact:")["key"]
        self.take(row, **{key: "same"})
        assert self.parks() == [("Jim Parker", "desk@acme.example", "Porter")]

    def test_a_name_that_is_nearly_the_same_waits_for_an_answer(self) -> None:
        for name in ("J.,Park", "Jo,Parker", "Jo,Pärk"):
            with self.subTest(name):
                batch = self.take(f"{name},Acme Robotics,desk@acme.example,,Head")
                assert "It may be Jo Park, but the name differs. Say whether it is." in self.reasons(batch)
                assert self.parks() == [("Jo Park", "desk@acme.example", "Porter")]

    def test_a_file_that_names_both_needs_no_answer(self) -> None:
        batch = self.take(
            "Jim,Park,Acme Robotics,desk@acme.example,,Night porter",
            "Jo,Park,Acme Robotics,desk@acme.example,,Day porter",
        )
        assert not [each for each in batch.preview["questions"] if each["key"].startswith("contact")]
        assert [name for name, _, _ in self.parks()] == ["Jo Park", "Jim Park"]
        assert "1 person is known here by name and address." in batch.preview["remarks"]

    def test_what_was_said_of_the_one_stays_with_the_one(self) -> None:
        said = make_entry(self.acme, contacts=[self.jo])
        tasks = "Id,Account,Contact,Subject,Description,ActivityDate,Status\n"
        tasks += "T1,Acme Robotics,Jim Park,Call,About the gate,2024-02-05,Completed\n"
        contacts = f"{HEADER}Jim,Park,Acme Robotics,desk@acme.example,,\n"
        self.imported(file(contacts, "contacts.csv"), file(tasks, "tasks.csv"))
        assert list(said.contacts.all()) == [self.jo]
        call = Entry.objects.get(external_id="T1")
        assert [contact.name for contact in call.contacts.all()] in ([], ["Jim Park"])

    def test_one_general_answer_counts_for_all_that_are_not_answered_one_by_one(self) -> None:
        rows = ["Jim,Park,Acme Robotics,desk@acme.example,,", "Kim,Ode,Acme Robotics,desk@acme.example,,"]
        self.take(*rows, contact="aside")
        assert self.parks() == [("Jo Park", "desk@acme.example", "Porter")]
        self.take(*rows, contact="other")
        assert {name for name, _, _ in people(self.acme)} >= {"Jo Park", "Jim Park", "Kim Ode"}


class OneNameAndAnotherAddress(ImportTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ada = make_contact(self.acme, "Ada Reed", email="ada@acme.example", phone="+49 30 1234567")

    def take(self, row: str, **answers: str) -> ImportBatch:
        return self.imported(file(f"{HEADER}{row}\n", "contacts.csv"), **answers)

    def reeds(self) -> list[tuple[str, str]]:
        found = Contact.objects.filter(account=self.acme, name__contains="Reed").order_by("pk")
        return list(found.values_list("name", "email"))

    def test_it_is_asked_about_and_can_be_refused(self) -> None:
        row = "Ada,Reed,Acme Robotics,ada.reed@acme.example,,"
        batch = self.take(row)
        asked = only(batch, "contact:")
        assert asked["why"] == (
            "The name is the same and the address differs: ada@acme.example and ada.reed@acme.example."
        )
        assert self.reeds() == [("Ada Reed", "ada@acme.example")]
        self.take(row, **{asked["key"]: "other"})
        assert self.reeds() == [("Ada Reed", "ada@acme.example"), ("Ada Reed", "ada.reed@acme.example")]
        again = self.staged(file(f"{HEADER}{row}\n", "contacts.csv"))
        assert again.preview["changes_nothing"]

    def test_it_is_the_same_when_somebody_says_so(self) -> None:
        self.take("Ada,Reed,Acme Robotics,ada.reed@acme.example,,", contact="same")
        assert self.reeds() == [("Ada Reed", "ada.reed@acme.example")]

    def test_the_same_phone_says_that_it_is_the_same_and_the_preview_says_so(self) -> None:
        batch = self.take("Ada,Reed,Acme Robotics,ada.reed@acme.example,030 1234567,")
        assert "1 person is known here by name, phone and account." in batch.preview["remarks"]
        assert self.reeds() == [("Ada Reed", "ada.reed@acme.example")]

    def test_a_name_without_anything_that_speaks_against_it_is_enough(self) -> None:
        batch = self.take("ADA,REED,Acme Robotics,,,Cook")
        assert "1 person is known here by name and account." in batch.preview["remarks"]
        assert people(self.acme)[-1] == ("Ada Reed", "ada@acme.example", "Cook")

    def test_the_same_phone_and_nearly_the_same_name_are_asked_about(self) -> None:
        batch = self.take("A.,Reed,Acme Robotics,,030-1234567,Cook")
        assert "Both have the phone 030-1234567" in only(batch, "contact:")["why"]
        assert self.reeds() == [("Ada Reed", "ada@acme.example")]
        self.take("Olaf,Stein,Acme Robotics,,030-1234567,Cook")  # a switchboard
        assert Contact.objects.filter(account=self.acme, name="Olaf Stein").exists()

    def test_a_task_about_one_of_two_of_the_same_name_is_laid_to_neither(self) -> None:
        make_contact(self.acme, "Ada Reed", email="ada.reed@acme.example")
        tasks = "Id,Account,Contact Name,Subject,Description,ActivityDate,Status\n"
        tasks += "T1,Acme Robotics,Ada Reed,Call,About the gate,2024-02-05,Completed\n"
        self.imported(file(tasks, "tasks.csv"))
        assert not Entry.objects.get(external_id="T1").contacts.exists()


class SharedMailboxAsGiven(TestCase):
    def test_both_files_and_both_again(self) -> None:
        folder = real("import_cases/f05_shared_mailbox")
        take(folder)
        ponder = Account.objects.get(name="Ponder Ltd")
        before = [(name, title) for name, _, title in people(ponder)]
        assert before == [("Ada Reed", ""), ("Jo Park", ""), ("Jim Park", "")]
        jo = ponder.contacts.get(name="Jo Park")
        said = make_entry(ponder, contacts=[jo])
        take(folder / "second")
        assert [(name, title) for name, _, title in people(ponder)] == [
            ("Ada Reed", ""), ("Jo Park", ""), ("Jim Park", "Night porter"),
        ]  # fmt: skip
        counts = everything()
        take(folder)
        take(folder / "second")
        assert everything() == counts
        jo.refresh_from_db()
        assert (jo.name, jo.title, jo.phone, list(said.contacts.all())) == ("Jo Park", "", "1", [jo])


# ---- After two accounts became one


Files: TypeAlias = list[tuple[str, str]]


def without_ids(folder: Path) -> Files:
    """The same files as a spreadsheet has them: no column of ids, and accounts called by name."""
    read = {path.name: list(csv.DictReader(StringIO(path.read_text()))) for path in folder.glob("*.csv")}
    names = {row["Account ID"]: row["Account Name"] for row in read["accounts.csv"]}
    files = []
    for title, rows in read.items():
        out = StringIO()
        columns = [name for name in rows[0] if not name.casefold().endswith(" id")]
        writer = csv.DictWriter(out, columns, extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            writer.writerow(row | ({"Account": names[row["Account"]]} if "Account" in row else {}))
        files.append((out.getvalue(), title))
    return files


def with_ids(folder: Path) -> Files:
    return [(path.read_text(), path.name) for path in sorted(folder.glob("*.csv"))]


class MergedHere(ImportTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.folder = real("import_cases/f06_merge_then_reimport")

    def account(self, name: str) -> Account:
        return Account.objects.get(name=name)

    def merge(self, one: str, other: str) -> None:
        self.account(one).merge_into(self.account(other), by=self.omar, because="One company")

    def first(self, files: Files) -> None:
        batch = self.staged(*(file(*each) for each in files))
        answers = {each["key"]: each["recommended"] for each in batch.preview["questions"]}
        self.imported(*(file(*each) for each in files), **answers)

    def unchanged(self, files: Files) -> None:
        before = everything()
        batch = self.staged(*(file(*each) for each in files))
        assert batch.preview["changes_nothing"], batch.preview
        assert not batch.preview["samples"]
        assert not self.reasons(batch)
        assert self.apply(batch).status_code == 302
        assert everything() == before

    def merged_and_again(self, files: Files) -> None:
        self.first(files)
        self.unchanged(files)
        self.merge("Corran Foods", "Corran Foods Holding")
        self.unchanged(files)
        self.merge("Corran Foods Holding", "Acme Robotics")
        self.merge("Borealis Foods", "Acme Robotics")
        self.unchanged(files)

    def test_the_same_files_change_nothing_however_often_accounts_are_merged(self) -> None:
        self.merged_and_again(with_ids(self.folder))

    def test_nor_do_files_without_any_id(self) -> None:
        self.merged_and_again(without_ids(self.folder))

    def test_nor_do_files_with_the_old_name_of_an_account_that_was_renamed(self) -> None:
        files = without_ids(self.folder)
        self.first(files)
        renamed = self.account("Corran Foods")
        renamed.name = "Corran Bakeries"
        renamed.save()
        self.unchanged(files)
        self.merge("Corran Bakeries", "Corran Foods Holding")
        self.unchanged(files)

    def test_nor_do_they_after_the_account_changed_hands(self) -> None:
        self.first(with_ids(self.folder))
        for account in Account.objects.filter(name__startswith="Corran"):
            account.coverage.owners().pass_to(self.max, by=self.omar, because="A smaller book")
        batch = self.staged(*(file(*each) for each in with_ids(self.folder)))
        assert batch.preview["changes_nothing"], batch.preview

    def test_what_a_manager_brought_in_is_found_again_by_the_manager(self) -> None:
        rows = "Id,Account,Stage,Sales agent,Engage date,Close date,Amount\n"
        rows += "D1,Cobalt Mining,Closed Won,Olivia Brandt,2024-01-05,2024-02-01,5\n"
        contacts = "Id,Last Name,First Name,Account,Email\nC1,Stone,Sam,Cobalt Mining,sam@cobalt.example\n"
        tasks = "Id,WhoId,Account,Subject,Description,ActivityDate,Status\n"
        tasks += "T1,C1,Cobalt Mining,Call,Words,2024-02-05,Completed\n"
        files = [(rows, "deals.csv"), (contacts, "contacts.csv"), (tasks, "tasks.csv")]
        batch = self.staged(*(file(*each) for each in files), by=self.max)
        assert self.send(self.max, "import_apply", batch.pk).status_code == 302
        self.cobalt.merge_into(self.acme, by=self.max, because="One company")
        again = self.staged(*(file(*each) for each in files), by=self.max)
        assert again.preview["changes_nothing"], again.preview
        assert not self.reasons(again)

    def test_what_a_file_says_of_the_one_is_not_written_on_the_other(self) -> None:
        self.cobalt.merge_into(self.acme, by=self.max, because="One company")
        self.acme.refresh_from_db()
        before = (self.acme.industry, self.acme.external_id)
        batch = self.imported(file("Id,Account,Industry\nX7,Cobalt Mining,Salt\n"))
        self.acme.refresh_from_db()
        assert (self.acme.industry, self.acme.external_id) == before
        assert self.reasons(batch) == ["It is part of “Acme Robotics” here, so its industry is not taken."]

    def test_who_was_erased_on_the_one_does_not_come_back_on_the_other(self) -> None:
        gone = make_contact(self.cobalt, "Sam Stone")
        gone.erase(by=self.omar, because="On request")
        self.cobalt.merge_into(self.acme, by=self.max, because="One company")
        batch = self.imported(file(f"{HEADER}Sam,Stone,Cobalt Mining,,,\n", "contacts.csv"))
        assert "This person was erased here." in self.reasons(batch)[0]
