"""The one entry: tables, what is known and the answers so far give a plan. Free of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from .activities import plan_activities
from .book import LEFT_OUT, ExistingBook, ImportPlan, Table
from .cases import plan_cases
from .columns import IGNORED, NOT_TAKEN, WORDS
from .contacts import plan_contacts
from .customers import plan_customers
from .deals import plan_deals, plan_holders, plan_tenures
from .debts import plan_debtors
from .descriptions import plan_descriptions
from .owners import plan_owners, resort
from .parts import plan_parts
from .people import plan_people
from .placing import Placement
from .returned import plan_returned
from .review import Review
from .sources import sources
from .tenures import plan_history, plan_since, plan_team


def plan_book(
    tables: Sequence[Table], known: ExistingBook, answers: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> ImportPlan:
    """Work out what these tables would change.

    `tables` are all staged sheets (those of no kind are left aside with their sentence), `known` is changed in
    the course of it and must be read anew for another plan, `now` is the instant that ends what has ended.
    """
    review = Review(tables, known, answers, now=now, zone=zone)
    _leave_out(review, tables)
    review.settle_columns()
    plan_people(review)
    plan_customers(review)
    placement = Placement(review, plan_contacts(review))
    record = plan_deals(review, placement)
    plan_tenures(review, record)
    plan_owners(review, record)
    plan_holders(review)
    plan_history(review)
    plan_parts(review, placement)
    plan_activities(review, placement)
    plan_cases(review, placement)
    plan_descriptions(review, placement)
    plan_debtors(review)
    plan_since(review, record)
    plan_team(review)
    placement.settle_links()
    plan_returned(review)
    if known.operations:
        resort(review)
    _account_for_all(review, tables)
    _tell_what_is_spoiled(review, tables)
    review.plan.sources = sources(review)
    return review.plan


def _leave_out(review: Review, tables: Sequence[Table]) -> None:
    """Rows of tables of which nothing is taken: by somebody's choice, or because it is not known what they hold."""
    for table in tables:
        for row in table.rows if table.kind in NOT_TAKEN else []:
            if table.kind == IGNORED:
                review.plan.settle(row, LEFT_OUT)
            else:
                review.aside(row, table.sentence)


def _account_for_all(review: Review, tables: Sequence[Table]) -> None:
    """No row is lost without a word."""
    for table in tables:
        for row in table.rows:
            if row.place not in review.plan.outcomes:
                review.aside(row, f"Nothing is made of {WORDS.get(table.kind, 'such rows')} yet.")


def _tell_what_is_spoiled(review: Review, tables: Sequence[Table]) -> None:
    """What a spreadsheet has spoiled is told beside whatever else becomes of the row."""
    for row in (row for table in tables if table.numbers and table.kind != IGNORED for row in table.rows):
        if (said := row.spoiled()) and not row.is_untouched(review.known.house):
            state, because = review.plan.outcomes[row.place]
            review.plan.settle(row, state, " ".join([because, *said]).strip())
