"""What may be in a line and in one's own words: kept by the columns themselves, by PostgreSQL, and at the door."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection, models
from django.test import SimpleTestCase
from django.urls import reverse

from accounts.importing import batches
from accounts.importing.batches import stage
from accounts.importing.reading import read_file
from accounts.mail.inbound import receive
from accounts.models import Account, Contact, Entry, Letter, Refused
from accounts.models.fields import LineField, WordsField
from accounts.rules.lines import NEVER_IN_SQL, one_line, plain_words
from tests.base import CastTestCase, make_user
from tests.laws import refusal_of, run_sql

#: Columns of text that need no law, and why.
OTHERS = {
    "accounts.ImportFile.delimiter": "a tab is one",
    "pgh_label": "the name of a kind of event, which only triggers write",
}
TWO_LINES = "Acme\r\nBcc: everybody@evil.example\x00\u202e \u2028Ltd"
IN_ONE = "Acme Bcc: everybody@evil.example Ltd"


def text_columns() -> list[tuple[str, models.Field[Any, Any]]]:
    """Each column of ours that holds text, with its name; of an array, what it is an array of."""
    found: list[tuple[str, models.Field[Any, Any]]] = []
    for app in ("accounts", "handoffs"):
        for model in apps.get_app_config(app).get_models():
            theirs = {
                field.name
                for base in (AbstractBaseUser, AbstractBaseSession)
                for field in base._meta.fields
                if issubclass(model, base)
            }
            for field in model._meta.local_concrete_fields:
                inner = field.base_field if isinstance(field, ArrayField) else field
                known = {f"{model._meta.label}.{field.name}", field.name} & set(OTHERS)
                if (
                    isinstance(inner, models.CharField | models.TextField)
                    and field.name not in theirs
                    and not known
                ):
                    found.append((f"{model._meta.db_table}.{field.column}", inner))
    return found


class Lines(SimpleTestCase):
    def test_a_line_is_one_line(self) -> None:
        assert one_line(TWO_LINES) == IN_ONE
        assert one_line("\tMax \v\f Adeyemi\x85") == "Max Adeyemi"
        assert one_line("half \ud800 a sign") == "half [could not be read] a sign"
        assert one_line("\u202e\u2066\x00\n") == ""
        assert one_line("Zoë 👩\u200d💻 ‌می‌خواهم") == "Zoë 👩\u200d💻 ‌می‌خواهم"

    def test_ones_own_words_keep_their_lines(self) -> None:
        assert (
            plain_words("one\r\ntwo\rthree\u2028four\n\tfive\x00\x1b\x0b") == "one\ntwo\nthree\nfour\n\tfive"
        )
        assert plain_words("\u202emp3.exe") == "mp3.exe"
        assert plain_words("\u2067שלום\u2069") == "\u2067שלום\u2069"

    def test_every_column_of_text_is_one_or_the_other(self) -> None:
        loose = [name for name, field in text_columns() if not isinstance(field, LineField | WordsField)]
        assert not loose, f"Declare them as LineField or WordsField: {loose}"


class AroundTheModels(CastTestCase):
    def test_postgresql_and_python_know_the_same_signs(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT array_agg(n) FROM generate_series(1, %s) n WHERE NOT n BETWEEN 55296 AND 57343 AND chr(n) ~ %s",
                [sys.maxunicode, NEVER_IN_SQL],
            )
            refused = set(cursor.fetchone()[0])
        cleaned = {n for n in range(1, sys.maxunicode + 1) if chr(n) not in one_line(f"a{chr(n)}b")}
        assert refused == {n for n in cleaned if not 0xD800 <= n <= 0xDFFF}

    def test_every_line_is_guarded(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT t.relname || '.' || a.attname FROM pg_constraint c
                   JOIN pg_class t ON t.oid = c.conrelid
                   JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (c.conkey)
                   WHERE c.contype = 'c' AND strpos(pg_get_constraintdef(c.oid), %s) > 0""",
                [NEVER_IN_SQL],
            )
            guarded = {name for (name,) in cursor.fetchall()}
        arrays = {
            "accounts_contact.roles",
            "accounts_erasure.marks",
            "accounts_contactevent.roles",
            "accounts_passage.reasons",
        }
        lines = {name for name, field in text_columns() if isinstance(field, LineField)} - arrays
        assert lines == guarded

    def test_no_sql_puts_a_second_line_into_one(self) -> None:
        for sign in ("\n", "\r", "\t", "\x85", "\u2028", "\u202e", "\x7f"):
            said = refusal_of(
                "UPDATE accounts_user SET name = %s WHERE id = %s", f"Max{sign}Bcc: x", self.max.pk
            )
            assert said == "accounts_user_name_check", sign
        run_sql("UPDATE accounts_user SET name = %s WHERE id = %s", "Max Adeyemi-Ünal", self.max.pk)


