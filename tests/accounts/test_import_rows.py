"""What rows of other systems say beside names: roles, kinds, descriptions, who is one of ours, since when."""

from __future__ import annotations

from datetime import date

from accounts.importing.descriptions import pieces_of
from accounts.models import Contact, Coverage, Deal, Entry, ImportBatch, User
from tests.accounts.test_import_pages import ImportTestCase, file
from tests.base import make_contact, make_user


def fresh(name: str = "Fennel Labs", owner: str = "Olivia Brandt") -> str:
    return f"Id,Account,Industry,Owner,Created Date\nF1,{name},Biotech,{owner},2022-03-01\n"


def questions(batch: ImportBatch) -> dict[str, str]:
    batch.refresh_from_db()
    return {question["key"]: question["text"] for question in batch.preview["questions"]}


class WhoIsOurs(ImportTestCase):
    def test_a_partner_is_known_by_licence_type_or_role_whatever_the_profile_says(self) -> None:
        text = (
            "Id,Name,Email,IsActive,UserType,ProfileName,UserLicense,UserRole.Name\n"
            "U1,Pia Roe,pia@vendor.example,true,Standard,Engineer,Partner Community,\n"
            "U2,Paul Roe,paul@vendor.example,true,PowerPartner,Engineer,Salesforce,\n"
            "U3,Polly Roe,polly@vendor.example,true,Standard,Engineer,Salesforce,Alder Group Partner User\n"
            "U4,Sue Roe,sue@vendor.example,true,Standard,Customer Success,Salesforce,Customer Success Manager\n"
        )
        batch = self.imported(file(text, "users.csv"))
        assert list(User.objects.filter(name__endswith=" Roe").values_list("name", flat=True)) == ["Sue Roe"]
        assert len(self.reasons(batch)) == 3

    def test_what_the_other_system_calls_their_role_is_their_title(self) -> None:
        self.imported(
            file(
                "Name,Email,Role,Manager\nSue Roe,sue@vendor.example,Account Manager,Max Adeyemi\n",
                "users.csv",
            )
        )
        assert User.objects.get(name="Sue Roe").title == "Account Manager"


class Deals(ImportTestCase):
    def test_a_renewal_is_one_and_any_other_sort_is_kept(self) -> None:
        text = (
            "Deal ID,Account,Deal name,Stage,Amount,Close date,Type\n"
            "D1,Acme Robotics,More years,Proposal,5,2030-01-31,Existing Business - Renewal\n"
            "D2,Acme Robotics,More seats,Proposal,5,2030-01-31,Expansion\n"
        )
        self.imported(file(text, "deals.csv"))
        years, seats = Deal.objects.filter(external_id__in=["D1", "D2"]).order_by("external_id")
        assert (years.kind, seats.kind, seats.type) == ("renewal", "opportunity", "Expansion")
        assert "(Expansion)" in self.browse(self.olivia, "deal", seats.pk).content.decode()
        again = self.imported(file(text, "deals.csv"))
        assert again.preview["changes_nothing"]

    def test_roles_on_a_deal_are_parts_in_buying(self) -> None:
        make_contact(self.acme, "Ada Reed", external_id="C1")
        Contact.objects.filter(pk=self.champion.pk).update(external_id="C2")
        deals = "Deal ID,Account,Deal name,Stage,Amount,Close date\nD1,Acme Robotics,Rolls,Proposal,5,2030-01-31\n"
        roles = (
            "Id,OpportunityId,ContactId,Role,IsPrimary\n"
            "R1,D1,C1,Economic Buyer,true\nR2,D1,C1,Influencer,false\nR3,D1,C9,User,false\nR4,D9,C2,Champion,false\n"
        )
        batch = self.imported(file(deals, "deals.csv"), file(roles, "roles.csv"))
        ada = Contact.objects.get(external_id="C1")
        assert ada.roles == ["economic_buyer"]
        assert "part:influencer" in questions(batch)
        assert ada.entries.get().text == "Ada Reed: Influencer on the deal “Rolls”"
        assert self.reasons(batch) == ["The contact “C9” is not here."]
        assert self.imported(file(deals, "deals.csv"), file(roles, "roles.csv")).preview["changes_nothing"]

    def test_a_role_nobody_knows_becomes_what_somebody_says(self) -> None:
        text = "Last name,First name,Account,Contact role\nReed,Ada,Acme Robotics,Decision Maker; Champion\n"
        self.imported(file(text, "contacts.csv"))
        ada = Contact.objects.get(name="Ada Reed")
        assert ada.roles == ["decision_maker", "champion"]
        assert ada.evidence.startswith("Called “Champion”")


