"""The ledger: what each kind of line does, by whom and by itself."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import (
    Account,
    Ask,
    Cadence,
    Coverage,
    CustomerCase,
    Letter,
    Obligation,
    Organisation,
    Refused,
    User,
    today,
)
from accounts.models.deadlines import break_promises, escalate_questions, lapse_answers
from accounts.models.organisation import zone_named
from accounts.rules import clocks
from accounts.rules.lateness import ends
from accounts.tasks import sweep
from tests.base import (
    CastTestCase,
    at_time,
    in_days,
    make_account,
    make_case,
    make_contact,
    make_coverage,
    make_obligation,
    make_question,
    make_user,
)
from tests.laws import refusal_of


class Promises(CastTestCase):
    @pytest.mark.complaint(24, 26, 28)
    def test_it_breaks_by_itself_the_day_after_it_was_due(self) -> None:
        """A date that passes is a row on the thread, with who held it."""
        late = make_obligation(self.acme, "Send the answers", due_in=-1)
        make_obligation(self.acme, "Due today", due_in=0)
        assert break_promises() == 1
        late.refresh_from_db()
        assert late.broken_by == self.olivia
        assert late.missed_on == late.due
        assert late.is_open
        step = late.entries.get(step="broken")
        assert (step.at, step.who, step.subject) == (
            late.broken_at,
            "Throughline",
            "Promise broken: Send the answers",
        )
        assert step.text == f"It was due on {late.due:%-d %B %Y} and was not kept by then."

    def test_it_breaks_once(self) -> None:
        late = make_obligation(self.acme, due_in=-3)
        assert (break_promises(), break_promises()) == (1, 0)
        late.refresh_from_db()
        late.move(in_days(1), because="The audit", by=self.olivia)
        assert late.entries.filter(step="broken").count() == 1

    def test_what_was_broken_stays_so(self) -> None:
        late = make_obligation(self.acme, due_in=-3)
        break_promises()
        undo = "UPDATE accounts_obligation SET broken_at = NULL, broken_by_id = NULL WHERE id = %s"
        assert refusal_of(undo, late.pk).startswith("A promise that was broken stays so")

    def test_only_a_promise_breaks(self) -> None:
        task = make_obligation(self.acme, kind="task", due_in=-3)
        assert break_promises() == 0
        sql = "UPDATE accounts_obligation SET broken_at = now(), broken_by_id = %s WHERE id = %s"
        assert refusal_of(sql, self.olivia.pk, task.pk) == "only_a_dated_promise_breaks"

    @pytest.mark.complaint(28)
    def test_kept_late_is_said_as_late_however_fast_one_is(self) -> None:
        """Between midnight and the sweep nobody slips through."""
        late = make_obligation(self.acme, due_in=-1)
        late.keep(by=self.olivia)
        assert late.outcome_in_words == "Kept late"
        assert late.entries.get(step="kept").text.startswith("Late: it was due on")
        assert late.entries.filter(step="broken").exists()
        kept = make_obligation(self.acme, due_in=0)
        kept.keep(by=self.olivia)
        assert kept.outcome_in_words == "Kept"

    @pytest.mark.complaint(28)
    def test_whoever_held_it_that_day_broke_it(self) -> None:
        """A successor does not inherit somebody else's broken promise."""
        late = make_obligation(self.acme, due_in=-1)
        late.hand_to(self.nils, by=self.olivia)
        assert late.broken_by == self.olivia
        assert Obligation.objects.promised_by(self.olivia).promise_record().broken == 1
        assert Obligation.objects.promised_by(self.nils).promise_record().due == 0

    @pytest.mark.complaint(28)
    def test_nor_when_the_account_passes_before_anybody_has_looked(self) -> None:
        """It was broken at midnight by whoever had it, however it passes or ends."""
        late, ended = make_obligation(self.acme, due_in=-1), make_obligation(self.borealis, due_in=-1)
        self.acme.coverage.owners().pass_to(self.ines, by=self.max, because="Olivia leaves")
        self.borealis.close(by=self.max, because="They moved on", outcomes={ended.pk: "Told them"})
        for owed in (late, ended):
            owed.refresh_from_db()
            assert owed.broken_by == self.olivia
            assert owed.entries.filter(step="broken").count() == 1
        assert (late.holder, late.transfers, break_promises()) == (self.ines, 1, 0)

    @pytest.mark.complaint(28)
    def test_the_record_counts_kept_late_and_broken_out_of_due(self) -> None:
        """Twelve months, in numbers."""
        for due_in in (0, -40, -40, -41):
            make_obligation(self.acme, due_in=due_in)
        first, second = Obligation.objects.order_by("pk")[:2]
        first.keep(by=self.olivia)
        second.keep(by=self.olivia)
        break_promises()
        make_obligation(self.acme, "Not due yet").keep(by=self.olivia)
        record = Obligation.objects.filter(account=self.acme).promise_record()
        assert (record.kept, record.late, record.broken) == (2, 1, 2)
        assert str(record) == "2 of 5 kept, 1 late, 2 broken"
        assert len(record.months) == 12
        assert record.months[-1].starts == today().replace(day=1)

    def test_a_kept_promise_counts_in_the_month_in_which_it_was_kept(self) -> None:
        """Not in the one in which it would have been due, which may be long after the twelve months."""
        make_obligation(self.acme, due_in=70).keep(by=self.olivia)
        record = Obligation.objects.filter(account=self.acme).promise_record()
        assert [month.kept for month in record.months] == [0] * 11 + [1]

    def test_where_the_next_month_has_begun_it_counts_as_this_one(self) -> None:
        copra = make_account("Kiritimati Copra", self.olivia, time_zone="Pacific/Kiritimati")
        with at_time(datetime(2026, 10, 31, 12, tzinfo=UTC)):
            owed = Obligation.owe(copra, "promise", "Ship it", by=self.olivia, due=date(2026, 11, 1))
            owed.keep(by=self.olivia)
            record = Obligation.objects.filter(account=copra).promise_record()
        assert (record.months[-1].starts, record.months[-1].kept) == (date(2026, 10, 1), 1)


