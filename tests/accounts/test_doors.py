"""Every door of the memory asks who comes: of an account that somebody does not see they learn nothing."""

from __future__ import annotations

from typing import Any

from accounts.models import Account, Obligation, User, Visit
from handoffs.models import Handoff
from tests.base import (
    CastTestCase,
    at_time,
    days_ago,
    make_account,
    make_coverage,
    make_obligation,
    make_user,
)
from tests.handoffs.steps import approve, hand_over, ready_to_accept, write


class Reporting(CastTestCase):
    """Anybody reports on any customer whose exact name they know."""

    def report(self, user: User, name: object, **fields: Any) -> Any:
        sent = {"account": name, "text": "Billed twice", "severity": "hinders"} | fields
        return self.send(user, "incident_new", **sent)

    def test_no_part_of_a_name_and_no_number_finds_a_customer(self) -> None:
        for typed in ("Du", "Dunmore", "Dunmore%", "", self.dunmore.pk, f" {self.dunmore.pk} "):
            answer = self.report(self.olivia, typed)
            assert answer.status_code == 200
            assert "Dunmore Press" not in answer.content.decode()
        for asked in ({"account": self.dunmore.pk}, {"q": "Du"}, {"account": "Dunmore Press"}):
            assert "Dunmore Press" not in self.browse(self.olivia, "incident_new", **asked).content.decode()
        assert not Obligation.objects.exists()

    def test_the_exact_name_is_enough_however_it_is_cased_and_spaced(self) -> None:
        answer = self.report(self.olivia, "  dunmore \t PRESS ")
        assert answer.status_code == 302
        assert Obligation.objects.get().account == self.dunmore

    def test_they_learn_neither_who_answers_for_it_nor_what_it_is_called_later(self) -> None:
        browser = self.as_(self.olivia)
        sent = {"account": "Dunmore Press", "text": "Billed twice", "severity": "hinders"}
        reported = browser.post("/incidents/new/", sent, follow=True).content.decode()
        Account.objects.filter(pk=self.dunmore.pk).update(name="Dunmore Holding")
        for page in (reported, self.browse(self.olivia, "incident_list").content.decode()):
            assert "Billed twice" in page
            assert "Nils Aalto" not in page
            assert "Dunmore Holding" not in page
        make_coverage(self.dunmore, self.olivia)
        page = self.browse(self.olivia, "incident_list").content.decode()
        assert "Dunmore Holding" in page
        assert "Nils Aalto has it" in page

    def test_of_two_of_that_name_the_one_that_they_see_is_meant(self) -> None:
        twin = make_account("Acme robotics", self.nils)
        assert self.report(self.olivia, "Acme Robotics").status_code == 302
        assert Obligation.objects.get().account == self.acme
        assert self.report(self.nils, "Acme Robotics").status_code == 302
        assert Obligation.objects.filter(account=twin).exists()
        answer = self.report(self.omar, "Acme Robotics")
        assert "More than one customer is called so" in answer.content.decode()


class TwoOfOneName(CastTestCase):
    """One is asked only about what one sees; operations are told of the rest."""

    def open_account(self, user: User, name: str, **fields: Any) -> Any:
        sent = {"name": name, "owner": user.pk, "time_zone": "UTC"} | fields
        return self.send(user, "account_new", **sent)

    def test_a_new_account_is_held_against_those_that_one_sees(self) -> None:
        answer = self.open_account(self.olivia, "acme  robotics")
        assert answer.status_code == 200
        assert "Acme Robotics is open already. Is it another customer?" in answer.content.decode()
        assert self.open_account(self.olivia, "acme  robotics", another="on").status_code == 302
        answer = self.open_account(self.olivia, "Dunmore Press")
        assert answer.status_code == 302, "Nils's customer is no business of hers"
        page = self.browse(self.olivia, "account_new").content.decode()
        assert "another customer" not in page

    def test_operations_alone_are_told_of_a_possible_duplicate(self) -> None:
        make_account("dunmore  press", self.olivia)
        told = self.browse(self.omar, "account_list").content.decode()
        assert "Possible duplicates" in told
        told = told[
            told.index("Possible duplicates") : told.index("</details>", told.index("Possible duplicates"))
        ]
        assert "dunmore press" in told
        assert "Dunmore Press" in told
        assert "Acme" not in told
        for user in (self.olivia, self.max, self.petra, self.nils):
            assert "Possible duplicates" not in self.browse(user, "account_list").content.decode()

    def test_no_duplicates_no_list(self) -> None:
        assert "Possible duplicates" not in self.browse(self.omar, "account_list").content.decode()


