"""An answer by mail lands on the account (not do-not-reply, not anonymous)."""

from __future__ import annotations

import io
import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import override_settings
from django.utils import timezone

from accounts.mail.inbound import MOST_HELD, Unanswered, receive
from accounts.mail.proof import is_proven
from accounts.mail.reading import LARGEST
from accounts.models import Entry, HeldMail, Letter, Refused
from accounts.rules.quotations import split
from tests.base import CastTestCase, make_contact
from tests.laws import refusal_of

PROVEN = "mx.vendor.example; dmarc=pass header.from=acme.example"
QUOTED = (
    "\n\nOn Tue, 3 Mar 2026 at 10:00, Olivia Brandt <olivia.brandt@vendor.example> wrote:\n> Dear Carla\n"
)


@override_settings(
    REPLIES_TO="answers@vendor.example",
    DEFAULT_FROM_EMAIL="Vendor <post@vendor.example>",
    MAIL_AUTHENTICATED_BY="mx.vendor.example",
)
class Received(CastTestCase):
    """What comes for `REPLIES_TO`. `answer` is one that our mail server vouches for."""

    def letter(self) -> Letter:
        return Letter.write(
            self.carla, signed_by=self.olivia, account=self.acme, subject="Ines follows me", text="Dear Carla"
        )

    def answer(self, letter: Letter, text: str = "Thursday is fine.", **fields: str) -> EmailMessage:
        message = EmailMessage()
        message["Authentication-Results"] = PROVEN
        message["From"] = f"Carla Weiss <{letter.goes_to.upper()}>"
        message["Message-ID"] = "<1@acme.example>"
        message["In-Reply-To"] = str(letter.as_mail().message()["Message-ID"])
        message["Date"] = "Tue, 03 Mar 2026 12:00:00 +0100"
        for name, value in fields.items():
            del message[name.replace("_", "-")]
            message[name.replace("_", "-")] = value
        message.set_content(text + QUOTED)
        return message

    def refused(self, message: EmailMessage | bytes, why: str) -> None:
        with pytest.raises(Refused, match=why):
            receive(bytes(message))
        assert not HeldMail.objects.exists()
        assert not Entry.objects.filter(author_contact=self.champion).exists()

    def held(self, message: EmailMessage | bytes, why: str) -> HeldMail:
        held = receive(bytes(message))
        assert isinstance(held, HeldMail)
        assert why in held.because
        assert not Entry.objects.filter(author_contact=self.champion).exists()
        return held


class Answers(Received):
    @pytest.mark.complaint(19)
    def test_every_letter_is_signed_and_an_answer_goes_to_a_person_and_to_the_account(self) -> None:
        mail = self.letter().as_mail()
        assert mail.from_email == "Olivia Brandt <post@vendor.example>"
        assert mail.reply_to == ["Olivia Brandt <olivia.brandt@vendor.example>", "answers@vendor.example"]

    @pytest.mark.complaint(19)
    def test_their_own_words_land_on_the_account_once(self) -> None:
        message = bytes(self.answer(self.letter()))
        entry = receive(message)
        assert isinstance(entry, Entry)
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
        assert isinstance(entry, Entry)
        assert entry.text == "Yes & no"
        assert timezone.now() - entry.at < timedelta(minutes=1)
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

    def test_it_hands_it_over_again_when_the_fault_is_ours(self) -> None:
        given = mock.Mock(buffer=io.BytesIO(bytes(self.answer(self.letter()))))
        away = mock.patch.object(Entry, "record", side_effect=OperationalError("the database is away"))
        with mock.patch.object(sys, "stdin", given), away, pytest.raises(CommandError) as told:
            call_command("receive_mail")
        assert told.value.returncode == 75
        assert "at this moment" in str(told.value)


