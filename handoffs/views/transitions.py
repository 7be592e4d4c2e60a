"""A change of hands: the lists of them, the page of one, and its planning, approval, start and undoing."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.transaction import atomic
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.forms.base import FormData
from accounts.models import User
from accounts.requests import SignedInRequest, commits_itself, number, staff_only
from handoffs import planning
from handoffs.forms.transitions import MoveSuccessorForm, PlanDatesForm, ReasonForm
from handoffs.models import Handoff, JobRun, Move, Transition
from handoffs.models.blockers import start_blockers
from handoffs.models.handoff_sets import HandoffQuerySet
from handoffs.pages.approvals import approvals_page
from handoffs.pages.handoff_rows import rows_of, unfinished, with_progress
from handoffs.pages.transition import ROWS, transition_page

FEW = 12
STOP_POLLING = 286  # htmx: take this answer, and ask no more


# ---- The lists: all of them, and what waits for somebody's decision


@staff_only("GET", "HEAD")
def transition_list(request: SignedInRequest) -> HttpResponse:
    user = request.user
    handoffs = Handoff.objects.visible_to(user)
    seen = with_progress(Transition.objects.visible_to(user).select_related("person"), user)
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
        "refused": refused(user),
        "done": Paginator(done, 20).get_page(request.GET.get("page")),
    }
    return render(request, "handoffs/transition_list.html", context)


def refused(user: User) -> list[Handoff]:
    """What this person did not take over, the last first. What the account is called by now is not theirs to read."""
    return list(Handoff.objects.filter(incoming=user, refused_at__isnull=False).order_by("-refused_at")[:FEW])


def my_turn(title: str, lede: str, handoffs: HandoffQuerySet) -> dict[str, object]:
    first = handoffs.order_by("accountable_on", "account__name", "pk")[:FEW]
    return {"title": title, "lede": lede, "count": handoffs.count(), "rows": rows_of(first)}


@staff_only("GET", "HEAD")
def approval_list(request: SignedInRequest) -> HttpResponse:
    return render(request, "handoffs/approval_list.html", approvals_page(request.user))


# ---- The page of one


@staff_only("GET", "HEAD")
def transition(request: SignedInRequest, pk: int) -> HttpResponse:
    return page_of(request, one_of_mine(request, pk))


def one_of_mine(request: SignedInRequest, pk: int) -> Transition:
    seen = with_progress(Transition.objects.visible_to(request.user), request.user)
    return get_object_or_404(seen.select_related("person", "opened_by", "person__reports_to"), pk=pk)


def page_of(
    request: SignedInRequest,
    transition: Transition,
    sent: dict[str, ReasonForm | PlanDatesForm] | None = None,
) -> HttpResponse:
    """The whole page. `sent` is the form that was just filled in, by the name that the template knows."""
    sent = sent or {}
    context = transition_page(transition, request.user, request.GET.get("page")) | forms_of(transition) | sent
    status = max([200, *(form.status for form in sent.values())])
    return render(request, "handoffs/transition.html", context, status=status)


def forms_of(transition: Transition, data: FormData = None) -> dict[str, ReasonForm | PlanDatesForm]:
    return {
        "dates_form": PlanDatesForm(data, transition=transition),
        "cancel_form": ReasonForm(data, label="Why is it cancelled?", auto_id="cancel_%s"),
        "return_form": ReasonForm(data, label="What should change?", auto_id="return_%s"),
    }


def act(request: SignedInRequest, pk: int, name: str, verb: Callable[..., None], said: str) -> HttpResponse:
    """Call the verb with what the form of this name holds. A form that is wrong or refused comes back on the page."""
    transition = one_of_mine(request, pk)
    form = forms_of(transition, request.POST)[name]
    if form.is_valid():
        with form.refusals():
            verb(transition, by=request.user, **form.cleaned_data)
            messages.success(request, said)
            return redirect("transition", pk)
    return page_of(request, one_of_mine(request, pk), {name: form})


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
        move: (people.get(request.POST.get(f"was-{move}", "")), people.get(value))
        for name, value in request.POST.dict().items()
        if name.startswith("to-") and (move := number(name[3:])) is not None
    }


def chosen_rows(request: SignedInRequest, transition: Transition, moves: list[int]) -> HttpResponse:
    """The lines that were just changed, and the gate beside the start button."""
    seen = transition.moves.visible_to(request.user)
    context = {
        "transition": transition,
        "may_plan": True,
        "may_run": True,
        "people": User.objects.can_serve(),
        "blockers": start_blockers(transition),
        "unnamed": seen.filter(incoming=None).count(),
    }
    if transition.kind == Transition.Kind.REORG:
        some = seen.filter(pk__in=moves).select_related("account", "outgoing", "incoming")
        return render(
            request, "handoffs/_reorg_rows.html", context | {"rows": [(move, None) for move in some]}
        )
    shown = seen.filter(pk__in=moves).values_list("pk", flat=True)
    context["lines"] = planning.succession_plan(transition, only=list(shown))
    return render(request, "handoffs/_move_rows.html", context)


def back_to(request: SignedInRequest, transition: Transition) -> str:
    page = request.POST.get("page", "")
    return f"/transitions/{transition.pk}/" + (f"?page={page}" if number(page) else "")


@staff_only("POST")
def transition_suggest(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    filled = transition.fill_in(planning.best_successors(transition), by=request.user)
    messages.success(request, f"{filled} account{'' if filled == 1 else 's'} got the best suggestion.")
    return redirect("transition", pk)


@staff_only("POST")
def transition_dates(request: SignedInRequest, pk: int) -> HttpResponse:
    return act(request, pk, "dates_form", Transition.set_dates, "The dates are changed.")


@staff_only("GET", "POST")
def move_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """One account of the plan: everybody who could take it over, with the reasons for and against."""
    seen = Move.objects.with_account_visible_to(request.user)
    move = get_object_or_404(seen.select_related("account", "incoming", "outgoing", "transition"), pk=pk)
    line = planning.succession_plan(move.transition, only=[pk], most=None)[0]
    may_run = move.transition.may_run(request.user)
    line = line if may_run else line.without_reasons()
    form = MoveSuccessorForm(
        request.POST or None, initial={"incoming": move.incoming, "because": line.own_words}
    )
    if form.is_valid():
        with form.refusals():
            move.assign(form.cleaned_data["incoming"], by=request.user, because=form.cleaned_data["because"])
            messages.success(request, f"{move.account} goes to {move.incoming or 'nobody yet'}.")
            return redirect("transition", move.transition_id)
    may_plan = may_run and move.transition.can_change
    context = {
        "move": move,
        "line": line,
        "everybody": line.suggestions[:ROWS],
        "form": form,
        "may_plan": may_plan,
    }
    return render(request, "handoffs/move_edit.html", context, status=form.status)


# ---- Approval of a whole plan


@staff_only("POST")
def transition_submit(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    transition.submit(by=request.user)
    names = " and ".join(person.name for person in transition.review().waiting_for)
    messages.success(
        request, f"The plan is with {names}." if names else "Everybody concerned agrees already."
    )
    return redirect("transition", pk)


@staff_only("POST")
def transition_approve(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    transition.approve(by=request.user, fingerprint=request.POST.get("fingerprint", ""))
    messages.success(request, "You have approved the plan as it stands.")
    return redirect("transition", pk)


@staff_only("POST")
def transition_return(request: SignedInRequest, pk: int) -> HttpResponse:
    said = "It goes back with your note."
    return act(request, pk, "return_form", Transition.return_to_planner, said)


# ---- Start, and taking it back


@commits_itself
@staff_only("POST")
def transition_start(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    with atomic():
        transition.choose(successors_in(request), by=request.user)
        transition.start(by=request.user)
    messages.success(request, "It has begun. Each account gets its handoff and its checklist.")
    return redirect("transition", pk)


@staff_only("GET", "HEAD")
def job(request: SignedInRequest, pk: int) -> HttpResponse:
    seen = Transition.objects.visible_to(request.user)
    job = get_object_or_404(JobRun.objects.filter(transition__in=seen), pk=pk)
    if not job.transition.may_follow(request.user):
        raise Http404
    status = STOP_POLLING if job.is_finished and request.htmx else 200
    template = "handoffs/_job.html" if request.htmx else "handoffs/job.html"
    response = render(request, template, {"job": job}, status=status)
    if job.is_finished:
        response["HX-Trigger"] = "handoffs-opened"
    return response


@staff_only("POST")
def transition_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    said = "It is cancelled. What had already moved stays where it is."
    return act(request, pk, "cancel_form", Transition.cancel, said)


@staff_only("POST")
def transition_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    transition = one_of_mine(request, pk)
    transition.undo(by=request.user)
    messages.success(request, "All of it is taken back: every account is with whoever had it before.")
    return redirect("transition", pk)
