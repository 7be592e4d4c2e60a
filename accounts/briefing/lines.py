"""A fact, a contact, an obligation ... -> its line of the brief."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from accounts.models import Account, Condition, Contact, Deal, Entry, Fact, Obligation, Passage, Topic, User
from accounts.rules.condition import Sign
from accounts.rules.dates import long
from accounts.rules.passages import days_to_come, sentences

from .brief import BriefLine
from .from_notes import first_names
from .memory import CLIFF_AHEAD, ContactOnPage

UNDERSTOOD_WITHIN = 60
"""A passage is shown with the sentences around it where that is no longer than so many words."""


def on(day: date) -> str:
    return f"{day:%-d %B %Y}"


def condition_line(account: Account) -> BriefLine:
    rated = Condition(account.condition).label if account.condition else "Not rated"
    return BriefLine(
        "condition", "Condition", f"{rated}. {account.condition_because}".strip(), must_survive=True
    )


def sign_line(sign: Sign) -> BriefLine:
    condition, sentence = sign
    return BriefLine(f"sign:{sentence}", condition.label, sentence)


def fact_line(fact: Fact) -> BriefLine:
    about = fact.topic_id == Topic.HANDLING and fact.contact
    title = f"How to handle {fact.contact}" if about else fact.topic.name
    return BriefLine(f"fact:{fact.pk}", title, fact.text, source_of(fact), fact.topic.must_survive)


def source_of(fact: Fact) -> str:
    """From whom and when. Of what was taken from a note it is whoever wrote that, and when it happened."""
    note = fact.entry
    if note is None:
        return f"{fact.source}, {on(fact.at)}"
    told = fact.provenance == Fact.Provenance.TOLD and fact.contact and fact.contact != note.author_contact
    return f"{fact.contact} told {note.who}, {on(note.at)}" if told else f"{note.who}, {on(note.at)}"


def contact_line(contact: Contact) -> BriefLine:
    parts = [contact.title, ", ".join(contact.role_labels), contact.evidence]
    if contact.is_champion:
        cost = f"What it cost them: {contact.cost}" if contact.cost else ""
        strength = contact.get_strength_display() if contact.strength else ""
        parts = [cost, *parts[:2], strength, contact.evidence]
    text = ". ".join(part.rstrip(".") for part in parts if part)
    left = f", left on {on(contact.left_on)}" if contact.left_on else ""
    gone = f" for {contact.went_to}" if left and contact.went_to else ""
    return BriefLine(
        f"contact:{contact.pk}",
        f"{contact.name}{left}{gone}",
        text,
        must_survive=contact.is_champion and not left,
    )


def beside_contact(contact: ContactOnPage, owner: str) -> list[str]:
    """How to say the name, what weighs on them, and who of us knows them beside the account's owner."""
    said = [f"Say “{contact.say_name}”"] if contact.say_name else []
    weighs = [f"{text} (until {on(until)})" for text, until in contact.contexts_now]
    known = ", ".join(first_names(name for name in contact.known_to if name != owner).values())
    unknown = contact.roles and not contact.left_on and not contact.known_to
    nobody = ["Nobody of ours was in touch within a year"] if unknown else []
    return [*said, *weighs, *([f"Known to {known}"] if known else nobody)]


def obligation_line(obligation: Obligation, more: Iterable[str] = ()) -> BriefLine:
    due = f"due {on(obligation.due)}" if obligation.due else "no date"
    whom = f" {'from' if obligation.is_theirs else 'to'} {obligation.contact}" if obligation.contact else ""
    title = f"{obligation.get_kind_display()}{whom}, {due}"
    source = provenance_of(obligation) + (", stretch" if obligation.stretch else "")
    survives = obligation.kind != Obligation.Kind.TASK
    return BriefLine(f"obligation:{obligation.pk}", title, obligation.text, source, survives, list(more))


def provenance_of(obligation: Obligation) -> str:
    """Who says so, and since when: who wrote the note or the line."""
    if note := note_behind(obligation):
        return f"{note.who}, {on(note.at)}"
    if obligation.imported_from:
        return "imported"  # its page says by whom, and from which row
    return f"{obligation.raised_by}, {on(obligation.raised_at)}"


