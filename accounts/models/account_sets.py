from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, Exists, F, Func, OuterRef, Q, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, JSONObject, Lower, Trim

from accounts.rules import clocks

from .asks import Ask
from .contacts import Contact
from .coverage import Coverage
from .deals import Deal
from .entries import Entry
from .obligations import Obligation
from .users import User
from .verdicts import Verdict

if TYPE_CHECKING:
    from .accounts import Account

EXECUTIVES_SHOWN = 3
"""So many executive contacts stand beside the thread."""


class AccountQuerySet(models.QuerySet["Account"]):
    def open(self) -> AccountQuerySet:
        return self.filter(closed_at=None)

    def visible_to(self, user: User) -> AccountQuerySet:
        """The accounts this person may see: served, managed, or about to be received; a customer's own."""
        if user.is_operations:
            return self
        if user.is_customer:
            return self.filter(contacts__user=user)
        people = user.team_ids() if user.is_manager else [user.pk]
        served = Coverage.objects.current().filter(person_id__in=people).values("account")
        # A merged account's memory is part of the other's. As a union both are looked up, whatever there is besides.
        merged = self.model.objects.filter(merged_into__in=served).order_by().values("pk")
        return self.filter(pk__in=served.union(merged))

    def called(self, name: str) -> AccountQuerySet:
        """Those of exactly this name, however it is cased and spaced."""
        return self.alias(plain=plain_name(F("name"))).filter(plain=plain_name(Value(name)))

    def namesakes(self) -> AccountQuerySet:
        """Those that share their name with another of them, side by side: possibly one customer twice."""
        named = self.annotate(plain=plain_name(F("name")))
        shared = named.order_by().values("plain").annotate(n=models.Count("pk")).filter(n__gt=1)
        return named.filter(plain__in=shared.values("plain")).order_by("plain", "pk")

    def owned_by(self, user: User) -> AccountQuerySet:
        return self.filter(Exists(Coverage.objects.owners().filter(account=OuterRef("pk"), person=user)))

    def with_owner(self) -> AccountQuerySet:
        """Adds `owner_name`, `owner_id`, `owner_acting` and `owner_since`."""
        owner = Coverage.objects.owners().filter(account=OuterRef("pk"))
        return self.annotate(
            owner_id=Subquery(owner.values("person_id")[:1]),
            owner_name=Subquery(owner.values("person__name")[:1]),
            owner_acting=Subquery(owner.values("acting")[:1]),
            owner_since=Subquery(owner.values("started_at")[:1]),
        )

    def with_journey(self) -> AccountQuerySet:
        """Adds `stage_now` (a `Stage` value or None) and `last_contact_at`."""
        entries = Entry.objects.not_retracted().filter(account=OuterRef("pk")).order_by("-at", "-pk")
        return self.annotate(
            stage_now=Subquery(entries.filter(kind=Entry.Kind.STAGE).values("stage")[:1]),
            last_contact_at=Subquery(entries.filter(kind__in=Entry.CONTACT_KINDS).values("at")[:1]),
        )

    def with_rhythm(self, day: date) -> AccountQuerySet:
        """Adds what tells whether an account is quiet, its merged memory included.

        `last_contact_at`; `usual`, the mean time between contacts of the past year, where there were three or more;
        `next_step`, whether a visit or a task of ours is still to come.
        """
        this = OuterRef(OuterRef("pk"))
        memory = self.model.objects.filter(Q(pk=this) | Q(merged_into=this)).values("pk")
        contacts = Entry.objects.not_retracted().filter(account__in=memory, kind__in=Entry.CONTACT_KINDS)
        to_come = Obligation.objects.open().filter(
            account=OuterRef("pk"), kind__in=[Obligation.Kind.VISIT, Obligation.Kind.TASK], due__gte=day
        )
        return self.annotate(
            last_contact_at=Subquery(contacts.order_by("-at").values("at")[:1]),
            usual=Subquery(usual_gap(contacts)),
            next_step=Exists(to_come),
        )

    def with_debts(self) -> AccountQuerySet:
        """Adds `open_count` and `late_count` of what we owe, and `next_close` of an open deal."""
        owed = Obligation.objects.open().filter(account=OuterRef("pk")).order_by().values("account")
        late = Obligation.objects.late().filter(account=OuterRef("pk")).order_by().values("account")
        return self.annotate(
            open_count=Subquery(owed.annotate(n=models.Count("pk")).values("n")),
            late_count=Subquery(late.annotate(n=models.Count("pk")).values("n")),
            next_close=Subquery(
                Deal.objects.open()
                .filter(account=OuterRef("pk"))
                .order_by("expected_close")
                .values("expected_close")[:1]
            ),
        )

    def with_champion(self) -> AccountQuerySet:
        """Adds `champion_name` of the strongest champion who is still there."""
        champion = Contact.objects.champions().filter(account=OuterRef("pk")).order_by("-strength", "pk")
        return self.annotate(champion_name=Subquery(champion.values("name")[:1]))

    def for_list(self) -> AccountQuerySet:
        """Everything one row of the accounts page shows, in one query."""
        return self.with_owner().with_journey().with_debts().with_champion().order_by(Lower("name"), "pk")

    def for_page(self) -> AccountQuerySet:
        """What the head of an account's page shows, in one query, with the memory merged into it.

        Adds `memory_pks`, `promise_months`, `verdict_lines`, `choice_asked_at`, `last_contact_at`, `usual`, of the
        stage now its name, instant, evidence and author, since when the company's record reads as it does, and
        `executives_told` with the `sponsor_visit` that is owed.
        """
        this = OuterRef(OuterRef("pk"))
        memory = self.model.objects.filter(Q(pk=this) | Q(merged_into=this)).values("pk")
        promises = Obligation.objects.filter(account__in=memory).promise_months()
        entries = Entry.objects.filter(account__in=memory).not_retracted().order_by("-at", "-pk")
        stages = entries.filter(kind=Entry.Kind.STAGE)
        contacts = entries.filter(kind__in=Entry.CONTACT_KINDS)
        verdicts = Verdict.objects.filter(Q(account=OuterRef("pk")) | Q(account__merged_into=OuterRef("pk")))
        asked = Ask.objects.filter(account=OuterRef("pk")).open_choices()
        visits = Obligation.objects.filter(account=OuterRef("pk")).sponsored()
        return self.annotate(
            executives_told=ArraySubquery(entries.learned_by_executives()[:EXECUTIVES_SHOWN]),
            sponsor_visit=Subquery(
                visits.values(json=JSONObject(pk="pk", every_days="cadence__every_days"))[:1]
            ),
            verdict_lines=ArraySubquery(verdicts.as_lines()),
            choice_asked_at=Subquery(asked.values("at")[:1]),
            promise_months=ArraySubquery(promises),
            company_at=Subquery(recorded_so(self.model).values("written_at")[:1]),
            company_by=Subquery(recorded_so(self.model).values("writer")[:1]),
            memory_pks=ArraySubquery(self.model.objects.filter(merged_into=OuterRef("pk")).values("pk")),
            last_contact_at=Subquery(contacts.values("at")[:1]),
            usual=Subquery(usual_gap(contacts)),
            stage_now=Subquery(stages.values("stage")[:1]),
            stage_at=Subquery(stages.values("at")[:1]),
            stage_because=Subquery(stages.values("text")[:1]),
            stage_by=Subquery(stages.values("author__name")[:1]),
        ).select_related("merged_into", "condition_by")

    def without_champion(self) -> AccountQuerySet:
        return self.filter(~Exists(Contact.objects.champions().filter(account=OuterRef("pk"))))

    def with_late_obligations(self) -> AccountQuerySet:
        return self.filter(Exists(Obligation.objects.late().filter(account=OuterRef("pk"))))

    def matching(self, words: str) -> AccountQuerySet:
        return self.filter(
            Q(name__icontains=words) | Q(industry__icontains=words) | Q(contacts__name__icontains=words)
        ).distinct()


