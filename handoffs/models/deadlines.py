"""By which day each step of a handoff is to be done: backwards from what the customer is told and when it moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from math import ceil
from typing import TYPE_CHECKING

from accounts.rules.lateness import working_days

if TYPE_CHECKING:
    from .handoff import Handoff

#: Which share of the working days there are is gone when each step is to be done: writing takes longest.
SHARES = {"write": 0.4, "approve": 0.6, "read_back": 0.8, "accept": 1.0}


@dataclass(frozen=True)
class Deadlines:
    """The last day of each step."""

    write: date
    approve: date
    read_back: date
    accept: date

    @classmethod
    def of(cls, handoff: Handoff) -> Deadlines:
        """From the day it was opened to the working day before they are told or it moves, whichever comes first.

        Working days are those of where the customer is. Where there is no day between, all is due on the first of
        these two.
        """
        account = handoff.account
        first = account.day(handoff.opened_at)
        end = max(first, min(handoff.announce_on, handoff.accountable_on))
        days = list(takewhile(lambda day: day < end, working_days(first, account.country))) or [end]
        return cls(**{step: days[ceil(share * len(days)) - 1] for step, share in SHARES.items()})
