"""What we hold already of what somebody is about to ask a customer: nobody is asked twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL

from accounts.rules.asked_once import likeness, telling

from .entries import Entry
from .facts import Fact
from .obligations import Obligation
from .passages import Passage
from .sorted_passages import SortedPassage

if TYPE_CHECKING:
    from .accounts import Account

SHOWN = 12
"""So many are shown, those that share the most words with the question, the newest first."""
READ = 200


@dataclass(frozen=True)
class HeldAnswer:
    """An answer on a topic, or a place in what was written. `key` names its row, as `fact:7` or `entry:9`."""

    key: str
    text: str
    source: str
    at: datetime
    about: str
    likeness: int

    @property
    def pk(self) -> int:
        return int(self.key.partition(":")[2])

    @property
    def cursor(self) -> str:
        """Where the account's timeline begins with this entry."""
        return f"{self.at.isoformat()},{self.pk + 1}"

    @property
    def is_fact(self) -> bool:
        return self.key.startswith("fact:")


def answers_held(account: Account, question: str) -> list[HeldAnswer]:
    """What of an account's memory may answer this: facts, passages of its notes, and feedback that they gave.

    Four queries. Empty for a question without a word that tells what it is about.
    """
    asked = telling(question)
    if not asked:
        return []
    found = [*facts(account, asked), *passages(account, asked), *feedback(account, asked)]
    best = {answer.key: answer for answer in sorted(found, key=attrgetter("likeness"))}
    found = sorted(
        (answer for answer in best.values() if answer.likeness), key=attrgetter("at"), reverse=True
    )
    return sorted(found, key=attrgetter("likeness"), reverse=True)[:SHOWN]


def facts(account: Account, asked: set[str]) -> list[HeldAnswer]:
    """Answers on a topic: what it is called is enough to ask for it."""
    return [
        HeldAnswer(
            f"fact:{fact.pk}",
            fact.text,
            fact.source,
            fact.at,
            str(fact.topic),
            likeness(asked, f"{fact.topic} {fact.topic.question} {fact.text}")
            or len(asked & telling(fact.topic.name)),
        )
        for fact in Fact.objects.of(account).live().with_sources().select_related("topic")
    ]


def holding(asked: set[str]) -> RawSQL:
    """Whether a row's words hold one of those that tell: the index finds them."""
    either = " | ".join(f"'{word}':*" for word in sorted(asked))
    return RawSQL("accounts_entry.words @@ to_tsquery('any_language', %s)", [either])


def passages(account: Account, asked: set[str]) -> list[HeldAnswer]:
    """Places in entries, those excepted that have become facts, which answer for themselves."""
    entries = Entry.objects.of(account).not_retracted().annotate(holds=holding(asked)).filter(holds=True)
    newest = entries.order_by("-at", "-pk").values("pk")[:READ]
    became = SortedPassage.objects.filter(
        entry=OuterRef("reading"), start__lt=OuterRef("end"), end__gt=OuterRef("start"), fact__isnull=False
    )
    there = Passage.objects.filter(reading__in=list(newest.values_list("pk", flat=True)))
    return [
        HeldAnswer(
            f"entry:{one.reading_id}",
            one.text,
            one.reading.entry.signature,
            one.reading.entry.at,
            str(one.reading.entry.get_kind_display()),
            likeness(asked, one.text),
        )
        for one in there.filter(~Exists(became)).with_entry()
    ]


def feedback(account: Account, asked: set[str]) -> list[HeldAnswer]:
    """What they told us unasked, or when we asked before."""
    given = (
        Entry.objects.of(account)
        .not_retracted()
        .filter(step="raised", obligation__kind=Obligation.Kind.FEEDBACK, obligation__contact__isnull=False)
    )
    rows = given.select_related("obligation__contact").order_by("-at", "-pk")[:READ]
    raised = [(entry, entry.obligation) for entry in rows if entry.obligation]
    return [
        HeldAnswer(
            f"entry:{entry.pk}",
            owed.text,
            f"told by {owed.contact}",
            entry.at,
            "Feedback",
            likeness(asked, owed.text),
        )
        for entry, owed in raised
    ]
