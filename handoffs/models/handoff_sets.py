from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, When

from accounts.models import (
    Account,
    Confirmation,
    Contact,
    Coverage,
    Deal,
    Entry,
    Fact,
    Obligation,
    Organisation,
    Retraction,
    User,
    today,
)
from accounts.models.base import database_now
from accounts.models.organisation import ThisDay
from handoffs.briefing import compose_all

if TYPE_CHECKING:
    from .handoff import Handoff


def approvers_of(outgoing: User, incoming: User, writer: User | None = None) -> list[User]:
    """Who decides: the losing manager, and the gaining one where that is somebody else.

    Each is the nearest active person above who is neither outgoing nor incoming nor wrote the brief. Nobody may be
    left: then the list is empty, and nothing is approved until another person of last resort is named.
    """
    barred = [person for person in (outgoing, incoming, writer) if person]
    losing = outgoing.manager_if_any(except_for=barred)
    gaining = incoming.manager_if_any(except_for=barred)
    return list(dict.fromkeys(manager for manager in (losing, gaining) if manager))


def concerns(user: User, people: Any, day: Any) -> Q:
    """The handoffs that are this person's business, or that of one of these people (who include them)."""
    serving = Coverage.objects.accountable().filter(account=OuterRef("account"), person__in=people)
    return (
        Q(outgoing__in=people)
        | Q(incoming=user, access_on__lte=day)
        | Q(incoming__in=people) & ~Q(incoming=user)
        | Q(transition__opened_by=user)
        | Exists(serving)
        | Exists(user.approvals.filter(handoff=OuterRef("pk")))
    )


def touched_since_approval() -> Q:
    """Whether anything that a brief may be made of was written after `approved_at`; rather once too often."""
    here = OuterRef(OuterRef("account"))
    memory = Account.objects.filter(Q(pk=here) | Q(merged_into=here)).values("pk")
    since = OuterRef("approved_at")
    tracked: list[Any] = [Contact, Obligation, Deal]
    touched = [
        Exists(Entry.objects.filter(account__in=memory, recorded_at__gt=since)),
        Exists(Fact.objects.filter(account__in=memory, at__gt=since)),
        Exists(Retraction.objects.filter(fact__account__in=memory, at__gt=since)),
        Exists(Retraction.objects.filter(entry__account__in=memory, at__gt=since)),
        Exists(Confirmation.objects.filter(fact__account__in=memory, at__gt=since)),
        Exists(
            Account.pgh_event_model.objects.filter(  # type: ignore[attr-defined]
                pgh_obj__in=memory, pgh_created_at__gt=since
            )
        ),
        *(
            Exists(model.pgh_event_model.objects.filter(account__in=memory, pgh_created_at__gt=since))
            for model in tracked
        ),
    ]
    return reduce(or_, (Q(one) for one in touched))


