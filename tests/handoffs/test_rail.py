"""The rail of a handoff, drawn from its milestones alone: no row is read for it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.models import Account, User
from accounts.rules import clocks
from handoffs.models import BriefReview, Handoff, ReadBack
from handoffs.models.deadlines import Deadlines
from handoffs.pages.rail import RailStep, rail

MAX, OLIVIA, INES = (User(pk=pk, name=name) for pk, name in enumerate(["Max", "Olivia", "Ines"], start=1))
APRIL_30 = datetime(2027, 4, 30, 12, tzinfo=UTC)


def steps(
    *,
    read_back: ReadBack | None = None,
    stale: bool = False,
    acting: User | None = None,
    day: int = 1,
    **done: Any,
) -> list[RailStep]:
    """Of a handoff from Olivia to Ines that Max approves, opened on Friday 30 April: they are told on Wednesday 5 May
    and it moves on the 7th. As it stands on a day of May.
    """
    dates = {
        "opened_at": APRIL_30,
        "accountable_on": date(2027, 5, 7),
        "announce_on": date(2027, 5, 5),
    }
    handoff = Handoff(pk=1, account=Account(name="Acme"), outgoing=OLIVIA, incoming=INES, **dates, **done)
    read = {"read_backs": [read_back] if read_back else []}
    handoff._prefetched_objects_cache = read  # type: ignore[attr-defined]  # as Django keeps what it read
    review = BriefReview(handoff)
    vars(review).update(approvers=[MAX], waiting_for=[] if stale or read_back else [MAX], is_stale=stale)
    with clocks.running(lambda: APRIL_30):  # in that year a day is named without it
        return rail(handoff, review, acting=acting, day=date(2027, 5, day))


def test_an_unwritten_one_stands_at_its_first_step() -> None:
    write, *others = steps()
    assert (write.name, write.meta, write.current, write.late) == ("Write", "Olivia, by 3 May", True, False)
    assert not any(step.done or step.current for step in others)
    assert [step.name for step in others] == ["Approve", "Read back", "Accept", "Announced"]


def test_whoever_acts_writes_for_somebody_who_has_gone() -> None:
    assert steps(acting=MAX)[0].meta == "Max, by 3 May"


def test_after_its_day_the_step_it_waits_at_is_late() -> None:
    late = steps(day=4)[0]
    assert (late.meta, late.late) == ("Olivia, by 3 May, late", True)


def test_all_is_done_before_they_are_told_on_days_on_which_work_is_done() -> None:
    write, approve, read, accept, announced = (step.meta for step in steps())
    assert (write, approve) == ("Olivia, by 3 May", "Max, by 3 May")
    assert (read, accept) == ("Ines, by 4 May", "a second person, by 4 May")
    assert announced == "on 5 May"


@pytest.mark.parametrize(
    ("country", "told", "moves", "accept"),
    [
        ("", date(2027, 6, 1), date(2027, 5, 14), date(2027, 5, 13)),  # it moves before they are told
        ("Germany", date(2027, 5, 7), date(2027, 5, 7), date(2027, 5, 5)),  # the 6th is Ascension Day
        ("", date(2027, 5, 10), date(2027, 6, 1), date(2027, 5, 7)),  # a weekend lies between
        ("", date(2027, 4, 30), date(2027, 4, 30), date(2027, 4, 30)),  # at once
        ("", date(2027, 4, 1), date(2027, 6, 1), date(2027, 4, 30)),  # they know already
    ],
)
def test_deadlines_count_backwards(country: str, told: date, moves: date, accept: date) -> None:
    account = Account(name="Acme", country=country)
    last = Deadlines.of(Handoff(account=account, opened_at=APRIL_30, announce_on=told, accountable_on=moves))
    assert last.accept == accept
    assert last.write <= last.approve <= last.read_back <= last.accept


def test_a_stale_approval_is_where_it_waits() -> None:
    write, approve, *_ = steps(written_at=APRIL_30, written_by=OLIVIA, stale=True)
    assert write.done
    assert (approve.meta, approve.done, approve.late, approve.current) == ("Max: stale", False, True, True)


def test_what_was_read_back_waits_for_a_second_person() -> None:
    read_back = ReadBack(by=INES, at=APRIL_30)
    *_, read, accept, announced = steps(written_at=APRIL_30, written_by=OLIVIA, read_back=read_back)
    assert (read.meta, read.done) == ("Ines, 30 Apr", True)
    assert (accept.meta, accept.current) == ("a second person, by 4 May", True)
    assert (announced.meta, announced.done) == ("on 5 May", False)


def test_an_override_shows_who_decided_it() -> None:
    overridden = steps(overridden_at=APRIL_30, overridden_by=MAX, moved_at=APRIL_30)[3]
    assert (overridden.name, overridden.meta, overridden.done) == ("Overridden", "Max, 30 Apr", True)
