"""Words sent after the session had ended wait for whoever wrote them, and for nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from accounts.models import Session, User
from accounts.rules import clocks
from accounts.unsent import LONGEST, WRITER
from tests.base import BACKEND, CastTestCase, at_time

WORDS = "Three hours of talk, written down."


class UnsentTests(CastTestCase):
    def form_of(self, user: User, browser: Client) -> tuple[str, dict[str, str]]:
        """The note form as this person saw it: where it goes, and the hidden field that says whose it is."""
        browser.force_login(user, backend=BACKEND)
        address = reverse("note_new")
        found = re.search(rf'name="{WRITER}" value="([^"]+)"', browser.get(address).content.decode())
        assert found
        return address, {WRITER: found[1]}

    def send_too_late(self, browser: Client, words: str = WORDS) -> str:
        address, mark = self.form_of(self.olivia, browser)
        Session.objects.all().delete()
        return str(browser.post(address, mark | {"text": words, "kind": "note"})["Location"])

    def test_they_are_there_when_their_writer_is_back(self) -> None:
        browser = Client()
        assert self.send_too_late(browser).endswith(reverse("unsent"))
        browser.force_login(self.olivia, backend=BACKEND)
        self.assertContains(browser.get(reverse("unsent")), WORDS)

    def test_whoever_signs_in_next_does_not_see_them(self) -> None:
        browser = Client()
        self.send_too_late(browser)
        browser.force_login(self.ines, backend=BACKEND)
        assert browser.get(reverse("unsent"))["Location"] == "/"
        assert WORDS not in str(dict(browser.session)), "nor are they left lying about"

    def test_a_form_of_one_person_is_not_kept_for_who_signed_in_later(self) -> None:
        browser = Client()
        address, mark = self.form_of(self.olivia, browser)
        browser.logout()
        self.form_of(self.ines, browser)
        Session.objects.all().delete()
        browser.post(address, mark | {"text": WORDS, "kind": "note"})
        browser.force_login(self.ines, backend=BACKEND)
        assert browser.get(reverse("unsent"))["Location"] == "/"

    def test_without_a_signed_writer_nothing_is_kept(self) -> None:
        for mark in [{}, {WRITER: str(self.olivia.pk)}, {WRITER: f"{self.olivia.pk}:made-up"}]:
            browser = Client()
            answer = browser.post(reverse("note_new"), mark | {"text": WORDS, "kind": "note"})
            assert reverse("unsent") not in answer["Location"]
            assert WORDS not in str(dict(browser.session))

    def test_they_are_kept_for_a_day_and_not_without_end(self) -> None:
        browser = Client()
        self.send_too_late(browser)
        browser.force_login(self.olivia, backend=BACKEND)
        with at_time(clocks.now() + timedelta(days=1, minutes=1)):
            assert browser.get(reverse("unsent"))["Location"] == "/"
            assert WORDS not in str(dict(browser.session))
        assert not self.send_too_late(Client(), "x" * LONGEST).endswith(reverse("unsent"))
