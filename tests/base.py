"""The cast, and builders for what they do. Tests speak of these few people only.

    class Leaving(CastTestCase):
        def test_olivia_sees_acme(self) -> None:
            page = self.browse(self.olivia, "account", self.acme.pk)

Petra  runs sales; Max reports to her, and she is the organisation's person of last resort.
Max    manages Olivia and Ines.
Olivia is a rep who serves Acme and Borealis, and leaves.
Ines   is a rep who serves Cobalt, and takes over.
Nils   is a rep in another team (he reports to Petra) who serves Dunmore: nobody in Max's team sees it.
Omar   works in operations and sees everything.
Carla  is Acme's champion, and signs in as a customer; Dieter is her colleague in purchasing.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.test import Client, TestCase
from django.urls import reverse

from accounts.models import (
    Account,
    Contact,
    Coverage,
    CustomerCase,
    Deal,
    Entry,
    Fact,
    Obligation,
    Organisation,
    Topic,
    User,
    today,
)
from accounts.rules import clocks

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def days_ago(days: float) -> datetime:
    return clocks.now() - timedelta(days=days)


def at_time(instant: datetime) -> AbstractContextManager[None]:
    """Within this block it is that instant, for the product's clock and what it asks of the database's."""
    return clocks.running(lambda: instant)


def in_days(days: int) -> date:
    return today() + timedelta(days=days)


# ---- Builders: each makes one thing that is whole, with something sensible for all that is left out


def make_user(name: str, kind: str = User.Kind.REP, *, reports_to: User | None = None, **fields: Any) -> User:
    email = fields.pop("email", name.lower().replace(" ", ".") + "@vendor.example")
    return User.objects.create_user(email, name, kind=kind, reports_to=reports_to, **fields)


def make_account(
    name: str, owner: User, *, days: float = 400, acting: bool = False, **fields: Any
) -> Account:
    """An open account that `owner` has served for so many days. `acting`: who has not read it back."""
    with transaction.atomic():
        account = Account.objects.create(name=name, **fields)
        make_coverage(account, owner, Coverage.Role.OWNER, days=days, acting=acting)
    return account


def make_coverage(
    account: Account,
    person: User,
    role: str = Coverage.Role.SUPPORT,
    *,
    days: float = 100,
    acting: bool = False,
) -> Coverage:
    return Coverage.objects.create(
        account=account,
        role=role,
        person=person,
        acting=acting,
        started_at=days_ago(days),
        started_by=person,
        started_because="Serves them",
    )


def make_contact(account: Account, name: str, *roles: str, **fields: Any) -> Contact:
    return Contact.objects.create(account=account, name=name, roles=list(roles), **fields)


def make_champion(account: Account, name: str, **fields: Any) -> Contact:
    standing = {
        "title": "Head of finance systems",
        "strength": Contact.Strength.SELLING,
        "evidence": "Argued for us in the board meeting.",
        "cost": "Fell out with her own purchasing over us.",
    }
    return make_contact(account, name, Contact.Role.CHAMPION, **(standing | fields))


def make_customer(contact: Contact) -> User:
    """A sign-in for a customer's contact."""
    email = contact.email or contact.name.lower().replace(" ", ".") + "@customer.example"
    return User.objects.create_user(email, contact.name, kind=User.Kind.CUSTOMER, contact=contact)


def make_entry(
    account: Account,
    text: str = "We talked about the migration.",
    *,
    by: User | Contact | None = None,
    kind: str = Entry.Kind.CONVERSATION,
    days: float = 3,
    contacts: list[Contact] | None = None,
    **fields: Any,
) -> Entry:
    by = by or the_owner(account)
    return Entry.record(account, kind, text, by=by, at=days_ago(days), contacts=contacts or [], **fields)


def make_stage(account: Account, stage: str, *, days: float = 30, evidence: str = "They said so.") -> Entry:
    return Entry.reach_stage(account, stage, evidence=evidence, by=the_owner(account), at=days_ago(days))


def make_fact(
    account: Account,
    topic: str = Topic.OUTCOME,
    text: str = "Close the books in three days",
    *,
    by: User | None = None,
    contact: Contact | None = None,
    **fields: Any,
) -> Fact:
    """Told by the contact when one is given, else inferred by us."""
    fields.setdefault("provenance", Fact.Provenance.TOLD if contact else Fact.Provenance.INFERRED)
    return Fact.state(
        account, Topic.objects.get(pk=topic), text, by=by or the_owner(account), contact=contact, **fields
    )


def make_obligation(
    account: Account,
    text: str = "Send the security answers",
    kind: str = Obligation.Kind.PROMISE,
    *,
    by: User | None = None,
    due_in: int | None = 7,
    **fields: Any,
) -> Obligation:
    """Due in so many days; a negative number makes it late."""
    due = None if due_in is None else in_days(due_in)
    return Obligation.owe(account, kind, text, by=by or the_owner(account), due=due, **fields)


