from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pghistory
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Account, Coverage, User, today, verb
from accounts.models.base import database_now, refuse_if, require_words
from accounts.models.users import NOBODY_ABOVE

if TYPE_CHECKING:
    from .jobs import JobRun


class TransitionQuerySet(models.QuerySet["Transition"]):
    def visible_to(self, user: User) -> TransitionQuerySet:
        """Those one opened, is the subject of, or whose moves touch one's people."""
        if user.is_operations:
            return self
        if user.is_customer:
            return self.none()
        if not user.is_manager:
            return self.filter(Q(person=user) | Q(opened_by=user))
        team = user.team_ids()
        touched = Move.objects.filter(transition=OuterRef("pk")).filter(
            Q(outgoing__in=team) | Q(incoming__in=team)
        )
        return self.filter(Q(opened_by=user) | Q(person__in=team) | Exists(touched))

    def under_way(self) -> TransitionQuerySet:
        return self.filter(undone_at=None, cancelled_at=None, ended_at=None)

    def waiting_for_approval(self) -> TransitionQuerySet:
        return self.filter(submitted_at__isnull=False, started_at=None, undone_at=None, cancelled_at=None)

    def with_progress(self) -> TransitionQuerySet:
        """Adds how many `accounts` and `handovers` there are; of these the `accepted`, `still_open`, `unopened` and
        `refused`."""
        from .handoff import Handoff

        def count(rows: models.QuerySet[Any], of: str = "pk") -> Coalesce:
            some = rows.filter(transition=OuterRef("pk")).order_by().values("transition")
            return Coalesce(Subquery(some.annotate(n=models.Count(of, distinct=True)).values("n")), 0)

        accepted = Q(accepted_at__isnull=False) | Q(overridden_at__isnull=False)
        return self.annotate(
            accounts=count(Move.objects.filter(refused_because=""), "account"),
            handovers=count(Move.objects.filter(refused_because="")),
            accepted=count(Handoff.objects.filter(accepted, cancelled_at=None, taken_back_at=None)),
            still_open=count(Handoff.objects.open()),
            unopened=count(Move.objects.waiting()),
            refused=count(Move.objects.exclude(refused_because="")),
        )

    def unfinished(self) -> TransitionQuerySet:
        """Being planned, or with an account still to change hands, or somebody still to leave or return.

        Wants `with_progress`.
        """
        waits = Q(ended_at=None, kind__in=[Transition.Kind.DEPARTURE, Transition.Kind.LEAVE])
        return self.filter(
            waits | Q(started_at=None) | Q(still_open__gt=0) | Q(unopened__gt=0),
            undone_at=None,
            cancelled_at=None,
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Transition(models.Model):
    """Why accounts are moving. Its state is read from its milestones."""

    class Kind(models.TextChoices):
        REORG = "reorg", "Territory reorganisation"
        DEPARTURE = "departure", "Departure"
        ROLE_CHANGE = "role_change", "Role change"
        LEAVE = "leave", "Leave"
        SALE_TO_SUCCESS = "sale_to_success", "Sale to success"
        SPONSOR_CHANGE = "sponsor_change", "Sponsor change"
        HANDOVER = "handover", "Handover of one account"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=200)
    person = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transitions",
        help_text="Who leaves, or goes on leave.",
    )
    sudden = models.BooleanField(
        default=False, help_text="The person had gone before anybody could hand over."
    )
    because = models.CharField(max_length=500, help_text="The customer reads this reason.")
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
    opened_at = models.DateTimeField(auto_now_add=True)
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
    cancelled_because = models.CharField(max_length=500, blank=True)

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

    # What is true of it now

    @property
    def state(self) -> str:
        if self.cancelled_at:
            return "cancelled"
        if self.undone_at:
            return "taken back"
        if self.started_at:
            return "under way" if self.is_under_way else "done"
        if self.submitted_at:
            return "approved" if self.is_approved else "waiting for approval"
        return "being planned"

    @property
    def is_under_way(self) -> bool:
        from .handoff import Handoff

        return self.moves.waiting().exists() or Handoff.objects.open().filter(transition=self).exists()

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

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hexadecimal over the dates and every move: what the managers approve."""
        moves = self.moves.order_by("account_id", "role").values_list(
            "account_id", "role", "outgoing_id", "incoming_id", "because"
        )
        dates = [str(self.access_on), str(self.accountable_on), str(self.announced_on)]
        return hashlib.sha256(json.dumps([dates, list(moves)]).encode()).hexdigest()

    def managers_concerned(self) -> list[User]:
        """The nearest managers of everybody who gives or receives an account, each once."""
        concerned = {approver for approvers in self._approvers_of_each_pair() for approver in approvers}
        return sorted(concerned, key=lambda person: person.name)

    def _approvers_of_each_pair(self) -> list[list[User]]:
        from .handoff_sets import approvers_of

        pairs = self.moves.exclude(incoming=None).order_by().values_list("outgoing", "incoming").distinct()
        people = User.objects.linked()
        return [approvers_of(people[outgoing], people[incoming]) for outgoing, incoming in pairs]

    def waiting_for(self) -> list[User]:
        """The managers concerned who have not approved the plan as it now stands."""
        print_ = self.fingerprint
        agreed = set(self.approvals.filter(fingerprint=print_, approved=True).values_list("by_id", flat=True))
        return [manager for manager in self.managers_concerned() if manager.pk not in agreed]

    @property
    def is_approved(self) -> bool:
        return bool(self.submitted_at) and all(self._approvers_of_each_pair()) and not self.waiting_for()

    def blockers(self) -> list[str]:
        """What stands in the way of starting."""
        unnamed = self.moves.filter(incoming=None).count()
        gone = self.moves.filter(incoming__is_active=False).select_related("incoming").first()
        sentences = [
            "It was already started." if self.started_at else "",
            "It was cancelled." if self.cancelled_at else "",
            "There is no account to move." if not self.moves.exists() else "",
            f"{unnamed} account{'s have' if unnamed != 1 else ' has'} no successor yet." if unnamed else "",
            f"{gone.incoming} has left; choose another successor for {gone.account}." if gone else "",
        ]
        if self.needs_approval and not any(sentences):
            if not self.submitted_at:
                sentences.append("It has not been sent for approval.")
            else:
                sentences += [
                    f"{manager} has not approved the plan as it stands." for manager in self.waiting_for()
                ]
            if self.access_on > today():
                sentences.append(f"It runs on {self.access_on:%-d %B %Y}.")
        return [sentence for sentence in sentences if sentence]

    def may_run(self, user: User) -> bool:
        if self.person:
            return user.may_manage(self.person) or user.pk == self.opened_by_id
        if self.kind == self.Kind.HANDOVER:
            return user.pk == self.opened_by_id or any(
                user.may_manage(move.outgoing) for move in self.moves.select_related("outgoing")
            )
        return user.runs_changes and (user.is_operations or user.pk == self.opened_by_id)

    # Verbs

    @classmethod
    @verb
    def open_departure(
        cls,
        person: User,
        *,
        by: User,
        because: str,
        access_on: date,
        accountable_on: date,
        announced_on: date,
        last_day: date | None = None,
        sudden: bool = False,
        back_up_until: date | None = None,
    ) -> Transition:
        """Somebody leaves. Sudden: they have gone, so their access ends and the manager acts in this same act."""
        transition = cls._open_for(
            person,
            cls.Kind.DEPARTURE,
            f"{person} leaves",
            by=by,
            because=because,
            access_on=access_on,
            accountable_on=accountable_on,
            announced_on=announced_on,
            sudden=sudden,
            last_day=today() if sudden else last_day,
            back_up_until=None if sudden else back_up_until,
        )
        if sudden:
            person.deactivate(by=by, because=because)
            transition.ended_at = database_now()
            transition.save(update_fields=["ended_at"])
        return transition

    @classmethod
    @verb
    def open_leave(
        cls,
        person: User,
        *,
        by: User,
        because: str,
        access_on: date,
        starts_on: date,
        announced_on: date,
        return_on: date,
    ) -> Transition:
        """Somebody is away for a while: stand-ins serve, and hand back by themselves on the return date."""
        refuse_if("The return date comes after the first day of leave." if return_on <= starts_on else None)
        return cls._open_for(
            person,
            cls.Kind.LEAVE,
            f"{person} is on leave",
            by=by,
            because=because,
            access_on=access_on,
            accountable_on=starts_on,
            announced_on=announced_on,
            return_on=return_on,
        )

    @classmethod
    @verb
    def open_handover(
        cls,
        account: Account,
        incoming: User,
        *,
        by: User,
        because: str,
        access_on: date,
        accountable_on: date,
        announced_on: date,
        role: str = Coverage.Role.OWNER,
    ) -> Transition:
        """A single account changes hands: a transition of one."""
        because = require_words(because, "Say why, as the customer may read it.")
        row = Coverage.objects.current().filter(account=account, role=role).select_related("person").first()
        refuse_if(
            f"Nobody serves {account} in that role." if row is None else None,
            f"{incoming} is a customer." if incoming.is_customer else None,
            f"{incoming} has it already." if row and row.person_id == incoming.pk else None,
        )
        assert row is not None
        if not (by.may_manage(row.person) or by.pk == row.person_id):
            raise PermissionDenied
        transition = cls.objects.create(
            kind=cls.Kind.HANDOVER,
            name=f"{account}: {row.person} to {incoming}",
            because=because,
            opened_by=by,
            access_on=access_on,
            accountable_on=accountable_on,
            announced_on=announced_on,
        )
        refuse_if(*transition.wrong_dates())
        transition.moves.create(account=account, role=role, outgoing=row.person, incoming=incoming)
        return transition

    @classmethod
    @verb
    def open_reorg(
        cls,
        name: str,
        lines: Iterable[tuple[Account, User, str]],
        *,
        by: User,
        because: str,
        access_on: date,
        accountable_on: date,
        announced_on: date,
    ) -> Transition:
        """Accounts move to new owners by a list of (account, new owner, reason). Nothing changes until it runs."""
        if not by.is_operations and not by.is_manager:
            raise PermissionDenied
        transition = cls.objects.create(
            kind=cls.Kind.REORG,
            name=require_words(name, "Give the reorganisation a name."),
            opened_by=by,
            because=require_words(because, "Say why, as the customers may read it."),
            access_on=access_on,
            accountable_on=accountable_on,
            announced_on=announced_on,
        )
        refuse_if(*transition.wrong_dates())
        wanted = {account.pk: (account, owner, reason) for account, owner, reason in lines}
        refuse_if(*(f"{owner} is a customer." for _, owner, _ in wanted.values() if owner.is_customer))
        owners = dict(
            Coverage.objects.owners().filter(account__in=wanted).values_list("account_id", "person_id")
        )
        Move.objects.bulk_create(
            Move(
                transition=transition,
                account=account,
                role=Coverage.Role.OWNER,
                outgoing_id=owners[pk],
                incoming=owner,
                because=reason,
            )
            for pk, (account, owner, reason) in wanted.items()
            if pk in owners and owners[pk] != owner.pk
        )
        refuse_if(None if transition.moves.exists() else "Every account on the list already has that owner.")
        return transition

    @classmethod
    def _open_for(
        cls, person: User, kind: str, name: str, *, by: User, because: str, **fields: object
    ) -> Transition:
        person.refresh_from_db(from_queryset=User.objects.select_for_update())
        because = require_words(because, "Say why, as the customers may read it.")
        if not by.may_manage(person):
            raise PermissionDenied
        other = cls.objects.under_way().filter(person=person).first()
        refuse_if(
            f"{person}'s access has already ended." if not person.is_active else None,
            f"There is one under way already: {other}." if other else None,
        )
        transition = cls.objects.create(
            kind=kind, name=name, person=person, because=because, opened_by=by, **fields
        )
        refuse_if(*transition.wrong_dates())
        served = Coverage.objects.accountable().filter(person=person, role__in=Coverage.HOLDING_ROLES)
        Move.objects.bulk_create(
            Move(transition=transition, account_id=account, role=role, outgoing=person)
            for account, role in served.values_list("account_id", "role")
        )
        return transition

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
        self._lock_for_planning(by)
        self.access_on, self.accountable_on, self.announced_on = access_on, accountable_on, announced_on
        self.last_day, self.return_on = last_day or self.last_day, return_on or self.return_on
        self.back_up_until = back_up_until
        refuse_if(*self.wrong_dates())
        self.save(
            update_fields=[
                "access_on",
                "accountable_on",
                "announced_on",
                "last_day",
                "return_on",
                "back_up_until",
            ]
        )

    def wrong_dates(self) -> list[str]:
        """Which dates of the plan cannot all be meant."""
        stays = self.back_up_until
        sentences = [
            "The next owner must be able to read (access) before they answer for it (accountable)."
            if self.access_on > self.accountable_on
            else "",
            "The return date comes after the first day of leave."
            if self.return_on and self.return_on <= self.accountable_on
            else "",
            f"{self.person} cannot stay as back-up after the last day."
            if stays and self.last_day and stays > self.last_day
            else "",
        ]
        return [sentence for sentence in sentences if sentence]

    @verb
    def choose(self, successors: Mapping[int, tuple[User | None, User | None]], *, by: User) -> int:
        """Choose successors for many accounts at once: all of them or none.

        `successors` gives, by the id of the move, whom the person saw there and whom they want. Where somebody
        else chose in the meantime it is refused, naming both. Returns how many changed.
        """
        self._lock_for_planning(by)
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
    def suggest(self, *, by: User) -> int:
        """Give every account without a successor the best suggestion. Returns how many."""
        from ..planning import fill_in

        self._lock_for_planning(by)
        return fill_in(self)

    def _lock_for_planning(self, by: User) -> None:
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if not self.may_run(by):
            raise PermissionDenied
        refuse_if(None if self.can_change else f"{self} is already {self.state}.")

    @verb
    def submit(self, *, by: User) -> None:
        """Freeze the plan and ask every manager concerned. A later change makes their approval stale."""
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if not self.may_run(by):
            raise PermissionDenied
        refuse_if(
            None if self.can_change else f"It is already {self.state}.",
            None if self.moves.exists() else "There is no account to move.",
            "Some accounts have no new owner yet." if self.moves.filter(incoming=None).exists() else None,
        )
        self.submitted_at, self.submitted_by = database_now(), by
        self.save(update_fields=["submitted_at", "submitted_by"])

    @verb
    def approve(self, *, by: User, fingerprint: str) -> None:
        """A manager concerned agrees to the plan with this fingerprint."""
        self._lock_for_decision(by)
        refuse_if(
            "The plan has changed since you opened it. Read it again before you decide."
            if fingerprint != self.fingerprint
            else None
        )
        self.approvals.create(by=by, at=database_now(), fingerprint=fingerprint, approved=True)

    @verb
    def return_to_planner(self, *, by: User, because: str) -> None:
        """A manager concerned sends the plan back with a reason."""
        because = require_words(because, "Say what should change.")
        self._lock_for_decision(by)
        self.approvals.create(
            by=by, at=database_now(), fingerprint=self.fingerprint, approved=False, because=because
        )
        self.submitted_at = self.submitted_by = None
        self.save(update_fields=["submitted_at", "submitted_by"])

    def _lock_for_decision(self, by: User) -> None:
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if by not in self.managers_concerned():
            raise PermissionDenied
        refuse_if(
            None if self.submitted_at else "It is not waiting for approval.",
            None if self.can_change else f"It is already {self.state}.",
            "You have already approved this plan." if by not in self.waiting_for() else None,
        )

    @verb
    def start(self, *, by: User) -> JobRun:
        """Begin: every move gets its handoff, opened in chunks by the worker. Returns the job to watch."""
        from .jobs import JobRun

        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if not self.may_run(by):
            raise PermissionDenied
        refuse_if(*self.blockers())
        refuse_if(None if all(self._approvers_of_each_pair()) else NOBODY_ABOVE)
        self.started_at, self.started_by = database_now(), by
        self.save(update_fields=["started_at", "started_by"])
        return JobRun.queue(self)

    @verb
    def cancel(self, *, by: User, because: str) -> None:
        """Stop it: open handoffs are cancelled; what has already moved stays where it is."""
        from .handoff import Handoff

        because = require_words(because, "Say why it is cancelled.")
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if not self.may_run(by):
            raise PermissionDenied
        refuse_if(
            f"It is already {self.state}." if self.cancelled_at or self.undone_at else None,
            f"{self.person} has gone; these accounts need somebody. Choose other successors instead."
            if self.person and not self.person.is_active
            else None,
        )
        self.cancelled_at, self.cancelled_by, self.cancelled_because = database_now(), by, because
        self.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_because"])
        Handoff.objects.open().filter(transition=self).call_off(by=by, because=because)

    def undo_blockers(self) -> list[str]:
        """What stands in the way of taking it all back: a customer who was told, or a person who has gone."""
        from .handoff import Handoff

        told = (
            Handoff.objects.filter(transition=self, announced_at__isnull=False)
            .select_related("account")
            .first()
        )
        gone = (
            Handoff.objects.filter(transition=self, moved_at__isnull=False, outgoing__is_active=False)
            .select_related("outgoing")
            .first()
        )
        sentences = [
            "It has not been started." if not self.started_at else "",
            f"It is already {self.state}." if self.cancelled_at or self.undone_at else "",
            f"{told.account} was told on {told.announced_at:%-d %B %Y}; it can no longer be taken back."
            if told
            else "",
            f"{gone.outgoing} has left, so {gone.account} cannot go back." if gone else "",
            f"{self.person} has gone; these accounts need somebody. Choose other successors instead."
            if self.person and not self.person.is_active
            else "",
            self._moved_on(),
        ]
        return [sentence for sentence in sentences if sentence]

    def _moved_on(self) -> str:
        """The first account that somebody else has since been given, in a sentence."""
        from .handoff import Handoff

        moved = Handoff.objects.filter(
            transition=self, moved_at__isnull=False, taken_back_at=None, account__closed_at=None
        )
        made = Coverage.objects.filter(made_by_handoff__in=moved)
        there = set(made.standing_in().values_list("account_id", "role"))
        for handoff in moved.select_related("account", "incoming"):
            if (handoff.account_id, handoff.role) not in there:
                return f"{handoff.account} has since passed on from {handoff.incoming}, so it cannot go back."
        return ""

    @verb
    def undo(self, *, by: User) -> None:
        """Take the whole of it back: every account to whoever had it, every open handoff called off.

        Works until the first customer was told; PostgreSQL holds that law (`undone_before_anyone_was_told`).
        """
        from .handoff import Handoff

        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if not self.may_run(by):
            raise PermissionDenied
        handoffs = Handoff.objects.filter(transition=self)
        list(handoffs.select_for_update().order_by("pk").values_list("pk"))
        refuse_if(*self.undo_blockers())
        because = f"{self.name} was taken back"
        handoffs.open().call_off(by=by, because=because)
        handoffs.filter(moved_at__isnull=False, taken_back_at=None).take_back(by=by, because=because)
        if self.kind == self.Kind.LEAVE:
            self._give_back(because, by=by)
        self.moves.filter(handoff=None).update(refused_because=because)
        self.undone_at, self.undone_by = database_now(), by
        self.save(update_fields=["undone_at", "undone_by"])

    @verb
    def person_leaves(self) -> None:
        """The day after the leaver's last: access ends, and the manager acts where nobody has read back."""
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        refuse_if(
            None
            if self.kind == self.Kind.DEPARTURE
            and self.started_at
            and not self.ended_at
            and not self.cancelled_at
            and not self.undone_at
            and self.last_day
            and self.last_day < today()
            else "It is not time yet."
        )
        assert self.person
        if self.person.is_active:
            self.person.end_service(by=self.opened_by, because=self.because)
        self.ended_at = database_now()
        self.save(update_fields=["ended_at"])

    @verb
    def leave_begins(self) -> None:
        """First day of leave: where no stand-in has read back, the manager acts."""
        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        if not (
            self.kind == self.Kind.LEAVE
            and self.person
            and self.started_at
            and self.accountable_on <= today()
            and not self.is_over
        ):
            return
        uncovered = Coverage.objects.accountable().filter(
            person=self.person, account__in=self.moves.values("account"), role__in=Coverage.HOLDING_ROLES
        )
        if uncovered.exists():
            uncovered.pass_to(
                self.person.nearest_manager(),
                by=self.opened_by,
                because=f"{self.person} is on leave",
                acting=True,
            )

    @verb
    def person_returns(self) -> None:
        """The return date: everything that moved for the leave goes back by itself."""
        from .handoff import Handoff

        self.refresh_from_db(from_queryset=Transition.objects.select_for_update(of=("self",)))
        refuse_if(
            None
            if self.kind == self.Kind.LEAVE
            and self.started_at
            and not self.ended_at
            and not self.cancelled_at
            and not self.undone_at
            and self.return_on
            and self.return_on <= today()
            else "It is not time yet."
        )
        assert self.person
        because = f"{self.person} is back"
        Handoff.objects.open().filter(transition=self).call_off(by=self.opened_by, because=because)
        if self.person.is_active:
            self._give_back(because, by=self.opened_by)
        self.ended_at = database_now()
        self.save(update_fields=["ended_at"])

    def _give_back(self, because: str, *, by: User) -> None:
        """What a stand-in serves, or whoever acts since, is the returning person's again, as it was before."""
        assert self.person
        before = Coverage.objects.filter(
            person=self.person, account__in=self.moves.values("account"), role__in=Coverage.HOLDING_ROLES
        )
        unread = {(row.account_id, row.role): row.acting for row in before.order_by("started_at")}
        came_of_it = Coverage.objects.filter(Q(made_by_handoff__transition=self) | Q(pk__in=before))
        rows = list(came_of_it.standing_in().exclude(person=self.person))
        for acting in (False, True):
            back = [row.pk for row in rows if unread.get((row.account_id, row.role), False) == acting]
            Coverage.objects.filter(pk__in=back).pass_to(self.person, by=by, because=because, acting=acting)
        self.handoffs.filter(moved_at__isnull=False, taken_back_at=None).update(taken_back_at=database_now())


