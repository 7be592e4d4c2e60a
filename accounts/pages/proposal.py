"""account -> Proposal: what to know before anything is proposed to them."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Account, Fact, Obligation, Topic
from accounts.rules.promise_record import PromiseRecord


@dataclass(frozen=True)
class Proposal:
    """When they plan money, what was agreed, and how our promises fared."""

    budget: list[Fact]
    terms: list[Fact]
    promises: PromiseRecord | None

    @classmethod
    def of(cls, account: Account, *, renewal: bool = True) -> Proposal:
        """The record of promises is what a renewal is decided by; of another deal it is left out."""
        asked = [*Topic.BUDGET, *Topic.TERMS]
        facts = list(
            Fact.objects.of(account).live().on(*asked).with_sources().order_by("topic__position", "-at")
        )
        money = set(Topic.objects.standing_for(*Topic.BUDGET).values_list("pk", flat=True))
        made = Obligation.objects.filter(account__in=account.memory_ids)
        return cls(
            budget=[fact for fact in facts if fact.topic_id in money],
            terms=[fact for fact in facts if fact.topic_id not in money],
            promises=made.promise_record() if renewal else None,
        )