def note_behind(obligation: Obligation) -> Entry | None:
    """The note from which somebody took it."""
    sorting = getattr(obligation, "sorted_passage", None)
    return sorting.entry if sorting else None


def held_by(thing: Obligation | Deal, owner: User | None) -> list[str]:
    """Who holds it, where that is not the owner."""
    return [] if thing.holder == owner else [f"{thing.holder} holds it"]


def beside_obligation(obligation: Obligation, steps: Iterable[Entry]) -> list[str]:
    """How it was moved, missed and reopened."""
    missed = [f"missed on {on(obligation.missed_on)}"] if obligation.missed_on else []
    told = [f"{step.step} {on(step.at)}, {step.who}: {step.text}" for step in steps]
    return [*missed, *told]


def deal_line(deal: Deal) -> BriefLine:
    amount = f"{deal.amount:,.0f} {deal.currency}" if deal.amount is not None else "no amount"
    if deal.closed_at:
        when = f"{deal.get_outcome_display().lower()} on {on(deal.closed_at)}"
    else:
        when = f"closing {on(deal.expected_close)}" if deal.expected_close else "no closing date"
    title = f"{deal.get_kind_display()}: {deal.name}"
    text = ", ".join([amount, *([deal.stage] if deal.stage else []), when])
    return BriefLine(f"deal:{deal.pk}", title, text)


def stage_line(entry: Entry) -> BriefLine:
    return BriefLine(
        f"entry:{entry.pk}", f"{entry.subject}, {on(entry.at)}", entry.text, entry.who, spare=True
    )


# ---- What falls on a day


def falls(day: date, today: date) -> str:
    """The day in words, and how far away it is."""
    ahead = (day - today).days
    return f"{long(day)}, {'today' if ahead == 0 else 'tomorrow' if ahead == 1 else f'in {ahead} days'}"


def next_of(days: Iterable[date], today: date) -> date | None:
    """The nearest of these days that is near enough to be named."""
    return min((day for day in days if today <= day <= today + CLIFF_AHEAD), default=None)


def passage_key(passage: Passage) -> str:
    return f"passage:{passage.pk}"


def cliff_in_passage(passage: Passage, entry: Entry, today: date) -> tuple[date, BriefLine] | None:
    if (day := next_of(passage.days, today)) is None:
        return None
    around = entry.text[passage.begins : passage.ends].split()
    words = around if len(around) <= UNDERSTOOD_WITHIN else entry.text[passage.start : passage.end].split()
    source = f"{entry.who}, {on(entry.at)}"
    return day, BriefLine(passage_key(passage), falls(day, today), " ".join(words), source)


def cliff_in_fact(fact: Fact, today: date) -> tuple[date, BriefLine] | None:
    """The sentence of an answer that names the nearest day to come."""
    written = (fact.entry.at if fact.entry else fact.at).date()
    told = [fact.text[start:end] for start, end in sentences(fact.text)]
    named = [(day, told_so) for told_so in told for day in days_to_come(told_so, written)]
    if (day := next_of((day for day, _ in named), today)) is None:
        return None
    said = next(told_so for on_day, told_so in named if on_day == day)
    return day, BriefLine(f"day of fact:{fact.pk}", falls(day, today), said, fact.topic.name)


def cliff_of_deal(deal: Deal, today: date) -> tuple[date, BriefLine] | None:
    if deal.closed_at or not deal.expected_close or not today <= deal.expected_close <= today + CLIFF_AHEAD:
        return None
    line = BriefLine(f"day of deal:{deal.pk}", falls(deal.expected_close, today), f"{deal.name} is to close")
    return deal.expected_close, line


def rhythm_line(usual: timedelta | None, last: date | None, today: date) -> BriefLine | None:
    """How often we are in touch, over the past year."""
    if usual is None or last is None:
        return None
    often = f"about every {max(usual.days, 1)} days" if usual.days > 1 else "nearly every day"
    ago = (today - last).days
    return BriefLine("rhythm", "Rhythm", f"In touch {often}, last {f'{ago} days ago' if ago else 'today'}")
