from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from .base import AccountRows, database_now, refuse_if, require, require_words, save_columns, verb
from .cases import CustomerCase
from .contacts import Contact
from .entries import Entry
from .facts import Fact
from .fields import LineField, WordsField
from .notice import not_alone
from .obligations import Obligation
from .users import User

if TYPE_CHECKING:
    from .accounts import Account


def about(thing: Entry | Fact | Obligation) -> dict[str, Entry | Fact | Obligation]:
    """The thing under the name of the column that points to it."""
    kind = "entry" if isinstance(thing, Entry) else "fact" if isinstance(thing, Fact) else "obligation"
    return {kind: thing}


class CountersignatureQuerySet(AccountRows["Countersignature"]):
    def waiting(self) -> CountersignatureQuerySet:
        return self.filter(decided_at=None)

    def for_list(self) -> CountersignatureQuerySet:
        return self.select_related(
            "account", "by__reports_to", "entry", "fact__topic", "obligation", "contact"
        )

    def to_decide(self, user: User) -> list[Countersignature]:
        """What waits for this person: of those whom they manage, on accounts that they see."""
        if not user.runs_changes:
            return []
        waiting = list(self.waiting().for_list().exclude(by=user).order_by("asked_at", "pk"))
        if not waiting:
            return []
        people = User.objects.linked()
        mine = [one.pk for one in waiting if people[user.pk].may_manage(people[one.by_id])]
        seen = set(self.filter(pk__in=mine).visible_to(user).values_list("pk", flat=True))
        return [one for one in waiting if one.pk in seen]


class Countersignature(models.Model):
    """Somebody who is leaving wants to take back or close what others depend on, and a second person decides."""

    class Act(models.TextChoices):
        RETRACT = "retract", "take back"
        KEEP = "keep", "mark as kept"
        AGREE = "agree", "close, since the customer agreed"
        MAKE_GOOD = "make_good", "close, as made good"

    account = models.ForeignKey(
        "accounts.Account", on_delete=models.PROTECT, related_name="countersignatures"
    )
    act = LineField(max_length=9, choices=Act.choices)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    obligation = models.ForeignKey(
        Obligation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    words = WordsField(blank=True, help_text="The reason, or what the customer said.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="countersignatures")
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    agreed = models.BooleanField(null=True, blank=True)
    note = LineField(max_length=500, blank=True)

    columns_that_change = ("decided_at", "decided_by_id", "agreed", "note")
    objects = CountersignatureQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="countersignature_of_one_thing",
                condition=Q(entry__isnull=False, fact=None, obligation=None, act="retract")
                | Q(entry=None, fact__isnull=False, obligation=None, act="retract")
                | Q(entry=None, fact=None, obligation__isnull=False, act__in=["keep", "agree", "make_good"]),
            ),
            models.CheckConstraint(
                name="countersigned_by_a_second_person",
                condition=Q(decided_at=None, decided_by=None, agreed=None)
                | (
                    Q(decided_at__isnull=False, decided_by__isnull=False, agreed__isnull=False)
                    & ~Q(decided_by=F("by"))
                ),
            ),
            models.CheckConstraint(
                name="countersignature_declined_says_why", condition=~Q(agreed=False) | ~Q(note="")
            ),
            models.UniqueConstraint(
                fields=["entry", "fact", "obligation"],
                condition=Q(decided_at=None),
                nulls_distinct=False,
                name="countersignature_asked_once",
                violation_error_message="A second person has been asked about this already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.by} wants to {self.get_act_display()}: “{self.thing}”"

    @property
    def thing(self) -> Entry | Fact | Obligation:
        thing = self.entry or self.fact or self.obligation
        assert thing
        return thing

    @classmethod
    def ask_if_leaving(
        cls,
        act: str,
        thing: Entry | Fact | Obligation,
        *,
        by: User,
        words: str = "",
        contact: Contact | None = None,
    ) -> str:
        """Where `by` may not do this alone, ask whoever manages them instead, and say so. Nothing where they may."""
        if not not_alone(by, **about(thing)):
            return ""
        cls.ask(act, thing, by=by, words=words, contact=contact)
        second = by.manager_if_any() or "A second person"
        return f"You are leaving, and others depend on this. {second} is asked to agree to it."

    @classmethod
    @verb
    def ask(
        cls,
        /,
        act: str,
        thing: Entry | Fact | Obligation,
        *,
        by: User,
        words: str = "",
        contact: Contact | None = None,
    ) -> Countersignature:
        """Whoever is leaving asks a second person to agree to this act of theirs."""
        if act != cls.Act.KEEP:
            words = require_words(words, "Say why, in words.")
        account: Account = thing.account.merged_into or thing.account
        return cls.objects.create(
            account=account,
            act=act,
            by=by,
            words=words,
            contact=contact,
            asked_at=database_now(),
            **about(thing),
        )

    @verb
    def agree(self, *, by: User) -> None:
        """The second person agrees, and what was asked for happens now, in the name of whoever asked."""
        self._decide(by, agreed=True)
        match self.act:
            case self.Act.RETRACT:
                retracted = self.entry or self.fact
                assert retracted
                retracted.retract(by=self.by, because=f"{self.words[:400]} ({by} agreed)")
            case self.Act.KEEP:
                assert self.obligation
                self.obligation.keep(by=self.by)
            case self.Act.AGREE:
                assert self.obligation
                assert self.contact
                self.obligation.agree(contact=self.contact, by=self.by, words=self.words)
            case self.Act.MAKE_GOOD:
                assert self.obligation
                CustomerCase.objects.get(pk=self.obligation.pk).make_good(self.words, by=self.by)

    @verb
    def decline(self, *, by: User, note: str) -> None:
        """It stays as it is, and why."""
        self._decide(by, agreed=False, note=require_words(note, "Say why it stays."))

    def _decide(self, by: User, *, agreed: bool, note: str = "") -> None:
        self.refresh_from_db(from_queryset=Countersignature.objects.select_for_update(of=("self",)))
        require(by.may_manage(self.by) and by.pk != self.by_id)
        refuse_if(f"{self.decided_by} has decided on this already." if self.decided_at else None)
        save_columns(self, decided_at=database_now(), decided_by=by, agreed=agreed, note=note)
