"""Background work of memory: letters and the digest."""

from __future__ import annotations

import logging

from config.celery import app

from .digests import write_digest
from .models import Letter, User

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
def send_digests() -> None:
    """One digest for each colleague and day, written once however often this runs."""
    for user in User.objects.active().staff():
        write_digest(user)
