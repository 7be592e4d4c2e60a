"""What pages of memory show of changes of hands, without memory knowing of them."""

from __future__ import annotations

from datetime import date

from django import template
from django.db.models import Exists, OuterRef

from accounts.models import Account, Deal, User
from handoffs.models import Handoff, Transition
from handoffs.reminders import Waiting, waiting_for

register = template.Library()


@register.simple_tag
def what_waits_for(user: User, day: date | None = None) -> dict[str, list[Waiting] | int]:
    """`{% what_waits_for request.user today as waiting %}`: `lines` of sentences with addresses, and their `count`."""
    lines = waiting_for(user, day)
    return {"lines": lines, "count": len(lines)}


@register.simple_tag
def open_handoffs_of(account: Account, user: User) -> list[Handoff]:
    """`{% open_handoffs_of account request.user as handoffs %}`: those under way that this person may see."""
    return Handoff.objects.open_beside(account, user)


@register.simple_tag
def to_success_of(deal: Deal, user: User) -> Transition | None:
    """`{% to_success_of deal request.user as passes %}`: how it passes to success; `seen` where one may open it."""
    seen = Transition.objects.visible_to(user).filter(pk=OuterRef("pk"))
    in_force = Transition.objects.filter(deal=deal, undone_at=None, cancelled_at=None)
    return in_force.annotate(seen=Exists(seen)).first()
