"""While an account changes hands: whose it is to sort what its notes hold, and how much each still has to look at.

The outgoing person sorts while they are there. Where they have gone, and somebody acts for them, colleagues who served
the account look at what they wrote or are named in, and whoever acts and whoever takes over share the rest. Only those
are asked who serve it, or are about to: what concerned somebody once is no licence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, TypedDict, cast

from django.db.models import BigIntegerField, Case, Count, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.text import get_text_list
from django_stubs_ext import WithAnnotations

from accounts.models import Account, Coverage, Passage, User, today
from accounts.models.passages import PassageQuerySet
from accounts.slots import Link, Notice
from handoffs.models import Handoff
from handoffs.models.permissions import handed_over_by


class AskedColumns(TypedDict):
    hands: bool
    left: dict[str, int] | None


AskedHandoff: TypeAlias = "WithAnnotations[Handoff, AskedColumns]"


@dataclass(frozen=True)
class SortingShare:
    """So many passages are for these people. `theirs`: they wrote the notes, or are named in them."""

    people: tuple[User, ...]
    count: int
    theirs: bool = False

    def __str__(self) -> str:
        who = get_text_list([person.name for person in self.people], "and") or "whoever takes over"
        return f"{self.count} for {who}{', who wrote or is named in the notes' if self.theirs else ''}"


def shares(account: Account) -> list[SortingShare]:
    """Who still has to look at how many passages; nobody where no handoff is open. Three queries."""
    handoff = Handoff.objects.open().filter(account=account).with_people().order_by("pk").first()
    if handoff is None:
        return []
    serving = list(Coverage.objects.current().filter(account=account).select_related("person").order_by("pk"))
    unsorted = Passage.objects.of(account).unsorted()
    if any(row.person_id == handoff.outgoing_id and not row.acting for row in serving):
        left = unsorted.count()
        return [SortingShare((handoff.outgoing,), left)] if left else []
    acting = [row.person for row in serving if row.role == handoff.role]
    rest = dict.fromkeys([*acting, handoff.incoming] if handoff.access_on <= today() else acting)
    asked = list(dict.fromkeys(row.person for row in serving if row.person not in rest))
    counts = dict(by_whom(unsorted, asked))
    found = [SortingShare((person,), counts[person.pk], True) for person in asked if counts.get(person.pk)]
    return [*found, *([SortingShare(tuple(rest), counts[None])] if counts.get(None) else [])]


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
    """What this person is asked to sort today, by account. One query."""
    serving = Coverage.objects.current().filter(account=OuterRef("account"))
    here = Q(reading__entry__account=OuterRef("account"))
    merged = Q(reading__entry__account__merged_into=OuterRef("account"))
    unsorted = (
        Passage.objects.unsorted().filter(here | merged).order_by().annotate(whole=Value(1)).values("whole")
    )
    theirs = Count("pk", filter=Passage.concerning(user))
    left = Subquery(unsorted.values(json=JSONObject(all=Count("pk"), theirs=theirs)))
    open_ = Handoff.objects.open().annotate(
        hands=handed_over_by(user),
        gone=~Exists(serving.filter(person=OuterRef("outgoing"), acting=False)),
        serves=Exists(serving.filter(person=user)),
    )
    takes_over = Q(incoming=user, access_on__lte=day)
    concerned = open_.filter(Q(hands=True) | Q(gone=True) & (takes_over | Q(serves=True)))
    lines = {}
    for handoff in cast("list[AskedHandoff]", list(concerned.select_related("account").annotate(left=left))):
        counts = handoff.left or {"all": 0, "theirs": 0}
        url = reverse("passage_list", args=[handoff.account_id])
        if handoff.hands or handoff.incoming_id == user.pk:
            words, count = f"Sort what the notes of {handoff.account} hold", counts["all"]
        else:
            words, count, url = (
                f"Sort what your notes of {handoff.account} hold",
                counts["theirs"],
                f"{url}?mine=1",
            )
        if count:
            lines[handoff.account_id] = Link(f"{words}: {count} left", url)
    return list(lines.values())
