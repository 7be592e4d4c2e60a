from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

import pghistory
from django.db import connection, models
from django.db.models import Q

from accounts.briefing.doubts import Doubts
from accounts.models import (
    Account,
    Contact,
    Entry,
    Fact,
    Obligation,
    Passage,
    SortedPassage,
    Topic,
    User,
    today,
    verb,
)
from accounts.models.base import Refused, database_now, refuse_if, require_words, save_columns
from accounts.models.continuity import annotated, evidence_of
from accounts.models.fields import LineField
from accounts.models.notice import not_alone
from accounts.rules import clocks
from accounts.rules.continuity import people_check

from .transfer import owed_by_sale
from .transitions import Transition

if TYPE_CHECKING:
    from .handoff import Handoff

SAY_IT = "Say in a sentence what was done. It stays on the record."
#: text[start:end] of an entry, as (entry, start, end).
Place: TypeAlias = tuple[int, int, int]
#: The reasons for which a passage that nobody has sorted is an item.
PRESSING = ["cliff", "promise"]


class Proof(models.TextChoices):
    """What ticks an item: something in the memory, or a person's word."""

    PERSON = "person", "A person says so"
    CONDITION = "condition", "The condition is rated"
    TOPIC = "topic", "There is an answer on the topic"
    CHAMPION = "champion", "A champion is named, with strength and evidence"
    SECOND_PERSON = "second_person", "Two of our people know somebody there"
    RECENT_NOTE = "recent_note", "There is a note from the last 60 days"
    TAKEN_ON = "taken_on", "The obligation is taken on by name, or closed"
    SORTED = "sorted", "Somebody has said what becomes of it"
    REST_SORTED = "rest_sorted", "Each of them is sorted"
    SETTLED = "settled", "Somebody has said which of them stands"


@dataclass(frozen=True)
class Evidence:
    """What an account's memory proves at this moment, gathered in a fixed number of queries.

    `unsorted` are the pressing passages that nobody has sorted, as (entry, start, end); of those in `rest` no item
    speaks by itself. `became` says what was made of which place.
    """

    condition: bool
    topics: frozenset[str]
    champion: bool
    second_person: bool
    recent_note: bool
    settled: frozenset[int]
    unsorted: tuple[Place, ...] = ()
    rest: tuple[Place, ...] = ()
    became: tuple[tuple[Place, str], ...] = ()
    disputed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, handoff: Handoff) -> Evidence:
        account = handoff.account
        recently = clocks.now() - timedelta(days=60)
        kept = Entry.objects.of(account).not_retracted().filter(kind__in=Entry.KEPT_BY_HAND)
        with_connections = annotated(Account.objects.filter(pk=account.pk)).get()
        read_back = handoff.read_back_latest
        taken = set(read_back.takeovers.values_list("obligation_id", flat=True)) if read_back else set()
        items = list(handoff.items.all())
        proofs = {item.proof for item in items}
        listed = [item for item in items if item.proof == Proof.SORTED]
        unsorted = unsorted_places(account) if proofs & {Proof.SORTED, Proof.REST_SORTED} else ()
        return cls(
            condition=bool(account.condition),
            topics=answered(account),
            champion=account.contacts.champions().exclude(Q(strength=None) | Q(evidence="")).exists(),
            second_person=people_check(evidence_of(with_connections)).ok,
            recent_note=kept.filter(at__gte=recently).exists(),
            settled=frozenset(
                taken | set(account.obligations.filter(closed_at__isnull=False).values_list("pk", flat=True))
            ),
            unsorted=unsorted,
            rest=tuple(place for place in unsorted if not any(overlaps(item, *place) for item in listed)),
            became=sorted_places(listed),
            disputed=disputed(account) if proofs & {Proof.SETTLED} else frozenset(),
        )

    def proves(self, item: ChecklistItem) -> bool:
        return {
            Proof.CONDITION: self.condition,
            Proof.TOPIC: item.topic_id in self.topics,
            Proof.CHAMPION: self.champion,
            Proof.SECOND_PERSON: self.second_person,
            Proof.RECENT_NOTE: self.recent_note,
            Proof.TAKEN_ON: item.obligation_id in self.settled,
            Proof.SORTED: not any(overlaps(item, *place) for place in self.unsorted),
            Proof.REST_SORTED: not self.rest,
            Proof.SETTLED: item.topic_id not in self.disputed,
        }.get(Proof(item.proof), False)

    def what_became_of(self, item: ChecklistItem) -> str:
        """What somebody made of the passage of this item; nothing where nobody did."""
        return next((label for place, label in self.became if overlaps(item, *place)), "")