def at(instant: datetime) -> AbstractContextManager[None]:
    return clocks.running(lambda: instant)


class WhereADayEnds(CastTestCase):
    """Clocks across the date line and daylight saving."""

    def test_a_day_ends_at_midnight_where_the_customer_is(self) -> None:
        early = make_account("Kiritimati Copra", self.olivia, time_zone="Pacific/Kiritimati")
        late = make_account("Pago Tuna", self.olivia, time_zone="Pacific/Pago_Pago")
        due = date(2026, 3, 10)
        for account in (early, late):
            Obligation.owe(account, "promise", "Ship it", by=self.olivia, due=due)
        passed = []
        for hour in range(48):
            now = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(hours=hour)
            with at(now):
                passed += [hour] * break_promises()
        assert passed == [10, 35]  # 14 hours ahead of UTC, and 11 behind it
        midnights = [owed.broken_at for owed in Obligation.objects.order_by("pk")]
        assert midnights == [datetime(2026, 3, 10, 10, tzinfo=UTC), datetime(2026, 3, 11, 11, tzinfo=UTC)]
        assert [owed.missed_on for owed in Obligation.objects.all()] == [due, due]

    def test_the_night_when_clocks_change_is_an_hour_shorter(self) -> None:
        self.acme.time_zone = "Europe/Berlin"
        self.acme.save()
        owed = Obligation.owe(self.acme, "promise", "Ship it", by=self.olivia, due=date(2026, 3, 28))
        then = datetime(2026, 3, 28, 23, 1, tzinfo=UTC)
        with at(then):
            assert break_promises() == 1
        owed.refresh_from_db()
        assert owed.broken_at == datetime(2026, 3, 28, 23, tzinfo=UTC)
        assert owed.missed_on == date(2026, 3, 28)

    def test_the_zones_are_not_looked_up_for_each_line(self) -> None:
        """That takes ten milliseconds, and a page has hundreds of lines."""
        with mock.patch("zoneinfo.available_timezones", side_effect=AssertionError):
            assert zone_named("Asia/Tokyo").key == "Asia/Tokyo"
            assert zone_named("Mars/Olympus").key == "UTC"

    def test_a_zone_that_nobody_knows_is_refused(self) -> None:
        unknown = {"time_zone": "Mars/Olympus"}
        for rows in (Account.objects.filter(pk=self.acme.pk), Organisation.objects.all()):
            with pytest.raises(DataError, match="not recognized"), transaction.atomic():
                rows.update(**unknown)