class MoveQuerySet(models.QuerySet["Move"]):
    def waiting(self) -> MoveQuerySet:
        """Those that should have a handoff and have none yet."""
        return self.filter(handoff=None, refused_because="")


class Move(models.Model):
    """A line of a transition's plan: one account's one role from one person to another."""

    transition = models.ForeignKey(Transition, on_delete=models.PROTECT, related_name="moves")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="moves")
    role = models.CharField(max_length=8, choices=Coverage.Role.choices, default=Coverage.Role.OWNER)
    outgoing = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    incoming = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    because = models.CharField(max_length=500, blank=True)
    refused_because = models.CharField(
        max_length=500, blank=True, help_text="Why no handoff could be opened."
    )

    objects = MoveQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["transition", "account", "role"], name="move_once"),
            models.CheckConstraint(
                name="move_changes_hands", condition=Q(incoming=None) | ~Q(incoming=F("outgoing"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.outgoing} to {self.incoming or 'nobody yet'}"

    @verb
    def assign(self, incoming: User | None, *, by: User, because: str = "") -> None:
        """Choose who takes this account over, or leave it open again."""
        transition = Transition.objects.select_for_update(of=("self",)).get(pk=self.transition_id)
        if not transition.may_run(by):
            raise PermissionDenied
        refuse_if(
            None if transition.can_change else f"{transition} is already {transition.state}.",
            self.why_not(incoming),
        )
        self.incoming, self.because = incoming, because.strip()
        self.save(update_fields=["incoming", "because"])

    def why_not(self, incoming: User | None) -> str:
        """Why this person cannot take the account over, or an empty string."""
        if incoming is None:
            return ""
        if incoming.pk == self.outgoing_id:
            return f"{incoming} already has {self.account}."
        if not incoming.is_active:
            return f"{incoming} cannot take {self.account}: they have left."
        return f"{incoming} is a customer." if incoming.is_customer else ""
