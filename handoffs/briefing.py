"""account -> Brief: what the next owner must know, composed from memory and from nothing else.

The brief follows the five parts of I-PASS (illness severity, patient summary, action list, situation awareness
and contingency plans, synthesis by receiver: Starmer et al., N Engl J Med 2014;371:1803-12). The fifth part,
the read-back, is the receiver's own and so is not composed here. Nothing is invented: a gap is listed as a gap.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from rapidfuzz import fuzz

from accounts.models import Account, Condition, Contact, Deal, Fact, Obligation, Topic
from accounts.pages.from_notes import FromNotes, NoteLine
from accounts.rules.passages import count_words

#: How alike two words must be (0 to 100) to count as the same: forgives an ending or a typing slip.
ALIKE = 86
#: The share of a line's telling words that a read-back must contain to count as having mentioned it.
MENTIONED = 0.34
COMMON = frozenset(
    """
    about after again against because before being between could does doing down during each from
    further have having here into just more most once only other over same should some such than
    that their them then there these they this those through under until very were what when where
    which while will with would your
    """.split()  # noqa: SIM905 (words are read, not quotation marks)
)


@dataclass(frozen=True)
class BriefLine:
    """One thing of the brief: what it says, where it comes from, and whether it must survive the change."""

    key: str
    title: str
    text: str
    source: str = ""
    must_survive: bool = False


@dataclass(frozen=True)
class BriefChange:
    """One line of a brief that is not what it was: what an approver has to know."""

    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Brief:
    """The frozen composition. `fingerprint` changes when, and only when, something that must survive does.

    `notes` are pieces of what people wrote, in their own words, as far as there is room; `notes_left` passages are not
    shown, and `notes_unread` notes have not been read for any.
    """

    account: str
    condition: str
    condition_because: str
    story: list[BriefLine] = field(default_factory=list)
    people: list[BriefLine] = field(default_factory=list)
    actions: list[BriefLine] = field(default_factory=list)
    contingencies: list[BriefLine] = field(default_factory=list)
    facts: list[BriefLine] = field(default_factory=list)
    deals: list[BriefLine] = field(default_factory=list)
    notes: list[BriefLine] = field(default_factory=list)
    notes_left: int = 0
    notes_unread: int = 0
    gaps: list[str] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hexadecimal of what matters in it, as canonical JSON: an ordinary note changes nothing."""
        lines = [asdict(line) for line in self.matters]
        canonical = json.dumps(lines, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def condition_line(self) -> BriefLine:
        rated = f"{Condition(self.condition).label}. {self.condition_because}".strip()
        return BriefLine("condition", "Condition", rated, must_survive=True)

    @property
    def must_survive(self) -> list[BriefLine]:
        parts = [self.people, self.actions, self.story, self.contingencies, self.facts]
        return [line for part in parts for line in part if line.must_survive]

    @property
    def matters(self) -> list[BriefLine]:
        """What an approval is about."""
        return [self.condition_line, *self.must_survive]

    def changes_since(self, before: Brief) -> list[BriefChange]:
        """What matters and was added, taken out or written anew since then, in this brief's order."""
        old, new = (
            {line.key: (line.title, f"{line.text}\n{line.source}".strip()) for line in brief.matters}
            for brief in (before, self)
        )
        found = [
            BriefChange(title, old[key][1] if key in old else "", text)
            for key, (title, text) in new.items()
            if old.get(key) != (title, text)
        ]
        return found + [BriefChange(title, text, "") for key, (title, text) in old.items() if key not in new]

    @property
    def words(self) -> list[str]:
        """Whatever is read of it but its notes."""
        parts = [self.story, self.people, self.actions, self.contingencies, self.facts, self.deals]
        lines = [self.condition_line, *(line for part in parts for line in part)]
        return [*(word for line in lines for word in (line.title, line.text, line.source)), *self.gaps]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Brief:
        def revive(value: Any) -> Any:
            if isinstance(value, list):
                return [BriefLine(**item) if isinstance(item, dict) else item for item in value]
            return value

        return cls(**{key: revive(value) for key, value in stored.items()})


def compose(account: Account) -> Brief:
    """What must survive and what else is known of an account, as its memory stands now. A fixed number of queries."""
    return compose_all([account])[account.pk]


def compose_with_notes(account: Account) -> Brief:
    """The whole brief, to be read or frozen: with what the notes hold, for which their texts are read."""
    brief = compose(account)
    notes = FromNotes.of(account, beside=count_words(" ".join(brief.words)))
    return replace(
        brief,
        notes=[_note_line(line) for line in notes.lines],
        notes_left=notes.left,
        notes_unread=notes.unread,
    )


def compose_all(accounts: Sequence[Account]) -> dict[int, Brief]:
    """`compose` for many accounts, by their ids, in the same fixed number of queries."""
    ids = [account.pk for account in accounts]
    merged = Account.objects.filter(merged_into__in=ids).values_list("pk", "merged_into_id")
    belongs = {pk: pk for pk in ids} | dict(merged)
    read: dict[int, AccountMemory] = {pk: AccountMemory() for pk in ids}
    facts = Fact.objects.filter(account__in=belongs).live().with_sources().order_by("topic__position", "pk")
    for fact in facts:
        read[belongs[fact.account_id]].facts.append(fact)
    for contact in Contact.objects.present().filter(account__in=ids):
        read[contact.account_id].contacts.append(contact)
    owed = Obligation.objects.open().filter(account__in=ids).select_related("contact", "holder")
    for obligation in owed.order_by("due", "pk"):
        read[obligation.account_id].owed.append(obligation)
    for deal in Deal.objects.open().filter(account__in=ids).select_related("holder"):
        read[deal.account_id].deals.append(deal)
    topics = list(Topic.objects.in_use().filter(must_survive=True))
    return {account.pk: _brief(account, read[account.pk], topics) for account in accounts}


@dataclass
class AccountMemory:
    """What is read of one account, with that of accounts merged into it."""

    facts: list[Fact] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    owed: list[Obligation] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)


