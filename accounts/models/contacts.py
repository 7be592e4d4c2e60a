from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pghistory
from django.apps import apps
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac

from accounts.rules import clocks

from .base import (
    AccountRows,
    Frozen,
    Imported,
    database_now,
    imported_by_somebody,
    refuse_if,
    require,
    require_words,
    save_columns,
    verb,
)
from .contexts import Context
from .fields import AddressField, LineField, WordsField
from .letters import Letter
from .organisation import today
from .users import User

#: What a note may tell of a contact.
LEARNED = ["roles", "evidence", "left_on", "went_to"]


class ContactQuerySet(AccountRows["Contact"]):
    def present(self) -> ContactQuerySet:
        return self.filter(left_on=None, erased_at=None)

    def champions(self) -> ContactQuerySet:
        return self.present().filter(roles__contains=[Contact.Role.CHAMPION])

    def with_contexts(self, day: Any) -> ContactQuerySet:
        """Adds `context_now`: what weighs on each on that day, as text and the day until which it does."""
        lasting = Context.objects.filter(contact=OuterRef("pk")).lasting(day)
        return self.annotate(
            context_now=ArraySubquery(lasting.values(json=JSONObject(pk="pk", text="text", until="until")))
        )

    def known_only_to(self, user: User) -> ContactQuerySet:
        """Those whom this person has been in touch with and no colleague has."""
        author = "mentions__entry__author"
        met_by = ArrayAgg(author, filter=Q(**{f"{author}__isnull": False}), distinct=True)
        return self.annotate(met_by=met_by).filter(met_by=[user.pk])


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Contact(Imported):
    """A person who matters on the customer's side, with the part they play in buying."""

    class Role(models.TextChoices):
        CHAMPION = "champion", "Champion"
        ECONOMIC_BUYER = "economic_buyer", "Economic buyer"
        DECISION_MAKER = "decision_maker", "Decision maker"
        TECHNICAL_EVALUATOR = "technical_evaluator", "Technical evaluator"
        USER = "user", "User"
        PROCUREMENT = "procurement", "Procurement"
        BLOCKER = "blocker", "Blocker"

    class Strength(models.IntegerChoices):
        FRIENDLY = 1, "Friendly: wishes us well"
        SUPPORTIVE = 2, "Supportive: speaks for us when asked"
        SELLING = 3, "Selling: argues for us when we are not in the room"

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="contacts")
    name = LineField(max_length=200)
    say_name = LineField("how to say it", max_length=200, blank=True)
    name_locked = models.BooleanField("keep this spelling when importing", default=False)
    spelled_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When they told us themselves how to write all this."
    )
    title = LineField(max_length=200, blank=True)
    email = AddressField("e-mail", blank=True)
    phone = LineField(max_length=60, blank=True)
    roles = ArrayField(
        LineField(max_length=24, choices=Role.choices),
        default=list,
        blank=True,
        verbose_name="part they play",
    )
    strength = models.PositiveSmallIntegerField(
        "strength as champion", choices=Strength.choices, null=True, blank=True
    )
    evidence = WordsField("what shows it", blank=True)
    cost = WordsField("what it cost them to stand up for us", blank=True)
    left_on = models.DateField("left their company on", null=True, blank=True)
    went_to = LineField("where they went", max_length=200, blank=True)
    external_id = LineField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=clocks.now, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    never_deleted = True
    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="contact_external_id_once"
            ),
            imported_by_somebody("contact_imported_by_somebody"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()

    @property
    def contexts_now(self) -> list[tuple[str, date]]:
        """What weighs on them, of a contact read `with_contexts`: each with the day until which it does."""
        read = getattr(self, "context_now", [])
        return [(one["text"], date.fromisoformat(one["until"])) for one in read]

    @property
    def is_champion(self) -> bool:
        return self.Role.CHAMPION in self.roles

    @property
    def role_labels(self) -> list[str]:
        return [str(self.Role(role).label) for role in self.roles]

    def shared_with(self, address: str) -> ContactQuerySet:
        """Others who have this address under another name: whoever reads it may be any of them."""
        others = Contact.objects.present().filter(email__iexact=address).exclude(email="")
        return others.exclude(pk=self.pk).exclude(name__iexact=self.name)

    def not_alone_at(self, address: str) -> str:
        """Why this person may not sign in with that address, or nothing. Names nobody of another account."""
        shared = self.shared_with(address)
        known = shared.filter(account=self.account_id).first()
        who = f"{known} has" if known else "Somebody else has" if shared.exists() else ""
        own = f"Write down an address of {self}’s own first."
        return (
            f"{who} that e-mail address, too: whoever reads it could come in as {self}. {own}" if who else ""
        )

    def may_be_invited_by(self, user: User) -> bool:
        """The account's owner, managers and operations decide who at the customer sees their page."""
        return user.runs_changes or self.account.owner == user

    @verb
    def invite(self, *, by: User) -> User:
        """Let this person sign in and see their own account's page; a letter tells them how."""
        require(self.may_be_invited_by(by))
        user = self.let_in(by=by)
        words = render_to_string(
            "emails/invitation.txt", {"contact": self, "account": self.account, "by": by}
        )
        Letter.write(
            user, signed_by=by, account=self.account, subject=f"Your page with {by.name}", text=words
        )
        return user

    @verb
    def let_in(self, *, by: User) -> User:
        """Part of an act that tells them so: from now on they may sign in."""
        self.refresh_from_db(from_queryset=Contact.objects.select_for_update(of=("self",)))
        taken = User.objects.filter(email__iexact=self.email).exclude(contact=self).exists()
        user: User | None = User.objects.filter(contact=self).first()
        moved = user is not None and user.email.lower() != self.email.lower()
        refuse_if(
            "Write down their e-mail address first: that is how they sign in." if not self.email else None,
            f"{self} has left their company." if self.left_on or self.erased_at else None,
            "Somebody else signs in with that e-mail address." if self.email and taken else None,
            self.not_alone_at(self.email),
            f"{self} can sign in already." if user and user.is_active else None,
            f"{self} signed in as {user.email} before. Ask operations to invite them under another address."
            if user and moved and not by.is_operations
            else None,
        )
        if user:
            user.change_address(self.email, by=by)
            since = {"access_ended_at": None, "deactivated_at": None, "deactivated_by": None}
            save_columns(user, is_active=True, **since)
        else:
            user = User.objects.create_user(self.email, self.name, kind=User.Kind.CUSTOMER, contact=self)
        return user

    @verb
    def correct(self, /, *, by: User, **fields: object) -> None:
        """Change what is recorded of them. The address with which they sign in takes two, as a colleague's does."""
        self.refresh_from_db(from_queryset=Contact.objects.select_for_update(of=("self",)))
        user = User.objects.active().filter(contact=self).first()
        if user and "email" in fields:
            refuse_if(None if fields["email"] else "They sign in with that address. End their access first.")
            user.change_address(str(fields.pop("email")), by=by)
            self.refresh_from_db()
        save_columns(self, **fields)

    @verb
    def learn(
        self,
        *,
        by: User,
        roles: Iterable[str] = (),
        left_on: date | None = None,
        went_to: str = "",
        evidence: str = "",
    ) -> int:
        """They play these parts as well, or left on that day. `evidence` stands after what showed it before.

        Returns the id of the record of how they stood before.
        """
        self.refresh_from_db(from_queryset=Contact.objects.select_for_update(of=("self",)))
        refuse_if(
            f"{self} was erased." if self.erased_at else None,
            f"{left_on:%-d %B %Y} is still to come: until then they are there."
            if left_on and left_on > today()
            else None,
            "Say on which day they left." if went_to and not (left_on or self.left_on) else None,
        )
        was: int = self.records.values_list("pk", flat=True).latest("pk")
        learned: dict[str, object] = {"roles": list(dict.fromkeys([*self.roles, *roles]))}
        if Contact.Role.CHAMPION in roles and not self.evidence:
            evidence = require_words(evidence, "Say what shows that they are a champion.")
        if (evidence := evidence.strip()) not in self.evidence:
            learned["evidence"] = f"{self.evidence}\n\n{evidence}".strip()
        if left_on:
            learned["left_on"] = left_on
        if went_to:
            learned["went_to"] = went_to
        self.correct(by=by, **learned)
        return was

    @verb
    def unlearn(self, was: int, *, by: User) -> str:
        """Take back what was learned after that record. Says why it stays, if somebody has changed it since."""
        self.refresh_from_db(from_queryset=Contact.objects.select_for_update(of=("self",)))
        before, *after = self.records.filter(pk__gte=was).order_by("pk").values("pk", *LEARNED)[:2]
        if not after:
            return ""
        now = {name: getattr(self, name) for name in LEARNED}
        if self.erased_at or now != {name: after[0][name] for name in LEARNED}:
            return f"What we know of {self} stays: somebody has changed it since."
        self.correct(by=by, **{name: before[name] for name in LEARNED})
        return ""

    @property
    def records(self) -> models.QuerySet[models.Model]:
        """How they stood after each change, as history keeps it."""
        records: models.QuerySet[models.Model] = apps.get_model(
            "accounts", "ContactEvent"
        )._default_manager.all()
        return records.filter(pgh_obj=self)

    @verb
    def correct_name(self, *, name: str, say_name: str, title: str, by: User) -> None:
        """They say themselves how their name is written and said, and what they are: no import changes it again."""
        name = require_words(name, "Write your name.")
        require(by.contact_id == self.pk)
        self.refresh_from_db(from_queryset=Contact.objects.select_for_update(of=("self",)))
        refuse_if("This person was erased." if self.erased_at else None)
        told = {"name": name, "say_name": say_name.strip(), "title": title.strip()}
        save_columns(self, name_locked=True, spelled_at=database_now(), **told)
        User.objects.filter(pk=by.pk).update(name=name)

    @verb
    def end_invitation(self, *, by: User) -> None:
        """This person no longer sees their account's page; their words stay."""
        require(self.may_be_invited_by(by))
        user = User.objects.active().select_for_update(of=("self",)).filter(contact=self).first()
        refuse_if(None if user else f"{self} cannot sign in.")
        assert user
        save_columns(user, is_active=False, deactivated_at=database_now(), deactivated_by=by)

    @verb
    def erase(self, *, by: User, because: str) -> Erasure:
        """Blank this person's name and words everywhere they were copied; who and when stay.

        The database does it (triggers on `Erasure`): the site itself may not change frozen rows.
        """
        because = require_words(because, "Say on whose request, or by which duty, this person is erased.")
        marks = Erasure.marks_of(
            self.account_id, name=self.name, email=self.email, external_id=self.external_id
        )
        erasure = Erasure.objects.create(contact=self, by=by, because=because, marks=list(marks))
        self.refresh_from_db()
        return erasure


class Erasure(Frozen):
    """The tombstone of a lawful erasure. Writing it makes the database blank the person's text everywhere."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="erasures")
    at = models.DateTimeField(default=clocks.now, editable=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    because = LineField(max_length=500)
    marks = ArrayField(LineField(max_length=64), default=list, blank=True)

    @staticmethod
    def marks_of(account_id: int | None, *, name: str, email: str, external_id: str) -> Iterable[str]:
        """What recognises an erased person in an old file, and tells nobody who it was.

        Keyed SHA-256 digests, in hexadecimal, of their address, of their id elsewhere, and of their name on this
        account. Without the site's secret key nobody can try names against them.
        """
        told = {
            "email": email.strip().casefold(),
            "id": external_id.strip(),
            "name": f"{account_id} {' '.join(name.casefold().split())}"
            if account_id and name.strip()
            else "",
        }
        for what, text in told.items():
            if text:
                yield salted_hmac(f"erased {what}", text, algorithm="sha256").hexdigest()
