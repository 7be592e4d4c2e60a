"""What the notes hold and nobody has looked at is named to whoever approves, and leads to where it is sorted."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import EntryReading, Passage
from handoffs.models import Handoff
from tests.base import CastTestCase, make_entry

from .steps import hand_over, write


class Unsorted(CastTestCase):
    handoff: Handoff

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        make_entry(cls.acme, "Carla never takes calls before ten. They pay €48,000 for it.")
        EntryReading.read_all()
        cls.handoff = hand_over(cls.acme, cls.ines, by=cls.max)
        write(cls.handoff, by=cls.olivia)

    def test_the_approver_reads_how_many_passages_nobody_has_looked_at(self) -> None:
        said = "2 passages of the notes nobody has looked at."
        self.assertContains(self.browse(self.max, "handoff_approve", self.handoff.pk), said)
        Passage.objects.all()[0].become_nothing(by=self.olivia)
        said = "1 passage of the notes nobody has looked at."
        self.assertContains(self.browse(self.max, "handoff_approve", self.handoff.pk), said)
        Passage.objects.all()[1].become_nothing(by=self.olivia)
        page = self.browse(self.max, "handoff_approve", self.handoff.pk)
        self.assertNotContains(page, "nobody has looked at")

    def test_the_room_the_printed_brief_and_the_account_lead_to_where_it_is_sorted(self) -> None:
        link = f'href="{reverse("passage_list", args=[self.acme.pk])}"'
        self.assertContains(self.browse(self.ines, "handoff", self.handoff.pk), link)
        self.assertContains(self.browse(self.olivia, "account_printed_brief", self.acme.pk), link)
        self.assertContains(self.browse(self.olivia, "account", self.acme.pk), link)
        assert self.browse(self.ines, "passage_list", self.acme.pk).status_code == 200