class Proof(Received):
    """A From is a claim. What is not proven is nobody's words until somebody has looked at it."""

    def proven_by(self, results: str) -> bool:
        return is_proven(results, "carla@acme.example")

    def test_what_our_mail_server_vouches_for(self) -> None:
        for results in [
            PROVEN,
            "mx.vendor.example 1; dkim=pass header.d=acme.example header.s=x; spf=none",
            "mx.vendor.example; spf=pass (carla sent it) smtp.mailfrom=bounce@acme.example",
            'mx.vendor.example; dkim=fail reason="bad" header.d=x.example; dkim=pass header.d=acme.example',
            "MX.VENDOR.EXAMPLE; DMARC=PASS header.from=Acme.Example; dkim=none",
            "mx.vendor.example; dmarc=none header.from=acme.example; dkim=pass header.d=acme.example",
        ]:
            assert self.proven_by(results), results

    def test_what_it_does_not(self) -> None:
        for results in [
            "",
            "mx.vendor.example; none",
            "mx.vendor.example; dmarc=fail header.from=acme.example; dkim=pass header.d=acme.example",
            "mx.vendor.example; dmarc=pass header.from=else.example",
            "mx.vendor.example; dkim=fail header.d=acme.example",
            "mx.vendor.example; dkim=pass header.d=else.example; spf=pass smtp.mailfrom=x@else.example",
            "mx.vendor.example; dkim=pass header.d=example",
            "mx.vendor.example; dkim=pass header.d=mail.acme.example",
            "mx.vendor.example; dkim=pass header.d=me.example",
            "mx.else.example; dmarc=pass header.from=acme.example",
            "mx.vendor.example.else.example; dmarc=pass header.from=acme.example",
            "mx.vendor.example; spf=fail (; dmarc=pass header.from=acme.example) smtp.mailfrom=x@y.example",
            'mx.vendor.example; spf=pass smtp.mailfrom="; dmarc=pass header.from=acme.example;"@y.example',
            'mx.vendor.example; spf=pass smtp.mailfrom="\\"; dmarc=pass header.from=acme.example"@y.example',
            "mx.vendor.example; spf=fail (\\) ; dmarc=pass header.from=acme.example)",
            "mx.vendor.example; spf=fail (a (b) ; dmarc=pass header.from=acme.example)",
        ]:
            assert not self.proven_by(results), results

    def test_without_a_name_of_our_server_nothing_is_proven(self) -> None:
        with override_settings(MAIL_AUTHENTICATED_BY=""):
            assert not self.proven_by(PROVEN)
            assert not self.proven_by("; dmarc=pass header.from=acme.example")

    def test_what_the_sender_wrote_below_the_word_of_our_server_does_not_count(self) -> None:
        forged = self.answer(self.letter(), Authentication_Results="mx.vendor.example; dmarc=fail")
        forged["Authentication-Results"] = PROVEN
        self.held(forged, "Nothing proves that carla@acme.example sent it.")

    def test_a_failed_proof_is_held_and_nobody_is_named_as_its_author(self) -> None:
        failed = self.answer(self.letter(), Authentication_Results="mx.vendor.example; dkim=fail; spf=fail")
        held = self.held(failed, "Nothing proves")
        assert (held.account, held.contact, held.text) == (self.acme, self.champion, "Thursday is fine.")
        assert receive(bytes(failed)) == held
        del failed["Authentication-Results"]
        assert receive(bytes(failed)) == held

    def test_a_person_looks_at_it_and_puts_it_on_the_account_in_their_own_name(self) -> None:
        held = self.held(self.answer(self.letter(), Authentication_Results="none"), "Nothing proves")
        for user, sees in [(self.olivia, True), (self.omar, True), (self.nils, False)]:
            today = self.browse(user, "today").content.decode()
            listed = self.browse(user, "held_mail_list").content.decode()
            assert ("Mail in the name of a customer waits" in today) == sees
            assert ("Thursday is fine." in listed) == sees
        assert self.send(self.nils, "held_mail_take", held.pk).status_code == 404
        self.send(self.olivia, "held_mail_take", held.pk)
        held.refresh_from_db()
        entry = held.entry
        assert entry
        assert (entry.author, entry.author_contact, entry.text) == (self.olivia, None, "Thursday is fine.")
        assert entry.subject.startswith("In the name of Carla Weiss, unproven")
        assert self.send(self.olivia, "held_mail_take", held.pk).status_code == 409

    def test_or_sets_it_aside_with_a_reason(self) -> None:
        held = self.held(self.answer(self.letter(), Authentication_Results="none"), "Nothing proves")
        assert self.send(self.olivia, "held_mail_set_aside", held.pk, because=" ").status_code == 200
        self.send(self.olivia, "held_mail_set_aside", held.pk, because="She never wrote it")
        held.refresh_from_db()
        assert (held.decided_by, held.set_aside_because) == (self.olivia, "She never wrote it")
        assert "Thursday" not in self.browse(self.olivia, "held_mail_list").content.decode()
        change = "UPDATE accounts_heldmail SET set_aside_because = '' WHERE id = %s"
        assert refusal_of(change, held.pk) == "held_mail_is_decided_once"
        assert "permission denied" in refusal_of("UPDATE accounts_heldmail SET text = 'x'")

    def test_whoever_has_left_is_not_taken_at_their_word(self) -> None:
        letter = self.letter()
        self.carla.is_active = False
        self.carla.save()
        self.held(self.answer(letter), "has left, or has no access any more")

    def test_from_a_mailbox_that_two_read_a_person_looks_who_wrote_it(self) -> None:
        make_contact(self.acme, "Jim Park", email="Carla@acme.example")
        self.held(bytes(self.answer(self.letter())), "Jim Park reads the same address")

    def test_what_a_machine_sent_is_nobodys_words_and_never_answered(self) -> None:
        letter = self.letter()
        for number, fields in enumerate([
            {"Auto_Submitted": "auto-replied"},
            {"Auto_Submitted": "auto-generated; owner-email=x"},
            {"Precedence": "bulk"},
            {"List_Id": "<all.acme.example>"},
            {"Return_Path": "<>"},
            {"X_Auto_Response_Suppress": "OOF, AutoReply"},
            {"Subject": "Abwesenheitsnotiz: Ines follows me"},
        ]):  # fmt: skip
            entry = receive(bytes(self.answer(letter, Message_ID=f"<{number}@x.example>", **fields)))
            assert isinstance(entry, Entry)
            assert (entry.kind, entry.author_contact, entry.who) == ("automatic", None, "carla@acme.example")
        elsewhere = {"From": "Robot <robot@else.example>", "Auto_Submitted": "auto-replied"}
        self.held(self.answer(letter, Message_ID="<a@x.example>", **elsewhere), "from another address")
        bounced = {"From": "Mail Delivery <MAILER-DAEMON@else.example>", "Auto_Submitted": "auto-replied"}
        self.held(self.answer(letter, Message_ID="<b@x.example>", **bounced), "the letter did not arrive")
        unproven = {"Auto_Submitted": "auto-replied", "Authentication_Results": "none"}
        self.held(
            self.answer(letter, Message_ID="<c@x.example>", **unproven), "A machine sent it, and nothing"
        )
        ours = self.answer(letter, From="answers@vendor.example", Auto_Submitted="auto-replied")
        self.held(ours, "our own address")
        with self.assertRaisesMessage(Unanswered, "no letter of ours"):
            receive(b"Auto-Submitted: auto-replied\nFrom: x@y.example\n\nI am away")

    def test_a_loop_of_machines_ends(self) -> None:
        letter = self.letter()
        for number in range(MOST_HELD):
            receive(bytes(self.answer(letter, f"Away {number}", Auto_Submitted="auto-replied")))
        with pytest.raises(Unanswered):
            receive(bytes(self.answer(letter, "Away again", Auto_Submitted="auto-replied")))
        assert isinstance(receive(bytes(self.answer(letter))), Entry)
        given = mock.Mock(
            buffer=io.BytesIO(bytes(self.answer(letter, "More", Auto_Submitted="auto-replied")))
        )
        said = io.StringIO()
        with mock.patch.object(sys, "stdin", given):
            call_command("receive_mail", stdout=said)
        assert said.getvalue().startswith("Not kept: Too many")


