"""Every address of the site, four ways: it works; what is not yours is not there; what you may not do is refused;
the wrong method is told so.

One table lists them all. A URL that is missing from it fails the tests, and so does one that is gone. Each request
runs in a savepoint that is rolled back, so everybody finds the same world.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import Any
from unittest import mock
from urllib.parse import unquote

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.test import Client, TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.adapter import SignInAdapter
from accounts.calendars.reading import CalendarEvent
from accounts.calendars.taking import CalendarImport
from accounts.exporting.carrying_out import make as make_export
from accounts.importing.batches import say_what_it_holds, stage
from accounts.importing.reading import read_file
from accounts.models import (
    Account,
    AccountMerge,
    Ask,
    Cadence,
    Contact,
    Context,
    Countersignature,
    Coverage,
    Deal,
    Entry,
    EntryReading,
    Export,
    HeldMail,
    Letter,
    Obligation,
    Original,
    Passage,
    Session,
    User,
)
from accounts.models.letter_sets import PAGE_SIGNER
from accounts.notes.preview import NotePreview
from accounts.notes.saving import save
from accounts.rules import clocks
from accounts.unsent import WRITER, mark_of
from config.urls import NOT_HERE
from handoffs.models import ChecklistItem, Inquiry, JobRun, Move, TemplateItem, Transition
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
    make_user,
    the_cast,
)
from tests.handoffs.steps import WORDS, announce, approve, dates, departure, hand_over, read_back, write

CODE = "QWRT-ZXCV"
KEY = {"once": "of this form"}
WRITE = re.compile(r"\W*(INSERT|UPDATE|DELETE|WITH)\b")
BOOK = "Id,Account,Industry,Owner\nA1,Fennel Labs,Biotech,Olivia Brandt\n"
REORG = "account,new owner,reason\nCobalt Mining,Sven Berg,She knows mining\n"


class World:
    """The cast with something at every step.

    Tove   leaves; her four accounts are at four steps of their handoffs to Ines.
    Rosa   manages another team (nobody in it sees Max's accounts); Gerd has left Max's team.
    Dara   is the customer of another account.
    """

    def __init__(self) -> None:
        self.the_people(vars(the_cast()))
        self.the_memory_of_acme()
        self.the_plans()
        self.the_handoffs()

    def the_people(self, cast: dict[str, Any]) -> None:
        self.petra: User = cast["petra"]
        self.max: User = cast["max"]
        self.olivia: User = cast["olivia"]
        self.ines: User = cast["ines"]
        self.nils: User = cast["nils"]
        self.omar: User = cast["omar"]
        self.carla: User = cast["carla"]
        self.acme: Account = cast["acme"]
        self.borealis: Account = cast["borealis"]
        self.cobalt: Account = cast["cobalt"]
        self.champion: Contact = cast["champion"]
        self.dieter: Contact = cast["dieter"]
        self.rosa = make_user("Rosa Lind", User.Kind.MANAGER, reports_to=self.petra)
        self.tove = make_user("Tove Aune", reports_to=self.max)
        self.gerd = make_user("Gerd Moll", reports_to=self.max, is_active=False)
        self.una = make_user("Una Ek", reports_to=self.max)
        self.una.end_access(by=self.max, because="She went over night")  # and nothing of hers has moved yet
        self.pia = make_contact(self.acme, "Pia Sand", email="pia@acme.example")
        self.dara = make_customer(make_champion(cast["dunmore"], "Dara Quinn"))
        make_coverage(self.borealis, self.ines, Coverage.Role.BACK_UP)
        now = clocks.now()
        self.elsewhere = Session.objects.create(
            session_key="e0",
            user=self.olivia,
            started_at=now,
            used_at=now,
            expire_date=now + timedelta(days=9),
        )
        #: People of other teams, to whom nothing of Max's team exists.
        self.others = (self.nils, self.rosa)

    def the_memory_of_acme(self) -> None:
        acme, champion = self.acme, self.champion
        self.entry: Entry = make_entry(acme, contacts=[champion])
        make_entry(acme, "Never ring her in the morning.")
        EntryReading.read_all()
        self.passage = Passage.objects.get()
        make_entry(acme, "Never ring him on Fridays.")
        EntryReading.read_all()
        self.sorted = Passage.objects.exclude(pk=self.passage.pk).get().become_nothing(by=self.olivia)
        self.note = save(NotePreview.of(acme, "They called.", by=self.olivia), kind=Entry.Kind.NOTE)
        self.fact = make_fact(acme)
        self.told = make_fact(acme, "needs", "One ledger for all sites", contact=champion)
        self.told.share(by=self.olivia)
        self.context = Context.note(self.dieter, "His first big purchase", in_days(60), by=self.olivia)
        self.terms = make_fact(acme, "terms", "Sixty days to pay", contact=champion)
        self.other_terms = make_fact(acme, "terms", "Thirty days to pay")
        self.promise = make_obligation(acme, contact=champion)
        self.kept = make_obligation(acme, "Send the list")
        self.kept.keep(by=self.olivia)
        self.repair = make_case(acme, "The gate broke", Obligation.Kind.REPAIR, due_in=None)
        self.cadence = Cadence.keep_to(acme, "owner", 90, by=self.olivia)
        self.visit: Obligation = self.cadence.visits.get()
        self.question = make_question(acme, champion, shared=True)
        self.answered = make_question(acme, champion, "Where is it kept?", shared=True)
        self.answered.answer("In Dublin", by=self.olivia)
        self.feedback = make_case(
            acme, "The export is slow", Obligation.Kind.FEEDBACK, by=self.carla, contact=champion, shared=True
        )
        self.asked = Ask.make(acme, Ask.Kind.FAVOUR, "May others call you?", by=self.olivia, contact=champion)
        self.deal: Deal = make_deal(acme)
        self.won: Deal = make_deal(self.borealis, "Pilot")
        self.won.close("won", by=self.olivia)
        #: What success is given of a further sale, where somebody looks after it already.
        fjord = make_account("Fjord Dairy", self.olivia)
        make_coverage(fjord, self.ines, Coverage.Role.BACK_UP)
        self.sven = make_user("Sven Berg", reports_to=self.max)
        make_coverage(fjord, self.sven, Coverage.Role.SUCCESS)
        self.won_again: Deal = make_deal(fjord, "Second line")
        make_obligation(fjord, "Two more gates")
        self.won_again.close("won", by=self.olivia)
        self.team: Coverage = acme.coverage.owners().get()
        self.the_question_at_day_90()
        self.letter = Letter.write(self.max, signed_by=self.olivia, subject="Look", text="At this")
        self.held = HeldMail.objects.create(
            letter=self.letter,
            account=acme,
            contact=champion,
            text="It suits me",
            at=days_ago(1),
            received_at=days_ago(1),
            because="Nothing proves it.",
            external_id="mail:1",
        )
        self.entry_read = make_entry(acme, "It suits us")
        Original.of_mail(self.held, b"From: carla@acme.example\n\nIt suits me", "")
        Original.of_mail(self.entry_read, b"<p>It suits us</p>", "")
        kestrel = make_account("Kestrel Glass", self.ines)
        with transaction.atomic():
            kestrel.coverage.owners().pass_to(self.max, by=self.petra, because="Too many for one")
        self.after_a_change = make_question(kestrel, make_contact(kestrel, "Jo Lund"))
        lunde, again = make_account("Lunde Mills", self.olivia), make_account("Lunde Mill", self.olivia)
        again.merge_into(lunde, by=self.max, because="One mill")
        self.merged = AccountMerge.objects.get()
        self.batch, _ = stage(read_file("accounts.csv", BOOK.encode()), by=self.max)
        said = {"external_id": 0, "name": 1, "owner": 3}
        say_what_it_holds(self.batch, self.batch.files.get(), "account", said, by=self.max)
        asked: dict[str, Any] = {"by": self.olivia, "what": "All accounts", "total": 2}
        self.taken = Export.ask(**asked, shape="csv", account=acme)
        make_export(self.taken)
        self.making, self.lost = Export.ask(**asked, shape="csv"), Export.ask(**asked, shape="json")
        Export.objects.filter(pk=self.lost.pk).update(heartbeat_at=days_ago(1))

    def the_question_at_day_90(self) -> None:
        """Acme was asked it; Iver Glass could be."""
        iver = make_account("Iver Glass", self.olivia)
        make_customer(make_contact(iver, "Bo Ek"))
        owe: dict[str, Any] = {
            "kind": Obligation.Kind.VISIT,
            "text": "Check in",
            "by": self.olivia,
            "check_in": 90,
        }
        won: dict[str, Any] = {"closed_at": days_ago(90), "outcome": Deal.Outcome.WON}
        asked, self.ninety = (
            Obligation.owe(account, **owe, after_deal=make_deal(account, "The first", **won))
            for account in (self.acme, iver)
        )
        self.feedback.decide("planned", "In May", by=self.olivia)
        self.choice = Ask.same_choice(asked, by=self.olivia)
        self.feedback.reopen(because="In which year?", by=self.carla)

    def the_plans(self) -> None:
        """Olivia's departure, still being planned, and a reorganisation that waits for Max."""
        plan = dates(accountable=14, announced=7) | {"because": "Olivia moves to Lisbon"}
        self.leaving = Transition.objects.open_departure(
            self.olivia, by=self.max, last_day=in_days(14), **plan
        )
        self.move: Move = self.leaving.moves.get(account=self.borealis)
        line = (self.borealis, self.ines, "She knows food")
        self.reorg = Transition.objects.open_reorg(
            "Nordics", [line], by=self.omar, because="By industry", **dates()
        )
        self.reorg.submit(by=self.omar)
        self.template: TemplateItem = TemplateItem.objects.all()[0]

    def the_handoffs(self) -> None:
        """Acme's, which Carla was told of; and those of Tove's accounts, each a step further than the last."""
        self.handoff = hand_over(self.acme, self.ines, by=self.max)
        announce(self.handoff)
        self.item: ChecklistItem = self.handoff.items.filter(proof="person")[0]
        for name in ("Elling Yards", "Fjord Lines", "Gorse Energy", "Halden Paper"):
            make_obligation(make_account(name, self.tove), f"Write to {name}")
        self.begun = departure(self.tove, self.ines, by=self.max, announced_on=in_days(7))
        self.job: JobRun = self.begun.jobs.get()
        steps = list(self.begun.handoffs.all())
        self.filled, self.written, self.approved, self.said = steps
        for handoff in steps:
            write(handoff, by=self.tove)
        self.filled.return_to_writer(by=self.max, because="Say more about their purchasing")
        for handoff in (self.approved, self.said):
            approve(handoff)
        read_back(self.said)
        promise: Obligation = self.said.account.obligations.get()
        self.countersigned = Countersignature.ask("keep", promise, by=self.tove)
        self.inquiry = Inquiry.ask(self.approved, "Who signs?", to=self.tove, by=self.ines, line="", about="")


# ---- The table

#: Why nobody who sees a page is refused there.
WHOEVER_SEES_IT = "whoever sees the account may do it"
ALL_OF_US = "every colleague may"
ALL_OF_THEM = "every contact of the account may"
EVERYBODY = "everybody may, signed in or not"
#: Why there is nobody from whom it is hidden.
ONES_OWN = "everybody sees what is theirs in it"
WHOLE_HOUSE = "it is the whole organisation's"
COLLEAGUES = "colleagues know of each other"

Some = tuple[User, ...] | str


@dataclass(frozen=True)
class Address:
    """One URL, and what it answers to whom."""

    name: str
    args: tuple[Any, ...]
    who: User | None  # somebody who may; nobody: whoever is not signed in
    reads: int | None  # what GET answers; nothing: it is no page
    sends: int | None  # what POST answers; nothing: it only shows
    not_yours: Some  # those to whom it does not exist, or why there is nobody
    not_allowed: Some  # those who see it and may not do it, or why there is nobody
    fields: dict[str, Any] = field(default_factory=dict)
    they_may_read: bool = False  # these may open the page nevertheless
    customers: int | None = 404  # what a customer gets there; nothing: it is theirs, and staff get 404
    public: bool = False  # sign-in is not asked for
    changes: bool = True  # POST changes something that we keep
    first: Callable[[Client], object] | None = None  # what has to happen in the browser before

    @property
    def url(self) -> str:
        return reverse(self.name, args=self.args)

    @property
    def requests(self) -> list[tuple[str, dict[str, Any], int]]:
        """Its methods, each with what is sent and with what it answers when it works."""
        reading: list[tuple[str, dict[str, Any], int]] = (
            [] if self.reads is None else [("get", {}, self.reads)]
        )
        return reading if self.sends is None else [*reading, ("post", self.fields, self.sends)]


def page(name: str, who: User | None, *args: Any, **rest: Any) -> Address:
    """Something to read."""
    return Address(name, keys(args), who, **({"reads": 200, "sends": None} | rest))


def form(name: str, who: User | None, *args: Any, **rest: Any) -> Address:
    """A page with a form that is sent to the same address."""
    return Address(name, keys(args), who, **({"reads": 200, "sends": 302} | rest))


def verb(name: str, who: User | None, *args: Any, **rest: Any) -> Address:
    """Something that is done by pressing a button elsewhere."""
    return Address(name, keys(args), who, **({"reads": None, "sends": 302} | rest))


def keys(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(arg.pk if isinstance(arg, models.Model) else arg for arg in args)


def what_is_asked_and_reported(w: World) -> list[Address]:
    seen: dict[str, Any] = {"not_yours": w.others, "not_allowed": WHOEVER_SEES_IT}
    lists: dict[str, Any] = {"not_yours": ONES_OWN, "not_allowed": ALL_OF_US}
    verdict = {"contact": w.champion.pk, "answer": "unsure", "words": "Not before the audit"}
    incident = {"account": w.acme.name, "text": "Billed twice", "severity": "hinders"}
    return [
        page("unanswered", w.olivia, **lists),
        form("ask_list", w.olivia, w.acme, **seen, fields={"kind": "favour", "what": "A photo"}),
        form("verdict_new", w.olivia, w.acme, **seen, fields=verdict),
        page("verdict_list", w.max, not_yours=ONES_OWN, not_allowed=(w.olivia, w.nils)),
        verb("obligation_ask", w.olivia, w.ninety, **seen),
        form("cadence_list", w.olivia, w.acme, **seen, fields={"role": "success", "every_days": 30}),
        verb("cadence_stop", w.olivia, w.cadence, **seen),
        page("incident_list", w.nils, **lists),
        form("incident_new", w.nils, **lists, fields=incident),
        page("obstacle_list", w.max, not_yours=ONES_OWN, not_allowed=(w.olivia, w.nils)),
    ]


def every_address(w: World) -> list[Address]:
    """Each URL of the site once."""
    return [
        *the_way_in(w),
        *the_book(w),
        *what_is_known(w),
        *what_is_owed(w),
        *what_is_asked_and_reported(w),
        *the_people(w),
        *the_imports(w),
        *the_exports(w),
        *the_letters(w),
        *the_plans(w),
        *the_approvals(w),
        *the_rooms(w),
        *the_customers_own(w),
    ]


def the_way_in(w: World) -> list[Address]:
    def asks_for_a_code(client: Client) -> None:
        client.post(reverse("account_login"), {"email": w.olivia.email})

    def writes_after_the_session_ended(client: Client) -> None:
        client.logout()
        client.post(
            reverse("account_note", args=[w.acme.pk]),
            {"text": "They called", "kind": "note", WRITER: mark_of(w.olivia)},
        )
        client.force_login(w.olivia, backend=BACKEND)

    free: dict[str, Any] = {"not_yours": EVERYBODY, "not_allowed": EVERYBODY, "customers": 200}
    public = free | {"public": True}
    nowhere = free | {"reads": 404, "sends": 404, "customers": 404, "public": True}
    email = {"fields": {"email": w.olivia.email}, "changes": False}
    code = {"fields": {"code": CODE}, "first": asks_for_a_code, "customers": 302}
    asked = signing.dumps([w.olivia.pk, w.olivia.email, "olivia@new.example", w.max.pk], salt="address")
    told = Letter.write(w.dieter, signed_by=w.olivia, account=w.acme, subject="x", text="x")
    letter = PAGE_SIGNER.sign(str(told.pk))
    kept: dict[str, Any] = {"first": writes_after_the_session_ended, "changes": False}
    return [
        page("health", None, **public),
        form("account_login", None, **public | email | {"customers": 302}),
        form("account_request_login_code", None, **public | email | {"customers": 302}),
        form("account_confirm_login_code", None, **public | code),
        form("account_logout", w.olivia, **public, changes=False),
        form("address_change", None, asked, **public),
        page("letter_page", None, letter, **public),
        page("session_list", w.olivia, **free),
        verb("session_end_others", w.olivia, **free | {"customers": 302}, changes=False),
        verb(
            "session_end", w.olivia, w.elsewhere.name, not_yours=w.others, not_allowed=ONES_OWN, changes=False
        ),
        page("cast", None, **public),
        verb("cast_sign_in", None, w.ines, **public | {"customers": 302}),
        form("unsent", w.olivia, **free | kept | {"fields": {"away": "1"}, "customers": 302}),
        *[form(name, None, **nowhere) for name in NOT_HERE],
        page("today", w.olivia, not_yours=ONES_OWN, not_allowed=ALL_OF_US, customers=302),
        page("search", w.olivia, not_yours=ONES_OWN, not_allowed=ALL_OF_US),
    ]


def the_book(w: World) -> list[Address]:
    lists: dict[str, Any] = {"not_yours": ONES_OWN, "not_allowed": ALL_OF_US}
    seen: dict[str, Any] = {"not_yours": w.others, "not_allowed": WHOEVER_SEES_IT}
    owners: dict[str, Any] = {"not_yours": w.others, "not_allowed": (w.ines,)}
    new = {"name": "Eider Wool", "owner": w.olivia.pk, "time_zone": "UTC"}
    joins = {"person": w.nils.pk, "role": "support", "because": "He knows robots"}
    merge = {"other": w.cobalt.pk, "because": "One company since spring"}
    note = {"text": "They called", "kind": "conversation"}
    sort = {"entry": w.passage.reading_id, "start": w.passage.start, "became": "fact"}
    sort |= {"topic": "budget", "text": w.passage.text}
    return [
        page("account_list", w.olivia, **lists),
        form("account_new", w.olivia, **lists, fields=new),
        page("account", w.olivia, w.acme, **seen),
        page("account_as_of", w.olivia, w.acme, **seen),
        page("account_effort", w.olivia, w.acme, **seen),
        page("account_printed_brief", w.olivia, w.acme, **seen),
        page("account_relationship_chart", w.olivia, w.acme, **seen),
        form("account_story", w.olivia, w.acme, **seen, fields={"text": "They came after a failed rollout."}),
        form("passage_list", w.olivia, w.acme, **seen, fields=sort),
        verb("sorted_undo", w.olivia, w.sorted, **seen),
        form("account_read", w.olivia, w.acme, **seen, fields={"entry": w.entry.pk}),
        page("account_stakeholder_map", w.olivia, w.acme, **seen),
        form("account_edit", w.olivia, w.acme, **seen, fields={"name": "Acme Robots", "time_zone": "UTC"}),
        form("account_condition", w.olivia, w.acme, **seen, fields={"condition": "urgent", "because": "No"}),
        form("account_stage", w.olivia, w.acme, **seen, fields={"stage": "renewal", "evidence": "They ask"}),
        form("account_close", w.max, w.borealis, **owners, fields={"because": "They stopped trading"}),
        form(
            "account_merge",
            w.max,
            w.borealis,
            not_yours=(w.rosa,),
            not_allowed=(w.olivia, w.nils),
            fields=merge,
        ),
        *the_duplicates(w),
        form("account_team", w.olivia, w.acme, **owners, fields=joins),
        page("account_call", w.olivia, w.acme, **seen),
        form("note_new", w.olivia, **lists, fields=note | {"account": w.acme.pk}),
        form("account_note", w.olivia, w.acme, **seen, fields=note),
        verb("note_preview", w.olivia, **lists, sends=200, changes=False, fields={"text": "They called"}),
        form("entry_undo", w.olivia, w.note, **owners),
        verb("entry_share", w.olivia, w.entry, **seen),
        form("entry_retract", w.olivia, w.entry, **owners, fields={"because": "It was another customer"}),
        form("deal_new", w.olivia, w.acme, **seen, fields=a_deal(w)),
        form("deal", w.olivia, w.deal, **seen, fields=a_deal(w)),
        form("deal_close", w.max, w.deal, **seen, fields={"outcome": "won"}),
    ]


def a_file() -> dict[str, Any]:
    file = SimpleUploadedFile("mine.ics", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")
    return {"file": file, "zone": "Europe/Berlin"}


def what_was_shown(w: World) -> dict[str, Any]:
    """What the page on which a calendar was read sends on."""
    event = CalendarEvent("ics:one:", "The audit", in_days(9), ("carla@acme.example",))
    plan = CalendarImport.of([event], w.olivia, timezone.now())
    shown = signing.dumps([event.as_json()], salt=f"accounts.calendar:{w.olivia.pk}", compress=True)
    return {"events": shown, "expecting": plan.fingerprint}


def a_meeting() -> dict[str, Any]:
    return {"text": "The first quarter", "on": in_days(9), "hour": "14:30"}


def a_deal(w: World) -> dict[str, Any]:
    return {"kind": "opportunity", "name": "Second site", "holder": w.olivia.pk, "currency": "EUR"}


def what_is_known(w: World) -> list[Address]:
    seen: dict[str, Any] = {"not_yours": w.others, "not_allowed": WHOEVER_SEES_IT}
    owners: dict[str, Any] = {"not_yours": w.others, "not_allowed": (w.ines,)}
    answer = {"text": "Close the books in two days", "provenance": "inferred"}
    erase = {"because": "She asked for it"}
    disagree = {"other": w.other_terms.pk}
    return [
        form("contact_new", w.olivia, w.acme, **seen, fields={"name": "Edda Roth"}),
        form("contact", w.olivia, w.dieter, **seen, fields={"name": "Dieter Kroll"}),
        form(
            "contact_context", w.olivia, w.dieter, **seen, fields={"text": "A new boss", "until": in_days(30)}
        ),
        verb("context_end", w.olivia, w.context, **seen),
        verb("contact_invite", w.olivia, w.pia, **owners),
        verb("contact_end_invitation", w.olivia, w.champion, **owners),
        form(
            "contact_erase",
            w.omar,
            w.pia,
            not_yours="operations see every account",
            not_allowed=(w.olivia, w.max, w.nils),
            fields=erase,
        ),
        form("fact_new", w.olivia, w.acme, **seen, fields=answer | {"topic": "budget"}),
        form("fact", w.olivia, w.fact, **seen, fields=answer),
        verb("fact_confirm", w.olivia, w.fact, **seen, fields={"contact": w.champion.pk}),
        verb("fact_share", w.olivia, w.fact, **seen),
        verb("fact_settle", w.olivia, w.terms, **seen, fields=disagree | {"because": "The contract says so"}),
        verb("fact_hold_both", w.olivia, w.terms, **seen, fields=disagree),
        form("fact_retract", w.olivia, w.fact, **seen, fields={"because": "It was a guess"}),
    ]


def what_is_owed(w: World) -> list[Address]:
    seen: dict[str, Any] = {"not_yours": w.others, "not_allowed": WHOEVER_SEES_IT}
    owe = {"kind": "task", "text": "Send the offer", "urgency": "normal"}
    agree = {"contact": w.champion.pk, "words": "That settles it"}
    return [
        page("obligation_list", w.olivia, not_yours=ONES_OWN, not_allowed=ALL_OF_US),
        form(
            "calendar",
            w.olivia,
            not_yours=ONES_OWN,
            not_allowed=ALL_OF_US,
            sends=200,
            changes=False,
            fields=a_file(),
        ),
        verb("calendar_take", w.olivia, not_yours=ONES_OWN, not_allowed=ALL_OF_US, fields=what_was_shown(w)),
        form(
            "account_let_be", w.olivia, w.acme, **seen, fields={"because": "Holidays", "until": in_days(30)}
        ),
        form("meeting_new", w.olivia, w.acme, **seen, fields=a_meeting()),
        form("obligation_new", w.olivia, w.acme, **seen, fields=owe),
        page("obligation", w.olivia, w.promise, **seen),
        verb("obligation_keep", w.olivia, w.promise, **seen),
        verb("obligation_undo", w.olivia, w.kept, **seen),
        verb("obligation_move", w.olivia, w.promise, **seen, fields={"to": in_days(20), "because": "Fair"}),
        verb("obligation_hand", w.olivia, w.promise, **seen, fields={"colleague": w.nils.pk}),
        verb("obligation_source", w.max, w.after_a_change, **seen, fields={"where": "memory"}),
        verb("obligation_share", w.olivia, w.promise, **seen),
        verb("obligation_answer", w.olivia, w.question, **seen, fields={"text": "All of it, as a file"}),
        verb("obligation_make_good", w.olivia, w.repair, **seen, fields={"text": "Sent another one"}),
        verb("obligation_escalate", w.olivia, w.question, **seen, fields={"because": "It stops them"}),
        verb("obligation_drop", w.olivia, w.visit, **seen, fields={"because": "They come to us"}),
        verb("obligation_agree", w.olivia, w.answered, **seen, fields=agree),
        verb("obligation_reopen", w.olivia, w.answered, **seen, fields={"because": "Which county?"}),
        verb(
            "obligation_decide",
            w.olivia,
            w.feedback,
            **seen,
            fields={"decision": "planned", "because": "In May"},
        ),
    ]


def the_people(w: World) -> list[Address]:
    ours: dict[str, Any] = {"not_yours": COLLEAGUES, "not_allowed": (w.olivia,)}
    team: dict[str, Any] = {"not_yours": COLLEAGUES, "not_allowed": (w.ines, w.rosa)}
    second: dict[str, Any] = {"not_yours": w.others, "not_allowed": (w.tove, w.ines)}
    joins = {"name": "Juno Falk", "email": "juno@vendor.example", "kind": "rep", "reports_to": w.max.pk}
    edited = joins | {"name": "Ines Carvalho", "email": w.ines.email, "title": "Key accounts"}
    departs = {"when": "planned", "because": "She moves to Porto", "last_day": in_days(14)}
    away = {"because": "Three weeks away", "access_on": in_days(0), "announced_on": in_days(3)}
    return [
        page("person_list", w.olivia, not_yours=COLLEAGUES, not_allowed=ALL_OF_US),
        page("person", w.olivia, w.ines, not_yours=COLLEAGUES, not_allowed=ALL_OF_US),
        page("asked_before", w.max, **ours),
        page("countersignature_list", w.max, not_yours=ONES_OWN, not_allowed=ALL_OF_US),
        verb("countersignature_agree", w.max, w.countersigned, **second),
        verb("countersignature_decline", w.max, w.countersigned, **second, fields={"note": "Not yet"}),
        page("team_if_left", w.max, **ours),
        page("person_if_left", w.max, w.ines, not_yours=COLLEAGUES, not_allowed=(w.olivia, w.rosa)),
        form("person_new", w.max, **ours, fields=joins),
        form(
            "address_list",
            w.omar,
            not_yours=COLLEAGUES,
            not_allowed=(w.max, w.olivia),
            sends=200,
            changes=False,
            fields={"list": "Ines Carvalho, ines@vendor.example"},
        ),
        form("person_edit", w.max, w.ines, **team, fields=edited),
        form("person_deactivate", w.max, w.ines, **team, fields={"because": "She went over night"}),
        verb("person_move_book", w.max, w.una, **team),
        verb("person_reactivate", w.omar, w.gerd, not_yours=COLLEAGUES, not_allowed=(w.max, w.ines)),
        page("transition_new", w.max, **ours),
        form("departure_new", w.max, w.ines, **team, fields=departs | dates(accountable=14, announced=7)),
        form(
            "leave_new",
            w.max,
            w.ines,
            **team,
            fields=away | {"starts_on": in_days(7), "return_on": in_days(28)},
        ),
    ]


def the_letters(w: World) -> list[Address]:
    house: dict[str, Any] = {"not_yours": WHOLE_HOUSE, "not_allowed": (w.max, w.olivia)}
    seen: dict[str, Any] = {"not_yours": w.others, "not_allowed": WHOEVER_SEES_IT}
    return [
        page("letter_list", w.omar, **house),
        verb("letter_try_again", w.omar, w.letter, **house),
        form("letter_give_up", w.omar, w.letter, **house, fields={"because": "Told on the telephone"}),
        page("held_mail_list", w.olivia, not_yours=ONES_OWN, not_allowed=ALL_OF_US),
        verb("held_mail_take", w.olivia, w.held, **seen),
        form("held_mail_set_aside", w.olivia, w.held, **seen, fields={"because": "Never wrote it"}),
        page("held_mail_original", w.olivia, w.held, **seen),
        page("entry_original", w.olivia, w.entry_read, **seen),
    ]


def the_imports(w: World) -> list[Address]:
    house: dict[str, Any] = {"not_yours": ONES_OWN, "not_allowed": (w.olivia,)}
    own: dict[str, Any] = {"not_yours": (w.rosa, w.petra), "not_allowed": (w.olivia, w.nils)}
    upload = {"files": SimpleUploadedFile("book.csv", BOOK.encode())}
    return [
        page("import_list", w.max, **house),
        form("import_new", w.max, **house, reads=302, fields=upload),
        page("import_batch", w.max, w.batch, **own),
        verb("import_answers", w.max, w.batch, **own, fields={"answer:name:Olivia Brandt": "Olivia"}),
        verb("import_encoding", w.max, w.batch, 0, **own, fields={"encoding": "cp1252"}),
        form("import_mapping", w.max, w.batch, 0, **own, fields={"kind": "ignore"}),
        verb("import_mapping_refuse", w.max, w.batch, 0, **own),
        verb("import_apply", w.max, w.batch, **own, fields={"expecting": w.batch.fingerprint}),
        verb("import_discard", w.max, w.batch, **own),
        page("import_tray", w.max, w.batch, **own),
        page("import_tray_file", w.max, w.batch, **own),
    ]


def the_exports(w: World) -> list[Address]:
    """Operations read in the log that Olivia took something along; the file is hers."""
    lists: dict[str, Any] = {"not_yours": ONES_OWN, "not_allowed": ALL_OF_US}
    read: dict[str, Any] = {"not_yours": (w.max, *w.others), "not_allowed": ONES_OWN}
    own: dict[str, Any] = {"not_yours": (w.max, *w.others), "not_allowed": (w.omar,)}
    shape = {"shape": "csv"}
    return [
        page("export_list", w.olivia, **lists),
        form("export_new", w.olivia, **lists, fields={"shape": "xlsx"}),
        form(
            "account_export",
            w.olivia,
            w.borealis,
            not_yours=w.others,
            not_allowed=WHOEVER_SEES_IT,
            fields=shape,
        ),
        page("export", w.olivia, w.taken, **read),
        page("export_file", w.olivia, w.taken, **own),
        verb("export_stop", w.olivia, w.making, **own),
        verb("export_start_again", w.olivia, w.lost, **own),
    ]


def the_plans(w: World) -> list[Address]:
    """Olivia reads the plan of her own departure; it is not hers to make."""
    seen: dict[str, Any] = {"not_yours": w.others, "not_allowed": "whoever sees the change may read it"}
    plans: dict[str, Any] = {"not_yours": w.others, "not_allowed": (w.olivia,)}
    successors = {f"to-{move.pk}": w.ines.pk for move in w.leaving.moves.all()}
    one = {f"to-{w.move.pk}": w.ines.pk}
    row = w.borealis.coverage.owners().get()
    handover = {"coverage": row.pk, "incoming": w.sven.pk, "because": "A smaller book"} | dates(announced=7)
    success = {"success": w.ines.pk, "because": "It is in use now"} | dates(announced=7)
    reorg = {"name": "By industry", "because": "Less travel", "list": REORG} | dates(announced=7)
    return [
        page("transition_list", w.olivia, not_yours=ONES_OWN, not_allowed=ALL_OF_US),
        form(
            "handover_new", w.olivia, w.borealis, not_yours=w.others, not_allowed=(w.ines,), fields=handover
        ),
        form(
            "sale_to_success_new", w.olivia, w.won, not_yours=w.others, not_allowed=(w.ines,), fields=success
        ),
        verb("deal_give_to_success", w.olivia, w.won_again, not_yours=w.others, not_allowed=(w.ines,)),
        form("reorg_new", w.max, not_yours=WHOLE_HOUSE, not_allowed=(w.olivia,), fields=reorg),
        page("transition", w.olivia, w.leaving, **seen),
        verb("transition_choose", w.max, w.leaving, **plans, fields=one),
        verb("transition_suggest", w.max, w.leaving, **plans),
        verb("transition_dates", w.max, w.leaving, **plans, fields=dates(1, 9, 5) | {"last_day": in_days(9)}),
        verb("transition_start", w.max, w.leaving, **plans, fields=successors),
        verb("transition_cancel", w.max, w.leaving, **plans, fields={"because": "She stays"}),
        verb("transition_undo", w.max, w.begun, not_yours=w.others, not_allowed=(w.tove,)),
        form("move_edit", w.max, w.move, **plans, they_may_read=True, fields={"incoming": w.ines.pk}),
        page("job", w.max, w.job, **seen),
        *the_checklists(w),
    ]


def the_duplicates(w: World) -> list[Address]:
    """Max sees both accounts; Rosa manages another team."""
    pair: dict[str, Any] = {"not_yours": (w.rosa,), "not_allowed": (w.olivia, w.nils)}
    keep = {"keep": w.acme.pk, "because": "One company since spring"}
    return [
        page("duplicate_list", w.max, not_yours=WHOLE_HOUSE, not_allowed=(w.olivia, w.nils)),
        verb("duplicate_join", w.max, w.acme, w.borealis, **pair, fields=keep),
        verb("duplicate_part", w.max, w.acme, w.borealis, **pair),
        verb("merge_undo", w.max, w.merged, **pair),
    ]


def the_checklists(w: World) -> list[Address]:
    operations: dict[str, Any] = {"not_yours": WHOLE_HOUSE, "not_allowed": (w.max, w.olivia)}
    line = {"text": "Who signs?", "why": "Else it waits", "part": "people", "when": "always"}
    line |= {"proof": "person", "position": "90"}
    topic = {"name": "Words they use", "question": "What do you call it?", "review_days": 90, "position": 5}
    return [
        page("checklist_list", w.omar, **operations),
        form("checklist_new", w.omar, **operations, fields=line),
        form("checklist_edit", w.omar, w.template, **operations, fields=line),
        verb("checklist_retire", w.omar, w.template, **operations),
        page("topic_list", w.omar, **operations),
        form("topic_new", w.omar, **operations, fields=topic | {"name": "Fleet"}),
        form("topic", w.omar, "words", **operations, fields=topic),
        verb("topic_merge", w.omar, "competition", **operations, fields={"into": "criteria"}),
        verb("topic_retire", w.omar, "competition", **operations),
    ]


def the_approvals(w: World) -> list[Address]:
    """Omar planned the reorganisation and sees it; only Max, whose people it concerns, decides."""
    decides: dict[str, Any] = {"not_yours": w.others, "not_allowed": (w.omar, w.petra)}
    submit: dict[str, Any] = {"not_yours": (w.olivia, *w.others), "not_allowed": (w.max,)}
    print_ = {"fingerprint": w.reorg.fingerprint}
    return [
        page("approval_list", w.max, not_yours=ONES_OWN, not_allowed=ALL_OF_US),
        verb("transition_submit", w.omar, w.reorg, **submit),
        verb("transition_approve", w.max, w.reorg, **decides, fields=print_),
        verb("transition_return", w.max, w.reorg, **decides, fields={"because": "Not before the fair"}),
    ]


def the_rooms(w: World) -> list[Address]:
    """Olivia or Tove hands over to Ines, and Max approves."""
    writing: dict[str, Any] = {"not_yours": w.others, "not_allowed": (w.ines,)}
    deciding: dict[str, Any] = {"not_yours": w.others, "not_allowed": (w.tove, w.ines)}
    steering: dict[str, Any] = {"not_yours": w.others, "not_allowed": (w.olivia, w.ines)}
    answering: dict[str, Any] = {"not_yours": w.others, "not_allowed": (w.ines,)}
    reading: dict[str, Any] = {"not_yours": w.others, "not_allowed": (w.max, w.tove)}
    print_ = {"fingerprint": w.written.brief().fingerprint}
    taken = {"takes_on": "on"}
    because = {"because": "Her book is full"}
    know = {"topic": "story", "text": "They came after a failed rollout", "source": "inferred"}
    if_then = {"happens": "Carla leaves", "do": "we call Dieter"}
    champion = {"contact": w.dieter.pk, "strength": "1", "evidence": "He called us back"}
    days = {"access_on": in_days(0), "accountable_on": in_days(9), "announce_on": w.handoff.announce_on}
    rate = {"condition": "urgent", "because": "The roll-out slips"}
    tell = {"contact": w.dieter.pk, "way": "not"}
    call = {"on": in_days(0), "words": "He asked who Ines is"}
    return [
        page(
            "handoff",
            w.olivia,
            w.handoff,
            not_yours=w.others,
            not_allowed="whoever sees the room may read it",
        ),
        verb("handoff_rate", w.olivia, w.handoff, **writing, fields=rate),
        verb("handoff_know", w.olivia, w.handoff, **writing, fields=know),
        verb("handoff_if_then", w.olivia, w.handoff, **writing, fields=if_then),
        verb("handoff_champion", w.olivia, w.handoff, **writing, fields=champion),
        verb("handoff_write", w.tove, w.filled, **writing),
        form("handoff_recipient_new", w.olivia, w.handoff, **writing, fields=tell),
        form("handoff_recipient", w.olivia, w.handoff, w.dieter, **writing, fields={"way": "not"}),
        form("handoff_call", w.olivia, w.handoff, w.dieter, **writing, fields=call),
        form("handoff_approve", w.max, w.written, **deciding, fields=print_),
        verb("handoff_return", w.max, w.written, **deciding, fields={"because": "Who signs?"}),
        form("handoff_read_back", w.ines, w.approved, **reading, fields=WORDS | taken),
        form("handoff_ask", w.ines, w.approved, **reading, fields={"to": w.tove.pk, "question": "Why?"}),
        form("inquiry_answer", w.tove, w.inquiry, **answering, fields={"text": "Their head of legal does"}),
        verb("handoff_accept", w.tove, w.said, **writing),
        verb("handoff_return_read_back", w.tove, w.said, **writing, fields={"note": "And Dieter?"}),
        verb("handoff_refuse", w.ines, w.approved, **reading, fields=because),
        verb("handoff_override", w.max, w.handoff, **steering, fields=because),
        verb("handoff_hold_out", w.max, w.handoff, **steering, fields=because | {"until": in_days(9)}),
        verb("handoff_reschedule", w.max, w.handoff, **steering, fields=days),
        verb("handoff_replace", w.max, w.handoff, **steering, fields=because | {"incoming": w.nils.pk}),
        verb("handoff_cancel", w.max, w.handoff, **steering, fields=because),
        verb("item_tick", w.olivia, w.item, **writing, fields={"words": "Gone through with Carla"}),
        verb("item_untick", w.tove, w.filled.items.exclude(ticked_at=None)[0], **writing),
        verb("item_waive", w.max, w.item, **writing, fields={"because": "They never use it"}),
    ]


def the_customers_own(w: World) -> list[Address]:
    """Dara, of another account, finds nothing of Carla's."""
    page_: dict[str, Any] = {"not_yours": ONES_OWN, "not_allowed": ALL_OF_THEM, "customers": None}
    theirs: dict[str, Any] = {"not_yours": (w.dara,), "not_allowed": ALL_OF_THEM, "customers": None}
    ask = {"whom": w.team.pk, "text": "Who signs?", "urgency": "normal"}
    return [
        page("customer_page", w.carla, **page_),
        page("customer_take_away", w.carla, **page_),
        verb("customer_ask", w.carla, **page_, fields=ask),
        verb("customer_confirm", w.carla, w.handoff, **theirs),
        verb("customer_right", w.carla, w.told, **theirs),
        verb("customer_correct", w.carla, w.told, **theirs, fields={"text": "One for each country"}),
        verb("customer_asked_before", w.carla, w.told, **theirs),
        verb("customer_choose", w.carla, w.choice, **theirs, fields={"answer": "yes"}),
        verb("customer_ask_again", w.carla, w.asked, **theirs),
        verb("customer_name", w.carla, **page_, fields={"name": "Carla Weiß"}),
        verb("customer_agree", w.carla, w.answered, **theirs),
        verb("customer_escalate", w.carla, w.question, **theirs, fields={"because": "Our audit is tomorrow"}),
        verb("customer_reopen", w.carla, w.answered, **theirs, fields={"because": "In which country?"}),
        page("customer_preview", w.olivia, w.acme, not_yours=w.others, not_allowed=WHOEVER_SEES_IT),
    ]


# ---- The tests


def every_name() -> Iterator[str]:
    """The names of all URLs that the site knows."""

    def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from names(pattern.url_patterns)
            else:
                yield pattern.name or f"without a name: {pattern.pattern}"

    return names(get_resolver().url_patterns)


def everything_kept() -> str:
    """Changes when any row of ours changes, but for sessions and what says which forms were sent."""
    ours = chain(*(apps.get_app_config(app).get_models() for app in ("accounts", "handoffs")))
    tables = sorted({model._meta.db_table for model in ours} - {"accounts_session", "accounts_submission"})
    sums = ", ".join(f"(SELECT '{table} ' || sum(hashtext(t::text)) FROM {table} t)" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT concat_ws(',', {sums})")
        return str(cursor.fetchone()[0])


@override_settings(DEMO=True, ACCOUNT_RATE_LIMITS=False)
class Addresses(TestCase):
    world: World
    addresses: list[Address]
    sessions: dict[int, str]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World()
        client = Client()
        cls.sessions = {user.pk: cls.signed_in(user, client) for user in User.objects.active()}

    @staticmethod
    def signed_in(user: User, client: Client) -> str:
        client.cookies.clear()
        client.force_login(user, backend=BACKEND)
        return client.session.session_key or ""

    def setUp(self) -> None:
        self.addresses = every_address(self.world)
        self.client = Client(raise_request_exception=False)
        self.enterContext(mock.patch.object(SignInAdapter, "generate_login_code", return_value=CODE))

    def browser(self, user: User | None) -> Client:
        """The browser, in which now this person is signed in."""
        self.client.cookies.clear()
        if user:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[user.pk]
        return self.client

    @contextmanager
    def asked(
        self, address: Address, user: User | None, method: str, sent: dict[str, Any]
    ) -> Iterator[HttpResponse]:
        """The answer to one request. What it did is undone afterwards."""
        client = self.browser(user)
        with self.subTest(address.name, method=method, by=str(user)), transaction.atomic():
            if address.first:
                address.first(client)
            yield getattr(client, method)(address.url, sent)
            transaction.set_rollback(True)

    def test_the_table_has_every_url_once(self) -> None:
        listed = [address.name for address in self.addresses]
        there = list(every_name())
        assert not set(there) - set(listed), f"missing from the table: {sorted(set(there) - set(listed))}"
        assert not set(listed) - set(there), f"no such URL: {sorted(set(listed) - set(there))}"
        assert sorted(listed) == sorted(there), "a name stands twice"

    def test_it_works_for_whoever_may(self) -> None:
        before, seen = everything_kept(), set[tuple[User | None, str]]()
        for address in self.addresses:
            for method, sent, status in address.requests:
                with self.asked(address, address.who, method, sent | KEY) as answer:
                    assert answer.status_code == status, told(answer)
                    if method == "post" and address.changes and status < 400:
                        assert everything_kept() != before, "nothing was changed"
                        if address.who:
                            self.is_done_once(address, sent | KEY, answer)
                    there = (address.who, answer.headers.get("Location", ""))
                    if there[1] and there not in seen:
                        seen.add(there)
                        onward = self.client.get(there[1], follow=True)
                        assert onward.status_code == 200, f"{there[1]}: {told(onward)}"

    def is_done_once(self, address: Address, sent: dict[str, Any], first: HttpResponse) -> None:
        """The same form sent again writes nothing, and is answered with the same page and sentence."""
        for file in sent.values():
            if isinstance(file, SimpleUploadedFile):
                file.seek(0)
        with CaptureQueriesContext(connection) as queries:
            second = self.client.post(address.url, sent)
        assert (second.status_code, second["Location"]) == (302, first["Location"])
        writes = [query["sql"] for query in queries if WRITE.match(query["sql"])]
        assert [sql for sql in writes if "accounts_submission" not in sql] == [], "it was done twice"
        assert said(second)[-1:] == said(first)[-1:]

    def test_what_is_not_yours_is_not_there(self) -> None:
        before = everything_kept()
        for address in self.addresses:
            for user, status in self.to_whom_it_is_not_there(address):
                self.refused(address, user, status, before)

    def to_whom_it_is_not_there(self, address: Address) -> Iterator[tuple[User, int]]:
        """Everybody else with what they get: other teams, other customers, and the other side."""
        w = self.world
        if not isinstance(address.not_yours, str):
            yield from ((user, 404) for user in address.not_yours)
        if address.customers is None:
            yield from ((user, 404) for user in (w.olivia, w.max, w.omar))
        elif address.customers == 404:
            yield w.carla, 404

    def test_a_customer_is_shown_the_way_where_both_may_go(self) -> None:
        for address in self.addresses:
            if address.customers not in {None, 404} and not address.first:
                with self.asked(address, self.world.carla, address.requests[0][0], {}) as answer:
                    assert answer.status_code == address.customers, told(answer)

    def test_what_you_may_not_do_is_refused(self) -> None:
        before = everything_kept()
        for address in self.addresses:
            if isinstance(address.not_allowed, str):
                continue  # the table says why there is nobody
            for user in address.not_allowed:
                self.refused(address, user, 403, before)

    def refused(self, address: Address, user: User, status: int, before: str) -> None:
        """Each method answers with this status, and nothing is changed."""
        for method, sent, _ in address.requests:
            reads = method == "get" and status == 403 and address.they_may_read
            with self.asked(address, user, method, sent) as answer:
                assert answer.status_code == (200 if reads else status), told(answer)
                assert everything_kept() == before, "something was changed"

    def test_a_method_that_it_does_not_know_is_405(self) -> None:
        before = everything_kept()
        for address in self.addresses:
            known = {method for method, _, _ in address.requests}
            for method in sorted({"get", "post", "put"} - known):
                with self.asked(address, address.who, method, {}) as answer:
                    status = 404 if address.name in NOT_HERE else 405
                    assert answer.status_code == status, told(answer)
                    if not address.first:
                        assert everything_kept() == before, "something was changed"

    def test_whoever_is_not_signed_in_is_sent_to_sign_in(self) -> None:
        for address in self.addresses:
            if address.public or address.first:
                continue
            here, unsent = address.url, reverse("unsent")
            theirs = {WRITER: mark_of(self.world.olivia)}
            asked: list[tuple[str, dict[str, str], str]] = [
                ("get", {}, here), ("post", {}, here), ("post", theirs, unsent), ("put", {}, here),
            ]  # fmt: skip
            for method, sent, back in asked:
                with self.asked(address, None, method, sent) as answer:
                    sign_in = reverse("account_login", query={REDIRECT_FIELD_NAME: back})
                    self.assertRedirects(answer, unquote(sign_in), fetch_redirect_response=False)


def said(answer: Any) -> list[str]:
    """The sentences that the next page is to say."""
    return [str(message) for message in messages.get_messages(answer.wsgi_request)]


def told(answer: Any) -> str:
    """Why the answer is another one: what went wrong, or what the page says."""
    if error := getattr(answer, "exc_info", None):
        return repr(error[1])
    words = re.findall(r'class="errorlist.*?</ul>|<h1.*?</h1>', answer.content.decode(), re.DOTALL)
    return " ".join(strip_tags(" ".join(words)).split())
