from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.rules.working_hours import working_days

from .base import AccountRows, database_now, refuse_if, save_columns, verb
from .coverage import Coverage
from .obligations import Obligation
from .users import User

if TYPE_CHECKING:
    from .accounts import Account


class CadenceQuerySet(AccountRows["Cadence"]):
    def current(self) -> CadenceQuerySet:
        return self.filter(ended_at=None)


class Cadence(models.Model):
    """How often somebody in a role visits an account. It belongs to the role: whoever has it next goes on with it."""

    ROLES = [(role.value, role.label) for role in Coverage.HOLDING_ROLES]

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="cadences")
    role = models.CharField(max_length=8, choices=ROLES)
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
