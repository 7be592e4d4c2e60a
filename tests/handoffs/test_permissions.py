"""Who may do what with a handoff: the question about one handoff and the filter over many give the same answer.

WORLDS=500 bin/test tests/handoffs/test_permissions.py tries as many worlds, other ones each time.
"""

from __future__ import annotations

import os
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Coverage, Organisation, User, today
from accounts.rules import clocks
from handoffs.models import Handoff, Move, Transition, blockers
from handoffs.models.permissions import handed_over_by, may_accept, may_approve, may_steer, may_write
from handoffs.pages.approvals import briefs_to_approve
from handoffs.pages.room_actions import RoomPermissions
from handoffs.slots import concerns_of
from tests.base import CastTestCase, in_days, make_coverage
from tests.handoffs.steps import dates, hand_over, ready_to_accept

nobody_or_one = st.none() | st.integers(0, 5)
WORLDS = st.fixed_dictionaries(
    {
        "above": st.lists(nobody_or_one, min_size=6, max_size=6),
        "managers": st.sets(st.integers(0, 5)),
        "gone": st.sets(st.integers(1, 4), max_size=2),
        "resort": st.integers(0, 5),
        "sides": st.permutations(range(5)),
        "writer": nobody_or_one,
        "opener": st.integers(0, 5),
        "serving": st.dictionaries(st.integers(0, 5), st.booleans(), max_size=3),
        "step": st.sampled_from(["open", "written", "read back", "accepted", "cancelled"]),
    }
)
PLANS = st.fixed_dictionaries(
    {
        "above": st.lists(nobody_or_one, min_size=6, max_size=6),
        "managers": st.sets(st.integers(0, 5)),
        "sides": st.permutations(range(6)),
        "opener": st.integers(0, 5),
        "leaver": nobody_or_one,
        "access": st.integers(-1, 1),
        "cancelled": st.booleans(),
    }
)


