"""transition -> Plan: what each account stands to lose, and who could take it over, with reasons for and against.

A successor who resembles the old rep limits what a customer loses in a change of rep best (Shi, Sridhar, Grewal
and Lilien, "Sales Representative Departures and Customer Reassignment Strategies in Business-to-Business Markets",
Journal of Marketing 2017;81(2):25-44): hence likeness to the account and to the predecessor come first here, before
acquaintance and load. The weights are a judgement; every point is shown as a sentence, so that a person can disagree.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Count

from accounts.models import Account, Condition, Contact, Coverage, Deal, Mention, Obligation, User, today

from .models import Move, Transition

CLOSING_SOON = timedelta(days=60)
A_YEAR = timedelta(days=365)
#: Points of each reason for a successor.
LIKE_ACCOUNT, LIKE_PREDECESSOR, KNOWN_THERE, SERVES_ALREADY = 3.0, 2.0, 4.0, 3.0
#: Points taken from a colleague whose work has been another one: support is not ownership.
OTHER_WORK = 5.0
#: Points taken for each account above the team's median load, and at most.
LOAD_EACH, LOAD_MOST = 0.4, 4.0
TRAITS = ("industry", "region", "segment")


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
        sentences = [
            self._debts(),
            f"Only {person} knows {known}" if known else "",
            "" if self.has_champion else "No champion is named",
            f"{self.next_deal} closes on {self.next_close:%-d %B}" if self.next_close else "",
        ]
        return [sentence for sentence in sentences if sentence]

    def _debts(self) -> str:
        things = f"{self.owed} thing{'' if self.owed == 1 else 's'} we owe"
        if not self.late:
            return f"{things}, in time" if self.owed else ""
        if self.late == self.owed:
            return f"{things}, late"
        return f"{things}, {self.late} of them late"


@dataclass(frozen=True)
class Suggestion:
    """A possible successor for one account, with the reasons for and against."""

    person: User
    score: float
    reasons: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


@dataclass
class Candidate:
    """What one possible successor brings: whom they serve, whom they know, how much they carry."""

    person: User
    traits: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    owns: int = 0
    owed: int = 0
    serves: set[int] = field(default_factory=set)
    roles: Counter[str] = field(default_factory=Counter)
    knows: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


def exposures(accounts: Sequence[Account], person: User) -> dict[int, Exposure]:
    """For each account, what is lost if this person goes and nothing is done. A fixed number of queries."""
    ids = [account.pk for account in accounts]
    day = today()
    owed: Counter[int] = Counter()
    late: Counter[int] = Counter()
    repairs: set[int] = set()
    for account_id, kind, due in (
        Obligation.objects.open().filter(account__in=ids).values_list("account_id", "kind", "due")
    ):
        owed[account_id] += 1
        late[account_id] += bool(due and due < day)
        if kind == Obligation.Kind.REPAIR:
            repairs.add(account_id)
    known: dict[int, list[str]] = defaultdict(list)
    for account_id, name in (
        Contact.objects.champions()
        .known_only_to(person)
        .filter(account__in=ids)
        .values_list("account_id", "name")
    ):
        known[account_id].append(name)
    with_champion = set(
        Contact.objects.champions().filter(account__in=ids).values_list("account_id", flat=True)
    )
    closing: dict[int, tuple[date | None, str]] = {}
    for account_id, closes, name in (
        Deal.objects.open()
        .filter(account__in=ids, expected_close__isnull=False)
        .order_by("-expected_close")
        .values_list("account_id", "expected_close", "name")
    ):
        closing[account_id] = (closes, name)
    return {
        account.pk: Exposure(
            condition=_condition(
                account, bool(late[account.pk] or account.pk in repairs), account.pk in with_champion
            ),
            late=late[account.pk],
            owed=owed[account.pk],
            has_champion=account.pk in with_champion,
            known_only_to_leaver=tuple(known[account.pk]),
            next_close=closes,
            next_deal=name,
            closes_soon=closes is not None and closes <= day + CLOSING_SOON,
        )
        for account in accounts
        for closes, name in [closing.get(account.pk, (None, ""))]
    }


def _condition(account: Account, in_trouble: bool, has_champion: bool) -> Condition:
    """The rated condition, or what the memory says where that is worse."""
    seen = Condition.URGENT if in_trouble else Condition.STEADY if has_champion else Condition.WATCH
    rated = Condition(account.condition) if account.condition else Condition.STEADY
    return max(seen, rated, key=lambda condition: condition.rank)


class Field:
    """Everybody who could take accounts over, measured once for a whole book."""

    def __init__(self, accounts: Sequence[Account], outgoing: User | None) -> None:
        self.accounts = accounts
        self.outgoing = outgoing
        barred = [outgoing.pk] if outgoing else []
        people = User.objects.can_serve().filter(kind=User.Kind.REP).exclude(pk__in=barred)
        self.candidates = {person.pk: Candidate(person) for person in people}
        self.own = Candidate(outgoing) if outgoing else None
        self.arriving: Counter[int] = Counter()
        self._read_books()
        self._read_acquaintance()
        self.likeness = {pk: self._likeness(candidate) for pk, candidate in self.candidates.items()}

    def _read_books(self) -> None:
        owned = (
            Coverage.objects.accountable()
            .select_related("account")
            .only("person_id", "role", "account__industry", "account__region", "account__segment")
        )
        for row in owned:
            candidate = self.candidates.get(row.person_id)
            if candidate is None and self.own and row.person_id == self.own.person.pk:
                candidate = self.own
            if candidate is None:
                continue
            candidate.serves.add(row.account_id)
            candidate.roles[row.role] += 1
            if row.role == Coverage.Role.OWNER:
                candidate.owns += 1
                for trait in TRAITS:
                    if value := getattr(row.account, trait):
                        candidate.traits[trait][value] += 1
        held = Obligation.objects.open().order_by().values_list("holder").annotate(n=Count("pk"))
        for holder, count in held:
            if holder in self.candidates:
                self.candidates[holder].owed = count

    def _read_acquaintance(self) -> None:
        met = (
            Mention.objects.filter(
                contact__account__in=[account.pk for account in self.accounts],
                entry__author__in=self.candidates,
            )
            .values_list("contact__account_id", "entry__author_id", "contact__name")
            .distinct()
        )
        for account_id, person_id, name in met:
            self.candidates[person_id].knows[account_id].append(name)

    @cached_property
    def usual_load(self) -> int:
        loads = sorted(candidate.owns for candidate in self.candidates.values())
        return loads[(len(loads) - 1) // 2] if loads else 0

    def suggest(self, account: Account, most: int = 3, role: str = Coverage.Role.OWNER) -> list[Suggestion]:
        """The best successors for one account, best first; ties go to the lighter load, then by name."""
        found = [self._weigh(account, candidate, role) for candidate in self.candidates.values()]
        found.sort(key=lambda s: (-s.score, self.candidates[s.person.pk].owns, s.person.name))
        return found[:most]

    def line(self, move: Move, exposure: Exposure, most: int) -> Line:
        """The desk's line of a move: its own account does not count as a load on whoever is to take it."""
        if move.incoming_id:
            self.arriving[move.incoming_id] -= 1
        suggestions = self.suggest(move.account, most=len(self.candidates), role=move.role)
        chosen = next((one for one in suggestions if one.person.pk == move.incoming_id), None)
        if move.incoming_id:
            self.arriving[move.incoming_id] += 1
            if chosen is None and move.incoming:
                chosen = Suggestion(move.incoming, 0.0)
        return Line(move, exposure, suggestions[:most], chosen)

    def _weigh(self, account: Account, candidate: Candidate, role: str) -> Suggestion:
        score, reasons, against = self._likeness_to(account, candidate)
        if candidate.roles and not candidate.roles[role]:
            score -= OTHER_WORK
            against.append(f"Has not been {Coverage.Role(role).label.lower()} of any account so far")
        if likeness := self.likeness[candidate.person.pk]:
            score += LIKE_PREDECESSOR * likeness
            if likeness >= 0.5 and self.outgoing:
                reasons.append(f"A book much like {self.outgoing.first_name}'s")
        if known := candidate.knows.get(account.pk):
            score += KNOWN_THERE
            reasons.append(f"Knows {' and '.join(sorted(known)[:2])}")
        if account.pk in candidate.serves:
            score += SERVES_ALREADY
            reasons.append("Serves this account already")
        coming = self.arriving[candidate.person.pk]
        above = candidate.owns + coming - self.usual_load
        if above > 0:
            score -= min(above * LOAD_EACH, LOAD_MOST)
            takes = f" and takes {coming} more here" if coming else ""
            against.append(f"Already owns {_accounts(candidate.owns)}{takes}")
        elif not coming and candidate.owns < self.usual_load:
            reasons.append(f"Has room: owns {candidate.owns}")
        return Suggestion(candidate.person, round(score, 2), tuple(reasons), tuple(against))

    @staticmethod
    def _likeness_to(account: Account, candidate: Candidate) -> tuple[float, list[str], list[str]]:
        score = 0.0
        reasons: list[str] = []
        against: list[str] = []
        for trait in TRAITS:
            value = getattr(account, trait)
            if not value:
                continue
            if served := candidate.traits[trait][value]:
                score += LIKE_ACCOUNT
                reasons.append(f"Serves {_accounts(served)} in {value}")
            elif trait == "region" and candidate.person.region == value:
                score += LIKE_ACCOUNT
                reasons.append(f"Works in {value}")
            elif trait != "segment":
                against.append(f"Nothing in {value} so far")
        return score, reasons, against

    def _likeness(self, candidate: Candidate) -> float:
        """0 to 1: how much of the predecessor's book the candidate's shares in industry, region and segment."""
        if not self.own:
            return 0.0
        shares = []
        for trait in TRAITS:
            before, now = self.own.traits[trait], candidate.traits[trait]
            if total := before.total():
                shares.append(sum(count for value, count in before.items() if now[value]) / total)
        return sum(shares) / len(shares) if shares else 0.0


