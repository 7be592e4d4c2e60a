"""handoff -> what is thin in its brief, in a sentence each. None of it is forbidden; an approver has to know it."""

from __future__ import annotations

from accounts.briefing.doubts import Doubts
from accounts.briefing.memory import AccountMemory
from accounts.models import Passage
from accounts.models.base import sentences
from handoffs.models import Handoff
from handoffs.models.evidence import PRESSING

SHORT_STORY = 25
"""So few words say that somebody filled a field, not who the customer is."""


def thin(handoff: Handoff, memory: AccountMemory) -> list[str]:
    """The notes that nobody has looked at, a story of a few words, what disagrees, what is empty, what was waived."""
    unsorted = Passage.objects.of(memory.account).unsorted()
    count, pressing = unsorted.count(), unsorted.filter(reasons__overlap=PRESSING).count()
    words = len(memory.stories[0].text.split()) if memory.stories else 0
    waived = sum(item.waived_at is not None for item in handoff.items.all())
    return sentences(
        f"{count} passage{'s' * (count != 1)} of the notes nobody has looked at." if count else None,
        f"{pressing} of them may be {'a promise' if pressing == 1 else 'promises'}, or fall due."
        if pressing
        else None,
        f"The story has {words} word{'s' * (words != 1)}." if 0 < words < SHORT_STORY else None,
        *(
            f"{one.topic}: answers disagree, and nobody has said which of them stands."
            for one in Doubts.among(memory.facts, memory.day).contradictions
        ),
        None if any(not one.left_on for one in memory.contacts) else "Nobody of theirs is written down.",
        None if memory.owed else "Nothing is written down that we owe them.",
        f"{waived} item{'s' * (waived != 1)} of the checklist {'were' if waived != 1 else 'was'} waived."
        if waived
        else None,
    )
