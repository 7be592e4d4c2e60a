"""How often a code may be asked for and guessed at, counted here for all processes of the site together.

Nobody can lock somebody else out: what is counted against an address alone counts strangers' browsers only, and a limit
is a wait. Whether anybody has the address makes no difference.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from accounts.rules import clocks

from .fields import LineField


class Limit(NamedTuple):
    """So many attempts within a time that agree in these columns."""

    columns: tuple[str, ...]
    attempts: int
    within: timedelta


TEN_MINUTES, AN_HOUR = timedelta(minutes=10), timedelta(hours=1)


class SignInAttempt(models.Model):
    """Somebody asked for a code, or typed one. Address and source are digests, and are kept for a day."""

    class Kind(models.TextChoices):
        ASKED = "asked", "Asked for a code"
        GUESSED = "guessed", "Typed a code"

    kind = LineField(max_length=8, choices=Kind.choices)
    address = LineField(max_length=40)
    source = LineField(max_length=40)
    at = models.DateTimeField()
    stranger = models.BooleanField(help_text="From a browser on which this address never signed in.")

    LIMITS = {
        Kind.ASKED: [
            Limit(("address", "source"), 4, TEN_MINUTES),
            Limit(("source",), 40, TEN_MINUTES),
            Limit(("address", "stranger"), 20, AN_HOUR),
        ],
        Kind.GUESSED: [
            Limit(("address", "source"), 12, TEN_MINUTES),
            Limit(("source",), 80, TEN_MINUTES),
            Limit(("address", "stranger"), 60, AN_HOUR),
        ],
    }

    class Meta:
        indexes = [models.Index(fields=["kind", "at"], name="sign_in_attempt_recent")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.at}"

    @classmethod
    def wait(cls, kind: Kind, *, address: str, source: str, known: bool) -> timedelta | None:
        """Write one more attempt down; or how long to wait first, and then nothing is written.

        `known`: the browser signed in with this address before, and `source` is that browser.
        """
        now = clocks.now()
        attempt = cls(
            kind=kind,
            address=digest(address.strip().casefold()),
            source=digest(source),
            stranger=not known,
            at=now,
        )
        with transaction.atomic():
            with connection.cursor() as cursor:  # one after the other, or many at once would all pass
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts_signinattempt'))")
            waits = [wait for limit in cls.LIMITS[kind] if (wait := attempt.wait_for(limit))]
            if waits:
                return max(waits)
            attempt.save()
        return None

    def wait_for(self, limit: Limit) -> timedelta | None:
        """Until the oldest of the attempts that fill this limit is old enough."""
        if "stranger" in limit.columns and not self.stranger:
            return None
        same = Q(**{column: getattr(self, column) for column in limit.columns})
        recent = SignInAttempt.objects.filter(same, kind=self.kind, at__gt=self.at - limit.within)
        times = list(recent.order_by("-at").values_list("at", flat=True)[: limit.attempts])
        return times[-1] + limit.within - self.at if len(times) == limit.attempts else None

    @classmethod
    def forget(cls) -> None:
        """Throw away what counts no longer."""
        cls.objects.filter(at__lt=clocks.now() - timedelta(days=1)).delete()


def digest(text: str) -> str:
    return salted_hmac("sign-in attempt", text).hexdigest()[:40]
