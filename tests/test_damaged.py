"""Damaged files for every reader, and wrong words for every form: each gets an answer, and nothing is half done.

    TRIES=10000 bin/test tests/test_damaged.py -s      many more, and prints the figures; SEED=9 makes others

Half of the tries are files, sent to the pages that read them; half are requests to any address of the site. Each try
is taken back, so everybody finds the same world.
"""

from __future__ import annotations

import io
import os
import random
import re
import resource
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote_plus

import openpyxl
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from accounts.models import ImportBatch, User
from config.urls import NOT_HERE
from tests import test_addresses as site
from tests.handoffs.steps import dates

TRIES, SEED = int(os.environ.get("TRIES", "240")), int(os.environ.get("SEED", "8"))
LONGEST = 30.0  # seconds that an answer may take

# ---- Files

BOOK = (
    site.BOOK
    + 'A2,Gale Works,"Wind, and ""more""",Olivia Brandt\nA3,Ävle,Food,olivia.brandt@vendor.example\n'
)
DEALS = (
    "Opportunity ID,Account,Stage,Amount,Close Date,Owner\n"
    'D1,Acme Robotics,Won,"1,100.04",2017-03-24,Olivia Brandt\nD2,Fennel Labs,Open,(500),24/3/2017,Ines Carvalho\n'
)
TASKS = (
    "Id,Account,Subject,Description,ActivityDate,Owner\n"
    "T1,Acme Robotics,Call,They asked for the file,2024-02-29,Olivia Brandt\n"
)
PEOPLE = "Name,Email,Manager,Is Active\nJuno Falk,juno@vendor.example,Max Adeyemi,yes\n"
LIST = site.REORG + "Borealis Foods,Nils Aalto,He knows food\n"
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Home
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:one
DTSTART;TZID=Home:20270107T130000
RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=20
EXDATE;TZID=Home:20270111T130000
SUMMARY:The quarter
ATTENDEE;CN=Carla Weiss:mailto:carla@acme.example
BEGIN:VALARM
TRIGGER:-PT15M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:one
RECURRENCE-ID;TZID=Home:20270114T130000
DTSTART;VALUE=DATE:20270115
ATTENDEE:mailto:carla@acme.example
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def as_workbook(text: str) -> bytes:
    book = openpyxl.Workbook()
    assert book.active
    for line in text.splitlines():
        book.active.append(line.split(","))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_archive(**texts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(f"{name}.csv", text)
    return out.getvalue()


ODD = [
    b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\x80", b"\x1a", b"\x1b[31m", "\u202e\u2028\u200f".encode(),
    b'"', b'""', b"\r", b"\n\n", b"\t", b",", b";" * 50, b"," * 2000, b"9" * 400, b"-1", b"1e309", b"NaN", b"00010101",
    b"99991231T235959Z", b"0000-00-00", b"=cmd|' /C calc'!A0", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"]]>", b"<",
    b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\r\n", b"FREQ=SECONDLY;",
    b"DTSTART:00010101T000000\r\n", b"TZID=Home;", b";INTERVAL=0", b";COUNT=99999999999", b"PK\x03\x04", b"%PDF", b"MZ",
]  # fmt: skip


class Damage:
    """What happens to files on their way."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def damaged(self, data: bytes) -> bytes:
        if data[:2] == b"PK" and self.chance.random() < 0.6:
            return self.inside(data)
        for _ in range(self.chance.choice([1, 1, 2, 3, 8])):
            data = self.chance.choice(
                [self.flip, self.cut, self.leave_out, self.double, self.put_in, self.swap]
            )(data)
        return data

    def place(self, data: bytes) -> int:
        return self.chance.randrange(len(data) + 1)

    def span(self, data: bytes) -> tuple[int, int]:
        start = self.place(data)
        return start, min(len(data), start + self.chance.choice([1, 2, 10, 100, 1000]))

    def flip(self, data: bytes) -> bytes:
        changed = bytearray(data)
        for _ in range(self.chance.choice([1, 3, 20]) if data else 0):
            changed[self.chance.randrange(len(data))] = self.chance.randrange(256)
        return bytes(changed)

    def cut(self, data: bytes) -> bytes:
        return data[: self.place(data)]

    def leave_out(self, data: bytes) -> bytes:
        start, end = self.span(data)
        return data[:start] + data[end:]

    def double(self, data: bytes) -> bytes:
        start, end = self.span(data)
        return data[:end] + data[start:end] * self.chance.choice([1, 1, 5, 300]) + data[end:]

    def put_in(self, data: bytes) -> bytes:
        at = self.place(data)
        return data[:at] + self.chance.choice(ODD) * self.chance.choice([1, 1, 2, 40]) + data[at:]

    def swap(self, data: bytes) -> bytes:
        (start, middle), end = self.span(data), self.place(data)
        return data[:start] + data[middle : max(middle, end)] + data[start:middle] + data[max(middle, end) :]

    def inside(self, data: bytes) -> bytes:
        """An archive that is whole, with a damaged file in it, or one in the place of another."""
        out = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(data)) as there,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
        ):
            names = there.namelist()
            one, other = self.chance.choice(names), self.chance.choice(names)
            for name in names:
                content = there.read(other if name == one else name)
                made.writestr(name, self.damaged(content) if name == one else content)
        return out.getvalue()


# ---- Words and numbers

WRONG = [
    "\0", "a\0b", "\ud800", "\x01\x1b[31m\x7f\x85", "one\r\ntwo\u2028three", "\u202egnirts\u200b", "x" * 300,
    "é" * 600, "x" * 1_000_000, "word " * 30_000, "9" * 400, "99999999999999999999", "2147483648",
    "9223372036854775808", "-1", "0", "²", "٣", "1e309", "NaN", "Infinity", "0x10", "1_000", "0001-01-01", "9999-12-31",
    "2027-02-30", "24:61", "0000-00-00", "23:59:59.999999999", "", " ", "null", "true", "[]", "{}", "[1]", "%00", "%s",
    "{0}", "'; --", "<b>", "../..", "javascript:alert(1)", "https://elsewhere.example/", "a@b", "@" * 70, "user:1",
    "to-²", "name:\0", "on",
]  # fmt: skip
KINDS = [
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
]


def urlencoded(fields: list[tuple[str, str]]) -> bytes:
    """As a browser would send them, or a program that sends what no browser does."""
    pairs = (f"{coded(name)}={coded(value)}" for name, value in fields)
    return "&".join(pairs).encode()


def coded(text: str) -> str:
    return quote_plus(text.encode(errors="surrogatepass"))


# ---- The tries


@override_settings(DEMO=True, ACCOUNT_RATE_LIMITS=False)
class Damaged(TestCase):
    world: site.World
    sessions: dict[int, str]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = site.World()
        client = Client()
        cls.sessions = {user.pk: site.Addresses.signed_in(user, client) for user in User.objects.active()}

    def setUp(self) -> None:
        self.chance = random.Random(SEED)
        self.damage = Damage(self.chance)
        self.counts: Counter[str] = Counter()
        self.longest = (0.0, "")
        self.before = site.everything_kept()
        self.client = Client(raise_request_exception=False)

    def browser(self, user: User | None) -> Client:
        self.client.cookies.clear()
        if user:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[user.pk]
        return self.client

    @contextmanager
    def a_try(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        with self.subTest(what[:300]), transaction.atomic():
            yield
            transaction.set_rollback(True)
        self.longest = max(self.longest, (time.monotonic() - began, what[:100]))

    def judge(self, kind: str, answer: Any, *, fragment: bool = False) -> bool:
        """Whether it was accepted. What was not has an answer in words, and has changed nothing."""
        status = 302 if fragment and answer.status_code == 200 else answer.status_code
        self.counts[
            f"{kind}: {'server errors' if status >= 500 else 'accepted' if status == 302 else 'refused'}"
        ] += 1
        assert status < 500, site.told(answer)
        if status == 302:
            return True
        if status >= 400:
            words = answer.content.decode()
            assert "<h1" in words or "sentences" in words or len(words) < 2000, "a refusal without words"
        assert site.everything_kept() == self.before, f"{status}, and yet something was changed"
        return False

    def report(self) -> None:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        figures = ", ".join(f"{name} {count:,}" for name, count in sorted(self.counts.items()))
        print(f"\n{figures}; longest {self.longest[0]:.1f} s ({self.longest[1]!r}); most memory {memory} MB")
        assert self.longest[0] < LONGEST

    # Files

    def test_every_reader_answers_a_damaged_file_in_words(self) -> None:
        senders: list[tuple[Callable[[bytes], None], list[bytes]]] = [
            (self.send_book, [BOOK.encode(), BOOK.encode("utf-16"), BOOK.encode("cp1252"), DEALS.encode(),
                              TASKS.encode(), PEOPLE.encode(), as_workbook(BOOK),
                              as_archive(book=BOOK, people=PEOPLE, deals=DEALS)]),
            (self.send_calendar, [CALENDAR.encode()]),
            (self.send_list, [LIST.encode(), as_workbook(LIST)]),
        ]  # fmt: skip
        for _ in range(TRIES // 2):
            send, whole = self.chance.choice(senders)
            send(self.damage.damaged(self.chance.choice(whole)))
        self.report()

    def send_book(self, data: bytes) -> None:
        with self.a_try(f"import {data!r}"):
            client = self.browser(self.world.omar)
            sent = {"files": SimpleUploadedFile("a.csv", data)}
            if not self.judge("books", client.post(reverse("import_new"), sent)):
                return
            batch = ImportBatch.objects.latest("pk")
            for name in ("import_batch", "import_tray", "import_tray_file"):
                assert client.get(reverse(name, args=[batch.pk])).status_code == 200
            staged = site.everything_kept()
            answer = client.post(reverse("import_apply", args=[batch.pk]), {"expecting": batch.fingerprint})
            assert answer.status_code in {302, 409}, site.told(answer)
            if answer.status_code == 409:
                batch.refresh_from_db()
                assert batch.applied_at is None
                assert site.everything_kept() == staged or batch.is_open

    def send_calendar(self, data: bytes) -> None:
        with self.a_try(f"calendar {data!r}"):
            sent = {"file": SimpleUploadedFile("a.ics", data), "zone": "Europe/Berlin"}
            client = self.browser(self.world.olivia)
            answer = client.post(reverse("calendar"), sent)
            fields = dict(re.findall(r'name="(events|expecting)" value="([^"]*)"', answer.content.decode()))
            self.judge("calendars that hold something" if fields else "calendars", answer)
            if fields:
                assert client.post(reverse("calendar_take"), fields).status_code in {302, 409}

    def send_list(self, data: bytes) -> None:
        fields = {"name": "By industry", "because": "Less travel"} | dates(announced=7)
        pasted = self.chance.random() < 0.5
        with self.a_try(f"list {data!r}"):
            text = data.decode(errors="replace")
            sent: dict[str, Any] = {"list": text} if pasted else {"file": SimpleUploadedFile("a.csv", data)}
            self.judge("lists", self.browser(self.world.omar).post(reverse("reorg_new"), fields | sent))

    # Forms

    def test_every_address_answers_wrong_words_in_words(self) -> None:
        addresses = [one for one in site.every_address(self.world) if one.name not in NOT_HERE]
        sending = [one for one in addresses if one.sends is not None]
        asked = {name: self.fields_asked_for(name) for name in ("GET", "POST")}
        self.before = site.everything_kept()  # some addresses begin something that they are about
        for _ in range(TRIES // 2):
            if self.chance.random() < 0.2:
                self.ask_for(self.chance.choice(addresses), asked["GET"])
            else:
                self.send_to(self.chance.choice(sending), asked["POST"])
        self.report()

    @staticmethod
    def fields_asked_for(method: str) -> list[str]:
        """What any view asks a request for by its name."""
        files = (path for app in ("accounts", "handoffs") for path in (settings.BASE_DIR / app).rglob("*.py"))
        found = {
            name for path in files for name in re.findall(rf'{method}(?:\.get\(|\[)"(\w+)"', path.read_text())
        }
        return sorted(found)

    def ask_for(self, address: site.Address, names: list[str]) -> None:
        sent = [(self.chance.choice(names), self.chance.choice(WRONG)) for _ in range(3)]
        with self.a_try(f"GET {address.name} {sent!r}"):
            query = urlencoded(sent).decode()
            if len(query) < 100_000:
                answer = self.browser(address.who).get(f"{address.url}?{query}")
                self.counts["pages: server errors" if answer.status_code >= 500 else "pages: answered"] += 1
                assert answer.status_code < 500, site.told(answer)

    def send_to(self, address: site.Address, names: list[str]) -> None:
        whole = {name: str(value) for name, value in address.fields.items() if not hasattr(value, "read")}
        fields = self.spoilt(list(whole.items()), names)
        body, kind = urlencoded(fields), "application/x-www-form-urlencoded"
        if self.chance.random() < 0.05:
            body, kind = self.damage.damaged(body or b"x"), self.chance.choice(KINDS)
        headers = {"HX-Request": "true"} if self.chance.random() < 0.2 else {}
        with self.a_try(f"POST {address.name} {fields!r}"):
            client = self.browser(address.who)
            if address.first:
                address.first(client)
            answer = client.generic("POST", address.url, body, content_type=kind, headers=headers)
            if address.first or address.who is None or answer.headers.get("HX-Redirect"):
                self.counts["forms: others"] += 1
                assert answer.status_code < 500, site.told(answer)
            else:
                self.judge("forms", answer, fragment=bool(headers))

    def spoilt(self, fields: list[tuple[str, str]], names: list[str]) -> list[tuple[str, str]]:
        """What should be sent, with something wrong."""
        wrong = self.chance.choice(WRONG)
        if self.chance.random() < 0.1:
            return [(name, self.chance.choice(WRONG)) for name, _ in fields]
        if not fields or self.chance.random() < 0.15:
            return [*fields, (self.chance.choice(names), wrong)]
        place = self.chance.randrange(len(fields))
        name, value = fields[place]
        instead: list[tuple[str, str]] = self.chance.choice([
            [(name, wrong)], [(name, wrong)], [(name, wrong)], [], [(name, value), (name, wrong)],
            [(name, str(self.chance.randrange(200)))], [(f"{name}[]", value)], [(name, value + wrong)],
        ])  # fmt: skip
        return [*fields[:place], *instead, *fields[place + 1 :]]
