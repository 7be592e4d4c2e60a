"""The grammar of notes: what each line of a note is, from its first character. See docs/notes.md for the reader's page.

`parse` is a pure function. The chips under the text area, and what is saved, come from the one value it returns, so
nothing is saved that was not shown. Nothing is guessed either: whatever can be read in two ways is an `Ask`, and the
answer to it is an edit of the text, so that the text alone always says everything.

    note = parse(text, today=today(), people=people, topics=topics)
    note.pieces()    items and the blank lines between them; joined, they are the text exactly
    chips(note)      what the page shows
    note.ready       nothing is left that must be answered before it can be saved
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import groupby

from .dates import deadline, long, short
from .names import Names, T, fold

CHOICES = 12
"""So many names are offered at most where one is asked for."""


class Kind(StrEnum):
    TEXT = "text"
    PROMISE = "promise"
    QUESTION = "question"
    QUOTE = "quote"
    FEEDBACK = "feedback"
    PEOPLE = "people"
    FACT = "fact"
    STAGE = "stage"


class Asked(StrEnum):
    """What a question to the writer is about."""

    DATE = "date"
    PAST = "past"
    PERSON = "person"
    WHO = "who"
    TOPIC = "topic"
    STAGE = "stage"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the customer's side whom a note can name."""

    key: int
    name: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class TopicName:
    slug: str
    name: str
    also: tuple[str, ...] = ()  # what it was called before, or what was merged into it


@dataclass(frozen=True, slots=True)
class StageName:
    value: str
    label: str


STAGES = (
    StageName("learning", "Learning"),
    StageName("evaluating", "Evaluating"),
    StageName("deciding", "Deciding"),
    StageName("onboarding", "Onboarding"),
    StageName("in_value", "In value"),
    StageName("renewal", "Renewal"),
    StageName("at_risk", "At risk"),
)
"""The stages of the journey as `accounts.models.Stage` has them."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer: what it is called, and the words that it writes into the text."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the writer about text[start:end], which an answer replaces.

    In an `Item`, start and end count from the item's first character; in a `Chip`, from the note's.
    """

    about: Asked
    question: str
    start: int
    end: int
    options: tuple[Option, ...] = ()
    must: bool = True

    def answered(self, text: str, option: Option) -> str:
        return text[: self.start] + option.text + text[self.end :]

    def moved(self, by: int) -> Ask:
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True, slots=True)
class Mention:
    """`@somebody` at source[start:end]; `person` is None while it is not clear who is meant."""

    start: int
    end: int
    person: Person | None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a note keeps. `source` is exactly what was typed, `words` what is kept of it."""

    kind: Kind
    start: int
    source: str
    words: str
    mentions: tuple[Mention, ...] = ()
    due: date | None = None
    stretch: bool = False
    topic: TopicName | None = None
    to_confirm: bool = False
    stage: StageName | None = None
    asks: tuple[Ask, ...] = ()

    @property
    def end(self) -> int:
        return self.start + len(self.source)

    @property
    def people(self) -> tuple[Person, ...]:
        return tuple(dict.fromkeys(mention.person for mention in self.mentions if mention.person))


@dataclass(frozen=True)
class Note:
    """A note, read. What belongs to one item by virtue of another (who asked, what shows a stage) is asked here."""

    text: str
    items: tuple[Item, ...]
    known: Names[Person] = field(repr=False, compare=False)

    def pieces(self) -> Iterator[tuple[str, Item | None]]:
        """The whole text in order: items, and between them line ends and blank lines."""
        at = 0
        for item in self.items:
            if item.start > at:
                yield self.text[at : item.start], None
            yield item.source, item
            at = item.end
        if at < len(self.text):
            yield self.text[at:], None

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Everybody named anywhere in the note, in order."""
        return tuple(dict.fromkeys(person for item in self.items for person in item.people))

    @cached_property
    def only_person(self) -> Person | None:
        """The one person with whom it was: on the lines of nothing but names, or else in the whole note."""
        present = [item for item in self.items if item.kind is Kind.PEOPLE] or self.items
        named = {mention.person for item in present for mention in item.mentions}
        return named.pop() if len(named) == 1 else None

    @cached_property
    def conversation(self) -> str:
        """What is told in plain lines."""
        return "\n\n".join(item.words for item in self.items if item.kind is Kind.TEXT)

    def who(self, item: Item) -> Person | None:
        """Who said or asked it, or to whom it is promised: the first named in it, or the only one in the note."""
        if item.mentions:
            return item.mentions[0].person
        return self.only_person if item.kind in THEIRS_OR_TO_THEM else None

    def evidence(self, item: Item) -> str:
        """What shows that a stage was reached: its own words, or else what the note tells."""
        return item.words or self.conversation

    def asks(self, item: Item) -> tuple[Ask, ...]:
        """Everything to ask about an item, counted from its first character."""
        if item.kind in {Kind.QUESTION, Kind.FEEDBACK} and not item.mentions and not self.only_person:
            return (*item.asks, self._ask_who(item))
        if item.stage and not self.evidence(item):
            end = len(item.source.rstrip())
            return (
                *item.asks,
                Ask(Asked.WORDS, f"What shows that they are at “{item.stage.label}”?", end, end),
            )
        return item.asks

    @cached_property
    def ready(self) -> bool:
        """Something is there, and nothing is left that must be answered first."""
        return bool(self.items) and not any(ask.must for item in self.items for ask in self.asks(item))

    def _ask_who(self, item: Item) -> Ask:
        question = "Who asked this?" if item.kind is Kind.QUESTION else "Who said this?"
        end = len(item.source.rstrip())
        return Ask(Asked.WHO, question, end, end, self._whom)

    @cached_property
    def _whom(self) -> tuple[Option, ...]:
        return choices_of(self.people or self.known.all, self.known, " @")


