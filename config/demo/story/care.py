"""Care in the weeks after a sale and a change of hands: check-ins kept as they fall due, and the question at day 90."""

from __future__ import annotations

from accounts.models import Ask, Obligation, today
from accounts.models.deadlines import plan_care

from .telling import Story

#: Check-ins of the last days are left for whoever looks at the demonstration.
LEFT_OPEN = 8


def tell(story: Story) -> None:
    """The sweep runs once a week, as it does every few minutes in life."""
    for day in range(-425, 0, 7):
        story.tell(day, "6:30", plan_care)
        if day < -LEFT_OPEN:
            story.tell(day, "16:50", check_in)
        story.tell(day, "17:40", Ask.put_due)


def check_in() -> None:
    """Whoever holds a check-in that is due by now speaks with them."""
    due = Obligation.objects.open().filter(check_in__isnull=False, due__lte=today())
    for visit in due.select_related("account", "holder"):
        visit.keep(by=visit.holder)
