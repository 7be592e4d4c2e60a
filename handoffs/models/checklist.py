from __future__ import annotations

from typing import TYPE_CHECKING

import pghistory
from django.db import connection, models
from django.db.models import Q

from accounts.models import (
    Contact,
    Entry,
    Obligation,
    Topic,
    User,
    verb,
)
from accounts.models.base import Refused, database_now, refuse_if, require_words, save_columns
from accounts.models.fields import LineField
from accounts.models.notice import not_alone
from accounts.rules.lines import one_line_in_sql

from .transfer import owed_by_sale
from .transitions import Transition

if TYPE_CHECKING:
    from .evidence import Evidence
    from .handoff import Handoff

SAY_IT = "Say in a sentence what was done. It stays on the record."


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
    TOLD = "told", "They were told, or somebody said that we do not tell them"


#: What ticks the items that are made of an account's own memory; no template has these.
FROM_MEMORY = ["sorted", "rest_sorted", "settled", "told", "taken_on"]


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
                name="template_asks_nothing_that_the_memory_asks", condition=~Q(proof__in=FROM_MEMORY)
            ),
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
FROM_TEMPLATE_AND_MEMORY = f"""
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
       CASE WHEN o.kind <> 'promise' THEN left(initcap(o.kind) || ': ' || {one_line_in_sql("o.text")}, 300)
           ELSE left('Promised at the sale' || CASE WHEN o.stretch THEN ', a stretch' ELSE '' END
                     || ': “' || {one_line_in_sql("o.text")}, 299) || '”' END,
       CASE WHEN o.kind = 'promise' THEN 'They bought because of it. It moves only when somebody takes it on by name.'
           ELSE 'We owe this. It moves only when somebody takes it on by name.' END,
       'taken_on', NULL, o.id, NULL, true, false, CASE WHEN o.kind = 'promise' THEN 1 ELSE 500 END, ''
FROM unnest(%(sold)s::bigint[], %(owed)s::bigint[]) AS s(handoff_id, obligation_id)
JOIN accounts_obligation o ON o.id = s.obligation_id
UNION ALL
SELECT c.id, 'actions', left(initcap(o.kind) || ': ' || {one_line_in_sql("o.text")}, 300),
       'We owe this. It moves only when somebody takes it on by name.',
       'taken_on', NULL, o.id, NULL, true, false, 500, ''
FROM chosen c
JOIN accounts_obligation o ON o.account_id = c.account_id AND o.role = c.role AND o.closed_at IS NULL
UNION ALL
SELECT c.id, 'people',
       CASE WHEN c.sudden THEN c.incoming || ' speaks with ' || p.name || ' before anybody else'
            ELSE c.outgoing || ' introduces ' || c.incoming || ' to ' || p.name END,
       p.name || ' stood up for us'
           || CASE WHEN p.cost <> '' THEN ', at a cost: ' || left({one_line_in_sql("p.cost")}, 200) ELSE '' END
           || '. They must not hear of the change from a stranger.',
       'person', NULL, NULL, p.id, NOT c.sudden, false, 400, ''
FROM chosen c
JOIN accounts_contact p ON p.account_id = c.account_id AND p.left_on IS NULL AND p.erased_at IS NULL
    AND 'champion' = ANY (p.roles)
UNION ALL
SELECT c.id, 'actions', 'Say where the deal “' || d.name || '” stands' || CASE WHEN length(d.name) < 200 THEN
           coalesce(' (' || nullif(concat_ws(', ', to_char(d.amount, 'FM999,999,999,999,990') || ' ' || d.currency,
               'closes ' || to_char(d.expected_close, 'FMDD FMMonth YYYY')), '') || ')', '') ELSE '' END,
       'It is in flight: the next owner should not have to ask the customer about it.',
       'person', NULL, NULL, NULL, false, true, 450, ''
FROM chosen c
JOIN accounts_deal d ON d.account_id = c.account_id AND d.role = c.role AND d.closed_at IS NULL
"""  # noqa: S608 (no value stands in it)


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
                fields=["handoff", "proof", "topic", "contact"],
                condition=Q(proof__in=["settled", "rest_sorted", "told"]),
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
