from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Account, Entry, Fact, Frozen, Share, Topic, User, today, verb
from accounts.models.base import database_now, refuse_if, require, require_words
from accounts.models.fields import LineField, WordsField

from . import blockers
from .permissions import is_open, may_write, sees_account

if TYPE_CHECKING:
    from .handoff import Handoff


#: Lines of a brief that say an answer on a topic, in full or by the day that it names.
OF_FACTS = {"fact", "day of fact"}


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def unanswered(self) -> InquiryQuerySet:
        """Nobody has answered, or the answer was taken back."""
        stands = InquiryAnswer.objects.filter(inquiry=OuterRef("pk"), entry__retraction=None)
        return self.filter(~Exists(stands))

    def waiting_for(self, user: User) -> list[Inquiry]:
        """Asked of this person, who may still see the account, while the handoff is open; the oldest first.

        What they see is asked only where something waits.
        """
        asked = self.unanswered().filter(is_open("handoff__"), to=user)
        waiting = list(asked.select_related("handoff__account", "by").order_by("pk"))
        accounts = [inquiry.handoff.account_id for inquiry in waiting]
        seen = (
            set(Account.objects.visible_to(user).filter(pk__in=accounts).values_list("pk", flat=True))
            if accounts
            else ()
        )
        return [inquiry for inquiry in waiting if inquiry.handoff.account_id in seen]

    def visible_to(self, user: User) -> InquiryQuerySet:
        """Those about accounts that this person sees."""
        seen = Account.objects.visible_to(user).order_by().values("pk")
        return self.none() if user.is_customer else self.filter(handoff__account__in=seen)


class Inquiry(Frozen):
    """What whoever takes over asks a colleague, about a line of the brief or about the account. The answer is memory.

    `line` is the key of the line (`fact:3`), or of a topic of which nothing is written down (`topic:why-us`); `about`
    is what it said then.
    """

    handoff = models.ForeignKey("handoffs.Handoff", on_delete=models.PROTECT, related_name="inquiries")
    line = LineField(max_length=500, blank=True)
    about = WordsField(blank=True)
    question = WordsField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="inquiries")
    at = models.DateTimeField()

    objects = InquiryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "inquiries"
        constraints = [
            models.CheckConstraint(name="inquiry_asks_somebody_else", condition=~Q(to=F("by"))),
        ]

    def __str__(self) -> str:
        return f"{self.by} asks {self.to}: {self.question}"

    @classmethod
    @verb
    def ask(cls, /, handoff: Handoff, question: str, *, to: User, by: User, line: str, about: str) -> Inquiry:
        """`line` and `about` say about what. `Refused` where whoever is asked does not see the account any more."""
        question = require_words(question, "Write what you want to know.")
        handoff.lock()
        require(may_ask(handoff, by))
        refuse_if(
            *blockers.over(handoff),
            None if to in colleagues_to_ask(handoff) else f"{to} cannot answer this. Ask somebody else.",
        )
        return cls.objects.create(
            handoff=handoff, line=line, about=about, question=question, by=by, to=to, at=database_now()
        )

    @property
    def standing_answers(self) -> list[InquiryAnswer]:
        """Those that were not taken back."""
        return [answer for answer in self.answers.all() if not hasattr(answer.entry, "retraction")]

    @property
    def keys(self) -> list[str]:
        """The lines beside which it stands: its own, or, where an answer took its place, that one."""
        return [self.line, *(f"fact:{answer.fact_id}" for answer in self.standing_answers if answer.fact_id)]

    @property
    def topic(self) -> Topic | None:
        """The topic that the line is an answer on, and its answer may be one more. A story is told, not answered."""
        kind, _, key = self.line.rpartition(":")
        if kind in OF_FACTS:
            fact = Fact.objects.filter(pk=key).select_related("topic").first()
            topic = fact.topic.in_effect() if fact else None
        else:
            topic = Topic.objects.in_use().filter(pk=key).first() if kind == "topic" else None
        return None if topic is None or topic.pk == Topic.STORY else topic

    @property
    def standing_fact(self) -> Fact | None:
        """The answer that the line is, while it stands."""
        kind, _, key = self.line.rpartition(":")
        return Fact.objects.live().filter(pk=key).first() if kind in OF_FACTS else None

    @property
    def is_replaceable(self) -> bool:
        """Whether an answer may take the place of the line: not where many stand, nor where the customer reads it."""
        fact = self.standing_fact
        shared = fact is not None and Share.objects.filter(fact=fact).exists()
        return self.topic is not None and self.topic.pk not in Topic.MANY and fact is not None and not shared

    @verb
    def answer(self, text: str, *, by: User, instead: bool = False) -> InquiryAnswer:
        """Keep the answer on the thread and, where it is about a topic, as an answer on it.

        That stands beside the line asked about, or `instead` of it.
        """
        text = require_words(text, "Write your answer.")
        self.handoff.lock()
        require(may_answer(self, by))
        account, older, topic = self.handoff.account, self.standing_fact, self.topic
        refuse_if(
            f"{account} is closed." if account.closed_at else None,
            "Your answer stands beside this line. Correct the line itself on the account's page."
            if instead and not self.is_replaceable
            else None,
        )
        subject = f"{self.by} asked: {self.question}"[:300]
        entry = Entry.keep(account, kind=Entry.Kind.NOTE, text=text, by=by, subject=subject)
        fact = None
        if topic:
            fact = Fact.state(account, topic, text, by=by, entry=entry, supersedes=older if instead else None)
            if older and not instead and topic.pk not in Topic.MANY:
                older.hold_both(fact, by=by)
        return InquiryAnswer.objects.create(inquiry=self, entry=entry, fact=fact)


class InquiryAnswer(Frozen):
    """An answer: an entry with its author and, on a topic, a fact."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="answers")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="inquiry_answer")
    fact = models.OneToOneField(Fact, on_delete=models.PROTECT, null=True, related_name="inquiry_answer")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.entry.who}: {self.entry.text}"


def may_ask(handoff: Handoff, user: User) -> bool:
    """Whoever takes over, from the day on which they may read, until they answer for it."""
    return user.pk == handoff.incoming_id and handoff.access_on <= today() and handoff.is_open


def may_answer(inquiry: Inquiry, user: User) -> bool:
    """Whoever was asked, or who may write the brief; while they see the account, and not whoever asked."""
    if user.pk == inquiry.by_id or not sees_account(inquiry.handoff, user):
        return False
    return user.pk == inquiry.to_id or may_write(inquiry.handoff, user)


def colleagues_to_ask(handoff: Handoff) -> list[User]:
    """The giver, the managers, and whoever serves or once served the account: those of them who see it now.

    Where the giver has left, that is whoever served beside them.
    """
    served = handoff.account.coverage.exclude(person=handoff.incoming_id).select_related("person")
    team = sorted(served, key=lambda row: (row.ended_at is not None, row.pk))
    people = [handoff.outgoing, *(row.person for row in team), *handoff.approvers()]
    others = [person for person in dict.fromkeys(people) if person.pk != handoff.incoming_id]
    return [person for person in others if person.may_come_in and sees_account(handoff, person)]
