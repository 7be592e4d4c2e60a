"""Contacts: whom a row is about, and what it would change of them."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models.contacts import Erasure

from . import values
from .book import (
    CHANGED,
    NEW,
    UNCHANGED,
    Fields,
    PlannedAccount,
    PlannedContact,
    StagedRow,
    news,
)
from .deals import find_customer
from .lookups import ContactLookup
from .people import full_name, is_address
from .review import Review
from .values import Unfit

ERASED = "This person was erased here. Whoever wants to be known again is written down by hand."


def plan_contacts(review: Review) -> ContactLookup:
    contacts = ContactLookup(review.known.contacts)
    met: dict[int, StagedRow] = {}
    for row, (customer, fields, note) in review.fitting("contact", lambda row: _read_contact(review, row)):
        contact = contacts.find(customer, fields)
        if contact and id(contact) in met:
            review.aside(row, f"{fields['name']} is already in {met[id(contact)]}.")
            continue
        if contact is None:
            marks = set(marks_of(customer, fields))
            if marks & review.known.erased:
                review.aside(row, ERASED)
                continue
            if marks & review.known.erased_elsewhere:
                review.ask_operations(
                    row, "", "This person was erased, on an account out of the importer’s sight."
                )
                continue
            theirs, fields["external_id"] = (
                fields["external_id"],
                review.new_id(customer, fields["external_id"]),
            )
            contact = PlannedContact(customer, fields, source=row.source)
            contacts.add(contact)
            if theirs:
                contacts.by_id.setdefault(theirs, contact)
            review.plan.contacts.append(contact)
            review.plan.settle(row, NEW, note)
        else:
            _compare(review, row, contact, fields, note)
        met[id(contact)] = row
    return contacts


def marks_of(customer: PlannedAccount, fields: Fields) -> Iterable[str]:
    """What recognises somebody who was erased; nothing is told of an account that the importer does not see."""
    return Erasure.marks_of(
        customer.pk, name=fields["name"], email=fields["email"], external_id=fields["external_id"]
    )


def _read_contact(review: Review, row: StagedRow) -> tuple[PlannedAccount, Fields, str]:
    name = full_name(row)
    if not name:
        raise Unfit("It names nobody: there is neither a name nor an e-mail address.")
    account = row.text("account")
    if not values.record_id(account):
        account = review.tied_account(row.record("external_id"))
    if not values.record_id(account):
        raise Unfit(row.unplaced("It names no account, and a contact is always somebody's."))
    customer = find_customer(review, account)
    if customer.closed:
        raise Unfit(f"{customer.name} is closed here.")
    email = row.text("email")
    fits = not email or is_address(email)
    note = "" if fits else f"“{email}” is not an e-mail address; the contact has none."
    fields = {
        "name": name[:200],
        "email": email if fits else "",
        "phone": row.text("phone"),
        "title": row.text("title"),
        "external_id": row.record("external_id"),
    }
    return customer, fields, note


def _compare(review: Review, row: StagedRow, contact: PlannedContact, fields: Fields, note: str) -> None:
    said = news(fields, contact.fields)
    if not review.known.operations:
        said.pop("external_id", None)
    if "email" in said and contact.signs_in:
        del said["email"]
        kept = contact.fields["email"]
        note = f"{note} The e-mail address stays “{kept}”: they sign in with it. Change it on their page.".strip()
    if "name" in said and contact.name_locked:
        del said["name"]
        kept = contact.fields["name"]
        note = f"{note} The name stays “{kept}”: its spelling is kept when importing.".strip()
    if "title" in said and contact.spelled:
        del said["title"]
        note = f"{note} The title stays as they wrote it themselves.".strip()
    if said:
        review.plan.contacts.append(PlannedContact(contact.customer, said, pk=contact.pk))
        review.plan.change(contact.customer, contact.fields["name"], said, row.source)
    review.plan.settle(row, CHANGED if said else UNCHANGED, note)
