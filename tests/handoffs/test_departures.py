"""A departure ends the leaver's access first; its page says what became of the book."""

from __future__ import annotations

from unittest import mock

from accounts.models import Coverage, Offboarding, User
from accounts.models.coverage import CoverageQuerySet
from accounts.rules import clocks
from accounts.tasks import move_books
from handoffs.models import Handoff, Transition
from handoffs.models.blockers import undo_blockers
from handoffs.tasks import run_due_changes
from tests.base import CastTestCase, in_days
from tests.handoffs.steps import departure
from tests.handoffs.test_pages_transitions import departs

FAILS = mock.patch.object(CoverageQuerySet, "leave_to", side_effect=RuntimeError("The power went out"))


class AccessEndsFirst(CastTestCase):
    def test_a_sudden_departure_whose_book_cannot_be_moved(self) -> None:
        with FAILS, self.assertLogs("accounts.models.offboarding", "ERROR"):
            answer = self.send(
                self.max, "departure_new", self.olivia.pk, **departs(when="sudden", last_day="")
            )
        transition = Transition.objects.get()
        assert answer.status_code == 302
        assert not User.objects.get(pk=self.olivia.pk).may_come_in
        assert transition.ended_at
        page = self.browse(self.max, "transition", transition.pk).content.decode()
        for words in (
            "access ended on",
            "Moving what they held failed",
            "tried again by itself",
            "Try again now",
        ):
            assert words in page
        self.send(self.max, "person_move_book", self.olivia.pk, next=f"/transitions/{transition.pk}/")
        page = self.browse(self.max, "transition", transition.pk).content.decode()
        assert "Max Adeyemi answers for 2" in page
        assert "Try again now" not in page

    def test_the_day_after_a_last_day_takes_the_same_path(self) -> None:
        transition = departure(self.olivia, self.ines, by=self.max, start=False, last_day=in_days(1))
        Transition.objects.update(last_day=in_days(-1))
        with FAILS, self.assertLogs("accounts.models.offboarding", "ERROR"):
            run_due_changes()
        assert not User.objects.get(pk=self.olivia.pk).may_come_in
        assert Offboarding.objects.get().because == transition.because
        Offboarding.objects.update(next_try_at=clocks.now())
        move_books()
        run_due_changes()
        assert not User.objects.get(pk=self.olivia.pk).is_active
        assert Coverage.objects.owners().filter(person=self.max, acting=True).count() == 2
        assert Offboarding.objects.count() == 1

    def test_while_the_book_waits_nothing_goes_back_to_somebody_who_is_out(self) -> None:
        with FAILS, self.assertLogs("accounts.models.offboarding", "ERROR"):
            transition = departure(self.olivia, self.ines, by=self.max, sudden=True)
        transition = Transition.objects.get(pk=transition.pk)
        assert any("has gone" in sentence for sentence in undo_blockers(transition))
        assert transition.handoffs.count() == 2

    def test_nobody_is_told_of_a_successor_who_is_out(self) -> None:
        departure(self.olivia, self.ines, by=self.max)
        assert Handoff.objects.to_announce().exists()
        self.ines.end_access(by=self.max, because="She went too")
        assert not Handoff.objects.to_announce().exists()
