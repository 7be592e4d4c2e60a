"""The stages of the buyer's journey. It may go backwards, with a reason."""

from __future__ import annotations

from django.db.models import TextChoices


class Stage(TextChoices):
    LEARNING = "learning", "Learning"
    EVALUATING = "evaluating", "Evaluating"
    DECIDING = "deciding", "Deciding"
    ONBOARDING = "onboarding", "Onboarding"
    IN_VALUE = "in_value", "In value"
    RENEWAL = "renewal", "Renewal"
    AT_RISK = "at_risk", "At risk"
