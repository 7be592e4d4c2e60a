"""What other systems keep in a box called description: an entry, and each line in it that begins with a day another."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time

from . import values
from .activities import author_of
from .book import (
    CHANGED,
    NEW,
    UNCHANGED,
    PlannedAccount,
    PlannedActivity,
    PlannedContact,
    PlannedPerson,
    StagedRow,
)
from .people import full_name
from .placing import Placement
from .review import Review
from .texts import ImportedText

DATED = re.compile(
    r"""\s*[-*•\[(]*\s*
    (?P<day>\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})|\d{1,2}\ [A-Za-z]{3,9}\.?\ \d{4})[\])]?
    \s*[,;:|–-]*\s*
    (?:\(?(?P<initials>[A-ZÄÖÜ]{2,3})\)?\s*[:|–-]\s*)?
    (?P<words>\S.*)""",
    re.VERBOSE,
)
FORMS = (values.YEAR_FIRST, values.DOTTED, values.IN_WORDS)


@dataclass
class DatedPiece:
    """A part of a description: of a day, where one begins it, and by whose initials."""

    on: date | None = None
    initials: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def pieces_of(text: str, today: date) -> list[DatedPiece]:
    """The parts of a description; a line that begins with a day that has come begins a part of its own."""
    pieces = [DatedPiece()]
    for line in text.splitlines():
        found = DATED.fullmatch(line)
        on = _day(found["day"]) if found else None
        if found and on and on <= today:
            pieces.append(DatedPiece(on, found["initials"] or "", [found["words"]]))
        else:
            pieces[-1].lines.append(line)
    return [piece for piece in pieces if piece.text]


def _day(text: str) -> date | None:
    moments = (
        values.instant(text.replace(".", "") if form is values.IN_WORDS else text, form) for form in FORMS
    )
    found = next((moment for moment in moments if moment), None)
    return found.date() if found and found.year >= 1900 else None


def plan_descriptions(review: Review, placement: Placement) -> None:
    for kind in ("account", "contact", "deal"):
        for table in review.of(kind):
            for row in table.rows if table.has("text") else []:
                state, _ = review.plan.outcomes.get(row.place, ("", ""))
                if row.prose("text") and state in {NEW, CHANGED, UNCHANGED}:
                    _take(review, row, *_whose(review, placement, row))


def _whose(
    review: Review, placement: Placement, row: StagedRow
) -> tuple[PlannedAccount | None, str, PlannedContact | None]:
    """The account whose memory it is, what it describes, and the contact where it is one."""
    record = row.record("external_id")
    if row.table.kind == "account":
        customer = review.customers.by_id(record) or review.customers.by_name(row.text("name"))
        return customer, "Description", None
    if row.table.kind == "deal":
        customer = placement.of_deal(row) or next(iter(placement.account(row.text("account"))), None)
        return customer, f"Description of the deal “{row.text('name')}”", None
    account = next(iter(placement.account(row.text("account"))), None)
    found = (
        placement.contact(record) or placement.contact(row.text("email")) or placement.contact(full_name(row))
    )
    contact = next((each for each in found if account is None or each.customer is account), None)
    return (contact.customer if contact else None), f"About {full_name(row)}", contact


def _take(
    review: Review, row: StagedRow, customer: PlannedAccount | None, what: str, contact: PlannedContact | None
) -> None:
    if customer is None or customer.closed:
        return
    read = ImportedText.of(row.prose("text"))
    pieces = pieces_of(read.text, review.today)
    if any(piece.on for piece in pieces) and not _are_entries(review):
        pieces = [DatedPiece(lines=[read.text])]
    made = [
        activity
        for piece in pieces
        if (activity := _entry(review, row, customer, what, piece)).external_id not in review.known.entries
    ]
    for activity in made:
        activity.contacts = [contact] if contact else []
        review.known.entries.add(activity.external_id)
    if made:
        made[0].read = read  # what it was read from stays with the first of them
    review.plan.activities += made
    state, because = review.plan.outcomes[row.place]
    if made and state == UNCHANGED:
        review.plan.settle(row, CHANGED, because)


def _are_entries(review: Review) -> bool:
    answer = review.ask(
        "dated_lines", "Lines in descriptions begin with a day. Is each an entry of that day?",
        [("entries", "Yes: each stands in the history on its day"), ("whole", "No: keep each description whole")],
        recommended="entries", why="Such lines are how people keep a log where there is no other place.",
    )  # fmt: skip
    return answer == "entries"


def _entry(
    review: Review, row: StagedRow, customer: PlannedAccount, what: str, piece: DatedPiece
) -> PlannedActivity:
    record = row.record("external_id") or values.key(row.text("name") or full_name(row))
    base = f"{row.table.kind}|{record}|{piece.on or ''}|{piece.text}"
    digest = hashlib.sha256(base.encode()).hexdigest()[:24]
    author, author_name = _by_initials(review, piece.initials)
    if not (author or author_name):
        author, author_name, _ = author_of(review, "")
    return PlannedActivity(
        customer, "note", _at(review, row, piece), what[:300], piece.text,
        review.new_id(customer, f"import:{digest}"), author, author_name, [], row.source,
    )  # fmt: skip


def _at(review: Review, row: StagedRow, piece: DatedPiece) -> datetime:
    """The middle of its day; of what has none, when the record was changed there, or now."""
    if piece.on:
        return min(datetime.combine(piece.on, time(12), review.zone), review.now)
    changed = row.day("modified") if row.text("modified") else None
    return min(datetime.combine(changed, time(12), review.zone), review.now) if changed else review.now


def _by_initials(review: Review, initials: str) -> tuple[PlannedPerson | None, str]:
    """Whose initials these are, where exactly one of ours has them; else the initials themselves."""
    bear = [
        person for person in review.people.everybody if initials and initials in set(_initials_of(person))
    ]
    if len(bear) != 1:
        return None, initials
    person = bear[0]
    theirs = review.known.operations or person is review.known.importer
    return (person, "") if theirs else (None, person.name)


def _initials_of(person: PlannedPerson) -> Iterator[str]:
    words = [word for word in re.split(r"[\s-]+", person.name) if word]
    yield "".join(word[0] for word in words).upper()
    yield "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