class ThroughTheModels(CastTestCase):
    def test_a_row_that_is_saved_holds_what_was_kept(self) -> None:
        user = make_user("Max", email="max2@vendor.example\r\nBcc: x@y.example", title=TWO_LINES)
        assert user.title == IN_ONE
        assert "\n" not in user.email
        user.refresh_from_db()
        assert user.title == IN_ONE

    def test_in_bulk_and_by_update_as_well(self) -> None:
        Account.objects.filter(pk=self.acme.pk).update(industry=TWO_LINES)
        Contact.objects.bulk_create([Contact(account=self.acme, name=TWO_LINES, roles=["user\n"])])
        self.acme.refresh_from_db()
        assert self.acme.industry == IN_ONE
        assert Contact.objects.get(name=IN_ONE).roles == ["user"]

    def test_words_lose_what_postgresql_would_not_take(self) -> None:
        entry = Entry.record(
            self.acme, "note", "They\0 called.\r\nTwice.\x1b", by=self.olivia, at=None, contacts=[]
        )
        assert entry.text == "They called.\nTwice."

    def test_a_letter_to_a_name_of_two_lines_is_a_letter(self) -> None:
        self.max.name = TWO_LINES
        self.max.save()
        letter = Letter.write(
            self.max, signed_by=self.olivia, subject=f"About\n{TWO_LINES}", text="It is done."
        )
        mail = letter.as_mail().message()
        assert mail["Bcc"] is None
        assert "\n" not in mail["Subject"]

    def test_a_reason_that_nobody_can_see_is_none(self) -> None:
        with pytest.raises(Refused):
            self.acme.rate("urgent", because="\u202e\x00 \n", by=self.olivia)


class AtTheDoors(CastTestCase):
    def test_a_form_keeps_one_line(self) -> None:
        self.send(
            self.olivia, "contact_new", self.acme.pk, name="Edda\r\nRoth\u202e", title="Head\u2028of\tIT"
        )
        contact = Contact.objects.get(name="Edda Roth")
        assert contact.title == "Head of IT"
        because = "Moved\r\nto\u2029spring"
        self.send(self.olivia, "account_condition", self.acme.pk, condition="urgent", because=because)
        self.acme.refresh_from_db()
        assert self.acme.condition_because == "Moved to spring"

    def test_an_import_keeps_one_line(self) -> None:
        rows = 'Id,Account,Industry,Owner\nA1,"Fennel\r\nLabs\u202e","Bio\x85tech",Olivia Brandt\n'
        batch, _ = stage(read_file("accounts.csv", rows.encode()), by=self.omar)
        batch.refresh_from_db()
        batches.apply(batch, by=self.omar, expecting=batch.fingerprint)
        assert Account.objects.get(external_id="A1").name == "Fennel Labs"
        assert Account.objects.get(external_id="A1").industry == "Bio tech"

    def test_a_mail_keeps_what_can_be_read(self) -> None:
        letter = Letter.write(
            self.carla, signed_by=self.olivia, account=self.acme, subject="Hello", text="Dear"
        )
        named = letter.as_mail().message()["Message-ID"]
        head = f"From: {self.carla.email}\r\nIn-Reply-To: {named}\r\nMessage-ID: <1@acme.example>\r\n"
        entry = receive(f"{head}\r\nThursday\x1b[31m is\x00 fine.\r\n".encode())
        assert entry.text == "Thursday[31m is fine."

    def test_what_nobody_can_see_is_not_filled_in(self) -> None:
        for name, args, fields in (
            ("contact_new", (self.acme.pk,), {"name": "\u202e\u2066"}),
            ("account_new", (), {"name": "\u2028", "owner": self.olivia.pk, "time_zone": "UTC"}),
            ("account_condition", (self.acme.pk,), {"condition": "urgent", "because": "\u202e"}),
        ):
            with self.subTest(name):
                assert "errorlist" in self.send(self.olivia, name, *args, **fields).content.decode()

    def test_a_nul_is_answered_in_words_wherever_it_stands(self) -> None:
        client = self.as_(self.olivia)
        for url in (
            "/search/?q=%00",
            "/accounts/?q=a%00",
            "/accounts/?%00=1",
            "/unanswered/?by=%00",
            "/topics/%00/",
        ):
            page = client.get(url)
            assert page.status_code in {400, 404}, url
            assert "<h1" in page.content.decode(), url
        page = client.post(
            reverse("account_note", args=[self.acme.pk]), {"kind": "note", "text": "They\0 called"}
        )
        self.assertContains(page, "They called", status_code=400)
        page = client.get("/", headers={"cookie": 'sessionid="abcdefgh\\000"'})
        assert page.status_code == 400
