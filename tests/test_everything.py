"""Anybody does anything, in any order, while time passes: the laws hold after every step.

Hypothesis makes up the story and shortens it when a law breaks. A refusal is a fine answer; any other exception is
a mistake. The laws are read with SQL, not through the models that are meant to keep them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.models import (
    Account,
    Contact,
    Coverage,
    Deal,
    Entry,
    Fact,
    Obligation,
    Organisation,
    Refused,
    Topic,
    User,
    today,
)
from handoffs.models import Handoff, JobRun, Transition
from handoffs.tasks import daily
from tests.base import (
    in_days,
    make_champion,
    make_contact,
    make_coverage,
    make_customer,
    make_deal,
    make_fact,
    make_obligation,
    make_user,
    the_cast,
)
from tests.handoffs.steps import WORDS, approve, dates, read_back

#: More stories for a search by hand, none of them shortened: STORIES=500 bin/test tests/test_everything.py
STORIES = int(os.environ.get("STORIES", 10))
PHASES = [Phase.generate] if "STORIES" in os.environ else [Phase.generate, Phase.shrink]
#: The story begins this long ago: nothing in it may happen after the database's own clock.
LONG_AGO = timedelta(days=3650)
SERVING = ["support", "success", "engineer", "sponsor", "back_up", "owner"]
nth = st.sampled_from(range(60))  # not `integers`, which would mostly be small
days = st.sampled_from([0, 1, 3, 10])

FROZEN_ROWS = " UNION ALL ".join(
    f"SELECT '{table}', id, md5(t::text) FROM {table} t"
    for table in (
        "accounts_entry",
        "accounts_fact",
        "accounts_mention",
        "accounts_share",
        "accounts_retraction",
        "accounts_confirmation",
        "handoffs_approval",
        "handoffs_takeover",
    )
)
#: What each law forbids: the rows that break it.
FORBIDDEN = {
    "law 2: an open account has exactly one owner, who is active and a colleague": """
        SELECT a.name FROM accounts_account a
        LEFT JOIN accounts_coverage c ON c.account_id = a.id AND c.role = 'owner' AND c.ended_at IS NULL
        LEFT JOIN accounts_user u ON u.id = c.person_id
        WHERE a.closed_at IS NULL
        GROUP BY a.id HAVING count(c.id) <> 1 OR bool_or(NOT u.is_active OR u.kind = 'customer')""",
    "law 2: whoever holds an open obligation or deal is active and serves in its role": """
        SELECT o.text FROM (
            SELECT account_id, role, holder_id, text FROM accounts_obligation WHERE closed_at IS NULL
            UNION ALL SELECT account_id, role, holder_id, name FROM accounts_deal WHERE closed_at IS NULL) o
        WHERE NOT EXISTS (
            SELECT 1 FROM accounts_coverage c JOIN accounts_user u ON u.id = c.person_id AND u.is_active
            JOIN accounts_account a ON a.id = c.account_id AND a.closed_at IS NULL
            WHERE c.account_id = o.account_id AND c.role = o.role AND c.person_id = o.holder_id
                AND c.ended_at IS NULL)""",
    "law 2: an owner starts when the one before ended": """
        SELECT account_id FROM (
            SELECT account_id, started_at,
                   lag(ended_at, 1, started_at) OVER (PARTITION BY account_id ORDER BY started_at, id) AS before
            FROM accounts_coverage WHERE role = 'owner') spell
        WHERE before IS DISTINCT FROM started_at""",
    "law 2: nobody serves a closed account, and nobody who has gone serves": """
        SELECT c.id FROM accounts_coverage c JOIN accounts_account a ON a.id = c.account_id
        JOIN accounts_user u ON u.id = c.person_id
        WHERE c.ended_at IS NULL AND (a.closed_at IS NOT NULL OR NOT u.is_active)""",
    "law 3: an owner has read back, or stands in unread, or had it before, or was the first": """
        SELECT c.id, u.name FROM accounts_coverage c JOIN accounts_user u ON u.id = c.person_id
        WHERE c.role = 'owner' AND NOT c.acting
            AND EXISTS (SELECT 1 FROM accounts_coverage b WHERE b.account_id = c.account_id AND b.role = 'owner'
                        AND b.id < c.id)
            AND NOT EXISTS (
                SELECT 1 FROM handoffs_handoff h WHERE h.coverage_id = c.id AND h.incoming_id = c.person_id
                    AND ((h.overridden_because <> '' AND h.overridden_by_id <> c.person_id)
                         OR EXISTS (SELECT 1 FROM handoffs_readback r WHERE r.handoff_id = h.id AND r.accepted
                                    AND r.by_id = c.person_id AND r.decided_by_id <> c.person_id)))
            AND NOT EXISTS (
                SELECT 1 FROM accounts_coverage b WHERE b.account_id = c.account_id AND b.role = 'owner'
                    AND b.person_id = c.person_id AND NOT b.acting AND b.id < c.id)""",
    "law 3: whoever is still to read back may read, and nobody else is let in": """
        SELECT c.id FROM accounts_coverage c WHERE c.role = 'incoming' AND c.ended_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM handoffs_handoff h WHERE h.account_id = c.account_id
                AND h.incoming_id = c.person_id AND h.moved_at IS NULL AND h.refused_at IS NULL
                AND h.cancelled_at IS NULL)""",
    "law 5: what they raised was closed by them, or lapsed, or ended with the account": """
        SELECT o.text FROM accounts_obligation o JOIN accounts_account a ON a.id = o.account_id
        LEFT JOIN accounts_contact c ON c.id = o.agreed_by_id
        WHERE o.closed_at IS NOT NULL AND o.contact_id IS NOT NULL AND o.kind IN ('question', 'feedback', 'repair')
            AND NOT (o.outcome = 'agreed' AND c.account_id IN (a.id, a.merged_into_id))
            AND NOT (o.outcome = 'lapsed' AND o.lapses_on < %(today)s)
            AND NOT (o.outcome = 'account_closed' AND a.closed_at IS NOT NULL)""",
    "law 7: nothing is open on a closed account or in a transition that is over": """
        SELECT h.id FROM handoffs_handoff h JOIN accounts_account a ON a.id = h.account_id
        JOIN handoffs_transition t ON t.id = h.transition_id
        WHERE h.moved_at IS NULL AND h.refused_at IS NULL AND h.cancelled_at IS NULL
            AND (a.closed_at IS NOT NULL OR t.cancelled_at IS NOT NULL OR t.undone_at IS NOT NULL)""",
    "law 7: one open handoff for an account and role": """
        SELECT account_id FROM handoffs_handoff
        WHERE moved_at IS NULL AND refused_at IS NULL AND cancelled_at IS NULL
        GROUP BY account_id, role HAVING count(*) > 1""",
    "law 7: what customers were told of is not undone": """
        SELECT h.id FROM handoffs_handoff h JOIN handoffs_transition t ON t.id = h.transition_id
        WHERE h.announced_at IS NOT NULL AND t.undone_at IS NOT NULL""",
    "everybody can answer to somebody: the person of last resort is active": """
        SELECT o.id FROM accounts_organisation o LEFT JOIN accounts_user u ON u.id = o.last_resort_id
        WHERE u.is_active IS NOT TRUE""",
}


BREACHES = " UNION ALL ".join(
    f"SELECT '{law}' AS law, breach::text FROM ({sql}) AS breach" for law, sql in FORBIDDEN.items()
)
#: How far the stories get.
REACHED = " UNION ALL ".join(
    f"(SELECT '{what}' FROM {where} LIMIT 1)"
    for what, where in {
        "accepted": "handoffs_handoff WHERE accepted_at IS NOT NULL",
        "overridden": "handoffs_handoff WHERE overridden_at IS NOT NULL",
        "moved": "handoffs_handoff WHERE moved_at IS NOT NULL",
        "announced": "handoffs_handoff WHERE announced_at IS NOT NULL",
        "refused": "handoffs_handoff WHERE refused_at IS NOT NULL",
        "taken back": "handoffs_handoff WHERE taken_back_at IS NOT NULL",
        "followed": "handoffs_handoff WHERE follows_id IS NOT NULL",
        "sent back": "handoffs_readback WHERE NOT accepted",
        "held out": "handoffs_holdout WHERE ended_at IS NOT NULL",
        "acting": "accounts_coverage WHERE acting",
        "undone": "handoffs_transition WHERE undone_at IS NOT NULL",
        "agreed": "accounts_obligation WHERE outcome = 'agreed'",
        "lapsed": "accounts_obligation WHERE outcome = 'lapsed'",
        "reopened": "accounts_entry WHERE step = 'reopened'",
        "merged": "accounts_account WHERE merged_into_id IS NOT NULL",
    }.items()
)


class Errors(logging.Handler):
    """What background work logged as an error instead of raising it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))


