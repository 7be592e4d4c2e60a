"""The customer's page: their own account's shared lines, in the product's order, and what they can say on it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import (
    Ask,
    AskedAgain,
    Contact,
    CustomerCase,
    Entry,
    Fact,
    Letter,
    Obligation,
    User,
    today,
)
from accounts.pages.customer_effort import asked_before_seen_by
from handoffs.models import Handoff, Transition
from tests.base import (
    CastTestCase,
    in_days,
    make_case,
    make_contact,
    make_customer,
    make_entry,
    make_fact,
    make_obligation,
    make_question,
)
from tests.handoffs.steps import announce
from tests.laws import refusal_of


class PageTestCase(CastTestCase):
    other: User
    outcome: Fact

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.other = make_customer(make_contact(cls.cobalt, "Dana Ortiz", email="dana@cobalt.example"))
        cls.outcome = make_fact(cls.acme, text="Close the books in three days", contact=cls.champion)
        cls.outcome.share(by=cls.olivia)

    def page(self, user: User | None = None) -> str:
        page = self.browse(user or self.carla, "customer_page")
        assert page.status_code == 200
        return page.content.decode()

    def hand_over(self, *, announce_in: int) -> Handoff:
        transition = Transition.objects.open_handover(
            self.acme.coverage.owners().get(),
            self.ines,
            by=self.max,
            because="Olivia takes on the north",
            access_on=in_days(0),
            accountable_on=in_days(0),
            announced_on=in_days(announce_in),
        )
        transition.start(by=self.max).run()
        return Handoff.objects.get(transition=transition)


class WhatTheySee(PageTestCase):
    def test_the_sections_come_in_the_products_order(self) -> None:
        page = self.page()
        order = ["team", "owed", "told", "known", "asked", "stands", "ask", "access"]
        assert sorted(order, key=lambda one: page.index(f'id="{one}"')) == order

    def test_what_was_not_shared_is_not_there(self) -> None:
        make_fact(self.acme, "budget", "They would pay twice as much")
        make_entry(self.acme, "Dieter is a pain")
        make_obligation(self.acme, "Sweeten the renewal")
        make_entry(self.acme, "We met in Hamburg").share(by=self.olivia)
        page = self.page()
        for words in ("twice as much", "is a pain", "Sweeten"):
            assert words not in page
        assert "We met in Hamburg" in page

    def test_another_customer_sees_nothing_of_it(self) -> None:
        assert "Close the books" not in self.page(self.other)

    @pytest.mark.complaint(26)
    def test_a_moved_date_is_shown_with_its_reason(self) -> None:
        """Dates slip in the open, with a reason."""
        owed = make_obligation(self.acme, shared=True)
        owed.move(in_days(20), because="Our lawyers need longer", by=self.olivia)
        assert "Our lawyers need longer" in self.page()

    @pytest.mark.complaint(12, 18)
    def test_a_no_is_shown_with_its_because(self) -> None:
        """Something happens with what they tell us. "It is our practice" is not a reason."""
        told = make_case(self.acme, "Two clicks too many", "feedback", contact=self.champion, shared=True)
        told.decide("no", "your auditors asked for it", by=self.olivia)
        assert "No: your auditors asked for it" in self.page()

    def test_our_worry_is_not_their_stage(self) -> None:
        Entry.reach_stage(self.acme, "in_value", evidence="They use it", by=self.olivia)
        Entry.reach_stage(self.acme, "at_risk", evidence="Carla is furious", by=self.olivia)
        page = self.page()
        assert "It is in use." in page
        assert "furious" not in page

    @pytest.mark.complaint(44)
    def test_staff_see_the_same_page_and_cannot_press_anything(self) -> None:
        """Whoever of us walks the customer's path sees what they see."""
        page = self.browse(self.olivia, "customer_preview", self.acme.pk)
        self.assertContains(page, "You see this page as Acme Robotics sees it.")
        self.assertContains(page, "Close the books")
        self.assertNotContains(page, "right/")
        assert self.browse(self.nils, "customer_preview", self.acme.pk).status_code == 404
        assert self.browse(self.carla, "customer_preview", self.acme.pk).status_code == 404
        assert self.send(self.olivia, "customer_preview", self.acme.pk).status_code == 405

    def test_the_page_is_not_for_staff(self) -> None:
        assert self.browse(self.olivia, "customer_page").status_code == 404
        assert self.send(self.carla, "customer_page").status_code == 405

    def test_it_takes_as_many_queries_with_much_as_with_little(self) -> None:
        browser = self.as_(self.carla)
        make_question(self.acme, self.champion, shared=True)
        make_entry(self.acme).share(by=self.olivia)
        with CaptureQueriesContext(connection) as few:
            browser.get(reverse("customer_page"))
        for number in range(8):
            make_question(self.acme, self.champion, f"Question {number}", shared=True)
            make_entry(self.acme, f"Visit {number}").share(by=self.olivia)
            make_fact(self.acme, "terms", f"Term {number}").share(by=self.olivia)
        with CaptureQueriesContext(connection) as many:
            browser.get(reverse("customer_page"))
        assert len(few) == len(many)


