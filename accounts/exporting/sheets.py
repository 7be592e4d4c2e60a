"""The tables that go out: of accounts and whoever serves them, of contacts, deals, and in the end of our own people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias, TypedDict, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django_stubs_ext import WithAnnotations

from accounts.models import Account, Contact, Context, Coverage, Deal, Stage, User, today

from .columns import ExportSheet, SheetOut, yes
from .memory_sheets import ENTRIES, FACTS, OBLIGATIONS
from .scope import CHUNK, ExportScope


class AccountColumnsOut(TypedDict):
    owner_id: int | None
    owner_name: str | None
    owner_email: str | None
    owner_acting: bool | None
    owner_since: datetime | None
    stage_now: str | None
    last_contact_at: datetime | None
    parent_name: str | None
    also_called: list[str]


class ContactColumnsOut(TypedDict):
    lasting: list[Context]


AccountOut: TypeAlias = "WithAnnotations[Account, AccountColumnsOut]"
ContactOut: TypeAlias = "WithAnnotations[Contact, ContactColumnsOut]"


def _accounts(scope: ExportScope) -> Iterator[AccountOut]:
    seen = Account.objects.visible_to(scope.user)
    merged = seen.filter(merged_into=OuterRef("pk")).order_by("pk")
    parent = seen.filter(pk=OuterRef("parent"))
    owner = Coverage.objects.owners().filter(account=OuterRef("pk"))
    rows = seen.filter(pk__in=[pk for pk, account in scope.accounts.items() if pk == account.pk])
    rows = rows.with_owner().with_journey().select_related("condition_by", "closed_by")
    rows = rows.annotate(
        parent_name=Subquery(parent.values("name")[:1]),
        owner_email=Subquery(owner.values("person__email")[:1]),
        also_called=ArraySubquery(merged.values("name")),
    )
    return cast("Iterator[AccountOut]", rows.order_by("pk").iterator(chunk_size=CHUNK))


def _owner(account: AccountOut, scope: ExportScope) -> str:
    if account.owner_id:
        scope.people.add(account.owner_id)
    return account.owner_name or ""


ACCOUNTS = ExportSheet["AccountOut"](
    "Accounts", "account", _accounts,
    [
        ("Account ID", lambda account, scope: scope.account_id(account)),
        ("Account", lambda account, scope: account.name),
        ("Industry", lambda account, scope: account.industry),
        ("Region", lambda account, scope: account.region),
        ("Segment", lambda account, scope: account.segment),
        ("Country", lambda account, scope: account.country),
        ("Address", lambda account, scope: account.address),
        ("Phone", lambda account, scope: account.phone),
        ("Website", lambda account, scope: account.website),
        ("Employees", lambda account, scope: account.employees),
        ("Revenue", lambda account, scope: account.revenue),
        ("Founded", lambda account, scope: account.founded),
        ("Time zone", lambda account, scope: account.time_zone),
        ("Parent account", lambda account, scope: account.parent_name or ""),
        ("Owner email", lambda account, scope: account.owner_email or ""),
        ("Owned by", _owner),
        ("Acting", lambda account, scope: yes(account.owner_acting)),
        ("Owner since", lambda account, scope: scope.instant(account.owner_since)),
        ("Stage", lambda account, scope: Stage(account.stage_now).label if account.stage_now else ""),
        ("Condition", lambda account, scope: account.get_condition_display()),
        ("Because", lambda account, scope: account.condition_because),
        ("Rated by", lambda account, scope: scope.name(account.condition_by)),
        ("Rated at", lambda account, scope: scope.instant(account.condition_at)),
        ("Last in touch", lambda account, scope: scope.instant(account.last_contact_at)),
        ("Merged into it", lambda account, scope: "; ".join(account.also_called)),
        ("Created at", lambda account, scope: scope.instant(account.created_at)),
        ("Closed at", lambda account, scope: scope.instant(account.closed_at)),
        ("Closed by", lambda account, scope: scope.name(account.closed_by)),
        ("Closed because", lambda account, scope: account.closed_because),
    ],
)  # fmt: skip


def _contacts(scope: ExportScope) -> Iterator[ContactOut]:
    contexts = Context.objects.visible_to(scope.user).lasting(today())
    lasting = Prefetch("contexts", contexts, to_attr="lasting")
    rows = Contact.objects.select_related("imported_by").prefetch_related(lasting)
    return cast("Iterator[ContactOut]", scope.of_accounts(rows))


CONTACTS = ExportSheet["ContactOut"](
    "Contacts", "contact", _contacts,
    [
        ("Contact ID", lambda contact, scope: contact.external_id),
        ("Name", lambda contact, scope: contact.name),
        ("Account ID", lambda contact, scope: scope.account_id(scope.home(contact.account_id))),
        ("Account", lambda contact, scope: scope.home(contact.account_id).name),
        ("Title", lambda contact, scope: contact.title),
        ("Email", lambda contact, scope: contact.email),
        ("Phone", lambda contact, scope: contact.phone),
        ("How to say it", lambda contact, scope: contact.say_name),
        ("Spelled by themselves at", lambda contact, scope: scope.instant(contact.spelled_at)),
        ("Part they play", lambda contact, scope: "; ".join(contact.role_labels)),
        ("Strength as champion", lambda contact, scope: contact.get_strength_display() or ""),
        ("What shows it", lambda contact, scope: contact.evidence),
        ("What it cost them", lambda contact, scope: contact.cost),
        ("What weighs on them", lambda contact, scope: "\n".join(
            f"{context} (until {context.until.isoformat()})" for context in contact.lasting)),
        ("Left on", lambda contact, scope: contact.left_on),
        ("Went to", lambda contact, scope: contact.went_to),
        ("Written down at", lambda contact, scope: scope.instant(contact.created_at)),
        ("Erased at", lambda contact, scope: scope.instant(contact.erased_at)),
        ("Imported by", lambda contact, scope: scope.name(contact.imported_by)),
        ("Imported from", lambda contact, scope: contact.imported_from),
    ],
)  # fmt: skip


def _amount(deal: Deal) -> Decimal | str | None:
    """A spreadsheet knows fifteen digits of a number."""
    large = deal.amount is not None and abs(deal.amount) >= Decimal(10) ** 13
    return str(deal.amount) if large else deal.amount


DEALS = ExportSheet[Deal](
    "Deals", "deal",
    lambda scope: scope.of_accounts(Deal.objects.select_related("holder", "imported_by")),
    [
        ("Deal ID", lambda deal, scope: deal.external_id),
        ("Deal name", lambda deal, scope: deal.name),
        ("Account ID", lambda deal, scope: scope.account_id(scope.home(deal.account_id))),
        ("Account", lambda deal, scope: scope.home(deal.account_id).name),
        ("Kind of deal", lambda deal, scope: deal.get_kind_display()),
        ("Type", lambda deal, scope: deal.type),
        ("Owner email", lambda deal, scope: scope.email(deal.holder)),
        ("Held by", lambda deal, scope: scope.name(deal.holder)),
        ("Held as", lambda deal, scope: deal.get_role_display()),
        ("Stage", lambda deal, scope: deal.stage),
        ("Product", lambda deal, scope: deal.product),
        ("Amount", lambda deal, scope: _amount(deal)),
        ("Currency", lambda deal, scope: deal.currency),
        ("Engaged on", lambda deal, scope: deal.engaged_on),
        ("Close date", lambda deal, scope: scope.day(deal.closed_at) or deal.expected_close),
        ("Outcome", lambda deal, scope: deal.get_outcome_display()),
        ("Is closed", lambda deal, scope: yes(deal.closed_at)),
        ("Is won", lambda deal, scope: yes(deal.is_won)),
        ("Written down at", lambda deal, scope: scope.instant(deal.created_at)),
        ("Imported by", lambda deal, scope: scope.name(deal.imported_by)),
        ("Imported from", lambda deal, scope: deal.imported_from),
    ],
)  # fmt: skip


def _coverage(scope: ExportScope) -> Iterator[Coverage]:
    seen = Account.objects.visible_to(scope.user).filter(pk__in=list(scope.accounts))
    rows = Coverage.objects.filter(account__in=seen)
    rows = rows.select_related("person", "follows__person", "started_by", "ended_by")
    return rows.order_by("account_id", "started_at", "pk").iterator(chunk_size=CHUNK)


COVERAGE = ExportSheet[Coverage](
    "Coverage", "coverage", _coverage,
    [
        ("Account ID", lambda row, scope: scope.account_id(scope.home(row.account_id))),
        ("Account", lambda row, scope: scope.home(row.account_id).name),
        ("Role", lambda row, scope: row.get_role_display()),
        ("Person", lambda row, scope: scope.name(row.person)),
        ("Person email", lambda row, scope: scope.email(row.person)),
        ("Acting", lambda row, scope: yes(row.acting)),
        ("From", lambda row, scope: scope.instant(row.started_at)),
        ("Until", lambda row, scope: scope.instant(row.ended_at)),
        ("Took over from", lambda row, scope: scope.name(row.follows.person) if row.follows else ""),
        ("Begun because", lambda row, scope: row.started_because),
        ("Begun by", lambda row, scope: scope.name(row.started_by)),
        ("Ended because", lambda row, scope: row.ended_because),
        ("Ended by", lambda row, scope: scope.name(row.ended_by)),
    ],
)  # fmt: skip


def _people(scope: ExportScope) -> Iterator[User]:
    rows: QuerySet[User] = User.objects.staff().filter(pk__in=scope.people).order_by("pk")
    return rows.select_related("reports_to").iterator(chunk_size=CHUNK)


PEOPLE = ExportSheet[User](
    "People", "person", _people,
    [
        ("Employee ID", lambda person, scope: person.external_id),
        ("Name", lambda person, scope: person.name),
        ("Email", lambda person, scope: person.email),
        ("Title", lambda person, scope: person.title),
        ("Phone", lambda person, scope: person.phone),
        ("Manager", lambda person, scope: person.reports_to.name if person.reports_to else ""),
        ("Region", lambda person, scope: person.region),
        ("Active", lambda person, scope: yes(person.is_active)),
    ],
)  # fmt: skip

#: What is written of some accounts after the others.
OF_ACCOUNTS: list[SheetOut] = [ACCOUNTS, CONTACTS, DEALS, ENTRIES, OBLIGATIONS, FACTS, COVERAGE]
EVERY_SHEET: list[SheetOut] = [*OF_ACCOUNTS, PEOPLE]
