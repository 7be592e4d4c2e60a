"""The plan of a departure: what is lost on each account if nothing is done, who is to take it over, and who could."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Max

from accounts.models import Account, Contact, Deal, Entry, Obligation, User, today
from accounts.models.base import sentences
from accounts.rules import clocks
from accounts.rules.condition import Condition, most_cautious, signs
from handoffs.models import Move, Transition

from .successors import CandidatePool, Suggestion

CLOSING_SOON = timedelta(days=60)


@dataclass(frozen=True)
class Exposure:
    """What is lost on one account if nothing is done. Higher `weight` first."""

    condition: Condition = Condition.STEADY
    late: int = 0
    owed: int = 0
    has_champion: bool = True
    known_only_to_leaver: tuple[str, ...] = ()
    next_close: date | None = None
    next_deal: str = ""
    closes_soon: bool = False
    overdue: bool = False  # its day is over, and the deal is open

    @property
    def weight(self) -> float:
        return (
            self.condition.rank * 4
            + self.late * 3
            + min(self.owed, 10) * 0.5
            + len(self.known_only_to_leaver) * 3
            + (4 if self.closes_soon else 0)
        )

    def sentences(self, person: str) -> list[str]:
        """What a manager reads beside the account."""
        known = " and ".join(self.known_only_to_leaver)
        return sentences(
            self._debts(),
            f"Only {person} knows {known}" if known else "",
            "" if self.has_champion else "No champion is named",
            self._deal(),
        )

    def _deal(self) -> str:
        if not self.next_close:
            return ""
        day = clocks.day_in_words(self.next_close)
        if self.overdue:
            return f"{self.next_deal} was to close on {day} (past)"
        return f"{self.next_deal} closes on {day}"

    def _debts(self) -> str:
        things = f"{self.owed} thing{'' if self.owed == 1 else 's'} we owe"
        if not self.late:
            return f"{things}, in time" if self.owed else ""
        if self.late == self.owed:
            return f"{things}, late"
        return f"{things}, {self.late} of them late"


def exposures(accounts: Sequence[Account], person: User) -> dict[int, Exposure]:
    """For each account, what is lost if this person goes and nothing is done. A fixed number of queries."""
    ids = [account.pk for account in accounts]
    owed, repairs = Counter[int](), Counter[int]()
    open_ = Obligation.objects.open().filter(account__in=ids)
    for account_id, kind in open_.values_list("account_id", "kind"):
        owed[account_id] += 1
        repairs[account_id] += kind == Obligation.Kind.REPAIR
    late = Counter(open_.late().values_list("account_id", flat=True))
    waited_for = Counter(open_.late().to_them().values_list("account_id", flat=True))
    champions = Contact.objects.champions().filter(account__in=ids)
    with_champion = set(champions.values_list("account_id", flat=True))
    known: dict[int, list[str]] = defaultdict(list)
    for account_id, name in champions.known_only_to(person).values_list("account_id", "name"):
        known[account_id].append(name)
    stages, contacts = journeys(ids)
    deals = Deal.objects.open().filter(account__in=ids, expected_close__isnull=False)
    closing = {deal.account_id: deal for deal in deals.order_by("-expected_close")}
    day = today()
    soon = day + CLOSING_SOON
    found = {}
    for account in accounts:
        seen = signs(
            late=waited_for[account.pk],
            repairs=repairs[account.pk],
            stage=stages.get(account.pk, ""),
            has_champion=account.pk in with_champion,
            last_contact_at=contacts.get(account.pk),
            now=clocks.now(),
        )
        deal = closing.get(account.pk)
        closes = deal.expected_close if deal else None
        found[account.pk] = Exposure(
            condition=most_cautious(account.condition, seen),
            late=late[account.pk],
            owed=owed[account.pk],
            has_champion=account.pk in with_champion,
            known_only_to_leaver=tuple(known[account.pk]),
            next_close=closes,
            next_deal=deal.name if deal else "",
            closes_soon=closes is not None and closes <= soon,
            overdue=closes is not None and closes < day,
        )
    return found


def journeys(accounts: Iterable[int]) -> tuple[dict[int, str], dict[int, datetime]]:
    """The stage each account reached last, and when we were last in touch; with the memory merged into it."""
    merged = Account.objects.filter(merged_into__in=accounts).values_list("pk", "merged_into_id")
    belongs = {pk: pk for pk in accounts} | dict(merged)
    entries = Entry.objects.not_retracted().filter(account__in=belongs).order_by("at", "pk")
    stages = entries.filter(kind=Entry.Kind.STAGE).values_list("account_id", "stage")
    contacts = entries.filter(kind__in=Entry.CONTACT_KINDS).order_by().values_list("account_id")
    last = contacts.annotate(last=Max("at")).order_by("last")
    return (
        {belongs[account_id]: stage for account_id, stage in stages},
        {belongs[account_id]: at for account_id, at in last},
    )


@dataclass(frozen=True)
class PlanRow:
    """One account of the plan: what is at stake, who is to take it over, and who else could."""

    move: Move
    exposure: Exposure
    suggestions: list[Suggestion]
    chosen: Suggestion | None

    @property
    def suggested_ids(self) -> set[int]:
        return {suggestion.person.pk for suggestion in self.suggestions}

    @property
    def account(self) -> Account:
        return self.move.account

    @property
    def is_suggested(self) -> bool:
        """Whether the one to take it over is the best suggestion."""
        return bool(self.chosen and self.suggestions and self.chosen.person == self.suggestions[0].person)

    @property
    def own_words(self) -> str:
        """Why this successor, where a person wrote it and not the suggestion."""
        because = self.move.because
        suggested = self.chosen and because.split("; ")[0] in self.chosen.reasons
        return "" if suggested else because

    def without_reasons(self) -> PlanRow:
        """The same line for somebody who does not choose: who it is, and what a person wrote."""
        chosen = Suggestion(self.move.incoming, 0.0) if self.move.incoming else None
        return replace(self, suggestions=[], chosen=chosen)

    @property
    def at_stake(self) -> list[str]:
        return self.exposure.sentences(self.move.outgoing.first_name)


def succession_plan(
    transition: Transition, only: Sequence[int] | None = None, most: int | None = 3
) -> list[PlanRow]:
    """The plan of a departure or a leave: every account, what is lost first, each with its suggested successors.

    `most` so many of them, or (none) everybody who could be.

    `only` gives the rows of these moves. The number of queries does not depend on the number of accounts.
    """
    moves = list(transition.moves.select_related("account", "outgoing", "incoming"))
    chosen = None if only is None else set(only)
    shown = [move for move in moves if chosen is None or move.pk in chosen]
    person = transition.person or (moves[0].outgoing if moves else None)
    if person is None:
        return []
    at_stake = exposures([move.account for move in shown], person)
    pool = CandidatePool([move.account for move in shown], person, transition.accountable_on)
    pool.arriving.update(move.incoming_id for move in moves if move.incoming_id)
    rows = [PlanRow(move, at_stake[move.account_id], *pool.compare(move, most)) for move in shown]
    return sorted(rows, key=lambda row: (-row.exposure.weight, row.account.name))
