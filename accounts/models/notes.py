from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q

from .base import Frozen, refuse_if, verb
from .entries import UNDO_WITHIN, Entry, Retraction, Share
from .facts import Fact
from .obligations import Obligation
from .topics import hold
from .users import User

TAKEN_BACK = f"Taken back by its author within {UNDO_WITHIN.seconds // 60} minutes"


class Note(Entry):
    """An entry that was written in the grammar of notes, with all that it wrote down besides itself."""

    class Meta:
        proxy = True

    @verb
    def undo(self, *, by: User) -> list[str]:
        """Take the whole note back, by retractions: its words, facts and stages, and what it said we owe.

        What somebody has acted on since stays. Returns a sentence for each thing that does.
        """
        if self.author_id != by.pk:
            raise PermissionDenied("Only its author can take a note back.")
        refuse_if(
            "This note was already taken back." if Retraction.objects.filter(entry=self).exists() else None,
            None
            if self.undo_until
            else "It can no longer be taken back in one go: ten minutes have passed. Take back each thing by itself.",
        )
        Retraction.objects.create(entry=self, by=by, because=TAKEN_BACK)
        parts = self.parts.select_related("entry", "fact", "obligation").order_by("-pk")  # the last one first
        became = self.sorted_passages.filter(undone=None, fact__note_part=None, obligation__note_part=None)
        stays = [sentence for sorting in became.order_by("-pk") for sentence in sorting.undo(by=by)]
        return [*stays, *filter(None, (part.undo(by=by) for part in parts))]


class NotePart(Frozen):
    """One thing that a note wrote down besides its own words: a fact, something we owe, or a stage."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="parts")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="note_part")
    fact = models.OneToOneField(Fact, on_delete=models.PROTECT, null=True, related_name="note_part")
    obligation = models.OneToOneField(
        Obligation, on_delete=models.PROTECT, null=True, related_name="note_part"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="note_part_is_one_thing",
                condition=Q(entry__isnull=False, fact__isnull=True, obligation__isnull=True)
                | Q(entry__isnull=True, fact__isnull=False, obligation__isnull=True)
                | Q(entry__isnull=True, fact__isnull=True, obligation__isnull=False),
            )
        ]

    def undo(self, *, by: User) -> str:
        """Part of undoing the note. Says why it stays, if it does."""
        if self.obligation:
            return undo_obligation(self.obligation, by)
        if self.fact:
            return undo_fact(self.fact, by)
        assert self.entry is not None
        if not Retraction.objects.filter(entry=self.entry).exists():
            Retraction.objects.create(entry=self.entry, by=by, because=TAKEN_BACK)
        return ""


def undo_obligation(owed: Obligation, by: User, because: str = "Taken back with its note") -> str:
    """It goes with the note while nobody has acted on it: not shown to the customer, no step but the first."""
    owed.refresh_from_db(from_queryset=Obligation.objects.select_for_update(of=("self",)))
    acted = owed.entries.exclude(step__in=["raised", "broken"])  # the calendar is nobody
    if owed.closed_at or owed.shared_at or acted.exists():
        return f"“{owed}” stays: somebody has acted on it since."
    owed.end(Obligation.Outcome.RETRACTED, by=by)
    for raised in owed.entries.all():
        Retraction.objects.create(entry=raised, by=by, because=because)
    return ""


def undo_fact(fact: Fact, by: User, because: str = TAKEN_BACK) -> str:
    """Take the answer back. The one that it replaced is stated again, as it was: a frozen row cannot come back."""
    hold(fact.topic_id)
    if Fact.objects.filter(supersedes=fact).exists() or fact.confirmations.exists():
        return f"“{fact}” stays: somebody has replaced or confirmed it since."
    if Retraction.objects.filter(fact=fact).exists():
        return ""
    Retraction.objects.create(fact=fact, by=by, because=because)
    if old := fact.supersedes:
        again = Fact.objects.create(
            account=fact.account,
            topic=old.topic,
            text=old.text,
            provenance=old.provenance,
            contact=old.contact,
            entry=old.entry,
            author=old.author,
            review_on=old.review_on,
            supersedes=fact,
        )
        if Share.objects.filter(fact=old).exists():
            Share.objects.create(fact=again, by=by)
    return ""