def make_case(
    account: Account,
    text: str,
    kind: str = Obligation.Kind.QUESTION,
    *,
    by: User | None = None,
    due_in: int | None = 7,
    **fields: Any,
) -> CustomerCase:
    """What waits for an answer of ours: a question, feedback or a repair."""
    due = None if due_in is None else in_days(due_in)
    return CustomerCase.owe(account, kind, text, by=by or the_owner(account), due=due, **fields)


def make_question(
    account: Account, contact: Contact, text: str = "Can we export it all?", **fields: Any
) -> CustomerCase:
    return make_case(account, text, contact=contact, **fields)


def make_deal(account: Account, name: str = "Renewal", **fields: Any) -> Deal:
    standing: dict[str, Any] = {
        "kind": Deal.Kind.RENEWAL,
        "holder": the_owner(account),
        "amount": Decimal(42_000),
        "expected_close": in_days(60),
    }
    return Deal.objects.create(account=account, name=name, **(standing | fields))


def the_owner(account: Account) -> User:
    owner = account.owner
    assert owner is not None
    return owner


# ---- The cast


def the_cast() -> SimpleNamespace:
    """Everybody, their accounts, and a little memory on Acme."""
    cast = SimpleNamespace()
    cast.petra = make_user("Petra Lindqvist", User.Kind.MANAGER, title="Head of sales")
    cast.max = make_user("Max Adeyemi", User.Kind.MANAGER, reports_to=cast.petra, title="Sales manager")
    cast.olivia = make_user("Olivia Brandt", reports_to=cast.max, title="Account executive")
    cast.ines = make_user("Ines Carvalho", reports_to=cast.max, title="Account executive")
    cast.nils = make_user("Nils Aalto", reports_to=cast.petra, title="Account executive")
    cast.omar = make_user("Omar Haddad", User.Kind.OPERATIONS, title="Sales operations")
    organisation = Organisation.get()
    organisation.name, organisation.last_resort = "Vendor", cast.petra
    organisation.save()

    cast.acme = make_account(
        "Acme Robotics", cast.olivia, industry="Robotics", region="Nordics", segment="Enterprise"
    )
    cast.borealis = make_account("Borealis Foods", cast.olivia, industry="Food", region="Nordics")
    cast.cobalt = make_account("Cobalt Mining", cast.ines, industry="Mining", region="DACH")
    cast.dunmore = make_account("Dunmore Press", cast.nils, industry="Publishing", region="Ireland")

    cast.champion = make_champion(cast.acme, "Carla Weiss", email="carla@acme.example")
    cast.carla = make_customer(cast.champion)
    cast.dieter = make_contact(cast.acme, "Dieter Krol", Contact.Role.PROCUREMENT, title="Purchasing")
    return cast


class Reader(Client):
    """A browser whose pages read as they are seen: how a template is broken into lines does not count."""

    APART = re.compile(r"(<(textarea|pre|script)\b.*?</\2>|<[^>]*>)", re.DOTALL)

    def request(self, **request: Any) -> Any:
        page = super().request(**request)
        if not page.streaming and page.get("Content-Type", "").startswith("text/html"):
            page.content = self.as_seen(page.content.decode()).encode()
        return page

    def as_seen(self, html: str) -> str:
        """A line break at the edge of an element goes, and any other is a space; what was typed stays as it is."""
        parts, last, end = [], "", 0
        for tag in self.APART.finditer(html):
            text = re.sub(r"\s*\n\s*", "\n", html[end : tag.start()])
            after, before = last.startswith("</"), not tag[0].startswith("</")
            text = text if text.strip("\n") else text.strip("\n")
            text = re.sub(r"^\n", " " if after else "", re.sub(r"\n$", " " if before else "", text))
            last = tag[0] if tag[2] else re.sub(r"\n\s+", " ", tag[0])
            parts += [text.replace("\n", " "), last]
            end = tag.end()
        return "".join([*parts, html[end:]])


class CastTestCase(TestCase):
    """A test with the whole cast as attributes, and a browser for each of them."""

    petra: User
    max: User
    olivia: User
    ines: User
    nils: User
    omar: User
    carla: User
    acme: Account
    borealis: Account
    cobalt: Account
    dunmore: Account
    champion: Contact
    dieter: Contact

    @classmethod
    def setUpTestData(cls) -> None:
        for name, value in vars(the_cast()).items():
            setattr(cls, name, value)

    def as_(self, user: User) -> Client:
        client = Reader()
        client.force_login(user, backend=BACKEND)
        return client

    def browse(self, user: User, name: str, /, *args: object, **query: Any) -> HttpResponse:
        """The answer to GET of a page by its URL name: `self.browse(self.max, "account", self.acme.pk)`"""
        return self.as_(user).get(reverse(name, args=args), query)  # type: ignore[return-value]

    def send(self, user: User, name: str, /, *args: object, **fields: Any) -> HttpResponse:
        """The answer to POST of a form."""
        return self.as_(user).post(reverse(name, args=args), fields)  # type: ignore[return-value]