def clock(begins: str, hours: float, zone: str, country: str = "") -> str:
    """When so many working hours have passed since a local time, as local time."""
    here = ZoneInfo(zone)
    begun = datetime.fromisoformat(begins).replace(tzinfo=here)
    return ends(begun, timedelta(hours=hours), here, country).astimezone(here).strftime("%Y-%m-%d %H:%M")


@pytest.mark.complaint(23)
class TestTheClock:
    """The clock runs while the customer is at work."""

    @pytest.mark.parametrize(
        ("begins", "hours", "zone", "country", "over"),
        [
            ("2026-03-04 10:00", 2, "Europe/Berlin", "Germany", "2026-03-04 12:00"),
            ("2026-03-04 16:00", 2, "Europe/Berlin", "Germany", "2026-03-05 10:00"),
            ("2026-03-04 20:00", 2, "Europe/Berlin", "Germany", "2026-03-05 11:00"),
            ("2026-03-04 05:00", 8, "Europe/Berlin", "Germany", "2026-03-04 17:00"),
            ("2026-03-06 16:00", 2, "Europe/Berlin", "Germany", "2026-03-09 10:00"),  # a weekend
            ("2026-12-24 16:00", 2, "Europe/Berlin", "Germany", "2026-12-28 10:00"),  # Christmas
            ("2026-12-24 16:00", 2, "Europe/Berlin", "", "2026-12-25 10:00"),  # we do not know where
            ("2026-11-25 16:00", 2, "America/New_York", "United States", "2026-11-27 10:00"),
            ("2026-11-25 16:00", 2, "America/New_York", "us", "2026-11-27 10:00"),
            ("2026-03-27 16:00", 16, "Europe/Berlin", "", "2026-03-31 16:00"),  # summer time begins
            ("2026-10-23 16:00", 16, "Europe/Berlin", "", "2026-10-27 16:00"),  # and ends
            ("2011-12-29 16:00", 2, "Pacific/Apia", "", "2012-01-02 10:00"),  # Samoa had no 30 December
        ],
    )
    def test_it_runs_in_working_hours(
        self, begins: str, hours: float, zone: str, country: str, over: str
    ) -> None:
        assert clock(begins, hours, zone, country) == over


