from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Greatest

from accounts.rules import clocks

from .base import AccountRows, Frozen, Refused, refuse_if, require_words, verb
from .contacts import Contact
from .entries import UNDO_WITHIN, Entry, Retraction, Share
from .fields import LineField, WordsField
from .notice import not_alone
from .organisation import today
from .topics import Topic, hold
from .users import User

if TYPE_CHECKING:
    from .accounts import Account

NOTE = ("entry__author", "entry__author_contact")
#: What can be read aloud in a minute.
STORY_WORDS = 160


def too_long_a_story(text: str) -> str | None:
    """The sentence about a story that nobody can read aloud in a minute."""
    if (count := len(text.split())) <= STORY_WORDS:
        return None
    over = count - STORY_WORDS
    return (
        f"This has {count} words, and a minute holds {STORY_WORDS}. Leave out {over} word{'s' if over > 1 else ''}; "
        "what else matters can stand as an answer of its own."
    )


def teller_of(provenance: str, contact: Contact | None, author: User) -> Contact | User:
    """Whose answer it is. Saying it anew, they replace their own; beside anybody else's it stands as a second one."""
    return contact if provenance == "told" and contact else author


class FactQuerySet(AccountRows["Fact"]):
    def on(self, *slugs: str) -> FactQuerySet:
        """Answers on these topics, or on what they were merged into."""
        return self.filter(topic__in=Topic.objects.kept_under(*slugs))

    def live(self) -> FactQuerySet:
        """What we hold true today: neither superseded nor taken back."""
        return self.filter(
            ~Exists(Fact.objects.filter(supersedes=OuterRef("pk"))),
            ~Exists(Retraction.objects.filter(fact=OuterRef("pk"))),
        )

    def stories_of(self, account: Account) -> FactQuerySet:
        """The stories that stand, the one told or confirmed last first. Several do after accounts were merged."""
        told = Greatest("at", "confirmed_at")  # PostgreSQL lets be what is null
        stories = self.of(account).live().filter(topic=Topic.STORY)
        return stories.with_sources().order_by(told.desc(), "-pk")

    def shared(self) -> FactQuerySet:
        return self.filter(Exists(Share.objects.filter(fact=OuterRef("pk"))))

    def with_sources(self) -> FactQuerySet:
        """What a line about a fact shows; adds `is_shared` and `confirmed_at`."""
        confirmed = Confirmation.objects.filter(fact=OuterRef("pk")).order_by("-at")
        return self.select_related("topic", "contact", "author").annotate(
            is_shared=Exists(Share.objects.filter(fact=OuterRef("pk"))),
            confirmed_at=models.Subquery(confirmed.values("at")[:1]),
        )

    def for_brief(self) -> FactQuerySet:
        """With the note that each was taken from, and who wrote that."""
        return self.with_sources().select_related("topic", "contact", "author", *NOTE)


