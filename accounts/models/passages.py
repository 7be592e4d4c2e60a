"""What of an entry must not be lost: places in it, found by rule (`accounts/rules/passages`), no words of their own.

They can be found anew at any time. What somebody made of one (`SortedPassage`) is memory, and stays.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.rules import passages as rule

from .base import Refused, refuse_if, require, verb
from .contacts import Contact
from .entries import Entry
from .facts import Fact
from .fields import LineField
from .obligations import Obligation
from .roles import Role
from .sorted_passages import SORTED_MEANWHILE, SortedPassage
from .topics import Topic
from .users import User

if TYPE_CHECKING:
    from .accounts import Account

AT_A_TIME = 500
READ_AT_ONCE = 4_000
"""A note of so many characters takes about a millisecond."""
OFFERED = 3
"""So many passages of a note are offered to whoever has just kept it."""
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
        while some := cls._read(Entry.objects.filter(NOT_READ).order_by("pk")[:AT_A_TIME]):
            done += some
        return done

    @classmethod
    def read_now(cls, entry: Entry) -> None:
        """Read an entry that has just been written. A long one waits, and so does one while others are read."""
        if len(entry.text) <= READ_AT_ONCE:
            cls._read(Entry.objects.filter(NOT_READ, pk=entry.pk))

    @classmethod
    @transaction.atomic
    def _read(cls, some: models.QuerySet[Entry]) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [BEING_READ])
            if cursor.fetchone() == (False,):
                return 0
        entries = list(some.only("pk", "text", "at"))
        cls.objects.filter(entry__in=entries).delete()
        read = [(entry, rule.read(entry.text, on=entry.at.date())) for entry in entries]
        readings = EntryReading.objects.bulk_create(
            EntryReading(
                entry=entry, rules=rule.RULES, words=rule.count_words(entry.text), found=len(passages)
            )
            for entry, passages in read
        )
        Passage.objects.bulk_create(
            Passage(reading=reading, **asdict(found))
            for reading, (_, passages) in zip(readings, read, strict=True)
            for found in passages
        )
        return len(entries)

    @verb
    def hold_nothing_more(self, *, by: User) -> int:
        """Nothing else of this entry has to be carried. Returns of how many passages that was said."""
        self.lock(by)
        rest = list(Passage.objects.filter(reading=self).unsorted())
        refuse_if(None if rest else SORTED_MEANWHILE)
        SortedPassage.sort(self.entry, [(one.start, one.end) for one in rest], by=by)
        return len(rest)

    def lock(self, by: User) -> Account:
        """Part of a verb: of two who sort the same entry, the second one waits. Returns the account that keeps it."""
        require(not by.is_customer)
        list(EntryReading.objects.select_for_update().filter(pk=self.pk))
        account = self.entry.account.merged_into or self.entry.account
        refuse_if(f"{account} is closed." if account.closed_at else None)
        return account


class PassageQuerySet(models.QuerySet["Passage"]):
    def of(self, account: Account) -> PassageQuerySet:
        return self.filter(reading__entry__account__in=account.memory_ids)

    def with_entry(self) -> PassageQuerySet:
        """With what a page shows of the entry, and a verb asks of it."""
        entry = "reading__entry__"
        return self.select_related(
            f"{entry}author", f"{entry}author_contact", f"{entry}imported_by", f"{entry}account__merged_into"
        )

    def carried(self) -> PassageQuerySet:
        """Of entries that stand: a note that was taken back carries nothing."""
        return self.filter(reading__entry__retraction=None)

    def offered_of(self, note: int) -> PassageQuerySet:
        """The most telling of a note that was just kept, without what its writer typed as a promise or a fact."""
        typed = Q(fact__note_part__note=note) | Q(obligation__note_part__note=note)
        place = Q(entry=OuterRef("reading"), start__lt=OuterRef("end"), end__gt=OuterRef("start"))
        found = self.carried().filter(~Exists(SortedPassage.objects.filter(typed, place)), reading=note)
        return self.filter(pk__in=found.order_by("-words", "start").values("pk")[:OFFERED])

    def unsorted(self) -> PassageQuerySet:
        """Those that are carried and that nobody has looked at.

        By other rules a passage may begin elsewhere: it is sorted when it overlaps what was.
        """
        overlaps = Q(entry=OuterRef("reading"), start__lt=OuterRef("end"), end__gt=OuterRef("start"))
        return self.carried().filter(~Exists(SortedPassage.objects.standing().filter(overlaps)))


class Passage(models.Model):
    """text[start:end] of an entry may matter, for these reasons; text[begins:ends] is read to understand it."""

    reading = models.ForeignKey(EntryReading, on_delete=models.CASCADE, related_name="passages")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    begins = models.PositiveIntegerField()
    ends = models.PositiveIntegerField()
    reasons = ArrayField(LineField(max_length=20))
    words = models.PositiveSmallIntegerField(help_text="How many different words it has.")
    days = ArrayField(
        models.DateField(),
        default=list,
        help_text="The days to come that it names, on the day it was written.",
    )

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

    @classmethod
    def concerning(cls, user: User) -> Q:
        """Those of the notes that this colleague wrote or is named in."""
        return cls.written_by(user) | cls.naming(user)

    @staticmethod
    def written_by(user: User) -> Q:
        """What somebody only brought in was written by others."""
        brought_in = Q(reading__entry__imported_by=user)
        return Q(reading__entry__author=user) & (Q(reading__entry__imported_by=None) | ~brought_in)

    @staticmethod
    def naming(user: User) -> Q:
        return Q(reading__entry__text__icontains=user.name)

    @property
    def text(self) -> str:
        """Its words, as they were written."""
        return self.reading.entry.text[self.start : self.end]

    @verb
    def become_fact(
        self, topic: Topic, text: str, *, by: User, contact: Contact | None = None
    ) -> SortedPassage:
        """It is an answer on this topic, told by the contact; of how to handle somebody it is about them."""
        account = self.reading.lock(by)
        handling = topic.in_effect().pk == Topic.HANDLING
        refuse_if("Say whom one must handle like this." if handling and contact is None else None)
        told = contact is not None and not handling
        provenance = Fact.Provenance.TOLD if told else Fact.Provenance.INFERRED
        entry = self.reading.entry
        fact = Fact.state(account, topic, text, by=by, provenance=provenance, contact=contact, entry=entry)
        return self._sorted(SortedPassage.of_topic(fact.topic_id), by, fact=fact)

    @verb
    def become_promise(
        self,
        text: str,
        due: date | None,
        *,
        by: User,
        holder: User | None = None,
        contact: Contact | None = None,
    ) -> SortedPassage:
        """We promised it, on no day where none was said.

        The account's owner holds it, unless a colleague who serves the account does.
        """
        return self._owed(Obligation.Kind.PROMISE, text, due, by, holder, contact)

    @verb
    def become_question(
        self,
        text: str,
        due: date | None,
        *,
        by: User,
        holder: User | None = None,
        contact: Contact | None = None,
    ) -> SortedPassage:
        """The contact asked it, and we owe them an answer: its clock runs from now. It is held like a promise."""
        return self._owed(Obligation.Kind.QUESTION, text, due, by, holder, contact)

    def _owed(
        self, kind: str, text: str, due: date | None, by: User, holder: User | None, contact: Contact | None
    ) -> SortedPassage:
        account = self.reading.lock(by)
        holder = holder or account.owner
        serves = account.coverage.accountable().filter(person=holder).values_list("role", flat=True)
        role = Role.OWNER if holder == account.owner else serves.first()
        if role is None:
            raise Refused(f"{holder} does not serve {account}, so they cannot hold what it is owed.")
        owed = Obligation.owe(
            account, kind, text, by=by, due=due, undated=True, contact=contact, holder=holder, role=role
        )
        return self._sorted(SortedPassage.Became.PROMISE, by, obligation=owed)

    @verb
    def become_part_of_story(self, text: str, *, by: User) -> SortedPassage:
        """The account's story goes on with it, after what was told so far."""
        account = self.reading.lock(by)
        fact = Fact.tell_more(account, text, by=by, entry=self.reading.entry)
        return self._sorted(SortedPassage.Became.STORY, by, fact=fact)

    @verb
    def become_role(
        self,
        contact: Contact,
        text: str,
        *,
        by: User,
        roles: Collection[str] = (),
        left_on: date | None = None,
        went_to: str = "",
    ) -> SortedPassage:
        """It tells what part somebody plays, or that they left, and for where. Its words are kept of them."""
        account = self.reading.lock(by)
        refuse_if(
            "That contact belongs to another account." if contact.account_id != account.pk else None,
            None if roles or left_on or went_to else "Say what part they play, or on which day they left.",
        )
        was = contact.learn(by=by, roles=roles, left_on=left_on, went_to=went_to, evidence=text)
        return self._sorted(SortedPassage.Became.ROLE, by, contact=contact, was=was)

    @verb
    def become_nothing(self, *, by: User) -> SortedPassage:
        """Somebody has looked at it, and nobody has to know it."""
        self.reading.lock(by)
        return self._sorted(SortedPassage.Became.NOTHING, by)

    def _sorted(self, became: str, by: User, **what: object) -> SortedPassage:
        place = (self.start, self.end)
        (sorted_,) = SortedPassage.sort(self.reading.entry, [place], by=by, became=became, **what)
        return sorted_