@dataclass(frozen=True, slots=True)
class Chip:
    """What the page shows of one item: exactly what will be kept."""

    kind: Kind
    label: str
    detail: str
    who: str
    asks: tuple[Ask, ...]
    start: int
    end: int


def parse(
    text: str,
    *,
    today: date,
    people: Sequence[Person] = (),
    topics: Sequence[TopicName] = (),
    stages: Sequence[StageName] = STAGES,
    fiscal_start: int | None = None,
) -> Note:
    """Read a note. Any text is a note; this never raises, and takes time in proportion to the text.

    `people` are the account's contacts who can be named, `topics` the catalogue, `fiscal_start` the month (1 to 12)
    in which the customer's year begins, where it is known (for “end of Q2”).
    """
    grammar = Grammar(text, today, people, topics, stages, fiscal_start)
    return Note(text, tuple(grammar.items()), grammar.people)


def chips(note: Note) -> tuple[Chip, ...]:
    """The note as the page shows it, with every question counted from the note's first character."""
    return tuple(
        Chip(
            item.kind,
            label_of(item),
            note.evidence(item) if item.kind is Kind.STAGE else item.words,
            who_of(note, item),
            tuple(ask.moved(item.start) for ask in note.asks(item)),
            item.start,
            item.end,
        )
        for item in note.items
    )


def label_of(item: Item) -> str:
    if item.kind is Kind.PROMISE:
        name = "Stretch promise" if item.stretch else "Promise"
        return f"{name}, due {long(item.due)}" if item.due else name
    if item.topic:
        return f"{item.topic.name}, to confirm" if item.to_confirm else item.topic.name
    return item.stage.label if item.stage else LABELS[item.kind]


def who_of(note: Note, item: Item) -> str:
    """“you, to Maria Vogt”, “asked by Maria Vogt”: who stands behind an item, in words."""
    person = note.who(item)
    name = person.name if person else ""
    match item.kind:
        case Kind.PROMISE:
            return f"you, to {name}" if name else "you"
        case Kind.FACT:
            return f"told by {name}" if name and not item.to_confirm else "you"
        case Kind.QUESTION | Kind.QUOTE | Kind.FEEDBACK if name:
            return f"{'asked' if item.kind is Kind.QUESTION else 'said'} by {name}"
        case _:
            return ""


# ---- Lines

