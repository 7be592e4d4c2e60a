"""The sentence above the list of accounts: which of them somebody wants to see, or to take along."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict
from django.shortcuts import get_object_or_404

from accounts.models import Stage, User
from accounts.models.account_sets import AccountQuerySet
from accounts.requests import number

MOST_WORDS = 200


@dataclass(frozen=True)
class AccountFilter:
    """What was chosen, each by the word that stands for it in an address. Words it does not know are let be."""

    owner: str = ""  # "me", or a colleague's number
    stage: str = ""
    late: bool = False
    no_champion: bool = False
    words: str = ""
    closed: bool = False  # those that are closed as well: never in the list, and to be taken along

    @classmethod
    def of(cls, asked: QueryDict) -> AccountFilter:
        owner, stage = asked.get("owner", ""), asked.get("stage", "")
        return cls(
            owner=owner if owner == "me" or number(owner) is not None else "",
            stage=stage if stage in Stage.values else "",
            late=bool(asked.get("late")) or asked.get("with") == "late",
            no_champion=bool(asked.get("no_champion")) or asked.get("with") == "no_champion",
            words=asked.get("q", "").strip()[:MOST_WORDS],
            closed=bool(asked.get("closed")),
        )

    @property
    def query(self) -> str:
        """The same choice, however it was made, in the same words of an address."""
        chosen = {
            "owner": self.owner, "stage": self.stage, "late": self.late and "1",
            "no_champion": self.no_champion and "1", "q": self.words, "closed": self.closed and "1",
        }  # fmt: skip
        return urlencode({name: value for name, value in chosen.items() if value})

    def of_list(self, accounts: AccountQuerySet, user: User) -> AccountQuerySet:
        """Those of these accounts that the list shows: open ones that fit."""
        accounts = accounts.filter(merged_into=None) if self.closed else accounts.open()
        if self.owner:
            accounts = accounts.owned_by(self._owner(user))
        if self.stage:
            accounts = accounts.with_journey().filter(Q(stage_now=self.stage))
        if self.late:
            accounts = accounts.with_late_obligations()
        if self.no_champion:
            accounts = accounts.without_champion()
        return accounts.matching(self.words) if self.words else accounts

    def _owner(self, user: User) -> User:
        return user if self.owner == "me" else get_object_or_404(User.objects.staff(), pk=self.owner)

    def in_words(self, user: User) -> str:
        """As “Accounts owned by Olivia Berg, in Evaluating, with something late”."""
        said = [
            f"owned by {self._owner(user)}" if self.owner else "",
            f"in {Stage(self.stage).label}" if self.stage else "",
            "with something late" if self.late else "",
            "with no champion" if self.no_champion else "",
            f"named “{self.words}”" if self.words else "",
            "closed ones, too" if self.closed else "",
        ]
        chosen = ", ".join(one for one in said if one)
        return f"Accounts {chosen}" if chosen else "All accounts"