class WhatIsOpen(PageTestCase):
    def test_what_they_read_is_true_and_tells_nothing_of_what_is_not_shared(self) -> None:
        nothing_owed = self.page()
        make_obligation(self.acme, "Sweeten the renewal", contact=self.champion)
        assert "Nothing is open" not in nothing_owed
        assert "Nothing of what is shared with you here is open." in nothing_owed
        assert "It need not be everything" in nothing_owed
        assert self.owed(self.page()) == self.owed(nothing_owed)
        make_obligation(self.acme, shared=True)
        page = self.page()
        assert "Nothing of what is shared" not in page
        assert "It need not be everything" in page

    @staticmethod
    def owed(page: str) -> str:
        return page[page.index('id="owed"') : page.index('id="told"')]


class TheChange(PageTestCase):
    def test_nobody_hears_of_it_before_the_announcement(self) -> None:
        handoff = self.hand_over(announce_in=5)
        assert "Ines" not in self.page()
        handoff.override(by=self.max, because="It cannot wait")
        make_obligation(self.acme, by=self.ines, shared=True)
        make_entry(self.acme, "Hello, I am new here", by=self.ines).share(by=self.max)
        page = self.page()
        assert self.acme.owner == self.ines
        assert "Ines" not in page
        assert "I am new here" not in page
        assert "Olivia Brandt sees to it" in page

    def test_a_person_who_has_gone_is_stood_in_for_by_the_manager(self) -> None:
        handoff = self.hand_over(announce_in=5)
        handoff.override(by=self.max, because="It cannot wait")
        self.olivia.deactivate(by=self.max, because="Left")
        page = self.page()
        assert "Ines" not in page
        assert "Max Adeyemi" in page

    @pytest.mark.complaint(5)
    def test_from_the_announcement_they_know_who_when_and_why(self) -> None:
        handoff = self.hand_over(announce_in=0)
        announce(handoff)
        page = self.page()
        assert "Olivia Brandt hands over to Ines Carvalho" in page
        assert "Olivia takes on the north" in page

    def test_they_confirm_it_once(self) -> None:
        handoff = self.hand_over(announce_in=0)
        assert self.send(self.carla, "customer_confirm", handoff.pk).status_code == 404
        announce(handoff)
        assert self.send(self.other, "customer_confirm", handoff.pk).status_code == 404
        assert self.send(self.carla, "customer_confirm", handoff.pk).status_code == 302
        assert self.send(self.carla, "customer_confirm", handoff.pk).status_code == 409
        handoff.refresh_from_db()
        assert handoff.confirmed_by == self.champion


