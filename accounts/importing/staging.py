"""The database's side of an import before it is applied: rows as they came, what is known, what was said."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import connection
from django.db.models import F

from accounts.models.accounts import Account
from accounts.models.base import database_now
from accounts.models.contacts import Contact, Erasure
from accounts.models.coverage import Coverage
from accounts.models.deals import Deal
from accounts.models.entries import Entry
from accounts.models.imports import ImportBatch, ImportFile, ImportRow, PreviewData
from accounts.models.obligations import Obligation
from accounts.models.organisation import Organisation
from accounts.models.users import User
from accounts.rules.lines import plain_words

from .book import (
    ExistingBook,
    ImportPlan,
    KnownDeal,
    KnownDebt,
    PlannedAccount,
    PlannedContact,
    PlannedPerson,
    StagedRow,
    Table,
)
from .mapping import look_closer, say, understand
from .marks import Mark
from .planning import plan_book
from .reading import read_file
from .sheets import Row, Sheet

SHOWN = 50
ACCOUNT_FIELDS = (
    "industry", "region", "segment", "country", "address", "phone", "website", "revenue", "employees", "founded",
)  # fmt: skip
NO_TABLE = "This is not a table: it has a single column or no rows. Nothing in it is taken."

# ---- Saving rows


def save_rows(batch: ImportBatch, sheets: Iterable[Sheet]) -> None:
    for position, sheet in enumerate(sheets):
        file = ImportFile(batch=batch, position=position)
        _describe(file, sheet)
        file.save()
        _copy_rows(file, sheet.rows[: file.row_count])
    look_closer(batch, batch.created_by)


def restage(file: ImportFile, encoding: str) -> None:
    """Read a file's bytes anew. Raises `Unreadable`."""
    sheet = read_file(file.name, bytes(file.data or b""), encoding)[0]
    said, wide, by = dict(file.columns), len(file.header), file.said_by
    kind = file.kind
    file.rows.all().delete()
    _describe(file, sheet)
    if by and len(file.header) == wide:  # what somebody said of it holds: the columns stand where they stood
        say(file, kind, said, by=by)
    file.save()
    _copy_rows(file, sheet.rows[: file.row_count])
    look_closer(file.batch, file.batch.created_by)


def _describe(file: ImportFile, sheet: Sheet) -> None:
    file.name, file.header = sheet.name[:255], sheet.header
    file.encoding, file.encoding_because = sheet.encoding, sheet.because[:300]
    file.delimiter, file.data = sheet.delimiter, sheet.data or None
    understand(file, file.batch.created_by)
    taken = bool(sheet.rows) and (bool(file.kind) or sheet.is_table)
    file.row_count = len(sheet.rows) if taken else 0
    if not taken:
        file.kind, file.columns, file.sentence = "", {}, NO_TABLE


def _copy_rows(file: ImportFile, rows: list[Row]) -> None:
    table = connection.ops.quote_name(ImportRow._meta.db_table)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} (file_id, number, line, cells, state, because, hint) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row((file.pk, row.number, row.line, row.cells, "", "", ""))


def load_tables(batch: ImportBatch) -> list[Table]:
    tables = []
    for file in batch.files.defer("data").order_by("position"):
        table = Table(file.position, file.name, file.kind, file.header, file.columns, file.sentence)
        found = file.rows.order_by("number").values_list("number", "line", "cells")
        table.rows = [StagedRow(table, number, line, cells) for number, line, cells in found]
        tables.append(table)
    return tables


# ---- What is known


def make_plan(batch: ImportBatch) -> ImportPlan:
    tables = load_tables(batch)
    zone = ZoneInfo(Organisation.get().time_zone)
    known = load_known({table.kind for table in tables}, batch.created_by)
    return plan_book(tables, known, batch.answers, now=database_now(), zone=zone)


