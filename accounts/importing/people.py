"""Who works for us: matching names, ids and e-mail addresses to people, known or new."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from . import values
from .book import ASIDE, CHANGED, NEW, UNCHANGED, Line, Person, Table

if TYPE_CHECKING:
    from .review import Desk

NOWHERE = "import.invalid"


class People:
    """Everybody by id, e-mail and name."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.everybody: list[Person] = []
        self._by_id: dict[str, Person] = {}
        self._by_email: dict[str, Person] = {}
        self._by_name: dict[str, list[Person]] = {}
        for person in people:
            self.add(person)

    def add(self, person: Person) -> Person:
        self.everybody.append(person)
        if person.external_id:
            self._by_id[person.external_id] = person
        if person.email:
            self._by_email[person.email.casefold()] = person
        self._by_name.setdefault(values.key(person.name), []).append(person)
        return person

    def name_also(self, text: str, person: Person) -> None:
        """From here on this text means that person."""
        self._by_name[values.key(text)] = [person]

    def find(self, text: str) -> Person | None:
        named = self._by_name.get(values.key(text), [])
        return (
            self._by_id.get(values.record_id(text))
            or self._by_email.get(text.strip().casefold())
            or (named[0] if len(named) == 1 else None)
        )

    def free_email(self, name: str, domain: str) -> str:
        """An address for somebody who came without one; operations put it right later."""
        stem = ".".join(
            "".join(s for s in word if s.isascii() and s.isalnum()) for word in values.key(name).split()
        )
        stem = stem.strip(".") or "somebody"
        taken, number = f"{stem}@{domain}", 2
        while taken in self._by_email:
            taken, number = f"{stem}{number}@{domain}", number + 1
        return taken


def is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


# ---- The table of people


def plan_people(desk: Desk) -> None:
    met: dict[int, Line] = {}
    rows = []
    for table, line in desk.each("person", deleted_too=True):
        name = full_name(table, line)
        if not name:
            desk.plan.settle(line, ASIDE, "It names nobody: there is neither a name nor an e-mail address.")
            continue
        person = _known_by(desk, table, line, name)
        if person and id(person) in met:
            first = met[id(person)]
            desk.plan.settle(line, ASIDE, f"{name} is already in row {first.number} (line {first.line}).")
            continue
        person = _update(desk, table, line, person) if person else _make(desk, table, line, name)
        met[id(person)] = line
        rows.append((table, line, person))
    for table, line, person in rows:
        _report_to(desk, table, line, person)
    for person in {id(person): person for _, _, person in rows}.values():
        if person.pk and person.changes:
            desk.plan.people.append(person)
            desk.plan.settle(met[id(person)], CHANGED, desk.plan.outcomes[_place(met[id(person)])][1])


def _place(line: Line) -> tuple[int, int]:
    return line.file, line.number


def full_name(table: Table, line: Line) -> str:
    name = table.text(line, "name")
    if not name:
        name = f"{table.text(line, 'first_name')} {table.text(line, 'last_name')}".strip()
    return name or table.text(line, "email").split("@")[0]


def _known_by(desk: Desk, table: Table, line: Line, name: str) -> Person | None:
    for text in (table.record(line, "external_id"), table.text(line, "email")):
        if text and (person := desk.people.find(text)):
            return person
    person = desk.people.find(name)
    theirs = table.record(line, "external_id")
    return None if person and theirs and person.external_id and person.external_id != theirs else person


def _make(desk: Desk, table: Table, line: Line, name: str) -> Person:
    email = table.text(line, "email")
    said = email if is_address(email) else ""
    active = not table.has("active") or table.yes(line, "active")
    person = add_person(
        desk, name, email=said, title=table.text(line, "title"), phone=table.text(line, "phone"),
        region=table.text(line, "region"), external_id=table.record(line, "external_id"),
        active=active and not table.yes(line, "deleted"),
    )  # fmt: skip
    note = (
        f"“{email}” is not an e-mail address; {person.email} stands in its place."
        if email and not said
        else ""
    )
    desk.plan.settle(line, NEW, note)
    return person


