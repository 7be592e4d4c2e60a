"""Calculations on a transition before it begins: what is at stake, who could take over, whom a reorganisation hits.

They read and return; `Transition.choose` and `Transition.fill_in` write.
"""

from .exposure import Exposure, exposures
from .reorganisation import Impact, impact, owned_by
from .succession import PlanRow, succession_plan
from .successors import CandidatePool, Suggestion, best_successors

__all__ = [
    "CandidatePool",
    "Exposure",
    "Impact",
    "PlanRow",
    "Suggestion",
    "best_successors",
    "exposures",
    "impact",
    "owned_by",
    "succession_plan",
]
