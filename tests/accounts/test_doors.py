"""Every door of the memory asks who comes: of an account that somebody does not see they learn nothing."""

from __future__ import annotations

from accounts.models import User
from handoffs.models import Handoff
from tests.base import CastTestCase
from tests.handoffs.steps import approve, hand_over, ready_to_accept, write


class WhatWasDecided(CastTestCase):
    def decided(self, user: User) -> str:
        page = self.browse(user, "approval_list").content.decode()
        return page[page.index("Decided by you") :]

    def test_of_an_account_that_one_no_longer_sees_only_ones_own_words_remain(self) -> None:
        handoff = hand_over(self.acme, self.nils, by=self.petra)
        write(handoff, by=self.olivia)
        handoff.return_to_writer(by=self.max, because="Say more about Dieter")
        handoff = Handoff.objects.get(pk=handoff.pk)
        handoff.write(by=self.olivia)
        approve(handoff)
        assert "Acme Robotics" in self.decided(self.max)
        handoff.override(by=self.petra, because="The customer cannot wait")
        mine = self.decided(self.max)
        assert "Acme Robotics" not in mine
        assert "An account that you no longer see" in mine
        assert "Say more about Dieter" in mine
        assert "Acme Robotics" in self.decided(self.petra)

    def test_an_accepted_read_back_likewise(self) -> None:
        handoff = hand_over(self.acme, self.nils, by=self.petra)
        ready_to_accept(handoff, by=self.olivia)
        handoff.accept(by=self.olivia)
        assert "Acme Robotics" not in self.decided(self.olivia)