class Questions(CastTestCase):
    def ask(self, at: datetime, **fields: Any) -> CustomerCase:
        return make_question(self.acme, self.champion, at=at, **fields)

    @pytest.mark.complaint(20)
    def test_the_clock_starts_when_they_ask_and_runs_by_their_urgency(self) -> None:
        """Urgency set by the customer, hours counted in the customer's own working day."""
        self.acme.time_zone, self.acme.country = "Asia/Tokyo", "Japan"
        asked = datetime(2026, 3, 4, 1, tzinfo=UTC)  # ten in the morning there
        hours = {
            urgency: self.ask(asked, urgency=urgency).respond_by for urgency in Obligation.Urgency.values
        }
        assert hours == {
            "emergency": datetime(2026, 3, 4, 3, tzinfo=UTC),
            "soon": datetime(2026, 3, 5, 1, tzinfo=UTC),
            "normal": datetime(2026, 3, 6, 1, tzinfo=UTC),
        }

    def test_only_a_question_has_a_clock(self) -> None:
        task = make_obligation(self.acme, kind="task")
        assert task.respond_by is None
        sql = "UPDATE accounts_obligation SET respond_by = now() WHERE id = %s"
        assert refusal_of(sql, task.pk) == "only_a_question_has_a_clock"

    @pytest.mark.complaint(20, 21, 23)
    def test_a_breach_goes_to_the_manager_by_name_once(self) -> None:
        """Nobody waits 56 hours unseen."""
        asked = self.ask(timezone.now() - timedelta(days=9))
        self.ask(timezone.now())
        assert (escalate_questions(), escalate_questions()) == (1, 0)
        asked.refresh_from_db()
        assert asked.escalated_to == self.max
        step = asked.entries.get(step="escalated")
        assert step.text == "Nobody answered in time, so Max Adeyemi was told."
        letter = Letter.objects.get()
        assert (letter.to, letter.signed_by, letter.account) == (self.max, self.olivia, self.acme)
        assert asked.text in letter.text
        asked.answer("Yes, all of it", by=self.olivia)
        asked.reopen(because="Not in Frankfurt", by=self.carla)
        assert asked.respond_by
        assert asked.respond_by > timezone.now()
        Obligation.objects.update(respond_by=timezone.now() - timedelta(hours=1))
        assert escalate_questions() == 1  # the other one; this one was brought before Max already
        assert Letter.objects.filter(text__contains=asked.text).count() == 2

    def test_nobody_is_told_of_what_was_answered(self) -> None:
        asked = self.ask(timezone.now() - timedelta(days=9))
        asked.answer("Yes, all of it", by=self.olivia)
        assert escalate_questions() == 0

    def test_the_manager_is_the_nearest_who_is_active(self) -> None:
        gone = make_user("Gerd Moll", User.Kind.MANAGER, reports_to=self.max, is_active=False)
        self.olivia.reports_to = gone
        self.olivia.save()
        self.ask(timezone.now() - timedelta(days=9))
        alone = make_account("Solo", make_user("Ada Sol"))
        top = make_account("Summit", self.petra)
        for account in (alone, top):
            contact = account.contacts.create(name="Somebody")
            make_question(account, contact, at=timezone.now() - timedelta(days=9))
        assert escalate_questions() == 3
        told = {line.account.name: line.escalated_to for line in Obligation.objects.all()}
        # Above Ada there is nobody, so it is the person of last resort; above that one there is nobody at all.
        assert told == {"Acme Robotics": self.max, "Solo": self.petra, "Summit": self.petra}
        for line in Obligation.objects.all():
            assert line.escalated_to == (line.holder.manager_if_any() or line.holder)

    @pytest.mark.complaint(21)
    def test_they_or_we_bring_it_before_the_manager(self) -> None:
        """Not only a complaint to the top is heard."""
        asked = self.ask(timezone.now(), shared=True)
        self.send(self.carla, "customer_escalate", asked.pk, because="Our audit is tomorrow")
        assert "Max Adeyemi was told on" in self.browse(self.carla, "customer_page").content.decode()
        asked.refresh_from_db()
        assert asked.escalated_to == self.max
        assert Letter.objects.get().to == self.max
        with pytest.raises(Refused, match="Max Adeyemi was told already"):
            asked.escalate(by=self.olivia, because="Again")

    def test_an_answer_that_nobody_comes_back_to_lapses_openly(self) -> None:
        asked = self.ask(timezone.now() - timedelta(days=30))
        asked.answer("Yes, all of it", by=self.olivia)
        assert lapse_answers() == 0
        with mock.patch("accounts.models.deadlines.today", return_value=in_days(15)):
            later = timezone.now() + timedelta(days=15)
            with mock.patch("accounts.models.deadlines.database_now", return_value=later):
                assert (lapse_answers(), lapse_answers()) == (1, 0)
        asked.refresh_from_db()
        assert (asked.outcome, asked.closed_by) == ("lapsed", self.olivia)
        assert asked.entries.get(step="lapsed").subject.startswith("Question lapsed: ")
        asked.reopen(because="We were on holiday", by=self.carla)
        assert asked.is_open

    @pytest.mark.complaint(16)
    def test_each_time_it_is_passed_on_is_counted(self) -> None:
        asked = self.ask(timezone.now())
        asked.hand_to(self.ines, by=self.olivia)
        asked.hand_to(self.nils, by=self.ines)
        assert asked.transfers == 2
        assert (
            "Handed to a colleague 2 times"
            in self.browse(self.olivia, "obligation", asked.pk).content.decode()
        )

    @pytest.mark.complaint(17)
    def test_the_same_answer_is_refused_and_the_second_reopening_goes_to_the_manager(self) -> None:
        asked = self.ask(timezone.now())
        for words in ("As documented", "See above"):
            asked.answer(words, by=self.olivia)
            asked.reopen(because="That is no answer", by=self.carla)
            with pytest.raises(Refused, match="already sent back"):
                asked.answer(words.upper(), by=self.olivia)
        assert asked.holder == self.max

    def test_the_sweep_does_all_of_it_and_sends_the_letters(self) -> None:
        self.ask(timezone.now() - timedelta(days=9))
        make_obligation(self.acme, due_in=-2)
        sweep()
        assert Obligation.objects.filter(broken_at__isnull=False).count() == 1
        assert [letter.to for letter in mail.outbox] == [["Max Adeyemi <max.adeyemi@vendor.example>"]]


