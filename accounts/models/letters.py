from __future__ import annotations

import re
from datetime import date
from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, Signer
from django.db import models, transaction

from config.celery import queue

from .base import database_now, require_words, save_columns, verb
from .fields import LineField, WordsField
from .users import User

if TYPE_CHECKING:
    from .accounts import Account
    from .obligations import Obligation

MESSAGE_ID = re.compile(r"<letter\.([\w.-]+?)@")
SIGNER = Signer(salt="letter", sep=".")


class LetterQuerySet(models.QuerySet["Letter"]):
    def unsent(self) -> LetterQuerySet:
        return self.filter(sent_at=None).order_by("pk")

    def named_in(self, references: str) -> LetterQuerySet:
        """The letter whose Message-ID stands last in these headers; none where no signature of them is ours."""
        for signed in reversed(MESSAGE_ID.findall(references)):
            try:
                return self.filter(pk=SIGNER.unsign(signed))
            except BadSignature:
                continue
        return self.none()


class Letter(models.Model):
    """A message on its way: written in the transaction of what it tells, sent afterwards, once.

    Every letter comes from a named person, and an answer goes to that person (law 8).
    """

    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="letters")
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="letters"
    )
    subject = LineField(max_length=200)
    text = WordsField()
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    digest_on = models.DateField(null=True, blank=True, help_text="This letter is that day's digest.")

    columns_that_change = ("sent_at",)
    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["id"], condition=models.Q(sent_at=None), name="letter_unsent")]
        constraints = [models.UniqueConstraint(fields=["to", "digest_on"], name="letter_one_digest_a_day")]

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
    ) -> Letter:
        """Put a letter in the outbox and tell the worker once it is committed."""
        letter = cls.objects.create(
            to=to,
            signed_by=signed_by,
            account=account,
            digest_on=digest_on,
            subject=require_words(subject, "A letter needs a subject.")[:200],
            text=require_words(text, "A letter needs words."),
            written_at=database_now(),
        )
        queue("accounts.tasks.send_letters")
        return letter

    @classmethod
    def write_about(cls, owed: Obligation, to: User, *, subject: str, because: str, by: User) -> Letter:
        """Tell a colleague of something that we owe, and who holds it."""
        words = f"{because}\n\n{owed.get_kind_display()}: “{owed.text}”\n{owed.holder} holds it."
        return cls.write(to, signed_by=by, account=owed.account, subject=subject, text=words)

    def send(self) -> bool:
        """Send it unless somebody has. A mail server that is away leaves it for the next try; False then."""
        with transaction.atomic():
            waiting = (
                Letter.objects.unsent().select_for_update(of=("self",), skip_locked=True).filter(pk=self.pk)
            )
            letter = waiting.first()
            if letter is None:
                return False
            save_columns(letter, sent_at=database_now())
            if letter.to.is_active:
                letter.as_mail().send()
        return True

    def as_mail(self) -> EmailMessage:
        """The mail: our address with the signer's name, and the signer to answer to.

        A customer's answer also goes to `REPLIES_TO`, if there is one, and from there on the account's thread.
        """
        ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
        # <letter.17.signature@domain>: signed, so that nobody can guess one
        message_id = f"<letter.{SIGNER.sign(str(self.pk))}@{ours.rpartition('@')[2]}>"
        answers = [formataddr((self.signed_by.name, self.signed_by.email))]
        if settings.REPLIES_TO and self.to.is_customer:
            answers.append(settings.REPLIES_TO)
        return EmailMessage(
            subject=self.subject,
            body=f"{self.text}\n\n{self.signed_by}\n{self.signed_by.title}".rstrip() + "\n",
            from_email=formataddr((self.signed_by.name, ours)),
            to=[formataddr((self.to.name, self.to.email))],
            reply_to=answers,
            headers={"Message-ID": message_id},
        )
