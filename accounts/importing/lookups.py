"""Finding people, accounts and contacts by their id, address or name, known or about to be made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from . import values
from .book import PlannedAccount, PlannedPerson

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
        self._by_pk: dict[int, PlannedAccount] = {}
        for customer in customers:
            self.add(customer)
        for customer in self.everyone:
            for part in customer.parts:
                self._remember(part)
        for record in [part for customer in self.everyone for part in (customer, *customer.parts)]:
            for name in record.former_names:
                self.name_also(name, record)

    def add(self, customer: PlannedAccount) -> PlannedAccount:
        self.everyone.append(customer)
        self._remember(customer)
        return customer

    def _remember(self, record: PlannedAccount) -> None:
        if record.pk:
            self._by_pk[record.pk] = record
        if record.external_id:
            self._by_id.setdefault(record.external_id, record)
        self._by_name.setdefault(values.key(record.name), record)
        self._bare.setdefault(values.bare(record.name), record)

    def name_also(self, name: str, customer: PlannedAccount) -> None:
        self._by_name.setdefault(values.key(name), customer)

    def id_also(self, external_id: str, customer: PlannedAccount) -> None:
        """Find this account by that id, too; it becomes its own."""
        customer.external_id = external_id
        self._by_id.setdefault(external_id, customer)

    def record(self, text: str) -> PlannedAccount | None:
        """What this id or name means, be it merged into another meanwhile."""
        return (
            self._by_id.get(values.record_id(text)) or self._by_name.get(values.key(text)) if text else None
        )

    def part(self, external_id: str, name: str) -> PlannedAccount | None:
        """What was merged into another account and is meant by this id, or by this name where no id says otherwise."""
        found = self._by_id.get(external_id) if external_id else None
        named = found or self._by_name.get(values.key(name))
        if named is None or named.merged_into is None:
            return None
        return named if found or not (external_id and named.external_id) else None

    def by_pk(self, pk: int | None) -> PlannedAccount | None:
        record = self._by_pk.get(pk or 0)
        return record.home if record else None

    def refer(self, reference: str, customer: PlannedAccount) -> None:
        """Find this account by that reference of ours as well."""
        self._by_id.setdefault(reference, customer)

    def by_id(self, text: str) -> PlannedAccount | None:
        record = self._by_id.get(values.record_id(text)) if text else None
        return record.home if record else None

    def by_name(self, text: str) -> PlannedAccount | None:
        record = self._by_name.get(values.key(text)) if text else None
        return record.home if record else None

    def find(self, text: str) -> PlannedAccount | None:
        return self.by_id(text) or self.by_name(text)

    def names_of(self, text: str, customer: PlannedAccount) -> list[str]:
        """What this account goes or went by, as ids of rows are made of it: first as what `text` names is called."""
        named = self.record(text)
        return list(dict.fromkeys([named.name, *customer.names] if named else customer.names))

    def alike(self, name: str) -> PlannedAccount | None:
        """An account whose name is nearly this one."""
        bare = values.bare(name)
        if bare in self._bare:
            return self._bare[bare].home
        if len(bare) < 6 or len(self._bare) > MOST_COMPARED:
            return None
        for other, _, _ in process.extract(
            bare, self._bare.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=3
        ):
            if _digits(other) == _digits(bare):
                return self._bare[other].home
        return None


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def own_id(customer: PlannedAccount, external_id: str) -> str:
    """The id of a record among those of its own account.

    Ids of other systems are unique here. Whoever does not see every account gives these instead: they never meet a
    record of an account that the importer may not see, so that none is shown by a refusal.
    """
    return _own_id(customer.pk, external_id)


def known_ids(customer: PlannedAccount, external_ids: Iterable[str]) -> list[str]:
    """All ids under which a record may be kept that another system calls by one of these."""
    return [
        each
        for external_id in external_ids
        if external_id
        for each in (external_id, *(_own_id(pk, external_id) for pk in customer.pks))
    ]


def _own_id(pk: int | None, external_id: str) -> str:
    return "import:" + hashlib.sha256(f"{pk}|{external_id}".encode()).hexdigest()[:24]
