from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pghistory
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, JSONObject, Lower
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.rules.condition import Condition

from .base import database_now, refuse_if, require_words, verb
from .organisation import validate_time_zone, zone_named
from .users import User

if TYPE_CHECKING:
    from .contacts import Contact
    from .coverage import Coverage

EXECUTIVES_SHOWN = 3
"""So many executive contacts stand beside the thread."""


class AccountQuerySet(models.QuerySet["Account"]):
    def open(self) -> AccountQuerySet:
        return self.filter(closed_at=None)

    def visible_to(self, user: User) -> AccountQuerySet:
        """The accounts this person may see: served, managed, or about to be received; a customer's own."""
        from .coverage import Coverage

        if user.is_operations:
            return self
        if user.is_customer:
            return self.filter(contacts__user=user)
        people = user.team_ids() if user.is_manager else [user.pk]
        served = Coverage.objects.current().filter(person_id__in=people).values("account")
        # A merged account's memory is part of the other's. As a union both are looked up, whatever there is besides.
        merged = Account.objects.filter(merged_into__in=served).order_by().values("pk")
        return self.filter(pk__in=served.union(merged))

    def owned_by(self, user: User) -> AccountQuerySet:
        from .coverage import Coverage

        return self.filter(Exists(Coverage.objects.owners().filter(account=OuterRef("pk"), person=user)))

    def with_owner(self) -> AccountQuerySet:
        """Adds `owner_name`, `owner_id`, `owner_acting` and `owner_since`."""
        from .coverage import Coverage

        owner = Coverage.objects.owners().filter(account=OuterRef("pk"))
        return self.annotate(
            owner_id=Subquery(owner.values("person_id")[:1]),
            owner_name=Subquery(owner.values("person__name")[:1]),
            owner_acting=Subquery(owner.values("acting")[:1]),
            owner_since=Subquery(owner.values("started_at")[:1]),
        )

    def with_journey(self) -> AccountQuerySet:
        """Adds `stage_now` (a `Stage` value or None) and `last_contact_at`."""
        from .entries import Entry

        entries = Entry.objects.standing().filter(account=OuterRef("pk")).order_by("-at", "-pk")
        return self.annotate(
            stage_now=Subquery(entries.filter(kind=Entry.Kind.STAGE).values("stage")[:1]),
            last_contact_at=Subquery(entries.filter(kind__in=Entry.CONTACT_KINDS).values("at")[:1]),
        )

    def with_rhythm(self, day: date) -> AccountQuerySet:
        """Adds what tells whether an account is quiet, its merged memory included.

        `last_contact_at`; `usual`, the mean time between contacts of the past year, where there were three or more;
        `next_step`, whether a visit or a task of ours is still to come.
        """
        from .entries import Entry
        from .obligations import Obligation

        this = OuterRef(OuterRef("pk"))
        memory = Account.objects.filter(Q(pk=this) | Q(merged_into=this)).values("pk")
        contacts = Entry.objects.standing().filter(account__in=memory, kind__in=Entry.CONTACT_KINDS)
        year = contacts.filter(at__gte=timezone.now() - timedelta(days=365)).order_by()
        usual = models.ExpressionWrapper(
            (models.Max("at") - models.Min("at")) / (models.Count("pk") - 1),
            output_field=models.DurationField(),
        )
        together = (
            year.annotate(all=models.Value(1)).values("all").annotate(n=models.Count("pk")).filter(n__gte=3)
        )
        to_come = Obligation.objects.open().filter(
            account=OuterRef("pk"), kind__in=[Obligation.Kind.VISIT, Obligation.Kind.TASK], due__gte=day
        )
        return self.annotate(
            last_contact_at=Subquery(contacts.order_by("-at").values("at")[:1]),
            usual=Subquery(together.annotate(usual=usual).values("usual")),
            next_step=Exists(to_come),
        )

    def with_debts(self) -> AccountQuerySet:
        """Adds `open_count` and `late_count` of what we owe, and `next_close` of an open deal."""
        from .deals import Deal
        from .obligations import Obligation
        from .organisation import today

        owed = Obligation.objects.open().filter(account=OuterRef("pk")).order_by().values("account")
        return self.annotate(
            open_count=Subquery(owed.annotate(n=models.Count("pk")).values("n")),
            late_count=Subquery(owed.filter(due__lt=today()).annotate(n=models.Count("pk")).values("n")),
            next_close=Subquery(
                Deal.objects.open()
                .filter(account=OuterRef("pk"))
                .order_by("expected_close")
                .values("expected_close")[:1]
            ),
        )

    def with_champion(self) -> AccountQuerySet:
        """Adds `champion_name` of the strongest champion who is still there."""
        from .contacts import Contact

        champion = Contact.objects.champions().filter(account=OuterRef("pk")).order_by("-strength", "pk")
        return self.annotate(champion_name=Subquery(champion.values("name")[:1]))

    def for_list(self) -> AccountQuerySet:
        """Everything one row of the accounts page shows, in one query."""
        return self.with_owner().with_journey().with_debts().with_champion().order_by(Lower("name"), "pk")

    def for_page(self) -> AccountQuerySet:
        """What the head of an account's page shows, in one query, with the memory merged into it.

        Adds `memory_pks`, `promise_months`, `verdicts_told`, `choice_asked_at`, `last_contact_at`, of the stage now its
        name, instant, evidence and author, since when the company's record reads as it does, and `executives_told`
        with the `sponsor_visit` that is owed.
        """
        from .asks import Ask
        from .entries import Entry
        from .obligations import Obligation
        from .verdicts import Verdict

        this = OuterRef(OuterRef("pk"))
        memory = Account.objects.filter(Q(pk=this) | Q(merged_into=this)).values("pk")
        promises = Obligation.objects.filter(account__in=memory).promise_months()
        entries = Entry.objects.filter(account__in=memory).standing().order_by("-at", "-pk")
        stages = entries.filter(kind=Entry.Kind.STAGE)
        verdicts = Verdict.objects.filter(Q(account=OuterRef("pk")) | Q(account__merged_into=OuterRef("pk")))
        asked = Ask.objects.filter(account=OuterRef("pk")).open_choices()
        visits = Obligation.objects.filter(account=OuterRef("pk")).sponsored()
        return self.annotate(
            executives_told=ArraySubquery(entries.learned_by_executives()[:EXECUTIVES_SHOWN]),
            sponsor_visit=Subquery(
                visits.values(json=JSONObject(pk="pk", every_days="cadence__every_days"))[:1]
            ),
            verdicts_told=ArraySubquery(verdicts.as_told()),
            choice_asked_at=Subquery(asked.values("at")[:1]),
            promise_months=ArraySubquery(promises),
            company_at=Subquery(recorded_so().values("written_at")[:1]),
            company_by=Subquery(recorded_so().values("writer")[:1]),
            memory_pks=ArraySubquery(Account.objects.filter(merged_into=OuterRef("pk")).values("pk")),
            last_contact_at=Subquery(entries.filter(kind__in=Entry.CONTACT_KINDS).values("at")[:1]),
            stage_now=Subquery(stages.values("stage")[:1]),
            stage_at=Subquery(stages.values("at")[:1]),
            stage_because=Subquery(stages.values("text")[:1]),
            stage_by=Subquery(stages.values("author__name")[:1]),
        ).select_related("parent", "merged_into", "condition_by")

    def without_champion(self) -> AccountQuerySet:
        from .contacts import Contact

        return self.filter(~Exists(Contact.objects.champions().filter(account=OuterRef("pk"))))

    def with_late_obligations(self) -> AccountQuerySet:
        from .obligations import Obligation

        return self.filter(Exists(Obligation.objects.late().filter(account=OuterRef("pk"))))

    def matching(self, words: str) -> AccountQuerySet:
        return self.filter(
            Q(name__icontains=words) | Q(industry__icontains=words) | Q(contacts__name__icontains=words)
        ).distinct()


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Account(models.Model):
    """A customer we serve. Its memory hangs off it and outlives whoever serves it."""

    name = models.CharField(max_length=255)
    industry = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=120, blank=True)
    segment = models.CharField(
        max_length=60, blank=True, help_text="Such as enterprise, mid-market or small."
    )
    country = models.CharField(max_length=120, blank=True)
    website = models.CharField(max_length=255, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    revenue = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    founded = models.PositiveSmallIntegerField("founded in", null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="subsidiaries"
    )
    external_id = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    condition = models.CharField(max_length=8, choices=Condition.choices, blank=True)
    condition_because = models.CharField(max_length=500, blank=True)
    condition_at = models.DateTimeField(null=True, blank=True)
    condition_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_because = models.CharField(max_length=500, blank=True)
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
        from .coverage import Coverage

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
        return timezone.localtime(at or timezone.now(), self.zone).date()

    @property
    def stage(self) -> str:
        """The `Stage` reached last, or an empty string before any was recorded."""
        from .entries import Entry

        latest = (
            Entry.objects.of(self).standing().filter(kind=Entry.Kind.STAGE).order_by("-at", "-pk").first()
        )
        return latest.stage if latest else ""

    def readers(self) -> models.QuerySet[User]:
        """Those of theirs who sign in to read its page."""
        signing_in: models.QuerySet[User] = User.objects.active().filter(contact__account=self)
        return signing_in.filter(contact__left_on=None).order_by("pk")

    def champions(self) -> list[Contact]:
        return list(self.contacts.champions().order_by("-strength", "pk"))

    def warnings(self) -> list[tuple[Condition, str]]:
        """What the product itself sees, worst first: a condition and the sentence that gives its reason."""
        from .entries import Entry
        from .obligations import Obligation

        in_touch = Entry.objects.of(self).standing().filter(kind__in=Entry.CONTACT_KINDS).order_by("-at")
        return self.signs(
            late=Obligation.objects.late().filter(account=self).count(),
            repairs=self.obligations.open().filter(kind=Obligation.Kind.REPAIR).count(),
            stage=self.stage,
            has_champion=bool(self.champions()),
            last_contact_at=in_touch.values_list("at", flat=True).first(),
        )

    @staticmethod
    def signs(
        *, late: int, repairs: int, stage: str, has_champion: bool, last_contact_at: datetime | None
    ) -> list[tuple[Condition, str]]:
        """`warnings` from what a page has read already: conditions and sentences, worst first."""
        from .entries import Stage

        found: list[tuple[Condition, str]] = []
        if late:
            things = "1 thing we owe is late" if late == 1 else f"{late} things we owe are late"
            found.append((Condition.URGENT, things))
        if repairs:
            found.append((Condition.URGENT, "Something went wrong here and is not made good yet"))
        if stage == Stage.AT_RISK:
            found.append((Condition.URGENT, "The journey stands at risk"))
        if not has_champion:
            found.append((Condition.WATCH, "No champion is named"))
        if last_contact_at is None or last_contact_at < timezone.now() - timedelta(days=60):
            found.append((Condition.WATCH, "Nobody has been in touch for 60 days"))
        return found

    @property
    def condition_now(self) -> Condition:
        """The more cautious of what a person rated and what the product sees."""
        return self.condition_given(self.warnings())

    def condition_given(self, seen: list[tuple[Condition, str]]) -> Condition:
        """`condition_now` from warnings that a page has read already."""
        floor = seen[0][0] if seen else Condition.STEADY
        rated = Condition(self.condition) if self.condition else Condition.STEADY
        return max(floor, rated, key=lambda condition: condition.rank)

    # Verbs

    @verb
    def rate(self, condition: str, *, because: str, by: User) -> None:
        """Record how the account stands. Never milder than what the product itself sees."""
        self.refresh_from_db(from_queryset=Account.objects.select_for_update())
        because = require_words(because, "Say why you rate the account so.")
        if condition not in Condition.values:
            raise refuse_unknown(condition)
        seen = self.warnings()
        refuse_if(
            f"It cannot be rated {Condition(condition).label.lower()}: {seen[0][1].lower()}."
            if seen and Condition(condition).rank < seen[0][0].rank
            else None
        )
        self.condition, self.condition_because = condition, because
        self.condition_at, self.condition_by = database_now(), by
        self.save(update_fields=["condition", "condition_because", "condition_at", "condition_by"])

    @verb
    def close(self, *, by: User, because: str, outcomes: Mapping[int, str]) -> None:
        """Close the account, saying what becomes of each thing still owed.

        `outcomes` gives the reason for each open obligation by its id; `Refused` names those left out.
        """
        from .coverage import Coverage
        from .deals import Deal
        from .entries import Entry

        self.refresh_from_db(from_queryset=Account.objects.select_for_update())
        because = require_words(because, "Say why the account is closed.")
        if not (by.runs_changes or Coverage.objects.owners().filter(account=self, person=by).exists()):
            raise PermissionDenied
        owed = list(self.obligations.open().select_for_update().order_by("pk"))
        refuse_if(
            "This account is already closed." if self.closed_at else None,
            *(f"Say what becomes of “{o.text}”." for o in owed if not outcomes.get(o.pk, "").strip()),
        )
        self.obligations.break_overdue()
        for obligation in owed:
            obligation.end_with_account(by=by, because=outcomes[obligation.pk].strip())
        now = database_now()
        Deal.objects.open().filter(account=self).update(closed_at=now, outcome=Deal.Outcome.DROPPED)
        Coverage.objects.current().filter(account=self).end(by=by, because=because)
        self.closed_at, self.closed_by, self.closed_because = now, by, because
        self.save(update_fields=["closed_at", "closed_by", "closed_because"])
        Entry.record(self, Entry.Kind.CHANGE, f"Account closed: {because}", by=by, at=now)

    @verb
    def merge_into(self, other: Account, *, by: User, because: str) -> None:
        """Make this account part of another: its memory is read there, what is owed is held there."""
        from .contacts import Contact
        from .coverage import Coverage
        from .deals import Deal
        from .entries import Entry
        from .obligations import Obligation

        if not by.runs_changes:
            raise PermissionDenied
        list(Account.objects.select_for_update().filter(pk__in=[self.pk, other.pk]).order_by("pk"))
        self.refresh_from_db()
        other.refresh_from_db()
        other.__dict__.pop("memory_ids", None)
        because = require_words(because, "Say why the two are one.")
        refuse_if(
            "An account cannot be merged with itself." if self.pk == other.pk else None,
            f"{self} is already closed." if self.closed_at else None,
            f"{other} is already closed." if other.closed_at else None,
            f"Other accounts were merged into {self}. Merge them one by one."
            if self.merged.exists()
            else None,
        )
        owner = other.owner
        role = Coverage.Role.OWNER
        assert owner is not None  # it is open
        Obligation.objects.open().filter(account=self).pass_to(owner, account=other, role=role)
        Deal.objects.open().filter(account=self).update(account=other, role=role, holder=owner)
        Contact.objects.filter(account=self).update(account=other)
        Coverage.objects.current().filter(account=self).end(by=by, because=because)
        self.closed_at, self.closed_by = database_now(), by
        self.closed_because, self.merged_into = because, other
        self.save(update_fields=["closed_at", "closed_by", "closed_because", "merged_into"])
        Entry.record(other, Entry.Kind.CHANGE, f"{self} was merged into this account: {because}", by=by)


def recorded_so() -> models.QuerySet[models.Model]:
    """Of an account's history the moments at which its record read as it does now, the first of them first.

    Adds `written_at` and, where somebody was signed in, `writer`.
    """
    same = {name: OuterRef(name) for name in ("industry", "region", "segment", "website")}
    history = Account.events.rel.related_model._default_manager  # type: ignore[attr-defined]
    who = Cast(KeyTextTransform("user", OuterRef("pgh_context__metadata")), models.BigIntegerField())
    return (  # type: ignore[no-any-return]
        history.filter(pgh_obj=OuterRef("pk"), **same)
        .annotate(
            # a row that was brought along is older than its history
            written_at=Case(When(pgh_label="insert", then="created_at"), default="pgh_created_at"),
            writer=Subquery(User.objects.filter(pk=who).values("name")[:1]),
        )
        .order_by("pgh_id")
    )


def refuse_unknown(value: str) -> Exception:
    from .base import Refused

    return Refused(f"“{value}” is not one of the choices.")
