"""Carrying a plan out: a handful of statements for each noun, whatever the number of rows.

Runs inside the verb that applies a batch, which opens the transaction and checks the laws at its end. Whatever is
written says who imported it from which file and row; imported entries keep the author they came with.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import models

from accounts.models.accounts import Account
from accounts.models.base import database_now
from accounts.models.contacts import Contact
from accounts.models.coverage import Coverage
from accounts.models.deals import Deal
from accounts.models.entries import Entry, Mention
from accounts.models.obligations import Obligation
from accounts.models.organisation import Organisation
from accounts.models.originals import Original
from accounts.models.users import User
from accounts.rules.zones import zone_of

from .book import Fields, ImportPlan, PlannedAccount, PlannedContact, PlannedDeal, PlannedDebt, PlannedPerson

CHUNK = 2000
GUARDED = {"kind", "manager", "email"}


def carry_out(plan: ImportPlan, *, by: User) -> None:
    """Write all that a plan says. `by` is the manager or operations person who answers for it."""
    now = database_now()
    _write_people(plan, by, now)
    _change_colleagues(plan, by)
    _name_last_resort(plan)
    _write_customers(plan)
    _write_owners(plan, by, now)
    _write_tenures(plan, by)
    _write_joining(plan, by, now)
    _write_deals(plan, by)
    _write_contacts(plan, by)
    _write_activities(plan, by)
    _write_debts(plan, by)
    _write_changes(plan, by, now)
    _end_what_is_done(plan, by)


def _pk(thing: PlannedPerson | PlannedAccount | PlannedContact) -> int:
    assert thing.pk is not None
    return thing.pk


def _update(model: type[models.Model], changes: dict[int, Fields]) -> None:
    """Save each object's own changes; objects that change in the same columns go together."""
    together: dict[tuple[str, ...], list[int]] = {}
    for pk, fields in changes.items():
        together.setdefault(tuple(sorted(fields)), []).append(pk)
    for names, pks in together.items():
        objects = list(model._default_manager.filter(pk__in=pks))
        for each in objects:
            for name in names:
                setattr(each, name, changes[each.pk][name])
        model._default_manager.bulk_update(objects, names, batch_size=500)


# ---- People


def _write_people(plan: ImportPlan, by: User, now: datetime) -> None:
    new = [person for person in plan.people if person.pk is None]
    known = [person for person in plan.people if person.pk is not None]
    made = User.objects.bulk_create(
        User(
            name=person.name, email=person.email, kind=person.kind, title=person.title, phone=person.phone,
            region=person.region, external_id=person.external_id, is_active=person.active,
            password=make_password(None),
            deactivated_at=None if person.active else now,
            deactivated_by=None if person.active else by,
            deactivated_because="" if person.active else "Had left before the accounts were imported",
        )
        for person in new
    )  # fmt: skip
    for person, user in zip(new, made, strict=True):
        person.pk = user.pk
    lines = {_pk(person): {"reports_to_id": _pk(person.manager)} for person in new if person.manager}
    _update(User, lines)
    plain = {_pk(p): {name: p.changes[name] for name in p.changes if name not in GUARDED} for p in known}
    _update(User, {pk: changes for pk, changes in plain.items() if changes})


def _change_colleagues(plan: ImportPlan, by: User) -> None:
    """What only operations may change, each by its verb, which tells whom it concerns.

    From the top of the reporting lines downwards: what is above is final then, and no circle is met on the way.
    """
    changing = [person for person in plan.people if GUARDED & person.changes.keys()]
    users = User.objects.in_bulk({_pk(person) for person in [*changing, *_managers(changing)]})
    for person in sorted(changing, key=_depth):
        user = users[_pk(person)]
        if "kind" in person.changes:
            user.change_kind(person.changes["kind"], by=by)
        if "manager" in person.changes:
            user.change_manager(users[_pk(person.changes["manager"])], by=by)
        if "email" in person.changes:
            user.change_address(person.changes["email"], by=by)


