"""The import's pages: upload, preview, questions, apply, tray; and what bad input is told."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.importing import batches, reading
from accounts.models import (
    Account,
    Contact,
    Coverage,
    Deal,
    Entry,
    Erasure,
    ImportBatch,
    ImportRow,
    Refused,
    User,
)
from tests.base import CastTestCase, days_ago, make_account, make_contact, make_entry, make_user

ACCOUNTS = (
    "Id,Account,Industry,Owner,Parent Account\n"
    "A1,Fennel Labs,Biotech,Olivia Brandt,\n"
    "A2,Gorse,Energy,Nils Aalto,Fennel Labs\n"
)
DEALS = "Id,Account,Stage,Sales agent,Engage date,Close date,Amount\n"


def file(text: str | bytes, name: str = "accounts.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


class ImportTestCase(CastTestCase):
    def upload(self, *files: SimpleUploadedFile, by: User | None = None) -> HttpResponse:
        return self.send(by or self.omar, "import_new", files=list(files))

    def staged(self, *files: SimpleUploadedFile, by: User | None = None) -> ImportBatch:
        response = self.upload(*files, by=by)
        assert response.status_code == 302, response.content.decode()
        return ImportBatch.objects.latest("pk")

    def apply(self, batch: ImportBatch, **fields: Any) -> HttpResponse:
        batch.refresh_from_db()
        return self.send(self.omar, "import_apply", batch.pk, **({"expecting": batch.fingerprint} | fields))

    def imported(self, *files: SimpleUploadedFile, **answers: str) -> ImportBatch:
        batch = self.staged(*files)
        if answers:
            batches.answer(batch, answers, by=self.omar)
        response = self.apply(batch)
        assert response.status_code == 302, response.content.decode()
        batch.refresh_from_db()
        return batch

    def reasons(self, batch: ImportBatch) -> list[str]:
        return list(batch.tray().values_list("because", flat=True))


class Pages(ImportTestCase):
    def test_nothing_changes_before_it_is_applied_and_then_all_of_it(self) -> None:
        batch = self.staged(file(ACCOUNTS))
        page = self.browse(self.omar, "import_batch", batch.pk).content.decode()
        assert "What this import would change" in page
        assert "Every byte is valid UTF-8." in page
        assert "parted by comma" in page
        assert not Account.objects.filter(name="Gorse").exists()
        assert self.apply(batch).status_code == 302
        gorse = Account.objects.get(name="Gorse")
        assert (gorse.owner, gorse.external_id) == (self.nils, "A2")
        assert gorse.parent == Account.objects.get(name="Fennel Labs")
        coverage = gorse.owner_coverage
        assert coverage is not None
        assert coverage.started_by == self.omar
        assert Entry.objects.filter(account=gorse, kind="coverage", coverage=coverage).exists()
        assert "What was imported" in self.browse(self.omar, "import_batch", batch.pk).content.decode()

    def test_the_same_file_again_changes_nothing_and_says_so(self) -> None:
        self.imported(file(ACCOUNTS))
        before = (Account.objects.count(), Coverage.objects.count(), Entry.objects.count())
        batch = self.staged(file(ACCOUNTS))
        page = self.browse(self.omar, "import_batch", batch.pk).content.decode()
        assert "Everything in these files is here already" in page
        self.apply(batch)
        assert (Account.objects.count(), Coverage.objects.count(), Entry.objects.count()) == before

    def test_a_second_apply_is_told_who_was_first(self) -> None:
        batch = self.imported(file(ACCOUNTS))
        again = self.send(self.omar, "import_apply", batch.pk)
        assert again.status_code == 409
        assert "Omar Haddad has already applied this import." in again.content.decode()
        assert self.send(self.omar, "import_discard", batch.pk).status_code == 409
        assert self.send(self.omar, "import_answers", batch.pk).status_code == 409

    def test_an_apply_after_the_accounts_changed_shows_the_new_preview_first(self) -> None:
        batch = self.staged(file(ACCOUNTS))
        make_account("Gorse", self.nils)
        response = self.apply(batch)
        assert response.status_code == 409
        assert "have changed since this preview was made" in response.content.decode()
        assert not Account.objects.filter(name="Fennel Labs").exists()
        assert self.apply(batch).status_code == 302

    def test_what_was_staged_can_be_thrown_away(self) -> None:
        batch = self.staged(file(ACCOUNTS))
        assert self.send(self.omar, "import_discard", batch.pk).status_code == 302
        assert not ImportRow.objects.exists()
        assert "Thrown away" in self.browse(self.omar, "import_batch", batch.pk).content.decode()

    def test_another_encoding_can_be_chosen(self) -> None:
        batch = self.staged(file("account,city,industry\nŁódzka,x,y\n".encode("cp1250")))
        assert ImportRow.objects.get().cells[0] != "Łódzka"
        self.send(self.omar, "import_encoding", batch.pk, 0, encoding="cp1250")
        assert ImportRow.objects.get().cells[0] == "Łódzka"
        self.send(self.omar, "import_encoding", batch.pk, 0, encoding="utf-8-sig")
        assert ImportRow.objects.get().cells[0] == "Łódzka"
        assert self.send(self.omar, "import_encoding", batch.pk, 0, encoding="rot13").status_code == 409

    def test_the_tray_can_be_downloaded_and_no_cell_is_a_formula(self) -> None:
        text = "Account,Industry,Founded\n=1+1,@cmd,never\nHeath,-,1990\n"
        batch = self.imported(file(text), owner_else="acting")
        page = self.browse(self.omar, "import_tray", batch.pk).content.decode()
        assert "Column “Founded”: “never” is not a number." in page
        for query in ({}, {"file": "0"}):
            response = self.browse(self.omar, "import_tray_file", batch.pk, **query)
            rows = list(csv.reader(StringIO(response.content.decode("utf-8-sig"))))
            assert rows[1][:3] == ["accounts.csv", "1", "2"]
            assert rows[1][4:6] == ["'=1+1", "'@cmd"]
        assert rows[0][4:] == ["Account", "Industry", "Founded"]

    def test_only_managers_and_operations_import_and_a_manager_sees_only_their_own(self) -> None:
        assert self.browse(self.olivia, "import_list").status_code == 403
        assert self.upload(file(ACCOUNTS), by=self.olivia).status_code == 403
        assert self.browse(self.carla, "import_list").status_code == 404
        theirs = self.staged(file(ACCOUNTS))
        for name in ("import_batch", "import_tray", "import_tray_file"):
            assert self.browse(self.max, name, theirs.pk).status_code == 404
        assert self.browse(self.omar, "import_apply", theirs.pk).status_code == 405
        own = self.staged(file(ACCOUNTS), by=self.max)
        assert self.browse(self.omar, "import_batch", own.pk).status_code == 200
        assert self.browse(self.max, "import_list").status_code == 200

    def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(self) -> None:
        few, many = (
            "Account,Industry\n" + "".join(f"Firm {n},x\n" for n in range(count)) for count in (3, 300)
        )
        client = self.as_(self.omar)
        counts = []
        for text in (few, many):
            batch = self.staged(file(text))
            with CaptureQueriesContext(connection) as seen:
                client.get(reverse("import_batch", args=[batch.pk]))
            counts.append(len(seen))
        assert counts[0] == counts[1]


class BadInput(ImportTestCase):
    def test_what_is_no_table_is_told_and_nothing_is_staged(self) -> None:
        for data, told in (
            (b"", "is empty"),
            (b"\x89PNG\r\n", "is a picture"),
            (b"name,town\nAc\x00me,Oslo", "NUL bytes"),
            (b"just words\n", "is not a table"),
            (b"x" * (reading.MOST_BYTES + 1), "more than 25 MB"),
        ):
            response = self.upload(file(data, "thing.csv"))
            assert response.status_code == 422, told
            assert told in response.content.decode()
        assert "Choose at least one file" in self.send(self.omar, "import_new").content.decode()
        assert not ImportBatch.objects.exists()

    def test_bad_cells_are_told_with_their_column_and_the_other_rows_go_in(self) -> None:
        deals = DEALS + (
            "D1,Acme Robotics,Talking,Olivia Brandt,2024-01-05,2024-13-40,100\n"
            "D2,Acme Robotics,Talking,Olivia Brandt,2024-01-05,2027-02-01,a lot\n"
            "D3,Acme Robotics,Won,Olivia Brandt,2024-01-05,,100\n"
            "D4,Acme Robotic,Talking,Olivia Brandt,2024-01-05,2027-02-01,100\n"
            "D5,Acme Robotics,Talking,Olivia Brandt,2024-01-05,2027-02-01,100,200\n"
            "D6,Acme Robotics,Talking,Olivia Brandt,2024-01-05,2027-02-01,100\n"
            "D6,Acme Robotics,Talking,Olivia Brandt,2024-01-05,2027-02-01,100\n"
        )
        batch = self.imported(file(deals, "deals.csv"))
        assert self.reasons(batch) == [
            "Column “Close date”: “2024-13-40” is not a date written like 2017-03-24, as the rest of its column is.",
            "Column “Amount”: “a lot” is not a number.",
            "It is closed (Won) and has no date of closing.",
            "There is no account “Acme Robotic”. Is “Acme Robotics” meant?",
            "It has 8 cells and the header has 7: a delimiter or a quotation mark is in the wrong place.",
            "The deal D6 is already in row 6 (line 7).",
        ]
        deal = Deal.objects.get(external_id="D6")
        assert (deal.holder, deal.role, deal.expected_close) == (self.olivia, "owner", date(2027, 2, 1))

    def test_a_law_that_refuses_half_way_leaves_nothing(self) -> None:
        batch = self.staged(file(ACCOUNTS))
        with mock.patch("accounts.importing.applying._write_owners"):
            assert self.apply(batch).status_code == 409
        assert not Account.objects.filter(name="Gorse").exists()
        batch.refresh_from_db()
        assert batch.is_open


class Questions(ImportTestCase):
    def test_an_owner_nobody_knows_is_asked_about(self) -> None:
        text = "Account,Owner\nHeath,005Ec000004oBPN\nIvy,Jo Park\nJuniper,Old Hand\n"
        batch = self.staged(file(text))
        assert [question["text"] for question in batch.waiting()] == [
            "Who is “005Ec000004oBPN”?", "Who is “Jo Park”?", "Who is “Old Hand”?"
        ]  # fmt: skip
        assert self.apply(batch).status_code == 409
        keys = [question["key"] for question in batch.waiting()]
        answers = {
            f"answer:{keys[0]}": f"user:{self.ines.pk}",
            f"answer:{keys[1]}": "new",
            f"answer:{keys[2]}": "gone",
        }
        self.send(self.omar, "import_answers", batch.pk, **answers)
        assert self.apply(batch).status_code == 302
        self.ines.refresh_from_db()
        assert self.ines.external_id == "005Ec000004oBPNIA2"
        assert Account.objects.get(name="Heath").owner == self.ines
        jo = User.objects.get(name="Jo Park")
        assert (jo.email, jo.kind) == ("jo.park@import.invalid", "rep")
        assert Account.objects.get(name="Ivy").owner == jo
        coverage = Account.objects.get(name="Juniper").owner_coverage
        assert coverage is not None
        assert (coverage.person, coverage.acting) == (self.petra, True)
        gone = User.objects.get(name="Old Hand")
        assert not gone.is_active
        assert Coverage.objects.filter(person=gone, role="past").count() == 1

    def test_dates_that_can_be_read_two_ways_are_asked_about_once_for_a_column(self) -> None:
        batch = self.staged(
            file(DEALS + "D1,Acme Robotics,Won,Olivia Brandt,3/4/2024,5/6/2024,1\n", "deals.csv"),
        )
        keys = [question["key"] for question in batch.waiting()]
        assert len(keys) == 2
        batches.answer(batch, dict.fromkeys(keys, "mdy"), by=self.omar)
        self.apply(batch)
        deal = Deal.objects.get(external_id="D1")
        assert deal.engaged_on == date(2024, 3, 4)
        assert deal.closed_at is not None
        assert deal.closed_at.date() == date(2024, 5, 6)

    def test_look_alikes_are_asked_about_and_never_merged_silently(self) -> None:
        batch = self.imported(file("Account,Industry\nACME ROBOTICS Inc.,Machines\nAcme  robotics,Robots\n"))
        assert "It may be the same account as “Acme Robotics”." in self.reasons(batch)[0]
        self.acme.refresh_from_db()
        assert self.acme.industry == "Robots"
        self.imported(file("Account,Industry\nACME ROBOTICS Inc.,Machines\n"), same="same")
        self.acme.refresh_from_db()
        assert (self.acme.name, self.acme.industry) == ("Acme Robotics", "Machines")

    def test_an_import_takes_no_account_from_its_owner(self) -> None:
        batch = self.staged(file("Account,Owner\nAcme Robotics,Ines Carvalho\n"))
        page = self.browse(self.omar, "import_batch", batch.pk).content.decode()
        assert "the file names Ines Carvalho, and Olivia Brandt owns it here" in page
        self.apply(batch)
        assert self.acme.owner == self.olivia


class Memory(ImportTestCase):
    def test_a_locked_name_keeps_its_spelling_and_blank_cells_empty_nothing(self) -> None:
        Contact.objects.filter(pk=self.champion.pk).update(name_locked=True, external_id="C1")
        text = "Id,Last Name,First Name,Account,Email,Title\nC1,Weiß,Karla,Acme Robotics,,CFO\n"
        batch = self.imported(file(text, "contacts.csv"))
        self.champion.refresh_from_db()
        assert (self.champion.name, self.champion.title) == ("Carla Weiss", "CFO")
        assert self.champion.email == "carla@acme.example"
        assert "its spelling is kept" in self.reasons(batch)[0]

    @pytest.mark.complaint(11)
    def test_what_they_spelt_themselves_wins_over_an_import(self) -> None:
        """Their own spelling, how it is said, and their title."""
        self.champion.correct_name(name="Carla Weiß", say_name="VICE", title="Head of finance", by=self.carla)
        Contact.objects.filter(pk=self.champion.pk).update(external_id="C1")
        text = "Id,Last Name,First Name,Account,Email,Title\nC1,Weiss,Karla,Acme Robotics,,CFO\n"
        batch = self.imported(file(text, "contacts.csv"))
        self.champion.refresh_from_db()
        kept = (self.champion.name, self.champion.say_name, self.champion.title)
        assert kept == ("Carla Weiß", "VICE", "Head of finance")
        assert "The title stays as they wrote it themselves." in self.reasons(batch)[0]

    def test_tasks_keep_their_day_and_author_and_come_once(self) -> None:
        text = (
            "Id,WhoId,AccountId,Subject,Description,ActivityDate,OwnerId,Type,Status\n"
            "T1,C1,,Call,They want SSO,2024-02-05,olivia.brandt@vendor.example,Call,Completed\n"
            "T2,00Q1,,Call,A lead,2024-02-05,Somebody Else,Call,Completed\n"
            "T3,,Acme Robotics,Visit,Never done,2024-02-06,Somebody Else,Visit,Not Started\n"
        )
        Contact.objects.filter(pk=self.champion.pk).update(external_id="C1")
        batch = self.imported(file(text, "tasks.csv"))
        call = Entry.objects.exclude(external_id="").get()
        assert (call.author, call.kind, call.at.date()) == (self.olivia, "conversation", date(2024, 2, 5))
        assert list(call.contacts.all()) == [self.champion]
        visit = self.acme.obligations.get(external_id="T3")
        assert (visit.holder, visit.due) == (self.olivia, date(2024, 2, 6))
        assert self.reasons(batch) == [
            "It is about a lead, which belongs to no account.",
            "“Somebody Else” is nobody who works here, so the account's owner holds it.",
        ]
        before = Entry.objects.count()
        self.imported(file(text, "tasks.csv"))
        assert Entry.objects.count() == before

    def test_deals_make_past_coverage_and_a_closed_deal_is_not_opened_again(self) -> None:
        rows = (
            "D1,Acme Robotics,Won,Nils Aalto,2020-01-05,2020-03-01,100\n"
            "D2,Acme Robotics,Lost,Nils Aalto,2020-02-01,2020-09-01,100\n"
            "D3,Acme Robotics,Talking,Ines Carvalho,2024-02-01,,100\n"
        )
        self.imported(file(DEALS + rows, "deals.csv"))
        past = Coverage.objects.get(role="past", person=self.nils)
        assert (past.started_at.date(), past.ended_at and past.ended_at.date()) == (
            date(2020, 1, 5),
            date(2020, 9, 1),
        )
        talking = Deal.objects.get(external_id="D3")
        assert (talking.holder, talking.role) == (self.ines, "support")
        assert self.acme.owner == self.olivia
        talking.close("won", by=self.ines)
        batch = self.imported(file(DEALS + rows, "deals.csv"))
        assert "an import does not open it again" in self.reasons(batch)[0]
        talking.refresh_from_db()
        assert talking.outcome == "won"

    @pytest.mark.complaint(15, 37)
    def test_what_they_read_before_the_first_contact_begins_the_thread_with_their_consent(
        self,
    ) -> None:
        make_entry(self.borealis, "First call with Bo.", days=20)
        day = days_ago(90).date().isoformat()
        text = (
            "Id,Account,Subject,ActivityDate,Type,Consent\n"
            f"W1,Borealis Foods,Read the page on cold chains,{day},Web visit,Newsletter form of 3 March\n"
            f"W2,Borealis Foods,Took the checklist,{day},Download,yes\n"
            f"W3,Borealis Foods,Read the prices,{day},Web visit,\n"
        )
        batch = self.imported(file(text, "activities.csv"))
        (why,) = self.reasons(batch)
        assert why.startswith("Nobody's consent to keep it is noted")
        read, took = Entry.objects.filter(kind=Entry.Kind.WEB).order_by("external_id")
        assert read.text.endswith("With their consent: Newsletter form of 3 March")
        assert took.text.endswith("With their consent.")
        page = self.browse(self.olivia, "account", self.borealis.pk).content.decode()
        assert page.index("First call with Bo.") < page.index("Read the page on cold chains")
        assert "Took the checklist" in page
        assert "Read the prices" not in page

    def test_an_erased_contact_is_gone_from_the_staged_rows_too(self) -> None:
        text = "Id,Last Name,First Name,Account,Email\nC1,Weiss,Carla,Acme Robotics,carla@acme.example\n"
        batch = self.staged(file(text, "contacts.csv"))
        self.champion.erase(by=self.omar, because="She asked us to")
        row = ImportRow.objects.get(file__batch=batch)
        assert row.cells == []
        assert not ImportBatch.objects.filter(files__data__isnull=False).exists()

    def test_an_old_file_does_not_bring_an_erased_contact_back(self) -> None:
        gisela = make_contact(self.acme, "Gisela Thorn", email="gisela@acme.example", external_id="C7")
        gisela.erase(by=self.omar, because="She asked us to")
        dieter = make_contact(self.borealis, "Dieter Brook")
        dieter.erase(by=self.omar, because="He asked us to")
        text = (
            "Id,Last Name,First Name,Account,Email\n"
            "C7,Thorn,Gisela,Acme Robotics,\n"
            "C8,Somebody,Else,Borealis Foods,Gisela@acme.example\n"
            ",Brook,dieter,Borealis Foods,\n"
            ",Brook,Dieter,Acme Robotics,\n"
        )
        batch = self.imported(file(text, "contacts.csv"))
        assert [because[:27] for because in self.reasons(batch)] == ["This person was erased here"] * 3
        assert Contact.objects.filter(erased_at=None, account=self.borealis).count() == 0
        assert Contact.objects.filter(name="Dieter Brook", account=self.acme).exists()  # another, elsewhere
        kept = repr(list(Erasure.objects.values_list("marks", flat=True)))
        assert "gisela" not in kept.lower()

    def test_managers_and_reporting_lines_come_with_the_people(self) -> None:
        text = "Name,Manager,Region\nJo Park,Kim Berg,North\nOlivia Brandt,Kim Berg,North\nKim Berg,Jo Park,North\n"
        batch = self.imported(file(text, "people.csv"))
        kim = User.objects.get(name="Kim Berg")
        assert kim.kind == "manager"
        assert set(kim.reports.values_list("name", flat=True)) == {"Jo Park", "Olivia Brandt"}
        assert "would go round in a circle" in self.reasons(batch)[0]


class AtTheSameMoment(TransactionTestCase):
    def test_a_batch_is_applied_once_however_often_it_is_asked(self) -> None:
        omar = make_user("Omar Haddad", User.Kind.OPERATIONS)
        sheets = reading.read_file("accounts.csv", b"Account,Industry\nHeath,Plants\n")
        batch, _ = batches.stage(sheets, by=omar)
        batches.answer(batch, {"owner_else": "acting"}, by=omar)
        stale = ImportBatch.objects.get(pk=batch.pk)
        batches.apply(batch, by=omar)
        with self.assertRaisesMessage(Refused, "Omar Haddad has already applied this import."):
            batches.apply(stale, by=omar)
        assert Account.objects.count() == 1
