from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms.facts import AnswerForm, ConfirmForm, FactForm, RetractFactForm
from accounts.models import Account, Fact, Refused, Topic, today
from accounts.requests import SignedInRequest, next_url, staff_only

from .form_page import form_page


@staff_only
@require_http_methods(["GET", "POST"])
def fact_new(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    topic = topic_named(request.GET.get("topic", ""))
    if topic and topic.pk == Topic.STORY and request.method == "GET":
        return redirect("account_story", pk)
    form = FactForm(request.POST or None, account=account, initial={"topic": topic})
    form.draft(f"fact:{pk}:{topic.pk if topic else ''}")
    if form.is_valid():
        with form.refusals():
            Fact.state(account, by=request.user, **form.cleaned_data)
            tag = form.fields["text"].widget.attrs["data-draft"]
            messages.success(request, "Written down, with where it comes from.", extra_tags=f"draft:{tag}")
            return redirect("account", pk)
    context = {
        "form": form,
        "account": account,
        "topic": topic,
        "known": form.known,
        "contacts": account.contacts.present() if form.known else [],
        "today": today(),
        "verb": "Write it down",
    }
    return render(request, "accounts/fact_new.html", context, status=form.status)


@staff_only
@require_http_methods(["GET", "POST"])
def fact(request: SignedInRequest, pk: int) -> HttpResponse:
    """One answer and what it took the place of; a newer answer is written under the old one."""
    fact = one_of_mine(request, pk)
    form = AnswerForm(request.POST or None, account=fact.account, initial=sources(fact))
    form.draft(f"fact:{pk}")
    if form.is_valid():
        with form.refusals():
            newer = fact.supersede(by=request.user, **form.cleaned_data)
            messages.success(
                request,
                "The newer answer stands. The older one stays readable.",
                extra_tags=f"draft:fact:{pk}",
            )
            return redirect("fact", newer.pk)
    return fact_page(request, fact, form)


@staff_only
@require_POST
def fact_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    fact = one_of_mine(request, pk)
    form = ConfirmForm(request.POST, account=fact.account)
    if form.is_valid():
        fact.confirm(by=request.user, contact=form.cleaned_data["contact"])
        messages.success(request, "Confirmed: it still holds.")
        return redirect(next_url(request, reverse("account", args=[fact.account_id])))
    raise Refused("That contact is not one of this account.")


@staff_only
@require_POST
def fact_share(request: SignedInRequest, pk: int) -> HttpResponse:
    fact = one_of_mine(request, pk)
    fact.share(by=request.user)
    messages.success(request, "They see this on their page from now on.")
    return redirect("fact", pk)


@staff_only
@require_http_methods(["GET", "POST"])
def fact_retract(request: SignedInRequest, pk: int) -> HttpResponse:
    fact = one_of_mine(request, pk)
    form = RetractFactForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            fact.retract(by=request.user, because=form.cleaned_data["because"])
            messages.success(request, "Taken back. Nothing takes its place until somebody writes it down.")
            return redirect("account", fact.account_id)
    return form_page(
        request, form, "Take this back", "Take it back", fact.account, lede=f"{fact.topic}: “{fact.text}”"
    )


def one_of_mine(request: SignedInRequest, pk: int) -> Fact:
    facts = (
        Fact.objects.visible_to(request.user)
        .with_sources()
        .select_related("account", "topic", "author", "contact")
    )
    return get_object_or_404(facts, pk=pk)


def topic_named(slug: str) -> Topic | None:
    """The topic of that short name, or the one it was merged into."""
    topics = {topic.pk: topic for topic in Topic.objects.all()}
    found = topics.get(slug)
    return topics[found.merged_into_id] if found and found.merged_into_id else found


def sources(fact: Fact) -> dict[str, object]:
    return {"provenance": fact.provenance, "contact": fact.contact_id}


def fact_page(request: SignedInRequest, fact: Fact, form: AnswerForm) -> HttpResponse:
    context = {
        "form": form,
        "fact": fact,
        "account": fact.account,
        "newer": Fact.objects.filter(supersedes=fact).select_related("author", "topic").first(),
        "retraction": getattr(fact, "retraction", None),
        "older": answers_before(fact),
        "confirmations": fact.confirmations.select_related("by", "contact").order_by("-at"),
        "confirm": ConfirmForm(account=fact.account),
        "today": today(),
    }
    return render(request, "accounts/fact.html", context, status=form.status)


def answers_before(fact: Fact) -> list[Fact]:
    """What was held true before, newest first."""
    found: list[Fact] = []
    facts = Fact.objects.with_sources()
    while fact.supersedes_id and len(found) < 50:
        fact = facts.get(pk=fact.supersedes_id)
        found.append(fact)
    return found
