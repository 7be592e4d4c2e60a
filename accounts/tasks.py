"""Background work of memory: letters and the digest."""

from __future__ import annotations

from config.celery import app

from .exporting import carrying_out
from .mail.digests import write_digest
from .models import Ask, EntryReading, Export, Letter, Offboarding, Session, SignInAttempt, Submission, User
from .models.base import alone, each
from .models.deadlines import break_promises, escalate_questions, lapse_answers, plan_care


@app.task
def send_letters() -> None:
    """Send whatever waits in the outbox; one that cannot be sent now stays for the next time."""
    Letter.objects.send()


@app.task
def read_entries() -> None:
    """Find what must not be lost in whatever was written or brought in since the last time."""
    EntryReading.read_all()


@app.task
def sweep() -> None:
    """What a date or a clock does to the ledger by itself. Each runs whatever became of the others."""
    for act in (break_promises, escalate_questions, lapse_answers, plan_care, Ask.put_due):
        with alone(act.__name__):
            act()
    send_letters()


@app.task
def forget_submissions() -> None:
    """Nobody sends a form again that is some days old."""
    Submission.objects.old().delete()


@app.task
def clear_sign_ins() -> None:
    """Throw away the sessions that have ended, and the attempts to sign in that count no longer."""
    Session.clear_ended()
    SignInAttempt.forget()


@app.task
def move_book(offboarding_id: int) -> None:
    """Pass on what somebody held whose access has ended."""
    Offboarding.objects.get(pk=offboarding_id).run()


@app.task
def move_books() -> None:
    """Try again what failed, and take up the work whose message or worker was lost."""
    for offboarding in Offboarding.objects.due():
        with alone(offboarding):
            offboarding.run()


@app.task
def make_export(export_id: int) -> None:
    """Make the file that somebody wants to take along."""
    carrying_out.make(Export.objects.get(pk=export_id))


@app.task
def resume_exports() -> None:
    """Take up the exports whose message or worker was lost."""
    for export in Export.objects.stalled():
        with alone(export):
            carrying_out.resume(export)


@app.task
def forget_exports() -> None:
    """Delete the files that nobody may download any more."""
    Export.objects.forget_files()


@app.task
def send_digests() -> None:
    """One digest for each colleague and day, written once however often this runs."""
    each(User.objects.active().staff(), write_digest)