def overlaps(item: ChecklistItem, entry: int, start: int, end: int) -> bool:
    """Whether the item is about this place of an entry, or a part of it."""
    return item.entry_id == entry and (item.start or 0) < end and start < (item.end or 0)


def unsorted_places(account: Account) -> tuple[Place, ...]:
    pressing = Passage.objects.of(account).unsorted().filter(reasons__overlap=PRESSING)
    return tuple(pressing.values_list("reading_id", "start", "end"))


def sorted_places(items: list[ChecklistItem]) -> tuple[tuple[Place, str], ...]:
    """What was made of places in the entries of these items, the latest first."""
    if not items:
        return ()
    rows = SortedPassage.objects.filter(entry__in=[item.entry_id for item in items], start__isnull=False)
    return tuple(
        ((row.entry_id, row.start or 0, row.end or 0), row.get_became_display())
        for row in rows.order_by("-pk")
    )


def disputed(account: Account) -> frozenset[str]:
    """The topics on which answers disagree."""
    live = Fact.objects.of(account).live().with_sources()
    return frozenset(one.topic.pk for one in Doubts.among(live, today()).contradictions)


def answered(account: Account) -> frozenset[str]:
    """The topics that have an answer, with those that were merged into one that has."""
    live = Fact.objects.of(account).live().order_by().values("topic")
    topics = Topic.objects.filter(Q(pk__in=live) | Q(merged_into__in=live))
    return frozenset(topics.order_by().values_list("pk", flat=True))


class Part(models.TextChoices):
    CONDITION = "condition", "Condition"
    STORY = "story", "Story"
    ACTIONS = "actions", "Actions"
    IF_THEN = "if_then", "If … then …"
    PEOPLE = "people", "People"


