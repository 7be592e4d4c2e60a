"""A session names its person, so that their access ends with them, at once and in one DELETE."""

from __future__ import annotations

from django.conf import settings

from accounts.models import Session
from tests.base import CastTestCase


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
