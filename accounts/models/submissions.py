from __future__ import annotations

from datetime import timedelta

from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import MessageDecoder, MessageEncoder
from django.db import models

from accounts.rules import clocks

from .base import save_columns
from .fields import LineField, WordsField
from .users import User

KEPT = timedelta(days=7)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def old(self) -> SubmissionQuerySet:
        return self.filter(at__lt=clocks.now() - KEPT)


class Submission(models.Model):
    """A form that somebody sent and how it was answered, so that the same form sent again does nothing twice (law 7).

    The key comes with the form, a new one each time that it is shown; it says nothing to anybody else.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = LineField(max_length=32)
    digest = LineField(max_length=64, help_text="Of the address and all that was sent.")
    at = models.DateTimeField(default=clocks.now, editable=False)
    location = WordsField(blank=True, help_text="The page that answered; none where a part of a page did.")
    messages = models.JSONField(default=list, encoder=MessageEncoder, decoder=MessageDecoder)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["at"], name="submission_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"],
                name="submission_once",
                violation_error_message="This form was sent already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} sent a form"

    @classmethod
    def claim(cls, user: User, key: str, digest: str) -> tuple[Submission, bool]:
        """The row of this form, and whether it is new. Waits for the same form where it is at work just now."""
        return cls.objects.get_or_create(user=user, key=key, defaults={"digest": digest})

    def answered(self, location: str, messages: list[Message]) -> None:
        save_columns(self, location=location, messages=messages)
