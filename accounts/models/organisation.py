from __future__ import annotations

import uuid
import zoneinfo
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from accounts.rules import clocks

from .fields import LineField

#: Asked for once: each time Python looks through all the files of its time zones.
TIME_ZONES = zoneinfo.available_timezones()


def validate_time_zone(name: str) -> None:
    if name not in TIME_ZONES:
        raise ValidationError(f"“{name}” is not a time zone we know. Write it like Europe/Berlin.")


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of this name, or UTC when nobody knows it: one account's mistake stops no other's clock."""
    return zoneinfo.ZoneInfo(name if name in TIME_ZONES else "UTC")


class Organisation(models.Model):
    """The one vendor this site belongs to. A single row."""

    name = LineField(max_length=200)
    time_zone = LineField(max_length=64, default="UTC", validators=[validate_time_zone])
    last_resort = models.ForeignKey(
        "accounts.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Approves when nobody else can, and receives what nobody else can hold.",
    )

    #: What goes out from here carries a sign of it, and is known again by that.
    uuid = models.UUIDField(default=uuid.uuid4, editable=False)

    never_deleted = True

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="organisation_is_one")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.pk = 1
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # passed on as given

    @property
    def house(self) -> str:
        """The sign of this house on what went out from it."""
        return self.uuid.hex[:8]

    @classmethod
    def get(cls) -> Organisation:
        return cls.objects.select_related("last_resort").get_or_create(
            pk=1, defaults={"name": "Our company"}
        )[0]


def today(at: datetime | None = None) -> date:
    """The organisation's calendar day, at an instant (default: now)."""
    zone = Organisation.objects.values_list("time_zone", flat=True).first() or "UTC"
    return timezone.localtime(at or clocks.now(), zoneinfo.ZoneInfo(zone)).date()


class ThisDay(models.Func):
    """The organisation's calendar day (`today()`), found by the database in the query that asks for it."""

    template = """(%(expressions)s AT TIME ZONE
        coalesce((SELECT time_zone FROM accounts_organisation LIMIT 1), 'UTC'))::date"""
    output_field = models.DateField()

    def __init__(self) -> None:
        super().__init__(models.Value(clocks.now(), output_field=models.DateTimeField()))
