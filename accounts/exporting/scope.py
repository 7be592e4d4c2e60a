"""Some accounts and the person to whom they go out: what of them is asked for, and how things are named to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone

from accounts.importing.marks import Mark
from accounts.models import Account, Organisation, User
from accounts.models.base import AccountRows

Row = TypeVar("Row", bound=models.Model)
CHUNK = 500


@dataclass
class ExportScope:
    """What is the same for everything that goes out to one person; `people` are those it has named so far."""

    user: User
    house: str
    zone: ZoneInfo
    people: set[int] = field(default_factory=set)
    #: Each account that goes out with this chunk, also by the numbers of those merged into it.
    accounts: dict[int, Account] = field(default_factory=dict)
    #: All that went out so far.
    gone_out: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, user: User) -> ExportScope:
        organisation = Organisation.get()
        return cls(user, organisation.house, ZoneInfo(organisation.time_zone))

    def take(self, pks: Iterable[int]) -> list[int]:
        """Go on with these accounts, as far as the person still sees them. Returns the numbers of those."""
        seen = Account.objects.visible_to(self.user)
        self.accounts = seen.in_bulk(list(pks))
        merged = seen.filter(merged_into__in=self.accounts).values_list("pk", "merged_into_id")
        taken = list(self.accounts)
        self.accounts |= {pk: self.accounts[into] for pk, into in list(merged) if into in self.accounts}
        self.gone_out.update(self.accounts)
        return taken

    def of_accounts(self, rows: AccountRows[Row]) -> Iterator[Row]:
        """Those of these rows that belong to the accounts, as far as the person sees them, in a lasting order."""
        mine = rows.visible_to(self.user).filter(account__in=list(self.accounts))
        return mine.order_by("account_id", "pk").iterator(chunk_size=CHUNK)

    def merged_into(self, account: Account) -> list[Account]:
        """The accounts that became part of this one."""
        merged = Account.objects.visible_to(self.user).filter(merged_into=account)
        return list(merged.order_by("pk"))

    # How things are named

    def home(self, account_id: int) -> Account:
        """Where what belongs to this account is read."""
        return self.accounts[account_id]

    def account_id(self, account: Account) -> str:
        """Its id in the other system, or else a reference of ours."""
        return account.external_id or self.reference("account", account.pk)

    def reference(self, kind: str, pk: int | None) -> str:
        return str(Mark(self.house, kind, pk)) if pk else ""

    def name(self, person: User | None) -> str:
        """A person's name; who is named is in the table of people."""
        if person is None:
            return ""
        if not person.is_customer:
            self.people.add(person.pk)
        return person.name

    def email(self, person: User | None) -> str:
        return "" if person is None or person.is_customer else person.email

    def instant(self, at: datetime | None) -> str:
        """As 2026-03-04T09:30:00+01:00, in the organisation's zone."""
        return timezone.localtime(at, self.zone).isoformat(timespec="seconds") if at else ""

    def day(self, at: datetime | None) -> date | None:
        return timezone.localtime(at, self.zone).date() if at else None
