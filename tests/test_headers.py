"""What a browser is told with every answer: a page, a fragment, a download, an error, a file of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse

from accounts.limits import MB
from accounts.models import ImportBatch, User
from tests.base import BACKEND, CastTestCase, make_fact

HTMX = {"HX-Request": "true"}


class Answers(CastTestCase):
    def answers(self) -> Iterator[tuple[str, int, Any]]:
        """One of each kind, with the status that it has."""
        olivia, omar, carla = self.as_(self.olivia), self.as_(self.omar), self.as_(self.carla)
        acme = reverse("account", args=[self.acme.pk])
        yield "a page", 200, olivia.get(acme)
        yield "a customer's page", 200, carla.get(reverse("customer_page"))
        yield "the way in", 200, Client().get(reverse("account_login"))
        yield "the way in, asked for", 302, Client().get(acme)
        yield "a fragment", 200, olivia.post(reverse("note_preview"), {"text": "! Call"}, headers=HTMX)
        yield "a download as CSV", 200, carla.get(reverse("customer_take_away") + "?as=csv")
        yield "a download as JSON", 200, carla.get(reverse("customer_take_away"))
        yield "health", 200, Client().get(reverse("health"))
        yield "400", 400, self.damaged(olivia)
        yield "403", 403, olivia.get(reverse("topic_list"))
        yield "403 for a page that is too old", 403, self.without_its_token(self.olivia)
        yield "404", 404, olivia.get("/nowhere/")
        yield "405", 405, olivia.put(acme)
        yield "409", 409, self.refused(olivia)
        yield "413", 413, olivia.post(acme, {"text": "x" * 4 * MB})
        yield (
            "413 in a fragment",
            413,
            olivia.post(reverse("note_preview"), {"text": "x" * 4 * MB}, headers=HTMX),
        )
        yield "a download of an import", 200, omar.get(self.tray(omar))
        with mock.patch("accounts.views.today.this_day", side_effect=ZeroDivisionError):
            olivia.raise_request_exception = False
            yield "500", 500, olivia.get("/")

    def damaged(self, client: Client) -> Any:
        """A form in parts that do not end."""
        form = "multipart/form-data; boundary="
        return client.generic("POST", reverse("calendar"), b"--x\r\n", content_type=form)

    def without_its_token(self, user: User) -> Any:
        client = Client(enforce_csrf_checks=True)
        client.force_login(user, backend=BACKEND)
        return client.post(reverse("account_note", args=[self.acme.pk]), {"text": "They called"})

    def refused(self, client: Client) -> Any:
        fact = make_fact(self.acme)
        fact.retract(because="A guess", by=self.olivia)
        return client.post(reverse("fact_share", args=[fact.pk]))

    def tray(self, client: Client) -> str:
        file = SimpleUploadedFile("a.csv", b"Account,Industry\nFennel,Biotech\n")
        client.post(reverse("import_new"), {"files": file})
        return reverse("import_tray_file", args=[ImportBatch.objects.get().pk])

    def test_every_answer_says_what_a_browser_may(self) -> None:
        for name, status, answer in self.answers():
            with self.subTest(name):
                said = answer.headers
                assert answer.status_code == status
                assert "no-store" in said["Cache-Control"]
                assert "camera=()" in said["Permissions-Policy"]
                assert said["X-Content-Type-Options"] == "nosniff"
                assert said["Referrer-Policy"] == "same-origin"
                assert said["Cross-Origin-Opener-Policy"] == "same-origin"
                assert said["Cross-Origin-Resource-Policy"] == "same-origin"
                assert said["X-Frame-Options"] == "DENY"
                assert "default-src 'self'" in said["Content-Security-Policy"]

    def test_every_error_is_a_page_of_ours_with_a_way_on(self) -> None:
        for name, status, answer in self.answers():
            if status >= 400:
                with self.subTest(name):
                    words = answer.content.decode()
                    assert "<h1" in words
                    assert 'class="masthead"' in words
                    assert 'href="/"' in words

    def test_files_of_ours_may_be_kept_and_are_what_they_say(self) -> None:
        answer = Client().get(f"/{settings.STATIC_URL.strip('/')}/css/main.css")
        answer.close()
        assert answer.status_code == 200
        assert "no-store" not in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "camera=()" in answer.headers["Permissions-Policy"]

    @override_settings(SECURE_HSTS_SECONDS=365 * 24 * 3600)
    def test_a_browser_remembers_https(self) -> None:
        answer = self.as_(self.olivia).get("/", secure=True)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("given", "seconds"), [({}, "31536000"), ({"HSTS_SECONDS": "60"}, "60"), ({"HTTPS": "0"}, "0")]
)
def test_https_is_remembered_for_a_year_or_as_is_set(given: dict[str, str], seconds: str) -> None:
    """As somebody's own site reads its settings: without the demo, the tests or an address of ours."""
    needed = {
        "DATABASE_URL": "postgresql://x@localhost/x",
        "SECRET_KEY": "x" * 50,
        "PATH": os.environ["PATH"],
    }
    code = "from config import settings; print(settings.SECURE_HSTS_SECONDS)"
    said = subprocess.run([sys.executable, "-c", code], env=needed | given, capture_output=True, text=True)
    assert said.stdout.strip() == seconds, said.stderr
