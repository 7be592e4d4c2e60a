"""Continuity: how an account changes hands."""

from .approvals import Approval
from .checklist import ChecklistItem, Evidence, Part, Proof, TemplateItem
from .handoff import Handoff
from .handoff_sets import approvers_of
from .holdouts import Holdout
from .jobs import JobRun
from .moves import Move
from .read_backs import ReadBack, Takeover
from .transitions import Transition

__all__ = [
    "Approval",
    "ChecklistItem",
    "Evidence",
    "Handoff",
    "Holdout",
    "JobRun",
    "Move",
    "Part",
    "Proof",
    "ReadBack",
    "Takeover",
    "TemplateItem",
    "Transition",
    "approvers_of",
]
