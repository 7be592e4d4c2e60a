"""What must survive a change of hands, complaint by complaint."""

from __future__ import annotations

import pytest

from accounts.briefing import compose
from accounts.models import CustomerCase, Entry, Obligation
from handoffs.models import Evidence, Transition, blockers
from handoffs.planning import CandidatePool
from tests.base import CastTestCase, make_case, make_contact, make_deal, make_entry, make_obligation
from tests.handoffs.steps import dates, hand_over, hand_over_wholly


class WhatSurvives(CastTestCase):
    @pytest.mark.complaint(3)
    def test_what_it_cost_the_champion_comes_first(self) -> None:
        """A champion spent political capital on us, and whoever comes next reads that before anything else."""
        make_contact(self.acme, "Anton Abel")
        first = compose(self.acme).part("people").lines[0]
        assert (first.title, first.must_survive) == ("Carla Weiss", True)
        assert first.text.startswith("What it cost them: Fell out with her own purchasing over us")

    @pytest.mark.complaint(3)
    def test_a_warm_introduction_to_the_champion_is_mandatory(self) -> None:
        """Nothing moves before the outgoing person has introduced the next one, or said why not."""
        handoff = hand_over(self.acme, self.ines, by=self.max)
        item = handoff.items.get(contact=self.champion, proof="person")
        assert item.required
        assert item.text == "Olivia Brandt introduces Ines Carvalho to Carla Weiss"
        assert "at a cost: Fell out with her own purchasing" in item.why
        assert item in handoff.open_items()
        assert any(item.text in sentence for sentence in blockers.accepting(handoff))
        item.tick(by=self.olivia, words="Done, and told to Ines")
        assert not any(item.text in sentence for sentence in blockers.accepting(handoff))

    def test_a_colleague_who_has_left_is_no_second_person_who_knows_them(self) -> None:
        """The checklist counts as the account's own check does."""
        make_entry(self.acme, by=self.olivia, contacts=[self.champion])
        make_entry(self.acme, by=self.nils, contacts=[self.champion])
        handoff = hand_over(self.acme, self.ines, by=self.max)
        assert Evidence.of(handoff).second_person
        self.nils.deactivate(by=self.petra, because="Left")
        assert not Evidence.of(handoff).second_person

    @pytest.mark.complaint(8)
    def test_a_successor_is_suggested_with_reasons_and_not_for_being_free(self) -> None:
        """Who knows people there comes before who merely has room."""
        make_entry(self.acme, by=self.nils, contacts=[self.champion])
        Transition.objects.open_departure(self.olivia, by=self.max, because="Moves", **dates())
        best = CandidatePool([self.acme], self.olivia).suggest(self.acme)[0]
        assert best.person == self.nils
        assert "Knows Carla Weiss" in best.reasons

    @pytest.mark.complaint(24)
    def test_the_exact_words_outlive_whoever_said_them(self) -> None:
        """ "Before we bought this, you told me ..." is found, with by whom, to whom and when."""
        words = "The export will run in Frankfurt before the summer"
        make_obligation(self.acme, words, contact=self.champion)
        self.olivia.deactivate(by=self.max, because="Left")
        owed = Obligation.objects.get()
        assert (owed.text, owed.raised_by, owed.contact) == (words, self.olivia, self.champion)
        (line,) = compose(self.acme).part("owed").lines
        assert (line.text, line.title) == (words, f"Promise to Carla Weiss, due {owed.due:%-d %B %Y}")
        found = self.browse(self.max, "search", q="export Frankfurt").content.decode()
        assert "Olivia Brandt" in self.browse(self.max, "obligation", owed.pk).content.decode()
        assert f"/obligations/{owed.pk}/" in found

    @pytest.mark.complaint(28)
    def test_what_was_promised_and_what_became_of_it_stands_on_the_renewal(self) -> None:
        """A broken promise does not surface first at the renewal."""
        make_obligation(self.acme, due_in=-3).keep(by=self.olivia)
        deal = make_deal(self.acme)
        page = self.browse(self.olivia, "deal", deal.pk).content.decode()
        assert "In twelve months: 0 of 1 kept, 1 late" in page

    @pytest.mark.complaint(32)
    def test_support_reads_the_same_memory_as_sales(self) -> None:
        """One memory for every role that serves the account."""
        make_entry(self.acme, "They close the books in three days")
        self.acme.coverage.create(
            role="support",
            person=self.nils,
            started_at=self.acme.coverage.get().started_at,
            started_by=self.max,
            started_because="Helps",
        )
        for person in (self.nils, self.olivia):
            assert "close the books" in self.browse(person, "account", self.acme.pk).content.decode()

    @pytest.mark.complaint(34, 35)
    def test_when_it_gets_rough_the_reasons_the_repairs_and_a_sponsor_by_name_are_there(self) -> None:
        """Somebody has their back. A bad moment anywhere reaches the owner and the brief."""
        CustomerCase.report(self.acme, "They were billed twice", by=self.nils, severity="stops")
        self.acme.rate("urgent", because="Billed twice in the week of their audit", by=self.olivia)
        self.acme.coverage.create(
            role="sponsor",
            person=self.petra,
            started_at=self.acme.coverage.get().started_at,
            started_by=self.max,
            started_because="Has their back",
        )
        page = self.browse(self.olivia, "account", self.acme.pk).content.decode()
        for shown in (
            "Billed twice in the week",
            "They were billed twice",
            "Petra Lindqvist",
            "Executive sponsor",
        ):
            assert shown in page
        brief = compose(self.acme)
        assert brief.part("now").lines[0].text == "Urgent. Billed twice in the week of their audit"
        assert "They were billed twice" in [line.text for line in brief.part("owed").lines]

    @pytest.mark.complaint(22)
    def test_an_escalation_survives_the_change_and_is_not_closed_by_us(self) -> None:
        """The one who comes next holds it, and only they say that it is over."""
        repair = make_case(self.acme, "The gate opens", "repair", contact=self.champion, due_in=None)
        repair.escalate(by=self.carla, because="It is not safe")
        hand_over_wholly(self.acme, self.ines, by=self.max)
        repair.refresh_from_db()
        assert (repair.holder, repair.escalated_to, repair.is_open) == (self.ines, self.max, True)
        knots = Entry.objects.filter(account=self.acme, kind="coverage")
        assert knots.exists()
