"""The customer's own page, and the same page as staff see it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from accounts.forms.base import FormData, VerbForm
from accounts.models import (
    Account,
    Ask,
    AskedAgain,
    Coverage,
    Fact,
    Obligation,
    Refused,
    User,
    Verdict,
)
from accounts.requests import AnyView, SignedInRequest, View, staff_only
from handoffs.models import Handoff, ShownPeople

from .forms import AskForm, CorrectForm, NameForm, ReopenForm, VerdictForm
from .page import CustomerPage, compose, contact_of, rows

P = ParamSpec("P")
ANSWER_WITHIN = {
    Obligation.Urgency.NORMAL: timedelta(days=5),
    Obligation.Urgency.SOON: timedelta(days=2),
    Obligation.Urgency.EMERGENCY: timedelta(days=0),
}


def customers_only(view: View[P]) -> AnyView[P]:
    """A page of the customer's own: to us it does not exist (there is the preview)."""

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_customer:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def own_account(request: SignedInRequest) -> Account:
    return get_object_or_404(Account.objects.visible_to(request.user))


@customers_only
@require_safe
def customer_page(request: SignedInRequest) -> HttpResponse:
    return page_of(request, own_account(request))


@staff_only("GET", "HEAD")
def customer_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """Their page through the very same query and template; nothing on it can be pressed."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    return page_of(request, account, preview=True)


def page_of(
    request: SignedInRequest,
    account: Account,
    sent: dict[str, VerbForm] | None = None,
    *,
    preview: bool = False,
) -> HttpResponse:
    """`sent` holds the form that came back, by the line it belongs to."""
    sent = sent or {}
    page = compose(account)
    context = {
        "page": page,
        "account": account,
        "preview": preview,
        "choose": form_for(sent, "choose", page.question.pk, VerdictForm) if page.question else None,
        "ask": sent.get("ask") or AskForm(team=page.team, auto_id="ask-%s"),
        "known": [(one, form_for(sent, "correct", one.fact.pk, CorrectForm)) for one in page.known],
        "raised": [(one, form_for(sent, "reopen", one.obligation.pk, ReopenForm)) for one in page.raised],
        "spell": None if preview else sent.get("spell") or spelling(request.user),
        "homeless": [form for key, form in sent.items() if key not in places(page)],
    }
    status = max([200, *(form.status for form in sent.values())])
    return render(request, "customer/page.html", context, status=status)


def places(page: CustomerPage) -> set[str]:
    """The keys of the forms that the page has room for; one that came back without a place is shown on top."""
    reopen = {
        f"reopen-{one.obligation.pk}" for one in page.raised if one.awaits_them or not one.obligation.is_open
    }
    choose = {f"choose-{page.question.pk}"} if page.question else set()
    return {"ask", "spell", *choose, *reopen, *(f"correct-{one.fact.pk}" for one in page.known)}


def form_for(
    sent: dict[str, VerbForm], name: str, pk: int, make: type[VerbForm], data: FormData = None
) -> VerbForm:
    key = f"{name}-{pk}"
    if key in sent:
        return sent[key]
    form = make(data, auto_id=f"{key}-%s")
    form.draft(key, next(iter(form.fields)))
    return form


def act(
    request: SignedInRequest, key: str, form: VerbForm, verb: Callable[..., str], anchor: str
) -> HttpResponse:
    """Call the verb with what the form holds; otherwise the page again, with the words kept."""
    account = own_account(request)
    if form.is_valid():
        with form.refusals():
            sentence = verb(**form.cleaned_data)
            messages.success(request, sentence, extra_tags=f"draft:{key}")
            return redirect(f"{reverse('customer_page')}#{anchor}")
    return page_of(request, account, {key: form})


# ---- The change that is coming


@customers_only
@require_POST
def customer_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    announced = Handoff.objects.filter(account=own_account(request), announced_at__isnull=False)
    handoff = get_object_or_404(announced, pk=pk)
    handoff.confirm(contact=contact_of(request.user))
    messages.success(request, "Thanks, noted. Both of them see that you know.")
    return redirect(f"{reverse('customer_page')}#team")


# ---- What you told us


def own_line(request: SignedInRequest, pk: int) -> Obligation:
    return get_object_or_404(Obligation.objects.visible_to(request.user), pk=pk)


@customers_only
@require_POST
def customer_agree(request: SignedInRequest, pk: int) -> HttpResponse:
    own_line(request, pk).agree(contact=contact_of(request.user), by=request.user)
    messages.success(request, "Settled, because you say so.")
    return redirect(f"{reverse('customer_page')}#told")


@customers_only
@require_POST
def customer_reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    line = own_line(request, pk)

    def reopen(because: str) -> str:
        line.reopen(by=request.user, because=because)
        return "It is open again. You see here what becomes of it."

    return act(request, f"reopen-{pk}", form_for({}, "reopen", pk, ReopenForm, request.POST), reopen, "told")


@customers_only
@require_POST
def customer_escalate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Not only a complaint to the top is heard: one button, to one manager by name."""
    line = own_line(request, pk)
    line.escalate(by=request.user, because=request.POST.get("because", ""))
    hidden = line.escalated_to_id in ShownPeople.of(line.account).hidden
    told = "Their manager" if hidden else line.escalated_to
    messages.success(request, f"{told} has a letter with your words.")
    return redirect(f"{reverse('customer_page')}#told")


# ---- Would you make the same choice?