class WhatTheySay(PageTestCase):
    def test_that_is_right(self) -> None:
        self.send(self.carla, "customer_right", self.outcome.pk)
        assert self.outcome.confirmations.get().contact == self.champion

    def test_a_correction_is_held_by_somebody_and_changes_the_line_when_we_agree(self) -> None:
        self.send(self.carla, "customer_correct", self.outcome.pk, text="In two days")
        correction = CustomerCase.objects.get(account=self.acme, fact=self.outcome)
        assert (correction.holder, correction.kind) == (self.olivia, "feedback")
        assert "You corrected it" in self.page()
        correction.decide("yes", "you said so", by=self.olivia)
        page = self.page()
        assert "In two days" in page
        assert "Close the books" not in page

    def test_a_correction_of_a_line_that_changed_meanwhile_is_409_and_kept(self) -> None:
        self.outcome.supersede("In four days", by=self.olivia)
        page = self.send(self.carla, "customer_correct", self.outcome.pk, text="In two days")
        self.assertContains(page, "In two days", status_code=409)
        self.assertContains(page, "In four days", status_code=409)

    @pytest.mark.complaint(9)
    def test_asked_before_is_counted_once_a_day_and_stays_internal(self) -> None:
        self.send(self.carla, "customer_asked_before", self.outcome.pk)
        self.send(self.carla, "customer_asked_before", self.outcome.pk)
        assert Entry.objects.filter(account=self.acme, step="asked_before").count() == 1
        assert AskedAgain.objects.get().fact == self.outcome
        assert "was asked again" not in self.page()

    @pytest.mark.complaint(9)
    def test_the_owner_s_manager_has_a_letter_that_can_be_answered(self) -> None:
        """It lands with the manager, signed by whoever was asked twice."""
        self.send(self.carla, "customer_asked_before", self.outcome.pk)
        self.send(self.carla, "customer_asked_before", self.outcome.pk)
        letter = Letter.objects.get()
        assert (letter.to, letter.signed_by, letter.account) == (self.max, self.carla, self.acme)
        assert "was asked again what we had known already: “Close the books in three days”" in letter.text
        self.assertContains(self.browse(self.olivia, "account", self.acme.pk), "was asked again")

    @pytest.mark.complaint(9, 13)
    def test_what_we_asked_is_one_list_and_can_be_marked_as_well(self) -> None:
        """The customer sees the log of all that any of us asked."""
        ask = Ask.make(self.acme, "favour", "Would you talk to Cobalt?", by=self.olivia, contact=self.dieter)
        assert "Would you talk to Cobalt?" in self.page()
        assert "Olivia Brandt asked Dieter Krol" in self.page()
        for _ in range(2):
            self.send(self.carla, "customer_ask_again", ask.pk)
        assert AskedAgain.objects.get().ask == ask
        asked = asked_before_seen_by(self.max)
        assert (asked.reps, asked.topics) == ([("Olivia Brandt", 1)], [("Another favour", 1)])

    def test_what_another_customer_was_asked_is_not_theirs(self) -> None:
        ask = Ask.make(self.cobalt, "favour", "Would you talk to Acme?", by=self.ines)
        assert "Would you talk to Acme?" not in self.page()
        assert self.send(self.carla, "customer_ask_again", ask.pk).status_code == 404

    def test_what_somebody_asked_whom_they_do_not_know_of_yet_is_held(self) -> None:
        Ask.make(self.acme, "favour", "Would you talk to Cobalt?", by=self.ines)
        self.hand_over(announce_in=5)
        assert "Would you talk to Cobalt?" not in self.page()

    def test_a_day_holds_one_mark_even_around_the_models(self) -> None:
        """Law 7."""
        mark = AskedAgain.mark(self.outcome, by=self.carla)
        entry = make_entry(self.acme)
        again = """INSERT INTO accounts_askedagain (entry_id, contact_id, fact_id, "on") VALUES (%s, %s, %s, %s)"""
        values = (entry.pk, self.champion.pk, self.outcome.pk)
        assert refusal_of(again, *values, mark.on) == "asked_again_of_fact_once_a_day"
        assert refusal_of(again, entry.pk, self.champion.pk, None, mark.on) == "asked_again_of_one_thing"

    @pytest.mark.complaint(11)
    def test_their_own_spelling_is_said_on_their_page(self) -> None:
        """Name misspelled after spelling it."""
        assert "How your name is written and said" in self.page()
        spelt = {"name": "Carla Weiß", "say_name": "VICE", "title": "Head of finance"}
        self.send(self.carla, "customer_name", **spelt)
        self.champion.refresh_from_db()
        assert (self.champion.name, self.champion.say_name, self.champion.title) == tuple(spelt.values())
        assert self.champion.name_locked
        self.carla.refresh_from_db()
        assert self.carla.name == "Carla Weiß"
        empty = self.send(self.carla, "customer_name", name=" ", title="Queen")
        assert "Queen" in empty.content.decode()
        assert Contact.objects.get(pk=self.champion.pk).title == "Head of finance"

    @pytest.mark.complaint(11)
    def test_nobody_spells_it_for_them(self) -> None:
        for user in (self.olivia, self.other):
            with pytest.raises(PermissionDenied):
                self.champion.correct_name(name="Karla", say_name="", title="", by=user)

    def test_only_a_customer_marks_it(self) -> None:
        with pytest.raises(PermissionDenied):
            AskedAgain.mark(self.outcome, by=self.olivia)

    @pytest.mark.complaint(16, 20)
    def test_a_question_goes_to_the_person_asked_with_a_clock(self) -> None:
        """To one person by name. How urgent it is they say themselves."""
        owner = self.acme.owner_coverage
        assert owner is not None
        asked = {"whom": owner.pk, "text": "Can we export it all?", "urgency": "emergency"}
        self.send(self.carla, "customer_ask", **asked)
        question = Obligation.objects.get(account=self.acme, kind="question")
        assert (question.holder, question.due) == (self.olivia, today())
        assert "Can we export it all?" in self.page()

    def test_only_they_close_what_they_asked(self) -> None:
        question = make_question(self.acme, self.champion, shared=True)
        assert self.send(self.carla, "customer_agree", question.pk).status_code == 409
        question.answer("Yes, all of it", by=self.olivia)
        assert "Does that settle it?" in self.page()
        self.send(self.carla, "customer_reopen", question.pk, because="And the attachments?")
        assert "And the attachments?" in self.page()
        question.answer("Those too", by=self.olivia)
        self.send(self.carla, "customer_agree", question.pk)
        question.refresh_from_db()
        assert question.outcome == "agreed"

    def test_nobody_speaks_for_another_customer(self) -> None:
        question = make_question(self.acme, self.champion, shared=True)
        for name, pk in (("right", self.outcome.pk), ("correct", self.outcome.pk), ("asked_before", self.outcome.pk),
                         ("agree", question.pk), ("reopen", question.pk)):  # fmt: skip
            assert self.send(self.other, f"customer_{name}", pk, text="x", because="x").status_code == 404
            assert self.send(self.olivia, f"customer_{name}", pk).status_code == 404
            assert self.browse(self.carla, f"customer_{name}", pk).status_code == 405

    def test_what_is_not_shared_cannot_be_addressed(self) -> None:
        secret = make_fact(self.acme, "budget", "They would pay twice as much")
        assert self.send(self.carla, "customer_right", secret.pk).status_code == 404


class TakingItAway(PageTestCase):
    def test_the_whole_page_as_a_table_and_as_json(self) -> None:
        make_obligation(self.acme, "=1+1", shared=True)
        table = self.browse(self.carla, "customer_take_away", **{"as": "csv"})
        rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
        assert "Close the books in three days" in [row["what"] for row in rows]
        assert "'=1+1" in [row["what"] for row in rows]
        told: Any = self.as_(self.carla).get(reverse("customer_take_away")).json()
        assert told["account"] == "Acme Robotics"
        assert self.browse(self.olivia, "customer_take_away").status_code == 404
        assert self.send(self.carla, "customer_take_away").status_code == 405
