"""The one entry: tables, what is known and the answers so far give a plan. Free of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from .activities import plan_contacts, plan_happenings
from .book import ASIDE, Known, Plan, Table
from .customers import plan_customers
from .deals import plan_deals, plan_holders, plan_spells
from .owners import plan_owners, resort
from .people import plan_people
from .review import Desk


def plan_book(
    tables: Sequence[Table], known: Known, answers: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> Plan:
    """Work out what these tables would change.

    `tables` are all staged sheets (those of no kind are left aside with their sentence), `known` is changed in
    the course of it and must be read anew for another plan, `now` is the instant that ends what has ended.
    """
    desk = Desk(tables, known, answers, now=now, zone=zone)
    for table in tables:
        for line in table.lines if not table.kind or table.kind == "dictionary" else []:
            desk.plan.settle(line, ASIDE, table.sentence)
    desk.settle_columns()
    plan_people(desk)
    plan_customers(desk)
    record = plan_deals(desk)
    plan_spells(desk, record)
    plan_owners(desk, record)
    plan_holders(desk)
    plan_happenings(desk, plan_contacts(desk))
    resort(desk)
    return desk.plan
