from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.forms.facts import ConfirmForm, StoryForm
from accounts.models import Account, Confirmation, Fact, Topic
from accounts.requests import SignedInRequest, staff_only


@staff_only
@require_http_methods(["GET", "POST"])
def account_story(request: SignedInRequest, pk: int) -> HttpResponse:
    """The story of an account, to be read, confirmed or told anew; what was told before stays readable."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    if account.merged_into_id:
        return redirect("account_story", account.merged_into_id)
    form = StoryForm(request.POST or None, initial=read_now(account))
    form.draft(f"story:{pk}")
    if form.is_valid():
        with form.refusals():
            Fact.tell(account, by=request.user, **form.cleaned_data)
            messages.success(
                request, "Told anew. What was told before stays readable.", extra_tags=f"draft:story:{pk}"
            )
            return redirect("account_story", pk)
    return story_page(request, account, form)


def read_now(account: Account) -> dict[str, object]:
    """The form begins with the version that stands."""
    story = Fact.objects.stories_of(account).first()
    return {"text": story.text, "instead_of": story.pk} if story else {}


def story_page(request: SignedInRequest, account: Account, form: StoryForm) -> HttpResponse:
    stories = list(Fact.objects.stories_of(account))
    if form.status == 409:
        form.hold_against(stories[0] if stories else None)
    earlier = (
        Fact.objects.of(account).filter(topic=Topic.STORY).exclude(pk__in=[one.pk for one in stories[:1]])
    )
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
