"""The pages for what goes wrong: each with a way on, and none that needs the database."""

from __future__ import annotations

from unittest import mock

from django.db import OperationalError
from django.test import Client

from tests.base import CastTestCase


class WhenSomethingBreaks(CastTestCase):
    def answer(self, error: Exception) -> tuple[int, str]:
        client = self.as_(self.olivia)
        client.raise_request_exception = False
        with mock.patch("accounts.views.today.this_day", side_effect=error):
            page = client.get("/")
        return page.status_code, page.content.decode()

    def test_a_database_that_is_away_is_a_page_with_a_way_on(self) -> None:
        status, page = self.answer(OperationalError("the connection is lost"))
        assert status == 503
        assert "Back in a moment" in page
        assert 'href="/"' in page

    def test_what_we_did_not_foresee_is_a_page_too(self) -> None:
        status, page = self.answer(ZeroDivisionError("nobody thought of this"))
        assert status == 500
        assert "nobody thought of this" not in page
        assert 'href="/"' in page

    def test_a_wrong_method_is_a_page_that_says_so(self) -> None:
        page = self.as_(self.olivia).put("/accounts/")
        assert page.status_code == 405
        assert "<h1" in page.content.decode()
        assert page.headers["Allow"]

    def test_a_stranger_is_asked_to_sign_in(self) -> None:
        assert "/sign-in/" in Client().get("/accounts/").headers["Location"]
