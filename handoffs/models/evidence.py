"""What an account's memory proves of a checklist: by this its items tick themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from django.db.models import Q

from accounts.briefing.doubts import Doubts
from accounts.models import Account, Entry, Fact, Passage, SortedPassage, Topic, today
from accounts.models.continuity import annotated, evidence_of
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


@dataclass(frozen=True)
class Evidence:
    """What an account's memory proves at this moment, gathered in a fixed number of queries.

    `unsorted` are the pressing passages that nobody has sorted, as (entry, start, end); of those in `rest` no item
    speaks by itself. `became` says what was made of which place.
    """

    condition: bool
    topics: frozenset[str]
    champion: bool
    second_person: bool
    recent_note: bool
    settled: frozenset[int]
    unsorted: tuple[Place, ...] = ()
    rest: tuple[Place, ...] = ()
    became: tuple[tuple[Place, str], ...] = ()
    disputed: frozenset[str] = frozenset()
    told: frozenset[int] = frozenset()

    @classmethod
    def of(cls, handoff: Handoff) -> Evidence:
        account = handoff.account
        recently = clocks.now() - timedelta(days=60)
        kept = Entry.objects.of(account).not_retracted().filter(kind__in=Entry.KEPT_BY_HAND)
        with_connections = annotated(Account.objects.filter(pk=account.pk)).get()
        read_back = handoff.read_back_latest
        taken = set(read_back.takeovers.values_list("obligation_id", flat=True)) if read_back else set()
        items = list(handoff.items.all())
        proofs = {item.proof for item in items}
        listed = [item for item in items if item.proof == Proof.SORTED]
        unsorted = unsorted_places(account) if proofs & {Proof.SORTED, Proof.REST_SORTED} else ()
        return cls(
            condition=bool(account.condition),
            topics=answered(account),
            champion=account.contacts.champions().exclude(Q(strength=None) | Q(evidence="")).exists(),
            second_person=people_check(evidence_of(with_connections)).ok,
            recent_note=kept.filter(at__gte=recently).exists(),
            settled=frozenset(
                taken | set(account.obligations.filter(closed_at__isnull=False).values_list("pk", flat=True))
            ),
            unsorted=unsorted,
            rest=tuple(place for place in unsorted if not any(overlaps(item, *place) for item in listed)),
            became=sorted_places(listed),
            disputed=disputed(account) if Proof.SETTLED in proofs else frozenset(),
            told=told(handoff) if Proof.TOLD in proofs else frozenset(),
        )

    def proves(self, item: ChecklistItem) -> bool:
        return {
            Proof.CONDITION: self.condition,
            Proof.TOPIC: item.topic_id in self.topics,
            Proof.CHAMPION: self.champion,
            Proof.SECOND_PERSON: self.second_person,
            Proof.RECENT_NOTE: self.recent_note,
            Proof.TAKEN_ON: item.obligation_id in self.settled,
            Proof.SORTED: not any(overlaps(item, *place) for place in self.unsorted),
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


def unsorted_places(account: Account) -> tuple[Place, ...]:
    pressing = Passage.objects.of(account).unsorted().filter(reasons__overlap=PRESSING)
    return tuple(pressing.values_list("reading_id", "start", "end"))


def sorted_places(items: list[ChecklistItem]) -> tuple[tuple[Place, str], ...]:
    """What was made of places in the entries of these items, the latest first."""
    if not items:
        return ()
    rows = SortedPassage.objects.filter(entry__in=[item.entry_id for item in items], start__isnull=False)
    return tuple(
        ((row.entry_id, row.start or 0, row.end or 0), row.get_became_display())
        for row in rows.order_by("-pk")
    )


def disputed(account: Account) -> frozenset[str]:
    """The topics on which answers disagree."""
    live = Fact.objects.of(account).live().with_sources()
    return frozenset(one.topic.pk for one in Doubts.among(live, today()).contradictions)


def answered(account: Account) -> frozenset[str]:
    """The topics that have an answer, with those that were merged into one that has."""
    live = Fact.objects.of(account).live().order_by().values("topic")
    topics = Topic.objects.filter(Q(pk__in=live) | Q(merged_into__in=live))
    return frozenset(topics.order_by().values_list("pk", flat=True))


def told(handoff: Handoff) -> frozenset[int]:
    """Whoever at the customer was told of the change, or is not to be told by us."""
    left_out = handoff.recipients.filter(way="not").values_list("contact", flat=True)
    return frozenset(handoff.notifications.order_by().values_list("contact", flat=True).union(left_out))
