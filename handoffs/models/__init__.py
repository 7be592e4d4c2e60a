"""Continuity: how an account changes hands.

Each noun imports only those before it: a `Move` is a line of a `Transition`'s plan; for each of them there is a
`Handoff`, which has `Approval`s of its brief, a checklist, `ReadBack`s and `Holdout`s; a `JobRun` opens them.
What a step asks (`permissions`, `blockers`, `plan_blockers`) and what it does (`transfer`) stand in files of their own.
"""

from .approvals import Approval, BriefReview, PlanReview
from .checklist import ChecklistItem, Evidence, Part, Proof, TemplateItem
from .handoff import Handoff
from .holdouts import Holdout
from .jobs import JobRun
from .moves import Move
from .read_backs import ReadBack, Takeover
from .transitions import Transition

__all__ = [
    "Approval",
    "BriefReview",
    "ChecklistItem",
    "Evidence",
    "Handoff",
    "Holdout",
    "JobRun",
    "Move",
    "Part",
    "PlanReview",
    "Proof",
    "ReadBack",
    "Takeover",
    "TemplateItem",
    "Transition",
]
