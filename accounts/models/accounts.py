from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.rules import clocks
from accounts.rules.condition import Condition, Sign, most_cautious, signs

from .account_sets import AccountQuerySet
from .base import Refused, database_now, refuse_if, require, require_words, save_columns, verb
from .contacts import Contact
from .coverage import Coverage
from .deals import Deal
from .entries import Entry
from .fields import LineField
from .merges import AccountMerge
from .notice import not_alone
from .obligations import Obligation
from .organisation import validate_time_zone, zone_named
from .users import User
from .verdicts import Verdict, VerdictQuerySet


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Account(models.Model):
    """A customer we serve. Its memory hangs off it and outlives whoever serves it."""

    name = LineField(max_length=255)
    industry = LineField(max_length=120, blank=True)
    region = LineField(max_length=120, blank=True)
    segment = LineField(max_length=60, blank=True, help_text="Such as enterprise, mid-market or small.")
    country = LineField(max_length=120, blank=True)
    address = LineField(max_length=300, blank=True, help_text="Street and number, and the place.")
    phone = LineField(max_length=60, blank=True)
    website = LineField(max_length=255, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    revenue = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    founded = models.PositiveSmallIntegerField("founded in", null=True, blank=True)
    time_zone = LineField(max_length=64, default="UTC", validators=[validate_time_zone])
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="subsidiaries"
    )
    external_id = LineField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=clocks.now, editable=False)

    condition = LineField(max_length=8, choices=Condition.choices, blank=True)
    condition_because = LineField(max_length=500, blank=True)
    condition_at = models.DateTimeField(null=True, blank=True)
    condition_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_because = LineField(max_length=500, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )

    never_deleted = True
    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name")]
        indexes = [models.Index(Lower("name"), name="account_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="account_external_id_once"
            ),
            models.CheckConstraint(
                name="account_closed_by_somebody",
                condition=Q(closed_at=None) | (Q(closed_by__isnull=False) & ~Q(closed_because="")),
            ),
            models.CheckConstraint(
                name="account_merged_is_closed", condition=Q(merged_into=None) | Q(closed_at__isnull=False)
            ),
            models.CheckConstraint(
                name="account_condition_has_reason",
                condition=Q(condition="") | (~Q(condition_because="") & Q(condition_by__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    @verb
    def start(
        cls, /, *, name: str, owner: User, by: User, because: str = "New account", **fields: object
    ) -> Account:
        """Open an account with its first owner, in one act."""
        account = cls.objects.create(name=require_words(name, "Give the account a name."), **fields)
        Coverage.begin(account, Coverage.Role.OWNER, owner, by=by, because=because)
        return account

    # What is true of it now

    @property
    def owner_coverage(self) -> Coverage | None:
        return self.coverage.owners().select_related("person").first()

    @property
    def owner(self) -> User | None:
        coverage = self.owner_coverage
        return coverage.person if coverage else None

    @cached_property
    def memory_ids(self) -> list[int]:
        """This account and those merged into it: their memory is read as one."""
        if (merged := getattr(self, "memory_pks", None)) is None:  # `for_page` has brought them along
            merged = Account.objects.filter(merged_into=self).values_list("pk", flat=True)
        return [self.pk, *merged]

    @property
    def zone(self) -> ZoneInfo:
        return zone_named(self.time_zone)

    def day(self, at: datetime | None = None) -> date:
        """The customer's own calendar day, at an instant (default: now)."""
        return timezone.localtime(at or clocks.now(), self.zone).date()

    @property
    def stage(self) -> str:
        """The `Stage` reached last, or an empty string before any was recorded."""
        latest = (
            Entry.objects.of(self)
            .not_retracted()
            .filter(kind=Entry.Kind.STAGE)
            .order_by("-at", "-pk")
            .first()
        )
        return latest.stage if latest else ""

    def readers(self) -> models.QuerySet[User]:
        """Those of theirs who sign in to read its page."""
        signing_in: models.QuerySet[User] = User.objects.active().filter(contact__account=self)
        return signing_in.filter(contact__left_on=None).order_by("pk")

    def champions(self) -> list[Contact]:
        return list(self.contacts.champions().order_by("-strength", "pk"))

    def warnings(self) -> list[Sign]:
        """What the product itself sees, worst first: a condition and the sentence that gives its reason."""
        in_touch = Entry.objects.of(self).not_retracted().filter(kind__in=Entry.CONTACT_KINDS).order_by("-at")
        return signs(
            late=self.obligations.late().to_them().count(),
            repairs=self.obligations.open().filter(kind=Obligation.Kind.REPAIR).count(),
            stage=self.stage,
            has_champion=bool(self.champions()),
            last_contact_at=in_touch.values_list("at", flat=True).first(),
            now=clocks.now(),
        )

    @property
    def condition_now(self) -> Condition:
        """The more cautious of what a person rated and what the product sees."""
        return most_cautious(self.condition, self.warnings())

    def lock(self) -> None:
        """Read it anew and hold it until the transaction ends; who would change it meanwhile waits."""
        self.refresh_from_db(from_queryset=Account.objects.select_for_update(of=("self",)))

    def verdicts_lately(self) -> VerdictQuerySet:
        """What they answered lately when asked whether they would make the same choice."""
        return Verdict.objects.of(self).lately()

    def add_to_team(self, person: User, role: str, *, by: User, because: str) -> Coverage:
        return Coverage.begin(self, role, person, by=by, because=because)

    # Verbs

    @verb
    def rate(self, condition: str, *, because: str, by: User) -> None:
        """Record how the account stands. Never milder than what the product itself sees."""
        self.refresh_from_db(from_queryset=Account.objects.select_for_update())
        because = require_words(because, "Say why you rate the account so.")
        refuse_if(None if condition in Condition.values else f"“{condition}” is not one of the choices.")
        seen = self.warnings()
        if seen and Condition(condition).rank < seen[0][0].rank:
            raise Refused(f"It cannot be rated {Condition(condition).label.lower()}: {seen[0][1].lower()}.")
        save_columns(
            self, condition=condition, condition_because=because, condition_at=database_now(), condition_by=by
        )

    @verb
    def close(self, *, by: User, because: str, outcomes: Mapping[int, str]) -> None:
        """Close the account, saying what becomes of each thing still owed.

        `outcomes` gives the reason for each open obligation by its id; `Refused` names those left out.
        """
        self.refresh_from_db(from_queryset=Account.objects.select_for_update())
        because = require_words(because, "Say why the account is closed.")
        require(by.runs_changes or Coverage.objects.owners().filter(account=self, person=by).exists())
        owed = list(self.obligations.open().select_for_update().order_by("pk"))
        refuse_if(
            "This account is already closed." if self.closed_at else None,
            not_alone(by),
            *(f"Say what becomes of “{o.text}”." for o in owed if not outcomes.get(o.pk, "").strip()),
        )
        self.obligations.break_overdue()
        for obligation in owed:
            obligation.end(Obligation.Outcome.ACCOUNT_CLOSED, by=by)
            obligation.note("ended", outcomes[obligation.pk].strip(), by=by)
        now = database_now()
        Deal.objects.open().filter(account=self).update(closed_at=now, outcome=Deal.Outcome.DROPPED)
        Coverage.objects.current().filter(account=self).end(by=by, because=because)
        save_columns(self, closed_at=now, closed_by=by, closed_because=because)
        Entry.record(self, Entry.Kind.CHANGE, f"Account closed: {because}", by=by, at=now)

    @verb
    def merge_into(self, other: Account, *, by: User, because: str) -> None:
        """Make this account part of another: its memory is read there, what is owed is held there."""
        require(by.runs_changes)
        list(Account.objects.select_for_update().filter(pk__in=[self.pk, other.pk]).order_by("pk"))
        self.refresh_from_db()
        other.refresh_from_db()
        other.__dict__.pop("memory_ids", None)
        because = require_words(because, "Say why the two are one.")
        refuse_if(
            "An account cannot be merged with itself." if self.pk == other.pk else None,
            f"{self} is already closed." if self.closed_at else None,
            f"{other} is already closed." if other.closed_at else None,
        )
        moved = AccountMerge.what_moves(self)
        owner = other.owner
        role = Coverage.Role.OWNER
        assert owner is not None  # it is open
        Obligation.objects.open().filter(account=self).pass_to(owner, account=other, role=role)
        Deal.objects.open().filter(account=self).update(account=other, role=role, holder=owner)
        Contact.objects.filter(account=self).update(account=other)
        self.merged.update(merged_into=other)  # what is part of this one becomes part of the other
        Coverage.objects.current().filter(account=self).end(by=by, because=because)
        now = database_now()
        save_columns(self, closed_at=now, closed_by=by, closed_because=because, merged_into=other)
        told = f"{self} was merged into this account: {because}"
        entry = Entry.record(other, Entry.Kind.CHANGE, told, by=by)
        AccountMerge.objects.create(
            account=self, into=other, at=database_now(), by=by, entry=entry, moved=moved
        )
