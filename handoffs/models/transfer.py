"""The moment at which what a handoff hands over passes: coverage, obligations and deals, and what stays for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Coverage, Deal, Obligation, User, today, verb
from accounts.models.base import Refused, database_now, save_columns
from accounts.models.coverage import CoverageQuerySet
from accounts.models.fields import LineField
from accounts.models.obligation_sets import ObligationQuerySet

if TYPE_CHECKING:
    from .handoff import Handoff


class HoldoutQuerySet(models.QuerySet["Holdout"]):
    def current(self) -> HoldoutQuerySet:
        return self.filter(ended_at=None, deal__isnull=False, until__gt=today(), deal__closed_at=None)

    def expired(self) -> HoldoutQuerySet:
        return self.filter(ended_at=None, until__lte=today())


class Holdout(models.Model):
    """One account, or one of its deals, that stays with the outgoing person until a date."""

    handoff = models.ForeignKey("handoffs.Handoff", on_delete=models.PROTECT, related_name="holdouts")
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, null=True, blank=True, related_name="holdouts")
    until = models.DateField()
    because = LineField(max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    columns_that_change = ("ended_at",)
    objects = HoldoutQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.deal or self.handoff.account} until {self.until:%-d %B %Y}"

    @verb
    def end(self) -> None:
        """Its date has come: a deal goes to the account's owner; the back-up ends with its last deal."""
        self.refresh_from_db(from_queryset=Holdout.objects.select_for_update(of=("self",)))
        if self.ended_at:
            return
        save_columns(self, ended_at=database_now())
        handoff = self.handoff
        if self.deal_id and handoff.moved_at:
            owner = handoff.account.owner
            Deal.objects.open().filter(pk=self.deal_id, role=Coverage.Role.BACK_UP).update(
                role=Coverage.Role.OWNER, holder=owner
            )
            handoff.end_back_up()


def serving(handoff: Handoff) -> CoverageQuerySet:
    """The coverage that this handoff will end: the outgoing person's, or that of whoever acts since they went.

    Empty when somebody else has the account by now: it is not the outgoing person's to give any more.
    """
    current = Coverage.objects.current().filter(account=handoff.account, role=handoff.role)
    own = current.filter(person=handoff.outgoing)
    return current.filter(Q(person=handoff.outgoing) | Q(Q(acting=True), ~Exists(own)))


def owed_by_sale(handoff: Handoff) -> ObligationQuerySet:
    """What passes from the sale to success: it stays where it is until the account moves."""
    deal = handoff.transition.deal
    return deal.owed if deal else Obligation.objects.none()


def transfer(handoff: Handoff, *, by: User, because: str) -> None:
    """Coverage, obligations and deals of the role pass to the incoming person at one instant."""
    outgoing = handoff.outgoing
    stays = outgoing.may_come_in and bool(handoff.back_up_until and handoff.back_up_until > today())
    held = list(handoff.holdouts.current().select_related("deal")) if outgoing.may_come_in else []
    if (stays or held) and serving(handoff).filter(person=outgoing).exists():
        _stay_as_back_up(handoff, [holdout.deal_id for holdout in held if holdout.deal_id], by=by)
    type(handoff).objects.filter(pk=handoff.pk).end_access(by=by, because=because)
    made = _pass_coverage_on(handoff, by=by, because=because)
    owed_by_sale(handoff).pass_to(handoff.incoming, handoff.role)
    _give_to_colleagues(handoff, by=by)
    save_columns(handoff, moved_at=database_now(), coverage=made)


def _pass_coverage_on(handoff: Handoff, *, by: User, because: str) -> Coverage:
    """End who serves in this role and begin with the incoming person; where they serve in it already, anew."""
    account, role, incoming = handoff.account, handoff.role, handoff.incoming
    current = Coverage.objects.current().filter(account=account, role=role)
    going = list(serving(handoff).values_list("pk", flat=True))
    own = list(current.filter(person=incoming).values_list("pk", flat=True))
    other = current.exclude(pk__in=going).select_related("person").first()
    if other and role == Coverage.Role.OWNER:
        raise Refused(f"{account} is {other.person}'s by now, not {handoff.outgoing}'s.")
    # Nobody before a sale; or the manager did besides, and has kept what was held in it.
    if not (going or own):
        return Coverage.begin(account, role, incoming, by=by, because=because)
    (made,) = Coverage.objects.filter(pk__in=[*going, *own]).pass_to(incoming, by=by, because=because)
    return made


def _stay_as_back_up(handoff: Handoff, deal_ids: list[int], *, by: User) -> None:
    account, role, outgoing = handoff.account, Coverage.Role.BACK_UP, handoff.outgoing
    if not Coverage.objects.current().filter(account=account, role=role, person=outgoing).exists():
        Coverage.begin(account, role, outgoing, by=by, because=f"Back-up for {handoff.incoming}")
    Deal.objects.open().filter(pk__in=deal_ids, account=account).update(role=role, holder=outgoing)


def _give_to_colleagues(handoff: Handoff, *, by: User) -> None:
    """What the incoming person left to colleagues in the accepted read-back goes to them."""
    read_back = handoff.read_back_latest
    if read_back is None or not read_back.accepted:
        return
    because = f"Taken on in the handoff to {handoff.incoming}"
    others = read_back.takeovers.exclude(holder=handoff.incoming)
    for takeover in others.select_related("obligation", "holder"):
        owed, holder = takeover.obligation, takeover.holder
        if owed.holder_id == handoff.incoming_id and owed.is_open and holder.may_come_in:
            owed.hand_to(holder, by=by, because=because)


def end_back_up(handoff: Handoff) -> None:
    """What the outgoing person still holds as back-up goes to the owner, and they no longer serve.

    Not while another handoff's period, or a deal held out until a later day, still needs them there.
    """
    account, outgoing = handoff.account, handoff.outgoing
    given = account.handoffs.filter(outgoing=outgoing, moved_at__isnull=False, taken_back_at=None)
    held_out = Holdout.objects.current().filter(handoff=OuterRef("pk"))
    if given.filter(Q(back_up_until__gt=today()) | Exists(held_out)).exists():
        return
    rows = Coverage.objects.current().filter(account=account, role=Coverage.Role.BACK_UP, person=outgoing)
    by = handoff.accepted_by or handoff.overridden_by or handoff.transition.opened_by
    rows.return_deals(by=by)
    rows.end(by=by, because="The back-up period is over")
