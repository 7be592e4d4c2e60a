"""Contacts, and the tasks and notes that are about them or their accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, time

from accounts.models.contacts import Erasure

from . import values
from .book import (
    CHANGED,
    NEW,
    UNCHANGED,
    Fields,
    PlannedAccount,
    PlannedActivity,
    PlannedContact,
    PlannedPerson,
    StagedRow,
    news,
)
from .deals import find_customer
from .lookups import ContactLookup, own_id
from .people import full_name, is_address
from .review import Review
from .values import Unfit

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
        raise Unfit("It names no account, and a contact is always somebody's.")
    customer = find_customer(review, account, "contact")
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


# ---- Tasks and notes


def plan_activities(review: Review, contacts: ContactLookup) -> None:
    deals = {external_id: deal.customer for external_id, deal in review.known.deals.items()}
    deals |= {d.fields["external_id"]: d.customer for d in review.plan.deals if "external_id" in d.fields}
    for row, activity in review.fitting("task", lambda row: _read(review, row, contacts, deals)):
        ids = {activity.external_id, own_id(activity.customer, activity.external_id)}
        if not ids.isdisjoint(review.known.entries):
            review.plan.settle(row, UNCHANGED)
            continue
        review.known.entries |= ids
        activity.external_id = review.new_id(activity.customer, activity.external_id)
        review.plan.activities.append(activity)
        review.plan.settle(row, NEW)


def _read(
    review: Review, row: StagedRow, contacts: ContactLookup, deals: dict[str, PlannedAccount]
) -> PlannedActivity:
    who = contacts.by_id.get(row.record("who"))
    customer = _customer_of(review, row, who, deals)
    who = who or contacts.named(customer, row.text("whom"))
    subject, text = row.text("subject"), row.prose("text")
    if not (subject or text):
        raise Unfit("It has neither a subject nor a text.")
    at = _moment(review, row)
    status = row.text("status")
    done = values.key(status) in {"", "completed", "done", "closed"}
    kind = KINDS.get(values.key(row.text("type")), "note") if done else "note"
    author, author_name = _author(review, row.text("author"))
    consent = _consent(row) if kind == WEB else ""
    remarks = (text or subject, consent, "" if done else f"Status in the other system: {status}")
    said = "\n\n".join(remark for remark in remarks if remark)
    base = f"{values.key(customer.name)}|{at.isoformat()}|{subject}|{text}"
    digest = hashlib.sha256(base.encode()).hexdigest()
    return PlannedActivity(
        customer, kind, at, subject, said, row.record("external_id") or f"import:{digest[:24]}",
        author, author_name, who if who and who.customer is customer else None, row.source,
    )  # fmt: skip


def _consent(row: StagedRow) -> str:
    """What somebody read or took from our pages is kept with their permission, or not at all."""
    given = row.text("consent")
    if values.key(given) in REFUSED:
        raise Unfit("Nobody's consent to keep it is noted: what somebody reads on our pages is theirs.")
    agreed = values.key(given) in {"yes", "y", "true", "1"}
    return "With their consent." if agreed else f"With their consent: {given}"


def _customer_of(
    review: Review, row: StagedRow, who: PlannedContact | None, deals: dict[str, PlannedAccount]
) -> PlannedAccount:
    """The account a task is about: named itself, or that of what or whom it is about."""
    what = row.record("what")
    named = row.text("account")
    of_theirs = who.customer if who else None
    if found := review.customers.find(named) or review.customers.by_id(what) or deals.get(what) or of_theirs:
        return found
    if values.record_id(named):
        raise Unfit(f"It is about the account “{named}”, which is not here.")
    about = row.record("who") or what
    if not about:
        raise Unfit("It names neither an account nor a contact.")
    raise Unfit(f"It is about {WITHOUT_ACCOUNT.get(about[:3], 'a record that is not here')}.")


def _moment(review: Review, row: StagedRow) -> datetime:
    """When it happened; what lies in the future was only planned, and counts from when it was written down."""
    for name in ("happened", "created"):
        text = row.text(name)
        if not text:
            continue
        row.day(name)  # a bad date is told with its column
        moment = values.instant(text, row.table.form(name))
        assert moment is not None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=review.zone)
            if moment.time() == time.min:
                moment = moment.replace(hour=12)  # a day without an hour: the middle of it
        if moment <= review.now:
            return moment
    raise Unfit("It has no date in the past, so it cannot be put into the account's history.")


def _author(review: Review, text: str) -> tuple[PlannedPerson | None, str]:
    """Who wrote it: one of ours, or the name as the other system has it. Whoever imports only where the file says so.

    Only operations may say that a colleague wrote something; anybody else's rows name them in words.
    """
    if not values.record_id(text):
        return None, "Unknown author"
    if person := review.people.find(text):
        theirs = review.known.operations or person is review.known.importer
        return (person, "") if theirs else (None, person.name)
    if values.looks_like_record(values.record_id(text)):
        return None, f"Salesforce user {values.record_id(text)}"
    return None, values.plain(text)[:200]
