"""A transition of the story, and the handoffs it opens: each step by the verb that a click calls."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import Letter, User
from handoffs.models import Handoff, ReadBack, Transition

from .telling import Story, Told

SAID = "Gone through together, line by line."


class Change:
    """One transition. Accounts go by their names, colleagues by their first names in small letters."""

    def __init__(self, story: Story, day: int, clock: str, open_it: Callable[[], Transition]) -> None:
        self.story = story
        self._told = Told[Transition]()
        story.tell(day, clock, lambda: self._told.is_now(open_it()))

    @property
    def transition(self) -> Transition:
        return Transition.objects.get(pk=self._told.it.pk)

    def handoff(self, account: str) -> Handoff:
        return Handoff.objects.open().get(transition=self.transition, account__name=account)

    def tell(self, day: int, clock: str, act: Callable[[Transition], object]) -> None:
        self.story.tell(day, clock, lambda: act(self.transition))

    def of(self, account: str, day: int, clock: str, act: Callable[[Handoff], object]) -> None:
        self.story.tell(day, clock, lambda: act(self.handoff(account)))

    def assign(self, day: int, clock: str, by: str, account: str, to: str, because: str = "") -> None:
        who = self.story.who
        self.tell(
            day,
            clock,
            lambda t: t.moves.get(account__name=account).assign(who(to), by=who(by), because=because),
        )

    def start(self, day: int, clock: str, by: str) -> None:
        self.tell(day, clock, lambda t: t.start(by=self.story.who(by)).run())

    def begin_to_read(self, day: int) -> None:
        self.tell(day, "6:10", lambda t: Handoff.objects.filter(transition=t).give_access())

    def write(self, day: int, clock: str, account: str, by: str) -> None:
        """Tick what a person has to say, then hand the brief to the approvers."""

        def write(handoff: Handoff) -> None:
            writer = self.story.who(by)
            for item in handoff.open_items():
                if item.before_writing:
                    item.tick(by=writer, words=SAID)
            handoff.write(by=writer)

        self.of(account, day, clock, write)

    def approve(self, day: int, clock: str, account: str, by: str) -> None:
        self.of(
            account,
            day,
            clock,
            lambda h: h.approve(by=self.story.who(by), fingerprint=h.brief().fingerprint),
        )

    def read_back(
        self, day: int, clock: str, account: str, *answers: str, colleague: str = "", takes: str = ""
    ) -> None:
        """The answers, in the order of `ReadBack.QUESTIONS`.

        A `colleague` takes on the one line whose words are in `takes`.
        """

        def read_back(handoff: Handoff) -> None:
            holders: dict[int, User] = {
                owed.pk: self.story.who(colleague) if takes and takes in owed.text else handoff.incoming
                for owed in handoff.obligations()
            }
            words = dict(zip(ReadBack.QUESTIONS, map(self.story.text, answers), strict=True))
            handoff.read_back(by=handoff.incoming, holders=holders, **words)

        self.of(account, day, clock, read_back)

    def tick(self, day: int, clock: str, account: str, by: str) -> None:
        """Everything a person has to attest before the read-back is accepted."""

        def tick(handoff: Handoff) -> None:
            for item in handoff.open_items():
                if not item.by_read_back:
                    item.tick(by=self.story.who(by), words=SAID)

        self.of(account, day, clock, tick)

    def accept(self, day: int, clock: str, account: str, by: str) -> None:
        self.of(account, day, clock, lambda h: h.accept(by=self.story.who(by)))

    def announce(self, day: int, clock: str, *accounts: str) -> None:
        """The customers are told, whether or not the account has moved by then."""

        def announce(transition: Transition) -> None:
            for handoff in transition.handoffs.to_announce().filter(account__name__in=accounts):
                handoff.announce()
                Letter.objects.filter(account=handoff.account).send()

        self.tell(day, clock, announce)
