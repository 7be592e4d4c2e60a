"""What changes of hands add to the pages of memory, through the slots that memory declares."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.html import format_html

from accounts import slots
from accounts.models import Account, Deal, User
from accounts.slots import Link, Notice, Waiting

from .models import Handoff, Transition
from .reminders import waiting_for


def fill() -> None:
    slots.fill("account actions", account_actions)
    slots.fill("acting owner actions", name_next_owner)
    slots.fill("account notices", open_handoffs)
    slots.fill("deal actions", hand_to_success)
    slots.fill("deal notices", passing_to_success)
    slots.fill("person actions", departures)
    slots.fill("today", changes_that_wait)


def account_actions(user: User, account: Account) -> Iterator[Link]:
    if user.runs_changes and not account.closed_at:
        yield Link("Hand over", reverse("handover_new", args=[account.pk]))
    yield Link("See it as they do", reverse("customer_preview", args=[account.pk]))


def name_next_owner(user: User, account: Account) -> Iterator[Link]:
    if user.runs_changes:
        yield Link("Name the next owner", reverse("handover_new", args=[account.pk]))


def open_handoffs(user: User, account: Account) -> Iterator[Notice]:
    """Those under way that this person may see."""
    for handoff in Handoff.objects.open_beside(account, user):
        on = f"{handoff.accountable_on:%-d %B}"
        yield Notice(
            f"{handoff.outgoing} hands {handoff.what} to {handoff.incoming} on {on}.",
            format_html('<a href="{}">Open the handoff</a>', reverse("handoff", args=[handoff.pk])),
        )


def hand_to_success(user: User, deal: Deal) -> Iterator[Link]:
    if deal.may_be_handed_on_by(user) and not to_success(deal):
        yield Link("Hand to success", reverse("sale_to_success_new", args=[deal.pk]), primary=True)


def passing_to_success(user: User, deal: Deal) -> Iterator[Notice]:
    if plan := to_success(deal):
        rest = f"It is {plan.state}."
        if Transition.objects.visible_to(user).filter(pk=plan.pk).exists():
            url = reverse("transition", args=[plan.pk])
            rest = format_html('<a href="{}">{}</a>, {}', url, plan, plan.state)
        yield Notice("What was sold here passes to success.", rest)


def to_success(deal: Deal) -> Transition | None:
    """How this deal passes from sale to success."""
    return Transition.objects.filter(deal=deal, undone_at=None, cancelled_at=None).first()


def departures(user: User, person: User) -> Iterator[Link]:
    yield Link(f"{person.first_name} leaves", reverse("departure_new", args=[person.pk]), primary=True)
    yield Link("Goes on leave", reverse("leave_new", args=[person.pk]))


def changes_that_wait(user: User, day: date) -> Iterator[Waiting]:
    lines = waiting_for(user, day)
    words = f"All {len(lines)} changes of hands that wait for you"
    yield Waiting("Change of hands", lines, Link(words, reverse("transition_list")))
