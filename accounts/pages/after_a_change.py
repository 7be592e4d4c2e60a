"""What customers ask after a change of owner, beside what those ask whose owner stayed (`AfterChanges`).

Counted by change, because a change is what it measures. Nobody is ranked on a few of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, TypedDict, cast

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django_stubs_ext import WithAnnotations

from accounts.models import Account, AnswerSource, Coverage, Entry, Obligation, User
from accounts.models.answer_sources import AFTER_A_CHANGE, changes_of_owner
from accounts.models.coverage import CoverageQuerySet
from accounts.rules import clocks

A_YEAR = timedelta(days=365)
ENOUGH = 15
"""On fewer changes of owner than these nobody is ranked: one difficult account would decide it."""


class SpokeColumns(TypedDict):
    first_contact: datetime | None


class MarkedColumns(TypedDict):
    where: str | None


OwnerAfterAnother: TypeAlias = "WithAnnotations[Coverage, SpokeColumns]"
MarkedQuestion: TypeAlias = "WithAnnotations[Obligation, MarkedColumns]"


@dataclass(frozen=True)
class OwnerChange:
    """A new owner: how long it took until they and the customer spoke, and where the answers they asked for stood."""

    owner: Coverage
    first_contact: datetime | None
    brief: int = 0
    memory: int = 0
    nowhere: int = 0
    unmarked: int = 0

    @property
    def days(self) -> int:
        """Whole days until the first contact; where there was none, until they were followed, or until now."""
        until = self.first_contact or self.owner.ended_at or clocks.now()
        return (until - self.owner.started_at).days

    @property
    def questions(self) -> int:
        return self.brief + self.memory + self.nowhere + self.unmarked


def with_questions(rows: CoverageQuerySet) -> list[OwnerChange]:
    """These changes of owner, newest first, with what was asked within 90 days of each. Two queries."""
    owners = list(with_first_contact(rows).order_by("-started_at", "-pk"))
    asked: dict[int, Counter[str]] = {row.pk: Counter() for row in owners}
    by_account: dict[int, list[OwnerAfterAnother]] = {}
    for row in owners:
        by_account.setdefault(row.account_id, []).append(row)
    first = min((row.started_at for row in owners), default=clocks.now())
    for line in questions().filter(account__in=by_account, raised_at__gte=first):
        for row in by_account[line.account_id]:
            until = min(row.started_at + AFTER_A_CHANGE, row.ended_at or clocks.now())
            if row.started_at <= line.raised_at <= until:
                asked[row.pk][line.where or "unmarked"] += 1
                break
    return [OwnerChange(row, row.first_contact, **asked[row.pk]) for row in owners]


def with_first_contact(rows: CoverageQuerySet) -> QuerySet[OwnerAfterAnother]:
    """Adds `first_contact`: the first time that the new owner and the customer spoke."""
    spoke = Entry.objects.not_retracted().filter(
        account=OuterRef("account"),
        author=OuterRef("person"),
        kind__in=Entry.CONTACT_KINDS,
        at__gte=OuterRef("started_at"),
        at__lte=Coalesce(OuterRef("ended_at"), Value(clocks.now())),
    )
    found = rows.select_related("account", "person", "follows__person").annotate(
        first_contact=Subquery(spoke.order_by("at").values("at")[:1])
    )
    return cast("QuerySet[OwnerAfterAnother]", found)


def questions() -> QuerySet[MarkedQuestion]:
    """What customers asked, with `where` the answer stood, as far as it was said."""
    marks = AnswerSource.objects.filter(obligation=OuterRef("pk")).order_by("-pk")
    asked = Obligation.objects.filter(kind=Obligation.Kind.QUESTION, contact__isnull=False)
    asked = asked.exclude(outcome=Obligation.Outcome.RETRACTED)
    return cast("QuerySet[MarkedQuestion]", asked.annotate(where=Subquery(marks.values("where")[:1])))


@dataclass(frozen=True)
class AfterChanges:
    """A year of changes of owner, beside as many days of the accounts that kept theirs."""

    changes: list[OwnerChange]
    stayed: int
    stayed_asked: int

    @classmethod
    def seen_by(cls, user: User) -> AfterChanges:
        """Of the accounts that this person sees. Four queries."""
        since = clocks.now() - A_YEAR
        seen = Account.objects.visible_to(user)
        changes = with_questions(changes_of_owner().filter(account__in=seen, started_at__gte=since))
        moved = Coverage.objects.filter(
            role=Coverage.Role.OWNER, follows__isnull=False, started_at__gte=since
        )
        stayed = seen.open().exclude(pk__in=moved.values("account"))
        stayed = stayed.filter(created_at__lte=clocks.now() - AFTER_A_CHANGE)
        asked = questions().filter(account__in=stayed, raised_at__gte=clocks.now() - AFTER_A_CHANGE)
        return cls(changes, stayed.count(), asked.count())

    @property
    def asked(self) -> int:
        return sum(change.questions for change in self.changes)

    @property
    def nowhere(self) -> int:
        return sum(change.nowhere for change in self.changes)

    @property
    def each_moved(self) -> float | None:
        """How many questions came in the 90 days after a change."""
        return self.asked / len(self.changes) if self.changes else None

    @property
    def each_stayed(self) -> float | None:
        """How many came in the last 90 days from an account whose owner stayed."""
        return self.stayed_asked / self.stayed if self.stayed else None

    @property
    def by_person(self) -> list[tuple[User, int]]:
        """Whoever took over the most accounts, first."""
        return Counter(change.owner.person for change in self.changes).most_common()

    @property
    def ranked(self) -> list[tuple[User, int, float]]:
        """Of whoever took over enough: how many accounts, and how many answers of each stood nowhere; fewest first."""
        enough = [(person, count) for person, count in self.by_person if count >= ENOUGH]
        lost = Counter[User]()
        for change in self.changes:
            lost[change.owner.person] += change.nowhere
        rows = [(person, count, lost[person] / count) for person, count in enough]
        return sorted(rows, key=lambda row: (row[2], row[0].name))
