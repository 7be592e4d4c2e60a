"""Whose it is to sort what the notes hold while an account changes hands, and who is asked on their day."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Coverage, EntryReading, Passage, User, today
from handoffs.models import Handoff
from handoffs.pages.who_sorts import asked_of, shares
from tests.base import CastTestCase, make_coverage, make_entry, make_user

from .steps import dates, departure, hand_over

BY_OLIVIA, BY_TOVE, NAMED = (
    "She never calls before ten.",
    "They pay €48,000 for it.",
    "Tove Aune promised the deck by May.",
)


class WhoSorts(CastTestCase):
    """Olivia hands Acme to Ines; Tove serves it in support, and wrote one of three notes."""

    tove: User

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.tove = make_user("Tove Aune", reports_to=cls.max)
        make_coverage(cls.acme, cls.tove)
        make_entry(cls.acme, BY_OLIVIA)
        make_entry(cls.acme, BY_TOVE, by=cls.tove)
        make_entry(cls.acme, NAMED)
        EntryReading.read_all()

    def said(self) -> list[str]:
        return [str(share) for share in shares(self.acme)]

    def asked(self, user: User) -> list[str]:
        return [link.text for link in asked_of(user, today())]

    def leave(self) -> Handoff:
        """Olivia has gone over night, and Ines takes over."""
        self.olivia.deactivate(by=self.max, because="She left")
        return hand_over(self.acme, self.ines, by=self.max)

    def test_without_a_change_of_hands_nobody_is_asked(self) -> None:
        assert self.said() == []
        assert self.asked(self.olivia) == self.asked(self.tove) == []

    def test_who_leaves_sorts_while_they_are_there(self) -> None:
        departure(self.olivia, self.ines, by=self.max, **dates(accountable=14, announced=14))
        assert self.said() == ["3 for Olivia Brandt"]
        assert self.asked(self.olivia) == ["Sort what the notes of Acme Robotics hold: 3 left"]
        assert self.asked(self.tove) == self.asked(self.ines) == self.asked(self.max) == []
        self.assertContains(self.browse(self.olivia, "today"), "Sort what the notes of Acme Robotics hold")

    def test_where_they_have_gone_it_is_shared_by_who_wrote_acts_and_takes_over(self) -> None:
        self.leave()
        assert self.said() == [
            "2 for Tove Aune, who wrote or is named in the notes",
            "1 for Max Adeyemi and Ines Carvalho",
        ]
        assert self.asked(self.tove) == ["Sort what your notes of Acme Robotics hold: 2 left"]
        assert self.asked(self.max) == ["Sort what the notes of Acme Robotics hold: 3 left"]
        assert self.asked(self.ines) == self.asked(self.max)
        assert self.asked(self.nils) == self.asked(self.petra) == []

    def test_a_colleague_is_asked_about_theirs_alone(self) -> None:
        self.leave()
        page = self.browse(self.tove, "passage_list", self.acme.pk, mine=1)
        self.assertContains(page, "2 passages nobody has looked at, in 2 notes.")
        for text in (BY_TOVE, NAMED):
            passage = Passage.objects.with_entry().get(reading__entry__text=text)
            sent = {"entry": passage.reading_id, "start": passage.start, "became": "nothing"}
            address = f"/accounts/{self.acme.pk}/passages/?mine=1"
            assert self.as_(self.tove).post(address, sent).headers["Location"] == address
        assert self.asked(self.tove) == []
        assert self.said() == ["1 for Max Adeyemi and Ines Carvalho"]

    def test_who_no_longer_serves_the_account_is_asked_nothing(self) -> None:
        Coverage.objects.current().filter(person=self.tove).end(by=self.max, because="Elsewhere now")
        self.leave()
        assert self.said() == ["3 for Max Adeyemi and Ines Carvalho"]
        assert self.asked(self.tove) == []
        assert self.browse(self.tove, "passage_list", self.acme.pk).status_code == 404

    def test_who_only_brought_a_note_in_did_not_write_it(self) -> None:
        brought_in: dict[str, Any] = {"imported_by": self.omar, "imported_from": "calls.csv, row 2"}
        make_coverage(self.acme, self.omar, "success")
        make_entry(self.acme, "They cancel in May.", by=self.omar, **brought_in)
        EntryReading.read_all()
        self.leave()
        assert self.said()[-1] == "2 for Max Adeyemi and Ines Carvalho"
        assert self.asked(self.omar) == []

    def test_the_pages_say_for_whom_how_many_are_left(self) -> None:
        handoff = self.leave()
        said = "Left to sort: 2 for Tove Aune, who wrote or is named in the notes; 1 for Max Adeyemi and Ines Carvalho."
        self.assertContains(self.browse(self.max, "passage_list", self.acme.pk), said)
        self.assertContains(self.browse(self.max, "handoff", handoff.pk), said)
        self.assertContains(self.browse(self.petra, "handoff_approve", handoff.pk), said)

    def test_a_day_asks_as_many_queries_whatever_is_left(self) -> None:
        self.leave()
        with CaptureQueriesContext(connection) as few:
            assert len(self.asked(self.max)) == 1
        for number in range(10):
            make_entry(self.acme, f"They pay {number},000 dollars.", by=self.tove)
        make_entry(self.borealis, "They pay 90,000 dollars.", by=self.max)
        EntryReading.read_all()
        hand_over(self.borealis, self.ines, by=self.max)
        with CaptureQueriesContext(connection) as many:
            assert len(self.asked(self.max)) == 2
        assert len(few) == len(many) == 2, "the day itself, and one"
