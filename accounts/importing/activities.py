"""Contacts, and the tasks and notes that are about them or their accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from accounts.models.contacts import Erasure

from . import values
from .book import ASIDE, CHANGED, NEW, UNCHANGED, Customer, Happening, Line, Person, PlannedContact, Table
from .deals import find_customer
from .people import full_name, is_address
from .values import Unfit

if TYPE_CHECKING:
    from .review import Desk

WEB = "web"
KINDS = {
    "email": "email",
    "call": "conversation",
    "meeting": "visit",
    "visit": "visit",
    "event": "visit",
    "web": WEB,
    "web visit": WEB,
    "website visit": WEB,
    "page view": WEB,
    "download": WEB,
    "form": WEB,
    "webinar": WEB,
}
REFUSED = {"", "no", "n", "false", "0", "none", "withdrawn"}
ERASED = "This person was erased here. Whoever wants to be known again is written down by hand."
WITHOUT_ACCOUNT = {"00Q": "a lead, which belongs to no account", "003": "a contact who has no account here"}


class Contacts:
    """Contacts by id, and within an account by e-mail and name."""

    def __init__(self, contacts: Iterable[PlannedContact]) -> None:
        self.by_id: dict[str, PlannedContact] = {}
        self._by_email: dict[tuple[Customer, str], PlannedContact] = {}
        self._by_name: dict[tuple[Customer, str], PlannedContact] = {}
        for contact in contacts:
            self.add(contact)

    def add(self, contact: PlannedContact) -> None:
        fields = contact.fields
        if fields.get("external_id"):
            self.by_id[fields["external_id"]] = contact
        if fields.get("email"):
            self._by_email.setdefault((contact.customer, fields["email"].casefold()), contact)
        self._by_name.setdefault((contact.customer, values.key(fields["name"])), contact)

    def find(self, customer: Customer, fields: dict[str, Any]) -> PlannedContact | None:
        if contact := self.by_id.get(fields["external_id"]):
            return contact
        contact = self._by_email.get((customer, fields["email"].casefold())) if fields["email"] else None
        contact = contact or self._by_name.get((customer, values.key(fields["name"])))
        if contact and contact.fields.get("external_id") and fields["external_id"]:
            return None  # two ids, two people
        return contact


def plan_contacts(desk: Desk) -> Contacts:
    contacts = Contacts(desk.known.contacts)
    met: dict[int, Line] = {}
    for table, line in desk.each("contact"):
        try:
            customer, fields, note = _read_contact(desk, table, line)
        except Unfit as error:
            desk.plan.settle(line, ASIDE, str(error))
            continue
        contact = contacts.find(customer, fields)
        if contact and id(contact) in met:
            first = met[id(contact)]
            desk.plan.settle(
                line, ASIDE, f"{fields['name']} is already in row {first.number} (line {first.line})."
            )
            continue
        if contact is None:
            if was_erased(desk, customer, fields):
                desk.plan.settle(line, ASIDE, ERASED)
                continue
            contact = PlannedContact(customer, fields)
            contacts.add(contact)
            desk.plan.contacts.append(contact)
            desk.plan.settle(line, NEW, note)
        else:
            _compare(desk, line, contact, fields, note)
        met[id(contact)] = line
    return contacts


def was_erased(desk: Desk, customer: Customer, fields: dict[str, Any]) -> bool:
    marks = Erasure.marks_of(
        customer.pk, name=fields["name"], email=fields["email"], external_id=fields["external_id"]
    )
    return not desk.known.erased.isdisjoint(marks)


def _read_contact(desk: Desk, table: Table, line: Line) -> tuple[Customer, dict[str, Any], str]:
    name = full_name(table, line)
    if not name:
        raise Unfit("It names nobody: there is neither a name nor an e-mail address.")
    account = table.text(line, "account")
    if not values.record_id(account):
        raise Unfit("It names no account, and a contact is always somebody's.")
    customer = find_customer(desk, account, "contact")
    if customer.closed:
        raise Unfit(f"{customer.name} is closed here.")
    email = table.text(line, "email")
    note = (
        "" if not email or is_address(email) else f"“{email}” is not an e-mail address; the contact has none."
    )
    fields = {
        "name": name[:200],
        "email": email if email and not note else "",
        "phone": table.text(line, "phone"),
        "title": table.text(line, "title"),
        "external_id": table.record(line, "external_id"),
    }
    return customer, fields, note


def _compare(desk: Desk, line: Line, contact: PlannedContact, fields: dict[str, Any], note: str) -> None:
    said = {name: value for name, value in fields.items() if value and contact.fields.get(name) != value}
    if "name" in said and contact.name_locked:
        del said["name"]
        note = (
            f"{note} The name stays “{contact.fields['name']}”: its spelling is kept when importing.".strip()
        )
    if "title" in said and contact.spelled:
        del said["title"]
        note = f"{note} The title stays as they wrote it themselves.".strip()
    if said:
        desk.plan.contacts.append(PlannedContact(contact.customer, said, pk=contact.pk))
        desk.plan.samples.append(
            f"{contact.fields['name']}: " + ", ".join(f"{k} {v}" for k, v in said.items())
        )
    desk.plan.settle(line, CHANGED if said else UNCHANGED, note)


# ---- Tasks and notes


def plan_happenings(desk: Desk, contacts: Contacts) -> None:
    deals = {
        deal.fields["external_id"]: deal.customer for deal in desk.plan.deals if "external_id" in deal.fields
    }
    deals = {external_id: deal.customer for external_id, deal in desk.known.deals.items()} | deals
    for table, line in desk.each("task"):
        try:
            happening = _read(desk, table, line, contacts, deals)
        except Unfit as error:
            desk.plan.settle(line, ASIDE, str(error))
            continue
        if happening.external_id in desk.known.entries:
            desk.plan.settle(line, UNCHANGED)
            continue
        desk.known.entries.add(happening.external_id)
        desk.plan.happenings.append(happening)
        desk.plan.settle(line, NEW)


def _read(desk: Desk, table: Table, line: Line, contacts: Contacts, deals: dict[str, Customer]) -> Happening:
    who = contacts.by_id.get(table.record(line, "who"))
    customer = _customer_of(desk, table, line, who, deals)
    subject, text = table.text(line, "subject"), table.prose(line, "text")
    if not (subject or text):
        raise Unfit("It has neither a subject nor a text.")
    at = _moment(desk, table, line)
    status = table.text(line, "status")
    done = values.key(status) in {"", "completed", "done", "closed"}
    kind = KINDS.get(values.key(table.text(line, "type")), "note") if done else "note"
    author, author_name = _author(desk, table.text(line, "author"))
    consent = _consent(table, line) if kind == WEB else ""
    remarks = (text or subject, consent, "" if done else f"Status in the other system: {status}")
    told = "\n\n".join(remark for remark in remarks if remark)
    digest = hashlib.sha256(
        f"{values.key(customer.name)}|{at.isoformat()}|{subject}|{text}".encode()
    ).hexdigest()
    return Happening(
        customer, kind, at, subject, told, table.record(line, "external_id") or f"import:{digest[:24]}",
        author, author_name, who if who and who.customer is customer else None,
    )  # fmt: skip


def _consent(table: Table, line: Line) -> str:
    """What somebody read or took from our pages is kept with their permission, or not at all."""
    given = table.text(line, "consent")
    if values.key(given) in REFUSED:
        raise Unfit("Nobody's consent to keep it is noted: what somebody reads on our pages is theirs.")
    return (
        "With their consent."
        if values.key(given) in {"yes", "y", "true", "1"}
        else f"With their consent: {given}"
    )


def _customer_of(
    desk: Desk, table: Table, line: Line, who: PlannedContact | None, deals: dict[str, Customer]
) -> Customer:
    """The account a task is about: named itself, or that of what or whom it is about."""
    what = table.record(line, "what")
    named = table.text(line, "account")
    of_theirs = who.customer if who else None
    if found := desk.customers.find(named) or desk.customers.by_id(what) or deals.get(what) or of_theirs:
        return found
    if values.record_id(named):
        raise Unfit(f"It is about the account “{named}”, which is not here.")
    about = table.record(line, "who") or what
    if not about:
        raise Unfit("It names neither an account nor a contact.")
    raise Unfit(f"It is about {WITHOUT_ACCOUNT.get(about[:3], 'a record that is not here')}.")


def _moment(desk: Desk, table: Table, line: Line) -> datetime:
    """When it happened; what lies in the future was only planned, and counts from when it was written down."""
    for name in ("happened", "created"):
        text = table.text(line, name)
        if not text:
            continue
        table.day(line, name)  # a bad date is told with its column
        moment = values.instant(text, table.form(name))
        assert moment is not None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=desk.zone)
            if moment.time() == time.min:
                moment = moment.replace(hour=12)  # a day without an hour: the middle of it
        if moment <= desk.now:
            return moment
    raise Unfit("It has no date in the past, so it cannot be put into the account's history.")


def _author(desk: Desk, text: str) -> tuple[Person | None, str]:
    """Who wrote it: one of ours, or the name as the other system has it. Never whoever imports."""
    if not values.record_id(text):
        return None, "Unknown author"
    if person := desk.people.find(text):
        return person, ""
    if values.looks_like_record(values.record_id(text)):
        return None, f"Salesforce user {values.record_id(text)}"
    return None, values.plain(text)[:200]