def load_known(kinds: set[str], importer: User) -> ExistingBook:
    """What these kinds of table can touch, as far as the importer may see it."""
    resort = Organisation.get().last_resort_id
    people = _people(importer, resort)
    seen = set(Account.objects.visible_to(importer).values_list("pk", flat=True))
    everyone = _customers(people, seen)
    customers = {pk: customer for pk, customer in everyone.items() if pk in seen}
    homes = {pk: customer for customer in customers.values() for pk in customer.pks if pk}
    known = ExistingBook(
        people=list(people.values()), customers=list(customers.values()),
        elsewhere=[customer for pk, customer in everyone.items() if pk not in seen],
        importer=people.get(importer.pk), resort=people.get(resort) if resort else None,
        team=set(importer.team_ids()), operations=importer.is_operations, house=Organisation.get().house,
    )  # fmt: skip
    if "history" in kinds:
        spells = Coverage.objects.filter(role=Coverage.Role.PAST)
        known.spells = set(spells.values_list("account_id", "person_id", "started_at"))
    if kinds & {"deal", "task", "case", "link", "role"}:
        known.deals = _deals(homes, known.house)
        products = Deal.objects.visible_to(importer).exclude(product="")
        known.products = set(products.order_by().values_list("product", flat=True).distinct())
        _read_service(known, homes)
    if kinds & {"contact", "deal", "task", "case", "link", "role"}:
        known.contacts = _contacts(customers)
        for account_id, marks in Erasure.objects.values_list("contact__account_id", "marks"):
            (known.erased if account_id in seen else known.erased_elsewhere).update(marks)
    entries = Entry.objects.visible_to(importer).exclude(external_id="")
    known.entries = set(entries.values_list("external_id", flat=True))
    if kinds & {"task", "case"}:
        known.debts = _debts(homes)
    return known


def _read_service(known: ExistingBook, homes: dict[int, PlannedAccount]) -> None:
    """Who served what before our records, and in them since when, be it in an account that is part of it now."""
    served = Coverage.objects.exclude(role__in=[Coverage.Role.INCOMING, Coverage.Role.BACK_UP])
    for account, person, role, since in served.values_list("account_id", "person_id", "role", "started_at"):
        if account not in homes:
            continue
        pair = (homes[account].pk or account, person)
        if role == Coverage.Role.PAST:
            known.past.add(pair)
        else:
            known.serving_since[pair] = min(since, known.serving_since.get(pair, since))


def _people(importer: User, resort: int | None) -> dict[int, PlannedPerson]:
    users = list(User.objects.staff().order_by("pk"))
    people = {
        user.pk: PlannedPerson(
            name=user.name, pk=user.pk, email=user.email, kind=user.kind, title=user.title, phone=user.phone,
            region=user.region, external_id=user.external_id, active=user.may_come_in,
            absence=user.absence,
            stays=user.stays_because(importer) if user.is_operations or user.pk in {importer.pk, resort} else "",
        )
        for user in users
    }  # fmt: skip
    for user in users:
        people[user.pk].manager = people.get(user.reports_to_id) if user.reports_to_id else None
    return people


def _customers(people: dict[int, PlannedPerson], seen: set[int]) -> dict[int, PlannedAccount]:
    """Accounts by id, those merged into another as its parts where they are seen."""
    accounts = list(Account.objects.order_by("pk"))
    records = {
        account.pk: PlannedAccount(
            name=account.name, pk=account.pk, external_id=account.external_id, closed=account.closed_at is not None,
            fields={name: getattr(account, name) for name in ACCOUNT_FIELDS},
        )
        for account in accounts
    }  # fmt: skip
    for pk, name in _former_names(seen):
        records[pk].former_names.append(name)
    customers = {account.pk: records[account.pk] for account in accounts if account.merged_into_id is None}
    for account in accounts:
        if account.merged_into_id in customers and account.merged_into_id in seen:
            home = customers[account.merged_into_id]
            records[account.pk].merged_into = home
            home.parts.append(records[account.pk])
    for account in accounts:
        if account.pk in customers and account.parent_id:
            customers[account.pk].parent = customers.get(account.parent_id)
    current = Coverage.objects.current().filter(role__in=Coverage.HOLDING_ROLES)
    serving = current.values_list("account_id", "person_id", "role", "acting", "started_at")
    for account_id, person_id, role, acting, since in serving:
        if customer := customers.get(account_id):
            customer.team[person_id] = role
            if role == Coverage.Role.OWNER:
                customer.owner, customer.acting = people[person_id], acting
                customer.owner_since = since
    return customers


