"""Mails quote others. What is quoted stays in an entry where it is the only place that has those words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .book import PlannedAccount, PlannedActivity

RUN = 6  # words in a row that are hardly said twice by chance
KNOWN_ELSEWHERE = 0.5  # the share of them from which on a quotation stands elsewhere
MARKS = re.compile(r"^[\s>|]+", re.MULTILINE)
WORDS = re.compile(r"\w+")


def quoted_in(folded: str) -> str:
    """What was said, without the line that a mail program put above it."""
    marked = [line for line in folded.splitlines() if line.lstrip().startswith((">", "|"))]
    return "\n".join(marked) or folded


def runs_of(text: str) -> Iterator[int]:
    """Each run of words, as a number by which two of them are compared."""
    words = WORDS.findall(MARKS.sub("", text).casefold())
    size = min(RUN, len(words))
    return (hash(tuple(words[at : at + size])) for at in range(len(words) - size + 1 if size else 0))


def keep_what_stands_nowhere_else(activities: Iterable[PlannedActivity]) -> None:
    """Put back what was folded away of a mail, unless an entry of the same account has it in its own words."""
    activities = list(activities)
    quoting = [activity for activity in activities if activity.read.folded]
    wanted: dict[PlannedAccount, set[int]] = defaultdict(set)
    for activity in quoting:
        wanted[activity.customer].update(runs_of(quoted_in(activity.read.folded)))
    said: dict[PlannedAccount, set[int]] = defaultdict(set)
    for activity in activities if quoting else []:
        if looked_for := wanted.get(activity.customer):
            said[activity.customer].update(run for run in runs_of(activity.text) if run in looked_for)
    for activity in quoting:
        if not stands_elsewhere(activity, said[activity.customer]):
            activity.text = f"{activity.text}\n\n{activity.read.folded}"
            activity.read = replace(activity.read, folded="")
            said[activity.customer].update(
                runs_of(activity.text)
            )  # of one letter quoted twice the first is enough


def stands_elsewhere(activity: PlannedActivity, said: set[int]) -> bool:
    """Whether an entry has these words; a few words, too few to be told from others, are taken to be said before."""
    if len(WORDS.findall(quoted_in(activity.read.folded))) < RUN:
        return True
    runs = list(runs_of(quoted_in(activity.read.folded)))
    return sum(run in said for run in runs) >= KNOWN_ELSEWHERE * len(runs)
