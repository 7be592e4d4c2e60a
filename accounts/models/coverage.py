from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, OuterRef, Q

from . import roles
from .base import database_now, refuse_if, require_words, verb
from .deals import Deal
from .entries import Entry
from .fields import LineField
from .obligations import Obligation
from .users import User

if TYPE_CHECKING:
    from .accounts import Account


def held_in(rows: Iterable[Coverage]) -> Q:
    """What these people hold in these roles on these accounts.

    As lists of accounts, one for each person and role: compared row by row with the coverage itself, a large book
    takes the square of the time.
    """
    places: dict[tuple[int, str], list[int]] = {}
    for row in rows:
        places.setdefault((row.person_id, row.role), []).append(row.account_id)
    held = (Q(holder=holder, role=role, account__in=ids) for (holder, role), ids in places.items())
    return reduce(or_, held, Q(pk__in=[]))


class CoverageQuerySet(models.QuerySet["Coverage"]):
    def current(self) -> CoverageQuerySet:
        return self.filter(ended_at=None)

    def owners(self) -> CoverageQuerySet:
        return self.current().filter(role=Coverage.Role.OWNER)

    def accountable(self) -> CoverageQuerySet:
        """Those who answer for something: everyone but the incoming and back-ups."""
        return self.current().exclude(role__in=[Coverage.Role.INCOMING, Coverage.Role.BACK_UP])

    def end(self, *, by: User, because: str) -> int:
        """End these rows now. What they hold must have gone elsewhere by the end of the verb."""
        return self.update(ended_at=database_now(), ended_by=by, ended_because=because)

    def pass_to(self, person: User, *, by: User, because: str, acting: bool = False) -> list[Coverage]:
        """End these rows and begin the same roles for one person at the same instant.

        Every open obligation and deal held in those roles goes along. The number of queries does not
        depend on how much moves. Returns the new rows.
        """
        given = list(self.select_for_update(of=("self",)).select_related("person").order_by("pk"))
        now = database_now()
        rows = Coverage.objects.filter(pk__in=[row.pk for row in given])
        rows.update(ended_at=now, ended_by=by, ended_because=because)
        # The new row follows somebody else's if it can.
        given.sort(key=lambda row: row.person_id == person.pk)
        first = {(row.account_id, row.role): row for row in reversed(given)}
        served = set(
            Coverage.objects.current()
            .filter(person=person, account__in=[row.account_id for row in given])
            .values_list("account_id", "role")
        )
        made = Coverage.objects.bulk_create(
            Coverage(
                account_id=row.account_id,
                role=row.role,
                person=person,
                acting=acting,
                follows=row,
                started_at=now,
                started_by=by,
                started_because=because,
            )
            for row in first.values()
            if (row.account_id, row.role) not in served
        )
        handed = held_in(given)
        Obligation.objects.open().filter(handed).pass_to(person)
        Deal.objects.open().filter(handed).update(holder=person)
        Entry.objects.bulk_create(Entry.of_coverage(row, now) for row in made)
        return made

    def still_serving(self) -> CoverageQuerySet:
        """These rows where they still count, and the acting cover that came of those that have ended."""
        ids = frontier = list(self.values_list("pk", flat=True))
        while frontier:
            acting = Coverage.objects.filter(follows__in=frontier, acting=True)
            frontier = list(acting.values_list("pk", flat=True))
            ids = ids + frontier
        return Coverage.objects.current().filter(pk__in=ids)

    def give_back(self, *, by: User, because: str) -> None:
        """Return what these rows took over to whoever had it before, acting again if they were acting."""
        taken: dict[tuple[User, bool], list[int]] = {}
        for row in self.select_related("follows__person"):
            if row.follows:
                taken.setdefault((row.follows.person, row.follows.acting), []).append(row.pk)
        for (person, acting), pks in taken.items():
            rows = Coverage.objects.filter(pk__in=pks).still_serving()
            rows.pass_to(person, by=by, because=because, acting=acting)

    def leave_to(self, manager: User, *, by: User, because: str) -> None:
        """Somebody leaves: their manager acts for them; reading-in and back-up simply end."""
        lapsing = self.filter(role__in=[Coverage.Role.INCOMING, Coverage.Role.BACK_UP])
        lapsing.return_deals(by=by)
        lapsing.end(by=by, because=because)
        self.exclude(role__in=[Coverage.Role.INCOMING, Coverage.Role.BACK_UP]).pass_to(
            manager, by=by, because=because, acting=True
        )

    def return_deals(self, *, by: User) -> None:
        """Give what a back-up still holds to the account's owner."""
        owner = Coverage.objects.owners().filter(account=OuterRef("account")).values("person_id")[:1]
        held = held_in(self)
        Deal.objects.open().filter(held).update(holder=models.Subquery(owner), role=Coverage.Role.OWNER)
        Obligation.objects.open().filter(held).pass_to(models.Subquery(owner), role=Coverage.Role.OWNER)


class Coverage(models.Model):
    """Who serves an account in which role, from instant to instant. Never what is planned."""

    Role = roles.Role
    HOLDING_ROLES = roles.HOLDING_ROLES

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="coverage")
    role = LineField(max_length=8, choices=Role.choices)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="coverage")
    acting = models.BooleanField(
        default=False, help_text="Answers for it in the meantime and has not read it back."
    )
    follows = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_because = LineField(max_length=500)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_because = LineField(max_length=500, blank=True)

    # The site's role may only ever end a row; it may not rewrite one (see database/grants.py).
    columns_that_change = ("ended_at", "ended_by_id", "ended_because")

    objects = CoverageQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(fields=["person"], condition=Q(ended_at=None), name="coverage_serving"),
        ]
        constraints = [
            models.CheckConstraint(
                name="coverage_says_why",
                condition=~Q(started_because="")
                & (Q(ended_at=None) | (Q(ended_by__isnull=False) & ~Q(ended_because=""))),
            ),
            models.CheckConstraint(
                name="coverage_ends_after_it_starts",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="coverage_past_has_ended", condition=~Q(role="past") | Q(ended_at__isnull=False)
            ),
            ExclusionConstraint(
                name="coverage_owner_spells_meet",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    (
                        Func(F("started_at"), F("ended_at"), function="tstzrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(role="owner"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_role_display()})"

    @property
    def unread(self) -> bool:
        return self.acting and self.ended_at is None

    @classmethod
    @verb
    def begin(
        cls, account: Account, role: str, person: User, *, by: User, because: str, acting: bool = False
    ) -> Coverage:
        """Put somebody on an account's team now. For a new owner of an owned account use `pass_to`."""
        because = require_words(because, "Say why the team changes.")
        refuse_if(
            f"{person} already serves {account} as {Coverage.Role(role).label.lower()}."
            if cls.objects.current().filter(account=account, role=role, person=person).exists()
            else None,
            f"{account} is closed." if account.closed_at else None,
            f"{person} is a customer and cannot serve an account." if person.is_customer else None,
        )
        row = cls.objects.create(
            account=account,
            role=role,
            person=person,
            acting=acting,
            started_at=database_now(),
            started_by=by,
            started_because=because,
        )
        if role not in {cls.Role.INCOMING}:
            Entry.of_coverage(row, row.started_at).save()
        return row

    @verb
    def end(self, *, by: User, because: str) -> None:
        """End this person's service in this role; whatever they still hold in it must have gone first."""
        because = require_words(because, "Say why the team changes.")
        ended = Coverage.objects.current().filter(pk=self.pk).end(by=by, because=because)
        refuse_if(None if ended else f"{self.person} no longer served in this role.")
        self.refresh_from_db()
