"""What the five checks are made of, read along with the accounts in their own query, however many they are.

The checks themselves are calculations: see `accounts.rules.continuity`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias, TypedDict, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest, JSONObject
from django_stubs_ext import WithAnnotations

from accounts.rules import clocks
from accounts.rules.continuity import (
    KNOWN_WITHIN,
    Connection,
    ContinuityEvidence,
    CurrentChampion,
    CurrentOwner,
)

from .account_sets import AccountQuerySet
from .accounts import Account
from .base import Json
from .contacts import Contact
from .coverage import Coverage
from .entries import Entry, Mention
from .facts import Confirmation, Fact
from .obligations import Obligation
from .organisation import ThisDay
from .topics import Topic


class ContinuityColumns(TypedDict):
    day_now: date
    owner_now: Json | None
    champion_gone: str | None
    champions_now: list[Json]
    connections_now: list[Json]
    late_now: int | None
    story_at: datetime | None


AccountWithContinuity: TypeAlias = "WithAnnotations[Account, ContinuityColumns]"


def annotated(accounts: AccountQuerySet) -> QuerySet[AccountWithContinuity]:
    """These accounts with all that `evidence_of` asks of them, and `day_now`; adds no query."""
    owner = Coverage.objects.owners().filter(account=OuterRef("pk"))
    late = Obligation.objects.late().filter(account=OuterRef("pk")).order_by().values("account")
    found = accounts.annotate(
        day_now=ThisDay(),
        owner_now=Subquery(
            owner.values(json=JSONObject(name="person__name", acting="acting", active="person__is_active"))[
                :1
            ]
        ),
        champion_gone=Subquery(champions_gone().values("name")[:1]),
        champions_now=ArraySubquery(
            champions()
            .order_by("-strength", "pk")
            .values(json=JSONObject(pk="pk", name="name", met=Greatest("met_at", "wrote_at")))
        ),
        connections_now=ArraySubquery(connections()),
        late_now=Subquery(late.annotate(n=Count("pk")).values("n")),
        story_at=Subquery(stories()[:1]),
    )
    return cast("QuerySet[AccountWithContinuity]", found)


def champions() -> QuerySet[Contact]:
    """An account's champions; `met_at` and `wrote_at` say when we last were in touch with each."""
    met = Mention.objects.filter(contact=OuterRef("pk"), entry__kind__in=Entry.CONTACT_KINDS)
    wrote = Entry.objects.filter(author_contact=OuterRef("pk")).order_by("-at")
    return (
        Contact.objects.champions()
        .filter(account=OuterRef("pk"))
        .annotate(
            met_at=Subquery(not_retracted(met).order_by("-entry__at").values("entry__at")[:1]),
            wrote_at=Subquery(wrote.values("at")[:1]),
        )
    )


def champions_gone() -> QuerySet[Contact]:
    """Who spoke for us and has left their company, the latest first."""
    left = Contact.objects.filter(account=OuterRef("pk"), left_on__isnull=False, erased_at=None)
    return left.filter(roles__contains=[Contact.Role.CHAMPION]).order_by("-left_on", "-pk")


def connections() -> QuerySet[Mention, dict[str, object]]:
    """Who of ours has been in touch with whom of theirs within a year, how often and when last."""
    present = Mention.objects.filter(
        contact__account=OuterRef("pk"),
        contact__left_on=None,
        contact__erased_at=None,
        entry__author__isnull=False,
        entry__at__gte=clocks.now() - KNOWN_WITHIN,
    )
    return (
        not_retracted(present)
        .order_by()
        .values("entry__author", "contact")
        .annotate(
            json=JSONObject(
                person=F("entry__author"),
                name=Max("entry__author__name"),
                active=Count("pk", filter=Q(entry__author__is_active=True)),
                contact=F("contact"),
                times=Count("pk"),
                last=Max("entry__at"),
            )
        )
        .values("json")
    )


def not_retracted(mentions: QuerySet[Mention]) -> QuerySet[Mention]:
    return mentions.filter(~Exists(Entry.objects.filter(pk=OuterRef("entry"), retraction__isnull=False)))


def stories() -> QuerySet[Fact, dict[str, object]]:
    """When each live story of an account was last written or confirmed, the latest first."""
    account = OuterRef(OuterRef("pk"))
    memory = Account.objects.filter(Q(pk=account) | Q(merged_into=account)).order_by().values("pk")
    confirmed = Confirmation.objects.filter(fact=OuterRef("pk")).order_by("-at")
    return (
        Fact.objects.live()
        .filter(account__in=memory, topic=Topic.STORY)
        .annotate(held_at=Greatest("at", Subquery(confirmed.values("at")[:1])))
        .order_by("-held_at", "-pk")
        .values("held_at")
    )


def evidence_of(account: AccountWithContinuity) -> ContinuityEvidence:
    found = [
        Connection(**{**row, "active": bool(row["active"]), "last": datetime.fromisoformat(row["last"])})
        for row in account.connections_now
    ]
    return ContinuityEvidence(
        now=clocks.now(),
        owner=CurrentOwner(**account.owner_now) if account.owner_now else None,
        champions=tuple(
            CurrentChampion(
                row["pk"], row["name"], datetime.fromisoformat(row["met"]) if row["met"] else None
            )
            for row in account.champions_now
        ),
        champion_gone=account.champion_gone or "",
        connections=tuple(sorted(found, key=lambda known: (known.name, known.person, known.contact))),
        late=account.late_now or 0,
        story_at=account.story_at,
    )
