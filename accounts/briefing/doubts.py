"""Live answers -> those that disagree, and those that nobody has asked about for long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models import Fact, Topic
from accounts.rules.answers import plain


@dataclass(frozen=True)
class TopicAnswers:
    topic: Topic
    facts: list[Fact]  # read `with_sources`

    @property
    def disagree(self) -> bool:
        """Several answers that differ, and nobody has said since the newest came that the older hold too."""
        return self.topic.pk not in Topic.MANY and any(
            older.last_said_at < newest.at for newest, older in self.pairs
        )

    @property
    def pairs(self) -> list[tuple[Fact, Fact]]:
        """Each answer with the newest of the others, against which it is held."""
        newest, *older = sorted(self.facts, key=lambda fact: (fact.at, fact.pk), reverse=True)
        return [
            (newest, fact)
            for fact in older
            if plain(fact.text) != plain(newest.text) and not taken_together(newest, fact)
        ]


def taken_together(one: Fact, other: Fact) -> bool:
    """One person took both out of notes: they stand beside each other, and do not contradict each other."""
    return bool(one.entry_id and other.entry_id) and one.author_id == other.author_id


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
