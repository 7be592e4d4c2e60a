from __future__ import annotations

from django.db import models

from accounts.models import Coverage, Deal, User, today, verb
from accounts.models.base import database_now, save_columns


class HoldoutQuerySet(models.QuerySet["Holdout"]):
    def current(self) -> HoldoutQuerySet:
        return self.filter(ended_at=None, deal__isnull=False, until__gt=today(), deal__closed_at=None)

    def expired(self) -> HoldoutQuerySet:
        return self.filter(ended_at=None, until__lte=today())


class Holdout(models.Model):
    """One account, or one of its deals, that stays with the outgoing person until a date."""

    handoff = models.ForeignKey("handoffs.Handoff", on_delete=models.PROTECT, related_name="holdouts")
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, null=True, blank=True, related_name="holdouts")
    until = models.DateField()
    because = models.CharField(max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    columns_that_change = ("ended_at",)
    objects = HoldoutQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.deal or self.handoff.account} until {self.until:%-d %B %Y}"

    @verb
    def end(self) -> None:
        """Its date has come: a deal goes to the account's owner; the back-up ends with its last deal."""
        self.refresh_from_db(from_queryset=Holdout.objects.select_for_update(of=("self",)))
        if self.ended_at:
            return
        save_columns(self, ended_at=database_now())
        handoff = self.handoff
        if self.deal_id and handoff.moved_at:
            owner = handoff.account.owner
            Deal.objects.open().filter(pk=self.deal_id, role=Coverage.Role.BACK_UP).update(
                role=Coverage.Role.OWNER, holder=owner
            )
            handoff.end_back_up()
