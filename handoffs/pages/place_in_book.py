"""handoff + who looks -> PlaceInBook: which of how many accounts this is."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from handoffs.models import Handoff


@dataclass(frozen=True)
class PlaceInBook:
    """Where one is among the accounts of the same person: interview mode, one account per screen."""

    number: int
    total: int
    to_write: int
    previous: Handoff | None
    next: Handoff | None

    @classmethod
    def of(cls, handoff: Handoff, user: User) -> PlaceInBook | None:
        """This account among all that the same person hands over in the same change; None where it is alone."""
        beside = Handoff.objects.open().filter(outgoing=handoff.outgoing_id, transition=handoff.transition_id)
        if beside.count() < 2:  # who may see which need not be asked then
            return None
        seen = beside.visible_to(user).exclude(incoming=user).select_related("account")
        siblings = list(seen.order_by("account__name", "pk"))
        numbers = [sibling.pk for sibling in siblings]
        if handoff.pk not in numbers or len(siblings) < 2:
            return None
        at = numbers.index(handoff.pk)
        return cls(
            at + 1,
            len(siblings),
            sum(sibling.written_at is None for sibling in siblings),
            siblings[at - 1] if at else None,
            siblings[at + 1] if at + 1 < len(siblings) else None,
        )
