"""Two briefs of an account -> what changed between them: what an approver has to know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import Condition
from handoffs.briefing import Brief


@dataclass(frozen=True)
class BriefChange:
    """One line of a brief that is not what it was."""

    title: str
    before: str
    after: str


def changes(before: Brief, after: Brief) -> list[BriefChange]:
    """The lines that were added, taken out or written anew, in the brief's order."""
    old = {key: (title, text) for key, title, text in lines_of(before)}
    new = {key: (title, text) for key, title, text in lines_of(after)}
    found = [
        BriefChange(title, old[key][1] if key in old else "", text)
        for key, (title, text) in new.items()
        if old.get(key) != (title, text)
    ]
    return found + [BriefChange(title, text, "") for key, (title, text) in old.items() if key not in new]


def lines_of(brief: Brief) -> Iterator[tuple[str, str, str]]:
    """Every line of a brief as key, title and words; the condition is one of them."""
    yield "condition", "Condition", f"{Condition(brief.condition).label}. {brief.condition_because}".strip()
    for part in (
        brief.story,
        brief.people,
        brief.actions,
        brief.contingencies,
        brief.facts,
        brief.deals,
        brief.recent,
    ):
        for line in part:
            yield line.key, line.title, f"{line.text}\n{line.source}".strip()
