from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

import pghistory
from django.db import models
from django.db.models import F

from accounts.rules import clocks
from accounts.rules.lateness import answer_due, late_since
from accounts.rules.lines import one_line, shortened

from . import obligation_kinds
from .base import Imported, Refused, database_now, refuse_if, require, require_words, save_columns, verb
from .closings import UNDONE, Closing
from .contacts import Contact
from .deadlines import break_promises
from .entries import Entry
from .facts import Fact
from .fields import LineField, WordsField
from .letters import Letter
from .notice import not_alone
from .obligation_sets import ObligationQuerySet
from .roles import Role
from .users import User

if TYPE_CHECKING:
    from .accounts import Account

REOPENED = [
    "account", "role", "holder", "answered_at", "decision", "lapses_on", "respond_by", "closed_at", "closed_by",
    "agreed_by", "outcome",
]  # fmt: skip


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Obligation(Closing, Imported):
    """Something we owe a customer: one ledger, one holder, one due date."""

    Kind = obligation_kinds.Kind
    Urgency = obligation_kinds.Urgency
    Decision = obligation_kinds.Decision
    Severity = obligation_kinds.Severity
    Obstacle = obligation_kinds.Obstacle
    THEIRS = obligation_kinds.THEIRS

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="obligations")
    kind = LineField(max_length=8, choices=Kind.choices)
    role = LineField(max_length=8, choices=Role.choices, default=Role.OWNER)
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="obligations")
    #: To whom we owe it, or who raised it.
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="obligations"
    )
    text = WordsField("exact words")
    due = models.DateField(null=True, blank=True)
    #: A meeting is a visit with an hour. It is due on the day of it where the customer is.
    starts_at = models.DateTimeField(null=True, blank=True)
    note_asked_on = models.DateField(null=True, blank=True)
    stretch = models.BooleanField("stretch: we said we would try", default=False)
    urgency = LineField(max_length=9, choices=Urgency.choices, default=Urgency.NORMAL)
    #: The line the customer says is wrong.
    fact = models.ForeignKey(
        Fact, on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    raised_at = models.DateTimeField()
    #: Who wrote it down (a customer may, too).
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    shared_at = models.DateTimeField(null=True, blank=True)
    severity = LineField(max_length=8, choices=Severity.choices, blank=True)
    #: What of ours stands in the way of doing business.
    obstacle = LineField(max_length=8, choices=Obstacle.choices, blank=True)
    cadence = models.ForeignKey(
        "accounts.Cadence", on_delete=models.PROTECT, null=True, blank=True, related_name="visits"
    )
    #: So many days after a sale or a change of owner.
    check_in = models.PositiveSmallIntegerField(null=True, blank=True)
    after_deal = models.ForeignKey(
        "accounts.Deal",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="check_ins",
    )
    after_coverage = models.ForeignKey(
        "accounts.Coverage",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="check_ins",
    )
    respond_by = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    escalated_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    transfers = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    decision = LineField(max_length=8, choices=Decision.choices, blank=True)
    lapses_on = models.DateField(null=True, blank=True)
    external_id = LineField(max_length=120, blank=True)

    columns_that_stay = obligation_kinds.FROZEN
    objects = ObligationQuerySet.as_manager()

    class Meta:
        ordering = [F("due").asc(nulls_last=True), "pk"]
        indexes = obligation_kinds.INDEXES
        constraints = obligation_kinds.CONSTRAINTS

    def __str__(self) -> str:
        """What it is about in one line, cut between two words where there are any."""
        return shortened(one_line(self.text.partition("\n")[0]), 80)

    @property
    def hour(self) -> str:
        """The hour of a meeting by the customer's clock, such as 14:30; nothing for what has only a day."""
        return f"{self.starts_at.astimezone(self.account.zone):%H:%M}" if self.starts_at else ""

    @property
    def when(self) -> str:
        """The day it is due in words, and for a meeting the hour where the customer is."""
        day = f"{self.due:%-d %B %Y}" if self.due else "no date"
        return f"{day} at {self.hour}" if self.hour else day

    @property
    def missed_on(self) -> date | None:
        """The day on which a promise was due that was broken, in the customer's own calendar."""
        return self.account.day(self.broken_at) - timedelta(days=1) if self.broken_at else None

    @property
    def late_since(self) -> date | None:
        """The day on which we should have acted; `ObligationQuerySet.late` finds the same lines."""
        return late_since(self, self.account.zone, clocks.now())

    @property
    def is_late(self) -> bool:
        return self.late_since is not None

    @property
    def is_urgent(self) -> bool:
        """They asked, something is wrong, and nobody has answered."""
        asked = self.kind == self.Kind.QUESTION and self.urgency == self.Urgency.EMERGENCY
        return asked and self.is_open and self.answered_at is None

    @property
    def is_theirs(self) -> bool:
        return self.kind in self.THEIRS and self.contact_id is not None

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
        role: str = Role.OWNER,
        at: datetime | None = None,
        shared: bool = False,
        undated: bool = False,
        **fields: object,
    ) -> Self:
        """Write down something we owe. The holder is the account's owner unless one is given.

        `Refused` when it has no words, a promise no date (unless `undated`), or a question no contact who asked it.
        """
        text = require_words(text, "Write the exact words.")
        holder = holder or account.owner
        refuse_if(
            f"{account} is closed." if account.closed_at or holder is None else None,
            None if due or undated or kind != cls.Kind.PROMISE else "A promise needs a date.",
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
            fields["respond_by"] = answer_due(
                now, str(fields.get("urgency") or "normal"), account.zone, account.country
            )
        obligation = cls(
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
        obligation.save(force_insert=True)
        obligation.note("raised", text, by=by, at=now)
        obligation.tell_at_once(f"{contact} asks, and needs to hear today.", by=by)
        return obligation

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
        self.end(outcome.get(self.Kind(self.kind), self.Outcome.DONE), by=by)
        late = f"Late: it was due on {self.missed_on:%-d %B %Y}." if self.kept_late else ""
        self.note("kept", late, by=by)
        self._plan_next(by)

    @verb
    def move(self, to: date, *, because: str, by: User) -> None:
        """Set another date, with a reason that the customer sees when the line is shared.

        A meeting is moved to an instant; moved to a day alone, a visit has no hour any more.
        """
        because = require_words(because, "Say why the date moves. The customer sees it.")
        self._lock(by)
        starts_at = to if isinstance(to, datetime) else None
        due = self.account.day(starts_at) if starts_at else to
        refuse_if(
            "Only a visit has an hour." if starts_at and self.kind != self.Kind.VISIT else None,
            f"{due:%-d %B %Y} is in the past." if due < self.account.day() else None,
            "It is already due on that day." if (due, starts_at) == (self.due, self.starts_at) else None,
        )
        before = self.when
        save_columns(self, due=due, starts_at=starts_at, note_asked_on=None)
        self.note("moved", f"From {before} to {self.when}: {because}", by=by)

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
        self.end(self.Outcome.AGREED if self.is_theirs else self.Outcome.RELEASED, by=by)
        said = f" “{words.strip()}”" if words.strip() else ""
        self.note("agreed", f"{contact} agreed.{said}{' (reported by us)' if reported else ''}", by=by)
        self._plan_next(by)

    @verb
    def reopen(self, *, by: User, because: str) -> None:
        """They say it is not settled. From the second time on the account's manager holds it, and is told."""
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
        self.role, self.holder = Role.OWNER, owner
        self.closed_at = self.closed_by = self.agreed_by = self.answered_at = self.lapses_on = None
        self.outcome = self.decision = ""
        if self.kind == self.Kind.QUESTION:
            self.respond_by = answer_due(database_now(), self.urgency, home.zone, home.country)
        self.save(update_fields=REOPENED)
        self.note("reopened", because, by=by)
        if again >= 2 and (manager := owner.manager_if_any()):
            self.hand_to(manager, by=by, because=f"Reopened {again} times")
            because = f"{self.contact or by} reopened it: {because}\n\nIt was reopened {again} times, so it is yours."
            Letter.write_about(self, manager, subject=f"Reopened: {self}"[:200], because=because, by=by)
        else:
            self.tell_at_once(f"{self.contact or by} reopened it: {because}", by=by)

    @verb
    def hand_to(self, colleague: User, *, by: User, because: str = "") -> None:
        """Give this one line to a colleague, who joins the account's team by the same act."""
        self._lock(by, customers_too=True)
        refuse_if(
            f"{colleague} already holds it." if colleague.pk == self.holder_id else None,
            f"{colleague} cannot hold anything."
            if not colleague.may_come_in or colleague.is_customer
            else None,
        )
        team = self.account.coverage.accountable()
        role = team.filter(person=colleague).values_list("role", flat=True).first()
        if role is None:
            role = Role.SUPPORT
            self.account.add_to_team(colleague, role, by=by, because=because or f"Takes on “{self}”")
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
        if self.escalated_at:
            raise Refused(
                f"{self.escalated_to} was told already, on {clocks.day_in_words(self.escalated_at)}."
            )
        manager = self.holder.manager_if_any() or self.holder
        save_columns(self, escalated_at=database_now(), escalated_to=manager)
        self.note("escalated", f"To {manager}: {because}", by=by)
        Letter.write_about(self, manager, subject=f"{self.account} needs you", because=because, by=by)

    @verb
    def share(self, *, by: User) -> None:
        """Show this line on the customer's page."""
        self._lock(by)
        refuse_if("The customer already sees this." if self.shared_at else None)
        save_columns(self, shared_at=database_now())

    @verb
    def drop(self, *, by: User, because: str) -> None:
        """We no longer mean to do it: a visit or a task of our own. What they were promised is not dropped."""
        because = require_words(because, "Say why it is dropped.")
        self._lock(by)
        if self.kind not in {self.Kind.VISIT, self.Kind.TASK}:
            raise Refused("Only a visit or a task can be dropped.")
        self.end(self.Outcome.DROPPED, by=by)
        self.note("dropped", because, by=by)
        self._plan_next(by)

    @verb
    def undo(self, *, by: User) -> None:
        """Within ten minutes whoever closed it opens it again as it was; that it was closed stays on the thread."""
        self._lock(by, closed_too=True)
        refuse_if(
            "This is open." if self.is_open else None,
            f"Only {self.closed_by} can undo this." if self.closed_by_id != by.pk else None,
            None if self.undo_until else "The ten minutes are over. Reopen it instead, with the reason.",
        )
        if self.cadence:
            for following in self.cadence.visits.open().filter(raised_at__gte=self.closed_at):
                following.end(self.Outcome.DROPPED, by=by)
                following.note("dropped", f"“{self}” is open again", by=by)
        self.closed_at = self.closed_by = self.agreed_by = None
        self.outcome = ""
        self.save(update_fields=UNDONE)
        self.note("undone", "It was closed by mistake.", by=by)

    # Steps that verbs share

    def _lock(self, by: User, *, closed_too: bool = False, customers_too: bool = False) -> None:
        self.refresh_from_db(from_queryset=Obligation.objects.select_for_update(of=("self",)))
        require(customers_too or not by.is_customer)
        if not self.is_open and not closed_too:
            raise Refused(f"This was already closed: {self.get_outcome_display().lower()}.")
        if self.is_open and self.kind == self.Kind.PROMISE and break_promises([self.pk]):
            self.refresh_from_db(fields=["broken_at", "broken_by"])  # it was broken before anybody came to it

    def end(self, outcome: str, *, by: User) -> None:
        """Part of a verb: this line is over. Whoever leaves does not end alone what others depend on."""
        alone = outcome in obligation_kinds.ENDS_BESIDES or self.kind not in obligation_kinds.DEPENDED_ON
        refuse_if(None if alone else not_alone(by, obligation=self))
        self.outcome, self.closed_at, self.closed_by = outcome, database_now(), by
        self.save(update_fields=["outcome", "closed_at", "closed_by", "agreed_by"])

    def _plan_next(self, by: User) -> None:
        if self.cadence:
            self.cadence.plan_next(by=by)

    def tell_at_once(self, because: str, *, by: User) -> None:
        """Part of a verb: what cannot wait reaches its holder by letter."""
        if self.is_urgent and by != self.holder:
            Letter.write_about(self, self.holder, subject=f"{self.account}: today", because=because, by=by)

    def note(self, step: str, text: str, *, by: User, at: datetime | None = None) -> None:
        """Leave this step on the account's thread; steps are append-only rows."""
        Entry.of_step(self, step, text, by=by, at=at)
