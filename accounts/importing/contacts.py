"""Contacts: whom a row is about, and what it would change of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models.contacts import Erasure

from . import values
from .book import CHANGED, NEW, UNCHANGED, Fields, PlannedAccount, PlannedContact, StagedRow, news
from .deals import find_customer
from .identity import ContactLookup, ContactMatch, alike
from .people import full_name, is_address
from .review import Review
from .values import Unfit
from .vocabulary import meaning

ERASED = "This person was erased here. Whoever wants to be known again is written down by hand."
SAME, OTHER, APART = "same", "other", "aside"
BY = {
    "name and address": "name and address",
    "name and phone": "name, phone and account",
    "name": "name and account",
}


def plan_contacts(review: Review) -> ContactLookup:
    """Those whom nobody else can be come first: who is left may then be somebody whom the file names twice."""
    contacts = ContactLookup(review.known.contacts)
    read = list(review.fitting("contact", lambda row: _read_contact(review, row)))
    met: dict[PlannedContact, StagedRow] = {}
    by: Counter[str] = Counter()
    rest = []
    for row, (customer, fields, note) in read:
        match = contacts.own(review.own_pk(row)) or contacts.sure(customer, fields, met)
        if match is None:
            rest.append((row, customer, fields, note))
        elif match.contact in met:
            _say_twice(review, row, match.contact, met[match.contact])
        else:
            met[match.contact] = row
            by[match.reason] += 1
            _take(review, row, contacts, match, fields, note)
    others = Others(review, contacts, met, by)
    for each in rest:
        others.place(*each)
    for reason in BY:
        if count := by[reason]:
            people = "1 person is" if count == 1 else f"{count:,} people are"
            review.plan.remarks.append(f"{people} known here by {BY[reason]}.")
    return contacts


@dataclass
class Others:
    """The rows whose person nobody is sure to be."""

    review: Review
    contacts: ContactLookup
    met: dict[PlannedContact, StagedRow]
    by: Counter[str]

    def place(self, row: StagedRow, customer: PlannedAccount, fields: Fields, note: str) -> None:
        # somebody new of this very file may have come meanwhile
        match = self.contacts.sure(customer, fields, self.met) or self.contacts.likely(
            customer, fields, self.met
        )
        if match is None:
            self._add(row, customer, fields, note)
            return
        first = self.met.get(match.contact)
        if first and not match.doubt:
            _say_twice(self.review, row, match.contact, first)
            return
        answer = _ask(self.review, row, match, fields, first) if match.doubt else SAME
        if answer == OTHER:
            self._add(row, customer, fields, _with(note, _shared(match)))
        elif answer == APART:
            self.review.aside(
                row, f"It may be {match.contact.fields['name']}, but {match.doubt}. Say whether it is."
            )
        elif first:
            _say_twice(self.review, row, match.contact, first)
        else:
            self.met[match.contact] = row
            self.by["" if match.doubt else match.reason] += 1
            _take(self.review, row, self.contacts, match, fields, note, renamed=bool(match.doubt))

    def _add(self, row: StagedRow, customer: PlannedAccount, fields: Fields, note: str) -> None:
        review = self.review
        marks = set(marks_of(customer, fields))
        if marks & review.known.erased:
            review.aside(row, ERASED)
            return
        if marks & review.known.erased_elsewhere:
            review.ask_operations(
                row, "", "This person was erased, on an account out of the importer’s sight."
            )
            return
        theirs, fields["external_id"] = fields["external_id"], review.new_id(customer, fields["external_id"])
        contact = PlannedContact(customer, fields, source=row.source)
        self.contacts.add(contact)
        if theirs:
            self.contacts.by_id.setdefault(theirs, contact)
        review.plan.contacts.append(contact)
        review.plan.settle(row, NEW, note)
        self.met[contact] = row


def marks_of(customer: PlannedAccount, fields: Fields) -> Iterable[str]:
    """What recognises somebody who was erased; nothing is told of an account that the importer does not see."""
    for pk in customer.pks:
        yield from Erasure.marks_of(
            pk, name=fields["name"], email=fields["email"], external_id=fields["external_id"]
        )


def _say_twice(review: Review, row: StagedRow, contact: PlannedContact, first: StagedRow) -> None:
    review.aside(row, f"{contact.fields['name']} is already in {first}.")


def _with(note: str, more: str) -> str:
    return f"{note} {more}".strip()


# ---- Is this the same person?


def _ask(review: Review, row: StagedRow, match: ContactMatch, fields: Fields, first: StagedRow | None) -> str:
    """Ask once for each such pair, and once for all that are not answered one by one."""
    contact, name = match.contact, fields["name"]
    every = review.ask(
        "contact", "What about people who may be here already and whom you do not answer one by one?",
        [("each", "Take what is proposed for each"), (APART, "Leave them aside"),
         (SAME, "Take each for the person it may be"), (OTHER, "Take each for somebody else")],
        recommended="each", why="Nobody is renamed and no two people become one unless you say so.",
    )  # fmt: skip
    here, at = contact.fields["name"], contact.customer.name
    who = f"{here} of {first}" if first else f"{here}, who is known at {at}"
    options = {
        "address": [(SAME, f"{here}, under a new name"), (OTHER, "Somebody else who shares the mailbox")],
        "phone": [(SAME, f"{here}, under a new name"), (OTHER, "Somebody else with the same phone")],
    }.get(match.reason, [(SAME, f"The same {here}"), (OTHER, "Somebody else of the same name")])
    return review.ask(
        f"contact:{values.key(at)}|{values.key(name)}|{fields['email'].casefold()}|{fields['phone']}|"
        f"{contact.pk or first}",
        f"Is “{name}” in {row.source} the same person as {who}?",
        [*options, (APART, "Leave the row aside")],
        recommended=_proposed(match, fields) if every == "each" else every,
        why=_why(match, fields),
    )  # fmt: skip


def _proposed(match: ContactMatch, fields: Fields) -> str:
    """What harms nobody if it is wrong."""
    if match.reason == "name":
        return SAME if match.doubt == "the phone number differs" and match.contact.pk else APART
    return APART if alike(match.contact.fields["name"], fields["name"]) else OTHER


def _why(match: ContactMatch, fields: Fields) -> str:
    known = match.contact.fields
    if match.reason in {"address", "phone"}:
        shown = fields["email"] if match.reason == "address" else fields["phone"]
        return f"Both have the {match.reason} {shown}, and the names differ: “{known['name']}”, “{fields['name']}”."
    pairs = [
        f"{known[what]} and {fields[what]}"
        for what in ("email", "phone")
        if known.get(what) and fields[what] and known[what] != fields[what]
    ]
    return f"The name is the same and {match.doubt}: {', '.join(pairs)}."


def _shared(match: ContactMatch) -> str:
    """What operations should know when a second person has the address with which somebody signs in."""
    if match.reason != "address" or not match.contact.signs_in:
        return ""
    name = match.contact.fields["name"]
    return (
        f"{name} signs in with this address: whoever reads it comes in as {name}. Agree on another with them."
    )


# ---- What it says of them


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
        "title": row.text("title") or _title_by_role(row),
        "external_id": review.their_id(row),
    }
    return customer, fields, note


def _take(
    review: Review, row: StagedRow, contacts: ContactLookup, match: ContactMatch, fields: Fields, note: str,
    *, renamed: bool = False,
) -> None:  # fmt: skip
    """Compare a row with the person whom it means. Only an id, or an answer, says that the name is another now."""
    if theirs := fields["external_id"]:
        contacts.by_id.setdefault(theirs, match.contact)
    if match.reason != "id" and not renamed:
        fields = {**fields, "name": match.contact.fields["name"]}
    _compare(review, row, match.contact, fields, note)


def _title_by_role(row: StagedRow) -> str:
    return row.text("role")[:200] if row.text("role") and not meaning("part", row.text("role")) else ""


def _compare(review: Review, row: StagedRow, contact: PlannedContact, fields: Fields, note: str) -> None:
    said = news(fields, contact.fields)
    if not review.known.operations:
        said.pop("external_id", None)
    if "email" in said and contact.signs_in:
        del said["email"]
        kept = contact.fields["email"]
        note = _with(
            note, f"The e-mail address stays “{kept}”: they sign in with it. Change it on their page."
        )
    if "name" in said and contact.name_locked:
        del said["name"]
        kept = contact.fields["name"]
        note = _with(note, f"The name stays “{kept}”: its spelling is kept when importing.")
    if "title" in said and contact.spelled:
        del said["title"]
        note = _with(note, "The title stays as they wrote it themselves.")
    if said:
        review.plan.contacts.append(PlannedContact(contact.customer, said, pk=contact.pk))
        review.plan.change(contact.customer, contact.fields["name"], said, row.source)
    review.plan.settle(row, CHANGED if said else UNCHANGED, note)
