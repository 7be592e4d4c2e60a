"""Somebody leaves us, in two acts: their access ends at once; then what they hold passes to their manager."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from accounts.rules import clocks
from config.celery import queue

from .base import Refused, database_now, save_columns, verb
from .fields import LineField
from .users import User

#: A person with no more places on accounts than this leaves within the request; a larger book moves behind it.
SMALL = 200
#: The pause before the second try; each later one is twice as long as the one before.
PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
OUR_FAULT = "Something went wrong on our side, and has been logged."

logger = logging.getLogger(__name__)


def after_a_pause() -> datetime:
    return clocks.now() + PAUSE


class OffboardingQuerySet(models.QuerySet["Offboarding"]):
    def unfinished(self) -> OffboardingQuerySet:
        return self.filter(finished_at=None)

    def due(self) -> OffboardingQuerySet:
        """Whose book is to be moved, or moved again, by now: it failed, or its message or worker was lost."""
        return self.unfinished().filter(next_try_at__lte=clocks.now())


class Offboarding(models.Model):
    """Why and when somebody's access ended, and whether what they held has passed on. Survives whatever fails."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="offboardings")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    because = LineField(max_length=500)
    started_at = models.DateTimeField(help_text="Their access ended.")
    tries = models.PositiveSmallIntegerField(default=0, help_text="How often moving the book has failed.")
    failed_because = LineField(max_length=500, blank=True)
    next_try_at = models.DateTimeField(default=after_a_pause)
    finished_at = models.DateTimeField(null=True, blank=True, help_text="All they held has passed on.")

    never_deleted = True
    columns_that_change = ("tries", "failed_because", "next_try_at", "finished_at")
    objects = OffboardingQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(finished_at=None),
                name="offboarding_one_for_a_person",
                violation_error_message="Somebody else has just ended this person's access.",
            ),
            models.CheckConstraint(name="offboarding_says_why", condition=~Q(because="")),
        ]

    def __str__(self) -> str:
        return f"{self.person} leaves"

    def begin(self) -> None:
        """A small book moves now, a large one in the background."""
        if self.person.holdings()[SMALL:].exists():
            queue("accounts.tasks.move_book", self.pk)
        else:
            self.run()

    def run(self) -> None:
        """Move the book. What fails is written down and tried again; the person stays out. Safe to run twice."""
        try:
            self.move_book()
        except Refused as refusal:
            self._note_failure(" ".join(refusal.messages))
        except Exception:
            logger.exception("%s", self)
            self._note_failure(OUR_FAULT)

    @verb
    def move_book(self) -> None:
        """The second act: what they hold passes on, and they are deactivated."""
        self._lock()
        if not self.finished_at:
            self.person.end_service(by=self.by, because=self.because)
            save_columns(self, finished_at=database_now(), failed_because="")

    @verb
    def _note_failure(self, because: str) -> None:
        self._lock()
        if not self.finished_at:
            pause = min(PAUSE * 2 ** min(self.tries, 10), LONGEST_PAUSE)
            save_columns(
                self, tries=self.tries + 1, failed_because=because[:500], next_try_at=database_now() + pause
            )

    def _lock(self) -> None:
        """The person is locked first, as by whoever ends their access or lets them in again."""
        User.objects.select_for_update().get(pk=self.person_id)
        self.refresh_from_db()