@contextmanager
def logged_errors() -> Iterator[list[str]]:
    handler = Errors()
    logger = logging.getLogger("handoffs.tasks")
    logger.addHandler(handler)
    try:
        yield handler.found
    finally:
        logger.removeHandler(handler)


class Clock:
    """Django's clock, a long time ago, moved by hand from there."""

    def __init__(self) -> None:
        real, self.ahead = timezone.now, timedelta(0)

        def now() -> datetime:
            return real() - LONG_AGO + self.ahead

        self.patch = mock.patch("django.utils.timezone.now", now)
        self.patch.start()

    def stop(self) -> None:
        self.patch.stop()


def a_vendor_and_its_customers() -> None:
    """Where every story begins. Each account's memory is full enough for a brief to be written at once."""
    cast = the_cast()
    make_customer(make_contact(cast.borealis, "Bo Rask"))
    make_champion(cast.borealis, "Bea Storm")
    make_contact(cast.cobalt, "Conny Ek")
    make_user("Rana Ekström", reports_to=cast.ines)  # reports to a rep
    make_coverage(cast.acme, cast.ines, "success")
    make_coverage(cast.acme, cast.max, "sponsor")
    for account in (cast.acme, cast.borealis):
        make_deal(account)
        contact = account.contacts.order_by("pk").first()
        make_obligation(account, "Send the security answers", contact=contact)
        make_obligation(account, "Can we export it?", "question", contact=contact)
    for account in Account.objects.all():
        for slug in {
            Topic.STORY,
            Topic.IF_THEN,
            *Topic.objects.filter(must_survive=True).values_list("pk", flat=True),
        }:
            make_fact(account, slug, f"What we know of {slug}")
        account.rate(account.condition_now, because="As we see it", by=cast.max)


