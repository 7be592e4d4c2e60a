from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.forms.facts import ConfirmForm, FactForm, NewerAnswerForm, RetractFactForm, StoryForm
from accounts.models import Account, Confirmation, Fact, Refused, Topic, today
from accounts.requests import SignedInRequest, next_url, number, staff_only

from . import done, form_page, held_back


@staff_only("GET", "POST")
def fact_new(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    topic = topic_named(request.GET.get("topic", ""))
    if topic and topic.pk == Topic.STORY and request.method == "GET":
        return redirect("account_story", pk)
    form = FactForm(request.POST or None, account=account, by=request.user, initial={"topic": topic})
    form.draft(f"fact:{pk}:{topic.pk if topic else ''}")
    if form.is_valid():
        with form.refusals():
            Fact.state(account, by=request.user, **form.cleaned_data)
            tag = form.fields["text"].widget.attrs["data-draft"]
            return done(request, "Written down, with where it comes from.", "account", pk, draft=tag)
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


@staff_only("GET", "POST")
def fact(request: SignedInRequest, pk: int) -> HttpResponse:
    """One answer and what it took the place of; a newer answer is written under the old one."""
    fact = one_of_mine(request, pk)
    sources = {"provenance": fact.provenance, "contact": fact.contact_id}
    form = NewerAnswerForm(request.POST or None, fact=fact, by=request.user, initial=sources)
    form.draft(f"fact:{pk}")
    if form.is_valid():
        with form.refusals():
            newer = form.record()
            sentence = "The newer answer stands. The older one stays readable."
            if newer.supersedes_id is None:
                sentence = "Both stand, as a disagreement, until somebody settles it."
            return done(request, sentence, "fact", newer.pk, draft=f"fact:{pk}")
    return fact_page(request, fact, form)


@staff_only("POST")
def fact_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    fact = one_of_mine(request, pk)
    form = ConfirmForm(request.POST, account=fact.account)
    if form.is_valid():
        fact.confirm(by=request.user, contact=form.cleaned_data["contact"])
        sentence = "Confirmed: it still holds."
        return done(request, sentence, next_url(request, reverse("account", args=[fact.account_id])))
    raise Refused("That contact is not one of this account.")


@staff_only("POST")
def fact_share(request: SignedInRequest, pk: int) -> HttpResponse:
    fact = one_of_mine(request, pk)
    fact.share(by=request.user)
    return done(request, "They see this on their page from now on.", "fact", pk)


@staff_only("GET", "POST")
def fact_retract(request: SignedInRequest, pk: int) -> HttpResponse:
    fact = one_of_mine(request, pk)
    form = RetractFactForm(request.POST or None)
    if form.is_valid():
        with form.refusals():
            if asked := held_back(request.user, fact, form.cleaned_data["because"]):
                return done(request, asked, "fact", pk)
            fact.retract(by=request.user, because=form.cleaned_data["because"])
            sentence = "Taken back. Nothing takes its place until somebody writes it down."
            return done(request, sentence, "account", fact.account_id)
    lede = f"{fact.topic}: “{fact.text}”"
    return form_page(request, form, "Take this back", "Take it back", fact.account, lede=lede)


@staff_only("POST")
def fact_settle(request: SignedInRequest, pk: int) -> HttpResponse:
    fact, other = two_of_mine(request, pk)
    fact.settle(other, because=request.POST.get("because", ""), by=request.user)
    sentence = "Settled. The other answer stays readable, with your reason."
    return done(request, sentence, "account_call", fact.account_id)


@staff_only("POST")
def fact_hold_both(request: SignedInRequest, pk: int) -> HttpResponse:
    fact, other = two_of_mine(request, pk)
    fact.hold_both(other, by=request.user)
    sentence = "Both hold. Nobody is asked about it until one of them changes."
    return done(request, sentence, "account_call", fact.account_id)


def two_of_mine(request: SignedInRequest, pk: int) -> tuple[Fact, Fact]:
    seen = Fact.objects.visible_to(request.user).select_related("account", "topic")
    other = number(request.POST.get("other", ""))
    return get_object_or_404(seen, pk=pk), get_object_or_404(seen, pk=other)


def one_of_mine(request: SignedInRequest, pk: int) -> Fact:
    facts = Fact.objects.visible_to(request.user).with_sources()
    return get_object_or_404(facts.select_related("account", "topic", "author", "contact"), pk=pk)


def topic_named(slug: str) -> Topic | None:
    """The topic of that short name, or the one it was merged into."""
    topics = {topic.pk: topic for topic in Topic.objects.all()}
    found = topics.get(slug)
    return topics[found.merged_into_id] if found and found.merged_into_id else found


def fact_page(request: SignedInRequest, fact: Fact, form: NewerAnswerForm) -> HttpResponse:
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


# ---- The story


@staff_only("GET", "POST")
def account_story(request: SignedInRequest, pk: int) -> HttpResponse:
    """The story of an account, to be read, confirmed or told anew; what was told before stays readable."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    if account.merged_into_id:
        return redirect("account_story", account.merged_into_id)
    read_now = Fact.objects.stories_of(account).first()
    initial = {"text": read_now.text, "instead_of": read_now.pk} if read_now else {}
    form = StoryForm(request.POST or None, initial=initial)
    form.draft(f"story:{pk}")
    if form.is_valid():
        with form.refusals():
            Fact.tell(account, by=request.user, **form.cleaned_data)
            sentence = "Told anew. What was told before stays readable."
            return done(request, sentence, "account_story", pk, draft=f"story:{pk}")
    return story_page(request, account, form)


def story_page(request: SignedInRequest, account: Account, form: StoryForm) -> HttpResponse:
    stories = list(Fact.objects.stories_of(account))
    if form.status == 409:
        form.hold_against(stories[0] if stories else None)
    told = Fact.objects.of(account).filter(topic=Topic.STORY)
    earlier = told.exclude(pk__in=[one.pk for one in stories[:1]])
    context = {
        "account": account,
        "form": form,
        "story": stories[0] if stories else None,
        "others": stories[1:],
        "confirmations": Confirmation.objects.filter(fact__in=stories[:1])
        .select_related("by", "contact")
        .order_by("-at"),
        "earlier": earlier.with_sources().select_related("retraction__by").order_by("-at", "-pk"),
        "confirm": ConfirmForm(account=account),
    }
    return render(request, "accounts/story.html", context, status=form.status)
