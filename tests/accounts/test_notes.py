"""Notes: what the chips show is what is kept, and a note can be taken back whole.

The grammar itself is tested in test_grammar.py and test_dates.py.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, Entry, Fact, Note, NotePart, Obligation, Refused, Stage, today
from accounts.models.deadlines import break_promises
from accounts.notes.preview import MOST, NotePreview, answered
from accounts.notes.saving import save
from accounts.pages.call_plan import plan
from accounts.rules.dates import long
from accounts.unsent import WRITER, mark_of
from tests.base import (
    CastTestCase,
    days_ago,
    in_days,
    make_contact,
    make_coverage,
    make_fact,
    make_obligation,
    make_question,
    make_stage,
)
from tests.laws import refusal_of

SEVEN = """@carla and @dieter
They liked the trial.
! send the revised terms by {day}
? can it run in Frankfurt @carla
"We need it before the summer." @carla
+ the export is slow @dieter
#budget @dieter plans in October
> evaluating: they asked for a trial"""


def seven() -> str:
    day = in_days(9)
    return SEVEN.format(day=f"{day:%Y-%m-%d}")


class NotesTestCase(CastTestCase):
    def read(self, text: str, **options: Any) -> NotePreview:
        return NotePreview.of(self.acme, text, by=options.pop("by", self.olivia), **options)

    def note(self, text: str, **options: Any) -> Note:
        return save(self.read(text, **options), kind="conversation")

    def chips(self, text: str, **options: Any) -> list[str]:
        return self.read(text, **options).lines

    def preview(self, text: str, **fields: Any) -> dict[str, str]:
        """The chips that the page shows of a text, and what they send along with the form."""
        page = self.send(self.olivia, "note_preview", account=self.acme.pk, text=text, **fields)
        assert page.status_code == 200
        self.shown = unescape(page.content.decode())
        return {name: unescape(value) for name, value in HIDDEN.findall(page.content.decode())}

    def post(self, text: str, **fields: Any) -> HttpResponse:
        sent = {"kind": "conversation", "text": text} | fields
        return self.send(self.olivia, "account_note", self.acme.pk, **sent)


HIDDEN = re.compile(r'name="(seen)" value="([^"]*)"')


@pytest.mark.complaint(6)
class KeepingANote(NotesTestCase):
    """What was said in the talks is written down, all of it, at once."""

    @pytest.mark.complaint(24)
    def test_all_seven_prefixes_in_one_act(self) -> None:
        note = self.note(seven())
        assert note.text == "They liked the trial.\n\n“We need it before the summer.” — Carla Weiss"
        assert (note.author, note.kind) == (self.olivia, Entry.Kind.CONVERSATION)
        assert set(note.contacts.all()) == {self.champion, self.dieter}
        promise, question, feedback = Obligation.objects.order_by("pk")
        assert (promise.kind, promise.due, promise.holder) == ("promise", in_days(9), self.olivia)
        assert promise.text == f"send the revised terms by {in_days(9):%Y-%m-%d}"
        assert (question.kind, question.contact) == ("question", self.champion)
        assert (feedback.kind, feedback.contact) == ("feedback", self.dieter)
        fact = Fact.objects.get()
        assert (fact.topic_id, fact.text, fact.provenance) == (
            "budget",
            "Dieter Krol plans in October",
            "told",
        )
        assert (fact.contact, fact.entry_id, fact.author) == (self.dieter, note.pk, self.olivia)
        assert self.acme.stage == Stage.EVALUATING
        assert note.parts.count() == 5

    def test_what_it_wrote_down_happened_when_the_note_did(self) -> None:
        at = days_ago(2)
        note = save(self.read(seven()), kind="visit", at=at)
        assert {obligation.raised_at for obligation in Obligation.objects.all()} == {at}
        assert {part.entry.at for part in note.parts.filter(entry__isnull=False) if part.entry} == {at}

    def test_all_of_it_or_nothing(self) -> None:
        preview = self.read(seven())
        with mock.patch.object(Entry, "reach_stage", side_effect=Refused("No.")), pytest.raises(Refused):
            save(preview, kind="conversation")
        assert not Entry.objects.exists()
        assert not Obligation.objects.exists()
        assert not Fact.objects.exists()

    def test_who_serves_them_holds_what_they_promise(self) -> None:
        make_coverage(self.acme, self.ines, "engineer")
        self.note(f"! bring cables by {in_days(3)}", by=self.ines)
        assert Obligation.objects.get().holder == self.ines

    def test_what_a_manager_promises_is_the_owners_and_the_chip_says_so(self) -> None:
        text = f"! bring cables by {in_days(3)}"
        assert "Olivia Brandt" in self.chips(text, by=self.max)[0]
        self.note(text, by=self.max)
        promise = Obligation.objects.get()
        assert (promise.holder, promise.raised_by) == (self.olivia, self.max)

    @pytest.mark.complaint(25)
    def test_a_stretch_promise_says_so(self) -> None:
        """What we said we would try is not what we promised."""
        self.note(f"!? bring an engineer by {in_days(3)}")
        assert Obligation.objects.get().stretch

    def test_only_a_promise_still_leaves_a_line(self) -> None:
        note = self.note(f"! send the terms by {in_days(3)}")
        assert note.text == f"Promise, due {long(in_days(3))}: send the terms by {in_days(3)}"

    def test_one_may_be_asked_for_words_alone(self) -> None:
        assert self.post("They called about the invoice.").status_code == 302
        assert Entry.objects.get().text == "They called about the invoice."

    def test_the_same_form_sent_twice_is_one_note(self) -> None:
        sent = self.preview(seven()) | {"once": "of this form"}
        assert self.post(seven(), **sent).status_code == 302
        assert self.post(seven(), **sent).status_code == 302
        assert Note.objects.filter(external_id__startswith="note:").count() == 1

    def test_a_merged_account_is_written_on_where_it_is_read(self) -> None:
        self.borealis.merge_into(self.acme, by=self.max, because="One company")
        page = self.send(self.olivia, "account_note", self.borealis.pk, text="Hello", kind="note")
        assert (page.status_code, page["Location"]) == (307, reverse("account_note", args=[self.acme.pk]))

    def test_nothing_is_kept_on_a_closed_account(self) -> None:
        self.borealis.close(by=self.max, because="Gone", outcomes={})
        sent = {"text": "Hello", "kind": "note"}
        assert self.send(self.max, "account_note", self.borealis.pk, **sent).status_code in {404, 409}

    def test_at_most_so_many_queries(self) -> None:
        """Session and user, account, contacts, topics, coverage, day, merged accounts, answers, stage."""
        client = self.as_(self.olivia)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.post(reverse("note_preview"), {"account": self.acme.pk, "text": seven()})
        assert len(queries) <= 12, [query["sql"] for query in queries]


class WhatTheChipsShow(NotesTestCase):
    """Nothing is kept that they did not show."""

    def test_each_thing_with_who_and_when(self) -> None:
        self.preview(seven())
        for words in (
            f"Promise, due {long(in_days(9))}",
            "asked by Carla Weiss, you answer",
            "said by Dieter Krol",
            "Budget and fiscal year",
            "told by Dieter Krol",
            "Evaluating",
            "1 promise, 1 question, 1 quote, 1 piece of feedback, 1 fact, 1 stage",
        ):
            assert words in self.shown

    def test_a_note_that_was_not_shown_is_shown_first(self) -> None:
        page = self.post(seven())
        self.assertContains(page, "This is what will be kept.")
        assert not Entry.objects.exists()
        again = {name: unescape(value) for name, value in HIDDEN.findall(page.content.decode())}
        assert self.post(seven(), **again).status_code == 302
        assert Obligation.objects.count() == 3

    def test_what_was_typed_after_the_chips_is_shown_first(self) -> None:
        sent = self.preview(seven())
        page = self.post(seven() + f"\n! and the price list by {in_days(2)}", **sent)
        self.assertContains(page, "and the price list")
        assert not Entry.objects.exists()

    def test_another_day_means_another_date(self) -> None:
        sent = self.preview("! send the terms tomorrow\nThey agreed.")
        with mock.patch("accounts.notes.preview.today", return_value=in_days(1)):
            page = self.post("! send the terms tomorrow\nThey agreed.", **sent)
        self.assertContains(page, "What you were shown", status_code=409)
        self.assertContains(page, long(in_days(1)), status_code=409)
        self.assertContains(page, long(in_days(2)), status_code=409)
        assert not Entry.objects.exists()

    def test_a_contact_who_was_renamed_meanwhile(self) -> None:
        sent = self.preview("@carla called.")
        Contact.objects.filter(pk=self.champion.pk).update(name="Carla Weiss-Sand")
        page = self.post("@carla called.", **sent)
        self.assertContains(page, "Carla Weiss called.", status_code=409)
        self.assertContains(page, "Carla Weiss-Sand called.", status_code=409)
        again = {name: unescape(value) for name, value in HIDDEN.findall(page.content.decode())}
        assert self.post("@carla called.", **again).status_code == 302

    def test_an_answer_that_was_replaced_meanwhile(self) -> None:
        known = make_fact(self.acme, "budget", "They plan in May")
        sent = self.preview("#budget they plan in October")
        known.supersede("They plan in June", by=self.max)
        page = self.post("#budget they plan in October", **sent)
        self.assertContains(page, "They plan in June", status_code=409)

    def test_what_the_browser_says_it_showed_is_not_believed(self) -> None:
        for seen in ("[]", "{", "[1, 2, 3]", '["a", "b", null]', "[" * 50_000):
            assert self.post(seven(), seen=seen).status_code == 200
        assert not Entry.objects.exists()

    def test_no_account_no_preview(self) -> None:
        page = self.send(self.olivia, "note_preview", text=seven())
        self.assertContains(page, "Choose the account first")

    def test_nobody_previews_on_an_account_they_do_not_see(self) -> None:
        sent = {"account": self.acme.pk, "text": "@carla"}
        assert self.send(self.nils, "note_preview", **sent).status_code == 404
        assert self.send(self.carla, "note_preview", **sent).status_code == 404


class WhatIsAskedFirst(NotesTestCase):
    """Nothing is guessed: whatever may be meant in two ways is asked, and blocks until it is answered."""

    def blocked(self, text: str) -> NotePreview:
        preview = self.read(text)
        assert preview.blockers, text
        with pytest.raises(Refused, match="ask"):
            save(preview, kind="note")
        return preview

    def test_each_of_them(self) -> None:
        for text in (
            "! send the terms",
            "! pay by 3/4/2099",
            "! send it by 2020-01-01",
            "? who decides",
            "+ it is slow",
            "@nobody was there",
            "#nonsense yes",
            "> nowhere: they said so",
            "> evaluating",
        ):
            with self.subTest(text):
                self.blocked(text)
        assert not Entry.objects.exists()

    def test_every_answer_that_is_offered_makes_progress(self) -> None:
        text = "! send the terms\n? who decides\n#nonsense yes\n@nobody was there"
        preview = self.blocked(text)
        for chip in preview.chips:
            for question in chip.questions:
                for choice in question.choices:
                    after = self.read(answered(preview, choice.edit))
                    asked = [sum(len(it.questions) for it in found.chips) for found in (preview, after)]
                    assert asked[1] < asked[0], (choice, after.note.text)

    def test_an_answer_without_javascript(self) -> None:
        choice = self.blocked("? who decides").chips[0].questions[0].choices[0]
        page = self.post("? who decides", answer=choice.edit)
        self.assertContains(page, "asked by Carla Weiss")
        self.assertContains(page, "? who decides @")
        assert not Entry.objects.exists()
        self.assertContains(self.post("? who decides", answer="0:3:Hacked"), "? who decides")

    def test_plain_text_after_all(self) -> None:
        preview = self.blocked("! send the terms")
        plain = preview.chips[0].questions[0].choices[-1]
        note = self.note(answered(preview, plain.edit))
        assert (note.text, Obligation.objects.count()) == ("! send the terms", 0)

    def test_a_date_in_the_past_is_right_when_one_says_so(self) -> None:
        text = "! send it by 2026-01-02"
        self.blocked(text)
        self.preview(text, past="2026-01-02")
        assert "Ctrl" in self.shown
        sent = self.preview(text, past="2026-01-02")
        assert self.post(text, past="2026-01-02", **sent).status_code == 302
        assert Obligation.objects.get().due == date(2026, 1, 2)

    def test_a_stage_where_they_stand_already(self) -> None:
        make_stage(self.acme, "evaluating")
        preview = self.blocked("> evaluating: they asked for a trial")
        assert "already" in preview.chips[0].questions[0].text
        self.note(answered(preview, preview.chips[0].questions[0].choices[0].edit))

    def test_nobody_is_known_there_yet(self) -> None:
        page = self.send(self.olivia, "note_preview", account=self.borealis.pk, text="? who decides")
        self.assertContains(page, reverse("contact_new", args=[self.borealis.pk]))


@pytest.mark.complaint(9)
class KnownAnswers(NotesTestCase):
    """What they told us before is shown before it is replaced."""

    def test_the_old_answer_is_shown_and_superseded(self) -> None:
        old = make_fact(self.acme, "budget", "They plan in May", contact=self.dieter)
        assert (
            "Replaces: “They plan in May” (told by Dieter Krol" in self.chips("#budget in October @dieter")[0]
        )
        self.note("#budget in October @dieter")
        assert Fact.objects.live().get() == Fact.objects.get(supersedes=old)

    def test_what_somebody_else_said_stands_beside_it_and_disagrees(self) -> None:
        make_fact(self.acme, "terms", "Thirty days", contact=self.dieter)
        text = "@carla\n#terms sixty days"
        assert "Stands beside: “Thirty days” (told by Dieter Krol" in self.chips(text)[1]
        self.note(text)
        assert {fact.text for fact in Fact.objects.live()} == {"Thirty days", "sixty days"}
        (disagreement,) = plan(self.acme, today()).contradictions
        assert disagreement.topic.pk == "terms"

    def test_it_asks_whether_that_is_still_true_or_this_holds_now_instead(self) -> None:
        make_fact(self.acme, "terms", "Thirty days", contact=self.dieter)
        preview = NotePreview.of(self.acme, "@carla\n#terms sixty days", by=self.olivia)
        still, instead = preview.chips[1].questions[0].choices
        assert answered(preview, still.edit) == "@carla\n#terms Thirty days"
        text = answered(preview, instead.edit)
        assert text == "@carla\n#terms! sixty days"
        self.note(text)
        (fact,) = Fact.objects.live()
        assert fact.text == "sixty days"
        assert fact.supersedes
        assert fact.supersedes.text == "Thirty days"

    def test_what_a_colleague_worked_out_takes_nobody_elses_place(self) -> None:
        make_fact(self.acme, "terms", "Thirty days", by=self.ines)
        self.note("#terms sixty days")
        assert Fact.objects.live().count() == 2
        self.note("#terms ninety days")
        assert {fact.text for fact in Fact.objects.live()} == {"Thirty days", "ninety days"}

    def test_two_answers_that_disagree_stay_side_by_side(self) -> None:
        for month in ("May", "June"):
            make_fact(self.acme, "budget", f"They plan in {month}", by=self.ines)
        assert self.chips("#budget in October")[0].count("Stands beside") == 2
        self.note("#budget in October")
        assert Fact.objects.live().count() == 3

    def test_an_if_then_takes_nobodys_place(self) -> None:
        make_fact(self.acme, "if-then", "If the server fails, we send Ines")
        self.note("#if-then If they grow, we add a site")
        assert Fact.objects.live().count() == 2

    def test_where_it_comes_from(self) -> None:
        for text in ("#budget? October, I think", "#terms thirty days @dieter", "#needs one ledger"):
            self.note(text)
        found = {fact.topic_id: (fact.provenance, fact.contact) for fact in Fact.objects.all()}
        assert found["budget"] == ("to_confirm", None)
        assert found["terms"] == ("told", self.dieter)
        assert found["needs"] == ("inferred", None)


class WhoseDayHasPassed(NotesTestCase):
    def test_a_promise_of_yesterday_goes_with_its_note_too(self) -> None:
        """The calendar breaks it; nobody has acted on it."""
        note = self.note(f"! bring cables by {in_days(-2)}", right=[in_days(-2).isoformat()])
        assert note.undo(by=self.olivia) == []
        again = self.note(f"! bring cables by {in_days(-2)}", right=[in_days(-2).isoformat()])
        break_promises()
        assert again.undo(by=self.olivia) == []
        assert {owed.outcome for owed in Obligation.objects.all()} == {"retracted"}
        assert Obligation.objects.promised_by(self.olivia).promise_record().due == 0
        with pytest.raises(Refused, match="taken back with its note"):
            Obligation.objects.latest("pk").reopen(by=self.olivia, because="After all")


class TakingItBack(NotesTestCase):
    """Undo, for ten minutes: the whole note, by rows of their own."""

    def test_everything_goes_with_it(self) -> None:
        old = make_fact(self.acme, "budget", "They plan in May", contact=self.dieter)
        make_stage(self.acme, "learning")
        note = self.note(seven())
        page = self.as_(self.olivia).post(reverse("entry_undo", args=[note.pk]), follow=True)
        self.assertContains(page, "Taken back, with all that it wrote down.")
        assert not Entry.objects.not_retracted().filter(pk=note.pk).exists()
        assert {line.outcome for line in Obligation.objects.all()} == {"retracted"}
        assert self.acme.stage == Stage.LEARNING
        live = Fact.objects.live().get()
        assert (live.text, live.author, live.contact) == (old.text, old.author, old.contact)
        assert (live.provenance, live.review_on) == (old.provenance, old.review_on)
        assert not Entry.objects.not_retracted().filter(step="raised").exists()

    def test_what_somebody_acted_on_stays(self) -> None:
        note = self.note(seven())
        promise, question, _ = Obligation.objects.order_by("pk")
        promise.move(in_days(20), because="They asked for it", by=self.max)
        question.share(by=self.olivia)
        Fact.objects.get().confirm(by=self.max)
        stays = note.undo(by=self.olivia)
        assert len(stays) == 3
        assert set(Obligation.objects.open()) == {promise, question}
        assert Fact.objects.live().exists()

    def test_only_for_ten_minutes(self) -> None:
        note = self.note(seven())
        later = timezone.now() + timedelta(minutes=10, seconds=1)
        with mock.patch("django.utils.timezone.now", return_value=later):
            page = self.send(self.olivia, "entry_undo", note.pk)
            self.assertContains(page, "ten minutes have passed", status_code=409)
            page = self.browse(self.olivia, "entry_undo", note.pk)
            self.assertContains(page, "More than ten minutes have passed.")
            self.assertNotContains(self.browse(self.olivia, "account", self.acme.pk), "Take it all back")
        assert Obligation.objects.open().count() == 3

    def test_only_by_its_writer_and_only_once(self) -> None:
        note = self.note(seven())
        assert self.send(self.nils, "entry_undo", note.pk).status_code == 404
        assert self.send(self.max, "entry_undo", note.pk).status_code == 403
        assert self.send(self.olivia, "entry_undo", note.pk).status_code == 302
        assert self.send(self.olivia, "entry_undo", note.pk).status_code == 409

    def test_the_button_is_on_the_message_and_on_the_thread(self) -> None:
        text = "They called."
        page = self.as_(self.olivia).post(
            reverse("account_note", args=[self.acme.pk]), {"text": text, "kind": "note"}, follow=True
        )
        undo = reverse("entry_undo", args=[Note.objects.get(text=text).pk])
        self.assertContains(page, f'hx-post="{undo}"')
        self.assertContains(page, f'action="{undo}"')
        self.assertContains(page, "10 minutes left")
        self.assertNotContains(self.browse(self.max, "account", self.acme.pk), undo)

    def test_an_entry_that_is_no_note_is_not_undone(self) -> None:
        entry = Entry.record(self.acme, Entry.Kind.NOTE, "By an import", by=self.olivia)
        assert self.send(self.olivia, "entry_undo", entry.pk).status_code == 409

    def test_the_database_lets_nothing_else_go_that_way(self) -> None:
        """Law 5: only what was noted by mistake, with its note, in time, unseen by the customer."""
        close = (
            "UPDATE accounts_obligation SET outcome = 'retracted', closed_at = now(), closed_by_id = %s"
            " WHERE id = %s"
        )
        law = "customer_closes_what_they_raised"
        earlier = make_question(self.acme, self.champion)
        note = self.note(seven())
        question = Obligation.objects.filter(kind="question").latest("pk")
        assert refusal_of(close, self.olivia.pk, question.pk) == law  # the note stands
        question.share(by=self.olivia)
        note.undo(by=self.olivia)
        assert refusal_of(close, self.olivia.pk, question.pk) == law  # the customer sees it
        NotePart.objects.create(note=note, obligation=earlier)
        assert refusal_of(close, self.olivia.pk, earlier.pk) == law  # it is older than the note
        promise = make_obligation(self.acme)
        assert refusal_of(close, self.olivia.pk, promise.pk).startswith("Only what was noted by mistake")


class Drafts(NotesTestCase):
    """What was typed survives; test_note.py walks through a reload and a crash."""

    def test_an_ended_session_is_said_and_nothing_is_sent_away(self) -> None:
        sent = {"account": self.acme.pk, "text": seven()}
        page = Client().post(reverse("note_preview"), sent, headers={"HX-Request": "true"})
        self.assertContains(page, "Your session has ended.")
        self.assertNotContains(page, "Carla Weiss")

    def test_a_note_sent_after_the_session_ended_is_kept_after_sign_in(self) -> None:
        sent = {"text": seven(), "kind": "visit", WRITER: mark_of(self.olivia)} | self.preview(seven())
        client = Client()
        url = reverse("account_note", args=[self.acme.pk])
        assert client.post(url, sent).status_code == 302
        unsent = client.session["unsent"]
        client.force_login(self.olivia, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session["unsent"] = unsent
        session.save()
        fields = {name: values[0] for name, values in unsent["fields"].items()}
        page = client.post(reverse("unsent"), fields | {"send": "yes"}, follow=True)
        self.assertContains(page, f'data-draft-saved="note:{self.acme.pk}"')
        assert Obligation.objects.count() == 3


class BadInput(NotesTestCase):
    """Never an error page, and no text lost."""

    def survives(self, text: str) -> None:
        sent = self.preview(text)
        page = self.post(text, **sent)
        assert page.status_code in {200, 302}, page.status_code

    def test_a_hundred_kilobytes(self) -> None:
        for text in ("word " * 20_000, "x" * 100_000, "A line.\n\n" * 11_000, "🙂" * 25_600):
            self.survives(text)
        assert Entry.objects.count() == 4

    def test_more_than_anybody_reads(self) -> None:
        text = f"! send it by {in_days(1)}\n" * (MOST + 1)
        self.survives(text)
        assert f"{MOST + 1} things in one note" in self.shown
        assert not Obligation.objects.exists()
        self.survives("! a\n" * 25_600)
        self.survives("x" * 300_000)
        assert not Entry.objects.exists()

    def test_any_script_and_direction(self) -> None:
        for text in (
            "שלום, הם אהבו את הניסיון\n? מתי זה יהיה @carla",
            "👩‍👩‍👧‍👦 🏳️‍🌈 они рады\n+ 很慢 @dieter",
            "\u202eabc\u202c @carla",
        ):
            self.survives(text)
        assert Entry.objects.filter(kind="conversation").count() == 3

    def test_html_is_text(self) -> None:
        text = (
            '<script>alert(1)</script>\n! <img src=x onerror=alert(1)> by 2099-01-02\n"</textarea><b>" @carla'
        )
        page = self.send(self.olivia, "note_preview", account=self.acme.pk, text=text)
        for tag in (b"<script", b"<img", b"<b>"):
            assert tag not in page.content
        self.survives(text)
        page = self.browse(self.olivia, "account", self.acme.pk)
        self.assertNotContains(page, "<script>alert")
        self.assertNotContains(page, "<img src=x")

    def test_nothing_but_prefixes(self) -> None:
        for text in ("!", '?\n!\n#\n>\n+\n@\n"', "!!!???", "@@@", "\\", "# # #", ">>>>"):
            self.survives(text)

    def test_nothing_at_all(self) -> None:
        for text in ("", "   ", "\n\n\t", "\x1b\u202e"):
            page = self.post(text)
            assert page.status_code == 200, text
        assert not Entry.objects.exists()

    def test_control_characters_and_lone_surrogates(self) -> None:
        self.survives("Be\x1bfore\n! se\x07nd by 2099-01-02")
        assert Entry.objects.filter(text="Before").exists()
        assert self.post("Be\0fore").status_code == 400
        client = self.as_(self.olivia)
        url = reverse("account_note", args=[self.acme.pk])
        body = "kind=note&text=%ED%A0%80+%00+%FF"
        page = client.post(url, body, content_type="application/x-www-form-urlencoded")
        assert page.status_code == 400

    def test_other_fields_of_the_form(self) -> None:
        for fields in (
            {"kind": "coverage"},
            {"at": "yesterday"},
            {"past": "x"},
            {"answer": "x"},
        ):
            assert self.post("They called.", **fields).status_code in {200, 302}
        for account in ("²", "-1", "9" * 40):
            page = self.send(self.olivia, "note_preview", account=account, text="x")
            assert page.status_code in {200, 404}


class FromWhereOneIs(NotesTestCase):
    def test_the_key_opens_the_note_of_this_account(self) -> None:
        url = reverse("account_note", args=[self.acme.pk])
        fact, owed = make_fact(self.acme), make_obligation(self.acme)
        for name, thing in (
            ("account", self.acme),
            ("contact", self.champion),
            ("fact", fact),
            ("obligation", owed),
        ):
            page = self.browse(self.olivia, name, thing.pk).content.decode()
            assert re.search(rf'href="{url}"[^>]*data-key="n"', page), name
            assert re.search(rf'bottom-bar__note" href="{url}"', page), name

    def test_elsewhere_the_account_is_chosen(self) -> None:
        page = self.browse(self.olivia, "today")
        self.assertContains(page, f'href="{reverse("note_new")}"')
        page = self.browse(self.olivia, "note_new")
        self.assertContains(page, "Acme Robotics")
        self.assertNotContains(page, "Dunmore Press")

    def test_ones_own_accounts_come_before_all_others(self) -> None:
        with mock.patch("accounts.forms.notes.CHOICES", 1):
            page = self.browse(self.ines, "note_new")
        self.assertContains(page, "Cobalt Mining")

    def test_a_note_from_anywhere_names_its_account(self) -> None:
        make_contact(self.acme, "Pia Sand")
        text = "@pia called."
        page = self.send(self.olivia, "note_new", account=self.acme.pk, kind="note", text=text)
        self.assertContains(page, "Pia Sand called.")
        page = self.send(self.olivia, "note_new", kind="note", text="Whose is this?")
        self.assertContains(page, "Whose is this?")
        sent = {"account": self.dunmore.pk, "kind": "note", "text": "x"}
        assert self.send(self.olivia, "note_new", **sent).status_code == 404