class Descriptions(ImportTestCase):
    def test_each_line_with_a_day_is_an_entry_of_it_by_whoever_has_the_initials(self) -> None:
        text = (
            'Account,Industry,Description,Last Modified Date\nAcme Robotics,Robots,"Three plants.\n'
            '2026-03-04 OB: They want quieter ovens.\nAnd soon.\n12.5.2026 ZZ - Rang Carla.\n2099-01-01 To come."'
            ",2026-06-01\n"
        )
        self.imported(file(text))
        plain, ovens, rang = Entry.objects.filter(external_id__startswith="import:").order_by("text")[::-1]
        assert (plain.text, plain.at.date(), plain.who) == (
            "Three plants.",
            date(2026, 6, 1),
            "Unknown author",
        )
        assert (ovens.text, ovens.at.date()) == ("They want quieter ovens.\nAnd soon.", date(2026, 3, 4))
        assert ovens.author == self.olivia
        assert (rang.who, rang.at.date()) == ("ZZ", date(2026, 5, 12))
        assert "To come" in rang.text
        assert self.imported(file(text)).preview["changes_nothing"]

    def test_initials_that_two_of_ours_have_are_nobodys(self) -> None:
        make_user("Otto Berg")
        self.imported(file('Account,Industry,Description\nAcme Robotics,Robots,"2026-03-04 OB: Ovens."\n'))
        assert Entry.objects.get(text="Ovens.").who == "OB"

    def test_those_of_deals_and_contacts_come_in_too(self) -> None:
        deals = (
            "Deal ID,Account,Deal name,Stage,Amount,Close date,Description\n"
            "D1,Acme Robotics,Rolls,Proposal,5,2030-01-31,They fear the noise.\n"
        )
        people = "Last name,First name,Account,Description\nReed,Ada,Acme Robotics,Never ring before ten.\n"
        self.imported(file(deals, "deals.csv"), file(people, "contacts.csv"))
        assert Entry.objects.get(text="They fear the noise.").subject == "Description of the deal “Rolls”"
        ring = Entry.objects.get(text="Never ring before ten.")
        assert list(ring.contacts.values_list("name", flat=True)) == ["Ada Reed"]

    def test_days_are_found_as_people_write_them(self) -> None:
        day = date(2026, 7, 1)
        for line in ("2026-03-04 JS: said", "- 04.03.2026: said", "[4 Mar 2026] JS - said", "4.3.26 said"):
            (piece,) = pieces_of(line, day)
            assert (piece.on, piece.text) == (date(2026, 3, 4), "said"), line
        (whole,) = pieces_of("2.50 per unit, 1.2.3 is the version", day)
        assert whole.on is None


class Unsigned(ImportTestCase):
    TEXT = (
        "Id,Account,Subject,Text,Date\nN1,Acme Robotics,Call,They called,2024-02-05\n"
        "N2,Acme Robotics,,Long,2024-02-06\n"
    )

    def test_what_names_no_author_says_so_and_one_answer_names_one_for_all(self) -> None:
        batch = self.staged(file(self.TEXT, "notes.csv"))
        assert self.reasons(batch) == ["The file does not say who wrote it."] * 2
        assert "author" in questions(batch)
        self.imported(file(self.TEXT, "notes.csv"), author=f"user:{self.ines.pk}")
        assert set(Entry.objects.filter(external_id__in=["N1", "N2"]).values_list("author", flat=True)) == {
            self.ines.pk
        }

    def test_a_long_subject_comes_in_whole(self) -> None:
        subject = "quiet ovens " * 40
        self.imported(
            file(
                f"Id,Account,Subject,Text,Date\nN1,Acme Robotics,{subject},They called,2024-02-05\n",
                "notes.csv",
            )
        )
        entry = Entry.objects.get(external_id="N1")
        assert len(entry.subject) <= 300
        assert entry.text == f"{subject.strip()}\n\nThey called"


