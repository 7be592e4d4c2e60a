"""What it takes the customer: repeats, transfers and waits, counted for each account."""

from __future__ import annotations

import pytest

from accounts.models import Entry
from accounts.pages.customer_effort import Effort
from tests.base import CastTestCase, days_ago, make_contact, make_entry, make_question


class TheirEffort(CastTestCase):
    @pytest.mark.complaint(46, 16)
    def test_repeats_transfers_and_waits_are_counted(self) -> None:
        """What is counted is the customer's effort. Transfers are counted and shown."""
        asked = make_question(self.acme, self.champion, "Where is it kept?", at=days_ago(20))
        asked.hand_to(self.ines, by=self.olivia)
        asked.answer("In Frankfurt", by=self.ines)
        asked.reopen(because="Which Frankfurt?", by=self.carla)
        make_question(self.acme, self.dieter, "Who signs?").answer("Max does", by=self.olivia)
        make_question(self.borealis, make_contact(self.borealis, "Bea"), "Not theirs", at=days_ago(20))
        Entry.record(
            self.acme, "fact", "Asked again", by=self.champion, step="asked_before", subject="Budget"
        )
        effort = Effort.of(self.acme)
        assert (effort.repeats, effort.transfers, effort.too_long) == (2, 1, 1)
        assert [line.text for line in effort.costly] == ["Where is it kept?"]
        page = self.browse(self.olivia, "account_effort", self.acme.pk).content.decode()
        told = (
            "had to say something again 2 times, was handed to a colleague once and waited too long for the "
            "answer to 1 of 2"
        )
        assert told in page
        assert "first word after" in page
        assert "Asked again" in page

    @pytest.mark.complaint(20, 46)
    def test_what_is_without_a_word_waits_in_the_open(self) -> None:
        make_question(self.acme, self.champion, "Where is it kept?", at=days_ago(20))
        assert Effort.of(self.acme).too_long == 1
        assert "no word for" in self.browse(self.max, "account_effort", self.acme.pk).content.decode()

    @pytest.mark.complaint(23)
    def test_the_clock_runs_from_a_change_of_owner_to_the_first_contact(self) -> None:
        """Two days until anyone engages are seen, and so is that nobody has yet."""
        make_entry(self.acme, days=0)
        self.acme.coverage.owners().pass_to(self.ines, by=self.max, because="Olivia leaves")
        (change,) = Effort.of(self.acme).changes
        assert (change.owner.person, change.first_contact) == (self.ines, None)
        page = self.browse(self.ines, "account_effort", self.acme.pk).content.decode()
        assert "has not spoken with them yet" in page
        make_entry(self.acme, by=self.ines, kind="note", days=0)
        assert Effort.of(self.acme).changes[0].first_contact is None
        spoke = make_entry(self.acme, by=self.ines, days=0)
        assert Effort.of(self.acme).changes[0].first_contact == spoke.at
        page = self.browse(self.ines, "account_effort", self.acme.pk).content.decode()
        assert "first spoke with them on the same day" in page

    @pytest.mark.complaint(23)
    def test_an_owner_who_was_followed_and_never_spoke_with_them_is_told_of(self) -> None:
        self.acme.coverage.owners().pass_to(self.ines, by=self.max, because="Olivia leaves")
        self.acme.coverage.owners().pass_to(self.nils, by=self.max, because="By region")
        make_entry(self.acme, by=self.ines, days=0)
        page = self.browse(self.nils, "account_effort", self.acme.pk).content.decode()
        assert "and never spoke with them" in page
        assert "has not spoken with them yet" in page

    def test_whoever_acts_has_not_begun_and_nobody_follows_themselves(self) -> None:
        self.acme.coverage.owners().pass_to(self.max, by=self.petra, because="Olivia left", acting=True)
        assert Effort.of(self.acme).changes == []

    def test_it_takes_three_queries(self) -> None:
        assert self.acme.memory_ids
        with self.assertNumQueries(3):
            Effort.of(self.acme)
        for n in range(5):
            make_question(self.acme, self.champion, f"Question {n}")
        with self.assertNumQueries(3):
            Effort.of(self.acme)
