from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.db.transaction import atomic
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Coverage, User, today
from accounts.requests import SignedInRequest, staff_only
from handoffs import planning
from handoffs.forms.transitions import MoveForm, PlanDatesForm, ReasonForm
from handoffs.models import Handoff, Move, Transition

ROWS = 50
FEW = 12
MOST_COMPARED = 25
#: How each state of a handoff looks in a list: kind of tag.
LOOKS = {
    "to write": "due",
    "to approve": "waiting",
    "approval is stale": "late",
    "to read back": "waiting",
    "read back, to accept": "due",
    "accepted, waits for its date": "ok",
    "accepted": "ok",
    "confirmed": "ok",
    "refused": "late",
    "needs another successor": "loose",
    "taken back": "info",
    "cancelled": "info",
}


@dataclass
class Row:
    """One account of a change under way: the plan's line, and the handoff that stands for it now."""

    move: Move
    handoff: Handoff | None
    state: str

    @property
    def looks(self) -> str:
        return LOOKS.get(self.state, "info")

    @property
    def waits_for(self) -> str:
        """Whose turn it is."""
        handoff = self.handoff
        if handoff is None or not handoff.is_open:
            return ""
        outgoing = handoff.outgoing
        turns = {
            "to write": outgoing.name if outgoing.is_active else outgoing.nearest_manager().name,
            "to approve": " and ".join(person.name for person in handoff.waiting_for()),
            "to read back": handoff.incoming.name,
            "read back, to accept": outgoing.name if outgoing.is_active else "the manager",
        }
        return turns.get(self.state, "")


def of_handoff(handoff: Handoff) -> Row:
    move = Move(
        account=handoff.account, role=handoff.role, outgoing=handoff.outgoing, incoming=handoff.incoming
    )
    return Row(move, handoff, handoff.state)


# ---- The list


@staff_only
@require_safe
def transition_list(request: SignedInRequest) -> HttpResponse:
    user = request.user
    handoffs = Handoff.objects.visible_to(user)
    seen = Transition.objects.visible_to(user).select_related("person").with_progress()
    unfinished = seen.unfinished()
    done = seen.exclude(pk__in=unfinished.order_by().values("pk"))
    context = {
        "turns": [
            turn
            for turn in (
                my_turn("To write", "Tell what the next owner must know.", handoffs.to_write(user)),
                my_turn(
                    "To read back", "Say in your own words what you take over.", handoffs.to_read_back(user)
                ),
                my_turn("To accept", "Read what they understood.", handoffs.to_accept(user)),
            )
            if turn["count"]
        ],
        "under_way": unfinished[:ROWS],
        "done": Paginator(done, 20).get_page(request.GET.get("page")),
    }
    return render(request, "handoffs/transition_list.html", context)


def my_turn(title: str, lede: str, handoffs: Any) -> dict[str, Any]:
    return {
        "title": title,
        "lede": lede,
        "count": handoffs.count(),
        "rows": [
            of_handoff(handoff)
            for handoff in handoffs.order_by("accountable_on", "account__name", "pk")[:FEW].listed()
        ],
    }


# ---- The desk


@staff_only
@require_safe
def transition(request: SignedInRequest, pk: int) -> HttpResponse:
    return desk(request, one_of_mine(request, pk))


def one_of_mine(request: SignedInRequest, pk: int) -> Transition:
    seen = Transition.objects.visible_to(request.user).with_progress()
    return get_object_or_404(seen.select_related("person", "opened_by", "person__reports_to"), pk=pk)


def desk(
    request: SignedInRequest, transition: Transition, *, status: int = 200, **forms: Any
) -> HttpResponse:
    """The whole page. `forms` are those that were just filled in, by the names that the template knows."""
    may_run = transition.may_run(request.user)
    context: dict[str, Any] = {
        "transition": transition,
        "may_run": may_run,
        "may_plan": may_run and transition.can_change,
        "blockers": transition.blockers() if transition.can_change else [],
        "undo_blockers": transition.undo_blockers() if transition.started_at and may_run else [],
        "job": transition.jobs.first(),
        "gone": transition.person if transition.person and not transition.person.is_active else None,
        "acting": who_acts(transition),
        "dates": the_dates(transition),
        "today": today(),
        "dates_form": PlanDatesForm(transition=transition),
        "cancel_form": ReasonForm(label="Why is it cancelled?", auto_id="cancel_%s"),
        "return_form": ReasonForm(label="What should change?", auto_id="return_%s"),
    }
    if transition.can_change:
        context |= the_plan(request, transition)
    else:
        context |= the_course(request, transition)
    if transition.needs_approval:
        context |= the_approval(request.user, transition)
    return render(request, "handoffs/transition.html", context | forms, status=status)


