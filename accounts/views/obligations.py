from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import groupby

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.forms import obligations as forms
from accounts.forms.base import FormData, FormOptions, VerbForm
from accounts.models import Account, Ask, Contact, Countersignature, CustomerCase, Obligation, User, today
from accounts.models.answer_sources import AnswerSource, change_before
from accounts.models.obligation_kinds import CHECK_INS, DEPENDED_ON
from accounts.requests import SignedInRequest, changes_only, next_url, staff_only

from . import done, form_page

SETTLED_SHOWN = 30


@staff_only("GET", "HEAD")
def obligation_list(request: SignedInRequest) -> HttpResponse:
    """What this person holds: late, this week, later, and what was settled last."""
    mine = Obligation.objects.visible_to(request.user).filter(holder=request.user).for_list()
    open_ = list(mine.open())
    late = [line for line in open_ if line.is_late]
    to_come = [line for line in open_ if not line.is_late]
    settled = mine.exclude(closed_at=None).order_by("-closed_at")[:SETTLED_SHOWN]
    groups = [
        ("Late", late),
        ("This week", [line for line in to_come if line.due and line.due < today() + timedelta(days=7)]),
        ("Later", [line for line in to_come if not line.due or line.due >= today() + timedelta(days=7)]),
        ("Settled", list(settled)),
    ]
    context = {"groups": groups, "today": today(), "nothing": not open_ and not groups[3][1]}
    return render(request, "accounts/obligation_list.html", context)


GROUPINGS: dict[str, Callable[[Obligation], Account | User]] = {
    "account": lambda line: line.account,
    "person": lambda line: line.holder,
    "team": lambda line: line.holder.reports_to or line.holder,
}


@staff_only("GET", "HEAD")
def unanswered(request: SignedInRequest) -> HttpResponse:
    """What customers asked or told us that waits for a word of ours: per account, per person or per team."""
    by = request.GET.get("by", "")
    key = GROUPINGS.get(by) or GROUPINGS["account"]
    groups: dict[Account | User, list[Obligation]] = {}
    for line in Obligation.objects.unanswered().visible_to(request.user).longest_first():
        groups.setdefault(key(line), []).append(line)
    context = {
        "groups": groups.items(),
        "by": by if by in GROUPINGS else "account",
        "count": sum(map(len, groups.values())),
        "today": today(),
    }
    return render(request, "accounts/unanswered.html", context)