def usual_gap(contacts: models.QuerySet[Entry]) -> models.QuerySet[Entry, dict[str, timedelta]]:
    """The mean time between these within the past year, where there were three or more."""
    year = contacts.filter(at__gte=clocks.now() - timedelta(days=365)).order_by()
    usual = models.ExpressionWrapper(
        (models.Max("at") - models.Min("at")) / (models.Count("pk") - 1),
        output_field=models.DurationField(),
    )
    together = year.annotate(all=models.Value(1)).values("all").annotate(n=models.Count("pk"))
    return together.filter(n__gte=3).annotate(usual=usual).values("usual")


def plain_name(name: F | Value) -> Lower:
    """A name as it is compared: one blank between words, in small letters, each letter with its accents as one."""
    spaced = Func(name, Value(r"\s+"), Value(" "), Value("g"), function="regexp_replace")
    return Lower(Trim(Func(spaced, function="normalize", output_field=models.TextField())))


def called_then(account: int | OuterRef, at: datetime | OuterRef) -> Coalesce:
    """What an account was called at an instant; before its history begins, what it was called at first."""
    history = apps.get_model("accounts", "AccountEvent")._default_manager
    names = history.filter(pgh_obj=account).values("name")
    then = names.filter(pgh_created_at__lte=at).order_by("-pgh_id")
    return Coalesce(Subquery(then[:1]), Subquery(names.order_by("pgh_id")[:1]))


def recorded_so(account: type[Account]) -> models.QuerySet[models.Model]:
    """Of an account's history the moments at which its record read as it does now, the first of them first.

    Adds `written_at` and, where somebody was signed in, `writer`.
    """
    same = {name: OuterRef(name) for name in ("industry", "region", "segment", "website")}
    history = account.events.rel.related_model._default_manager  # type: ignore[attr-defined]  # by pghistory
    who = Cast(KeyTextTransform("user", OuterRef("pgh_context__metadata")), models.BigIntegerField())
    return (  # type: ignore[no-any-return]  # of its history
        history.filter(pgh_obj=OuterRef("pk"), **same)
        .annotate(
            # a row that was brought along is older than its history
            written_at=Case(When(pgh_label="insert", then="created_at"), default="pgh_created_at"),
            writer=Subquery(User.objects.filter(pk=who).values("name")[:1]),
        )
        .order_by("pgh_id")
    )
