from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import (
    Case,
    Count,
    DateField,
    DateTimeField,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, JSONObject, TruncMonth

from accounts.rules import clocks
from accounts.rules.promise_record import MONTHS, PromiseRecord, month_before

from .base import AccountRows
from .contacts import Contact
from .deadlines import break_promises
from .entries import Entry
from .organisation import today
from .roles import Role
from .users import User

if TYPE_CHECKING:
    from .obligations import Obligation


def their_day() -> Cast:
    """The day that it is now where the customer is, for a query over obligations."""
    now = Value(clocks.now(), output_field=DateTimeField())
    return Cast(Func(F("account__time_zone"), now, function="timezone"), DateField())


def its_time_is_over() -> Q:
    return Q(due__lt=their_day()) | Q(respond_by__lt=clocks.now())


def is_urgent() -> Q:
    """As `Obligation.is_urgent`."""
    return Q(kind="question", urgency="emergency", closed_at=None, answered_at=None)


def due_in_days(first: int, last: int) -> Q:
    days = [ExpressionWrapper(their_day() + timedelta(days=day), DateField()) for day in (first, last)]
    return Q(due__range=days)


class ObligationQuerySet(AccountRows["Obligation"]):
    def open(self) -> ObligationQuerySet:
        return self.filter(closed_at=None)

    def waiting_for_us(self) -> ObligationQuerySet:
        """Open, and not waiting for the customer's word on our answer."""
        return self.open().filter(answered_at=None)

    def late(self) -> ObligationQuerySet:
        """What `Obligation.is_late` says, in SQL: a day is over when it is over where the customer is."""
        return self.waiting_for_us().filter(its_time_is_over())

    def to_them(self) -> ObligationQuerySet:
        """What the customer waits for: a task is ours alone."""
        return self.exclude(kind=self.model.Kind.TASK)

    def shared(self) -> ObligationQuerySet:
        return self.filter(shared_at__isnull=False)

    def unanswered(self) -> ObligationQuerySet:
        """What customers asked or told us that still waits for a word of ours."""
        return self.waiting_for_us().filter(kind__in=self.model.THEIRS, contact__isnull=False)

    def sponsored(self) -> ObligationQuerySet:
        """The visits that are owed by the cadence of an executive sponsor."""
        return self.open().filter(cadence__role=Role.SPONSOR, cadence__ended_at=None)

    def longest_first(self) -> ObligationQuerySet:
        """With what a list by account, holder or team shows; who has waited longest stands first."""
        shown = self.select_related("account", "holder__reports_to", "contact")
        return shown.order_by("raised_at", "pk")

    def obstacles(self) -> ObligationQuerySet:
        """What of ours stands in the way of business, of one kind after the other, open ones first."""
        return (
            self.filter(kind=self.model.Kind.REPAIR)
            .exclude(obstacle="")
            .select_related("account", "holder", "contact")
            .order_by("obstacle", F("closed_at").desc(nulls_first=True), "pk")
        )

    def reported_by(self, user: User) -> ObligationQuerySet:
        """What this person reported as gone wrong, the newest first."""
        mine = self.filter(kind=self.model.Kind.REPAIR, raised_by=user)
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
        begun = clocks.now().date() + timedelta(days=1)  # somewhere on earth
        passed = self.filter(kind=self.model.Kind.PROMISE, closed_at=None, broken_at=None, due__lt=begun)
        if ids := list(passed.values_list("pk", flat=True)):
            break_promises(ids)

    def promise_record(self) -> PromiseRecord:
        """What became of the promises among these that were kept or missed in the last twelve months."""
        return PromiseRecord.of((row["counted"] for row in self.promise_months()), today())

    def promise_months(self, months: int = MONTHS) -> models.QuerySet[Obligation, dict[str, Any]]:
        """Of each of so many months `counted`: its first day, how many were kept, late and broken.

        A promise counts on the day, where the customer is, on which it was missed or, before that, kept.
        """

        def day_there(at: str) -> Cast:
            return Cast(Func(F("account__time_zone"), F(at), function="timezone"), DateField())

        missed = ExpressionWrapper(day_there("broken_at") - timedelta(days=1), output_field=DateField())
        kept = Q(outcome=self.model.Outcome.KEPT)
        first = month_before(clocks.now().date() - timedelta(days=1), months - 1)
        by_month = (
            self.filter(Q(broken_at__isnull=False) | kept, kind=self.model.Kind.PROMISE)
            .exclude(outcome=self.model.Outcome.RETRACTED)
            .annotate(counts_on=Case(When(broken_at=None, then=day_there("closed_at")), default=missed))
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

    def due_in(self, first: int, last: int) -> ObligationQuerySet:
        """What is due so many days from now, where the customer is: 0 is their day today."""
        return self.filter(due_in_days(first, last))

    def held_by(self, user: User) -> ObligationQuerySet:
        """What is open and this person's to do. Who holds something serves the account, so they may see it."""
        return self.waiting_for_us().filter(holder=user)

    def with_brief(self) -> ObligationQuerySet:
        """Adds `brief` to each visit: their champion, where they stand, what our executives learned last, and what
        they wait for; None to other kinds.
        """
        here = OuterRef("account")
        entries = Entry.objects.not_retracted().filter(account=here).order_by("-at", "-pk")
        champions = Contact.objects.champions().filter(account=here).order_by("-strength", "pk")
        ours = {self.model.Kind.VISIT, self.model.Kind.TASK}
        late_first = Case(When(its_time_is_over(), then=0), default=1)
        waited_for = (
            self.model.objects.waiting_for_us()
            .filter(account=here)
            .exclude(kind__in=ours)
            .order_by(late_first, F("due").asc(nulls_last=True), "raised_at", "pk")
        )
        brief = JSONObject(
            champion=Subquery(
                champions.values(json=JSONObject(name="name", title="title", roles="roles"))[:1]
            ),
            stage=Subquery(entries.filter(kind=Entry.Kind.STAGE).values("stage")[:1]),
            in_touch=Subquery(
                entries.filter(kind__in=Entry.CONTACT_KINDS).values(json=JSONObject(at="at", kind="kind"))[:1]
            ),
            learned=Subquery(entries.learned_by_executives()[:1]),
            waits=Subquery(
                waited_for.values(
                    json=JSONObject(kind="kind", text="text", due="due", raised_at="raised_at")
                )[:1]
            ),
        )
        return self.annotate(brief=Case(When(kind=self.model.Kind.VISIT, then=brief)))

    def for_list(self) -> ObligationQuerySet:
        return self.select_related("account", "holder", "contact").order_by(
            F("due").asc(nulls_last=True), "pk"
        )
