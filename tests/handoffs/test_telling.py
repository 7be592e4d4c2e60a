"""The customer is really told of a change of hands, and not before."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from accounts.models import Account, Contact, Letter, Refused, User
from handoffs.models import Handoff, Notification, Recipient
from handoffs.models.telling import notices
from handoffs.slots import waiting_for
from handoffs.tasks import run_due_changes
from tests.base import (
    CastTestCase,
    in_days,
    make_account,
    make_champion,
    make_contact,
    make_obligation,
)
from tests.handoffs.steps import announce, dates, days_later, hand_over
from tests.smtp import MailServer

Way = Recipient.Way


class TellingCase(CastTestCase):
    """Kestrel: nobody there has a sign-in, a champion and a decision maker have addresses, the buyer has none."""

    kestrel: Account
    ada: Contact
    boss: Contact
    buyer: Contact

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.kestrel = make_account("Kestrel Yachts", cls.olivia)
        cls.ada = make_champion(cls.kestrel, "Ada Lund", email="ada@kestrel.example")
        decides = Contact.Role.DECISION_MAKER
        cls.boss = make_contact(cls.kestrel, "Bo Strand", decides, email="bo@kestrel.example")
        cls.buyer = make_contact(cls.kestrel, "Cleo Dahl", Contact.Role.ECONOMIC_BUYER)

    def hand_over(self, **when: Any) -> Handoff:
        return hand_over(self.kestrel, self.ines, by=self.max, **(dates(accountable=9) | when))

    def told(self, handoff: Handoff) -> set[str]:
        return {one.contact.name for one in handoff.notifications.select_related("contact")}


class WhoIsTold(TellingCase):
    def test_contacts_without_a_sign_in_are_written_to(self) -> None:
        handoff = self.hand_over()
        announce(handoff)
        assert sorted(letter.to[0] for letter in mail.outbox) == [
            "Ada Lund <ada@kestrel.example>",
            "Bo Strand <bo@kestrel.example>",
        ]
        assert self.told(handoff) == {"Ada Lund", "Bo Strand"}
        assert (handoff.announced_by, bool(handoff.announced_at)) == (self.olivia, True)
        assert not User.objects.filter(contact__account=self.kestrel).exists(), "nobody let them in"

    def test_proposed_are_those_who_should_know_with_the_reasons(self) -> None:
        user = make_contact(self.kestrel, "Dag Holm", Contact.Role.USER, email="dag@kestrel.example")
        make_contact(self.kestrel, "Eva Falk", Contact.Role.USER, email="eva@kestrel.example")
        make_champion(self.kestrel, "Gone Away", left_on=in_days(-1))
        make_obligation(self.kestrel, contact=user)
        found = {one.contact.name: (one.because, one.way) for one in notices(self.hand_over())}
        assert found == {
            "Ada Lund": (["champion"], Way.LETTER),
            "Bo Strand": (["decision maker"], Way.LETTER),
            "Cleo Dahl": (["economic buyer"], Way.CALL),
            "Dag Holm": (["waits for something we owe"], Way.LETTER),
        }

    def test_a_letter_that_waits_has_told_nobody(self) -> None:
        handoff = self.hand_over()
        handoff.announce()
        handoff.refresh_from_db()
        assert handoff.announced_at is None
        handoff.announce()
        assert Letter.objects.filter(account=self.kestrel).count() == 2, "written once, however often"
        Letter.objects.send()
        handoff.refresh_from_db()
        assert handoff.announced_at

    def test_a_letter_that_cannot_be_sent_has_told_nobody(self) -> None:
        handoff = self.hand_over()
        handoff.announce()
        with MailServer() as server:
            server.answers = {"ada@kestrel.example": "550 no such person"}
            Letter.objects.send()
        assert self.told(handoff) == {"Bo Strand"}
        ada = next(one for one in notices(handoff) if one.contact == self.ada)
        assert ada.is_pending
        assert ada.letter
        assert ada.letter.failed_because

    def test_what_a_stopped_worker_sent_is_noted_later(self) -> None:
        handoff = self.hand_over()
        handoff.announce()
        with mock.patch("accounts.models.letters.WHEN_SENT", []):
            Letter.objects.send()
        assert not self.told(handoff)
        run_due_changes()
        handoff.refresh_from_db()
        assert handoff.announced_at
        assert self.told(handoff) == {"Ada Lund", "Bo Strand"}

    def test_nobody_to_tell_stands_in_the_way_in_words(self) -> None:
        empty = make_account("Lone Pine", self.olivia)
        handoff = hand_over(empty, self.ines, by=self.max)
        with pytest.raises(Refused, match="There is nobody at Lone Pine to tell"):
            handoff.announce()
        run_due_changes()
        handoff.refresh_from_db()
        assert handoff.announced_at is None
        user = make_contact(empty, "Finn Berg", Contact.Role.USER, email="finn@pine.example")
        Recipient.choose(handoff, user, Way.LETTER, by=self.olivia)
        announce(handoff)
        assert self.told(handoff) == {"Finn Berg"}


class TheListIsChanged(TellingCase):
    def test_the_giver_and_the_manager_choose_and_nobody_else(self) -> None:
        handoff = self.hand_over(**dates(announced=3, accountable=9))
        Recipient.choose(handoff, self.boss, Way.NOT, by=self.olivia)
        Recipient.choose(handoff, self.ada, Way.CALL, by=self.max, caller=self.nils)
        for other in (self.ines, self.nils):
            with pytest.raises(PermissionDenied):
                Recipient.choose(handoff, self.boss, Way.LETTER, by=other)
        with days_later(3):
            run_due_changes()
            assert not Letter.objects.filter(account=self.kestrel).exists()
            handoff.refresh_from_db()
            assert handoff.announced_at is None
            Notification.record_call(handoff, self.ada, "She asked who Ines is", by=self.nils)
        handoff.refresh_from_db()
        assert handoff.announced_by == self.nils

    def test_who_has_no_address_is_rung_by_a_named_person(self) -> None:
        handoff = self.hand_over()
        with pytest.raises(Refused, match="Cleo Dahl has no address"):
            Recipient.choose(handoff, self.buyer, Way.LETTER, by=self.olivia)
        with pytest.raises(Refused, match="Ines Carvalho cannot be the one"):
            Recipient.choose(handoff, self.buyer, Way.CALL, by=self.olivia, caller=self.ines)
        assert Recipient.choose(handoff, self.buyer, Way.CALL, by=self.olivia).caller == self.olivia

    def test_a_call_says_whom_when_and_what_and_stands_on_the_thread(self) -> None:
        handoff = self.hand_over()
        with pytest.raises(Refused, match="Write what was said"):
            Notification.record_call(handoff, self.buyer, " ", by=self.olivia)
        with pytest.raises(Refused, match="A call to come"):
            Notification.record_call(handoff, self.buyer, "Fine", by=self.olivia, on=in_days(1))
        told = Notification.record_call(handoff, self.buyer, "Fine by her", by=self.olivia)
        assert told.entry
        assert (told.entry.text, list(told.entry.contacts.all())) == ("Fine by her", [self.buyer])
        handoff.refresh_from_db()
        assert (handoff.announced_at, handoff.announced_by) == (told.at, self.olivia)
        with pytest.raises(Refused, match="Cleo Dahl was told by Olivia Brandt on"):
            Notification.record_call(handoff, self.buyer, "Again", by=self.olivia)

    def test_nobody_is_rung_before_the_day(self) -> None:
        handoff = self.hand_over(**dates(announced=3, accountable=9))
        with pytest.raises(Refused, match="They are told on"):
            Notification.record_call(handoff, self.buyer, "Fine by her", by=self.olivia)

    def test_somebody_let_in_reads_their_page_from_the_announcement_on(self) -> None:
        handoff = self.hand_over(**dates(announced=3, accountable=9))
        Recipient.choose(handoff, self.ada, Way.LETTER, by=self.olivia, lets_in=True)
        assert not User.objects.filter(contact=self.ada).exists()
        with days_later(3):
            announce(handoff)
        assert User.objects.active().get(contact=self.ada).email == "ada@kestrel.example"
        letters = [letter.body for letter in mail.outbox if "ada@" in letter.to[0]]
        assert len(letters) == 1, "no invitation besides"
        assert "You sign in with this e-mail address" in letters[0]

    def test_only_who_may_invite_lets_somebody_in(self) -> None:
        handoff = self.hand_over()
        handoff.account.add_to_team(self.nils, "support", by=self.max, because="Helps")
        with pytest.raises(Refused, match="is for Olivia Brandt or a manager to say"):
            Recipient.choose(handoff, self.ada, Way.LETTER, by=self.nils, lets_in=True)

    def test_after_the_announcement_somebody_more_is_written_to_at_once(self) -> None:
        handoff = self.hand_over()
        announce(handoff)
        late = make_contact(self.kestrel, "Finn Berg", Contact.Role.USER, email="finn@kestrel.example")
        Recipient.choose(handoff, late, Way.LETTER, by=self.olivia)
        Letter.objects.send()
        assert "Finn Berg" in self.told(handoff)


class CalledOff(TellingCase):
    def test_letters_that_have_not_gone_do_not_go(self) -> None:
        handoff = self.hand_over()
        handoff.announce()
        handoff.cancel(by=self.max, because="He stays")
        assert not Letter.objects.send()
        assert not mail.outbox
        assert not self.told(handoff)

    def test_what_is_being_sent_at_this_moment_is_not_called_off(self) -> None:
        handoff = self.hand_over()
        handoff.announce()
        letter = Letter.objects.filter(account=self.kestrel)[0]
        assert letter.claim()
        with pytest.raises(Refused, match="is being sent at this moment"):
            handoff.cancel(by=self.max, because="He stays")

    def test_the_day_is_not_moved_away_from_letters_on_their_way(self) -> None:
        handoff = self.hand_over()
        handoff.announce()
        later = {"access_on": in_days(0), "accountable_on": in_days(9), "announce_on": in_days(4)}
        with pytest.raises(Refused, match="on their way"):
            handoff.reschedule(by=self.max, **later)


class InTheRoom(TellingCase):
    def room(self, user: User, handoff: Handoff) -> str:
        return self.browse(user, "handoff", handoff.pk).content.decode()

    def test_the_rail_says_who_was_told_and_who_is_to_go(self) -> None:
        handoff = self.hand_over()
        handoff.announce()
        page = self.room(self.olivia, handoff)
        assert "the letter is on its way" in page
        assert "Olivia Brandt rings them" in page
        Letter.objects.send()
        assert "Ada Lund and 1 more" in self.room(self.olivia, handoff)
        assert "1 to go" in self.room(self.olivia, handoff)

    def test_a_day_that_passed_with_nobody_told_is_late(self) -> None:
        handoff = self.hand_over(**dates(announced=1, accountable=9))
        with days_later(3):
            assert "nobody told yet" in self.room(self.olivia, handoff)

    def test_the_giver_changes_the_list_there(self) -> None:
        handoff = self.hand_over(**dates(announced=3, accountable=9))
        ada = (handoff.pk, self.ada.pk)
        sent = {"way": "letter", "lets_in": "on"}
        self.assertContains(self.browse(self.olivia, "handoff_recipient", *ada), "How is Ada Lund told?")
        assert self.send(self.olivia, "handoff_recipient", *ada, **sent).status_code == 302
        assert Recipient.objects.get(contact=self.ada).lets_in
        assert "sees their page from then on" in self.room(self.max, handoff)
        refused = self.send(self.olivia, "handoff_recipient", handoff.pk, self.buyer.pk, way="letter")
        self.assertContains(refused, "Cleo Dahl has no address", status_code=409)
        assert self.send(self.ines, "handoff_recipient", *ada, **sent).status_code == 403
        assert self.send(self.nils, "handoff_recipient", *ada, **sent).status_code == 404
        assert (
            self.send(self.olivia, "handoff_recipient", handoff.pk, self.dieter.pk, **sent).status_code == 404
        )

    def test_somebody_we_do_not_propose_is_added(self) -> None:
        handoff = self.hand_over(**dates(announced=3, accountable=9))
        user = make_contact(self.kestrel, "Finn Berg", email="finn@kestrel.example")
        sent = {"contact": user.pk, "way": "letter"}
        assert self.send(self.max, "handoff_recipient_new", handoff.pk, **sent).status_code == 302
        assert "chosen by Max Adeyemi" in self.room(self.olivia, handoff)

    def test_whoever_rang_writes_it_down_there(self) -> None:
        handoff = self.hand_over()
        cleo = (handoff.pk, self.buyer.pk)
        sent = {"on": in_days(0), "words": "She wants to meet Ines"}
        assert self.send(self.ines, "handoff_call", *cleo, **sent).status_code == 403
        wrong = self.send(self.olivia, "handoff_call", *cleo, **(sent | {"words": ""}))
        self.assertContains(wrong, "Please look again")
        assert self.send(self.olivia, "handoff_call", *cleo, **sent).status_code == 302
        assert "She wants to meet Ines" in self.room(self.max, handoff)
        assert self.send(self.olivia, "handoff_call", *cleo, **sent).status_code == 409

    def test_the_receiver_sees_it_and_changes_nothing(self) -> None:
        page = self.room(self.ines, self.hand_over())
        assert "Who at Kestrel Yachts is told" in page
        assert "Tell somebody else there" not in page
        assert "Change how" not in page


class OnToday(TellingCase):
    def lines(self, user: User) -> list[str]:
        return [line.text for line in waiting_for(user)]

    def test_whoever_rings_finds_it_there_until_it_is_done(self) -> None:
        handoff = self.hand_over()
        Recipient.choose(handoff, self.buyer, Way.CALL, by=self.max, caller=self.olivia)
        ring = "Ring Cleo Dahl of Kestrel Yachts: Ines Carvalho takes over"
        assert ring in self.lines(self.olivia)
        assert ring not in self.lines(self.nils)
        Notification.record_call(handoff, self.buyer, "Fine by her", by=self.olivia)
        assert ring not in self.lines(self.olivia)

    def test_where_there_is_nobody_to_tell_the_giver_and_the_manager_find_it(self) -> None:
        hand_over(make_account("Lone Pine", self.olivia), self.ines, by=self.max)
        run_due_changes()
        with days_later(1):
            for user in (self.olivia, self.max):
                assert "Say who at Lone Pine is told that Ines Carvalho takes over" in self.lines(user)
            assert not self.lines(self.nils)
