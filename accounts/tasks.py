"""Background work of memory: letters and the digest."""

from __future__ import annotations

import logging

from django.db import DatabaseError

from config.celery import app

from .mail.digests import write_digest
from .models import Ask, Letter, Submission, User
from .models.deadlines import break_promises, escalate_questions, lapse_answers, plan_care

logger = logging.getLogger(__name__)


@app.task
def send_letters() -> None:
    """Send whatever waits in the outbox; one that cannot be sent now stays for the next time."""
    for letter in Letter.objects.unsent():
        try:
            letter.send()
        except OSError:  # SMTP's errors are OSErrors
            logger.exception("Letter %s could not be sent", letter.pk)


@app.task
def sweep() -> None:
    """What a date or a clock does to the ledger by itself. Each runs whatever became of the others."""
    for act in (break_promises, escalate_questions, lapse_answers, plan_care, Ask.put_due):
        try:
            act()
        except DatabaseError:  # such as a deadlock with somebody at work: the next time does it
            logger.exception("%s", act.__name__)
    send_letters()


@app.task
def forget_submissions() -> None:
    """Nobody sends a form again that is some days old."""
    Submission.objects.old().delete()


@app.task
def send_digests() -> None:
    """One digest for each colleague and day, written once however often this runs."""
    for user in User.objects.active().staff():
        write_digest(user)