class TemplateItem(models.Model):
    """A line of the checklist for a kind of transition. Operations edit these; open handoffs keep theirs."""

    class When(models.TextChoices):
        ALWAYS = "always", "Always"
        PLANNED = "planned", "When the person is still here"
        SUDDEN = "sudden", "When the person has already gone"

    kind = LineField(
        max_length=16,
        choices=Transition.Kind.choices,
        blank=True,
        help_text="Empty: for every kind of transition.",
    )
    when = LineField(max_length=8, choices=When.choices, default=When.ALWAYS)
    part = LineField(max_length=10, choices=Part.choices)
    text = LineField(max_length=300)
    why = LineField(max_length=500, help_text="Shown beside the item, so that nobody ticks it blindly.")
    proof = LineField(max_length=14, choices=Proof.choices, default=Proof.PERSON)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    required = models.BooleanField(default=True)
    before_writing = models.BooleanField(
        "before the brief goes for approval",
        default=True,
        help_text="Otherwise before the read-back is accepted.",
    )
    position = models.PositiveSmallIntegerField(default=100)
    active = models.BooleanField("in use", default=True)

    class Meta:
        ordering = ["kind", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="template_topic_with_its_proof",
                condition=Q(proof="topic", topic__isnull=False) | (~Q(proof="topic") & Q(topic=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class ChecklistItemManager(models.Manager["ChecklistItem"]):
    def make_for(self, handoffs: models.QuerySet[Handoff]) -> int:
        """Write the checklist of each of these handoffs, from the template and from the account's memory.

        One INSERT … SELECT, whatever the number of handoffs. Returns the number of items.
        """
        ids = list(handoffs.values_list("pk", flat=True))
        sold = handoffs.filter(transition__deal__isnull=False).select_related("transition__deal__account")
        owed = [
            (handoff.pk, pk) for handoff in sold for pk in owed_by_sale(handoff).values_list("pk", flat=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                FROM_TEMPLATE_AND_MEMORY,
                {
                    "ids": ids,
                    "sold": [handoff for handoff, _ in owed],
                    "owed": [obligation for _, obligation in owed],
                },
            )
            return int(cursor.rowcount)


#: A full handoff takes the template, where a line for this kind of change stands instead of the general one on the
#: same topic; every handoff takes what its memory holds: what the sale left to be done, what is owed in the role, the
#: champions, and the deals in flight.
FROM_TEMPLATE_AND_MEMORY = """
WITH chosen AS (
    SELECT h.id, h.account_id, h.role, h.outgoing_id, t.kind, t.sudden,
           o.name AS outgoing, i.name AS incoming
    FROM handoffs_handoff h
    JOIN handoffs_transition t ON t.id = h.transition_id
    JOIN accounts_user o ON o.id = h.outgoing_id
    JOIN accounts_user i ON i.id = h.incoming_id
    WHERE h.id = ANY (%(ids)s)
)
INSERT INTO handoffs_checklistitem (
    handoff_id, part, text, why, proof, topic_id, obligation_id, contact_id, required, before_writing, position,
    waived_because)
SELECT c.id, t.part, t.text, t.why, t.proof, t.topic_id, NULL::bigint, NULL::bigint,
       t.required, t.before_writing, t.position, ''
FROM chosen c
JOIN handoffs_templateitem t ON t.active AND t.kind IN ('', c.kind)
    AND t."when" IN ('always', CASE WHEN c.sudden THEN 'sudden' ELSE 'planned' END)
WHERE c.role IN ('owner', 'success')
    AND NOT (t.kind = '' AND EXISTS (SELECT 1 FROM handoffs_templateitem own
                                     WHERE own.active AND own.kind = c.kind AND own.topic_id = t.topic_id))
UNION ALL
SELECT s.handoff_id, 'actions',
       CASE WHEN o.kind <> 'promise' THEN left(initcap(o.kind) || ': ' || o.text, 300)
           ELSE left('Promised at the sale' || CASE WHEN o.stretch THEN ', a stretch' ELSE '' END
                     || ': “' || o.text, 299) || '”' END,
       CASE WHEN o.kind = 'promise' THEN 'They bought because of it. It moves only when somebody takes it on by name.'
           ELSE 'We owe this. It moves only when somebody takes it on by name.' END,
       'taken_on', NULL, o.id, NULL, true, false, CASE WHEN o.kind = 'promise' THEN 1 ELSE 500 END, ''
FROM unnest(%(sold)s::bigint[], %(owed)s::bigint[]) AS s(handoff_id, obligation_id)
JOIN accounts_obligation o ON o.id = s.obligation_id
UNION ALL
SELECT c.id, 'actions', left(initcap(o.kind) || ': ' || o.text, 300),
       'We owe this. It moves only when somebody takes it on by name.',
       'taken_on', NULL, o.id, NULL, true, false, 500, ''
FROM chosen c
JOIN accounts_obligation o ON o.account_id = c.account_id AND o.role = c.role AND o.closed_at IS NULL
UNION ALL
SELECT c.id, 'people',
       CASE WHEN c.sudden THEN c.incoming || ' speaks with ' || p.name || ' before anybody else'
            ELSE c.outgoing || ' introduces ' || c.incoming || ' to ' || p.name END,
       p.name || ' stood up for us' || CASE WHEN p.cost <> '' THEN ', at a cost: ' || left(p.cost, 200) ELSE '' END
           || '. They must not hear of the change from a stranger.',
       'person', NULL, NULL, p.id, NOT c.sudden, false, 400, ''
FROM chosen c
JOIN accounts_contact p ON p.account_id = c.account_id AND p.left_on IS NULL AND p.erased_at IS NULL
    AND 'champion' = ANY (p.roles)
UNION ALL
SELECT c.id, 'actions', left('Say where the deal “' || d.name || '” stands', 300),
       'It is in flight: the next owner should not have to ask the customer about it.',
       'person', NULL, NULL, NULL, false, true, 450, ''
FROM chosen c
JOIN accounts_deal d ON d.account_id = c.account_id AND d.role = c.role AND d.closed_at IS NULL
"""


@pghistory.track(
    pghistory.UpdateEvent(),
    model_name="ChecklistItemEvent",
    fields=["handoff", "ticked_at", "ticked_by", "ticked_words", "waived_at", "waived_by", "waived_because"],
)
class ChecklistItem(models.Model):
    """One thing that must survive the change, and why it is on the list."""

    handoff = models.ForeignKey("handoffs.Handoff", on_delete=models.PROTECT, related_name="items")
    part = LineField(max_length=10, choices=Part.choices)
    text = LineField(max_length=300)
    why = LineField(max_length=500)
    proof = LineField(max_length=14, choices=Proof.choices)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    obligation = models.ForeignKey(
        Obligation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    required = models.BooleanField()
    before_writing = models.BooleanField()
    position = models.PositiveSmallIntegerField()
    ticked_at = models.DateTimeField(null=True, blank=True)
    ticked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ticked_words = LineField(max_length=500, blank=True, db_default="", default="")
    waived_at = models.DateTimeField(null=True, blank=True)
    waived_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    waived_because = LineField(max_length=500, blank=True)

    never_deleted = True
    objects = ChecklistItemManager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="item_waived_says_why", condition=Q(waived_at=None) | ~Q(waived_because="")
            ),
            models.CheckConstraint(
                name="item_that_must_survive_is_ticked_in_words",
                condition=Q(ticked_at=None) | Q(required=False) | ~Q(ticked_words=""),
                violation_error_message=SAY_IT,
            ),
            models.CheckConstraint(
                name="item_of_a_passage_says_where",
                condition=Q(proof="sorted", entry__isnull=False, start__isnull=False, end__isnull=False)
                | (~Q(proof="sorted") & Q(entry=None, start=None, end=None)),
            ),
            models.UniqueConstraint(fields=["handoff", "entry", "start"], name="item_once_for_a_passage"),
            models.UniqueConstraint(
                fields=["handoff", "proof", "topic"],
                condition=Q(proof__in=["settled", "rest_sorted"]),
                nulls_distinct=False,
                name="item_once_for_what_is_found",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def by_read_back(self) -> bool:
        return self.proof == Proof.TAKEN_ON

    @property
    def wants_words(self) -> bool:
        """Whoever says that it is done says so in a sentence."""
        return self.required and self.proof == Proof.PERSON

    def is_done(self, evidence: Evidence) -> bool:
        return bool(self.ticked_at or self.waived_at or evidence.proves(self))

    @verb
    def tick(self, *, by: User, words: str = "") -> None:
        """A person says that this is done; of what must survive in words, which stay on the record."""
        words = require_words(words, SAY_IT) if self.wants_words else words
        self._lock(by)
        refuse_if(
            None if self.proof == Proof.PERSON else f"This ticks itself: {self.get_proof_display().lower()}.",
            "It is already ticked." if self.ticked_at else None,
        )
        save_columns(self, ticked_at=database_now(), ticked_by=by, ticked_words=words.strip())

    @verb
    def untick(self, *, by: User) -> None:
        """It was not done after all. What was said stays on the record."""
        self._lock(by)
        save_columns(self, ticked_at=None, waived_at=None)

    @verb
    def waive(self, *, by: User, because: str) -> None:
        """It cannot or need not be done here; the reason stays on the record."""
        because = require_words(because, "Say why this is not needed here.")
        self._lock(by)
        if self.by_read_back:
            raise Refused(
                "What we owe cannot be waived: keep it, hand it on, or let the customer release it."
            )
        refuse_if(not_alone(by))
        save_columns(self, waived_at=database_now(), waived_by=by, waived_because=because)

    def _lock(self, by: User) -> None:
        self.handoff.lock_to_fill(by)
        self.refresh_from_db()
