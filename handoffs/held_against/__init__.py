"""The lines of a brief held against the words of a read-back: a help to the person who decides, and no decision."""

from .comparing import held_against
from .copied import remarks
from .lines import Comparison, Difference, Said

__all__ = ["Comparison", "Difference", "Said", "held_against", "remarks"]
