from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import connection, models
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.utils.text import slugify

from .base import database_now, refuse_if, require, require_words, save_columns, verb
from .fields import LineField, NameField
from .users import User


class TopicQuerySet(models.QuerySet["Topic"]):
    def in_use(self) -> TopicQuerySet:
        """What we still ask about: neither merged into another topic nor retired."""
        return self.filter(merged_into=None, retired_at=None)

    def kept_under(self, *slugs: str) -> TopicQuerySet:
        """The topics under which answers on these are kept now, whatever they were merged into."""
        return self.filter(Q(pk__in=slugs, merged_into=None) | Q(merged__in=slugs))

    def with_use(self) -> TopicQuerySet:
        """Adds `answered`: on how many accounts it has an answer."""
        live = Q(facts__isnull=False, facts__superseded_by=None, facts__retraction=None)
        answered = Count("facts__account", distinct=True, filter=live)
        return self.annotate(answered=answered).order_by(
            "position", "name"
        )  # a grouped query forgets the order


#: Topics that the product itself speaks of: the account's page, the brief and the checks lean on them.
NEEDED = ["if-then", "outcome", "why-us", "story", "needs", "handling"]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Topic(models.Model):
    """One thing worth knowing about every customer. Operations edit the catalogue."""

    IF_THEN = "if-then"
    OUTCOME = "outcome"
    WHY_US = "why-us"
    STORY = "story"
    HANDLING = "handling"
    #: Topics that have as many answers as there are: one stands beside the other.
    MANY: ClassVar[list[str]] = [IF_THEN, HANDLING]
    #: What is looked at before anything is proposed, and what the next owner calls things by.
    BUDGET: ClassVar[list[str]] = ["budget"]
    TERMS: ClassVar[list[str]] = ["terms", "contract"]
    WORDS = "words"

    slug = NameField(primary_key=True)
    name = LineField(max_length=120)
    question = LineField(max_length=300, help_text="How one would ask the customer.")
    must_survive = models.BooleanField(
        default=False, help_text="The next owner must show they know it when they read back."
    )
    review_days = models.PositiveSmallIntegerField(
        default=180, help_text="After how many days to ask if it still holds."
    )
    position = models.PositiveSmallIntegerField(default=100)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    merged_at = models.DateTimeField(null=True, blank=True)
    merged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    columns_that_stay = ("slug",)
    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                name="topic_merged_by_somebody",
                condition=Q(merged_into=None, merged_at=None, merged_by=None)
                | Q(merged_into__isnull=False, merged_at__isnull=False, merged_by__isnull=False),
            ),
            models.CheckConstraint(
                name="topic_retired_by_somebody",
                condition=Q(retired_at=None, retired_by=None)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
            ),
            models.CheckConstraint(
                name="topic_is_needed", condition=~Q(slug__in=NEEDED) | Q(merged_into=None, retired_at=None)
            ),
            models.UniqueConstraint(
                Lower("name"), condition=Q(merged_into=None, retired_at=None), name="topic_named_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_needed(self) -> bool:
        return self.pk in NEEDED

    @property
    def is_in_use(self) -> bool:
        return self.merged_into_id is None and self.retired_at is None

    @classmethod
    @verb
    def add(cls, /, *, name: str, by: User, **fields: object) -> Topic:
        """Put a topic into the catalogue. Its short name, for notes, is made from its name once and stays."""
        name = require_words(name, "Give the topic a name.")
        require(by.is_operations)
        return cls.objects.create(slug=cls.free_slug(name), name=name, **fields)

    @classmethod
    def free_slug(cls, name: str) -> str:
        base = slugify(name)[:44].strip("-") or "topic"
        taken = set(cls.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | {"new"}
        numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
        return next(slug for slug in [base, *numbered] if slug not in taken)

    @verb
    def revise(self, /, *, by: User, **fields: object) -> None:
        """Change how it is called, asked or reviewed. The answers stay as they are."""
        self._lock(by)
        save_columns(self, **fields)

    @verb
    def retire(self, *, by: User) -> None:
        """Ask about it no more. What we know stays readable, and can still be corrected."""
        self._lock(by)
        refuse_if(self._needed("retired"), "It is out of use already." if self.retired_at else None)
        save_columns(self, retired_at=database_now(), retired_by=by)

    @verb
    def put_back(self, *, by: User) -> None:
        self._lock(by)
        refuse_if(None if self.retired_at else "It is in use.")
        save_columns(self, retired_at=None, retired_by=None)

    @verb
    def merge_into(self, other: Topic, /, *, by: User) -> int:
        """Make this topic part of another, under live answers. Returns how many moved.

        An answer is frozen and keeps its topic. So each live one is superseded by its likeness under the other topic,
        with its author, date, source, confirmations and sharing; what corrects it follows. The old stays readable.
        """
        # Whoever writes down, confirms or takes back an answer holds its topic (`hold`), so this waits for them.
        both = Topic.objects.select_for_update().filter(pk__in=[self.pk, other.pk]).order_by("pk")
        standing = {topic.pk: topic for topic in both}
        other = standing[other.pk]
        self._lock(by)
        refuse_if(
            "A topic cannot be merged with itself." if self.pk == other.pk else None,
            self._needed("merged into another"),
            None if other.is_in_use else f"“{other}” is not in use. Choose a topic that is.",
        )
        with connection.cursor() as cursor:
            cursor.execute(MOVE_ANSWERS, {"old": self.pk, "new": other.pk})
            moved = int(cursor.fetchone()[0])
        now = database_now()
        into = {"merged_into": other, "merged_at": now, "merged_by": by}
        Topic.objects.filter(Q(pk=self.pk) | Q(merged_into=self.pk)).update(**into)
        self.refresh_from_db()
        return moved

    def in_effect(self) -> Topic:
        """The topic that answers on this one are kept under, held in place until the transaction ends."""
        (held,) = hold(self.pk)
        if not held.merged_into_id:
            return held
        (other,) = hold(held.merged_into_id)
        return other

    def _lock(self, by: User) -> None:
        require(by.is_operations)
        self.refresh_from_db(from_queryset=Topic.objects.select_for_update(of=("self",)))
        refuse_if(f"“{self}” is part of “{self.merged_into}” already." if self.merged_into else None)

    def _needed(self, done: str) -> str | None:
        """Why it must stay, if it must."""
        pages = "The account’s page, the brief and the checks are built on it"
        return f"“{self}” cannot be {done}. {pages}; rename it instead." if self.is_needed else None


def hold(slug: str) -> list[Topic]:
    """Keep a topic as it is until the transaction ends; others may hold it as well. Merging it waits meanwhile."""
    return list(Topic.objects.raw("SELECT * FROM accounts_topic WHERE slug = %s FOR KEY SHARE", [slug]))


MOVE_ANSWERS = """
WITH live AS (
    SELECT f.id FROM accounts_fact f
    WHERE f.topic_id = %(old)s
        AND NOT EXISTS (SELECT FROM accounts_fact newer WHERE newer.supersedes_id = f.id)
        AND NOT EXISTS (SELECT FROM accounts_retraction r WHERE r.fact_id = f.id)
), moved AS (
    INSERT INTO accounts_fact (
        account_id, topic_id, text, provenance, contact_id, entry_id, author_id, at, review_on, supersedes_id)
    SELECT f.account_id, %(new)s, f.text, f.provenance, f.contact_id, f.entry_id, f.author_id, f.at, f.review_on, f.id
    FROM accounts_fact f JOIN live USING (id) ORDER BY f.id
    RETURNING id, supersedes_id
), shared AS (
    INSERT INTO accounts_share (fact_id, at, by_id)
    SELECT moved.id, s.at, s.by_id FROM moved JOIN accounts_share s ON s.fact_id = moved.supersedes_id
), confirmed AS (
    INSERT INTO accounts_confirmation (fact_id, at, by_id, contact_id)
    SELECT moved.id, c.at, c.by_id, c.contact_id
    FROM moved JOIN accounts_confirmation c ON c.fact_id = moved.supersedes_id
    ORDER BY c.id
), followed AS (
    UPDATE accounts_obligation o SET fact_id = moved.id FROM moved WHERE o.fact_id = moved.supersedes_id
)
SELECT count(*) FROM moved
"""
