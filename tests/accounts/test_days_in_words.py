"""A day carries its year wherever it is shown, and is late by the clock of whoever was promised."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from django.template import Context, Template
from django.test import SimpleTestCase

from accounts.importing.batches import apply, stage
from accounts.importing.reading import read_files
from accounts.models import Account, Deal, Obligation, Organisation
from accounts.rules import clocks
from accounts.rules.zones import zone_of
from handoffs.planning.succession import exposures
from tests.base import CastTestCase, at_time, make_account, make_deal, make_obligation, make_user
from tests.import_cases import a_case

ANGELES = "America/Los_Angeles"


class Years(SimpleTestCase):
    def test_a_day_of_another_year_carries_it_whatever_the_page_asks_for(self) -> None:
        year = clocks.now().year
        for form, same, other in [
            ("j F", "2 April", f"2 April {year - 1}"),
            ("j M", "2 Apr", f"2 Apr {year - 1}"),
            ("j F, H:i", "2 April, 00:00", f"2 April {year - 1}, 00:00"),
            ("j F Y", f"2 April {year}", f"2 April {year - 1}"),
            ("c", f"{year}-04-02T00:00:00+00:00", f"{year - 1}-04-02T00:00:00+00:00"),
            ("H:i", "00:00", "00:00"),
        ]:
            page = Template("{{ day|date:form }}")
            for at, shown in [(year, same), (year - 1, other)]:
                with self.subTest(form, year=at), self.settings(TIME_ZONE="UTC"):
                    day = datetime(at, 4, 2, tzinfo=UTC)
                    assert page.render(Context({"day": day, "form": form}, use_tz=False)) == shown
        assert clocks.day_in_words(date(year, 4, 2)) == "2 April"
        assert clocks.day_in_words(date(year - 1, 4, 2), short=True) == f"2 Apr {year - 1}"

    def test_no_sentence_of_ours_leaves_the_year_to_be_guessed(self) -> None:
        top = Path(__file__).resolve().parents[2]
        loose = [
            f"{path.relative_to(top)}: {found[0]}"
            for app in ("accounts", "handoffs")
            for path in sorted((top / app).rglob("*.py"))
            if path.name != "clocks.py"
            for found in re.finditer(
                r"\{[^{}]*%-?d %[Bb](?! ?%Y)[^{}]*\}|FMDD FMMonth(?! YYYY)", path.read_text()
            )
        ]
        assert not loose, "Say it with clocks.day_in_words"


class Deals(CastTestCase):
    def test_the_case(self) -> None:
        """A departure's desk says that the deal was to close, and when."""
        nia = make_user("Nia Falk")
        files = [
            (name, (a_case("f16_old_close_date") / name).read_bytes())
            for name in ("accounts.csv", "deals.csv")
        ]
        batch, _ = stage(read_files(files), by=self.omar)
        apply(batch, by=self.omar)
        deal = Deal.objects.get(name="Rolls")
        said = exposures([deal.account], nia)[deal.account_id].sentences("Nia")
        assert "Rolls was to close on 2 April 2025 (past)" in said
        self.assertContains(self.browse(self.omar, "deal", deal.pk), "it was to close on 2 April 2025")
        self.assertContains(self.browse(self.omar, "account", deal.account_id), "was to close 2 Apr 2025")

    def test_one_that_is_still_to_come_closes_and_names_another_year(self) -> None:
        account = make_account("Ponder Ltd", self.olivia)
        with at_time(datetime(2026, 11, 27, 12, tzinfo=UTC)):
            for day, said in [
                (date(2026, 12, 3), "Rolls closes on 3 December"),
                (date(2027, 1, 3), "Rolls closes on 3 January 2027"),
                (date(2026, 11, 26), "Rolls was to close on 26 November (past)"),
            ]:
                deal = make_deal(account, "Rolls", expected_close=day)
                assert said in exposures([account], self.olivia)[account.pk].sentences("Olivia")
                deal.close("lost", by=self.olivia)


class Zones(CastTestCase):
    def test_what_is_due_there_is_not_late_while_it_is_that_day_there(self) -> None:
        account = make_account("Harbour Ltd", self.olivia, time_zone=ANGELES)
        contact = account.contacts.create(name="Kim")
        for ours in ("Pacific/Kiritimati", "Europe/Berlin", "Pacific/Pago_Pago"):
            Organisation.objects.update(time_zone=ours)
            for at, late in [
                (datetime(2026, 11, 28, 7, 30, tzinfo=UTC), False),  # 27 November, half past eleven at night
                (datetime(2026, 11, 28, 8, 30, tzinfo=UTC), True),
            ]:
                with self.subTest(ours, late=late), at_time(at):
                    promise = make_obligation(account, f"{ours} {late}", contact=contact, due_in=3)
                    Obligation.objects.filter(pk=promise.pk).update(due=date(2026, 11, 27))
                    promise.refresh_from_db()
                    assert promise.is_late is late
                    assert Obligation.objects.late().filter(pk=promise.pk).exists() is late
                    page = self.browse(self.olivia, "obligation", promise.pk).content.decode()
                    assert ("late since" in page.lower()) is late

    def test_an_imported_account_lives_where_its_country_and_place_say(self) -> None:
        for said, zone in [
            (("Germany",), "Europe/Berlin"),
            (("Deutschland",), "Europe/Berlin"),
            (("JP",), "Asia/Tokyo"),
            (("United States", "Western", "1 Main St, Los Angeles"), ANGELES),
            (("USA", "CA 90001"), ANGELES),
            (("USA", "Texas"), "America/Chicago"),
            (("Brazil", "Sao Paulo"), "America/Sao_Paulo"),
            (("USA", "Ca va"), ""),
            (("USA",), ""),
            (("Atlantis", "Los Angeles"), ""),
            (("",), ""),
        ]:
            assert zone_of(*said) == zone, said
        book = b"Name,Industry,Country,Region,Owner\nHarbour Ltd,Shipping,USA,Los Angeles,Olivia Brandt\n"
        batch, _ = stage(read_files([("accounts.csv", book)]), by=self.omar)
        apply(batch, by=self.omar)
        assert Account.objects.get(name="Harbour Ltd").time_zone == ANGELES
