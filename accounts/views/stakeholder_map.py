from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Account, Contact
from accounts.models.continuity import annotated, evidence_of
from accounts.pages.stakeholder_map import stakeholder_map
from accounts.requests import SignedInRequest, staff_only


@staff_only
@require_safe
def account_stakeholder_map(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who of ours knows whom of theirs, and what hangs by one connection."""
    account = get_object_or_404(annotated(Account.objects.visible_to(request.user)), pk=pk)
    contacts = list(Contact.objects.filter(account=account, erased_at=None).order_by("name", "pk"))
    team = account.coverage.current().select_related("person")
    context = {"account": account, "map": stakeholder_map(evidence_of(account), contacts, team)}
    return render(request, "accounts/stakeholder_map.html", context)
