"""account -> Effort: what a year with us took the customer. Their effort is counted, never what they cost us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, TypedDict, cast

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django_stubs_ext import WithAnnotations

from accounts.models import Account, Coverage, Entry, Obligation
from accounts.rules import clocks
from accounts.rules.lateness import answer_due

A_YEAR = timedelta(days=365)
SAID = ["answered", "decided", "made_good"]


class EffortColumns(TypedDict):
    first_word: datetime | None
    sent_back: int


class FirstContactColumns(TypedDict):
    first_contact: datetime | None


ObligationWithEffort: TypeAlias = "WithAnnotations[Obligation, EffortColumns]"
OwnerAfterAnother: TypeAlias = "WithAnnotations[Coverage, FirstContactColumns]"


@dataclass(frozen=True)
class OwnerChange:
    """A new owner, and how long it took until they and the customer spoke."""

    owner: Coverage
    first_contact: datetime | None

    @property
    def days(self) -> int:
        """Whole days until the first contact; where there was none, until they were followed, or until now."""
        until = self.first_contact or self.owner.ended_at or clocks.now()
        return (until - self.owner.started_at).days


@dataclass(frozen=True)
class Effort:
    """One year: what they had to say twice, whom they were passed on to, and how long they waited."""

    lines: list[ObligationWithEffort]  # what they raised, the newest first
    asked_again: list[Entry]
    changes: list[OwnerChange]

    @property
    def repeats(self) -> int:
        return len(self.asked_again) + self.sent_back

    @property
    def sent_back(self) -> int:
        return sum(line.sent_back for line in self.lines)

    @property
    def transfers(self) -> int:
        return sum(line.transfers for line in self.lines)

    @property
    def too_long(self) -> int:
        """On how many of their questions the clock ran out before we said a word."""
        now = clocks.now()
        return sum((line.first_word or now) > first_due(line) for line in self.asked)

    @property
    def asked(self) -> list[ObligationWithEffort]:
        return [line for line in self.lines if line.kind == Obligation.Kind.QUESTION]

    @property
    def costly(self) -> list[ObligationWithEffort]:
        """The lines which took them most: passed on, sent back, or still without a word."""
        return [
            line
            for line in self.lines
            if line.transfers or line.sent_back or (line.is_open and not line.first_word)
        ]

    @classmethod
    def of(cls, account: Account) -> Effort:
        """Three queries."""
        since = clocks.now() - A_YEAR
        theirs = Obligation.objects.filter(
            account__in=account.memory_ids,
            kind__in=Obligation.THEIRS,
            contact__isnull=False,
            raised_at__gte=since,
        ).exclude(outcome=Obligation.Outcome.RETRACTED)
        lines = theirs.select_related("account", "contact", "holder").annotate(
            first_word=Min("entries__at", filter=Q(entries__step__in=SAID)),
            sent_back=Count("entries", filter=Q(entries__step="reopened")),
        )
        again = Entry.objects.of(account).filter(step="asked_before", at__gte=since)
        return cls(
            lines=list(cast("QuerySet[ObligationWithEffort]", lines.order_by("-raised_at", "-pk"))),
            asked_again=list(again.select_related("author_contact").order_by("-at", "-pk")),
            changes=changes(account, since),
        )


def first_due(line: Obligation) -> datetime:
    """By when they should have had a first word; reopening sets `respond_by` anew."""
    return answer_due(line.raised_at, line.urgency, line.account.zone, line.account.country)


def changes(account: Account, since: datetime) -> list[OwnerChange]:
    """Who became the owner after somebody else, with the first time that they and the customer spoke."""
    spoke = Entry.objects.standing().filter(
        account=OuterRef("account"),
        author=OuterRef("person"),
        kind__in=Entry.CONTACT_KINDS,
        at__gte=OuterRef("started_at"),
        at__lte=Coalesce(OuterRef("ended_at"), Value(clocks.now())),
    )
    rows = (
        Coverage.objects.filter(
            account=account,
            role=Coverage.Role.OWNER,
            acting=False,
            follows__isnull=False,
            started_at__gte=since,
        )
        .exclude(follows__person=F("person"))
        .select_related("person", "follows__person")
        .annotate(first_contact=Subquery(spoke.order_by("at").values("at")[:1]))
    )
    owners = cast("QuerySet[OwnerAfterAnother]", rows.order_by("-started_at"))
    return [OwnerChange(row, row.first_contact) for row in owners]
