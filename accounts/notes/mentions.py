"""`@maria` in a note: whom a name means, and how a person is written so that nobody else is meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .names import Names, fold

CHOICES = 12
"""So many names are offered at most where one is asked for."""

NOT_IN_A_NAME = r"\s@,;:!?()\[\]{}<>\"“”„«»/\\|…&+#"
MENTION = re.compile(rf"(?<![\w@\\])@([^\W\d_][^{NOT_IN_A_NAME}]{{0,79}})")
NEXT_WORDS = re.compile(rf"(?: [^{NOT_IN_A_NAME}.]{{1,40}}){{1,3}}")
SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


@dataclass(frozen=True, slots=True)
class PersonName:
    """Somebody on the customer's side whom a note can name."""

    key: int
    name: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer: what it is called, and the words that it writes into the text."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class PersonMention:
    """`@somebody` at source[start:end]; `person` is None while it is not clear who is meant."""

    start: int
    end: int
    person: PersonName | None


def names_of_people(people: Sequence[PersonName]) -> Names[PersonName]:
    """A person goes by the whole name, each part of it, the first with the last; `maria.vogt.17` is one alone."""
    return Names((person, own_names(person), shared_names(person.name)) for person in people)


def own_names(person: PersonName) -> list[str]:
    return [f"{person.name} {person.key}", f"contact {person.key}"]


def shared_names(name: str) -> Iterator[str]:
    lower = unicodedata.normalize("NFC", name).casefold()
    for spelling in dict.fromkeys((lower, lower.translate(SPELT_OUT))):
        parts = spelling.split()
        yield spelling
        yield from parts
        yield from (it for part in parts for it in part.split("-"))
        yield from (f"{parts[0]} {parts[-1]}",) if len(parts) > 2 else ()


def handle(person: PersonName, names: Names[PersonName]) -> str:
    """What to write after `@` to mean this person and nobody else."""
    parts = re.findall(rf"[^{NOT_IN_A_NAME}.]+", person.name)
    whole = ".".join(part.strip("'’-") for part in parts)
    for written in (whole, f"{whole}.{person.key}"):
        found = list(mentions_in(f"@{written}", names))
        closed = "." in written or fold(written) not in names.openings
        if closed and found == [PersonMention(0, len(written) + 1, person)]:
            return written
    return f"contact.{person.key}"


def mentions_in(source: str, people: Names[PersonName]) -> Iterator[PersonMention]:
    """Every `@name` in a text. An address like maria@example.com is none, nor is one after a `\\`."""
    at = source.find("@")
    while at >= 0:
        match = MENTION.match(source, at)
        mention = mention_of(source, match, people) if match else None
        if mention:
            yield mention
        at = source.find("@", mention.end if mention else at + 1)


def mention_of(source: str, match: re.Match[str], people: Names[PersonName]) -> PersonMention:
    """`@maria`, `@maria.vogt` or `@Maria Vogt`, also in `@maria's` and at the end of a sentence."""
    start, typed = match.start(), unowned(match[1].rstrip(".'’-"))
    end, name = start + 1 + len(typed), fold(typed)
    if "." not in typed and name in people.openings:
        for longer in longer_names(source, end):
            written = unowned(source[start + 1 : longer])
            found = people.exactly(fold(written))
            if found:
                return PersonMention(start, start + 1 + len(written), found[0] if len(found) == 1 else None)
    found = people.match(name, shortest=2)
    return PersonMention(start, end, found[0] if len(found) == 1 else None)


def unowned(name: str) -> str:
    """A name without the 's of what belongs to it."""
    return name[:-2] if len(name) > 3 and name[-2:].lower() in {"'s", "’s"} else name


def longer_names(source: str, end: int) -> list[int]:
    """Where a name could end that goes on for up to three more words, the longest first."""
    words = NEXT_WORDS.match(source, end)
    if words is None:
        return []
    return [words.start() + match.end() for match in re.finditer(r" \S+", words[0])][::-1]


def choices_of(people: Sequence[PersonName], names: Names[PersonName], lead: str) -> tuple[Option, ...]:
    """People to choose from; of two who are called the same, with their titles, each with a number."""
    labels = [", ".join(filter(None, (person.name, person.title))) for person in people[:CHOICES]]
    return tuple(
        Option(label if labels.count(label) == 1 else f"{label} ({person.key})", lead + handle(person, names))
        for label, person in zip(labels, people, strict=False)
    )


def with_names(source: str, start: int, mentions: Sequence[PersonMention]) -> str:
    parts: list[str] = []
    for mention in mentions:
        if start <= mention.start and mention.end <= len(source):
            parts += source[start : mention.start].replace("\\@", "@"), called_in(source, mention)
            start = mention.end
    return "".join([*parts, source[start:].replace("\\@", "@")])


def without(source: str, mentions: Iterable[PersonMention], start: int = 0) -> str:
    """The text from `start` on with its mentions left out."""
    parts: list[str] = []
    for mention in mentions:
        if start <= mention.start:
            parts.append(source[start : mention.start])
            start = mention.end
    return " ".join([*parts, source[start:]])


def called_in(source: str, mention: PersonMention) -> str:
    return mention.person.name if mention.person else source[mention.start : mention.end]
