from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User

from .moves import Move

if TYPE_CHECKING:
    from .transitions import Transition  # noqa: F401 (the name inside QuerySet[…] below)


class TransitionQuerySet(models.QuerySet["Transition"]):
    def visible_to(self, user: User) -> TransitionQuerySet:
        """Those one opened, is the subject of, or whose moves touch one's people."""
        if user.is_operations:
            return self
        if user.is_customer:
            return self.none()
        if not user.is_manager:
            return self.filter(Q(person=user) | Q(opened_by=user))
        team = user.team_ids()
        touched = Move.objects.filter(transition=OuterRef("pk")).filter(
            Q(outgoing__in=team) | Q(incoming__in=team)
        )
        return self.filter(Q(opened_by=user) | Q(person__in=team) | Exists(touched))

    def under_way(self) -> TransitionQuerySet:
        return self.filter(undone_at=None, cancelled_at=None, ended_at=None)

    def waiting_for_approval(self) -> TransitionQuerySet:
        return self.filter(submitted_at__isnull=False, started_at=None, undone_at=None, cancelled_at=None)

    def with_progress(self) -> TransitionQuerySet:
        """Adds how many `accounts` and `handovers` there are; of these the `accepted`, `still_open`, `unopened` and
        `refused`."""
        from .handoff import Handoff

        def count(rows: models.QuerySet[Any], of: str = "pk") -> Coalesce:
            some = rows.filter(transition=OuterRef("pk")).order_by().values("transition")
            return Coalesce(Subquery(some.annotate(n=models.Count(of, distinct=True)).values("n")), 0)

        accepted = Q(accepted_at__isnull=False) | Q(overridden_at__isnull=False)
        return self.annotate(
            accounts=count(Move.objects.filter(refused_because=""), "account"),
            handovers=count(Move.objects.filter(refused_because="")),
            accepted=count(Handoff.objects.filter(accepted, cancelled_at=None, taken_back_at=None)),
            still_open=count(Handoff.objects.open()),
            unopened=count(Move.objects.waiting()),
            refused=count(Move.objects.exclude(refused_because="")),
        )

    def unfinished(self) -> TransitionQuerySet:
        """Being planned, or with an account still to change hands, or somebody still to leave or return.

        Wants `with_progress`.
        """
        waits = Q(ended_at=None, kind__in=["departure", "leave"])
        return self.filter(
            waits | Q(started_at=None) | Q(still_open__gt=0) | Q(unopened__gt=0),
            undone_at=None,
            cancelled_at=None,
        )
