from __future__ import annotations

from django.db import models

from .accounts import Account
from .base import Frozen, database_now, refuse_if, require_words, verb
from .contacts import Contact
from .users import User


class AskQuerySet(models.QuerySet["Ask"]):
    def of(self, account: Account) -> AskQuerySet:
        return self.filter(account__in=account.memory_ids)

    def for_list(self) -> AskQuerySet:
        return self.select_related("contact", "by").order_by("-at", "-pk")


class Ask(Frozen):
    """Something that we asked of a customer, whoever of us did: one log, so that nobody asks again and again."""

    class Kind(models.TextChoices):
        FEEDBACK = "feedback", "Feedback: what do you think of it?"
        ANSWERS = "answers", "Answers to our questions"
        REFERENCE = "reference", "A reference or an introduction"
        FAVOUR = "favour", "Another favour"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="asks")
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="asks",
        help_text="Whom we asked.",
    )
    kind = models.CharField(max_length=9, choices=Kind.choices)
    what = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = AskQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["account", "-at"], name="ask_of_account")]

    def __str__(self) -> str:
        return self.what if len(self.what) < 80 else self.what[:79] + "…"

    @classmethod
    @verb
    def make(
        cls, /, account: Account, kind: str, what: str, *, by: User, contact: Contact | None = None
    ) -> Ask:
        """Write down that we ask something of them. `Refused` when it is feedback and they wait for ours on theirs."""
        what = require_words(what, "Write what you ask them for.")
        account.refresh_from_db(from_queryset=Account.objects.select_for_update(of=("self",)))
        refuse_if(
            f"{account} is closed." if account.closed_at else None,
            "Choose what kind of thing you ask for." if kind not in cls.Kind.values else None,
            "That contact belongs to another account."
            if contact and contact.account_id != account.pk
            else None,
            cls.answer_first(account) if kind == cls.Kind.FEEDBACK else None,
        )
        return cls.objects.create(
            account=account, contact=contact, kind=kind, what=what, by=by, at=database_now()
        )

    @staticmethod
    def answer_first(account: Account) -> str | None:
        """Why they cannot be asked for feedback now: they gave some, and we have not said what becomes of it."""
        from .obligations import Obligation

        given = Obligation.objects.unanswered().filter(account=account, kind=Obligation.Kind.FEEDBACK)
        waiting = given.select_related("contact").order_by("raised_at").first()
        if waiting is None:
            return None
        told = f"{waiting.contact} told us “{waiting}” on {waiting.raised_at:%-d %B}"
        return f"{told} and waits for our decision. Decide on that first."