class HandoffQuerySet(models.QuerySet["Handoff"]):
    def open(self) -> HandoffQuerySet:
        return self.filter(moved_at=None, refused_at=None, cancelled_at=None)

    def visible_to(self, user: User) -> HandoffQuerySet:
        """Both people, their managers, who serves the account, whoever opened it, and operations.

        The incoming person sees it from the access date.
        """
        if user.is_operations:
            return self
        if user.is_customer:
            return self.none()
        concerned = concerns(user, user.team_ids(), today())
        approving = self.model.objects.awaiting_decision_of(user).values("pk")
        return self.filter(concerned | Q(pk__in=approving))

    def open_beside(self, account: Account, user: User) -> list[Handoff]:
        """Those under way of an account which this person sees, as `visible_to` tells, in one query.

        Who approves is not to be had from a query. The managers above have one of the two in their team; the person
        of last resort need not, and is the only one for whom it is asked separately.
        """
        found = self.open().filter(account=account).with_people()
        if user.is_operations or user.is_customer:
            return list(found) if user.is_operations else []
        told: list[Any] = list(
            found.annotate(
                concerned=Exists(self.filter(concerns(user, user.team(), ThisDay()), pk=OuterRef("pk"))),
                last_resort=Exists(Organisation.objects.filter(last_resort=user)),
            )
        )
        seen = {handoff.pk: handoff.concerned for handoff in told}
        if any(handoff.last_resort and not handoff.concerned for handoff in told):
            approving = self.model.objects.awaiting_decision_of(user).filter(pk__in=seen)
            seen |= dict.fromkeys(approving.values_list("pk", flat=True), True)
        return [handoff for handoff in told if seen[handoff.pk]]

    def with_people(self) -> HandoffQuerySet:
        return self.select_related("account", "outgoing", "incoming", "transition", "transition__person")

    def awaiting_decision_of(self, user: User) -> HandoffQuerySet:
        """Written, not yet moved, and this person is one of the approvers (their decision may be given)."""
        waiting = self.open().filter(written_at__isnull=False).order_by()
        sides = waiting.values_list("outgoing", "incoming", "written_by")
        people = User.objects.linked()
        decided = [
            Q(outgoing=outgoing, incoming=incoming, written_by=writer)
            for outgoing, incoming, writer in sides.distinct()
            if user in approvers_of(people[outgoing], people[incoming], people.get(writer or 0))
        ]
        return waiting.filter(reduce(or_, decided)) if decided else self.none()

    def to_accept(self, user: User) -> HandoffQuerySet:
        """A read-back waits, and this person may accept it: the outgoing one, an approver, or whoever acts."""
        from .read_backs import ReadBack

        serving = Coverage.objects.current().filter(
            account=OuterRef("account"), role=OuterRef("role"), person=user
        )
        waiting = Exists(ReadBack.objects.filter(handoff=OuterRef("pk"), decided_at=None))
        approving = self.model.objects.awaiting_decision_of(user).values("pk")
        return (
            self.open()
            .filter(waiting, Q(outgoing=user) | Exists(serving) | Q(pk__in=approving), accepted_at=None)
            .exclude(incoming=user)
        )

    def listed(self) -> list[Handoff]:
        """These handoffs with everything that `state` and `waiting_for` read, in a fixed number of queries.

        1. The handoffs with account, people and transition. 2.-3. Their decisions and read-backs.
        4. All colleagues, to walk up the reporting lines. 5. ff. The briefs of those that were approved.
        """
        from .approvals import Approval

        decisions = Approval.objects.select_related("by").order_by("pk")
        handoffs = list(
            self.with_people().prefetch_related(models.Prefetch("approvals", decisions), "read_backs")
        )
        people = User.objects.linked() if handoffs else {}
        for handoff in handoffs:
            handoff.outgoing = people[handoff.outgoing_id]
            handoff.incoming = people[handoff.incoming_id]
            if handoff.written_by_id:
                handoff.written_by = people[handoff.written_by_id]
        approved = [h.account for h in handoffs if h.is_open and any(d.approved for d in h.decisions())]
        briefs = compose_all(approved) if approved else {}
        for handoff in handoffs:
            handoff.brief_read = briefs.get(handoff.account_id)
        return handoffs

    def touching(self, user: User, day: date, people: Mapping[int, User]) -> list[Handoff]:
        """Open handoffs on which this person may have to do something on that day, with all that tells what.

        `people` is `User.objects.linked()`. 1. The handoffs; adds `reading_waits` and `serves`. 2. Their decisions.
        3. ff. The briefs of those only whose memory was touched since they were approved.
        """
        from .approvals import Approval
        from .read_backs import ReadBack

        approved = Approval.objects.filter(handoff=OuterRef("pk"), approved=True).order_by("-at")
        me = people[user.pk]
        reading = Exists(ReadBack.objects.filter(handoff=OuterRef("pk"), decided_at=None))
        rows = Coverage.objects.current().filter(
            account=OuterRef("account"), role=OuterRef("role"), person=user
        )
        deciding = Q(written_at__isnull=False)
        if me not in me.last_resort_read:
            below = [pk for pk, person in people.items() if user.leads(person)]
            deciding &= Q(outgoing__in=below) | Q(incoming__in=below)
        found: list[Any] = list(
            self.open()
            .filter(accepted_at=None)
            .annotate(
                reading_waits=reading, serves=Exists(rows), approved_at=Subquery(approved.values("at")[:1])
            )
            .annotate(
                touched=Case(
                    When(approved_at=None, then=False),
                    When(touched_since_approval(), then=True),
                    default=False,
                )
            )
            .filter(
                Q(outgoing=user)
                | Q(incoming=user, access_on__lte=day)
                | Q(serves=True, reading_waits=True)
                | deciding
            )
            .select_related("account")
            .prefetch_related("approvals")
        )
        for handoff in found:
            handoff.outgoing, handoff.incoming = people[handoff.outgoing_id], people[handoff.incoming_id]
            handoff.written_by = people.get(handoff.written_by_id or 0)
            handoff.brief_read = handoff.approved_brief  # as it still is where nothing was touched
        touched = [handoff for handoff in found if handoff.brief_read and handoff.touched]
        briefs = compose_all([handoff.account for handoff in touched]) if touched else {}
        for handoff in touched:
            handoff.brief_read = briefs[handoff.account_id]
        return found

    def to_write(self, user: User) -> HandoffQuerySet:
        return self.open().filter(outgoing=user, written_at=None)

    def to_read_back(self, user: User) -> HandoffQuerySet:
        return self.open().filter(incoming=user, access_on__lte=today())

    def give_access(self) -> int:
        """Put the incoming people whose access date has come on the team, to read. Returns how many."""
        due = list(
            self.open()
            .filter(access_on__lte=today(), access_at=None, incoming__is_active=True)
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

    def to_announce(self) -> HandoffQuerySet:
        """Whose customer is to be told by now, and has not been."""
        return self.filter(
            announced_at=None,
            announce_on__lte=today(),
            refused_at=None,
            cancelled_at=None,
            taken_back_at=None,
            incoming__is_active=True,
            account__closed_at=None,
        )

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
        back_ups = Coverage.objects.current().filter(
            Exists(self.filter(account=OuterRef("account"), outgoing=OuterRef("person"))),
            role=Coverage.Role.BACK_UP,
        )
        back_ups.return_deals(by=by)
        back_ups.end(by=by, because=because)
        made = Coverage.objects.filter(made_by_handoff__in=moved)
        made.give_back(by=by, because=because)
        begun = made.filter(follows=None, made_by_handoff__transition__deal__isnull=False).standing_in()
        begun.return_deals(by=by)
        begun.end(by=by, because=because)
        self.model.objects.filter(pk__in=[h.pk for h in moved]).update(taken_back_at=database_now())
