"""People come and go, and accounts change hands."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from accounts.models import Account, Coverage, Deal, Organisation, User
from accounts.rules import clocks
from handoffs.models import Handoff, Transition
from handoffs.models.permissions import may_accept, may_write
from tests.base import in_days, make_deal
from tests.handoffs.steps import WORDS, approve, dates, read_back

from . import Story, days, nth

SERVING = ["support", "success", "engineer", "sponsor", "back_up", "owner"]


class Hands(Story):
    # Teams and deals

    @rule(a=nth, p=nth, role=st.sampled_from(SERVING), end=st.booleans())
    def change_the_team(self, a: int, p: int, role: str, end: bool) -> None:
        def act() -> None:
            if end:
                rows = Coverage.objects.current().exclude(role="incoming")
                self.one_of(rows, a).end(by=self.boss(p), because="Elsewhere now")
            else:
                person = self.one_of(User.objects.all(), p)  # a customer or somebody who has gone is refused
                Coverage.begin(self.account(a), role, person, by=self.boss(a), because="Joins")

        self.attempt(act)

    @rule(a=nth, p=nth, close=st.booleans())
    def deal(self, a: int, p: int, close: bool) -> None:
        def act() -> None:
            if close:
                self.one_of(Deal.objects.all(), a).close("won", by=self.person(p))
            else:
                account = self.account(a)
                if not account.closed_at:
                    make_deal(account, f"Deal {a}")

        self.attempt(act)

    # People and accounts

    @rule(p=nth, by=nth)
    def come_or_go(self, p: int, by: int) -> None:
        def act() -> None:
            if p % 3 == 0:
                self.one_of(User.objects.filter(is_active=False), p).reactivate(by=self.boss(by))
            else:
                self.person(p).deactivate(by=self.boss(by), because="Left")

        self.attempt(act)

    @rule(p=nth, above=nth, resort=st.booleans())
    def reorganise_people(self, p: int, above: int, resort: bool) -> None:
        def act() -> None:
            if resort:
                organisation = Organisation.get()
                organisation.last_resort = self.boss(above)
                organisation.save()
            else:
                self.person(p).correct(by=self.boss(p), reports_to=self.person(above))

        self.attempt(act)

    @rule(a=nth, b=nth, by=nth, merge=st.booleans())
    def close_or_merge(self, a: int, b: int, by: int, merge: bool) -> None:
        def act() -> None:
            account = self.account(a)
            if Account.objects.open().count() < 3:
                Account.start(name=f"New {a}", owner=self.person(b), by=self.boss(by))
            elif merge:
                account.merge_into(self.account(b), by=self.boss(by), because="One company")
            else:
                told = {owed.pk: "Told them" for owed in account.obligations.open()} if b % 4 else {}
                account.close(by=self.boss(by), because="They moved on", outcomes=told)

        self.attempt(act)

    # Changes of hands

    @rule(p=nth, by=nth, to=nth, sudden=st.booleans(), last=days, accountable=days, back_up=st.booleans())
    def depart(
        self, p: int, by: int, to: int, sudden: bool, last: int, accountable: int, back_up: bool
    ) -> None:
        def act() -> None:
            when = dates(0, accountable, accountable + last % 3)
            last_day = in_days(accountable + last)
            if not sudden:
                when |= {"last_day": last_day, "back_up_until": in_days(last) if back_up else None}
            boss = self.boss(by)
            transition = Transition.objects.open_departure(
                self.owner(p), by=boss, because="Moves away", sudden=sudden, **when
            )
            self.assign_all(transition, to, boss)

        self.attempt(act)

    @rule(p=nth, by=nth, to=nth, starts=days, away=st.sampled_from([1, 5]))
    def go_on_leave(self, p: int, by: int, to: int, starts: int, away: int) -> None:
        def act() -> None:
            boss = self.boss(by)
            transition = Transition.objects.open_leave(
                self.owner(p),
                by=boss,
                because="Away",
                access_on=in_days(0),
                starts_on=in_days(starts),
                announced_on=in_days(starts + 2),
                return_on=in_days(starts + away),
            )
            self.assign_all(transition, to, boss)

        self.attempt(act)

    def assign_all(self, transition: Transition, to: int, by: User) -> None:
        """To one person after the other: also to managers, to those who serve already, to those refused later."""
        for n, move in enumerate(transition.moves.order_by("pk")):
            if (incoming := self.person(to + n)) != move.outgoing:
                move.assign(incoming, by=by)
        if to % 3:
            transition.start(by=by).run()

    @rule(accounts=st.lists(nth, min_size=1, max_size=3), to=nth, by=nth, announced=days)
    def plan_a_reorg(self, accounts: list[int], to: int, by: int, announced: int) -> None:
        def act() -> None:
            lines = [(self.account(a), self.person(to + n), "By region") for n, a in enumerate(accounts)]
            boss = self.boss(by)
            reorg = Transition.objects.open_reorg(
                "By region", lines, by=boss, because="Closer", **dates(0, 0, announced)
            )
            if to % 4:
                reorg.submit(by=boss)
                for manager in reorg.review().waiting_for:
                    reorg.approve(by=manager, fingerprint=reorg.fingerprint)
                if to % 2:
                    reorg.start(by=boss).run()

        self.attempt(act)

    @rule(d=nth, to=nth, by=nth, later=days)
    def pass_from_sale_to_success(self, d: int, to: int, by: int, later: int) -> None:
        def act() -> None:
            boss, deal = self.boss(by), self.one_of(Deal.objects.all(), d)
            if not deal.closed_at:
                deal.close("won", by=boss)
            transition = Transition.objects.open_sale_to_success(
                deal, self.person(to), by=boss, because="It is bought", **dates(0, later, later)
            )
            transition.start(by=boss).run()

        self.attempt(act)

    @rule(a=nth, to=nth, by=nth, role=st.sampled_from(["owner", "owner", "success", "support"]), later=days)
    def hand_one_over(self, a: int, to: int, by: int, role: str, later: int) -> None:
        def act() -> None:
            transition = Transition.objects.open_handover(
                self.one_of(self.account(a).coverage.current().filter(role=role), to),
                self.person(to),
                by=self.boss(by),
                because="A smaller book",
                **dates(0, later, later),
            )
            transition.start(by=transition.opened_by).run()

        self.attempt(act)

    @rule(
        t=nth,
        by=nth,
        step=st.sampled_from(
            ["start", "cancel", "undo", "undo", "undo", "undo", "submit", "approve", "return"]
        ),
    )
    def steer_a_transition(self, t: int, by: int, step: str) -> None:
        def act() -> None:
            transition, boss = self.transition(t), self.boss(by)
            if step == "start":
                transition.start(by=boss)
            elif step == "cancel":
                transition.cancel(by=boss, because="Not now")
            elif step == "undo":
                transition.undo(by=boss)
            elif step == "submit":
                transition.submit(by=boss)
            elif step == "approve":
                transition.approve(by=boss, fingerprint=transition.fingerprint)
            else:
                transition.return_to_planner(by=boss, because="Think again")

        self.attempt(act)

    @rule(t=nth, to=nth, refuse=st.booleans())
    def take_it_all_back(self, t: int, to: int, refuse: bool) -> None:
        """Undo what was started and not told; before it somebody may refuse, after it nobody may follow them."""

        def act() -> None:
            started = Transition.objects.under_way().filter(started_at__isnull=False)
            transition = self.one_of(started.exclude(handoffs__announced_at__isnull=False), t)
            handoff = transition.handoffs.order_by("pk").first()
            if refuse and handoff:
                self.attempt(lambda: handoff.refuse(by=handoff.incoming, because="Too much"))
            self.attempt(lambda: transition.undo(by=self.boss(1)))
            if handoff:
                handoff.refresh_from_db()
                handoff.replace(self.person(to), by=self.boss(1), because="Somebody else")

        self.attempt(act)

    @rule(h=nth, p=nth)
    def bring_a_handoff_on(self, h: int, p: int) -> None:
        """The next step of a handoff, by somebody who may: stories get far enough to become interesting."""

        def act() -> None:
            handoff = self.handoff(h)
            if not handoff.written_at:
                waived = {"waived_at": clocks.now(), "waived_because": "Not for this story"}
                handoff.items.exclude(proof="taken_on").update(**waived)
                writers = [user for user in User.objects.active().staff() if may_write(handoff, user)]
                handoff.write(by=self.one_of(writers, p))
            elif not handoff.review().is_approved:
                approve(handoff)
            elif not handoff.read_back_waiting and not handoff.accepted_at:
                read_back(handoff)
            elif p % 3 == 0:
                handoff.return_read_back(by=handoff.outgoing, note="You missed the champion")
            else:
                handoff.accept(
                    by=self.one_of([u for u in User.objects.active() if may_accept(handoff, u)], p)
                )

        self.attempt(act)

    @rule(h=nth, to=nth)
    def somebody_else_takes_it(self, h: int, to: int) -> None:
        """Whoever was chosen cannot, and another one follows."""

        def act() -> None:
            handoff = self.open_handoff(h)
            handoff.refuse(by=handoff.incoming, because="Too much")
            handoff.replace(self.person(to), by=self.boss(1), because="Somebody else")

        self.attempt(act)

    @rule(h=nth, p=nth)
    def change_our_minds(self, h: int, p: int) -> None:
        """An account has moved, and before its customer was told all of it is taken back."""
        moved: list[Handoff] = []

        def act() -> None:
            handoff = self.open_handoff(h)
            handoff.override(by=self.one_of(handoff.approvers(), p), because="The customer waits")
            moved.append(handoff)

        self.attempt(act)
        if moved:
            self.attempt(lambda: moved[0].transition.undo(by=self.boss(1)))

    @rule(h=nth, p=nth)
    def bring_a_handoff_to_its_end(self, h: int, p: int) -> None:
        for _ in range(4):
            self.bring_a_handoff_on(h, p)

    @rule(
        h=nth,
        p=nth,
        d=days,
        step=st.sampled_from(
            ["write", "approve", "return", "read", "accept", "send back", "override", "override", "refuse"]
        ),
    )
    def step_by_anybody(self, h: int, p: int, d: int, step: str) -> None:
        def act() -> None:
            handoff, by = self.handoff(h), self.person(p)
            if step == "write":
                handoff.write(by=by)
            elif step == "approve":
                handoff.approve(by=by, fingerprint=handoff.brief().fingerprint)
            elif step == "return":
                handoff.return_to_writer(by=by, because="Too thin")
            elif step == "read":
                holders = {owed.pk: self.person(d + owed.pk) for owed in handoff.obligations()}
                handoff.read_back(by=by, **WORDS, holders=holders)
            elif step == "accept":
                handoff.accept(by=by)
            elif step == "send back":
                handoff.return_read_back(by=by, note="You missed the champion")
            elif step == "override":
                handoff.override(by=self.one_of(handoff.approvers(), p), because="The customer waits")
            else:
                handoff.refuse(by=handoff.incoming, because="Too much")

        self.attempt(act)

    @rule(
        h=nth,
        p=nth,
        d=days,
        step=st.sampled_from(
            ["replace", "cancel", "dates", "hold account", "hold deal", "announce", "confirm"]
        ),
    )
    def steer_a_handoff(self, h: int, p: int, d: int, step: str) -> None:
        def act() -> None:
            handoff, by = self.handoff(h), self.boss(p)
            if step == "replace":
                refused = Handoff.objects.filter(refused_at__isnull=False)
                handoff = self.one_of(refused, h) if h % 2 and refused else handoff
                handoff.replace(self.person(h + d), by=by, because="Somebody else")
            elif step == "cancel":
                handoff.cancel(by=by, because="Not needed")
            elif step == "dates":
                handoff.reschedule(
                    access_on=in_days(0), accountable_on=in_days(d), announce_on=in_days(d), by=by
                )
            elif step == "hold account":
                handoff.hold_out(in_days(d + 1), by=by, because="In the middle of it")
            elif step == "hold deal":
                deal = self.one_of(handoff.account.deals.open().filter(holder=handoff.outgoing), p)
                handoff.hold_out(in_days(d + 1), by=by, because="It closes", deal=deal)
            elif step == "announce":
                handoff.announce()
            else:
                handoff.confirm(contact=self.one_of(handoff.account.contacts.all(), p))

        self.attempt(act)