def _brief(account: Account, memory: AccountMemory, topics: list[Topic]) -> Brief:
    by_topic: dict[str, list[Fact]] = {}
    for fact in memory.facts:
        by_topic.setdefault(fact.topic_id, []).append(fact)
    contacts = sorted(
        memory.contacts, key=lambda c: (not c.is_champion, -(c.strength or 0), not c.roles, c.name)
    )
    story_topics = [Topic.STORY, Topic.WHY_US, Topic.OUTCOME]
    return Brief(
        account=account.name,
        condition=account.condition or Condition.STEADY,
        condition_because=account.condition_because,
        story=[_fact_line(fact) for slug in story_topics for fact in by_topic.get(slug, [])],
        people=[_contact_line(contact) for contact in contacts],
        actions=[_obligation_line(obligation) for obligation in memory.owed],
        contingencies=[_fact_line(fact) for fact in by_topic.get(Topic.IF_THEN, [])],
        facts=[
            _fact_line(fact)
            for slug, some in by_topic.items()
            if slug not in {*story_topics, Topic.IF_THEN}
            for fact in some
        ],
        deals=[_deal_line(deal) for deal in memory.deals],
        gaps=_gaps(account, by_topic, contacts, topics),
    )


def _fact_line(fact: Fact) -> BriefLine:
    source = f"{fact.source}, {fact.at:%-d %B %Y}"
    return BriefLine(f"fact:{fact.pk}", fact.topic.name, fact.text, source, fact.topic.must_survive)


def _contact_line(contact: Contact) -> BriefLine:
    parts = [contact.title, ", ".join(contact.role_labels)]
    if contact.is_champion:
        cost = f"What it cost them: {contact.cost}" if contact.cost else ""
        strength = contact.get_strength_display() if contact.strength else ""
        parts = [cost, *parts, strength, contact.evidence]
    text = ". ".join(part.rstrip(".") for part in parts if part)
    return BriefLine(f"contact:{contact.pk}", contact.name, text, must_survive=contact.is_champion)


def _obligation_line(obligation: Obligation) -> BriefLine:
    due = f"due {obligation.due:%-d %B %Y}" if obligation.due else "no date"
    whom = f" {'from' if obligation.is_theirs else 'to'} {obligation.contact}" if obligation.contact else ""
    title = f"{obligation.get_kind_display()}{whom}, {due}"
    source = f"raised {obligation.raised_at:%-d %B %Y}" + (", stretch" if obligation.stretch else "")
    return BriefLine(f"obligation:{obligation.pk}", title, obligation.text, source, obligation.kind != "task")


def _deal_line(deal: Deal) -> BriefLine:
    amount = f"{deal.amount:,.0f} {deal.currency}" if deal.amount is not None else "no amount"
    close = f"closing {deal.expected_close:%-d %B %Y}" if deal.expected_close else "no closing date"
    title = f"{deal.get_kind_display()}: {deal.name}"
    return BriefLine(f"deal:{deal.pk}", title, f"{amount}, {deal.stage or 'no stage'}, {close}")


def _note_line(line: NoteLine) -> BriefLine:
    return BriefLine(f"entry:{line.entry}", f"{line.at:%-d %B %Y}", line.text, line.who)


def _gaps(
    account: Account, by_topic: dict[str, list[Fact]], contacts: list[Contact], topics: list[Topic]
) -> list[str]:
    missing = [topic for topic in topics if topic.slug not in by_topic]
    gaps = [] if account.condition else ["Nobody has rated how the account stands"]
    if not any(contact.is_champion for contact in contacts):
        gaps.append("No champion is named")
    return gaps + [f"{topic.name} is not written down" for topic in missing if _wanted(account, topic)]


def _wanted(account: Account, topic: Topic) -> bool:
    """A steady account may do without a contingency; every other must have one."""
    return topic.slug != Topic.IF_THEN or account.condition != Condition.STEADY


def telling_words(text: str) -> list[str]:
    """The words of a line by which one recognises it: longer than three letters, or with a digit; not common."""
    words = re.findall(r"[\w'-]+", text.lower())
    return list(
        dict.fromkeys(w for w in words if (len(w) > 3 or any(c.isdigit() for c in w)) and w not in COMMON)
    )


def mentioned(lines: Iterable[BriefLine], words: str) -> list[str]:
    """Keys of the lines that a read-back mentions. A help to the person who decides, not a verdict.

    A person is mentioned by any part of their name; anything else when a third of its telling words appear.
    """
    said = telling_words(words) + re.findall(r"\w+", words.lower())
    return [line.key for line in lines if _is_mentioned(line, said)]


def _is_mentioned(line: BriefLine, said: list[str]) -> bool:
    if line.key.startswith("contact:"):
        return any(part in said for part in line.title.lower().split() if len(part) > 2)
    telling = telling_words(line.text)
    if not telling:
        return line.text.lower().strip() in " ".join(said)
    heard = sum(any(fuzz.ratio(word, other) >= ALIKE for other in said) for word in telling)
    return heard / len(telling) >= MENTIONED
