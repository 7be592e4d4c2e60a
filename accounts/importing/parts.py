"""The parts that contacts play in buying: from a column of contacts or deals, or a file of roles on deals."""

from __future__ import annotations

import hashlib
import re

from accounts.models.contacts import Contact

from . import values
from .book import CHANGED, NEW, UNCHANGED, Fields, PlannedActivity, PlannedContact, StagedRow
from .people import full_name
from .placing import Placement
from .review import Review
from .vocabulary import meaning

SEVERAL = re.compile(r"\s*[;/|\n]\s*|\s*,\s+")
WORDS_ONLY = "words"


def plan_parts(review: Review, placement: Placement) -> None:
    for row in review.each("role"):
        found = placement.contact(row.text("contact"))
        deal = _deal_of(review, placement, row)
        theirs = [
            contact for contact in found if not deal or contact.customer in placement.deal(row.text("deal"))
        ]
        if len(theirs) != 1:
            review.aside(row, _nobody(row, found, deal))
        elif not values.record_id(row.text("role")):
            review.plan.settle(row, UNCHANGED, "It names no role.")
        else:
            review.plan.settle(row, _play(review, row, theirs[0], f"on the deal “{deal}”" if deal else ""))
    for kind in ("contact", "deal"):
        for row in [
            row for table in review.of(kind) if table.has("role") for row in table.rows if row.text("role")
        ]:
            _beside(review, placement, row)


def is_title(row: StagedRow) -> bool:
    """Whether what a table of contacts calls a role is what somebody is, and no part in buying."""
    return not any(meaning("part", text) for text in SEVERAL.split(row.prose("role")))


def _nobody(row: StagedRow, found: list[PlannedContact], deal: str) -> str:
    if not found:
        return f"The contact “{row.text('contact')}” is not here."
    if not deal:
        return f"The deal “{row.text('deal')}” is not here, and there are several called “{row.text('contact')}”."
    return f"“{row.text('contact')}” is not a contact of the account of this deal, or there are several."


def _deal_of(review: Review, placement: Placement, row: StagedRow) -> str:
    """The name of a row's deal, or nothing where the deal is not here."""
    return placement.name_of_deal(row.text("deal")) if placement.deal(row.text("deal")) else ""


def _beside(review: Review, placement: Placement, row: StagedRow) -> None:
    """A role in a row about a contact, or about a deal that names one."""
    state, because = review.plan.outcomes.get(row.place, ("", ""))
    if state not in {NEW, CHANGED, UNCHANGED}:
        return
    if row.table.kind == "contact" and is_title(row):
        return
    if row.table.kind == "contact":
        texts, on = [row.record("external_id"), row.text("email"), full_name(row)], ""
    else:
        texts, on = [row.text(name) for name in ("who", "email", "whom")], f"on the deal “{row.text('name')}”"
    accounts = list(placement.account(row.text("account")))
    found = next((people for text in texts if (people := placement.contact(text))), [])
    theirs = [contact for contact in found if not accounts or contact.customer in accounts]
    if len(theirs) == 1 and _play(review, row, theirs[0], on) != UNCHANGED and state == UNCHANGED:
        review.plan.settle(row, CHANGED, because)


def _play(review: Review, row: StagedRow, contact: PlannedContact, on: str) -> str:
    """They play these parts as well, or did already. Returns what becomes of the row."""
    states = [
        _one(review, row, contact, text, on) for text in SEVERAL.split(row.prose("role")) if text.strip()
    ]
    return next((state for state in states if state != UNCHANGED), UNCHANGED)


def _one(review: Review, row: StagedRow, contact: PlannedContact, text: str, on: str) -> str:
    part = meaning("part", text) or _ask(review, text)
    if part == WORDS_ONLY:
        return _keep_in_words(review, row, contact, text, on)
    if part in contact.fields.get("roles", []):
        return UNCHANGED
    learned: Fields = {"roles": [*contact.fields.get("roles", []), part]}
    if part == Contact.Role.CHAMPION and not contact.fields.get("evidence"):
        learned["evidence"] = f"Called “{text}” {on}".strip() + f", {row.source}"
    contact.fields.update(learned)
    if contact.pk is None:
        return NEW
    review.plan.correct(contact, learned)
    said = {"part": Contact.Role(part).label.lower()}
    review.plan.change(contact.customer, contact.fields["name"], said, row.source)
    return CHANGED


def _ask(review: Review, text: str) -> str:
    return review.ask(
        f"part:{values.key(text)}", f"What part in buying does somebody play whose role is “{values.plain(text)}”?",
        [(WORDS_ONLY, "None of these: keep it in words"), *((part.value, str(part.label)) for part in Contact.Role)],
        recommended=WORDS_ONLY, why="It is none of the parts that we know.",
    )  # fmt: skip


def _keep_in_words(review: Review, row: StagedRow, contact: PlannedContact, text: str, on: str) -> str:
    name = contact.fields["name"]
    said = f"{name}: {values.plain(text)} {on}".strip()
    digest = hashlib.sha256(f"part|{contact.customer.name}|{said}".encode()).hexdigest()[:24]
    external = review.new_id(contact.customer, f"import:{digest}")
    if external in review.known.entries:
        return UNCHANGED
    review.known.entries.add(external)
    importer = review.known.importer
    review.plan.activities.append(
        PlannedActivity(
            contact.customer, "note", review.now, "Role in the other system", said, external,
            importer, "" if importer else "Unknown author", [contact], row.source,
        )
    )  # fmt: skip
    return NEW
