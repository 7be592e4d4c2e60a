"""What became of the passages of a note, and that somebody sorted one wrongly: memory, which stays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from accounts.rules import clocks

from .base import Frozen, refuse_if, require, verb
from .contacts import Contact
from .entries import UNDO_WITHIN, Entry
from .facts import Fact
from .fields import LineField
from .notes import undo_fact, undo_obligation
from .notice import not_alone
from .obligations import Obligation
from .topics import Topic
from .users import User

if TYPE_CHECKING:
    from .accounts import Account

SORTED_MEANWHILE = "Somebody has sorted this meanwhile."
WRONGLY = "It was sorted wrongly"


class SortedPassageQuerySet(models.QuerySet["SortedPassage"]):
    def of(self, account: Account) -> SortedPassageQuerySet:
        return self.filter(entry__account__in=account.memory_ids)

    def visible_to(self, user: User) -> SortedPassageQuerySet:
        return self.filter(entry__in=Entry.objects.visible_to(user))

    def standing(self) -> SortedPassageQuerySet:
        """Those that nobody has undone."""
        return self.filter(undone=None)

    def with_what_became(self) -> SortedPassageQuerySet:
        return self.select_related("entry", "by", "fact__topic", "obligation", "contact")


class SortedPassage(Frozen):
    """Somebody looked at text[start:end] of an entry, and this is what became of it.

    Where an erasure has changed the words of the entry, the place is forgotten.
    """

    class Became(models.TextChoices):
        FACT = "fact", "A fact"
        PROMISE = "promise", "What we owe"
        IF_THEN = "if_then", "If … then …"
        HANDLING = "handling", "How to handle somebody"
        ROLE = "role", "Somebody’s role or leaving"
        STORY = "story", "Part of the story"
        NOTHING = "nothing", "Nothing to carry"

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="sorted_passages")
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    turn = models.PositiveSmallIntegerField(
        default=0, help_text="How often somebody had sorted this place before, and undone it."
    )
    became = LineField(max_length=8, choices=Became.choices)
    fact = models.OneToOneField(Fact, on_delete=models.PROTECT, null=True, related_name="sorted_passage")
    obligation = models.OneToOneField(
        Obligation, on_delete=models.PROTECT, null=True, related_name="sorted_passage"
    )
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="sorted_passages")
    was = models.PositiveBigIntegerField(
        null=True, help_text="The record in history of how the contact stood before."
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clocks.now, editable=False)

    objects = SortedPassageQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="passage_sorted_once",
                expressions=[
                    ("entry", RangeOperators.EQUAL),
                    ("turn", RangeOperators.EQUAL),
                    (Func(F("start"), F("end"), function="int4range"), RangeOperators.OVERLAPS),
                ],
                condition=Q(start__isnull=False),
                violation_error_message=SORTED_MEANWHILE,
            ),
            models.CheckConstraint(
                name="sorted_passage_is_a_place_or_forgotten",
                condition=Q(start=None, end=None)
                | Q(start__isnull=False, end__isnull=False, end__gt=F("start")),
            ),
            models.CheckConstraint(
                name="sorted_passage_became_what_it_says",
                condition=Q(became="nothing", fact=None, obligation=None, contact=None, was=None)
                | Q(became="promise", fact=None, obligation__isnull=False, contact=None, was=None)
                | Q(became="role", fact=None, obligation=None, contact__isnull=False, was__isnull=False)
                | Q(
                    became__in=["fact", "if_then", "handling", "story"],
                    fact__isnull=False,
                    obligation=None,
                    contact=None,
                    was=None,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_became_display()}, of entry {self.entry_id}"

    @classmethod
    def of_topic(cls, slug: str) -> SortedPassage.Became:
        """What a fact on this topic is called."""
        named = {Topic.IF_THEN: cls.Became.IF_THEN, Topic.HANDLING: cls.Became.HANDLING}
        return named.get(slug, cls.Became.FACT)

    @property
    def text(self) -> str:
        """The words of the note, as they were written; nothing where the place is forgotten."""
        return "" if self.start is None else self.entry.text[self.start : self.end]

    @classmethod
    def sort(
        cls,
        entry: Entry,
        places: Iterable[tuple[int, int]],
        *,
        by: User,
        became: str = Became.NOTHING,
        **what: object,
    ) -> list[SortedPassage]:
        """Part of a verb: these places of an entry have become that."""
        before = list(SortedPassage.objects.filter(entry=entry, start__isnull=False))

        def turn(start: int, end: int) -> int:
            return max((row.turn + 1 for row in before if row.overlaps(start, end)), default=0)

        return SortedPassage.objects.bulk_create(
            SortedPassage(
                entry=entry, start=start, end=end, turn=turn(start, end), became=became, by=by, **what
            )
            for start, end in places
        )

    def overlaps(self, start: int, end: int) -> bool:
        return self.start is not None and self.end is not None and self.start < end and self.end > start

    def is_new_of(self, user: User) -> bool:
        """They have just sorted it, so nobody depends on it yet."""
        return self.by_id == user.pk and clocks.now() < self.at + UNDO_WITHIN

    def _not_alone(self, by: User) -> str | None:
        if self.became == self.Became.NOTHING:
            return None
        about = {"fact": self.fact, "obligation": self.obligation}
        return not_alone(by, **{name: thing for name, thing in about.items() if thing})

    @verb
    def undo(self, *, by: User) -> list[str]:
        """It was sorted wrongly: somebody is asked about the passage again, and what became of it is taken back.

        What somebody has acted on since stays. Returns a sentence for each thing that does. Whoever is leaving takes
        nothing back alone, but what they have just sorted.
        """
        require(not by.is_customer)
        account = self.entry.account.merged_into or self.entry.account
        refuse_if(
            f"{account} is closed." if account.closed_at else None,
            "Somebody has undone this already."
            if UndoneSorting.objects.filter(sorting=self).exists()
            else None,
            None if self.is_new_of(by) else self._not_alone(by),
        )
        UndoneSorting.objects.create(sorting=self, by=by)
        stays = ""
        if self.fact:
            stays = undo_fact(self.fact, by, WRONGLY)
        elif self.obligation and self.obligation.broken_at:
            stays = f"“{self.obligation}” stays: it was not kept in time."
        elif self.obligation:
            stays = undo_obligation(self.obligation, by, WRONGLY)
        elif self.contact and self.was:
            stays = self.contact.unlearn(self.was, by=by)
        return [stays] if stays else []


class UndoneSorting(Frozen):
    """Somebody said that a passage was sorted wrongly; it waits to be sorted again."""

    sorting = models.OneToOneField(SortedPassage, on_delete=models.PROTECT, related_name="undone")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clocks.now, editable=False)

    def __str__(self) -> str:
        return f"{self.sorting}, undone"
