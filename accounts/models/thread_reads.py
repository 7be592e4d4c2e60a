from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models

from .base import database_now, require, save_columns, verb
from .entries import Entry
from .users import User

if TYPE_CHECKING:
    from .accounts import Account


class ThreadRead(models.Model):
    """What somebody has read of an account's thread: each entry, because one may be dated back or come by a merge."""

    reader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    entries = ArrayField(models.BigIntegerField(), default=list)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "account"], name="thread_read_once")]

    def __str__(self) -> str:
        return f"{self.reader}: {len(self.entries)} entries of {self.account}"

    @classmethod
    def of(cls, account: Account, reader: User) -> set[int]:
        """The entries that this person has read, also before the account was merged."""
        rows = cls.objects.filter(reader=reader, account__in=account.memory_ids)
        return {entry for entries in rows.values_list("entries", flat=True) for entry in entries}

    @classmethod
    @verb
    def mark(cls, account: Account, entries: Iterable[int], *, by: User) -> int:
        """This person has read these entries of the account. Returns how many they have read in all."""
        require(not by.is_customer)
        theirs = Entry.objects.of(account).filter(pk__in=entries).order_by().values_list("pk", flat=True)
        cls.objects.get_or_create(reader=by, account=account, defaults={"at": database_now()})
        row = cls.objects.select_for_update().get(reader=by, account=account)
        save_columns(row, entries=sorted({*row.entries, *theirs}), at=database_now())
        return len(row.entries)
