from __future__ import annotations

import logging
from datetime import timedelta

from django.db import InterfaceError, OperationalError, models

from accounts.models import Coverage, verb
from accounts.models.base import database_now
from accounts.rules import clocks
from accounts.rules.lines import one_line
from config.celery import queue

from .handoff import Handoff
from .moves import Move
from .transitions import Transition

logger = logging.getLogger(__name__)
CHUNK = 100
STALLED_AFTER = timedelta(seconds=30)


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def queue(self, transition: Transition) -> JobRun:
        """Write down the work, and tell the worker once it is committed. No broker: `resume_jobs` finds it."""
        now, total = database_now(), transition.moves.waiting().count()
        job = self.create(transition=transition, total=total, queued_at=now, heartbeat_at=now)
        queue("handoffs.tasks.open_handoffs", job.pk)
        return job

    def unfinished(self) -> JobRunQuerySet:
        return self.filter(finished_at=None)

    def stalled(self) -> JobRunQuerySet:
        """Unfinished, and nobody has worked on it for a while: its message or its worker was lost."""
        return self.unfinished().filter(heartbeat_at__lt=clocks.now() - STALLED_AFTER)


class JobRun(models.Model):
    """Long work as a row: what there is to do, how far it is, whether it ended. Survives reload and restart."""

    transition = models.ForeignKey(Transition, on_delete=models.PROTECT, related_name="jobs")
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    queued_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.transition}: {self.done} of {self.total}"

    def run(self) -> None:
        """Open handoffs chunk by chunk until none is left. Safe to run twice, at once, or after a crash."""
        while self.open_some():
            pass

    def open_some(self) -> int:
        """Open the next chunk, or where one of its moves stands in the way, each of them by itself."""
        try:
            return self.open_chunk()
        except Exception:
            logger.exception("%s: the moves of a chunk are opened one by one", self)
        return sum(map(self.open_one, self.transition.moves.waiting().order_by("pk")[:CHUNK]))

    def open_one(self, move: Move) -> int:
        """Open the handoff of one move; what is wrong with it stands on it, and the others go on."""
        try:
            return self.open_chunk(only=move)
        except Exception as error:
            if isinstance(error.__cause__ or error, OperationalError | InterfaceError):
                raise  # the database's fault, such as a deadlock: the next run does it
            logger.exception("%s: %s could not be opened", self, move)
            self._refuse(move, f"It could not be opened: {error}")
            return 1

    @verb
    def open_chunk(self, size: int = CHUNK, only: Move | None = None) -> int:
        """Open the handoffs of the next moves, or of one, all or none. Returns how many moves were dealt with.

        1. Lock the next moves that nobody else works on. 2. Set aside those that cannot be opened.
        3. Write handoffs, checklists and access for the rest. 4. Note the progress.
        """
        transition = Transition.objects.select_for_update(of=("self",)).get(pk=self.transition_id)
        moves = []
        if not transition.is_over:
            waiting = transition.moves.waiting()
            moves = list(
                (waiting.filter(pk=only.pk) if only else waiting)
                .select_related("account", "incoming", "outgoing")
                .select_for_update(of=("self",), skip_locked=True)
                .order_by("pk")[:size]
            )
        free = self._set_aside(transition, moves)
        Handoff.objects.open_all(
            Handoff(
                transition=transition,
                move=move,
                account=move.account,
                role=move.role,
                outgoing=move.outgoing,
                incoming=move.incoming,
                follows_id=follows,
                access_on=transition.access_on,
                accountable_on=transition.accountable_on,
                announce_on=transition.announced_on,
                back_up_until=transition.back_up_until,
            )
            for move, follows in free
        )
        if moves or not only:
            self._note_progress(len(moves))
        return len(moves)

    def _set_aside(self, transition: Transition, moves: list[Move]) -> list[tuple[Move, int | None]]:
        """The moves that can be opened, each with the handoff it takes over; the others get their reason."""
        open_now = {
            (handoff.account_id, handoff.role): handoff
            for handoff in Handoff.objects.open()
            .filter(account__in=[move.account_id for move in moves])
            .select_related("transition", "incoming")
        }
        serving = Coverage.objects.current().filter(account__in=[move.account_id for move in moves])
        theirs = set(serving.values_list("account_id", "role", "person_id"))
        acting = set(serving.filter(acting=True).values_list("account_id", "role"))
        free: list[tuple[Move, int | None]] = []
        for move in moves:
            place = (move.account_id, move.role)
            passed_on = (*place, move.outgoing_id) not in theirs and place not in acting
            other = open_now.get((move.account_id, move.role))
            yields = (
                other
                and transition.kind == Transition.Kind.DEPARTURE
                and other.transition.kind == Transition.Kind.REORG
            )
            reason = self._why_not(move, None if yields else other, passed_on)
            if reason:
                self._refuse(move, reason)
                continue
            if other:
                Handoff.objects.filter(pk=other.pk).call_off(
                    by=transition.opened_by, because=f"Taken over by: {transition}"
                )
            free.append((move, other.pk if other else None))
        return free

    @staticmethod
    def _refuse(move: Move, reason: str) -> None:
        Move.objects.filter(pk=move.pk).update(refused_because=one_line(reason)[:500])

    @staticmethod
    def _why_not(move: Move, other: Handoff | None, passed_on: bool) -> str:
        if move.account.closed_at:
            return f"{move.account} was closed in the meantime."
        if move.incoming is None or move.why_not(move.incoming):
            return f"{move.incoming or 'The successor'} cannot take it any more. Hand it over by itself."
        if other:
            return f"It is already being handed to {other.incoming}: {other.transition}."
        if passed_on and move.role == Coverage.Role.OWNER:
            return f"{move.outgoing} no longer has it. Hand it over by itself."
        return ""

    def _note_progress(self, dealt_with: int) -> None:
        self.refresh_from_db(from_queryset=JobRun.objects.select_for_update(of=("self",)))
        now = database_now()
        self.done = self.transition.moves.exclude(pk__in=self.transition.moves.waiting()).count()
        self.heartbeat_at = now
        if not dealt_with and not self.finished_at:
            self.finished_at = now
        self.save(update_fields=["done", "heartbeat_at", "finished_at"])

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None
