"""What changes of hands add to memory: to its pages, through the slots that it declares, and to the daily digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, OuterRef, Q, Subquery, When
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.html import format_html

from accounts import slots
from accounts.briefing import matters_of
from accounts.mail.digests import Section
from accounts.models import (
    Account,
    Confirmation,
    Contact,
    Deal,
    Entry,
    Fact,
    Obligation,
    Retraction,
    User,
    today,
)
from accounts.models.base import Json
from accounts.rules import clocks
from accounts.slots import Link, Notice, Waiting

from .models import Approval, BriefReview, Handoff, Inquiry, ReadBack, Recipient, Transition, blockers
from .models.permissions import (
    choosers_of,
    handed_over_by,
    is_open,
    may_accept,
    may_approve,
    of_accounts_seen,
)
from .pages import who_sorts
from .pages.handoff_rows import rows_of

STALLED_AFTER = timedelta(days=5)


def fill() -> None:
    slots.fill("account actions", account_actions)
    slots.fill("acting owner actions", name_next_owner)
    slots.fill("account notices", open_handoffs)
    slots.fill("deal actions", hand_to_success)
    slots.fill("deal notices", passing_to_success)
    slots.fill("person actions", departures)
    slots.fill("sorting notices", who_sorts.notices)
    slots.fill("today", changes_that_wait)
    slots.fill("today", notes_to_sort)


def account_actions(user: User, account: Account) -> Iterator[Link]:
    if user.runs_changes and not account.closed_at:
        yield Link("Hand over", reverse("handover_new", args=[account.pk]))
    yield Link("See it as they do", reverse("customer_preview", args=[account.pk]))


def name_next_owner(user: User, account: Account) -> Iterator[Link]:
    if user.runs_changes:
        yield Link("Name the next owner", reverse("handover_new", args=[account.pk]))


def open_handoffs(user: User, account: Account) -> Iterator[Notice]:
    """Those under way: whoever sees the account sees them."""
    for handoff in account.handoffs.open().with_people():
        on = f"{clocks.day_in_words(handoff.accountable_on)}"
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
    if silent := [
        Link(f"{h.incoming} has not spoken with {h.account} yet", _room(h)) for h in not_spoken(user)
    ]:
        yield Waiting("No first contact", silent, Link(f"All {len(silent)}", reverse("transition_list")))


def not_spoken(user: User) -> list[Handoff]:
    """The changes of hands without a first contact by the third working day: of those whom this person manages, or
    their own.
    """
    every = Handoff.objects.all() if user.runs_changes else Handoff.objects.filter(incoming=user)
    silent = every.without_first_contact()
    if not silent:  # nearly always: who may see which need not be asked
        return []
    people = User.objects.linked()
    mine = [h.pk for h in silent if user.pk == h.incoming_id or people[user.pk].leads(people[h.incoming_id])]
    seen = Handoff.objects.filter(of_accounts_seen(user), pk__in=mine).values_list("pk", flat=True)
    return [handoff for handoff in silent if handoff.pk in set(seen)]


def notes_to_sort(user: User, day: date) -> Iterator[Waiting]:
    lines = who_sorts.asked_of(user, day)
    words = f"All {len(lines)} accounts whose notes you are asked to sort"
    yield Waiting("What the notes hold", lines, Link(words, reverse("transition_list")))


# What waits for somebody, and what has stalled


@dataclass(frozen=True)
class Concern:
    """A handoff on which somebody may have to do something. `hands`: it is they who hand over.

    It may have moved already: then there is somebody to be rung (`rings`, with key and name), or `nobody_to_tell`.
    """

    handoff: Handoff
    review: BriefReview
    under_way: bool
    reading_waits: bool
    hands: bool
    rings: list[Json]
    nobody_to_tell: bool
    lost: bool

    def wants_acceptance_of(self, user: User) -> bool:
        return self.under_way and self.reading_waits and may_accept(self.handoff, user, hands=self.hands)

    def wants_approval_of(self, user: User) -> bool:
        may = self.under_way and may_approve(self.handoff, user)
        return may and not blockers.approving(self.handoff, user, self.review)

    def wants_read_back_of(self, user: User) -> bool:
        due = self.handoff.incoming_id == user.pk and not self.reading_waits
        return self.under_way and due and self.review.is_approved and not blockers.every_step(self.handoff)

    def wants_writing_of(self, user: User) -> bool:
        gives = self.under_way and self.hands and not self.lost
        return gives and user.pk != self.handoff.incoming_id and not self.handoff.written_at

    def wants_successor_of(self, user: User) -> bool:
        return self.lost and user in choosers_of(self.handoff)


def waiting_for(user: User, day: date | None = None) -> list[Link]:
    """Everything in handoffs and transitions that waits for this person, most pressing first.

    1. All colleagues with who is above them. 2.-3. The handoffs that concern this person, with their decisions; more
    only where the memory was touched after an approval. 4.-6. For those who run changes: the submitted plans.
    """
    people = User.objects.linked()
    concerns = concerns_of(user, day or today(), people)
    return [
        *(Link(f"Accept or return {h.incoming}'s read-back of {h.account}", _room(h))
          for h in (one.handoff for one in concerns if one.wants_acceptance_of(user))),
        *(Link(f"Choose somebody else for {h.account}: {why_lost(h)}", f"{_room(h)}#replace")
          for h in (one.handoff for one in concerns if one.wants_successor_of(user))),
        *(Link(f"Approve the brief of {h.account} for {h.incoming}", _room(h))
          for h in (one.handoff for one in concerns if one.wants_approval_of(user))),
        *(Link(f"Read {h.account} back: it becomes yours on {clocks.day_in_words(h.accountable_on)}", _room(h))
          for h in (one.handoff for one in concerns if one.wants_read_back_of(user))),
        *(Link(f"Write what {h.incoming} must know of {h.account}", _room(h))
          for h in (one.handoff for one in concerns if one.wants_writing_of(user))),
        *(Link(f"Ring {theirs['name']} of {one.handoff.account}: {one.handoff.incoming} takes over",
               reverse("handoff_call", args=[one.handoff.pk, theirs["pk"]]))
          for one in concerns for theirs in one.rings),
        *(Link(f"Say who at {h.account} is told that {h.incoming} takes over", f"{_room(h)}#told")
          for h in (one.handoff for one in concerns if one.nobody_to_tell)),
        *(Link(f"Answer {asked.by} on {asked.handoff.account}: “{asked.question}”",
               reverse("inquiry_answer", args=[asked.pk]))
          for asked in Inquiry.objects.waiting_for(user)),
        *(Link(f"Decide on the plan “{plan}”", reverse("transition", args=[plan.pk]))
          for plan in plans_to_decide(user, people)),
    ]  # fmt: skip


def why_lost(handoff: Handoff) -> str:
    if handoff.refused_at:
        return f"{handoff.incoming} does not take it over"
    return f"{handoff.incoming} {handoff.incoming.cannot_take_over(handoff.transition.return_on)}"


def _room(handoff: Handoff) -> str:
    return reverse("handoff", args=[handoff.pk])


def concerns_of(user: User, day: date, people: Mapping[int, User]) -> list[Concern]:
    """Handoffs on which this person may have to do something on that day, with all that tells what.

    `people` is `User.objects.linked()`. 1. The handoffs. 2. Their decisions. 3. ff. The briefs of those only whose
    memory was touched since they were approved.
    """
    approved = Approval.objects.filter(handoff=OuterRef("pk"), approved=True).order_by("-at")
    waiting = ReadBack.objects.filter(handoff=OuterRef("pk"), decided_at=None)
    me = people[user.pk]
    above = Q()
    if me not in me.last_resort_read:
        below = [pk for pk, person in people.items() if user.leads(person)]
        above = Q(outgoing__in=below) | Q(incoming__in=below)
    deciding = Q(above, written_at__isnull=False)
    under_way = Q(is_open(), accepted_at=None)
    to_ring = Recipient.objects.to_ring(user, day)
    nobody = Handoff.objects.nobody_to_tell(user, day)
    lost = Handoff.objects.without_successor()
    choosing = Q() if user.is_operations or not above else above | Q(transition__opened_by=user)
    theirs = JSONObject(pk="contact_id", name="contact__name")
    found: list[Any] = list(
        Handoff.objects.annotate(
            under_way=Case(When(under_way, then=True), default=False),
            rings=ArraySubquery(to_ring.filter(handoff=OuterRef("pk")).order_by("pk").values(json=theirs)),
            nobody_to_tell=Exists(nobody.filter(pk=OuterRef("pk"))),
            lost=Exists(lost.filter(pk=OuterRef("pk"))),
            reading_waits=Q(Exists(waiting), written_at__isnull=False),
            hands=handed_over_by(user),
            approved_at=Subquery(approved.values("at")[:1]),
        )
        .annotate(
            touched=Case(
                When(approved_at=None, then=False), When(touched_since_approval(), then=True), default=False
            )
        )
        .filter(
            under_way
            & (
                Q(hands=True, written_at=None)
                | Q(hands=True, outgoing=user)
                | Q(incoming=user, access_on__lte=day)
                | Q(hands=True, reading_waits=True)
                | deciding
            )
            | Q(pk__in=to_ring.values("handoff"))
            | Q(pk__in=nobody.values("pk"))
            | Q(pk__in=lost.filter(choosing).values("pk"))
        )
        .select_related("account", "transition__opened_by")
        .prefetch_related("approvals")
    )
    for handoff in found:
        handoff.outgoing, handoff.incoming = people[handoff.outgoing_id], people[handoff.incoming_id]
        handoff.written_by = people.get(handoff.written_by_id or 0)
    briefs = {handoff.pk: handoff.review().approved_brief for handoff in found}
    frozen = {pk: brief.matters for pk, brief in briefs.items() if brief}
    touched = [h.account for h in found if h.pk in frozen and h.under_way and h.touched]
    matters = matters_of(touched) if touched else {}
    # Where nothing was touched, the memory still is as it was approved.
    as_it_is = {h.pk: matters.get(h.account_id) or frozen.get(h.pk) for h in found}
    return [
        Concern(
            h,
            h.review(as_it_is[h.pk]),
            h.under_way,
            h.reading_waits,
            h.hands,
            h.rings,
            h.nobody_to_tell,
            h.lost,
        )
        for h in found
    ]


def touched_since_approval() -> Q:
    """Whether anything that a brief may be made of was written after `approved_at`; rather once too often."""
    here = OuterRef(OuterRef("account"))
    memory = Account.objects.filter(Q(pk=here) | Q(merged_into=here)).values("pk")
    since = OuterRef("approved_at")
    tracked: list[Any] = [Account, Contact, Obligation, Deal]  # pghistory gives each its events, untyped
    account, *others = (model.pgh_event_model.objects.filter(pgh_created_at__gt=since) for model in tracked)
    touched = [
        Exists(Entry.objects.filter(account__in=memory, recorded_at__gt=since)),
        Exists(Fact.objects.filter(account__in=memory, at__gt=since)),
        Exists(Retraction.objects.filter(fact__account__in=memory, at__gt=since)),
        Exists(Retraction.objects.filter(entry__account__in=memory, at__gt=since)),
        Exists(Confirmation.objects.filter(fact__account__in=memory, at__gt=since)),
        Exists(account.filter(pgh_obj__in=memory)),
        *(Exists(events.filter(account__in=memory)) for events in others),
    ]
    return reduce(or_, (Q(one) for one in touched))


def plans_to_decide(user: User, people: Mapping[int, User]) -> list[Transition]:
    """Submitted plans on which this person, a manager concerned, has not decided as they now stand."""
    if not user.runs_changes:
        return []
    submitted = Transition.objects.waiting_for_approval().prefetch_related("moves", "approvals")
    return [plan for plan in submitted if plan.review(people).waits_for(user)]


def waiting_section(user: User) -> Section:
    return Section("Changes of hands that wait for you", [waiting.text for waiting in waiting_for(user)])


def stalled_section(user: User) -> Section:
    """For a manager: handoffs of one's people on which nothing has moved for days, or whose date has passed."""
    if not user.runs_changes:
        return Section("Stalled handoffs", [])
    since = clocks.now() - STALLED_AFTER
    stalled = (
        Handoff.objects.open()
        .visible_to(user)
        .filter(transition__opened_by=user)
        .filter(
            Q(accountable_on__lt=today())
            | Q(written_at=None, opened_at__lt=since)
            | Q(written_at__lt=since, accepted_at=None)
        )
    )
    lines = [
        f"{row.handoff}: {row.state}, for {clocks.day_in_words(row.handoff.accountable_on)}"
        for row in rows_of(stalled)
        if row.handoff
    ]
    return Section("Stalled handoffs", lines)
