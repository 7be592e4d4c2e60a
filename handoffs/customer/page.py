"""account -> CustomerPage: what a customer sees of their own account, in the page's own order.

The page and its preview by staff are composed here, by the same queries, under the same database role.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from accounts.database.row_security import as_customer, as_customer_reads
from accounts.models import (
    Account,
    Ask,
    Contact,
    Coverage,
    Entry,
    Fact,
    Obligation,
    Stage,
    User,
    Verdict,
    today,
)
from accounts.rules import clocks
from handoffs.models import Handoff, ShownPeople
from handoffs.models.shown_people import SERVING

SHOWN_AFTER = timedelta(days=90)
THEIRS = [Obligation.Kind.QUESTION, Obligation.Kind.FEEDBACK, Obligation.Kind.REPAIR]
#: The steps of a line that the customer is shown. Who passed it to whom is ours.
STEPS = [
    "raised",
    "answered",
    "decided",
    "moved",
    "agreed",
    "reopened",
    "kept",
    "lapsed",
    "broken",
    "made_good",
]
#: What a stage means in the customer's words. "At risk" is our worry, not their stage.
STAGES = {
    Stage.LEARNING: "You are finding out what you need.",
    Stage.EVALUATING: "You are trying it out.",
    Stage.DECIDING: "You are deciding.",
    Stage.ONBOARDING: "We are setting it up together.",
    Stage.IN_VALUE: "It is in use.",
    Stage.RENEWAL: "The renewal is being talked about.",
}
ROLES = {
    Coverage.Role.OWNER: "answers for everything",
    Coverage.Role.SUCCESS: "looks after your success",
    Coverage.Role.SUPPORT: "helps when something does not work",
    Coverage.Role.ENGINEER: "knows the technical side",
    Coverage.Role.SPONSOR: "is your line to our management",
    Coverage.Role.BACK_UP: "stands in",
}


@dataclass(frozen=True)
class TeamMember:
    """Somebody of ours as the customer sees them; `coverage` names the row behind, for addressing a question."""

    person: User
    role: str
    since: datetime | None
    coverage: int


@dataclass(frozen=True)
class OwedLine:
    """A shared line of what we owe, who sees to it, and what became of it step by step."""

    obligation: Obligation
    holder: User
    steps: list[Entry] = field(default_factory=list)

    @property
    def moves(self) -> list[Entry]:
        """How its date moved, and that it passed."""
        return [step for step in self.steps if step.step in {"moved", "broken"}]

    @property
    def replies(self) -> list[Entry]:
        return [step for step in self.steps if step.step != "raised"]

    @property
    def awaits_them(self) -> bool:
        """We have answered and they have not said whether that settles it."""
        answered = any(step.step in {"answered", "decided", "made_good"} for step in self.steps)
        return self.obligation.is_open and bool(self.obligation.answered_at) and answered


@dataclass(frozen=True)
class KnownFact:
    fact: Fact
    correction: Obligation | None


@dataclass(frozen=True)
class CustomerPage:
    account: Account
    today: date
    changes: list[Handoff]
    team: list[TeamMember]
    owed: list[OwedLine]
    raised: list[OwedLine]
    question: Ask | None
    verdicts: list[Verdict]
    wins: list[Entry]
    known: list[KnownFact]
    asked: list[Ask]
    stage: str
    entries: list[Entry]
    access: list[User]


def compose(account: Account) -> CustomerPage:
    """Everything the page shows. Names and dates of changes are read first, by us; all else as the customer."""
    shown = ShownPeople.of(account)
    changes = announced(account)
    stage = stage_in_words(account)
    with as_customer(account):
        lines = owed(account, shown)
        entries = audible(Entry.objects.of(account).not_retracted().shared(), shown)
        return CustomerPage(
            account=account,
            today=today(),
            changes=changes,
            team=list(team(account, shown)),
            owed=[line for line in lines if line.obligation.kind not in THEIRS],
            raised=sorted(
                (line for line in lines if line.obligation.kind in THEIRS),
                key=lambda line: (not line.awaits_them, not line.obligation.is_open, -line.obligation.pk),
            ),
            question=question(account, shown),
            verdicts=verdicts(account),
            wins=[entry for entry in entries if entry.kind == Entry.Kind.WIN],
            known=known(account, lines, shown),
            asked=asked(account, shown),
            stage=stage,
            entries=[entry for entry in entries if entry.kind != Entry.Kind.WIN],
            access=access(account),
        )


def announced(account: Account) -> list[Handoff]:
    """The changes of people that they were told of: those to come, and those of the last three months."""
    told = Handoff.objects.in_force().filter(account=account, announced_at__isnull=False)
    lately = told.filter(Q(moved_at=None) | Q(moved_at__gt=clocks.now() - SHOWN_AFTER))
    return list(lately.with_people().select_related("announced_by", "confirmed_by").order_by("-pk"))


def stage_in_words(account: Account) -> str:
    reached = Entry.objects.of(account).not_retracted().filter(kind=Entry.Kind.STAGE, stage__in=STAGES)
    stage = reached.order_by("-at", "-pk").values_list("stage", flat=True).first()
    return STAGES[Stage(stage)] if stage else ""


def team(account: Account, shown: ShownPeople) -> Iterator[TeamMember]:
    serving = Coverage.objects.current().filter(account=account, role__in=SERVING)
    rows = as_customer_reads(serving, "person")
    seen: set[tuple[int, str]] = set()
    for row in sorted(rows, key=lambda row: (SERVING.index(Coverage.Role(row.role)), row.started_at)):
        person = shown.of_role(row.person, row.role)
        if (person.pk, row.role) in seen:
            continue
        seen.add((person.pk, row.role))
        since = row.started_at if person == row.person else None
        yield TeamMember(person, ROLES[Coverage.Role(row.role)], since, row.pk)


def owed(account: Account, shown: ShownPeople) -> list[OwedLine]:
    """Shared lines that are open, or were settled in the last three months, each with its steps."""
    recently = clocks.now() - SHOWN_AFTER
    shared = Obligation.objects.filter(account__in=account.memory_ids).shared()
    lines = [
        line
        for line in as_customer_reads(shared, "account", "holder", "contact", "escalated_to")
        if line.is_open or (line.closed_at and line.closed_at > recently) or line.kind in THEIRS
        if line.contact or shown.names_nobody_hidden(line.text)
    ]
    for line in lines:
        if line.escalated_to_id in shown.hidden:
            line.escalated_to = None
    steps: dict[int, list[Entry]] = {}
    written = Entry.objects.filter(obligation__in=[line.pk for line in lines], step__in=STEPS)
    for step in audible(written, shown, newest_first=False):
        steps.setdefault(step.obligation_id or 0, []).append(step)
    return [OwedLine(line, shown.of_role(line.holder, line.role), steps.get(line.pk, [])) for line in lines]


def audible(entries: QuerySet[Entry], shown: ShownPeople, *, newest_first: bool = True) -> list[Entry]:
    """Entries without the words or the names of people whom the customer does not know of yet: they wait till then."""
    order = ("-at", "-pk") if newest_first else ("at", "pk")
    read = as_customer_reads(entries.order_by(*order), "author", "author_contact")
    return [
        entry
        for entry in read
        if entry.author_id not in shown.hidden and shown.names_nobody_hidden(f"{entry.subject} {entry.text}")
    ]


def known(account: Account, lines: Iterable[OwedLine], shown: ShownPeople) -> list[KnownFact]:
    open_lines = [line.obligation for line in lines if line.obligation.is_open]
    corrections = {obligation.fact_id: obligation for obligation in open_lines if obligation.fact_id}
    facts = Fact.objects.of(account).live().shared().with_sources().order_by("topic__position", "pk")
    read = as_customer_reads(facts, "topic", "contact", "author")
    return [
        KnownFact(fact, corrections.get(fact.pk)) for fact in read if shown.names_nobody_hidden(fact.text)
    ]


def question(account: Account, shown: ShownPeople) -> Ask | None:
    """Whether they would make the same choice, while it waits for their answer."""
    asked = Ask.objects.of(account).open_choices().exclude(by__in=shown.hidden)
    return as_customer_reads(asked, "by").first()


def asked(account: Account, shown: ShownPeople) -> list[Ask]:
    """What we asked of them in the last three months, whoever of us did whom they know of."""
    asks = (
        Ask.objects.of(account)
        .filter(at__gt=clocks.now() - SHOWN_AFTER)
        .exclude(kind=Ask.Kind.CHOICE)
        .for_list()
    )
    read = as_customer_reads(asks, "contact", "by")
    return [ask for ask in read if ask.by_id not in shown.hidden and shown.names_nobody_hidden(ask.what)]


def verdicts(account: Account) -> list[Verdict]:
    given = Verdict.objects.of(account).order_by("-at", "-pk")
    return list(as_customer_reads(given, "contact", "by"))


def access(account: Account) -> list[User]:
    """Who at the customer sees this page."""
    return list(as_customer_reads(User.objects.active().filter(contact__account=account), "contact"))


# ---- Taking it away


def rows(page: CustomerPage) -> Iterator[dict[str, str]]:
    """The page line by line, for a file: section, date, what, who, and what became of it."""
    for member in page.team:
        yield row("your team", member.since, member.role, member.person.name)
    for line in [*page.owed, *page.raised]:
        one = line.obligation
        section = "what you told us" if one.kind in THEIRS else "what we owe you"
        due, state = one.due.isoformat() if one.due else "", one.get_outcome_display() or "open"
        yield row(section, one.raised_at, one.text, line.holder.name, due=due, state=state)
        for step in line.replies:
            yield row(section, step.at, step.text, step.who, state=step.step)
    for verdict in page.verdicts:
        who = f"{verdict.contact}{' (as we wrote it down)' if verdict.reported else ''}"
        yield row("your verdict", verdict.at, verdict.words, who, state=verdict.get_answer_display())
    for entry in page.wins:
        yield row("what has come of it", entry.at, entry.text or entry.subject, entry.who)
    for fact in (known.fact for known in page.known):
        yield row("what we know about you", fact.at, fact.text, source(fact), state=fact.topic.name)
    for ask in page.asked:
        yield row("what we asked you", ask.at, ask.what, ask.by.name, state=ask.get_kind_display())
    for entry in page.entries:
        yield row("where things stand", entry.at, entry.text or entry.subject, entry.who)
    for user in page.access:
        yield row("your access", None, "may see this page", user.name)


def source(fact: Fact) -> str:
    """Where a line comes from, as the page says it: of us nobody is named."""
    if fact.provenance == Fact.Provenance.TOLD and fact.contact:
        return f"told by {fact.contact}"
    ours = fact.provenance == Fact.Provenance.INFERRED
    return "we worked it out ourselves" if ours else "we are not sure of it"


def row(
    section: str, at: datetime | None, what: str, who: str, *, due: str = "", state: str = ""
) -> dict[str, str]:
    day = at.date().isoformat() if at else ""
    return {"section": section, "date": day, "what": what, "who": who, "due": due, "state": state}


def contact_of(user: User) -> Contact:
    assert user.contact is not None
    return user.contact
