"""What to know before one calls (`CallPlan`) or proposes anything (`Proposal`), and what is left to ask.

Nobody is asked twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.briefing.doubts import TopicAnswers
from accounts.models import Account, Fact, Obligation, Topic
from accounts.rules.promise_record import PromiseRecord

from .customer_effort import asked_before


@dataclass(frozen=True)
class CallPlan:
    """Before a call: what disagrees, what may have changed, what is known, and only then what is not."""

    contradictions: list[TopicAnswers]
    to_confirm: list[Fact]
    known: list[TopicAnswers]
    gaps: list[Topic]
    asked_before: int


def plan(account: Account, day: date) -> CallPlan:
    """A fixed number of queries."""
    by_topic: dict[str, list[Fact]] = {}
    for fact in Fact.objects.of(account).live().with_sources().order_by("-at", "-pk"):
        by_topic.setdefault(fact.topic_id, []).append(fact)
    topics = list(Topic.objects.all())
    known = [TopicAnswers(topic, by_topic[topic.pk]) for topic in topics if topic.pk in by_topic]
    return CallPlan(
        contradictions=[one for one in known if one.disagree],
        to_confirm=[fact for one in known for fact in one.facts if fact.is_past_review(day)],
        known=known,
        gaps=[
            topic
            for topic in topics
            if topic.is_in_use and topic.pk not in by_topic and topic.pk not in Topic.MANY
        ],
        asked_before=asked_before().filter(account__in=account.memory_ids).count(),
    )


@dataclass(frozen=True)
class Proposal:
    """When they plan money, what was agreed, and how our promises fared."""

    budget: list[Fact]
    terms: list[Fact]
    promises: PromiseRecord | None

    @classmethod
    def of(cls, account: Account, *, renewal: bool = True) -> Proposal:
        """The record of promises is what a renewal is decided by; of another deal it is left out."""
        asked = [*Topic.BUDGET, *Topic.TERMS]
        live = Fact.objects.of(account).live().on(*asked).with_sources()
        facts = list(live.order_by("topic__position", "-at"))
        money = set(Topic.objects.kept_under(*Topic.BUDGET).values_list("pk", flat=True))
        made = Obligation.objects.filter(account__in=account.memory_ids)
        return cls(
            budget=[fact for fact in facts if fact.topic_id in money],
            terms=[fact for fact in facts if fact.topic_id not in money],
            promises=made.promise_record() if renewal else None,
        )
