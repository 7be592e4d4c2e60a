"""Who may do what with a handoff: each rule as a question about one handoff and, where a list needs it, as a filter.

A test over generated people and handoffs holds the two equal.
"""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Account, Coverage, User

from .read_backs import ReadBack
from .transfer import serving

if TYPE_CHECKING:
    from .handoff import Handoff
    from .handoff_sets import HandoffQuerySet
    from .transitions import Transition


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


# Who sees it


def of_accounts_seen(user: User) -> Q:
    """Of handoffs or moves those whose accounts this person may see now."""
    return Q(account__in=Account.objects.visible_to(user).order_by().values("pk"))


def is_open(path: str = "") -> Q:
    """The handoffs (at the end of this path) that have neither moved nor ended otherwise."""
    return Q(**{f"{path}{end}_at": None for end in ("moved", "refused", "cancelled")})


def in_room(user: User, day: date) -> Q:
    """The handoffs whose room is open to this person: of the accounts that they may see now.

    While it is open, whoever is about to receive it sees it as well, from the access date, and so does whoever decides
    on it: that has to be asked of `approved_by` besides. What concerned somebody once is no licence.
    """
    return of_accounts_seen(user) | Q(incoming=user, access_on__lte=day) & is_open()


def on_record(user: User) -> Q:
    """The handoffs in which this person had a part: that they opened, wrote, decided on, gave or were to take."""
    done_by_them = ("outgoing", "incoming", "written_by", "accepted_by", "overridden_by", "cancelled_by")
    in_person = reduce(or_, (Q(**{name: user}) for name in (*done_by_them, "transition__opened_by")))
    decided = user.approvals.filter(handoff=OuterRef("pk"))
    heard = ReadBack.objects.filter(handoff=OuterRef("pk"), decided_by=user)
    return in_person | Exists(decided) | Exists(heard)


def sees_account(handoff: Handoff, user: User) -> bool:
    return Account.objects.visible_to(user).filter(pk=handoff.account_id).exists()


# Who hands over: the outgoing person while they serve, or whoever acts since they have gone


def hands_over(handoff: Handoff, user: User) -> bool:
    if user.pk == handoff.outgoing_id:
        return Coverage.objects.current().filter(account=handoff.account_id, person=user).exists()
    return serving(handoff).filter(person=user).exists()


def handed_over_by(user: User) -> Q:
    """Those that this person hands over: `hands_over`, as a filter."""
    there = Coverage.objects.current().filter(account=OuterRef("account"))
    acting = there.filter(role=OuterRef("role"), person=user, acting=True)
    gone = ~Exists(there.filter(role=OuterRef("role"), person=OuterRef("outgoing")))
    return Q(Exists(there.filter(person=user)), outgoing=user) | Q(Exists(acting), gone)


# Who writes


def may_write(handoff: Handoff, user: User) -> bool:
    """Whoever answers for something on the account, or manages the outgoing person and sees it; not the receiver."""
    if user.pk == handoff.incoming_id:
        return False
    return (
        user.is_operations
        or Coverage.objects.accountable().filter(account=handoff.account_id, person=user).exists()
        or (user.may_manage(handoff.outgoing) and sees_account(handoff, user))
    )


# Who accepts or returns a read-back


def may_accept(handoff: Handoff, user: User, hands: bool | None = None) -> bool:
    """A second person: whoever hands over, or an approver; never the receiver.

    `hands` says whether they hand over, where a list has read it already.
    """
    if user.pk == handoff.incoming_id:
        return False
    if may_approve(handoff, user):
        return True
    return hands_over(handoff, user) if hands is None else hands


def accepted_by(user: User, handoffs: HandoffQuerySet) -> Q:
    """Of these handoffs those whose read-back this person may accept."""
    return (handed_over_by(user) | approved_by(user, handoffs)) & ~Q(incoming=user)


# Who says whom at the customer is told, and how


def may_tell(handoff: Handoff, user: User) -> bool:
    """Whoever may write it or steer it: the giver, or the manager; not the receiver."""
    return user.pk != handoff.incoming_id and (may_write(handoff, user) or may_steer(handoff, user))


# Who cancels, replaces and sets dates


def may_steer(handoff: Handoff, user: User) -> bool:
    """The approvers, whoever opened it and still sees the account, and operations."""
    if user.is_operations or (user.runs_changes and may_approve(handoff, user)):
        return True
    return user.pk == handoff.transition.opened_by_id and sees_account(handoff, user)


def unable_to_take_over() -> Q:
    """The handoffs or moves to somebody who has left, or leaves before it ends: `User.cannot_take_over`."""
    for_good = Q(transition__return_on=None) | Q(incoming__leaves_on=None)
    leaving = for_good | Q(incoming__leaves_on__lt=F("transition__return_on"))
    return ~Q(incoming__in=User.objects.active()) | Q(incoming__notice_at__isnull=False) & leaving


def choosers_of(handoff: Handoff) -> list[User]:
    """Who is asked to choose another successor: the approvers and whoever opened it; without any, operations."""
    opener = handoff.transition.opened_by
    found = [*handoff.approvers(), *([opener] if opener.may_come_in and may_steer(handoff, opener) else [])]
    return list(dict.fromkeys(found)) or list(User.objects.active().filter(kind=User.Kind.OPERATIONS))


# Who sees which accounts of a plan, and why somebody leaves


def touches(user: User, day: date) -> Q:
    """The moves between people of this person's: what makes a plan theirs to see.

    A manager sees what leaves their branch and, while it is to come, what comes to it; whoever takes over sees it
    from the access date, once it has begun: a plan gives nobody access. So does whoever was chosen since.
    """
    to_come = Q(transition__cancelled_at=None, transition__undone_at=None)
    chosen_since = user.handoffs_in.filter(
        is_open(),
        transition=OuterRef("transition"),
        account=OuterRef("account"),
        role=OuterRef("role"),
        access_on__lte=day,
    )
    theirs = Q(incoming=user, transition__access_on__lte=day) & to_come & of_accounts_seen(user)
    theirs |= Q(Exists(chosen_since))
    if not user.is_manager:
        return theirs
    branch = user.team_ids()
    below = [pk for pk in branch if pk != user.pk]
    return theirs | Q(outgoing__in=branch) | Q(incoming__in=below) & to_come


def seen_moves(user: User, day: date) -> Q:
    """The moves that this person may see on a transition's pages: whose account it is, and what became of it."""
    if user.is_operations:
        return Q()
    own = Q(outgoing=user) & (Q(transition__person=user) | Q(transition__opened_by=user))
    opened = Q(transition__opened_by=user) & of_accounts_seen(user)
    return touches(user, day) | own | opened


def still_to_move() -> Q:
    """The moves of which nothing has become yet: no handoff, or one that is open."""
    return Q(handoff=None) | is_open("handoff__")


def may_read_why(transition: Transition, user: User, day: date) -> bool:
    """Why somebody leaves or is away: for them, those above them, whoever opened it and operations.

    Everybody else concerned reads it on the day on which the customer may. Of other changes it is no secret.
    """
    person = transition.person
    return (
        person is None
        or user in (person, transition.opened_by)
        or user.may_manage(person)
        or transition.announced_on <= day
    )
