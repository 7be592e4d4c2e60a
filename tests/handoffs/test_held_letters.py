"""Until a change is announced nothing names the incoming person to the customer; what they write waits."""

from __future__ import annotations

import json

import pytest
from django.core import mail

from accounts.models import Ask, Entry, Letter, Refused
from accounts.models.held_answers import answers_held
from handoffs.models import Handoff
from handoffs.tasks import run_due_changes
from tests.base import in_days, make_entry, make_fact, make_obligation
from tests.handoffs.steps import announce, dates, days_later, hand_over
from tests.handoffs.test_telling import TellingCase
from tests.laws import refusal_of


class HeldLetters(TellingCase):
    handoff: Handoff

    def setUp(self) -> None:
        """Ines owns Kestrel already, and Kestrel hears of it in four days."""
        self.handoff = self.hand_over(**dates(announced=4))
        self.handoff.override(by=self.max, because="It cannot wait")
        assert self.kestrel.owner == self.ines

    def test_an_invitation_waits_and_goes_on_the_day(self) -> None:
        answer = self.send(self.ines, "contact_invite", self.ada.pk)
        assert answer.status_code == 302
        (letter,) = Letter.objects.held()
        assert (letter.reader.email, letter.next_try_at) == ("ada@kestrel.example", None)
        Letter.objects.send()
        run_due_changes()
        assert not mail.outbox
        for user in (self.ines, self.max):
            page = self.browse(user, "handoff", self.handoff.pk)
            self.assertContains(page, "“Your page with Ines Carvalho” to Ada Lund")
            self.assertContains(page, "Kestrel Yachts has not been told of Ines Carvalho yet.")
        with days_later(4):
            run_due_changes()
            Letter.objects.send()
            Letter.objects.send()
        subjects = [(letter.subject, letter.to[0]) for letter in mail.outbox if "ada@" in letter.to[0]]
        assert [subject for subject, _ in subjects] == [
            "Ines Carvalho will look after Kestrel Yachts",
            "Your page with Ines Carvalho",
        ]

    def test_the_page_says_that_it_waits(self) -> None:
        page = self.as_(self.ines).post(f"/contacts/{self.ada.pk}/invite/", follow=True)
        self.assertContains(page, "a letter in your name waits: Kestrel Yachts has not been told")

    def test_a_colleague_they_know_is_not_held(self) -> None:
        self.ada.invite(by=self.max)
        assert not Letter.objects.held().exists()

    def test_no_code_path_sends_what_is_held(self) -> None:
        self.ada.invite(by=self.ines)
        letter = Letter.objects.held().get()
        for column in ("next_try_at", "sent_at"):
            law = refusal_of(f"UPDATE accounts_letter SET {column} = now() WHERE id = %s", letter.pk)
            assert law == "letter_held_is_not_sent"
        with pytest.raises(Refused, match="has not been told"):
            letter.try_again(by=self.omar)

    def test_what_waits_for_a_change_that_is_undone_is_given_up(self) -> None:
        other = hand_over(self.borealis, self.ines, by=self.max, **dates(announced=4, accountable=9))
        Letter.write(self.carla, signed_by=self.ines, account=self.borealis, subject="Hello", text="Hello")
        other.cancel(by=self.max, because="She stays here")
        run_due_changes()
        letter = Letter.objects.get(account=self.borealis)
        assert (letter.sent_at, letter.given_up_because) == (
            None,
            "Ines Carvalho does not take Borealis Foods over.",
        )

    def test_a_letter_whose_release_was_missed_goes_with_the_next_look(self) -> None:
        announce_now = {"access_on": in_days(0), "accountable_on": in_days(0), "announce_on": in_days(0)}
        Handoff.objects.update(**announce_now)
        self.handoff.refresh_from_db()
        announce(self.handoff)
        Letter.write(self.ada, signed_by=self.ines, account=self.kestrel, subject="Hello", text="Hello")
        Letter.objects.filter(subject="Hello").update(held_because="Not told yet", next_try_at=None)
        run_due_changes()
        assert not Letter.objects.held().exists()


class Unnamed(TellingCase):
    def test_nothing_on_their_page_or_in_its_file_names_her(self) -> None:
        reader = self.ada.invite(by=self.olivia)
        self.hand_over(**dates(announced=4)).override(by=self.max, because="It cannot wait")
        make_fact(self.kestrel, by=self.ines).share(by=self.max)
        make_fact(self.kestrel, "budget", "Ines Carvalho asks Bo", by=self.max).share(by=self.max)
        make_obligation(self.kestrel, "Check in, 7 days after Ines Carvalho took over", "visit", shared=True)
        make_entry(self.kestrel, "Ines Carvalho will call", by=self.max).share(by=self.max)
        make_entry(self.kestrel, "I will call", by=self.ines, kind=Entry.Kind.WIN).share(by=self.max)
        meet = "Would you meet Ines Carvalho?"
        passed = [answer.key for answer in answers_held(self.kestrel, meet)]
        Ask.make(self.kestrel, "favour", meet, by=self.max, passed=passed)
        Ask.make(self.kestrel, "favour", "Would you meet me?", by=self.ines)
        asked = self.send(
            reader,
            "customer_ask",
            whom=self.kestrel.coverage.owners().get().pk,
            text="When?",
            urgency="emergency",
        )
        assert asked.status_code == 302
        page = self.browse(reader, "customer_page").content.decode()
        taken = json.dumps(json.loads(self.browse(reader, "customer_take_away").content))
        for shown in (page, taken):
            assert "Ines" not in shown
            assert "Olivia Brandt" in shown
