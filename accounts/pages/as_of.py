"""account + day -> what was known of it when that day ended.

Frozen rows say themselves since when and until when they held. Of rows that change (obligations, contacts) the
history says what they were. Memory that was brought along from elsewhere is older than its history: such an
obligation's date follows from its recorded moves, its holder from who alone served in its role, and everything
else is as it was first written down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, TypeAlias, TypedDict, cast
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Subquery
from django_stubs_ext import WithAnnotations

from accounts.models import (
    Account,
    Condition,
    Confirmation,
    Contact,
    Coverage,
    Entry,
    Fact,
    Obligation,
    Organisation,
    Retraction,
    Stage,
    Topic,
)
from accounts.rules import clocks

#: Steps after which an obligation was no longer open.
CLOSING = ["kept", "made_good", "agreed", "lapsed", "dropped", "ended"]
#: Entries about a change to what is known, not about a conversation.
CHANGES = [Entry.Kind.STAGE, Entry.Kind.COVERAGE, Entry.Kind.OBLIGATION, Entry.Kind.FACT, Entry.Kind.CHANGE]


class ObligationColumns(TypedDict):
    last_turn: str | None  # the step by which it was last closed or opened again
    moves: int | None


ObligationWithSteps: TypeAlias = "WithAnnotations[Obligation, ObligationColumns]"


Recorded: TypeAlias = Any
"""A row of history. Its model, which pghistory makes, has the columns of what it recorded, and `pgh_created_at`."""


@dataclass(frozen=True)
class ObligationAsOf:
    obligation: Obligation
    due: date | None
    holder: str
    late: bool


@dataclass(frozen=True)
class ContactAsOf:
    contact: Contact
    name: str
    title: str
    roles: list[str]
    left: bool

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


@dataclass(frozen=True)
class AccountAsOf:
    account: Account
    on: date
    stage: Entry | None
    team: list[Coverage]
    facts: list[tuple[Topic, list[Fact]]]
    owed: list[ObligationAsOf]
    people: list[ContactAsOf]
    condition: str
    condition_because: str
    previous: date | None  # the days on which something changed, next to this one
    next: date | None

    @property
    def is_blank(self) -> bool:
        return not (self.stage or self.team or self.facts or self.owed or self.people)

    @property
    def stage_label(self) -> str:
        return Stage(self.stage.stage).label if self.stage else ""


def the_zone() -> ZoneInfo:
    return ZoneInfo(Organisation.objects.values_list("time_zone", flat=True).first() or "UTC")


def account_as_of(account: Account, on: date, zone: ZoneInfo) -> AccountAsOf:
    """What was known of the account when that day ended in this time zone. A fixed number of queries."""
    start = datetime.combine(on, time.min, zone)
    end = datetime.combine(on + timedelta(days=1), time.min, zone)
    team = team_then(account, end)
    return AccountAsOf(
        account,
        on,
        stage_then(account, end),
        team,
        facts_then(account, end),
        owed_then(account, on, end, team),
        people_then(account, on, end),
        *condition_then(account, end),
        *changes_around(account, start, end, zone),
    )


def team_then(account: Account, end: datetime) -> list[Coverage]:
    began = Coverage.objects.filter(account=account, started_at__lt=end).select_related("person")
    serving, order = began.filter(Q(ended_at=None) | Q(ended_at__gte=end)), Coverage.Role.values
    return sorted(serving, key=lambda row: (order.index(row.role), row.started_at, row.pk))


def condition_then(account: Account, end: datetime) -> tuple[str, str]:
    """The condition somebody had rated by then, with the reason."""
    recorded = apps.get_model("accounts", "AccountEvent")._default_manager.filter(pgh_obj=account)
    rated = recorded.filter(condition_at__lt=end).exclude(condition="")
    last = rated.order_by("-condition_at", "-pgh_id").values_list("condition", "condition_because").first()
    return (str(Condition(last[0]).label), last[1]) if last else ("", "")


def stage_then(account: Account, end: datetime) -> Entry | None:
    reached = Entry.objects.of(account).filter(kind=Entry.Kind.STAGE, at__lt=end)
    return reached.select_related("author", "author_contact").order_by("-at", "-pk").first()


def facts_then(account: Account, end: datetime) -> list[tuple[Topic, list[Fact]]]:
    """What was held true, by topic: neither superseded nor taken back by then."""
    confirmed = Confirmation.objects.filter(fact=OuterRef("pk"), at__lt=end).order_by("-at")
    facts = (
        Fact.objects.of(account)
        .filter(
            ~Exists(Fact.objects.filter(supersedes=OuterRef("pk"), at__lt=end)),
            ~Exists(Retraction.objects.filter(fact=OuterRef("pk"), at__lt=end)),
            at__lt=end,
        )
        .select_related("topic", "contact", "author")
        .annotate(confirmed_at=Subquery(confirmed.values("at")[:1]))
        .order_by("topic__position", "topic__name", "-at", "-pk")
    )
    return [(topic, list(known)) for topic, known in groupby(facts, key=lambda fact: fact.topic)]


# ---- What was owed


def owed_then(account: Account, on: date, end: datetime, team: Sequence[Coverage]) -> list[ObligationAsOf]:
    """The obligations open when the day ended, with the dates and holders they had, the most pressing first."""
    steps = Entry.objects.filter(obligation=OuterRef("pk"), at__lt=end)
    turning = steps.filter(step__in=[*CLOSING, "reopened"]).order_by("-at", "-pk")
    moves = steps.filter(step="moved").order_by().values("obligation").annotate(n=Count("pk"))
    recorded = apps.get_model("accounts", "ObligationEvent")._default_manager
    ours = recorded.filter(account__in=account.memory_ids)
    raised = (
        Obligation.objects.filter(
            Q(account__in=account.memory_ids) | Q(pk__in=ours.values("pgh_obj")), raised_at__lt=end
        )
        .select_related("contact")
        .annotate(last_turn=Subquery(turning.values("step")[:1]), moves=Subquery(moves.values("n")))
    )
    found = cast("dict[int, ObligationWithSteps]", {obligation.pk: obligation for obligation in raised})
    history = history_of("ObligationEvent", found)
    lines = [
        line
        for pk, obligation in found.items()
        if (line := obligation_as_of(obligation, history[pk], account, on, end, team)) is not None
    ]
    return sorted(lines, key=lambda line: (line.due is None, line.due, line.obligation.pk))


def history_of(events: str, ids: Iterable[int]) -> dict[int, list[Recorded]]:
    """Everything that was ever recorded of these rows, oldest first."""
    model = apps.get_model("accounts", events)
    found = defaultdict(list)
    rows = model._default_manager.filter(pgh_obj__in=list(ids)).order_by("pgh_id")
    for event in rows.select_related("holder") if hasattr(model, "holder") else rows:
        found[event.pgh_obj_id].append(event)
    return found


def obligation_as_of(
    obligation: ObligationWithSteps,
    history: list[Recorded],
    account: Account,
    on: date,
    end: datetime,
    team: Sequence[Coverage],
) -> ObligationAsOf | None:
    """How it was when the day ended; nothing when it was closed, or another account's."""
    by_then = [event for event in history if event.pgh_created_at < end]
    if by_then:
        then = by_then[-1]
        if then.closed_at is not None or then.account_id not in account.memory_ids:
            return None
        due, holder = then.due, then.holder.name
    else:
        if obligation.last_turn in CLOSING or (obligation.closed_at and obligation.closed_at < end):
            return None
        due = due_after(history, obligation.moves or 0, obligation.due)
        holder = holder_by_role(team, history[0] if history else obligation)
    their_day = account.day(end - timedelta(microseconds=1))
    return ObligationAsOf(obligation, due, holder, bool(due and due < their_day))


