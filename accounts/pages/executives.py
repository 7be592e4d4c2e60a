"""What our executives learned from a customer, and when the executive sponsor is owed to them again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from accounts.models import Coverage, Obligation, User


@dataclass(frozen=True)
class Learned:
    """One executive contact, as whoever had it wrote it down."""

    text: str
    who: str
    at: datetime

    @classmethod
    def of(cls, told: dict[str, str]) -> Learned:
        at = parse_datetime(told["at"])
        assert at
        return cls(told["text"], told["who"], at)


@dataclass(frozen=True)
class Executives:
    """What stands on an account's page: what was learned, the newest first, our sponsor and the visit they owe."""

    learned: list[Learned]
    sponsor: User | None
    visit: Obligation | None
    every_days: int | None

    @classmethod
    def of(cls, account: Any, team: Iterable[Coverage], owed: Iterable[Obligation]) -> Executives:
        """Of an account read `for_page`, with its team and what is owed; asks the database nothing."""
        sponsors = (row.person for row in team if row.role == Coverage.Role.SPONSOR)
        planned = account.sponsor_visit or {"pk": None, "every_days": None}
        return cls(
            learned=[Learned.of(told) for told in account.executives_told],
            sponsor=next(sponsors, None),
            visit=next((line for line in owed if line.pk == planned["pk"]), None),
            every_days=planned["every_days"],
        )
