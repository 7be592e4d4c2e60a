"""Days in words: text -> the days that are meant in it, as somebody writes them on a given day."""

from .deadlines import deadline, find
from .phrases import MONTH, long, short
from .reader import Phrase

__all__ = ["MONTH", "Phrase", "deadline", "find", "long", "short"]
