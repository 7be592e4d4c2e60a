"""Who of ours knows whom of theirs: what only one of us knows is visible before they go."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import today
from accounts.pages.stakeholder_map import StakeholderMap
from tests.base import CastTestCase, make_champion, make_contact, make_entry


class TheirPeople(CastTestCase):
    def the_map(self) -> StakeholderMap:
        page = self.browse(self.max, "account_stakeholder_map", self.acme.pk)
        assert page.status_code == 200
        found: StakeholderMap = page.context["map"]  # type: ignore[attr-defined]
        return found

    @pytest.mark.complaint(3)
    def test_only_olivia_knows_her(self) -> None:
        """The champion hangs by one thread, and it is seen."""
        make_entry(self.acme, contacts=[self.champion, self.dieter])
        make_entry(self.acme, by=self.ines, contacts=[self.dieter])
        page = self.browse(self.max, "account_stakeholder_map", self.acme.pk)
        self.assertContains(page, "only Olivia Brandt knows them", count=1)
        self.assertContains(page, "known to Ines Carvalho, Olivia Brandt")
        found = self.the_map()
        assert [(one.contact, one.only) for one in found.theirs] == [
            (self.champion, "Olivia Brandt"),
            (self.dieter, ""),
        ]
        assert len(found.lines) == 3
        assert found.warnings == []
        page = self.browse(self.max, "account", self.acme.pk)
        self.assertContains(page, "Only Olivia Brandt knows them", count=1)
        self.assertContains(page, reverse("account_stakeholder_map", args=[self.acme.pk]))

    def test_an_account_that_hangs_by_one_thread(self) -> None:
        make_entry(self.acme, contacts=[self.champion])
        assert self.the_map().warnings == [
            "Only Olivia Brandt knows anybody there",
            "Carla Weiss is the only one of theirs we have met in a year",
        ]

    def test_a_champion_who_left_or_went_quiet(self) -> None:
        for person in (self.olivia, self.ines):
            make_entry(self.acme, by=person, contacts=[self.champion, self.dieter], days=61)
        gone = make_champion(self.acme, "Uwe Alt", left_on=today())
        found = self.the_map()
        assert found.warnings[0].startswith("Uwe Alt, who spoke for us, left on")
        assert found.warnings[1].startswith("Carla Weiss, who speaks for us, has been quiet since")
        assert all(line.quiet for line in found.lines)
        assert gone not in [one.contact for one in found.theirs]

    def test_the_picture_has_a_title_and_a_table_behind_it(self) -> None:
        make_entry(self.acme, contacts=[self.champion])
        page = self.browse(self.max, "account_stakeholder_map", self.acme.pk)
        self.assertContains(page, 'role="img"')
        self.assertContains(page, "<title id=", html=False)
        self.assertContains(page, "The same as a table")

    def test_names_are_shown_as_text(self) -> None:
        make_entry(self.acme, contacts=[make_contact(self.acme, "<b>Bo</b>")])
        page = self.browse(self.max, "account_stakeholder_map", self.acme.pk)
        self.assertNotContains(page, "<b>Bo</b>")

    def test_an_account_without_people_and_one_that_is_not_yours(self) -> None:
        self.assertContains(
            self.browse(self.max, "account_stakeholder_map", self.borealis.pk),
            "Nobody of theirs is written down",
        )
        for user in (self.nils, self.carla):
            assert self.browse(user, "account_stakeholder_map", self.acme.pk).status_code == 404

    def test_as_many_queries_for_more_people(self) -> None:
        client, url = self.as_(self.max), reverse("account_stakeholder_map", args=[self.acme.pk])
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        for number in range(10):
            make_entry(self.acme, contacts=[make_contact(self.acme, f"Contact {number}")])
        with CaptureQueriesContext(connection) as many:
            client.get(url)
        assert len(few) == len(many)
