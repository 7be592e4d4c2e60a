"""Somebody sorts what the notes of a customer hold: each passage by the verb that a key of the page calls."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import EntryReading, Passage, Topic, User

from .telling import Story


class Sitting:
    """One person, one customer, one hour. A passage is named by some of its words."""

    def __init__(self, story: Story, account: str, day: int, clock: str, by: str) -> None:
        self.story, self.customer = story, story.customers[account]
        self._when, self._by = (day, clock), by
        story.tell(day, clock, EntryReading.read_all)

    def _sort(self, words: str, become: Callable[[Passage, User], object]) -> None:
        words = self.story.text(words)

        def sort() -> None:
            unsorted = Passage.objects.of(self.customer.account).unsorted().with_entry()
            with_words = unsorted.filter(reading__entry__text__contains=words)
            [found] = [one for one in with_words if words in one.text]
            become(found, self.story.who(self._by))

        self.story.tell(*self._when, sort)

    def fact(self, words: str, topic: str, text: str, *, about: str = "") -> None:
        """An answer on this topic, or with `about` how to handle that person of theirs."""
        text = self.story.text(text)
        self._sort(
            words,
            lambda passage, by: passage.become_fact(
                self.story.topics[topic], text, by=by, contact=self.customer.contact(about) if about else None
            ),
        )

    def handling(self, words: str, about: str, text: str) -> None:
        self.fact(words, Topic.HANDLING, text, about=about)

    def if_then(self, words: str, text: str) -> None:
        self.fact(words, Topic.IF_THEN, text)

    def promise(self, words: str, text: str, *, due: int, to: str, holder: str = "") -> None:
        text = self.story.text(text)
        self._sort(
            words,
            lambda passage, by: passage.become_promise(
                text,
                self.story.on(due),
                by=by,
                contact=self.customer.contact(to),
                holder=self.story.who(holder) if holder else None,
            ),
        )

    def nothing(self, *some: str) -> None:
        """The rest of each of these notes is nothing to carry."""
        for words in some:
            self._sort(words, lambda passage, by: passage.reading.hold_nothing_more(by=by))
