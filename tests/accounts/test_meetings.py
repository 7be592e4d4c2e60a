"""A meeting is a visit with an hour: planned, moved, held, dropped, and asked about when nobody wrote of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.mail.digests import write_digest
from accounts.models import Account, Contact, Entry, Letter, Obligation, Refused, User, Visit, today
from accounts.rules import clocks
from tests.base import CastTestCase, days_ago, in_days, make_coverage, make_entry, make_obligation
from tests.laws import refusal_of

BERLIN, APIA = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Apia")
NOON = time(12)


def in_hours(hours: float) -> datetime:
    return timezone.now() + timedelta(hours=hours)


def a_meeting(account: Account, by: User, *, days: float = 3, **fields: Any) -> Obligation:
    """A meeting so many days from now; a negative number puts it into the past, as time does."""
    starts_at = in_hours(24 * abs(days))
    meeting = Visit.plan(account, "The first quarter", by=by, starts_at=starts_at, **fields)
    if days < 0:
        at = in_hours(24 * days)
        Obligation.objects.filter(pk=meeting.pk).update(starts_at=at, due=account.day(at))
        meeting.refresh_from_db()
    return meeting


class AMeeting(CastTestCase):
    def test_it_is_a_visit_of_whoever_plans_it_on_their_day_at_their_hour(self) -> None:
        Account.objects.filter(pk=self.acme.pk).update(time_zone="Pacific/Kiritimati")
        day = in_days(9)
        sent = {"text": "The first quarter", "contact": self.champion.pk, "on": day, "hour": "08:30"}
        page = self.send(self.olivia, "meeting_new", self.acme.pk, **sent)
        assert page.status_code == 302
        meeting = Obligation.objects.get()
        assert (meeting.kind, meeting.holder, meeting.contact) == ("visit", self.olivia, self.champion)
        assert (meeting.due, meeting.hour) == (day, "08:30")
        there = datetime.combine(day, time(8, 30), ZoneInfo("Pacific/Kiritimati"))
        assert meeting.starts_at == there

    def test_the_menu_of_the_account_and_the_page_of_a_contact_lead_there(self) -> None:
        self.assertContains(self.browse(self.olivia, "account", self.acme.pk), "Plan a meeting")
        self.assertContains(
            self.browse(self.olivia, "contact", self.champion.pk), f"?contact={self.champion.pk}"
        )
        page = self.browse(self.olivia, "meeting_new", self.acme.pk, contact=self.champion.pk)
        self.assertContains(page, f'<option value="{self.champion.pk}" selected>')

    def test_what_is_over_is_not_planned_and_nothing_typed_is_lost(self) -> None:
        sent = {"text": "The first quarter", "on": in_days(-2), "hour": "08:30"}
        page = self.send(self.olivia, "meeting_new", self.acme.pk, **sent)
        self.assertContains(page, "Keep a note of what came of it instead", status_code=409)
        self.assertContains(page, "The first quarter", status_code=409)

    def test_whoever_does_not_serve_them_holds_no_meeting_with_them(self) -> None:
        with pytest.raises(Refused, match="must be on the team"):
            a_meeting(self.acme, self.max)
        make_coverage(self.acme, self.ines, "back_up")
        with pytest.raises(Refused, match="must be on the team"):
            a_meeting(self.acme, self.ines)
        make_coverage(self.acme, self.ines, "success")
        assert a_meeting(self.acme, self.ines).role == "success"

    def test_somebody_elses_contact_is_not_met_here(self) -> None:
        stranger = Contact.objects.create(account=self.cobalt, name="Stranger")
        with pytest.raises(Refused, match="belongs to another account"):
            a_meeting(self.acme, self.olivia, contact=stranger)

    def test_moving_it_moves_the_hour_and_says_from_where_to_where(self) -> None:
        Account.objects.filter(pk=self.acme.pk).update(time_zone="Europe/Berlin")
        meeting = a_meeting(Account.objects.get(pk=self.acme.pk), self.olivia)
        before, day = meeting.when, in_days(20)
        sent = {"to": day, "hour": "17:15", "because": "Their audit"}
        self.send(self.olivia, "obligation_move", meeting.pk, **sent)
        meeting.refresh_from_db()
        assert meeting.starts_at == datetime.combine(day, time(17, 15), BERLIN)
        assert meeting.due == day
        step = meeting.entries.get(step="moved")
        assert step.text == f"From {before} to {meeting.when}: Their audit"
        assert "at 17:15" in step.text

    def test_moved_to_a_day_alone_its_hour_is_open_again(self) -> None:
        meeting = a_meeting(self.acme, self.olivia)
        self.send(
            self.olivia, "obligation_move", meeting.pk, to=in_days(20), because="The hour is still open"
        )
        meeting.refresh_from_db()
        assert (meeting.starts_at, meeting.due) == (None, in_days(20))

    def test_nothing_but_a_visit_has_an_hour(self) -> None:
        promise = make_obligation(self.acme)
        with pytest.raises(Refused, match="Only a visit has an hour"):
            promise.move(in_hours(80), because="Fair", by=self.olivia)
        set_hour = "UPDATE accounts_obligation SET starts_at = now() WHERE id = %s"
        assert refusal_of(set_hour, promise.pk) == "only_visits_have_an_hour"
        ask = "UPDATE accounts_obligation SET note_asked_on = now() WHERE id = %s"
        assert refusal_of(ask, promise.pk) == "only_visits_want_a_note"
        meeting = a_meeting(self.acme, self.olivia)
        no_day = "UPDATE accounts_obligation SET due = NULL WHERE id = %s"
        assert refusal_of(no_day, meeting.pk) == "only_visits_have_an_hour"

    def test_it_is_held_or_dropped_like_any_visit(self) -> None:
        held, dropped = a_meeting(self.acme, self.olivia), a_meeting(self.acme, self.olivia)
        self.send(self.olivia, "obligation_keep", held.pk)
        self.send(self.olivia, "obligation_drop", dropped.pk, because="They cancelled")
        held.refresh_from_db()
        dropped.refresh_from_db()
        assert (held.outcome, dropped.outcome) == ("held", "dropped")

    def test_a_customer_moves_none(self) -> None:
        meeting = a_meeting(self.acme, self.olivia)
        with pytest.raises(PermissionDenied):
            meeting.move(in_hours(80), because="Fair", by=self.carla)

    def test_they_see_the_hour_of_a_meeting_that_is_shared(self) -> None:
        Account.objects.filter(pk=self.acme.pk).update(time_zone="Europe/Berlin")
        meeting = a_meeting(Account.objects.get(pk=self.acme.pk), self.olivia)
        meeting.share(by=self.olivia)
        self.assertContains(self.browse(self.carla, "customer_page"), f"{meeting.due:%B %Y}, {meeting.hour}")


class ClocksThatAreMoved(CastTestCase):
    def test_an_hour_is_one_instant_none_or_two(self) -> None:
        assert len(clocks.instants(date(2027, 6, 1), NOON, BERLIN)) == 1
        assert clocks.instants(date(2027, 3, 28), time(2, 30), BERLIN) == []
        twice = clocks.instants(date(2027, 10, 31), time(2, 30), BERLIN)
        assert twice == [datetime(2027, 10, 31, hour, 30, tzinfo=UTC) for hour in (0, 1)]
        assert [clocks.offset(at, BERLIN) for at in twice] == ["UTC+2", "UTC+1"]
        assert clocks.instants(date(2011, 12, 30), NOON, APIA) == []  # the date line was moved over that day

    def plan(self, day: date, hour: str, **more: str) -> Any:
        """On a day when the clocks are moved in Berlin, seen from a year in which it is still to come."""
        Account.objects.filter(pk=self.acme.pk).update(time_zone="Europe/Berlin")
        with mock.patch("django.utils.timezone.now", return_value=datetime(2027, 1, 4, 9, tzinfo=UTC)):
            sent = {"text": "The new year", "on": day, "hour": hour} | more
            return self.send(self.olivia, "meeting_new", self.acme.pk, **sent)

    def test_an_hour_that_does_not_exist_is_asked_about(self) -> None:
        page = self.plan(date(2027, 3, 28), "02:30")
        self.assertContains(page, "02:30 does not exist on 28 March 2027 in Europe/Berlin")
        self.assertContains(page, "The new year")
        assert not Obligation.objects.exists()

    def test_an_hour_that_comes_twice_is_asked_about_and_the_answer_is_taken(self) -> None:
        page = self.plan(date(2027, 10, 31), "02:30")
        self.assertContains(page, "The first 02:30 (UTC+2)")
        self.assertContains(page, "The second 02:30 (UTC+1)")
        assert not Obligation.objects.exists()
        self.plan(date(2027, 10, 31), "02:30", which="second")
        assert Obligation.objects.get().starts_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)

    def test_moving_asks_as_well(self) -> None:
        self.plan(date(2027, 6, 1), "12:00")
        meeting = Obligation.objects.get()
        sent = {"to": "2027-10-31", "hour": "02:30", "because": "Night shift"}
        with mock.patch("django.utils.timezone.now", return_value=datetime(2027, 1, 4, 9, tzinfo=UTC)):
            page = self.send(self.olivia, "obligation_move", meeting.pk, **sent)
        self.assertContains(page, "comes twice")
        self.assertContains(page, "Night shift")

    def test_across_the_date_line_it_is_due_on_their_day_and_moves_within_it(self) -> None:
        """It is still yesterday in Honolulu when the day has begun here: their today is no past."""
        Account.objects.filter(pk=self.acme.pk).update(time_zone="Pacific/Honolulu")
        acme = Account.objects.get(pk=self.acme.pk)
        early = datetime(2027, 1, 5, 3, tzinfo=UTC)  # 4 January, 17:00 in Honolulu
        with mock.patch("django.utils.timezone.now", return_value=early):
            meeting = Visit.plan(acme, "Dinner", by=self.olivia, starts_at=early + timedelta(hours=2))
            assert meeting.due == date(2027, 1, 4) < today()
            meeting.move(early + timedelta(hours=3), because="The traffic", by=self.olivia)
        assert (meeting.due, meeting.hour) == (date(2027, 1, 4), "20:00")


@pytest.mark.complaint(6)
class ANoteAfterwards(CastTestCase):
    """Five hours of talks were never written down. Two days after a meeting the digest asks, once."""

    TITLE = "Nobody has written down what came of it"

    def digest(self, user: User, *, days: int = 0) -> str:
        """What the digest says, written so many days from now; nothing when none is written."""
        with mock.patch("django.utils.timezone.now", return_value=in_hours(24 * days)):
            letter = write_digest(user)
        return letter.text if letter else ""

    def test_it_is_asked_for_two_days_later_and_once(self) -> None:
        meeting = a_meeting(self.acme, self.olivia, days=-2)
        meeting.keep(by=self.olivia)
        assert self.TITLE not in self.digest(self.olivia, days=-1)
        first = self.digest(self.olivia)
        assert self.TITLE in first
        assert f"Acme Robotics: The first quarter ({clocks.day_in_words(meeting.due)})" in first
        meeting.refresh_from_db()
        assert meeting.note_asked_on == today()
        assert self.TITLE not in self.digest(self.olivia, days=1)

    def test_a_meeting_that_nobody_closed_is_asked_about_too(self) -> None:
        a_meeting(self.acme, self.olivia, days=-3)
        assert self.TITLE in self.digest(self.olivia)

    def test_with_a_note_of_anybody_it_is_never_asked_for(self) -> None:
        a_meeting(self.acme, self.olivia, days=-2)
        make_entry(self.acme, "They want it in May.", by=self.ines, days=1)
        assert self.TITLE not in self.digest(self.olivia)

    def test_a_note_from_before_it_is_not_a_note_of_it(self) -> None:
        a_meeting(self.acme, self.olivia, days=-2)
        make_entry(self.acme, "They will meet us.", days=4)
        assert self.TITLE in self.digest(self.olivia)

    def test_what_the_machinery_writes_and_what_was_taken_back_is_no_note(self) -> None:
        meeting = a_meeting(self.acme, self.olivia, days=-2)
        meeting.keep(by=self.olivia)  # leaves a line on the thread
        note = make_entry(self.acme, "Wrong customer", kind=Entry.Kind.NOTE, days=1)
        note.retract(by=self.olivia, because="Wrong customer")
        assert self.TITLE in self.digest(self.olivia)

    def test_nobody_is_asked_after_two_weeks_nor_of_what_was_dropped_nor_for_another(self) -> None:
        a_meeting(self.acme, self.olivia, days=-15)
        a_meeting(self.acme, self.olivia, days=-3).drop(by=self.olivia, because="They cancelled")
        assert self.TITLE not in self.digest(self.olivia)
        a_meeting(self.acme, self.olivia, days=-3)
        assert self.TITLE not in self.digest(self.ines)

    def test_a_late_visit_counts_from_the_day_it_was_held_and_its_note_from_before_somebody_said_so(
        self,
    ) -> None:
        visit = make_obligation(self.acme, "Visit them", Obligation.Kind.VISIT, due_in=-40)
        visit.keep(by=self.olivia)
        assert self.TITLE not in self.digest(self.olivia)
        assert self.TITLE in self.digest(self.olivia, days=2)
        other = make_obligation(self.borealis, "Visit them", Obligation.Kind.VISIT, due_in=-40)
        make_entry(self.borealis, "Saw the plant.", days=3)
        other.keep(by=self.olivia)
        assert self.TITLE not in self.digest(self.olivia, days=3)

    def test_a_digest_that_is_not_written_has_not_asked(self) -> None:
        meeting = a_meeting(self.acme, self.olivia, days=-2)
        with (
            mock.patch("accounts.models.letters.Letter.write", side_effect=Refused("Written already")),
            mock.patch("accounts.mail.digests.Letter.write", side_effect=Refused("Written already")),
        ):
            assert self.digest(self.olivia) == ""
        meeting.refresh_from_db()
        assert meeting.note_asked_on is None
        assert not Letter.objects.exists()

    def test_moved_to_another_day_it_may_be_asked_for_again(self) -> None:
        meeting = a_meeting(self.acme, self.olivia, days=-2)
        self.digest(self.olivia)
        meeting.move(in_hours(30), because="They did not come", by=self.olivia)
        assert meeting.note_asked_on is None
        assert days_ago(0) < (meeting.starts_at or days_ago(0))
