from __future__ import annotations

from django.db import models

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
