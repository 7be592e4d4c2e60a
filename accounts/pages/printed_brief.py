"""account -> PrintedBrief: what goes on two pages. What does not fit is counted, never left out in silence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from accounts.models import Contact, Coverage, Deal, Fact, Obligation, Topic

from .account import AccountPage

T = TypeVar("T")

#: How many of each two pages hold, A4 or Letter, when every one of them is long (see the browser test).
TEAM, PEOPLE, OWED, IF_THEN, KNOWN, DEALS, GAPS = 6, 8, 9, 3, 6, 2, 8
#: What contradicts an agreement when it is not known comes before everything else that is known.
FIRST = ("terms", "procurement", "words", Topic.WHY_US, "decision")


@dataclass(frozen=True)
class BriefSection(Generic[T]):
    """The first of many, and how many more there are."""

    lines: list[T]
    more: int = 0

    @classmethod
    def of(cls, lines: Iterable[T], most: int) -> BriefSection[T]:
        found = list(lines)
        return cls(found[:most], max(len(found) - most, 0))

    def __bool__(self) -> bool:
        return bool(self.lines)

    @property
    def rest(self) -> str:
        return f"and {self.more} more" if self.more else ""


@dataclass(frozen=True)
class PrintedBrief:
    team: BriefSection[Coverage]
    people: BriefSection[Contact]
    owed: BriefSection[Obligation]
    if_then: BriefSection[Fact]
    known: BriefSection[Fact]
    deals: BriefSection[Deal]
    gaps: BriefSection[str]

    @classmethod
    def of(cls, page: AccountPage) -> PrintedBrief:
        """From what the account's page shows."""
        known = sorted(page.answers.known, key=lambda pair: place_of(pair[0]))
        present = [contact for contact in page.others if not contact.left_on]
        people = [*page.champions, *sorted(present, key=lambda one: not one.roles)]
        return cls(
            team=BriefSection.of(page.team, TEAM),
            people=BriefSection.of(people, PEOPLE),
            owed=BriefSection.of(page.owed, OWED),
            if_then=BriefSection.of(page.if_then, IF_THEN),
            known=BriefSection.of((fact for _, facts in known for fact in facts), KNOWN),
            deals=BriefSection.of(page.deals, DEALS),
            gaps=BriefSection.of([*missing(page), *(topic.name for topic in page.answers.gaps)], GAPS),
        )


def place_of(topic: Topic) -> tuple[int, int]:
    return FIRST.index(topic.pk) if topic.pk in FIRST else len(FIRST), topic.position


def missing(page: AccountPage) -> list[str]:
    """What a brief begins with and nobody has written down."""
    wanted = {
        "their story": page.stories,
        "a champion": page.champions,
        "who decides": page.deciders,
        "where they stand": page.stage,
        "what they need now": page.answers.needs,
        "the outcome they want": page.answers.outcome,
        "what could happen": page.if_then,
    }
    return [name for name, known in wanted.items() if not known]
