"""What handoffs add to the daily digest and to the day's page: what waits for somebody, and what has stalled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.mail.digests import Section
from accounts.models import User, today
from accounts.rules import clocks

from .models import Handoff, Transition

STALLED_AFTER = timedelta(days=5)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for a person: the sentence, and where it is done."""

    sentence: str
    url: str


def waiting_for(user: User, day: date | None = None) -> list[Waiting]:
    """Everything in handoffs and transitions that waits for this person, most pressing first.

    1. All colleagues with who is above them. 2.-3. The handoffs that touch this person, with their decisions; more
    only where the memory was touched after an approval. 4.-6. For those who run changes: the submitted plans.
    """
    people = User.objects.linked()
    handoffs = Handoff.objects.touching(user, day or today(), people)
    return [
        *(Waiting(f"Accept or return {h.incoming}'s read-back of {h.account}", _room(h))
          for h in handoffs if _to_accept(h, user)),
        *(Waiting(f"Approve the brief of {h.account} for {h.incoming}", _room(h))
          for h in handoffs if _to_approve(h, user)),
        *(Waiting(f"Read {h.account} back: it becomes yours on {h.accountable_on:%-d %B}", _room(h))
          for h in handoffs if _to_read_back(h, user)),
        *(Waiting(f"Write what {h.incoming} must know of {h.account}", _room(h))
          for h in handoffs if h.outgoing_id == user.pk and not h.written_at),
        *(Waiting(f"Decide on the plan “{plan}”", reverse("transition", args=[plan.pk]))
          for plan in _to_decide(user, people)),
    ]  # fmt: skip


def _room(handoff: Handoff) -> str:
    return reverse("handoff", args=[handoff.pk])


def _to_accept(handoff: Any, user: User) -> bool:
    """A read-back waits, and this person may accept it: the outgoing one, an approver, or whoever acts."""
    if not handoff.reading_waits or handoff.incoming_id == user.pk:
        return False
    return handoff.outgoing_id == user.pk or handoff.serves or user in handoff.approvers()


def _to_approve(handoff: Handoff, user: User) -> bool:
    return bool(handoff.written_at and user in handoff.approvers() and not handoff.approval_blockers(user))


def _to_read_back(handoff: Any, user: User) -> bool:
    waits = handoff.incoming_id == user.pk and handoff.incoming.is_active and not handoff.account.closed_at
    return waits and handoff.is_approved and not handoff.reading_waits


def _to_decide(user: User, people: Mapping[int, User]) -> list[Transition]:
    """Submitted plans on whose fingerprint this person, a manager concerned, has not decided."""
    if not user.runs_changes:
        return []
    submitted = Transition.objects.under_way().filter(submitted_at__isnull=False, started_at=None)
    return [
        plan
        for plan in submitted.prefetch_related("moves", "approvals")
        if user in plan.approvers_among(people) and user.pk not in plan.agreed_by()
    ]


def waiting_section(user: User) -> Section:
    return Section("Changes of hands that wait for you", [waiting.sentence for waiting in waiting_for(user)])


def stalled_section(user: User) -> Section:
    """For a manager: handoffs of one's people on which nothing has moved for days, or whose date has passed."""
    if not user.runs_changes:
        return Section("Stalled handoffs", [])
    since = clocks.now() - STALLED_AFTER
    stalled = (
        Handoff.objects.open()
        .filter(transition__opened_by=user)
        .filter(
            Q(accountable_on__lt=today())
            | Q(written_at=None, opened_at__lt=since)
            | Q(written_at__lt=since, accepted_at=None)
        )
        .listed()
    )
    return Section("Stalled handoffs", [f"{h}: {h.state}, for {h.accountable_on:%-d %B}" for h in stalled])
