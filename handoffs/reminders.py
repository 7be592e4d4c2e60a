"""What handoffs add to the daily digest and to the day's page: what waits for somebody, and what has stalled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.digests import Section
from accounts.models import User, today

from .models import Handoff, Transition

STALLED_AFTER = timedelta(days=5)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for a person: the sentence, and where it is done."""

    sentence: str
    url: str


def waiting_for(user: User) -> list[Waiting]:
    """Everything in handoffs and transitions that waits for this person, most pressing first."""
    found = [
        *(Waiting(f"Accept or return {h.incoming}'s read-back of {h.account}", _room(h)) for h in _to_accept(user)),
        *(Waiting(f"Approve the brief of {h.account} for {h.incoming}", _room(h)) for h in _to_approve(user)),
        *(Waiting(f"Read {h.account} back: it becomes yours on {h.accountable_on:%-d %B}", _room(h))
          for h in _to_read_back(user)),
        *(Waiting(f"Write what {h.incoming} must know of {h.account}", _room(h)) for h in _to_write(user)),
    ]  # fmt: skip
    for transition in _to_decide(user):
        found.append(
            Waiting(f"Decide on the plan “{transition}”", reverse("transition", args=[transition.pk]))
        )
    return found


def _room(handoff: Handoff) -> str:
    return reverse("handoff", args=[handoff.pk])


def _to_accept(user: User) -> list[Handoff]:
    return list(Handoff.objects.to_accept(user).with_people())


def _to_approve(user: User) -> list[Handoff]:
    waiting = Handoff.objects.awaiting_decision_of(user).filter(accepted_at=None).listed()
    return [handoff for handoff in waiting if not handoff.approval_blockers(user)]


def _to_read_back(user: User) -> list[Handoff]:
    ready = Handoff.objects.to_read_back(user).filter(written_at__isnull=False, accepted_at=None).listed()
    return [handoff for handoff in ready if not handoff.reading_blockers()]


def _to_write(user: User) -> list[Handoff]:
    return list(Handoff.objects.to_write(user).with_people())


def _to_decide(user: User) -> list[Transition]:
    if not user.runs_changes:
        return []
    submitted = Transition.objects.under_way().filter(submitted_at__isnull=False, started_at=None)
    return [transition for transition in submitted if user in transition.waiting_for()]


def waiting_section(user: User) -> Section:
    return Section("Changes of hands that wait for you", [waiting.sentence for waiting in waiting_for(user)])


def stalled_section(user: User) -> Section:
    """For a manager: handoffs of one's people on which nothing has moved for days, or whose date has passed."""
    if not user.runs_changes:
        return Section("Stalled handoffs", [])
    since = timezone.now() - STALLED_AFTER
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
