"""Which handoffs there are for whom, and what is done to many of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Coverage, Entry, User, today
from accounts.models.answer_sources import AFTER_A_CHANGE
from accounts.models.base import database_now
from accounts.rules import clocks
from accounts.rules.lateness import ends

from . import permissions
from .checklist import ChecklistItem
from .memory_items import follow_memory
from .telling import Recipient, withdraw

if TYPE_CHECKING:
    from .handoff import Handoff


#: Three working days of eight hours.
FIRST_CONTACT_WITHIN = timedelta(hours=24)


def speaks_by(handoff: Handoff) -> datetime:
    """The end of the third working day, where the customer is, after it changed hands."""
    assert handoff.moved_at
    account = handoff.account
    return ends(handoff.moved_at, FIRST_CONTACT_WITHIN, account.zone, account.country)


class HandoffQuerySet(models.QuerySet["Handoff"]):
    def open(self) -> HandoffQuerySet:
        return self.filter(permissions.is_open())

    def in_force(self) -> HandoffQuerySet:
        """Neither refused nor called off, nor taken back after they moved."""
        return self.filter(refused_at=None, cancelled_at=None, taken_back_at=None)

    def with_people(self) -> HandoffQuerySet:
        return self.select_related("account", "outgoing", "incoming", "transition", "transition__person")

    # Who may see them, and whose turn it is

    def visible_to(self, user: User) -> HandoffQuerySet:
        """Those whose room this person may enter: `permissions.in_room`, and what they decide on while it is open."""
        if user.is_operations:
            return self
        if user.is_customer:
            return self.none()
        deciding = self.model.objects.open().with_approver(user).values("pk")
        return self.filter(permissions.in_room(user, today()) | Q(pk__in=deciding))

    def on_record_for(self, user: User) -> HandoffQuerySet:
        """Closed ones in which this person had a part. Of those whose room is shut to them they see what was then."""
        if user.is_customer:
            return self.none()
        return self.exclude(pk__in=self.model.objects.open().values("pk")).filter(permissions.on_record(user))

    def with_approver(self, user: User) -> HandoffQuerySet:
        """Those that this person decides on, whether or not they have been written yet."""
        return self.filter(permissions.approved_by(user, self))

    def to_accept(self, user: User) -> HandoffQuerySet:
        """A read-back of a written brief waits, and this person may accept it."""
        written = self.open().filter(written_at__isnull=False, accepted_at=None)
        waiting = written.filter(read_backs__isnull=False, read_backs__decided_at=None)
        return waiting.filter(permissions.accepted_by(user, waiting))

    def to_write(self, user: User) -> HandoffQuerySet:
        mine = self.open().filter(outgoing=user, written_at=None)
        return mine.filter(permissions.handed_over_by(user))

    def to_read_back(self, user: User) -> HandoffQuerySet:
        return self.open().filter(incoming=user, access_on__lte=today())

    # What is done to many at once

    def open_all(self, handoffs: Iterable[Handoff]) -> list[Handoff]:
        """Open these handoffs, each with its checklist, and with access where its day has come."""
        planned, now = list(handoffs), database_now()
        for handoff in planned:
            handoff.opened_at = now
        made = self.bulk_create(planned)
        chosen = self.filter(pk__in=[handoff.pk for handoff in made])
        ChecklistItem.objects.make_for(chosen)
        follow_memory(chosen)
        chosen.give_access()
        return made

    def give_access(self) -> int:
        """Put the incoming people whose access date has come on the team, to read. Returns how many."""
        due = list(
            self.open()
            .filter(~permissions.unable_to_take_over(), access_on__lte=today(), access_at=None)
            .select_related("transition__opened_by")
            .select_for_update(of=("self",))
        )
        if not due:
            return 0
        now = database_now()
        taken = set(
            Coverage.objects.current()
            .filter(role=Coverage.Role.INCOMING, account__in=[h.account_id for h in due])
            .values_list("account_id", "person_id")
        )
        wanted = {(h.account_id, h.incoming_id): h for h in due if (h.account_id, h.incoming_id) not in taken}
        Coverage.objects.bulk_create(
            Coverage(
                account_id=account,
                person_id=person,
                role=Coverage.Role.INCOMING,
                started_at=now,
                started_by=h.transition.opened_by,
                started_because=h.transition.name,
            )
            for (account, person), h in wanted.items()
        )
        return self.model.objects.filter(pk__in=[h.pk for h in due]).update(access_at=now)

    def renew_access(self, *, by: User) -> None:
        """After other dates were set: who may read only later loses access until then."""
        early = self.open().filter(access_on__gt=today(), access_at__isnull=False)
        early.end_access(by=by, because="May read from a later day")
        early.update(access_at=None)
        self.give_access()

    def to_announce(self) -> HandoffQuerySet:
        """Whose customer is to be told by now, and has not been."""
        due = self.in_force().filter(announced_at=None, announce_on__lte=today())
        return due.filter(~permissions.unable_to_take_over(), account__closed_at=None)

    def without_successor(self) -> HandoffQuerySet:
        """Open ones whose incoming person cannot take over any more, and the last that was refused of an account."""
        later = self.model.objects.filter(
            account=OuterRef("account"), role=OuterRef("role"), pk__gt=OuterRef("pk")
        )
        refused = Q(refused_at__isnull=False, transition__undone_at=None, transition__cancelled_at=None)
        lost = Q(permissions.is_open()) & permissions.unable_to_take_over() | refused & ~Exists(later)
        return self.filter(lost, account__closed_at=None)

    def without_first_contact(self) -> list[Handoff]:
        """Those that changed hands lately and whose new owner had not spoken with them by their third working day.

        The days are the customer's own. Whoever does not serve them any more is not asked.
        """
        spoke = Entry.objects.not_retracted().filter(
            account=OuterRef("account"),
            author=OuterRef("incoming"),
            kind__in=Entry.CONTACT_KINDS,
            at__gte=OuterRef("moved_at"),
        )
        moved = self.in_force().filter(
            ~Exists(spoke),
            role__in=self.model.FULL_ROLES,
            moved_at__gte=clocks.now() - AFTER_A_CHANGE,
            coverage__ended_at=None,
            account__closed_at=None,
        )
        found = moved.select_related("account", "incoming").order_by("moved_at", "pk")
        return [handoff for handoff in found if speaks_by(handoff) < clocks.now()]

    def nobody_to_tell(self, user: User, day: date) -> HandoffQuerySet:
        """Of those that this person hands over or opened: its day has passed, and there was nobody to be told."""
        mine = self.in_force().filter(
            Q(outgoing=user) | Q(transition__opened_by=user), account__closed_at=None
        )
        chosen = Exists(Recipient.objects.filter(handoff=OuterRef("pk")))
        return mine.filter(~chosen, announced_at=None, announce_on__lt=day)

    def with_back_up(self) -> HandoffQuerySet:
        """Those whose outgoing person still serves the account as back-up."""
        rows = Coverage.objects.current().filter(role=Coverage.Role.BACK_UP)
        return self.filter(
            Exists(rows.filter(account=OuterRef("account"), person=OuterRef("outgoing"))),
            moved_at__isnull=False,
            taken_back_at=None,
        )

    def call_off(self, *, by: User, because: str) -> int:
        """Cancel these handoffs; whoever was reading in loses access."""
        called_off = list(self.values_list("pk", flat=True))
        chosen = self.model.objects.filter(pk__in=called_off)
        chosen.end_access(by=by, because=because)
        withdraw(called_off, because="The change was called off.")
        return chosen.update(cancelled_at=database_now(), cancelled_by=by, cancelled_because=because)

    def end_access(self, *, by: User, because: str) -> int:
        """Take reading access from the incoming people, except where another open handoff of theirs needs it."""
        reading = self.filter(account=OuterRef("account"), incoming=OuterRef("person"))
        others = (
            self.model.objects.open()
            .filter(account=OuterRef("account"), incoming=OuterRef("person"), access_at__isnull=False)
            .exclude(pk__in=list(self.values_list("pk", flat=True)))
        )
        return (
            Coverage.objects.current()
            .filter(Exists(reading), ~Exists(others), role=Coverage.Role.INCOMING)
            .end(by=by, because=because)
        )

    def take_back(self, *, by: User, because: str) -> None:
        """Return moved accounts to whoever had them, and end the back-ups that came of the move."""
        moved = list(self)
        withdraw([h.pk for h in moved], because="The change was taken back.")
        back_ups = Coverage.objects.current().filter(
            Exists(self.filter(account=OuterRef("account"), outgoing=OuterRef("person"))),
            role=Coverage.Role.BACK_UP,
        )
        back_ups.return_deals(by=by)
        back_ups.end(by=by, because=because)
        made = Coverage.objects.filter(made_by_handoff__in=moved)
        made.give_back(by=by, because=because)
        begun = made.filter(follows=None, made_by_handoff__transition__deal__isnull=False).still_serving()
        begun.return_deals(by=by)
        begun.end(by=by, because=because)
        self.model.objects.filter(pk__in=[h.pk for h in moved]).update(taken_back_at=database_now())
