from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Account, Contact, Coverage, User
from accounts.pages.continuity import Loss, annotated, losses, with_team
from accounts.pages.customer_effort import Effort
from accounts.pages.stakeholder_map import stakeholder_map
from accounts.requests import SignedInRequest, changes_only, staff_only


@dataclass(frozen=True)
class Going:
    """What would be lost if one person left tomorrow."""

    person: User
    losses: list[Loss]

    @property
    def start_over(self) -> list[Loss]:
        return [loss for loss in self.losses if loss.starts_over]

    @property
    def go_on(self) -> list[Loss]:
        return [loss for loss in self.losses if not loss.starts_over]

    @property
    def weight(self) -> int:
        return sum(loss.weight for loss in self.start_over)


@staff_only
@require_safe
def account_people(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who of ours knows whom of theirs, and what hangs by one thread."""
    account = get_object_or_404(annotated(Account.objects.visible_to(request.user)), pk=pk)
    contacts = list(Contact.objects.filter(account=account, erased_at=None).order_by("name", "pk"))
    team = account.coverage.current().select_related("person")
    context = {"account": account, "map": stakeholder_map(account, contacts, team)}
    return render(request, "accounts/their_people.html", context)


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


def if_any_left(people: Sequence[User], viewer: User) -> list[Going]:
    """For each of these people, the accounts they serve that the viewer may see. Two queries for any number."""
    serving = Coverage.objects.accountable().filter(
        person__in=people, account__in=Account.objects.visible_to(viewer).open()
    )
    served: dict[int, set[int]] = defaultdict(set)
    for person_id, account_id in serving.values_list("person_id", "account_id"):
        served[person_id].add(account_id)
    accounts = read(account_id for ids in served.values() for account_id in ids)
    return [Going(person, losses((accounts[pk] for pk in served[person.pk]), person)) for person in people]


def read(ids: Iterable[int]) -> dict[int, Any]:
    wanted = Account.objects.filter(pk__in=set(ids))
    return {account.pk: account for account in with_team(annotated(wanted))}


@staff_only
@require_safe
def account_effort(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a year with us took them: repeats, transfers and waits, counted."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    return render(request, "accounts/effort.html", {"account": account, "effort": Effort.of(account)})
