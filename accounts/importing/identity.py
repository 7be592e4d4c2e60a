"""Whether a row about a contact means somebody who is known: by id, or by what the two have in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rapidfuzz import fuzz

from . import values
from .book import Fields, PlannedAccount, PlannedContact, news
from .lookups import known_ids

Reason: TypeAlias = Literal["id", "name and address", "name and phone", "name", "address", "phone"]
#: Names this near are one name with a slip of the pen.
NEARLY = 88
SHORTEST_PHONE = 7


@dataclass(frozen=True)
class ContactMatch:
    """Somebody whom a row may mean, and why; `doubt` says what speaks against it, in words, or nothing."""

    contact: PlannedContact
    reason: Reason
    doubt: str = ""


def digits(phone: str) -> str:
    """A phone number as it is compared: its last nine digits, so that the country may be left out; or nothing."""
    found = "".join(sign for sign in phone if sign.isdigit())
    return found[-9:] if len(found) >= SHORTEST_PHONE else ""


def alike(one: str, other: str) -> bool:
    """Whether two names may be the same person’s: a slip, an initial, or a new last name."""
    first, second = (values.key(name).replace(".", " ").split() for name in (one, other))
    if not (first and second):
        return False
    if first[0] == second[0] or fuzz.token_sort_ratio(" ".join(first), " ".join(second)) >= NEARLY:
        return True
    initial = min(first[0], second[0], key=len)
    return first[-1] == second[-1] and len(initial) == 1 and first[0][0] == second[0][0]


class ContactLookup:
    """Contacts by id, and within an account by name, address and phone."""

    def __init__(self, contacts: Iterable[PlannedContact]) -> None:
        self.by_id: dict[str, PlannedContact] = {}
        self._by_pk: dict[int, PlannedContact] = {}
        self._by: dict[tuple[PlannedAccount, str, str], list[PlannedContact]] = defaultdict(list)
        for contact in contacts:
            self.add(contact)

    def add(self, contact: PlannedContact) -> None:
        if contact.pk:
            self._by_pk[contact.pk] = contact
        if external_id := contact.fields.get("external_id"):
            self.by_id[external_id] = contact
        for what, text in _marks(contact.fields):
            self._by[contact.customer, what, text].append(contact)

    def named(self, customer: PlannedAccount, name: str) -> PlannedContact | None:
        """The one of that name; nobody where two of the account have it: what is said of one is not the other’s."""
        found = self._by.get((customer, "name", values.key(name)), [])
        return found[0] if len(found) == 1 else None

    def own(self, pk: int | None) -> ContactMatch | None:
        """Whom a row is about that went out from here."""
        found = self._by_pk.get(pk or 0)
        return ContactMatch(found, "id") if found else None

    def sure(
        self, customer: PlannedAccount, fields: Fields, taken: Container[PlannedContact] = ()
    ) -> ContactMatch | None:
        """Who has this id; else who has both this name and this address, first of those whom no other row means."""
        for each in known_ids(customer, [fields["external_id"]]):
            if each in self.by_id:
                return ContactMatch(self.by_id[each], "id")
        both = [
            c
            for c in self._having(customer, fields, "name")
            if c.fields["email"] and _same(c, fields, "email")
        ]
        found = _nearest(both, fields, taken)
        return ContactMatch(found, "name and address") if found else None

    def likely(
        self, customer: PlannedAccount, fields: Fields, taken: Container[PlannedContact] = ()
    ) -> ContactMatch | None:
        """Whom a row may mean that nobody is sure to be, with what speaks against it."""
        if same := _nearest(self._having(customer, fields, "name"), fields, taken):
            return _by_name(same, fields)
        for contact in self._having(customer, fields, "email"):
            if contact not in taken and contact.pk:
                return ContactMatch(contact, "address", "the name differs")
        for contact in self._having(customer, fields, "phone"):
            if contact not in taken and contact.pk and alike(contact.fields["name"], fields["name"]):
                return ContactMatch(contact, "phone", "the name differs")
        return None

    def _having(self, customer: PlannedAccount, fields: Fields, what: str) -> list[PlannedContact]:
        """Those of an account with the same name, address or phone. Two ids are two people."""
        text = dict(_marks(fields)).get(what)
        found = self._by.get((customer, what, text), []) if text else []
        return [c for c in found if not (c.fields.get("external_id") and fields["external_id"])]


def _marks(fields: Fields) -> list[tuple[str, str]]:
    told = [
        ("name", values.key(fields["name"])),
        ("email", fields.get("email", "").casefold()),
        ("phone", digits(fields.get("phone", ""))),
    ]
    return [(what, text) for what, text in told if text]


def _same(contact: PlannedContact, fields: Fields, what: str) -> bool:
    return dict(_marks(contact.fields)).get(what) == dict(_marks(fields)).get(what)


def _nearest(
    found: list[PlannedContact], fields: Fields, taken: Container[PlannedContact]
) -> PlannedContact | None:
    """The one of whom the row says least that is new; whom another row means only if there is nobody else."""
    return min(found, key=lambda c: (c in taken, len(news(fields, c.fields))), default=None)


def _by_name(contact: PlannedContact, fields: Fields) -> ContactMatch:
    """Of one name and account: doubtful where address or phone differ, unless the other of the two is the same."""
    told = {what for what, _ in _marks(fields)} & {what for what, _ in _marks(contact.fields)}
    same = {what for what in told if _same(contact, fields, what)}
    if "phone" in same:
        return ContactMatch(contact, "name and phone")
    differs = {"email": "the address differs", "phone": "the phone number differs"}
    return ContactMatch(
        contact, "name", " and ".join(differs[what] for what in differs if what in told - same)
    )
