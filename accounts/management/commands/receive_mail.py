"""For the mail server: take one message that came for REPLIES_TO."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand, CommandError

from accounts.mail.inbound import Unanswered, receive
from accounts.mail.reading import LARGEST
from accounts.models import HeldMail, Refused

# As in sysexits.h. With the first the mail server sends the message back, with what is said here; with the second it
# keeps it, and hands it over again later.
DATA_ERROR, TRY_AGAIN = 65, 75


class Command(BaseCommand):
    help = "Reads a message from standard input and keeps it on the account whose letter it answers."

    def handle(self, *args: object, **options: object) -> None:
        raw = sys.stdin.buffer.read(LARGEST + 1)
        while sys.stdin.buffer.read(LARGEST):
            pass  # too large: the mail server waits until somebody has read it all
        try:
            kept = receive(raw)
        except Unanswered as refusal:
            self.stdout.write(f"Not kept: {' '.join(refusal.messages)}")
        except Refused as refusal:
            raise CommandError(" ".join(refusal.messages), returncode=DATA_ERROR) from refusal
        except (
            Exception
        ) as error:  # the database is away, or nobody thought of this: it is not the sender's fault
            sentence = f"The message cannot be taken at this moment ({type(error).__name__})."
            raise CommandError(sentence, returncode=TRY_AGAIN) from error
        else:
            if isinstance(kept, HeldMail):
                self.stdout.write(f"Held for a person to look at: {kept.because}")
            else:
                self.stdout.write(f"Kept on {kept.account}.")
