"""More than is taken, in files, fields or words: it is said before anything is read, and nothing is kept."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.importing.batches import stage
from accounts.importing.reading import read_file
from accounts.limits import LONGEST_TEXT, MB
from accounts.models import Entry, Fact, Refused
from tests.base import CastTestCase, make_fact, make_obligation, make_question


class TooMuch(CastTestCase):
    def test_a_file_larger_than_its_page_takes(self) -> None:
        for user, name, field, most in [
            (self.omar, "import_new", "files", 25),
            (self.olivia, "calendar", "file", 5),
            (self.omar, "reorg_new", "file", 5),
        ]:
            with self.subTest(name):
                file = SimpleUploadedFile("large.csv", b"x" * (most + 1) * MB)
                answer = self.as_(user).post(reverse(name), {field: file})
                self.assertContains(
                    answer, f"It is {most + 1}.0 MB; here {most} MB can be taken", status_code=413
                )

    def test_a_file_where_none_is_asked_for(self) -> None:
        for client in (Client(), self.as_(self.olivia)):
            file = SimpleUploadedFile("large.csv", b"x" * 4 * MB)
            answer = client.post(reverse("account_login"), {"email": "olivia@vendor.example", "file": file})
            self.assertContains(answer, "It is 4.0 MB; here 3 MB can be taken", status_code=413)

    def test_a_file_in_a_form_is_weighed_by_its_field(self) -> None:
        """A few bytes more than the page takes fit into what is around a file."""
        file = SimpleUploadedFile("large.ics", b"BEGIN:VCALENDAR" + b" " * 5 * MB)
        answer = self.as_(self.olivia).post(reverse("calendar"), {"file": file, "zone": "UTC"})
        self.assertContains(answer, "This file is larger than 5 MB")

    def test_more_fields_files_or_words_than_are_taken(self) -> None:
        client = self.as_(self.omar)
        many: dict[str, Any] = {f"to-{number}": "1" for number in range(20_010)}
        self.assertContains(client.post("/accounts/new/", many), "more than 20,000 fields", status_code=413)
        files = {f"files{number}": SimpleUploadedFile("a.csv", b"a,b\n") for number in range(51)}
        answer = client.post(reverse("import_new"), files)
        self.assertContains(answer, "50 files can be taken at once", status_code=413)
        words = {"text": "x" * (3 * MB + 1000), "file": SimpleUploadedFile("a.ics", b"x")}
        answer = client.post(reverse("calendar"), words)
        self.assertContains(answer, "Without files, 3 MB can be taken at once", status_code=413)

    def test_a_length_that_is_no_number_is_no_length(self) -> None:
        answer = self.as_(self.olivia).get("/", CONTENT_LENGTH="many")
        assert answer.status_code == 200

    def test_words_longer_than_a_text_may_be_stay_in_the_form(self) -> None:
        long = "word " * (LONGEST_TEXT // 5) + "!"
        fact, promise = make_fact(self.acme), make_obligation(self.acme, contact=self.champion)
        client = self.as_(self.olivia)
        for url, fields in [
            (reverse("account_note", args=[self.acme.pk]), {"text": long, "kind": "note"}),
            (
                reverse("fact_new", args=[self.acme.pk]),
                {"text": long, "topic": "budget", "provenance": "inferred"},
            ),
            (reverse("contact", args=[self.champion.pk]), {"name": "Carla", "evidence": long}),
            (
                reverse("obligation_new", args=[self.acme.pk]),
                {"text": long, "kind": "promise", "urgency": "normal"},
            ),
        ]:
            with self.subTest(url):
                answer = client.post(url, fields)
                self.assertContains(answer, long[:200])
                words = answer.content.decode()
                assert "a text may have 100000" in words or "This is too long for one note" in words
        answer = client.post(
            reverse("obligation_move", args=[promise.pk]), {"to": "2099-01-01", "because": long}
        )
        assert answer.status_code < 500
        assert not Entry.objects.filter(text__contains=long[:100]).exists()
        assert not Fact.objects.exclude(pk=fact.pk).filter(text__contains=long[:100]).exists()

    def test_what_comes_by_no_form_has_the_same_limits(self) -> None:
        with self.assertRaisesMessage(Refused, "A text may have 100,000 characters and this has 100,001."):
            make_fact(self.acme, text="x" * (LONGEST_TEXT + 1))
        question = make_question(self.acme, self.champion, shared=True)
        url = reverse("customer_escalate", args=[question.pk])
        answer = self.as_(self.carla).post(url, {"because": "x" * 90_000})
        assert answer.status_code in {302, 409}

    def test_a_number_that_no_row_can_have_names_none(self) -> None:
        """Signs that count as digits and make no number, and more digits than a number has."""
        batch, _ = stage(read_file("a.csv", b"Account,Industry\nFennel,Biotech\n"), by=self.omar)
        for text in ("²", "9" * 30, "9" * 5000):
            with self.subTest(text[:5]):
                client = self.as_(self.omar)
                tray, file = (reverse(name, args=[batch.pk]) for name in ("import_tray", "import_tray_file"))
                assert client.get(tray, {"file": text}).status_code == 200
                assert client.get(file, {"file": text}).status_code == 404
                assert (
                    client.get(reverse("transition_new"), {"person": text, "kind": "leave"}).status_code
                    == 200
                )
                assert client.get(reverse("note_new"), {"account": text}).status_code in {200, 404}
                assert client.get(reverse("incident_new"), {"account": text}).status_code == 200
