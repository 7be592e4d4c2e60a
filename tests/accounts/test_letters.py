"""One letter's failure is that letter's alone."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import psycopg
import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection

from accounts.models import Letter, Refused, User
from accounts.models.letters import LEASE, PAUSES
from accounts.rules import clocks
from accounts.tasks import send_letters
from config.celery import app
from tests.base import CastTestCase, at_time, make_user, the_cast
from tests.laws import refusal_of
from tests.smtp import HANGS_UP, MailServer


def letter_to(user: User, by: User, subject: str = "Look at this") -> Letter:
    return Letter.write(user, signed_by=by, subject=subject, text="The words of the letter")


class Sending(CastTestCase):
    def again(self, letter: Letter) -> Letter:
        letter.refresh_from_db()
        return letter

    def test_one_that_fails_stops_no_other(self) -> None:
        nowhere = letter_to(make_user("Nobody", email="no address"), self.olivia)
        refused = letter_to(self.nils, self.olivia)
        broken_off = letter_to(self.omar, self.olivia)
        unforeseen = letter_to(self.petra, self.olivia, "Raises")
        sent = letter_to(self.ines, self.olivia)
        as_mail = Letter.as_mail

        def raises_for_one(letter: Letter, *args: object) -> EmailMessage:
            if letter.subject == "Raises":
                raise ZeroDivisionError
            return as_mail(letter, *args)  # type: ignore[arg-type]

        with MailServer() as server, mock.patch.object(Letter, "as_mail", raises_for_one):
            server.answers = {self.nils.email: "550 no such person", self.omar.email: HANGS_UP}
            assert Letter.objects.send() == 1
        assert server.written_to == [self.ines.email]
        assert self.again(sent).sent_at
        assert (sent.failed_because, sent.next_try_at) == ("", None)
        for letter, why in [
            (nowhere, "“no address” is no address that a mail can be sent to."),
            (refused, "550 no such person"),
            (broken_off, "Connection unexpectedly closed"),
            (unforeseen, "ZeroDivisionError"),
        ]:
            assert self.again(letter).failed_because.startswith(why)
            assert (letter.sent_at, letter.tries, letter.claimed_until) == (None, 1, None)
            assert letter.next_try_at
        assert set(Letter.objects.failed()) == {nowhere, refused, broken_off, unforeseen}

    def test_it_waits_longer_each_time_and_then_for_a_person(self) -> None:
        letter = letter_to(self.nils, self.olivia)
        now = clocks.now()
        with MailServer() as server:
            server.answers = {self.nils.email: "450 later"}
            for tries, pause in enumerate([*PAUSES, None], start=1):
                with at_time(now):
                    send_letters()
                    send_letters()
                assert self.again(letter).tries == tries
                assert letter.next_try_at == (now + pause if pause else None)
                if pause:
                    with at_time(now + pause - timedelta(seconds=1)):
                        send_letters()
                    now += pause
            with at_time(now + timedelta(days=365)):
                send_letters()
            assert self.again(letter).tries == len(PAUSES) + 1
            server.answers = {}
            letter.try_again(by=self.omar)
            send_letters()
        assert self.again(letter).sent_at
        assert sorted(PAUSES) == PAUSES

    def test_a_server_that_is_away_is_no_letters_fault(self) -> None:
        letters = [letter_to(user, self.olivia) for user in (self.ines, self.nils, self.omar)]
        smtp = "django.core.mail.backends.smtp.EmailBackend"
        refuses = mock.patch.object(EmailBackend, "open", side_effect=ConnectionRefusedError("away"))
        with self.settings(EMAIL_BACKEND=smtp), refuses as calls, self.assertLogs("accounts.models.letters"):
            send_letters()
        assert calls.call_count == 1
        for letter in letters:
            assert (self.again(letter).tries, letter.failed_because, letter.claimed_until) == (0, "", None)
        send_letters()
        assert len(mail.outbox) == 3

    def test_nor_is_one_that_goes_while_it_takes_a_letter(self) -> None:
        first, second = letter_to(self.ines, self.olivia), letter_to(self.nils, self.olivia)
        with MailServer() as server:
            server.answers, server.comes_back = {self.ines.email: HANGS_UP}, False
            send_letters()
            for letter in (first, second):
                assert (self.again(letter).tries, letter.failed_because, letter.claimed_until) == (
                    0,
                    "",
                    None,
                )
            server.answers, server.open = {}, True
            send_letters()
        assert server.written_to == [self.ines.email, self.nils.email]

    def test_whoever_has_no_access_any_more_is_not_written_to(self) -> None:
        letter = letter_to(self.nils, self.olivia)
        self.nils.deactivate(by=self.omar, because="Left")
        send_letters()
        assert not mail.outbox
        assert self.again(letter).sent_at is None
        assert letter.given_up_because == "Nils Aalto has no access any more."
        assert not Letter.objects.failed()

    def test_a_worker_that_dies_after_sending_repeats_the_same_message(self) -> None:
        letter = letter_to(self.nils, self.olivia)
        send = EmailMessage.send

        def dies(message: EmailMessage) -> int:
            send(message)
            raise KeyboardInterrupt

        with mock.patch.object(EmailMessage, "send", dies), pytest.raises(KeyboardInterrupt):
            send_letters()
        send_letters()
        assert len(mail.outbox) == 1, "it is in hand for a while"
        with at_time(clocks.now() + LEASE + timedelta(seconds=1)):
            assert list(Letter.objects.failed()) == [letter]
            send_letters()
        first, second = (message.message()["Message-ID"] for message in mail.outbox)
        assert first == second
        assert self.again(letter).sent_at

    def test_two_workers_never_send_it_at_once(self) -> None:
        letter = letter_to(self.nils, self.olivia)
        one, other = Letter.objects.get(), Letter.objects.get()
        assert one.claim()
        assert not other.claim()
        assert not other.send()
        with pytest.raises(Refused, match="being sent at this moment"):
            letter.try_again(by=self.omar)
        assert LEASE.total_seconds() > app.conf.task_time_limit
        assert not mail.outbox

    def test_no_name_makes_a_header_that_cannot_be(self) -> None:
        letter = letter_to(make_user("Nobody", email="nobody@vendor.example"), self.olivia)
        for name in [
            "Carla\nBcc: all@vendor.example",
            "Carla\r\n\r\nThe body",
            "Carla\x0b\x0c\x1c\x85\u2028Bcc: x",
            "\u202eelbirret",
            "Ümit Ö. " * 24,
            "Carla with one of those very long names that need a second line, " * 3,
            'Carla "the <boss>" Weiss, Dr.; x@y',
            "a" * 200,
            "=?utf-8?q?=0A?=",
            "",
        ]:
            letter.reader.name = letter.signed_by.name = letter.subject = name
            sent = letter.as_mail().message()
            for header in ("Subject", "From", "To", "Reply-To"):
                assert "Bcc:" not in str(sent[header]).splitlines()[1:]
            assert sent["Bcc"] is None
            with MailServer() as server:
                assert letter.as_mail().send() == 1
            assert server.written_to == ["nobody@vendor.example"]

    def test_an_address_is_taken_as_it_is_or_not_at_all(self) -> None:
        letter = letter_to(self.nils, self.olivia)
        for address in [
            "nils@vendor\n.example",
            "nils",
            "a@b@c.example",
            "nils@vendor.example, all@x.example",
            "é@x.example",
        ]:
            letter.reader.email = letter.signed_by.email = address
            written = letter.as_mail()
            assert (written.to, written.reply_to) == ([], [])
            assert written.message()["To"] is None or not str(written.message()["To"])
        letter.reader.email = "nils@bücher.example"
        assert letter.as_mail().to == ["Nils Aalto <nils@xn--bcher-kva.example>"]

    def test_operations_see_why_and_decide(self) -> None:
        letter, other = (letter_to(user, self.olivia) for user in (self.nils, self.ines))
        assert "could not be sent" not in self.browse(self.omar, "today").content.decode()
        with MailServer() as server:
            server.answers = dict.fromkeys([self.nils.email, self.ines.email], "550 no such person")
            send_letters()
        assert "2 letters could not be sent so far." in self.browse(self.omar, "today").content.decode()
        assert "could not be sent" not in self.browse(self.max, "today").content.decode()
        page = self.browse(self.omar, "letter_list").content.decode()
        assert "no such person" in page
        assert "nils.aalto@vendor.example" in page
        assert "The words of the letter" not in page
        self.send(self.omar, "letter_try_again", other.pk)
        send_letters()
        assert self.again(other).sent_at
        assert self.send(self.omar, "letter_give_up", letter.pk, because=" ").status_code == 200
        self.send(self.omar, "letter_give_up", letter.pk, because="I called him")
        assert self.again(letter).given_up_by == self.omar
        page = self.browse(self.omar, "letter_list").content.decode()
        assert "I called him" in page
        assert "Every letter was sent" in page
        assert self.send(self.omar, "letter_try_again", letter.pk).status_code == 409
        with pytest.raises(PermissionDenied):
            other.try_again(by=self.max)

    def test_the_laws_of_a_letter_are_kept_by_the_database(self) -> None:
        letter = letter_to(self.nils, self.olivia)
        change = "UPDATE accounts_letter SET {} WHERE id = %s"
        assert refusal_of(change.format("sent_at = now()"), letter.pk) == "letter_ends_once"
        ended = "sent_at = now(), next_try_at = NULL, given_up_because = 'x', given_up_at = now()"
        assert refusal_of(change.format(ended), letter.pk) == "letter_ends_once"
        given_up = "given_up_at = now(), next_try_at = NULL"
        assert refusal_of(change.format(given_up), letter.pk) == "letter_is_given_up_for_a_reason"
        for words in ("text = 'x'", "subject = 'x'", "to_id = 1"):
            assert "permission denied" in refusal_of(change.format(words), letter.pk)


def test_no_row_is_locked_while_the_server_takes_its_time(
    second_connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    cast = the_cast()
    letter = letter_to(cast.nils, cast.olivia)
    Letter.objects.update(sent_at=None, next_try_at=letter.written_at)

    def looked_at(message: EmailMessage) -> int:
        assert not connection.in_atomic_block
        lock = "SELECT claimed_until > now(), sent_at FROM accounts_letter WHERE id = %s FOR UPDATE NOWAIT"
        assert second_connection.execute(lock, [letter.pk]).fetchone() == (True, None)
        second_connection.rollback()
        assert Letter.objects.send() == 0
        return 1

    with mock.patch.object(EmailMessage, "send", looked_at):
        assert Letter.objects.send() == 1
    letter.refresh_from_db()
    assert letter.sent_at
