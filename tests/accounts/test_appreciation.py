"""Wins with their dates to show colleagues; thank-yous and wins shown to the team, by name."""

from __future__ import annotations

from datetime import date, timedelta
from unittest import mock

import pytest

from accounts.mail.digests import MONDAY
from accounts.models import Entry, Letter, today
from accounts.tasks import send_digests
from tests.base import CastTestCase, make_entry, make_obligation, make_user


def weekday(number: int) -> date:
    """The next day of the week with this number, today included."""
    return today() + timedelta(days=(number - today().weekday()) % 7)


class Wins(CastTestCase):
    @pytest.mark.complaint(29)
    def test_a_win_is_kept_like_any_note(self) -> None:
        text = "Three days, not nine, to close the books"
        self.send(self.olivia, "account_note", self.acme.pk, text=text, kind="win")
        assert Entry.objects.get(kind="win").text == text

    @pytest.mark.complaint(29)
    def test_shared_it_stands_on_their_page_with_its_date(self) -> None:
        """Decision makers are under a spotlight; here is what they can show."""
        make_entry(self.acme, "Not to be shown", kind="win")
        win = make_entry(self.acme, "Three days, not nine", kind="win", days=40)
        assert "What has come of it" not in self.browse(self.carla, "customer_page").content.decode()
        win.share(by=self.olivia)
        page = self.browse(self.carla, "customer_page").content.decode()
        section = page.split('id="wins"')[1].split("</section>")[0]
        assert "Three days, not nine" in section
        assert f"{win.at:%-d %b %Y}" in section
        assert page.count("Three days, not nine") == 1
        assert "Not to be shown" not in page
        taken = self.browse(self.carla, "customer_take_away", **{"as": "csv"}).content.decode()
        assert "what has come of it" in taken


class TheTeam(CastTestCase):
    def digests(self, on: date) -> dict[str, Letter]:
        Letter.objects.all()
        with mock.patch("accounts.mail.digests.today", return_value=on):
            send_digests()
        return {letter.reader.name: letter for letter in Letter.objects.filter(digest_on=on)}

    @pytest.mark.complaint(45)
    def test_on_mondays_the_team_reads_what_went_well_with_names(self) -> None:
        make_entry(self.acme, "Carla thanked us before the board", kind="thanks", days=2)
        make_entry(self.cobalt, "Nine sites in one ledger", kind="win", days=1)
        make_entry(self.cobalt, "That was long ago", kind="win", days=9)
        make_entry(self.dunmore, "Another team's", kind="win", days=1)
        digests = self.digests(weekday(MONDAY))
        max_reads = digests["Max Adeyemi"]
        assert max_reads.subject == "What went well in your team"
        assert "Acme Robotics, thank-you kept by Olivia Brandt: Carla thanked us" in max_reads.text
        assert "Cobalt Mining, win kept by Ines Carvalho: Nine sites" in max_reads.text
        for words in ("long ago", "Another team"):
            assert words not in max_reads.text

    @pytest.mark.complaint(45)
    def test_of_accounts_one_does_not_see_only_the_colleague_is_named(self) -> None:
        """Within law 4: the news is theirs, the account stays where it is seen."""
        make_entry(self.cobalt, "Nine sites in one ledger", kind="win", days=1)
        olivia_reads = self.digests(weekday(MONDAY))["Olivia Brandt"].text
        assert "Ines Carvalho: 1 win elsewhere" in olivia_reads
        assert "Cobalt" not in olivia_reads
        assert "Nine sites" not in olivia_reads

    def test_it_is_not_counted_among_what_waits(self) -> None:
        make_entry(self.acme, "Carla thanked us", kind="thanks", days=1)
        make_obligation(self.acme, due_in=-1)
        assert self.digests(weekday(MONDAY))["Olivia Brandt"].subject == "1 thing waits for you today"

    def test_once_a_week(self) -> None:
        make_entry(self.acme, "Carla thanked us", kind="thanks", days=1)
        for day in range(1, 7):
            assert self.digests(weekday(day)) == {}

    def test_what_was_taken_back_is_not_told(self) -> None:
        thanks = make_entry(self.acme, "Carla thanked us", kind="thanks", days=1)
        thanks.retract(by=self.olivia, because="It was Borealis")
        assert self.digests(weekday(MONDAY)) == {}

    def test_somebody_without_a_manager_reads_their_own(self) -> None:
        ada = make_user("Ada Sol")
        assert list(ada.teammates()) == [ada]

    @pytest.mark.complaint(45)
    def test_the_person_page_shows_the_last_on_their_accounts(self) -> None:
        make_entry(self.acme, "Carla thanked us before the board", kind="thanks")
        make_entry(self.cobalt, "Nine sites in one ledger", kind="win")
        page = self.browse(self.max, "person", self.olivia.pk).content.decode()
        section = page.split('id="thanks"')[1].split("</section>")[0]
        assert "before the board" in section
        assert "Nine sites" not in section
        self.assertNotContains(self.browse(self.nils, "person", self.olivia.pk), "before the board")
