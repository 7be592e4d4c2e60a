"""The kinds and other choices of a line of the ledger, what PostgreSQL demands of each, and how lines are found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from .base import imported_by_somebody

#: So many days after a sale or a change of owner somebody checks in; at the last the customer is asked for a verdict.
CHECK_INS = [7, 30, 90]


class Kind(models.TextChoices):
    """What we owe."""

    PROMISE = "promise", "Promise"
    QUESTION = "question", "Question"
    FEEDBACK = "feedback", "Feedback"
    VISIT = "visit", "Visit"
    REPAIR = "repair", "Repair"
    TASK = "task", "Task"


class Outcome(models.TextChoices):
    """How a line of the ledger ended."""

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
    """How soon the customer needs an answer, in their own words."""

    NORMAL = "normal", "Normal"
    SOON = "soon", "Soon"
    EMERGENCY = "emergency", "Emergency"


class Decision(models.TextChoices):
    """What we decided on their feedback."""

    YES = "yes", "Yes"
    PLANNED = "planned", "Planned"
    NO = "no", "No"


class Severity(models.TextChoices):
    """How bad it is for the customer."""

    NUISANCE = "nuisance", "A nuisance"
    HINDERS = "hinders", "It hinders them"
    STOPS = "stops", "They cannot go on"


class Obstacle(models.TextChoices):
    """What of ours stands in the way of doing business."""

    TERM = "term", "A term of ours"
    FORM = "form", "A form of ours"
    PAYMENT = "payment", "How we take payment"
    OTHER = "other", "Another rule of ours"


#: Kinds that come from the customer: only the customer closes them (law 5).
THEIRS = [Kind.QUESTION, Kind.FEEDBACK, Kind.REPAIR]

#: Whoever leaves ends none of these alone, unless it ends by itself, with its account or with its note.
DEPENDED_ON = [Kind.PROMISE, *THEIRS]
ENDS_BESIDES = [Outcome.LAPSED, Outcome.ACCOUNT_CLOSED, Outcome.RETRACTED]

#: The exact words, their kind, who raised them and when stay as they were (see database/grants.py).
FROZEN = [
    "kind", "contact_id", "text", "raised_at", "raised_by_id", "severity", "obstacle", "cadence_id", "check_in",
    "after_deal_id", "after_coverage_id", "imported_by_id", "imported_from",
]  # fmt: skip
INDEXES = [
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

CONSTRAINTS = [
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
    models.CheckConstraint(name="only_visits_have_a_cadence", condition=Q(cadence=None) | Q(kind="visit")),
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
    models.UniqueConstraint(fields=["after_coverage", "check_in"], name="check_in_once_after_a_change"),
    models.CheckConstraint(
        name="only_visits_have_an_hour",
        condition=Q(starts_at=None) | Q(kind="visit", due__isnull=False),
    ),
    models.CheckConstraint(name="only_visits_want_a_note", condition=Q(note_asked_on=None) | Q(kind="visit")),
    models.UniqueConstraint(fields=["cadence"], condition=Q(closed_at=None), name="visit_one_at_a_time"),
    models.UniqueConstraint(
        fields=["external_id"], condition=~Q(external_id=""), name="obligation_external_id_once"
    ),
    imported_by_somebody("obligation_imported_by_somebody"),
]
