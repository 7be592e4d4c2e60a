"""Which handoffs have stalled, as the digest tells whoever opened them."""

from __future__ import annotations

from datetime import timedelta

from accounts.mail.digests import write_digest
from accounts.models import User
from accounts.rules import clocks
from handoffs.models import Handoff
from handoffs.slots import STALLED_AFTER, stalled_section
from tests.base import CastTestCase, at_time
from tests.handoffs.steps import approve, dates, hand_over, read_back, write


class Stalled(CastTestCase):
    handoff: Handoff

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        when = dates(accountable=20, announced=20)
        cls.handoff = hand_over(cls.acme, cls.ines, by=cls.max, **when)

    def lines(self, user: User | None = None, *, later: timedelta = timedelta()) -> list[str]:
        """What stands in the section so much later than now."""
        with at_time(clocks.now() + later):
            return stalled_section(user or self.max).lines

    def test_one_that_nobody_has_written_for_five_days(self) -> None:
        assert self.lines(later=STALLED_AFTER - timedelta(hours=1)) == []
        told = f"{self.handoff}: to write, for {clocks.day_in_words(self.handoff.accountable_on)}"
        assert self.lines(later=STALLED_AFTER + timedelta(hours=1)) == [told]

    def test_one_that_was_written_and_not_accepted_for_five_days(self) -> None:
        with at_time(clocks.now() + timedelta(days=4)):
            write(self.handoff, by=self.olivia)
        assert self.lines(later=timedelta(days=8)) == []
        assert len(self.lines(later=timedelta(days=10))) == 1
        with at_time(clocks.now() + timedelta(days=9)):
            approve(self.handoff)
            read_back(self.handoff)
            self.handoff.accept(by=self.olivia)
        assert self.lines(later=timedelta(days=10)) == [], "it only waits for its day"

    def test_one_whose_date_has_passed(self) -> None:
        Handoff.objects.update(accountable_on=clocks.now().date() - timedelta(days=2))
        assert len(self.lines()) == 1
        self.handoff.cancel(by=self.max, because="Not needed")
        assert self.lines() == []

    def test_it_is_told_to_whoever_opened_it_in_the_digest(self) -> None:
        later = STALLED_AFTER + timedelta(days=1)
        for other in (self.petra, self.omar, self.olivia, self.ines):
            assert self.lines(other, later=later) == []
        with at_time(clocks.now() + later):
            digest = write_digest(self.max)
        assert digest
        assert "Stalled handoffs" in digest.text
        assert "Acme Robotics: Olivia Brandt to Ines Carvalho: to write" in digest.text
