"""A note that is being written: what its text says on an account, and the chips that show it before it is saved.

    preview = NotePreview.of(account, text, by=user)
    preview.chips              what the page shows
    preview.changed(seen)      whether that is what the page had shown
    save(preview, kind=...)    from `saving`: all of it in one act

The chips and what is saved come from the same value. A digest of every chip goes along with the form, so that a note
is saved only as it was shown: not when meanwhile a day has passed, a contact was renamed or an answer was replaced.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from accounts.models import Account, Contact, Coverage, Entry, Fact, Topic, User, today
from accounts.rules.answers import same_answer

from .grammar import parse
from .items import Clarification, ItemKind, NoteItem, ParsedNote, TopicName, Unclear, label_of, who_of
from .mentions import PersonName

MOST = 100
"""So many things at most are saved by one note: nobody reads more chips than these."""

#: Of each kind of item its icon, its colour, and one and many of it in words.
LOOKS = {
    ItemKind.TEXT: ("pencil", "internal", "", ""),
    ItemKind.PROMISE: ("clock", "due", "promise", "promises"),
    ItemKind.QUESTION: ("question-mark-circle", "customer", "question", "questions"),
    ItemKind.QUOTE: ("chat-bubble-left", "customer", "quote", "quotes"),
    ItemKind.FEEDBACK: ("megaphone", "customer", "piece of feedback", "pieces of feedback"),
    ItemKind.PEOPLE: ("user", "internal", "", ""),
    ItemKind.FACT: ("information-circle", "info", "fact", "facts"),
    ItemKind.STAGE: ("flag", "ok", "stage", "stages"),
}
SHOWN_OF_TEXT = 160
STILL_OR_INSTEAD = "Still true, or now instead? Else both were said, until somebody settles it."


@dataclass(frozen=True)
class ChipChoice:
    """One answer: its name, and the edit of the text that it makes, as start:end:words."""

    label: str
    edit: str


@dataclass(frozen=True)
class ChipQuestion:
    text: str
    choices: tuple[ChipChoice, ...] = ()
    past: str = ""  # the day, where all that is asked is whether a day in the past is right
    answered: bool = False
    wants_contact: bool = False


@dataclass(frozen=True)
class Chip:
    """One thing that the note would save, as the page shows it."""

    kind: ItemKind
    label: str
    words: str
    who: str = ""
    known: tuple[str, ...] = ()
    questions: tuple[ChipQuestion, ...] = ()
    more: str = ""

    @property
    def icon(self) -> str:
        return LOOKS[self.kind][0]

    @property
    def tone(self) -> str:
        return LOOKS[self.kind][1]

    @property
    def asks(self) -> bool:
        return any(not question.answered for question in self.questions)

    @property
    def line(self) -> str:
        return " · ".join(filter(None, [self.label, self.words[:SHOWN_OF_TEXT], self.who, *self.known]))


@dataclass(frozen=True)
class NotePreview:
    """What a text says on an account, for the one who writes it."""

    account: Account
    writer: User
    note: ParsedNote
    contacts: dict[int, Contact]
    topics: dict[str, Topic]
    role: str  # in which the writer serves the account; nothing when somebody else does
    holder: User
    answers: dict[str, list[Fact]]
    stage: str
    right: frozenset[str] = field(default=frozenset())  # days in the past which the writer says are right

    @classmethod
    def of(cls, account: Account, text: str, *, by: User, right: Iterable[str] = ()) -> NotePreview:
        contacts = {contact.pk: contact for contact in account.contacts.present()}
        catalogue = list(Topic.objects.all())
        topics = {topic.pk: topic for topic in catalogue if topic.is_in_use}
        note = parse(
            text,
            today=today(),
            people=[PersonName(pk, contact.name, contact.title) for pk, contact in contacts.items()],
            topics=names_of(catalogue),
        )
        kinds = {item.kind for item in note.items}
        role = role_of(by, account)
        return cls(
            account=account,
            writer=by,
            note=note,
            contacts=contacts,
            topics=topics,
            role=role,
            holder=by if role else (account.owner or by),
            answers=answers_of(account, note) if ItemKind.FACT in kinds else {},
            stage=account.stage if ItemKind.STAGE in kinds else "",
            right=frozenset(right),
        )

    # What it shows

    @cached_property
    def chips(self) -> list[Chip]:
        chips: list[Chip] = []
        for is_text, items in groupby(self.note.items, key=lambda item: item.kind is ItemKind.TEXT):
            run = list(items)
            if is_text:
                chips.append(self.text_chip(run))
            else:
                chips += [self.chip(item) for item in run[: MOST - len(chips)]]
            if len(chips) >= MOST:
                break
        return chips

    def text_chip(self, items: list[NoteItem]) -> Chip:
        """Plain paragraphs: what is saved is what stands in the text, so its beginning will do."""
        words = "\n".join(item.words for item in items)
        questions = tuple(self.question(item, ask) for item in items[:MOST] for ask in item.asks)
        more = f"{len(words.split()):,} words" if len(words) > SHOWN_OF_TEXT else ""
        return Chip(ItemKind.TEXT, "Note", words[:SHOWN_OF_TEXT], questions=questions[:MOST], more=more)

    def chip(self, item: NoteItem) -> Chip:
        questions = tuple(self.question(item, ask) for ask in self.note.asks(item))
        known: tuple[str, ...] = ()
        words = self.note.evidence(item) if item.stage else item.words
        if item.topic:
            known = tuple(self.beside(item))
            questions += tuple(self.still_holds(item))
        if item.stage and (before := self.stage_before(item)) == item.stage.value:
            only_words = ChipChoice("Keep the words only", plain_edit(item))
            questions += (ChipQuestion(f"They stand at “{item.stage.label}” already.", (only_words,)),)
        elif item.stage and before:
            known = (f"Until now: {Entry(stage=before).get_stage_display()}",)
        return Chip(item.kind, label_of(item), words, self.who(item), known, questions)

    def question(self, item: NoteItem, ask: Clarification) -> ChipQuestion:
        choices = [
            ChipChoice(option.label, f"{item.start + ask.start}:{item.start + ask.end}:{option.text}")
            for option in ask.options
        ]
        if ask.must and item.kind not in {ItemKind.TEXT, ItemKind.PEOPLE} and not offers_the_words(ask):
            choices.append(ChipChoice("Just plain text", plain_edit(item)))
        past = item.due.isoformat() if ask.about is Unclear.PAST and item.due else ""
        return ChipQuestion(
            ask.question,
            tuple(choices),
            past,
            answered=past in self.right if past else not ask.must,
            wants_contact=ask.about is Unclear.WHO and not self.contacts,
        )

    def who(self, item: NoteItem) -> str:
        who = who_of(self.note, item)
        if item.kind is ItemKind.PROMISE and not self.role:
            return who.replace("you", self.holder.name, 1)
        if item.kind in {ItemKind.QUESTION, ItemKind.FEEDBACK}:
            answers = "you answer" if self.role else f"{self.holder.name} answers"
            return f"{who}, {answers}" if who else answers
        return who

    def beside(self, item: NoteItem) -> Iterator[str]:
        """What is known on its topic already, and what becomes of that."""
        replaced = self.replaced.get(item.start)
        for fact in self.answers.get(item.topic.slug, []) if item.topic else []:
            lead = "Replaces" if fact == replaced else "Stands beside"
            if fact == replaced and same_answer(fact.text, item.words):
                lead = "Confirms"
            yield f"{lead}: “{fact.text}” ({fact.source}, {fact.at:%-d %b %Y})"

    def still_holds(self, item: NoteItem) -> Iterator[ChipQuestion]:
        """Where an answer stands that differs: whether it is still true, or no longer. Both choices edit the text."""
        mine = self.replaced.get(item.start)
        others = (
            self.answers.get(item.topic.slug, []) if item.topic and item.topic.slug not in Topic.MANY else []
        )
        fact = mine or next(iter(others), None)
        at = item.source.find(item.words)
        if fact is None or same_answer(fact.text, item.words):
            return
        start, end = item.start + at, item.start + at + len(item.words)
        choices = []
        if at >= 0 and "\n" not in fact.text:
            choices.append(ChipChoice("It still holds: confirm it", f"{start}:{end}:{fact.text}"))
        if mine is None and not item.to_confirm:
            name_end = item.start + item.name_end
            choices.append(ChipChoice("Now instead: it takes its place", f"{name_end}:{name_end}:!"))
        question = "Is yours newer? Else keep what we know." if mine else STILL_OR_INSTEAD
        if choices:
            yield ChipQuestion(question, tuple(choices), answered=True)

    @cached_property
    def replaced(self) -> dict[int, Fact]:
        """The answer that each fact confirms or takes the place of: the one that says the same, else the same person's
        own; somebody else's only where the note says so. Otherwise it stands beside what others said.
        """
        found: dict[int, Fact] = {}
        for item in self.note.items:
            answers = self.answers.get(item.topic.slug, []) if item.topic else []
            free = [one for one in answers if one.topic_id not in Topic.MANY and one not in found.values()]
            same = [one for one in free if same_answer(one.text, item.words)]
            own = [one for one in free if one.teller == self.teller_of(item)]
            if answer := next(iter([*same, *own, *(free if item.instead else [])]), None):
                found[item.start] = answer
        return found

    def teller_of(self, item: NoteItem) -> Contact | User:
        """Who says what stands in it."""
        contact = None if item.to_confirm else self.contact_of(item)
        return contact or self.writer

    def stage_before(self, item: NoteItem) -> str:
        """The stage just before this line."""
        stages = [other.stage.value for other in self.note.items if other.stage and other.start < item.start]
        return stages[-1] if stages else self.stage

    def contact_of(self, item: NoteItem) -> Contact | None:
        person = self.note.who(item)
        return self.contacts[person.key] if person else None

    # What stands in the way

    @cached_property
    def blockers(self) -> list[str]:
        items = self.note.items
        if not items:
            return ["Write what happened before you save it."]
        many = sum(item.kind is not ItemKind.TEXT for item in items)
        if many > MOST:
            return [f"This is {many:,} things in one note; {MOST} are the most. Keep them in several notes."]
        asked = sum(chip.asks for chip in self.chips)
        if asked or not self.note.ready:
            return ["One line asks something first." if asked == 1 else f"{asked} lines ask something first."]
        return []

    @property
    def summary(self) -> str:
        """What the note would save, counted."""
        kinds = [item.kind for item in self.note.items]
        counts = [
            f"{count} {many if count > 1 else one}"
            for kind, (_, _, one, many) in LOOKS.items()
            if one and (count := kinds.count(kind))
        ]
        return ", ".join(counts)

    @property
    def length(self) -> int:
        return len(self.note.text)

    # What was shown

    @cached_property
    def seen(self) -> str:
        """What the page shows, to be sent back with the form: a digest of the text, one of its reading, each line."""
        return json.dumps([digest(self.note.text), self.fingerprint, self.lines])

    @property
    def lines(self) -> list[str]:
        return [chip.line for chip in self.chips]

    @cached_property
    def fingerprint(self) -> str:
        replaced = {start: fact.pk for start, fact in self.replaced.items()}
        whom = [(self.note.who(item), item.people) for item in self.note.items]
        whose = (self.account.pk, self.holder.pk, self.role)
        shown = (whose, self.note.items, whom, replaced, self.stage, self.lines)
        return digest(repr(shown))

    @property
    def is_plain(self) -> bool:
        """Nothing but words: what is saved is what was typed, and there is nothing to show."""
        return all(item.kind is ItemKind.TEXT and not item.mentions for item in self.note.items)

    def was_shown(self, seen: str) -> bool:
        text, fingerprint, _ = shown_in(seen)
        return self.is_plain or (text == digest(self.note.text) and fingerprint == self.fingerprint)

    def changed(self, seen: str) -> list[str]:
        """What the page had shown of this very text, if that is no longer what would be saved."""
        text, _, lines = shown_in(seen)
        return lines if text == digest(self.note.text) and not self.was_shown(seen) else []


def answered(preview: NotePreview, edit: str) -> str:
    """The text after an answer that the chips offered; as it was, when they do not offer it (any more)."""
    offered = {choice.edit for chip in preview.chips for asked in chip.questions for choice in asked.choices}
    text = preview.note.text
    if edit not in offered:
        return text
    start, end, words = edit.split(":", 2)
    return text[: int(start)] + words + text[int(end) :]


def plain_edit(item: NoteItem) -> str:
    at = item.start + len(item.source) - len(item.source.lstrip())
    return f"{at}:{at}:\\"


def offers_the_words(ask: Clarification) -> bool:
    is_name = ask.about in {Unclear.TOPIC, Unclear.STAGE}
    return is_name and any("keep the words" in option.label for option in ask.options)


def role_of(person: User, account: Account) -> str:
    """In which role this person answers for things on the account: as its owner, if so."""
    rows = Coverage.objects.current().filter(account=account, person=person)
    roles = set(rows.values_list("role", flat=True))
    return next((role for role in Coverage.HOLDING_ROLES if role in roles), "")


def names_of(catalogue: list[Topic]) -> list[TopicName]:
    """What each topic in use goes by in a note: its own names, and those of what was merged into it."""
    also: dict[str, list[str]] = {}
    for topic in catalogue:
        if topic.merged_into_id:
            also.setdefault(topic.merged_into_id, []).extend([topic.slug, topic.name])
    return [TopicName(it.slug, it.name, tuple(also.get(it.slug, ()))) for it in catalogue if it.is_in_use]


def answers_of(account: Account, note: ParsedNote) -> dict[str, list[Fact]]:
    topics = {item.topic.slug for item in note.items if item.topic}
    found: dict[str, list[Fact]] = {}
    live = Fact.objects.of(account).live().filter(topic__in=topics)
    for fact in live.select_related("topic", "contact", "author").order_by("-at", "-pk"):
        found.setdefault(fact.topic_id, []).append(fact)
    return found


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def shown_in(seen: str) -> tuple[str, str, list[str]]:
    """What `NotePreview.seen` said; nothing that fits when it is not ours."""
    try:
        text, fingerprint, lines = json.loads(seen)
        return str(text), str(fingerprint), [str(line) for line in lines]
    except (ValueError, TypeError, RecursionError):
        return "", "", []
