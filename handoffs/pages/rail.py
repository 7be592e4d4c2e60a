"""The rail of a handoff: the five steps in order, who does each and by when, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from accounts.models import User
from accounts.rules import clocks
from handoffs.models import BriefReview, Handoff
from handoffs.models.deadlines import Deadlines
from handoffs.models.telling import RecipientStatus


@dataclass(frozen=True)
class RailStep:
    name: str
    meta: str
    done: bool = False
    late: bool = False
    current: bool = False


def rail(
    handoff: Handoff,
    review: BriefReview,
    *,
    acting: User | None,
    day: date,
    notices: Sequence[RecipientStatus] = (),
) -> list[RailStep]:
    """The steps as they stand on this day; the first that is not done is the current one while it is open.

    `acting` is who serves the account since the outgoing person has gone; `notices` says who of theirs was told.
    """
    last = Deadlines.of(handoff)
    deadlines = [last.write, last.approve, last.read_back, last.accept]
    steps = [
        write_step(handoff, acting, last.write),
        approve_step(handoff, review, last.approve),
        read_back_step(handoff, last.read_back),
        accept_step(handoff, last.accept),
        announce_step(handoff, notices, day),
    ]
    at = next((at for at, step in enumerate(steps[:4]) if not step.done), None)
    if handoff.is_open and at is not None:
        step, late = steps[at], deadlines[at] < day
        meta = f"{step.meta}, late" if late else step.meta
        steps[at] = replace(step, meta=meta, late=late or step.late, current=True)
    return steps


def write_step(handoff: Handoff, acting: User | None, last: date) -> RailStep:
    writer = handoff.written_by or acting or handoff.outgoing
    when = short(handoff.written_at) if handoff.written_at else by(last)
    return RailStep("Write", f"{writer.first_name}, {when}", bool(handoff.written_at))


def approve_step(handoff: Handoff, review: BriefReview, last: date) -> RailStep:
    names = " and ".join(person.first_name for person in review.approvers) or "nobody yet"
    stale = handoff.is_open and not handoff.accepted_at and review.is_stale
    done = bool(handoff.written_at) and not review.waiting_for and not stale
    if stale:
        return RailStep("Approve", f"{names}: stale", done, late=True)
    return RailStep("Approve", names if done else f"{names}, {by(last)}", done)


def read_back_step(handoff: Handoff, last: date) -> RailStep:
    latest = handoff.read_back_latest
    done = bool(handoff.accepted_at or handoff.read_back_waiting)
    when = short(latest.at) if done and latest else by(last)
    return RailStep("Read back", f"{handoff.incoming.first_name}, {when}", done)


def accept_step(handoff: Handoff, last: date) -> RailStep:
    if handoff.overridden_at and handoff.overridden_by:
        meta = f"{handoff.overridden_by.first_name}, {short(handoff.overridden_at)}"
        return RailStep("Overridden", meta, done=True)
    if handoff.accepted_at and handoff.accepted_by:
        meta = f"{handoff.accepted_by.first_name}, {short(handoff.accepted_at)}"
        return RailStep("Accept", meta, done=True)
    return RailStep("Accept", f"a second person, {by(last)}")


def announce_step(handoff: Handoff, notices: Sequence[RecipientStatus], day: date) -> RailStep:
    """Who really was told. Once its day has passed it is late while nobody was."""
    told = [notice.contact.name for notice in notices if notice.told]
    pending = sum(notice.is_pending for notice in notices)
    if handoff.announced_at:
        whom = f"{told[0]}{f' and {len(told) - 1} more' if told[1:] else ''}, " if told else ""
        left = f", {pending} to go" if pending else ""
        return RailStep("Announced", f"{whom}{short(handoff.announced_at)}{left}", done=True)
    when = f"on {short(handoff.announce_on)}"
    off = handoff.refused_at or handoff.cancelled_at or handoff.taken_back_at
    if off or handoff.announce_on >= day:
        return RailStep("Announced", when)
    return RailStep("Announced", f"{when}, nobody told yet", late=True)


def by(last: date) -> str:
    return f"by {short(last)}"


def short(day: date) -> str:
    return clocks.day_in_words(day, short=True)
