"""One mail a day tells a colleague what waits, signed by a person."""

from __future__ import annotations

from unittest.mock import patch

from django.core import mail

from accounts.models import Letter
from accounts.tasks import send_digests, send_letters
from tests.base import CastTestCase, make_account, make_obligation, make_question


class Digests(CastTestCase):
    def test_it_says_what_is_late_what_is_due_and_who_waits(self) -> None:
        make_obligation(self.acme, "Send the security answers", due_in=-3)
        make_obligation(self.borealis, "Call about the price", due_in=1)
        make_question(self.acme, self.champion, "Can we export it all?", due_in=None)
        send_digests()
        send_letters()
        (digest,) = mail.outbox
        assert digest.subject == "3 things wait for you today"
        assert "Olivia Brandt" in digest.to[0]
        for words in [
            "Send the security answers",
            "Call about the price",
            "Can we export it all? (Carla Weiss)",
        ]:
            assert words in digest.body

    def test_the_nearest_manager_signs_it_and_can_be_answered(self) -> None:
        make_obligation(self.acme, due_in=0)
        send_digests()
        send_letters()
        (digest,) = mail.outbox
        assert digest.from_email.startswith("Max Adeyemi")
        assert self.max.email in digest.reply_to[0]
        assert digest.body.rstrip().endswith("Max Adeyemi\nSales manager")

    def test_who_stands_above_everybody_gets_theirs_too(self) -> None:
        make_obligation(make_account("Evergreen", self.petra), due_in=0)
        send_digests()
        assert Letter.objects.get().signed_by == self.petra

    def test_once_a_day_however_often_the_task_runs(self) -> None:
        make_obligation(self.acme, due_in=0)
        for _ in range(3):
            send_digests()
            send_letters()
        assert len(mail.outbox) == 1

    def test_nothing_is_sent_when_nothing_waits(self) -> None:
        make_obligation(self.acme, due_in=30)
        send_digests()
        assert not Letter.objects.exists()

    def test_who_has_left_gets_none(self) -> None:
        make_obligation(self.acme, due_in=0)
        send_digests()
        self.olivia.deactivate(by=self.max, because="Left")
        send_letters()
        assert not [letter for letter in mail.outbox if "Olivia" in letter.to[0]]

    def test_a_mail_server_that_is_away_loses_nothing(self) -> None:
        make_obligation(self.acme, due_in=0)
        send_digests()
        with patch("accounts.models.letters.EmailMessage.send", side_effect=OSError("away")):
            send_letters()
        assert Letter.objects.unsent().count() == 1
        send_letters()
        assert len(mail.outbox) == 1
