"""What is undone in the other system becomes something owed here, held by whoever has it there if they serve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from . import values
from .book import (
    CHANGED,
    NEW,
    UNCHANGED,
    PlannedAccount,
    PlannedContact,
    PlannedDebt,
    PlannedPerson,
    StagedRow,
)
from .deals import NOT_YOURS
from .review import Review


def settle_known(review: Review, row: StagedRow, ids: Iterable[str], *, done: bool) -> bool:
    """Whether this row came in before; then say what becomes of it. What is owed here ends only if somebody says so."""
    debt = next((review.known.debts[each] for each in ids if each in review.known.debts), None)
    if debt is None:
        if known := not review.known.entries.isdisjoint(ids):
            review.plan.settle(row, UNCHANGED)
        return known
    if debt.is_open and done:
        _end(review, row, debt.pk, debt.held_by) if debt.is_ours_to_end else _left_to_them(review, row)
        return True
    over = "" if debt.is_open or done else "It is undone in the file and has ended here; it stays ended."
    review.plan.settle(row, UNCHANGED, over)
    return True


def _left_to_them(review: Review, row: StagedRow) -> None:
    because = "It is done in the file and still owed here: only the customer closes what the customer raised."
    review.plan.settle(row, UNCHANGED, because)


def _end(review: Review, row: StagedRow, pk: int, held_by: int) -> None:
    if not review.known.operations and held_by not in review.known.team:
        review.aside(row, NOT_YOURS)
        return
    answer = review.ask(
        "done_there", "Some of what is owed here is done by what the files say. Is it done here, too?",
        [("keep", "No: it stays owed until somebody says so here"), ("end", "Yes: it is done")],
        recommended="keep", why="What is owed ends when somebody says that it was done.",
    )  # fmt: skip
    if answer == "end":
        review.plan.done.append((pk, row.source))
        review.plan.settle(row, CHANGED)
    else:
        review.plan.settle(row, UNCHANGED, "It is done in the file and still owed here.")


def plan_debt(
    review: Review, row: StagedRow, customer: PlannedAccount, *, kind: str, text: str, due: date | None,
    external_id: str, raised_at: datetime, named: str, contact: PlannedContact | None = None,
    starts_at: datetime | None = None, severity: str = "",
) -> None:  # fmt: skip
    """Owe this from now on. `named` is who has it in the other system."""
    if customer.closed:
        raise values.Unfit(f"{customer.name} is closed here.")
    debt = PlannedDebt(
        customer, kind, text, due, starts_at, raised_at, external_id, contact, row, named[:200], severity,
        holder=review.people.find(named) if values.record_id(named) else None,
    )  # fmt: skip
    note = ""
    if named and debt.holder is None:
        note = f"“{named}” is nobody who works here, so the account's owner holds it."
    elif debt.holder and not debt.holder.active:
        note, debt.holder = f"{debt.holder.name} has left, so the account's owner holds it.", None
    elif not named:
        note = "The file names nobody for it, so the account's owner holds it."
    review.plan.debts.append(debt)
    review.plan.settle(row, NEW, note)


def plan_debtors(review: Review) -> None:
    """Who holds each new debt: whoever has it there, if they serve the account or join its team; else the owner."""
    elsewhere = [debt for debt in review.plan.debts if debt.holder and debt.holder is not debt.customer.owner]
    serving = [debt for debt in elsewhere if _serves(review, debt)]
    strangers = [debt for debt in elsewhere if debt not in serving]
    joins = _ask(review, strangers)
    joining: Counter[tuple[PlannedAccount, PlannedPerson]] = Counter()
    for debt in elsewhere:
        assert debt.holder
        debt.role = debt.customer.team.get(debt.holder.pk or 0, "support")
        if debt in serving:
            continue
        if joins:
            joining[debt.customer, debt.holder] += 1
            review.plan.joining_source.setdefault((debt.customer, debt.holder), debt.row.source)
        else:
            debt.holder, debt.role = None, "owner"
    for pair, count in joining.items():
        review.plan.joining[pair] = f"Imported: has {count} thing{'s' if count > 1 else ''} to do"
    _leave_aside_what_others_hold(review)


def _serves(review: Review, debt: PlannedDebt) -> bool:
    assert debt.holder
    return debt.holder.pk in debt.customer.team or (debt.customer, debt.holder) in review.plan.joining


def _ask(review: Review, strangers: list[PlannedDebt]) -> bool:
    if not strangers:
        return False
    answer = review.ask(
        "open_tasks",
        f"{len(strangers)} undone tasks are with somebody who does not serve the account. Who holds them?",
        [("holder", "Whoever has them; they join the account's team as support"), ("owner", "The account's owner")],
        recommended="holder", why="Whoever owes something to an account must serve it.",
    )  # fmt: skip
    return answer == "holder"


def _leave_aside_what_others_hold(review: Review) -> None:
    kept = []
    for debt in review.plan.debts:
        if review.acts_for(debt.holder or debt.customer.owner):
            kept.append(debt)
        else:
            review.aside(debt.row, NOT_YOURS)
    review.plan.debts = kept
