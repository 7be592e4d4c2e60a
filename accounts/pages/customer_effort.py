"""What a year with us took a customer (`Effort`), and how often customers were asked twice (`AskedBefore`).

Their effort is counted, never what they cost us.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypedDict, cast

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django_stubs_ext import WithAnnotations

from accounts.models import Account, Ask, Coverage, Entry, Obligation, User
from accounts.models.answer_sources import AFTER_A_CHANGE, changes_of_owner
from accounts.rules import clocks
from accounts.rules.lateness import answer_due

from .after_a_change import A_YEAR, OwnerChange, with_questions

SAID = ["answered", "decided", "made_good"]


class EffortColumns(TypedDict):
    first_word: datetime | None
    sent_back: int


ObligationWithEffort: TypeAlias = "WithAnnotations[Obligation, EffortColumns]"


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
        """Four queries."""
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
            changes=with_questions(changes_of_owner().filter(account=account, started_at__gte=since)),
        )


def first_due(line: Obligation) -> datetime:
    """By when they should have had a first word; reopening sets `respond_by` anew."""
    return answer_due(line.raised_at, line.urgency, line.account.zone, line.account.country)


# ---- "I was asked this before", and after which change of owner


class AskedBeforeColumns(TypedDict):
    owner_row: int | None
    rep: str  # who had asked, or owned the account then
    change: Coverage | None


EntryAskedBefore: TypeAlias = "WithAnnotations[Entry, AskedBeforeColumns]"


@dataclass(frozen=True)
class AskedBefore:
    """How often customers said that we had asked them before, within a year."""

    lines: list[EntryAskedBefore]  # newest first

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


def asked_before() -> QuerySet[EntryAskedBefore]:
    """What customers marked within a year, with `owner_row`: the coverage of who owned the account when they did."""
    owned = Coverage.objects.filter(
        account=OuterRef("account"), role=Coverage.Role.OWNER, started_at__lte=OuterRef("at")
    )
    found = Entry.objects.filter(step="asked_before", at__gte=clocks.now() - A_YEAR).annotate(
        owner_row=Subquery(owned.order_by("-started_at").values("pk")[:1])
    )
    return cast("QuerySet[EntryAskedBefore]", found)


def asked_before_seen_by(user: User) -> AskedBefore:
    """Two queries, however many lines."""
    seen = asked_before().filter(account__in=Account.objects.visible_to(user))
    marked = ("asked_again__fact__topic__merged_into", "asked_again__ask__by")
    lines = list(seen.select_related("account", "author_contact", *marked).order_by("-at", "-pk"))
    rows = Coverage.objects.select_related("account", "person", "follows__person")
    owners = rows.in_bulk({line.owner_row for line in lines if line.owner_row})
    for line in lines:
        row = owners.get(line.owner_row)
        marked_as = getattr(line, "asked_again", None)
        asked_by = marked_as.ask.by if marked_as and marked_as.ask else row.person if row else None
        line.rep = asked_by.name if asked_by else ""
        line.change = row if row and row.follows and line.at - row.started_at <= AFTER_A_CHANGE else None
    return AskedBefore(lines)


def asked_past_an_answer(user: User) -> list[tuple[str, int]]:
    """Who asked a customer within a year although we held what may have answered it, and how often. One query."""
    asked = Ask.objects.visible_to(user).past_an_answer().filter(at__gte=clocks.now() - A_YEAR)
    counted = asked.order_by().values_list("by__name").annotate(times=Count("pk"))
    return list(counted.order_by("-times", "by__name"))


def topic_of(line: Entry) -> str:
    """What they were asked twice about; of an old line only its subject tells."""
    marked = getattr(line, "asked_again", None)
    if marked and marked.fact:
        return str(marked.fact.topic.merged_into or marked.fact.topic)
    return str(line.subject.partition(": ")[2])
