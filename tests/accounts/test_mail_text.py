"""A customer's mail keeps its meaning, and what it was read from stays with it."""

from __future__ import annotations

import re
from email.message import EmailMessage

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from accounts.database.row_security import as_customer
from accounts.mail.inbound import receive
from accounts.models import Account, Entry, HeldMail, Letter, Original
from accounts.models.originals import MOST_KEPT
from tests.import_cases import a_case
from tests.laws import refusal_of

from .test_replies import PROVEN, Received

INTO_ENTRIES = """
    INSERT INTO accounts_entry (account_id, kind, author_id, text, at, recorded_at, author_name, subject, stage, step,
        external_id) VALUES (%s, %s, %s, %s, now(), now(), '', '', '', '', '')
"""


class Kept(Received):
    def case(self, name: str, letter: Letter | None = None) -> Entry:
        """A message of the cases, as if it answered a letter of ours from whom it went to."""
        letter = letter or self.letter()
        raw = (a_case("f08_mail") / name).read_bytes()
        named = str(letter.as_mail().message()["Message-ID"]).encode()
        raw = re.sub(rb"In-Reply-To: <[^>]*>", b"In-Reply-To: " + named, raw)
        raw = raw.replace(b"ada@ponder.example", letter.goes_to.encode())
        entry = receive(f"Authentication-Results: {PROVEN}\n".encode() + raw)
        assert isinstance(entry, Entry)
        return entry

    def whole(self, text: str, letter: Letter | None = None, **fields: str) -> Entry:
        """An answer whose body is this text and nothing else."""
        message = self.answer(letter or self.letter(), **fields)
        subtype = "html" if text.startswith("<") else "plain"
        message.set_content(text, subtype=subtype)
        entry = receive(bytes(message))
        assert isinstance(entry, Entry)
        return entry

    def shown(self) -> str:
        return self.browse(self.olivia, "account", self.acme.pk).content.decode()


class Quoted(Kept):
    def test_answers_between_quoted_lines_are_kept_with_the_line_they_answer(self) -> None:
        entry = self.case("m02_inline_top.eml")
        assert entry.text == (
            "Answers below.\n\n> Dear Ada, do you want the trial in May?\nYes, from the 3rd of May.\n"
            "> And who signs?\nMr Okoro signs."
        )
        brother = self.whole(
            "<p>See below</p><div class='gmail_quote'><div>El mar, 3 mar 2026 a las 10:00, Olivia (&lt;o@v.example&gt;)"
            " escribió:</div><blockquote><p>First?</p><p>When?</p></blockquote><p>On Friday.</p>"
            "<blockquote><p>Who?</p></blockquote><p>Jo.</p></div>"
        )
        assert brother.text == "See below\n\n> First?\n> When?\nOn Friday.\n\n> Who?\nJo."

    def test_what_a_mail_of_html_quotes_is_folded_and_not_lost(self) -> None:
        apart = self.case("m12_html_only.eml")
        assert apart.text == "Yes,\nfrom May.\n\nSecond line"
        assert "trial?" in apart.original.folded
        outlook = self.case("m13_outlook_html.eml")
        assert outlook.text == "Yes please."
        assert outlook.original.folded.endswith("Dear Ada, do you want the trial in May?")
        shown = self.shown()
        assert "What it quotes" in shown
        assert "color:red" not in shown

    def test_a_text_for_people_without_html_that_says_nothing_is_passed_over(self) -> None:
        message = self.answer(self.letter())
        message.set_content(" \n")
        message.add_alternative("<p>Monday</p><p>at ten</p>", subtype="html")
        entry = receive(bytes(message))
        assert entry.text == "Monday\n\nat ten"


class Automatic(Kept):
    def in_touch(self) -> object:
        return Account.objects.for_list().get(pk=self.acme.pk).last_contact_at  # type: ignore[attr-defined]

    def test_what_a_program_sent_is_on_the_thread_folded_and_is_no_contact(self) -> None:
        before = self.in_touch()
        entry = self.case("m05_ooo.eml")
        assert (entry.kind, entry.author_contact, entry.contacts.count()) == ("automatic", None, 0)
        assert self.in_touch() == before
        assert "A program wrote this, nobody’s words" in self.shown()
        theirs = INTO_ENTRIES.replace("author_id", "author_contact_id")
        refused = refusal_of(theirs, self.acme.pk, "automatic", self.champion.pk, "I am away")
        assert refused == "entry_automatic_is_nobodys"

    def test_without_a_header_the_subject_tells_it_in_any_letters(self) -> None:
        subjects = [
            "Réponse automatique : Ines",
            "Automatische Antwort: Ines",
            "Fuori sede",
            "Fuera de la oficina",
        ]
        for number, subject in enumerate(subjects):
            entry = self.whole(f"{number}", Subject=subject, Message_ID=f"<{number}@x.example>")
            assert entry.kind == "automatic"
        raw = bytes(self.answer(self.letter())).replace(
            b"Message-ID", "Subject: Réponse automatique\nMessage-ID".encode()
        )
        found = receive(raw)
        assert isinstance(found, Entry)
        assert found.kind == "automatic"

    def test_word_that_a_letter_did_not_arrive_is_looked_at_and_stays_automatic(self) -> None:
        for number, (subject, kind) in enumerate([
            ("Undeliverable: Ines", "text/plain"),
            ("Mail", "multipart/report; report-type=delivery-status"),
            ("Unzustellbar: Ines", "text/plain"),
        ]):  # fmt: skip
            raw = bytes(self.answer(self.letter(), f"No such box {number}", Subject=subject))
            if kind != "text/plain":
                body = f"Content-Type: {kind}; boundary=b\n\n--b\n\nNo box\n--b--".encode()
                raw = re.sub(rb"Content-Type: .*", body, raw.partition(b"\n\n")[0], flags=re.DOTALL)
            held = self.held(raw, "the letter did not arrive")
            assert held.automatic
        entry = held.take(by=self.olivia)
        assert (entry.kind, entry.contacts.count()) == ("automatic", 0)
        self.assertContains(self.browse(self.olivia, "held_mail_list"), "What the program wrote")


