"""What we know is written down, and every kind of line in the ledger goes through every verb it has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import rule

from accounts.models import (
    Account,
    Ask,
    Cadence,
    Contact,
    Coverage,
    CustomerCase,
    Entry,
    Fact,
    Note,
    Obligation,
    Topic,
    User,
)
from accounts.notes.preview import NotePreview
from accounts.notes.saving import save
from accounts.rules import clocks
from tests.base import days_ago, in_days

from . import Story, days, nth

KINDS = Obligation.Kind.values
#: A note of every prefix; the words of a promise end with its day.
NOTE = """They liked the trial {n}.
! bring the cables {n} by {day}
? does it run in Frankfurt {n} @{who}
"We need it before the summer." @{who}
+ the export is slow {n} @{who}
#budget @{who} plans in October {n}
> {stage}: they asked for it"""


def rotated(rows: list[Any], n: int) -> list[Any]:
    return rows[n % len(rows) :] + rows[: n % len(rows)] if rows else rows


class Ledger(Story):
    def text(self, words: str) -> str:
        """Words that nothing else in the story has."""
        return f"{words} no. {next(self.numbers)}"

    def contact(self, n: int) -> Contact:
        """Now and then somebody else's."""
        return self.one_of(Contact.objects, n)  # type: ignore[no-any-return]

    def whose(self, owed: Obligation, n: int) -> User:
        """Who speaks: one of theirs, or one of ours for them."""
        theirs = User.objects.active().filter(contact__account=owed.account)
        return self.one_of(theirs, n) if n % 3 and theirs.exists() else self.person(n)

    # What we know

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

    @rule(f=nth, p=nth, both=st.booleans())
    def settle_a_contradiction(self, f: int, p: int, both: bool) -> None:
        def act() -> None:
            one = self.one_of(Fact.objects.all() if p % 5 == 0 else Fact.objects.live(), f)
            others = Fact.objects.live().filter(account=one.account, topic=one.topic)
            if not others.exclude(pk=one.pk).exists():
                Fact.state(one.account, one.topic, f"Also {f}", by=self.person(p))
            other = self.one_of(others, p)
            if both:
                one.hold_both(other, by=self.person(p))
            else:
                one.settle(other, because="They said so twice", by=self.person(p))

        self.attempt(act)

    @rule(a=nth, p=nth, d=st.sampled_from([-2, 0, 3]), undo=st.sampled_from(["no", "at once", "too late"]))
    def keep_a_note(self, a: int, p: int, d: int, undo: str) -> None:
        def act() -> None:
            account, by = self.account(a), self.person(p)
            who = self.one_of(account.contacts, p).name.split()[0].lower()
            stage = "evaluating" if p % 2 else "deciding"
            text = NOTE.format(n=next(self.numbers), day=in_days(d), who=who, stage=stage)
            preview = NotePreview.of(account, text, by=by, right=[in_days(d).isoformat()])
            save(preview, kind="conversation", at=days_ago(a % 4))
            if undo != "no":
                self.clock.instant += timedelta(minutes=11 if undo == "too late" else 1)
                self.one_of(Note.objects.filter(parts__isnull=False).distinct(), -1).undo(by=by)

        self.attempt(act)

    @rule(n=nth, p=nth)
    def undo_a_note(self, n: int, p: int) -> None:
        """After others have had the time to act on what it said."""

        def act() -> None:
            note = self.one_of(Note.objects.filter(parts__isnull=False).distinct(), -1 - n % 2)
            note.undo(by=note.author if n % 5 else self.person(p))

        self.attempt(act)

    # What we owe

    @rule(
        a=nth,
        p=nth,
        kind=st.sampled_from(KINDS),
        d=st.sampled_from([None, -3, 0, 1, 3, 10]),
        how=st.sampled_from(["plain", "shared", "stretch", "soon", "emergency", "long ago", "of a fact"]),
    )
    def owe(self, a: int, p: int, kind: str, d: int | None, how: str) -> None:
        def act() -> None:
            account = self.account(a)
            own = account.contacts.order_by("pk").first()
            contact = self.contact(p) if p % 7 == 0 else own if p % 3 else None
            rows = rotated(list(account.coverage.current().order_by("pk")), p)
            where: dict[str, Any] = {"holder": rows[0].person, "role": rows[0].role} if p % 2 and rows else {}
            if how in {"soon", "emergency"}:
                where["urgency"] = how
            elif how == "long ago":
                where["at"] = days_ago(20)
            elif how == "of a fact":
                where["fact"] = self.one_of(account.facts.live(), p)
            Obligation.owe(
                account,
                kind,
                self.text(kind),
                by=self.person(p),
                due=None if d is None else in_days(d),
                contact=contact,
                shared=how == "shared",
                stretch=how == "stretch",
                **where,
            )

        self.attempt(act)

    @rule(
        a=nth,
        p=nth,
        severity=st.sampled_from([*Obligation.Severity.values, ""]),
        obstacle=st.sampled_from(["", *Obligation.Obstacle.values]),
    )
    def report(self, a: int, p: int, severity: str, obstacle: str) -> None:
        def act() -> None:
            account = self.account(a)
            contact = account.contacts.order_by("pk").first() if p % 2 else None
            CustomerCase.report(
                account,
                self.text("gone wrong"),
                by=self.person(p),
                severity=severity,
                obstacle=obstacle,
                contact=contact,
            )

        self.attempt(act)

    @rule(o=nth, p=nth, d=days, step=st.sampled_from(["keep", "keep", "move", "hand", "share", "drop"]))
    def work_on_what_we_owe(self, o: int, p: int, d: int, step: str) -> None:
        def act() -> None:
            owed, by = self.obligation(o), self.person(p)
            if step == "keep":
                owed.keep(by=by)
            elif step == "move":
                owed.move(in_days(d), because="It takes longer", by=by)
            elif step == "hand":
                self.hand(owed, self.person(d + p), by)
            elif step == "share":
                owed.share(by=by)
            else:
                owed.drop(by=by, because="Not needed any more")

        self.attempt(act)

    @rule(
        o=nth,
        p=nth,
        words=st.sampled_from(["As documented", "See above", "Yes, from May on"]),
        d=st.booleans(),
    )
    def reply(self, o: int, p: int, words: str, d: bool) -> None:
        """To what they asked, told us or suffered; with an answer like the last one, now and then."""

        def act() -> None:
            owed, by = self.case(o, "question", "feedback", "repair"), self.person(p)
            if owed.kind == "repair" and d:
                owed.make_good(words, by=by)
            elif owed.kind == "feedback" and d:
                owed.decide(["yes", "planned", "no", "perhaps"][p % 4], words, by=by)
            else:
                owed.answer(words, by=by)

        self.attempt(act)

    @rule(
        o=nth,
        p=nth,
        step=st.sampled_from(
            ["agree", "reported", "wrongly reported", "wrongly reported", "reopen", "reopen"]
        ),
    )
    def settle(self, o: int, p: int, step: str) -> None:
        def act() -> None:
            owed = self.case(o)
            if step == "agree":
                customer = self.customer_of(owed.account, p)
                assert customer.contact
                owed.agree(contact=customer.contact, by=customer)
            elif step == "reported":
                theirs = self.one_of(owed.account.contacts, p)
                owed.agree(contact=theirs, by=self.person(p), words="Fine with us")
            elif step == "wrongly reported":
                if owed.is_theirs and not owed.answered_at:
                    owed.answer(self.text("answer"), by=self.person(p))
                stranger = self.one_of(Contact.objects.exclude(account=owed.account), p)
                owed.agree(contact=stranger, by=self.person(p), words="Fine with us")
            else:
                self.reopen(owed, p)

        self.attempt(act)

    @rule(
        o=nth,
        p=nth,
        kind=st.sampled_from(Obligation.THEIRS),
        then=st.sampled_from(["agree", "agree", "reopen", "wait"]),
    )
    def bring_a_case_on(self, o: int, p: int, kind: str, then: str) -> None:
        """What they raised gets the answer that its kind asks for, and they say what they think of it."""

        def act() -> None:
            by, waiting = self.person(p), CustomerCase.objects.unanswered().filter(kind=kind)
            if not waiting.exists():
                account = self.account(o)
                contact = self.one_of(account.contacts, p)
                CustomerCase.owe(account, kind, self.text(kind), by=by, contact=contact)
            owed = self.one_of(waiting, o)
            if kind == "feedback":
                owed.decide("planned", self.text("because"), by=by)
            elif kind == "repair":
                owed.make_good(self.text("mended"), by=by)
            else:
                owed.answer(self.text("answer"), by=by)
            if then == "agree":
                assert owed.contact
                owed.agree(contact=owed.contact, by=by, words="Fine with us")
            elif then == "reopen":
                self.reopen(owed, p)

        self.attempt(act)

    @rule(a=nth, p=nth)
    def send_it_back_twice(self, a: int, p: int) -> None:
        def act() -> None:
            waiting = CustomerCase.objects.open().filter(kind="question")
            owed = self.one_of(waiting, a)
            for nth_time in "first", "second":
                if not owed.answered_at:
                    owed.answer(self.text(f"{nth_time} answer"), by=self.person(p))
                self.reopen(owed, p)

        self.attempt(act)

    def hand(self, owed: Obligation, to: User, by: User) -> None:
        told = self.told_of_hands(owed)
        owed.hand_to(to, by=by)
        assert self.told_of_hands(owed) == told + 1, "handing a line on leaves a line on the thread"

    def told_of_hands(self, owed: Obligation) -> int:
        return owed.entries.filter(step="handed").count()

    def reopen(self, owed: Obligation, n: int) -> None:
        told = self.told_of_hands(owed)
        owed.reopen(by=self.whose(owed, n), because="Not settled")
        assert owed.account.owner
        manager = owed.account.owner.manager_if_any() or owed.account.owner
        if owed.entries.filter(step="reopened").count() >= 2:
            assert owed.holder == manager, "law 5: a second reopening, and each after it, goes to the manager"
            handed = self.told_of_hands(owed) - told
            assert handed == (manager != owed.account.owner), "and leaves a line on the thread"

    @rule(o=nth, p=nth, theirs=st.booleans())
    def escalate(self, o: int, p: int, theirs: bool) -> None:
        def act() -> None:
            owed = self.obligation(o) if o % 3 else self.one_of(Obligation.objects.waiting_for_us(), o)
            by = self.customer_of(owed.account, p) if theirs else self.person(p)
            owed.escalate(by=by, because="It cannot wait")

        self.attempt(act)

    @rule(
        a=nth,
        p=nth,
        role=st.sampled_from([*Coverage.HOLDING_ROLES, "back_up"]),
        every=st.sampled_from([1, 7]),
    )
    def visit_regularly(self, a: int, p: int, role: str, every: int) -> None:
        self.attempt(lambda: Cadence.keep_to(self.account(a), role, every, by=self.person(p)))

    @rule(c=nth, p=nth, step=st.sampled_from(["hold", "hold", "drop", "cancel", "stop", "stop"]))
    def visit(self, c: int, p: int, step: str) -> None:
        def act() -> None:
            by = self.person(p)
            if not Cadence.objects.current().exists():
                Cadence.keep_to(self.account(p), "owner", 7, by=by)
            cadence = self.one_of(Cadence.objects.all() if c % 3 == 0 else Cadence.objects.current(), c)
            if step == "stop":
                cadence.stop(by=by)
                return
            visit = cadence.visits.open().get() if cadence.visits.open() else cadence.visits.first()
            if step == "hold":
                visit.keep(by=by)
            elif step == "drop":
                visit.drop(by=by, because="They are on holiday")
            else:
                visit.agree(contact=self.one_of(visit.account.contacts, p), by=by, words="No need")

        self.attempt(act)

    @rule(a=nth, p=nth, kind=st.sampled_from(["feedback", *Ask.Kind.values]))
    def ask_of_them(self, a: int, p: int, kind: str) -> None:
        def act() -> None:
            account = self.account(a)
            contact = account.contacts.order_by("pk").first() if p % 2 else self.contact(p)
            Ask.make(account, kind, "What do you think?", by=self.person(p), contact=contact)

        self.attempt(act)

    @rule(p=nth)
    def somebody_looks_at_the_ledger(self, p: int) -> None:
        """What pages read never fails, whatever came before."""
        user = self.one_of(User.objects.active().staff(), p)
        for owed in Obligation.objects.visible_to(user).for_list():
            assert owed.outcome_in_words or owed.is_open
            assert (owed.missed_on is None) == (owed.broken_at is None)
        record = Obligation.objects.promised_by(user).promise_record()
        assert record.due == record.kept + record.late + record.broken
        for account in Account.objects.visible_to(user):
            Obligation.objects.filter(account=account).promise_record()
            assert account.day() == clocks.now().astimezone(ZoneInfo(account.time_zone)).date()
