"""A calendar file: what of it becomes meetings, what does not and why, and that nothing happens twice."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse

from accounts.calendars import reading
from accounts.calendars.reading import MOST_BYTES, MOST_EVENTS, CalendarEvent, events_of, read
from accounts.calendars.taking import CalendarImport
from accounts.limits import READING, Limits, Unreadable
from accounts.models import Account, Contact, Obligation, Refused, User, Visit
from tests.base import CastTestCase, make_contact
from tests.import_cases import a_case

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)  # a Monday
CARLA = "ATTENDEE;CN=Carla Weiss:mailto:Carla@Acme.Example"


def a_file(*events: str, head: str = "") -> bytes:
    """A calendar with these events, each given as lines."""
    parts = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{head}{parts}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def an_event(uid: str = "one", start: str = "DTSTART:20270107T130000Z", *more: str, who: str = CARLA) -> str:
    return "\n".join([f"UID:{uid}", start, f"SUMMARY:The {uid}", who, *more])


def found(*events: str, head: str = "", zone: ZoneInfo = BERLIN) -> list[CalendarEvent]:
    return events_of(a_file(*events, head=head), zone, NOW)


class Reading(CastTestCase):
    def test_what_is_no_calendar_is_told_in_a_sentence(self) -> None:
        for data, words in [
            (b"Name,Date\nAcme,2027-01-04\n", "not a calendar file"),
            (b"\x89PNG\r\n\x1a\n\0\0", "not a calendar file"),
            (b"", "not a calendar file"),
            (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n", "damaged"),
            (b"BEGIN:VCALENDAR\r\n" + b" " * MOST_BYTES, "larger than 5 MB"),
        ]:
            with self.subTest(words), pytest.raises(Unreadable, match=words):
                read(data, zone=BERLIN, now=NOW)

    def test_an_hour_is_read_in_its_own_zone_and_without_one_in_the_zone_that_was_said(self) -> None:
        for start, at in [
            ("DTSTART:20270107T130000Z", datetime(2027, 1, 7, 13, tzinfo=UTC)),
            ("DTSTART;TZID=America/New_York:20270107T130000", datetime(2027, 1, 7, 18, tzinfo=UTC)),
            ("DTSTART;TZID=W. Europe Standard Time:20270107T130000", datetime(2027, 1, 7, 12, tzinfo=UTC)),
            ("DTSTART:20270107T130000", datetime(2027, 1, 7, 12, tzinfo=UTC)),
            ("DTSTART;VALUE=DATE:20270107", date(2027, 1, 7)),
        ]:
            with self.subTest(start):
                (event,) = found(an_event("one", start))
                assert (event.at, event.why) == (at, "")

    def test_what_cannot_be_read_is_named_with_why(self) -> None:
        for event, why in [
            (an_event("one", "DTSTART:someday"), "date cannot be read"),
            (an_event("one", "DTSTART;TZID=Middle/Earth:20270107T130000"), "time zone that we do not know"),
            (an_event("one", "DESCRIPTION:nothing"), "date cannot be read"),
            (an_event("").replace("UID:\n", ""), "no id of its own"),
            (an_event("a", "DTSTART:20270101T130000Z", "RRULE:FREQ=SECONDLY"), "more often than once a day"),
            (
                an_event("a", "DTSTART:20270101T130000Z", "RRULE:FREQ=DAILY;BYMINUTE=1,2"),
                "more often than once",
            ),
            (an_event("a", "DTSTART:19700101T130000Z", "RRULE:FREQ=DAILY"), "for more than ten years"),
            (
                an_event("a", "DTSTART:20270101T130000Z", "RRULE:FREQ=DAILY;INTERVAL=0"),
                "How it repeats cannot",
            ),
            (an_event("a", "DTSTART:20270101T130000Z", "RRULE:now and then"), "How it repeats cannot"),
            (an_event("a", "DTSTART:20270107T130000Z", "CLASS:PRIVATE"), "private"),
        ]:
            with self.subTest(why):
                (found_one,) = found(event)
                assert why in found_one.why

    def test_a_series_is_followed_for_two_months_by_its_own_clock(self) -> None:
        """Every Monday at ten in Berlin stays at ten when the clocks go forward."""
        weekly = an_event("w", "DTSTART;TZID=Europe/Berlin:20261207T100000", "RRULE:FREQ=WEEKLY")
        now = datetime(2027, 3, 1, 8, tzinfo=UTC)
        events = events_of(a_file(weekly), BERLIN, now)
        hours = {event.at.astimezone(BERLIN).hour for event in events if isinstance(event.at, datetime)}
        assert (len(events), hours) == (9, {10})
        assert events[0].at == datetime(2027, 3, 1, 9, tzinfo=UTC)
        assert events[-1].at == datetime(2027, 4, 26, 8, tzinfo=UTC)

    def test_several_rules_and_single_dates_are_one_series(self) -> None:
        events = found(
            an_event(
                "w",
                "DTSTART:20270104T100000Z",
                "RRULE:FREQ=WEEKLY;COUNT=2",
                "RRULE:FREQ=MONTHLY;COUNT=2",
                "RDATE:20270120T100000Z",
            )
        )
        days = [event.at.date() for event in events if isinstance(event.at, datetime)]
        assert days == [date(2027, 1, day) for day in (4, 11, 20)] + [date(2027, 2, 4)]

    def test_rules_that_never_match_are_given_up(self) -> None:
        """Each is looked for until the year 9999."""
        never = [
            an_event(str(number), "DTSTART:20270104T100000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
            for number in range(MOST_EVENTS)
        ]
        assert [event.at for event in found(never[0])] == [datetime(2027, 1, 4, 10, tzinfo=UTC)]
        with (
            mock.patch.object(reading, "READING", Limits(seconds=1, by_the_clock=4, memory=READING.memory)),
            pytest.raises(Unreadable, match="This calendar takes too much time or memory"),
        ):
            read(a_file(*never), zone=BERLIN, now=NOW)

    def test_what_would_become_too_much_is_told_in_a_sentence(self) -> None:
        daily = ["DTSTART:20270101T130000Z", "RRULE:FREQ=DAILY"]
        hours = ",".join(f"202701{day:02d}T{hour:02d}0000Z" for day in (5, 6) for hour in range(24))
        for events, words in [
            ([an_event(str(number)) for number in range(41)], "more than 40 events"),
            ([an_event("one", *daily)], "more than 40 events"),
            ([an_event("one", "DTSTART:20270105T000000Z", f"RDATE:{hours}")], "more than 40 events"),
            ([an_event("one", daily[0], f"{daily[1]};COUNT=1", f"EXDATE:{hours}")], "more than 40 events"),
            ([an_event("one", daily[0], "BEGIN:VALARM\nEND:VALARM\n" * 90)], "more than 90 parts"),
        ]:
            with (
                self.subTest(words),
                mock.patch.multiple(reading, MOST_EVENTS=40, MOST_PARTS=90),
                pytest.raises(Unreadable, match=words),
            ):
                found(*events)

    def test_an_event_that_cannot_be_a_meeting_is_left_aside(self) -> None:
        crowd = [f"ATTENDEE:mailto:guest{number}@acme.example" for number in range(201)]
        for event, why in [
            (an_event("one", "DTSTART:00010101T000000Z"), "a year that no meeting is in"),
            (an_event("one", "DTSTART:99991231T235959Z"), "a year that no meeting is in"),
            (an_event("one", "DTSTART:00010101T000000Z", "RRULE:FREQ=DAILY"), "a year that no meeting is in"),
            (an_event("one", "DTSTART:20270107T130000Z", *crowd), "More than 200 people"),
            (
                an_event("one", "DTSTART:20270107T130000Z", *["RRULE:FREQ=DAILY;COUNT=999999999"] * 11),
                "How it repeats cannot be read",
            ),
        ]:
            with self.subTest(why):
                (found_one,) = found(event)
                assert why in found_one.why
                assert len(found_one.emails) <= 200

    def test_what_was_left_out_moved_or_ended_of_a_series(self) -> None:
        weekly = an_event(
            "w",
            "DTSTART:20270104T100000Z",
            "RRULE:FREQ=WEEKLY;UNTIL=20270126T000000Z",
            "EXDATE:20270111T100000Z",
        )
        moved = an_event("w", "DTSTART:20270119T150000Z", "RECURRENCE-ID:20270118T100000Z")
        events = {event.key: event for event in found(weekly, moved)}
        assert sorted(events) == [f"ics:w:202701{day}T100000Z" for day in ("04", "11", "18", "25")]
        assert events["ics:w:20270111T100000Z"].cancelled
        assert events["ics:w:20270118T100000Z"].at == datetime(2027, 1, 19, 15, tzinfo=UTC)

    def test_a_change_of_one_and_all_that_follow_holds_for_them_by_the_clock(self) -> None:
        weekly = an_event("w", "DTSTART;TZID=Europe/Berlin:20270308T080000", "RRULE:FREQ=WEEKLY;COUNT=5")
        anchor = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270322T080000"
        later = an_event("w", "DTSTART;TZID=Europe/Berlin:20270323T093000", anchor)
        one = an_event("w", "DTSTART:20270331T100000Z", "RECURRENCE-ID;TZID=Europe/Berlin:20270329T080000")
        now = datetime(2027, 3, 1, tzinfo=UTC)
        events = events_of(a_file(weekly, later, one), BERLIN, now)
        assert sorted(f"{event.at:%d.%m. %H:%M}" for event in events if event.at) == [
            "06.04. 07:30", "08.03. 07:00", "15.03. 07:00", "23.03. 08:30", "31.03. 10:00",
        ]  # fmt: skip
        assert {event.key for event in events} == {
            "ics:w:20270308T070000Z", "ics:w:20270315T070000Z", "ics:w:20270322T070000Z",
            "ics:w:20270329T060000Z", "ics:w:20270405T060000Z",
        }  # fmt: skip
        gone = later.replace("\nSUMMARY", "\nSTATUS:CANCELLED\nSUMMARY")
        events = events_of(a_file(weekly, gone), BERLIN, now)
        assert [event.cancelled for event in events] == [False, False, True, True, True]
        other = f"{later}\nRRULE:FREQ=DAILY"
        events = events_of(a_file(weekly, other), BERLIN, now)
        assert [event.why[:9] for event in events] == ["", "", "From then"]

    def test_single_dates_may_be_written_as_periods_or_days(self) -> None:
        for more, days in [
            ("RDATE;VALUE=PERIOD:20270109T130000Z/PT1H", [7, 9]),
            ("RDATE;VALUE=PERIOD:20270109T130000Z/20270109T150000Z,20270111T130000Z/PT2H", [7, 9, 11]),
            ("RDATE;VALUE=PERIOD;TZID=Europe/Berlin:20270110T090000/PT30M", [7, 10]),
            ("RRULE:FREQ=DAILY;COUNT=4\nEXDATE;VALUE=DATE:20270108", [7, 9, 10]),
        ]:
            events = found(an_event("one", "DTSTART:20270107T130000Z", *more.split("\n")))
            assert [e.at.day for e in events if e.at and not e.cancelled] == days
        old = found(an_event("one", "DTSTART:20270107T130000Z", "RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"))
        assert [event.why for event in old] == [
            "It leaves dates out by a rule of an old kind, which is not followed."
        ]

    def test_a_title_is_read_in_whatever_letters_it_came(self) -> None:
        for title in [
            "SUMMARY:Besuch in Köln",
            "SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Besuch in K=C3=B6=\nln",
            "SUMMARY:=?utf-8?Q?Besuch_in_K=C3=B6ln?=",
            "SUMMARY:<b>Besuch</b> in K&ouml;ln",
        ]:
            event = an_event().replace("SUMMARY:The one", title)
            for codec in ("utf-8", "cp1252", "utf-16"):
                data = a_file(event).decode().encode(codec)
                assert [one.title for one in events_of(data, BERLIN, NOW)] == ["Besuch in Köln"]

    def test_an_id_too_long_to_be_kept_is_shortened_the_same_way_each_time(self) -> None:
        first, again = found(an_event("x" * 300)), found(an_event("x" * 300))
        assert first == again
        assert len(first[0].key) <= 120


class Taking(CastTestCase):
    def setUp(self) -> None:
        self.enterContext(mock.patch("django.utils.timezone.now", return_value=NOW))

    def choose(self, user: User, *events: str, data: bytes = b"", zone: str = "Europe/Berlin") -> Any:
        file = SimpleUploadedFile("mine.ics", data or a_file(*events))
        return self.as_(user).post(reverse("calendar"), {"file": file, "zone": zone})

    def take(self, user: User, page: HttpResponse) -> Any:
        fields = dict(re.findall(r'name="(events|expecting)" value="([^"]*)"', page.content.decode()))
        return self.as_(user).post(reverse("calendar_take"), fields)

    def brought(self, user: User, *events: str) -> Any:
        return self.take(user, self.choose(user, *events))

    @pytest.mark.complaint(6)
    def test_a_meeting_with_a_contact_becomes_a_visit_of_whoever_took_it(self) -> None:
        """What stands in the calendar is known here, so that a note of it can be asked for."""
        page = self.choose(self.olivia, an_event())
        self.assertContains(page, "The one")
        self.assertContains(page, "with Carla Weiss")
        assert not Obligation.objects.exists()
        self.take(self.olivia, page)
        visit = Obligation.objects.get()
        assert (visit.kind, visit.account, visit.holder, visit.contact) == (
            "visit", self.acme, self.olivia, self.champion,
        )  # fmt: skip
        assert (visit.starts_at, str(visit)) == (datetime(2027, 1, 7, 13, tzinfo=UTC), "The one")
        self.assertContains(self.browse(self.olivia, "today"), "The one")

    def test_the_cases(self) -> None:
        folder = a_case("f10_calendar")
        self.enterContext(
            mock.patch("django.utils.timezone.now", return_value=datetime(2026, 3, 10, tzinfo=UTC))
        )
        Contact.objects.filter(pk=self.champion.pk).update(email="ada@ponder.example")
        for name in ("i17_rdate_period.ics", "i13_cp1252.ics"):
            self.take(self.olivia, self.choose(self.olivia, data=(folder / name).read_bytes()))
        visits = Obligation.objects.order_by("due").values_list("text", "due")
        assert list(visits) == [
            ("Review", date(2026, 3, 20)), ("Review", date(2026, 3, 25)), ("Besuch in Köln", date(2026, 4, 1)),
        ]  # fmt: skip

    def test_the_same_file_again_changes_nothing_and_says_so(self) -> None:
        self.brought(self.olivia, an_event())
        page = self.choose(self.olivia, an_event())
        self.assertContains(page, "taking it changes nothing")
        self.take(self.olivia, page)
        assert Obligation.objects.count() == 1
        assert Obligation.objects.get().entries.count() == 1

    def test_what_moved_in_the_calendar_moves_and_what_was_cancelled_is_dropped(self) -> None:
        self.brought(self.olivia, an_event())
        self.brought(self.olivia, an_event("one", "DTSTART:20270108T090000Z"))
        visit = Obligation.objects.get()
        assert visit.starts_at == datetime(2027, 1, 8, 9, tzinfo=UTC)
        assert "moved in the calendar" in visit.entries.get(step="moved").text
        self.brought(self.olivia, an_event("one", "DTSTART:20270108T090000Z", "STATUS:CANCELLED"))
        visit.refresh_from_db()
        assert (visit.outcome, visit.entries.get(step="dropped").text) == (
            "dropped",
            "cancelled in the calendar",
        )

    def test_a_whole_day_is_a_visit_without_an_hour(self) -> None:
        self.brought(self.olivia, an_event("one", "DTSTART;VALUE=DATE:20270107"))
        visit = Obligation.objects.get()
        assert (visit.due, visit.starts_at) == (date(2027, 1, 7), None)

    def test_a_date_left_out_of_a_series_later_drops_its_visit(self) -> None:
        weekly = ["w", "DTSTART:20270104T100000Z", "RRULE:FREQ=WEEKLY;COUNT=3"]
        self.brought(self.olivia, an_event(*weekly))
        assert Obligation.objects.open().count() == 3
        self.brought(self.olivia, an_event(*weekly, "EXDATE:20270111T100000Z"))
        assert [visit.due for visit in Obligation.objects.open()] == [date(2027, 1, 4), date(2027, 1, 18)]

    def test_what_is_not_taken_is_named_and_what_is_private_to_one_is_not(self) -> None:
        edda = make_contact(self.borealis, "Edda Roth", email="edda@borealis.example")
        page = self.choose(
            self.olivia,
            an_event("dentist", who="ATTENDEE:mailto:praxis@teeth.example"),
            an_event("holiday", who="X-NOTHING:1"),
            an_event("damaged", "DTSTART:someday"),
            an_event("both", "DTSTART:20270107T130000Z", f"ATTENDEE:mailto:{edda.email}"),
            an_event("over", "DTSTART:20261207T130000Z"),
        )
        self.assertContains(page, "Its date cannot be read.")
        self.assertContains(page, "It is with people of Acme Robotics and Borealis Foods")
        self.assertContains(page, "3 others left alone")
        for hidden in ("dentist", "holiday"):
            self.assertNotContains(page, hidden)
        self.assertNotContains(page, "Take 0")

    def test_nobody_plans_for_accounts_that_they_do_not_serve_or_see(self) -> None:
        page = self.choose(self.max, an_event())
        self.assertContains(page, "You do not serve Acme Robotics")
        page = self.choose(self.nils, an_event())
        self.assertNotContains(page, "Acme Robotics")
        assert not Obligation.objects.exists()

    def test_a_meeting_of_two_colleagues_is_one_visit(self) -> None:
        self.brought(self.olivia, an_event())
        page = self.choose(self.max, an_event())
        self.assertContains(page, "taking it changes nothing")

    def test_what_changed_since_it_was_shown_is_shown_again(self) -> None:
        page = self.choose(self.olivia, an_event())
        Account.objects.filter(pk=self.acme.pk).update(name="Acme")
        self.champion.left_on = date(2027, 1, 1)
        self.champion.save(update_fields=["left_on"])
        again = self.take(self.olivia, page)
        self.assertContains(again, "Something changed since you looked", status_code=409)
        assert not Obligation.objects.exists()

    def test_nobody_takes_what_another_was_shown_nor_what_was_made_up(self) -> None:
        page = self.choose(self.olivia, an_event())
        assert self.take(self.ines, page).status_code == 302
        client = self.as_(self.olivia)
        assert (
            client.post(reverse("calendar_take"), {"events": "made:up", "expecting": "x"}).status_code == 302
        )
        assert not Obligation.objects.exists()

    def test_all_of_it_or_nothing(self) -> None:
        events = found(an_event("one"), an_event("two", "DTSTART:20270108T130000Z"))
        plan = CalendarImport.of(events, self.olivia, NOW)
        made = Visit.plan
        refused = mock.Mock(side_effect=[made, Refused("No")])

        def plan_meeting(*args: Any, **named: Any) -> Obligation:
            step = refused()
            return step(*args, **named)  # type: ignore[no-any-return]

        with mock.patch.object(Visit, "plan", plan_meeting), pytest.raises(Refused):
            plan.take(by=self.olivia)
        assert not Obligation.objects.exists()

    def test_a_file_that_cannot_be_read_is_told_on_the_form(self) -> None:
        page = self.choose(self.olivia, data=b"hello")
        self.assertContains(page, "This is not a calendar file", status_code=422)
        page = self.choose(self.olivia, an_event(), zone="Middle/Earth")
        self.assertContains(page, "not a time zone we know")
        page = self.choose(self.olivia, data=b"BEGIN:VCALENDAR" + b" " * MOST_BYTES + b" ")
        self.assertContains(page, "This file is larger than 5 MB")

    def test_an_event_reads_back_as_it_was_written_into_the_page(self) -> None:
        for event in found(
            an_event(), an_event("two", "DTSTART;VALUE=DATE:20270107"), an_event("x", "DTSTART:no")
        ):
            assert CalendarEvent.from_json(event.as_json()) == event
