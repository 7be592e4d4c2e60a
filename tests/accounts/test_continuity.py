"""Know what would be lost: the five checks of an account, and what one person's going would cost."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Contact, Coverage, Entry, Fact, today
from accounts.models.continuity import annotated, evidence_of
from accounts.pages.if_left import loss_of, with_team
from accounts.rules.continuity import Continuity
from tests.base import (
    CastTestCase,
    days_ago,
    make_account,
    make_champion,
    make_contact,
    make_coverage,
    make_entry,
    make_fact,
    make_obligation,
    make_user,
)


def the_checks(account: Account) -> Continuity:
    return Continuity.of(evidence_of(annotated(Account.objects.filter(pk=account.pk)).get()))


def make_whole(account: Account, champion: Contact, *ours: Any) -> Fact:
    """All five checks stand: these people met the champion, and the story is fresh."""
    for person in ours:
        make_entry(account, by=person, contacts=[champion], days=5)
    return make_fact(account, "story", "They came after a failed rollout.")


@pytest.mark.complaint(6)
class FiveChecks(CastTestCase):
    """ "Someone calls and starts over" is seen before it happens."""

    def missing(self) -> list[str]:
        return [check.slug for check in the_checks(self.acme).missing]

    def test_all_five_stand(self) -> None:
        make_whole(self.acme, self.champion, self.olivia, self.ines)
        assert str(the_checks(self.acme)) == "5 of 5"

    def test_each_missing_one_is_named_with_what_would_help(self) -> None:
        make_whole(self.acme, self.champion, self.olivia)
        found = the_checks(self.acme)
        assert str(found) == "4 of 5: no second person knows them"
        assert found.missing[0].sentence == "Only Olivia Brandt is known to them"
        bare = the_checks(self.borealis)
        assert [check.slug for check in bare.missing] == ["champion", "people", "story"]
        assert all(check.help and check.where for check in bare.missing)

    @pytest.mark.complaint(4)
    def test_an_acting_owner_has_not_read_it_back(self) -> None:
        make_whole(self.acme, self.champion, self.olivia, self.ines)
        self.olivia.deactivate(by=self.max, because="Left without notice")
        assert self.missing() == ["owner", "people"]
        assert (
            the_checks(self.acme).missing[0].sentence
            == "Max Adeyemi is acting owner and has not read it back"
        )

    @pytest.mark.complaint(3)
    def test_a_champion_must_be_met_within_sixty_days(self) -> None:
        """Who stood up for us is not forgotten."""
        make_whole(self.acme, self.champion, self.ines)
        make_entry(self.borealis, contacts=[make_champion(self.borealis, "Bo Lund")], days=61)
        assert "champion" not in self.missing()
        quiet = the_checks(self.borealis)
        assert quiet.checks[1].short == "the champion has gone quiet"
        assert quiet.checks[1].help == "Call Bo Lund"
        contact = self.borealis.contacts.get()
        make_entry(self.borealis, "They wrote.", by=contact, kind=Entry.Kind.EMAIL, days=1)
        assert the_checks(self.borealis).checks[1].ok

    def test_a_champion_who_left_is_named(self) -> None:
        self.champion.left_on = today()
        self.champion.save(update_fields=["left_on"])
        check = the_checks(self.acme).checks[1]
        assert (check.ok, check.sentence) == (False, "Carla Weiss, who spoke for us, has left")

    def test_what_was_taken_back_counts_for_nothing(self) -> None:
        make_entry(self.acme, by=self.olivia, contacts=[self.champion])
        second = make_entry(self.acme, by=self.ines, contacts=[self.champion], kind=Entry.Kind.VISIT)
        assert "people" not in self.missing()
        second.retract(by=self.ines, because="It was another Carla.")
        assert "people" in self.missing()

    def test_an_acquaintance_of_long_ago_or_of_somebody_gone_counts_for_nothing(self) -> None:
        make_entry(self.acme, by=self.olivia, contacts=[self.champion])
        make_entry(self.acme, by=self.nils, contacts=[self.champion], days=366)
        make_entry(self.acme, by=self.ines, contacts=[self.champion])
        self.ines.deactivate(by=self.max, because="Gone")
        assert "people" in self.missing()

    def test_late_and_story(self) -> None:
        story = make_whole(self.acme, self.champion, self.olivia, self.ines)
        make_obligation(self.acme, due_in=-1)
        assert self.missing() == ["late"]
        newer = story.supersede("They came twice.", by=self.olivia)
        assert self.missing() == ["late"]
        newer.retract(by=self.olivia, because="A guess")
        assert self.missing() == ["late", "story"]

    def test_a_story_is_fresh_for_ninety_days_after_it_was_last_confirmed(self) -> None:
        with mock.patch.object(timezone, "now", return_value=days_ago(91)):
            story = make_fact(self.acme, "story", "They came after a failed rollout.")
        assert "story" in self.missing()
        assert the_checks(self.acme).missing[-1].where == "account_story"
        story.confirm(by=self.olivia)
        assert "story" not in self.missing()

    def test_the_account_page_shows_them(self) -> None:
        make_whole(self.acme, self.champion, self.olivia)
        page = self.browse(self.olivia, "account", self.acme.pk)
        self.assertContains(page, "4 of 5: no second person knows them")
        self.assertContains(page, "Take a colleague along to the next talk")

    def test_one_query_whatever_the_number_of_accounts(self) -> None:
        many = [make_account(f"Customer {number}", self.ines) for number in range(20)]
        make_whole(many[0], make_champion(many[0], "One"), self.ines, self.nils)
        for wanted in (Account.objects.filter(pk=many[0].pk), Account.objects.all()):
            with CaptureQueriesContext(connection) as queries:
                assert [Continuity.of(evidence_of(account)) for account in annotated(wanted)]
            assert len(queries) == 1


@pytest.mark.complaint(6)
class IfTheyLeft(CastTestCase):
    """A manager sees which accounts would start over before they do."""

    def setUp(self) -> None:
        make_whole(self.acme, self.champion, self.olivia, self.ines)
        make_coverage(self.acme, self.ines, Coverage.Role.BACK_UP)
        make_entry(self.borealis, contacts=[make_champion(self.borealis, "Bo Lund")])

    def test_worst_first_each_with_what_would_help_most(self) -> None:
        page = self.browse(self.max, "person_if_left", self.olivia.pk)
        self.assertContains(page, "1 of 2 accounts would start over.")
        going = page.context["going"]  # type: ignore[attr-defined]
        assert [loss.account.name for loss in going.losses] == ["Borealis Foods", "Acme Robotics"]
        assert [check.slug for check in going.losses[0].reasons] == ["people", "story", "team"]
        assert going.losses[0].worst.help == "Take a colleague along to the next talk"
        self.assertContains(page, "Nobody but Olivia Brandt is known to them")
        assert not going.losses[1].reasons

    @pytest.mark.complaint(3)
    def test_who_alone_knows_the_champion_takes_the_champion_along(self) -> None:
        edda = make_champion(self.cobalt, "Edda Roth")
        make_whole(self.cobalt, edda, self.ines)
        make_entry(self.cobalt, by=self.olivia, contacts=[make_contact(self.cobalt, "Uwe")])
        loss = loss_of(with_team(Account.objects.filter(pk=self.cobalt.pk)).get(), self.ines)
        assert loss.starts_over
        assert loss.reasons[0].sentence == "Nobody but Ines Carvalho knows Edda Roth, who speaks for us"

    def test_everybody_may_see_their_own_and_nobody_a_colleagues(self) -> None:
        assert self.browse(self.olivia, "person_if_left", self.olivia.pk).status_code == 200
        self.assertContains(self.browse(self.olivia, "person", self.olivia.pk), "If you left tomorrow")
        for user in (self.ines, self.nils):
            assert self.browse(user, "person_if_left", self.olivia.pk).status_code == 403
        assert self.browse(self.carla, "person_if_left", self.olivia.pk).status_code == 404

    def test_the_whole_team_whose_going_costs_most_first(self) -> None:
        page = self.browse(self.max, "team_if_left")
        found = [going.person.name for going in page.context["goings"]]  # type: ignore[attr-defined]
        assert found == ["Ines Carvalho", "Olivia Brandt"]
        assert self.browse(self.olivia, "team_if_left").status_code == 403

    def test_operations_choose_whose_team(self) -> None:
        self.assertContains(self.browse(self.omar, "team_if_left"), "Choose whose team")
        page = self.browse(self.omar, "team_if_left", of=self.petra.pk)
        assert "Nils Aalto" in [going.person.name for going in page.context["goings"]]  # type: ignore[attr-defined]
        assert self.browse(self.omar, "team_if_left", of="nonsense").status_code == 404

    def test_as_many_queries_for_a_larger_team(self) -> None:
        client = self.as_(self.max)
        with CaptureQueriesContext(connection) as few:
            client.get(reverse("team_if_left"))
        for number in range(5):
            person = make_user(f"Rep {number}", reports_to=self.max)
            make_account(f"Customer {number}", person)
        with CaptureQueriesContext(connection) as many:
            page = client.get(reverse("team_if_left"))
        self.assertContains(page, "Rep 4")
        assert len(few) == len(many) <= 8
