"""People in a file who may not be ours: partners, guests and machines that sign in to the other system."""

from __future__ import annotations

import re
from collections import Counter

from . import values
from .book import NOWHERE, StagedRow
from .review import Review

#: Kinds of user, as other systems call those who work for the company itself.
OURS = {"", "standard", "person", "employee", "internal", "staff"}
NO = {"", "false", "no", "0", "n", "f"}
THEIRS = re.compile(
    r"partner|portal|guest|customer|communit|extern|integration|automated|authenticated website", re.I
)
#: What those of ours do who work with customers and partners.
THEIR_WORK = re.compile(
    r"(customer|partner) (success|service|support|care|account|sales|relation|marketing)", re.I
)
#: As a system calls the roles that it makes for a portal: “Alder Group Partner User”.
PORTAL_ROLE = re.compile(
    r"(partner|customer) (user|executive)$|portal|communit|\bguest\b|^(channel )?partner$", re.I
)


def domain_of(address: str) -> str:
    return address.strip().rpartition("@")[2].casefold() if "@" in address else ""


def ask_about_outsiders(review: Review, strangers: list[tuple[StagedRow, str]]) -> dict[tuple[int, int], str]:
    """Which of these people, whom we do not know, are not ours, each with the reason. Asks once for all of a sort.

    Unless somebody says that they work here, they do not.
    """
    review.domains = _our_domains(review, strangers)
    sorts: dict[str, list[tuple[StagedRow, str]]] = {}
    for row, name in strangers:
        if sort := _sort(row, review.domains):
            sorts.setdefault(sort, []).append((row, name))
    outside = {}
    for sort, people in sorts.items():
        names = ", ".join(name for _, name in people[:4]) + (" …" if len(people) > 4 else "")
        answer = review.ask(
            f"outside:{values.key(sort)}", f"Does somebody with {sort} work here? {names}",
            [("outside", "Not one of us: leave them aside"), ("ours", "One of us: add them")],
            recommended="outside", why="Whoever is added here can sign in and may be given accounts.",
        )  # fmt: skip
        if answer == "ours":
            continue
        for row, name in people:
            outside[row.place] = f"{name} has {sort} and is taken for somebody from outside."
            said = (name, row.text("email"), row.text("external_id"), row.record("external_id"))
            review.outsiders |= {values.key(text) for text in said if text}
    return outside


def _our_domains(review: Review, strangers: list[tuple[StagedRow, str]]) -> set[str]:
    """Those of our colleagues' addresses; where there are none yet, the most common one in the files."""
    nowhere = {"", NOWHERE, review.plan.invented.removeprefix("@")}
    known = {domain_of(person.email) for person in review.known.people if person.active} - nowhere
    if known:
        return known
    found = Counter(domain_of(row.text("email")) for row, _ in strangers if not _sort(row, set()))
    return set([domain for domain, _ in found.most_common() if domain not in nowhere][:1])


def _sort(row: StagedRow, domains: set[str]) -> str:
    """What tells that somebody may be from outside, or nothing."""
    if values.key(row.text("type")) not in OURS:
        return f"the type of user “{row.text('type')}”"
    if any(values.key(row.record(name)) not in NO for name in ("portal", "contact", "customer")):
        return "the login of a customer or partner"
    for name in ("profile", "licence"):
        if THEIRS.search(row.text(name)) and not THEIR_WORK.search(row.text(name)):
            return f"the {name} “{row.text(name)}”"
    if PORTAL_ROLE.search(row.text("role")):
        return f"the role “{row.text('role')}”"
    domain = domain_of(row.text("email"))
    return f"an address at {domain}" if domain and domains and domain not in domains else ""
