"""Background work, one line each: an id in, a verb inside. What a date brings is looked at often and done once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from django.db import transaction
from django.db.models import Model

from accounts.models import Refused, today
from config.celery import app

from .models import Handoff, Holdout, JobRun, Transition
from .models.blockers import start_blockers

M = TypeVar("M", bound=Model)
logger = logging.getLogger(__name__)


@app.task
def open_handoffs(job_id: int) -> None:
    """Open a transition's handoffs, chunk by chunk."""
    JobRun.objects.get(pk=job_id).run()


@app.task
def resume_jobs() -> None:
    """Take up the work whose message or worker was lost."""
    for job_id in JobRun.objects.stalled().values_list("pk", flat=True):
        open_handoffs.delay(job_id)


@app.task
def run_due_changes() -> None:
    """Do whatever today's date brings. Each act checks its own conditions again, so running twice does it once."""
    begin_reorgs()
    with transaction.atomic():
        Handoff.objects.give_access()
    each(Holdout.objects.expired(), Holdout.end)
    each(
        Handoff.objects.open().filter(accepted_at__isnull=False, accountable_on__lte=today()),
        Handoff.becomes_accountable,
    )
    each(
        Transition.objects.under_way().filter(kind="departure", last_day__lt=today()),
        Transition.person_leaves,
    )
    each(
        Transition.objects.under_way().filter(kind="leave", accountable_on__lte=today()),
        Transition.leave_begins,
    )
    each(
        Transition.objects.under_way().filter(kind="leave", return_on__lte=today()), Transition.person_returns
    )
    each(Handoff.objects.to_announce(), Handoff.announce)
    each(Handoff.objects.with_back_up().filter(back_up_until__lte=today()), Handoff.end_back_up)


def begin_reorgs() -> None:
    """Start the approved reorganisations whose date has come."""
    ready = Transition.objects.under_way().filter(
        kind=Transition.Kind.REORG, submitted_at__isnull=False, started_at=None, access_on__lte=today()
    )
    for transition in ready.select_related("submitted_by"):
        if not start_blockers(transition) and transition.submitted_by:
            each([transition], partial(Transition.start, by=transition.submitted_by))


def each(rows: Iterable[M], act: Callable[[M], object]) -> None:
    """Do something to every row in a transaction of its own; what is refused is logged and stays for next time.

    One row that fails must not keep the day from all the others.
    """
    for row in rows:
        try:
            act(row)
        except Refused as refusal:
            logger.info("%s %s: %s", type(row).__name__, row.pk, "; ".join(refusal.messages))
        except Exception:
            logger.exception("%s %s", type(row).__name__, row.pk)
