"""The grammar of notes: what each line of a note is, from its first character. See docs/notes.md for the writer's page.

`parse` is a pure function. The chips under the text area, and what is saved, come from the one value it returns, so
nothing is saved that was not shown. Nothing is guessed either: whatever can be read in two ways is a `Clarification`,
and the answer to it is an edit of the text, so that the text alone always says everything.

    note = parse(text, today=today(), people=people, topics=topics)
    note.items       what it says, in order
    note.ready       nothing is left that must be answered before it can be saved
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby

from accounts.rules.condition import Stage
from accounts.rules.dates import deadline, long, short

from .items import Clarification, ItemKind, NoteItem, ParsedNote, TopicName, Unclear
from .mentions import (
    CHOICES,
    Option,
    PersonMention,
    PersonName,
    called_in,
    choices_of,
    mentions_in,
    names_of_people,
    with_names,
    without,
)
from .names import Names, T, fold


def parse(
    text: str,
    *,
    today: date,
    people: Sequence[PersonName] = (),
    topics: Sequence[TopicName] = (),
) -> ParsedNote:
    """Read a note. Any text is a note; this never raises, and takes time in proportion to the text.

    `people` are the account's contacts who can be named, `topics` the catalogue.
    """
    grammar = Grammar(text, today, people, topics)
    return ParsedNote(text, tuple(grammar.items()), grammar.people)


# ---- Lines

MARKS = {
    "!": ItemKind.PROMISE,
    "?": ItemKind.QUESTION,
    '"': ItemKind.QUOTE,
    "“": ItemKind.QUOTE,
    "„": ItemKind.QUOTE,
    "«": ItemKind.QUOTE,
    "+": ItemKind.FEEDBACK,
    "#": ItemKind.FACT,
    ">": ItemKind.STAGE,
}
CLOSING_MARKS = {'"': '"', "“": '”“"', "„": '“”"', "«": "»"}

LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
LINE_END = re.compile(r"\r\n|\r|\n")
WORD_CHARACTER = re.compile(r"[^\W_]")
NAME_AT_LINE_START = re.compile(r"[ \t]*((?:[^\s:?!,–—]{1,80}[ \t]{0,3}){1,6})")
NAME_END = re.compile(r"(?<=\S)(?=[ \t]|\Z)")
AFTER_NAME = re.compile(r"(?:[\s:!,–—]|-(?=\s))*")
BETWEEN_PEOPLE = re.compile(r"(?:[\W_]|\band\b)*")
AFTER_QUOTE = re.compile(r"(?:[\W_]|\bsa(?:id|ys)\b)*")
QUOTATION_MARKS = frozenset('"“”„«»')
ESCAPED_MARK = re.compile(r"""\A(\s*)\\(?=[\\!?"“„«+#>])""")


@dataclass(slots=True)
class Block:
    """Lines that belong together, text[start:end], before it is known what they say."""

    kind: ItemKind
    start: int
    end: int


def kind_of(line: str) -> ItemKind:
    """What a line is, by its first character. A mark without words, before a number or written twice is text."""
    line = line.strip()
    kind = MARKS.get(line[:1], ItemKind.TEXT)
    follows = line[1:2]
    if kind is ItemKind.TEXT or follows == line[0] or not WORD_CHARACTER.search(line, 1):
        return ItemKind.TEXT
    if kind is ItemKind.FACT:
        name = re.split(r"[\s:?,]", line[1:90], maxsplit=1)[0]
        return kind if follows.isalnum() and not name.isdigit() else ItemKind.TEXT
    return ItemKind.TEXT if kind in {ItemKind.FEEDBACK, ItemKind.STAGE} and follows.isdigit() else kind


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
        people: Sequence[PersonName],
        topics: Sequence[TopicName],
    ) -> None:
        self.text = text
        self.today = today
        self.people = names_of_people(people)
        self.topics = Names((topic, [topic.slug], [topic.slug, topic.name, *topic.also]) for topic in topics)
        self.stages = Names((stage, [stage.value], [stage.value, stage.label]) for stage in Stage)
        self.read: dict[ItemKind, Callable[[NoteItem, int], NoteItem]] = {
            ItemKind.PROMISE: self.promise,
            ItemKind.QUOTE: self.quote,
            ItemKind.FACT: self.fact,
            ItemKind.STAGE: self.at_stage,
        }
        self.meant: dict[str, tuple[Option, ...]] = {}

    def items(self) -> Iterator[NoteItem]:
        for blank, paragraph in groupby(blocks_of(self.text), key=lambda block: block is None):
            if not blank:
                yield from map(self.item, self.joined(block for block in paragraph if block))

    def joined(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Plain lines in a row are one paragraph; so are lines of a quoted mail, which begin with `>` as well."""
        plain: Block | None = None
        for kind, run in groupby(map(self.with_people, blocks), key=lambda block: block.kind):
            lines = list(run)
            if kind is ItemKind.TEXT or (
                kind is ItemKind.STAGE and len(lines) > 1 and not all(map(self.is_stage, lines))
            ):
                plain = Block(ItemKind.TEXT, plain.start if plain else lines[0].start, lines[-1].end)
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
        if block.kind is ItemKind.TEXT and source.lstrip().startswith("@"):
            mentions = list(mentions_in(source, self.people))
            if mentions and BETWEEN_PEOPLE.fullmatch(without(source, mentions)):
                return Block(ItemKind.PEOPLE, block.start, block.end)
        return block

    def is_stage(self, block: Block) -> bool:
        source = self.source(block)
        return len(named(self.stages, source, source.index(">") + 1, shortest=4)[0]) == 1

    def source(self, block: Block) -> str:
        return self.text[block.start : block.end]

    def item(self, block: Block) -> NoteItem:
        source = self.source(block)
        mentions = tuple(mentions_in(source, self.people))
        asks = tuple(self.ask_person(source, mention) for mention in mentions if mention.person is None)
        item = NoteItem(block.kind, block.start, source, "", mentions, asks=asks)
        if block.kind is ItemKind.TEXT:
            return replace(item, words=plain_words(source, mentions))
        if block.kind is ItemKind.PEOPLE:
            return replace(item, words=", ".join(dict.fromkeys(called_in(source, it) for it in mentions)))
        body = len(source) - len(source.lstrip()) + 1
        read = self.read.get(block.kind)
        return read(item, body) if read else replace(item, words=words_from(source, body, mentions))

    # People

    def ask_person(self, source: str, mention: PersonMention) -> Clarification:
        typed = source[mention.start + 1 : mention.end]
        name = fold(typed)
        found = self.people.match(name, shortest=1)
        if name not in self.meant:
            self.meant[name] = choices_of(found, self.people, "@")
        unknown = f"Who is “{typed}”? No contact here has that name."
        question = f"Which “{typed}” is meant?" if found else unknown
        plain = Option("Not a contact: keep the words", f"\\@{typed}")
        return Clarification(Unclear.PERSON, question, mention.start, mention.end, (*self.meant[name], plain))

    # Each kind with more to it than words

    def promise(self, item: NoteItem, body: int) -> NoteItem:
        stretch = item.source[body : body + 1] == "?"
        body += stretch
        words = words_from(item.source, body, item.mentions)
        phrase = deadline(item.source, today=self.today, start=body)
        if phrase is None:
            end = len(item.source.rstrip())
            ask = Clarification(Unclear.DATE, "By when? A promise needs a date.", end, end, self.usual_days)
            return replace(item, words=words, stretch=stretch, asks=(*item.asks, ask))
        options = tuple(Option(long(day), phrase.written(day)) for day in phrase.days)
        due, asks = phrase.day, item.asks
        if phrase.doubt:
            asks += (Clarification(Unclear.DATE, phrase.doubt, phrase.start, phrase.end, options),)
        elif due and due < self.today:
            question = f"{long(due)} has passed. Is it right?"
            asks += (Clarification(Unclear.PAST, question, phrase.start, phrase.end, must=False),)
        return replace(item, words=words, stretch=stretch, due=due, asks=asks)

    @cached_property
    def usual_days(self) -> tuple[Option, ...]:
        phrases = ("tomorrow", "coming Friday", "in two weeks", "end of the month")
        found = (deadline(phrase, today=self.today) for phrase in phrases)
        days = sorted({phrase.day for phrase in found if phrase and phrase.day})
        return tuple(Option(long(day), f" by {short(day)}") for day in days)

    def quote(self, item: NoteItem, body: int) -> NoteItem:
        """Their words, without the marks around them; “…” said @maria is their words, too."""
        source, mark = item.source, item.source[body - 1]
        closed = max(source.rfind(close, body) for close in CLOSING_MARKS[mark])
        if closed < 0:
            return replace(item, words=words_from(source, body, item.mentions))
        after = without(source, item.mentions, closed + 1)
        inner = source[body:closed]
        if AFTER_QUOTE.fullmatch(after) and WORD_CHARACTER.search(inner) and not QUOTATION_MARKS & set(inner):
            return replace(item, words=words_from(source[:closed], body, item.mentions))
        return replace(item, words=words_from(source, body - 1, item.mentions))

    def fact(self, item: NoteItem, body: int) -> NoteItem:
        found, start, end = named(self.topics, item.source, body, shortest=3)
        to_confirm, instead = (item.source[end : end + 1] == mark for mark in "?!")
        words = after_name(item.source, end + to_confirm, item.mentions)
        if len(found) != 1:
            options = [Option(it.name, f"#{it.slug}") for it in (found or self.topics.all)[:CHOICES]]
            ask = ask_name(item, Unclear.TOPIC, f"Which topic is “{item.source[start:end]}”?", end, options)
            return replace(item, words=words, to_confirm=to_confirm, asks=(*item.asks, ask))
        asks = item.asks
        if not words:
            at = len(item.source.rstrip())
            asks += (Clarification(Unclear.WORDS, f"What is true about “{found[0].name}”?", at, at),)
        return replace(
            item,
            words=words,
            topic=found[0],
            to_confirm=to_confirm,
            instead=instead,
            name_end=end,
            asks=asks,
        )

    def at_stage(self, item: NoteItem, body: int) -> NoteItem:
        found, start, end = named(self.stages, item.source, body, shortest=4)
        if len(found) == 1:
            return replace(item, words=after_name(item.source, end, item.mentions), stage=found[0])
        options = [Option(it.label, f"> {it.label}") for it in (found or self.stages.all)[:CHOICES]]
        ask = ask_name(item, Unclear.STAGE, f"Which stage is “{item.source[start:end]}”?", end, options)
        return replace(item, words=words_from(item.source, body, item.mentions), asks=(*item.asks, ask))


def ask_name(item: NoteItem, about: Unclear, question: str, end: int, options: list[Option]) -> Clarification:
    """Ask which topic or stage a line begins with. Answers end in a colon: no next word is drawn into the name."""
    start = len(item.source) - len(item.source.lstrip())
    colon = "" if item.source[end : end + 1] in {":", "?", "!"} else ":"
    answers = [Option(option.label, option.text + colon) for option in options]
    plain = Option("None of these: keep the words", "\\" + item.source[start:end])
    return Clarification(about, question, start, end, (*answers, plain))


# ---- Words


def words_from(source: str, start: int, mentions: Sequence[PersonMention]) -> str:
    """The words from `start` on: names in place of mentions, and no indentation."""
    words = with_names(source, start, mentions)
    return "\n".join(map(str.strip, LINE_END.split(words))).strip()


def after_name(source: str, start: int, mentions: Sequence[PersonMention]) -> str:
    """The words that follow the name of a topic or stage."""
    gap = AFTER_NAME.match(source, start)
    return words_from(source, gap.end() if gap else start, mentions)


def plain_words(source: str, mentions: Sequence[PersonMention]) -> str:
    """A paragraph as typed, but for names in place of mentions and without the `\\` before a mark."""
    lines = LINE_END.split(with_names(source, 0, mentions))
    shown = [
        line if number and is_indented(line) else ESCAPED_MARK.sub(r"\1", line, count=1)
        for number, line in enumerate(lines)
    ]
    return "\n".join(line.rstrip() for line in shown).strip()


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
