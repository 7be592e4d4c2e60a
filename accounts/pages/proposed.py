"""passage -> Proposed: what it probably becomes, so that most of them take one key. A person decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Contact, Passage, SortedPassage, Topic
from accounts.rules.passages.signals import folded

Became = SortedPassage.Became
WORD = re.compile(r"\w+(?:['’]\w+)*")
OURS = re.compile(
    r"\b(?:i|we)(?: (?:will|shall|have to|can do|promised|offered|agreed|told)|['’]ll|['’]ve promised)\b"
    r"|\bpromis|\bmy word\b|\bour word\b",
    re.I,
)
DEPENDS = re.compile(r"\b(?:if|unless|only when|only if|otherwise|or else|in case|as long as)\b", re.I)
GONE = re.compile(
    r"\b(?:(?:has |have )?left (?!us\b|me\b|it\b|the room\b)|has left\b|is gone\b|leaves? us\b|now (?:works )?at\b"
    r"|stepped down|retired|resigned|last day|new job)",
    re.I,
)
PARTS = {
    Contact.Role.CHAMPION: re.compile(
        r"\b(?:champion|stood up for us|speaks for us|fought for us|vouch)", re.I
    ),
    Contact.Role.ECONOMIC_BUYER: re.compile(r"\b(?:holds the budget|budget (?:owner|holder)|pays for)", re.I),
    Contact.Role.DECISION_MAKER: re.compile(r"\b(?:decides|last word|final word|has to sign|signs)\b", re.I),
    Contact.Role.PROCUREMENT: re.compile(r"\b(?:procurement|purchasing)\b", re.I),
    Contact.Role.BLOCKER: re.compile(r"\b(?:blocks|against us|veto)", re.I),
}
#: What a topic is spoken of with, the more telling first; the beginnings of words.
SPOKEN_OF = {
    "competition": ("compet", "rival", "incumbent", "tender", "rfp", "undercut"),
    "budget": ("budget", "fiscal", "capex", "opex"),
    "procurement": ("procurement", "purchas", "portal", "po", "vendor number"),
    "contract": ("renew", "uplift", "discount", "index", "list price", "last year paid"),
    "terms": ("notice", "clause", "penalt", "liabilit", "net", "credit", "invoice", "terms"),
    "decision": ("decid", "decision", "approv", "sign", "board", "committee", "veto", "vote"),
    "criteria": ("kpi", "measur", "metric", "benchmark", "criteri"),
    "outcome": ("outcome", "goal", "target", "aim"),
    "needs": ("need", "want", "require", "miss", "looking"),
}
#: Of the reasons for a passage, the topic that each speaks of.
OF_REASON = {"money": "terms", "decision": "decision", "competitor": "competition", "words": Topic.WORDS}


@dataclass(frozen=True)
class Proposed:
    """`became` is one of `SortedPassage.Became`; `roles` are of somebody whose part it tells.

    `asked`: what we owe would be an answer.
    """

    became: str
    topic: str | None = None
    contact: Contact | None = None
    due: date | None = None
    roles: tuple[str, ...] = ()
    asked: bool = False

    @classmethod
    def of(cls, passage: Passage, people: Sequence[Contact], with_whom: Sequence[Contact]) -> Proposed:
        """`people` are those of the account, `with_whom` those who took part."""
        entry, text = passage.reading.entry, passage.text
        named = named_in(text, people) or named_in(entry.text[passage.begins : passage.ends], people)
        met = with_whom[0] if len(with_whom) == 1 else None
        contact = named or entry.author_contact or met
        roles = tuple(role for role, says in PARTS.items() if says.search(text)) if named else ()
        return cls(
            became=became(passage, named, contact, roles),
            topic=topic(text, passage.reasons),
            contact=contact,
            due=passage.days[-1] if passage.days else None,
            roles=tuple(role for role in roles if named and role not in named.roles),
            asked="question" in passage.reasons and not OURS.search(text),
        )


def became(passage: Passage, named: Contact | None, contact: Contact | None, roles: Sequence[str]) -> str:
    text, reasons = passage.text, set(passage.reasons)
    if named and "people" in reasons and (GONE.search(text) or roles):
        return Became.ROLE
    if "condition" in reasons and DEPENDS.search(text):
        return Became.IF_THEN
    if "promise" in reasons and OURS.search(text):
        return Became.PROMISE
    if contact and reasons & {"handling", "confidence"} and not reasons & {"money", "cliff"}:
        return Became.HANDLING
    return Became.FACT


def topic(text: str, reasons: Sequence[str]) -> str | None:
    """The topic that is spoken of in these words, or by the reason for them."""
    words = f" {' '.join(folded(word) for word in WORD.findall(text))}"
    for slug, beginnings in SPOKEN_OF.items():
        if any(f" {beginning}{'' if len(beginning) > 3 else ' '}" in f"{words} " for beginning in beginnings):
            return slug
    return next((OF_REASON[reason] for reason in reasons if reason in OF_REASON), None)


def named_in(text: str, people: Sequence[Contact]) -> Contact | None:
    """Whom of them the text names first: by the whole name, or a part that nobody else has."""
    words = [folded(word).removesuffix("'s") for word in WORD.findall(text)]
    called: dict[str, set[int]] = {}
    for person in people:
        for part in folded(person.name).split():
            called.setdefault(part, set()).add(person.pk)
    by_pk = {person.pk: person for person in people}
    for at, word in enumerate(words):
        found = called.get(word, set()) if len(word) > 2 else set()
        if len(found) > 1 and at + 1 < len(words):
            found &= called.get(words[at + 1], set())
        if len(found) == 1:
            return by_pk[next(iter(found))]
    return None
