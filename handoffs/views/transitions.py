"""A change of hands: the list of them, the page of one, and its planning, start and undoing."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.transaction import atomic
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.models import User
from accounts.requests import SignedInRequest, staff_only
from handoffs import planning
from handoffs.forms.transitions import MoveSuccessorForm, PlanDatesForm, ReasonForm
from handoffs.models import Handoff, Move, Transition
from handoffs.models.handoff_sets import HandoffQuerySet
from handoffs.models.plan_blockers import start_blockers
from handoffs.pages.handoff_rows import rows_of
from handoffs.pages.progress import unfinished, with_progress
from handoffs.pages.transition import ROWS, transition_page

FEW = 12
MOST_COMPARED = 25


# ---- The list


@staff_only("GET", "HEAD")
def transition_list(request: SignedInRequest) -> HttpResponse:
    user = request.user
    handoffs = Handoff.objects.visible_to(user)
    seen = with_progress(Transition.objects.visible_to(user).select_related("person"))
    to_do = unfinished(seen)
    done = seen.exclude(pk__in=to_do.order_by().values("pk"))
    turns = [
        my_turn("To write", "Tell what the next owner must know.", handoffs.to_write(user)),
        my_turn("To read back", "Say in your own words what you take over.", handoffs.to_read_back(user)),
        my_turn("To accept", "Read what they understood.", handoffs.to_accept(user)),
    ]
    context = {
        "turns": [turn for turn in turns if turn["count"]],
        "under_way": to_do[:ROWS],
        "done": Paginator(done, 20).get_page(request.GET.get("page")),
    }
    return render(request, "handoffs/transition_list.html", context)


def my_turn(title: str, lede: str, handoffs: HandoffQuerySet) -> dict[str, object]:
    first = handoffs.order_by("accountable_on", "account__name", "pk")[:FEW]
    return {"title": title, "lede": lede, "count": handoffs.count(), "rows": rows_of(first)}


# ---- The page of one


@staff_only("GET", "HEAD")
def transition(request: SignedInRequest, pk: int) -> HttpResponse:
    return page_of(request, one_of_mine(request, pk))


def one_of_mine(request: SignedInRequest, pk: int) -> Transition:
    seen = with_progress(Transition.objects.visible_to(request.user))
    return get_object_or_404(seen.select_related("person", "opened_by", "person__reports_to"), pk=pk)


def page_of(
    request: SignedInRequest, transition: Transition, *, status: int = 200, **sent: ReasonForm | PlanDatesForm
) -> HttpResponse:
    """The whole page. `sent` are the forms that were just filled in, by the names that the template knows."""
    forms = {
        "dates_form": PlanDatesForm(transition=transition),
        "cancel_form": ReasonForm(label="Why is it cancelled?", auto_id="cancel_%s"),
        "return_form": ReasonForm(label="What should change?", auto_id="return_%s"),
    }
    context = transition_page(transition, request.user, request.GET.get("page"))
    return render(request, "handoffs/transition.html", context | forms | sent, status=status)


# ---- Verbs of planning


@staff_only("POST")
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
        "blockers": start_blockers(transition),
        "unnamed": transition.moves.filter(incoming=None).count(),
    }
    if transition.kind == Transition.Kind.REORG:
        some = transition.moves.filter(pk__in=moves).select_related("account", "outgoing", "incoming")
        return render(
            request, "handoffs/_reorg_rows.html", context | {"rows": [(move, None) for move in some]}
        )
    context["lines"] = planning.succession_plan(transition, only=moves)
    return render(request, "handoffs/_move_rows.html", context)


def back_to(request: SignedInRequest, transition: Transition) -> str:
    page = request.POST.get("page", "")
    return f"/transitions/{transition.pk}/" + (f"?page={page}" if page.isdigit() else "")


@staff_only("POST")
def transition_suggest(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    filled = transition.fill_in(planning.best_successors(transition), by=request.user)
    messages.success(request, f"{filled} account{'' if filled == 1 else 's'} got the best suggestion.")
    return redirect("transition", pk)


@staff_only("POST")
def transition_dates(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    form = PlanDatesForm(request.POST, transition=transition)
    if form.is_valid():
        with form.refusals():
            transition.set_dates(by=request.user, **form.cleaned_data)
            messages.success(request, "The dates are changed.")
            return redirect("transition", pk)
    transition = one_of_mine(request, pk)
    return page_of(request, transition, status=form.status, dates_form=form)


@staff_only("GET", "POST")
def move_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """One account of the plan: everybody who could take it over, with the reasons for and against."""
    seen = Transition.objects.visible_to(request.user)
    moves = Move.objects.filter(transition__in=seen).select_related(
        "account", "incoming", "outgoing", "transition"
    )
    move = get_object_or_404(moves, pk=pk)
    line = planning.succession_plan(move.transition, only=[pk], most=MOST_COMPARED)[0]
    form = MoveSuccessorForm(
        request.POST or None, initial={"incoming": move.incoming, "because": line.own_words}
    )
    if form.is_valid():
        with form.refusals():
            move.assign(form.cleaned_data["incoming"], by=request.user, because=form.cleaned_data["because"])
            messages.success(request, f"{move.account} goes to {move.incoming or 'nobody yet'}.")
            return redirect("transition", move.transition_id)
    may_plan = move.transition.may_run(request.user) and move.transition.can_change
    context = {"move": move, "line": line, "everybody": line.suggestions, "form": form, "may_plan": may_plan}
    return render(request, "handoffs/move_edit.html", context, status=form.status)


# ---- Start, and taking it back


@staff_only("POST")
def transition_start(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    with atomic():
        transition.choose(successors_in(request), by=request.user)
        transition.start(by=request.user)
    messages.success(request, "It has begun. Each account gets its handoff and its checklist.")
    return redirect("transition", pk)


@staff_only("POST")
def transition_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    form = ReasonForm(request.POST, label="Why is it cancelled?", auto_id="cancel_%s")
    if form.is_valid():
        with form.refusals():
            transition.cancel(by=request.user, because=form.cleaned_data["because"])
            messages.success(request, "It is cancelled. What had already moved stays where it is.")
            return redirect("transition", pk)
    return page_of(request, one_of_mine(request, pk), status=form.status, cancel_form=form)


@staff_only("POST")
def transition_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    transition.undo(by=request.user)
    messages.success(request, "All of it is taken back: every account is with whoever had it before.")
    return redirect("transition", pk)
