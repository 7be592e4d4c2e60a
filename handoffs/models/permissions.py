"""Who may do what with a handoff: each rule as a question about one handoff and, where a list needs it, as a filter.

A test over generated people and handoffs holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable

from accounts.models import Coverage, User

from .transfer import serving

if TYPE_CHECKING:
    from .handoff import Handoff
    from .handoff_sets import HandoffQuerySet


# Who decides on the brief, and may override


def approvers_of(outgoing: User, incoming: User, writer: User | None = None) -> list[User]:
    """The losing manager, and the gaining one where that is somebody else.

    Each is the nearest active person above who is neither outgoing nor incoming nor wrote the brief. Nobody may be
    left: then the list is empty, and nothing is approved until another person of last resort is named.
    """
    barred = [person for person in (outgoing, incoming, writer) if person]
    losing = outgoing.manager_if_any(except_for=barred)
    gaining = incoming.manager_if_any(except_for=barred)
    return list(dict.fromkeys(manager for manager in (losing, gaining) if manager))


def may_approve(handoff: Handoff, user: User) -> bool:
    return user in handoff.approvers()


def approved_by(user: User, handoffs: HandoffQuerySet) -> Q:
    """Of these handoffs those that this person may approve, asked once of each pair of people and writer."""
    people = User.objects.linked()
    sides = handoffs.order_by().values_list("outgoing", "incoming", "written_by").distinct()
    theirs = [
        Q(outgoing=outgoing, incoming=incoming, written_by=writer)
        for outgoing, incoming, writer in sides
        if user in approvers_of(people[outgoing], people[incoming], people.get(writer or 0))
    ]
    return reduce(or_, theirs, Q(pk__in=[]))


# Who writes


def may_write(handoff: Handoff, user: User) -> bool:
    """The outgoing person, whoever acts, or somebody serving the account who fills the gaps; not the receiver."""
    if user.pk == handoff.incoming_id:
        return False
    return (
        user.pk == handoff.outgoing_id
        or user.is_operations
        or user.may_manage(handoff.outgoing)
        or Coverage.objects.accountable().filter(account=handoff.account, person=user).exists()
    )


# Who accepts or returns a read-back


def may_accept(handoff: Handoff, user: User, acts: bool | None = None) -> bool:
    """A second person: the outgoing one, whoever acts for them, or an approver; never the receiver.

    `acts` says whether they act, where a list has read it already.
    """
    if user.pk == handoff.incoming_id:
        return False
    if user.pk == handoff.outgoing_id or may_approve(handoff, user):
        return True
    return serving(handoff).filter(person=user).exists() if acts is None else acts


def accepted_by(user: User, handoffs: HandoffQuerySet) -> Q:
    """Of these handoffs those whose read-back this person may accept."""
    second = Q(outgoing=user) | acts_for_outgoing(user) | approved_by(user, handoffs)
    return second & ~Q(incoming=user)


def acts_for_outgoing(user: User) -> Q:
    """Where this person acts in the role since the outgoing one has gone: `transfer.serving`, as a filter."""
    serving = Coverage.objects.current().filter(account=OuterRef("account"), role=OuterRef("role"))
    acting = serving.filter(person=user, acting=True)
    return Q(Exists(acting), ~Exists(serving.filter(person=OuterRef("outgoing"))))


# Who cancels, replaces and sets dates


def may_steer(handoff: Handoff, user: User) -> bool:
    """The approvers, whoever opened it, and operations."""
    return (
        user.is_operations
        or user.pk == handoff.transition.opened_by_id
        or (user.runs_changes and may_approve(handoff, user))
    )


# Who sees it


def concerns(user: User, people: Iterable[int] | Combinable, day: date | Combinable) -> Q:
    """The handoffs that are this person's business, or that of one of these people (who include them).

    Whoever may do something with one sees it; who approves has to be asked of `approved_by` besides.
    """
    serving = Coverage.objects.accountable().filter(account=OuterRef("account"), person__in=people)
    return (
        Q(outgoing__in=people)
        | Q(incoming=user, access_on__lte=day)
        | Q(incoming__in=people) & ~Q(incoming=user)
        | Q(transition__opened_by=user)
        | Exists(serving)
        | Exists(user.approvals.filter(handoff=OuterRef("pk")))
    )
