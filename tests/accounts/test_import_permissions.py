"""An import sees with the eyes of whoever runs it, and writes with their hands."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from accounts.importing import batches
from accounts.importing.reading import read_file
from accounts.models import (
    Account,
    Contact,
    Coverage,
    Deal,
    Entry,
    EntryReading,
    ImportBatch,
    Letter,
    Organisation,
    User,
)
from tests.accounts.test_import_pages import DEALS, ImportTestCase, file
from tests.base import (
    make_account,
    make_contact,
    make_coverage,
    make_deal,
    make_entry,
    make_user,
)
from tests.laws import refusal_of

CONTACTS = "Id,Last Name,First Name,Account,Email\n"
TASKS = "Id,WhoId,Account,Subject,Description,ActivityDate,OwnerId,Type,Status\n"


class Permissions(ImportTestCase):
    def run_as(self, user: User, text: str, name: str = "accounts.csv", **answers: str) -> ImportBatch:
        """Stage, answer and apply a file as this person."""
        batch = self.staged(file(text, name), by=user)
        if answers:
            batches.answer(batch, answers, by=user)
        batch.refresh_from_db()
        response = self.send(user, "import_apply", batch.pk, expecting=batch.fingerprint)
        assert response.status_code == 302, response.content.decode()
        batch.refresh_from_db()
        return batch

    def doors(self, user: User, batch: ImportBatch) -> str:
        """All that somebody can read of a batch."""
        pages = [self.browse(user, name, batch.pk) for name in ("import_batch", "import_tray")]
        download = self.browse(user, "import_tray_file", batch.pk)
        listed = self.browse(user, "import_list")
        return "".join([page.content.decode() for page in (*pages, download, listed)])


class Eyes(Permissions):
    def read_by_max(self, name: str, number: str) -> str:
        """What Max reads, before and after applying, of rows about an account of this name and number."""
        texts = {
            "accounts.csv": "Id,Account,Industry,Owner,Parent Account\n"
            f"{number},{name},Rockets,,\nZ1,Acme Robotics,,,{name}\n",
            "contacts.csv": f"{CONTACTS},Nu,Nora,{name},nora@x.example\n",
            "deals.csv": f"{DEALS}Z9,{name},Talking,,2024-01-05,2027-02-01,5\n",
            "tasks.csv": f"{TASKS}Z8,,{name},Call,Words,2024-02-05,,Call,Completed\n",
        }
        batch = self.staged(*(file(text, title) for title, text in texts.items()), by=self.max)
        read = self.browse(self.max, "import_batch", batch.pk).content.decode()
        batch.refresh_from_db()
        self.send(self.max, "import_apply", batch.pk, expecting=batch.fingerprint)
        read += self.doors(self.max, batch)
        once = r'<input type="hidden"[^>]*>|hx-headers=\S+ \S+|Import \d+|/import/\d+'
        read = re.sub(once, "", read)
        # the list names every batch that he has staged so far
        read = re.sub(r"Imports so far.*?</section>", "", read, flags=re.DOTALL)
        return re.sub(r"\d\d:\d\d", "", read.replace(name, "NAME").replace(number, "NUMBER"))

    def test_an_account_out_of_sight_reads_as_one_that_does_not_exist(self) -> None:
        Account.objects.filter(pk=self.dunmore.pk).update(external_id="D77")
        closed = make_account("Closed Harbour", self.olivia)
        closed.close(by=self.max, because="Gone", outcomes={})
        unknown = self.read_by_max("Quixote Ltd", "Q11")
        assert "You see no account “NAME”. Operations has been asked about this row." in unknown
        before = (Account.objects.count(), list(Account.objects.filter(pk=self.dunmore.pk).values()))
        for name, number in (
            ("Dunmore Press", "Q12"),
            ("DUNMORE PRESS Inc", "Q14"),
            ("Something Else", "D77"),
            ("Closed Harbour", "Q15"),
        ):
            with self.subTest(name):
                assert self.read_by_max(name, number) == unknown
        assert (Account.objects.count(), list(Account.objects.filter(pk=self.dunmore.pk).values())) == before
        for rows in (Contact, Deal, Entry):
            assert not rows._default_manager.filter(account=self.dunmore).exclude(external_id="").exists()
        self.acme.refresh_from_db()
        assert (self.acme.parent, self.acme.external_id) == (None, "")

    def test_operations_alone_are_told_where_such_a_row_may_belong(self) -> None:
        batch = self.run_as(self.max, "Account,Industry\nDunmore Pres,Rockets\nQuixote,Mills\n")
        hint = "It may be “Dunmore Press”, which Nils Aalto owns and whoever imported may not see."
        assert hint in self.doors(self.omar, batch)
        assert "asks operations about 2 rows" in self.doors(self.omar, batch)
        read = self.doors(self.max, batch)
        assert "Dunmore Press" not in read
        assert "Nils" not in read
        letter = Letter.objects.get()
        assert (letter.to, letter.signed_by) == (self.omar, self.max)
        assert hint in letter.text

    def test_numbers_that_are_taken_elsewhere_refuse_nothing_and_reveal_nothing(self) -> None:
        make_contact(self.dunmore, "Dora Quill", external_id="C1", email="dora@dunmore.example")
        make_deal(self.dunmore, "Their renewal", external_id="D1")
        make_entry(self.dunmore, external_id="T1")
        contacts = f"{CONTACTS}C1,Stone,Sam,Acme Robotics,sam@acme.example\n"
        deals = f"{DEALS}D1,Acme Robotics,Talking,Olivia Brandt,2024-01-05,2027-02-01,5\n"
        tasks = f"{TASKS}T1,C1,,Call,Words,2024-02-05,,Call,Completed\n"
        files = [(contacts, "contacts.csv"), (deals, "deals.csv"), (tasks, "tasks.csv")]
        batch = self.staged(*(file(*each) for each in files), by=self.max)
        self.send(self.max, "import_apply", batch.pk)
        sam = Contact.objects.get(name="Sam Stone", account=self.acme)
        assert Deal.objects.get(account=self.acme).holder == self.olivia
        call = Entry.objects.get(account=self.acme, kind="conversation")
        assert list(call.contacts.all()) == [sam]
        assert not {sam.external_id, call.external_id} & {"C1", "T1"}
        before = (Contact.objects.count(), Deal.objects.count(), Entry.objects.count())
        again = self.staged(*(file(*each) for each in files), by=self.max)
        assert again.preview["changes_nothing"]
        # Operations know which of the two is meant by its account, not by a number of the other system.
        known = {"Dora Quill", "Their renewal"}
        assert known == {Contact.objects.get(external_id="C1").name, Deal.objects.get(external_id="D1").name}
        assert (Contact.objects.count(), Deal.objects.count(), Entry.objects.count()) == before

    def test_what_a_manager_brought_in_is_found_again_by_operations(self) -> None:
        contacts = f"{CONTACTS}C5,Stone,Sam,Acme Robotics,sam@acme.example\n"
        deals = f"{DEALS}D5,Acme Robotics,Talking,Olivia Brandt,2024-01-05,2027-02-01,5\n"
        tasks = f"{TASKS}T5,,Acme Robotics,Call,Words,2024-02-05,,Call,Completed\n"
        for text, name in ((contacts, "contacts.csv"), (deals, "deals.csv"), (tasks, "tasks.csv")):
            self.run_as(self.max, text, name)
        before = (Contact.objects.count(), Deal.objects.count())
        calls = Entry.objects.filter(kind="conversation")
        assert calls.count() == 1
        for text, name in ((contacts, "contacts.csv"), (deals, "deals.csv"), (tasks, "tasks.csv")):
            self.run_as(self.omar, text, name)
        assert (Contact.objects.count(), Deal.objects.count(), calls.count()) == (*before, 1)
        assert Contact.objects.get(external_id="C5").name == "Sam Stone"
        assert Deal.objects.filter(external_id="D5").exists()

    def test_questions_speak_only_of_what_the_importer_sees(self) -> None:
        make_deal(self.dunmore, product="GTX Pro")
        text = "Id,Account,Stage,Sales agent,Product,Engage date,Close date,Amount\n"
        text += "D1,Acme Robotics,Talking,Olivia Brandt,GTXPro,2024-01-05,2027-02-01,5\n"
        asked = [
            question["key"]
            for question in self.staged(file(text, "deals.csv"), by=self.max).preview["questions"]
        ]
        assert asked == ["currency"]
        asked = [question["key"] for question in self.staged(file(text, "deals.csv")).preview["questions"]]
        assert "product:GTXPro" in asked

    def test_who_was_erased_elsewhere_is_not_brought_back_and_not_told_about(self) -> None:
        dora = make_contact(self.dunmore, "Dora Quill", email="dora@dunmore.example")
        dora.erase(by=self.omar, because="She asked us to")
        batch = self.run_as(
            self.max, f"{CONTACTS},Quill,Dora,Acme Robotics,dora@dunmore.example\n", "contacts.csv"
        )
        assert self.reasons(batch) == ["Operations has been asked about this row."]
        assert not Contact.objects.filter(email="dora@dunmore.example").exists()

    def test_what_was_made_with_the_eyes_of_operations_stays_with_them(self) -> None:
        batch = self.staged(file("Account,Owner\nDunmore Press,Ines Carvalho\n"))
        make_user("Otis Ops", User.Kind.OPERATIONS)
        otis = User.objects.get(name="Otis Ops")
        self.omar.change_kind(User.Kind.MANAGER, by=otis)
        for name in ("import_batch", "import_tray", "import_tray_file"):
            assert self.browse(self.omar, name, batch.pk).status_code == 404
        assert f"/import/{batch.pk}/" not in self.browse(self.omar, "import_list").content.decode()

    def test_who_applies_the_import_of_a_manager_lends_it_no_eyes(self) -> None:
        batch = self.staged(
            file("Account,Industry\nDunmore Press,Rockets\nAcme Robotics,Rockets\n"), by=self.max
        )
        self.apply(batch)
        self.dunmore.refresh_from_db()
        self.acme.refresh_from_db()
        assert (self.dunmore.industry, self.acme.industry) == ("Publishing", "Rockets")


class Hands(Permissions):
    def everybody(self) -> list[tuple[Any, ...]]:
        told = ("name", "email", "kind", "title", "reports_to", "is_active", "external_id")
        return list(User.objects.order_by("pk").values_list("pk", *told))

    def test_what_a_manager_brings_in_names_others_in_words_only(self) -> None:
        rows = (
            "T1,,Acme Robotics,Call,One,2024-02-05,nils.aalto@vendor.example,Call,Completed\n"
            "T2,,Acme Robotics,Call,Two,2024-02-06,Olivia Brandt,Call,Completed\n"
            "T3,,Acme Robotics,Call,Three,2024-02-07,Max Adeyemi,Call,Completed\n"
        )
        self.run_as(self.max, TASKS + rows, "tasks.csv")
        entries = list(Entry.objects.filter(account=self.acme, kind="conversation").order_by("at"))
        told = [
            (entry.author, entry.author_name, entry.imported_by, entry.imported_from) for entry in entries
        ]
        assert told == [
            (None, "Nils Aalto", self.max, "tasks.csv, row 1"),
            (None, "Olivia Brandt", self.max, "tasks.csv, row 2"),
            (self.max, "", self.max, "tasks.csv, row 3"),
        ]
        page = self.browse(self.olivia, "account", self.acme.pk).content.decode()
        assert "attributed to Nils Aalto, imported by Max Adeyemi from tasks.csv, row 1" in page
        assert "Max Adeyemi, imported from tasks.csv, row 3" in page

    def test_what_operations_bring_in_says_so_too(self) -> None:
        row = "T1,,Acme Robotics,Call,One,2024-02-05,Nils Aalto,Call,Completed\n"
        self.run_as(self.omar, TASKS + row, "tasks.csv")
        call = Entry.objects.get(account=self.acme, kind="conversation")
        assert (call.author, call.imported_by, call.imported_from) == (
            self.nils,
            self.omar,
            "tasks.csv, row 1",
        )
        said = "attributed to Nils Aalto, imported by Omar Haddad from tasks.csv, row 1"
        doors = [("account", (self.acme.pk,)), ("search", ())]
        for name, args in doors:
            with self.subTest(name):
                assert (
                    said
                    in self.browse(
                        self.olivia, name, *args, **({} if args else {"q": "One"})
                    ).content.decode()
                )

    def test_the_brief_says_that_the_file_names_the_author(self) -> None:
        row = (
            "T1,,Acme Robotics,Call,They pay late unless Dieter signs,2024-02-05,Nils Aalto,Call,Completed\n"
        )
        self.run_as(self.omar, TASKS + row, "tasks.csv")
        EntryReading.read_all()
        brief = self.browse(self.olivia, "account_printed_brief", self.acme.pk)
        self.assertContains(brief, "By Nils Aalto unless another is named, as the imported file says")

    def test_postgresql_lets_only_operations_write_in_somebodys_name(self) -> None:
        sql = """INSERT INTO accounts_entry (account_id, kind, at, recorded_at, author_id, author_name, subject, text,
                 stage, step, external_id, imported_by_id, imported_from)
                 VALUES (%s, 'note', now(), now(), %s, '', '', 'x', '', '', '', %s, %s)"""
        told = "Only operations bring in what a colleague wrote."
        assert refusal_of(sql, self.acme.pk, self.nils.pk, self.max.pk, "a.csv, row 1") == told
        unsigned = refusal_of(sql, self.acme.pk, self.nils.pk, None, "a.csv, row 1")
        assert unsigned == "entry_imported_by_somebody"
        assert refusal_of(sql, self.acme.pk, self.max.pk, self.max.pk, "") == "entry_imported_by_somebody"

    def test_deals_of_people_outside_the_team_wait_in_the_tray(self) -> None:
        make_coverage(self.acme, self.nils)
        make_coverage(self.dunmore, self.ines)
        theirs = make_deal(self.acme, "Nils's", holder=self.nils, role="support", external_id="D4")
        rows = (
            "D1,Acme Robotics,Talking,Nils Aalto,2024-01-05,2027-02-01,1\n"  # not of his team
            "D2,Acme Robotics,Talking,Somebody Unknown,2024-01-05,2027-02-01,2\n"
            "D3,Dunmore Press,Talking,,2024-01-05,2027-02-01,3\n"  # would be the owner's
            "D4,Acme Robotics,Talking,Olivia Brandt,2024-01-05,2027-02-01,4\n"  # changes one that Nils holds
            "D5,Acme Robotics,Won,Nils Aalto,2024-01-05,2024-02-01,5\n"
            "D6,Acme Robotics,Talking,Olivia Brandt,2024-01-05,2027-02-01,6\n"
        )
        users = User.objects.count()
        batch = self.run_as(self.max, DEALS + rows, "deals.csv")
        rule = "Only operations bring in or change what people outside your team hold."
        assert self.reasons(batch) == [
            f"It is with “Nils Aalto”. {rule}", f"It is with “Somebody Unknown”. {rule}", rule, rule,
            f"It is with “Nils Aalto”. {rule}",
        ]  # fmt: skip
        made = Deal.objects.exclude(pk=theirs.pk).get()
        assert (made.holder, made.amount) == (self.olivia, Decimal(6))
        assert made.imported_from == "deals.csv, row 6, attributed to Olivia Brandt"
        page = self.browse(self.olivia, "deal", made.pk).content.decode()
        assert "Imported by Max Adeyemi from deals.csv, row 6, attributed to Olivia Brandt" in page
        theirs.refresh_from_db()
        assert theirs.amount == 42_000
        assert not Coverage.objects.filter(role="past", person=self.nils).exists()
        assert User.objects.count() == users

    def test_what_changes_is_a_line_on_the_thread_with_file_and_row(self) -> None:
        self.run_as(self.max, "Account,Industry\nAcme Robotics,Rockets\n")
        text = f"{CONTACTS},Krol,Dieter,Acme Robotics,dieter@acme.example\n,New,Nadja,Acme Robotics,\n"
        self.run_as(self.max, text, "contacts.csv")
        page = self.browse(self.olivia, "account", self.acme.pk).content.decode()
        assert "Max Adeyemi, imported from accounts.csv, row 1" in page
        assert "Acme Robotics: industry Rockets" in page
        assert "Dieter Krol: email dieter@acme.example" in page
        nadja = Contact.objects.get(name="Nadja New")
        told = self.browse(self.olivia, "contact", nadja.pk).content.decode()
        assert "Imported by Max Adeyemi from contacts.csv, row 2" in told

    def test_a_new_account_says_which_row_it_came_from(self) -> None:
        self.run_as(self.omar, "Account,Owner\nGorse,Nils Aalto\n")
        page = self.browse(self.nils, "account", Account.objects.get(name="Gorse").pk).content.decode()
        assert "Omar Haddad, imported from accounts.csv, row 1" in page

    def test_an_import_changes_nobodys_way_in(self) -> None:
        text = f"{CONTACTS},Weiss,Carla,Acme Robotics,other@acme.example\n"
        for user in (self.max, self.omar):
            batch = self.run_as(user, text, "contacts.csv", contact="same")
            assert "The e-mail address stays “carla@acme.example”" in self.reasons(batch)[0]
        self.champion.refresh_from_db()
        self.carla.refresh_from_db()
        assert (self.champion.email, self.carla.email) == ("carla@acme.example", "carla@acme.example")

    def test_a_manager_brings_in_no_colleagues_and_starts_no_accounts(self) -> None:
        users = self.everybody()
        text = (
            "Name,Email,Manager,Title\nOmar Haddad,omar@evil.example,Max Adeyemi,Boss\n"
            "Petra Lindqvist,,Max Adeyemi,\nEve New,eve@vendor.example,Max Adeyemi,\n"
        )
        batch = self.run_as(self.max, text, "users.csv")
        rule = "Only operations bring in colleagues and change what is recorded of them."
        assert self.reasons(batch) == [rule, rule, f"{rule} Operations has been asked about this row."]
        self.run_as(self.max, "Account,Owner\nGorse,Jo Park\nHeath,Max Adeyemi\n")
        assert self.everybody() == users
        assert not Account.objects.filter(name__in=["Gorse", "Heath"]).exists()


@pytest.mark.django_db
def test_only_operations_name_the_person_of_last_resort() -> None:
    top = make_user("Max Adeyemi", User.Kind.MANAGER)
    sheets = read_file("accounts.csv", b"Account,Industry\nHeath,Plants\n")
    batches.apply(batches.stage(sheets, by=top)[0], by=top)
    assert Organisation.get().last_resort is None
    omar = make_user("Omar Haddad", User.Kind.OPERATIONS)
    batches.apply(batches.stage(sheets, by=omar, answers={"owner_else": "acting"})[0], by=omar)
    assert Organisation.get().last_resort == top


class Colleagues(Permissions):
    def test_each_change_is_shown_before_and_told_by_letter(self) -> None:
        text = (
            "Id,Name,Manager,Title\nU1,Olivia Brandt,Ines Carvalho,Account executive\n"
            "U2,Max Adeyemi,Petra Lindqvist,Head of sales\n"
        )
        batch = self.staged(file(text, "users.csv"))
        shown = [
            "Ines Carvalho: rep → manager",
            "Max Adeyemi: title Sales manager → Head of sales",
            "Olivia Brandt: reports to Max Adeyemi → Ines Carvalho",
        ]
        assert [line for line in sorted(batch.preview["colleagues"]) if "external id" not in line] == shown
        page = self.browse(self.omar, "import_batch", batch.pk).content.decode()
        for line in shown:
            assert line in page
        assert not Letter.objects.exists()
        self.apply(batch)
        self.olivia.refresh_from_db()
        self.ines.refresh_from_db()
        assert (self.olivia.reports_to, self.ines.kind) == (self.ines, "manager")
        told = {letter.to: letter.text for letter in Letter.objects.filter(signed_by=self.omar)}
        assert "You reported to Max Adeyemi, and report to Ines Carvalho from now on." in told[self.olivia]
        assert "You were Rep here, and are Manager from now on." in told[self.ines]

    def test_all_changes_are_shown_however_many(self) -> None:
        people = [make_user(f"Rep {n:03}", reports_to=self.max) for n in range(70)]
        rows = "".join(f"{person.email},{person.name},Petra Lindqvist\n" for person in people)
        batch = self.staged(file(f"Email,Name,Manager\n{rows}", "users.csv"))
        page = self.browse(self.omar, "import_batch", batch.pk).content.decode()
        assert page.count("reports to Max Adeyemi → Petra Lindqvist") == 70

    def test_a_preview_that_would_change_other_colleagues_by_now_is_shown_again(self) -> None:
        batch = self.staged(file("Name,Manager,Region\nOlivia Brandt,Petra Lindqvist,\n", "users.csv"))
        User.objects.filter(pk=self.olivia.pk).update(reports_to=self.nils)
        assert self.apply(batch).status_code == 409

    def test_nothing_changes_of_whoever_imports_nor_of_the_last_resort_nor_of_the_last_in_operations(
        self,
    ) -> None:
        make_user("Mona Berg", User.Kind.MANAGER)
        text = "Name,Manager,Region\nOmar Haddad,Max Adeyemi,\nPetra Lindqvist,Mona Berg,\n"
        batch = self.run_as(self.omar, text, "users.csv")
        mine, last = self.reasons(batch)[:2]
        assert "reports to nobody → Max Adeyemi is not done. Nobody changes this of themselves." in mine
        assert (
            "reports to nobody → Mona Berg is not done. This is the organisation's person of last resort."
            in last
        )
        for person in (self.omar, self.petra):
            person.refresh_from_db()
            assert person.reports_to is None

    def test_lines_that_change_places_meet_no_circle_on_the_way(self) -> None:
        User.objects.filter(pk=self.olivia.pk).update(reports_to=self.ines)
        text = "Name,Manager,Region\nNils Aalto,Ines Carvalho,\nOlivia Brandt,Petra Lindqvist,\n"
        self.run_as(self.omar, f"{text}Ines Carvalho,Olivia Brandt,\n", "users.csv")
        lines = dict(User.objects.filter(kind__in=["rep", "manager"]).values_list("name", "reports_to__name"))
        assert (lines["Nils Aalto"], lines["Ines Carvalho"]) == ("Ines Carvalho", "Olivia Brandt")
        assert lines["Olivia Brandt"] == "Petra Lindqvist"

    def test_an_address_that_leads_nowhere_is_put_right_by_the_verb(self) -> None:
        jo = make_user("Jo Park", email="jo.park@import.invalid")
        text = "Name,Email,Manager\nJo Park,jo@vendor.example,Max Adeyemi\n"
        text += "Ines Carvalho,other@vendor.example,Max Adeyemi\n"
        batch = self.run_as(self.omar, text, "users.csv")
        jo.refresh_from_db()
        self.ines.refresh_from_db()
        assert (jo.email, self.ines.email) == ("jo@vendor.example", "ines.carvalho@vendor.example")
        assert "They sign in as ines.carvalho@vendor.example. Change that under People." in self.reasons(
            batch
        )
        told = Letter.objects.get(to=jo, subject__contains="address")
        assert (told.signed_by, told.address) == (self.omar, "jo.park@import.invalid")


class Outsiders(Permissions):
    USERS = (
        "Id,Name,Email,UserType,ContactId,IsPortalEnabled,ProfileName,IsActive\n"
        "005000000000001AAA,Ana Ours,ana@vendor.example,Standard,,false,Sales,true\n"
        "005000000000002AAA,Pia Partner,pia@vendor.example,PowerPartner,,false,Sales,true\n"
        "005000000000003AAA,Gus Guest,gus@vendor.example,Guest,,false,,true\n"
        "005000000000004AAA,Paul Portal,paul@vendor.example,,003000000000009AAA,false,,true\n"
        "005000000000006AAA,Pam Portal,pam@vendor.example,Standard,,true,,true\n"
        "005000000000007AAA,Cleo Community,cleo@vendor.example,,,,Partner Community User,true\n"
        "005000000000005AAA,Rex Reseller,rex@reseller.example,Standard,,false,Sales,true\n"
    )

    def names(self) -> set[str]:
        return set(User.objects.filter(external_id__startswith="005").values_list("name", flat=True))

    def test_whoever_is_from_outside_is_asked_about_and_by_default_not_one_of_us(self) -> None:
        batch = self.run_as(self.omar, self.USERS, "users.csv")
        assert self.names() == {"Ana Ours"}
        asked = {question["key"]: question["recommended"] for question in batch.preview["questions"]}
        assert len(asked) == 5
        assert set(asked.values()) == {"outside"}
        assert "is taken for somebody from outside" in self.reasons(batch)[0]

    def test_somebody_says_that_they_work_here(self) -> None:
        batch = self.staged(file(self.USERS, "users.csv"))
        key = next(q["key"] for q in batch.preview["questions"] if "reseller.example" in q["key"])
        self.run_as(self.omar, self.USERS, "users.csv", **{key: "ours"})
        assert self.names() == {"Ana Ours", "Rex Reseller"}

    def test_an_outsider_gets_no_account_and_nobody_to_lead(self) -> None:
        accounts = "Account,OwnerId\nGorse,005000000000002AAA\n"
        users = "".join(
            f"{line},{more}\n"
            for line, more in zip(self.USERS.splitlines(), ["Manager", "Pia Partner", *[""] * 6], strict=True)
        )
        batch = self.staged(file(users, "users.csv"), file(accounts))
        batches.answer(batch, {"owner_else": "acting"}, by=self.omar)
        self.apply(batch)
        assert self.names() == {"Ana Ours"}
        assert Account.objects.get(name="Gorse").owner == self.petra
        assert "Their manager “Pia Partner” is not one of us." in self.reasons(batch)

    def test_an_owner_with_an_address_elsewhere_is_not_ours_unless_somebody_says_so(self) -> None:
        batch = self.staged(file("Account,Owner\nGorse,rex@reseller.example\nHeath,jo@vendor.example\n"))
        asked = {question["key"]: question["recommended"] for question in batch.waiting()}
        assert asked.pop("owner_else") == "acting"  # for the account that would be Rex's
        assert asked == {"person:rex@reseller.example": "outside", "person:jo@vendor.example": "new"}
        self.run_as(
            self.omar, "Account,Owner\nGorse,rex@reseller.example\n",
            **{"person:rex@reseller.example": "outside", "owner_else": "acting"},
        )  # fmt: skip
        assert not User.objects.filter(email__contains="reseller").exists()

    def test_in_an_empty_house_most_addresses_say_which_are_ours(self) -> None:
        Organisation.objects.update(last_resort=self.omar)
        for account in Account.objects.all():
            account.close(by=self.omar, because="Nobody is here yet", outcomes={})
        User.objects.staff().exclude(pk=self.omar.pk).update(is_active=False)
        User.objects.filter(pk=self.omar.pk).update(email="operations@import.invalid")
        users = "Name,Email,Manager\nA B,a@firm.example,\nC D,c@firm.example,\nE F,e@other.example,\n"
        batch = self.staged(file(users, "users.csv"))
        (question,) = batch.preview["questions"]
        assert "other.example" in question["text"]
