"""What is undone in the other system is owed here; what is done there is history, on the day it was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management import call_command
from django.db import connection

from accounts.briefing import compose
from accounts.importing import batches
from accounts.importing.reading import read_files
from accounts.models import Account, Contact, Coverage, Entry, ImportBatch, Obligation, User
from accounts.rules import clocks
from handoffs.models import Handoff
from tests.accounts.test_import_pages import ImportTestCase, file
from tests.base import CastTestCase, days_ago, in_days, make_contact, make_obligation
from tests.handoffs.steps import departure
from tests.laws import refusal_of


def take(files: Mapping[str, str], *, by: User | None = None, **answers: str) -> str:
    """Bring these files in by the command, as by somebody who says yes to what is recommended."""
    out = StringIO()
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        more = {"by": by.email} if by else {}
        call_command("import_book", folder, yes=True, stdout=out, skip_checks=True, **more, **answers)
    connection.check_constraints()
    return out.getvalue()


def tasks(*rows: str) -> str:
    heading = "TaskId,AccountId,Subject,Description,ActivityDate,CreatedDate,Owner,Status,Type\n"
    return heading + "".join(f"{row}\n" for row in rows)


class BookWithTasks(CastTestCase):
    """Tessa has two accounts in the other system, and three things to do for them."""

    files: Mapping[str, str]
    told: str
    tessa: User

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        ahead, past = in_days(48).isoformat(), days_ago(8).date().isoformat()
        cls.files = {
            "users.csv": "Name,Email,Manager,Active\nTessa Wynn,tessa@vendor.example,Max Adeyemi,yes\n",
            "accounts.csv": "Id,Name,Industry,Owner\nH1,Harrow Mills,Food,Tessa Wynn\n"
            "K1,Kelso Marine,Ships,Tessa Wynn\n",
            "tasks.csv": tasks(
                f"T1,H1,Send revised price list,Promised to Mr Hale,{ahead},{past},Tessa Wynn,Not Started,Call",
                f"T2,H1,Answer their question,Can the log go out?,{past},{past},Tessa Wynn,In Progress,Email",
                f"T3,K1,Book the yearly visit,,{ahead},,Tessa Wynn,Not Started,Meeting",
                f"T4,K1,Called about renewal,They will renew,{past},{past},Tessa Wynn,Completed,Call",
            ),
        }
        cls.told = take(cls.files)
        cls.tessa = User.objects.get(name="Tessa Wynn")

    def test_what_is_undone_is_owed_with_its_holder_its_day_and_its_words(self) -> None:
        assert "notes and tasks: 4 new" in self.told
        first, second, third = Obligation.objects.order_by("external_id").exclude(external_id="")
        assert {line.holder for line in (first, second, third)} == {self.tessa}
        assert first.text == "Send revised price list\n\nPromised to Mr Hale"
        assert (first.due, third.due) == (in_days(48), in_days(48))
        assert second.due == days_ago(8).date()
        assert second.is_late
        assert second.text.endswith("Can the log go out?")
        assert first.origin.endswith("from tasks.csv, row 1, attributed to Tessa Wynn")

    def test_nothing_is_dated_by_the_day_on_which_it_is_due(self) -> None:
        thread = Entry.objects.filter(account__external_id__in=["H1", "K1"])
        assert not thread.filter(at__gt=clocks.now()).exists()
        call = thread.get(external_id="T4")
        assert (call.kind, call.at.date()) == ("conversation", days_ago(8).date())

    def test_the_same_files_again_change_nothing(self) -> None:
        again = take(self.files)
        assert "nothing was changed" in again
        assert "notes and tasks: 4 unchanged" in again
        assert Obligation.objects.exclude(external_id="").count() == 3

    def test_a_departure_lists_what_is_owed_and_the_brief_carries_the_subjects(self) -> None:
        departure(self.tessa, self.ines, by=self.max)
        rooms = {handoff.account.name: handoff for handoff in Handoff.objects.filter(outgoing=self.tessa)}
        assert set(rooms) == {"Harrow Mills", "Kelso Marine"}
        harrow = self.browse(self.max, "handoff", rooms["Harrow Mills"].pk).content.decode()
        assert "Send revised price list" in harrow
        assert "Answer their question" in harrow
        kelso = compose(Account.objects.get(name="Kelso Marine"))
        assert "Book the yearly visit" in str(kelso)

    def test_what_is_done_there_later_stays_owed_until_somebody_says_so(self) -> None:
        later = {**self.files, "tasks.csv": self.files["tasks.csv"].replace("Not Started", "Completed")}
        take(later)
        price = Obligation.objects.get(external_id="T1")
        assert price.is_open
        reasons = ImportBatch.objects.latest("pk").tray().values_list("because", flat=True)
        assert list(reasons) == ["It is done in the file and still owed here."] * 2
        entries = Entry.objects.count()
        batch = ImportBatch.objects.latest("pk")
        assert "Is it done here, too?" in str(batch.preview["questions"])
        sheets = read_files([("tasks.csv", later["tasks.csv"].encode())])
        batch, _ = batches.stage(sheets, by=self.omar, answers={"done_there": "end"})
        batches.apply(batch, by=self.omar)
        price.refresh_from_db()
        assert (price.outcome, price.is_open) == ("done", False)
        assert Entry.objects.count() == entries + 2
        assert "nothing was changed" in take(later)


class WhoHoldsIt(ImportTestCase):
    def test_somebody_who_does_not_serve_joins_as_support_or_leaves_it_to_the_owner(self) -> None:
        text = tasks(
            f"T1,Acme Robotics,Ring Bo,,{in_days(3)},,Nils Aalto,Open,", "T2,Acme Robotics,Write,,,,Rex,Open,"
        )
        batch = self.imported(file(text, "tasks.csv"))
        ring, write = Obligation.objects.exclude(external_id="").order_by("external_id")
        assert (ring.holder, ring.role) == (self.nils, "support")
        assert Coverage.objects.current().filter(account=self.acme, person=self.nils, role="support").exists()
        assert (write.holder, write.role, write.due) == (self.olivia, "owner", None)
        assert self.reasons(batch) == ["“Rex” is nobody who works here, so the account's owner holds it."]

    def test_the_owner_holds_it_where_that_is_the_answer(self) -> None:
        text = tasks(f"T1,Acme Robotics,Ring Bo,,{in_days(3)},,Nils Aalto,Open,")
        self.imported(file(text, "tasks.csv"), open_tasks="owner")
        assert Obligation.objects.get(external_id="T1").holder == self.olivia
        assert not Coverage.objects.current().filter(account=self.acme, person=self.nils).exists()

    def test_a_manager_brings_in_only_what_the_team_holds(self) -> None:
        text = tasks(
            "T1,Acme Robotics,Ring Bo,,,,Olivia Brandt,Open,", "T2,Acme Robotics,Write,,,,Nils Aalto,Open,"
        )
        batch = self.staged(file(text, "tasks.csv"), by=self.max)
        states = dict(batch.files.get().rows.values_list("number", "state"))
        may_for_nils = self.max.may_manage(self.nils)
        assert states == {1: "new", 2: "new" if may_for_nils else "aside"}

    def test_a_word_nobody_told_us_is_asked_about_and_counts_as_undone(self) -> None:
        text = tasks("T1,Acme Robotics,Ring Bo,,2024-01-02,,Olivia Brandt,Half way,")
        batch = self.staged(file(text, "tasks.csv"))
        assert "What does the status “Half way” say?" in str(batch.preview["questions"])
        self.imported(file(text, "tasks.csv"), **{"status:half way": "done"})
        assert Entry.objects.get(external_id="T1").at.date() == date(2024, 1, 2)

    def test_what_was_given_up_is_a_note_that_says_so(self) -> None:
        self.imported(
            file(tasks("T1,Acme Robotics,Ring Bo,,2024-01-02,,Olivia Brandt,Cancelled,Call"), "tasks.csv")
        )
        note = Entry.objects.get(external_id="T1")
        assert (note.kind, "Given up in the other system: Cancelled" in note.text) == ("note", True)

    def test_a_task_that_was_done_stands_on_the_day_it_was_done(self) -> None:
        text = (
            "Task ID,Subject,Due Date,Completed Date,Status,Account Name,Owner\n"
            "T1,Ring Bo,2024-01-02,2024-01-09,Done,Acme Robotics,Olivia Brandt\n"
            "T2,Write to Bo,2024-01-02,,Done,Acme Robotics,Olivia Brandt\n"
        )
        self.imported(file(text, "tasks.csv"))
        ring, write = Entry.objects.filter(external_id__in=["T1", "T2"]).order_by("external_id")
        assert ring.at.date() == date(2024, 1, 9)
        assert write.origin.endswith("tasks.csv, row 2, which does not say on which day it was done")

    def test_a_meeting_to_come_is_a_visit_with_its_hour(self) -> None:
        text = f"Id,Account,Subject,Date,Type,Owner\nE1,Acme Robotics,Review,{in_days(5)} 14:30,Meeting,Olivia Brandt\n"
        self.imported(file(text, "events.csv"))
        visit = Obligation.objects.get(external_id="E1")
        assert (visit.kind, visit.due, visit.hour) == ("visit", in_days(5), "14:30")

    def test_no_line_of_the_ledger_comes_from_a_file_without_saying_who_brought_it(self) -> None:
        """The database holds it, whichever way the row is written."""
        line = make_obligation(self.acme)
        same = (
            "account_id, kind, role, holder_id, text, raised_at, raised_by_id, stretch, urgency, severity, obstacle, "
            "transfers, decision, outcome, external_id"
        )
        sql = f"""INSERT INTO accounts_obligation ({same}, imported_from, imported_by_id)
                  SELECT {same}, %s, %s FROM accounts_obligation WHERE id = %s"""
        for told in (("tasks.csv, row 1", None), ("", self.omar.pk)):
            assert refusal_of(sql, *told, line.pk) == "obligation_imported_by_somebody"
        moved = "UPDATE accounts_obligation SET imported_from = 'other.csv, row 1' WHERE id = %s"
        assert refusal_of(moved, line.pk) == "permission denied for table accounts_obligation"


class Placed(ImportTestCase):
    """A row finds its account by whatever it says."""

    def setUp(self) -> None:
        self.bo = make_contact(self.borealis, "Bo Lind", email="bo@borealis.example", external_id="C9")

    def place(self, heading: str, cell: str, **more: str) -> Entry:
        text = f"Id,Subject,Date,{heading}\nN1,Note,2024-02-05,{cell}\n"
        files = [file(words, f"{name}.csv") for name, words in more.items()]
        self.imported(file(text, "activities.csv"), *files)
        return Entry.objects.get(external_id="N1")

    def test_by_the_address_of_a_contact_who_is_mentioned(self) -> None:
        entry = self.place("Associated Contact Email", "BO@borealis.example")
        assert (entry.account, list(entry.contacts.all())) == (self.borealis, [self.bo])

    def test_by_the_name_of_a_contact_as_a_list_writes_it(self) -> None:
        entry = self.place("Contact Name", '"Lind, Bo"')
        assert (entry.account, list(entry.contacts.all())) == (self.borealis, [self.bo])

    def test_by_what_it_is_regarding(self) -> None:
        assert self.place("Regarding", "Bo Lind").account == self.borealis

    def test_by_an_association_file(self) -> None:
        link = "engagement_id,contact_id\nN1,C9\nN2,C9\n"
        entry = self.place("Type", "Note", engagement_contact=link)
        assert (entry.account, list(entry.contacts.all())) == (self.borealis, [self.bo])
        reasons = self.reasons(ImportBatch.objects.latest("pk"))
        assert "It ties together two records, and the activity “N2” is not here." in reasons

    def test_one_name_on_two_accounts_is_left_aside_with_both(self) -> None:
        make_contact(self.acme, "Bo Lind")
        batch = self.staged(file("Id,Subject,Date,Contact Name\nN1,Note,2024-02-05,Bo Lind\n", "tasks.csv"))
        (why,) = self.reasons(batch)
        assert why.startswith("It may be about “")
        assert "Acme Robotics" in why
        assert "Borealis Foods" in why

    def test_a_deal_and_a_contact_by_association(self) -> None:
        contacts = "Record ID,First Name,Last Name,Email\nC50,Ada,Reed,ada@acme.example\n"
        deals = "Deal ID,Deal name,Stage,Amount,Close date\nD50,Rolls,Proposal,5,2030-01-31\n"
        acme = Account.objects.filter(pk=self.acme.pk)
        acme.update(external_id="A1")
        ties = {
            "company_contact.csv": "company_id,contact_id\nA1,C50\n",
            "deal_contact.csv": "deal_id,contact_id\nD50,C50\n",
        }
        self.imported(
            file(contacts, "contacts.csv"),
            file(deals, "deals.csv"),
            *(file(text, name) for name, text in ties.items()),
        )
        assert Contact.objects.get(external_id="C50").account == self.acme
        assert self.acme.deals.get(external_id="D50").name == "Rolls"
