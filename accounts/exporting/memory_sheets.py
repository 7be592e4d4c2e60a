"""The tables of memory: what happened, what we owe, and what is true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias, TypedDict, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django_stubs_ext import WithAnnotations

from accounts.models import Entry, Fact, Mention, Obligation, Stage

from .columns import ExportSheet, yes
from .scope import ExportScope


class EntryColumnsOut(TypedDict):
    with_whom: list[str]


class FactColumnsOut(TypedDict):
    confirmed_at: datetime | None


EntryOut: TypeAlias = "WithAnnotations[Entry, EntryColumnsOut]"
FactOut: TypeAlias = "WithAnnotations[Fact, FactColumnsOut]"


def _entries(scope: ExportScope) -> Iterator[EntryOut]:
    people = Mention.objects.filter(entry=OuterRef("pk")).order_by("pk")
    rows = Entry.objects.select_related(
        "author", "author_contact", "imported_by", "retraction__by", "share_row"
    )
    rows = rows.annotate(with_whom=ArraySubquery(people.values("contact__name")))
    return cast("Iterator[EntryOut]", scope.of_accounts(rows))


def own_id(entry: Entry) -> str:
    """Its id in the other system. A note that was written here has one of ours, which says nothing elsewhere."""
    return "" if entry.external_id.startswith("note:") else entry.external_id


def taken_back(row: Entry | Fact, scope: ExportScope) -> tuple[str, str, str]:
    """When, by whom and why; nothing where it stands."""
    if retraction := getattr(row, "retraction", None):
        return scope.instant(retraction.at), scope.name(retraction.by), retraction.because
    return "", "", ""


def shared_at(row: Entry | Fact, scope: ExportScope) -> str:
    share = getattr(row, "share_row", None)
    return scope.instant(share.at) if share else ""


ENTRIES = ExportSheet["EntryOut"](
    "Entries", "entry", _entries,
    [
        ("Activity ID", lambda entry, scope: own_id(entry)),
        ("Account ID", lambda entry, scope: scope.account_id(scope.home(entry.account_id))),
        ("Account", lambda entry, scope: scope.home(entry.account_id).name),
        ("Type", lambda entry, scope: entry.get_kind_display()),
        ("Date", lambda entry, scope: scope.instant(entry.at)),
        ("Subject", lambda entry, scope: entry.subject),
        ("Text", lambda entry, scope: entry.text),
        ("Author", lambda entry, scope: scope.email(entry.author) or entry.who),
        ("Written by", lambda entry, scope: scope.name(entry.author) or entry.who),
        ("Written by the customer", lambda entry, scope: yes(entry.author_contact_id)),
        ("With", lambda entry, scope: "; ".join(entry.with_whom)),
        ("Stage reached", lambda entry, scope: Stage(entry.stage).label if entry.stage else ""),
        ("About what we owe", lambda entry, scope: scope.reference("obligation", entry.obligation_id)),
        ("Step", lambda entry, scope: entry.step.replace("_", " ")),
        ("Shared with the customer at", shared_at),
        ("Taken back at", lambda entry, scope: taken_back(entry, scope)[0]),
        ("Taken back by", lambda entry, scope: taken_back(entry, scope)[1]),
        ("Taken back because", lambda entry, scope: taken_back(entry, scope)[2]),
        ("Written down at", lambda entry, scope: scope.instant(entry.recorded_at)),
        ("Imported by", lambda entry, scope: scope.name(entry.imported_by)),
        ("Imported from", lambda entry, scope: entry.imported_from),
    ],
)  # fmt: skip

OBLIGATIONS = ExportSheet[Obligation](
    "Obligations", "obligation",
    lambda scope: scope.of_accounts(
        Obligation.objects.select_related(
            "holder", "contact", "raised_by", "closed_by", "agreed_by", "broken_by", "escalated_to",
            "imported_by",
        )
    ),
    [
        ("Obligation ID", lambda owed, scope: owed.external_id),
        ("Account ID", lambda owed, scope: scope.account_id(scope.home(owed.account_id))),
        ("Account", lambda owed, scope: scope.home(owed.account_id).name),
        ("Type", lambda owed, scope: owed.get_kind_display()),
        ("Text", lambda owed, scope: owed.text),
        ("Customer's person", lambda owed, scope: owed.contact.name if owed.contact else ""),
        ("Held by", lambda owed, scope: scope.name(owed.holder)),
        ("Owner email", lambda owed, scope: scope.email(owed.holder)),
        ("Held as", lambda owed, scope: owed.get_role_display()),
        ("Due", lambda owed, scope: owed.due),
        ("Starts at", lambda owed, scope: scope.instant(owed.starts_at)),
        ("Stretch", lambda owed, scope: yes(owed.stretch)),
        ("Urgency", lambda owed, scope: owed.get_urgency_display()),
        ("Severity", lambda owed, scope: owed.get_severity_display()),
        ("What stood in the way", lambda owed, scope: owed.get_obstacle_display()),
        ("Corrects the fact", lambda owed, scope: scope.reference("fact", owed.fact_id)),
        ("Raised at", lambda owed, scope: scope.instant(owed.raised_at)),
        ("Raised by", lambda owed, scope: scope.name(owed.raised_by)),
        ("Shared with the customer at", lambda owed, scope: scope.instant(owed.shared_at)),
        ("Times passed on", lambda owed, scope: owed.transfers),
        ("Answer due at", lambda owed, scope: scope.instant(owed.respond_by)),
        ("Escalated to", lambda owed, scope: scope.name(owed.escalated_to)),
        ("Answered at", lambda owed, scope: scope.instant(owed.answered_at)),
        ("Decision", lambda owed, scope: owed.get_decision_display()),
        ("Lapses on", lambda owed, scope: owed.lapses_on),
        ("Broken at", lambda owed, scope: scope.instant(owed.broken_at)),
        ("Broken by", lambda owed, scope: scope.name(owed.broken_by)),
        ("Closed at", lambda owed, scope: scope.instant(owed.closed_at)),
        ("Closed by", lambda owed, scope: scope.name(owed.closed_by)),
        ("Agreed by", lambda owed, scope: owed.agreed_by.name if owed.agreed_by else ""),
        ("Outcome", lambda owed, scope: owed.get_outcome_display()),
        ("Imported by", lambda owed, scope: scope.name(owed.imported_by)),
        ("Imported from", lambda owed, scope: owed.imported_from),
    ],
)  # fmt: skip


def _facts(scope: ExportScope) -> Iterator[FactOut]:
    rows = Fact.objects.with_sources().select_related(
        "topic", "contact", "author", "retraction__by", "share_row", "superseded_by"
    )
    return cast("Iterator[FactOut]", scope.of_accounts(rows))


def _state(fact: Fact, scope: ExportScope) -> str:
    if getattr(fact, "retraction", None):
        return "Taken back"
    return "Replaced by a newer answer" if getattr(fact, "superseded_by", None) else "Holds"


FACTS = ExportSheet["FactOut"](
    "Facts", "fact", _facts,
    [
        ("Account ID", lambda fact, scope: scope.account_id(scope.home(fact.account_id))),
        ("Account", lambda fact, scope: scope.home(fact.account_id).name),
        ("Topic", lambda fact, scope: fact.topic.name),
        ("Answer", lambda fact, scope: fact.text),
        ("State", _state),
        ("Where it comes from", lambda fact, scope: fact.get_provenance_display()),
        ("Told by, or about", lambda fact, scope: fact.contact.name if fact.contact else ""),
        ("Written by", lambda fact, scope: scope.name(fact.author)),
        ("Written down at", lambda fact, scope: scope.instant(fact.at)),
        ("Taken from the entry", lambda fact, scope: scope.reference("entry", fact.entry_id)),
        ("Replaces", lambda fact, scope: scope.reference("fact", fact.supersedes_id)),
        ("Last confirmed at", lambda fact, scope: scope.instant(fact.confirmed_at)),
        ("Ask again on", lambda fact, scope: fact.review_on),
        ("Shared with the customer at", shared_at),
        ("Taken back at", lambda fact, scope: taken_back(fact, scope)[0]),
        ("Taken back by", lambda fact, scope: taken_back(fact, scope)[1]),
        ("Taken back because", lambda fact, scope: taken_back(fact, scope)[2]),
    ],
)  # fmt: skip