class Story(RuleBasedStateMachine):
    """A vendor with eight people and four customers."""

    reached: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.seen: dict[tuple[str, int], str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)
        self.clock.stop()

    # Who and what

    @staticmethod
    def one_of(rows: Any, n: int) -> Any:
        found = list(rows.order_by("pk") if hasattr(rows, "order_by") else rows)
        if not found:
            raise Refused("There is none.")
        return found[n % len(found)]

    def person(self, n: int) -> User:
        return self.one_of(User.objects.active().staff(), n)  # type: ignore[no-any-return]

    def boss(self, n: int) -> User:
        """Somebody who may do most things; two times in three operations, who may do nearly all."""
        may = (
            ["operations"]
            if n % 3 and User.objects.active().filter(kind="operations")
            else ["manager", "operations"]
        )
        return self.one_of(User.objects.active().filter(kind__in=may), n)  # type: ignore[no-any-return]

    def owner(self, n: int) -> User:
        """Somebody who has an account to lose."""
        owners = Coverage.objects.owners().values("person")
        return self.one_of(User.objects.filter(pk__in=owners), n)  # type: ignore[no-any-return]

    def account(self, n: int) -> Account:
        rows = Account.objects.all() if n % 7 == 0 else Account.objects.open()
        return self.one_of(rows, n)  # type: ignore[no-any-return]

    def obligation(self, n: int) -> Obligation:
        rows = Obligation.objects.all() if n % 3 == 0 else Obligation.objects.open()
        return self.one_of(rows, n)  # type: ignore[no-any-return]

    def handoff(self, n: int) -> Handoff:
        rows = Handoff.objects.all() if n % 5 == 0 else Handoff.objects.open()
        return self.one_of(rows, n)  # type: ignore[no-any-return]

    def transition(self, n: int) -> Transition:
        return self.one_of(Transition.objects.under_way(), n)  # type: ignore[no-any-return]

    def attempt(self, act: Callable[[], object]) -> None:
        """A refusal leaves everything as it was, and is an answer."""
        try:
            with transaction.atomic():
                act()
        except (Refused, PermissionDenied):
            pass

    # Memory

    @rule(
        a=nth, p=nth, kind=st.sampled_from(["note", "fact", "supersede", "retract", "share", "stage", "rate"])
    )
    def remember(self, a: int, p: int, kind: str) -> None:
        def act() -> None:
            account, by = self.account(a), self.person(p)
            if kind == "note":
                Entry.keep(account, kind="note", text=f"Note {a}", by=by, contacts=account.contacts.all()[:1])
            elif kind == "fact":
                Fact.state(account, self.one_of(Topic.objects.all(), p), f"Fact {a}", by=by)
            elif kind == "supersede":
                self.one_of(Fact.objects.live(), a).supersede(f"Newer {p}", by=by)
            elif kind == "retract":
                self.one_of(Entry.objects.filter(kind="note"), a).retract(by=by, because="Mistaken")
            elif kind == "share":
                self.one_of(Fact.objects.all(), a).share(by=by)
            elif kind == "stage":
                Entry.reach_stage(account, "at_risk" if p % 2 else "in_value", evidence="They said so", by=by)
            else:
                account.rate(account.condition_now, because="As we see it", by=by)

        self.attempt(act)

    @rule(a=nth, p=nth, kind=st.sampled_from(Obligation.Kind.values), d=days)
    def owe(self, a: int, p: int, kind: str, d: int) -> None:
        def act() -> None:
            account = self.account(a)
            contact = account.contacts.order_by("pk").first()
            rows = account.coverage.current().order_by("pk")
            row = rows[p % len(rows)] if rows and p % 2 else None
            where: dict[str, Any] = {"holder": row.person, "role": row.role} if row else {}
            due = in_days(d)
            Obligation.owe(account, kind, f"{kind} {a}", by=self.person(p), due=due, contact=contact, **where)

        self.attempt(act)

    @rule(o=nth, p=nth, d=days, step=st.sampled_from(["keep", "move", "answer", "answer", "decide", "hand"]))
    def work_on_what_we_owe(self, o: int, p: int, d: int, step: str) -> None:
        def act() -> None:
            owed, by = self.obligation(o), self.person(p)
            if step == "keep":
                owed.keep(by=by)
            elif step == "move":
                owed.move(in_days(d), because="It takes longer", by=by)
            elif step == "answer":
                owed.answer(f"Answer {p} {d}", by=by)
            elif step == "decide":
                owed.decide("no", "because it would break the rest", by=by)
            else:
                owed.hand_to(self.person(d + p), by=by)

        self.attempt(act)

    @rule(
        o=nth,
        p=nth,
        step=st.sampled_from(["agree", "reported", "wrongly reported", "reopen", "reopen", "lapse"]),
    )
    def settle(self, o: int, p: int, step: str) -> None:
        def act() -> None:
            owed = self.obligation(o)
            theirs = User.objects.active().filter(contact__account=owed.account)
            if step == "agree":
                customer = self.one_of(theirs, p)
                owed.agree(contact=customer.contact, by=customer)
            elif step == "reported":
                owed.agree(
                    contact=self.one_of(owed.account.contacts, p), by=self.person(p), words="Fine with us"
                )
            elif step == "wrongly reported":
                owed.agree(contact=self.one_of(Contact.objects, p), by=self.person(p), words="Fine with us")
            elif step == "reopen":
                owed.reopen(by=self.one_of(theirs, p) if theirs else self.person(p), because="Not settled")
            else:
                owed.lapse(by=self.person(p))

        self.attempt(act)

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
            transition = Transition.open_departure(
                self.owner(p), by=boss, because="Moves away", sudden=sudden, **when
            )
            self.assign_all(transition, to, boss)

        self.attempt(act)

    @rule(p=nth, by=nth, to=nth, starts=days, away=st.sampled_from([1, 5]))
    def go_on_leave(self, p: int, by: int, to: int, starts: int, away: int) -> None:
        def act() -> None:
            boss = self.boss(by)
            transition = Transition.open_leave(
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
            reorg = Transition.open_reorg(
                "By region", lines, by=boss, because="Closer", **dates(0, 0, announced)
            )
            if to % 4:
                reorg.submit(by=boss)
                for manager in reorg.waiting_for():
                    reorg.approve(by=manager, fingerprint=reorg.fingerprint)
                if to % 2:
                    reorg.start(by=boss).run()

        self.attempt(act)

    @rule(a=nth, to=nth, by=nth, role=st.sampled_from(["owner", "owner", "success", "support"]), later=days)
    def hand_one_over(self, a: int, to: int, by: int, role: str, later: int) -> None:
        def act() -> None:
            transition = Transition.open_handover(
                self.account(a),
                self.person(to),
                by=self.boss(by),
                because="A smaller book",
                role=role,
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
                waived = {"waived_at": timezone.now(), "waived_because": "Not for this story"}
                handoff.items.exclude(proof="taken_on").update(**waived)
                writers = [user for user in User.objects.active().staff() if handoff.may_write(user)]
                handoff.write(by=self.one_of(writers, p))
            elif not handoff.is_approved:
                approve(handoff)
            elif not handoff.read_back_waiting and not handoff.accepted_at:
                read_back(handoff)
            elif p % 5 == 0:
                handoff.return_read_back(by=handoff.outgoing, note="You missed the champion")
            else:
                handoff.accept(by=self.one_of([u for u in User.objects.active() if handoff.may_accept(u)], p))

        self.attempt(act)

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

    # Time

    @rule(d=st.sampled_from([0, 1, 1, 5, 15]))
    def days_pass(self, d: int) -> None:
        self.clock.ahead += timedelta(days=d)
        with logged_errors() as errors:
            for job in JobRun.objects.unfinished():
                self.attempt(job.run)
            daily()
        assert not errors

    @rule(p=nth)
    def somebody_looks(self, p: int) -> None:
        """What pages read never fails, whatever came before."""
        user = self.one_of(User.objects.active(), p)
        for handoff in Handoff.objects.visible_to(user).listed():
            assert handoff.state
            handoff.blockers()
            handoff.reading_blockers()
        for transition in Transition.objects.visible_to(user):
            assert transition.state
            transition.blockers()
            transition.undo_blockers()

    # The laws

    @invariant()
    def the_laws_hold(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(BREACHES, {"today": today()})
            assert cursor.fetchall() == []

    @invariant()
    def nothing_is_forgotten(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(FROZEN_ROWS)
            now = {(table, pk): row for table, pk, row in cursor.fetchall()}
        changed = [key for key, row in self.seen.items() if now.get(key) != row]
        assert changed == [], "law 1: what was written has changed or gone"
        self.seen = now

    @invariant()
    def note_what_was_reached(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(REACHED)
            self.reached.update(row[0] for row in cursor.fetchall())


@pytest.mark.django_db
def test_the_laws_hold_whatever_anybody_does() -> None:
    clock = Clock()
    a_vendor_and_its_customers()
    clock.stop()
    Story.reached.clear()
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=STORIES,
            phases=PHASES,
            stateful_step_count=40,
            deadline=None,
            database=None,
            derandomize="STORIES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert len(Story.reached) >= 7, f"the stories only get as far as {Story.reached}: they prove little"
