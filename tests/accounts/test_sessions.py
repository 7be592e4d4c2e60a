"""A session names its person, so that their access ends with them, at once and in one DELETE."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from accounts.models import Session
from accounts.rules import clocks
from accounts.tasks import clear_sign_ins
from tests.base import CastTestCase, at_time


class SessionsTests(CastTestCase):
    def test_a_session_names_who_signed_in(self) -> None:
        browser = self.as_(self.olivia)
        session = Session.objects.get(pk=browser.cookies[settings.SESSION_COOKIE_NAME].value)
        assert session.user == self.olivia

    def test_before_signing_in_and_after_signing_out_it_names_nobody(self) -> None:
        self.client.session.save()
        assert Session.objects.get().user is None
        self.as_(self.olivia).logout()
        assert not self.olivia.sessions.exists()

    def test_they_end_with_somebody_s_access(self) -> None:
        self.as_(self.olivia)
        self.olivia.deactivate(by=self.max, because="Left")
        assert not self.olivia.sessions.exists()

    def test_ending_somebody_s_sessions_is_one_delete_and_ends_nobody_else_s(self) -> None:
        for person in [self.olivia, self.olivia, self.max]:
            self.as_(person)
        with self.assertNumQueries(1):
            self.olivia.end_sessions()
        assert [session.user for session in Session.objects.all()] == [self.max]

    def test_one_that_is_not_used_ends(self) -> None:
        browser = self.as_(self.olivia)
        with at_time(clocks.now() + settings.SESSION_IDLE + timedelta(minutes=1)):
            assert browser.get("/").status_code == 302

    def test_use_prolongs_it_and_not_for_ever(self) -> None:
        browser, began = self.as_(self.olivia), clocks.now()
        for day in range(3, 30, 3):
            with at_time(began + timedelta(days=day)):
                assert browser.get("/").status_code == 200, day
        with at_time(began + settings.SESSION_LIFE + timedelta(minutes=1)):
            assert browser.get("/").status_code == 302

    def test_use_is_written_down_now_and_then(self) -> None:
        browser, began = self.as_(self.olivia), clocks.now()
        for minutes, noted in [(1, False), (6, True)]:
            with at_time(began + timedelta(minutes=minutes)):
                browser.get("/")
            assert (Session.objects.get(user=self.olivia).used_at > began + timedelta(minutes=1)) is noted

    def test_those_that_have_ended_are_thrown_away(self) -> None:
        self.as_(self.olivia)
        self.client.session.save()
        clear_sign_ins()
        assert Session.objects.count() == 2
        with at_time(clocks.now() + timedelta(days=2)):
            clear_sign_ins()
            assert [session.user for session in Session.objects.all()] == [self.olivia]
        with at_time(clocks.now() + timedelta(days=60)):
            clear_sign_ins()
        assert not Session.objects.exists()

    def test_signing_out_ends_it_for_good(self) -> None:
        browser = self.as_(self.olivia)
        key = browser.cookies[settings.SESSION_COOKIE_NAME].value
        page = browser.post(reverse("account_logout"), follow=True)
        self.assertContains(page, f'data-signed-out="{self.olivia.pk}"')
        browser.cookies[settings.SESSION_COOKIE_NAME] = key
        assert browser.get("/").status_code == 302


class SessionPageTests(CastTestCase):
    def setUp(self) -> None:
        self.here = self.as_(self.olivia)
        session = Session.objects.create(
            session_key="k0000", user=self.olivia, browser="Mozilla/5.0 (iPhone) Version/17 Safari/605",
            started_at=clocks.now(), used_at=clocks.now(), expire_date=clocks.now() + timedelta(days=1),
        )  # fmt: skip
        self.end = reverse("session_end", args=[session.name])

    def test_one_sees_where_one_is_signed_in(self) -> None:
        self.as_(self.ines)
        page = self.here.get(reverse("session_list"))
        self.assertContains(page, "Safari on an iPhone")
        assert page.content.decode().count('class="row"') == 2
        for session in Session.objects.all():
            self.assertNotContains(page, session.session_key)
        assert self.browse(self.carla, "session_list").status_code == 200

    def test_one_ends_one_of_them(self) -> None:
        assert self.send(self.ines, "session_end", self.end.split("/")[-3]).status_code == 404
        assert self.here.post(self.end).status_code == 302
        assert self.olivia.sessions.count() == 1
        assert self.here.post(self.end).status_code == 404

    def test_one_ends_all_others(self) -> None:
        ines = self.as_(self.ines)
        assert self.here.post(reverse("session_end_others")).status_code == 302
        assert self.here.get("/").status_code == 200
        assert self.olivia.sessions.count() == 1
        assert ines.get("/").status_code == 200
