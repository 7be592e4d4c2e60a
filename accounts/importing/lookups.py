"""Finding people, accounts and contacts by their id, address or name, known or about to be made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from . import values
from .book import Fields, PlannedAccount, PlannedContact, PlannedPerson

ALIKE = 92
#: Beyond this many names only those that differ by their legal form are compared.
MOST_COMPARED = 6_000


class PeopleLookup:
    def __init__(self, people: Iterable[PlannedPerson]) -> None:
        self.everybody: list[PlannedPerson] = []
        self._by_id: dict[str, PlannedPerson] = {}
        self._by_email: dict[str, PlannedPerson] = {}
        self._by_name: dict[str, list[PlannedPerson]] = {}
        for person in people:
            self.add(person)

    def add(self, person: PlannedPerson) -> PlannedPerson:
        self.everybody.append(person)
        if person.external_id:
            self._by_id[person.external_id] = person
        if person.email:
            self._by_email[person.email.casefold()] = person
        self._by_name.setdefault(values.key(person.name), []).append(person)
        return person

    def name_also(self, text: str, person: PlannedPerson) -> None:
        """From here on this text means that person."""
        self._by_name[values.key(text)] = [person]

    def find(self, text: str) -> PlannedPerson | None:
        named = self._by_name.get(values.key(text), [])
        return (
            self._by_id.get(values.record_id(text))
            or self._by_email.get(text.strip().casefold())
            or (named[0] if len(named) == 1 else None)
        )

    def free_email(self, name: str, domain: str) -> str:
        """An address for somebody who came without one; operations put it right later."""
        stem = ".".join(
            "".join(s for s in word if s.isascii() and s.isalnum()) for word in values.key(name).split()
        )
        stem = stem.strip(".") or "somebody"
        taken, number = f"{stem}@{domain}", 2
        while taken in self._by_email:
            taken, number = f"{stem}{number}@{domain}", number + 1
        return taken


class AccountLookup:
    def __init__(self, customers: Iterable[PlannedAccount]) -> None:
        self.everyone: list[PlannedAccount] = []
        self._by_id: dict[str, PlannedAccount] = {}
        self._by_name: dict[str, PlannedAccount] = {}
        self._bare: dict[str, PlannedAccount] = {}
        for customer in customers:
            self.add(customer)

    def add(self, customer: PlannedAccount) -> PlannedAccount:
        self.everyone.append(customer)
        if customer.external_id:
            self._by_id[customer.external_id] = customer
        self._by_name.setdefault(values.key(customer.name), customer)
        self._bare.setdefault(values.bare(customer.name), customer)
        return customer

    def name_also(self, name: str, customer: PlannedAccount) -> None:
        self._by_name.setdefault(values.key(name), customer)

    def id_also(self, external_id: str, customer: PlannedAccount, *, keep: bool = False) -> None:
        """Find this account by that id, too; it becomes its own unless `keep` leaves the one it has."""
        if not keep:
            customer.external_id = external_id
        self._by_id.setdefault(external_id, customer)

    def by_id(self, text: str) -> PlannedAccount | None:
        return self._by_id.get(values.record_id(text)) if text else None

    def by_name(self, text: str) -> PlannedAccount | None:
        return self._by_name.get(values.key(text)) if text else None

    def find(self, text: str) -> PlannedAccount | None:
        return self.by_id(text) or self.by_name(text)

    def alike(self, name: str) -> PlannedAccount | None:
        """An account whose name is nearly this one."""
        bare = values.bare(name)
        if bare in self._bare:
            return self._bare[bare]
        if len(bare) < 6 or len(self._bare) > MOST_COMPARED:
            return None
        for other, _, _ in process.extract(
            bare, self._bare.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=3
        ):
            if _digits(other) == _digits(bare):
                return self._bare[other]
        return None


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def own_id(customer: PlannedAccount, external_id: str) -> str:
    """The id of a record among those of its own account.

    Ids of other systems are unique here. Whoever does not see every account gives these instead: they never meet a
    record of an account that the importer may not see, so that none is shown by a refusal.
    """
    return "import:" + hashlib.sha256(f"{customer.pk}|{external_id}".encode()).hexdigest()[:24]


class ContactLookup:
    """Contacts by id, and within an account by e-mail and name."""

    def __init__(self, contacts: Iterable[PlannedContact]) -> None:
        self.by_id: dict[str, PlannedContact] = {}
        self._by_email: dict[tuple[PlannedAccount, str], PlannedContact] = {}
        self._by_name: dict[tuple[PlannedAccount, str], PlannedContact] = {}
        for contact in contacts:
            self.add(contact)

    def add(self, contact: PlannedContact) -> None:
        fields = contact.fields
        if fields.get("external_id"):
            self.by_id[fields["external_id"]] = contact
        if fields.get("email"):
            self._by_email.setdefault((contact.customer, fields["email"].casefold()), contact)
        self._by_name.setdefault((contact.customer, values.key(fields["name"])), contact)

    def named(self, customer: PlannedAccount, name: str) -> PlannedContact | None:
        return self._by_name.get((customer, values.key(name)))

    def find(self, customer: PlannedAccount, fields: Fields) -> PlannedContact | None:
        theirs = fields["external_id"]
        if contact := self.by_id.get(theirs) or self.by_id.get(own_id(customer, theirs)):
            return contact
        contact = self._by_email.get((customer, fields["email"].casefold())) if fields["email"] else None
        contact = contact or self._by_name.get((customer, values.key(fields["name"])))
        if contact and contact.fields.get("external_id") and fields["external_id"]:
            return None  # two ids, two people
        return contact
