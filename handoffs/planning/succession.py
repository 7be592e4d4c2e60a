"""The plan of a departure: what is at stake on each account, who is to take it over, and who else could."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Account
from handoffs.models import Move, Transition

from .exposure import Exposure, exposures
from .successors import CandidatePool, Suggestion


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

    @property
    def at_stake(self) -> list[str]:
        return self.exposure.sentences(self.move.outgoing.first_name)


def succession_plan(transition: Transition, only: Sequence[int] = (), most: int = 3) -> list[PlanRow]:
    """The plan of a departure or a leave: every account, what is lost first, with so many suggested successors.

    `only` gives the rows of these moves. The number of queries does not depend on the number of accounts.
    """
    moves = list(transition.moves.select_related("account", "outgoing", "incoming"))
    shown = [move for move in moves if move.pk in only] if only else moves
    person = transition.person or (moves[0].outgoing if moves else None)
    if person is None:
        return []
    at_stake = exposures([move.account for move in shown], person)
    pool = CandidatePool([move.account for move in shown], person)
    pool.arriving.update(move.incoming_id for move in moves if move.incoming_id)
    rows = [PlanRow(move, at_stake[move.account_id], *pool.compare(move, most)) for move in shown]
    return sorted(rows, key=lambda row: (-row.exposure.weight, row.account.name))
