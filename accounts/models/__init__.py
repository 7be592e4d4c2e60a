"""Memory: what we know of each customer, and who serves them today.

Each noun imports only those above it in this order, and points to the others by name:

the organisation, its people and their letters; contacts; what happened (entries) and what is true (topics, facts);
what we owe (obligations, cases, visits) and what is in flight (deals); who serves (coverage); how often they visit,
what we asked and what they answered (cadences, asks, verdicts); and on top the account, which knows them all.
"""

from accounts.rules.condition import Condition, Stage

from .accounts import Account
from .asks import Ask, AskedAgain
from .base import Frozen, Refused, verb
from .cadences import Cadence
from .cases import CustomerCase
from .contacts import Contact, Erasure
from .contexts import Context, ContextEnd
from .coverage import Coverage
from .deals import Deal
from .entries import Entry, Mention, Retraction, Share
from .facts import Confirmation, Fact
from .imports import ImportBatch, ImportFile, ImportRow
from .letters import Letter
from .notes import Note, NotePart
from .obligations import Obligation
from .organisation import Organisation, today
from .sessions import Session
from .topics import Topic
from .users import User
from .verdicts import Verdict
from .visits import Visit

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
    "CustomerCase",
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
    "Session",
    "Share",
    "Stage",
    "Topic",
    "User",
    "Verdict",
    "Visit",
    "today",
    "verb",
]