def _managers(people: list[PlannedPerson]) -> list[PlannedPerson]:
    return [person.changes["manager"] for person in people if "manager" in person.changes]


def _depth(person: PlannedPerson) -> int:
    return 1 + _depth(person.manager) if person.manager else 0


def _own(changes: Fields) -> Fields:
    return {
        "parent_id" if name == "parent" else name: _pk(value) if name == "parent" else value
        for name, value in changes.items()
    }


def _name_last_resort(plan: ImportPlan) -> None:
    organisation = Organisation.get()
    if organisation.last_resort_id is None and plan.resort is not None:
        organisation.last_resort_id = _pk(plan.resort)
        organisation.save()


# ---- Accounts and who serves them


def _write_customers(plan: ImportPlan) -> None:
    new = [customer for customer in plan.customers if customer.pk is None]
    known = [customer for customer in plan.customers if customer.pk is not None]
    made = Account.objects.bulk_create(
        Account(
            name=customer.name, time_zone=_zone(customer),
            **{"external_id": customer.external_id, **customer.fields},
        )
        for customer in new
    )  # fmt: skip
    for customer, account in zip(new, made, strict=True):
        customer.pk = account.pk
    _update(Account, {_pk(c): {"parent_id": _pk(c.parent)} for c in new if c.parent})
    _update(Account, {_pk(c): _own(c.changes) for c in known if c.changes})
    plan.founded = new


def _zone(customer: PlannedAccount) -> str:
    """Where its days begin and end, as far as its country and place tell."""
    said = [str(customer.fields.get(name) or "") for name in ("country", "region", "address")]
    return zone_of(*said) or "UTC"


def _write_owners(plan: ImportPlan, by: User, now: datetime) -> None:
    rows = []
    for customer in plan.founded:
        assert customer.owner is not None
        rows.append(
            Coverage(
                account_id=_pk(customer), role=Coverage.Role.OWNER,
                person_id=_pk(customer.owner), acting=customer.acting,
                started_at=customer.owner_since or now, started_by=by, started_because=customer.owner_because,
            )
        )  # fmt: skip
    _begin(rows, [customer.source for customer in plan.founded])


def _write_joining(plan: ImportPlan, by: User, now: datetime) -> None:
    _begin(
        [
            Coverage(
                account_id=_pk(customer), role=Coverage.Role.SUPPORT, person_id=_pk(person),
                started_at=now, started_by=by, started_because=because,
            )
            for (customer, person), because in plan.joining.items()
        ],
        [plan.joining_source[pair] for pair in plan.joining],
    )  # fmt: skip


def _begin(rows: list[Coverage], sources: list[str]) -> None:
    made = Coverage.objects.bulk_create(rows, batch_size=CHUNK)
    people = User.objects.in_bulk({row.person_id for row in made})
    entries = []
    for row, source in zip(made, sources, strict=True):
        row.person = people[row.person_id]
        entry = Entry.of_coverage(row, row.started_at)
        entry.imported_by, entry.imported_from = row.started_by, source
        entries.append(entry)
    Entry.objects.bulk_create(entries, batch_size=CHUNK)


def _write_tenures(plan: ImportPlan, by: User) -> None:
    Coverage.objects.bulk_create(
        [
            Coverage(
                account_id=_pk(tenure.customer), role=Coverage.Role.PAST, person_id=_pk(tenure.person),
                started_at=tenure.started_at, started_by=by, started_because=tenure.because,
                ended_at=tenure.ended_at, ended_by=by, ended_because="Before our records began",
            )
            for tenure in plan.tenures
        ],
        batch_size=CHUNK,
    )  # fmt: skip


# ---- What belongs to an account


