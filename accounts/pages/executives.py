"""What our executives learned from a customer, and when the executive sponsor is owed to them again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Coverage, Obligation, User
from accounts.models.base import Json


@dataclass(frozen=True)
class Learned:
    """One executive contact, as whoever had it wrote it down."""

    text: str
    who: str
    at: datetime

    @classmethod
    def of(cls, row: Json) -> Learned:
        return cls(row["text"], row["who"], datetime.fromisoformat(row["at"]))


@dataclass(frozen=True)
class Executives:
    """What stands on an account's page: what was learned, the newest first, our sponsor and the visit they owe."""

    learned: list[Learned]
    sponsor: User | None
    visit: Obligation | None
    every_days: int | None

    @classmethod
    def of(
        cls,
        learned: Iterable[Json],
        planned: Json | None,
        team: Iterable[Coverage],
        owed: Iterable[Obligation],
    ) -> Executives:
        """From what the account's page has read already; asks the database nothing."""
        return cls(
            learned=[Learned.of(row) for row in learned],
            sponsor=next((row.person for row in team if row.role == Coverage.Role.SPONSOR), None),
            visit=next((line for line in owed if planned and line.pk == planned["pk"]), None),
            every_days=planned["every_days"] if planned else None,
        )