@staff_only("GET", "POST")
def obligation_new(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = forms.ObligationForm(
        request.POST or None,
        account=account,
        initial={"kind": request.GET.get("kind") or Obligation.Kind.PROMISE},
    )
    form.draft(f"owe:{pk}")
    if form.is_valid():
        with form.refusals():
            owed = Obligation.owe(account, by=request.user, **form.cleaned_data)
            sentence = f"Written down. {owed.holder} holds it."
            return done(request, sentence, f"{reverse('account', args=[pk])}#owed", draft=f"owe:{pk}")
    return form_page(request, form, "What do we owe them?", "Write it down", account)


@staff_only("GET", "POST")
def account_let_be(request: SignedInRequest, pk: int) -> HttpResponse:
    """A quiet account is let be, with a reason and until a day: getting in touch is the next step, and is due then."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = forms.LetBeForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            step = Obligation.owe(
                account,
                Obligation.Kind.TASK,
                f"Get in touch again: {form.cleaned_data['because']}",
                by=request.user,
                due=form.cleaned_data["until"],
            )
            sentence = f"{account} is let be until {step.when}. Then it is due with {step.holder}."
            return done(request, sentence, "today")
    lede = "It leaves the list of the quiet ones. Why, and until when, stands on its ledger."
    title = f"Let {account} be for a while"
    return form_page(request, form, title, "Let it be", account, lede=lede, back="today")


@staff_only("GET", "HEAD")
def obligation(request: SignedInRequest, pk: int) -> HttpResponse:
    return obligation_page(request, one_of_mine(request, pk))


# ---- Verbs: each posts to an address of its own


@staff_only("POST")
def obligation_keep(request: SignedInRequest, pk: int) -> HttpResponse:
    obligation = one_of_mine(request, pk)
    if asked := held_back(obligation, request.user, "keep"):
        messages.success(request, asked)
    else:
        obligation.keep(by=request.user)
        sentence = f"{obligation.get_outcome_display()}: {obligation}"
        messages.success(request, sentence, extra_tags=tag_to_undo(obligation))
    return swapped(request, obligation)


@staff_only("POST")
def obligation_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open again what this person closed by mistake within the last ten minutes."""
    obligation = one_of_mine(request, pk)
    obligation.undo(by=request.user)
    messages.success(request, f"Undone. It is open again: {obligation}")
    return swapped(request, obligation)


def swapped(request: SignedInRequest, obligation: Obligation) -> HttpResponse:
    """Its row as it stands now, and what counts it is told; the page one came from without htmx."""
    if not request.htmx:
        return redirect(next_url(request, reverse("obligation", args=[obligation.pk])))
    context = {"obligation": obligation, "today": today(), "told": True}
    response = render(request, "accounts/_obligation.html", context)
    response["HX-Trigger"] = "obligations-changed"
    return response


def tag_to_undo(obligation: Obligation) -> str:
    """What makes the message of a closing act offer its undoing."""
    return f"undo:{reverse('obligation_undo', args=[obligation.pk])}" if obligation.undo_until else ""


@staff_only("POST")
def obligation_share(request: SignedInRequest, pk: int) -> HttpResponse:
    one_of_mine(request, pk).share(by=request.user)
    return done(request, "They see it on their page from now on.", "obligation", pk)


@staff_only("POST")
def obligation_source(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where the answer stood: one click by whoever answers."""
    marked = AnswerSource.mark(one_of_mine(request, pk), request.POST.get("where", ""), by=request.user)
    return done(request, f"Counted: {marked.get_where_display().lower()}.", "obligation", pk)


# ---- Verbs that ask something: each gives the sentence that is said when it was done


def move(line: Obligation, by: User, to: date, because: str) -> str:
    line.move(to, because=because, by=by)
    return f"It is due on {line.when} now."


def answer(line: CustomerCase, by: User, text: str) -> str:
    line.answer(text, by=by)
    return "Answered. It closes when they agree."


def decide(line: CustomerCase, by: User, decision: str, because: str) -> str:
    line.decide(decision, because, by=by)
    return f"Decided: {line.get_decision_display().lower()}."


def held_back(line: Obligation, by: User, act: str, words: str = "", contact: Contact | None = None) -> str:
    """Where this person is leaving and others depend on the line: that their manager is asked to agree."""
    if line.kind not in DEPENDED_ON or not line.is_open:
        return ""
    return Countersignature.ask_if_leaving(act, line, by=by, words=words, contact=contact)


def make_good(line: CustomerCase, by: User, text: str) -> str:
    if not line.is_theirs and (asked := held_back(line, by, "make_good", text)):
        return asked
    line.make_good(text, by=by)
    return "Made good." if line.closed_at else "Written down. It closes when they agree."


def escalate(line: Obligation, by: User, because: str) -> str:
    line.escalate(by=by, because=because)
    return f"{line.escalated_to} is told by letter."


def drop(line: Obligation, by: User, because: str) -> str:
    line.drop(by=by, because=because)
    return "Dropped."


def agree(line: Obligation, by: User, contact: Contact, words: str) -> str:
    if asked := held_back(line, by, "agree", words, contact):
        return asked
    line.agree(contact=contact, words=words, by=by)
    return f"{contact} agreed; it is shown as reported by us."


def reopen(line: Obligation, by: User, because: str) -> str:
    line.reopen(because=because, by=by)
    return f"Open again. {line.holder} holds it."


def hand(line: Obligation, by: User, colleague: User, because: str) -> str:
    line.hand_to(colleague, by=by, because=because)
    return f"{colleague} holds it now."


#: Of each verb what it does, its form, what stands above that and what is on its button.
VERBS: dict[str, tuple[Callable[..., str], type[VerbForm], str, str]] = {
    "answer": (answer, forms.AnswerObligationForm, "Answer it", "Answer"),
    "decide": (decide, forms.DecideForm, "Decide", "Decide"),
    "make_good": (make_good, forms.MakeGoodForm, "Make it good", "It is done"),
    "agree": (agree, forms.AgreeForm, "They agreed", "Record it"),
    "move": (move, forms.MoveObligationForm, "Move the date", "Move it"),
    "hand": (hand, forms.HandForm, "Hand it to a colleague", "Hand it over"),
    "escalate": (escalate, forms.EscalateForm, "Bring it before the manager", "Tell them"),
    "drop": (drop, forms.DropForm, "Drop it", "Drop it"),
    "reopen": (reopen, forms.ReopenObligationForm, "It is not settled", "Open it again"),
}
#: With what each kind that somebody raised is dealt with.
FIRST_VERBS = {
    Obligation.Kind.QUESTION.value: "answer",
    Obligation.Kind.FEEDBACK.value: "decide",
    Obligation.Kind.REPAIR.value: "make_good",
}


@staff_only("POST")
def obligation_act(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Call the verb with what its form holds; a form that is wrong or refused comes back on the page."""
    kind = CustomerCase if name in FIRST_VERBS.values() else Obligation
    obligation = one_of_mine(request, pk, kind)
    form = made(name, obligation, request.POST)
    if form.is_valid():
        with form.refusals():
            sentence = VERBS[name][0](obligation, request.user, **form.cleaned_data)
            undo = tag_to_undo(obligation)
            return done(request, sentence, "obligation", pk, draft=f"{name}:{pk}", tags=undo)
    return obligation_page(request, one_of_mine(request, pk), {name: form})


# ---- Its page, with a form for each verb


SHOWN_WITH_IT = [
    "account",
    "holder",
    "contact",
    "raised_by",
    "imported_by",
    "broken_by",
    "escalated_to",
    "cadence",
]


def one_of_mine(request: SignedInRequest, pk: int, kind: type[Obligation] = Obligation) -> Obligation:
    obligations = kind.objects.visible_to(request.user)
    return get_object_or_404(obligations.select_related(*SHOWN_WITH_IT), pk=pk)


def made(name: str, obligation: Obligation, data: FormData = None) -> VerbForm:
    form_class = VERBS[name][1]
    # The same field names stand in several forms of one page: every form has ids of its own.
    options: FormOptions = {"auto_id": f"{name}_%s"}
    form: VerbForm
    if form_class is forms.AgreeForm:
        form = forms.AgreeForm(data, account=obligation.account, **options)
    elif form_class is forms.MoveObligationForm:
        form = forms.MoveObligationForm(data, obligation=obligation, **options)
    else:
        form = form_class(data, **options)
    for field in ("text", "words"):
        if field in form.fields:
            form.draft(f"{name}:{obligation.pk}", field)
    return form


def verbs_of(obligation: Obligation) -> list[str]:
    """The verbs which make sense now; the model refuses the others anyway."""
    if not obligation.is_open:
        return [] if obligation.account.closed_at else ["reopen"]
    first = [FIRST_VERBS[obligation.kind]] if obligation.kind in FIRST_VERBS else []
    always = ["move", "hand"] if obligation.escalated_at else ["move", "hand", "escalate"]
    if obligation.is_theirs:
        return [*(["agree", "reopen"] if obligation.answered_at else []), *first, *always]
    last = ["drop"] if obligation.kind in {Obligation.Kind.VISIT, Obligation.Kind.TASK} else ["agree"]
    return [*first, *always, *last]


def obligation_page(
    request: SignedInRequest, obligation: Obligation, sent: dict[str, VerbForm] | None = None
) -> HttpResponse:
    sent = sent or {}
    names = [*verbs_of(obligation), *(name for name in sent if name not in verbs_of(obligation))]
    choices = [
        {
            "name": name,
            "title": VERBS[name][2],
            "verb": VERBS[name][3],
            "action": reverse(f"obligation_{name}", args=[obligation.pk]),
            "form": sent.get(name) or made(name, obligation),
            "open": name in sent,
        }
        for name in names
    ]
    context = {
        "obligation": obligation,
        "account": obligation.account,
        "steps": obligation.entries.select_related("author", "author_contact").order_by("-at", "-pk"),
        "forms": choices,
        "change": change_before(obligation),
        "sources": AnswerSource.Where.choices,
        "source": obligation.answer_sources.select_related("by").first(),
        "choice": choice(obligation) if obligation.check_in == max(CHECK_INS) else None,
        "today": today(),
    }
    status = max([200, *(form.status for form in sent.values())])
    return render(request, "accounts/obligation.html", context, status=status)


def choice(check_in: Obligation) -> dict[str, object]:
    """Of the question at day 90: when it was asked and what they said, or why it cannot be asked now."""
    ask = check_in.asks.select_related("by").first()
    verdict = ask.verdicts.select_related("contact", "by").first() if ask else None
    return {"ask": ask, "verdict": verdict, "not_now": [] if ask else Ask.not_now(check_in, check_in.account)}


# ---- What went wrong, and what stands in the way


@staff_only("GET", "HEAD")
def incident_list(request: SignedInRequest) -> HttpResponse:
    """What this person reported, on whatever account: their own words, and what became of them."""
    seen = Q(account__in=Account.objects.visible_to(request.user))
    reported = Obligation.objects.reported_by(request.user).annotate(seen=seen)
    return render(request, "accounts/incident_list.html", {"reported": reported})


@staff_only("GET", "POST")
def incident_new(request: SignedInRequest) -> HttpResponse:
    """Anybody of ours may report what went wrong with any customer. Of the account they are told nothing."""
    form = forms.IncidentForm(request.POST or None, user=request.user)
    form.draft("incident")
    if form.is_valid():
        with form.refusals():
            CustomerCase.report(by=request.user, **form.cleaned_data)
            sentence = "Whoever answers for them is told, with your name, and makes it good."
            return done(request, sentence, "incident_list", draft="incident")
    return render(request, "accounts/incident_new.html", {"form": form}, status=form.status)


@changes_only("GET", "HEAD")
def obstacle_list(request: SignedInRequest) -> HttpResponse:
    """What of ours stands in the way of business, counted across the accounts that this person sees."""
    lines = Obligation.objects.visible_to(request.user).obstacles()
    kinds = [
        (Obligation.Obstacle(kind).label, list(found))
        for kind, found in groupby(lines, key=lambda line: line.obstacle)
    ]
    counted = [
        (len({line.account_id for line in found}), sum(line.is_open for line in found), kind, found)
        for kind, found in kinds
    ]
    counted.sort(key=lambda row: (-row[0], -row[1], row[2]))
    return render(request, "accounts/obstacle_list.html", {"counted": counted, "today": today()})
