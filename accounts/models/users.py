from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pghistory
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.db import connection, models
from django.db.models.functions import Lower
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.rules import clocks

from .base import database_now, refuse_if, require, require_words, save_columns, verb
from .fields import AddressField, LineField
from .organisation import Organisation
from .presence import Presence
from .reporting_lines import LEADS_NOWHERE, nearest_above
from .user_sets import UserManager

if TYPE_CHECKING:
    from .coverage import Coverage
    from .offboarding import Offboarding
    from .sessions import Session


ADDRESS_SALT = "address"
NOBODY_ABOVE = "Nobody else above them is active. Name another person of last resort under People first."


#: Somebody and all who report to them, directly or through others.
TEAM = """
    WITH RECURSIVE team(id) AS (
        SELECT %s::bigint
        UNION SELECT u.id FROM accounts_user u JOIN team ON u.reports_to_id = team.id
    ) SELECT id FROM team
"""
TITLES = {"Dr", "Prof", "Mr", "Mrs", "Ms", "Herr", "Frau"}


def first_name(name: str) -> str:
    """The first word of somebody's name that is not a title."""
    return next((word for word in name.split() if word.rstrip(".") not in TITLES), name)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="UserEvent",
    fields=[
        "email",
        "name",
        "kind",
        "title",
        "reports_to",
        "is_active",
        "deactivated_at",
        "deactivated_because",
    ],
)
class User(Presence, AbstractBaseUser):
    """Somebody who signs in: a colleague, or a customer's contact. (An *account* is a customer, not a login.)"""

    class Kind(models.TextChoices):
        REP = "rep", "Rep"
        MANAGER = "manager", "Manager"
        OPERATIONS = "operations", "Operations"
        CUSTOMER = "customer", "Customer"

    email = AddressField("e-mail", unique=True)
    name = LineField(max_length=200)
    kind = LineField(max_length=12, choices=Kind.choices, default=Kind.REP)
    title = LineField(max_length=200, blank=True)
    phone = LineField(max_length=60, blank=True)
    region = LineField(max_length=120, blank=True, help_text="Where they work from, for choosing successors.")
    reports_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    contact = models.OneToOneField(
        "accounts.Contact",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="user",
        help_text="For a customer's sign-in: who they are on their account.",
    )
    joined_at = models.DateTimeField(default=clocks.now, editable=False)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    deactivated_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    deactivated_because = LineField(max_length=500, blank=True)
    external_id = LineField(max_length=120, blank=True)

    #: The person of last resort, or nobody, once `linked` has read it; empty until then.
    last_resort_read: Sequence[User | None] = ()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    never_deleted = True
    objects = UserManager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(
                name="user_customer_is_a_contact",
                condition=models.Q(kind="customer", contact__isnull=False)
                | (~models.Q(kind="customer") & models.Q(contact__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def as_choice(self) -> str:
        """How they stand where somebody is chosen: with what speaks against them."""
        return f"{self.name} ({self.absence})" if self.absence else self.name

    @property
    def first_name(self) -> str:
        return first_name(self.name)

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

    @property
    def has_an_address(self) -> bool:
        """Whether a code for signing in can reach them: not while an import has invented their address."""
        return not self.email.lower().endswith(LEADS_NOWHERE)

    @property
    def is_customer(self) -> bool:
        return self.kind == self.Kind.CUSTOMER

    @property
    def is_operations(self) -> bool:
        return self.kind == self.Kind.OPERATIONS

    @property
    def is_manager(self) -> bool:
        return self.kind == self.Kind.MANAGER

    @property
    def runs_changes(self) -> bool:
        """May open departures and see what a departure would cost: managers and operations."""
        return self.kind in {self.Kind.MANAGER, self.Kind.OPERATIONS}

    def team_ids(self) -> list[int]:
        """Ids of everybody who reports to this person, directly or through others, and the person."""
        with connection.cursor() as cursor:
            cursor.execute(TEAM, [self.pk])
            return [row[0] for row in cursor.fetchall()]

    def teammates(self) -> models.QuerySet[User]:
        """Whoever reports to this manager; of anybody else, those who report to the same one, and that one."""
        team = models.Q(pk__in=self.team_ids() if self.is_manager else [self.pk, self.reports_to_id])
        if self.reports_to_id and not self.is_manager:
            team |= models.Q(reports_to=self.reports_to_id)
        active: models.QuerySet[User] = User.objects.active()
        return active.filter(team)

    def leads(self, other: User | None) -> bool:
        """Whether the other person reports to this one, directly or through others."""
        above = other.reports_to if other else None
        while above is not None:
            if above.pk == self.pk:
                return True
            above = above.reports_to
        return False

    def manager_if_any(self, *, except_for: Iterable[User] = ()) -> User | None:
        """The nearest active person above, or the organisation's person of last resort, or nobody.

        Whoever came by an import without an address is passed by while somebody above can come in.
        """
        return nearest_above(self, {self.pk, *(person.pk for person in except_for)})

    def nearest_manager(self, *, except_for: Iterable[User] = ()) -> User:
        """The nearest active person above, or the organisation's person of last resort.

        Raises `Refused` when there is neither: then nobody could answer for what this person holds.
        """
        manager = self.manager_if_any(except_for=except_for)
        refuse_if(None if manager else NOBODY_ABOVE)
        assert manager is not None
        return manager

    def may_manage(self, other: User) -> bool:
        """Whether this person may open a departure or a leave for the other. Operations are under no manager's hand."""
        return self.is_operations or (self.is_manager and not other.is_operations and self.leads(other))

    def stays_because(self, by: User) -> str:
        """Why `by` may not change what this colleague is, to whom they report and whether they have access."""
        if self.pk == by.pk:
            return "Nobody changes this of themselves. Ask somebody else in operations."
        return self.needed_because

    @property
    def needed_because(self) -> str:
        """Why somebody else has to take this colleague's place first; empty for most."""
        others = User.objects.active().filter(kind=User.Kind.OPERATIONS).exclude(pk=self.pk)
        if Organisation.get().last_resort_id == self.pk:
            return "This is the organisation's person of last resort. Name another first."
        if self.is_operations and self.is_active and not others.exists():
            return "Nobody else works in operations. Add another first."
        return ""

    def holdings(self) -> models.QuerySet[Coverage]:
        return self.coverage.current()

    @classmethod
    @verb
    def add(cls, /, *, by: User, email: str, name: str, **fields: object) -> User:
        """Let a colleague sign in. A manager adds reps to their own team, operations anybody anywhere."""
        person: User = cls.objects.create_user(email, name, **fields)
        require(by.is_operations or (by.may_manage(person) and person.kind == cls.Kind.REP))
        return person

    @verb
    def correct(self, /, *, by: User, **fields: object) -> None:
        """Change what is recorded of a colleague: name, address, work, or to whom they report."""
        self.refresh_from_db(from_queryset=User.objects.select_for_update())
        require(by.may_manage(self))
        if "kind" in fields:
            self.change_kind(str(fields.pop("kind")), by=by)
        if "reports_to" in fields:
            manager = fields.pop("reports_to")
            self.change_manager(manager if isinstance(manager, User) else None, by=by)
        if "email" in fields:
            self.change_address(str(fields.pop("email")), by=by)
        save_columns(self, **fields)

    @verb
    def change_kind(self, kind: str, *, by: User) -> None:
        """Make a colleague a rep, a manager, or one of operations. Operations do it, and a letter tells them."""
        self._may_be_changed(by)
        refuse_if(
            "Choose what they are." if kind not in User.Kind.values or kind == User.Kind.CUSTOMER else None,
            f"{self} still serves accounts. Hand them over first."
            if kind == User.Kind.OPERATIONS and self.holdings().exists()
            else None,
        )
        before = self.get_kind_display()
        save_columns(self, kind=kind)
        self._tell(f"You were {before} here, and are {self.get_kind_display()} from now on.", by)

    @verb
    def change_manager(self, manager: User | None, *, by: User) -> None:
        """Let a colleague report to somebody else. Operations do it, and a letter tells them."""
        round_about = manager is not None and (manager == self or self.leads(manager))
        self._may_be_changed(by, "Reporting lines cannot go round in a circle." if round_about else None)
        before = self.reports_to or "nobody"
        save_columns(self, reports_to=manager)
        self._tell(f"You reported to {before}, and report to {manager or 'nobody'} from now on.", by)

    def _may_be_changed(self, by: User, *more: str | None) -> None:
        require(by.is_operations and not self.is_customer)
        self.refresh_from_db(from_queryset=User.objects.select_for_update())
        refuse_if(self.stays_because(by), *more)

    def _tell(self, sentence: str, by: User) -> None:
        """A letter to the address that they have until now."""
        if self.is_active:
            text = f"{sentence}\n\nIf this surprises you, answer this letter."
            self.letters.model.write(
                self,
                signed_by=by,
                subject="What is recorded of you has changed",
                text=text,
                address=self.email,
            )

    def deactivate(self, *, by: User, because: str) -> User:
        """End this person's access and sessions now; everything they hold goes to the nearest active manager.

        Two acts, so that they stay out whatever becomes of the second: see `Offboarding`. Returns the manager who
        answers for it, from now on or once a large book has moved. Raises `Refused` or `PermissionDenied`.
        """
        manager = self._end_access_by(by, because)
        self.pass_on_book()
        return manager

    @verb
    def _end_access_by(self, by: User, because: str) -> User:
        self.refresh_from_db(from_queryset=User.objects.select_for_update())
        because = require_words(because, "Say why this person's access ends.")
        require(by.may_manage(self))
        refuse_if(self.stays_because(by))
        return self.end_access(by=by, because=because)

    @verb
    def end_access(self, *, by: User, because: str) -> User:
        """The first act, without asking who may: a departure has decided that already. `pass_on_book` follows."""
        self.refresh_from_db(from_queryset=User.objects.select_for_update())
        refuse_if(
            None if self.may_come_in else f"{self.name}'s access has already ended.",
            self.needed_because,
        )
        manager, now = self.nearest_manager(), database_now()
        save_columns(self, access_ended_at=now)
        self.offboardings.create(by=by, because=because, started_at=now)
        return manager

    def pass_on_book(self) -> None:
        """Begin the second act, when the first is committed. Where it fails it is tried again by itself."""
        for offboarding in self.offboardings.unfinished():
            offboarding.begin()
        self.refresh_from_db()

    @verb
    def end_service(self, *, by: User, because: str) -> User:
        """The second act: everything this person holds goes to the nearest active manager, and they are inactive."""
        self.refresh_from_db(from_queryset=User.objects.select_for_update())
        manager, now = self.nearest_manager(), database_now()
        # The reason is for their managers; whoever reads the timeline is told that they have left.
        self.coverage.current().leave_to(manager, by=by, because=f"{self} has left")
        save_columns(
            self, is_active=False, deactivated_at=now, deactivated_by=by, deactivated_because=because
        )
        return manager

    @verb
    def reactivate(self, *, by: User) -> None:
        """Let somebody who came back sign in again; what they held stays with whoever has it now. Operations do it."""
        self._may_be_changed(by)
        self.offboardings.unfinished().update(finished_at=database_now())
        since = {"access_ended_at": None, "deactivated_at": None, "deactivated_by": None}
        save_columns(self, is_active=True, deactivated_because="", **since)
        self._tell("You can sign in here again.", by)

    @property
    def offboarding(self) -> Offboarding | None:
        """Their leaving, while their access has ended and what they held has not passed on yet."""
        return self.offboardings.unfinished().first() if self.is_active and self.access_ended_at else None

    @verb
    def change_address(self, new: str, *, by: User) -> bool:
        """Give this person another address to sign in with. False when the old one has to be asked first, by a letter.

        Who reads the address signs in as this person, so a change takes two: operations for anybody but themselves, or
        whoever asks and whoever reads the old address. Raises `Refused` or `PermissionDenied`.
        """
        self.refresh_from_db(from_queryset=User.objects.select_for_update())
        require(not by.is_customer if self.is_customer else by == self or by.may_manage(self))
        new = User.objects.address_for(self, new)
        if new == self.email:
            return True
        if by.is_operations and by != self:
            self.take_address(new, by)
            return True
        refuse_if(
            None if self.is_active else f"{self} does not sign in. Ask operations to change the address."
        )
        asked = signing.dumps([self.pk, self.email, new, by.pk], salt=ADDRESS_SALT)
        link = settings.SITE_URL + reverse("address_change", args=[asked])
        self._write_of_address("address_asked", f"Is {new} your address now?", by, new=new, link=link)
        return False

    def take_address(self, new: str, by: User) -> None:
        """Sessions end with it (a law), and the old address is told."""
        self._write_of_address("address_changed", "Your address for signing in has changed", by, new=new)
        save_columns(self, email=new)
        if self.contact:
            save_columns(self.contact, email=new)

    def _write_of_address(self, template: str, subject: str, by: User, **more: str) -> None:
        words = render_to_string(f"emails/{template}.txt", {"person": self, "by": by, **more})
        signer = (
            by if by != self else self.manager_if_any() or by
        )  # an answer must not go where it is asked about
        page = "" if "link" in more else None
        letters = self.letters.model
        letters.write(self, signed_by=signer, subject=subject, text=words, address=self.email, page=page)

    def open_sessions(self) -> models.QuerySet[Session]:
        return self.sessions.filter(expire_date__gt=clocks.now())

    def end_sessions(self, *, but: str = "") -> None:
        """Sign this person out everywhere, or everywhere but in the session with this key."""
        self.sessions.exclude(session_key=but).delete()
