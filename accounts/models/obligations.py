from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pghistory
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.rules.working_hours import ends

from .accounts import Account
from .base import database_now, refuse_if, require_words, verb
from .contacts import Contact
from .coverage import Coverage
from .entries import Entry, Retraction
from .facts import Fact
from .obligation_standing import ObligationStanding
from .organisation import today
from .users import User

LAPSES_AFTER = timedelta(days=14)
#: How much of their working time may pass before a question is answered, by the urgency that they gave it.
ANSWERED_WITHIN = {
    "normal": timedelta(hours=16),
    "soon": timedelta(hours=8),
    "emergency": timedelta(hours=2),
}

#: Who is named where a date did something and no person.
BY_ITSELF = "Throughline"
BROKEN = "It was due on {due:%-d %B %Y} and was not kept by then."
SAID_BEFORE = "That is the answer they have already sent back. Say something new."


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Obligation(ObligationStanding):
    """Something we owe a customer: one ledger, one holder, one due date."""

    @classmethod
    @verb
    def owe(
        cls,
        /,
        account: Account,
        kind: str,
        text: str,
        *,
        by: User,
        due: date | None = None,
        contact: Contact | None = None,
        holder: User | None = None,
        role: str = Coverage.Role.OWNER,
        at: datetime | None = None,
        shared: bool = False,
        **fields: object,
    ) -> Obligation:
        """Write down something we owe. The holder is the account's owner unless one is given.

        `Refused` when it has no words, a promise has no date, or a question no contact who asked it.
        """
        text = require_words(text, "Write the exact words.")
        holder = holder or account.owner
        refuse_if(
            f"{account} is closed." if account.closed_at or holder is None else None,
            "A promise needs a date." if kind == cls.Kind.PROMISE and due is None else None,
            "Name the contact who raised it."
            if kind in {cls.Kind.QUESTION, cls.Kind.FEEDBACK} and not contact
            else None,
            "That contact belongs to another account."
            if contact and contact.account_id != account.pk
            else None,
        )
        assert holder is not None
        now = at or database_now()
        if kind == cls.Kind.QUESTION:
            fields["respond_by"] = cls.answer_due(account, now, str(fields.get("urgency") or "normal"))
        obligation = cls.objects.create(
            account=account,
            kind=kind,
            text=text,
            due=due,
            contact=contact,
            holder=holder,
            role=role,
            raised_at=now,
            raised_by=by,
            shared_at=now if shared else None,
            **fields,
        )
        obligation.note("raised", text, by=by, at=now)
        return obligation

    @staticmethod
    def answer_due(account: Account, asked: datetime, urgency: str) -> datetime:
        """When a question must be answered: so many hours of the customer's own working time after it was asked."""
        return ends(asked, ANSWERED_WITHIN[urgency], account.zone, account.country)

    @classmethod
    @verb
    def report(
        cls,
        /,
        account: Account,
        text: str,
        *,
        by: User,
        severity: str,
        obstacle: str = "",
        contact: Contact | None = None,
    ) -> Obligation:
        """Anybody of ours saw something go wrong for a customer, whether or not they may see the account.

        The account's owner holds it from now on and is told by letter.
        """
        refuse_if(None if severity in cls.Severity.values else "Say how bad it is for them.")
        repair = cls.owe(
            account, cls.Kind.REPAIR, text, by=by, contact=contact, severity=severity, obstacle=obstacle
        )
        if repair.holder != by:
            repair._tell(repair.holder, f"Something went wrong at {account}", f"{by} reports this.", by=by)
        return repair

    @classmethod
    @verb
    def plan_meeting(
        cls,
        /,
        account: Account,
        text: str,
        *,
        by: User,
        starts_at: date,
        contact: Contact | None = None,
        external_id: str = "",
    ) -> Obligation:
        """A visit held by whoever plans it, with an hour unless `starts_at` is a whole day.

        A meeting is due on the day of it where the customer is: they were told that day, and a promise of ours
        breaks by the same calendar.
        """
        roles = set(
            Coverage.objects.current().filter(account=account, person=by).values_list("role", flat=True)
        )
        role = next((role.value for role in Coverage.HOLDING_ROLES if role in roles), "")
        instant = starts_at if isinstance(starts_at, datetime) else None
        due = account.day(instant) if instant else starts_at
        over = instant < timezone.now() if instant else due < account.day()
        refuse_if(
            None if role else f"You do not serve {account}: whoever holds a meeting must be on the team.",
            "That is over. Keep a note of what came of it instead." if over else None,
        )
        return cls.owe(
            account,
            cls.Kind.VISIT,
            text,
            by=by,
            due=due,
            starts_at=instant,
            contact=contact,
            holder=by,
            role=role,
            external_id=external_id,
        )

    # Verbs of every kind

    @verb
    def keep(self, *, by: User) -> None:
        """We did what we said (a promise, a visit or a task)."""
        self._lock(by)
        refuse_if(
            "Only the customer can close what the customer raised. Answer it first."
            if self.is_theirs
            else None,
            "Say what was done to make it good." if self.kind == self.Kind.REPAIR else None,
        )
        outcome = {self.Kind.PROMISE: self.Outcome.KEPT, self.Kind.VISIT: self.Outcome.HELD}
        self._close(outcome.get(self.Kind(self.kind), self.Outcome.DONE), by=by)
        late = f"Late: it was due on {self.missed_on:%-d %B %Y}." if self.kept_late else ""
        self.note("kept", late, by=by)
        self._plan_next(by)

    @verb
    def make_good(self, text: str, *, by: User) -> None:
        """Say what was done about what went wrong. Only the customer closes what the customer raised."""
        text = require_words(text, "Say what was done to make it good.")
        self._lock(by)
        refuse_if(
            None if self.kind == self.Kind.REPAIR else "Only what went wrong is made good.",
            self._said_before(text),
        )
        if self.is_theirs:
            self._wait_for_them()
        else:
            self._close(self.Outcome.DONE, by=by)
        self.note("made_good", text, by=by)

    @verb
    def move(self, to: date, *, because: str, by: User) -> None:
        """Set another date, with a reason that the customer sees when the line is shared.

        A meeting is moved to an instant; moved to a day alone, a visit has no hour any more.
        """
        because = require_words(because, "Say why the date moves. The customer sees it.")
        self._lock(by)
        starts_at = to if isinstance(to, datetime) else None
        due, their_today = (self.account.day(starts_at), self.account.day()) if starts_at else (to, today())
        refuse_if(
            "Only a visit has an hour." if starts_at and self.kind != self.Kind.VISIT else None,
            f"{due:%-d %B %Y} is in the past." if due < their_today else None,
            "It is already due on that day." if (due, starts_at) == (self.due, self.starts_at) else None,
        )
        before = self.when
        self.due, self.starts_at, self.note_asked_on = due, starts_at, None
        self.save(update_fields=["due", "starts_at", "note_asked_on"])
        self.note("moved", f"From {before} to {self.when}: {because}", by=by)

    @verb
    def answer(self, text: str, *, by: User) -> None:
        """Answer what they raised. It stays open until they agree, or lapses two weeks later."""
        text = require_words(text, "Write the answer.")
        self._lock(by)
        refuse_if(
            None if self.is_theirs else "Only what the customer raised is answered.",
            self._said_before(text),
        )
        self._wait_for_them()
        self.note("answered", text, by=by, at=self.answered_at)

    @verb
    def decide(self, decision: str, because: str, *, by: User) -> None:
        """Decide on their feedback: yes, planned or no, and because. A yes to a correction corrects the fact."""
        because = require_words(because, "Say because of what. A no without a reason is no answer.")
        self._lock(by)
        refuse_if(
            None if self.kind == self.Kind.FEEDBACK else "Only feedback is decided.",
            None if decision in self.Decision.values else "Choose yes, planned or no.",
        )
        if decision == self.Decision.YES and self.fact:
            self.fact.supersede(self.text, by=by, provenance=Fact.Provenance.TOLD, contact=self.contact)
        self.decision = decision
        self._wait_for_them("decision")
        self.note("decided", f"{self.get_decision_display()}: {because}", by=by, at=self.answered_at)

    @verb
    def agree(self, *, contact: Contact, by: User, words: str = "") -> None:
        """The customer agrees that it is done. Staff may record it for them: then `words` says what they said."""
        self._lock(by, customers_too=True)
        reported = not by.is_customer
        refuse_if(
            "That contact belongs to another account." if contact.account_id != self.account_id else None,
            "Write their words: you record it for them." if reported and not words.strip() else None,
            None if self.answered_at or not self.is_theirs else "It has not been answered yet.",
        )
        self.agreed_by = contact
        self._close(self.Outcome.AGREED if self.is_theirs else self.Outcome.RELEASED, by=by)
        said = f"“{words.strip()}”" if words.strip() else ""
        self.note(
            "agreed", f"{contact} agreed. {said}{' (reported by us)' if reported else ''}".strip(), by=by
        )
        self._plan_next(by)

    @verb
    def reopen(self, *, by: User, because: str) -> None:
        """They say it is not settled. The second time, the account's manager holds it."""
        because = require_words(because, "Say what is still missing.")
        self._lock(by, closed_too=True, customers_too=True)
        home = self.account.merged_into or self.account
        refuse_if(
            "It is still open and waits for our answer." if self.is_open and not self.answered_at else None,
            "The account is closed." if home.closed_at else None,
            "It was taken back with its note. Write it down anew."
            if self.outcome == self.Outcome.RETRACTED
            else None,
        )
        again = self.entries.filter(step="reopened").count() + 1
        self.account, owner = home, home.owner
        assert owner is not None
        self.closed_at = self.closed_by = self.agreed_by = self.answered_at = self.lapses_on = None
        self.outcome = self.decision = ""
        self.role, self.holder = Coverage.Role.OWNER, owner
        if self.kind == self.Kind.QUESTION:
            self.respond_by = self.answer_due(home, database_now(), self.urgency)
        self.save(update_fields=self.REOPENED)
        self.note("reopened", because, by=by)
        if again == 2 and (manager := owner.manager_if_any()):
            self.hand_to(manager, by=by, because="Reopened for the second time")

    @verb
    def hand_to(self, colleague: User, *, by: User, because: str = "") -> None:
        """Give this one line to a colleague, who joins the account's team by the same act."""
        self._lock(by, customers_too=True)
        refuse_if(
            f"{colleague} already holds it." if colleague.pk == self.holder_id else None,
            f"{colleague} cannot hold anything."
            if not colleague.is_active or colleague.is_customer
            else None,
        )
        role = (
            Coverage.objects.accountable()
            .filter(account=self.account, person=colleague)
            .values_list("role", flat=True)
            .first()
        )
        if role is None:
            role = Coverage.Role.SUPPORT
            Coverage.begin(self.account, role, colleague, by=by, because=because or f"Takes on “{self}”")
        before = self.holder
        self.role, self.holder = role, colleague
        self.transfers += 1
        self.save(update_fields=["role", "holder", "transfers"])
        self.note("handed", f"{before} → {colleague}" + (f": {because}" if because else ""), by=by)

    @verb
    def escalate(self, *, by: User, because: str) -> None:
        """Bring it before the holder's manager, by name, once. The customer may do this, too."""
        because = require_words(because, "Say why it needs their attention.")
        self._lock(by, customers_too=True)
        refuse_if(
            f"{self.escalated_to} was told already, on {self.escalated_at:%-d %B}."
            if self.escalated_at
            else None
        )
        self.escalated_at = database_now()
        self.escalated_to = self.holder.manager_if_any() or self.holder
        self.save(update_fields=["escalated_at", "escalated_to"])
        self.note("escalated", f"To {self.escalated_to}: {because}", by=by)
        self._tell(self.escalated_to, f"{self.account} needs you", because, by=by)

    @verb
    def share(self, *, by: User) -> None:
        """Show this line on the customer's page."""
        self._lock(by)
        refuse_if("The customer already sees this." if self.shared_at else None)
        self.shared_at = database_now()
        self.save(update_fields=["shared_at"])

    @verb
    def drop(self, *, by: User, because: str) -> None:
        """We no longer mean to do it: a visit or a task of our own. What they were promised is not dropped."""
        because = require_words(because, "Say why it is dropped.")
        self._lock(by)
        refuse_if(
            None
            if self.kind in {self.Kind.VISIT, self.Kind.TASK}
            else "Only a visit or a task can be dropped."
        )
        self._close(self.Outcome.DROPPED, by=by)
        self.note("dropped", because, by=by)
        self._plan_next(by)

    @verb
    def lapse(self, *, by: User) -> None:
        """Nobody came back to our answer within the stated time: it closes, openly as lapsed."""
        self.refresh_from_db(from_queryset=Obligation.objects.select_for_update(of=("self",)))
        refuse_if(
            None
            if self.is_open and self.answered_at and self.lapses_on and self.lapses_on < today()
            else "It cannot lapse yet."
        )
        self._close(self.Outcome.LAPSED, by=by)
        self.note("lapsed", "No word came back on our answer in the stated time.", by=by)

    @verb
    def take_back(self, *, by: User) -> None:
        """It goes with the note that wrote it down by mistake: at once, and only while nobody has acted on it."""
        self.refresh_from_db(from_queryset=Obligation.objects.select_for_update(of=("self",)))
        refuse_if(None if self.is_untouched else f"“{self}” stays: somebody has acted on it since.")
        self._close(self.Outcome.RETRACTED, by=by)
        for raised in self.entries.all():
            Retraction.objects.create(entry=raised, by=by, because="Taken back with its note")

    @property
    def is_untouched(self) -> bool:
        """Written down, and nothing else: not shown to the customer, and no step of anybody's after the first."""
        acted = self.entries.exclude(step__in=["raised", "broken"])  # the calendar is nobody
        return self.is_open and self.shared_at is None and not acted.exists()

    def end_with_account(self, *, by: User, because: str) -> None:
        """Part of closing the account; `because` says what becomes of this line."""
        self._close(self.Outcome.ACCOUNT_CLOSED, by=by)
        self.note("ended", because, by=by)

    # Steps that verbs share

    def _lock(self, by: User, *, closed_too: bool = False, customers_too: bool = False) -> None:
        self.refresh_from_db(from_queryset=Obligation.objects.select_for_update(of=("self",)))
        if by.is_customer and not customers_too:
            raise PermissionDenied
        refuse_if(
            f"This was already closed: {self.get_outcome_display().lower()}."
            if not self.is_open and not closed_too
            else None
        )
        if self.is_open and self.kind == self.Kind.PROMISE:
            self._break_if_due_before(self.account.day())

    def _break_if_due_before(self, day: date) -> None:
        """The calendar breaks a promise, not whoever comes next: kept or moved after its day, it was broken first."""
        if self.broken_at or self.due is None or self.due >= day:
            return
        midnight = datetime.combine(self.due + timedelta(days=1), time(), self.account.zone)
        self.broken_at, self.broken_by = midnight, self.holder
        self.save(update_fields=["broken_at", "broken_by"])
        Entry.objects.create(
            account=self.account,
            kind=Entry.Kind.OBLIGATION,
            at=midnight,
            author_name=BY_ITSELF,
            obligation=self,
            step="broken",
            subject=f"Promise broken: {self}"[:300],
            text=BROKEN.format(due=self.due),
        )

    def _tell(self, colleague: User, subject: str, why: str, *, by: User) -> None:
        from .letters import Letter

        Letter.write(
            colleague,
            signed_by=by,
            account=self.account,
            subject=subject,
            text=f"{why}\n\n{self.get_kind_display()}: “{self.text}”\n{self.holder} holds it.",
        )

    def _said_before(self, text: str) -> str | None:
        """Why this cannot be the answer, when they have sent the same one back."""
        before = self.entries.filter(step__in=["answered", "made_good"], text__iexact=text)
        return SAID_BEFORE if before.exists() else None

    def _wait_for_them(self, *changed: str) -> None:
        """We have answered: it is the customer's turn, until it lapses."""
        self.answered_at = database_now()
        self.lapses_on = today() + LAPSES_AFTER
        self.save(update_fields=["answered_at", "lapses_on", *changed])

    def _close(self, outcome: str, *, by: User) -> None:
        self.outcome, self.closed_at, self.closed_by = outcome, database_now(), by
        self.save(update_fields=["outcome", "closed_at", "closed_by", "agreed_by"])

    def _plan_next(self, by: User) -> None:
        if self.cadence:
            self.cadence.plan_next(by=by)

    def note(self, step: str, text: str, *, by: User, at: datetime | None = None) -> None:
        """Leave this step on the account's thread; steps are append-only rows."""
        author: User | Contact = by.contact if by.is_customer and by.contact else by
        Entry.record(
            self.account,
            Entry.Kind.OBLIGATION,
            text,
            by=author,
            at=at,
            obligation=self,
            step=step,
            subject=f"{self.get_kind_display()} {step}: {self}"[:300],
        )