def add_person(desk: Desk, name: str, *, email: str = "", **fields: object) -> Person:
    """A person who will be made when the plan is carried out."""
    email = email or desk.people.free_email(name, desk.plan.invented.removeprefix("@"))
    person = desk.people.add(Person(name=name[:200], email=email, **fields))  # type: ignore[arg-type]
    desk.plan.people.append(person)
    return person


def _update(desk: Desk, table: Table, line: Line, person: Person) -> Person:
    said = {name: table.text(line, name) for name in ("title", "phone", "region")}
    said["external_id"] = table.record(line, "external_id")
    email = table.text(line, "email")
    if is_address(email) and person.email.endswith(f"@{NOWHERE}"):
        said["email"] = email
    for name, text in said.items():
        if person.pk and text and text != getattr(person, name):
            person.changes[name] = text
    gone = (table.has("active") and not table.yes(line, "active")) or table.yes(line, "deleted")
    note = f"The file says that {person.name} has left. Open a departure for them: an import takes nobody's access."
    desk.plan.settle(line, UNCHANGED, note if gone and person.active else "")
    return person


def _report_to(desk: Desk, table: Table, line: Line, person: Person) -> None:
    text = table.text(line, "manager")
    if not text:
        return
    manager = desk.people.find(text)
    if manager is None and values.looks_like_id(text):
        _remark(desk, line, f"Their manager “{text}” is not among the people.")
        return
    if manager is None:
        manager = add_person(desk, text, kind="manager", region=table.text(line, "region"))
    if manager.pk is None:
        manager.kind = "manager"
    if manager is person or _is_above(person, manager):
        _remark(
            desk,
            line,
            f"{manager.name} cannot be their manager: the reporting line would go round in a circle.",
        )
    elif person.manager is not manager:
        if person.pk:
            person.changes["manager"] = manager
        person.manager = manager


def _is_above(person: Person, other: Person | None) -> bool:
    while other is not None:
        if other is person:
            return True
        other = other.manager
    return False


def _remark(desk: Desk, line: Line, sentence: str) -> None:
    state, because = desk.plan.outcomes[_place(line)]
    desk.plan.settle(line, state, f"{because} {sentence}".strip())


# ---- A name, id or address in some other table


def resolve(desk: Desk, text: str) -> Person:
    """Whom this owner's or agent's name, id or address means. Asks about each distinct one that we do not know."""
    if person := desk.people.find(text):
        return person
    is_id = values.looks_like_id(text)
    answer = desk.ask(
        f"person:{values.key(text)}",
        f"Who is “{text}”?",
        [("new", "Somebody who works here: add them"), ("gone", "Somebody who has left the company")],
        recommended="gone" if is_id else "new",
        needed=True,
        people=True,
        why="This owner is in none of the tables of people and nobody here has that name, address or id.",
    )
    if answer.startswith("user:"):
        person = next(person for person in desk.known.people if f"user:{person.pk}" == answer)
        if is_id and not person.external_id:
            person.changes["external_id"] = values.record_id(text)
            desk.plan.people.append(person)
    else:
        typed = values.plain(desk.answers.get(f"name:{values.key(text)}", ""))
        person = add_person(
            desk, typed or _name_for(text, is_id), email=text.strip() if is_address(text.strip()) else "",
            external_id=values.record_id(text) if is_id else "", active=answer != "gone",
        )  # fmt: skip
    desk.people.name_also(text, person)
    return person


def _name_for(text: str, is_id: bool) -> str:
    text = values.plain(text)
    if is_address(text):
        return text.split("@")[0].replace(".", " ").replace("_", " ").title()
    if values.looks_like_record(values.record_id(text)):
        return f"Salesforce user {values.record_id(text)}"
    return f"User {text}" if is_id else text
