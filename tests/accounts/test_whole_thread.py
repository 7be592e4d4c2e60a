"""Reading all of an account's thread: in order, a part at a time, each going on where they stopped."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Entry, EntryReading, Passage, ThreadRead, Topic, User
from accounts.pages.whole_thread import PART, WholeThread
from tests.base import CastTestCase, make_entry, make_stage
from tests.laws import refusal_of


class Reading(CastTestCase):
    entries: list[Entry]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.entries = [
            make_entry(cls.acme, f"On day {day} she asked for a thing.", days=200 - day) for day in range(30)
        ]
        EntryReading.read_all()

    def thread(self, reader: User | None = None, account: Account | None = None) -> WholeThread:
        return WholeThread.of(account or self.acme, reader or self.ines)

    def shown(self, reader: User | None = None) -> list[int]:
        return [part.entry.pk for part in self.thread(reader).parts]

    def read(self, *entries: int, by: User | None = None) -> Any:
        return self.send(by or self.olivia, "account_read", self.acme.pk, entry=entries)


class ThePart(Reading):
    def test_begins_with_the_oldest_and_says_how_much_is_left(self) -> None:
        page = self.browse(self.olivia, "account_read", self.acme.pk)
        self.assertContains(page, "30 of 30 to read: 240 words, about 1 minute.")
        assert self.shown() == [entry.pk for entry in self.entries[:PART]]

    def test_goes_on_where_each_stopped(self) -> None:
        self.read(*self.shown(self.olivia))
        assert self.shown(self.olivia) == [entry.pk for entry in self.entries[PART : 2 * PART]]
        assert self.shown(self.max)[0] == self.entries[0].pk
        page = self.browse(self.olivia, "account_read", self.acme.pk)
        self.assertContains(page, "18 of 30 to read: 144 words")

    def test_nothing_is_missed_that_was_dated_back_or_came_meanwhile(self) -> None:
        while shown := self.shown(self.olivia):
            self.read(*shown)
        self.assertContains(
            self.browse(self.olivia, "account_read", self.acme.pk), "You have read all of it."
        )
        late, new = make_entry(self.acme, "Long ago.", days=300), make_entry(self.acme, "Now.", days=0)
        assert self.shown(self.olivia) == [late.pk, new.pk]
        self.read(new.pk)
        assert self.shown(self.olivia) == [late.pk]

    def test_what_came_by_a_merge_is_unread_and_what_was_read_stays_so(self) -> None:
        other = make_entry(self.borealis, "They grow beans.", days=100)
        newer = make_entry(self.acme, "Now.", days=0)
        self.read(*[entry.pk for entry in self.entries], newer.pk, by=self.max)
        ThreadRead.mark(self.borealis, [], by=self.max)
        self.acme.merge_into(self.borealis, by=self.max, because="One company")
        (part,) = self.thread(self.max, self.borealis).parts
        assert part.entry.pk == other.pk

    def test_what_was_taken_back_is_not_to_be_read(self) -> None:
        self.entries[0].retract(by=self.olivia, because="Another account")
        assert self.shown()[0] == self.entries[1].pk

    def test_marks_the_passages_and_says_what_became_of_them(self) -> None:
        passage = Passage.objects.with_entry().get(reading=self.entries[0].pk)
        topic = Topic.objects.get(pk="decision")
        fact = passage.become_fact(topic, "She asks for much", by=self.olivia).fact
        assert fact
        page = self.browse(self.olivia, "account_read", self.acme.pk)
        self.assertContains(page, "<mark>On day 0 she asked for a thing.</mark>")
        self.assertContains(page, f'<a href="/facts/{fact.pk}/">How they decide: She asks for much</a>')
        back = f'href="/accounts/{self.acme.pk}/read/?from={self.entries[0].pk}#entry-{self.entries[0].pk}"'
        self.assertContains(self.browse(self.olivia, "fact", fact.pk), back)

    def test_the_stages_stand_between_the_notes(self) -> None:
        stage = make_stage(self.acme, "deciding", days=199.5)
        assert self.shown()[1] == stage.pk

    def test_can_be_opened_at_an_entry_whether_it_was_read_or_not(self) -> None:
        self.read(self.entries[4].pk)
        page = self.browse(self.olivia, "account_read", self.acme.pk, **{"from": self.entries[4].pk})
        self.assertContains(page, f'id="entry-{self.entries[4].pk}"')
        self.assertContains(page, "read before", count=1)
        self.assertNotContains(page, f'id="entry-{self.entries[3].pk}"')
        self.assertContains(page, f"?from={self.entries[0].pk}")
        self.assertContains(page, f"?from={self.entries[4 + PART].pk}")

    def test_htmx_gets_the_next_part_alone(self) -> None:
        sent = {"entry": self.shown(self.olivia)}
        page = self.as_(self.olivia).post(
            f"/accounts/{self.acme.pk}/read/", sent, headers={"HX-Request": "true"}
        )
        self.assertContains(page, f'id="entry-{self.entries[PART].pk}"')
        self.assertNotContains(page, "<html")

    def test_is_of_one_account_and_one_reader(self) -> None:
        foreign = make_entry(self.dunmore, "They print.")
        self.read(foreign.pk, self.entries[0].pk)
        assert ThreadRead.objects.get().entries == [self.entries[0].pk]
        for user in (self.nils, self.carla):
            assert self.read(self.entries[1].pk, by=user).status_code == 404
        with pytest.raises(PermissionDenied):
            ThreadRead.mark(self.acme, [self.entries[1].pk], by=self.carla)
        again = "INSERT INTO accounts_threadread (reader_id, account_id, entries, at) VALUES (%s, %s, '{}', now())"
        assert refusal_of(again, self.olivia.pk, self.acme.pk) == "thread_read_once"

    def test_of_a_merged_account_is_read_at_the_one_that_stays(self) -> None:
        self.acme.merge_into(self.borealis, by=self.max, because="One company")
        page = self.browse(self.max, "account_read", self.acme.pk)
        assert page.headers["Location"] == f"/accounts/{self.borealis.pk}/read/"

    def test_the_number_of_queries_is_fixed(self) -> None:
        browser = self.as_(self.olivia)
        browser.get("/")
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                browser.get(f"/accounts/{self.acme.pk}/read/")
            counts.append(len(queries))
            for number in range(20):
                make_entry(self.acme, f"They pay {number},000 dollars.", contacts=[self.dieter], days=300)
            EntryReading.read_all()
        assert counts[0] == counts[1] < 16
