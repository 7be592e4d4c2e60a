from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

import pghistory
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Case, Count, DateField, ExpressionWrapper, F, Func, OuterRef, Q, Subquery, When
from django.db.models.functions import Cast, JSONObject, TruncMonth
from django.utils import timezone

from accounts.promise_record import MONTHS, PromiseRecord, month_before
from accounts.working_hours import ends

from .accounts import Account
from .base import database_now, refuse_if, require_words, verb
from .contacts import Contact
from .coverage import Coverage
from .entries import Entry, Retraction
from .facts import Fact
from .organisation import today
from .users import User

LAPSES_AFTER = timedelta(days=14)
#: How much of their working time may pass before a question is answered, by the urgency that they gave it.
ANSWERED_WITHIN = {
    "normal": timedelta(hours=16),
    "soon": timedelta(hours=8),
    "emergency": timedelta(hours=2),
}


#: So many days after a sale or a change of owner somebody checks in; at the last the customer is asked for a verdict.
CHECK_INS = [7, 30, 90]
#: A visit wants a note so long after it, and is let be after so long.
NOTE_AFTER, NOTE_UNTIL, ONE_DAY = timedelta(days=2), timedelta(days=14), timedelta(days=1)
#: A note of a visit may have been kept so long before somebody said that it was held.
SAID_AFTERWARDS = timedelta(days=7)

