"""handoff -> what came after it changed hands: whether somebody spoke with them, and what they had to ask."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Coverage
from accounts.pages.after_a_change import OwnerChange, with_questions
from handoffs.models import Handoff


@dataclass(frozen=True)
class Afterwards:
    """`silent`: by the third working day nobody had spoken with them. `asked`: their questions within 90 days."""

    silent: bool = False
    asked: OwnerChange | None = None

    @classmethod
    def of(cls, handoff: Handoff) -> Afterwards:
        if handoff.coverage is None:
            return cls()
        owner = Coverage.objects.filter(pk=handoff.coverage.pk, role=Coverage.Role.OWNER)
        silent = Handoff.objects.filter(pk=handoff.pk).without_first_contact()
        return cls(bool(silent), next(iter(with_questions(owner)), None))
