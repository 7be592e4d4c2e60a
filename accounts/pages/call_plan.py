"""What to know before one calls (`CallPlan`) or proposes anything (`Proposal`), and what is left to ask.

Nobody is asked twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models import Account, Fact, Obligation, Topic
from accounts.rules.answers import plain
from accounts.rules.promise_record import PromiseRecord

from .customer_effort import asked_before


@dataclass(frozen=True)
class TopicAnswers:
    topic: Topic
    facts: list[Fact]  # read `with_sources`

    @property
    def disagree(self) -> bool:
        """Several answers that differ, and nobody has said since the newest came that the older hold too."""
        if self.topic.pk in Topic.MANY or len({plain(fact.text) for fact in self.facts}) < 2:
            return False
        newest = max(fact.at for fact in self.facts)
        return any(fact.last_said_at < newest for fact in self.facts)

    @property
    def pairs(self) -> list[tuple[Fact, Fact]]:
        """Each answer with the newest of the others, against which it is held."""
        newest, *older = sorted(self.facts, key=lambda fact: (fact.at, fact.pk), reverse=True)
        return [(newest, fact) for fact in older if plain(fact.text) != plain(newest.text)]


@dataclass(frozen=True)
class Doubts:
    """Among answers that are read already: those that disagree, and those that nobody has asked about for long."""

    contradictions: list[TopicAnswers]
    to_confirm: list[Fact]

    @classmethod
    def among(cls, facts: Iterable[Fact], day: date) -> Doubts:
        """From live facts `with_sources`; no query. A story says by itself how old it is."""
        by_topic: dict[Topic, list[Fact]] = {}
        for fact in facts:
            by_topic.setdefault(fact.topic, []).append(fact)
        known = [TopicAnswers(topic, some) for topic, some in by_topic.items()]
        disagreeing = [one for one in known if one.disagree]
        disputed = {one.topic for one in disagreeing}
        old = [fact for some in by_topic.values() for fact in some if fact.is_past_review(day)]
        old = [fact for fact in old if fact.topic_id != Topic.STORY]
        old.sort(key=lambda fact: fact.last_said_at)
        return cls(disagreeing, [fact for fact in old if fact.topic not in disputed])

    def __bool__(self) -> bool:
        return bool(self.contradictions or self.to_confirm)


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
