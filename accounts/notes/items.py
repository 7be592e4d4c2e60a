"""What a note holds once it is read: its items, who and what they name, and the questions to its writer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from accounts.rules.condition import Stage
from accounts.rules.dates import long

from .mentions import Option, PersonMention, PersonName, choices_of
from .names import Names


class ItemKind(StrEnum):
    TEXT = "text"
    PROMISE = "promise"
    QUESTION = "question"
    QUOTE = "quote"
    FEEDBACK = "feedback"
    PEOPLE = "people"
    FACT = "fact"
    STAGE = "stage"


class Unclear(StrEnum):
    """What a question to the writer is about."""

    DATE = "date"
    PAST = "past"
    PERSON = "person"
    WHO = "who"
    TOPIC = "topic"
    STAGE = "stage"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class TopicName:
    slug: str
    name: str
    also: tuple[str, ...] = ()  # what it was called before, or what was merged into it


@dataclass(frozen=True, slots=True)
class Clarification:
    """A question to the writer about source[start:end] of an item, which an answer replaces."""

    about: Unclear
    question: str
    start: int
    end: int
    options: tuple[Option, ...] = ()
    must: bool = True


@dataclass(frozen=True, slots=True)
class NoteItem:
    """One thing that a note says. `source` is exactly what was typed, `words` what is saved of it."""

    kind: ItemKind
    start: int
    source: str
    words: str
    mentions: tuple[PersonMention, ...] = ()
    due: date | None = None
    stretch: bool = False
    topic: TopicName | None = None
    to_confirm: bool = False
    instead: bool = False  # it takes the place of what somebody else said
    name_end: int = 0  # where in the source the name of the topic ends
    stage: Stage | None = None
    asks: tuple[Clarification, ...] = ()

    @property
    def end(self) -> int:
        return self.start + len(self.source)

    @property
    def people(self) -> tuple[PersonName, ...]:
        return tuple(dict.fromkeys(mention.person for mention in self.mentions if mention.person))


@dataclass(frozen=True)
class ParsedNote:
    """A note, read. What belongs to one item by virtue of another (who asked, what shows a stage) is asked here."""

    text: str
    items: tuple[NoteItem, ...]
    known: Names[PersonName] = field(repr=False, compare=False)

    @cached_property
    def people(self) -> tuple[PersonName, ...]:
        """Everybody named anywhere in the note, in order."""
        return tuple(dict.fromkeys(person for item in self.items for person in item.people))

    @cached_property
    def only_person(self) -> PersonName | None:
        """The one person with whom it was: on the lines of nothing but names, or else in the whole note."""
        present = [item for item in self.items if item.kind is ItemKind.PEOPLE] or self.items
        named = {mention.person for item in present for mention in item.mentions}
        return named.pop() if len(named) == 1 else None

    @cached_property
    def conversation(self) -> str:
        """What the plain lines say."""
        return "\n\n".join(item.words for item in self.items if item.kind is ItemKind.TEXT)

    def who(self, item: NoteItem) -> PersonName | None:
        """Who said or asked it, or to whom it is promised: the first named in it, or the only one in the note."""
        if item.mentions:
            return item.mentions[0].person
        return self.only_person if item.kind in THEIRS_OR_TO_THEM else None

    def evidence(self, item: NoteItem) -> str:
        """What shows that a stage was reached: its own words, or else what the note says in plain lines."""
        return item.words or self.conversation

    def asks(self, item: NoteItem) -> tuple[Clarification, ...]:
        """Everything to ask about an item, counted from its first character."""
        if item.kind in {ItemKind.QUESTION, ItemKind.FEEDBACK} and not item.mentions and not self.only_person:
            return (*item.asks, self._ask_who(item))
        if item.stage and not self.evidence(item):
            end = len(item.source.rstrip())
            question = f"What shows that they are at “{item.stage.label}”?"
            return (*item.asks, Clarification(Unclear.WORDS, question, end, end))
        return item.asks

    @cached_property
    def ready(self) -> bool:
        """Something is there, and nothing is left that must be answered first."""
        return bool(self.items) and not any(ask.must for item in self.items for ask in self.asks(item))

    def _ask_who(self, item: NoteItem) -> Clarification:
        question = "Who asked this?" if item.kind is ItemKind.QUESTION else "Who said this?"
        end = len(item.source.rstrip())
        return Clarification(Unclear.WHO, question, end, end, self._whom)

    @cached_property
    def _whom(self) -> tuple[Option, ...]:
        return choices_of(self.people or self.known.all, self.known, " @")


def label_of(item: NoteItem) -> str:
    if item.kind is ItemKind.PROMISE:
        name = "Stretch promise" if item.stretch else "Promise"
        return f"{name}, due {long(item.due)}" if item.due else name
    if item.topic:
        return f"{item.topic.name}, to confirm" if item.to_confirm else item.topic.name
    return item.stage.label if item.stage else LABELS[item.kind]


def who_of(note: ParsedNote, item: NoteItem) -> str:
    """“you, to Maria Vogt”, “asked by Maria Vogt”: who stands behind an item, in words."""
    person = note.who(item)
    name = person.name if person else ""
    match item.kind:
        case ItemKind.PROMISE:
            return f"you, to {name}" if name else "you"
        case ItemKind.FACT:
            return f"told by {name}" if name and not item.to_confirm else "you"
        case ItemKind.QUESTION | ItemKind.QUOTE | ItemKind.FEEDBACK if name:
            return f"{'asked' if item.kind is ItemKind.QUESTION else 'said'} by {name}"
        case _:
            return ""


LABELS = {
    ItemKind.TEXT: "Note",
    ItemKind.PROMISE: "Promise",
    ItemKind.QUESTION: "Question",
    ItemKind.QUOTE: "Their words",
    ItemKind.FEEDBACK: "Feedback",
    ItemKind.PEOPLE: "With",
    ItemKind.FACT: "Fact",
    ItemKind.STAGE: "Stage",
}
THEIRS_OR_TO_THEM = {ItemKind.PROMISE, ItemKind.QUESTION, ItemKind.QUOTE, ItemKind.FEEDBACK, ItemKind.FACT}
