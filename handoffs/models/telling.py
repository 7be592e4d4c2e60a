"""Who at the customer is told of a change of hands: whom we propose, whom a person chose, and who really was told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, TypeAlias, TypedDict, cast

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django_stubs_ext import WithAnnotations

from accounts.models import (
    Contact,
    Entry,
    Frozen,
    Letter,
    Obligation,
    Organisation,
    Refused,
    User,
    today,
    verb,
)
from accounts.models.base import database_now, refuse_if, require, require_words, save_columns, sentences
from accounts.models.fields import LineField
from accounts.models.letters import their_page
from accounts.models.organisation import zone_named

from . import blockers
from .permissions import may_tell
from .shown_people import settle_held_letters

if TYPE_CHECKING:
    from .handoff import Handoff

#: Whoever plays one of these parts should know who answers for them.
SHOULD_KNOW = [Contact.Role.CHAMPION, Contact.Role.DECISION_MAKER, Contact.Role.ECONOMIC_BUYER]
#: What is owed to somebody in person.
OWED_TO_THEM = [Obligation.Kind.PROMISE, *Obligation.THEIRS]


class StandingColumns(TypedDict):
    owed: bool
    reads: bool


ContactWithStanding: TypeAlias = "WithAnnotations[Contact, StandingColumns]"


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def to_ring(self, user: User, day: date) -> RecipientQuerySet:
        """Those whom this person rings, whose day has come, and who have not been told."""
        told = Notification.objects.filter(handoff=OuterRef("handoff"), contact=OuterRef("contact"))
        off = ("refused_at", "cancelled_at", "taken_back_at", "account__closed_at")
        due = self.filter(~Exists(told), way="call", caller=user, handoff__announce_on__lte=day)
        return due.filter(**{f"handoff__{end}": None for end in off}, contact__left_on=None)


class Recipient(models.Model):
    """Somebody at the customer who is told, or left out: as a person chose, else as proposed when the day came."""

    class Way(models.TextChoices):
        LETTER = "letter", "By letter"
        CALL = "call", "By telephone"
        NOT = "not", "Not by us"

    handoff = models.ForeignKey("handoffs.Handoff", on_delete=models.PROTECT, related_name="recipients")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    way = LineField(max_length=6, choices=Way.choices)
    caller = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Who rings them."
    )
    lets_in = models.BooleanField(
        default=False, help_text="From then on they sign in and see their account's page."
    )
    letter = models.OneToOneField(
        Letter, on_delete=models.PROTECT, null=True, blank=True, related_name="announces"
    )
    chosen_at = models.DateTimeField()
    chosen_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Nobody: proposed."
    )

    columns_that_change = ("way", "caller_id", "lets_in", "letter_id", "chosen_at", "chosen_by_id")
    objects = RecipientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handoff", "contact"], name="recipient_once"),
            models.CheckConstraint(
                name="recipient_who_is_rung_has_a_caller",
                condition=Q(way="call", caller__isnull=False) | ~Q(way="call") & Q(caller=None),
                violation_error_message="Say who rings them.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact}: {self.get_way_display().lower()}"

    @classmethod
    @verb
    def choose(
        cls,
        /,
        handoff: Handoff,
        contact: Contact,
        way: str,
        *,
        by: User,
        caller: User | None = None,
        lets_in: bool = False,
    ) -> Recipient:
        """Say how somebody there is told, or that they are not. After the day a letter goes at once."""
        handoff.lock()
        require(may_tell(handoff, by))
        known = User.objects.active().filter(contact=contact).exists()
        before = handoff.recipients.filter(contact=contact).select_related("letter").first()
        written = bool(before and before.letter and not before.letter.given_up_at)
        refuse_if(
            *blockers.telling(handoff, contact),
            f"The letter to {contact} is written already." if written else None,
            f"{contact} has no address. Write it down first, or ring them."
            if way == cls.Way.LETTER and not contact.email
            else None,
            f"Who sees their page is for {handoff.account.owner} or a manager to say."
            if lets_in and not known and not contact.may_be_invited_by(by)
            else None,
            f"{handoff.incoming} cannot be the one who tells them."
            if way == cls.Way.CALL and caller == handoff.incoming
            else None,
        )
        rings = (caller or signer_of(handoff)) if way == cls.Way.CALL else None
        chosen = {
            "way": way,
            "caller": rings,
            "lets_in": lets_in and not known and way == cls.Way.LETTER,
            "letter": None,
            "chosen_at": database_now(),
            "chosen_by": by,
        }
        row, _ = cls.objects.update_or_create(handoff=handoff, contact=contact, defaults=chosen)
        if handoff.announced_at and way == cls.Way.LETTER:
            write_letter(handoff, row)
        return row


class Notification(Frozen):
    """Somebody at the customer was told of a change of hands: by a letter that was sent, or by a call on the thread."""

    handoff = models.ForeignKey("handoffs.Handoff", on_delete=models.PROTECT, related_name="notifications")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    letter = models.OneToOneField(
        Letter, on_delete=models.PROTECT, null=True, blank=True, related_name="told"
    )
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="told")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["handoff", "contact"],
                name="notification_once",
                violation_error_message="They have been told already.",
            ),
            models.CheckConstraint(
                name="notification_by_letter_or_call",
                condition=Q(letter__isnull=False, entry=None) | Q(letter=None, entry__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} was told"

    @classmethod
    @verb
    def record_call(
        cls, /, handoff: Handoff, contact: Contact, words: str, *, by: User, on: date | None = None
    ) -> Notification:
        """Somebody told them by word of mouth: whom, on which day, and what was said."""
        words = require_words(words, "Write what was said.")
        handoff.lock()
        require(may_tell(handoff, by) or handoff.recipients.filter(contact=contact, caller=by).exists())
        on = on or today()
        early = handoff.announce_on if handoff.announced_at is None else None
        refuse_if(
            *blockers.telling(handoff, contact),
            f"They are told on {early:%-d %B %Y}. Set another date first." if early and on < early else None,
            "A call to come is not one that took place." if on > today() else None,
        )
        zone = zone_named(Organisation.get().time_zone)
        at = database_now() if on == today() else datetime.combine(on, time(12), zone)
        subject = f"Told that {handoff.incoming} takes over {handoff.what}"
        entry = Entry.record(
            handoff.account,
            Entry.Kind.CONVERSATION,
            words,
            by=by,
            at=at,
            contacts=[contact],
            subject=subject[:300],
        )
        return cls.note(handoff, contact, by=by, at=at, entry=entry)

    @classmethod
    @verb
    def of_letter(cls, /, letter: Letter) -> Notification | None:
        """The letter was really sent: whoever it went to has been told. None when it announces nothing."""
        row = Recipient.objects.filter(letter=letter).select_related("handoff", "contact").first()
        if row is None:
            return None
        row.handoff.lock()
        letter.refresh_from_db()
        if letter.sent_at is None or row.handoff.notifications.filter(contact=row.contact).exists():
            return None
        return cls.note(row.handoff, row.contact, by=letter.signed_by, at=letter.sent_at, letter=letter)

    @classmethod
    def note(
        cls, handoff: Handoff, contact: Contact, *, by: User, at: datetime, **how: Letter | Entry
    ) -> Notification:
        """Part of an act: with the first of them the change is announced, and what waited for that goes."""
        told = cls.objects.create(handoff=handoff, contact=contact, by=by, at=at, **how)
        if handoff.announced_at is None:
            save_columns(handoff, announced_at=at, announced_by=by)
            settle_held_letters(handoff.account)
        return told


# ---- Whom we propose, and how it stands with each


@dataclass(frozen=True)
class RecipientStatus:
    """One of theirs who is to be told: why, how, and what became of it."""

    contact: ContactWithStanding
    because: list[str]
    way: str
    caller: User | None
    chosen: Recipient | None
    told: Notification | None

    @property
    def letter(self) -> Letter | None:
        return self.chosen.letter if self.chosen else None

    @property
    def is_left_out(self) -> bool:
        return self.way == Recipient.Way.NOT and not self.told

    @property
    def is_pending(self) -> bool:
        return not self.told and not self.is_left_out


def signer_of(handoff: Handoff) -> User:
    """Who tells them: the outgoing person, or the manager where that person has gone."""
    return handoff.outgoing if handoff.outgoing.may_come_in else handoff.outgoing.nearest_manager()


def why(contact: ContactWithStanding) -> list[str]:
    parts = [str(Contact.Role(role).label).lower() for role in SHOULD_KNOW if role in contact.roles]
    return sentences(
        *parts,
        "waits for something we owe" if contact.owed else None,
        "reads their page" if contact.reads else None,
    )


def people_of(handoff: Handoff) -> models.QuerySet[ContactWithStanding]:
    """All of theirs who are there, each with whether we owe them something and whether they sign in. One query."""
    return with_standing(handoff.account.contacts.present())


def with_standing(contacts: models.QuerySet[Contact]) -> models.QuerySet[ContactWithStanding]:
    owed = Obligation.objects.open().filter(contact=OuterRef("pk"), kind__in=OWED_TO_THEM)
    reads = User.objects.active().filter(contact=OuterRef("pk"))
    there = contacts.annotate(owed=Exists(owed), reads=Exists(reads))
    return cast("models.QuerySet[ContactWithStanding]", there.order_by("name", "pk"))


def notices(handoff: Handoff, people: Iterable[ContactWithStanding] | None = None) -> list[RecipientStatus]:
    """Whoever is proposed, was chosen or was told. Three queries; `people` is `people_of`, where they are read."""
    chosen = {
        row.contact_id: row for row in handoff.recipients.select_related("caller", "letter", "chosen_by")
    }
    told = {row.contact_id: row for row in handoff.notifications.select_related("by", "entry")}
    found = []
    for contact in people_of(handoff) if people is None else people:
        row, because = chosen.get(contact.pk), why(contact)
        if not (row or because or contact.pk in told):
            continue
        way = row.way if row else Recipient.Way.LETTER if contact.email else Recipient.Way.CALL
        caller = row.caller if row else signer_of(handoff) if way == Recipient.Way.CALL else None
        found.append(RecipientStatus(contact, because, way, caller, row, told.get(contact.pk)))
    return found


def nobody_to_tell(handoff: Handoff, known: list[RecipientStatus]) -> str:
    """The sentence that stands in the way of announcing it, where there is nobody to be told."""
    if any(not notice.is_left_out for notice in known):
        return ""
    if known:
        return f"Everybody at {handoff.account} is left out. Choose at least one who is told."
    return f"There is nobody at {handoff.account} to tell. Choose somebody, or write down who decides there."


# ---- On the day


def write_letters(handoff: Handoff) -> None:
    """Part of announcing: keep the list as it stands, and write to each who is told by letter. Once, however often."""
    # whoever undoes the change at this moment is waited for: a letter that has gone cannot be taken back
    change = type(handoff.transition).objects.select_for_update(of=("self",)).get(pk=handoff.transition_id)
    known = notices(handoff)
    refuse_if(f"“{change}” was undone." if change.undone_at else None, nobody_to_tell(handoff, known))
    for notice in known:
        if notice.told or (notice.chosen and notice.chosen.letter):
            continue
        row = notice.chosen or handoff.recipients.create(
            contact=notice.contact, way=notice.way, caller=notice.caller, chosen_at=database_now()
        )
        if row.way == Recipient.Way.LETTER:
            write_letter(handoff, row)


def write_letter(handoff: Handoff, row: Recipient) -> None:
    reader = User.objects.active().filter(contact=row.contact).first() or let_in(row)
    words = render_to_string(
        "emails/announcement.txt", {"handoff": handoff, "contact": row.contact, "reads": reader}
    )
    letter = Letter.write(
        reader or row.contact,
        signed_by=signer_of(handoff),
        account=handoff.account,
        subject=f"{handoff.incoming} will look after {handoff.what}",
        text=words,
        page=their_page("team"),
    )
    save_columns(row, letter=letter)


def let_in(row: Recipient) -> User | None:
    """Their own page, as whoever chose so said; where that cannot be any more, they are told without it."""
    if not (row.lets_in and row.chosen_by):
        return None
    try:
        with transaction.atomic():
            return row.contact.let_in(by=row.chosen_by)
    except Refused:
        return None


def withdraw(handoffs: Iterable[int], *, because: str) -> None:
    """Part of calling off: letters that have not gone do not go. `Refused` when one is going at this moment."""
    rows = Recipient.objects.filter(handoff__in=list(handoffs), letter__isnull=False)
    unsent = Letter.objects.unsent().filter(pk__in=rows.values("letter"), given_up_at=None)
    for letter in unsent.select_for_update(of=("self",)):
        refuse_if(
            f"The letter to {letter.reader} is being sent at this moment. Look again in a few minutes."
            if letter.claimed_until and letter.claimed_until > database_now()
            else None
        )
        letter.give_up_for(because)
