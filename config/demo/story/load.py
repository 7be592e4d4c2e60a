"""The whole story, told from beginning to end."""

from __future__ import annotations

from datetime import date

from accounts.models import EntryReading
from handoffs.models import Handoff
from handoffs.models.memory_items import follow_all

from . import care, changes, departures, people
from .customers import gregor, north, olivia, olivia_too, south
from .notes import brannock, nordwald, osterby, piles
from .telling import Story


def tell(today: date) -> Story:
    """Live through the year that ends on this day, in the database as it is. Everything, or nothing."""
    story = Story(today)
    people.employ(story)
    for book in (olivia, olivia_too, gregor, north, south, brannock, nordwald, osterby):
        book.tell(story)
    changes.tell(story)
    departures.tell(story)
    piles.tell(story)
    care.tell(story)
    story.happen()
    EntryReading.read_all()
    follow_all(Handoff.objects.open())
    return story
