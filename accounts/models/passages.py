"""What of an entry must not be lost: places in it, found by rule (`accounts/rules/passages`), no words of their own.

They can be found anew at any time. What somebody made of one (`SortedPassage`) is memory, and stays.
"""

from __future__ import annotations

from dataclasses import asdict

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.db.models import F, Q

from accounts.rules import passages as rule

from .entries import Entry
from .fields import LineField

AT_A_TIME = 500
BEING_READ = 7_015_346
"""The number of the lock that whoever reads entries holds."""


#: Entries that people wrote, and that have not been read by the rules as they are.
NOT_READ = Q(kind__in=Entry.KEPT_BY_HAND) & (Q(reading=None) | ~Q(reading__rules=rule.RULES))


class EntryReading(models.Model):
    """An entry was read for its passages, by this version of the rules."""

    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, primary_key=True, related_name="reading")
    rules = models.PositiveSmallIntegerField()
    words = models.PositiveIntegerField(help_text="How many words the entry has.")
    found = models.PositiveIntegerField(help_text="How many passages it has.")

    def __str__(self) -> str:
        return f"{self.entry} (rules {self.rules})"

    @classmethod
    def read_all(cls) -> int:
        """Read whatever has not been read, some at a time. Returns how many entries that were.

        Of two that do so at once the second one leaves it to the first.
        """
        done = 0
        while some := cls._read(AT_A_TIME):
            done += some
        return done

    @classmethod
    @transaction.atomic
    def _read(cls, most: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [BEING_READ])
            if cursor.fetchone() == (False,):
                return 0
        entries = list(Entry.objects.filter(NOT_READ).order_by("pk").only("pk", "text")[:most])
        cls.objects.filter(entry__in=entries).delete()
        read = [(entry, rule.read(entry.text)) for entry in entries]
        readings = EntryReading.objects.bulk_create(
            EntryReading(
                entry=entry, rules=rule.RULES, words=rule.count_words(entry.text), found=len(passages)
            )
            for entry, passages in read
        )
        Passage.objects.bulk_create(
            Passage(reading=reading, **(asdict(found) | {"reasons": list(found.reasons)}))
            for reading, (_, passages) in zip(readings, read, strict=True)
            for found in passages
        )
        return len(entries)


class PassageQuerySet(models.QuerySet["Passage"]):
    def carried(self) -> PassageQuerySet:
        """Of entries that stand: a note that was taken back carries nothing."""
        return self.filter(reading__entry__retraction=None)


class Passage(models.Model):
    """text[start:end] of an entry may matter, for these reasons; text[begins:ends] is read to understand it."""

    reading = models.ForeignKey(EntryReading, on_delete=models.CASCADE, related_name="passages")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    begins = models.PositiveIntegerField()
    ends = models.PositiveIntegerField()
    reasons = ArrayField(LineField(max_length=20))
    words = models.PositiveSmallIntegerField(help_text="How many different words it has.")

    objects = PassageQuerySet.as_manager()

    class Meta:
        ordering = ["reading", "start"]
        constraints = [
            models.UniqueConstraint(fields=["reading", "start"], name="passage_once"),
            models.CheckConstraint(
                name="passage_is_a_place_in_its_entry",
                condition=Q(start__gte=F("begins"), end__gt=F("start"), ends__gte=F("end")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start}-{self.end} of entry {self.reading_id}"
