"""transition + who looks -> the context of its page: its dates, its plan or its course, and its approval."""

from __future__ import annotations

from datetime import date
from operator import itemgetter

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q

from accounts.models import Coverage, User, today
from handoffs import planning
from handoffs.models import Handoff, Move, Transition, permissions
from handoffs.models.blockers import start_blockers, undo_blockers
from handoffs.models.moves import MoveQuerySet

from .handoff_rows import HandoffRow, rows_of, rows_of_moves
from .reorganisation import impact_of, load_chart

ROWS = 50

Context = dict[str, object]


def transition_page(transition: Transition, user: User, page: str | None) -> Context:
    """All that is read; `page` numbers the accounts shown. The forms are the view's."""
    may_run = transition.may_run(user)
    seen = transition.moves.visible_to(user)
    context: Context = {
        "transition": transition,
        "may_run": may_run,
        "may_plan": may_run and transition.can_change,
        "reason": transition.because if permissions.may_read_why(transition, user, today()) else "",
        "blockers": start_blockers(transition) if transition.can_change and may_run else [],
        "undo_blockers": undo_blockers(transition) if transition.started_at and may_run else [],
        "job": transition.jobs.first() if transition.may_follow(user) else None,
        "gone": transition.person if transition.person and not transition.person.may_come_in else None,
        "offboarding": transition.person.offboarding if transition.person and may_run else None,
        "may_retry": bool(transition.person and user.may_manage(transition.person)),
        "acting": who_acts(transition, seen),
        "on_its_way": on_its_way(transition, user) if may_run else [],
        "dates": dates_in_order(transition),
        "today": today(),
    }
    if transition.can_change:
        context |= (
            reorg_plan(transition, seen, user, page)
            if transition.needs_approval
            else departure_plan(transition, seen, page, may_run)
        )
    else:
        context |= course(transition, seen, page)
    if transition.needs_approval:
        context |= approval(user, transition)
    return context


def on_its_way(transition: Transition, user: User) -> list[HandoffRow]:
    """The handoffs to somebody who leaves: others have to be chosen for them."""
    if transition.kind != Transition.Kind.DEPARTURE or transition.cancelled_at or transition.undone_at:
        return []
    coming = Handoff.objects.visible_to(user).open().filter(incoming=transition.person)
    return rows_of(coming.order_by("accountable_on", "pk")[:ROWS])


def who_acts(transition: Transition, seen: MoveQuerySet) -> list[tuple[str, int]]:
    """Who answers unread for accounts of somebody who went, and for how many."""
    if not transition.person:
        return []
    acting = Coverage.objects.current().filter(acting=True, account__in=seen.values("account"))
    people = acting.order_by("person__name").values_list("person__name")
    return list(people.annotate(accounts=Count("account", distinct=True)))


def dates_in_order(transition: Transition) -> list[tuple[date, str, str]]:
    """Each date of the plan with its name and what happens then, in order."""
    others = {Transition.Kind.LEAVE: "the stand-in", Transition.Kind.SALE_TO_SUCCESS: "whoever takes it on"}
    who = others.get(Transition.Kind(transition.kind), "the next owner")
    leave = transition.kind == Transition.Kind.LEAVE
    reorg = transition.kind == Transition.Kind.REORG
    dates = [
        (transition.access_on, "Runs" if reorg else "Access", f"{who} may read"),
        (transition.announced_on, "Announced", "the customer is told"),
        (
            transition.accountable_on,
            "First day away" if leave else "Accountable",
            f"{who} answers, once read back",
        ),
        (transition.last_day if not transition.sudden else None, "Last day", "access ends the day after"),
        (transition.return_on, "Back on", "everything goes back"),
        (transition.back_up_until, "Back-up ends", "no longer named to ask"),
    ]
    known = [(day, name, then) for day, name, then in dates if day]
    return sorted(known, key=itemgetter(0))


def reorg_plan(transition: Transition, seen: MoveQuerySet, user: User, number: str | None) -> Context:
    """Before it begins: the accounts with whom they go to, and whom the reorganisation hits."""
    moves = seen.select_related("account", "outgoing", "incoming").order_by("account__name", "pk")
    page = Paginator(moves, ROWS).get_page(number)
    elsewhere = Handoff.objects.visible_to(user).open().filter(account__in=[move.account_id for move in page])
    busy = {handoff.account_id: handoff for handoff in elsewhere.with_people()}
    impact = impact_of(transition, seen)
    return {
        "page": page,
        "rows": [(move, busy.get(move.account_id)) for move in page],
        "people": User.objects.can_serve(),
        "impact": impact,
        "load": load_chart(impact, None if user.is_operations else user.team_ids()),
    }


def departure_plan(transition: Transition, seen: MoveQuerySet, number: str | None, may_run: bool) -> Context:
    """Before it begins: what each account stands to lose, and who is to take it over.

    Why this successor and not another says much about colleagues, and is for those who choose.
    """
    plan = planning.succession_plan(transition, only=list(seen.values_list("pk", flat=True)))
    page = Paginator(plan, ROWS).get_page(number)
    return {
        "page": page,
        "lines": [line if may_run else line.without_reasons() for line in page],
        "people": User.objects.can_serve(),
        "unnamed": seen.filter(incoming=None).count(),
    }


def course(transition: Transition, seen: MoveQuerySet, number: str | None) -> Context:
    """After it began: every account with the handoff that stands for it now, those to be done first."""
    settled = transition.handoffs.filter(moved_at__isnull=False).values("account")
    moves = (
        seen.filter(refused_because="")
        .annotate(settled=Q(account__in=settled))
        .select_related("account", "outgoing", "incoming")
        .order_by("settled", "account__name", "pk")
    )
    page: Page[Move] = Paginator(moves, ROWS).get_page(number)
    refused = seen.exclude(refused_because="").select_related("account", "outgoing", "incoming")
    return {"page": page, "rows": rows_of_moves(transition, list(page)), "refused": refused}


def approval(user: User, transition: Transition) -> Context:
    """Each manager concerned with their latest decision, and whether it is on the plan as it stands."""
    review, fingerprint = transition.review(), transition.fingerprint
    decisions = {one.by_id: one for one in transition.approvals.select_related("by").order_by("pk")}
    return {
        "fingerprint": fingerprint,
        "managers": [
            (manager, decision, bool(decision and decision.approved and decision.fingerprint == fingerprint))
            for manager in review.managers
            for decision in [decisions.get(manager.pk)]
        ],
        "may_decide": review.waits_for(user),
    }
