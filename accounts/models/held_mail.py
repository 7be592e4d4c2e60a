from __future__ import annotations

from django.db import models
from django.db.models import Q

from .base import AccountRows, database_now, refuse_if, require_words, save_columns, verb
from .contacts import Contact
from .entries import Entry
from .fields import LineField, WordsField
from .letters import Letter
from .users import User


class HeldMailQuerySet(AccountRows["HeldMail"]):
    def waiting(self) -> HeldMailQuerySet:
        """Those that nobody has looked at yet, the oldest first."""
        return self.filter(decided_at=None).order_by("pk")


class HeldMail(models.Model):
    """A mail that answers a letter of ours, when nothing proves that the contact wrote it.

    A person reads it, and decides: it goes on the account in that person's name, or is set aside with a reason.
    """

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="held_mail")
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="held_mail")
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="+", help_text="In whose name it came."
    )
    from_address = LineField(max_length=320, blank=True)
    text = WordsField()
    at = models.DateTimeField("says it was written at")
    received_at = models.DateTimeField()
    because = LineField(max_length=500, help_text="Why it was not believed.")
    automatic = models.BooleanField(default=False, help_text="A program sent it, nobody's words.")
    external_id = LineField(max_length=120, unique=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="held_mail"
    )
    set_aside_because = LineField(max_length=500, blank=True)

    columns_that_change = ("decided_at", "decided_by_id", "entry_id", "set_aside_because")
    objects = HeldMailQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "held mail"
        indexes = [models.Index(fields=["account"], condition=Q(decided_at=None), name="held_mail_waits")]
        constraints = [
            models.CheckConstraint(
                name="held_mail_is_decided_once",
                condition=Q(decided_at=None, decided_by=None, entry=None, set_aside_because="")
                | Q(
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    entry__isnull=False,
                    set_aside_because="",
                )
                | Q(decided_at__isnull=False, decided_by__isnull=False, entry=None)
                & ~Q(set_aside_because=""),
                violation_error_message="A mail goes on the account, or is set aside with a reason.",
            )
        ]

    def __str__(self) -> str:
        return f"Answer to “{self.letter.subject}”"

    @verb
    def take(self, *, by: User) -> Entry:
        """Put it on the account: in the name of whoever found that it is theirs, not in the contact's own.

        What a program sent is no contact with anybody.
        """
        self.lock()
        words = f"In the name of {self.contact}, unproven: {self}"
        entry = Entry.record(
            self.account.merged_into or self.account,
            Entry.Kind.AUTOMATIC if self.automatic else Entry.Kind.EMAIL,
            self.text,
            by=by,
            at=self.at,
            contacts=[] if self.automatic else [self.contact],
            subject=(f"Automatic mail: {self}" if self.automatic else words)[:300],
            external_id=self.external_id,
        )
        save_columns(self, decided_at=database_now(), decided_by=by, entry=entry)
        return entry

    @verb
    def set_aside(self, *, by: User, because: str) -> None:
        """Leave it off the account. It stays readable here."""
        because = require_words(because, "Say why it does not belong on the account.")
        self.lock()
        save_columns(self, decided_at=database_now(), decided_by=by, set_aside_because=because[:500])

    def lock(self) -> None:
        self.refresh_from_db(from_queryset=HeldMail.objects.select_for_update(of=("self",)))
        refuse_if(f"{self.decided_by} has decided on this mail already." if self.decided_at else None)
