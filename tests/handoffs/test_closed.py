"""What concerned somebody once is no licence: a closed handoff shows what was then, and takes no verb."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account, Contact, Coverage, Entry, Fact, Obligation, Refused, User
from handoffs.models import Handoff
from handoffs.slots import waiting_for
from tests.base import (
    CastTestCase,
    in_days,
    make_contact,
    make_coverage,
    make_deal,
    make_entry,
    make_fact,
    make_obligation,
    make_user,
)
from tests.handoffs.steps import (
    approve,
    dates,
    hand_over,
    hand_over_wholly,
    leave,
    read_back,
    ready_to_accept,
    write,
)

THEN = "They came to us after a failed rollout in Hamburg"
NEWER = "Whoever came later was told that they merge"
NEWEST_NAME = "Acme Holding"


class ClosedTestCase(CastTestCase):
    """Acme is Olivia's, of Max's team; Nils is in another one."""

    def life_goes_on(self) -> None:
        """After their time something is written wherever a room shows something."""
        owner = Account.objects.get(pk=self.acme.pk).owner
        assert owner
        make_entry(self.acme, NEWER, by=owner, days=0)
        make_fact(self.acme, "needs", NEWER, by=owner)
        make_contact(self.acme, NEWER, Contact.Role.CHAMPION, strength=3, evidence=NEWER)
        make_obligation(self.acme, NEWER, by=owner)
        make_deal(self.acme, NEWER, holder=owner)
        self.acme.refresh_from_db()
        self.acme.name, self.acme.condition_because = NEWEST_NAME, NEWER
        self.acme.save(update_fields=["name", "condition_because"])

    def sees_only_what_was(self, user: User, handoff: Handoff) -> str:
        self.life_goes_on()
        assert self.browse(user, "account", self.acme.pk).status_code == 404
        answer = self.browse(user, "handoff", handoff.pk)
        assert answer.status_code == 200, user
        page = answer.content.decode()
        assert NEWER not in page, user
        assert NEWEST_NAME not in page, user
        for name in ("today", "approval_list", "transition_list", "search"):
            listed = self.browse(user, name, q=NEWEST_NAME).content.decode()
            assert NEWER not in listed, (user, name)
            assert f"{NEWEST_NAME}<" not in listed, (user, name)
        return page

    def may_do_nothing(self, user: User, handoff: Handoff) -> None:
        before = self.everything()
        browser = self.as_(user)
        for name, fields in self.verbs().items():
            answer = browser.post(reverse(f"handoff_{name}", args=[handoff.pk]), fields)
            assert answer.status_code == 404, (user, name, answer.status_code)
        for name in ("tick", "untick", "waive"):
            for item in handoff.items.all()[:3]:
                answer = browser.post(reverse(f"item_{name}", args=[item.pk]), {"because": "Not needed"})
                assert answer.status_code == 404, (user, name)
        for name in ("approve", "read_back"):
            assert browser.get(reverse(f"handoff_{name}", args=[handoff.pk])).status_code == 404, (user, name)
        assert self.everything() == before

    def verbs(self) -> dict[str, dict[str, Any]]:
        because = {"because": "Because I can"}
        dates = {"access_on": in_days(1), "accountable_on": in_days(2), "announce_on": in_days(3)}
        return {
            "rate": because | {"condition": "urgent"},
            "know": {"topic": "needs", "text": "Mine", "source": "inferred"},
            "if_then": {"happens": "they ask", "do": "we answer"},
            "champion": {"contact": self.dieter.pk, "strength": 3, "evidence": "Mine"},
            "write": {},
            "approve": {"fingerprint": "x"},
            "return": because,
            "read_back": {"stands": "Mine"},
            "accept": {},
            "return_read_back": {"note": "Mine"},
            "refuse": because,
            "override": because,
            "hold_out": because | {"until": in_days(9)},
            "reschedule": dates,
            "replace": because | {"incoming": self.ines.pk},
            "cancel": because,
        }

    def everything(self) -> list[object]:
        """What a verb of the room could have changed."""
        counted: list[object] = [
            model.objects.count() for model in (Fact, Entry, Contact, Obligation, Coverage, Handoff)
        ]
        rated = Account.objects.values_list("condition", "condition_because").get(pk=self.acme.pk)
        champions = Contact.objects.filter(account=self.acme).order_by("pk").values_list("roles", "evidence")
        items = Handoff.objects.order_by("pk").values_list("items__ticked_at", "items__waived_at", "moved_at")
        return [*counted, rated, *champions, *items.order_by("pk", "items__pk")]


class WhoHadAPart(ClosedTestCase):
    def test_a_past_owner(self) -> None:
        make_fact(self.acme, "story", THEN)
        handoff = hand_over_wholly(self.acme, self.nils, by=self.petra)
        page = self.sees_only_what_was(self.olivia, handoff)
        assert "Acme Robotics" in page
        assert THEN in page, "the brief as it was frozen in her time"
        assert "Written by Olivia Brandt" in page
        self.may_do_nothing(self.olivia, handoff)

    def test_the_manager_of_a_past_owner(self) -> None:
        handoff = hand_over_wholly(self.acme, self.nils, by=self.petra)
        page = self.sees_only_what_was(self.max, handoff)
        assert "Acme Robotics" in page
        assert "Approved by Max Adeyemi" in page
        self.may_do_nothing(self.max, handoff)

    def test_a_stand_in_from_whom_it_was_taken_back(self) -> None:
        make_fact(self.acme, "story", THEN)
        transition = leave(self.olivia, self.nils, by=self.max)
        handoff = transition.handoffs.get(account=self.acme)
        ready_to_accept(handoff, by=self.olivia)
        handoff.accept(by=self.max)
        transition.refresh_from_db()
        transition.undo(by=self.max)
        page = self.sees_only_what_was(self.nils, handoff)
        assert "They close the books in three days and want two" in page, "his own read-back"
        assert THEN in page
        assert "Taken back" in page
        self.may_do_nothing(self.nils, handoff)

    def test_a_receiver_who_refused(self) -> None:
        make_fact(self.acme, "story", THEN)
        handoff = hand_over(self.acme, self.nils, by=self.petra)
        write(handoff, by=self.olivia)
        approve(handoff)
        handoff.refuse(by=self.nils, because="My own book is full")
        page = self.sees_only_what_was(self.nils, handoff)
        assert "My own book is full" in page
        assert THEN in page
        self.may_do_nothing(self.nils, handoff)

    def test_a_receiver_who_was_replaced(self) -> None:
        handoff = hand_over(self.acme, self.nils, by=self.petra)
        following = handoff.replace(self.ines, by=self.petra, because="Ines knows robots")
        page = self.sees_only_what_was(self.nils, handoff)
        assert "Ines" not in page
        self.may_do_nothing(self.nils, handoff)
        assert self.browse(self.nils, "handoff", following.pk).status_code == 404

    def test_a_receiver_whose_access_never_began(self) -> None:
        handoff = hand_over(self.acme, self.nils, by=self.petra, **dates(access=3, accountable=3))
        assert self.browse(self.nils, "handoff", handoff.pk).status_code == 404
        handoff.cancel(by=self.petra, because="She stays")
        page = self.sees_only_what_was(self.nils, handoff)
        assert "Acme" not in page
        assert "She stays" not in page
        self.may_do_nothing(self.nils, handoff)

    def test_a_receiver_whose_access_was_put_off(self) -> None:
        handoff = hand_over(self.acme, self.nils, by=self.petra)
        assert self.browse(self.nils, "account", self.acme.pk).status_code == 200
        later = {"access_on": in_days(2), "accountable_on": in_days(2), "announce_on": in_days(2)}
        handoff.reschedule(by=self.petra, **later)
        for name, pk in (("account", self.acme.pk), ("handoff", handoff.pk)):
            assert self.browse(self.nils, name, pk).status_code == 404
        handoff.reschedule(by=self.petra, **later | {"access_on": in_days(0)})
        for name, pk in (("account", self.acme.pk), ("handoff", handoff.pk)):
            assert self.browse(self.nils, name, pk).status_code == 200

    def test_a_writer_who_was_taken_off_the_team_before_the_approval(self) -> None:
        helper = make_user("Bela Kiss", reports_to=self.petra)
        row = make_coverage(self.acme, helper)
        handoff = hand_over(self.acme, self.nils, by=self.petra)
        write(handoff, by=helper)
        row.end(by=self.petra, because="Other work")
        self.life_goes_on()
        handoff = Handoff.objects.get(pk=handoff.pk)
        approve(handoff)
        read_back(handoff)
        handoff.accept(by=self.olivia)
        page = self.browse(helper, "handoff", handoff.pk).content.decode()
        assert "Written by Bela Kiss" in page
        assert NEWER not in page
        self.may_do_nothing(helper, handoff)

    def test_a_manager_of_another_branch_decides_while_it_is_open_and_no_longer(self) -> None:
        """Rosa leads the receiver and nobody else of them."""
        rosa = make_user("Rosa Lind", User.Kind.MANAGER, reports_to=self.petra)
        far = make_user("Timo Falk", reports_to=rosa)
        handoff = hand_over(self.acme, far, by=self.max)
        write(handoff, by=self.olivia)
        assert self.browse(rosa, "handoff", handoff.pk).status_code == 200
        approve(handoff)
        handoff.refuse(by=far, because="My own book is full")
        page = self.sees_only_what_was(rosa, handoff)
        assert "Approved by Rosa Lind" in page
        assert "My own book is full" not in page, "his words, not hers"
        self.may_do_nothing(rosa, handoff)

    def test_a_stranger(self) -> None:
        handoff = hand_over_wholly(self.acme, self.ines, by=self.max)
        for user in (self.nils, self.carla):
            assert self.browse(user, "handoff", handoff.pk).status_code == 404
            self.may_do_nothing(user, handoff)


class WhoeverStillSeesTheAccount(ClosedTestCase):
    def test_enters_the_room_of_a_closed_handoff_and_changes_nothing_there(self) -> None:
        make_coverage(self.acme, self.nils)
        handoff = hand_over_wholly(self.acme, self.ines, by=self.max)
        assert "five-part" not in self.browse(self.nils, "handoff", handoff.pk).content.decode()
        before = self.everything()
        for name in ("rate", "know", "if_then", "champion"):
            answer = self.send(self.nils, f"handoff_{name}", handoff.pk, **self.verbs()[name])
            assert answer.status_code == 409, name
            assert "This handoff is accepted." in answer.content.decode()
        assert self.everything() == before
        with pytest.raises(Refused, match="This handoff is accepted"):
            handoff.items.all()[0].tick(by=self.nils, words="Done, and told to Ines")


class WhoHandsOver(ClosedTestCase):
    def test_on_leave_the_room_is_shut_and_nobody_is_reminded(self) -> None:
        """Max acts since the first day of it: Olivia no longer serves."""
        transition = leave(self.olivia, self.ines, by=self.max)
        handoff = transition.handoffs.get(account=self.acme)
        assert any("Acme" in line.text for line in waiting_for(self.olivia))
        transition.leave_begins()
        assert self.acme.owner == self.max
        self.may_do_nothing(self.olivia, handoff)
        assert not waiting_for(self.olivia)
        assert not Handoff.objects.to_write(self.olivia)
        write(handoff, by=self.max)
        assert self.browse(self.max, "handoff", handoff.pk).status_code == 200
