"""Which letters there are to send, and which one an address or an answer names."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q

from .base import alone, database_now
from .mail_server import MailServerAway

if TYPE_CHECKING:
    from .letters import Letter  # noqa: F401  (named in the base below)

logger = logging.getLogger("accounts.models.letters")
MESSAGE_ID = re.compile(r"<letter\.([\w.-]{1,200}?)@")
SIGNER = Signer(salt="letter", sep=".")
#: Another than for the Message-ID: who has the address in a letter cannot answer in its name.
PAGE_SIGNER = Signer(salt="page of a letter", sep=".")


class LetterQuerySet(models.QuerySet["Letter"]):
    def unsent(self) -> LetterQuerySet:
        return self.filter(sent_at=None).order_by("pk")

    def due(self) -> LetterQuerySet:
        """Those whose time has come, and which no worker has in hand."""
        now = database_now()
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.filter(free, next_try_at__lte=now).order_by("pk")

    def failed(self) -> LetterQuerySet:
        """Those that could not be sent so far, and which nobody has given up."""
        in_hand = Q(claimed_until__gt=database_now())
        return self.unsent().filter(given_up_at=None).exclude(failed_because="").exclude(in_hand)

    def send(self) -> int:
        """Send those whose time has come. Returns how many were sent.

        One that cannot be sent keeps the reason and its own pause, and the others go.
        """
        sent = 0
        try:
            for letter in self.due().select_related("to", "contact", "signed_by"):
                with alone(f"Letter {letter.pk}", unless=MailServerAway):
                    sent += letter.send()
        except MailServerAway as away:
            logger.warning("The mail server is away, and all letters wait: %s", away)
        return sent

    def held(self) -> LetterQuerySet:
        """Those that wait until the customer may hear from whoever signs them."""
        return self.unsent().filter(given_up_at=None).exclude(held_because="")

    def of_page(self, signed: str) -> LetterQuerySet:
        """The letter whose address this is; none where the signature is not ours."""
        try:
            return self.filter(pk=PAGE_SIGNER.unsign(signed))
        except BadSignature:
            return self.none()

    def named_in(self, references: str) -> LetterQuerySet:
        """The letter whose Message-ID stands last in these headers; none where no signature of them is ours."""
        for signed in reversed(MESSAGE_ID.findall(references)):
            try:
                return self.filter(pk=SIGNER.unsign(signed))
            except BadSignature:
                continue
        return self.none()
