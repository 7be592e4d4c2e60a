from __future__ import annotations

import logging
import re
from datetime import date, datetime, timedelta
from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q

from config.celery import queue

from .base import alone, database_now, refuse_if, require, require_words, save_columns, verb
from .fields import AddressField, LineField, WordsField
from .mail_server import MailServerAway, connected, in_header, is_away, mailbox, reason
from .users import User

if TYPE_CHECKING:
    from .accounts import Account
    from .obligations import Obligation

logger = logging.getLogger(__name__)
MESSAGE_ID = re.compile(r"<letter\.([\w.-]{1,200}?)@")
SIGNER = Signer(salt="letter", sep=".")
PAUSES = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
    timedelta(days=1),
]
"""So long a letter that could not be sent waits, each time longer. After the last it waits for a person."""
LEASE = timedelta(minutes=15)
"""So long a letter is one worker's alone: longer than a task may run, so that no two ever send it at once."""
UNKNOWN = "The worker was stopped before it was known what became of it."


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
            for letter in self.due().select_related("to", "signed_by"):
                with alone(f"Letter {letter.pk}", unless=MailServerAway):
                    sent += letter.send()
        except MailServerAway as away:
            logger.warning("The mail server is away, and all letters wait: %s", away)
        return sent

    def named_in(self, references: str) -> LetterQuerySet:
        """The letter whose Message-ID stands last in these headers; none where no signature of them is ours."""
        for signed in reversed(MESSAGE_ID.findall(references)):
            try:
                return self.filter(pk=SIGNER.unsign(signed))
            except BadSignature:
                continue
        return self.none()


