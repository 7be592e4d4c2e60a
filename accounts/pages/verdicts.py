"""Verdicts -> what they tell of owners: answers by tenure, counts by owner, and what became of them across a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter

from django.db.models import Count, F, Q, QuerySet

from accounts.models import Account, Coverage, Verdict

#: From the worst to the best.
RANK = [Verdict.Answer.NO, Verdict.Answer.UNSURE, Verdict.Answer.YES]


@dataclass(frozen=True)
class TenureVerdicts:
    """What an account answered while one person owned it, in the order in which it did."""

    account: Account
    coverage: Coverage
    verdicts: list[Verdict]
    course: str  # against the owner before: better, worse, the same, or nothing to compare with


def by_tenure(verdicts: QuerySet[Verdict]) -> list[TenureVerdicts]:
    """By account, and of each the earliest owner first."""
    read = verdicts.select_related("account", "contact", "by", "coverage__person", "follow_up__holder")
    rows = read.order_by("account__name", "account_id", "at", "pk")
    found: list[TenureVerdicts] = []
    for coverage, group in groupby(rows, key=lambda verdict: verdict.coverage):
        given = list(group)
        before = found[-1] if found and found[-1].account == given[0].account else None
        course = compared(before.verdicts[-1].answer, given[0].answer) if before else ""
        found.append(TenureVerdicts(given[0].account, coverage, given, course))
    return found


def compared(before: str, after: str) -> str:
    change = RANK.index(Verdict.Answer(after)) - RANK.index(Verdict.Answer(before))
    return "better" if change > 0 else "worse" if change else "the same"


def by_owner(verdicts: QuerySet[Verdict]) -> Iterable[dict[str, object]]:
    """How many answered what while each person owned them; who was doubted most stands first."""
    answers = {name: Count("pk", filter=Q(answer=name)) for name in Verdict.Answer.values}
    rows = verdicts.order_by().values(owner=F("coverage__person__name"), person=F("coverage__person"))
    return rows.annotate(**answers, all=Count("pk")).order_by("-no", "-unsure", "owner")


def changes(verdicts: QuerySet[Verdict]) -> Counter[str]:
    """Of the changes of owner with an answer before and after: how many are better, worse and the same."""
    rows = verdicts.order_by("account_id", "at", "pk").values_list("account_id", "coverage_id", "answer")
    pairs = (
        pair
        for _, group in groupby(rows, key=itemgetter(0))
        for pair in pairwise(group)
        if pair[0][1] != pair[1][1]
    )
    return Counter(compared(before[2], after[2]) for before, after in pairs)
