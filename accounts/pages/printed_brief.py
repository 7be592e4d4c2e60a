"""account -> Paper: what goes on two pages. What does not fit is counted, never left out in silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import Account, Entry, Topic

#: How many of each two pages hold, A4 or Letter, when every one of them is long (see the browser test).
TEAM, PEOPLE, OWED, IF_THEN, KNOWN, DEALS, LATELY = 6, 7, 9, 3, 6, 2, 6
#: What contradicts an agreement when it is not known comes before everything else that is known.
FIRST = ("terms", "procurement", "words", Topic.WHY_US, "decision")
TOLD = [*Entry.KEPT_BY_HAND, Entry.Kind.STAGE]


@dataclass(frozen=True)
class Part:
    """The first of many, and how many more there are."""

    lines: list[Any]
    more: int = 0

    @classmethod
    def of(cls, lines: Iterable[Any], most: int) -> Part:
        found = list(lines)
        return cls(found[:most], max(len(found) - most, 0))

    def __bool__(self) -> bool:
        return bool(self.lines)

    @property
    def rest(self) -> str:
        return f"and {self.more} more" if self.more else ""


@dataclass(frozen=True)
class Paper:
    team: Part
    people: Part
    owed: Part
    if_then: Part
    known: Part  # facts
    deals: Part
    lately: Part  # entries
    gaps: Sequence[Topic]


def brief(account: Account, about: dict[str, Any]) -> Paper:
    """From what the account's page shows, `about`; two queries more, whatever the history."""
    known = sorted(about["answers"]["known"], key=lambda pair: place_of(pair[0]))
    told = Entry.objects.of(account).standing().filter(kind__in=TOLD)
    latest = list(told.select_related("author", "author_contact").order_by("-at", "-pk")[:LATELY])
    present = [contact for contact in about["others"] if not contact.left_on]
    return Paper(
        team=Part.of(about["team"], TEAM),
        people=Part.of([*about["champions"], *sorted(present, key=lambda one: not one.roles)], PEOPLE),
        owed=Part.of(about["owed"], OWED),
        if_then=Part.of(about["if_then"], IF_THEN),
        known=Part.of((fact for _, facts in known for fact in facts), KNOWN),
        deals=Part.of(about["deals"], DEALS),
        lately=Part(latest, told.count() - len(latest)),
        gaps=about["answers"]["gaps"],
    )


def place_of(topic: Topic) -> tuple[int, int]:
    return FIRST.index(topic.pk) if topic.pk in FIRST else len(FIRST), topic.position
