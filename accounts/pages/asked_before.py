"""How often customers told us "I was asked this before", and after which change of owner."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias, TypedDict, cast

from django.db.models import OuterRef, QuerySet, Subquery
from django_stubs_ext import WithAnnotations

from accounts.models import Account, Coverage, Entry, User
from accounts.rules import clocks

A_YEAR = timedelta(days=365)
#: So long after a change of owner, asking again is put down to the change.
AFTER_A_CHANGE = timedelta(days=90)


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


def topic_of(line: Entry) -> str:
    """What they were asked twice about; of an old line only its subject tells."""
    marked = getattr(line, "asked_again", None)
    if marked and marked.fact:
        return str(marked.fact.topic.merged_into or marked.fact.topic)
    return str(line.subject.partition(": ")[2])
