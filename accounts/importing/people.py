"""Who works for us: matching names, ids and e-mail addresses to people, known or new."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from . import values
from .book import CHANGED, NEW, NOWHERE, UNCHANGED, PlannedPerson, StagedRow
from .outsiders import ask_about_outsiders, domain_of
from .review import Review

NOT_BY_IMPORT = "Open a departure for them: an import takes nobody's access."
NOT_BY_YOU = "Only operations bring in colleagues and change what is recorded of them."


def is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


# ---- The table of people


def plan_people(review: Review) -> None:
    named = list(_named(review))
    if not review.known.operations:
        _leave_to_operations(review, named)
        return
    outside = ask_about_outsiders(
        review, [(row, name) for row, name in named if not _known_by(review, row, name)]
    )
    met: dict[int, StagedRow] = {}
    rows = []
    for row, name in named:
        if row.place in outside:
            review.aside(row, outside[row.place])
            continue
        person = _known_by(review, row, name)
        if person and id(person) in met:
            review.aside(row, f"{name} is already in {met[id(person)]}.")
            continue
        person = _update(review, row, person) if person else _make(review, row, name)
        met[id(person)] = row
        rows.append((row, person))
    for row, person in rows:
        _report_to(review, row, person)
    for person in {id(person): person for _, person in rows}.values():
        if person.pk and person.changes:
            if person not in review.plan.people:
                review.plan.people.append(person)
            review.plan.settle(met[id(person)], CHANGED, review.plan.outcomes[met[id(person)].place][1])


def _named(review: Review) -> Iterator[tuple[StagedRow, str]]:
    for row in review.each("person", deleted_too=True):
        if name := full_name(row):
            yield row, name
        else:
            review.aside(row, "It names nobody: there is neither a name nor an e-mail address.")


def _leave_to_operations(review: Review, named: list[tuple[StagedRow, str]]) -> None:
    """Colleagues are found by what the file says of them, and nothing of them is written."""
    for row, name in named:
        if person := _known_by(review, row, name):
            review.people.name_also(row.record("external_id") or name, person)
            review.plan.settle(row, UNCHANGED, NOT_BY_YOU)
        else:
            review.ask_operations(row, NOT_BY_YOU)


def full_name(row: StagedRow) -> str:
    name = row.text("name")
    if not name:
        name = f"{row.text('first_name')} {row.text('last_name')}".strip()
    return name or row.text("email").split("@")[0]


def _title(row: StagedRow) -> str:
    """What they are: by their title, or else by their role in the other system."""
    return (row.text("title") or row.text("role"))[:200]


def _known_by(review: Review, row: StagedRow, name: str) -> PlannedPerson | None:
    for text in (row.record("external_id"), row.text("email")):
        if text and (person := review.people.find(text)):
            return person
    person = review.people.find(name)
    theirs = row.record("external_id")
    return None if person and theirs and person.external_id and person.external_id != theirs else person


def _make(review: Review, row: StagedRow, name: str) -> PlannedPerson:
    email = row.text("email")
    said = email if is_address(email) else ""
    active = not row.table.has("active") or row.yes("active")
    person = PlannedPerson(
        name[:200], email=said, title=_title(row), phone=row.text("phone"), region=row.text("region"),
        external_id=row.record("external_id"), active=active and not row.yes("deleted"),
    )  # fmt: skip
    add_person(review, person)
    note = f"“{email}” is not an e-mail address; {person.email} stands in its place."
    review.plan.settle(row, NEW, note if email and not said else "")
    return person


def add_person(review: Review, person: PlannedPerson) -> PlannedPerson:
    """Somebody who will be made when the plan is carried out; an address is found for who came without one."""
    domain = review.plan.invented.removeprefix("@")
    person.email = person.email or review.people.free_email(person.name, domain)
    review.plan.people.append(review.people.add(person))
    return person


def _update(review: Review, row: StagedRow, person: PlannedPerson) -> PlannedPerson:
    said = {"title": _title(row), "phone": row.text("phone"), "region": row.text("region")}
    said["external_id"] = row.record("external_id")
    email = row.text("email")
    differs = is_address(email) and email.casefold() != person.email.casefold()
    for name, text in said.items():
        if person.pk and text and text != (before := getattr(person, name)):
            person.changes[name] = text
            what = name.replace("_", " ")
            review.plan.colleagues.append(f"{person.name}: {what} {before or '(none)'} → {text}")
    gone = (row.table.has("active") and not row.yes("active")) or row.yes("deleted")
    notes = []
    if gone and person.active:
        notes.append(f"The file says that {person.name} has left. {NOT_BY_IMPORT}")
    if differs and not person.email.endswith(f"@{NOWHERE}"):
        notes.append(f"They sign in as {person.email}. Change that under People.")
    review.plan.settle(row, UNCHANGED, " ".join(notes))
    if differs and person.pk and person.email.endswith(f"@{NOWHERE}"):
        _alter(review, row, person, "email", email, f"{person.email} → {email}")
    return person


def _alter(
    review: Review, row: StagedRow, person: PlannedPerson, name: str, value: object, shown: str
) -> None:
    """Change what somebody is, to whom they report or how they sign in: shown before, unless it stays."""
    if person.stays:
        _remark(review, row, f"{person.name}: {shown} is not done. {person.stays}")
    else:
        person.changes[name] = value
        review.plan.colleagues.append(f"{person.name}: {shown}")


def _report_to(review: Review, row: StagedRow, person: PlannedPerson) -> None:
    text = row.text("manager")
    if not text:
        return
    manager = review.people.find(text)
    if manager is None and values.key(text) in review.outsiders:
        _remark(review, row, f"Their manager “{text}” is not one of us.")
        return
    if manager is None and values.looks_like_id(text):
        _remark(review, row, f"Their manager “{text}” is not among the people.")
        return
    if manager is None:
        manager = add_person(review, PlannedPerson(text[:200], kind="manager", region=row.text("region")))
    if manager is person or _is_above(person, manager):
        circle = f"{manager.name} cannot be their manager: the reporting line would go round in a circle."
        _remark(review, row, circle)
        return
    _make_manager(review, row, manager)
    if person.manager is manager:
        return
    if person.pk:
        before = f"reports to {person.manager.name}" if person.manager else "reports to nobody"
        _alter(review, row, person, "manager", manager, f"{before} → {manager.name}")
    if not person.stays:
        person.manager = manager


def _make_manager(review: Review, row: StagedRow, manager: PlannedPerson) -> None:
    """Somebody to whom others report is a manager, unless they are in operations."""
    if manager.pk is None:
        manager.kind = "manager"
    elif manager.kind == "rep" and manager.active and "kind" not in manager.changes:
        _alter(review, row, manager, "kind", "manager", "rep → manager")
        if manager.changes and manager not in review.plan.people:
            review.plan.people.append(manager)


def _is_above(person: PlannedPerson, other: PlannedPerson | None) -> bool:
    while other is not None:
        if other is person:
            return True
        other = other.manager
    return False


def _remark(review: Review, row: StagedRow, sentence: str) -> None:
    state, because = review.plan.outcomes[row.place]
    review.plan.settle(row, state, f"{because} {sentence}".strip())


# ---- A name, id or address in some other table


def resolve(review: Review, text: str) -> PlannedPerson | None:
    """Whom this owner's or agent's name, id or address means; nobody where it is not one of us.

    Operations are asked about each distinct one that we do not know.
    """
    if person := review.people.find(text):
        return person
    if not review.known.operations or values.key(text) in review.outsiders:
        return None
    is_id = values.looks_like_id(text)
    foreign = review.domains and is_address(text.strip()) and domain_of(text) not in review.domains
    answer = review.ask(
        f"person:{values.key(text)}",
        f"Who is “{text}”?",
        [
            ("new", "Somebody who works here: add them"),
            ("gone", "Somebody who has left the company"),
            ("outside", "Not one of us"),
        ],
        recommended="outside" if foreign else "gone" if is_id else "new",
        needed=True,
        people=True,
        why="This owner is in none of the tables of people and nobody here has that name, address or id.",
    )
    if answer == "outside":
        review.outsiders.add(values.key(text))
        return None
    if answer.startswith("user:"):
        person = next(person for person in review.known.people if f"user:{person.pk}" == answer)
        if is_id and not person.external_id:
            person.changes["external_id"] = values.record_id(text)
            review.plan.colleagues.append(f"{person.name}: external id (none) → {values.record_id(text)}")
            if person not in review.plan.people:
                review.plan.people.append(person)
    else:
        typed = values.plain(review.answers.get(f"name:{values.key(text)}", ""))
        person = PlannedPerson(
            (typed or _name_for(text, is_id))[:200], email=text.strip() if is_address(text.strip()) else "",
            external_id=values.record_id(text) if is_id else "", active=answer != "gone",
        )  # fmt: skip
        add_person(review, person)
    review.people.name_also(text, person)
    return person


def _name_for(text: str, is_id: bool) -> str:
    text = values.plain(text)
    if is_address(text):
        return text.split("@")[0].replace(".", " ").replace("_", " ").title()
    if values.looks_like_record(values.record_id(text)):
        return f"Salesforce user {values.record_id(text)}"
    return f"User {text}" if is_id else text
