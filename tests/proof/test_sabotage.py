"""One thing that must survive is deleted or altered in a read-back that says everything: the comparison must show it.

    bin/test tests/proof/test_sabotage.py -s

prints how often it does, by kind, and how often it points at something in a read-back that says everything.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from handoffs.held_against import Comparison, Said, held_against

from .sabotage import ON, PEOPLE, Case, make

CASES = 12
SEEN, SEEN_OF_A_KIND, FALSE_ALARMS = 0.99, 0.9, 0.02
"""At least so many of what was lost, and of every kind; at most so many of the lines that were said.

A day that was left out is not missed where the same sentence says it of something else.
"""


def compared(case: Case, answers: list[str]) -> list[Comparison]:
    return held_against(case.lines, answers, on=ON, names=PEOPLE)


def sabotages(case: Case) -> Iterator[tuple[int, str, str, str]]:
    """Of which line, which slot, how, and of what kind that is."""
    for number, told in enumerate(case.told):
        yield number, "", "deleted", "promise" if told.key == "obligation" else "whole line"
        for name, slot in told.slots.items():
            for how in ("deleted", "altered"):
                yield number, name, how, slot.kind


def test_what_is_lost_is_shown_and_what_is_said_is_not() -> None:
    dice = random.Random(20260304)
    tried, seen = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    said = alarms = 0
    missed: list[str] = []
    wrongly: list[str] = []
    for _ in range(CASES):
        case = make(dice)
        order = random.Random(dice.random())
        state = order.getstate()
        good = case.answers(order)
        for one in compared(case, good):
            said += 1
            if one.said != Said.YES:
                alarms += 1
                wrongly.append(f"{one.line.title}: {one.line.text} <- {good} {one.differences}")
        for number, lost, how, kind in sabotages(case):
            order.setstate(state)
            answers = case.answers(order, number, lost, how)
            tried[kind, how] += 1
            result = compared(case, answers)[number]
            if result.said != Said.YES:
                seen[kind, how] += 1
            else:
                missed.append(f"{kind} {how}: {result.line.title}: {result.line.text} <- {answers}")
    print(f"\n{sum(seen.values())} of {sum(tried.values())} things lost are shown:")
    for kind, how in sorted(tried):
        print(f"  {kind} {how}: {seen[kind, how]} of {tried[kind, how]}")
    print(f"False alarms: {alarms} of {said} lines that were said")
    assert sum(seen.values()) >= SEEN * sum(tried.values()), missed[:20]
    assert all(seen[which] >= SEEN_OF_A_KIND * tried[which] for which in tried), missed[:20]
    assert alarms <= FALSE_ALARMS * said, wrongly[:20]


def test_every_kind_of_thing_is_tried() -> None:
    kinds = {kind for _, _, _, kind in sabotages(make(random.Random(1)))}
    assert kinds >= {"date", "number", "amount", "name", "negation", "only", "condition", "length", "promise"}