class Undoing(CastTestCase):
    def setUp(self) -> None:
        self.promise = make_obligation(self.acme)
        self.promise.keep(by=self.olivia)

    def test_whoever_closed_it_opens_it_again_and_the_thread_says_both(self) -> None:
        self.promise.undo(by=self.olivia)
        self.promise.refresh_from_db()
        assert self.promise.is_open
        assert [entry.step for entry in self.promise.entries.order_by("pk")] == ["raised", "kept", "undone"]

    def test_nobody_else_and_not_for_ever(self) -> None:
        with self.assertRaisesMessage(Refused, "Only Olivia Brandt can undo this"):
            self.promise.undo(by=self.max)
        with (
            at_time(clocks.now() + timedelta(minutes=11)),
            self.assertRaisesMessage(Refused, "minutes are over"),
        ):
            self.promise.undo(by=self.olivia)

    def test_it_does_not_count_as_reopened(self) -> None:
        self.promise.undo(by=self.olivia)
        self.promise.keep(by=self.olivia)
        self.promise.reopen(by=self.olivia, because="They did not get it")
        assert self.promise.holder == self.olivia

    def test_the_next_visit_goes_with_it(self) -> None:
        cadence = Cadence.keep_to(self.acme, "owner", 90, by=self.olivia)
        visit = cadence.visits.get()
        visit.keep(by=self.olivia)
        visit.undo(by=self.olivia)
        assert list(cadence.visits.open()) == [visit]

    def test_the_message_and_the_row_offer_it_and_what_counts_is_told(self) -> None:
        other = make_obligation(self.acme, "Another")
        page = self.as_(self.olivia).post(
            reverse("obligation_keep", args=[other.pk]), headers={"HX-Request": "true"}
        )
        undo = reverse("obligation_undo", args=[other.pk])
        self.assertContains(page, f'action="{undo}"', count=2)  # in the row and in the message
        assert page["HX-Trigger"] == "obligations-changed"
        self.assertContains(self.browse(self.olivia, "today"), 'hx-select-oob="#headline,#due-count"')
        self.send(self.olivia, "obligation_undo", other.pk)
        other.refresh_from_db()
        assert other.is_open


class WhatVerbsRefuse(CastTestCase):
    def test_customers_do_not_use_ours(self) -> None:
        owed = make_obligation(self.acme, contact=self.champion)
        with pytest.raises(PermissionDenied):
            owed.keep(by=self.carla)
        with pytest.raises(PermissionDenied):
            owed.move(in_days(9), because="It suits me better", by=self.carla)
        with pytest.raises(PermissionDenied):
            owed.share(by=self.carla)

    def test_a_date_moves_to_any_day_to_come_and_to_none_that_has_passed(self) -> None:
        late, early = make_obligation(self.acme, due_in=-5), make_obligation(self.acme, due_in=7)
        with pytest.raises(Refused, match="is in the past"):
            late.move(in_days(-2), because="The audit", by=self.olivia)
        early.move(in_days(3), because="They need it sooner", by=self.olivia)
        assert early.due == in_days(3)

    def test_what_they_were_promised_is_not_dropped(self) -> None:
        with pytest.raises(Refused, match="Only a visit or a task can be dropped"):
            make_obligation(self.acme).drop(by=self.olivia, because="We would rather not")


