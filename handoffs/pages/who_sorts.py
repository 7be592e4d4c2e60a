"""While an account changes hands: whose it is to sort what its notes hold, and how much each still has to look at.

The outgoing person sorts while they are there. Where they have gone, and somebody acts for them, colleagues who served
the account look at what they wrote or are named in, and whoever acts and whoever takes over share the rest. Only those
are asked who may see the account now: what concerned somebody once is no licence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, TypedDict, cast

from django.db.models import BigIntegerField, Case, Count, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.text import get_text_list
from django_stubs_ext import WithAnnotations

from accounts.models import Account, Coverage, Passage, User, today
from accounts.models.passages import PassageQuerySet
from accounts.slots import Link, Notice
from handoffs.models import Handoff
from handoffs.models.permissions import handed_over_by, of_accounts_seen


class AskedColumns(TypedDict):
    hands: bool
    gone: bool


AskedHandoff: TypeAlias = "WithAnnotations[Handoff, AskedColumns]"


@dataclass(frozen=True)
class Share:
    """So many passages are for these people. `theirs`: they wrote the notes, or are named in them."""

    people: tuple[User, ...]
    count: int
    theirs: bool = False

    def __str__(self) -> str:
        who = get_text_list([person.name for person in self.people], "and") or "whoever takes over"
        return f"{self.count} for {who}{', who wrote or is named in the notes' if self.theirs else ''}"


def shares(account: Account) -> list[Share]:
    """Who still has to look at how many passages; nobody where no handoff is open, or nothing is left.

    1. The handoff. 2. Who serves. 3. All colleagues. 4. Who ever served. 5. The passages.
    """
    handoff = Handoff.objects.open().filter(account=account).with_people().order_by("pk").first()
    if handoff is None:
        return []
    serving = list(Coverage.objects.current().filter(account=account))
    unsorted = Passage.objects.of(account).unsorted()
    if any(row.person_id == handoff.outgoing_id and not row.acting for row in serving):
        left = unsorted.count()
        return [Share((handoff.outgoing,), left)] if left else []
    people = User.objects.linked()
    acting = {row.person_id for row in serving if row.role == handoff.role}
    reads = handoff.access_on <= today()
    rest = [people[pk] for pk in sorted(acting | ({handoff.incoming_id} if reads else set()))]
    served = Coverage.objects.filter(account__in=account.memory_ids).values_list("person", flat=True)
    seeing = {row.person_id for row in serving}
    asked = [
        people[pk]
        for pk in sorted(set(served))
        if sees(people[pk], seeing, people) and people[pk] not in rest
    ]
    counts = dict(by_whom(unsorted, asked))
    found = [Share((person,), counts[person.pk], True) for person in asked if counts.get(person.pk)]
    return [*found, *([Share(tuple(rest), counts[None])] if counts.get(None) else [])]


def sees(person: User, serving: set[int], people: dict[int, User]) -> bool:
    """Whether this colleague may see the account that these serve."""
    if not person.may_come_in:
        return False
    return person.is_operations or any(
        pk == person.pk or (person.is_manager and person.leads(people.get(pk))) for pk in serving
    )


def by_whom(unsorted: PassageQuerySet, asked: list[User]) -> list[tuple[int | None, int]]:
    """How many are whose: of whoever wrote the note, else of whoever is named in it, else of nobody."""
    wrote = [When(Passage.written_by(person), then=Value(person.pk)) for person in asked]
    named = [When(Passage.naming(person), then=Value(person.pk)) for person in asked]
    whose = Case(*wrote, *named, default=Value(None), output_field=BigIntegerField())
    counted = unsorted.annotate(whose=whose).order_by().values("whose").annotate(n=Count("pk"))
    return list(counted.values_list("whose", "n"))


def notices(user: User, account: Account) -> Iterator[Notice]:
    """What the page on which they are sorted says of it."""
    if left := shares(account):
        yield Notice("Left to sort:", f"{'; '.join(map(str, left))}.")


def asked_of(user: User, day: date) -> list[Link]:
    """What this person is asked to sort today, by account. Two queries."""
    there = Coverage.objects.current().filter(
        account=OuterRef("account"), person=OuterRef("outgoing"), acting=False
    )
    to_come_in = Q(incoming=user, access_on__lte=day)
    open_ = Handoff.objects.open().filter(of_accounts_seen(user) | to_come_in).select_related("account")
    annotated = open_.annotate(hands=handed_over_by(user), gone=~Exists(there)).order_by("pk")
    concerned = cast("list[AskedHandoff]", list(annotated))
    if not concerned:
        return []
    home = Coalesce("reading__entry__account__merged_into", "reading__entry__account")
    unsorted = (
        Passage.objects.unsorted()
        .annotate(home=home)
        .filter(home__in=[handoff.account_id for handoff in concerned])
    )
    theirs = Count("pk", filter=Passage.concerning(user))
    counted = unsorted.order_by().values("home").annotate(n=Count("pk"), theirs=theirs)
    left = {row["home"]: (row["n"], row["theirs"]) for row in counted}
    lines = {}
    for handoff in concerned:
        count, own = left.get(handoff.account_id, (0, 0))
        url = reverse("passage_list", args=[handoff.account_id])
        if count and (handoff.hands or (handoff.gone and handoff.incoming_id == user.pk)):
            lines[handoff.account_id] = Link(
                f"Sort what the notes of {handoff.account} hold: {count} left", url
            )
        elif own and handoff.gone:
            words = f"Sort what your notes of {handoff.account} hold: {own} left"
            lines.setdefault(handoff.account_id, Link(words, f"{url}?mine=1"))
    return list(lines.values())
