from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .accounts import Account
from .contacts import Contact
from .coverage import Coverage
from .facts import Fact
from .obligation_sets import NOTE_AFTER, NOTE_UNTIL, ObligationQuerySet
from .users import User

#: So many days after a sale or a change of owner somebody checks in; at the last the customer is asked for a verdict.
CHECK_INS = [7, 30, 90]
#: A note of a visit may have been kept so long before somebody said that it was held.
SAID_AFTERWARDS = timedelta(days=7)


class ObligationStanding(models.Model):
    """What a line of the ledger holds, what the database demands of it, and what is true of it now."""

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
        RETRACTED = "retracted", "Taken back with its note"

    class Urgency(models.TextChoices):
        NORMAL = "normal", "Normal"
        SOON = "soon", "Soon"
        EMERGENCY = "emergency", "Emergency"

    class Decision(models.TextChoices):
        YES = "yes", "Yes"
        PLANNED = "planned", "Planned"
        NO = "no", "No"

    class Severity(models.TextChoices):
        NUISANCE = "nuisance", "A nuisance"
        HINDERS = "hinders", "It hinders them"
        STOPS = "stops", "They cannot go on"

    class Obstacle(models.TextChoices):
        TERM = "term", "A term of ours"
        FORM = "form", "A form of ours"
        PAYMENT = "payment", "How we take payment"
        OTHER = "other", "Another rule of ours"

    #: What reopening sets anew.
    REOPENED: ClassVar[list[str]] = [
        "account",
        "role",
        "holder",
        "answered_at",
        "decision",
        "lapses_on",
        "respond_by",
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
    starts_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="A meeting is a visit with an hour. It is due on the day of it where the customer is.",
    )
    note_asked_on = models.DateField(
        null=True, blank=True, help_text="When its holder was asked for a note of the visit."
    )
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
    severity = models.CharField(max_length=8, choices=Severity.choices, blank=True)
    obstacle = models.CharField(
        max_length=8,
        choices=Obstacle.choices,
        blank=True,
        help_text="What of ours stands in the way of doing business.",
    )
    cadence = models.ForeignKey(
        "accounts.Cadence", on_delete=models.PROTECT, null=True, blank=True, related_name="visits"
    )
    check_in = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="So many days after a sale or a change of owner."
    )
    after_deal = models.ForeignKey(
        "accounts.Deal",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="check_ins",
    )
    after_coverage = models.ForeignKey(
        Coverage, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="check_ins"
    )
    broken_at = models.DateTimeField(null=True, blank=True)
    broken_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who held the promise on the day it was due.",
    )
    respond_by = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    escalated_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
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

    # The exact words, their kind, who raised them and when stay as they were (see database/grants.py).
    columns_that_change = (
        "account_id",
        "role",
        "holder_id",
        "due",
        "starts_at",
        "note_asked_on",
        "stretch",
        "urgency",
        "fact_id",
        "shared_at",
        "broken_at",
        "broken_by_id",
        "respond_by",
        "escalated_at",
        "escalated_to_id",
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
        abstract = True
        ordering = [F("due").asc(nulls_last=True), "pk"]
        indexes = [
            models.Index(fields=["account"], condition=Q(closed_at=None), name="obligation_open"),
            models.Index(fields=["holder", "due"], condition=Q(closed_at=None), name="obligation_held"),
            models.Index(
                fields=["due"],
                condition=Q(closed_at=None, broken_at=None, kind="promise"),
                name="obligation_to_break",
            ),
            models.Index(
                fields=["respond_by"],
                condition=Q(closed_at=None, answered_at=None, escalated_at=None, respond_by__isnull=False),
                name="obligation_to_escalate",
            ),
            models.Index(
                fields=["lapses_on"],
                condition=Q(closed_at=None, lapses_on__isnull=False),
                name="obligation_to_lapse",
            ),
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
                | Q(outcome="account_closed")
                | Q(outcome="retracted"),  # a trigger sees to it that its note was taken back in time
            ),
            models.CheckConstraint(
                name="obligation_asked_is_asked_by_somebody",
                condition=~Q(kind__in=["question", "feedback"]) | Q(contact__isnull=False),
            ),
            models.CheckConstraint(
                name="only_a_dated_promise_breaks",
                condition=Q(broken_at=None, broken_by=None)
                | Q(kind="promise", due__isnull=False, broken_at__isnull=False, broken_by__isnull=False),
            ),
            models.CheckConstraint(
                name="only_a_question_has_a_clock", condition=Q(respond_by=None) | Q(kind="question")
            ),
            models.CheckConstraint(
                name="escalated_to_somebody",
                condition=Q(escalated_at=None, escalated_to=None)
                | Q(escalated_at__isnull=False, escalated_to__isnull=False),
            ),
            models.CheckConstraint(
                name="severity_and_obstacle_are_of_repairs",
                condition=Q(severity="", obstacle="") | Q(kind="repair"),
            ),
            models.CheckConstraint(
                name="only_visits_have_a_cadence", condition=Q(cadence=None) | Q(kind="visit")
            ),
            models.CheckConstraint(
                name="check_in_is_a_visit_with_one_cause",
                condition=Q(check_in=None, after_deal=None, after_coverage=None)
                | Q(kind="visit", check_in__isnull=False, check_in__in=CHECK_INS)
                & (
                    Q(after_deal__isnull=False, after_coverage=None)
                    | Q(after_deal=None, after_coverage__isnull=False)
                ),
            ),
            models.UniqueConstraint(fields=["after_deal", "check_in"], name="check_in_once_after_a_sale"),
            models.UniqueConstraint(
                fields=["after_coverage", "check_in"], name="check_in_once_after_a_change"
            ),
            models.CheckConstraint(
                name="only_visits_have_an_hour",
                condition=Q(starts_at=None) | Q(kind="visit", due__isnull=False),
            ),
            models.CheckConstraint(
                name="only_visits_want_a_note", condition=Q(note_asked_on=None) | Q(kind="visit")
            ),
            models.UniqueConstraint(
                fields=["cadence"], condition=Q(closed_at=None), name="visit_one_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="obligation_external_id_once"
            ),
        ]

    def __str__(self) -> str:
        """What it is about in one line, cut between two words where there are any."""
        if len(self.text) < 80:
            return self.text
        line = self.text[:79]
        return (line[:40] + line[40:].rpartition(" ")[0] if " " in line[40:] else line).rstrip(" ,;:") + "…"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def hour(self) -> str:
        """The hour of a meeting by the customer's clock, such as 14:30; nothing for what has only a day."""
        return f"{self.starts_at.astimezone(self.account.zone):%H:%M}" if self.starts_at else ""

    @property
    def at_hour(self) -> str:
        """What follows the day of a meeting in a list."""
        return f", {self.hour}" if self.hour else ""

    @property
    def when(self) -> str:
        """The day it is due in words, and for a meeting the hour where the customer is."""
        day = f"{self.due:%-d %B %Y}" if self.due else "no date"
        return f"{day} at {self.hour}" if self.hour else day

    @property
    def took_place_on(self) -> date | None:
        """The day of a visit: of a meeting the one it was planned for, else the one on which it was held, or is due."""
        held_on = self.account.day(self.closed_at) if self.closed_at else None
        if held_on is None or self.due is None:
            return held_on or self.due
        return min(self.due, held_on) if self.starts_at else held_on

    def wants_a_note(self, day: date, last_note_at: datetime | None) -> bool:
        """Two days after a visit: whether no note was kept on the account since the day of it."""
        on = self.took_place_on
        if on is None or not NOTE_AFTER <= day - on <= NOTE_UNTIL:
            return False
        since = min(on, max(self.due or on, on - SAID_AFTERWARDS))
        return last_note_at is None or self.account.day(last_note_at) < since

    @property
    def kept_late(self) -> bool:
        return self.outcome == self.Outcome.KEPT and self.broken_at is not None

    @property
    def missed_on(self) -> date | None:
        """The day on which a promise was due that was broken, in the customer's own calendar."""
        if self.broken_at is None:
            return None
        return self.account.day(self.broken_at) - timedelta(days=1)

    @property
    def ended_well(self) -> bool:
        """It was done as we said: not late, not forgotten, not taken back."""
        done = {self.Outcome.KEPT, self.Outcome.AGREED, self.Outcome.HELD, self.Outcome.DONE}
        return self.outcome in done and not self.kept_late

    @property
    def outcome_in_words(self) -> str:
        return "Kept late" if self.kept_late else self.get_outcome_display()

    @property
    def overdue_for_answer(self) -> bool:
        """Their question has waited longer than we allow ourselves."""
        waits = self.is_open and self.answered_at is None
        return waits and self.respond_by is not None and self.respond_by < timezone.now()

    @property
    def is_theirs(self) -> bool:
        return self.kind in self.THEIRS and self.contact_id is not None
