"""Background work, one line each: an id in, a verb inside. What a date brings is looked at often and done once."""

from __future__ import annotations

from django.db import transaction

from accounts.models import Account, Letter, today
from accounts.models.base import alone, each
from config.celery import app

from .models import Handoff, Holdout, JobRun, Notification, Transition
from .models.blockers import start_blockers
from .models.memory_items import follow_all
from .models.shown_people import settle_held_letters


@app.task
def open_handoffs(job_id: int) -> None:
    """Open a transition's handoffs, chunk by chunk."""
    JobRun.objects.get(pk=job_id).run()


@app.task
def resume_jobs() -> None:
    """Take up the work whose message or worker was lost."""
    for job_id in JobRun.objects.stalled().values_list("pk", flat=True):
        with alone(f"Job {job_id}"):
            open_handoffs.delay(job_id)


@app.task
def follow_memory() -> None:
    """Add to the checklists that are open what was found since."""
    follow_all(Handoff.objects.open())


@app.task
def run_due_changes() -> None:
    """Do whatever today's date brings. Each act checks its own conditions again, so running twice does it once.

    Neither one row nor one kind of change keeps the day from the others.
    """
    for change in CHANGES:
        with alone(change.__name__):
            change()


def begin_reorgs() -> None:
    """Start the approved reorganisations whose date has come."""
    ready = Transition.objects.under_way().filter(
        kind=Transition.Kind.REORG, submitted_at__isnull=False, started_at=None, access_on__lte=today()
    )
    each(ready.select_related("submitted_by"), begin)


def begin(reorg: Transition) -> None:
    if not start_blockers(reorg) and reorg.submitted_by:
        reorg.start(by=reorg.submitted_by)


def give_access() -> None:
    """Let the incoming people read: all at once, and where one stands in the way, each by themselves."""
    with alone("All who may read in today"):
        with transaction.atomic():
            Handoff.objects.give_access()
        return
    due = Handoff.objects.open().filter(access_on__lte=today(), access_at=None)
    each(due, lambda handoff: Handoff.objects.filter(pk=handoff.pk).give_access())


def end_holdouts() -> None:
    each(Holdout.objects.expired(), Holdout.end)


def hand_over() -> None:
    accepted = Handoff.objects.open().filter(accepted_at__isnull=False, accountable_on__lte=today())
    each(accepted, Handoff.becomes_accountable)


def let_go() -> None:
    leaving = Transition.objects.under_way().filter(kind="departure", last_day__lt=today())
    for departure in leaving:
        with alone(departure):  # and in no transaction: access has ended, whatever becomes of the book
            departure.person_leaves()


def begin_leaves() -> None:
    going = Transition.objects.under_way().filter(kind="leave", accountable_on__lte=today())
    each(going, Transition.leave_begins)


def end_leaves() -> None:
    back = Transition.objects.under_way().filter(kind="leave", return_on__lte=today())
    each(back, Transition.person_returns)


def announce() -> None:
    each(Handoff.objects.to_announce(), Handoff.announce)


def note_who_was_told() -> None:
    """Letters that were sent while nobody could note it: who stopped in between is made up for."""
    sent = Letter.objects.filter(announces__isnull=False, sent_at__isnull=False, told=None)
    each(sent.filter(announces__handoff__announced_at=None), Notification.of_letter)


def settle_letters() -> None:
    """What waited for an announcement, and found nobody to let it go."""
    each(Account.objects.filter(letters__in=Letter.objects.held()).distinct(), settle_held_letters)


def end_back_ups() -> None:
    over = Handoff.objects.with_back_up().filter(back_up_until__lte=today())
    each(over, Handoff.end_back_up)


#: In this order: who is to read comes before who is to answer, and who answers before the customer is told.
CHANGES = (
    begin_reorgs, give_access, end_holdouts, hand_over, let_go, begin_leaves, end_leaves, announce, note_who_was_told,
    settle_letters, end_back_ups,
)  # fmt: skip
