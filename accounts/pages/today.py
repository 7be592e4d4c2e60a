"""A person's day: what is due, what is coming with a brief of three lines for each visit, and who is quiet.

One query for each of the lists, however many accounts the person has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias, TypedDict, cast

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.text import Truncator
from django_stubs_ext import WithAnnotations

from accounts.models import Account, Contact, Coverage, Entry, HeldMail, Obligation, Stage, User
from accounts.models.base import Json
from accounts.models.obligation_sets import due_in_days, is_urgent, its_time_is_over
from accounts.rules import clocks

from .account import Learned

COMING = 14  # days
SHOWN = 12
#: Silence is shown when it is twice as long as usual, but not before two weeks and not after three months.
SOONEST, LATEST = timedelta(days=14), timedelta(days=90)
UNKNOWN = timedelta(days=45)
"""So long a silence is let be where too little is known of the account's own rhythm."""
LONGEST = 110


class RhythmColumns(TypedDict):
    last_contact_at: datetime | None
    usual: timedelta | None
    next_step: bool
    champion_name: str | None
    acting: bool
    holds_mail: bool


class BriefColumns(TypedDict):
    brief: Json | None
    lines: list[tuple[str, str]]


OwnedAccount: TypeAlias = "WithAnnotations[Account, RhythmColumns]"
BriefedObligation: TypeAlias = "WithAnnotations[Obligation, BriefColumns]"


@dataclass(frozen=True)
class Quiet:
    """An account of which nobody has heard for longer than is usual for it."""

    account: OwnedAccount
    silent: timedelta
    limit: timedelta

    @classmethod
    def of(cls, account: OwnedAccount, now: datetime) -> Quiet:
        """From an account read `with_rhythm`. One without any contact counts from its opening."""
        limit = UNKNOWN if account.usual is None else min(max(2 * account.usual, SOONEST), LATEST)
        return cls(account, now - (account.last_contact_at or account.created_at), limit)

    def __bool__(self) -> bool:
        return self.silent > self.limit and not self.account.next_step

    @property
    def days(self) -> int:
        return self.silent.days

    @property
    def sentence(self) -> str:
        if self.account.last_contact_at is None:
            return f"nobody was ever in touch, in {self.days} days"
        if self.account.usual is None:
            return f"no word for {self.days} days"
        usual = max(1, round(self.account.usual / timedelta(days=1)))
        return f"usually {'every day' if usual == 1 else f'every {usual} days'}, now {self.days}"


@dataclass(frozen=True)
class Agenda:
    """What one page shows: `due` with what has no date and waits for an answer, `coming`, `quiet`, `unread`, and whose
    `mail` is to be looked at.
    """

    on: date
    due: list[BriefedObligation]
    coming: list[BriefedObligation]
    quiet: list[Quiet]
    unread: list[OwnedAccount]
    mail: list[OwnedAccount]

    @classmethod
    def of(cls, user: User, on: date) -> Agenda:
        mine = Obligation.objects.held_by(user).for_list().with_brief()
        asked = Q(due=None, kind__in=Obligation.THEIRS)
        due = briefed(mine.filter(its_time_is_over() | due_in_days(0, 0) | asked | is_urgent()))
        due.sort(key=lambda line: not line.is_urgent)
        later = mine.due_in(1, COMING).exclude(is_urgent())
        coming = briefed(later.order_by("due", "starts_at", "pk")[:SHOWN])
        accounts = list(their_accounts(user, on))
        now = clocks.now()
        quiet = filter(None, (Quiet.of(account, now) for account in accounts))
        silent = sorted(quiet, key=lambda it: -it.silent)
        unread = [account for account in accounts if account.acting]
        mail = [account for account in accounts if account.holds_mail]
        return cls(on, due, coming, silent[:SHOWN], unread, mail)

    @property
    def urgent(self) -> list[BriefedObligation]:
        """What of it comes before everything else: they asked, and something is wrong."""
        return [line for line in self.due if line.is_urgent]

    @property
    def not_urgent(self) -> list[BriefedObligation]:
        return [line for line in self.due if not line.is_urgent]

    @property
    def sentence(self) -> str:
        """The one sentence that matters."""
        if self.urgent:
            first = self.urgent[0]
            return f"{first.contact} of {first.account} needs to hear today: “{first}”."
        late = [line for line in self.due if line.is_late]
        if late:
            return self.of_late(late)
        if asked := next((line for line in self.due if line.due is None), None):
            return f"{asked.contact or asked.account} asked “{asked}” and waits for your answer."
        if self.unread:
            return f"You answer for {self.unread[0]} and nobody has read it back yet."
        if self.due:
            first = min(self.due, key=lambda line: (line.starts_at is None, line.starts_at, line.pk))
            if first.starts_at:
                return f"Today at {first.hour} you meet {first.contact or first.account}: “{first}”."
            return f"Today {first.account} is owed “{first}”."
        return self.of_what_comes()

    def of_late(self, late: Sequence[Obligation]) -> str:
        worst = late[0]
        assert worst.late_since
        days = (worst.account.day() - worst.late_since).days
        more = f", and {len(late) - 1} more {'is' if len(late) == 2 else 'are'} late" if len(late) > 1 else ""
        waited = f"{days} day{'s' if days > 1 else ''}" if days else "too long today"
        return f"{worst.account} has waited {waited} for “{worst}”{more}."

    def of_what_comes(self) -> str:
        if self.quiet:
            quiet = self.quiet[0]
            whom = quiet.account.champion_name or "somebody there"
            return f"Nothing is due. {quiet.account} has been quiet for {quiet.days} days: a good day to call {whom}."
        if self.coming:
            first = self.coming[0]
            return f"Nothing is due today. Next: “{first}” for {first.account}, on {first.due:%A}."
        return "Nothing is due. A good day to thank somebody."