def worlds(usually: int) -> settings:
    """So many of them, the same at every run; WORLDS=n tries others, and finds the smallest that fails."""
    others = "WORLDS" in os.environ
    return settings(
        max_examples=int(os.environ.get("WORLDS", usually)),
        derandomize=not others,
        phases=list(Phase) if others else [Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


class WhoMay(CastTestCase):
    def everybody(self) -> list[User]:
        return [self.petra, self.max, self.olivia, self.ines, self.nils, self.omar]

    def a_handoff(self, world: dict[str, Any]) -> Handoff:
        """Of the support of Acme, among people whose reporting lines, ranks and presence are drawn."""
        people = self.everybody()
        for at, person in enumerate(people):
            above = world["above"][at]
            person.reports_to = people[above] if above is not None and above < at else None
            if person != self.omar:
                person.kind = User.Kind.MANAGER if at in world["managers"] else User.Kind.REP
            person.save(update_fields=["reports_to", "kind"])
        outgoing, incoming = (people[at] for at in world["sides"][:2])
        for at, acting in world["serving"].items():
            make_coverage(self.acme, people[at], Coverage.Role.SUPPORT, acting=acting)
        Organisation.objects.update(last_resort=people[world["resort"]])
        transition = Transition.objects.create(
            kind="handover", name="x", because="x", opened_by=people[world["opener"]], **dates()
        )
        now = clocks.now()
        done: dict[str, Any] = {}
        if world["step"] in {"written", "read back", "accepted"}:
            writer = None if world["writer"] is None else people[world["writer"]]
            done |= {"written_at": now, "written_by": writer}
        if world["step"] == "accepted":
            second = next(person for person in people if person != incoming)
            done |= {"accepted_at": now, "accepted_by": second}
        if world["step"] == "cancelled":
            done |= {"cancelled_at": now, "cancelled_by": self.omar, "cancelled_because": "x"}
        handoff: Handoff = transition.handoffs.create(
            account=self.acme, role=Coverage.Role.SUPPORT, outgoing=outgoing, incoming=incoming,
            access_on=today(), accountable_on=today(), announce_on=today(), opened_at=now, **done,
        )  # fmt: skip
        if world["step"] == "read back":
            handoff.read_backs.create(by=incoming, at=now, stands="They want three days.")
        gone = world["gone"] - {world["resort"], *world["serving"]}
        User.objects.filter(pk__in=[people[at].pk for at in gone]).update(is_active=False)
        return handoff

    def test_each_filter_says_what_the_question_says(self) -> None:
        @given(world=WORLDS)
        @worlds(12)
        def check(world: dict[str, Any]) -> None:
            with transaction.atomic():
                made = self.a_handoff(world)
                for person in [*self.everybody(), self.carla]:
                    self.agree(Handoff.objects.get(pk=made.pk), User.objects.get(pk=person.pk))
                transaction.set_rollback(True)

        check()

    def a_move(self, world: dict[str, Any]) -> Move:
        """Of Acme, in the plan of a handover or, where there is a leaver, of a departure."""
        people = self.everybody()
        for at, person in enumerate(people):
            above = world["above"][at]
            person.reports_to = people[above] if above is not None and above < at else None
            if person != self.omar:
                person.kind = User.Kind.MANAGER if at in world["managers"] else User.Kind.REP
            person.save(update_fields=["reports_to", "kind"])
        leaver = None if world["leaver"] is None else people[world["leaver"]]
        outgoing, incoming = (people[at] for at in world["sides"][:2])
        cancelled = {"cancelled_at": clocks.now(), "cancelled_by": self.omar, "cancelled_because": "x"}
        plan = Transition.objects.create(
            kind="departure" if leaver else "handover", name="x", because="x", person=leaver,
            opened_by=people[world["opener"]], access_on=in_days(world["access"]), accountable_on=in_days(2),
            announced_on=in_days(2), **(cancelled if world["cancelled"] else {}),
        )  # fmt: skip
        move: Move = plan.moves.create(account=self.acme, outgoing=outgoing, incoming=incoming)
        return move

    @staticmethod
    def sees(user: User, move: Move) -> bool:
        """The rule in plain words, asked of one move."""
        plan = move.transition
        to_come = not plan.cancelled_at
        seen = Account.objects.visible_to(user).filter(pk=move.account_id).exists()
        below = [one for one in (move.outgoing, move.incoming) if one and user.is_manager and user.leads(one)]
        loses = move.outgoing in below or (user.is_manager and move.outgoing == user)
        gains = move.incoming in below or (move.incoming == user and plan.access_on <= today() and seen)
        own = move.outgoing == user and user in (plan.person, plan.opened_by)
        opened = plan.opened_by == user and seen
        return not user.is_customer and (user.is_operations or loses or (gains and to_come) or own or opened)

    def test_who_sees_a_move(self) -> None:
        @given(world=PLANS)
        @worlds(30)
        def check(world: dict[str, Any]) -> None:
            with transaction.atomic():
                made = self.a_move(world)
                for person in [*self.everybody(), self.carla]:
                    user, move = User.objects.get(pk=person.pk), Move.objects.get(pk=made.pk)
                    seen = Move.objects.visible_to(user).filter(pk=move.pk).exists()
                    assert seen == self.sees(user, move)
                    plans = Transition.objects.visible_to(user)
                    assert not seen or plans.filter(pk=move.transition_id).exists(), (
                        "who sees a line sees the page"
                    )
                transaction.set_rollback(True)

        check()

    def agree(self, handoff: Handoff, user: User) -> None:
        """The verb's rule, the room, the lists and the reminder, for one person."""
        handoffs = Handoff.objects.filter(pk=handoff.pk)
        accepts, approves = may_accept(handoff, user), may_approve(handoff, user)
        hands = handoffs.filter(handed_over_by(user)).exists()
        assert may_accept(handoff, user, hands=hands) == accepts
        assert handoffs.with_approver(user).exists() == approves
        waits = handoff.is_open and not handoff.accepted_at and handoff.read_back_waiting is not None
        assert handoffs.to_accept(user).exists() == (waits and accepts)
        assert RoomPermissions.of(handoff, user).accept == (waits and accepts)
        decides = bool(approves and handoff.written_at and not blockers.approving(handoff, user))
        assert bool(briefs_to_approve(user)[0]) == decides
        if not user.is_customer:
            concerns = concerns_of(user, today(), User.objects.linked())
            assert any(one.wants_acceptance_of(user) for one in concerns) == (waits and accepts)
            assert any(one.wants_approval_of(user) for one in concerns) == decides
        if handoff.is_open and (accepts or approves or may_write(handoff, user) or may_steer(handoff, user)):
            assert handoffs.visible_to(user).exists(), "whoever may do something with it sees it"

    def test_a_second_supporter_neither_accepts_nor_is_told_to(self) -> None:
        """Only who hands over, who acts for them or who approves is a second person."""
        make_coverage(self.acme, self.nils, Coverage.Role.SUPPORT)
        make_coverage(self.acme, self.olivia, Coverage.Role.SUPPORT, days=50)
        handoff = hand_over(self.acme, self.ines, by=self.petra, role=Coverage.Role.SUPPORT)
        ready_to_accept(handoff, by=self.olivia)
        assert handoff.outgoing == self.olivia
        assert "Accept or return" not in self.browse(self.nils, "today").content.decode()
        assert "Accept or return" in self.browse(self.olivia, "today").content.decode()
        assert self.send(self.nils, "handoff_accept", handoff.pk).status_code == 403
