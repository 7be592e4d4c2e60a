"""One line of what we owe a customer of the story, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import Contact, CustomerCase, Obligation
from accounts.models.deadlines import lapse_answers

from .telling import Story, Told


def case(owed: Obligation) -> CustomerCase:
    """The same line as something that is answered."""
    return CustomerCase.objects.get(pk=owed.pk)


class Owed:
    """One line of what we owe, and what becomes of it."""

    def __init__(
        self, story: Story, thread: str, contact: Callable[[str], Contact], told: Told[Obligation]
    ) -> None:
        self.story, self.thread, self.contact, self.told = story, thread, contact, told

    def _tell(self, day: int, act: Callable[[Obligation], object]) -> Owed:
        self.story.tell_of(self.thread, day, lambda: act(self.told.it))
        return self

    def kept(self, day: int, by: str) -> Owed:
        return self._tell(day, lambda it: it.keep(by=self.story.who(by)))

    def moved(self, day: int, to: int, by: str, because: str) -> Owed:
        return self._tell(
            day,
            lambda it: it.move(self.story.on(to), because=self.story.text(because), by=self.story.who(by)),
        )

    def answered(self, day: int, by: str, text: str) -> Owed:
        return self._tell(day, lambda it: case(it).answer(self.story.text(text), by=self.story.who(by)))

    def decided(self, day: int, by: str, decision: str, because: str) -> Owed:
        return self._tell(
            day, lambda it: case(it).decide(decision, self.story.text(because), by=self.story.who(by))
        )

    def agreed(self, day: int, by: str, contact: str, words: str = "") -> Owed:
        """`by` the contact (who signs in), or a colleague who reports the contact's words."""
        return self._tell(
            day,
            lambda it: it.agree(contact=self.contact(contact), by=self.story.who(by), words=words),
        )

    def reopened(self, day: int, by: str, because: str) -> Owed:
        return self._tell(day, lambda it: it.reopen(by=self.story.who(by), because=self.story.text(because)))

    def made_good(self, day: int, by: str, text: str) -> Owed:
        return self._tell(day, lambda it: case(it).make_good(self.story.text(text), by=self.story.who(by)))

    def handed(self, day: int, to: str, by: str, because: str) -> Owed:
        return self._tell(
            day,
            lambda it: it.hand_to(
                self.story.who(to), by=self.story.who(by), because=self.story.text(because)
            ),
        )

    def lapsed(self, day: int) -> Owed:
        """Nobody came back to our answer, and the day had come."""
        return self._tell(day, lambda it: lapse_answers())