def who_acts(transition: Transition) -> list[tuple[str, int]]:
    """Who answers unread for accounts of somebody who went, and for how many."""
    if not transition.person:
        return []
    acting = Coverage.objects.current().filter(acting=True, account__in=transition.moves.values("account"))
    people = acting.order_by("person__name").values_list("person__name")
    return list(people.annotate(accounts=Count("account", distinct=True)))


def the_dates(transition: Transition) -> list[tuple[Any, str, str]]:
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
    return sorted((date for date in dates if date[0]), key=lambda date: date[0])


def the_plan(request: SignedInRequest, transition: Transition) -> dict[str, Any]:
    """Before it begins: what each account stands to lose and who is to take it over; or whom a reorg hits."""
    people = User.objects.can_serve()
    if transition.kind == Transition.Kind.REORG:
        moves = transition.moves.select_related("account", "outgoing", "incoming").order_by(
            "account__name", "pk"
        )
        page = Paginator(moves, ROWS).get_page(request.GET.get("page"))
        elsewhere = Handoff.objects.open().filter(account__in=[move.account_id for move in page])
        busy = {handoff.account_id: handoff for handoff in elsewhere.with_people()}
        impact = planning.impact(transition)
        return {
            "page": page,
            "rows": [(move, busy.get(move.account_id)) for move in page],
            "people": people,
            "impact": impact,
            "load": load_chart(impact),
        }
    lines = Paginator(planning.plan(transition), ROWS).get_page(request.GET.get("page"))
    unnamed = transition.moves.filter(incoming=None).count()
    return {"page": lines, "lines": lines.object_list, "people": people, "unnamed": unnamed}


def the_course(request: SignedInRequest, transition: Transition) -> dict[str, Any]:
    """After it began: every account with the handoff that stands for it now, those to be done first."""
    settled = Handoff.objects.filter(transition=transition, moved_at__isnull=False).values("account")
    moves = (
        transition.moves.filter(refused_because="")
        .annotate(settled=Q(account__in=settled))
        .select_related("account", "outgoing", "incoming")
        .order_by("settled", "account__name", "pk")
    )
    page: Page[Move] = Paginator(moves, ROWS).get_page(request.GET.get("page"))
    refused = transition.moves.exclude(refused_because="").select_related("account", "outgoing", "incoming")
    return {"page": page, "rows": with_handoffs(transition, list(page)), "refused": refused}


def with_handoffs(transition: Transition, moves: list[Move]) -> list[Row]:
    """The latest handoff of each move, however often somebody else had to be chosen."""
    handoffs = Handoff.objects.filter(transition=transition, account__in=[move.account_id for move in moves])
    latest = {(handoff.account_id, handoff.role): handoff for handoff in handoffs.order_by("pk").listed()}
    return [
        Row(move, handoff, handoff.state if handoff else "being opened")
        for move in moves
        for handoff in [latest.get((move.account_id, move.role))]
    ]


def the_approval(user: User, transition: Transition) -> dict[str, Any]:
    """Each manager concerned with their latest decision, and whether it is on the plan as it stands."""
    fingerprint = transition.fingerprint
    decisions = {
        decision.by_id: decision for decision in transition.approvals.select_related("by").order_by("pk")
    }
    managers = transition.managers_concerned()
    return {
        "fingerprint": fingerprint,
        "managers": [
            (manager, decision, bool(decision and decision.approved and decision.fingerprint == fingerprint))
            for manager in managers
            for decision in [decisions.get(manager.pk)]
        ],
        "may_decide": bool(transition.submitted_at)
        and transition.can_change
        and user in managers
        and user in transition.waiting_for(),
    }


LABELS = 140  # units left for the names


@dataclass(frozen=True)
class Bar:
    """One person's accounts before and after, with where to draw them."""

    person: User
    leaving: int
    arriving: int
    before: int
    y: int
    stays_width: float
    change_width: float

    @property
    def after(self) -> int:
        return self.before - self.leaving + self.arriving

    @property
    def gains(self) -> bool:
        return self.after >= self.before

    @property
    def change_at(self) -> float:
        return LABELS + self.stays_width

    @property
    def text_at(self) -> float:
        return self.change_at + self.change_width + 8


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    height: int


def load_chart(impact: planning.Impact) -> Chart:
    """Accounts owned before and after, drawn to one scale of 400 units."""
    people = sorted({*impact.arriving, *impact.leaving}, key=lambda person: person.name)
    owned = planning.owned_by(people)
    after = {
        person: owned[person.pk] - impact.leaving.get(person, 0) + impact.arriving.get(person, 0)
        for person in people
    }
    scale = 400 / max([1, *after.values(), *owned.values()])
    bars = [
        Bar(
            person,
            impact.leaving.get(person, 0),
            impact.arriving.get(person, 0),
            owned[person.pk],
            at * 32,
            round(min(owned[person.pk], after[person]) * scale, 1),
            round(abs(owned[person.pk] - after[person]) * scale, 1),
        )
        for at, person in enumerate(people)
    ]
    return Chart(bars, len(people) * 32)


