from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models
from django.db.models import Q
from django.urls import reverse

from config.celery import queue

from .base import alone, database_now, refuse_if, require, require_words, save_columns, verb
from .fields import AddressField, LineField, WordsField
from .letter_sets import PAGE_SIGNER, SIGNER, LetterQuerySet
from .mail_server import MailServerAway, connected, in_header, is_away, mailbox, reason
from .users import User

if TYPE_CHECKING:
    from .accounts import Account
    from .contacts import Contact
    from .obligations import Obligation

logger = logging.getLogger(__name__)
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

#: Why a letter to this account's people that this colleague signs may not go yet, in a sentence; empty when it may.
HOLDS: list[Callable[[Account, User], str]] = []
#: What is done once a letter was really sent. Other apps add theirs to both when they are ready.
WHEN_SENT: list[Callable[[Letter], object]] = []


def their_page(anchor: str = "") -> str:
    """The path of a customer's own page, or of a part of it: what a letter to them speaks of."""
    return reverse(settings.CUSTOMER_HOME) + (f"#{anchor}" if anchor else "")


class Letter(models.Model):
    """A message on its way: written in the transaction of what it tells, sent afterwards and outside of any.

    It waits until `next_try_at`; then a worker claims it, and it is sent, or fails and waits longer. Whatever ends
    without a word (a worker that is killed) counts as failed, and the next try has the same Message-ID.
    Every letter comes from a named person, and an answer goes to that person (law 8).
    """

    to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="letters")
    contact = models.ForeignKey(
        "accounts.Contact",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="letters",
        help_text="Whom it goes to, where they have no sign-in.",
    )
    address = AddressField(
        blank=True, default="", db_default="", help_text="Where it goes, if not to their address of that day."
    )
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="letters"
    )
    subject = LineField(max_length=200)
    text = WordsField()
    page = LineField(
        max_length=200, blank=True, default="", db_default="", help_text="The page that it speaks of."
    )
    held_because = LineField(
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="Why it may not go yet. Empty: it may.",
    )
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
        "next_try_at", "claimed_until", "tries", "failed_because", "held_because", "sent_at",
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
                name="letter_has_one_reader",
                condition=Q(to__isnull=False, contact=None) | Q(to=None, contact__isnull=False),
            ),
            models.CheckConstraint(
                name="letter_held_is_not_sent",
                condition=Q(held_because="") | Q(next_try_at=None, sent_at=None),
                violation_error_message="This letter waits until they may hear from whoever signs it.",
            ),
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
        return f"{self.subject} (to {self.reader})"

    @property
    def reader(self) -> User | Contact:
        reader = self.to or self.contact
        assert reader
        return reader

    @property
    def their_contact(self) -> Contact | None:
        """Whom at the customer it goes to; None when it goes to one of us."""
        return self.to.contact if self.to else self.contact

    @property
    def goes_to(self) -> str:
        """The address that it goes to."""
        return self.address or self.reader.email

    @property
    def stays_because(self) -> str:
        """Why nobody is there any more whom it could go to; empty when somebody is."""
        if self.contact:
            gone = self.contact.left_on or self.contact.erased_at
            return f"{self.contact} has left their company." if gone else ""
        return "" if self.address or self.reader_may_come_in else f"{self.to} has no access any more."

    @property
    def reader_may_come_in(self) -> bool:
        return bool(self.to and self.to.may_come_in)

    @classmethod
    @verb
    def write(
        cls,
        /,
        to: User | Contact,
        *,
        signed_by: User,
        subject: str,
        text: str,
        account: Account | None = None,
        digest_on: date | None = None,
        address: str = "",
        page: str | None = None,
    ) -> Letter:
        """Put a letter in the outbox and tell the worker once it is committed.

        `page` is the path of the page that it speaks of, a customer's own unless another is given. What a customer
        may not hear yet (`HOLDS`) is held back.
        """
        now = database_now()
        user, contact = (to, None) if isinstance(to, User) else (None, to)
        theirs = user is None or user.is_customer
        held = (
            next(filter(None, (hold(account, signed_by) for hold in HOLDS)), "") if theirs and account else ""
        )
        letter = cls.objects.create(
            to=user,
            contact=contact,
            address=address,
            page=their_page() if theirs and page is None else page or "",
            held_because=held,
            signed_by=signed_by,
            account=account,
            digest_on=digest_on,
            subject=require_words(subject, "A letter needs a subject.")[:200],
            text=require_words(text, "A letter needs words."),
            written_at=now,
            next_try_at=None if held else now,
        )
        queue("accounts.tasks.send_letters")
        return letter

    @classmethod
    def write_about(cls, owed: Obligation, to: User, *, subject: str, because: str, by: User) -> Letter:
        """Tell a colleague of something that we owe, and who holds it."""
        words = f"{because}\n\n{owed.get_kind_display()}: “{owed.text}”\n{owed.holder} holds it."
        page = reverse("obligation", args=[owed.pk])
        return cls.write(to, signed_by=by, account=owed.account, subject=subject, text=words, page=page)

    # Sending: each step commits before the next, so that no row is locked while the mail server takes its time

    def send(self) -> bool:
        """Send it, unless somebody has or is doing so. A failure stays on the letter; False then.

        1. Claim the letter. 2. Give it to the mail server. 3. Note what became of it.
        Raises `MailServerAway`; that leaves the letter as it was.
        """
        before = (self.tries, self.failed_because, self.next_try_at)
        if not self.claim():
            return False
        if self.stays_because:
            self.note(*before)
            self.give_up_for(self.stays_because)
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
        for act in WHEN_SENT:
            with alone(f"What follows letter {self.pk}"):
                act(self)
        return True

    def give_to_server(self) -> None:
        """Raises `MailServerAway` when there is none, and anything else when it is the letter's fault."""
        with connected() as server:
            try:
                if not self.as_mail(server).send():
                    raise ValueError(f"“{self.goes_to}” is no address that a mail can be sent to.")
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
        thread = settings.REPLIES_TO if self.their_contact else ""
        answers = list(filter(None, [mailbox(self.signed_by.name, self.signed_by.email), thread]))
        return EmailMessage(
            subject=in_header(self.subject),
            body=f"{self.text.rstrip()}{self.where}\n\n{self.signed_by}\n{self.signed_by.title}".rstrip()
            + "\n",
            from_email=formataddr((in_header(self.signed_by.name), ours)),
            to=list(filter(None, [mailbox(self.reader.name, self.goes_to)])),
            reply_to=answers,
            headers={"Message-ID": message_id},
            connection=server,
        )

    @property
    def where(self) -> str:
        """The paragraph with the address of its page: a customer's is the letter's own, and leads through the code."""
        if not self.page:
            return ""
        if not self.their_contact:
            return f"\n\nSee it here: {settings.SITE_URL}{self.page}"
        link = settings.SITE_URL + reverse("letter_page", args=[PAGE_SIGNER.sign(str(self.pk))])
        if self.to:
            return f"\n\nYour page about this: {link}"
        return f"\n\nThere is a page about all this. How you come in is said here: {link}"

    @verb
    def release(self) -> None:
        """They may hear from whoever signs it now: it goes."""
        self.refresh_from_db(from_queryset=Letter.objects.select_for_update(of=("self",)))
        if self.held_because and not self.given_up_at:
            save_columns(self, held_because="", next_try_at=database_now())
            queue("accounts.tasks.send_letters")

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
            self.held_because,
            "This letter is being sent at this moment. Look again in a few minutes."
            if self.claimed_until and self.claimed_until > database_now()
            else None,
        )
