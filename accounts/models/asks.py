from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.template.loader import render_to_string

from accounts.rules import clocks

from .base import AccountRows, Frozen, database_now, each, refuse_if, require_words, sentences, verb
from .contacts import Contact
from .coverage import Coverage
from .entries import Entry
from .facts import Fact
from .fields import LineField, WordsField
from .held_answers import HeldAnswer, answers_held
from .letters import Letter, their_page
from .obligation_kinds import CHECK_INS
from .obligations import Obligation
from .organisation import today
from .users import User

if TYPE_CHECKING:
    from .accounts import Account

SAME_CHOICE = "Knowing what you know now, would you make the same choice?"
WE_HOLD_IT = "We may hold the answer already. Read what is shown here, and ask only if it does not answer."
#: Nobody is asked that again within so many days, and so long the question stays on their page.
NOT_AGAIN_WITHIN = timedelta(days=60)
#: A question that could not be put for so many days after its day is not put any more.
TOO_LATE_AFTER = timedelta(days=30)
#: Nobody opens with this question: who asks has served them for so many days.
NO_NEW_FACE = timedelta(days=14)


class AskQuerySet(AccountRows["Ask"]):
    def choices(self) -> AskQuerySet:
        return self.filter(kind=Ask.Kind.CHOICE)

    def lately(self) -> AskQuerySet:
        return self.filter(at__gt=clocks.now() - NOT_AGAIN_WITHIN)

    def open_choices(self) -> AskQuerySet:
        """Whether they would make the same choice: asked lately and not answered yet, the newest first."""
        return self.choices().lately().filter(verdicts=None).order_by("-at", "-pk")

    def for_list(self) -> AskQuerySet:
        return self.select_related("contact", "by").order_by("-at", "-pk")

    def with_passed(self) -> AskQuerySet:
        """Adds `passed`: how many answers that we held were passed for it."""
        return self.annotate(passed=Count("passed_answers"))

    def past_an_answer(self) -> AskQuerySet:
        """Those that somebody asked although we held an answer."""
        return self.filter(Exists(PassedAnswer.objects.filter(ask=OuterRef("pk"))))


