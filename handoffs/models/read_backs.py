from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localdate

from accounts.briefing import Brief, BriefLine
from accounts.models import Frozen, Obligation, User
from accounts.models.base import database_now, save_columns
from accounts.models.fields import WordsField
from handoffs.held_against import Comparison, held_against, remarks


class ReadBack(models.Model):
    """The incoming person's own words on the account, held against what must survive (I-PASS's last part).

    A second person accepts it or returns it with a note. The words never change; only the decision is added.
    """

    handoff = models.ForeignKey("handoffs.Handoff", on_delete=models.PROTECT, related_name="read_backs")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="read_backs")
    at = models.DateTimeField()
    stands = WordsField("Where do they stand?")
    why_us = WordsField("Why did they choose us, and what must not be raised?", blank=True)
    first_call = WordsField("Whom do you call first, and why?", blank=True)
    promised = WordsField("What have we promised, and by when?", blank=True)
    falls_due = WordsField("What falls due, and when?", blank=True)
    could_go_wrong = WordsField("What could go wrong, and what will you do?", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    accepted = models.BooleanField(null=True, blank=True)
    note = WordsField(blank=True)

    QUESTIONS = ("stands", "why_us", "first_call", "promised", "falls_due", "could_go_wrong")
    columns_that_change = ("decided_at", "decided_by_id", "accepted", "note")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["handoff"],
                condition=Q(decided_at=None),
                name="read_back_one_waiting",
                violation_error_message="A read-back is already waiting to be accepted.",
            ),
            models.CheckConstraint(
                name="read_back_decided_by_a_second_person",
                condition=Q(decided_at=None, decided_by=None, accepted=None)
                | (
                    Q(decided_at__isnull=False, decided_by__isnull=False, accepted__isnull=False)
                    & ~Q(decided_by=F("by"))
                ),
            ),
            models.CheckConstraint(
                name="read_back_return_says_why", condition=~Q(accepted=False) | ~Q(note="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by} on {self.handoff.account}"

    def decide(self, *, by: User, accepted: bool, note: str = "") -> None:
        save_columns(self, decided_at=database_now(), decided_by=by, accepted=accepted, note=note)

    def answers(self) -> list[tuple[str, str]]:
        """Each question with the answer in the incoming person's words."""
        fields = {field.name: field for field in self._meta.concrete_fields}
        return [(str(fields[name].verbose_name), getattr(self, name)) for name in self.QUESTIONS]

    def held_against(self, lines: list[BriefLine], names: Iterable[str] = ()) -> list[Comparison]:
        """The lines that must survive, each with what these words make of it. `names` are the customer's people."""
        handoff = self.handoff
        return held_against(
            lines,
            [answer for _, answer in self.answers()],
            on=localdate(self.at),
            names=names,
            unnamed=map(str, (handoff.account, handoff.outgoing, handoff.incoming)),
            supposed={self.QUESTIONS.index("could_go_wrong")},
        )

    def remarks(self, brief: Brief) -> list[str]:
        """What shows that answers were copied, or hardly given."""
        return remarks(self.answers(), [line.text for line in brief.lines])


class Takeover(Frozen):
    """One open obligation taken on by name: by the incoming person, or by a colleague they named."""

    read_back = models.ForeignKey(ReadBack, on_delete=models.PROTECT, related_name="takeovers")
    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="takeovers")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["read_back", "obligation"], name="takeover_once")]