class Letter(models.Model):
    """A message on its way: written in the transaction of what it tells, sent afterwards and outside of any.

    It waits until `next_try_at`; then a worker claims it, and it is sent, or fails and waits longer. Whatever ends
    without a word (a worker that is killed) counts as failed, and the next try has the same Message-ID.
    Every letter comes from a named person, and an answer goes to that person (law 8).
    """

    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="letters")
    address = AddressField(
        blank=True, default="", db_default="", help_text="Where it goes, if not to their address of that day."
    )
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="letters"
    )
    subject = LineField(max_length=200)
    text = WordsField()
    written_at = models.DateTimeField()
    digest_on = models.DateField(null=True, blank=True, help_text="This letter is that day's digest.")
    next_try_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it is not tried by itself.")
    claimed_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then a worker has it in hand."
    )
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    failed_because = LineField(max_length=500, blank=True, default="", db_default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    given_up_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Nobody: it was given up by itself.",
    )
    given_up_because = LineField(max_length=500, blank=True, default="", db_default="")

    columns_that_change = (
        "next_try_at", "claimed_until", "tries", "failed_because", "sent_at",
        "given_up_at", "given_up_by_id", "given_up_because",
    )  # fmt: skip
    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="letter_waits"),
            models.Index(fields=["id"], condition=Q(sent_at=None), name="letter_unsent"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["to", "digest_on"], name="letter_one_digest_a_day"),
            models.CheckConstraint(
                name="letter_ends_once",
                condition=Q(sent_at=None, given_up_at=None)
                | Q(Q(sent_at=None) | Q(given_up_at=None), next_try_at=None),
                violation_error_message="A letter is sent or given up, and then no longer tried.",
            ),
            models.CheckConstraint(
                name="letter_is_given_up_for_a_reason",
                condition=Q(given_up_at=None, given_up_because="", given_up_by=None)
                | Q(given_up_at__isnull=False) & ~Q(given_up_because=""),
                violation_error_message="Say why this letter is given up.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} (to {self.to})"

    @classmethod
    @verb
    def write(
        cls,
        /,
        to: User,
        *,
        signed_by: User,
        subject: str,
        text: str,
        account: Account | None = None,
        digest_on: date | None = None,
        address: str = "",
    ) -> Letter:
        """Put a letter in the outbox and tell the worker once it is committed."""
        now = database_now()
        letter = cls.objects.create(
            to=to,
            address=address,
            signed_by=signed_by,
            account=account,
            digest_on=digest_on,
            subject=require_words(subject, "A letter needs a subject.")[:200],
            text=require_words(text, "A letter needs words."),
            written_at=now,
            next_try_at=now,
        )
        queue("accounts.tasks.send_letters")
        return letter

    @classmethod
    def write_about(cls, owed: Obligation, to: User, *, subject: str, because: str, by: User) -> Letter:
        """Tell a colleague of something that we owe, and who holds it."""
        words = f"{because}\n\n{owed.get_kind_display()}: “{owed.text}”\n{owed.holder} holds it."
        return cls.write(to, signed_by=by, account=owed.account, subject=subject, text=words)

    # Sending: each step commits before the next, so that no row is locked while the mail server takes its time

    def send(self) -> bool:
        """Send it, unless somebody has or is doing so. A failure stays on the letter; False then.

        1. Claim the letter. 2. Give it to the mail server. 3. Note what became of it.
        Raises `MailServerAway`; that leaves the letter as it was.
        """
        before = (self.tries, self.failed_because, self.next_try_at)
        if not self.claim():
            return False
        if not (self.to.may_come_in or self.address):
            self.note(*before)
            self.give_up_for(f"{self.to} has no access any more.")
            return False
        try:
            self.give_to_server()
        except MailServerAway:
            self.note(*before)
            raise
        except Exception as error:
            self.note(self.tries, reason(error)[:500], self.next_try_at)
            logger.warning("Letter %s could not be sent: %s", self.pk, self.failed_because)
            return False
        Letter.objects.filter(pk=self.pk, sent_at=None, given_up_at=None).update(
            sent_at=database_now(), next_try_at=None, claimed_until=None, failed_because=""
        )
        return True

    def give_to_server(self) -> None:
        """Raises `MailServerAway` when there is none, and anything else when it is the letter's fault."""
        with connected() as server:
            try:
                if not self.as_mail(server).send():
                    raise ValueError(
                        f"“{self.address or self.to.email}” is no address that a mail can be sent to."
                    )
            except Exception as error:
                if is_away(error, server):
                    raise MailServerAway(str(error)) from error
                raise

    def claim(self) -> bool:
        """Have it in hand, alone, for a while; False when another worker was quicker.

        Until more is known the try has failed: a worker that is killed leaves the letter like that.
        """
        now = database_now()
        pause = PAUSES[self.tries] if self.tries < len(PAUSES) else None
        claimed = {
            "claimed_until": now + LEASE,
            "tries": self.tries + 1,
            "failed_because": UNKNOWN,
            "next_try_at": now + pause if pause else None,
        }
        if not Letter.objects.due().filter(pk=self.pk, tries=self.tries).update(**claimed):
            return False
        for name, value in claimed.items():
            setattr(self, name, value)
        return True

    def note(self, tries: int, failed_because: str, next_try_at: datetime | None) -> None:
        """Put it back with its tries, the reason and when its next turn is, if it is still ours to put back."""
        self.tries, self.failed_because, self.next_try_at = tries, failed_because, next_try_at
        mine = Letter.objects.filter(pk=self.pk, sent_at=None, claimed_until=self.claimed_until)
        mine.update(claimed_until=None, tries=tries, failed_because=failed_because, next_try_at=next_try_at)

    def as_mail(self, server: BaseEmailBackend | None = None) -> EmailMessage:
        """The mail: our address with the signer's name, and the signer to answer to.

        A customer's answer also goes to `REPLIES_TO`, if there is one, and from there on the account's thread.
        Whatever a row holds, its headers are lines that a mail may have. Nobody to send it to is an empty `to`.
        """
        ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
        # <letter.17.signature@domain>: signed, so that nobody can guess one
        message_id = f"<letter.{SIGNER.sign(str(self.pk))}@{ours.rpartition('@')[2]}>"
        thread = settings.REPLIES_TO if self.to.is_customer else ""
        answers = list(filter(None, [mailbox(self.signed_by.name, self.signed_by.email), thread]))
        return EmailMessage(
            subject=in_header(self.subject),
            body=f"{self.text}\n\n{self.signed_by}\n{self.signed_by.title}".rstrip() + "\n",
            from_email=formataddr((in_header(self.signed_by.name), ours)),
            to=list(filter(None, [mailbox(self.to.name, self.address or self.to.email)])),
            reply_to=answers,
            headers={"Message-ID": message_id},
            connection=server,
        )

    # What operations do with one that cannot be sent

    @verb
    def try_again(self, *, by: User) -> None:
        """Try it now: what stood in the way is put right."""
        self.lock(by)
        save_columns(self, next_try_at=database_now())
        queue("accounts.tasks.send_letters")

    @verb
    def give_up(self, *, by: User, because: str) -> None:
        """Try it no more: they are told another way, or need not be told."""
        because = require_words(because, "Say why this letter is given up.")
        self.lock(by)
        self.give_up_for(because, by=by)

    def give_up_for(self, because: str, *, by: User | None = None) -> None:
        save_columns(
            self,
            given_up_at=database_now(),
            given_up_by=by,
            given_up_because=because[:500],
            next_try_at=None,
            claimed_until=None,
        )

    def lock(self, by: User) -> None:
        """Hold it, for somebody of operations to decide on it."""
        require(by.is_operations)
        self.refresh_from_db(from_queryset=Letter.objects.select_for_update(of=("self",)))
        refuse_if(
            "This letter has been sent meanwhile." if self.sent_at else None,
            "This letter was given up." if self.given_up_at else None,
            "This letter is being sent at this moment. Look again in a few minutes."
            if self.claimed_until and self.claimed_until > database_now()
            else None,
        )
