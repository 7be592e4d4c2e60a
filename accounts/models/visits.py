from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import OuterRef, Q, Subquery

from accounts.rules import clocks
from accounts.rules.lateness import working_days

from .base import AccountRows, database_now, refuse_if, save_columns, verb
from .coverage import Coverage
from .entries import Entry
from .fields import LineField
from .obligations import Obligation
from .organisation import today
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
        role = next((role.value for role in Coverage.HOLDING_ROLES if role in roles), "")
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
        kept = Entry.objects.not_retracted().filter(account=OuterRef("account"), kind__in=Entry.KEPT_BY_HAND)
        past = Q(closed_at=None, due__lte=day - NOTE_AFTER, due__gte=day - NOTE_UNTIL - ONE_DAY)
        held = Q(outcome=cls.Outcome.HELD, closed_at__gte=now - NOTE_UNTIL - ONE_DAY)
        seen = cls.objects.visible_to(
            user
        )  # one that was held stays theirs, though they may have lost the account
        visits: models.QuerySet[Any] = (
            seen.filter(past | held, kind=cls.Kind.VISIT, holder=user, note_asked_on=None)
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


class CadenceQuerySet(AccountRows["Cadence"]):
    def current(self) -> CadenceQuerySet:
        return self.filter(ended_at=None)


class Cadence(models.Model):
    """How often somebody in a role visits an account. It belongs to the role: whoever has it next goes on with it."""

    ROLES = [(role.value, role.label) for role in Coverage.HOLDING_ROLES]

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="cadences")
    role = LineField(max_length=8, choices=ROLES)
    every_days = models.PositiveSmallIntegerField("every so many days")
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    columns_that_change = ("every_days", "set_at", "set_by_id", "ended_at", "ended_by_id")
    objects = CadenceQuerySet.as_manager()

    class Meta:
        ordering = ["account", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role"], condition=Q(ended_at=None), name="cadence_one_per_role"
            ),
            models.CheckConstraint(name="cadence_takes_days", condition=Q(every_days__gte=1)),
            models.CheckConstraint(
                name="cadence_ended_by_somebody",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        days = "every day" if self.every_days == 1 else f"every {self.every_days} days"
        return f"{self.get_role_display()}: {days}"

    @classmethod
    @verb
    def keep_to(cls, /, account: Account, role: str, every_days: int, *, by: User) -> Cadence:
        """From now on somebody in this role visits every so many days. The first visit is owed at once."""
        account.lock()
        refuse_if(
            f"{account} is closed." if account.closed_at else None,
            "Choose one of the roles that serve." if role not in Coverage.HOLDING_ROLES else None,
            "Say after how many days, at least one." if every_days < 1 else None,
        )
        cadence = cls.objects.current().filter(account=account, role=role).first()
        if cadence is None:
            cadence = cls.objects.create(
                account=account, role=role, every_days=every_days, set_at=database_now(), set_by=by
            )
        else:
            save_columns(cadence, every_days=every_days, set_at=database_now(), set_by=by)
        cadence.plan_next(by=by)
        return cadence

    @verb
    def stop(self, *, by: User) -> None:
        """No more visits of this kind; the one that is still owed is dropped, openly."""
        self.refresh_from_db(from_queryset=Cadence.objects.select_for_update(of=("self",)))
        refuse_if("It has already been stopped." if self.ended_at else None)
        save_columns(self, ended_at=database_now(), ended_by=by)
        for visit in self.visits.open():
            visit.drop(by=by, because="The visits were stopped.")

    def plan_next(self, *, by: User) -> Obligation | None:
        """Owe the next visit, unless one is owed or the visits were stopped."""
        home = self.account.merged_into or self.account
        if self.ended_at or home.closed_at or self.visits.open().exists():
            return None
        row = (
            home.coverage.current().filter(role=self.role).select_related("person").first()
            or home.owner_coverage
        )
        assert row is not None  # an open account has an owner
        return Obligation.owe(
            home,
            Obligation.Kind.VISIT,
            f"Visit {home} ({self.get_role_display().lower()})",
            by=by,
            due=self.due_after(home.day()),
            holder=row.person,
            role=row.role,
            cadence=self,
        )

    def due_after(self, day: date) -> date:
        """So many days later, or the first day after that on which they work."""
        return next(working_days(day + timedelta(days=self.every_days), self.account.country))