class SinceWhen(ImportTestCase):
    TASKS = (
        "Id,Account,Subject,Text,Date,Owner\n"
        "N1,Fennel Labs,Call,First,2023-05-02,Olivia Brandt\nN2,Fennel Labs,Call,Second,2024-05-02,Nils Aalto\n"
    )

    def owner(self) -> Coverage:
        return Coverage.objects.owners().get(account__name="Fennel Labs")

    def test_the_owner_serves_since_their_first_entry_unless_somebody_says_otherwise(self) -> None:
        batch = self.imported(file(fresh()), file(self.TASKS, "notes.csv"))
        assert "owner_since" in questions(batch)
        assert self.owner().started_at.date() == date(2023, 5, 2)
        assert self.owner().entries.get().at == self.owner().started_at

    def test_deals_of_the_owner_lie_within_that_time_and_come_in_again_without_a_change(self) -> None:
        deals = (
            "Deal ID,Account,Deal name,Stage,Amount,Start date,Close date,Owner\n"
            "D1,Fennel Labs,Rolls,Closed Won,5,2023-01-10,2023-03-01,Olivia Brandt\n"
        )
        self.imported(file(fresh()), file(deals, "deals.csv"))
        assert self.owner().started_at.date() == date(2023, 1, 10)
        assert not Coverage.objects.filter(role="past", account__name="Fennel Labs").exists()
        assert self.imported(file(fresh()), file(deals, "deals.csv")).preview["changes_nothing"]

    def test_or_since_it_was_made_there_or_from_today(self) -> None:
        self.imported(file(fresh()), file(self.TASKS, "notes.csv"), owner_since="created")
        assert self.owner().started_at.astimezone().date() == date(2022, 3, 1)

    def test_a_history_of_owners_becomes_past_coverage(self) -> None:
        history = (
            "Id,AccountId,Field,OldValue,NewValue,CreatedDate\n"
            "H1,F1,Owner,Nils Aalto,Ines Carvalho,2022-09-01\nH2,F1,Owner,Ines Carvalho,Olivia Brandt,2023-02-01\n"
            "H3,F1,Industry,Food,Biotech,2023-02-01\n"
        )
        batch = self.imported(file(fresh()), file(history, "AccountHistory.csv"))
        past = Coverage.objects.filter(role="past", account__name="Fennel Labs").order_by("started_at")
        spells = [
            (row.person.name, row.started_at.date(), row.ended_at and row.ended_at.date()) for row in past
        ]
        assert spells == [
            ("Nils Aalto", date(2022, 3, 1), date(2022, 9, 1)),
            ("Ines Carvalho", date(2022, 9, 1), date(2023, 2, 1)),
        ]
        assert self.owner().started_at.date() == date(2023, 2, 1)
        (why,) = self.reasons(batch)
        assert "Of earlier values only owners are kept." in why
        again = self.imported(file(fresh()), file(history, "AccountHistory.csv"))
        assert again.preview["changes_nothing"]

    def test_a_plain_table_of_owners_does_too(self) -> None:
        table = "Account,Owner,From,To\nF1,Nils Aalto,2021-01-01,2022-01-01\nF1,Olivia Brandt,2022-01-01,\n"
        self.imported(file(fresh()), file(table, "history.csv"))
        past = Coverage.objects.get(role="past", account__name="Fennel Labs")
        assert (past.person, past.started_at.date()) == (self.nils, date(2021, 1, 1))
        assert self.owner().started_at.date() == date(2022, 1, 1)

    def test_colleagues_who_wrote_are_proposed_for_the_team(self) -> None:
        batch = self.staged(file(fresh()), file(self.TASKS, "notes.csv"))
        assert "Nils Aalto (Fennel Labs)" in questions(batch)["team"]
        self.imported(file(fresh()), file(self.TASKS, "notes.csv"), team="all")
        team = Coverage.objects.current().filter(account__name="Fennel Labs", role="support")
        assert [row.person for row in team] == [self.nils]


class Notes(ImportTestCase):
    def test_a_note_on_a_deal_and_one_without_a_subject_come_in(self) -> None:
        deals = "Deal ID,Account,Deal name,Stage,Amount,Close date\nD1,Acme Robotics,Rolls,Proposal,5,2030-01-31\n"
        notes = (
            "Id,Title,Content,LinkedEntityId,CreatedDate,OwnerId\n"
            "N1,,They fear the noise.,D1,2024-02-05,Olivia Brandt\nN2,Ovens,,D1,2024-02-06,Olivia Brandt\n"
        )
        self.imported(file(deals, "deals.csv"), file(notes, "ContentNote.csv"))
        noise, ovens = Entry.objects.filter(external_id__in=["N1", "N2"]).order_by("external_id")
        assert (noise.account, noise.text, ovens.text) == (self.acme, "They fear the noise.", "Ovens")

    def test_an_activity_whose_subject_is_its_kind_is_of_that_kind(self) -> None:
        self.imported(
            file("Id,Account,Subject,Text,Date\nN1,Acme Robotics,Call,Quieter,2024-02-05\n", "notes.csv")
        )
        assert Entry.objects.get(external_id="N1").kind == "conversation"


class Quotations(ImportTestCase):
    ASKED = "Dear Olivia, does the certificate hold when a balance moves to another bench?"

    def mails(self, *texts: str) -> list[Entry]:
        rows = "".join(
            f'M{at},Acme Robotics,Re: bench,"{text}",2024-02-{at + 1:02},Email,Olivia Brandt\n'
            for at, text in enumerate(texts)
        )
        self.imported(file(f"Id,Account,Subject,Text,Date,Type,Owner\n{rows}", "mails.csv"))
        return list(Entry.objects.filter(external_id__startswith="M").order_by("external_id"))

    def test_what_a_mail_quotes_stays_where_nothing_else_has_it(self) -> None:
        (reply,) = self.mails(f"It does.\n\n> {self.ASKED}")
        assert reply.text.startswith("It does.")
        assert self.ASKED in reply.text

    def test_what_stands_in_another_entry_is_folded(self) -> None:
        asked, reply = self.mails(self.ASKED, f"It does.\n\n> {self.ASKED}")
        assert (asked.text, reply.text) == (self.ASKED, "It does.")
