"""Cases and tickets: what is open elsewhere is owed here to whoever raised it, what is closed is history."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.rules.lines import shortened

from . import texts
from .activities import LONGEST_SUBJECT, author_of, instant_of, raised
from .book import NEW, PlannedAccount, PlannedActivity, PlannedContact, StagedRow
from .debts import plan_debt, settle_known
from .lookups import own_id
from .placing import Placement
from .review import Review
from .texts import ImportedText
from .values import Unfit
from .vocabulary import DONE, OPEN, meaning, meaning_within

QUESTION, FEEDBACK, REPAIR, TASK = "question", "feedback", "repair", "task"


@dataclass(frozen=True)
class Ticket:
    """What a row says of something that a customer raised, and whose it is."""

    row: StagedRow
    customer: PlannedAccount
    contacts: list[PlannedContact]
    subject: str
    text: str
    record: str
    is_open: bool
    read: ImportedText


def plan_cases(review: Review, placement: Placement) -> None:
    for row, ticket in review.fitting("case", lambda row: _read(review, placement, row)):
        new = review.new_id(ticket.customer, ticket.record)
        ids = list(dict.fromkeys([new, ticket.record, own_id(ticket.customer, ticket.record)]))
        if settle_known(review, row, ids, done=not ticket.is_open):
            continue
        try:
            if ticket.is_open:
                _owe(review, ticket, new)
            else:
                _keep(review, ticket, new)
        except Unfit as error:
            review.aside(row, str(error))
            continue
        review.known.entries.update(ids)


def _read(review: Review, placement: Placement, row: StagedRow) -> Ticket:
    record = row.record("external_id") or row.record("number")
    subject, read = texts.line(row.cell("subject")), ImportedText.of(row.prose("text"))
    text = read.text
    if not (subject or text):
        raise Unfit("It has neither a subject nor a text.")
    if not record:
        raise Unfit("It has no number, so it would come in anew with every import.")
    customer = placement.of(row)
    contacts, strangers = placement.mentioned(row, customer)
    text = f"{text}\n\nRaised by {', '.join(strangers)}".strip() if strangers else text
    if len(subject) > LONGEST_SUBJECT:
        text, subject = f"{subject}\n\n{text}".strip(), shortened(subject, LONGEST_SUBJECT)
    return Ticket(row, customer, contacts, subject, text, f"case:{record}", _is_open(review, row), read)


def _is_open(review: Review, row: StagedRow) -> bool:
    said = meaning("status", row.text("status"))
    if row.text("closed"):
        return not row.yes("closed") and meaning("status", row.text("closed")) != DONE
    if said or not row.text("status"):
        return said == OPEN or (not said and not row.text("completed"))
    return not row.text("completed") and review.status_asked(row.text("status")) == OPEN


def _kind(row: StagedRow, contact: PlannedContact | None) -> str:
    """A question, feedback or something that went wrong; what nobody of theirs raised is for us to do."""
    said = meaning_within("case", row.text("type"))
    if said == REPAIR or not row.text("type"):
        return REPAIR
    return (said or QUESTION) if contact else TASK


def _owe(review: Review, ticket: Ticket, external: str) -> None:
    row = ticket.row
    contact = ticket.contacts[0] if ticket.contacts else None
    kind = _kind(row, contact)
    number = row.text("number")
    words = "\n\n".join(part for part in (ticket.subject, ticket.text) if part)
    plan_debt(
        review, row, ticket.customer, kind=kind, text=f"{words}\n\nCase {number}" if number else words,
        due=row.day("due"), external_id=external, raised_at=raised(review, row), named=row.text("author"),
        contact=contact, severity=meaning("severity", row.text("priority")) if kind == REPAIR else "",
    )  # fmt: skip


def _keep(review: Review, ticket: Ticket, external: str) -> None:
    row = ticket.row
    moments = (instant_of(review, row, name) for name in ("completed", "modified", "created"))
    at = next((moment for moment in moments if moment and moment <= review.now), None)
    if at is None:
        raise Unfit("It has no date in the past, so it cannot be put into the account's history.")
    author, author_name, note = author_of(review, row.text("author"))
    solution = f"Resolution: {row.prose('resolution')}" if row.text("resolution") else ""
    parts = (ticket.text or ticket.subject, solution, f"Case {row.text('number')}, closed".replace(" ,", ","))
    review.plan.activities.append(
        PlannedActivity(
            ticket.customer, "note", at, ticket.subject, "\n\n".join(part for part in parts if part), external,
            author, author_name, ticket.contacts, row.source, ticket.read,
        )
    )  # fmt: skip
    review.plan.settle(row, NEW, note)
