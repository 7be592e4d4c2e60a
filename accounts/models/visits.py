from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import OuterRef, Q, Subquery

from accounts.rules import clocks

from .base import refuse_if, verb
from .entries import Entry
from .obligations import Obligation
from .organisation import today
from .roles import HOLDING_ROLES
from .users import User

if TYPE_CHECKING:
    from .accounts import Account
    from .contacts import Contact

#: A visit wants a note so long after it, and is let be after so long.
NOTE_AFTER, NOTE_UNTIL, ONE_DAY = timedelta(days=2), timedelta(days=14), timedelta(days=1)
#: A note of a visit may have been kept so long before somebody said that it was held.
SAID_AFTERWARDS = timedelta(days=7)


class Visit(Obligation):
    """A visit that we owe; with an hour it is a meeting."""

    class Meta:
        proxy = True

    @classmethod
    @verb
    def plan(
        cls,
        /,
        account: Account,
        text: str,
        *,
        by: User,
        starts_at: date,
        contact: Contact | None = None,
        external_id: str = "",
    ) -> Visit:
        """A visit held by whoever plans it, with an hour unless `starts_at` is a whole day.

        A meeting is due on the day of it where the customer is: they were told that day, and a promise of ours
        breaks by the same calendar.
        """
        roles = set(account.coverage.current().filter(person=by).values_list("role", flat=True))
        role = next((role.value for role in HOLDING_ROLES if role in roles), "")
        instant = starts_at if isinstance(starts_at, datetime) else None
        due = account.day(instant) if instant else starts_at
        over = instant < clocks.now() if instant else due < account.day()
        refuse_if(
            None if role else f"You do not serve {account}: whoever holds a meeting must be on the team.",
            "That is over. Keep a note of what came of it instead." if over else None,
        )
        return cls.owe(
            account,
            cls.Kind.VISIT,
            text,
            by=by,
            due=due,
            starts_at=instant,
            contact=contact,
            holder=by,
            role=role,
            external_id=external_id,
        )

    @classmethod
    def without_a_note(cls, user: User) -> list[Visit]:
        """Visits of this person, held or past for two days to two weeks, of which nobody has kept a note.

        Those for which they were asked for one already are left out.
        """
        day, now = today(), clocks.now()
        kept = Entry.objects.standing().filter(account=OuterRef("account"), kind__in=Entry.KEPT_BY_HAND)
        past = Q(closed_at=None, due__lte=day - NOTE_AFTER, due__gte=day - NOTE_UNTIL - ONE_DAY)
        held = Q(outcome=cls.Outcome.HELD, closed_at__gte=now - NOTE_UNTIL - ONE_DAY)
        visits: models.QuerySet[Any] = (
            cls.objects.filter(past | held, kind=cls.Kind.VISIT, holder=user, note_asked_on=None)
            .select_related("account")
            .annotate(last_note_at=Subquery(kept.order_by("-at").values("at")[:1]))
            .order_by("due", "pk")
        )
        return [visit for visit in visits if visit.wants_a_note(day, visit.last_note_at)]

    @property
    def took_place_on(self) -> date | None:
        """The day of a visit: of a meeting the one it was planned for, else the one on which it was held, or is due."""
        held_on = self.account.day(self.closed_at) if self.closed_at else None
        if held_on is None or self.due is None:
            return held_on or self.due
        return min(self.due, held_on) if self.starts_at else held_on

    def wants_a_note(self, day: date, last_note_at: datetime | None) -> bool:
        """Two days after a visit: whether no note was kept on the account since the day of it."""
        on = self.took_place_on
        if on is None or not NOTE_AFTER <= day - on <= NOTE_UNTIL:
            return False
        since = min(on, max(self.due or on, on - SAID_AFTERWARDS))
        return last_note_at is None or self.account.day(last_note_at) < since