def due_after(history: list[Recorded], moves: int, otherwise: date | None) -> date | None:
    """The date it had after so many moves, each of which set another one."""
    dates = [due for due, _ in groupby(event.due for event in history)]
    return dates[min(moves, len(dates) - 1)] if dates else otherwise


def holder_by_role(team: Sequence[Coverage], first: Recorded) -> str:
    """Whoever holds something serves in its role: where one person did, it was that one."""
    serving = [row.person.name for row in team if row.role == first.role]
    return serving[0] if len(serving) == 1 else first.holder.name


# ---- Their people


def people_then(account: Account, on: date, end: datetime) -> list[ContactAsOf]:
    known = Contact.objects.filter(account=account, created_at__lt=end)
    contacts = {contact.pk: contact for contact in known}
    history = history_of("ContactEvent", contacts)
    return [
        ContactAsOf(
            contact,
            then.name,
            then.title,
            [str(Contact.Role(role).label) for role in then.roles],
            bool(then.left_on and then.left_on <= on),
        )
        for pk, contact in contacts.items()
        for then in [as_it_was(history[pk], end) or contact]
    ]


def as_it_was(history: list[Recorded], end: datetime) -> Recorded:
    """The last that was recorded before, or the first at all."""
    by_then = [event for event in history if event.pgh_created_at < end]
    return by_then[-1] if by_then else (history[0] if history else None)


# ---- From change to change


def changes_around(
    account: Account, start: datetime, end: datetime, zone: ZoneInfo
) -> tuple[date | None, date | None]:
    """The last day before this one, and the first after it, on which something changed."""
    entries = Entry.objects.of(account).filter(kind__in=CHANGES)
    found = [
        queryset.order_by().aggregate(
            before=Max("at", filter=Q(at__lt=start)),
            after=Min("at", filter=Q(at__gte=end, at__lte=clocks.now())),
        )
        for queryset in (entries, Fact.objects.of(account))
    ]
    before = [one["before"] for one in found if one["before"]]
    after = [one["after"] for one in found if one["after"]]
    return (
        max(before).astimezone(zone).date() if before else None,
        min(after).astimezone(zone).date() if after else None,
    )
