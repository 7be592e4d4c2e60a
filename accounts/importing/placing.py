"""Where a row belongs: rows name an account, a contact, a deal, or stand beside one in an association file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar

from . import values
from .book import UNCHANGED, PlannedAccount, PlannedContact, StagedRow
from .identity import ContactLookup
from .links import ENDS
from .lookups import known_ids
from .review import Review
from .values import Unfit

T = TypeVar("T")
LEAD = "00Q"
SEVERAL = re.compile(r"\s*;\s*|\s*\n\s*")


def sole(found: Iterable[T]) -> T | None:
    """The one thing that was found, or nothing when there are none or several."""
    different = list(dict.fromkeys(found))
    return different[0] if len(different) == 1 else None


class Placement:
    """Finds whose a row is, by whatever it says of an account, its people and its deals."""

    def __init__(self, review: Review, contacts: ContactLookup) -> None:
        self.review, self.contacts, self.links = review, contacts, review.links
        self._by_name: dict[str, list[PlannedContact]] = defaultdict(list)
        self._by_email: dict[str, list[PlannedContact]] = defaultdict(list)
        self._deals: dict[str, PlannedAccount] = {}
        self._names: dict[str, str] = {}
        self._deals_named: dict[str, list[PlannedAccount]] = defaultdict(list)
        self._activities: set[str] = set()
        planned = [contact for contact in review.plan.contacts if contact.pk is None]
        for contact in [*review.known.contacts, *planned]:
            self._by_name[values.key(contact.fields["name"])].append(contact)
            if contact.fields.get("email"):
                self._by_email[contact.fields["email"].casefold()].append(contact)
        for known in review.known.deals.values():
            self.add_deal(known.customer, known.fields["external_id"], known.fields["name"])

    def add_deal(self, customer: PlannedAccount, record: str, name: str) -> None:
        self._deals[record] = customer
        self._names[record] = name
        self._deals_named[values.key(name)].append(customer)

    # One reference

    def account(self, text: str) -> Iterator[PlannedAccount]:
        found = self.review.customers.find(text)
        if found:
            yield found

    def _own(self, record: str) -> Iterator[str]:
        """An id as it is kept here: by whoever does not see every account, among those of each account."""
        yield record
        if not self.review.known.operations:
            for customer in self.review.known.customers:
                yield from known_ids(customer, [record])

    def contact(self, text: str) -> list[PlannedContact]:
        """Those whom an id, an address or a name means: “Ada Reed”, “Reed, Ada”, “Ada <ada@alder.example>”."""
        record = values.record_id(text)
        if not record:
            return []
        if by_id := next((c for own in self._own(record) if (c := self.contacts.by_id.get(own))), None):
            return [by_id]
        if address := re.search(r"[^\s<>(,]+@[^\s<>),]+", text):
            return self._by_email.get(address[0].casefold(), [])
        last, comma, first = text.partition(",")
        turned = f"{first} {last}" if comma else text
        return self._by_name.get(values.key(text)) or self._by_name.get(values.key(turned), [])

    def deal(self, text: str) -> list[PlannedAccount]:
        record = values.record_id(text)
        if not record:
            return []
        by_id = next((self._deals[own] for own in self._own(record) if own in self._deals), None)
        return [by_id] if by_id else list(dict.fromkeys(self._deals_named.get(values.key(text), [])))

    def name_of_deal(self, text: str) -> str:
        return next(
            (self._names[own] for own in self._own(values.record_id(text)) if own in self._names), text
        )

    # A row

    def people(self, row: StagedRow) -> Iterator[tuple[str, list[PlannedContact]]]:
        """Each person of theirs whom the row names, with those who may be meant."""
        for column in ("who", "email", "whom", "to", "sender"):
            for text in self._each(row.prose(column)):
                if values.record_id(text) and not text.startswith(LEAD):
                    yield text, self.contact(text)
        for record in self.links.of("activity", row.record("external_id"), "contact"):
            yield record, self.contact(record)

    def _each(self, cell: str) -> Iterator[str]:
        """The people in a cell, which other systems divide by semicolons, lines or commas."""
        for text in SEVERAL.split(cell):
            several = "," in text and not self.contact(text)
            yield from (part.strip() for part in text.split(",")) if several else [text]

    def _places(self, row: StagedRow) -> Iterator[list[PlannedAccount]]:
        """The accounts that each of the row's references may mean, the surest reference first."""
        yield list(self.account(row.text("account")))
        what, record = row.text("what"), row.record("external_id")
        if values.record_id(what):
            yield list(self._anything(what))
        for _, found in self.people(row):
            yield [contact.customer for contact in found]
        if row.text("deal"):
            yield self.deal(row.text("deal"))
        for text in self.links.of("activity", record, "account"):
            yield list(self.account(text))
        for text in self.links.of("activity", record, "deal"):
            yield self.deal(text)

    def _anything(self, text: str) -> Iterator[PlannedAccount]:
        """What a column such as “Regarding” may name: an account, a contact or a deal."""
        yield from self.account(text)
        yield from (contact.customer for contact in self.contact(text))
        yield from self.deal(text)

    def of(self, row: StagedRow) -> PlannedAccount:
        """The account that a row is about. Raises `Unfit` with the reason when there is none, or more than one."""
        candidates: list[PlannedAccount] = []
        for found in self._places(row):
            both = [customer for customer in candidates if customer in found]
            candidates = both or candidates or list(dict.fromkeys(found))
        if len(candidates) > 1:
            names = " or ".join(f"“{customer.name}”" for customer in candidates[:3])
            raise Unfit(f"It may be about {names}: what it names is there more than once.")
        if not candidates:
            raise Unfit(self._nowhere(row))
        return candidates[0]

    def mentioned(self, row: StagedRow, customer: PlannedAccount) -> tuple[list[PlannedContact], list[str]]:
        """Who of the account's people took part, and the names of those whom nobody here bears."""
        known: list[PlannedContact] = []
        strangers: list[str] = []
        for text, found in self.people(row):
            theirs = [contact for contact in found if contact.customer is customer]
            several = len({(values.key(one.fields["name"]), one.fields["email"]) for one in theirs}) > 1
            if several:
                theirs = []  # what is said of one of two is laid to neither
            known += [contact for contact in theirs[:1] if contact not in known]
            if (several or not found) and not self.review.people.find(text):
                strangers.append(values.plain(text))
        called = {values.key(contact.fields["name"]) for contact in known}
        ids = (
            text for text in strangers if not values.looks_like_id(text) and values.key(text) not in called
        )
        return known, list(dict.fromkeys(ids))

    def _nowhere(self, row: StagedRow) -> str:
        if values.record_id(row.text("account")):
            return f"It is about the account “{row.text('account')}”, which is not here."
        if row.text("who").startswith(LEAD) or row.text("what").startswith(LEAD):
            return "It is about a lead, which belongs to no account."
        for column, what in (("what", "record"), ("who", "contact"), ("email", "contact"), ("whom", "contact"),
                             ("deal", "deal")):  # fmt: skip
            if values.record_id(row.text(column)):
                return f"It is about the {what} “{row.text(column)}”, which is not here or belongs to no account."
        tied = any(self.links.of("activity", row.record("external_id"), end) for end in ENDS[:3])
        return (
            "What it is associated with is not here."
            if tied
            else self.review.unplaced(row, "It names neither an account nor a contact.")
        )

    # Rows of other kinds

    def of_deal(self, row: StagedRow) -> PlannedAccount | None:
        """The account of a deal that names none: by an association file, or that of its contact."""
        record = row.record("external_id")
        if found := sole(c for text in self.links.of("deal", record, "account") for c in self.account(text)):
            return found
        texts = [
            *self.links.of("deal", record, "contact"),
            *(row.text(name) for name in ("who", "whom", "email")),
        ]
        return sole(contact.customer for text in texts for contact in self.contact(text))

    def settle_links(self) -> None:
        """Say of each row of an association file whether both of its ends are here."""
        activities = {row.record("external_id") for table in self.review.of("task") for row in table.rows}
        for row in self.review.each("link"):
            missing = [
                f"the {end} “{row.text(end)}”" for end in ENDS if not self._is_here(end, row, activities)
            ]
            if missing:
                verb = "are" if len(missing) > 1 else "is"
                told = f"It ties together two records, and {' and '.join(missing)} {verb} not here."
                self.review.aside(row, told)
            else:
                self.review.plan.settle(row, UNCHANGED)

    def _is_here(self, end: str, row: StagedRow, activities: set[str]) -> bool:
        text, record = row.text(end), row.record(end)
        found = {"account": self.account, "contact": self.contact, "deal": self.deal}
        if not record:
            return True
        if end == "activity":
            return record in activities or not self.review.known.entries.isdisjoint(self._own(record))
        return any(found[end](text))