def their_accounts(user: User, on: date) -> QuerySet[OwnedAccount]:
    """The open accounts that this person owns, with their rhythm, whether they act for want of an owner, and whether
    mail waits to be looked at.
    """
    acting = Coverage.objects.owners().filter(account=OuterRef("pk"), person=user, acting=True)
    mail = HeldMail.objects.waiting().filter(account=OuterRef("pk"))
    mine = Account.objects.open().owned_by(user).with_rhythm(on).with_champion()
    return cast(
        "QuerySet[OwnedAccount]",
        mine.annotate(acting=Exists(acting), holds_mail=Exists(mail)).order_by("name", "pk"),
    )


# ---- Three lines before a visit


def briefed(owed: QuerySet[Obligation]) -> list[BriefedObligation]:
    """What is owed, each visit with its lines. Of obligations read `with_brief`."""
    found = cast("list[BriefedObligation]", list(owed))
    for visit in found:
        if visit.brief:
            visit.lines = lines(visit, visit.brief)
    return found


def lines(visit: Obligation, brief: Json) -> list[tuple[str, str]]:
    """With whom, where they stand and what they wait for, and for a sponsor what executives learned last.

    What nobody has written down is shown as a gap.
    """
    found = [
        ("With", whom(visit, brief)),
        ("Stands", stands(brief)),
        ("Waits for", waits(brief["waits"], visit.account.day())),
    ]
    if visit.role == Coverage.Role.SPONSOR:
        found.append(("Learned", learned(brief["learned"])))
    return found


def whom(visit: Obligation, brief: Json) -> str:
    if visit.contact:
        return person(visit.contact.name, visit.contact.title, visit.contact.roles)
    if champion := brief["champion"]:
        return f"{person(champion['name'], champion['title'], champion['roles'])}. Nobody is named for this visit"
    return "Nobody is named, and no champion is known"


def person(name: str, title: str, roles: list[str]) -> str:
    parts = [str(Contact.Role(role).label).lower() for role in roles]
    return ", ".join(filter(None, [name, title, *parts])) if title or parts else f"{name}, part not known"


def stands(brief: Json) -> str:
    stage = Stage(brief["stage"]).label if brief["stage"] else "No stage recorded"
    if not brief["in_touch"]:
        return f"{stage}. Nobody was ever in touch"
    kind = Entry.Kind(brief["in_touch"]["kind"]).label.lower()
    return f"{stage}. Last {kind} on {clocks.day_in_words(datetime.fromisoformat(brief['in_touch']['at']))}"


def learned(row: Json | None) -> str:
    """What an executive of ours learned when one was last in touch: theirs to go on from."""
    if row is None:
        return "No executive of ours has written down what they learned"
    last = Learned.of(row)
    return f"“{Truncator(last.text).chars(LONGEST)}”, {last.who}, {last.at:%-d %B %Y}"


def waits(owed: Json | None, on: date) -> str:
    if owed is None:
        return "Nothing of ours is open"
    words = f"“{Truncator(owed['text']).chars(LONGEST)}”"
    if owed["kind"] in Obligation.THEIRS:
        return (
            f"our answer to {words}, since {clocks.day_in_words(datetime.fromisoformat(owed['raised_at']))}"
        )
    due = date.fromisoformat(owed["due"]) if owed["due"] else None
    when = "" if due is None else f", {'late since' if due < on else 'by'} {clocks.day_in_words(due)}"
    return f"{words}{when}"