class WhatPeopleSee(CastTestCase):
    @pytest.mark.complaint(28)
    def test_the_account_shows_twelve_squares_and_the_numbers(self) -> None:
        make_obligation(self.acme, due_in=-1)
        make_obligation(self.acme, due_in=0).keep(by=self.olivia)
        break_promises()
        for page in (
            self.browse(self.olivia, "account", self.acme.pk),
            self.browse(self.max, "person", self.olivia.pk),
        ):
            text = page.content.decode()
            assert "1 of 2 kept, 1 broken" in text
            assert text.count('<span class="visually-hidden">') >= 12
            assert "%" not in text.split('id="promises"')[1].split("</section>")[0]

    @pytest.mark.complaint(26, 28)
    def test_the_line_says_that_it_was_broken_and_kept_late(self) -> None:
        late = make_obligation(self.acme, due_in=-1, shared=True)
        break_promises()
        assert "broken: not kept by" in self.browse(self.olivia, "obligation", late.pk).content.decode()
        assert "Not kept. It was due on" in self.browse(self.carla, "customer_page").content.decode()
        late.keep(by=self.olivia)
        assert "Kept late" in self.browse(self.carla, "customer_page").content.decode()

    @pytest.mark.complaint(20, 23)
    def test_a_question_says_by_when_it_is_answered_where_they_are(self) -> None:
        self.acme.time_zone = "Asia/Tokyo"
        self.acme.save()
        asked = make_question(self.acme, self.champion)
        there = timezone.localtime(asked.respond_by, ZoneInfo("Asia/Tokyo"))
        page = self.browse(self.olivia, "obligation", asked.pk).content.decode()
        assert f"we answer by {there:%A} {clocks.day_in_words(there)}, {there:%H:%M} where they are" in page


class Asking(CastTestCase):
    def feedback(self) -> CustomerCase:
        return make_case(self.acme, "The export is slow", "feedback", contact=self.champion, due_in=None)

    @pytest.mark.complaint(12, 13)
    def test_no_new_feedback_while_theirs_waits_for_us(self) -> None:
        """They are not asked again before they have our answer to what they said."""
        told = self.feedback()
        with pytest.raises(Refused, match="Carla Weiss told us “The export is slow”"):
            Ask.make(self.acme, "feedback", "How do you like the report?", by=self.ines)
        Ask.make(self.acme, "reference", "Would you talk to Cobalt?", by=self.ines, contact=self.champion)
        told.decide("no", "The export is the bank's own", by=self.olivia)
        Ask.make(self.acme, "feedback", "How do you like the report?", by=self.ines)
        assert Ask.objects.of(self.acme).count() == 2

    @pytest.mark.complaint(12, 18)
    def test_a_no_needs_its_because(self) -> None:
        """Nothing closes undecided, and no decision stands without a reason."""
        told = self.feedback()
        for decision in Obligation.Decision.values:
            with pytest.raises(Refused, match="A no without a reason is no answer"):
                told.decide(decision, "  ", by=self.olivia)
        with pytest.raises(Refused, match="Only the customer can close"):
            told.keep(by=self.olivia)
        self.send(self.olivia, "obligation_decide", told.pk, decision="no", because=" ")
        told.refresh_from_db()
        assert told.is_open
        assert not told.decision

    @pytest.mark.complaint(13)
    def test_two_of_us_at_once_cannot_either(self) -> None:
        """PostgreSQL refuses what a page did not know yet."""
        self.feedback()
        sql = "INSERT INTO accounts_ask (account_id, kind, what, by_id, at) VALUES (%s, 'feedback', 'And?', %s, now())"
        said = refusal_of(sql, self.acme.pk, self.olivia.pk)
        assert said.startswith("They gave feedback and wait for our decision")

    @pytest.mark.complaint(13)
    def test_everything_asked_is_in_one_log(self) -> None:
        """Whoever asks sees what the others asked."""
        sent = {"kind": "favour", "what": "A photo for the fair", "contact": self.dieter.pk}
        assert self.send(self.olivia, "ask_list", self.acme.pk, **sent).status_code == 302
        page = self.browse(self.max, "ask_list", self.acme.pk).content.decode()
        assert "Olivia Brandt asked Dieter Krol" in page
        self.feedback()
        sent = {"kind": "feedback", "what": "And the fair?"}
        refused = self.send(self.olivia, "ask_list", self.acme.pk, **sent)
        assert refused.status_code == 409
        assert "waits for our decision" in refused.content.decode()


