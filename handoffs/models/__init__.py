"""Continuity: how an account changes hands.

A `Transition` plans a `Move` for each account. Each move gets a `Handoff`, with its checklist, `Approval`s of its
brief, `ReadBack`s, `Inquiry`s to colleagues and `Holdout`s, the `Recipient`s at the customer and a `Notification` of
each who was told; a `JobRun` opens them all. A noun imports only those before it in this order: Holdout, Approval,
Move, Transition, ReadBack, Recipient, Notification, ChecklistItem, Handoff, Inquiry, JobRun. What a step asks
(`permissions`, `blockers`) and what it does (`transfer`) stand in files of their own.
"""

from .approvals import Approval, BriefReview, PlanReview
from .checklist import ChecklistItem, Part, Proof, TemplateItem
from .evidence import Evidence
from .handoff import Handoff
from .inquiries import Inquiry, InquiryAnswer
from .jobs import JobRun
from .moves import Move
from .read_backs import ReadBack, Takeover
from .shown_people import ShownPeople
from .telling import Notification, Recipient
from .transfer import Holdout
from .transitions import Transition
