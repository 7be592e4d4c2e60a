"""The checklist as the handoff room shows it: each line with what this person may do about it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.forms.base import VerbForm
from handoffs.models import ChecklistItem, Part


@dataclass(frozen=True)
class ChecklistRow:
    """A line of the checklist as it stands, with what this person may do about it."""

    row: ChecklistItem
    done: bool
    may_change: bool
    waive: VerbForm

    @property
    def ticks_itself(self) -> bool:
        return self.row.proof != "person"

    @property
    def css(self) -> str:
        if self.row.waived_at:
            return "is-waived"
        return "is-done" if self.done else ("is-blocking" if self.row.required else "")


@dataclass(frozen=True)
class Checklist:
    rows: list[ChecklistRow]

    @property
    def parts(self) -> list[tuple[str, list[ChecklistRow]]]:
        """What is open and can be done now, by part."""
        waiting = [row for row in self.rows if not row.done and not row.row.by_read_back]
        parts = [(str(part.label), [row for row in waiting if row.row.part == part]) for part in Part]
        return [(label, some) for label, some in parts if some]

    @property
    def owed(self) -> list[ChecklistRow]:
        """What ticks itself when somebody takes it on by name."""
        return [row for row in self.rows if not row.done and row.row.by_read_back]

    @property
    def done(self) -> list[ChecklistRow]:
        return [row for row in self.rows if row.done]
