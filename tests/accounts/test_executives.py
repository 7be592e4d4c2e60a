"""Executives bring back what they learned, and their sponsor is owed to them by a cadence, not by a deal."""

from __future__ import annotations

import pytest

from accounts.models import Cadence, Coverage, Entry, Obligation, today
from accounts.notes.preview import NotePreview
from accounts.notes.saving import NOTHING_LEARNED
from accounts.pages.today import Agenda
from accounts.rules import clocks
from tests.base import CastTestCase, days_ago, in_days, make_coverage, make_entry

LEARNED = "Their board wants one ledger for nine sites before they buy any company again"


class ExecutivesTestCase(CastTestCase):
    def setUp(self) -> None:
        make_coverage(self.acme, self.petra, Coverage.Role.SPONSOR)

    def section(self) -> str:
        page = self.browse(self.olivia, "account", self.acme.pk).content.decode()
        return page.split('id="executives"')[1].split("</section>")[0]

    def visit(self, due_in: int) -> Obligation:
        """What the sponsor owes them by a cadence of ninety days."""
        cadence = Cadence.keep_to(self.acme, Coverage.Role.SPONSOR, 90, by=self.olivia)
        visit: Obligation = cadence.visits.get()
        Obligation.objects.filter(pk=visit.pk).update(due=in_days(due_in))
        return visit


class WhatExecutivesLearned(ExecutivesTestCase):
    def keep(self, text: str) -> str:
        page = self.send(self.petra, "account_note", self.acme.pk, text=text, kind="executive")
        return page.content.decode() if page.status_code == 200 else ""

    @pytest.mark.complaint(42)
    def test_it_stands_on_the_account_with_who_and_when_and_in_its_brief(self) -> None:
        for days, text in ((9, LEARNED), (400, "Too long ago to know who wrote it")):
            make_entry(self.acme, text, kind="executive", by=self.petra, days=days)
        make_entry(self.acme, "Somebody called", kind="conversation", days=2)
        shown = self.section()
        assert LEARNED in shown
        assert f"Petra Lindqvist, {days_ago(9):%-d %b %Y}" in shown
        assert shown.index(LEARNED) < shown.index("Too long ago")
        assert "Somebody called" not in shown
        brief = self.browse(self.olivia, "account_printed_brief", self.acme.pk).content.decode()
        assert LEARNED in brief.split("What an executive learned")[1].split("</section>")[0]

    @pytest.mark.complaint(42)
    def test_the_note_asks_what_was_learned(self) -> None:
        page = self.browse(self.petra, "account_note", self.acme.pk, kind="executive")
        self.assertContains(page, "What did you learn from them?")
        self.assertContains(page, '<option value="executive" selected>')
        self.assertNotContains(self.browse(self.petra, "account_note", self.acme.pk), "What did you learn")
        self.keep(LEARNED)
        assert Entry.objects.get(kind="executive").text == LEARNED

    @pytest.mark.complaint(42)
    def test_what_we_promise_alone_was_not_learned(self) -> None:
        """A call only to sell is refused as such, with its words, and may be kept as a conversation."""
        text = f"! send the offer for two more sites by {in_days(5)}"
        seen = {"seen": self.seen(text)}
        sent = {"text": text, "kind": "executive"} | seen
        page = self.send(self.petra, "account_note", self.acme.pk, **sent)
        self.assertContains(page, NOTHING_LEARNED, status_code=409)
        self.assertContains(page, text, status_code=409)
        assert not Entry.objects.filter(kind="executive").exists()
        self.send(self.petra, "account_note", self.acme.pk, **sent | {"kind": "conversation"})
        assert Entry.objects.filter(kind="conversation").exists()

    def seen(self, text: str) -> str:
        return NotePreview.of(self.acme, text, by=self.petra).seen

    def test_without_any_it_is_a_gap_that_leads_to_writing_it_down(self) -> None:
        shown = self.section()
        assert "No executive of ours has written down" in shown
        assert f"/accounts/{self.acme.pk}/notes/?kind=executive" in shown

    def test_what_was_taken_back_is_not_shown(self) -> None:
        note = make_entry(self.acme, LEARNED, kind="executive", by=self.petra)
        note.retract(by=self.petra, because="It was Borealis")
        assert LEARNED not in self.section()


class TheSponsor(ExecutivesTestCase):
    @pytest.mark.complaint(42)
    def test_is_shown_on_the_account_with_what_they_owe_and_when_it_is_overdue(self) -> None:
        """Not only when there is something to sell."""
        assert "Petra Lindqvist is their executive sponsor" in self.section()
        assert "Nobody has said how often" in self.section()
        visit = self.visit(due_in=4)
        assert "in touch every 90 days" in self.section()
        assert f"next by {in_days(4):%-d %b %Y}" in self.section()
        Obligation.objects.filter(pk=visit.pk).update(due=in_days(-4))
        assert f"overdue since {in_days(-4):%-d %b %Y}" in self.section()
        brief = self.browse(self.olivia, "account_printed_brief", self.acme.pk).content.decode()
        assert f"Late since {in_days(-4):%-d %B %Y}" in brief

    @pytest.mark.complaint(42)
    def test_has_it_on_their_day_with_what_was_learned_last(self) -> None:
        make_entry(self.acme, LEARNED, kind="executive", by=self.petra, days=9)
        visit = self.visit(due_in=-4)
        (due,) = Agenda.of(self.petra, today()).due
        assert due == visit
        assert dict(due.lines)["Learned"] == f"“{LEARNED}”, Petra Lindqvist, {days_ago(9):%-d %B %Y}"
        page = self.browse(self.petra, "today")
        self.assertContains(page, LEARNED)
        self.assertContains(page, f"late since {clocks.day_in_words(in_days(-4), short=True)}")

    def test_without_a_sponsor_it_is_a_gap(self) -> None:
        self.acme.coverage.get(role="sponsor").end(by=self.max, because="Elsewhere")
        assert "No executive sponsor is named" in self.section()
