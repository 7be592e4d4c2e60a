from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce, JSONObject, Left

from accounts.rules import clocks
from accounts.rules.condition import Stage
from config.celery import queue

from .base import (
    AccountRows,
    Frozen,
    Imported,
    database_now,
    imported_by_somebody,
    refuse_if,
    require_words,
    verb,
)
from .contacts import Contact
from .fields import LineField, WordsField
from .notice import not_alone
from .users import User

if TYPE_CHECKING:
    from .accounts import Account
    from .coverage import Coverage
    from .obligations import Obligation

UNDO_WITHIN = timedelta(minutes=10)
"""So long its author takes a note back with all that it wrote down."""
LONGEST_LEARNED = 600
"""So many letters of an executive contact stand beside the thread, which has them all."""


class EntryQuerySet(AccountRows["Entry"]):
    def not_retracted(self) -> EntryQuerySet:
        return self.filter(~Exists(Retraction.objects.filter(entry=OuterRef("pk"))))

    def shared(self) -> EntryQuerySet:
        return self.not_retracted().filter(Exists(Share.objects.filter(entry=OuterRef("pk"))))

    def appreciations(self) -> EntryQuerySet:
        """Thank-yous and wins."""
        return self.not_retracted().filter(kind__in=[Entry.Kind.THANKS, Entry.Kind.WIN])

    def learned_by_executives(self) -> models.QuerySet[Entry, dict[str, object]]:
        """Of each executive contact, `learned`: what was written down of it, by whom and when."""
        who = Coalesce("author__name", "author_contact__name", "author_name")
        learned = JSONObject(at="at", who=who, text=Left("text", LONGEST_LEARNED))
        return self.filter(kind=Entry.Kind.EXECUTIVE).annotate(learned=learned).values("learned")

    def for_thread(self) -> EntryQuerySet:
        """Newest first with all that a line of the thread shows; adds `with_whom`, `is_shared`, `is_retracted`."""
        people = Mention.objects.filter(entry=OuterRef("pk")).order_by("pk")
        return (
            self.select_related(
                "author",
                "imported_by",
                "author_contact",
                "coverage__person",
                "coverage__follows__person",
                "obligation",
                "retraction__by",
            )
            .annotate(
                with_whom=ArraySubquery(people.values("contact__name")),
                is_shared=Exists(Share.objects.filter(entry=OuterRef("pk"))),
                is_retracted=Exists(Retraction.objects.filter(entry=OuterRef("pk"))),
            )
            .with_originals()
            .order_by("-at", "-pk")
        )

    def with_originals(self) -> EntryQuerySet:
        """Adds `original_pk`, of what the entry was read from, and what is `folded` of it."""
        return self.annotate(
            original_pk=Coalesce("original__pk", "held_mail__original__pk"),
            folded=Coalesce(
                "original__folded", "held_mail__original__folded", Value(""), output_field=WordsField()
            ),
        )

    def before(self, at: datetime, pk: int) -> EntryQuerySet:
        """The next page of a thread: everything older than this entry."""
        return self.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))


