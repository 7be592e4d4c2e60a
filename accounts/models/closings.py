"""How a line of the ledger ends, and for how long whoever ended it can undo that."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from accounts.rules import clocks

from .contacts import Contact
from .entries import UNDO_WITHIN
from .fields import LineField
from .obligation_kinds import Outcome as HowItEnded
from .users import User

UNDONE = ["closed_at", "closed_by", "agreed_by", "outcome"]


class Closing(models.Model):
    """The end of what we owe: when, by whom, and how. An open line has none of it."""

    Outcome = HowItEnded
    #: These are not an act of one person upon one line, and are not undone.
    STAYS = (Outcome.LAPSED, Outcome.ACCOUNT_CLOSED, Outcome.RETRACTED)

    broken_at = models.DateTimeField(null=True, blank=True)
    #: Who held the promise on the day it was due.
    broken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    agreed_by = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = LineField(max_length=14, choices=Outcome.choices, blank=True)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def kept_late(self) -> bool:
        return self.outcome == self.Outcome.KEPT and self.broken_at is not None

    @property
    def ended_well(self) -> bool:
        """It was done as we said: not late, not forgotten, not taken back."""
        done = {self.Outcome.KEPT, self.Outcome.AGREED, self.Outcome.HELD, self.Outcome.DONE}
        return self.outcome in done and not self.kept_late

    @property
    def outcome_in_words(self) -> str:
        return "Kept late" if self.kept_late else self.get_outcome_display()

    @property
    def undo_until(self) -> datetime | None:
        """Until when whoever closed it can open it again; None when it is open, or too late."""
        if self.closed_at is None or self.outcome in self.STAYS:
            return None
        until = self.closed_at + UNDO_WITHIN
        return until if clocks.now() < until else None
