"""Tasks, calls, meetings and notes: what is done becomes an entry on the day it was done, what is not is owed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, time

from accounts.rules.lines import shortened

from . import texts, values
from .book import NEW, PlannedAccount, PlannedActivity, PlannedContact, PlannedPerson, StagedRow
from .debts import plan_debt, settle_known
from .lookups import known_ids
from .placing import Placement
from .quotes import keep_what_stands_nowhere_else
from .review import Review
from .tables import Table
from .texts import ImportedText
from .values import Unfit
from .vocabulary import CANCELLED, DONE, OPEN, meaning

WEB, NOTE, TASK, VISIT, EMAIL, CALL = "web", "note", "task", "visit", "email", "conversation"
AUTOMATIC = "automatic"
REFUSED = {"", "no", "n", "false", "0", "none", "withdrawn"}
LONGEST_SUBJECT = 300
UNKNOWN = "Unknown author"
#: A visit with one of these has been planned, and nobody has to do anything for it but be there.
PLANNED = {"", "scheduled", "planned", "confirmed", "busy"}

#: What it waits for is a part of what is owed; that it was begun is not.
WAITS = re.compile(r"wait|hold|defer|escalat|wart|zurückgestellt", re.I)


@dataclass(frozen=True)
class Activity:
    """What a row says of something done or to do, and whose it is."""

    row: StagedRow
    customer: PlannedAccount
    contacts: list[PlannedContact]
    subject: str
    text: str
    kind: str  # of entry, or `task`
    state: str
    read: ImportedText

    @property
    def words(self) -> str:
        return "\n\n".join(part for part in (self.subject, self.text) if part)


def plan_activities(review: Review, placement: Placement) -> None:
    for row, activity in review.fitting("task", lambda row: _read(review, placement, row)):
        ids = _ids(review, activity)
        if settle_known(review, row, ids, done=activity.state != OPEN):
            continue
        try:
            if activity.state == OPEN:
                _owe(review, activity, ids[0])
            else:
                _keep(review, activity, ids[0])
        except Unfit as error:
            review.aside(row, str(error))
            continue
        review.known.entries.update(ids)
    keep_what_stands_nowhere_else(review.plan.activities)


def _read(review: Review, placement: Placement, row: StagedRow) -> Activity:
    kind = meaning("activity", row.text("type")) or _called(row) or _of_table(row.table) or NOTE
    subject, read = texts.line(row.cell("subject")), ImportedText.of(row.prose("text"), mail=kind == EMAIL)
    text = read.text
    if not (subject or text):
        raise Unfit("It has neither a subject nor a text.")
    customer = placement.of(row)
    contacts, strangers = placement.mentioned(row, customer)
    if strangers:
        text = f"{text}\n\nWith {', '.join(strangers)}".strip()
    if len(subject) > LONGEST_SUBJECT:
        text, subject = f"{subject}\n\n{text}".strip(), shortened(subject, LONGEST_SUBJECT)
    if kind == EMAIL and texts.is_automatic(subject):
        kind, contacts = AUTOMATIC, []
    return Activity(row, customer, contacts, subject, text, kind, _state(review, row, kind), read)


def _of_table(table: Table) -> str:
    """The kind of all rows of a table without a column for it, such as “Phone Calls.csv”."""
    if table.has("type"):
        return ""
    name = table.name.rsplit(".", 1)[0]
    kind = meaning("activity", name) or meaning("activity", name.removesuffix("s"))
    mail = EMAIL if table.has("sender") and table.has("to") else ""
    return mail or (kind if kind in {EMAIL, CALL, VISIT} else "")


def _called(row: StagedRow) -> str:
    """The kind of an activity without one whose subject is no more than that, as other systems write “Call”."""
    said = "" if row.text("type") else meaning("activity", row.text("subject"))
    return "" if said in {TASK, WEB} else said


def _ids(review: Review, activity: Activity) -> list[str]:
    """Under which ids it may be here already. Without one of its own it is known by what it says, and when."""
    row, customer = activity.row, activity.customer
    external = [row.record("external_id")]
    if not external[0]:
        days = "|".join(row.text(name) for name in ("happened", "due", "created"))
        told = f"{days}|{activity.subject}|{row.prose('text')}"
        bases = [
            f"{values.key(name)}|{told}" for name in review.customers.names_of(row.text("account"), customer)
        ]
        external = [f"import:{hashlib.sha256(base.encode()).hexdigest()[:24]}" for base in bases]
    new = review.new_id(customer, external[0])
    return list(dict.fromkeys([new, *known_ids(customer, external)]))


# ---- Whether it is done


def _state(review: Review, row: StagedRow, kind: str) -> str:
    """Done, cancelled, or still to be done: by its status, else by whether its day has come."""
    status = row.text("status")
    said = meaning("status", status)
    if status and not said and not row.text("closed"):
        said = review.status_asked(status)
    if row.text("closed") and said != CANCELLED:
        said = DONE if row.yes("closed") or meaning("status", row.text("closed")) == DONE else OPEN
    if said:
        return DONE if kind == VISIT and said == OPEN and _is_over(review, row, status) else said
    if row.text("completed"):
        return DONE
    ahead = [day for name in ("due", "happened") if (day := row.day(name)) and day > review.today]
    return OPEN if ahead or _is_task_without_status(review, row, kind) else DONE


def _is_over(review: Review, row: StagedRow, status: str) -> bool:
    """A meeting that was planned has been held by now, unless somebody said otherwise."""
    happened = row.day("happened") if row.text("happened") else None
    return values.key(status) in PLANNED and happened is not None and happened < review.today


def _is_task_without_status(review: Review, row: StagedRow, kind: str) -> bool:
    if not (kind == TASK or row.text("due")) or row.table.has("closed"):
        return False
    answer = review.ask(
        f"undone:{row.table.name}", f"Some tasks in {row.table.name} do not say whether they are done. Are they?",
        [(OPEN, "No: they are owed here"), (DONE, "Yes: they are history")],
        recommended=OPEN, why="Their day has passed, and there is no status.",
    )  # fmt: skip
    return answer == OPEN


# ---- What it becomes


def _owe(review: Review, activity: Activity, external: str) -> None:
    row = activity.row
    due = row.day("due") or row.day("happened")
    planned = activity.kind == VISIT and values.key(row.text("status")) in PLANNED
    starts_at = instant_of(review, row, "happened", hour=None) if planned and not row.text("due") else None
    due = starts_at.astimezone(review.zone).date() if starts_at else due
    waits = WAITS.search(row.text("status"))
    text = f"{activity.words}\n\n{row.text('status')}" if waits else activity.words
    plan_debt(
        review, row, activity.customer, kind=VISIT if planned else TASK, text=text, due=due,
        starts_at=starts_at,
        contact=activity.contacts[0] if activity.contacts else None, external_id=external,
        raised_at=raised(review, row), named=row.text("author"),
    )  # fmt: skip


def raised(review: Review, row: StagedRow) -> datetime:
    """When it was written down there, or now."""
    created = instant_of(review, row, "created")
    return min(created, review.now) if created else review.now


def _keep(review: Review, activity: Activity, external: str) -> None:
    row = activity.row
    at, remark = _moment(review, row)
    kind = activity.kind if activity.state == DONE and activity.kind != TASK else NOTE
    author, author_name, note = author_of(review, row.text("author"))
    note = "" if kind == WEB else note  # nobody of ours writes what they read
    consent = _consent(row) if kind == WEB else ""
    given_up = f"Given up in the other system: {row.text('status')}" if activity.state == CANCELLED else ""
    parts = (activity.text or activity.subject, consent, given_up)
    review.plan.activities.append(
        PlannedActivity(
            activity.customer, kind, at, activity.subject, "\n\n".join(part for part in parts if part), external,
            author, author_name, activity.contacts, f"{row.source}{remark}", activity.read,
        )
    )  # fmt: skip
    review.plan.settle(row, NEW, note)


def _consent(row: StagedRow) -> str:
    """What somebody read or took from our pages is kept with their permission, or not at all."""
    given = row.text("consent")
    if values.key(given) in REFUSED:
        raise Unfit("Nobody's consent to keep it is noted: what somebody reads on our pages is theirs.")
    agreed = values.key(given) in {"yes", "y", "true", "1"}
    return "With their consent." if agreed else f"With their consent: {given}"


def instant_of(review: Review, row: StagedRow, name: str, hour: int | None = 12) -> datetime | None:
    """The instant in a cell; a day without an hour is the middle of it, or no instant where no hour is to be put."""
    if not row.text(name):
        return None
    row.day(name)  # a bad date is told with its column
    moment = values.instant(row.text(name), row.table.form(name))
    assert moment is not None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=review.zone)
        if moment.time() == time.min:
            return None if hour is None else moment.replace(hour=hour)
    return moment


def _moment(review: Review, row: StagedRow) -> tuple[datetime, str]:
    """When it was done, and what is not known of that: never a day to come, and the day it was due only at need."""
    for name in ("completed", "happened", "modified"):
        moment = instant_of(review, row, name)
        if moment and moment <= review.now:
            return moment, ""
    due = row.day("due")
    for name in ("due", "created"):
        moment = instant_of(review, row, name)
        if moment and moment <= review.now:
            return moment, ", which does not say on which day it was done" if due else ""
    raise Unfit("It has no date in the past, so it cannot be put into the account's history.")


def author_of(review: Review, text: str) -> tuple[PlannedPerson | None, str, str]:
    """Who wrote it: one of ours, or the name as the other system has it, and what has to be said of that.

    Only operations may say that a colleague wrote something; anybody else's rows name them in words.
    """
    if not values.record_id(text):
        return _unnamed(review)
    if person := review.people.find(text):
        theirs = review.known.operations or person is review.known.importer
        return (person, "", "") if theirs else (None, person.name, "")
    if values.looks_like_record(values.record_id(text)):
        return None, f"Salesforce user {values.record_id(text)}", ""
    return None, values.plain(text)[:200], ""


def _unnamed(review: Review) -> tuple[PlannedPerson | None, str, str]:
    """Nobody is named: whom operations name for all such rows, else nobody."""
    unknown = (None, UNKNOWN, "The file does not say who wrote it.")
    if not review.known.operations:
        return unknown
    answer = review.ask(
        "author", "Some rows do not say who wrote them. Who did?",
        [("unknown", "Nobody knows: they stand under “Unknown author”")],
        recommended="unknown", people=True, why="One answer counts for all such rows.",
    )  # fmt: skip
    person = next((p for p in review.known.people if f"user:{p.pk}" == answer), None)
    return (person, "", "") if person else unknown