class Fact(Frozen):
    """What is true of an account, on a topic, with who told us. A newer answer supersedes it."""

    class Provenance(models.TextChoices):
        TOLD = "told", "Told by the customer"
        INFERRED = "inferred", "Inferred by us"
        TO_CONFIRM = "to_confirm", "Still to confirm"

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="facts")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="facts")
    text = WordsField()
    provenance = LineField(max_length=10, choices=Provenance.choices)
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="facts",
        help_text="Who told us.",
    )
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="facts")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="facts")
    at = models.DateTimeField(default=clocks.now, editable=False)
    review_on = models.DateField(null=True, blank=True)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )

    objects = FactQuerySet.as_manager()

    class Meta:
        ordering = ["topic__position", "-at", "-pk"]
        indexes = [models.Index(fields=["account", "topic"], name="fact_of_account")]
        constraints = [
            models.CheckConstraint(
                name="fact_told_by_somebody", condition=~Q(provenance="told") | Q(contact__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic}: {self.text}"

    @property
    def last_said_at(self) -> datetime:
        """When somebody last said so. Of a fact read `with_sources`."""
        confirmed: datetime | None = getattr(self, "confirmed_at", None)
        return max(self.at, confirmed) if confirmed else self.at

    def is_past_review(self, day: date) -> bool:
        """Its day to be asked about has passed, and nobody has confirmed it since within the topic's time.

        Of a fact read `with_sources`.
        """
        if self.review_on is None or self.review_on >= day:
            return False
        confirmed: datetime | None = getattr(self, "confirmed_at", None)
        return not confirmed or confirmed.date() + timedelta(days=self.topic.review_days) < day

    @property
    def teller(self) -> Contact | User:
        """Who says so: the contact who told us, else the colleague who wrote it down."""
        return teller_of(self.provenance, self.contact, self.author)

    @property
    def source(self) -> str:
        if self.provenance == self.Provenance.TOLD and self.contact:
            return f"told by {self.contact}"
        if self.provenance == self.Provenance.TO_CONFIRM:
            return f"still to confirm, noted by {self.author}"
        if self.topic_id == Topic.HANDLING and self.contact:
            return f"about {self.contact}, noted by {self.author}"
        return f"inferred by {self.author}"

    @property
    def written_by(self) -> str:
        """The source of a story, which somebody tells: “Written by Olivia”."""
        if self.provenance == self.Provenance.TOLD and self.contact:
            return f"Told by {self.contact}, written down by {self.author}"
        return f"Written by {self.author}"

    @classmethod
    @verb
    def state(
        cls,
        account: Account,
        topic: Topic,
        text: str,
        *,
        by: User,
        provenance: str = Provenance.INFERRED,
        contact: Contact | None = None,
        entry: Entry | None = None,
        supersedes: Fact | None = None,
    ) -> Fact:
        """Record an answer on a topic; `supersedes` names the answer it replaces.

        An answer on a topic that was merged into another is kept under that other one.
        """
        asked, topic = topic, topic.in_effect()
        text = require_words(text, f"Write what is true about “{topic}”.")
        refuse_if(
            "Name the contact who told us."
            if provenance == cls.Provenance.TOLD and contact is None
            else None,
            "That contact belongs to another account."
            if contact and contact.account_id not in {account.pk, account.merged_into_id}
            else None,
            "The older answer is about something else."
            if supersedes and supersedes.topic_id not in {topic.pk, asked.pk}
            else None,
            f"{account} is closed." if account.closed_at else None,
        )
        fact = cls.objects.create(
            account=account,
            topic=topic,
            text=text,
            provenance=provenance,
            contact=contact,
            entry=entry,
            author=by,
            supersedes=supersedes,
            review_on=today() + timedelta(days=topic.review_days),
        )
        if supersedes and Share.objects.filter(fact=supersedes).exists():
            Share.objects.create(fact=fact, by=by)
        return fact

    @classmethod
    @verb
    def tell(
        cls, account: Account, text: str, *, by: User, instead_of: int | None, entry: Entry | None = None
    ) -> Fact:
        """Tell the story of an account anew. `instead_of` is the version that was read, by its id: None when there
        was none. `Refused` when another stands meanwhile, or when it is more than can be read in a minute.
        """
        account.lock()  # two first versions at once: nothing else collides
        stands = cls.objects.stories_of(account).first()
        refuse_if(
            too_long_a_story(text),
            f"{stands.author} has told it anew while you were writing. Read theirs beside yours."
            if stands and stands.pk != instead_of
            else None,
            "It was taken back while you were writing. Send yours if it still holds."
            if instead_of and not stands
            else None,
        )
        story = Topic.objects.get(pk=Topic.STORY)
        return cls.state(account, story, text, by=by, supersedes=stands, entry=entry)

    @classmethod
    @verb
    def tell_more(cls, account: Account, text: str, *, by: User, entry: Entry) -> Fact:
        """The story goes on with words of a note. `Refused` where the customer reads it: they would read these, too."""
        text = require_words(text, "Write what belongs to the story.")
        account.lock()
        stands = cls.objects.stories_of(account).first()
        if stands is None:
            return cls.tell(account, text, by=by, instead_of=None, entry=entry)
        shown = "The customer reads the story, so no note goes on with it by itself. Tell it anew on its own page."
        refuse_if(shown if Share.objects.filter(fact=stands).exists() else None)
        return cls.tell(account, f"{stands.text}\n\n{text}", by=by, instead_of=stands.pk, entry=entry)

    @verb
    def confirm(self, *, by: User, contact: Contact | None = None) -> Confirmation:
        """Somebody says it still holds: a colleague, or the customer's contact."""
        self._must_be_live()
        return Confirmation.objects.create(fact=self, by=by, contact=contact)

    @verb
    def supersede(
        self, text: str, *, by: User, provenance: str = Provenance.INFERRED, contact: Contact | None = None
    ) -> Fact:
        """A newer answer takes this one's place; this one stays readable."""
        self._must_be_live()
        return Fact.state(
            self.account.merged_into or self.account,
            self.topic,
            text,
            by=by,
            provenance=provenance,
            contact=contact,
            supersedes=self,
        )

    @verb
    def stand_beside(
        self, text: str, *, by: User, provenance: str = Provenance.INFERRED, contact: Contact | None = None
    ) -> Fact:
        """Both were said: another answer stands beside this one, until somebody settles which of them holds."""
        self._must_be_live()
        account = self.account.merged_into or self.account
        return Fact.state(account, self.topic, text, by=by, provenance=provenance, contact=contact)

    @verb
    def share(self, *, by: User) -> Share:
        """Show this fact on the customer's page from now on."""
        self._must_be_live()
        refuse_if("The customer already sees this." if Share.objects.filter(fact=self).exists() else None)
        return Share.objects.create(fact=self, by=by)

    @verb
    def retract(self, *, by: User, because: str) -> Retraction:
        """Take it back: it is not true, and nothing takes its place."""
        because = require_words(because, "Say why you take this back.")
        self._must_be_live()
        new = self.author_id == by.pk and clocks.now() < self.at + UNDO_WITHIN
        refuse_if(None if new else not_alone(by, fact=self))
        return Retraction.objects.create(fact=self, by=by, because=because)

    @verb
    def settle(self, over: Fact, /, *, because: str, by: User) -> Retraction:
        """Two live answers disagree, and this one stands: the other is taken back for it, with the reason."""
        because = require_words(because, "Say how you know which of the two stands.")
        self._must_contradict(over)
        return over.retract(by=by, because=f"“{self.text[:200]}” stands instead: {because}"[:500])

    @verb
    def hold_both(self, other: Fact, /, *, by: User) -> None:
        """Two live answers only seem to disagree: somebody says that both hold."""
        self._must_contradict(other)
        self.confirm(by=by)
        other.confirm(by=by)

    def _must_contradict(self, other: Fact) -> None:
        # Two people may settle it at once, each for another answer. Frozen rows cannot be locked; their account can.
        (self.account.merged_into or self.account).lock()
        mine = {self.account_id, self.account.merged_into_id or self.account_id}
        theirs = {other.account_id, other.account.merged_into_id or other.account_id}
        if self.pk == other.pk or self.topic_id != other.topic_id or not mine & theirs:
            raise Refused("These two are not about the same thing.")
        self._must_be_live()
        other._must_be_live()

    def _must_be_live(self) -> None:
        hold(self.topic_id)
        newer = Fact.objects.filter(supersedes=self).select_related("author", "topic").first()
        refuse_if(
            newer.instead_of(self) if newer else None,
            "This was taken back." if Retraction.objects.filter(fact=self).exists() else None,
        )

    def instead_of(self, older: Fact) -> str:
        """Why an older answer no longer stands: this one took its place, or their topics became one."""
        if self.topic_id != older.topic_id:
            return f"This is kept under “{self.topic}” now. Open it there."
        return f"{self.author} has since recorded a newer answer: “{self.text}”."


class Confirmation(Frozen):
    """Somebody said that a fact still holds."""

    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="confirmations")
    at = models.DateTimeField(default=clocks.now, editable=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
