"""From where a plan takes what the rows themselves do not say: owners, currencies, the time zone."""

from __future__ import annotations

from collections.abc import Iterator

from . import currencies, values
from .owners import COLUMN
from .review import DATES, Review
from .tables import Table

SAMPLED = 200


def sources(review: Review) -> list[str]:
    return [*_owners(review), *currencies.told(review), *_zone(review)]


def _owners(review: Review) -> Iterator[str]:
    if not any(customer.pk is None for customer in review.customers.everyone):
        return
    rule = review.asked["owner_from"].value if "owner_from" in review.asked else COLUMN
    for kind, field in (("account", "owner"),) if rule == COLUMN else (("deal", "agent"),):
        for table in review.of(kind):
            if table.has(field):
                how = "" if kind == "account" else ", of the deal that decides"
                yield f"The owner of each new account: column “{table.heading(field)}” of {table.name}{how}."


def _zone(review: Review) -> Iterator[str]:
    without = [
        f"“{table.heading(name)}” of {table.name}"
        for table in review.tables
        for name in DATES.get(table.kind, ())
        if table.has(name) and _has_hours_without_zone(table, name)
    ]
    if without:
        more = f" and {len(without) - 3:,} more" if len(without) > 3 else ""
        yield (
            f"Hours that name no time zone ({', '.join(without[:3])}{more}) are read as of {review.zone}, "
            "the time zone of this organisation."
        )


def _has_hours_without_zone(table: Table, name: str) -> bool:
    form = table.form(name)
    moments = (values.instant(text, form) for text in table.column(name)[:SAMPLED] if ":" in text)
    return any(moment is not None and moment.tzinfo is None for moment in moments)