MARKS = {
    "!": Kind.PROMISE,
    "?": Kind.QUESTION,
    '"': Kind.QUOTE,
    "“": Kind.QUOTE,
    "„": Kind.QUOTE,
    "«": Kind.QUOTE,
    "+": Kind.FEEDBACK,
    "#": Kind.FACT,
    ">": Kind.STAGE,
}
LABELS = {
    Kind.TEXT: "Note",
    Kind.PROMISE: "Promise",
    Kind.QUESTION: "Question",
    Kind.QUOTE: "Their words",
    Kind.FEEDBACK: "Feedback",
    Kind.PEOPLE: "With",
    Kind.FACT: "Fact",
    Kind.STAGE: "Stage",
}
THEIRS_OR_TO_THEM = {Kind.PROMISE, Kind.QUESTION, Kind.QUOTE, Kind.FEEDBACK, Kind.FACT}
CLOSING_MARKS = {'"': '"', "“": '”“"', "„": '“”"', "«": "»"}

NOT_IN_A_NAME = r"\s@,;:!?()\[\]{}<>\"“”„«»/\\|…&+#"
LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
LINE_END = re.compile(r"\r\n|\r|\n")
WORD_CHARACTER = re.compile(r"[^\W_]")
MENTION = re.compile(rf"(?<![\w@\\])@([^\W\d_][^{NOT_IN_A_NAME}]{{0,79}})")
NEXT_WORDS = re.compile(rf"(?: [^{NOT_IN_A_NAME}.]{{1,40}}){{1,3}}")
NAME_AT_LINE_START = re.compile(r"[ \t]*((?:[^\s:?,–—]{1,80}[ \t]{0,3}){1,6})")
NAME_END = re.compile(r"(?<=\S)(?=[ \t]|\Z)")
AFTER_NAME = re.compile(r"(?:[\s:,–—]|-(?=\s))*")
BETWEEN_PEOPLE = re.compile(r"(?:[\W_]|\band\b)*")
AFTER_QUOTE = re.compile(r"(?:[\W_]|\bsa(?:id|ys)\b)*")
QUOTATION_MARKS = frozenset('"“”„«»')
ESCAPED_MARK = re.compile(r"""\A(\s*)\\(?=[\\!?"“„«+#>])""")


@dataclass(slots=True)
class Block:
    """Lines that belong together, text[start:end], before it is known what they say."""

    kind: Kind
    start: int
    end: int


def kind_of(line: str) -> Kind:
    """What a line is, by its first character. A mark without words, before a number or written twice is text."""
    line = line.strip()
    kind = MARKS.get(line[:1], Kind.TEXT)
    follows = line[1:2]
    if kind is Kind.TEXT or follows == line[0] or not WORD_CHARACTER.search(line, 1):
        return Kind.TEXT
    if kind is Kind.FACT:
        return (
            kind
            if follows.isalnum() and not re.split(r"[\s:?,]", line[1:90], maxsplit=1)[0].isdigit()
            else Kind.TEXT
        )
    return Kind.TEXT if kind in {Kind.FEEDBACK, Kind.STAGE} and follows.isdigit() else kind


def is_indented(line: str) -> bool:
    """By a tab or two spaces: one space is easily typed by mistake."""
    return line[:1] == "\t" or (len(line) > 1 and line[:2].isspace())


def blocks_of(text: str) -> Iterator[Block | None]:
    """The lines of a text, each with the indented lines that follow it; None for every blank line."""
    block: Block | None = None
    for match in LINE.finditer(text):
        line = match[1]
        if not line or line.isspace():
            if block:
                yield block
            yield None
            block = None
        elif block and is_indented(line):
            block.end = match.end(1)
        else:
            if block:
                yield block
            block = Block(kind_of(line), match.start(1), match.end(1))
    if block:
        yield block


