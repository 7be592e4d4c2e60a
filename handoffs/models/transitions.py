from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pghistory
from django.db import models
from django.db.models import F, Q

from accounts.models import Coverage, Deal, User, today, verb
from accounts.models.base import Refused, database_now, refuse_if, require, require_words, save_columns
from accounts.models.fields import LineField
from accounts.models.users import NOBODY_ABOVE
from accounts.rules import clocks

from .approvals import PlanReview
from .blockers import cancel_blockers, start_blockers, undo_blockers, wrong_dates
from .moves import Move
from .transition_sets import TransitionQuerySet

if TYPE_CHECKING:
    from .jobs import JobRun


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Transition(models.Model):
    """Why accounts are moving. `TransitionQuerySet` opens each kind; its state is read from its milestones."""

    class Kind(models.TextChoices):
        REORG = "reorg", "Territory reorganisation"
        DEPARTURE = "departure", "Departure"
        ROLE_CHANGE = "role_change", "Role change"
        LEAVE = "leave", "Leave"
        SALE_TO_SUCCESS = "sale_to_success", "Sale to success"
        SPONSOR_CHANGE = "sponsor_change", "Sponsor change"
        HANDOVER = "handover", "Handover of one account"

    kind = LineField(max_length=16, choices=Kind.choices)
    name = LineField(max_length=200)
    person = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transitions",
        help_text="Who leaves, or goes on leave.",
    )
    deal = models.ForeignKey(
        Deal,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transitions",
        help_text="What was sold, when it passes from sale to success.",
    )
    sudden = models.BooleanField(
        default=False, help_text="The person had gone before anybody could hand over."
    )
    because = LineField(max_length=500, help_text="The customer reads this reason.")
    access_on = models.DateField("access", help_text="From this day the next owner may read.")
    accountable_on = models.DateField(
        "accountable", help_text="From this day, once read back, the next owner answers."
    )
    announced_on = models.DateField("announced", help_text="On this day the customer is told.")
    last_day = models.DateField(null=True, blank=True, help_text="The leaver's last day.")
    return_on = models.DateField(
        "back on", null=True, blank=True, help_text="Accounts go back by themselves."
    )
    back_up_until = models.DateField(
        null=True, blank=True, help_text="The outgoing person stays as named back-up until this day."
    )
    opened_at = models.DateTimeField(default=clocks.now, editable=False)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="The leaver has gone, or is back.")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_because = LineField(max_length=500, blank=True)

    never_deleted = True
    objects = TransitionQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(
                    kind__in=["departure", "leave"], ended_at=None, undone_at=None, cancelled_at=None
                ),
                name="transition_one_for_a_person",
                violation_error_message="A departure or leave of this person is already under way.",
            ),
            models.UniqueConstraint(
                fields=["deal"],
                condition=Q(undone_at=None, cancelled_at=None),
                name="transition_one_for_a_deal",
                violation_error_message="What was sold in this deal is being handed to success already.",
            ),
            models.CheckConstraint(
                name="transition_of_a_sale_has_its_deal",
                condition=Q(kind="sale_to_success", deal__isnull=False)
                | (~Q(kind="sale_to_success") & Q(deal=None)),
            ),
            models.CheckConstraint(
                name="transition_leave_returns",
                condition=~Q(kind="leave") | Q(return_on__gt=F("accountable_on")),
            ),
            models.CheckConstraint(
                name="transition_cancelled_says_why",
                condition=Q(cancelled_at=None) | (Q(cancelled_by__isnull=False) & ~Q(cancelled_because="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        if self.cancelled_at:
            return "cancelled"
        if self.undone_at:
            return "taken back"
        if self.started_at:
            return "under way" if self.is_under_way else "done"
        if self.submitted_at:
            return "approved" if self.review().is_approved else "waiting for approval"
        return "being planned"

    @property
    def is_under_way(self) -> bool:
        return self.moves.waiting().exists() or self.handoffs.open().exists()

    @property
    def needs_approval(self) -> bool:
        return self.kind == self.Kind.REORG

    @property
    def can_change(self) -> bool:
        return not (self.started_at or self.cancelled_at or self.undone_at)

    @property
    def is_over(self) -> bool:
        """No handoff may be opened for it any more."""
        return bool(self.cancelled_at or self.undone_at or (self.kind == self.Kind.LEAVE and self.ended_at))

    def plan(self, *columns: str) -> list[tuple[Any, ...]]:
        """These columns of every move; from the moves that were read with it, where they were."""
        if "moves" in getattr(self, "_prefetched_objects_cache", {}):
            return [tuple(getattr(move, name) for name in columns) for move in self.moves.all()]
        return list(self.moves.order_by().values_list(*columns))

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hexadecimal over the dates and every move: what the managers approve."""
        moves = sorted(self.plan("account_id", "role", "outgoing_id", "incoming_id", "because"))
        dates = [str(self.access_on), str(self.accountable_on), str(self.announced_on)]
        return hashlib.sha256(json.dumps([dates, moves]).encode()).hexdigest()

    def review(self, people: Mapping[int, User] | None = None) -> PlanReview:
        return PlanReview(self, people)

    def may_run(self, user: User) -> bool:
        if self.person:
            return user.may_manage(self.person) or user.pk == self.opened_by_id
        if self.kind in {self.Kind.HANDOVER, self.Kind.SALE_TO_SUCCESS}:
            giving = User.objects.filter(pk__in=self.moves.still_to_move().values("outgoing"))
            opened = user.is_operations or user.pk == self.opened_by_id
            return opened or any(map(user.may_manage, giving))
        return user.runs_changes and (user.is_operations or user.pk == self.opened_by_id)

    def may_follow(self, user: User) -> bool:
        """Whether this person may know how far the whole of it is, and not only what they see of it."""
        return user.pk == self.person_id or self.may_run(user)

    # Planning

    def lock(self) -> None:
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))

    def lock_for_planning(self, by: User) -> None:
        self._lock_for(by)
        refuse_if(None if self.can_change else f"{self} is already {self.state}.")

    def _lock_for(self, by: User) -> None:
        self.lock()
        require(self.may_run(by))

    @verb
    def set_dates(
        self,
        *,
        by: User,
        access_on: date,
        accountable_on: date,
        announced_on: date,
        last_day: date | None = None,
        return_on: date | None = None,
        back_up_until: date | None = None,
    ) -> None:
        """Plan other dates, as long as it has not begun. An approval of the former dates goes stale."""
        self.lock_for_planning(by)
        self.access_on, self.accountable_on, self.announced_on = access_on, accountable_on, announced_on
        self.last_day, self.return_on = last_day or self.last_day, return_on or self.return_on
        self.back_up_until = back_up_until
        refuse_if(*wrong_dates(self))
        dates = ["access_on", "accountable_on", "announced_on", "last_day", "return_on", "back_up_until"]
        self.save(update_fields=dates)

    @verb
    def choose(self, successors: Mapping[int, tuple[User | None, User | None]], *, by: User) -> int:
        """Choose successors for many accounts at once: all of them or none.

        `successors` gives, by the id of the move, whom the person saw there and whom they want. Where somebody
        else chose in the meantime it is refused, naming both. Returns how many changed.
        """
        self.lock_for_planning(by)
        moves = list(self.moves.filter(pk__in=successors).select_related("account", "incoming", "outgoing"))
        changing = [move for move in moves if move.incoming != successors[move.pk][1]]
        refuse_if(
            *(
                f"{move.account} goes to {move.incoming or 'nobody yet'} in the meantime; "
                f"you chose {successors[move.pk][1] or 'nobody'}."
                for move in changing
                if move.incoming != successors[move.pk][0]
            ),
            *(sentence for move in changing if (sentence := move.why_not(successors[move.pk][1]))),
        )
        for move in changing:
            move.incoming, move.because = successors[move.pk][1], ""
        Move.objects.bulk_update(changing, ["incoming", "because"], batch_size=500)
        return len(changing)

    @verb
    def fill_in(self, suggested: Mapping[int, tuple[User, str]], *, by: User) -> int:
        """Give each move that has no successor yet the one suggested, and why, by its id. Returns how many got one."""
        self.lock_for_planning(by)
        moves = list(self.moves.filter(pk__in=suggested, incoming=None))
        for move in moves:
            move.incoming, move.because = suggested[move.pk]
        Move.objects.bulk_update(moves, ["incoming", "because"], batch_size=500)
        return len(moves)

    # Approval of the plan

    @verb
    def submit(self, *, by: User) -> None:
        """Freeze the plan and ask every manager concerned. A later change makes their approval stale."""
        self._lock_for(by)
        refuse_if(
            None if self.can_change else f"It is already {self.state}.",
            None if self.moves.exists() else "There is no account to move.",
            "Some accounts have no new owner yet." if self.moves.filter(incoming=None).exists() else None,
        )
        save_columns(self, submitted_at=database_now(), submitted_by=by)

    @verb
    def approve(self, *, by: User, fingerprint: str) -> None:
        """A manager concerned agrees to the plan with this fingerprint."""
        self._lock_for_decision(by)
        if fingerprint != self.fingerprint:
            raise Refused("The plan has changed since you opened it. Read it again before you decide.")
        self.approvals.create(by=by, at=database_now(), fingerprint=fingerprint, approved=True)

    @verb
    def return_to_planner(self, *, by: User, because: str) -> None:
        """A manager concerned sends the plan back with a reason."""
        because = require_words(because, "Say what should change.")
        self._lock_for_decision(by)
        self.approvals.create(
            by=by, at=database_now(), fingerprint=self.fingerprint, approved=False, because=because
        )
        save_columns(self, submitted_at=None, submitted_by=None)

    def _lock_for_decision(self, by: User) -> None:
        self.lock()
        review = self.review()
        require(by in review.managers)
        refuse_if(
            None if self.submitted_at else "It is not waiting for approval.",
            None if self.can_change else f"It is already {self.state}.",
            None if by in review.waiting_for else "You have already approved this plan.",
        )

    # Start, and taking it back

    @verb
    def start(self, *, by: User) -> JobRun:
        """Begin: every move gets its handoff, opened in chunks by the worker. Returns the job to watch."""
        self._lock_for(by)
        refuse_if(*start_blockers(self))
        refuse_if(None if all(self.review().approvers_of_each_pair) else NOBODY_ABOVE)
        save_columns(self, started_at=database_now(), started_by=by)
        return self.jobs.queue(self)

    @verb
    def cancel(self, *, by: User, because: str) -> None:
        """Stop it: open handoffs are cancelled; what has already moved stays where it is."""
        because = require_words(because, "Say why it is cancelled.")
        self._lock_for(by)
        refuse_if(*cancel_blockers(self))
        save_columns(self, cancelled_at=database_now(), cancelled_by=by, cancelled_because=because)
        self.handoffs.open().call_off(by=by, because=because)

    @verb
    def undo(self, *, by: User) -> None:
        """Take the whole of it back: every account to whoever had it, every open handoff called off.

        Works until the first customer was told; PostgreSQL holds that law (`undone_before_anyone_was_told`).
        """
        self._lock_for(by)
        list(self.handoffs.select_for_update().order_by("pk").values_list("pk"))
        refuse_if(*undo_blockers(self))
        because = f"{self.name} was taken back"
        self.handoffs.open().call_off(by=by, because=because)
        self.handoffs.filter(moved_at__isnull=False, taken_back_at=None).take_back(by=by, because=because)
        if self.kind == self.Kind.LEAVE:
            self._give_back(because, by=by)
        self.moves.filter(handoff=None).update(refused_because=because)
        save_columns(self, undone_at=database_now(), undone_by=by)

    # What its dates bring

    @property
    def _is_awaited(self) -> bool:
        """The person of it has not left or come back yet."""
        return not (self.ended_at or self.cancelled_at or self.undone_at)

    def person_leaves(self) -> None:
        """The day after the leaver's last: access ends, and the manager acts where nobody has read back.

        Whether anybody started the handovers in time or not: they can still be started afterwards.
        """
        self._leaver_goes_in_time()
        assert self.person
        self.person.pass_on_book()

    @verb
    def _leaver_goes_in_time(self) -> None:
        self.lock()
        leaves = self.kind == self.Kind.DEPARTURE and self._is_awaited
        refuse_if(None if leaves and self.last_day and self.last_day < today() else "It is not time yet.")
        self.leaver_goes()

    @verb
    def leaver_goes(self) -> None:
        """The leaver's access ends, unless it has. What they held passes on in an act of its own."""
        assert self.person
        if self.person.may_come_in:
            self.person.end_access(by=self.opened_by, because=self.because)
        save_columns(self, ended_at=database_now())

    @verb
    def leave_begins(self) -> None:
        """First day of leave: where no stand-in has read back, the manager acts."""
        self.lock()
        begun = self.kind == self.Kind.LEAVE and self.started_at and self.accountable_on <= today()
        if not begun or self.is_over or self.person is None:
            return
        uncovered = Coverage.objects.accountable().filter(
            person=self.person, account__in=self.moves.values("account"), role__in=Coverage.HOLDING_ROLES
        )
        if uncovered.exists():
            manager, because = self.person.nearest_manager(), f"{self.person} is on leave"
            uncovered.pass_to(manager, by=self.opened_by, because=because, acting=True)

    @verb
    def person_returns(self) -> None:
        """The return date: everything that moved for the leave goes back by itself."""
        self.lock()
        returns = self.kind == self.Kind.LEAVE and self.started_at and self._is_awaited
        refuse_if(None if returns and self.return_on and self.return_on <= today() else "It is not time yet.")
        assert self.person
        because = f"{self.person} is back"
        self.handoffs.open().call_off(by=self.opened_by, because=because)
        if self.person.may_come_in:
            self._give_back(because, by=self.opened_by)
        save_columns(self, ended_at=database_now())

    def _give_back(self, because: str, *, by: User) -> None:
        """What a stand-in serves, or whoever acts since, is the returning person's again, as it was before."""
        assert self.person
        before = Coverage.objects.filter(
            person=self.person, account__in=self.moves.values("account"), role__in=Coverage.HOLDING_ROLES
        )
        unread = {(row.account_id, row.role): row.acting for row in before.order_by("started_at")}
        came_of_it = Coverage.objects.filter(Q(made_by_handoff__transition=self) | Q(pk__in=before))
        rows = list(came_of_it.still_serving().exclude(person=self.person))
        for acting in (False, True):
            back = [row.pk for row in rows if unread.get((row.account_id, row.role), False) == acting]
            Coverage.objects.filter(pk__in=back).pass_to(self.person, by=by, because=because, acting=acting)
        self.handoffs.filter(moved_at__isnull=False, taken_back_at=None).update(taken_back_at=database_now())
