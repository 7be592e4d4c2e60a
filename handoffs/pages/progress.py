"""How far the accounts of a transition are, counted in the query that reads it."""

from __future__ import annotations

from typing import TypeVar

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from handoffs.models import Handoff, Move
from handoffs.models.transition_sets import TransitionQuerySet

M = TypeVar("M", bound=models.Model)


def with_progress(transitions: TransitionQuerySet) -> TransitionQuerySet:
    """Adds how many `accounts` and `handovers` there are; of these the `accepted`, `still_open`, `unopened` and
    `refused`."""

    def count(rows: models.QuerySet[M], of: str = "pk") -> Coalesce:
        some = rows.filter(transition=OuterRef("pk")).order_by().values("transition")
        return Coalesce(Subquery(some.annotate(n=models.Count(of, distinct=True)).values("n")), 0)

    accepted = Q(accepted_at__isnull=False) | Q(overridden_at__isnull=False)
    return transitions.annotate(
        accounts=count(Move.objects.filter(refused_because=""), "account"),
        handovers=count(Move.objects.filter(refused_because="")),
        accepted=count(Handoff.objects.filter(accepted, cancelled_at=None, taken_back_at=None)),
        still_open=count(Handoff.objects.open()),
        unopened=count(Move.objects.waiting()),
        refused=count(Move.objects.exclude(refused_because="")),
    )


def unfinished(transitions: TransitionQuerySet) -> TransitionQuerySet:
    """Being planned, or with an account still to change hands, or somebody still to leave or return.

    Wants `with_progress`.
    """
    waits = Q(ended_at=None, kind__in=["departure", "leave"])
    return transitions.filter(
        waits | Q(started_at=None) | Q(still_open__gt=0) | Q(unopened__gt=0),
        undone_at=None,
        cancelled_at=None,
    )
