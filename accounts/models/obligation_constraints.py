"""What PostgreSQL demands of each line of the ledger, and the indexes by which the lines are found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from .obligation_kinds import CHECK_INS

#: The exact words, their kind, who raised them and when stay as they were (see database/grants.py).
FROZEN = [
    "kind", "contact_id", "text", "raised_at", "raised_by_id", "severity", "obstacle", "cadence_id", "check_in",
    "after_deal_id", "after_coverage_id",
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
]