class TheCompanyAbove(CastTestCase):
    def setUp(self) -> None:
        Account.objects.filter(pk=self.acme.pk).update(parent=self.dunmore)

    def test_is_named_to_those_who_see_it(self) -> None:
        assert "part of Dunmore Press" in self.browse(self.petra, "account", self.acme.pk).content.decode()
        page = self.browse(self.olivia, "account", self.acme.pk).content.decode()
        assert "Dunmore Press" not in page

    def test_stays_as_it_is_when_somebody_who_does_not_see_it_corrects_the_rest(self) -> None:
        page = self.browse(self.olivia, "account_edit", self.acme.pk).content.decode()
        assert "Dunmore" not in page
        sent = {"name": "Acme Robots", "time_zone": "UTC", "parent": self.borealis.pk}
        assert self.send(self.olivia, "account_edit", self.acme.pk, **sent).status_code == 302
        corrected = Account.objects.get(pk=self.acme.pk)
        assert (corrected.name, corrected.parent) == ("Acme Robots", self.dunmore)

    def test_is_chosen_among_those_that_one_sees(self) -> None:
        Account.objects.filter(pk=self.acme.pk).update(parent=None)
        sent = {"name": "Acme", "time_zone": "UTC", "parent": self.dunmore.pk}
        assert self.send(self.olivia, "account_edit", self.acme.pk, **sent).status_code == 200
        assert Account.objects.get(pk=self.acme.pk).parent is None


class WhatWasDecided(CastTestCase):
    def decided(self, user: User) -> str:
        page = self.browse(user, "approval_list").content.decode()
        return page[page.index("Decided by you") :]

    def test_of_an_account_that_one_no_longer_sees_only_ones_own_words_remain(self) -> None:
        handoff = hand_over(self.acme, self.nils, by=self.petra)
        write(handoff, by=self.olivia)
        handoff.return_to_writer(by=self.max, because="Say more about Dieter")
        handoff = Handoff.objects.get(pk=handoff.pk)
        handoff.write(by=self.olivia)
        approve(handoff)
        assert "Acme Robotics" in self.decided(self.max)
        handoff.override(by=self.petra, because="The customer cannot wait")
        mine = self.decided(self.max)
        assert "Acme Robotics" not in mine
        assert "An account that you no longer see" in mine
        assert "Say more about Dieter" in mine
        assert "Acme Robotics" in self.decided(self.petra)

    def test_an_accepted_read_back_likewise(self) -> None:
        handoff = hand_over(self.acme, self.nils, by=self.petra)
        ready_to_accept(handoff, by=self.olivia)
        handoff.accept(by=self.olivia)
        assert "Acme Robotics" not in self.decided(self.olivia)


class ADayInThePast(CastTestCase):
    def test_is_read_with_the_rights_of_today(self) -> None:
        """Who served then and does not now reads nothing of it; who came later reads all of it."""
        later = make_user("Bela Kiss", reports_to=self.petra)
        self.acme.coverage.owners().pass_to(later, by=self.petra, because="A smaller book")
        for name in ("account_as_of", "account_printed_brief", "account_relationship_chart", "account_call"):
            assert self.browse(self.olivia, name, self.acme.pk).status_code == 404, name
            assert self.browse(later, name, self.acme.pk).status_code == 200, name


class TheDailyMail(CastTestCase):
    def test_does_not_ask_for_a_note_on_an_account_that_is_somebody_elses_by_now(self) -> None:
        with at_time(days_ago(3)):
            visit = make_obligation(self.acme, "See the new line", "visit", due_in=1)
        with at_time(days_ago(2)):
            Visit.objects.get(pk=visit.pk).keep(by=self.olivia)
        assert Visit.without_a_note(self.olivia)
        self.acme.coverage.owners().pass_to(self.nils, by=self.petra, because="A smaller book")
        assert not Visit.without_a_note(self.olivia)
