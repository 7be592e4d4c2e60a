"""One world for the whole run: a person in each relation to an account, and something in every column.

What is over happens first. Then every text is marked once more: what closed handoffs froze has the older marks only,
and whoever comes back by such a door and sees a newer one sees what was written after their time.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import psycopg
from django.test import Client

from accounts.exporting.carrying_out import make as make_export
from accounts.importing.batches import stage
from accounts.importing.reading import read_file
from accounts.mail.digests import write_digest
from accounts.mail.inbound import receive
from accounts.models import (
    Account,
    Ask,
    AskedAgain,
    Cadence,
    Context,
    Countersignature,
    Coverage,
    Deal,
    Entry,
    Export,
    Fact,
    HeldMail,
    ImportBatch,
    ImportMapping,
    Letter,
    Obligation,
    Topic,
    User,
    Verdict,
    Visit,
)
from accounts.notes.preview import NotePreview
from accounts.notes.saving import save
from accounts.rules import clocks
from handoffs.models import Handoff, Inquiry, TemplateItem, Transition
from tests.base import (
    BACKEND,
    days_ago,
    in_days,
    make_account,
    make_case,
    make_champion,
    make_contact,
    make_coverage,
    make_customer,
    make_deal,
    make_entry,
    make_fact,
    make_obligation,
    make_question,
    make_stage,
    make_user,
    the_cast,
)
from tests.handoffs.steps import (
    announce,
    approve,
    dates,
    hand_over,
    hand_over_wholly,
    leave,
    read_back,
    ready_to_accept,
    write,
)

from .marks import our_models, plant
from .relations import WHAT_SELDOM_HAPPENS, answer_to

Owner = psycopg.Connection[tuple[object, ...]]

BOOK = "Id,Account,Industry,Owner,Remarks\nA1,{account},Biotech,Olivia Brandt,Our words {mark}\n"


class ProbedWorld:
    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.people: dict[str, User] = {}
        self.accounts: dict[str, Account] = {}
        self.hire()
        self.win_customers()
        for account in self.accounts.values():
            self.remember(account)
        self.some_of_it_came_from_files()
        plant(owner)
        self.read_again()
        self.what_is_over()
        plant(owner, again=True)
        self.read_again()
        self.what_is_under_way()
        plant(owner)
        self.read_again()
        self.decide_anew()
        self.end_what_they_had()
        self.what_was_taken_along()
        Client().force_login(self.people["olivia"], backend=BACKEND)
        for table, change in WHAT_SELDOM_HAPPENS.items():
            self.change(table, change)
        plant(owner)

    def read_again(self) -> None:
        """Rows as they are now that their texts are marked."""
        self.people = {name: User.objects.get(pk=user.pk) for name, user in self.people.items()}
        self.accounts = {name: Account.objects.get(pk=one.pk) for name, one in self.accounts.items()}

    def hire(self) -> None:
        cast = vars(the_cast())
        for name in ("olivia", "ines", "nils", "max", "petra", "omar", "carla"):
            self.people[name] = cast[name]
        people, petra, sales = self.people, cast["petra"], cast["max"]
        people["mona"] = make_user("Mona Bruun", User.Kind.MANAGER, reports_to=petra)
        people["rosa"] = make_user("Rosa Lind", User.Kind.MANAGER, reports_to=petra)
        people["uwe"] = make_user("Uwe Falk", reports_to=people["mona"])
        for name, whole in (("per", "Per Moen"), ("ivo", "Ivo Rask")):
            people[name] = make_user(whole, reports_to=people["rosa"])
        for name in (
            "Inka Salo",
            "Stan Okoro",
            "Rika Maas",
            "Rolf Berg",
            "Gerd Moll",
            "Lea Nord",
            "Tove Aune",
        ):
            people[name.split()[0].lower()] = make_user(name, reports_to=sales)
        self.accounts |= {name: cast[name] for name in ("acme", "borealis", "cobalt", "dunmore")}

    def win_customers(self) -> None:
        """Each account with whoever serves it; whose handoff it will be, says its name."""
        people, accounts = self.people, self.accounts
        serving = {
            "elder": people["per"],  # becomes Olivia's
            "stood": people["lea"],  # Stan stands in, and it is taken back
            "fjord": people["olivia"],  # Rika refuses it
            "gorse": people["olivia"],  # Rolf is replaced by Inka
            "halden": people["olivia"],  # Inka reads it in
            "iver": people["olivia"],  # will come to Ivo
            "jotun": people["gerd"],  # who has gone over night
            "kolding": people["tove"],  # who leaves: this one may go to Ivo
            "lunde": people["tove"],
            "mandal": people["olivia"],  # of the reorganisation: to Ivo
            "narvik": people["olivia"],  # of the same: to Ines
            "odda": people["olivia"],  # merged into Acme
            "perle": people["per"],
            "quist": people["lea"],
            "risor": people["olivia"],  # closed
        }
        for name, person in serving.items():
            accounts[name] = make_account(
                f"{name.title()} Works",
                person,
                industry="Biotech",
                region="Nordics",
                segment="Mid",
                country="NO",
            )
        make_coverage(accounts["borealis"], people["ines"], Coverage.Role.BACK_UP)
        make_coverage(accounts["acme"], people["ines"], Coverage.Role.SUPPORT)
        acme = accounts["acme"]
        for name, whole in (("pia", "Pia Sand"), ("bo", "Bo Ek")):
            people[name] = make_customer(make_contact(acme, whole, email=f"{name}@acme.example"))
        people["dara"] = make_customer(make_champion(accounts["dunmore"], "Dara Quinn"))

    def remember(self, account: Account) -> None:
        """A memory with a line of every kind, of which some are shared."""
        by = account.owner
        assert by
        champion = account.contacts.champions().first() or make_champion(
            account,
            f"Vera {account.name.split()[0]}",
            email=f"vera@{account.pk}.example",
            phone="+47 22 33 44 55",
        )
        account.rate("watch", because="Their champion is silent", by=by)
        make_stage(account, "in_value")
        note = make_entry(
            account, "They asked for the audit report.", contacts=[champion], subject="The audit"
        )
        note.share(by=by)
        make_entry(account, "Their board doubts us.", contacts=[champion])
        make_entry(account, "Thank you for the report.", kind=Entry.Kind.THANKS, by=champion).share(by=by)
        make_entry(account, "Told to nobody else.").retract(by=by, because="It was another customer")
        save(NotePreview.of(account, "They called about the invoice.", by=by), kind=Entry.Kind.NOTE)
        fact = make_fact(account, "needs", "One ledger for all sites", contact=champion)
        fact.share(by=by)
        fact.confirm(by=by, contact=champion)
        make_fact(account, "terms", "Thirty days to pay")
        make_fact(account, "terms", "Sixty days to pay", contact=champion)
        make_fact(account, "budget", "Nothing before May").retract(by=by, because="It was a guess")
        make_fact(account, Topic.STORY, "They came to us after a failed rollout")
        make_fact(account, Topic.IF_THEN, "If Vera leaves, we call purchasing")
        make_obligation(account, contact=champion, shared=True)
        make_obligation(account, "Tell our board about them", Obligation.Kind.TASK, due_in=-2)
        make_question(account, champion, shared=True).answer("In Dublin", by=by)
        make_question(account, champion, "Is it encrypted?")
        make_case(
            account, "The gate broke", Obligation.Kind.REPAIR, due_in=None, shared=True, contact=champion
        )
        make_deal(account, "Renewal", stage="Offer", product="Ledger")
        make_deal(account, "Pilot").close("won", by=by)
        Ask.make(account, Ask.Kind.FAVOUR, "May others call you?", by=by, contact=champion)
        Context.note(champion, "A new boss", in_days(60), by=by)
        Cadence.keep_to(account, "owner", 90, by=by)
        Visit.plan(
            account, "The first quarter", by=by, starts_at=clocks.now() + timedelta(days=3), contact=champion
        )
        champion.title = "Head of the finance systems"
        champion.save(update_fields=["title"])

    def some_of_it_came_from_files(self) -> None:
        for model in our_models():
            if "imported_from" in {field.name for field in model._meta.fields}:
                where = f"ctid IN (SELECT ctid FROM {model._meta.db_table} LIMIT 20)"
                by = f"imported_by_id = {self.people['omar'].pk}"
                self.change(model._meta.db_table, f"{by}, imported_from = 'book.csv, row 7' WHERE {where}")
        Entry.objects.create(
            account=self.accounts["cobalt"],
            kind=Entry.Kind.NOTE,
            at=days_ago(800),
            author_name="Sigrid Holm",
            text="Before our records began.",
        )

    def change(self, table: str, change: str) -> None:
        """As the tables' owner, past the triggers."""
        self.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        self.owner.execute(f"UPDATE {table} SET {change}")
        self.owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    # ---- What is over

    def what_is_over(self) -> None:
        people, accounts, by = self.people, self.accounts, self.people["max"]
        # a past owner, whose manager once decided on it
        hand_over_wholly(accounts["elder"], people["olivia"], by=people["per"])
        # a stand-in whose leave was taken back
        away = leave(people["lea"], people["stan"], by=by)
        for handoff in away.handoffs.all():
            ready_to_accept(handoff, by=people["lea"]).accept(by=people["lea"])
        away.undo(by=by)
        # a receiver who refused, after they had read; and one who was replaced
        refused = hand_over(accounts["fjord"], people["rika"], by=by)
        write(refused, by=people["olivia"])
        refused.return_to_writer(by=by, because="Who signs there?")
        refused.write(by=people["olivia"])
        approve(refused)
        read_back(refused)
        refused.return_read_back(by=people["olivia"], note="And Dieter?")
        refused.refuse(by=people["rika"], because="My book is full")
        replaced = hand_over(accounts["gorse"], people["rolf"], by=by)
        write(replaced, by=people["olivia"])
        approve(replaced)
        replaced.replace(people["inka"], by=by, because="Inka knows their trade")
        # one that was called off, and one that a manager decided
        hand_over(accounts["narvik"], people["rolf"], by=by).cancel(by=by, because="Not before the fair")
        hand_over(accounts["perle"], people["ivo"], by=people["petra"]).override(
            by=people["rosa"], because="Per has no time for them"
        )
        # merged, and closed
        accounts["odda"].merge_into(accounts["acme"], by=by, because="One company since spring")
        owed = {one.pk: "Nothing becomes of it" for one in accounts["risor"].obligations.open()}
        accounts["risor"].close(by=by, because="They stopped trading", outcomes=owed)
        old = make_contact(accounts["stood"], "Edda Roth", email="edda@stood.example")
        old.erase(by=people["omar"], because="She asked for it")
        self.somebody_has_gone()
        self.the_file_of_a_manager()

    def somebody_has_gone(self) -> None:
        gone, by = self.people["gerd"], self.people["max"]
        Transition.objects.open_departure(
            gone, by=by, sudden=True, because=self.reason("Gerd was dismissed"), **dates(announced=5)
        )

    def reason(self, words: str) -> str:
        """Why somebody leaves, with the mark of the column that it is for, so that every copy of it is known."""
        (number,) = self.owner.execute(
            "INSERT INTO probe.mark (account, tab, col, pk) VALUES (0, 'accounts_user', 'deactivated_because', %s)"
            " RETURNING n",
            [str(self.people["gerd"].pk)],
        ).fetchone() or (0,)
        return f"{words} mk0x{number}q"

    def the_file_of_a_manager(self) -> None:
        """Mona brings a file along that names an account she may not see, with words of her own."""
        (number,) = self.owner.execute(
            "INSERT INTO probe.mark (account, tab, col, pk) VALUES (0, 'accounts_importrow', 'cells', '0') RETURNING n"
        ).fetchone() or (0,)
        book = BOOK.format(account=self.accounts["cobalt"].name, mark=f"mk0x{number}q")
        for name in ("mona", "max"):
            stage(read_file("accounts.csv", book.encode()), by=self.people[name])
            ImportMapping.keep(
                f"How {name} reads", shape=f"{name}", kind="account", columns={}, by=self.people[name]
            )

    # ---- What is under way

    def what_is_under_way(self) -> None:
        people, accounts, by = self.people, self.accounts, self.people["max"]
        write(hand_over(accounts["halden"], people["inka"], by=by), by=people["olivia"])
        soon = hand_over(accounts["iver"], people["ivo"], by=by, **dates(9, 20, 15))
        write(soon, by=people["olivia"])
        handoff = Handoff.objects.get(account=accounts["halden"])
        handoff.hold_out(in_days(9), by=by, because="Their audit comes first")
        handoff.items.filter(obligation=None)[0].waive(by=people["olivia"], because="They know each other")
        theirs = accounts["halden"].contacts.present()[0]
        Letter.write(
            theirs,
            signed_by=people["inka"],
            account=accounts["halden"],
            subject="A word",
            text="I begin soon",
        )
        about = "How they decide: the board, in June"
        ask = partial(Inquiry.ask, handoff, by=people["inka"], line="", about=about)
        ask("Who signs?", to=people["olivia"])
        ask("Why not in May?", to=by).answer("Their audit is in May", by=by)
        announce(hand_over(accounts["acme"], people["ines"], by=by, **dates(0, 20, 0)))
        self.a_leaver()
        lines = [
            (accounts["mandal"], people["ivo"], "He knows mines"),
            (accounts["narvik"], people["ines"], "She knows ports"),
        ]
        reorg = Transition.objects.open_reorg(
            "By industry", lines, by=people["omar"], because="Less travel", **dates()
        )
        reorg.submit(by=people["omar"])
        won = Deal.objects.get(account=accounts["borealis"], name__startswith="Pilot")
        Transition.objects.open_sale_to_success(
            won, people["ines"], by=by, because="It is in use now", **dates(announced=7)
        ).start(by=by).run()
        self.what_they_told_us()
        TemplateItem.objects.create(
            kind="departure",
            when="always",
            part="people",
            text="Who signs there?",
            why="Else it waits",
            proof="person",
        )

    def a_leaver(self) -> None:
        """Tove's departure is planned: one of her accounts may go to a rep of another manager."""
        people, by = self.people, self.people["max"]
        leaving = Transition.objects.open_departure(
            people["tove"], by=by, because="Tove moves to Lisbon", last_day=in_days(14), **dates(9, 14, 7)
        )
        for move in leaving.moves.filter(account=self.accounts["kolding"]):
            move.assign(people["ivo"], by=by, because="He is near them")
        theirs = Fact.objects.of(self.accounts["kolding"]).live()[0]
        Countersignature.ask("retract", theirs, by=people["tove"], words="It was said in anger").decline(
            by=by, note="Ask them first"
        )
        away = Transition.objects.open_leave(
            people["lea"],
            by=by,
            because="Lea stays",
            starts_on=in_days(5),
            return_on=in_days(9),
            access_on=in_days(1),
            announced_on=in_days(6),
        )
        away.cancel(by=by, because="She is not away after all")

    def what_they_told_us(self) -> None:
        acme, carla, by = self.accounts["acme"], self.people["carla"], self.people["olivia"]
        assert carla.contact
        checked = Obligation.owe(
            acme, Obligation.Kind.VISIT, "Check in", by=by, check_in=90,
            after_deal=make_deal(acme, "The first", closed_at=days_ago(90), outcome=Deal.Outcome.WON),
        )  # fmt: skip
        asked = Ask.same_choice(checked, by=by)
        Verdict.give(acme, "unsure", contact=carla.contact, by=carla, words="Not before the audit", ask=asked)
        AskedAgain.mark(acme.facts.live().shared()[0], by=carla)
        letter = Letter.objects.filter(to=carla)[0]
        for mail in (answer_to(letter), answer_to(letter, "once more")):
            receive(mail)  # which nothing proves, so it waits for a person
        HeldMail.objects.all()[0].set_aside(by=by, because="It is no answer")
        write_digest(self.people["max"])

    def decide_anew(self) -> None:
        """The memory has changed since: what was approved is approved as it stands."""
        for handoff in Handoff.objects.open().filter(written_at__isnull=False):
            approve(handoff)
        handoff = Handoff.objects.get(account=self.accounts["halden"])
        read_back(handoff)

    def what_was_taken_along(self) -> None:
        """Files that wait to be downloaded, of a list and of an account; and one that could not be made."""
        acme = self.accounts["acme"]
        for name in ("olivia", "max", "omar"):
            by = self.people[name]
            make_export(Export.ask(by=by, shape="csv", what="All accounts", total=9))
            make_export(Export.ask(by=by, shape="json", what=acme.name, total=1, account=acme))
        failed = Export.ask(by=self.people["nils"], shape="xlsx", what="In Learning", total=9, query="q=In")
        failed.fail("A workbook holds so many rows")

    def end_what_they_had(self) -> None:
        pia, bo = self.people["pia"].contact, self.people["bo"].contact
        assert pia
        assert bo
        pia.left_on = in_days(-1)
        pia.save(update_fields=["left_on"])
        bo.end_invitation(by=self.people["max"])
        for batch in ImportBatch.objects.filter(created_by=self.people["max"]):
            batch.discard(by=self.people["max"])