class Entry(Imported, Frozen):
    """Something that happened on an account: said, done or changed. Written once, newest first."""

    class Kind(models.TextChoices):
        CONVERSATION = "conversation", "Conversation"
        EMAIL = "email", "E-mail"
        VISIT = "visit", "Visit"
        NOTE = "note", "Note"
        WEB = "web", "Web visit"
        EXECUTIVE = "executive", "Executive contact"
        THANKS = "thanks", "Thank-you"
        WIN = "win", "Win"
        STAGE = "stage", "Stage"
        COVERAGE = "coverage", "Change of hands"
        OBLIGATION = "obligation", "What we owe"
        FACT = "fact", "What we know"
        CHANGE = "change", "Change to the account"
        AUTOMATIC = "automatic", "Automatic mail"

    CONTACT_KINDS: ClassVar[list[str]] = [Kind.CONVERSATION, Kind.EMAIL, Kind.VISIT, Kind.EXECUTIVE]
    KEPT_BY_HAND: ClassVar[list[str]] = [*CONTACT_KINDS, Kind.NOTE, Kind.THANKS, Kind.WIN]

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="entries")
    kind = LineField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField("happened at")
    recorded_at = models.DateTimeField(default=clocks.now, editable=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="entries")
    author_name = LineField(max_length=200, blank=True, help_text="An author we have no sign-in for.")
    author_contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="A customer wrote it.",
    )
    subject = LineField(max_length=300, blank=True)
    text = WordsField(blank=True)
    stage = LineField(max_length=12, choices=Stage.choices, blank=True)
    step = LineField(max_length=12, blank=True, help_text="What was done to the obligation.")
    coverage = models.ForeignKey(
        "accounts.Coverage", on_delete=models.PROTECT, null=True, blank=True, related_name="entries"
    )
    obligation = models.ForeignKey(
        "accounts.Obligation", on_delete=models.PROTECT, null=True, blank=True, related_name="entries"
    )
    contacts: models.ManyToManyField[Contact, Mention] = models.ManyToManyField(
        Contact, through="Mention", related_name="entries", blank=True
    )
    external_id = LineField(max_length=120, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["account", "-at", "-id"], name="entry_thread"),
            models.Index(fields=["account", "kind", "-at"], name="entry_of_kind"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="entry_external_id_once"
            ),
            models.CheckConstraint(
                name="entry_has_author",
                condition=Q(author__isnull=False) | ~Q(author_name="") | Q(author_contact__isnull=False),
            ),
            models.CheckConstraint(name="entry_stage_is_named", condition=~Q(kind="stage") | ~Q(stage="")),
            models.CheckConstraint(
                name="entry_automatic_is_nobodys",
                condition=~Q(kind="automatic") | Q(author_contact=None),
                violation_error_message="What a program sent is nobody's words.",
            ),
            imported_by_somebody("entry_imported_by_somebody"),
        ]

    def __str__(self) -> str:
        return self.subject or self.text[:80]

    @property
    def who(self) -> str:
        if self.author:
            return self.author.name
        return self.author_contact.name if self.author_contact else self.author_name

    @property
    def signature(self) -> str:
        """Who wrote it, as a page of ours says it. Of an imported line nobody seems to have written it here."""
        if not self.imported_by:
            return self.who
        if self.author_id == self.imported_by_id:
            return f"{self.who}, imported from {self.imported_from}"
        return f"attributed to {self.who}, {self.origin}"

    @property
    def undo_until(self) -> datetime | None:
        """Until when its author can take it back with all that it wrote down; None when it is too late, or no note."""
        until = self.recorded_at + UNDO_WITHIN
        return until if self.external_id.startswith("note:") and clocks.now() < until else None

    @property
    def minutes_to_undo(self) -> int:
        until = self.undo_until
        return -int((clocks.now() - until).total_seconds() // 60) if until else 0

    @property
    def is_knot(self) -> bool:
        return self.kind == self.Kind.COVERAGE and self.coverage is not None and self.coverage.role == "owner"

    @classmethod
    def record(
        cls,
        account: Account,
        kind: str,
        text: str,
        *,
        by: User | Contact,
        at: datetime | None = None,
        contacts: Iterable[Contact] = (),
        **fields: object,
    ) -> Entry:
        """Write one line on the account's thread. `by` is a colleague or the customer's contact."""
        author = {"author_contact": by} if isinstance(by, Contact) else {"author": by}
        entry = cls.objects.create(
            account=account, kind=kind, text=text, at=at or database_now(), **author, **fields
        )
        Mention.objects.bulk_create(Mention(entry=entry, contact=contact) for contact in contacts)
        if kind in cls.KEPT_BY_HAND:
            queue("accounts.tasks.read_entries")
        return entry

    @classmethod
    def of_coverage(cls, row: Coverage, at: datetime) -> Entry:
        """The line (for an owner, the knot) that a new row of coverage leaves on the thread; not yet saved."""
        before = row.follows.person.name if row.follows else ""
        role = row.get_role_display().lower()
        what = f"{before} → {row.person.name}" if before else row.person.name
        return cls(
            account_id=row.account_id,
            kind=cls.Kind.COVERAGE,
            at=at,
            author=row.started_by,
            coverage=row,
            subject=f"{what} ({'acting ' if row.acting else ''}{role})",
            text=row.started_because,
        )

    @classmethod
    def of_step(
        cls, obligation: Obligation, step: str, text: str, *, by: User, at: datetime | None = None
    ) -> Entry:
        """The line that a step of what we owe leaves on the thread."""
        author: User | Contact = by.contact if by.is_customer and by.contact else by
        subject = f"{obligation.get_kind_display()} {step}: {obligation}"[:300]
        return cls.record(
            obligation.account,
            cls.Kind.OBLIGATION,
            text,
            by=author,
            at=at,
            obligation=obligation,
            step=step,
            subject=subject,
        )

    @classmethod
    @verb
    def keep(
        cls,
        /,
        account: Account,
        *,
        kind: str,
        text: str,
        by: User,
        at: datetime | None = None,
        contacts: Iterable[Contact] = (),
        **fields: object,
    ) -> Entry:
        """Keep a note of what happened. `Refused` when it is empty, or happened in the future."""
        text = require_words(text, "Write what happened before you save it.")
        refuse_if(
            "A note is about what has happened. For what is to come, make a promise or a task."
            if at and at > clocks.now()
            else None,
            f"{account} is closed." if account.closed_at else None,
            None if kind in cls.KEPT_BY_HAND else "Choose what kind of note this is.",
        )
        return cls.record(account, kind, text, by=by, at=at, contacts=contacts, **fields)

    @classmethod
    @verb
    def reach_stage(
        cls, account: Account, stage: str, *, evidence: str, by: User, at: datetime | None = None
    ) -> Entry:
        """The account reached a stage of its journey; `evidence` says what shows it, or why it went back."""
        evidence = require_words(evidence, "Say what shows that the account is there.")
        refuse_if(
            None if stage in Stage.values else "Choose one of the stages.",
            f"{account} already stands at {Stage(stage).label}."
            if stage in Stage.values and account.stage == stage
            else None,
        )
        return cls.record(
            account, cls.Kind.STAGE, evidence, by=by, at=at, stage=stage, subject=Stage(stage).label
        )

    def is_new_of(self, user: User) -> bool:
        """They have just written it, so nobody depends on it yet."""
        return self.author_id == user.pk and clocks.now() < self.recorded_at + UNDO_WITHIN

    def may_be_retracted_by(self, user: User) -> bool:
        return user.pk == self.author_id or user.is_operations

    @verb
    def retract(self, *, by: User, because: str) -> Retraction:
        """Take a note back. It stays readable, struck through, with the reason."""
        because = require_words(because, "Say why you take this back.")
        if not self.may_be_retracted_by(by):
            raise PermissionDenied("Only its author can take a note back.")
        refuse_if(
            "This note was already taken back." if Retraction.objects.filter(entry=self).exists() else None,
            None
            if self.kind in self.KEPT_BY_HAND
            else "This line records a change and cannot be taken back.",
            None if self.is_new_of(by) else not_alone(by, entry=self),
        )
        return Retraction.objects.create(entry=self, by=by, because=because)

    @verb
    def share(self, *, by: User) -> Share:
        """Show this line to the customer from now on."""
        refuse_if(
            "The customer already sees this." if Share.objects.filter(entry=self).exists() else None,
            "This was taken back; it cannot be shared."
            if Retraction.objects.filter(entry=self).exists()
            else None,
        )
        return Share.objects.create(entry=self, by=by)


class Mention(Frozen):
    """A contact who took part in what an entry tells."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="mentions")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="mentions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "contact"], name="mention_once")]


def about_one_thing(name: str) -> models.CheckConstraint:
    """Exactly one of entry and fact is pointed at."""
    return models.CheckConstraint(
        name=name,
        condition=Q(entry__isnull=False, fact__isnull=True) | Q(entry__isnull=True, fact__isnull=False),
    )


class Share(Frozen):
    """The customer sees an entry or a fact from here on. Until such a row exists, it is internal."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="share_row")
    fact = models.OneToOneField(
        "accounts.Fact", on_delete=models.PROTECT, null=True, related_name="share_row"
    )
    at = models.DateTimeField(default=clocks.now, editable=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [about_one_thing("share_of_one_thing")]


class Retraction(Frozen):
    """An entry or a fact taken back by a person, with the reason."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="retraction")
    fact = models.OneToOneField(
        "accounts.Fact", on_delete=models.PROTECT, null=True, related_name="retraction"
    )
    at = models.DateTimeField(default=clocks.now, editable=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    because = LineField(max_length=500)

    class Meta:
        constraints = [about_one_thing("retraction_of_one_thing")]
