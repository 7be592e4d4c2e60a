"""Who could take each account over, with the reasons for and against.

A successor who resembles the old rep limits what a customer loses in a change of rep best (Shi, Sridhar, Grewal
and Lilien, "Sales Representative Departures and Customer Reassignment Strategies in Business-to-Business Markets",
Journal of Marketing 2017;81(2):25-44): hence likeness to the account and to the predecessor come first here, before
acquaintance and load. The weights are a judgement; every point is shown as a sentence, so that a person can disagree.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import Count

from accounts.models import Account, Coverage, Mention, Obligation, User, today
from handoffs.models import Move, Transition

#: Points of each reason for a successor.
LIKE_ACCOUNT, LIKE_PREDECESSOR, KNOWN_THERE, SERVES_ALREADY = 3.0, 2.0, 4.0, 3.0
#: Points taken from a colleague whose work has been another one: support is not ownership.
OTHER_WORK = 5.0
#: Points taken for each account above the team's median load, and at most.
LOAD_EACH, LOAD_MOST = 0.4, 4.0
#: Whoever would have twice the team's median load, and at least so many accounts more than it, has no room.
FULL_TIMES, FULL_MORE = 2, 10
TRAITS = ("industry", "region", "segment")


@dataclass(frozen=True)
class Suggestion:
    """A possible successor for one account, with the reasons for and against."""

    person: User
    score: float
    reasons: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    barred: str = ""
    """Why they are not suggested: they leave, are away, or have no room."""


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


class CandidatePool:
    """Everybody who could take accounts over on that day (today, for none), measured once for a whole book."""

    def __init__(self, accounts: Sequence[Account], outgoing: User | None, on: date | None = None) -> None:
        self.accounts = accounts
        self.outgoing = outgoing
        barred = [outgoing.pk] if outgoing else []
        people = User.objects.can_serve().filter(kind=User.Kind.REP).exclude(pk__in=barred)
        self.candidates = {person.pk: Candidate(person) for person in people}
        now = today()
        self.days = {now, on or now}
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
        return [one for one in self.weigh(account, role) if not one.barred][:most]

    def weigh(self, account: Account, role: str) -> list[Suggestion]:
        """Everybody for one account, best first; those who are not suggested stand last, with the reason."""
        found = [self._weigh(account, candidate, role) for candidate in self.candidates.values()]
        found.sort(key=lambda s: (bool(s.barred), -s.score, self.candidates[s.person.pk].owns, s.person.name))
        return found

    def compare(self, move: Move, most: int | None) -> tuple[list[Suggestion], Suggestion | None]:
        """The best suggestions for a move, or everybody, and what speaks for and against the one chosen for it.

        Its own account does not count as a load on whoever is to take it.
        """
        if move.incoming_id:
            self.arriving[move.incoming_id] -= 1
        everybody = self.weigh(move.account, move.role)
        chosen = next((one for one in everybody if one.person.pk == move.incoming_id), None)
        if move.incoming_id:
            self.arriving[move.incoming_id] += 1
            if chosen is None and move.incoming:
                chosen = Suggestion(move.incoming, 0.0)
        if most is None:
            return everybody, chosen
        return [one for one in everybody if not one.barred][:most], chosen

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
        barred = self._barred(candidate, coming)
        if barred:
            against.insert(0, barred)
        return Suggestion(candidate.person, round(score, 2), tuple(reasons), tuple(against), barred)

    def _barred(self, candidate: Candidate, coming: int) -> str:
        person, load = candidate.person, candidate.owns + coming
        if not person.stays_until(None) or any(map(person.is_away_on, self.days)):
            return f"{person.first_name} {person.absence}"
        full = max(self.usual_load * FULL_TIMES, self.usual_load + FULL_MORE)
        return f"Has no room: {_accounts(load)}, and {self.usual_load} is usual" if load >= full else ""

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


def best_successors(transition: Transition) -> dict[int, tuple[User, str]]:
    """For every move without a successor the best suggestion and its reasons, by the move's id.

    The load is spread: each one suggested weighs on the next.
    """
    moves = list(transition.moves.filter(incoming=None).select_related("account", "outgoing"))
    pool = CandidatePool([move.account for move in moves], transition.person, transition.accountable_on)
    chosen = transition.moves.filter(incoming__isnull=False).values_list("incoming_id", flat=True)
    pool.arriving.update(pk for pk in chosen if pk)
    found = {}
    for move in moves:
        for best in pool.suggest(move.account, most=1, role=move.role):
            found[move.pk] = best.person, "; ".join(best.reasons[:3])
            pool.arriving[best.person.pk] += 1
    return found