def _accounts(count: int) -> str:
    return f"{count} account{'' if count == 1 else 's'}"


@dataclass(frozen=True)
class Line:
    """One account of the desk: what is at stake, who is to take it over, and who else could."""

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

    @property
    def at_stake(self) -> list[str]:
        return self.exposure.sentences(self.move.outgoing.first_name)


def plan(transition: Transition, only: Sequence[int] = (), most: int = 3) -> list[Line]:
    """The desk of a departure or a leave: every account, what is lost first, with so many suggested successors.

    `only` gives the lines of these moves. The number of queries does not depend on the number of accounts.
    """
    moves = list(transition.moves.select_related("account", "outgoing", "incoming"))
    shown = [move for move in moves if move.pk in only] if only else moves
    person = transition.person or (moves[0].outgoing if moves else None)
    if person is None:
        return []
    at_stake = exposures([move.account for move in shown], person)
    field_ = Field([move.account for move in shown], person)
    field_.arriving.update(move.incoming_id for move in moves if move.incoming_id)
    lines = [field_.line(move, at_stake[move.account_id], most) for move in shown]
    return sorted(lines, key=lambda line: (-line.exposure.weight, line.account.name))


def fill_in(transition: Transition) -> int:
    """Give every move without a successor the best suggestion, spreading the load as it goes. Returns how many."""
    moves = list(transition.moves.filter(incoming=None).select_related("account", "outgoing"))
    field_ = Field([move.account for move in moves], transition.person)
    chosen = transition.moves.filter(incoming__isnull=False).values_list("incoming_id", flat=True)
    field_.arriving.update(pk for pk in chosen if pk)
    for move in moves:
        best = field_.suggest(move.account, most=1, role=move.role)
        if not best:
            continue
        move.incoming = best[0].person
        move.because = "; ".join(best[0].reasons[:3])
        field_.arriving[best[0].person.pk] += 1
    filled = [move for move in moves if move.incoming]
    Move.objects.bulk_update(filled, ["incoming", "because"], batch_size=500)
    return len(filled)


