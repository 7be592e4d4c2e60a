"""How an account stands: its stage, and its condition from steady to urgent.

The condition is the first part of a handoff (I-PASS calls it illness severity).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import TextChoices

IN_TOUCH_WITHIN = timedelta(days=60)


class Stage(TextChoices):
    """The stages of the buyer's journey. It may go backwards, with a reason."""

    LEARNING = "learning", "Learning"
    EVALUATING = "evaluating", "Evaluating"
    DECIDING = "deciding", "Deciding"
    ONBOARDING = "onboarding", "Onboarding"
    IN_VALUE = "in_value", "In value"
    RENEWAL = "renewal", "Renewal"
    AT_RISK = "at_risk", "At risk"


class Condition(TextChoices):
    STEADY = "steady", "Steady"
    WATCH = "watch", "Watch"
    URGENT = "urgent", "Urgent"

    @property
    def rank(self) -> int:
        return list(Condition).index(self)


Sign = tuple[Condition, str]


def signs(
    *,
    late: int,
    repairs: int,
    stage: str,
    has_champion: bool,
    last_contact_at: datetime | None,
    now: datetime,
) -> list[Sign]:
    """What the product itself sees, worst first: each a condition with the sentence that gives its reason.

    `late` and `repairs` count what we owe that is late, and what went wrong and is not made good yet.
    """
    found: list[Sign] = []
    if late:
        found.append((Condition.URGENT, late_in_words(late)))
    if repairs:
        found.append((Condition.URGENT, "Something went wrong here and is not made good yet"))
    if stage == Stage.AT_RISK:
        found.append((Condition.URGENT, "The journey stands at risk"))
    if not has_champion:
        found.append((Condition.WATCH, "No champion is named"))
    if last_contact_at is None or last_contact_at < now - IN_TOUCH_WITHIN:
        found.append((Condition.WATCH, f"Nobody has been in touch for {IN_TOUCH_WITHIN.days} days"))
    return found


def most_cautious(rated: str, seen: Sequence[Sign]) -> Condition:
    """The condition that counts: what a person rated, or what the product sees where that is worse."""
    conditions = [Condition(rated or Condition.STEADY), *(condition for condition, _ in seen)]
    return max(conditions, key=lambda condition: condition.rank)


def late_in_words(late: int) -> str:
    return "1 thing we owe is late" if late == 1 else f"{late} things we owe are late"
