"""Tasks and notes that are about contacts or their accounts."""

from __future__ import annotations

import hashlib
from datetime import datetime, time

from . import values
from .book import (
    NEW,
    UNCHANGED,
    PlannedAccount,
    PlannedActivity,
    PlannedContact,
    PlannedPerson,
    StagedRow,
)
from .lookups import ContactLookup, own_id
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
WITHOUT_ACCOUNT = {"00Q": "a lead, which belongs to no account", "003": "a contact who has no account here"}


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
