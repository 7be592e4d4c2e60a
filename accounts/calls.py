"""account -> Plan: what to know before one calls, and what is left to ask. Nobody is asked twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from .models import Account, Coverage, Entry, Fact, Topic, User

#: Topics that have as many answers as there are.
MANY = frozenset({Topic.IF_THEN})
A_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Known:
    """A topic with the answers we have."""

    topic: Topic
    facts: list[Any]  # facts `with_sources`

    @property
    def disagree(self) -> bool:
        """Several answers that differ, and nobody has said since the newest came that the older hold too."""
        if self.topic.pk in MANY or len({plain(fact.text) for fact in self.facts}) < 2:
            return False
        newest = max(fact.at for fact in self.facts)
        return any(last_said(fact) < newest for fact in self.facts)

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """Each answer with the newest of the others, against which it is held."""
        newest, *older = sorted(self.facts, key=lambda fact: (fact.at, fact.pk), reverse=True)
        return [(newest, fact) for fact in older if plain(fact.text) != plain(newest.text)]


@dataclass(frozen=True)
class Plan:
    """Before a call: what disagrees, what may have changed, what is known, and only then what is not."""

    contradictions: list[Known]
    to_confirm: list[Any]
    known: list[Known]
    gaps: list[Topic]
    asked_before: int


def plan(account: Account, day: date) -> Plan:
    """A fixed number of queries."""
    by_topic: dict[str, list[Any]] = {}
    for fact in Fact.objects.of(account).live().with_sources().order_by("-at", "-pk"):
        by_topic.setdefault(fact.topic_id, []).append(fact)
    topics = list(Topic.objects.all())
    known = [Known(topic, by_topic[topic.pk]) for topic in topics if topic.pk in by_topic]
    return Plan(
        contradictions=[one for one in known if one.disagree],
        to_confirm=[fact for one in known for fact in one.facts if past_review(fact, day)],
        known=known,
        gaps=[
            topic for topic in topics if topic.is_in_use and topic.pk not in by_topic and topic.pk not in MANY
        ],
        asked_before=asked_before().filter(account__in=account.memory_ids).count(),
    )


def plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".")


def last_said(fact: Any) -> datetime:
    said: datetime = max(fact.at, fact.confirmed_at) if fact.confirmed_at else fact.at
    return said


def past_review(fact: Any, day: date) -> bool:
    """Its day to be asked about has passed, and nobody has confirmed it since within the topic's time."""
    if fact.review_on is None or fact.review_on >= day:
        return False
    confirmed = fact.confirmed_at
    return not confirmed or confirmed.date() + timedelta(days=fact.topic.review_days) < day


# ---- "I was asked this before"


@dataclass(frozen=True)
class AskedBefore:
    """How often customers said that we had asked them before, within a year."""

    lines: list[Any]  # entries with `rep`, newest first

    @property
    def accounts(self) -> list[tuple[Account, int]]:
        return Counter(line.account for line in self.lines).most_common()

    @property
    def reps(self) -> list[tuple[str, int]]:
        return Counter(line.rep or "nobody" for line in self.lines).most_common()

    @property
    def topics(self) -> list[tuple[str, int]]:
        return Counter(line.subject.partition(": ")[2] for line in self.lines).most_common()


def asked_before() -> QuerySet[Entry]:
    """What customers marked within a year, with `rep`: who owned the account when they did."""
    owned = Coverage.objects.filter(
        account=OuterRef("account"), role=Coverage.Role.OWNER, started_at__lte=OuterRef("at")
    )
    return Entry.objects.filter(step="asked_before", at__gte=timezone.now() - A_YEAR).annotate(
        rep=Subquery(owned.order_by("-started_at").values("person__name")[:1])
    )


def asked_before_seen_by(user: User) -> AskedBefore:
    seen = asked_before().filter(account__in=Account.objects.visible_to(user))
    return AskedBefore(list(seen.select_related("account", "author_contact").order_by("-at", "-pk")))
