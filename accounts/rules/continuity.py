"""Would an account survive a change of owner? Five checks, and what it would lose if one person left.

Calculations on a `ContinuityEvidence`, free of the database. Each missing check is a sentence, so that a person can
disagree with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.utils import timezone

from .condition import late_in_words

CHAMPION_MET_WITHIN = timedelta(days=60)
KNOWN_WITHIN = timedelta(days=365)
STORY_CONFIRMED_WITHIN = timedelta(days=90)
OURS_AT_LEAST = 2


# ---- What is known of an account


@dataclass(frozen=True)
class CurrentOwner:
    name: str
    acting: bool
    active: bool


@dataclass(frozen=True)
class CurrentChampion:
    pk: int
    name: str
    met_at: datetime | None


@dataclass(frozen=True)
class Connection:
    """One of ours who knows one of theirs."""

    person: int
    name: str
    active: bool
    contact: int
    times: int
    last: datetime


@dataclass(frozen=True)
class ContinuityEvidence:
    """What the five checks are made of."""

    now: datetime
    owner: CurrentOwner | None
    champions: tuple[CurrentChampion, ...]
    champion_gone: str  # who spoke for us and has left, the latest
    connections: tuple[Connection, ...]
    late: int
    story_at: datetime | None  # when the story was last written or confirmed

    def known_to(self, contact: int) -> list[str]:
        """The colleagues who have met this contact within a year, by name."""
        return [known.name for known in self.connections if known.active and known.contact == contact]

    def met_at(self, contact: int) -> datetime | None:
        """When we were last in touch with one of the champions."""
        return next((champion.met_at for champion in self.champions if champion.pk == contact), None)


# ---- The five checks


@dataclass(frozen=True)
class Check:
    """One named check. Where it fails, `help` is the one thing that would put it right, on the page `where`."""

    slug: str
    sentence: str
    short: str = ""
    help: str = ""
    where: str = ""
    query: str = ""

    @property
    def ok(self) -> bool:
        return not self.help


@dataclass(frozen=True)
class Continuity:
    """The five checks of one account, in the order in which a missing one hurts."""

    checks: tuple[Check, ...]

    @classmethod
    def of(cls, evidence: ContinuityEvidence) -> Continuity:
        return cls(tuple(check(evidence) for check in CHECKS))

    @cached_property
    def missing(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]

    def __str__(self) -> str:
        """ "4 of 5: no second person knows them" """
        found = f"{len(self.checks) - len(self.missing)} of {len(self.checks)}"
        return f"{found}: {', '.join(check.short for check in self.missing)}" if self.missing else found


def owner_check(evidence: ContinuityEvidence) -> Check:
    owner = evidence.owner
    if owner is None:
        return Check("owner", "Nobody owns it", "nobody owns it", "Name an owner", "account_team")
    if not owner.active or owner.acting:
        sentence = f"{owner.name} is acting owner and has not read it back"
        help_ = "Hand it to somebody who reads it back"
        return Check("owner", sentence, "its owner has not read it back", help_, "account")
    return Check("owner", f"{owner.name} owns it and knows it")


def champion_check(evidence: ContinuityEvidence) -> Check:
    if not evidence.champions:
        gone = evidence.champion_gone
        return Check(
            "champion",
            f"{gone}, who spoke for us, has left" if gone else "No champion is named",
            "the champion has left" if gone else "no champion is named",
            "Write down who speaks for us",
            "contact_new",
        )
    champion = max(evidence.champions, key=lambda one: one.met_at.timestamp() if one.met_at else 0)
    last, name = champion.met_at, champion.name
    if last and last >= evidence.now - CHAMPION_MET_WITHIN:
        return Check("champion", f"{name} speaks for us, met {day(last)}")
    sentence = (
        f"{name} speaks for us, last met {day(last)}" if last else f"Nobody has met {name}, the champion"
    )
    return Check("champion", sentence, "the champion has gone quiet", f"Call {name}", "account_call")


def people_check(evidence: ContinuityEvidence) -> Check:
    names = sorted({known.name for known in evidence.connections if known.active})
    if len(names) >= OURS_AT_LEAST:
        return Check("people", f"{len(names)} of ours are known to them: {', '.join(names[:3])}")
    if names:
        sentence, short = f"Only {names[0]} is known to them", "no second person knows them"
    else:
        sentence, short = "Nobody of ours has met them in a year", "nobody of ours knows them"
    return Check(
        "people", sentence, short, "Take a colleague along to the next talk", "account_stakeholder_map"
    )


def late_check(evidence: ContinuityEvidence) -> Check:
    late = evidence.late
    if not late:
        return Check("late", "Nothing we owe them is late")
    things = late_in_words(late)
    return Check(
        "late", things, things, "Answer it, keep it, or move it and say why", "account", query="#owed"
    )


def story_check(evidence: ContinuityEvidence) -> Check:
    at = evidence.story_at
    if at is None:
        sentence = "Nobody has written down their story"
        help_ = "Write it in a minute’s reading"
        return Check("story", sentence, "their story is not written", help_, "account_story")
    if at >= evidence.now - STORY_CONFIRMED_WITHIN:
        return Check("story", f"Their story was true on {day(at)}")
    sentence = f"Their story was last confirmed on {day(at)}"
    help_ = "Read it, and say whether it still holds"
    return Check("story", sentence, "their story is old", help_, "account_story")


CHECKS = (owner_check, champion_check, people_check, late_check, story_check)


def day(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %b %Y}"


# ---- If somebody left tomorrow


@dataclass(frozen=True)
class Loss:
    """What an account would lose with one person: the checks that would fail, the worst first."""

    reasons: tuple[Check, ...]

    @property
    def worst(self) -> Check | None:
        return self.reasons[0] if self.reasons else None

    @property
    def starts_over(self) -> bool:
        return any(check.slug in STARTS_OVER for check in self.reasons)

    @property
    def weight(self) -> int:
        return sum(WEIGHTS[check.slug] for check in self.reasons)


#: How much each loss weighs. A judgement; every point is shown as a sentence, so that a person can disagree.
WEIGHTS = {"people": 5, "champion": 4, "story": 3, "owner": 2, "team": 2, "late": 1}
#: With one of these an account would have to be got to know again.
STARTS_OVER = {"people", "champion", "story"}


def if_left(evidence: ContinuityEvidence, team: Iterable[int], person: int, name: str) -> Loss:
    """What goes if this person does. `team` are the ids of those who serve the account and could go on serving it."""
    others = any(known.active and known.person != person for known in evidence.connections)
    alone = set(team) <= {person}
    found = [
        only_they_know_the_champion(evidence, person, name) if others else only_they_know(name),
        story_check(evidence),
        None if evidence.champions else champion_check(evidence),
        owner_check(evidence),
        Check("team", "Nobody else of ours serves them", "", "Name a back-up", "account_team")
        if alone
        else None,
        late_check(evidence),
    ]
    return Loss(tuple(check for check in found if check and not check.ok))


def only_they_know(name: str) -> Check:
    sentence, help_ = f"Nobody but {name} is known to them", "Take a colleague along to the next talk"
    return Check("people", sentence, "", help_, "account_stakeholder_map")


def only_they_know_the_champion(evidence: ContinuityEvidence, person: int, name: str) -> Check | None:
    """The champions whom nobody else of ours has met within a year."""
    met = {known.contact for known in evidence.connections if known.active and known.person != person}
    theirs = {known.contact for known in evidence.connections if known.person == person}
    champions = [champion.name for champion in evidence.champions if champion.pk in theirs - met]
    if not champions or met & {champion.pk for champion in evidence.champions}:
        return None
    sentence = f"Nobody but {name} knows {champions[0]}, who speaks for us"
    help_ = f"Let {champions[0]} meet a second person of ours"
    return Check("champion", sentence, "", help_, "account_stakeholder_map")
