"""An answer by mail lands on the account (not do-not-reply, not anonymous)."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from accounts.mail.inbound import receive
from accounts.models import Entry, Letter, Refused
from tests.base import CastTestCase

QUOTED = (
    "\n\nOn Tue, 3 Mar 2026 at 10:00, Olivia Brandt <olivia.brandt@vendor.example> wrote:\n> Dear Carla\n"
)


@override_settings(REPLIES_TO="answers@vendor.example", DEFAULT_FROM_EMAIL="Vendor <post@vendor.example>")
class Answers(CastTestCase):
    def letter(self) -> Letter:
        return Letter.write(
            self.carla, signed_by=self.olivia, account=self.acme, subject="Ines follows me", text="Dear Carla"
        )

    def answer(self, letter: Letter, text: str = "Thursday is fine.", **fields: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = f"Carla Weiss <{letter.to.email.upper()}>"
        message["Message-ID"] = "<1@acme.example>"
        message["In-Reply-To"] = str(letter.as_mail().message()["Message-ID"])
        message["Date"] = "Tue, 03 Mar 2026 12:00:00 +0100"
        for name, value in fields.items():
            del message[name.replace("_", "-")]
            message[name.replace("_", "-")] = value
        message.set_content(text + QUOTED)
        return message

    def refused(self, message: EmailMessage, why: str) -> None:
        with pytest.raises(Refused, match=why):
            receive(bytes(message))
        assert not Entry.objects.filter(author_contact=self.champion).exists()

    @pytest.mark.complaint(19)
    def test_every_letter_is_signed_and_an_answer_goes_to_a_person_and_to_the_account(self) -> None:
        mail = self.letter().as_mail()
        assert mail.from_email == "Olivia Brandt <post@vendor.example>"
        assert mail.reply_to == ["Olivia Brandt <olivia.brandt@vendor.example>", "answers@vendor.example"]

    @pytest.mark.complaint(19)
    def test_their_own_words_land_on_the_account_once(self) -> None:
        message = bytes(self.answer(self.letter()))
        entry = receive(message)
        assert (entry.account, entry.author_contact, entry.kind) == (self.acme, self.champion, "email")
        assert entry.text == "Thursday is fine."
        assert entry.at == datetime(2026, 3, 3, 11, tzinfo=UTC)
        assert receive(message) == entry
        assert Entry.objects.filter(author_contact=self.champion).count() == 1

    def test_only_whom_we_wrote_to_can_answer(self) -> None:
        letter = self.letter()
        self.refused(self.answer(letter, From="mallory@else.example"), "another address")
        self.refused(self.answer(letter, In_Reply_To="<letter.1.forged@vendor.example>"), "no letter of ours")
        self.refused(self.answer(letter, In_Reply_To="<else@vendor.example>"), "no letter of ours")
        empty = self.answer(letter)
        empty.set_content(" \n")
        self.refused(empty, "no words")

    def test_a_colleagues_answer_to_a_letter_is_no_entry(self) -> None:
        letter = Letter.write(self.max, signed_by=self.olivia, subject="Look", text="Here", account=self.acme)
        assert letter.as_mail().reply_to == ["Olivia Brandt <olivia.brandt@vendor.example>"]
        self.refused(self.answer(letter), "no letter of ours")

    def test_ugly_messages(self) -> None:
        letter = self.letter()
        html = self.answer(letter, Date="not a date", Message_ID="<2@acme.example>")
        html.set_content("<p>Yes &amp; no</p><script>alert(1)</script>", subtype="html")
        entry = receive(bytes(html))
        assert "<script>" not in entry.text
        assert timezone.now() - entry.at < timedelta(minutes=1)
        odd = bytes(self.answer(letter, Message_ID="<3@acme.example>")).replace(
            b'charset="utf-8"', b'charset="x"'
        )
        self.assertRaisesMessage(Refused, "cannot be read", receive, odd)
        long = receive(bytes(self.answer(letter, "a word " * 30_000, Message_ID="<4@acme.example>")))
        assert 50_000 < len(long.text) <= 100_000
        self.assertRaisesMessage(Refused, "no letter of ours", receive, b"\xff\xfe nothing")

    def test_the_mail_server_is_told_what_became_of_it(self) -> None:
        given = mock.Mock(buffer=io.BytesIO(bytes(self.answer(self.letter()))))
        said = io.StringIO()
        with mock.patch.object(sys, "stdin", given):
            call_command("receive_mail", stdout=said)
        assert said.getvalue() == "Kept on Acme Robotics.\n"
        with (
            mock.patch.object(sys, "stdin", mock.Mock(buffer=io.BytesIO(b""))),
            pytest.raises(CommandError) as told,
        ):
            call_command("receive_mail")
        assert told.value.returncode == 65
