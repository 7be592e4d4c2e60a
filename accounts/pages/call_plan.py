"""account -> Plan: what to know before one calls, and what is left to ask. Nobody is asked twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import Account, Coverage, Entry, Fact, Obligation, Topic, User
from accounts.rules.answers import plain
from accounts.rules.promise_record import PromiseRecord

#: Topics that have as many answers as there are.
MANY = frozenset({Topic.IF_THEN})
A_YEAR = timedelta(days=365)
#: So long after a change of owner, asking again is put down to the change.
NEW_HANDS = timedelta(days=90)


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
class Doubts:
    """Among answers that are read already: those that disagree, and those that nobody has asked about for long."""

    contradictions: list[Known]
    to_confirm: list[Any]

    @classmethod
    def among(cls, facts: Iterable[Any], day: date) -> Doubts:
        """From live facts `with_sources`; no query. A story says by itself how old it is."""
        by_topic: dict[Topic, list[Any]] = {}
        for fact in facts:
            by_topic.setdefault(fact.topic, []).append(fact)
        known = [Known(topic, some) for topic, some in by_topic.items()]
        disagreeing = [one for one in known if one.disagree]
        disputed = {one.topic for one in disagreeing}
        old = [fact for some in by_topic.values() for fact in some if past_review(fact, day)]
        old = [fact for fact in old if fact.topic_id != Topic.STORY]
        old.sort(key=last_said)
        return cls(disagreeing, [fact for fact in old if fact.topic not in disputed])

    def __bool__(self) -> bool:
        return bool(self.contradictions or self.to_confirm)


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


def last_said(fact: Any) -> datetime:
    said: datetime = fact.last_said_at
    return said


def past_review(fact: Any, day: date) -> bool:
    """Its day to be asked about has passed, and nobody has confirmed it since within the topic's time."""
    if fact.review_on is None or fact.review_on >= day:
        return False
    confirmed = fact.confirmed_at
    return not confirmed or confirmed.date() + timedelta(days=fact.topic.review_days) < day


# ---- Before a proposal


@dataclass(frozen=True)
class Proposal:
    """What to know before proposing anything: when they plan money, what was agreed, and how our promises fared."""

    budget: list[Any]
    terms: list[Any]
    promises: PromiseRecord | None

    @classmethod
    def of(cls, account: Account, *, renewal: bool = True) -> Proposal:
        """The record of promises is what a renewal is decided by; of another deal it is left out."""
        asked = [*Topic.BUDGET, *Topic.TERMS]
        facts = list(
            Fact.objects.of(account).live().on(*asked).with_sources().order_by("topic__position", "-at")
        )
        money = set(Topic.objects.standing_for(*Topic.BUDGET).values_list("pk", flat=True))
        made = Obligation.objects.filter(account__in=account.memory_ids)
        return cls(
            budget=[fact for fact in facts if fact.topic_id in money],
            terms=[fact for fact in facts if fact.topic_id not in money],
            promises=made.promise_record() if renewal else None,
        )


# ---- "I was asked this before"


@dataclass(frozen=True)
class AskedBefore:
    """How often customers said that we had asked them before, within a year."""

    lines: list[Any]  # entries with `rep` and `change`, newest first

    @property
    def accounts(self) -> list[tuple[Account, int]]:
        return Counter(line.account for line in self.lines).most_common()

    @property
    def reps(self) -> list[tuple[str, int]]:
        return Counter(line.rep or "nobody" for line in self.lines).most_common()

    @property
    def changes(self) -> list[tuple[Coverage, int]]:
        """By the change of owner that it happened after, within 90 days."""
        return Counter(line.change for line in self.lines if line.change).most_common()

    @property
    def topics(self) -> list[tuple[str, int]]:
        return Counter(map(topic_of, self.lines)).most_common()


def asked_before() -> QuerySet[Entry]:
    """What customers marked within a year, with `owner_row`: the coverage of who owned the account when they did."""
    owned = Coverage.objects.filter(
        account=OuterRef("account"), role=Coverage.Role.OWNER, started_at__lte=OuterRef("at")
    )
    return Entry.objects.filter(step="asked_before", at__gte=clocks.now() - A_YEAR).annotate(
        owner_row=Subquery(owned.order_by("-started_at").values("pk")[:1])
    )


def asked_before_seen_by(user: User) -> AskedBefore:
    """Two queries, however many lines."""
    seen = asked_before().filter(account__in=Account.objects.visible_to(user))
    marked = ("asked_again__fact__topic__merged_into", "asked_again__ask__by")
    lines: list[Any] = list(seen.select_related("account", "author_contact", *marked).order_by("-at", "-pk"))
    rows = Coverage.objects.select_related("account", "person", "follows__person")
    owners = rows.in_bulk({line.owner_row for line in lines if line.owner_row})
    for line in lines:
        row = owners.get(line.owner_row)
        marked_as = getattr(line, "asked_again", None)
        asked_by = marked_as.ask.by if marked_as and marked_as.ask else row.person if row else None
        line.rep = asked_by.name if asked_by else ""
        line.change = row if row and row.follows and line.at - row.started_at <= NEW_HANDS else None
    return AskedBefore(lines)


def topic_of(line: Any) -> str:
    """What they were asked twice about; of an old line only its subject tells."""
    marked = getattr(line, "asked_again", None)
    if marked and marked.fact:
        return str(marked.fact.topic.merged_into or marked.fact.topic)
    return str(line.subject.partition(": ")[2])
