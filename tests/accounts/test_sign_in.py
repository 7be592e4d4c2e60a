"""The code by mail: who gets one, how often, what the page tells, and what a stranger can do to somebody (nothing)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core import mail
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from accounts.known_browsers import COOKIE, place_of
from accounts.models import SignInAttempt, User
from accounts.rules import clocks
from accounts.tasks import clear_sign_ins
from tests.base import CastTestCase, at_time

STRANGER, OFFICE = "203.0.113.9", "198.51.100.7"
SIGN_IN, CODE = "/sign-in/", "/sign-in/code/"


def ask(browser: Client, address: str, place: str = OFFICE) -> Any:
    return browser.post(SIGN_IN, {"email": address}, REMOTE_ADDR=place)


def code_in_the_mail() -> str:
    found = re.search(r"^ +([A-Z0-9-]+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


def sign_in(browser: Client, address: str, place: str = OFFICE) -> Any:
    assert ask(browser, address, place).status_code == 302
    return browser.post(CODE, {"code": code_in_the_mail()}, REMOTE_ADDR=place)


class CodeTests(CastTestCase):
    def test_a_code_lets_one_in_however_the_address_is_written(self) -> None:
        browser = Client()
        before = browser.session.session_key
        assert sign_in(browser, f" {self.olivia.email.upper()} ").status_code == 302
        assert browser.session.session_key != before
        self.assertContains(browser.get("/"), "Olivia")

    def test_the_mail_is_ours(self) -> None:
        ask(Client(), self.olivia.email)
        (letter,) = mail.outbox
        assert letter.subject == "Your code for Vendor"
        assert letter.from_email.startswith("Vendor <")
        assert letter.reply_to == [f"Petra Lindqvist <{self.petra.email}>"]
        assert not getattr(letter, "alternatives", None), "plain text"
        words = str(letter.body)
        assert words.startswith("Dear Olivia Brandt,")
        for link in re.findall(r"https?://[^/\s]+(\S*?)[:.,]?\s", words):
            assert Client().get(link).status_code == 200, link
        assert "/sign-in/" in words

    def test_the_page_says_the_same_of_an_address_that_nobody_has(self) -> None:
        pages = []
        for address in [self.olivia.email, "nobody@elsewhere.example"]:
            browser = Client()
            answer = ask(browser, address)
            page = browser.get(answer["Location"])
            wrong = browser.post(CODE, {"code": "XXXX-XXXX"})
            seen = [answer.status_code, answer["Location"], page.content.decode(), wrong.content.decode()]
            pages.append(
                [
                    re.sub(r'csrf[^>]*>|"X-CSRFToken[^}]*|name="once"[^>]*>', "", str(part)).replace(
                        address, "…"
                    )
                    for part in seen
                ]
            )
        assert pages[0] == pages[1]
        assert "has been sent" not in pages[0][2]
        assert [letter.to for letter in mail.outbox] == [[self.olivia.email]]

    def test_a_code_is_worth_nothing_once_access_or_address_has_changed(self) -> None:
        changes: list[tuple[User, Callable[[], object]]] = [
            (self.ines, lambda: self.ines.deactivate(by=self.max, because="Left")),
            (self.nils, lambda: self.nils.change_address("nils@new.example", by=self.omar)),
        ]
        for person, change in changes:
            browser = Client()
            ask(browser, person.email)
            code = code_in_the_mail()
            change()
            self.assertContains(browser.post(CODE, {"code": code}, follow=True), "no longer good")
            assert browser.get("/").status_code == 302

    @override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_PORT=9)
    def test_a_mail_server_that_is_away_tells_nobody_who_is_known(self) -> None:
        with self.assertLogs("accounts.adapter", "ERROR"):
            assert ask(Client(), self.olivia.email).status_code == 302


class LimitTests(CastTestCase):
    def test_a_stranger_cannot_keep_somebody_out(self) -> None:
        answers = [ask(Client(), self.olivia.email, STRANGER) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [302] * 4 + [429] * 2
        self.assertContains(answers[-1], "Try again in 10 minutes.", status_code=429)
        assert len(mail.outbox) == 4
        assert sign_in(Client(), self.olivia.email, OFFICE).status_code == 302

    def test_many_strangers_cannot_keep_out_a_browser_that_signed_in_before(self) -> None:
        browser = Client()
        sign_in(browser, self.olivia.email)
        browser.post(reverse("account_logout"))
        for number in range(30):
            ask(Client(), self.olivia.email, f"203.0.113.{number}")
        assert len(mail.outbox) == 20, "nor fill somebody's mailbox"
        assert ask(Client(), self.olivia.email, "192.0.2.1").status_code == 429
        assert sign_in(browser, self.olivia.email).status_code == 302

    def test_a_browser_is_known_for_its_own_people_only_and_its_cookie_cannot_be_made_up(self) -> None:
        browser = Client()
        sign_in(browser, self.olivia.email)
        browser.post(reverse("account_logout"))
        forged = Client()
        forged.cookies[COOKIE] = browser.cookies[COOKIE].value[:-2] + "xx"
        for _ in range(4):
            ask(Client(), self.max.email)
            ask(Client(), self.olivia.email)
        assert ask(browser, self.max.email).status_code == 429
        assert ask(forged, self.olivia.email).status_code == 429
        assert ask(browser, self.olivia.email).status_code == 302

    def test_it_is_a_wait_that_asking_again_does_not_prolong(self) -> None:
        now = clocks.now()
        for minute in range(10):
            with at_time(now + timedelta(minutes=minute)):
                ask(Client(), self.olivia.email)
        with at_time(now + timedelta(minutes=10, seconds=1)):
            assert ask(Client(), self.olivia.email).status_code == 302

    def test_one_place_cannot_try_all_addresses(self) -> None:
        answers = [ask(Client(), f"person{number}@vendor.example", STRANGER) for number in range(41)]
        assert [answer.status_code for answer in answers] == [302] * 40 + [429]

    def test_guesses_are_limited_whatever_the_browser_throws_away(self) -> None:
        browser = Client()
        ask(browser, self.olivia.email)
        code, begun = code_in_the_mail(), dict(browser.session)
        for _ in range(12):
            browser.post(CODE, {"code": "XXXX-XXXX"}, REMOTE_ADDR=OFFICE)
            session = browser.session
            session.update(begun)  # as when many are sent at once, and each finds no other counted
            session.save()
        answer = browser.post(CODE, {"code": code}, REMOTE_ADDR=OFFICE)
        self.assertContains(answer, "Several codes were tried", status_code=429)
        assert browser.get("/").status_code == 302

    def test_an_address_that_nobody_has_waits_as_well(self) -> None:
        answers = [ask(Client(), "nobody@elsewhere.example") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [302] * 4 + [429]

    def test_what_counts_no_longer_is_thrown_away(self) -> None:
        ask(Client(), self.olivia.email)
        attempt = SignInAttempt.objects.get()
        assert self.olivia.email not in attempt.address
        clear_sign_ins()
        assert SignInAttempt.objects.exists()
        with at_time(clocks.now() + timedelta(days=2)):
            clear_sign_ins()
        assert not SignInAttempt.objects.exists()


class PlaceTests(CastTestCase):
    def place(self, heard: str, remote: str = "10.0.0.1", proxies: int = 1) -> str:
        with override_settings(TRUSTED_PROXIES=proxies):
            return place_of(RequestFactory().get("/", headers={"X-Forwarded-For": heard}, REMOTE_ADDR=remote))

    def test_only_what_our_own_proxies_say_is_believed(self) -> None:
        assert self.place("1.1.1.1, 2.2.2.2", proxies=0) == "10.0.0.1"
        assert self.place("1.1.1.1, 2.2.2.2", proxies=1) == "2.2.2.2"
        assert self.place("1.1.1.1, 2.2.2.2, 10.0.0.2", proxies=2) == "2.2.2.2"
        assert self.place("", proxies=1) == "10.0.0.1"
        assert self.place("rubbish", proxies=1) == "rubbish"

    def test_a_network_of_ipv6_is_one_place(self) -> None:
        assert self.place("2001:db8::1") == self.place("2001:db8::ffff:2") != self.place("2001:db8:1::1")
        assert self.place("::ffff:2.2.2.2") == "2.2.2.2"
