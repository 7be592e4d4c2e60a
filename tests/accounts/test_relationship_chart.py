"""Twenty-four months of a relationship, drawn: who owned it, where it stood, how often we were in touch."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from unittest import mock

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Coverage, Entry, Stage
from accounts.pages.chart_drawing import HEIGHT, LEFT, RIGHT, WIDTH, ChartDrawing
from accounts.pages.relationship_chart import (
    MONTHS,
    RelationshipChart,
    Silence,
    StageBand,
    bands_of,
    relationship_chart,
    silences_between,
)
from tests.base import (
    CastTestCase,
    at_time,
    days_ago,
    make_account,
    make_coverage,
    make_entry,
    make_obligation,
    make_stage,
)

DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=timezone.get_default_timezone())
FIRST = date(2024, 12, 1)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


class WhatItComesTo(CastTestCase):
    def test_a_band_lasts_until_the_next_stage_and_the_last_until_today(self) -> None:
        reached = [(ago(900), "learning"), (ago(800), "evaluating"), (ago(100), "at_risk")]
        assert list(bands_of(reached, FIRST, DAY)) == [
            StageBand("evaluating", FIRST, ago(100)),
            StageBand("at_risk", ago(100), DAY),
        ]

    def test_six_weeks_without_a_word_are_a_silence_also_one_that_lasts(self) -> None:
        days = [ago(900), ago(700), ago(660), ago(50)]
        assert silences_between(days, FIRST, DAY) == [
            Silence(ago(900), ago(700)),
            Silence(ago(660), ago(50)),
            Silence(ago(50), DAY),
        ]
        assert silences_between([ago(900), ago(850), ago(2)], date(2026, 11, 1), DAY) == [
            Silence(ago(850), ago(2))
        ]
        assert silences_between([None], FIRST, DAY) == []
        assert str(Silence(ago(50), DAY)) == "No contact for 7 weeks"


@pytest.mark.complaint(34)
class TwoYears(CastTestCase):
    """Whether anybody had their back is seen, not asserted."""

    def drawn(self) -> RelationshipChart:
        return relationship_chart(self.acme, timezone.localdate())

    def test_has_twenty_four_months_this_one_last(self) -> None:
        with mock.patch.object(timezone, "now", return_value=NOON):
            chart = relationship_chart(self.acme, DAY)
        assert len(chart.months) == MONTHS
        assert (chart.starts, chart.ends) == (FIRST, date(2026, 12, 1))

    def test_counts_being_in_touch_by_month_and_kind_without_what_was_taken_back(self) -> None:
        make_entry(self.acme, days=0, contacts=[self.champion])
        make_entry(self.acme, days=0)
        make_entry(self.acme, days=0, kind=Entry.Kind.VISIT)
        make_entry(self.acme, days=0, kind=Entry.Kind.NOTE)
        make_entry(self.acme, "We ask", by=self.champion, kind=Entry.Kind.NOTE, days=0)
        note = make_entry(self.acme, days=0)
        note.retract(by=self.olivia, because="Another customer")
        now = self.drawn().months[-1]
        assert now.in_touch == "2 conversations, 1 visit, 1 line of their own"
        assert now.owners == ("Olivia Brandt",)

    def test_a_change_of_hands_is_a_knot_and_who_acts_is_said(self) -> None:
        Coverage.objects.owners().filter(account=self.acme).pass_to(
            self.ines, by=self.max, because="A smaller book"
        )
        olivia, ines = self.drawn().spans
        assert (olivia.name, olivia.knot, ines.name, ines.knot) == (
            "Olivia Brandt",
            False,
            "Ines Carvalho",
            True,
        )
        self.ines.deactivate(by=self.max, because="Left")
        assert [span.acting for span in self.drawn().spans] == [False, False, True]
        page = self.browse(self.max, "account_relationship_chart", self.acme.pk)
        self.assertContains(page, "Changed hands to Ines Carvalho")
        self.assertContains(page, "Max Adeyemi, acting, from")

    @pytest.mark.complaint(28)
    def test_promises_of_two_years_are_counted_by_month(self) -> None:
        """What was broken long ago is still seen at renewal."""
        with at_time(days_ago(500)):
            owed = make_obligation(self.acme, due_in=2)
        with at_time(days_ago(499)):
            owed.keep(by=self.olivia)
        due = [month for month in self.drawn().months if month.due]
        assert [month.promises for month in due] == ["1 of 1 kept"]
        assert due[0].starts == self.acme.day(days_ago(499)).replace(day=1)

    def test_what_was_merged_into_it_is_drawn_with_it(self) -> None:
        make_entry(self.borealis, days=0)
        make_stage(self.borealis, Stage.DECIDING, days=3)
        self.borealis.merge_into(self.acme, by=self.max, because="One company")
        self.acme.__dict__.pop("memory_ids", None)
        chart = self.drawn()
        assert chart.months[-1].touched == 1
        assert [band.label for band in chart.bands] == ["Deciding"]

    def test_everything_lies_within_the_drawing(self) -> None:
        self.a_long_history()
        drawing = ChartDrawing.of(self.drawn())
        marks = [*drawing.bands, *drawing.owners, *drawing.columns, *drawing.silences, *drawing.promises]
        assert len(drawing.columns) > 20
        for mark in [*marks, *drawing.knots]:
            assert LEFT - 1 <= mark.x <= mark.end <= RIGHT + 20, mark
            assert 0 <= mark.y <= mark.y + mark.height <= HEIGHT, mark

    def a_long_history(self) -> None:
        for number in range(120):
            make_entry(self.acme, days=number * 6 + (60 if number > 40 else 0))
        for days, stage in ((700, "learning"), (640, "evaluating"), (300, "at_risk")):
            make_stage(self.acme, stage, days=days)
        for _ in range(5):
            make_obligation(self.acme, due_in=0).keep(by=self.olivia)

    def test_the_table_behind_it_says_the_same(self) -> None:
        self.a_long_history()
        page = self.browse(self.olivia, "account_relationship_chart", self.acme.pk).content.decode()
        svg, table = page[page.index('<svg class="chart"') :].split("</svg>", 1)
        assert "<title id=" in svg
        assert "<desc id=" in svg
        for said in ("At risk", "Olivia Brandt", "conversations", "5 of 5 kept"):
            assert said in svg, said
            assert said in table, said
        assert "style=" not in svg

    def test_as_many_queries_whatever_the_history(self) -> None:
        """1 being in touch by day and kind  2 the last time before  3 stages  4 owners  5 promises by month"""
        self.acme.memory_ids  # noqa: B018 - which the page has read
        with self.assertNumQueries(5):
            self.drawn()
        self.a_long_history()
        make_coverage(self.acme, self.nils)
        with self.assertNumQueries(5):
            self.drawn()

    def test_the_accounts_page_asks_for_it_afterwards_and_keeps_its_place(self) -> None:
        page = self.browse(self.olivia, "account", self.acme.pk)
        where = reverse("account_relationship_chart", args=[self.acme.pk])
        self.assertContains(page, f'hx-get="{where}" hx-trigger="load"')
        self.assertContains(page, f'<a href="{where}">See the last 24 months as a picture</a>')
        self.assertContains(page, f'viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true"')
        alone = self.as_(self.olivia).get(where, headers={"HX-Request": "true"})
        self.assertNotContains(alone, "<html")

    def test_an_account_of_today_has_a_picture_as_well(self) -> None:
        new = make_account("Eider Wool", self.olivia, days=0)
        self.assertContains(
            self.browse(self.olivia, "account_relationship_chart", new.pk), "Before our records"
        )
