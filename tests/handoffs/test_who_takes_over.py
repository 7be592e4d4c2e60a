"""Whoever leaves, is away or has no room is not suggested, and nobody is forgotten on whom a handoff waits."""

from __future__ import annotations

from accounts.importing import batches
from accounts.importing.reading import read_file
from accounts.models import Refused, User
from handoffs.models import Handoff, Transition
from handoffs.models.permissions import unable_to_take_over
from handoffs.pages.handoff_rows import reviews_of, who_is_to_act
from handoffs.planning import CandidatePool, best_successors, succession_plan
from handoffs.slots import waiting_for
from tests.base import CastTestCase, in_days, make_account, make_user
from tests.handoffs.steps import approve, dates, hand_over, write


def leaves(person: User, by: User, last_day: int = 20) -> Transition:
    because = "Moves away"
    plan = Transition.objects.open_departure(
        person, by=by, because=because, last_day=in_days(last_day), **dates(accountable=last_day)
    )
    person.refresh_from_db()
    return plan


def is_away(person: User, by: User, start: int, back: int) -> Transition:
    return Transition.objects.open_leave(
        person,
        by=by,
        because="A child",
        starts_on=in_days(start),
        return_on=in_days(back),
        access_on=in_days(0),
        announced_on=in_days(0),
    )


class Suggested(CastTestCase):
    def suggested(self, on: int = 0) -> list[User]:
        pool = CandidatePool([self.acme], self.olivia, in_days(on))
        return [one.person for one in pool.suggest(self.acme)]

    def test_somebody_who_leaves_is_not_suggested(self) -> None:
        assert self.ines in self.suggested()
        plan = leaves(self.ines, self.max)
        assert self.ines not in self.suggested()
        plan.cancel(by=self.max, because="She stays")
        assert self.ines in self.suggested()

    def test_somebody_on_leave_on_the_day_is_not_suggested(self) -> None:
        is_away(self.ines, self.max, 10, 30)
        assert self.ines in self.suggested(on=5)
        assert self.ines not in self.suggested(on=15)
        assert self.ines in self.suggested(on=30)

    def test_somebody_without_room_is_not_suggested(self) -> None:
        for number in range(12):
            make_account(f"Another {number}", self.ines, industry="Robotics", region="Nordics")
        assert self.ines not in self.suggested()
        assert self.nils in self.suggested()

    def test_the_plan_proposes_none_of_them_and_says_why_where_everybody_stands(self) -> None:
        is_away(self.nils, self.petra, 1, 30)
        leaves(self.ines, self.max)
        plan = leaves(self.olivia, self.max)
        assert {person for person, _ in best_successors(plan).values()} & {self.ines, self.nils} == set()
        assert all(not line.suggestions for line in succession_plan(plan))
        everybody = succession_plan(plan, most=None)[0].suggestions
        barred = {one.person: one.barred for one in everybody}
        assert "leaves on" in barred[self.ines]
        assert "is on leave from" in barred[self.nils]

    def test_every_list_from_which_somebody_is_chosen_warns(self) -> None:
        leaves(self.ines, self.max)
        warned = f"Ines Carvalho (leaves on {in_days(20):%-d %B %Y})"
        plan = leaves(self.olivia, self.max)
        self.assertContains(self.browse(self.max, "transition", plan.pk), warned)
        self.assertContains(self.browse(self.max, "handover_new", self.cobalt.pk), "Nils Aalto")
        self.assertContains(self.browse(self.max, "handover_new", self.acme.pk), warned)

    def test_so_does_an_import_whose_file_names_them_as_owner(self) -> None:
        leaves(self.ines, self.max)
        rows = b"Account,Industry,Owner\nNew Ltd,Food,Ines Carvalho\n"
        _, plan = batches.stage(read_file("accounts.csv", rows), by=self.omar)
        assert any("Ines Carvalho leaves on" in remark and "New Ltd" in remark for remark in plan.remarks)


class Chosen(CastTestCase):
    def refused(self, to: User) -> str:
        try:
            hand_over(self.acme, to, by=self.max)
        except Refused as refusal:
            return " ".join(refusal.messages)
        return ""

    def test_nobody_who_leaves_is_given_an_account(self) -> None:
        leaves(self.ines, self.max)
        assert f"Ines leaves on {in_days(20):%-d %B %Y}" in self.refused(self.ines)

    def test_a_reorganisation_gives_them_none(self) -> None:
        leaves(self.ines, self.max)
        with self.assertRaisesMessage(Refused, "leaves on"):
            Transition.objects.open_reorg(
                "Nordics", [(self.acme, self.ines, "")], by=self.omar, because="New year", **dates()
            )

    def test_a_plan_does_not_start_once_the_chosen_one_leaves(self) -> None:
        row = self.acme.coverage.owners().get()
        plan = Transition.objects.open_handover(row, self.ines, by=self.max, because="Closer", **dates())
        leaves(self.ines, self.max)
        with self.assertRaisesMessage(Refused, "choose another successor for Acme Robotics"):
            plan.start(by=self.max)

    def test_somebody_who_leaves_later_may_stand_in_until_then(self) -> None:
        leaves(self.ines, self.max, last_day=60)
        leave = is_away(self.olivia, self.max, 2, 30)
        move = leave.moves.get(account=self.acme)
        move.assign(self.ines, by=self.max)
        longer = is_away(self.nils, self.petra, 2, 90).moves.get(account=self.dunmore)
        with self.assertRaisesMessage(Refused, "leaves on"):
            longer.assign(self.ines, by=self.petra)


