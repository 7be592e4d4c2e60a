"""The steps of a handoff, each done by whoever does it in the story: so that a test may begin at any of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from unittest import mock

from django.utils import timezone

from accounts.models import Account, Coverage, Letter, Topic, User
from handoffs.models import Handoff, ReadBack, Transition
from tests.base import in_days, make_fact

WORDS = {
    "stands": "They close the books in three days and want two",
    "why_us": "We were the only ones who could export it; nobody mentions Hamburg",
    "first_call": "Carla, because she stood up for us",
    "promised": "The security answers within a week",
    "falls_due": "The budget paper, by the end of the month",
    "could_go_wrong": "Purchasing stalls; I call Dieter",
}


def dates(access: int = 0, accountable: int = 0, announced: int = 0) -> dict[str, Any]:
    """The three dates, in days from today."""
    return {
        "access_on": in_days(access),
        "accountable_on": in_days(accountable),
        "announced_on": in_days(announced),
    }


@contextmanager
def days_later(days: int) -> Iterator[None]:
    """Let so many days pass. The database's own clock stays where it is."""
    real = timezone.now

    def now() -> datetime:
        return real() + timedelta(days=days)

    with mock.patch("django.utils.timezone.now", now):
        yield


def hand_over(
    account: Account,
    incoming: User,
    *,
    by: User,
    role: str = Coverage.Role.OWNER,
    back_up_until: date | None = None,
    **when: Any,
) -> Handoff:
    """A handover of one account, started, with its handoff open."""
    row = account.coverage.current().filter(role=role)[0]
    transition = Transition.objects.open_handover(
        row, incoming, by=by, because="A smaller book", **(dates() | when)
    )
    if back_up_until:
        transition.back_up_until = back_up_until
        transition.save(update_fields=["back_up_until"])
    transition.start(by=by).run()
    return transition.handoffs.get()


def departure(person: User, incoming: User, *, by: User, start: bool = True, **when: Any) -> Transition:
    """A departure in which one person takes everything over."""
    fields = dates() | {"because": f"{person.first_name} moves to Lisbon"} | when
    transition = Transition.objects.open_departure(person, by=by, **fields)
    for move in transition.moves.all():
        move.assign(incoming, by=by)
    if start:
        transition.start(by=by).run()
    return transition


def leave(person: User, stand_in: User, *, by: User, starts: int = 0, back: int = 21) -> Transition:
    transition = Transition.objects.open_leave(
        person,
        by=by,
        because="Three weeks away",
        access_on=in_days(0),
        starts_on=in_days(starts),
        announced_on=in_days(starts + 1),
        return_on=in_days(back),
    )
    for move in transition.moves.all():
        move.assign(stand_in, by=by)
    transition.start(by=by).run()
    return transition


def write(handoff: Handoff, *, by: User) -> None:
    """Rate the account, fill the memory, tick what a person ticks, and hand the brief to the approvers."""
    account = handoff.account
    live = set(account.facts.live().values_list("topic_id", flat=True))
    for topic in Topic.objects.filter(must_survive=True).exclude(pk__in=live):
        make_fact(account, topic.pk, f"What we know of {topic}", by=by)
    for slug in {Topic.STORY, Topic.IF_THEN} - live:
        if not account.facts.live().filter(topic=slug).exists():
            make_fact(account, slug, "They came to us after a failed rollout in Hamburg", by=by)
    if not account.condition:
        account.rate(account.condition_now, because="As we see it", by=by)
    for item in handoff.open_items():
        if item.wants_words:
            item.tick(by=by, words="Gone through with the team")
        elif not item.by_read_back:
            item.waive(by=by, because="Not for this test")
    handoff.write(by=by)


def approve(handoff: Handoff) -> None:
    """Every approver agrees to the brief as it stands."""
    for approver in handoff.review().waiting_for or handoff.approvers():
        handoff.approve(by=approver, fingerprint=handoff.brief().fingerprint)


def read_back(handoff: Handoff, **words: Any) -> ReadBack:
    holders = {owed.pk: handoff.incoming for owed in handoff.obligations()}
    return handoff.read_back(by=handoff.incoming, **(WORDS | {"holders": holders} | words))


def announce(handoff: Handoff) -> None:
    """Its day has come: the letters are written, and sent."""
    handoff.announce()
    Letter.objects.filter(announces__handoff=handoff).send()
    handoff.refresh_from_db()


def ready_to_accept(handoff: Handoff, *, by: User) -> Handoff:
    """Written, approved and read back: only the second person is missing."""
    write(handoff, by=by)
    approve(handoff)
    read_back(handoff)
    return handoff


def hand_over_wholly(account: Account, incoming: User, *, by: User, **when: Any) -> Handoff:
    handoff = hand_over(account, incoming, by=by, **when)
    ready_to_accept(handoff, by=handoff.outgoing)
    handoff.accept(by=by)
    return handoff
