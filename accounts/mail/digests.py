"""The one mail a day that a colleague gets: what waits for them, and nothing when nothing does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.text import Truncator

from accounts.models import Account, Entry, Fact, Letter, Obligation, Refused, User, Visit, today
from accounts.rules import clocks

MONDAY = 0


@dataclass(frozen=True)
class Section:
    """A heading of the digest, and its lines. Without lines it is left out."""

    title: str
    lines: list[str]
    #: Done with the letter: it happens when that is written, or not at all.
    written: Callable[[], object] | None = None
    waits: bool = True  # whether its lines are things to do


SectionMaker = Callable[[User], Section]


def late(user: User) -> Section:
    owed = Obligation.objects.late().filter(holder=user).for_list()
    return Section("Late", [f"{o.account}: {o} (was due {clocks.day_in_words(o.due)})" for o in owed])


def due_soon(user: User) -> Section:
    owed = Obligation.objects.held_by(user).due_in(0, 2).for_list()
    return Section("Due by the day after tomorrow", [f"{o.account}: {o} ({o.due:%A})" for o in owed])


def unanswered(user: User) -> Section:
    theirs = Obligation.objects.open().filter(kind__in=Obligation.THEIRS, contact__isnull=False)
    asked = theirs.filter(holder=user, answered_at=None).for_list()
    return Section("Waiting for your answer", [f"{o.account}: {o} ({o.contact})" for o in asked])


def without_a_note(user: User) -> Section:
    """Visits and meetings of two days ago or more of which nobody has written a word. Each is asked for once."""
    visits = Visit.without_a_note(user)
    asked = Obligation.objects.filter(pk__in=[visit.pk for visit in visits])
    return Section(
        "Nobody has written down what came of it",
        [f"{visit.account}: {visit} ({clocks.day_in_words(visit.took_place_on)})" for visit in visits],
        partial(asked.update, note_asked_on=today()),
    )


def went_well(user: User) -> Section:
    """On Mondays what one's team kept in the last seven days as thank-yous and wins, with names.

    Of accounts that this person does not see, it says whose the good news is, and nothing else.
    """
    title = "What went well in your team"
    if today().weekday() != MONDAY:
        return Section(title, [], waits=False)
    since = clocks.now() - timedelta(days=7)
    kept = Entry.objects.appreciations().filter(author__in=user.teammates(), at__gte=since)
    seen = kept.filter(account__in=Account.objects.visible_to(user))
    others = kept.exclude(pk__in=seen.values("pk")).order_by().values_list("author__name", "kind")
    lines = [
        f"{entry.account}, {entry.get_kind_display().lower()} kept by {entry.who}: {Truncator(entry.text).chars(200)}"
        for entry in seen.select_related("account", "author", "author_contact").order_by("at", "pk")
    ]
    for (author, kind), kinds in sorted(Counter(others).items()):
        label = Entry.Kind(kind).label.lower()
        lines.append(f"{author}: {kinds} {label}{'s' if kinds > 1 else ''} elsewhere")
    return Section(title, lines, waits=False)


def to_confirm(user: User) -> Section:
    """On Mondays: answers on accounts they own that nobody has asked about for long. One line for each account."""
    old: dict[Account, list[Fact]] = {}
    if (day := today()).weekday() == MONDAY:
        mine = Account.objects.open().owned_by(user)
        facts = Fact.objects.live().filter(account__in=mine, review_on__lt=day).with_sources()
        for fact in facts.select_related("account").order_by("account__name", "account"):
            if fact.is_past_review(day):
                old.setdefault(fact.account, []).append(fact)
    return Section("Does it still hold?", [in_doubt(account, facts) for account, facts in old.items()])


def in_doubt(account: Account, facts: list[Fact]) -> str:
    oldest = sorted(facts, key=lambda fact: fact.last_said_at)[:3]
    named = ", ".join(f"{fact.topic} (asked last in {fact.last_said_at:%B %Y})" for fact in oldest)
    count = "1 answer" if len(facts) == 1 else f"{len(facts)} answers"
    return f"{account}: {count} to confirm. {'The oldest: ' if len(facts) > 3 else ''}{named}"


#: What makes up a digest, in this order. Other apps add theirs when they are ready.
SECTIONS: list[SectionMaker] = [late, due_soon, unanswered, without_a_note, to_confirm, went_well]


def write_digest(user: User) -> Letter | None:
    """Write today's digest for one colleague; None when nothing waits, or when it is written already."""
    if Letter.objects.filter(to=user, digest_on=today()).exists():
        return None
    sections = [section for make in SECTIONS if (section := make(user)).lines]
    if not sections:
        return None
    count = sum(len(section.lines) for section in sections if section.waits)
    text = render_to_string("emails/digest.txt", {"user": user, "sections": sections})
    try:
        with transaction.atomic():
            letter = Letter.write(
                user, signed_by=signer(user), subject=subject(count), text=text, digest_on=today()
            )
            for section in sections:
                if section.written:
                    section.written()
    except Refused:  # another worker has just written it
        return None
    return letter


def subject(count: int) -> str:
    if not count:
        return "What went well in your team"
    return f"{count} thing{'s' if count > 1 else ''} wait{'' if count > 1 else 's'} for you today"


def signer(user: User) -> User:
    """The nearest manager; who stands above everybody signs their own."""
    try:
        return user.nearest_manager()
    except Refused:
        return user
