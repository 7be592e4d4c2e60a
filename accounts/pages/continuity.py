"""Would this account survive? Five named checks, what each would take, and what one person's going would cost.

`annotated` brings what the checks are made of along with the accounts, in their own query, however many they are;
`Continuity.of` and `if_left` are calculations on that, free of the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Count,
    DateField,
    DateTimeField,
    Exists,
    F,
    Func,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Greatest, JSONObject
from django.utils import timezone

from accounts.models import (
    Account,
    Confirmation,
    Contact,
    Coverage,
    Entry,
    Fact,
    Mention,
    Obligation,
    Topic,
    User,
)
from accounts.models.account_sets import AccountQuerySet
from accounts.rules import clocks

CHAMPION_MET_WITHIN = timedelta(days=60)
KNOWN_WITHIN = timedelta(days=365)
STORY_CONFIRMED_WITHIN = timedelta(days=90)
OURS_AT_LEAST = 2


# ---- What is read


class ThisDay(Func):
    """The organisation's calendar day (`today()`), found by the database in the query that asks for it."""

    template = """(%(expressions)s AT TIME ZONE
        coalesce((SELECT time_zone FROM accounts_organisation LIMIT 1), 'UTC'))::date"""
    output_field = DateField()

    def __init__(self) -> None:
        super().__init__(Value(clocks.now(), output_field=DateTimeField()))


def annotated(accounts: AccountQuerySet) -> AccountQuerySet:
    """These accounts with all that `Continuity.of` asks of them, and `day_now`; adds no query."""
    owner = Coverage.objects.owners().filter(account=OuterRef("pk"))
    late = Obligation.objects.late().filter(account=OuterRef("pk")).order_by().values("account")
    return accounts.annotate(
        day_now=ThisDay(),
        owner_now=Subquery(owner.values(json=owner_json())[:1]),
        champion_gone=Subquery(champions_gone().values("name")[:1]),
        champions_now=ArraySubquery(champions().order_by("-strength", "pk").values(json=champion_json())),
        ties_now=ArraySubquery(ties()),
        late_now=Subquery(late.annotate(n=Count("pk")).values("n")),
        story_at=Subquery(stories().values("told_at")[:1]),
    )


def with_team(accounts: AccountQuerySet) -> AccountQuerySet:
    """Adds `team_now`: the ids of those who serve each account and could go on serving it."""
    serving = Coverage.objects.current().exclude(role=Coverage.Role.INCOMING).filter(account=OuterRef("pk"))
    return accounts.annotate(team_now=ArraySubquery(serving.order_by().values("person")))


def owner_json() -> JSONObject:
    return JSONObject(
        pk="person_id",
        name="person__name",
        acting="acting",
        active="person__is_active",
    )


def champions() -> Any:
    """An account's champions; `met_at` and `wrote_at` say when we last were in touch with each."""
    met = Mention.objects.filter(contact=OuterRef("pk"), entry__kind__in=Entry.CONTACT_KINDS)
    wrote = Entry.objects.filter(author_contact=OuterRef("pk")).order_by("-at")
    return (
        Contact.objects.champions()
        .filter(account=OuterRef("pk"))
        .annotate(
            met_at=Subquery(standing(met).order_by("-entry__at").values("entry__at")[:1]),
            wrote_at=Subquery(wrote.values("at")[:1]),
        )
    )


def champions_gone() -> Any:
    """Who spoke for us and has left their company, the latest first."""
    left = Contact.objects.filter(account=OuterRef("pk"), left_on__isnull=False, erased_at=None)
    return left.filter(roles__contains=[Contact.Role.CHAMPION]).order_by("-left_on", "-pk")


def champion_json() -> JSONObject:
    return JSONObject(pk="pk", name="name", met=Greatest("met_at", "wrote_at"))