# ---- Verbs of planning


@staff_only
@require_POST
def transition_choose(request: SignedInRequest, pk: int) -> HttpResponse:
    """Successors for the accounts on the page: `to-<move>` whom one wants, `was-<move>` whom one saw."""
    transition = one_of_mine(request, pk)
    chosen = successors_in(request)
    changed = transition.choose(chosen, by=request.user)
    if request.htmx:
        return chosen_rows(request, one_of_mine(request, pk), list(chosen))
    messages.success(request, f"{changed} changed." if changed else "Nothing was changed.")
    return redirect(back_to(request, transition))


def successors_in(request: SignedInRequest) -> dict[int, tuple[User | None, User | None]]:
    people = {str(person.pk): person for person in User.objects.staff()}
    return {
        int(name[3:]): (people.get(request.POST.get(f"was-{name[3:]}", "")), people.get(value))
        for name, value in request.POST.dict().items()
        if name.startswith("to-") and name[3:].isdigit()
    }


def chosen_rows(request: SignedInRequest, transition: Transition, moves: list[int]) -> HttpResponse:
    """The lines that were just changed, and the gate beside the start button."""
    context = {
        "transition": transition,
        "may_plan": True,
        "may_run": True,
        "people": User.objects.can_serve(),
        "blockers": transition.blockers(),
        "unnamed": transition.moves.filter(incoming=None).count(),
    }
    if transition.kind == Transition.Kind.REORG:
        some = transition.moves.filter(pk__in=moves).select_related("account", "outgoing", "incoming")
        return render(
            request, "handoffs/_reorg_rows.html", context | {"rows": [(move, None) for move in some]}
        )
    context["lines"] = planning.plan(transition, only=moves)
    return render(request, "handoffs/_move_rows.html", context)


def back_to(request: SignedInRequest, transition: Transition) -> str:
    page = request.POST.get("page", "")
    return f"/transitions/{transition.pk}/" + (f"?page={page}" if page.isdigit() else "")


@staff_only
@require_POST
def transition_suggest(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    filled = transition.suggest(by=request.user)
    messages.success(request, f"{filled} account{'' if filled == 1 else 's'} got the best suggestion.")
    return redirect("transition", pk)


@staff_only
@require_POST
def transition_dates(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    form = PlanDatesForm(request.POST, transition=transition)
    if form.is_valid():
        with form.refusals():
            transition.set_dates(by=request.user, **form.cleaned_data)
            messages.success(request, "The dates are changed.")
            return redirect("transition", pk)
    transition = one_of_mine(request, pk)
    return desk(request, transition, status=form.status, dates_form=form)


@staff_only
@require_http_methods(["GET", "POST"])
def move_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """One account of the plan: everybody who could take it over, with the reasons for and against."""
    seen = Transition.objects.visible_to(request.user)
    moves = Move.objects.filter(transition__in=seen).select_related(
        "account", "incoming", "outgoing", "transition"
    )
    move = get_object_or_404(moves, pk=pk)
    line = planning.plan(move.transition, only=[pk], most=MOST_COMPARED)[0]
    form = MoveForm(request.POST or None, initial={"incoming": move.incoming, "because": line.own_words})
    if form.is_valid():
        with form.refusals():
            move.assign(form.cleaned_data["incoming"], by=request.user, because=form.cleaned_data["because"])
            messages.success(request, f"{move.account} goes to {move.incoming or 'nobody yet'}.")
            return redirect("transition", move.transition_id)
    may_plan = move.transition.may_run(request.user) and move.transition.can_change
    context = {"move": move, "line": line, "everybody": line.suggestions, "form": form, "may_plan": may_plan}
    return render(request, "handoffs/move_edit.html", context, status=form.status)


# ---- Start, and taking it back


@staff_only
@require_POST
def transition_start(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    with atomic():
        transition.choose(successors_in(request), by=request.user)
        transition.start(by=request.user)
    messages.success(request, "It has begun. Each account gets its handoff and its checklist.")
    return redirect("transition", pk)


@staff_only
@require_POST
def transition_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    form = ReasonForm(request.POST, label="Why is it cancelled?", auto_id="cancel_%s")
    if form.is_valid():
        with form.refusals():
            transition.cancel(by=request.user, because=form.cleaned_data["because"])
            messages.success(request, "It is cancelled. What had already moved stays where it is.")
            return redirect("transition", pk)
    return desk(request, one_of_mine(request, pk), status=form.status, cancel_form=form)


@staff_only
@require_POST
def transition_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    transition.undo(by=request.user)
    messages.success(request, "All of it is taken back: every account is with whoever had it before.")
    return redirect("transition", pk)