class Ask(Frozen):
    """Something that we asked of a customer, whoever of us did: one log, so that nobody asks again and again."""

    class Kind(models.TextChoices):
        FEEDBACK = "feedback", "Feedback: what do you think of it?"
        ANSWERS = "answers", "Answers to our questions"
        REFERENCE = "reference", "A reference or an introduction"
        FAVOUR = "favour", "Another favour"
        CHOICE = "choice", "Would you make the same choice?"

    #: What anybody may ask at any time. The last one belongs to a check-in.
    BY_HAND: ClassVar[list[str]] = [Kind.FEEDBACK, Kind.ANSWERS, Kind.REFERENCE, Kind.FAVOUR]

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="asks")
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="asks",
        help_text="Whom we asked.",
    )
    kind = LineField(max_length=9, choices=Kind.choices)
    what = WordsField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    check_in = models.ForeignKey(
        "accounts.Obligation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="asks",
        help_text="The check-in at day 90 that asks them whether they would make the same choice.",
    )

    objects = AskQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["account", "-at"], name="ask_of_account")]
        constraints = [
            models.CheckConstraint(
                name="ask_choice_belongs_to_a_check_in",
                condition=Q(kind="choice", check_in__isnull=False) | (~Q(kind="choice") & Q(check_in=None)),
            ),
            models.UniqueConstraint(fields=["check_in"], name="ask_once_per_check_in"),
        ]

    def __str__(self) -> str:
        return self.what if len(self.what) < 80 else self.what[:79] + "…"

    @classmethod
    @verb
    def make(
        cls,
        /,
        account: Account,
        kind: str,
        what: str,
        *,
        by: User,
        contact: Contact | None = None,
        passed: Collection[str] = (),
    ) -> Ask:
        """Write down that we ask something of them.

        `passed` are the keys of the answers that we hold (`answers_held`) and that were read and passed by choice.
        `Refused` when there are others, or when it is feedback and they wait for ours on theirs.
        """
        what = require_words(what, "Write what you ask them for.")
        account.lock()
        refuse_if(
            f"{account} is closed." if account.closed_at else None,
            "Choose what kind of thing you ask for." if kind not in cls.BY_HAND else None,
            "That contact belongs to another account."
            if contact and contact.account_id != account.pk
            else None,
            cls.answer_first(account) if kind == cls.Kind.FEEDBACK else None,
        )
        held = answers_held(account, what)
        refuse_if(WE_HOLD_IT if {answer.key for answer in held} - set(passed) else None)
        ask = cls.objects.create(
            account=account, contact=contact, kind=kind, what=what, by=by, at=database_now()
        )
        PassedAnswer.objects.bulk_create(PassedAnswer.of(ask, answer) for answer in held)
        return ask

    @classmethod
    @verb
    def same_choice(cls, /, check_in: Obligation, *, by: User) -> Ask:
        """Ask them once whether they would make the same choice: on their page, and by letter to all who sign in."""
        account = check_in.account
        account.lock()
        refuse_if(*cls.not_now(check_in, account))
        ask = cls.objects.create(
            account=account,
            kind=cls.Kind.CHOICE,
            what=SAME_CHOICE,
            by=by,
            at=database_now(),
            check_in=check_in,
        )
        for reader in account.readers():
            words = render_to_string(
                "emails/choice.txt", {"reader": reader, "account": account, "question": SAME_CHOICE}
            )
            Letter.write(
                reader,
                signed_by=by,
                account=account,
                subject="One question",
                text=words,
                page=their_page("choice"),
            )
        return ask

    @classmethod
    def put_due(cls) -> int:
        """Ask the customers whose day 90 has come whether they would make the same choice. Returns how many."""
        return each(cls.due(), lambda check_in: cls.same_choice(check_in, by=check_in.holder))

    @classmethod
    def not_now(cls, check_in: Obligation, account: Account) -> list[str]:
        """The sentences that stand in the way of asking them whether they would make the same choice."""
        if check_in.check_in != max(CHECK_INS):
            return ["Only the check-in after 90 days asks them that."]
        asked = cls.objects.of(account).choices().lately().order_by("-at").first()
        told = account.verdicts_lately().order_by("-at").first()
        return sentences(
            f"{account} is closed." if account.closed_at else None,
            f"They were asked that on {clocks.day_in_words(asked.at)}. Nobody is asked again within 60 days."
            if asked
            else None,
            f"{told.contact} told us on {clocks.day_in_words(told.at)}. Nobody is asked again within 60 days."
            if told and not asked
            else None,
            None
            if account.readers().exists()
            else "None of their people can sign in. Ask them when you talk, and write down what they say.",
            cls.answer_first(account),
        )

    @classmethod
    def due(cls) -> models.QuerySet[Obligation]:
        """The check-ins whose day to ask has come, of customers who can be asked now, with whoever signs."""
        same, now = OuterRef("account"), clocks.now()
        waiting = Obligation.objects.unanswered().filter(kind=Obligation.Kind.FEEDBACK, account=same)
        known = Coverage.objects.current().filter(
            account=same, role=OuterRef("role"), person=OuterRef("holder"), started_at__lt=now - NO_NEW_FACE
        )
        readers = User.objects.active().filter(contact__account=same, contact__left_on=None)
        return (
            Obligation.objects.filter(
                Q(closed_at=None) | Q(outcome=Obligation.Outcome.HELD),
                Exists(known),
                Exists(readers),
                ~Exists(waiting),
                ~Exists(cls.objects.choices().lately().filter(account=same)),
                ~Q(account__verdicts__at__gt=now - NOT_AGAIN_WITHIN),
                check_in=max(CHECK_INS),
                due__range=(today() - TOO_LATE_AFTER, today()),
                account__closed_at=None,
                asks=None,
            )
            .select_related("holder")
            .order_by("due", "pk")
        )

    @staticmethod
    def answer_first(account: Account) -> str | None:
        """Why they cannot be asked for feedback now: they gave some, and we have not said what becomes of it."""
        given = Obligation.objects.unanswered().filter(account=account, kind=Obligation.Kind.FEEDBACK)
        waiting = given.select_related("contact").order_by("raised_at").first()
        if waiting is None:
            return None
        told = f"{waiting.contact} told us “{waiting}” on {clocks.day_in_words(waiting.raised_at)}"
        return f"{told} and waits for our decision. Decide on that first."


