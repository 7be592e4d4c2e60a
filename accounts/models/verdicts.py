from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import JSONObject

from accounts.rules import clocks
from accounts.rules.lateness import working_days

from .asks import NOT_AGAIN_WITHIN, SAME_CHOICE, Ask
from .base import AccountRows, Frozen, database_now, refuse_if, verb
from .contacts import Contact
from .coverage import Coverage
from .entries import Entry
from .fields import LineField, WordsField
from .obligations import Obligation
from .users import User

if TYPE_CHECKING:
    from .accounts import Account

#: So soon, in working days or on the first after it, we say what we do about a doubt.
DECIDED_WITHIN = timedelta(days=5)


class VerdictQuerySet(AccountRows["Verdict"]):
    def lately(self) -> VerdictQuerySet:
        return self.filter(at__gt=clocks.now() - NOT_AGAIN_WITHIN)

    def as_lines(self) -> models.QuerySet[Verdict, dict[str, object]]:
        """Of each answer, the newest first, `line`: what a `VerdictLine` holds."""
        line = JSONObject(
            at="at",
            answer="answer",
            words="words",
            who="contact__name",
            by="by__kind",
            tenure="coverage",
            owner="coverage__person__name",
            since="coverage__started_at",
        )
        return self.order_by("-at", "-pk").annotate(line=line).values("line")


class Verdict(Frozen):
    """What a customer answered when asked whether they would make the same choice again."""

    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        UNSURE = "unsure", "Not sure"
        NO = "no", "No"

    #: A doubt in their own words, as it stands among what they told us.
    DOUBTS = {
        Answer.UNSURE: "I am not sure that I would make the same choice.",
        Answer.NO: "I would not make the same choice.",
    }

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="verdicts")
    ask = models.ForeignKey(
        Ask,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="verdicts",
        help_text="The question it answers; none, when they said so unasked.",
    )
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="verdicts")
    answer = LineField(max_length=6, choices=Answer.choices)
    words = WordsField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", help_text="The contact, or whoever reports it."
    )
    coverage = models.ForeignKey(
        Coverage, on_delete=models.PROTECT, related_name="verdicts", help_text="Who owned the account then."
    )
    follow_up = models.ForeignKey(
        Obligation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What became of a doubt.",
    )

    objects = VerdictQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["account", "-at"], name="verdict_of_account")]
        constraints = [
            models.UniqueConstraint(fields=["ask"], name="verdict_once_per_ask"),
            models.CheckConstraint(
                name="verdict_of_doubt_is_followed_up",
                condition=Q(answer="yes", follow_up=None)
                | Q(answer__in=["unsure", "no"], follow_up__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact}: {self.get_answer_display()}"

    @property
    def reported(self) -> bool:
        return not self.by.is_customer

    @classmethod
    @verb
    def give(
        cls,
        /,
        account: Account,
        answer: str,
        *,
        contact: Contact,
        by: User,
        words: str = "",
        ask: Ask | None = None,
    ) -> Verdict:
        """Keep a customer's answer. A doubt is feedback at once, which the owner holds and the customer sees.

        A colleague may report what a contact said: then with the contact's words, and to the question that is open.
        """
        account.lock()
        words, reported = words.strip(), not by.is_customer
        ask = ask or Ask.objects.of(account).open_choices().first()
        before = cls.objects.filter(ask=ask).select_related("contact").first() if ask else None
        refuse_if(
            f"{account} is closed." if account.closed_at else None,
            "Choose one of the three answers." if answer not in cls.Answer.values else None,
            "That contact belongs to another account." if contact.account_id != account.pk else None,
            "Write their words: you report it for them." if reported and not words else None,
            f"{before.contact} has answered this already: {before.get_answer_display().lower()}."
            if before
            else None,
        )
        owner = account.owner_coverage
        assert owner is not None  # an open account has one
        verdict = cls.objects.create(
            account=account,
            ask=ask,
            contact=contact,
            answer=answer,
            words=words,
            at=database_now(),
            by=by,
            coverage=owner,
            follow_up=cls.doubt(account, answer, words, contact=contact, by=by),
        )
        Entry.record(
            account,
            Entry.Kind.CONVERSATION,
            words,
            by=by if reported else contact,
            at=verdict.at,
            contacts=[contact],
            step="verdict",
            subject=f"{SAME_CHOICE} {verdict.get_answer_display()}{' (reported by us)' if reported else ''}",
        )
        return verdict

    @classmethod
    def doubt(
        cls, account: Account, answer: str, words: str, *, contact: Contact, by: User
    ) -> Obligation | None:
        if answer == cls.Answer.YES:
            return None
        return Obligation.owe(
            account,
            Obligation.Kind.FEEDBACK,
            f"{cls.DOUBTS[cls.Answer(answer)]} {words}".strip(),
            by=by,
            contact=contact,
            due=next(working_days(account.day() + DECIDED_WITHIN, account.country)),
            shared=True,
        )


TONES = {Verdict.Answer.YES: "ok", Verdict.Answer.UNSURE: "due", Verdict.Answer.NO: "late"}


@dataclass(frozen=True)
class VerdictLine:
    """An answer as the account's page shows it, beside who owned the account then."""

    at: datetime
    answer: str
    words: str
    who: str
    owner: str
    since: datetime
    reported: bool
    took_over: bool  # the one before was given to another owner

    @classmethod
    def all_of(cls, rows: list[dict[str, str]]) -> list[VerdictLine]:
        """From what `as_lines` has read, the newest first."""
        return [
            cls(
                at=datetime.fromisoformat(row["at"]),
                answer=row["answer"],
                words=row["words"],
                who=row["who"],
                owner=row["owner"],
                since=datetime.fromisoformat(row["since"]),
                reported=row["by"] != User.Kind.CUSTOMER,
                took_over=before is not None and before["tenure"] != row["tenure"],
            )
            for row, before in zip_longest(rows, rows[1:])
        ]

    @property
    def label(self) -> str:
        return str(Verdict.Answer(self.answer).label)

    @property
    def tone(self) -> str:
        return TONES[Verdict.Answer(self.answer)]
