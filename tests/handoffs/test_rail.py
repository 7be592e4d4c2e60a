"""The rail of a handoff, drawn from its milestones alone: no row is read for it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from accounts.models import Account, User
from handoffs.models import BriefReview, Handoff, ReadBack
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
    """Of a handoff from Olivia to Ines that Max approves, due on 7 May, as it stands on a day of May."""
    dates = {"accountable_on": date(2027, 5, 7), "announce_on": date(2027, 5, 5)}
    handoff = Handoff(pk=1, account=Account(name="Acme"), outgoing=OLIVIA, incoming=INES, **dates, **done)
    read = {"read_backs": [read_back] if read_back else []}
    handoff._prefetched_objects_cache = read  # type: ignore[attr-defined]  # as Django keeps what it read
    review = BriefReview(handoff)
    vars(review).update(approvers=[MAX], waiting_for=[] if stale or read_back else [MAX], is_stale=stale)
    return rail(handoff, review, acting=acting, day=date(2027, 5, day))


def test_an_unwritten_one_stands_at_its_first_step() -> None:
    write, *others = steps()
    assert (write.name, write.meta, write.current, write.late) == ("Write", "Olivia, by 7 May", True, False)
    assert not any(step.done or step.current for step in others)
    assert [step.name for step in others] == ["Approve", "Read back", "Accept", "Announced"]


def test_whoever_acts_writes_for_somebody_who_has_gone() -> None:
    assert steps(acting=MAX)[0].meta == "Max, by 7 May"


def test_after_its_day_the_step_it_waits_at_is_late() -> None:
    late = steps(day=8)[0]
    assert (late.meta, late.late) == ("Olivia, by 7 May, late", True)


def test_a_stale_approval_is_where_it_waits() -> None:
    write, approve, *_ = steps(written_at=APRIL_30, written_by=OLIVIA, stale=True)
    assert write.done
    assert (approve.meta, approve.done, approve.late, approve.current) == ("Max: stale", False, True, True)


def test_what_was_read_back_waits_for_a_second_person() -> None:
    read_back = ReadBack(by=INES, at=APRIL_30)
    *_, read, accept, announced = steps(written_at=APRIL_30, written_by=OLIVIA, read_back=read_back)
    assert (read.meta, read.done) == ("Ines, 30 Apr", True)
    assert (accept.meta, accept.current) == ("a second person, by 7 May", True)
    assert (announced.meta, announced.done) == ("on 5 May", False)


def test_an_override_shows_who_decided_it() -> None:
    overridden = steps(overridden_at=APRIL_30, overridden_by=MAX, moved_at=APRIL_30)[3]
    assert (overridden.name, overridden.meta, overridden.done) == ("Overridden", "Max, 30 Apr", True)
