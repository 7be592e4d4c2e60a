from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

import pghistory
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import F, Q

from .accounts import Account
from .base import database_now, refuse_if, require_words, verb
from .contacts import Contact
from .coverage import Coverage
from .entries import Entry
from .facts import Fact
from .organisation import today
from .users import User

LAPSES_AFTER = timedelta(days=14)


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def open(self) -> ObligationQuerySet:
        return self.filter(closed_at=None)

    def late(self) -> ObligationQuerySet:
        return self.open().filter(due__lt=today())

    def shared(self) -> ObligationQuerySet:
        return self.filter(shared_at__isnull=False)

    def visible_to(self, user: User) -> ObligationQuerySet:
        seen = self.filter(account__in=Account.objects.visible_to(user))
        return seen.shared() if user.is_customer else seen

    def for_list(self) -> ObligationQuerySet:
        return self.select_related("account", "holder", "contact").order_by(
            F("due").asc(nulls_last=True), "pk"
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Obligation(models.Model):
    """Something we owe a customer: one ledger, one holder, one due date."""

    class Kind(models.TextChoices):
        PROMISE = "promise", "Promise"
        QUESTION = "question", "Question"
        FEEDBACK = "feedback", "Feedback"
        VISIT = "visit", "Visit"
        REPAIR = "repair", "Repair"
        TASK = "task", "Task"

    class Outcome(models.TextChoices):
        KEPT = "kept", "Kept"
        RELEASED = "released", "Released by the customer"
        AGREED = "agreed", "The customer agreed"
        LAPSED = "lapsed", "Lapsed without an answer"
        HELD = "held", "Held"
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"
        ACCOUNT_CLOSED = "account_closed", "Ended with the account"

    class Urgency(models.TextChoices):
        NORMAL = "normal", "Normal"
        SOON = "soon", "Soon"
        EMERGENCY = "emergency", "Emergency"

    class Decision(models.TextChoices):
        YES = "yes", "Yes"
        PLANNED = "planned", "Planned"
        NO = "no", "No"

    #: What reopening sets anew.
    REOPENED: ClassVar[list[str]] = [
        "account",
        "role",
        "holder",
        "answered_at",
        "decision",
        "lapses_on",
        "closed_at",
        "closed_by",
        "agreed_by",
        "outcome",
    ]
    #: Kinds that come from the customer: only the customer closes them (law 5).
    THEIRS: ClassVar[list[str]] = [Kind.QUESTION, Kind.FEEDBACK, Kind.REPAIR]

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="obligations")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    role = models.CharField(max_length=8, choices=Coverage.Role.choices, default=Coverage.Role.OWNER)
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="obligations")
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="obligations",
        help_text="To whom we owe it, or who raised it.",
    )
    text = models.TextField("exact words")
    due = models.DateField(null=True, blank=True)
    stretch = models.BooleanField("stretch: we said we would try", default=False)
    urgency = models.CharField(max_length=9, choices=Urgency.choices, default=Urgency.NORMAL)
    fact = models.ForeignKey(
        Fact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        help_text="The line the customer says is wrong.",
    )
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", help_text="Who wrote it down (a customer may, too)."
    )
    shared_at = models.DateTimeField(null=True, blank=True)
    transfers = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True)
    lapses_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    agreed_by = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The contact who agreed that this is done.",
    )
    outcome = models.CharField(max_length=14, choices=Outcome.choices, blank=True)
    external_id = models.CharField(max_length=120, blank=True)

    # The exact words, their kind, who raised them and when stay as they were (see grants.py).
    columns_that_change = (
        "account_id",
        "role",
        "holder_id",
        "due",
        "stretch",
        "urgency",
        "fact_id",
        "shared_at",
        "transfers",
        "answered_at",
        "decision",
        "lapses_on",
        "closed_at",
        "closed_by_id",
        "agreed_by_id",
        "outcome",
        "external_id",
    )
    objects = ObligationQuerySet.as_manager()

    class Meta:
        ordering = [F("due").asc(nulls_last=True), "pk"]
        indexes = [
            models.Index(fields=["account"], condition=Q(closed_at=None), name="obligation_open"),
            models.Index(fields=["holder", "due"], condition=Q(closed_at=None), name="obligation_held"),
        ]
        constraints = [
            models.CheckConstraint(
                name="obligation_closed_has_outcome",
                condition=Q(closed_at=None, outcome="", closed_by=None)
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="customer_closes_what_they_raised",
                condition=Q(closed_at=None)
                | ~Q(kind__in=["question", "feedback", "repair"])
                | Q(contact=None)
                | Q(outcome="agreed", agreed_by__isnull=False)
                | Q(outcome="lapsed", lapses_on__isnull=False, answered_at__isnull=False)
                | Q(outcome="account_closed"),
            ),
            models.CheckConstraint(
                name="obligation_asked_is_asked_by_somebody",
                condition=~Q(kind__in=["question", "feedback"]) | Q(contact__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="obligation_external_id_once"
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) < 80 else self.text[:79] + "…"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due is not None and self.due < today()

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

    # Verbs of every kind

    @verb
    def keep(self, *, by: User) -> None:
        """We did what we said (a promise, a visit or a task)."""
        self._lock(by)
        refuse_if(
            "Only the customer can close what the customer raised. Answer it first."
            if self.is_theirs
            else None
        )
        outcome = {self.Kind.PROMISE: self.Outcome.KEPT, self.Kind.VISIT: self.Outcome.HELD}
        self._close(outcome.get(self.Kind(self.kind), self.Outcome.DONE), by=by)
        self.note("kept", "", by=by)

    @verb
    def move(self, to: date, *, because: str, by: User) -> None:
        """Set another date, with a reason that the customer sees when the line is shared."""
        because = require_words(because, "Say why the date moves. The customer sees it.")
        self._lock(by)
        refuse_if(
            f"{to:%-d %B %Y} is in the past." if to < today() else None,
            "It is already due on that day." if to == self.due else None,
        )
        before = f"{self.due:%-d %B %Y}" if self.due else "no date"
        self.due = to
        self.save(update_fields=["due"])
        self.note("moved", f"From {before} to {to:%-d %B %Y}: {because}", by=by)

    @verb
    def answer(self, text: str, *, by: User) -> None:
        """Answer what they raised. It stays open until they agree, or lapses two weeks later."""
        text = require_words(text, "Write the answer.")
        self._lock(by)
        refuse_if(
            None if self.is_theirs else "Only what the customer raised is answered.",
            "That is the answer they have already sent back. Say something new."
            if self.entries.filter(step="answered", text__iexact=text).exists()
            else None,
        )
        self.answered_at = database_now()
        self.lapses_on = today() + LAPSES_AFTER
        self.save(update_fields=["answered_at", "lapses_on"])
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
        self.answered_at = database_now()
        self.lapses_on = today() + LAPSES_AFTER
        self.save(update_fields=["decision", "answered_at", "lapses_on"])
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

    @verb
    def reopen(self, *, by: User, because: str) -> None:
        """They say it is not settled. The second time, the account's manager holds it."""
        because = require_words(because, "Say what is still missing.")
        self._lock(by, closed_too=True, customers_too=True)
        home = self.account.merged_into or self.account
        refuse_if(
            "It is still open and waits for our answer." if self.is_open and not self.answered_at else None,
            "The account is closed." if home.closed_at else None,
        )
        again = self.entries.filter(step="reopened").count() + 1
        self.account, owner = home, home.owner
        assert owner is not None
        self.closed_at = self.closed_by = self.agreed_by = self.answered_at = self.lapses_on = None
        self.outcome = self.decision = ""
        self.role, self.holder = Coverage.Role.OWNER, owner
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
    def share(self, *, by: User) -> None:
        """Show this line on the customer's page."""
        self._lock(by)
        refuse_if("The customer already sees this." if self.shared_at else None)
        self.shared_at = database_now()
        self.save(update_fields=["shared_at"])

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

    def _close(self, outcome: str, *, by: User) -> None:
        self.outcome, self.closed_at, self.closed_by = outcome, database_now(), by
        self.save(update_fields=["outcome", "closed_at", "closed_by", "agreed_by"])

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