@customers_only
@require_POST
def customer_choose(request: SignedInRequest, pk: int) -> HttpResponse:
    """The first of them who answers has answered; a doubt is with somebody by name from then on."""
    account = own_account(request)
    asked = get_object_or_404(Ask.objects.of(account).choices(), pk=pk)

    def choose(answer: str, words: str) -> str:
        contact = contact_of(request.user)
        verdict = Verdict.give(account, answer, contact=contact, by=request.user, words=words, ask=asked)
        if follow_up := verdict.follow_up:
            holder = ShownPeople.of(account).of_role(follow_up.holder, follow_up.role)
            return f"Thanks, noted. {holder} tells you here what we do about it."
        return "Thanks, noted. Everybody who serves you sees it."

    form = form_for({}, "choose", pk, VerdictForm, request.POST)
    return act(request, f"choose-{pk}", form, choose, "choice")


# ---- What we know about you


def own_fact(request: SignedInRequest, pk: int) -> Fact:
    return get_object_or_404(Fact.objects.visible_to(request.user).select_related("topic", "account"), pk=pk)


@customers_only
@require_POST
def customer_right(request: SignedInRequest, pk: int) -> HttpResponse:
    own_fact(request, pk).confirm(by=request.user, contact=contact_of(request.user))
    messages.success(request, "Thanks, noted. Nobody needs to ask you that again soon.")
    return redirect(f"{reverse('customer_page')}#known")


@customers_only
@require_POST
def customer_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """A correction is something we owe: somebody by name decides on it, and a yes changes the line."""
    fact = own_fact(request, pk)

    def correct(text: str) -> str:
        if not Fact.objects.live().filter(pk=fact.pk).exists():
            raise Refused("We have written this line anew meanwhile. Look at it again before you correct it.")
        Obligation.owe(
            fact.account,
            Obligation.Kind.FEEDBACK,
            text,
            by=request.user,
            contact=contact_of(request.user),
            fact=fact,
            due=fact.account.day() + ANSWER_WITHIN[Obligation.Urgency.NORMAL],
            shared=True,
        )
        return "Thanks, noted. It is with somebody by name; you see below what came of it."

    form = form_for({}, "correct", pk, CorrectForm, request.POST)
    return act(request, f"correct-{pk}", form, correct, "known")


@customers_only
@require_POST
def customer_asked_before(request: SignedInRequest, pk: int) -> HttpResponse:
    """ "I was asked this before", of what we know: a line on the account, counted, and told to the manager."""
    return asked_before(request, own_fact(request, pk), "known")


@customers_only
@require_POST
def customer_ask_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same of something that we asked."""
    asks = Ask.objects.of(own_account(request)).select_related("account__merged_into", "by")
    return asked_before(request, get_object_or_404(asks, pk=pk), "asked")


def asked_before(request: SignedInRequest, thing: Fact | Ask, anchor: str) -> HttpResponse:
    AskedAgain.mark(thing, by=request.user)
    messages.success(request, "We are sorry. It is counted, and whoever answers for your account sees it.")
    return redirect(f"{reverse('customer_page')}#{anchor}")


# ---- Asking, and taking it away


@customers_only
@require_POST
def customer_ask(request: SignedInRequest) -> HttpResponse:
    account = own_account(request)
    page = compose(account)
    form = AskForm(request.POST, team=page.team, auto_id="ask-%s")

    def ask(whom: str, text: str, urgency: str) -> str:
        asked = get_object_or_404(
            Coverage.objects.current().select_related("person"), pk=int(whom), account=account
        )
        Obligation.owe(
            account,
            Obligation.Kind.QUESTION,
            text,
            by=request.user,
            contact=contact_of(request.user),
            holder=asked.person,
            role=asked.role,
            urgency=urgency,
            due=account.day() + ANSWER_WITHIN[Obligation.Urgency(urgency)],
            shared=True,
        )
        name = next(one.person.name for one in page.team if one.coverage == asked.pk)
        return f"{name} has your question. The answer turns up here."

    return act(request, "ask", form, ask, "told")


def spelling(user: User, data: FormData = None) -> NameForm:
    contact = contact_of(user)
    kept = {"name": contact.name, "say_name": contact.say_name, "title": contact.title}
    return NameForm(data, initial=kept, auto_id="spell-%s")


@customers_only
@require_POST
def customer_name(request: SignedInRequest) -> HttpResponse:
    """Their own name, as they write it: it wins over every import."""

    def correct(**fields: str) -> str:
        contact_of(request.user).correct_name(by=request.user, **fields)
        return "Thanks, noted. It is written like this from now on."

    return act(request, "spell", spelling(request.user, request.POST), correct, "access")


@customers_only
@require_safe
def customer_take_away(request: SignedInRequest) -> HttpResponse:
    """Everything on the page as a file: `?as=csv`, or JSON."""
    account = own_account(request)
    page = compose(account)
    name = f"{slugify(account.name) or 'account'}-{page.today:%Y-%m-%d}"
    response = as_csv(page) if request.GET.get("as") == "csv" else as_json(page)
    ending = "csv" if request.GET.get("as") == "csv" else "json"
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response


def as_json(page: CustomerPage) -> HttpResponse:
    return JsonResponse(
        {"account": page.account.name, "taken": page.today, "lines": list(rows(page))},
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )


def as_csv(page: CustomerPage) -> HttpResponse:
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    writer = csv.DictWriter(response, ["section", "date", "what", "who", "due", "state"])
    writer.writeheader()
    writer.writerows({key: harmless(value) for key, value in line.items()} for line in rows(page))
    return response


def harmless(cell: str) -> str:
    """A spreadsheet must not take somebody's words for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
