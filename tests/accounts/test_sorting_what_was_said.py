"""Of a passage nothing is invented and nothing is lost: dates nobody said, questions, what was told of a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import EntryReading, Obligation, Passage, Refused, SortedPassage, User
from accounts.models.deadlines import break_promises
from accounts.rules import clocks
from tests.base import at_time, days_ago, in_days, make_entry
from tests.laws import refusal_of

from .test_sorting import FIRST, SECOND, THIRD, Sorting, unsorted

QUESTION = Obligation.Kind.QUESTION


class WhatWeOwe(Sorting):
    def test_a_promise_has_no_date_where_none_was_said(self) -> None:
        self.press("promise", contact=self.champion.pk)
        owed = self.acme.obligations.get()
        assert (owed.kind, owed.due, owed.when, owed.is_late) == ("promise", None, "no date", False)
        with at_time(clocks.now() + timedelta(days=900)):
            self.acme.obligations.all().break_overdue()
            break_promises([owed.pk])
        owed.refresh_from_db()
        assert owed.broken_at is None
        for address in ("account", "obligation_list"):
            pk = [self.acme.pk] if address == "account" else []
            self.assertContains(self.browse(self.olivia, address, *pk), "no date")
        owed.keep(by=self.olivia)
        assert owed.outcome == "kept"

    def test_the_customer_is_shown_that_it_has_none(self) -> None:
        sorted_ = unsorted(self.acme)[0].become_promise("Send the deck", None, by=self.olivia)
        assert sorted_.obligation
        sorted_.obligation.share(by=self.olivia)
        self.assertContains(self.browse(self.carla, "customer_page"), "no date")

    def test_every_other_door_asks_for_a_date(self) -> None:
        with pytest.raises(Refused, match="A promise needs a date"):
            Obligation.owe(self.acme, "promise", "Send the deck", by=self.olivia)

    def test_what_they_asked_is_owed_an_answer(self) -> None:
        self.press("promise", owed="question", contact=self.dieter.pk)
        owed = self.acme.obligations.get()
        assert (owed.kind, owed.contact, owed.holder, owed.text) == (
            "question",
            self.dieter,
            self.olivia,
            FIRST,
        )
        assert owed.respond_by
        assert owed.respond_by > clocks.now(), "its clock runs from now, however old the note is"
        row = SortedPassage.objects.get()
        assert (row.became, row.obligation) == ("promise", owed)
        assert row.undo(by=self.olivia) == []
        owed.refresh_from_db()
        assert owed.outcome == "retracted"

    def test_it_is_asked_who_asked(self) -> None:
        self.assertContains(self.press("promise", owed="question"), "Choose who asked it.")
        with pytest.raises(Refused, match="Name the contact"):
            unsorted(self.acme)[0].become_question(FIRST, None, by=self.olivia)
        assert not SortedPassage.objects.exists()

    def test_a_question_is_proposed_where_one_was_put(self) -> None:
        def asks() -> bool:
            page = self.browse(self.olivia, "passage_list", self.acme.pk).content.decode()
            (chosen,) = [part for part in page.split("<input") if 'name="owed"' in part and "checked" in part]
            return 'value="question"' in chosen

        assert not asks()
        self.press("rest")
        make_entry(self.acme, "Can they pay in March instead?", days=2)
        make_entry(self.acme, "We promised a price, did we not?", days=1)
        EntryReading.read_all()
        assert asks()
        self.press("nothing")
        assert not asks(), "what we promised is no question of theirs"


class WhatWasToldOfThem(Sorting):
    def test_the_words_are_kept_whatever_part_they_play(self) -> None:
        self.press("role", contact=self.dieter.pk, roles=["blocker"], text="He is against it")
        self.press("role", contact=self.dieter.pk, roles=["user"], text="He is against it")
        self.press("role", contact=self.dieter.pk, roles=["user"], text="He uses it every day")
        self.dieter.refresh_from_db()
        assert self.dieter.evidence == "He is against it\n\nHe uses it every day"
        for address, pk in (("account", self.acme.pk), ("contact", self.dieter.pk)):
            self.assertContains(self.browse(self.olivia, address, pk), "He uses it every day")
        SortedPassage.objects.latest("pk").undo(by=self.olivia)
        self.dieter.refresh_from_db()
        assert self.dieter.evidence == "He is against it"

    def test_where_they_went_is_not_lost(self) -> None:
        page = self.press("role", contact=self.dieter.pk, roles=["user"], went_to="Borealis")
        self.assertContains(page, "On which day did they leave?")
        self.press("role", contact=self.dieter.pk, left_on=in_days(-9))
        self.press("role", contact=self.dieter.pk, went_to="Borealis")
        self.press("role", contact=self.dieter.pk, left_on=in_days(-8))
        self.dieter.refresh_from_db()
        assert (self.dieter.left_on, self.dieter.went_to) == (in_days(-8), "Borealis")
        assert self.dieter.evidence == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"

    def test_nobody_goes_somewhere_who_has_not_left(self) -> None:
        with pytest.raises(Refused, match="on which day they left"):
            unsorted(self.acme)[0].become_role(self.dieter, FIRST, by=self.olivia, went_to="Borealis")


class Jumping(Sorting):
    def test_the_passage_that_is_named_is_asked_about(self) -> None:
        first, second, third = unsorted(self.acme)
        page = self.browse(self.olivia, "passage_list", self.acme.pk, passage=second.pk)
        self.assertContains(page, f"{SECOND}</textarea>")
        self.assertContains(page, f'action="/accounts/{self.acme.pk}/passages/"')
        html = page.content.decode()
        for passage, key in ((first, "k"), (third, "j")):
            (link,) = [part for part in html.split("<a ") if f'id="passage-{passage.pk}"' in part]
            assert f'href="/accounts/{self.acme.pk}/passages/?passage={passage.pk}" data-key="{key}"' in link
        page = self.browse(self.olivia, "passage_list", self.acme.pk, passage=third.pk, mine="")
        self.assertContains(page, f'href="/accounts/{self.acme.pk}/passages/?mine=&amp;passage={first.pk}"')

    def test_what_is_none_of_this_account_is_not(self) -> None:
        elsewhere = make_entry(self.borealis, "They pay 90,000 dollars a year.")
        EntryReading.read_all()
        for named in (Passage.objects.get(reading=elsewhere.pk).pk, "x", "9" * 30):
            page = self.browse(self.olivia, "passage_list", self.acme.pk, passage=named)
            self.assertContains(page, f"{FIRST}</textarea>")


class FromNoticeOn(Sorting):
    REFUSED = "Olivia Brandt is leaving, and others depend on this. Max Adeyemi has to agree to it."

    def sorted_days_ago(self) -> list[SortedPassage]:
        with at_time(days_ago(3)):
            passages = unsorted(self.acme)
            passages[0].become_promise(FIRST, None, by=self.olivia)
            passages[1].become_role(self.dieter, SECOND, by=self.olivia, roles=["user"])
            passages[2].become_nothing(by=self.olivia)
        User.objects.filter(pk=self.olivia.pk).update(notice_at=clocks.now())
        return list(SortedPassage.objects.order_by("pk"))

    def test_whoever_leaves_does_not_undo_alone_what_others_depend_on(self) -> None:
        promise, role, nothing = self.sorted_days_ago()
        for row in (promise, role):
            with pytest.raises(Refused, match=self.REFUSED):
                row.undo(by=self.olivia)
            law = "INSERT INTO accounts_undonesorting (sorting_id, by_id, at) VALUES (%s, %s, now())"
            assert "Whoever is leaving adds to the memory" in refusal_of(law, row.pk, self.olivia.pk)
        assert self.acme.obligations.open().exists()
        assert nothing.undo(by=self.olivia) == []
        assert promise.undo(by=self.max) == []

    def test_what_they_have_just_sorted_they_undo(self) -> None:
        User.objects.filter(pk=self.olivia.pk).update(notice_at=clocks.now())
        self.press("promise")
        assert SortedPassage.objects.get().undo(by=self.olivia) == []
