"""What is read of an account to compose its brief and its page: each in as many queries whatever the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias, TypedDict, cast

from django.db.models import F, QuerySet
from django_stubs_ext import WithAnnotations

from accounts.models import Account, Contact, Coverage, Deal, Entry, Fact, Obligation, Passage, Topic, User
from accounts.models.account_sets import AccountQuerySet
from accounts.models.base import Json
from accounts.models.continuity import ContinuityColumns, annotated, evidence_of
from accounts.models.facts import NOTE
from accounts.rules import clocks
from accounts.rules.condition import Sign, signs
from accounts.rules.continuity import ContinuityEvidence

from .from_notes import Unsorted

CLIFF_AHEAD = timedelta(days=90)
"""So far ahead a day is named that something falls on."""
A_YEAR = timedelta(days=365)
MOST_FALLING = 40
MOST_DEALS = 300
"""Of an account with a long past no more are read: those in flight, then the ones that ended last."""
#: Who raised what is owed, and the note from which somebody took it.
BEHIND = ("raised_by", *(f"sorted_passage__{column}" for column in NOTE))


class ContactColumns(TypedDict):
    known_to: list[str]  # colleagues who have met them within a year, by name


class PageColumns(ContinuityColumns):
    executives_told: list[Json]
    sponsor_visit: Json | None
    verdict_lines: list[Json]
    promise_months: list[Json]
    last_contact_at: datetime | None
    usual: timedelta | None
    stage_now: str | None


AccountForPage: TypeAlias = "WithAnnotations[Account, PageColumns]"
ContactOnPage: TypeAlias = "WithAnnotations[Contact, ContactColumns]"
Falling: TypeAlias = list[tuple[Passage, Entry]]


def for_page(accounts: AccountQuerySet) -> QuerySet[AccountForPage]:
    return cast("QuerySet[AccountForPage]", annotated(accounts.for_page()))


@dataclass
class WhatMatters:
    """What must survive of one account is in this, with what belongs to accounts merged into it."""

    facts: list[Fact] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    owed: list[Obligation] = field(default_factory=list)


@dataclass(frozen=True)
class AccountMemory:
    """What is read of one account whole."""

    account: AccountForPage
    day: date
    evidence: ContinuityEvidence
    team: list[Coverage]
    facts: list[Fact]  # live, `with_sources`, in the order of their topics
    topics: list[Topic]
    contacts: Sequence[ContactOnPage]  # those who left stand last
    owed: list[Obligation]  # late ones first
    every_deal: list[Deal]

    @classmethod
    def read(cls, account: Account) -> AccountMemory:
        """As it stands now."""
        return cls.of(for_page(Account.objects.filter(pk=account.pk)).get())

    @classmethod
    def of(cls, account: AccountForPage) -> AccountMemory:
        """From an account read `for_page`."""
        evidence, day = evidence_of(account), account.day_now
        found = Contact.objects.filter(account=account, erased_at=None).with_contexts(day)
        contacts = cast(
            "list[ContactOnPage]", list(found.order_by(F("left_on").desc(nulls_first=True), "name"))
        )
        for contact in contacts:
            contact.known_to = evidence.known_to(contact.pk)
        team = list(account.coverage.current().select_related("person").order_by("started_at"))
        team.sort(key=lambda row: Coverage.Role.values.index(row.role))
        facts = Fact.objects.of(account).live().for_brief().order_by("topic__position", "-at", "-pk")
        owed = list(Obligation.objects.open().filter(account=account).for_list().select_related(*BEHIND))
        owed.sort(key=lambda line: not line.is_late)
        return cls(
            account=account,
            day=day,
            evidence=evidence,
            team=team,
            facts=list(facts),
            topics=list(Topic.objects.all()),
            contacts=contacts,
            owed=owed,
            every_deal=list(
                Deal.objects.filter(account=account).newest_first().select_related("holder")[:MOST_DEALS]
            ),
        )

    @property
    def owner(self) -> User | None:
        """Who answers for the account."""
        return next((row.person for row in self.team if row.role == Coverage.Role.OWNER), None)

    @property
    def deals(self) -> list[Deal]:
        """Those in hand."""
        return [deal for deal in self.every_deal if deal.is_in_hand]

    @property
    def former_deals(self) -> list[Deal]:
        """The one that ended last comes first."""
        return [deal for deal in self.every_deal if not deal.is_in_hand]

    @property
    def champions(self) -> list[ContactOnPage]:
        present = [contact for contact in self.contacts if contact.is_champion and not contact.left_on]
        return sorted(present, key=lambda contact: -(contact.strength or 0))

    @property
    def signs(self) -> list[Sign]:
        """What the product itself sees, worst first."""
        return signs(
            late=sum(line.is_late for line in self.owed if line.kind != Obligation.Kind.TASK),
            repairs=sum(line.kind == Obligation.Kind.REPAIR for line in self.owed),
            stage=self.account.stage_now or "",
            has_champion=bool(self.champions),
            last_contact_at=self.account.last_contact_at,
            now=self.evidence.now,
        )

    @property
    def stories(self) -> list[Fact]:
        """The one told or confirmed last comes first. Several stand after accounts were merged."""
        told = self.by_topic(Topic.STORY)
        return sorted(told, key=lambda story: (story.last_said_at, story.pk), reverse=True)

    @property
    def soon(self) -> list[date]:
        """The days on which what falls is named."""
        return [self.day + timedelta(days=ahead) for ahead in range(CLIFF_AHEAD.days + 1)]

    @property
    def falling(self) -> Falling:
        """Of the notes what names one of these days, unsorted. One query."""
        passages = Passage.objects.of(self.account).unsorted().filter(days__overlap=self.soon)
        return [(one, one.reading.entry) for one in passages.with_entry()[:MOST_FALLING]]

    def by_topic(self, *slugs: str) -> list[Fact]:
        """The answers on these topics, in the order in which they are named."""
        return [fact for slug in slugs for fact in self.facts if fact.topic_id == slug]


@dataclass(frozen=True)
class Past:
    """How it came to be so: what only the brief asks of the memory."""

    steps: dict[int, list[Entry]]  # moves and reopenings of what is owed, the oldest first
    journey: list[Entry]  # the newest first
    agreed_to: list[Obligation]  # feedback of theirs to which we said yes, or that it is planned
    renewed: Deal | None  # the last renewal
    unsorted: Unsorted  # what the notes hold

    @classmethod
    def of(cls, memory: AccountMemory) -> Past:
        """Five queries."""
        account, kinds = memory.account, Obligation.Kind
        told = Entry.objects.filter(obligation__in=memory.owed, step__in=["moved", "reopened"])
        reached = Entry.objects.of(account).filter(kind=Entry.Kind.STAGE)
        steps: dict[int, list[Entry]] = {}
        journey: list[Entry] = []
        entries = (told | reached).not_retracted().select_related("author", "author_contact")
        for entry in entries.order_by("at", "pk"):
            if entry.obligation_id:
                steps.setdefault(entry.obligation_id, []).append(entry)
            else:
                journey.insert(0, entry)
        agreed = Obligation.objects.of(account).filter(
            kind=kinds.FEEDBACK,
            decision__in=[Obligation.Decision.YES, Obligation.Decision.PLANNED],
            closed_at__gte=clocks.now() - A_YEAR,
        )
        ended = (deal for deal in memory.every_deal if deal.closed_at and deal.kind == Deal.Kind.RENEWAL)
        return cls(
            steps=steps,
            journey=journey,
            agreed_to=list(agreed.select_related("contact", "holder").order_by("-closed_at")),
            renewed=next(ended, None),
            unsorted=Unsorted.of(account, memory.soon),
        )

    @property
    def falling(self) -> Falling:
        """Of the notes what names a day of the next weeks."""
        passages = [passage for some in self.unsorted.passages.values() for passage in some if passage.days]
        return [(passage, self.unsorted.entries[passage.reading_id]) for passage in passages]


def what_matters(accounts: Sequence[Account]) -> dict[int, WhatMatters]:
    """Of many accounts, by their ids, in a fixed number of queries."""
    ids = [account.pk for account in accounts]
    merged = Account.objects.filter(merged_into__in=ids).values_list("pk", "merged_into_id")
    belongs = {pk: pk for pk in ids} | dict(merged)
    read: dict[int, WhatMatters] = {pk: WhatMatters() for pk in ids}
    live = Fact.objects.filter(account__in=belongs, topic__must_survive=True).live().for_brief()
    for fact in live:
        read[belongs[fact.account_id]].facts.append(fact)
    for contact in Contact.objects.champions().filter(account__in=ids):
        read[contact.account_id].contacts.append(contact)
    owed = Obligation.objects.open().filter(account__in=ids).exclude(kind=Obligation.Kind.TASK)
    for obligation in owed.select_related("account", "contact", "holder", *BEHIND):
        read[obligation.account_id].owed.append(obligation)
    return read