def _former_names(seen: set[int]) -> list[tuple[int, str]]:
    """What accounts were called before they were called as they are."""
    events = apps.get_model("accounts", "AccountEvent")._default_manager.filter(pgh_obj__in=seen)
    named = events.exclude(name=F("pgh_obj__name")).order_by("pgh_obj_id", "name")
    return list(named.values_list("pgh_obj_id", "name").distinct())


DEAL_FIELDS = (
    "name", "kind", "type", "stage", "product", "amount", "currency", "engaged_on", "expected_close", "closed_at",
    "outcome", "external_id",
)  # fmt: skip


def _deals(homes: dict[int, PlannedAccount], house: str) -> dict[str, KnownDeal]:
    """By their id in the other system, or else by our reference to them."""
    found = {}
    rows = Deal.objects.values("pk", "account_id", "holder_id", *DEAL_FIELDS)
    for row in rows.iterator(chunk_size=5000):
        if customer := homes.get(row["account_id"]):
            fields = {name: row[name] for name in DEAL_FIELDS}
            key = row["external_id"] or str(Mark(house, "deal", row["pk"]))
            found[key] = KnownDeal(customer, fields, row["pk"], row["holder_id"])
    return found


def _debts(customers: dict[int, PlannedAccount]) -> dict[str, KnownDebt]:
    ends = {Obligation.Kind.TASK, Obligation.Kind.VISIT}
    rows = Obligation.objects.exclude(external_id="").filter(account__in=customers)
    return {
        external_id: KnownDebt(pk, holder, closed_at is None, kind in ends)
        for pk, external_id, holder, closed_at, kind in rows.values_list(
            "pk", "external_id", "holder_id", "closed_at", "kind"
        )
    }


def _contacts(customers: dict[int, PlannedAccount]) -> list[PlannedContact]:
    rows = Contact.objects.filter(erased_at=None).values(
        "pk", "account_id", "name", "email", "phone", "title", "external_id", "name_locked", "spelled_at",
        "user__email", "roles", "evidence",
    )  # fmt: skip
    return [
        PlannedContact(
            customers[row["account_id"]],
            {
                name: row[name]
                for name in ("name", "email", "phone", "title", "external_id", "roles", "evidence")
            },
            pk=row["pk"],
            name_locked=row["name_locked"],
            spelled=row["spelled_at"] is not None,
            signs_in=row["user__email"] is not None,
        )
        for row in rows
        if row["account_id"] in customers
    ]


# ---- What was said


def save_outcomes(batch: ImportBatch, plan: ImportPlan) -> None:
    """Write on each row what becomes of it, in one statement."""
    places = list(plan.outcomes)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE accounts_importrow r SET state = said.state, because = said.because, hint = said.hint
            FROM unnest(%s::int[], %s::int[], %s::text[], %s::text[], %s::text[])
                    AS said(position, number, state, because, hint)
                JOIN accounts_importfile f ON f.batch_id = %s AND f.position = said.position
            WHERE r.file_id = f.id AND r.number = said.number
              AND (r.state, r.because, r.hint) IS DISTINCT FROM (said.state, said.because, said.hint)
            """,
            [
                [file for file, _ in places],
                [number for _, number in places],
                [plan.outcomes[place][0] for place in places],
                [plain_words(plan.outcomes[place][1]) for place in places],
                [plain_words(plan.hints.get(place, "")) for place in places],
                batch.pk,
            ],
        )


def summary(plan: ImportPlan) -> PreviewData:
    """What a page shows of a plan, as plain data."""
    return {
        "counts": list(plan.counts().items()),  # pairs: jsonb keeps no order of keys
        "facts": plan.facts(),
        "questions": [
            {**vars(question), "waits": question.waits} for question in plan.questions
        ],
        "colleagues": plan.colleagues,
        "asks": plan.asks,
        "by_operations": plan.by_operations,
        "samples": plan.samples[:SHOWN],
        "more_samples": max(0, len(plan.samples) - SHOWN),
        "remarks": plan.remarks[:SHOWN],
        "more_remarks": max(0, len(plan.remarks) - SHOWN),
        "changes_nothing": plan.changes_nothing,
        "nothing": plan.nothing(),
        "sources": plan.sources,
    }  # fmt: skip
