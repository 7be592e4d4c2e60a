from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.pages.if_left import if_any_left
from accounts.requests import SignedInRequest, changes_only, staff_only


@staff_only
@require_safe
def person_if_left(request: SignedInRequest, pk: int) -> HttpResponse:
    """If they left tomorrow, which accounts would start over? For whoever manages them, and for themselves."""
    person: User = get_object_or_404(User.objects.staff(), pk=pk)
    if not (person == request.user or request.user.may_manage(person)):
        raise PermissionDenied
    going = if_any_left([person], request.user)
    return render(request, "accounts/if_left.html", {"person": person, "going": going[0]})


@changes_only
@require_safe
def team_if_left(request: SignedInRequest) -> HttpResponse:
    """The same for everybody in a manager's team, whose going would cost most first."""
    managers = User.objects.active().filter(kind=User.Kind.MANAGER).order_by("name")
    asked = request.GET.get("of", "")
    if request.user.is_operations:
        lead = next((one for one in managers if str(one.pk) == asked), None)
        if asked and lead is None:
            raise Http404
    else:
        lead = request.user
    team = User.objects.active().filter(pk__in=lead.team_ids() if lead else []).order_by("name")
    context = {
        "lead": lead,
        "managers": managers if request.user.is_operations else [],
        "goings": sorted(
            (going for going in if_any_left(list(team), request.user) if going.losses),
            key=lambda going: (-going.weight, going.person.name),
        ),
    }
    return render(request, "accounts/if_anybody_left.html", context)
