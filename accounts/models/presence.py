"""Until when a colleague is here: what every choice of a person has to know."""

from __future__ import annotations

from datetime import date

from django.db import models

from accounts.rules import clocks


class Presence(models.Model):
    """Whether somebody is here, and until when.

    PostgreSQL keeps the days in step with their open departure and leave (trigger `notice`).
    """

    is_active = models.BooleanField(default=True)
    access_ended_at = models.DateTimeField(
        null=True, blank=True, help_text="From then on no door opens, whoever still has what they held."
    )
    notice_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since then they are leaving, by an open departure."
    )
    leaves_on = models.DateField(null=True, blank=True, editable=False, help_text="Their last day.")
    away_from = models.DateField(null=True, blank=True, editable=False, help_text="First day of leave.")
    back_on = models.DateField(null=True, blank=True, editable=False, help_text="Back from leave.")

    class Meta:
        abstract = True

    @property
    def may_come_in(self) -> bool:
        """Asked at every door: whether this person may sign in, stay signed in, and get mail from us."""
        return self.is_active and self.access_ended_at is None

    def is_away_on(self, day: date) -> bool:
        return bool(self.away_from and self.back_on and self.away_from <= day < self.back_on)

    def stays_until(self, day: date | None) -> bool:
        """Whether they are here as long as that; for good, where no day is given."""
        return self.notice_at is None or bool(day and self.leaves_on and day <= self.leaves_on)

    def cannot_take_over(self, until: date | None = None) -> str:
        """Why they can be given no account (until that day, or for good), as the rest of a sentence; or nothing."""
        if not self.may_come_in:
            return "has left"
        return "" if self.stays_until(until) else self.absence

    @property
    def absence(self) -> str:
        """What whoever is about to choose them has to know, as the rest of a sentence; empty where there is nothing."""
        if self.leaves_on:
            return f"leaves on {self.leaves_on:%-d %B %Y}"
        if self.notice_at:
            return "is leaving"
        if self.away_from and self.back_on:
            return f"is on leave from {clocks.day_in_words(self.away_from)} to {self.back_on:%-d %B %Y}"
        return ""
