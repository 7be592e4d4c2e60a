"""For the mail server: take one message that came for REPLIES_TO."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand, CommandError

from accounts.mail.inbound import receive
from accounts.models import Refused

DATA_ERROR = 65  # as in sysexits.h: the mail server sends it back, with what is said here


class Command(BaseCommand):
    help = "Reads a message from standard input and keeps it on the account whose letter it answers."

    def handle(self, *args: object, **options: object) -> None:
        try:
            entry = receive(sys.stdin.buffer.read())
        except Refused as refusal:
            raise CommandError(" ".join(refusal.messages), returncode=DATA_ERROR) from refusal
        self.stdout.write(f"Kept on {entry.account}.")
