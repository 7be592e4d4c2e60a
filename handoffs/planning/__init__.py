"""Calculations on a transition before it begins: what is at stake, and who could take over.

They read and return; `Transition.choose` and `Transition.fill_in` write.
"""

from .succession import exposures, succession_plan
from .successors import CandidatePool, best_successors

__all__ = ["CandidatePool", "best_successors", "exposures", "succession_plan"]
