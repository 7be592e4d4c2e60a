from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Func, IntegerField, Q

from accounts.limits import MB

from .base import Frozen
from .entries import Entry
from .fields import LineField, WordsField
from .held_mail import HeldMail

MOST_KEPT = 5 * MB
LONGEST_FOLDED = 100_000


class OriginalQuerySet(models.QuerySet["Original"]):
    def behind(self, entry: Entry) -> Self:
        """What an entry was read from: kept with it, or with the held mail that it was."""
        return self.filter(Q(entry=entry) | Q(held_mail__entry=entry))


class Original(Frozen):
    """What an entry or a held mail was read from, as it came, and what of it is folded away.

    Staff who see the entry can download it; the customer's role has no right to this table.
    """

    class Kind(models.TextChoices):
        MAIL = "mail", "Message"
        HTML = "html", "HTML"

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="original")
    held_mail = models.OneToOneField(HeldMail, on_delete=models.PROTECT, null=True, related_name="original")
    kind = LineField(max_length=4, choices=Kind.choices)
    data = models.BinaryField()
    folded = WordsField(blank=True, help_text="What it quotes of others.")

    objects = OriginalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="original_of_one_thing",
                condition=Q(entry__isnull=False, held_mail=None) | Q(entry=None, held_mail__isnull=False),
            ),
            models.CheckConstraint(
                name="original_is_small",
                condition=Q(
                    models.lookups.LessThanOrEqual(
                        Func(F("data"), function="octet_length", output_field=IntegerField()), MOST_KEPT
                    )
                ),
                violation_error_message="This is too large to be kept.",
            ),
        ]

    def __str__(self) -> str:
        return f"The original of {self.entry or self.held_mail}"

    @property
    def file_name(self) -> str:
        """A name whose ending no program takes for something to be run."""
        ending = "eml" if self.kind == self.Kind.MAIL else "txt"
        return f"original-{self.entry_id or self.held_mail_id}.{ending}"

    @classmethod
    def of_mail(cls, kept: Entry | HeldMail, raw: bytes, folded: str) -> Original:
        """Keep a message as it came, with what was taken from it."""
        about = {"entry": kept} if isinstance(kept, Entry) else {"held_mail": kept}
        return cls.objects.create(
            kind=cls.Kind.MAIL, data=raw[:MOST_KEPT], folded=folded[:LONGEST_FOLDED], **about
        )

    @classmethod
    def of_text(cls, entry: Entry, text: str, folded: str = "") -> Original:
        """An entry's text as it came, before it was made readable; not yet saved."""
        data = text.encode(errors="surrogatepass")
        return cls(
            entry=entry,
            kind=cls.Kind.HTML,
            data=data[:MOST_KEPT],
            folded=folded[:LONGEST_FOLDED],
        )
