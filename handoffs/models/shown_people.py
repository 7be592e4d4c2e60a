"""Whom a customer may see, and hear: until a change of hands is announced, not the incoming person."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps

from accounts.models import Account, Coverage, Letter, User

SERVING = [*Coverage.HOLDING_ROLES, Coverage.Role.BACK_UP]


@dataclass(frozen=True)
class ShownPeople:
    """Who is shown where. Until a change is announced its incoming person is not seen, heard or named."""

    instead: dict[tuple[int, str], User]
    hidden: frozenset[int]
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, account: Account) -> ShownPeople:
        handoffs = apps.get_model("handoffs", "Handoff")._default_manager
        unannounced = list(
            handoffs.in_force()
            .filter(account=account, announced_at=None)
            .select_related("outgoing", "incoming", "coverage")
            .order_by("moved_at", "pk")
        )
        instead: dict[tuple[int, str], User] = {}
        for handoff in unannounced:
            if handoff.moved_at and handoff.coverage and handoff.coverage.ended_at is None:
                before = instead.get((handoff.outgoing_id, handoff.role), handoff.outgoing)
                shown = (
                    before if before.may_come_in else before.nearest_manager(except_for=[handoff.incoming])
                )
                instead[handoff.incoming_id, handoff.role] = shown
        known = set(
            Coverage.objects.current()
            .filter(account=account, role__in=SERVING)
            .exclude(pk__in=[handoff.coverage_id for handoff in unannounced if handoff.coverage_id])
            .values_list("person_id", flat=True)
        )
        hidden = {handoff.incoming for handoff in unannounced if handoff.incoming_id not in known}
        return cls(
            instead, frozenset(person.pk for person in hidden), frozenset(person.name for person in hidden)
        )

    def names_nobody_hidden(self, words: str) -> bool:
        return not any(name in words for name in self.names)

    def of_role(self, person: User, role: str) -> User:
        return self.instead.get((person.pk, role), person)


# ---- Letters of somebody whom the customer does not know of yet


def not_known_yet(account: Account, signer: User) -> str:
    """Why a letter of this person's to this customer has to wait, in a sentence; empty when it may go."""
    if signer.pk not in ShownPeople.of(account).hidden:
        return ""
    return f"{account} has not been told of {signer} yet. It goes on the day they are."


def settle_held_letters(account: Account) -> None:
    """Let go what may go by now. What came of nothing, since somebody else takes over, is given up."""
    shown = ShownPeople.of(account)
    serving = Coverage.objects.current().filter(account=account, role__in=SERVING)
    known = set(serving.values_list("person_id", flat=True))
    for letter in Letter.objects.held().filter(account=account).select_related("signed_by"):
        if letter.signed_by_id in shown.hidden:
            continue
        announced = account.handoffs.in_force().filter(
            incoming=letter.signed_by_id, announced_at__isnull=False
        )
        if letter.signed_by_id in known or letter.signed_by.runs_changes or announced.exists():
            letter.release()
        else:
            letter.give_up_for(f"{letter.signed_by} does not take {account} over.")