class PassedAnswer(Frozen):
    """An answer that we held when somebody asked all the same: they had read it, and chose to."""

    ask = models.ForeignKey(Ask, on_delete=models.PROTECT, related_name="passed_answers")
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="passed_answer_is_one_thing",
                condition=Q(fact__isnull=False, entry=None) | Q(fact=None, entry__isnull=False),
            ),
            models.UniqueConstraint(fields=["ask", "fact"], name="passed_fact_once"),
            models.UniqueConstraint(fields=["ask", "entry"], name="passed_entry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ask}: {self.fact or self.entry}"

    @classmethod
    def of(cls, ask: Ask, answer: HeldAnswer) -> PassedAnswer:
        return cls(ask=ask, **{"fact_id" if answer.is_fact else "entry_id": answer.pk})


class AskedAgain(Frozen):
    """A contact of theirs says "I was asked this before": of what we know, or of what we asked. Once a day each."""

    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, related_name="asked_again", help_text="Its line on the thread."
    )
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    fact = models.ForeignKey(
        Fact, on_delete=models.PROTECT, null=True, blank=True, related_name="asked_again"
    )
    ask = models.ForeignKey(Ask, on_delete=models.PROTECT, null=True, blank=True, related_name="asked_again")
    on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="asked_again_of_one_thing",
                condition=Q(fact__isnull=False, ask__isnull=True) | Q(fact__isnull=True, ask__isnull=False),
            ),
            models.UniqueConstraint(fields=["contact", "fact", "on"], name="asked_again_of_fact_once_a_day"),
            models.UniqueConstraint(fields=["contact", "ask", "on"], name="asked_again_of_ask_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} was asked before: {self.ask or self.fact}"

    @classmethod
    @verb
    def mark(cls, /, thing: Fact | Ask, *, by: User) -> AskedAgain:
        """The customer was asked this before. It stands on the account, and the owner's manager is told by letter.

        Pressing it twice marks it once. Raises `PermissionDenied` for anybody who is no customer.
        """
        if by.contact is None:
            raise PermissionDenied
        contact = Contact.objects.select_for_update(of=("self",)).get(pk=by.contact.pk)
        about: dict[str, Fact | Ask] = {"ask" if isinstance(thing, Ask) else "fact": thing}
        if marked := cls.objects.filter(contact=contact, on=today(), **about).first():
            return marked
        said, subject = cls.in_words(thing, contact)
        account = thing.account.merged_into or thing.account
        entry = Entry.record(
            account, Entry.Kind.FACT, said, by=contact, step="asked_before", subject=subject[:300]
        )
        cls.tell_manager(account, said, by=by)
        return cls.objects.create(entry=entry, contact=contact, on=today(), **about)

    @staticmethod
    def in_words(thing: Fact | Ask, contact: Contact) -> tuple[str, str]:
        """What the thread says of it, and its subject."""
        if isinstance(thing, Ask):
            said = f"{contact} had been asked before what {thing.by} asked of them: “{thing.what}”"
            return said, f"Asked before: {thing.get_kind_display()}"
        said = f"{contact} was asked again what we had known already: “{thing.text}”"
        return said, f"Asked before: {thing.topic}"

    @staticmethod
    def tell_manager(account: Account, said: str, *, by: User) -> None:
        owner = account.owner
        if owner is None:
            return
        Letter.write(
            owner.manager_if_any() or owner,
            signed_by=by,
            account=account,
            subject=f"{account} was asked twice",
            text=f"{said}\n\n{owner} answers for {account}. Whoever asks next should read what we know first.",
        )