class WhoCannot(CastTestCase):
    def test_the_filter_says_what_the_question_says(self) -> None:
        """Whoever stays, leaves soon or late, or has gone; for good, and for a leave that ends before or after."""
        people = [make_user(f"Person {n}", reports_to=self.max) for n in range(4)]
        leaves(people[1], self.max, last_day=20)
        leaves(people[2], self.max, last_day=60)
        people[3].deactivate(by=self.max, because="Gone")
        plans = [leaves(self.nils, self.petra), is_away(self.olivia, self.max, 2, 30)]
        seen = set[bool]()
        for plan in plans:
            for number, person in enumerate(people):
                account = make_account(f"{plan} {number}", self.ines)
                plan.moves.create(account=account, outgoing=self.ines, incoming=person)
            unable = set(plan.moves.filter(unable_to_take_over()).values_list("incoming", flat=True))
            for person in people:
                person.refresh_from_db()
                seen.add(bool(person.cannot_take_over(plan.return_on)))
                assert (person.pk in unable) == bool(person.cannot_take_over(plan.return_on)), (plan, person)
        assert seen == {True, False}


class OnItsWay(CastTestCase):
    def setUp(self) -> None:
        self.handoff = hand_over(self.acme, self.ines, by=self.max)

    def test_what_is_on_its_way_to_a_leaver_is_part_of_their_departure(self) -> None:
        write(self.handoff, by=self.olivia)
        plan = leaves(self.ines, self.max)
        self.handoff.refresh_from_db()
        assert self.handoff.state == "needs another successor"
        page = self.browse(self.max, "transition", plan.pk)
        self.assertContains(page, "On its way to Ines Carvalho")
        self.assertContains(page, "Acme Robotics")

    def test_whoever_steers_it_is_told_on_today(self) -> None:
        assert "somebody else" not in self.todo(self.max)
        leaves(self.ines, self.max)
        assert "Choose somebody else for Acme Robotics: Ines Carvalho leaves on" in self.todo(self.max)
        assert "somebody else" not in self.todo(self.nils)

    def test_after_a_sudden_exit_it_waits_for_somebody_too(self) -> None:
        Transition.objects.open_departure(self.ines, by=self.max, because="Gone", sudden=True, **dates())
        assert "Choose somebody else for Acme Robotics: Ines Carvalho has left" in self.todo(self.max)

    def test_so_does_what_was_refused_until_somebody_else_has_it(self) -> None:
        self.handoff.refuse(by=self.ines, because="No room")
        assert "Ines Carvalho does not take it over" in self.todo(self.max)
        self.handoff.replace(self.nils, by=self.max, because="He has room")
        assert "somebody else" not in self.todo(self.max)

    def test_whoever_acts_is_asked_to_write_after_a_sudden_exit(self) -> None:
        Transition.objects.open_departure(self.olivia, by=self.max, because="Gone", sudden=True, **dates())
        assert "Write what Ines Carvalho must know of Acme Robotics" in self.todo(self.max)

    @staticmethod
    def todo(user: User) -> str:
        return "\n".join(link.text for link in waiting_for(user))


class SomebodyAlways(CastTestCase):
    def test_every_open_handoff_waits_for_somebody_who_sees_it_on_today(self) -> None:
        """At every step, whoever of the two has gone: the person named is here, and Today tells them."""
        for step in range(3):
            for gone in (None, "giver", "receiver"):
                with self.subTest(step=step, gone=gone):
                    self.check(step, gone)

    def check(self, step: int, gone: str | None) -> None:
        giver, receiver = (make_user(f"{word} {step}{gone}", reports_to=self.max) for word in ("Gina", "Ron"))
        account = make_account(f"Account {step}{gone}", giver)
        handoff = hand_over(account, receiver, by=self.max)
        if step:
            write(handoff, by=giver)
        if step > 1:
            approve(handoff)
        if gone:
            person = giver if gone == "giver" else receiver
            Transition.objects.open_departure(person, by=self.max, because="Gone", sudden=True, **dates())
        (review,) = reviews_of(Handoff.objects.filter(pk=handoff.pk))
        people = who_is_to_act(review)
        assert people, review.state
        for person in people:
            assert person.may_come_in
            assert any(str(account) in link.text for link in waiting_for(person)), (review.state, person)
