"""Memory: what we know of each customer, and who serves them today."""

from accounts.rules.condition import Condition

from .accounts import Account
from .asks import Ask, AskedAgain
from .base import Frozen, Refused, verb
from .cadences import Cadence
from .contacts import Contact, Erasure
from .contexts import Context, ContextEnd
from .coverage import Coverage
from .deals import Deal
from .entries import Entry, Mention, Retraction, Share, Stage
from .facts import Confirmation, Fact
from .imports import ImportBatch, ImportFile, ImportRow
from .letters import Letter
from .notes import Note, NotePart
from .obligations import Obligation
from .organisation import Organisation, today
from .topics import Topic
from .users import User
from .verdicts import Verdict

__all__ = [
    "Account",
    "Ask",
    "AskedAgain",
    "Cadence",
    "Condition",
    "Confirmation",
    "Contact",
    "Context",
    "ContextEnd",
    "Coverage",
    "Deal",
    "Entry",
    "Erasure",
    "Fact",
    "Frozen",
    "ImportBatch",
    "ImportFile",
    "ImportRow",
    "Letter",
    "Mention",
    "Note",
    "NotePart",
    "Obligation",
    "Organisation",
    "Refused",
    "Retraction",
    "Share",
    "Stage",
    "Topic",
    "User",
    "Verdict",
    "today",
    "verb",
]