@dataclass(frozen=True)
class Impact:
    """Who is hit by a reorganisation: what a manager weighs before approving."""

    accounts: int
    obligations: int
    champions: int
    deals: int
    deal_value: float
    third_owner: list[Account]
    arriving: dict[User, int]
    leaving: dict[User, int]


def impact(transition: Transition) -> Impact:
    """What a plan touches: accounts, obligations under way, champions, deals, and customers on their third owner
    within a year."""
    moves = list(transition.moves.select_related("account", "outgoing", "incoming"))
    ids = [move.account_id for move in moves]
    deals = Deal.objects.open().filter(account__in=ids)
    owners = (
        Coverage.objects.filter(
            account__in=ids, role=Coverage.Role.OWNER, started_at__date__gt=today() - A_YEAR
        )
        .order_by()
        .values_list("account_id")
        .annotate(n=Count("person", distinct=True))
    )
    often = {account_id for account_id, count in owners if count >= 2}
    return Impact(
        accounts=len(set(ids)),
        obligations=Obligation.objects.open().filter(account__in=ids).count(),
        champions=Contact.objects.champions().filter(account__in=ids).count(),
        deals=deals.count(),
        deal_value=float(sum(deal.amount or 0 for deal in deals)),
        third_owner=[move.account for move in moves if move.account_id in often],
        arriving=_tally(move.incoming for move in moves),
        leaving=_tally(move.outgoing for move in moves),
    )


def owned_by(people: Iterable[User]) -> Counter[int]:
    """How many accounts each of these people owns today, by their ids."""
    rows = Coverage.objects.owners().filter(person__in=list(people)).order_by().values_list("person")
    return Counter(dict(rows.annotate(n=Count("pk"))))


def _tally(people: Iterable[User | None]) -> dict[User, int]:
    return dict(Counter(person for person in people if person).most_common())
