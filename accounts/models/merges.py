"""Two accounts that are one customer: what moved when they were joined, so that it can be taken back; or are two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from django.apps import apps
from django.db import models
from django.db.models import F, Q

from accounts.rules import clocks

from .base import Frozen, database_now, refuse_if, require, save_columns, verb
from .contacts import Contact
from .coverage import Coverage
from .deals import Deal
from .entries import Entry
from .facts import Fact
from .obligations import Obligation
from .users import User

if TYPE_CHECKING:
    from .accounts import Account

#: For so long a merge can be taken back, while nothing was added.
UNDO_MERGE_WITHIN = timedelta(days=30)


class Served(TypedDict):
    role: str
    person: int
    acting: bool


class Held(TypedDict):
    pk: int
    role: str
    holder: int


class Moved(TypedDict):
    """What a merge moves, as it was before."""

    contacts: list[int]
    deals: list[Held]
    obligations: list[Held]
    parts: list[int]
    team: list[Served]


class PairQuerySet(models.QuerySet["AccountMerge"]):
    def visible_to(self, user: User) -> PairQuerySet:
        seen = apps.get_model("accounts", "Account")._default_manager.visible_to(user)
        return self.filter(account__in=seen, into__in=seen) if user.runs_changes else self.none()

    def undoable(self) -> PairQuerySet:
        """Those not taken back that are young enough for it, the last first."""
        young = self.filter(undone_at=None, at__gte=clocks.now() - UNDO_MERGE_WITHIN)
        return young.select_related("account", "into", "by").order_by("-at", "-pk")


class AccountMerge(models.Model):
    """One account became part of another: who joined them, and what moved with it. The reason stands on the account."""

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="merges")
    into = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")
    moved = models.JSONField(help_text="By id: who and what moved, and who held and served what before.")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    never_deleted = True
    columns_that_change = ("undone_at", "undone_by_id")
    objects = PairQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(undone_at=None), name="account_merged_once"
            ),
            models.CheckConstraint(
                name="merge_undone_by_somebody",
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} into {self.into}"

    @staticmethod
    def what_moves(account: Account) -> Moved:
        """What belongs to an account that is about to become part of another."""
        held = ("pk", "role", F("holder_id"))
        team = Coverage.objects.current().filter(account=account).order_by("pk")
        return {
            "contacts": list(account.contacts.order_by("pk").values_list("pk", flat=True)),
            "deals": [_held(*row) for row in account.deals.filter(closed_at=None).values_list(*held)],
            "obligations": [_held(*row) for row in account.obligations.open().values_list(*held)],
            "parts": list(account.merged.order_by("pk").values_list("pk", flat=True)),
            "team": [
                {"role": role, "person": person, "acting": acting}
                for role, person, acting in team.values_list("role", "person_id", "acting")
            ],
        }

    def blockers(self) -> Iterator[str]:
        """What stands in the way of taking it back, in sentences: then a person parts the two by hand."""
        if self.undone_at:
            yield "This was taken back already."
        if self.at < clocks.now() - UNDO_MERGE_WITHIN:
            yield f"It is more than {UNDO_MERGE_WITHIN.days} days ago."
        if self.account.merged_into_id != self.into_id:
            yield f"{self.account} has become part of yet another account since."
        if self.into.closed_at:
            yield f"{self.into} is closed."
        owners = Coverage.objects.filter(account=self.into, role__in=["owner", "incoming"])
        if owners.filter(Q(started_at__gt=self.at) | Q(role="incoming", ended_at=None)).exists():
            yield f"{self.into} has changed hands since, or somebody reads in on it."
        if any(self._added()) or self._changed():
            yield (
                f"Something was added to {self.into}, or changed of what came with {self.account}: "
                "nobody but a person can say of which of the two it is."
            )

    def _added(self) -> Iterator[bool]:
        here = {"account__in": [self.account_id, self.into_id]}
        yield Entry.objects.filter(**here, pk__gt=self.entry_id).exists()
        yield Fact.objects.filter(**here, at__gt=self.at).exists()
        yield Obligation.objects.filter(**here, raised_at__gt=self.at).exists()
        for rows in (Contact, Deal):
            yield rows._default_manager.filter(**here, created_at__gt=self.at).exists()

    def _changed(self) -> bool:
        """Whether somebody or something that came with it is gone, closed, or in other hands by now."""
        moved: Moved = self.moved
        here = {"account": self.into_id}
        contacts = Contact.objects.filter(**here, erased_at=None, pk__in=moved["contacts"])
        erased = Contact.objects.filter(**here, pk__in=moved["contacts"]).exclude(erased_at=None)
        deals = Deal.objects.open().filter(**here, pk__in=[one["pk"] for one in moved["deals"]])
        owed = Obligation.objects.open().filter(**here, pk__in=[one["pk"] for one in moved["obligations"]])
        return (
            contacts.count() + erased.filter(erased_at__lte=self.at).count() != len(moved["contacts"])
            or deals.count() != len(moved["deals"])
            or owed.count() != len(moved["obligations"])
        )

    @verb
    def undo(self, *, by: User) -> None:
        """Make it an account of its own again, served as before by whoever still can. Sign-ins are given anew."""
        require(by.runs_changes)
        accounts = type(self.account)._default_manager.select_for_update()
        list(accounts.filter(pk__in=[self.account_id, self.into_id]).order_by("pk"))
        self.refresh_from_db(from_queryset=AccountMerge.objects.select_for_update())
        refuse_if(*self.blockers())
        now, account = database_now(), self.account
        moved: Moved = self.moved
        opened = {"closed_at": None, "closed_by": None, "closed_because": "", "merged_into": None}
        save_columns(account, **opened)
        self.into.merged.filter(pk__in=moved["parts"]).update(merged_into=account)
        Contact.objects.filter(pk__in=moved["contacts"]).update(account=account)
        owner, serving = self._serve_again(moved["team"], now, by)
        for (person, role), pks in _by_hands(moved["obligations"], owner, serving).items():
            owed = Obligation.objects.filter(pk__in=pks)
            owed.pass_to(User.objects.get(pk=person), account=account, role=role)
        for (person, role), pks in _by_hands(moved["deals"], owner, serving).items():
            Deal.objects.filter(pk__in=pks).update(account=account, role=role, holder=person)
        for each, text in (
            (account, f"The merge into {self.into} was taken back"),
            (self.into, f"{account} is an account of its own again: the merge was taken back"),
        ):
            Entry.record(each, Entry.Kind.CHANGE, text, by=by, at=now)
        save_columns(self, undone_at=now, undone_by=by)

    def _serve_again(self, team: list[Served], now: datetime, by: User) -> tuple[int, set[tuple[int, str]]]:
        """Put the team back. The owner, or who acts for one that has left, serves from the end of the former spell."""
        people = User.objects.in_bulk([one["person"] for one in team])
        rows = []
        for one in team:
            person, acting = people[one["person"]], one["acting"]
            owns = one["role"] == Coverage.Role.OWNER
            if not person.may_come_in:
                if not owns:
                    continue
                person, acting = person.nearest_manager(), True
            rows.append(
                Coverage(
                    account=self.account, role=one["role"], person=person, acting=acting,
                    started_at=self._last_owned_until() if owns else now,
                    started_by=by, started_because=f"The merge into {self.into} was taken back"[:500],
                )
            )  # fmt: skip
        made = Coverage.objects.bulk_create(rows)
        Entry.objects.bulk_create(Entry.of_coverage(row, now) for row in made if row.role != "incoming")
        owner = next(row.person_id for row in made if row.role == Coverage.Role.OWNER)
        return owner, {(row.person_id, row.role) for row in made}

    def _last_owned_until(self) -> datetime:
        owned = Coverage.objects.filter(account=self.account, role=Coverage.Role.OWNER)
        ended = owned.exclude(ended_at=None).latest("ended_at").ended_at
        assert ended  # its last owner went when it was merged
        return ended


def _held(pk: int, role: str, holder: int) -> Held:
    return {"pk": pk, "role": role, "holder": holder}


def _by_hands(
    things: Iterable[Held], owner: int, serving: set[tuple[int, str]]
) -> dict[tuple[int, str], list[int]]:
    """Who holds what again: whoever did, in that role, where they serve in it; else the owner."""
    found: dict[tuple[int, str], list[int]] = {}
    for one in things:
        hands = (one["holder"], one["role"])
        found.setdefault(hands if hands in serving else (owner, "owner"), []).append(one["pk"])
    return found


class DistinctQuerySet(models.QuerySet["DistinctAccounts"]):
    def visible_to(self, user: User) -> DistinctQuerySet:
        seen = apps.get_model("accounts", "Account")._default_manager.visible_to(user)
        return self.filter(first__in=seen, second__in=seen) if user.runs_changes else self.none()


class DistinctAccounts(Frozen):
    """Somebody said that two accounts which look like one are two: they are not suggested again."""

    first = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clocks.now, editable=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = DistinctQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="distinct_accounts_once"),
            models.CheckConstraint(name="distinct_accounts_in_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"

    @classmethod
    @verb
    def say(cls, one: Account, other: Account, *, by: User) -> None:
        """Remember that these are two, once."""
        require(by.runs_changes)
        refuse_if("That is one account, not two." if one.pk == other.pk else None)
        first, second = sorted((one, other), key=lambda account: account.pk)
        if not cls.objects.filter(first=first, second=second).exists():
            cls.objects.create(first=first, second=second, by=by)