def ties() -> Any:
    """Who of ours has been in touch with whom of theirs within a year, how often and when last."""
    since = clocks.now() - KNOWN_WITHIN
    present = Mention.objects.filter(
        contact__account=OuterRef("pk"),
        contact__left_on=None,
        contact__erased_at=None,
        entry__author__isnull=False,
        entry__at__gte=since,
    )
    return (
        standing(present)
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


def standing(mentions: Any) -> Any:
    """Those in entries that nobody took back."""
    return mentions.filter(~Exists(Entry.objects.filter(pk=OuterRef("entry"), retraction__isnull=False)))


def stories() -> Any:
    """The live stories of an account, the one told or confirmed last first."""
    account = OuterRef(OuterRef("pk"))
    memory = Account.objects.filter(Q(pk=account) | Q(merged_into=account)).order_by().values("pk")
    confirmed = Confirmation.objects.filter(fact=OuterRef("pk")).order_by("-at")
    return (
        Fact.objects.live()
        .filter(account__in=memory, topic=Topic.STORY)
        .annotate(told_at=Greatest("at", Subquery(confirmed.values("at")[:1])))
        .order_by("-told_at", "-pk")
    )


# ---- What it comes to


@dataclass(frozen=True)
class Tie:
    """One of ours who knows one of theirs."""

    person: int
    name: str
    active: bool
    contact: int
    times: int
    last: datetime


@dataclass(frozen=True)
class Check:
    """One named check. `help` is the one thing that would put it right, `where` the account's page for it."""

    slug: str
    ok: bool
    sentence: str
    short: str = ""
    help: str = ""
    where: str = ""
    query: str = ""


@dataclass(frozen=True)
class Continuity:
    """The five checks of one account, in the order in which a missing one hurts."""

    checks: tuple[Check, ...]
    ties: tuple[Tie, ...]

    @classmethod
    def of(cls, account: Any) -> Continuity:
        """From an account that was read `annotated`."""
        known = ties_of(account)
        return cls(
            (
                owner_check(account),
                champion_check(account),
                people_check(known),
                late_check(account),
                story_check(account),
            ),
            known,
        )

    @cached_property
    def missing(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]

    @cached_property
    def standing(self) -> int:
        return len(self.checks) - len(self.missing)

    def __str__(self) -> str:
        """ "4 of 5: no second person knows them" """
        said = f"{self.standing} of {len(self.checks)}"
        return f"{said}: {', '.join(check.short for check in self.missing)}" if self.missing else said


def ties_of(account: Any) -> tuple[Tie, ...]:
    found = [
        Tie(
            person=row["person"],
            name=row["name"],
            active=bool(row["active"]),
            contact=row["contact"],
            times=row["times"],
            last=datetime.fromisoformat(row["last"]),
        )
        for row in account.ties_now
    ]
    return tuple(sorted(found, key=lambda tie: (tie.name, tie.person, tie.contact)))


def introduce(contacts: Iterable[Any], account: Any) -> None:
    """Give each contact `known_to`: the colleagues who have met them within a year, by name."""
    for contact in contacts:
        contact.known_to = [tie.name for tie in ties_of(account) if tie.active and tie.contact == contact.pk]


def owner_check(account: Any) -> Check:
    owner = account.owner_now
    if owner is None:
        return Check("owner", False, "Nobody owns it", "nobody owns it", "Name an owner", "account_team")
    if not owner["active"] or owner["acting"]:
        sentence = f"{owner['name']} is acting owner and has not read it back"
        help_ = "Hand it to somebody who reads it back"
        return Check("owner", False, sentence, "its owner has not read it back", help_, "handover_new")
    return Check("owner", True, f"{owner['name']} owns it and knows it")


def champion_check(account: Any) -> Check:
    met = [(in_time(champion["met"]), champion["name"]) for champion in account.champions_now]
    if not met:
        gone = account.champion_gone
        return Check(
            "champion",
            False,
            f"{gone}, who spoke for us, has left" if gone else "No champion is named",
            "the champion has left" if gone else "no champion is named",
            "Write down who speaks for us",
            "contact_new",
        )
    last, name = max(met, key=lambda one: one[0].timestamp() if one[0] else 0)
    if last and last >= clocks.now() - CHAMPION_MET_WITHIN:
        return Check("champion", True, f"{name} speaks for us, met {day(last)}")
    sentence = (
        f"{name} speaks for us, last met {day(last)}" if last else f"Nobody has met {name}, the champion"
    )
    return Check("champion", False, sentence, "the champion has gone quiet", f"Call {name}", "account_call")


def people_check(known: Iterable[Tie]) -> Check:
    names = sorted({tie.name for tie in known if tie.active})
    if len(names) >= OURS_AT_LEAST:
        return Check("people", True, f"{len(names)} of ours are known to them: {', '.join(names[:3])}")
    if names:
        sentence, short = f"Only {names[0]} is known to them", "no second person knows them"
    else:
        sentence, short = "Nobody of ours has met them in a year", "nobody of ours knows them"
    return Check(
        "people", False, sentence, short, "Take a colleague along to the next talk", "account_people"
    )


def late_check(account: Any) -> Check:
    late = account.late_now or 0
    if not late:
        return Check("late", True, "Nothing we owe them is late")
    things = "1 thing we owe is late" if late == 1 else f"{late} things we owe are late"
    return Check("late", False, things, things, "Keep it, or move it and say why", "account", query="#owed")


def story_check(account: Any) -> Check:
    told: datetime | None = account.story_at
    if told is None:
        sentence = "Nobody has written down their story"
        help_ = "Write it in a minute’s reading"
        return Check("story", False, sentence, "their story is not written", help_, "account_story")
    if told >= clocks.now() - STORY_CONFIRMED_WITHIN:
        return Check("story", True, f"Their story was true on {day(told)}")
    sentence = f"Their story was last confirmed on {day(told)}"
    help_ = "Read it, and say whether it still holds"
    return Check("story", False, sentence, "their story is old", help_, "account_story")


def in_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def day(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %b %Y}"


# ---- If somebody left tomorrow


@dataclass(frozen=True)
class Loss:
    """What one account would lose with one person: sentences, the worst first, and what would help most."""

    account: Any
    reasons: tuple[Check, ...]
    starts_over: bool
    weight: int

    @property
    def worst(self) -> Check | None:
        return self.reasons[0] if self.reasons else None


#: How much each loss weighs. A judgement; every point is shown as a sentence, so that a person can disagree.
WEIGHTS = {"people": 5, "champion": 4, "story": 3, "owner": 2, "team": 2, "late": 1}
#: With one of these an account would have to be got to know again.
STARTS_OVER = {"people", "champion", "story"}


def if_left(account: Any, person: User) -> Loss:
    """From an account that was read `annotated` and `with_team`: what goes if this person does."""
    known = ties_of(account)
    others = {tie.name for tie in known if tie.active and tie.person != person.pk}
    found = [
        None if others else only_they_know(person),
        only_they_know_the_champion(account, known, person) if others else None,
        missing(story_check(account)),
        missing(champion_check(account)) if not account.champions_now else None,
        missing(owner_check(account)),
        None if set(account.team_now) - {person.pk} else nobody_else_serves(),
        missing(late_check(account)),
    ]
    reasons = tuple(check for check in found if check)
    return Loss(
        account,
        reasons,
        any(check.slug in STARTS_OVER for check in reasons),
        sum(WEIGHTS[check.slug] for check in reasons),
    )


def losses(accounts: Iterable[Any], person: User) -> list[Loss]:
    """Worst first: those that would start over before the others."""
    found = [if_left(account, person) for account in accounts]
    return sorted(
        found, key=lambda loss: (not loss.starts_over, -loss.weight, loss.account.name, loss.account.pk)
    )


def missing(check: Check) -> Check | None:
    return None if check.ok else check


def only_they_know(person: User) -> Check:
    sentence = f"Nobody but {person.name} is known to them"
    return Check(
        "people", False, sentence, help="Take a colleague along to the next talk", where="account_people"
    )


def only_they_know_the_champion(account: Any, known: Sequence[Tie], person: User) -> Check | None:
    """The champions whom nobody else of ours has met within a year."""
    met = {tie.contact for tie in known if tie.active and tie.person != person.pk}
    theirs = {tie.contact for tie in known if tie.person == person.pk}
    names = [one["name"] for one in account.champions_now if one["pk"] in theirs - met]
    if not names or met & {one["pk"] for one in account.champions_now}:
        return None
    sentence = f"Nobody but {person.name} knows {names[0]}, who speaks for us"
    return Check(
        "champion",
        False,
        sentence,
        help=f"Let {names[0]} meet a second person of ours",
        where="account_people",
    )


def nobody_else_serves() -> Check:
    return Check(
        "team", False, "Nobody else of ours serves them", help="Name a back-up", where="account_team"
    )
