"""Places on pages of memory where another app may add something: memory names the place, not who fills it.

The other app fills one in its `AppConfig.ready`, with a function of the person who looks and the thing shown:
`slots.fill("account notices", open_handoffs)`. A page asks in its template, with
`{% slot "account notices" account as notices %}`, or in its view, with `parts_of`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .models import User


@dataclass(frozen=True)
class Link:
    """A verb of another app, or a line of its lists."""

    text: str
    url: str
    primary: bool = False


@dataclass(frozen=True)
class Notice:
    """What another app has to say about the thing shown. The rest may be HTML that was made safe."""

    headline: str
    rest: str


@dataclass(frozen=True)
class Waiting:
    """What waits for somebody today besides what they owe, and where all of it is listed."""

    kind: str
    lines: list[Link]
    all_of_it: Link


Filler = Callable[[User, Any], Iterable[Any]]

#: By the name of the slot: what fills it. The comment says what about, and of what parts.
SLOTS: dict[str, list[Filler]] = {
    "account actions": [],  # Account: Link
    "acting owner actions": [],  # Account whose owner has not read it back: Link
    "account notices": [],  # Account: Notice
    "deal actions": [],  # Deal that was won: Link
    "deal notices": [],  # Deal that was won: Notice
    "person actions": [],  # User who works here, before one who may manage them: Link
    "sorting notices": [],  # Account whose notes are sorted: Notice
    "today": [],  # date: Waiting
}


def fill(name: str, filler: Filler) -> None:
    if filler not in SLOTS[name]:  # `ready` may be called twice
        SLOTS[name].append(filler)


def parts_of(name: str, user: User, thing: Any) -> list[Any]:
    """What everybody who fills this slot has for this person about this thing."""
    return [part for filler in SLOTS[name] for part in filler(user, thing)]