class Attached(Kept):
    def test_what_is_attached_is_named_and_kept(self) -> None:
        entry = self.case("m18_attachment_only.eml")
        assert entry.text == "Signed offer attached.\n\n[Attached: offer.pdf, 5 bytes]"
        assert b"JVBERi0=" in bytes(entry.original.data)

    def test_a_mail_that_is_nothing_but_a_file_says_so(self) -> None:
        message = self.answer(self.letter())
        message.set_content("")
        message.add_attachment(
            b"x" * 2048, maintype="application", subtype="zip", filename="Grüße/../plan.zip"
        )
        inner = EmailMessage()
        inner["Subject"] = "The old offer"
        inner.set_content("secret words of somebody else")
        message.add_attachment(inner)
        entry = receive(bytes(message))
        assert entry.text == (
            "There are no words of theirs in it.\n\n"
            "[Attached: plan.zip, 2 KB]\n[Attached: the message “The old offer”, 132 bytes]"
        ).replace("132", re.findall(r"(\d+) bytes", entry.text)[0])

    def test_what_is_too_large_is_left_out_and_named_with_the_reason(self) -> None:
        message = self.answer(self.letter())
        message.set_content("Both plans")
        message.add_attachment(b"y" * MOST_KEPT, maintype="video", subtype="mp4", filename="tour.mp4")
        message.add_attachment(b"small one", maintype="application", subtype="pdf", filename="plan.pdf")
        entry = receive(bytes(message))
        assert isinstance(entry, Entry)
        assert "[Left out: tour.mp4, 5.0 MB; of one message no more than 5 MB are kept.]" in entry.text
        assert "[Attached: plan.pdf, 9 bytes]" in entry.text
        assert len(entry.original.data) < 10_000


class TheOriginal(Kept):
    def test_staff_who_see_the_entry_have_it_as_a_file_that_nothing_opens(self) -> None:
        entry = self.whole("<p>Yes</p><script>alert(1)</script>")
        answer = self.browse(self.olivia, "entry_original", entry.pk)
        assert answer.status_code == 200
        assert b"<script>alert(1)</script>" in answer.content
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"] == f'attachment; filename="original-{entry.pk}.eml"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert f"/entries/{entry.pk}/original/" in self.shown()
        assert self.browse(self.nils, "entry_original", entry.pk).status_code == 404
        assert self.browse(self.carla, "entry_original", entry.pk).status_code in {403, 404}

    def test_that_of_held_mail_is_there_before_and_after_somebody_took_it(self) -> None:
        held = receive(bytes(self.answer(self.letter(), Authentication_Results="none")))
        assert isinstance(held, HeldMail)
        self.assertContains(self.browse(self.olivia, "held_mail_list"), f"/held-mail/{held.pk}/original/")
        assert self.browse(self.olivia, "held_mail_original", held.pk).status_code == 200
        assert self.browse(self.nils, "held_mail_original", held.pk).status_code == 404
        entry = held.take(by=self.olivia)
        assert self.browse(self.olivia, "entry_original", entry.pk).content.startswith(b"From: Carla")

    def test_the_customers_role_may_not_read_it_and_the_site_may_not_change_it(self) -> None:
        entry = self.whole("Yes")
        entry.share(by=self.olivia)
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            as_customer(self.acme),
        ):
            Original.objects.count()
        assert "permission denied" in refusal_of("UPDATE accounts_original SET folded = 'x'")
        assert "permission denied" in refusal_of("DELETE FROM accounts_original")
        large = "INSERT INTO accounts_original (entry_id, kind, data, folded) VALUES (%s, 'mail', %s, '')"
        assert refusal_of(large, entry.pk, b"x" * (MOST_KEPT + 1)) == "original_is_small"

    def test_erasure_takes_it_away(self) -> None:
        entry = self.whole("Yes")
        self.champion.erase(by=self.omar, because="She asked for it")
        assert not Original.objects.exists()
        assert self.browse(self.olivia, "entry_original", entry.pk).status_code == 404

    def test_what_no_letters_fit_is_kept_raw_and_never_guessed_at(self) -> None:
        message = self.answer(self.letter())
        message.set_content(bytes(range(32)) * 40, maintype="text", subtype="plain", cte="base64")
        entry = receive(bytes(message))
        assert isinstance(entry, Entry)
        assert entry.text == "This message could not be read. It is kept as it came."
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_original WHERE entry_id = %s", [entry.pk])
            assert cursor.fetchone() == (1,)
        refused = refusal_of(INTO_ENTRIES, self.acme.pk, "note", self.olivia.pk, "a\ufffdb")
        assert refused == "accounts_entry_text_check"
