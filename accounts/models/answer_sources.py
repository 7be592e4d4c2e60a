from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F

from accounts.rules import clocks

from .base import Frozen, refuse_if, require, verb
from .coverage import Coverage, CoverageQuerySet
from .fields import LineField
from .obligations import Obligation
from .users import User

#: So long after a change of owner, what they ask is put down to the change.
AFTER_A_CHANGE = timedelta(days=90)


def changes_of_owner() -> CoverageQuerySet:
    """Who became an account's owner after somebody else, and not only in the meantime."""
    rows = Coverage.objects.filter(role=Coverage.Role.OWNER, acting=False, follows__isnull=False)
    return rows.exclude(follows__person=F("person"))


def change_before(line: Obligation) -> Coverage | None:
    """The change of owner within whose first 90 days a question of theirs came."""
    if line.kind != Obligation.Kind.QUESTION or line.contact_id is None:
        return None
    owners = Coverage.objects.filter(
        account=line.account_id, role=Coverage.Role.OWNER, started_at__lte=line.raised_at
    )
    newest = owners.order_by("-started_at").values("pk")[:1]
    since = line.raised_at - AFTER_A_CHANGE
    rows = changes_of_owner().filter(pk__in=newest, started_at__gte=since)
    return rows.select_related("person", "follows__person").first()


class AnswerSource(Frozen):
    """Where the answer to a question stood that came after a change of owner. Said anew, the newest counts."""

    class Where(models.TextChoices):
        BRIEF = "brief", "In the brief"
        MEMORY = "memory", "In the memory"
        NOWHERE = "nowhere", "Nowhere"

    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="answer_sources")
    coverage = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="answer_sources")
    where = LineField(max_length=7, choices=Where.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clocks.now, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="answer_source_is_one_of_three",
                condition=models.Q(where__in=["brief", "memory", "nowhere"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obligation}: {self.get_where_display().lower()}"

    @classmethod
    @verb
    def mark(cls, /, line: Obligation, where: str, *, by: User) -> AnswerSource:
        """Whoever answers says where the answer stood: in the brief, in the memory, or nowhere."""
        require(not by.is_customer)
        change = change_before(line)
        refuse_if(
            None
            if where in cls.Where.values
            else "Say whether it stood in the brief, in the memory, or nowhere.",
            None if change else "This is asked of questions within 90 days of a change of owner.",
        )
        assert change
        return cls.objects.create(obligation=line, coverage=change, where=where, by=by)
