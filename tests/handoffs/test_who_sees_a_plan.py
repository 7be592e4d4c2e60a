"""Of a plan each person sees the accounts that are theirs to see, and nothing tells of the rest."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import Coverage, User
from handoffs.models import Handoff, JobRun, Move, Transition
from handoffs.models.blockers import start_blockers
from tests.base import CastTestCase, in_days, make_champion, make_deal, make_obligation, make_user
from tests.handoffs.steps import dates

WHY = "Olivia moves to Lisbon"
OF_THE_REST = ("Borealis", "Bruno Ahl", "Barn renewal", "Ines Carvalho", "2 account", "of 2", "3 account")


class APlan(CastTestCase):
    """Olivia leaves. Of her two accounts Tove, in Rosa's branch, takes one over."""

    rosa: User
    tove: User
    plan: Transition
    theirs: Move
    rest: Move

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.rosa = make_user("Rosa Lind", User.Kind.MANAGER, reports_to=cls.petra)
        cls.tove = make_user("Tove Aune", reports_to=cls.rosa)
        make_champion(cls.borealis, "Bruno Ahl")
        make_deal(cls.borealis, "Barn renewal")
        make_obligation(cls.borealis)
        cls.plan = Transition.objects.open_departure(
            cls.olivia, by=cls.max, because=WHY, last_day=in_days(20), **dates(3, 9, 5)
        )
        cls.theirs = cls.plan.moves.get(account=cls.acme)
        cls.rest = cls.plan.moves.get(account=cls.borealis)
        cls.theirs.assign(cls.tove, by=cls.max)
        cls.rest.assign(cls.ines, by=cls.max)

    def text(self, user: User, name: str, *args: object) -> str:
        page = self.browse(user, name, *args)
        assert page.status_code == 200
        return " ".join(page.content.decode().split())

    def tells_only_of_acme(self, text: str) -> None:
        assert "Acme Robotics" in text
        assert not [mark for mark in (*OF_THE_REST, WHY) if mark in text]

    def begin(self) -> JobRun:
        job = self.plan.start(by=self.max)
        job.run()
        return job


class AGainingManager(APlan):
    def test_sees_on_the_desk_what_comes_to_her_people(self) -> None:
        self.tells_only_of_acme(self.text(self.rosa, "transition", self.plan.pk))
        self.tells_only_of_acme(self.text(self.rosa, "move_edit", self.theirs.pk))
        assert self.browse(self.rosa, "move_edit", self.rest.pk).status_code == 404

    def test_is_not_told_who_else_could_take_it_over(self) -> None:
        for name, pk in (("transition", self.plan.pk), ("move_edit", self.theirs.pk)):
            text = self.text(self.rosa, name, pk)
            assert "Nils" not in text
            assert "Has room" not in text
        assert "Has room" in self.text(self.max, "move_edit", self.theirs.pk)

    def test_sees_no_more_when_it_is_under_way(self) -> None:
        job = self.begin()
        self.tells_only_of_acme(self.text(self.rosa, "transition", self.plan.pk))
        assert self.browse(self.rosa, "job", job.pk).status_code == 404
        assert self.browse(self.max, "job", job.pk).status_code == 200

    def test_the_list_counts_hers(self) -> None:
        text = self.text(self.rosa, "transition_list")
        assert "1 account" in text
        assert "2 account" not in text
        assert "2 account" in self.text(self.max, "transition_list")

    def test_sees_nothing_of_it_any_more_when_it_is_cancelled(self) -> None:
        self.plan.cancel(by=self.max, because="She stays")
        assert self.browse(self.rosa, "transition", self.plan.pk).status_code == 404
        assert self.browse(self.max, "transition", self.plan.pk).status_code == 200

    def test_the_next_owner_sees_it_from_the_access_date_of_what_has_begun(self) -> None:
        Transition.objects.update(access_on=in_days(0))
        assert self.browse(self.tove, "transition", self.plan.pk).status_code == 404, "a plan gives no access"
        self.plan.refresh_from_db()
        self.begin()
        self.tells_only_of_acme(self.text(self.tove, "transition", self.plan.pk))

    def test_who_refused_sees_it_no_more(self) -> None:
        Transition.objects.update(access_on=in_days(0))
        self.plan.refresh_from_db()
        self.begin()
        handoff = Handoff.objects.get(incoming=self.tove)
        handoff.refuse(by=self.tove, because="My book is full")
        self.assertContains(self.browse(self.tove, "transition_list"), reverse("handoff", args=[handoff.pk]))
        assert self.browse(self.tove, "transition", self.plan.pk).status_code == 404
        assert self.browse(self.tove, "move_edit", self.theirs.pk).status_code == 404

    def test_those_it_leaves_see_all_of_it(self) -> None:
        for person in (self.olivia, self.max, self.petra, self.omar):
            text = self.text(person, "transition", self.plan.pk)
            assert "Acme" in text
            assert "Borealis" in text
            assert WHY in text

    def test_of_a_reorganisation_she_sees_her_part(self) -> None:
        lines = [(self.acme, self.tove, ""), (self.borealis, self.ines, "")]
        reorg = Transition.objects.open_reorg(
            "By region", lines, by=self.omar, because="Less travel", **dates(3, 9, 5)
        )
        reorg.submit(by=self.omar)
        self.tells_only_of_acme(self.text(self.rosa, "transition", reorg.pk))
        text = self.text(self.rosa, "approval_list")
        assert "2 moves" not in text
        reorg_of_max = self.text(self.max, "transition", reorg.pk)
        assert "Borealis" in reorg_of_max
        assert "Rosa Lind has not approved" not in self.text(self.tove, "today")
        assert start_blockers(reorg)


class WhySomebodyLeaves(APlan):
    def test_the_room_says_it_when_the_customer_may_know(self) -> None:
        Transition.objects.update(access_on=in_days(0))
        self.begin()
        handoff = Handoff.objects.get(account=self.acme)
        assert WHY not in self.text(self.tove, "handoff", handoff.pk)
        assert WHY in self.text(self.max, "handoff", handoff.pk)
        Transition.objects.update(announced_on=in_days(0))
        assert WHY in self.text(self.tove, "handoff", handoff.pk)
        assert WHY in self.text(self.rosa, "transition", self.plan.pk)

    def test_the_reason_for_ending_somebody_s_access_is_for_those_above(self) -> None:
        secret = "Took money from the till"
        self.nils.deactivate(by=self.petra, because=secret)
        for name, args in (("person", [self.nils.pk]), ("person_list", [])):
            assert secret in self.text(self.petra, name, *args)
            assert secret in self.text(self.omar, name, *args)
            assert secret not in self.text(self.max, name, *args)
            assert secret not in self.text(self.ines, name, *args)
        row = Coverage.objects.owners().get(account=self.dunmore)
        assert row.started_because == "Nils Aalto has left"
        assert secret not in self.text(self.petra, "account", self.dunmore.pk)


class WhoeverIsChosenSince(APlan):
    def test_finds_the_plan_to_which_the_room_sends_them(self) -> None:
        Transition.objects.update(access_on=in_days(0))
        self.plan.refresh_from_db()
        self.begin()
        first = Handoff.objects.get(incoming=self.tove)
        assert self.browse(self.nils, "transition", self.plan.pk).status_code == 404
        first.replace(self.nils, by=self.max, because="Her book is full")
        self.tells_only_of_acme(self.text(self.nils, "transition", self.plan.pk))
        assert self.browse(self.tove, "transition", self.plan.pk).status_code == 404