class Incidents(CastTestCase):
    @pytest.mark.complaint(34, 35, 36)
    def test_anybody_reports_on_any_account_and_sees_their_own_report_only(self) -> None:
        """Billing, a contractor, whoever saw it; with narrow access."""
        make_case(self.acme, "They were billed twice", "repair", due_in=None, severity="stops")
        sent = {"account": " acme  ROBOTICS ", "text": "A rude remark at the fair", "severity": "hinders"}
        assert self.send(self.nils, "incident_new", **sent).status_code == 302
        repair = Obligation.objects.get(raised_by=self.nils)
        assert (repair.holder, repair.kind) == (self.olivia, "repair")
        assert Letter.objects.get().to == self.olivia
        page = self.browse(self.nils, "incident_list").content.decode()
        assert "A rude remark" in page
        assert "billed twice" not in page
        assert self.browse(self.nils, "obligation", repair.pk).status_code == 404
        assert self.browse(self.nils, "account", self.acme.pk).status_code == 404
        assert "A rude remark" in self.browse(self.olivia, "account", self.acme.pk).content.decode()

    @pytest.mark.complaint(22)
    def test_what_they_raised_only_they_close_and_it_survives_a_change_of_hands(self) -> None:
        """An escalation is not dropped because nobody gains by it."""
        repair = make_case(
            self.acme, "The gate opened by itself", "repair", contact=self.champion, due_in=None
        )
        with pytest.raises(Refused):
            repair.keep(by=self.olivia)
        self.acme.coverage.owners().pass_to(self.ines, by=self.max, because="Olivia leaves")
        repair.refresh_from_db()
        assert repair.holder == self.ines
        repair.make_good("We changed the lock.", by=self.ines)
        assert repair.is_open
        assert repair.lapses_on
        repair.reopen(because="It still opens", by=self.carla)
        with pytest.raises(Refused, match="already sent back"):
            repair.make_good("We changed the lock.", by=self.ines)
        repair.make_good("We changed the gate.", by=self.ines)
        repair.agree(contact=self.champion, by=self.carla)
        assert repair.outcome == "agreed"

    @pytest.mark.complaint(35)
    def test_what_we_noticed_ourselves_is_closed_by_saying_what_was_done(self) -> None:
        repair = make_case(self.acme, "Billed twice", "repair", due_in=None)
        with pytest.raises(Refused, match="Say what was done"):
            repair.keep(by=self.olivia)
        repair.make_good("Paid back the second bill.", by=self.olivia)
        assert repair.outcome == "done"

    @pytest.mark.complaint(40)
    def test_obstacles_are_counted_across_accounts(self) -> None:
        """Our own terms and forms, as repairs that managers see counted."""
        for account in (self.acme, self.cobalt, self.dunmore):
            CustomerCase.report(
                account, "No purchase orders", by=self.omar, severity="stops", obstacle="payment"
            )
        page = self.browse(self.max, "obstacle_list").content.decode()
        assert "2 accounts, 2 open of 2" in page
        assert "3 accounts, 3 open of 3" in self.browse(self.omar, "obstacle_list").content.decode()
        assert self.browse(self.olivia, "obstacle_list").status_code == 403


