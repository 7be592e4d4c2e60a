"""account -> Brief, ordered by what hurts first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from accounts.models import Account, Condition, Contact, Obligation, Topic
from accounts.models.base import Json
from accounts.models.obligation_kinds import Urgency
from accounts.models.verdicts import VerdictLine
from accounts.rules.promise_record import PromiseRecord

from .brief import Brief, BriefLine, BriefPart, Matters, within
from .doubts import TopicAnswers
from .from_notes import LEAST_WORDS
from .lines import (
    beside_contact,
    beside_obligation,
    cliff_in_fact,
    cliff_in_passage,
    cliff_of_deal,
    condition_line,
    contact_line,
    deal_line,
    fact_line,
    held_by,
    obligation_line,
    on,
    passage_key,
    rhythm_line,
    sign_line,
    stage_line,
)
from .memory import AccountMemory, ContactOnPage, Falling, Past, what_matters

MOST_WORDS = 900
"""So many are read in five minutes, before the notes."""
BEFORE_NOTES = 0.25
"""A short brief does not spend more of its words than this share on lists before the notes."""
CLIFFS, DEALS, PEOPLE, GAPS = 6, 5, 15, 4
"""So many of each stand in any brief; what comes after them may have no room."""
LISTS = 200
"""So many words what may be left out has in any case."""
DECIDES = ["decision"]
TERMS = [*Topic.TERMS, *Topic.BUDGET, "procurement"]
STORY = [Topic.IF_THEN, Topic.STORY, Topic.WHY_US, Topic.OUTCOME, "needs", "criteria", "competition"]


def compose(account: Account, *, words: int | None = None) -> Brief:
    """The whole brief as the memory stands now, in a fixed number of queries.

    It is at most half as long as the notes, unless it is said how many `words` it may have in all, or what people
    wrote down to be carried is longer by itself: that is never left out.
    """
    return brief_of(AccountMemory.read(account), words=words)


def brief_of(memory: AccountMemory, *, words: int | None = None) -> Brief:
    """The same from what is read already."""
    past = Past.of(memory)
    before = MOST_WORDS if words is None else min(MOST_WORDS, int(words * BEFORE_NOTES))
    parts = (
        parts_of(memory, past) if words is None else [without_tasks(part) for part in parts_of(memory, past)]
    )
    parts = within(parts, before, least=LISTS if words is None else 0)
    gaps = gaps_of(memory) if words is None else first_of(gaps_of(memory))
    brief = Brief(memory.account.name, parts, gaps=gaps)
    in_all = max(past.unsorted.words // 2, brief.words + LEAST_WORDS) if words is None else words
    named = {line.key for line in brief.part("now").lines}
    elsewhere = [passage for passage, _ in past.falling if passage_key(passage) in named]
    return replace(brief, notes=past.unsorted.shown(in_all - brief.words, elsewhere))


def matters_of(accounts: Sequence[Account]) -> dict[int, Matters]:
    """Of each account, by its id, what an approval is about: the lines of its brief that must survive.

    A fixed number of queries, however many accounts.
    """
    read = what_matters(accounts)
    return {
        account.pk: Matters(
            [
                condition_line(account),
                *map(contact_line, read[account.pk].contacts),
                *map(obligation_line, read[account.pk].owed),
                *map(fact_line, read[account.pk].facts),
            ]
        )
        for account in accounts
    }


def part_of(topic: str) -> str:
    """The part in which answers on a topic stand, by its slug."""
    places = {"people": [*DECIDES, Topic.HANDLING], "terms": TERMS, "story": STORY}
    return next((part for part, slugs in places.items() if topic in slugs), "ways")


def parts_of(memory: AccountMemory, past: Past) -> list[BriefPart]:
    return [
        BriefPart("now", now_lines(memory, past)),
        BriefPart("owed", owed_lines(memory, past)),
        BriefPart("people", people_lines(memory)),
        BriefPart("terms", terms_lines(memory, past)),
        BriefPart("story", [*fact_lines(memory, *STORY), *map(stage_line, past.journey)]),
        BriefPart("ways", ways_lines(memory)),
    ]


def now_lines(memory: AccountMemory, past: Past) -> list[BriefLine]:
    """How it stands and why; what falls on a day soon; what is late, and what is urgent to them."""
    urgent = [
        BriefLine(f"urgent:{line.pk}", f"{line.get_urgency_display()} to {line.contact}", str(line))
        for line in memory.owed
        if line.urgency != Urgency.NORMAL and not line.is_late
    ]
    late = [
        BriefLine(f"late:{line.pk}", f"Late since {on(line.late_since)}", str(line))
        for line in memory.owed
        if line.late_since and line.kind != Obligation.Kind.TASK  # of our own tasks the list below is enough
    ]
    signs = [sign_line(sign) for sign in memory.signs]
    rated = memory.account
    by = [f"{rated.condition_by}, {on(rated.condition_at)}"] if rated.condition_at else []
    return [replace(condition_line(rated), more=by), *signs, *late, *urgent, *cliffs(memory, past.falling)]


def cliffs(memory: AccountMemory, falling: Falling) -> list[BriefLine]:
    """What falls on a day of the next weeks, the nearest first: in a note nobody sorted, an answer or a deal."""
    day = memory.day
    found = [
        *(cliff_in_passage(passage, entry, day) for passage, entry in falling),
        *(cliff_in_fact(fact, day) for fact in memory.facts),
        *(cliff_of_deal(deal, day) for deal in memory.deals),
    ]
    lines = [line for _, line in sorted((one for one in found if one), key=lambda one: (one[0], one[1].key))]
    days = ["", *(line.title for line in lines)]
    return [
        replace(line, title="" if line.title == days[at] else line.title, spare=at >= CLIFFS)
        for at, line in enumerate(lines)
    ]


def owed_lines(memory: AccountMemory, past: Past) -> list[BriefLine]:
    """In every role: late ones, what they asked or what went wrong, then by date, at last what is only ours to do."""

    def place(line: Obligation) -> tuple[bool, bool, bool, str]:
        ours = line.kind in {Obligation.Kind.TASK, Obligation.Kind.VISIT}
        return not line.is_late, ours, not line.is_theirs, str(line.due or "")

    lines = [
        replace(
            obligation_line(
                line, [*held_by(line, memory.owner), *beside_obligation(line, past.steps.get(line.pk, []))]
            ),
            spare=line.kind == Obligation.Kind.TASK,
        )
        for line in sorted(memory.owed, key=place)
    ]
    agreed = [
        BriefLine(
            f"agreed:{line.pk}",
            f"We said “{line.get_decision_display().lower()}” to {line.contact}, closed {on(line.closed_at)}",
            line.text,
            "nothing here says that it was delivered",
        )
        for line in past.agreed_to
        if line.closed_at
    ]
    return lines + agreed


def people_lines(memory: AccountMemory) -> list[BriefLine]:
    """Champions, also those who left, whoever decides, and the others; how to handle each stands beside them."""
    handling: dict[int | None, list[BriefLine]] = {}
    for fact in memory.by_topic(Topic.HANDLING):
        handling.setdefault(fact.contact_id, []).append(fact_line(fact))

    def place(contact: ContactOnPage) -> tuple[bool, bool, bool, int]:
        decides = {Contact.Role.DECISION_MAKER, Contact.Role.ECONOMIC_BUYER} & set(contact.roles)
        gone = contact.left_on is not None
        return not contact.is_champion, gone, not decides, -(contact.strength or 0)

    owner = memory.owner.name if memory.owner else ""
    lines: list[BriefLine] = []
    for contact in sorted(memory.contacts, key=place):
        line = replace(contact_line(contact), more=beside_contact(contact, owner))
        named = bool(contact.roles or contact.evidence or contact.went_to)
        lines += [replace(line, spare=len(lines) >= PEOPLE and not named), *handling.pop(contact.pk, [])]
    of_nobody = [line for some in handling.values() for line in some]
    return [*lines, *of_nobody, *fact_lines(memory, *DECIDES)]


def terms_lines(memory: AccountMemory, past: Past) -> list[BriefLine]:
    """Both sides of a disagreement stand side by side. The renewal: who holds it, and how the last one went."""
    deals = [
        replace(deal_line(deal), more=held_by(deal, memory.owner), spare=at >= DEALS)
        for at, deal in enumerate(memory.deals)
    ]
    shown = {deal.pk for deal in memory.deals}
    before = [deal_line(past.renewed)] if past.renewed and past.renewed.pk not in shown else []
    return [*fact_lines(memory, *TERMS), *deals, *before]


def first_of(gaps: list[str]) -> list[str]:
    """In a brief of few words the first gaps are named, and the others counted."""
    more = len(gaps) - GAPS
    return [*gaps[:GAPS], f"{more} more"] if more > 1 else gaps


def without_tasks(part: BriefPart) -> BriefPart:
    """In a brief of few words what is ours alone to do is only counted: it stands in the ledger."""
    lines = [line for line in part.lines if part.key != "owed" or not line.spare]
    return BriefPart(part.key, lines, len(part.lines) - len(lines))


def ways_lines(memory: AccountMemory) -> list[BriefLine]:
    topics = dict.fromkeys(fact.topic_id for fact in memory.facts if part_of(fact.topic_id) == "ways")
    return [
        *fact_lines(memory, *topics),
        *habits(memory),
        *verdict_lines(memory.account.verdict_lines),
        *promise_lines(memory),
        *map(executive_line, memory.account.executives_told),
    ]


def executive_line(told: Json) -> BriefLine:
    source = f"{told['who']}, {on(datetime.fromisoformat(told['at']))}"
    return BriefLine(f"executive:{told['at']}", "What an executive learned", told["text"], source)


def habits(memory: AccountMemory) -> list[BriefLine]:
    last = memory.account.last_contact_at
    line = rhythm_line(memory.account.usual, memory.account.day(last) if last else None, memory.day)
    return [line] if line else []


def verdict_lines(rows: list[Json]) -> list[BriefLine]:
    """The latest answer to whether they would make the same choice."""
    return [
        BriefLine("verdict", f"The same choice? {line.label}", line.words, f"{line.who}, {on(line.at)}")
        for line in VerdictLine.all_of(rows)[:1]
    ]


def promise_lines(memory: AccountMemory) -> list[BriefLine]:
    record = PromiseRecord.of(memory.account.promise_months, memory.day)
    return [BriefLine("promises", "Promises to them in a year", str(record))] if record.due else []


def fact_lines(memory: AccountMemory, *slugs: str) -> list[BriefLine]:
    """The answers on these topics. Where two disagree each says so."""
    lines = []
    for slug in slugs:
        facts = memory.by_topic(slug)
        disagree = len(facts) > 1 and TopicAnswers(facts[0].topic, facts).disagree
        more = ["The answers on this disagree: nobody has said which one stands"] if disagree else []
        lines += [replace(fact_line(fact), more=more) for fact in facts]
    return lines


def gaps_of(memory: AccountMemory) -> list[str]:
    """What nobody has written down."""
    account, answered = memory.account, {fact.topic_id for fact in memory.facts}
    missing = [
        topic
        for topic in memory.topics
        if topic.must_survive and topic.is_in_use and topic.pk not in answered and wanted(account, topic)
    ]
    rated, named = bool(account.condition), bool(memory.champions)
    before = [*([] if rated else ["How the account stands"]), *([] if named else ["Who stands up for us"])]
    return [*before, *(topic.name for topic in missing)]


def wanted(account: Account, topic: Topic) -> bool:
    """A steady account may do without a contingency; every other must have one."""
    return topic.slug != Topic.IF_THEN or account.condition != Condition.STEADY
