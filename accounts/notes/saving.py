"""Saving a note: the entry and all that it says besides, in one act."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime

from accounts.models import Coverage, Entry, Fact, Note, NotePart, Obligation, SortedPassage
from accounts.models.base import refuse_if, verb
from accounts.rules.answers import same_answer

from .items import ItemKind, NoteItem, ParsedNote, label_of
from .preview import NotePreview

OBLIGATIONS = {
    ItemKind.PROMISE: Obligation.Kind.PROMISE,
    ItemKind.QUESTION: Obligation.Kind.QUESTION,
    ItemKind.FEEDBACK: Obligation.Kind.FEEDBACK,
}
NOTHING_LEARNED = (
    "Say what you learned from them as well: an executive contact is more than what we promise or sell."
)


@verb
def save(preview: NotePreview, *, kind: str, at: datetime | None = None) -> Note:
    """The entry, and a row of its own for each fact, stage and obligation. Raises `Refused`."""
    learned = kind != Entry.Kind.EXECUTIVE or says_something_of_theirs(preview.note)
    refuse_if(*preview.blockers, None if learned else NOTHING_LEARNED)
    entry = Entry.keep(
        preview.account,
        kind=kind,
        text=text_of(preview.note),
        by=preview.writer,
        at=at,
        contacts=[preview.contacts[person.key] for person in preview.note.people],
        external_id=f"note:{uuid.uuid4().hex}",
    )
    note = Note.objects.get(pk=entry.pk)
    made = [(item, part) for item in preview.note.items if (part := part_of(preview, note, item))]
    NotePart.objects.bulk_create(part for _, part in made)
    SortedPassage.objects.bulk_create(typed(note, made))
    return note


def typed(note: Note, made: Iterable[tuple[NoteItem, NotePart]]) -> Iterator[SortedPassage]:
    """What its writer typed as a promise, a fact and so on needs no sorting, where it stands in the note's text."""
    end = 0
    for item, part in made:
        start = note.text.find(item.words, end)
        if not item.words or start < 0 or part.entry_id:
            continue
        end = start + len(item.words)
        became = SortedPassage.of_topic(part.fact.topic_id) if part.fact else SortedPassage.Became.PROMISE
        what = {"became": became, "fact": part.fact, "obligation": part.obligation}
        yield SortedPassage(entry=note, start=start, end=end, by=note.author, **what)


def says_something_of_theirs(note: ParsedNote) -> bool:
    """And not only what we promise and where we see them."""
    ours = {ItemKind.PROMISE, ItemKind.STAGE, ItemKind.PEOPLE}
    return any(item.kind not in ours for item in note.items)


def text_of(note: ParsedNote) -> str:
    """The entry's own text: the plain lines and their words; where there are none, one line for each item."""
    lines = [item for item in note.items if item.kind in {ItemKind.TEXT, ItemKind.QUOTE}]
    said = [quoted(note, item) if item.kind is ItemKind.QUOTE else item.words for item in lines]
    every = [f"{label_of(item)}: {item.words}".rstrip(": ") for item in note.items]
    return "\n\n".join(said) or "\n".join(every)


def quoted(note: ParsedNote, item: NoteItem) -> str:
    who = note.who(item)
    return f"“{item.words}”" + (f" — {who.name}" if who else "")


def part_of(preview: NotePreview, note: Note, item: NoteItem) -> NotePart | None:
    if item.kind in OBLIGATIONS:
        return NotePart(note=note, obligation=owe(preview, note, item))
    if (old := preview.replaced.get(item.start)) and same_answer(old.text, item.words):
        old.confirm(by=preview.writer, contact=preview.contact_of(item))
        return None
    if item.topic:
        return NotePart(note=note, fact=state(preview, note, item, item.topic.slug))
    if item.stage:
        evidence = preview.note.evidence(item)
        reached = Entry.reach_stage(
            preview.account, item.stage.value, evidence=evidence, by=preview.writer, at=note.at
        )
        return NotePart(note=note, entry=reached)
    return None


def owe(preview: NotePreview, note: Note, item: NoteItem) -> Obligation:
    return Obligation.owe(
        preview.account,
        OBLIGATIONS[item.kind],
        item.words,
        by=preview.writer,
        due=item.due,
        contact=preview.contact_of(item),
        holder=preview.holder,
        role=preview.role or Coverage.Role.OWNER,
        at=note.at,
        stretch=item.stretch,
    )


def state(preview: NotePreview, note: Note, item: NoteItem, topic: str) -> Fact:
    contact = preview.contact_of(item)
    provenance = Fact.Provenance.TOLD if contact else Fact.Provenance.INFERRED
    return Fact.state(
        preview.account,
        preview.topics[topic],
        item.words,
        by=preview.writer,
        provenance=Fact.Provenance.TO_CONFIRM if item.to_confirm else provenance,
        contact=contact,
        entry=note,
        supersedes=preview.replaced.get(item.start),
    )