class Visits(CastTestCase):
    @pytest.mark.complaint(31)
    def test_the_next_visit_appears_when_one_is_held(self) -> None:
        make_coverage(self.acme, self.nils, Coverage.Role.SUCCESS)
        cadence = Cadence.keep_to(self.acme, "success", 90, by=self.olivia)
        visit = cadence.visits.get()
        assert (visit.holder, visit.role) == (self.nils, "success")
        assert visit.due
        assert visit.due - today() in {timedelta(days=days) for days in (90, 91, 92)}
        assert visit.due.weekday() < 5
        Cadence.keep_to(self.acme, "success", 30, by=self.olivia)
        assert cadence.visits.count() == 1
        visit.keep(by=self.nils)
        following = cadence.visits.open().get()
        assert following.due
        assert following.due < visit.due

    @pytest.mark.complaint(31)
    def test_it_survives_a_change_of_hands(self) -> None:
        """The cadence belongs to the role."""
        cadence = Cadence.keep_to(self.acme, "owner", 30, by=self.olivia)
        self.acme.coverage.owners().pass_to(self.ines, by=self.max, because="Olivia leaves")
        visit = cadence.visits.get()
        assert visit.holder == self.ines
        visit.keep(by=self.ines)
        assert cadence.visits.open().get().holder == self.ines

    def test_a_role_that_nobody_has_is_visited_by_the_owner(self) -> None:
        assert Cadence.keep_to(self.acme, "sponsor", 30, by=self.olivia).visits.get().holder == self.olivia

    @pytest.mark.complaint(31)
    def test_a_visit_that_does_not_happen_is_followed_by_the_next(self) -> None:
        """A cadence does not end because somebody was on holiday once."""
        cadence = Cadence.keep_to(self.acme, "owner", 30, by=self.olivia)
        cadence.visits.open().get().drop(by=self.olivia, because="They are on holiday")
        visit = cadence.visits.open().get()
        visit.agree(contact=self.champion, by=self.olivia, words="No need this time")
        assert cadence.visits.open().count() == 1
        cadence.stop(by=self.olivia)
        assert not cadence.visits.open().exists()

    @pytest.mark.complaint(31)
    def test_overdue_is_seen_and_stopping_is_open(self) -> None:
        """Due and overdue visits."""
        cadence = Cadence.keep_to(self.acme, "owner", 30, by=self.olivia)
        Obligation.objects.update(due=in_days(-2))
        assert "late since" in self.browse(self.olivia, "cadence_list", self.acme.pk).content.decode()
        self.send(self.olivia, "cadence_stop", cadence.pk)
        assert cadence.visits.get().outcome == "dropped"
        assert cadence.visits.get().entries.filter(step="dropped").exists()


class Unanswered(CastTestCase):
    @pytest.mark.complaint(20)
    def test_per_account_per_person_and_per_team(self) -> None:
        """What waits for us has a list, for each of them."""
        asked = make_question(self.acme, self.champion, "Where is it kept?")
        answered = make_question(self.acme, self.champion, "Who signs?")
        answered.answer("Max does", by=self.olivia)
        make_question(self.cobalt, make_contact(self.cobalt, "Edda Roth"), "Can it run offline?")
        for by, heading in (
            ("account", "Acme Robotics"),
            ("person", "Olivia Brandt"),
            ("team", "Max Adeyemi"),
        ):
            page = self.browse(self.max, "unanswered", by=by).content.decode()
            assert f"<h2>{heading}</h2>" in page
            assert asked.text in page
            assert "Can it run offline?" in page
            assert answered.text not in page
        assert "offline" not in self.browse(self.nils, "unanswered").content.decode()

    def test_one_query_whatever_waits(self) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as found:
                self.browse(self.max, "unanswered", by="team")
            return len(found)

        make_question(self.acme, self.champion)
        before = queries()
        make_question(self.cobalt, make_contact(self.cobalt, "Edda Roth"))
        make_question(self.borealis, make_contact(self.borealis, "Finn Dahl"))
        assert queries() == before