class Damaged(Received):
    """Messages that are broken, or made to break something: an answer in words, soon, and nothing half kept."""

    def raw(self, *more: bytes, body: bytes = b"Thursday is fine.") -> bytes:
        mine = [f"{name}: {value}".encode() for name, value in self.answer(self.letter()).items()
                if name.lower() not in {"content-type", "content-transfer-encoding", "mime-version"}]  # fmt: skip
        return b"\n".join([*mine, *more, b"", body])

    def test_limits_are_looked_at_before_the_work(self) -> None:
        began = time.process_time()
        level = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
        for message, why in [
            (self.raw(body=b"x" * LARGEST), "larger than 10 MB"),
            (self.raw(body=b"x\r" * 300_000), "too many lines"),
            (self.raw(b"".join(level % (n, n) for n in range(1_200))), "parts within parts"),
            (self.raw(b"Content-Type: message/rfc822\n\n" * 1_200), "parts within parts"),
            (self.raw(b"Content-Type: multipart/mixed; boundary=b", body=b"--b\n\n" * 5_000), "too many parts"),
            (self.raw(b"X: " + b"y" * 50_000), "too long a header"),
            (self.raw(*[b"X: y"] * 100_000), "too long a header"),
            (self.raw(b"Content-Type: text/plain; " + b'";' * 20_000), "too long a header"),
            (self.raw(b"Content-Type: multipart/mixed; boundary=b",
                      body=b"--b\nContent-Type: text/plain; " + b'";' * 90_000), "too long a header"),
        ]:  # fmt: skip
            self.refused(message, why)
        assert time.process_time() - began < 3

    def test_no_text_keeps_the_search_for_quotations_busy(self) -> None:
        began = time.process_time()
        assert split(" " * 90_000) == ("", "")
        assert split("x" + "\n" * 90_000 + "y")[0].startswith("x")
        for line in ["On " + "a b " * 200, "Am " + " schrieb " * 90, "> " * 400, "1" + " skrev" * 130]:
            split((line + "\n") * 200)
        assert time.process_time() - began < 5

    def test_a_quotation_is_found(self) -> None:
        for text, words in [
            ("Yes.\n\nOn Tue, 3 Mar 2026 at 10:00, Olivia <o@v.example> wrote:\n> No?", "Yes."),
            ("Yes.\nFrom: Olivia\nSent: Tuesday\nNo?", "Yes."),
            ("Ja.\n\nAm 3. März 2026 um 10:00 schrieb Olivia Brandt <o@v.example>:\n> Nein?", "Ja."),
            ("Sí.\n\nEl mar, 3 mar 2026 a las 10:00, Olivia (<o@v.example>) escribió:\n\n> ¿No?", "Sí."),
            ("On Tue, 3 Mar 2026 at 10:00, Olivia wrote:\n> No?\nYes.", "> No?\nYes."),
            ("- a list\n-- \nCarla", "- a list\n-- \nCarla"),
            ("3 < 4\nand 5 > 4", "3 < 4\nand 5 > 4"),
        ]:
            assert split(text)[0] == words

    def test_one_of_each_header(self) -> None:
        for header in (b"From: x@y.example", b"Message-ID: <2@x>", b"Subject: a\nSubject: b", b"Date: x"):
            self.refused(self.raw(header), "more than one")

    def test_a_from_names_one_person(self) -> None:
        letter = self.letter()
        for sender in [
            "carla@acme.example, mallory@else.example",
            "Friends: carla@acme.example;",
            "<carla@acme.example> <mallory@else.example>",
            "carla@acme.example <mallory@else.example>",
            '"carla@acme.example" <mallory@else.example>',
            "=?utf-8?q?carla=40acme.example=0A?= <mallory@else.example>",
            "carla@acme.example\n (x)\n , mallory@else.example",
            "(carla@acme.example) mallory@else.example",
            "carla@acme.example@else.example",
            "",
        ]:
            named = bytes(self.answer(letter)).replace(
                b"From: Carla Weiss <CARLA@ACME.EXAMPLE>", f"From: {sender}".encode()
            )
            assert named.count(b"CARLA") == 0
            self.refused(named, "another address")

    def test_the_letters_it_is_written_in(self) -> None:
        for number, (charset, body, words) in enumerate([
            ("utf-8", "Grüße, Łukasz".encode(), "Grüße, Łukasz"),
            ("utf-8", "Grüße".encode("latin-1"), "Grüße"),
            ("us-ascii", "Grüße".encode(), "Grüße"),
            ("utf-16", "Grüße".encode("utf-16"), "Grüße"),
            ("utf-7", b"+2AA-half", "[could not be read]half"),
            ("iso-8859-1", "5 € – gut".encode("cp1252"), "5 € – gut"),
            ("utf-8", "halb \ufffd\ufffd da".encode(), "halb [could not be read] da"),
            ("utf-8", b"a\0b\x1b[31mc", "ab[31mc"),
        ]):  # fmt: skip
            header = f"Content-Type: text/plain; charset={charset}".encode()
            body = f"{number} ".encode(charset if charset == "utf-16" else "ascii") + body.removeprefix(
                b"\xff\xfe"
            )
            entry = receive(self.raw(header, body=body))
            assert isinstance(entry, Entry)
            assert entry.text == f"{number} {words}"
        for charset in ("x", "zlib", "punycode", "idna", "unicode_escape", "undefined", "x\0y", "a" * 900):
            header = f"Content-Type: text/plain; charset={charset}".encode()
            entry = receive(self.raw(header, body="Grüße".encode("cp1252")))
            assert entry.text == "Grüße"

    def test_damaged_messages_are_answered_in_words(self) -> None:
        """TRIES=10000 throws more of them."""
        chance = random.Random(os.environ.get("SEED", "mail"))
        whole = self.answer(self.letter(), "Thursday is fine. " * 20)
        whole.add_alternative("<p>Thursday <b>is</b> fine &amp; good</p>", subtype="html")
        whole.add_attachment(b"\0\1" * 200, maintype="application", subtype="pdf", filename="a.pdf")
        spice = [b"\n", b"\r", b"\0", b"\n\n", b"--", b":", b"=?utf-8?q?", b"=0A", b"\xff\xfe", b";", b'"', b"(",
                 b"\nFrom: x@y.example\n", b"\nContent-Type: multipart/mixed\n", b"charset=utf-7", b"begin 644 x\n",
                 b"Content-Type: message/rfc822\n\n", b"boundary=", b"base64", b"On x wrote:\n", b"<", b"&#0;",
                 b" " * 99, b"\xe2\x80\xa8", b"+2AA-", b"charset*0*=us-ascii'en'x", b"filename*=x'y'%00"]  # fmt: skip
        kept, refused, words, tries = 0, 0, set[str](), int(os.environ.get("TRIES", "150"))
        for _ in range(tries):
            message = damaged(bytes(whole), spice, chance)
            before = (Entry.objects.count(), HeldMail.objects.count())
            began = time.process_time()
            try:
                receive(message)
                kept += 1
            except Refused as refusal:
                words.update(refusal.messages)
                refused += (Entry.objects.count(), HeldMail.objects.count()) == before
            assert time.process_time() - began < 3, message
        assert kept + refused == tries, "something refused was half kept"
        assert min(kept, refused) > 5
        assert all(sentence.endswith(".") for sentence in words)


def damaged(message: bytes, spice: list[bytes], chance: random.Random) -> bytes:
    """The message with a few faults: something put in, left out, doubled, turned round or cut off."""
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(message) + 1)
        end = min(len(message), start + chance.choice([0, 1, 5, 40, 400]))
        piece = message[start:end]
        piece = chance.choice(
            [b"", piece * 2, piece[::-1], piece * 20, chance.choice(spice), bytes([chance.randrange(256)])]
        )
        message = message[:start] + piece + message[end:]
    return message[: chance.randrange(len(message) + 1)] if chance.random() < 0.1 else message