class Grammar:
    """One reading of one text."""

    def __init__(
        self,
        text: str,
        today: date,
        people: Sequence[Person],
        topics: Sequence[TopicName],
        stages: Sequence[StageName],
        fiscal_start: int | None,
    ) -> None:
        self.text = text
        self.today = today
        self.fiscal_start = fiscal_start
        self.people = names_of_people(people)
        self.topics = Names((topic, [topic.slug], [topic.slug, topic.name, *topic.also]) for topic in topics)
        self.stages = Names((stage, [stage.value], [stage.value, stage.label]) for stage in stages)
        self.read: dict[Kind, Callable[[Item, int], Item]] = {
            Kind.PROMISE: self.promise,
            Kind.QUOTE: self.quote,
            Kind.FACT: self.fact,
            Kind.STAGE: self.at_stage,
        }
        self.meant: dict[str, tuple[Option, ...]] = {}

    def items(self) -> Iterator[Item]:
        for blank, paragraph in groupby(blocks_of(self.text), key=lambda block: block is None):
            if not blank:
                yield from map(self.item, self.joined(block for block in paragraph if block))

    def joined(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Plain lines in a row are one paragraph; so are lines of a quoted mail, which begin with `>` as well."""
        plain: Block | None = None
        for kind, run in groupby(map(self.with_people, blocks), key=lambda block: block.kind):
            lines = list(run)
            if kind is Kind.TEXT or (
                kind is Kind.STAGE and len(lines) > 1 and not all(map(self.is_stage, lines))
            ):
                plain = Block(Kind.TEXT, plain.start if plain else lines[0].start, lines[-1].end)
                continue
            if plain:
                yield plain
            plain = None
            yield from lines
        if plain:
            yield plain

    def with_people(self, block: Block) -> Block:
        """A line of nothing but names says who was there."""
        source = self.source(block)
        if block.kind is Kind.TEXT and source.lstrip().startswith("@"):
            mentions = list(mentions_in(source, self.people))
            if mentions and BETWEEN_PEOPLE.fullmatch(without(source, mentions)):
                return Block(Kind.PEOPLE, block.start, block.end)
        return block

    def is_stage(self, block: Block) -> bool:
        source = self.source(block)
        return len(named(self.stages, source, source.index(">") + 1, shortest=4)[0]) == 1

    def source(self, block: Block) -> str:
        return self.text[block.start : block.end]

    def item(self, block: Block) -> Item:
        source = self.source(block)
        mentions = tuple(mentions_in(source, self.people))
        asks = tuple(self.ask_person(source, mention) for mention in mentions if mention.person is None)
        item = Item(block.kind, block.start, source, "", mentions, asks=asks)
        if block.kind is Kind.TEXT:
            return replace(item, words=plain_words(source, mentions))
        if block.kind is Kind.PEOPLE:
            return replace(item, words=", ".join(dict.fromkeys(called_in(source, it) for it in mentions)))
        body = len(source) - len(source.lstrip()) + 1
        read = self.read.get(block.kind)
        return read(item, body) if read else replace(item, words=kept(source, body, mentions))

    # People

    def ask_person(self, source: str, mention: Mention) -> Ask:
        typed = source[mention.start + 1 : mention.end]
        name = fold(typed)
        found = self.people.match(name, shortest=1)
        if name not in self.meant:
            self.meant[name] = choices_of(found, self.people, "@")
        question = (
            f"Which “{typed}” is meant?" if found else f"Who is “{typed}”? No contact here has that name."
        )
        plain = Option("Not a contact: keep the words", f"\\@{typed}")
        return Ask(Asked.PERSON, question, mention.start, mention.end, (*self.meant[name], plain))

    # Each kind with more to it than words

    def promise(self, item: Item, body: int) -> Item:
        stretch = item.source[body : body + 1] == "?"
        body += stretch
        words = kept(item.source, body, item.mentions)
        phrase = deadline(item.source, today=self.today, start=body, fiscal_start=self.fiscal_start)
        if phrase is None:
            end = len(item.source.rstrip())
            ask = Ask(Asked.DATE, "By when? A promise needs a date.", end, end, self.usual_days)
            return replace(item, words=words, stretch=stretch, asks=(*item.asks, ask))
        options = tuple(Option(long(day), phrase.written(day)) for day in phrase.days)
        due, asks = phrase.day, item.asks
        if phrase.doubt:
            asks += (Ask(Asked.DATE, phrase.doubt, phrase.start, phrase.end, options),)
        elif due and due < self.today:
            ask = Ask(
                Asked.PAST, f"{long(due)} has passed. Is it right?", phrase.start, phrase.end, must=False
            )
            asks += (ask,)
        return replace(item, words=words, stretch=stretch, due=due, asks=asks)

    @cached_property
    def usual_days(self) -> tuple[Option, ...]:
        phrases = ("tomorrow", "coming Friday", "in two weeks", "end of the month")
        found = (deadline(phrase, today=self.today) for phrase in phrases)
        days = sorted({phrase.day for phrase in found if phrase and phrase.day})
        return tuple(Option(long(day), f" by {short(day)}") for day in days)

    def quote(self, item: Item, body: int) -> Item:
        """Their words, without the marks around them; “…” said @maria is their words, too."""
        source, mark = item.source, item.source[body - 1]
        closed = max(source.rfind(close, body) for close in CLOSING_MARKS[mark])
        if closed < 0:
            return replace(item, words=kept(source, body, item.mentions))
        after = without(source, item.mentions, closed + 1)
        inner = source[body:closed]
        if AFTER_QUOTE.fullmatch(after) and WORD_CHARACTER.search(inner) and not QUOTATION_MARKS & set(inner):
            return replace(item, words=kept(source[:closed], body, item.mentions))
        return replace(item, words=kept(source, body - 1, item.mentions))

    def fact(self, item: Item, body: int) -> Item:
        found, start, end = named(self.topics, item.source, body, shortest=3)
        to_confirm = item.source[end : end + 1] == "?"
        words = after_name(item.source, end + to_confirm, item.mentions)
        if len(found) != 1:
            options = [Option(it.name, f"#{it.slug}") for it in (found or self.topics.all)[:CHOICES]]
            ask = ask_name(item, Asked.TOPIC, f"Which topic is “{item.source[start:end]}”?", end, options)
            return replace(item, words=words, to_confirm=to_confirm, asks=(*item.asks, ask))
        asks = item.asks
        if not words:
            at = len(item.source.rstrip())
            asks += (Ask(Asked.WORDS, f"What is true about “{found[0].name}”?", at, at),)
        return replace(item, words=words, topic=found[0], to_confirm=to_confirm, asks=asks)

    def at_stage(self, item: Item, body: int) -> Item:
        found, start, end = named(self.stages, item.source, body, shortest=4)
        if len(found) == 1:
            return replace(item, words=after_name(item.source, end, item.mentions), stage=found[0])
        options = [Option(it.label, f"> {it.label}") for it in (found or self.stages.all)[:CHOICES]]
        ask = ask_name(item, Asked.STAGE, f"Which stage is “{item.source[start:end]}”?", end, options)
        return replace(item, words=kept(item.source, body, item.mentions), asks=(*item.asks, ask))


def ask_name(item: Item, about: Asked, question: str, end: int, options: list[Option]) -> Ask:
    """Ask which topic or stage a line begins with. Answers end in a colon: no next word is drawn into the name."""
    start = len(item.source) - len(item.source.lstrip())
    colon = "" if item.source[end : end + 1] in {":", "?"} else ":"
    answers = [Option(option.label, option.text + colon) for option in options]
    plain = Option("None of these: keep the words", "\\" + item.source[start:end])
    return Ask(about, question, start, end, (*answers, plain))


# ---- Words


def kept(source: str, start: int, mentions: Sequence[Mention]) -> str:
    """The words from `start` on: names in place of mentions, and no indentation."""
    words = with_names(source, start, mentions)
    return "\n".join(map(str.strip, LINE_END.split(words))).strip()


def after_name(source: str, start: int, mentions: Sequence[Mention]) -> str:
    """The words that follow the name of a topic or stage."""
    gap = AFTER_NAME.match(source, start)
    return kept(source, gap.end() if gap else start, mentions)


def plain_words(source: str, mentions: Sequence[Mention]) -> str:
    """A paragraph as typed, but for names in place of mentions and without the `\\` before a mark."""
    lines = LINE_END.split(with_names(source, 0, mentions))
    shown = [
        line if number and is_indented(line) else ESCAPED_MARK.sub(r"\1", line, count=1)
        for number, line in enumerate(lines)
    ]
    return "\n".join(line.rstrip() for line in shown).strip()


def with_names(source: str, start: int, mentions: Sequence[Mention]) -> str:
    parts: list[str] = []
    for mention in mentions:
        if start <= mention.start and mention.end <= len(source):
            parts += source[start : mention.start].replace("\\@", "@"), called_in(source, mention)
            start = mention.end
    return "".join([*parts, source[start:].replace("\\@", "@")])


def without(source: str, mentions: Iterable[Mention], start: int = 0) -> str:
    """The text from `start` on with its mentions left out."""
    parts: list[str] = []
    for mention in mentions:
        if start <= mention.start:
            parts.append(source[start : mention.start])
            start = mention.end
    return " ".join([*parts, source[start:]])


def called_in(source: str, mention: Mention) -> str:
    return mention.person.name if mention.person else source[mention.start : mention.end]


def choices_of(people: Sequence[Person], names: Names[Person], lead: str) -> tuple[Option, ...]:
    """People to choose from; of two who are called the same, with their titles, each with a number."""
    labels = [
        f"{person.name}, {person.title}" if person.title else person.name for person in people[:CHOICES]
    ]
    return tuple(
        Option(label if labels.count(label) == 1 else f"{label} ({person.key})", lead + handle(person, names))
        for label, person in zip(labels, people, strict=False)
    )


# ---- Names

SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


def named(names: Names[T], source: str, body: int, *, shortest: int) -> tuple[tuple[T, ...], int, int]:
    """What the first words from `body` name: those meant, and where the name starts and ends. More words go first."""
    line = NAME_AT_LINE_START.match(source, body)
    if line is None:
        return (), body, body
    start, stop = line.start(1), line.start(1) + len(line[1].rstrip())
    ends = [match.start() for match in NAME_END.finditer(source, start, stop)][::-1]
    for end in ends:
        found = names.exactly(fold(source[start:end]))
        if found:
            return found, start, end
    for end in ends:
        found = names.loosely(fold(source[start:end]), shortest=shortest)
        if found:
            return found, start, end
    return (), start, ends[-1]


def names_of_people(people: Sequence[Person]) -> Names[Person]:
    """A person goes by the whole name, each part of it, the first with the last; `maria.vogt.17` is one alone."""
    return Names((person, own_names(person), shared_names(person.name)) for person in people)


def own_names(person: Person) -> list[str]:
    return [f"{person.name} {person.key}", f"contact {person.key}"]


def shared_names(name: str) -> Iterator[str]:
    lower = unicodedata.normalize("NFC", name).casefold()
    for spelling in dict.fromkeys((lower, lower.translate(SPELT_OUT))):
        parts = spelling.split()
        yield spelling
        yield from parts
        yield from (it for part in parts for it in part.split("-"))
        yield from (f"{parts[0]} {parts[-1]}",) if len(parts) > 2 else ()


def handle(person: Person, names: Names[Person]) -> str:
    """What to write after `@` to mean this person and nobody else."""
    parts = re.findall(rf"[^{NOT_IN_A_NAME}.]+", person.name)
    whole = ".".join(part.strip("'’-") for part in parts)
    for written in (whole, f"{whole}.{person.key}"):
        found = list(mentions_in(f"@{written}", names))
        closed = "." in written or fold(written) not in names.openings
        if closed and found == [Mention(0, len(written) + 1, person)]:
            return written
    return f"contact.{person.key}"


def mentions_in(source: str, people: Names[Person]) -> Iterator[Mention]:
    """Every `@name` in a text. An address like maria@example.com is none, nor is one after a `\\`."""
    at = source.find("@")
    while at >= 0:
        match = MENTION.match(source, at)
        mention = mention_of(source, match, people) if match else None
        if mention:
            yield mention
        at = source.find("@", mention.end if mention else at + 1)


def mention_of(source: str, match: re.Match[str], people: Names[Person]) -> Mention:
    """`@maria`, `@maria.vogt` or `@Maria Vogt`, also in `@maria's` and at the end of a sentence."""
    start, typed = match.start(), unowned(match[1].rstrip(".'’-"))
    end, name = start + 1 + len(typed), fold(typed)
    if "." not in typed and name in people.openings:
        for longer in longer_names(source, end):
            written = unowned(source[start + 1 : longer])
            found = people.exactly(fold(written))
            if found:
                return Mention(start, start + 1 + len(written), found[0] if len(found) == 1 else None)
    found = people.match(name, shortest=2)
    return Mention(start, end, found[0] if len(found) == 1 else None)


def unowned(name: str) -> str:
    """A name without the 's of what belongs to it."""
    return name[:-2] if len(name) > 3 and name[-2:].lower() in {"'s", "’s"} else name


def longer_names(source: str, end: int) -> list[int]:
    """Where a name could end that goes on for up to three more words, the longest first."""
    words = NEXT_WORDS.match(source, end)
    if words is None:
        return []
    return [words.start() + match.end() for match in re.finditer(r" \S+", words[0])][::-1]
