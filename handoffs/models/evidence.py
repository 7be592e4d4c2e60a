"""What an account's memory proves of a checklist: by this its items tick themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from accounts.briefing.doubts import Doubts
from accounts.briefing.memory import AccountMemory
from accounts.models import Entry, Obligation, Passage, SortedPassage
from accounts.models.passages import PassageQuerySet
from accounts.rules import clocks
from accounts.rules.continuity import people_check

from .checklist import Proof

if TYPE_CHECKING:
    from .checklist import ChecklistItem
    from .handoff import Handoff

#: text[start:end] of an entry, as (entry, start, end).
Place: TypeAlias = tuple[int, int, int]
#: The reasons for which a passage that nobody has sorted is an item.
PRESSING = ["cliff", "promise"]
RECENTLY = timedelta(days=60)


@dataclass(frozen=True)
class Evidence:
    """What an account's memory proves at this moment, gathered in a fixed number of queries.

    `unsorted` are places of the listed entries that nobody has sorted and that press, as (entry, start, end); `rest`
    counts those of which no item speaks by itself. `became` says what was made of which place.
    """

    condition: bool
    topics: frozenset[str]
    champion: bool
    second_person: bool
    recent_note: bool
    settled: frozenset[int]
    unsorted: tuple[Place, ...] = ()
    rest: int = 0
    became: tuple[tuple[Place, str], ...] = ()
    disputed: frozenset[str] = frozenset()
    told: frozenset[int] = frozenset()

    @classmethod
    def of(cls, handoff: Handoff, memory: AccountMemory | None = None) -> Evidence:
        """From the account's `memory`, where a page has read it already."""
        memory = memory or AccountMemory.read(handoff.account)
        kept = Entry.objects.of(memory.account).not_retracted().filter(kind__in=Entry.KEPT_BY_HAND)
        items = list(handoff.items.all())
        proofs = {item.proof for item in items}
        listed = [item for item in items if item.proof == Proof.SORTED]
        pressing = Passage.objects.of(memory.account).unsorted().filter(reasons__overlap=PRESSING)
        unsorted = places(pressing, listed)
        spoken_of = sum(any(overlaps(item, *place) for item in listed) for place in unsorted)
        return cls(
            condition=bool(memory.account.condition),
            topics=answered(memory),
            champion=any(champion.strength and champion.evidence for champion in memory.champions),
            second_person=people_check(memory.evidence).ok,
            recent_note=kept.filter(at__gte=clocks.now() - RECENTLY).exists(),
            settled=settled(handoff, items),
            unsorted=unsorted,
            rest=pressing.count() - spoken_of if Proof.REST_SORTED in proofs else 0,
            became=sorted_places(listed),
            disputed=frozenset(one.topic.pk for one in Doubts.among(memory.facts, memory.day).contradictions),
            told=told(handoff) if Proof.TOLD in proofs else frozenset(),
        )

    def proves(self, item: ChecklistItem) -> bool:
        if item.proof == Proof.SORTED:
            return not any(overlaps(item, *place) for place in self.unsorted)
        return {
            Proof.CONDITION: self.condition,
            Proof.TOPIC: item.topic_id in self.topics,
            Proof.CHAMPION: self.champion,
            Proof.SECOND_PERSON: self.second_person,
            Proof.RECENT_NOTE: self.recent_note,
            Proof.TAKEN_ON: item.obligation_id in self.settled,
            Proof.REST_SORTED: not self.rest,
            Proof.SETTLED: item.topic_id not in self.disputed,
            Proof.TOLD: item.contact_id in self.told,
        }.get(Proof(item.proof), False)

    def what_became_of(self, item: ChecklistItem) -> str:
        """What somebody made of the passage of this item; nothing where nobody did."""
        return next((label for place, label in self.became if overlaps(item, *place)), "")


def overlaps(item: ChecklistItem, entry: int, start: int, end: int) -> bool:
    """Whether the item is about this place of an entry, or a part of it."""
    return item.entry_id == entry and (item.start or 0) < end and start < (item.end or 0)


def places(pressing: PassageQuerySet, listed: list[ChecklistItem]) -> tuple[Place, ...]:
    """Those in the entries of these items."""
    entries = {item.entry_id for item in listed}
    found = pressing.filter(reading__in=entries).values_list("reading_id", "start", "end")
    return tuple(found) if entries else ()


def sorted_places(items: list[ChecklistItem]) -> tuple[tuple[Place, str], ...]:
    """What was made of places in the entries of these items, the latest first."""
    if not items:
        return ()
    rows = SortedPassage.objects.filter(entry__in=[item.entry_id for item in items], start__isnull=False)
    return tuple(
        ((row.entry_id, row.start or 0, row.end or 0), row.get_became_display())
        for row in rows.order_by("-pk")
    )


def answered(memory: AccountMemory) -> frozenset[str]:
    """The topics that have an answer, with those that were merged into one that has."""
    live = {fact.topic_id for fact in memory.facts}
    return frozenset(topic.pk for topic in memory.topics if {topic.pk, topic.merged_into_id} & live)


def settled(handoff: Handoff, items: list[ChecklistItem]) -> frozenset[int]:
    """Of what these items say is owed: what was taken on by name, and what is over."""
    read_back = handoff.read_back_latest
    taken = {row.obligation_id for row in read_back.takeovers.all()} if read_back else set()
    owed = {item.obligation_id for item in items if item.obligation_id} - taken
    over = Obligation.objects.filter(pk__in=owed, closed_at__isnull=False).values_list("pk", flat=True)
    return frozenset(taken | set(over if owed else ()))


def told(handoff: Handoff) -> frozenset[int]:
    """Whoever at the customer was told of the change, or is not to be told by us."""
    left_out = handoff.recipients.filter(way="not").values_list("contact", flat=True)
    return frozenset(handoff.notifications.order_by().values_list("contact", flat=True).union(left_out))