def _write_deals(plan: ImportPlan, by: User) -> None:
    Deal.objects.bulk_create(
        [
            Deal(
                account_id=_pk(deal.customer), role=deal.role, holder_id=_holder(deal),
                imported_by=by, imported_from=deal.source, **deal.fields,
            )
            for deal in plan.deals
            if deal.pk is None
        ],
        batch_size=CHUNK,
    )  # fmt: skip
    _update(Deal, {deal.pk: deal.fields for deal in plan.deals if deal.pk is not None})


def _holder(thing: PlannedDeal | PlannedDebt) -> int:
    holder = thing.holder or thing.customer.owner
    assert holder is not None
    return _pk(holder)


def _write_contacts(plan: ImportPlan, by: User) -> None:
    new = [contact for contact in plan.contacts if contact.pk is None]
    _update(Contact, {contact.pk: contact.fields for contact in plan.contacts if contact.pk is not None})
    made = Contact.objects.bulk_create(
        [
            Contact(
                account_id=_pk(contact.customer),
                imported_by=by,
                imported_from=contact.source,
                **contact.fields,
            )
            for contact in new
        ],
        batch_size=CHUNK,
    )
    for contact, row in zip(new, made, strict=True):
        contact.pk = row.pk


def _write_changes(plan: ImportPlan, by: User, now: datetime) -> None:
    Entry.objects.bulk_create(
        [
            Entry(
                account_id=_pk(change.customer), kind=Entry.Kind.CHANGE, at=now, text=change.text,
                author=by, imported_by=by, imported_from=change.source,
            )
            for change in plan.changes
        ],
        batch_size=CHUNK,
    )  # fmt: skip


def _write_activities(plan: ImportPlan, by: User) -> None:
    made = Entry.objects.bulk_create(
        [
            Entry(
                account_id=_pk(activity.customer), kind=activity.kind, at=activity.at, subject=activity.subject,
                text=activity.text, external_id=activity.external_id, author_name=activity.author_name,
                author_id=activity.author.pk if activity.author else None,
                imported_by=by, imported_from=activity.source,
            )
            for activity in plan.activities
        ],
        batch_size=CHUNK,
    )  # fmt: skip
    Mention.objects.bulk_create(
        [
            Mention(entry=entry, contact_id=_pk(contact))
            for entry, activity in zip(made, plan.activities, strict=True)
            for contact in activity.contacts
        ],
        batch_size=CHUNK,
    )
    Original.objects.bulk_create(
        [
            Original.of_text(entry, activity.read.came, activity.read.folded)
            for entry, activity in zip(made, plan.activities, strict=True)
            if activity.read.came
        ],
        batch_size=CHUNK,
    )


def _write_debts(plan: ImportPlan, by: User) -> None:
    """What was undone in the other system is owed from now on, and the thread says since when."""
    made = Obligation.objects.bulk_create(
        [
            Obligation(
                account_id=_pk(debt.customer), kind=debt.kind, role=debt.role, holder_id=_holder(debt),
                contact_id=_pk(debt.contact) if debt.contact else None, text=debt.text, due=debt.due,
                starts_at=debt.starts_at, severity=debt.severity, raised_at=debt.raised_at, raised_by=by,
                external_id=debt.external_id, imported_by=by, imported_from=debt.source,
            )
            for debt in plan.debts
        ],
        batch_size=CHUNK,
    )  # fmt: skip
    Entry.objects.bulk_create(
        [
            Entry(
                account_id=line.account_id, kind=Entry.Kind.OBLIGATION, at=line.raised_at, author=by, text=line.text,
                obligation=line, step="raised", subject=f"{line.get_kind_display()} raised: {line}"[:300],
                imported_by=by, imported_from=line.imported_from,
            )
            for line in made
        ],
        batch_size=CHUNK,
    )  # fmt: skip


def _end_what_is_done(plan: ImportPlan, by: User) -> None:
    """Each by its own verb: these are few, and whoever leaves does not end alone what others depend on."""
    lines = Obligation.objects.in_bulk([pk for pk, _ in plan.done])
    for line in lines.values():
        line.keep(by=by)