#: Who is named where a date did something and no person.
BY_ITSELF = "Throughline"
BROKEN = "It was due on {due:%-d %B %Y} and was not kept by then."
SAID_BEFORE = "That is the answer they have already sent back. Say something new."


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def open(self) -> ObligationQuerySet:
        return self.filter(closed_at=None)

    def late(self) -> ObligationQuerySet:
        return self.open().filter(due__lt=today())

    def shared(self) -> ObligationQuerySet:
        return self.filter(shared_at__isnull=False)

    def unanswered(self) -> ObligationQuerySet:
        """What customers asked or told us that still waits for a word of ours."""
        return self.open().filter(kind__in=Obligation.THEIRS, contact__isnull=False, answered_at=None)

    def longest_first(self) -> ObligationQuerySet:
        """With what a list by account, holder or team shows; who has waited longest stands first."""
        shown = self.select_related("account", "holder__reports_to", "contact")
        return shown.order_by("raised_at", "pk")

    def obstacles(self) -> ObligationQuerySet:
        """What of ours stands in the way of business, of one kind after the other, open ones first."""
        return (
            self.filter(kind=Obligation.Kind.REPAIR)
            .exclude(obstacle="")
            .select_related("account", "holder", "contact")
            .order_by("obstacle", F("closed_at").desc(nulls_first=True), "pk")
        )

    def reported_by(self, user: User) -> ObligationQuerySet:
        """What this person reported as gone wrong, the newest first."""
        mine = self.filter(kind=Obligation.Kind.REPAIR, raised_by=user)
        return mine.select_related("account", "holder").order_by("-raised_at", "-pk")

    def promised_by(self, user: User) -> ObligationQuerySet:
        """The promises that stand on this person's record: those they broke, and the others that they hold."""
        return self.filter(Q(broken_by=user) | Q(broken_by=None, holder=user))

    def pass_to(self, person: User | models.Subquery, role: str = "", **where: object) -> int:
        """Put these lines into the hands of somebody, who serves in that role (as it is, when none is given).

        What was due before today was broken by whoever had it until now. Returns how many pass.
        """
        self.break_overdue()
        if role:
            where["role"] = role
        transfers = Case(When(holder=person, then=F("transfers")), default=F("transfers") + 1)
        return self.update(holder=person, transfers=transfers, **where)

    def break_overdue(self) -> None:
        """What the sweep does by and by, before these lines change hands or end."""
        from accounts.sweep import break_promises

        begun = timezone.now().date() + timedelta(days=1)  # somewhere on earth
        passed = self.filter(kind=Obligation.Kind.PROMISE, closed_at=None, broken_at=None, due__lt=begun)
        if ids := list(passed.values_list("pk", flat=True)):
            break_promises(ids)

    def promise_record(self) -> PromiseRecord:
        """What became of the promises among these that were due in the last twelve months, month by month."""
        return PromiseRecord.of((row["counted"] for row in self.promise_months()), today())

    def promise_months(self, months: int = MONTHS) -> models.QuerySet[Obligation, dict[str, Any]]:
        """Of each of so many months in which promises were due `counted`: its day, how many kept, late and broken."""
        there = Func(F("account__time_zone"), F("broken_at"), function="timezone")
        missed = ExpressionWrapper(Cast(there, DateField()) - timedelta(days=1), output_field=DateField())
        kept = Q(outcome=Obligation.Outcome.KEPT)
        first = month_before(timezone.now().date() - timedelta(days=1), months - 1)
        by_month = (
            self.filter(Q(broken_at__isnull=False) | kept, kind=Obligation.Kind.PROMISE)
            .exclude(outcome=Obligation.Outcome.RETRACTED)
            .annotate(counts_on=Case(When(broken_at=None, then=F("due")), default=missed))
            .filter(counts_on__gte=first)
            .order_by()
            .values(month=TruncMonth("counts_on"))
        )
        figures = {
            "kept": Count("pk", filter=kept & Q(broken_at=None)),
            "late": Count("pk", filter=kept & Q(broken_at__isnull=False)),
            "broken": Count("pk", filter=~kept),
        }
        return by_month.annotate(counted=JSONObject(month="month", **figures)).values("counted")

    def held_by(self, user: User) -> ObligationQuerySet:
        """What is open and this person's to do. Who holds something serves the account, so they may see it."""
        return self.open().filter(holder=user, answered_at=None)

    def with_brief(self, day: date) -> ObligationQuerySet:
        """Adds `brief` to each visit: their champion, where they stand, and what they wait for; None to other kinds."""
        here = OuterRef("account")
        entries = Entry.objects.standing().filter(account=here).order_by("-at", "-pk")
        champions = Contact.objects.champions().filter(account=here).order_by("-strength", "pk")
        late = Q(respond_by__lt=timezone.now()) | Q(due__lt=day)
        ours = {Obligation.Kind.VISIT, Obligation.Kind.TASK}
        waited_for = (
            Obligation.objects.open()
            .filter(account=here, answered_at=None)
            .exclude(kind__in=ours)
            .order_by(Case(When(late, then=0), default=1), F("due").asc(nulls_last=True), "raised_at", "pk")
        )
        brief = JSONObject(
            champion=Subquery(
                champions.values(json=JSONObject(name="name", title="title", roles="roles"))[:1]
            ),
            stage=Subquery(entries.filter(kind=Entry.Kind.STAGE).values("stage")[:1]),
            in_touch=Subquery(
                entries.filter(kind__in=Entry.CONTACT_KINDS).values(json=JSONObject(at="at", kind="kind"))[:1]
            ),
            waits=Subquery(
                waited_for.values(
                    json=JSONObject(kind="kind", text="text", due="due", raised_at="raised_at")
                )[:1]
            ),
        )
        return self.annotate(brief=Case(When(kind=Obligation.Kind.VISIT, then=brief)))

    def without_a_note(self, user: User) -> list[Obligation]:
        """Visits of this person, held or past for two days to two weeks, of which nobody has kept a note.

        Those for which they were asked for one already are left out.
        """
        day, now = today(), timezone.now()
        kept = Entry.objects.standing().filter(account=OuterRef("account"), kind__in=Entry.KEPT_BY_HAND)
        past = Q(closed_at=None, due__lte=day - NOTE_AFTER, due__gte=day - NOTE_UNTIL - ONE_DAY)
        held = Q(outcome=Obligation.Outcome.HELD, closed_at__gte=now - NOTE_UNTIL - ONE_DAY)
        visits: models.QuerySet[Any] = (
            self.filter(past | held, kind=Obligation.Kind.VISIT, holder=user, note_asked_on=None)
            .select_related("account")
            .annotate(last_note_at=Subquery(kept.order_by("-at").values("at")[:1]))
            .order_by("due", "pk")
        )
        return [visit for visit in visits if visit.wants_a_note(day, visit.last_note_at)]

    def visible_to(self, user: User) -> ObligationQuerySet:
        seen = self.filter(account__in=Account.objects.visible_to(user))
        return seen.shared() if user.is_customer else seen

    def for_list(self) -> ObligationQuerySet:
        return self.select_related("account", "holder", "contact").order_by(
            F("due").asc(nulls_last=True), "pk"
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Obligation(models.Model):
    """Something we owe a customer: one ledger, one holder, one due date."""

    class Kind(models.TextChoices):
        PROMISE = "promise", "Promise"
        QUESTION = "question", "Question"
        FEEDBACK = "feedback", "Feedback"
        VISIT = "visit", "Visit"
        REPAIR = "repair", "Repair"
        TASK = "task", "Task"

    class Outcome(models.TextChoices):
        KEPT = "kept", "Kept"
        RELEASED = "released", "Released by the customer"
        AGREED = "agreed", "The customer agreed"
        LAPSED = "lapsed", "Lapsed without an answer"
        HELD = "held", "Held"
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"
        ACCOUNT_CLOSED = "account_closed", "Ended with the account"
        RETRACTED = "retracted", "Taken back with its note"

    class Urgency(models.TextChoices):
        NORMAL = "normal", "Normal"
        SOON = "soon", "Soon"
        EMERGENCY = "emergency", "Emergency"

    class Decision(models.TextChoices):
        YES = "yes", "Yes"
        PLANNED = "planned", "Planned"
        NO = "no", "No"

    class Severity(models.TextChoices):
        NUISANCE = "nuisance", "A nuisance"
        HINDERS = "hinders", "It hinders them"
        STOPS = "stops", "They cannot go on"

    class Obstacle(models.TextChoices):
        TERM = "term", "A term of ours"
        FORM = "form", "A form of ours"
        PAYMENT = "payment", "How we take payment"
        OTHER = "other", "Another rule of ours"

    #: What reopening sets anew.
    REOPENED: ClassVar[list[str]] = [
        "account",
        "role",
        "holder",
        "answered_at",
        "decision",
        "lapses_on",
        "respond_by",
        "closed_at",
        "closed_by",
        "agreed_by",
        "outcome",
    ]
    #: Kinds that come from the customer: only the customer closes them (law 5).
    THEIRS: ClassVar[list[str]] = [Kind.QUESTION, Kind.FEEDBACK, Kind.REPAIR]

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="obligations")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    role = models.CharField(max_length=8, choices=Coverage.Role.choices, default=Coverage.Role.OWNER)
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="obligations")
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="obligations",
        help_text="To whom we owe it, or who raised it.",
    )
    text = models.TextField("exact words")
    due = models.DateField(null=True, blank=True)
    starts_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="A meeting is a visit with an hour. It is due on the day of it where the customer is.",
    )
    note_asked_on = models.DateField(
        null=True, blank=True, help_text="When its holder was asked for a note of the visit."
    )
    stretch = models.BooleanField("stretch: we said we would try", default=False)
    urgency = models.CharField(max_length=9, choices=Urgency.choices, default=Urgency.NORMAL)
    fact = models.ForeignKey(
        Fact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        help_text="The line the customer says is wrong.",
    )
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", help_text="Who wrote it down (a customer may, too)."
    )
    shared_at = models.DateTimeField(null=True, blank=True)
    severity = models.CharField(max_length=8, choices=Severity.choices, blank=True)
    obstacle = models.CharField(
        max_length=8,
        choices=Obstacle.choices,
        blank=True,
        help_text="What of ours stands in the way of doing business.",
    )
    cadence = models.ForeignKey(
        "accounts.Cadence", on_delete=models.PROTECT, null=True, blank=True, related_name="visits"
    )
    check_in = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="So many days after a sale or a change of owner."
    )
    after_deal = models.ForeignKey(
        "accounts.Deal",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="check_ins",
    )
    after_coverage = models.ForeignKey(
        Coverage, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="check_ins"
    )
    broken_at = models.DateTimeField(null=True, blank=True)
    broken_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who held the promise on the day it was due.",
    )
    respond_by = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    escalated_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    transfers = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True)
    lapses_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    agreed_by = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The contact who agreed that this is done.",
    )
    outcome = models.CharField(max_length=14, choices=Outcome.choices, blank=True)
    external_id = models.CharField(max_length=120, blank=True)

    # The exact words, their kind, who raised them and when stay as they were (see grants.py).
    columns_that_change = (
        "account_id",
        "role",
        "holder_id",
        "due",
        "starts_at",
        "note_asked_on",
        "stretch",
        "urgency",
        "fact_id",
        "shared_at",
        "broken_at",
        "broken_by_id",
        "respond_by",
        "escalated_at",
        "escalated_to_id",
        "transfers",
        "answered_at",
        "decision",
        "lapses_on",
        "closed_at",
        "closed_by_id",
        "agreed_by_id",
        "outcome",
        "external_id",
    )
    objects = ObligationQuerySet.as_manager()

    class Meta:
        ordering = [F("due").asc(nulls_last=True), "pk"]
        indexes = [
            models.Index(fields=["account"], condition=Q(closed_at=None), name="obligation_open"),
            models.Index(fields=["holder", "due"], condition=Q(closed_at=None), name="obligation_held"),
            models.Index(
                fields=["due"],
                condition=Q(closed_at=None, broken_at=None, kind="promise"),
                name="obligation_to_break",
            ),
            models.Index(
                fields=["respond_by"],
                condition=Q(closed_at=None, answered_at=None, escalated_at=None, respond_by__isnull=False),
                name="obligation_to_escalate",
            ),
            models.Index(
                fields=["lapses_on"],
                condition=Q(closed_at=None, lapses_on__isnull=False),
                name="obligation_to_lapse",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="obligation_closed_has_outcome",
                condition=Q(closed_at=None, outcome="", closed_by=None)
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="customer_closes_what_they_raised",
                condition=Q(closed_at=None)
                | ~Q(kind__in=["question", "feedback", "repair"])
                | Q(contact=None)
                | Q(outcome="agreed", agreed_by__isnull=False)
                | Q(outcome="lapsed", lapses_on__isnull=False, answered_at__isnull=False)
                | Q(outcome="account_closed")
                | Q(outcome="retracted"),  # a trigger sees to it that its note was taken back in time
            ),
            models.CheckConstraint(
                name="obligation_asked_is_asked_by_somebody",
                condition=~Q(kind__in=["question", "feedback"]) | Q(contact__isnull=False),
            ),
            models.CheckConstraint(
                name="only_a_dated_promise_breaks",
                condition=Q(broken_at=None, broken_by=None)
                | Q(kind="promise", due__isnull=False, broken_at__isnull=False, broken_by__isnull=False),
            ),
            models.CheckConstraint(
                name="only_a_question_has_a_clock", condition=Q(respond_by=None) | Q(kind="question")
            ),
            models.CheckConstraint(
                name="escalated_to_somebody",
                condition=Q(escalated_at=None, escalated_to=None)
                | Q(escalated_at__isnull=False, escalated_to__isnull=False),
            ),
            models.CheckConstraint(
                name="severity_and_obstacle_are_of_repairs",
                condition=Q(severity="", obstacle="") | Q(kind="repair"),
            ),
            models.CheckConstraint(
                name="only_visits_have_a_cadence", condition=Q(cadence=None) | Q(kind="visit")
            ),
            models.CheckConstraint(
                name="check_in_is_a_visit_with_one_cause",
                condition=Q(check_in=None, after_deal=None, after_coverage=None)
                | Q(kind="visit", check_in__isnull=False, check_in__in=CHECK_INS)
                & (
                    Q(after_deal__isnull=False, after_coverage=None)
                    | Q(after_deal=None, after_coverage__isnull=False)
                ),
            ),
            models.UniqueConstraint(fields=["after_deal", "check_in"], name="check_in_once_after_a_sale"),
            models.UniqueConstraint(
                fields=["after_coverage", "check_in"], name="check_in_once_after_a_change"
            ),
            models.CheckConstraint(
                name="only_visits_have_an_hour",
                condition=Q(starts_at=None) | Q(kind="visit", due__isnull=False),
            ),
            models.CheckConstraint(
                name="only_visits_want_a_note", condition=Q(note_asked_on=None) | Q(kind="visit")
            ),
            models.UniqueConstraint(
                fields=["cadence"], condition=Q(closed_at=None), name="visit_one_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="obligation_external_id_once"
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) < 80 else self.text[:79] + "…"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def hour(self) -> str:
        """The hour of a meeting by the customer's clock, such as 14:30; nothing for what has only a day."""
        return f"{self.starts_at.astimezone(self.account.zone):%H:%M}" if self.starts_at else ""

    @property
    def at_hour(self) -> str:
        """What follows the day of a meeting in a list."""
        return f", {self.hour}" if self.hour else ""

    @property
    def when(self) -> str:
        """The day it is due in words, and for a meeting the hour where the customer is."""
        day = f"{self.due:%-d %B %Y}" if self.due else "no date"
        return f"{day} at {self.hour}" if self.hour else day

    @property
    def took_place_on(self) -> date | None:
        """The day of a visit: of a meeting the one it was planned for, else the one on which it was held, or is due."""
        held_on = self.account.day(self.closed_at) if self.closed_at else None
        if held_on is None or self.due is None:
            return held_on or self.due
        return min(self.due, held_on) if self.starts_at else held_on

    def wants_a_note(self, day: date, last_note_at: datetime | None) -> bool:
        """Two days after a visit: whether no note was kept on the account since the day of it."""
        on = self.took_place_on
        if on is None or not NOTE_AFTER <= day - on <= NOTE_UNTIL:
            return False
        since = min(on, max(self.due or on, on - SAID_AFTERWARDS))
        return last_note_at is None or self.account.day(last_note_at) < since

    @property
    def kept_late(self) -> bool:
        return self.outcome == self.Outcome.KEPT and self.broken_at is not None

    @property
    def missed_on(self) -> date | None:
        """The day on which a promise was due that was broken, in the customer's own calendar."""
        if self.broken_at is None:
            return None
        return self.account.day(self.broken_at) - timedelta(days=1)

    @property
    def outcome_in_words(self) -> str:
        return "Kept late" if self.kept_late else self.get_outcome_display()

    @property
    def overdue_for_answer(self) -> bool:
        """Their question has waited longer than we allow ourselves."""
        waits = self.is_open and self.answered_at is None
        return waits and self.respond_by is not None and self.respond_by < timezone.now()

    @property
    def is_theirs(self) -> bool:
        return self.kind in self.THEIRS and self.contact_id is not None

    @classmethod
    @verb
    def owe(
        cls,
        /,
        account: Account,
        kind: str,
        text: str,
        *,
        by: User,
        due: date | None = None,
        contact: Contact | None = None,
        holder: User | None = None,
        role: str = Coverage.Role.OWNER,
        at: datetime | None = None,
        shared: bool = False,
        **fields: object,
    ) -> Obligation:
        """Write down something we owe. The holder is the account's owner unless one is given.

        `Refused` when it has no words, a promise has no date, or a question no contact who asked it.
        """
        text = require_words(text, "Write the exact words.")
        holder = holder or account.owner
        refuse_if(
            f"{account} is closed." if account.closed_at or holder is None else None,
            "A promise needs a date." if kind == cls.Kind.PROMISE and due is None else None,
            "Name the contact who raised it."
            if kind in {cls.Kind.QUESTION, cls.Kind.FEEDBACK} and not contact
            else None,
            "That contact belongs to another account."
            if contact and contact.account_id != account.pk
            else None,
        )
        assert holder is not None
        now = at or database_now()
        if kind == cls.Kind.QUESTION:
            fields["respond_by"] = cls.answer_due(account, now, str(fields.get("urgency") or "normal"))
        obligation = cls.objects.create(
            account=account,
            kind=kind,
            text=text,
            due=due,
            contact=contact,
            holder=holder,
            role=role,
            raised_at=now,
            raised_by=by,
            shared_at=now if shared else None,
            **fields,
        )
        obligation.note("raised", text, by=by, at=now)
        return obligation

    @staticmethod
    def answer_due(account: Account, asked: datetime, urgency: str) -> datetime:
        """When a question must be answered: so many hours of the customer's own working time after it was asked."""
        return ends(asked, ANSWERED_WITHIN[urgency], account.zone, account.country)

    @classmethod
    @verb
    def report(
        cls,
        /,
        account: Account,
        text: str,
        *,
        by: User,
        severity: str,
        obstacle: str = "",
        contact: Contact | None = None,
    ) -> Obligation:
        """Anybody of ours saw something go wrong for a customer, whether or not they may see the account.

        The account's owner holds it from now on and is told by letter.
        """
        refuse_if(None if severity in cls.Severity.values else "Say how bad it is for them.")
        repair = cls.owe(
            account, cls.Kind.REPAIR, text, by=by, contact=contact, severity=severity, obstacle=obstacle
        )
        if repair.holder != by:
            repair._tell(repair.holder, f"Something went wrong at {account}", f"{by} reports this.", by=by)
        return repair

    @classmethod
    @verb
    def plan_meeting(
        cls,
        /,
        account: Account,
        text: str,
        *,
        by: User,
        starts_at: date,
        contact: Contact | None = None,
        external_id: str = "",
    ) -> Obligation:
        """A visit held by whoever plans it, with an hour unless `starts_at` is a whole day.

        A meeting is due on the day of it where the customer is: they were told that day, and a promise of ours
        breaks by the same calendar.
        """
        roles = set(
            Coverage.objects.current().filter(account=account, person=by).values_list("role", flat=True)
        )
        role = next((role.value for role in Coverage.HOLDING_ROLES if role in roles), "")
        instant = starts_at if isinstance(starts_at, datetime) else None
        due = account.day(instant) if instant else starts_at
        over = instant < timezone.now() if instant else due < account.day()
        refuse_if(
            None if role else f"You do not serve {account}: whoever holds a meeting must be on the team.",
            "That is over. Keep a note of what came of it instead." if over else None,
        )
        return cls.owe(
            account,
            cls.Kind.VISIT,
            text,
            by=by,
            due=due,
            starts_at=instant,
            contact=contact,
            holder=by,
            role=role,
            external_id=external_id,
        )

    # Verbs of every kind

    @verb
    def keep(self, *, by: User) -> None:
        """We did what we said (a promise, a visit or a task)."""
        self._lock(by)
        refuse_if(
            "Only the customer can close what the customer raised. Answer it first."
            if self.is_theirs
            else None,
            "Say what was done to make it good." if self.kind == self.Kind.REPAIR else None,
        )
        outcome = {self.Kind.PROMISE: self.Outcome.KEPT, self.Kind.VISIT: self.Outcome.HELD}
        self._close(outcome.get(self.Kind(self.kind), self.Outcome.DONE), by=by)
        late = f"Late: it was due on {self.missed_on:%-d %B %Y}." if self.kept_late else ""
        self.note("kept", late, by=by)
        self._plan_next(by)

    @verb
    def make_good(self, text: str, *, by: User) -> None:
        """Say what was done about what went wrong. Only the customer closes what the customer raised."""
        text = require_words(text, "Say what was done to make it good.")
        self._lock(by)
        refuse_if(
            None if self.kind == self.Kind.REPAIR else "Only what went wrong is made good.",
            self._said_before(text),
        )
        if self.is_theirs:
            self._wait_for_them()
        else:
            self._close(self.Outcome.DONE, by=by)
        self.note("made_good", text, by=by)

    @verb
    def move(self, to: date, *, because: str, by: User) -> None:
        """Set another date, with a reason that the customer sees when the line is shared.

        A meeting is moved to an instant; moved to a day alone, a visit has no hour any more.
        """
        because = require_words(because, "Say why the date moves. The customer sees it.")
        self._lock(by)
        starts_at = to if isinstance(to, datetime) else None
        due, their_today = (self.account.day(starts_at), self.account.day()) if starts_at else (to, today())
        refuse_if(
            "Only a visit has an hour." if starts_at and self.kind != self.Kind.VISIT else None,
            f"{due:%-d %B %Y} is in the past." if due < their_today else None,
            "It is already due on that day." if (due, starts_at) == (self.due, self.starts_at) else None,
        )
        before = self.when
        self.due, self.starts_at, self.note_asked_on = due, starts_at, None
        self.save(update_fields=["due", "starts_at", "note_asked_on"])
        self.note("moved", f"From {before} to {self.when}: {because}", by=by)

    @verb
    def answer(self, text: str, *, by: User) -> None:
        """Answer what they raised. It stays open until they agree, or lapses two weeks later."""
        text = require_words(text, "Write the answer.")
        self._lock(by)
        refuse_if(
            None if self.is_theirs else "Only what the customer raised is answered.",
            self._said_before(text),
        )
        self._wait_for_them()
        self.note("answered", text, by=by, at=self.answered_at)

    @verb
    def decide(self, decision: str, because: str, *, by: User) -> None:
        """Decide on their feedback: yes, planned or no, and because. A yes to a correction corrects the fact."""
        because = require_words(because, "Say because of what. A no without a reason is no answer.")
        self._lock(by)
        refuse_if(
            None if self.kind == self.Kind.FEEDBACK else "Only feedback is decided.",
            None if decision in self.Decision.values else "Choose yes, planned or no.",
        )
        if decision == self.Decision.YES and self.fact:
            self.fact.supersede(self.text, by=by, provenance=Fact.Provenance.TOLD, contact=self.contact)
        self.decision = decision
        self._wait_for_them("decision")
        self.note("decided", f"{self.get_decision_display()}: {because}", by=by, at=self.answered_at)

    @verb
    def agree(self, *, contact: Contact, by: User, words: str = "") -> None:
        """The customer agrees that it is done. Staff may record it for them: then `words` says what they said."""
        self._lock(by, customers_too=True)
        reported = not by.is_customer
        refuse_if(
            "That contact belongs to another account." if contact.account_id != self.account_id else None,
            "Write their words: you record it for them." if reported and not words.strip() else None,
            None if self.answered_at or not self.is_theirs else "It has not been answered yet.",
        )
        self.agreed_by = contact
        self._close(self.Outcome.AGREED if self.is_theirs else self.Outcome.RELEASED, by=by)
        said = f"“{words.strip()}”" if words.strip() else ""
        self.note(
            "agreed", f"{contact} agreed. {said}{' (reported by us)' if reported else ''}".strip(), by=by
        )
        self._plan_next(by)

    @verb
    def reopen(self, *, by: User, because: str) -> None:
        """They say it is not settled. The second time, the account's manager holds it."""
        because = require_words(because, "Say what is still missing.")
        self._lock(by, closed_too=True, customers_too=True)
        home = self.account.merged_into or self.account
        refuse_if(
            "It is still open and waits for our answer." if self.is_open and not self.answered_at else None,
            "The account is closed." if home.closed_at else None,
            "It was taken back with its note. Write it down anew."
            if self.outcome == self.Outcome.RETRACTED
            else None,
        )
        again = self.entries.filter(step="reopened").count() + 1
        self.account, owner = home, home.owner
        assert owner is not None
        self.closed_at = self.closed_by = self.agreed_by = self.answered_at = self.lapses_on = None
        self.outcome = self.decision = ""
        self.role, self.holder = Coverage.Role.OWNER, owner
        if self.kind == self.Kind.QUESTION:
            self.respond_by = self.answer_due(home, database_now(), self.urgency)
        self.save(update_fields=self.REOPENED)
        self.note("reopened", because, by=by)
        if again == 2 and (manager := owner.manager_if_any()):
            self.hand_to(manager, by=by, because="Reopened for the second time")

    @verb
    def hand_to(self, colleague: User, *, by: User, because: str = "") -> None:
        """Give this one line to a colleague, who joins the account's team by the same act."""
        self._lock(by, customers_too=True)
        refuse_if(
            f"{colleague} already holds it." if colleague.pk == self.holder_id else None,
            f"{colleague} cannot hold anything."
            if not colleague.is_active or colleague.is_customer
            else None,
        )
        role = (
            Coverage.objects.accountable()
            .filter(account=self.account, person=colleague)
            .values_list("role", flat=True)
            .first()
        )
        if role is None:
            role = Coverage.Role.SUPPORT
            Coverage.begin(self.account, role, colleague, by=by, because=because or f"Takes on “{self}”")
        before = self.holder
        self.role, self.holder = role, colleague
        self.transfers += 1
        self.save(update_fields=["role", "holder", "transfers"])
        self.note("handed", f"{before} → {colleague}" + (f": {because}" if because else ""), by=by)

    @verb
    def escalate(self, *, by: User, because: str) -> None:
        """Bring it before the holder's manager, by name, once. The customer may do this, too."""
        because = require_words(because, "Say why it needs their attention.")
        self._lock(by, customers_too=True)
        refuse_if(
            f"{self.escalated_to} was told already, on {self.escalated_at:%-d %B}."
            if self.escalated_at
            else None
        )
        self.escalated_at = database_now()
        self.escalated_to = self.holder.manager_if_any() or self.holder
        self.save(update_fields=["escalated_at", "escalated_to"])
        self.note("escalated", f"To {self.escalated_to}: {because}", by=by)
        self._tell(self.escalated_to, f"{self.account} needs you", because, by=by)

    @verb
    def share(self, *, by: User) -> None:
        """Show this line on the customer's page."""
        self._lock(by)
        refuse_if("The customer already sees this." if self.shared_at else None)
        self.shared_at = database_now()
        self.save(update_fields=["shared_at"])

    @verb
    def drop(self, *, by: User, because: str) -> None:
        """We no longer mean to do it: a visit or a task of our own. What they were promised is not dropped."""
        because = require_words(because, "Say why it is dropped.")
        self._lock(by)
        refuse_if(
            None
            if self.kind in {self.Kind.VISIT, self.Kind.TASK}
            else "Only a visit or a task can be dropped."
        )
        self._close(self.Outcome.DROPPED, by=by)
        self.note("dropped", because, by=by)
        self._plan_next(by)

    @verb
    def lapse(self, *, by: User) -> None:
        """Nobody came back to our answer within the stated time: it closes, openly as lapsed."""
        self.refresh_from_db(from_queryset=Obligation.objects.select_for_update(of=("self",)))
        refuse_if(
            None
            if self.is_open and self.answered_at and self.lapses_on and self.lapses_on < today()
            else "It cannot lapse yet."
        )
        self._close(self.Outcome.LAPSED, by=by)
        self.note("lapsed", "No word came back on our answer in the stated time.", by=by)

    @verb
    def take_back(self, *, by: User) -> None:
        """It goes with the note that wrote it down by mistake: at once, and only while nobody has acted on it."""
        self.refresh_from_db(from_queryset=Obligation.objects.select_for_update(of=("self",)))
        refuse_if(None if self.is_untouched else f"“{self}” stays: somebody has acted on it since.")
        self._close(self.Outcome.RETRACTED, by=by)
        for raised in self.entries.all():
            Retraction.objects.create(entry=raised, by=by, because="Taken back with its note")

    @property
    def is_untouched(self) -> bool:
        """Written down, and nothing else: not shown to the customer, and no step of anybody's after the first."""
        acted = self.entries.exclude(step__in=["raised", "broken"])  # the calendar is nobody
        return self.is_open and self.shared_at is None and not acted.exists()

    def end_with_account(self, *, by: User, because: str) -> None:
        """Part of closing the account; `because` says what becomes of this line."""
        self._close(self.Outcome.ACCOUNT_CLOSED, by=by)
        self.note("ended", because, by=by)

    # Steps that verbs share

    def _lock(self, by: User, *, closed_too: bool = False, customers_too: bool = False) -> None:
        self.refresh_from_db(from_queryset=Obligation.objects.select_for_update(of=("self",)))
        if by.is_customer and not customers_too:
            raise PermissionDenied
        refuse_if(
            f"This was already closed: {self.get_outcome_display().lower()}."
            if not self.is_open and not closed_too
            else None
        )
        if self.is_open and self.kind == self.Kind.PROMISE:
            self._break_if_due_before(self.account.day())

    def _break_if_due_before(self, day: date) -> None:
        """The calendar breaks a promise, not whoever comes next: kept or moved after its day, it was broken first."""
        if self.broken_at or self.due is None or self.due >= day:
            return
        midnight = datetime.combine(self.due + timedelta(days=1), time(), self.account.zone)
        self.broken_at, self.broken_by = midnight, self.holder
        self.save(update_fields=["broken_at", "broken_by"])
        Entry.objects.create(
            account=self.account,
            kind=Entry.Kind.OBLIGATION,
            at=midnight,
            author_name=BY_ITSELF,
            obligation=self,
            step="broken",
            subject=f"Promise broken: {self}"[:300],
            text=BROKEN.format(due=self.due),
        )

    def _tell(self, colleague: User, subject: str, why: str, *, by: User) -> None:
        from .letters import Letter

        Letter.write(
            colleague,
            signed_by=by,
            account=self.account,
            subject=subject,
            text=f"{why}\n\n{self.get_kind_display()}: “{self.text}”\n{self.holder} holds it.",
        )

    def _said_before(self, text: str) -> str | None:
        """Why this cannot be the answer, when they have sent the same one back."""
        before = self.entries.filter(step__in=["answered", "made_good"], text__iexact=text)
        return SAID_BEFORE if before.exists() else None

    def _wait_for_them(self, *changed: str) -> None:
        """We have answered: it is the customer's turn, until it lapses."""
        self.answered_at = database_now()
        self.lapses_on = today() + LAPSES_AFTER
        self.save(update_fields=["answered_at", "lapses_on", *changed])

    def _close(self, outcome: str, *, by: User) -> None:
        self.outcome, self.closed_at, self.closed_by = outcome, database_now(), by
        self.save(update_fields=["outcome", "closed_at", "closed_by", "agreed_by"])

    def _plan_next(self, by: User) -> None:
        if self.cadence:
            self.cadence.plan_next(by=by)

    def note(self, step: str, text: str, *, by: User, at: datetime | None = None) -> None:
        """Leave this step on the account's thread; steps are append-only rows."""
        author: User | Contact = by.contact if by.is_customer and by.contact else by
        Entry.record(
            self.account,
            Entry.Kind.OBLIGATION,
            text,
            by=author,
            at=at,
            obligation=self,
            step=step,
            subject=f"{self.get_kind_display()} {step}: {self}"[:300],
        )
