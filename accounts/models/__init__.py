"""Memory: what we know of each customer, and who serves them today.

Each noun imports only those above it in this order, and points to the others by name:

the organisation, its people and their letters; contacts; what happened (entries) and what is true (topics, facts);
what we owe (obligations, cases), the passages of entries that became one or the other, and what is in flight (deals);
what a leaver asks a second person for (countersignatures); who serves (coverage) and who leaves (offboarding); where
the answers stood to what they ask after a change of owner (answer sources); the mail that waits to be looked at, and
what mail and entries were read from (originals); how often they visit, what we asked and what they answered (visits,
asks, verdicts); what moved when accounts were joined (merges); and on top the account, which knows them all.
"""

from accounts.rules.condition import Condition, Stage

from .accounts import Account
from .address_changes import AddressChange
from .answer_sources import AnswerSource
from .asks import Ask, AskedAgain, PassedAnswer
from .base import Frozen, Refused, verb
from .cases import CustomerCase
from .contacts import Contact, Erasure
from .contexts import Context, ContextEnd
from .countersignatures import Countersignature
from .coverage import Coverage
from .deals import Deal
from .entries import Entry, Mention, Retraction, Share
from .exports import Export, ExportDownload, ExportPart
from .facts import Confirmation, Fact
from .held_mail import HeldMail
from .import_mappings import ImportMapping
from .imports import ImportBatch, ImportFile, ImportRow
from .letters import Letter
from .merges import AccountMerge, DistinctAccounts
from .notes import Note, NotePart
from .obligations import Obligation
from .offboarding import Offboarding
from .organisation import Organisation, today
from .originals import Original
from .passages import EntryReading, Passage
from .sessions import Session
from .sign_in_attempts import SignInAttempt
from .sorted_passages import SortedPassage, UndoneSorting
from .submissions import Submission
from .thread_reads import ThreadRead
from .topics import Topic
from .users import User
from .verdicts import Verdict
from .visits import Cadence, Visit
