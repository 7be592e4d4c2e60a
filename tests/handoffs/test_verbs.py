"""Each verb of a change of hands: the way it goes, and each refusal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection

from accounts.models import (
    Account,
    Coverage,
    Deal,
    Entry,
    EntryReading,
    Letter,
    Obligation,
    Organisation,
    Refused,
    User,
)
from handoffs.held_against import Said
from handoffs.models import Handoff, Transition, blockers
from handoffs.tasks import run_due_changes
from tests.base import (
    CastTestCase,
    in_days,
    make_account,
    make_contact,
    make_coverage,
    make_deal,
    make_entry,
    make_fact,
    make_obligation,
    make_user,
    the_cast,
    the_owner,
)
from tests.handoffs.steps import (
    WORDS,
    approve,
    dates,
    days_later,
    departure,
    hand_over,
    hand_over_wholly,
    leave,
    read_back,
    ready_to_accept,
    write,
)


class Writing(CastTestCase):
    def test_the_five_parts_are_asked_for_one_by_one(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max)
        missing = " ".join(blockers.writing(handoff))
        for part in ("Condition:", "Story:", "If … then …:", "Checklist:"):
            assert part in missing
        with pytest.raises(Refused, match="Condition:"):
            handoff.write(by=self.olivia)
        write(handoff, by=self.olivia)
        assert handoff.state == "to approve"
        with pytest.raises(Refused, match="already written"):
            handoff.write(by=self.olivia)

    def test_the_receiver_and_strangers_do_not_write(self) -> None:
        make_coverage(self.acme, self.ines)  # whoever else serves the account may
        handoff = hand_over(self.acme, self.ines, by=self.max)
        for by in (self.ines, self.nils, self.carla):
            with self.subTest(by.name), pytest.raises(PermissionDenied):
                handoff.write(by=by)
            with self.subTest(by.name), pytest.raises(PermissionDenied):
                handoff.items.first().tick(by=by, words="Done, and told to Ines")  # type: ignore[union-attr]

    def test_other_roles_take_a_brief_and_an_acknowledgement(self) -> None:
        make_coverage(self.acme, self.olivia, Coverage.Role.SUPPORT)
        handoff = hand_over(self.acme, self.ines, by=self.max, role=Coverage.Role.SUPPORT)
        for item in handoff.items.all():
            item.waive(by=self.olivia, because="Known") if not item.by_read_back else None
        handoff.write(by=self.olivia)
        approve(handoff)
        handoff.read_back(by=self.ines, stands="I know them", holders={})
        handoff.accept(by=self.max)
        assert self.acme.coverage.current().get(role="support").person == self.ines
        assert the_owner(self.acme) == self.olivia

    def test_an_item_that_ticks_itself_is_not_ticked_by_hand(self) -> None:
        make_obligation(self.acme)
        handoff = hand_over(self.acme, self.ines, by=self.max)
        taken_on = handoff.items.get(proof="taken_on")
        with pytest.raises(Refused, match="ticks itself"):
            taken_on.tick(by=self.olivia, words="Done, and told to Ines")
        with pytest.raises(Refused, match="cannot be waived"):
            taken_on.waive(by=self.olivia, because="No")
        by_hand = handoff.items.filter(proof="person").first()
        assert by_hand
        by_hand.tick(by=self.olivia, words="Done, and told to Ines")
        with pytest.raises(Refused, match="already ticked"):
            by_hand.tick(by=self.olivia, words="Done, and told to Ines")
        by_hand.untick(by=self.olivia)
        with pytest.raises(Refused, match="Say why"):
            by_hand.waive(by=self.olivia, because=" ")
        handoff.cancel(by=self.max, because="Not needed")
        with pytest.raises(Refused, match="cancelled"):
            by_hand.tick(by=self.olivia, words="Done, and told to Ines")

    def test_the_next_owner_s_access_begins_on_its_day_and_ends_with_the_handoff(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max, **dates(access=2, accountable=3, announced=3))
        reading = self.acme.coverage.current().filter(role="incoming", person=self.ines)
        assert not reading.exists()
        write(handoff, by=self.olivia)
        approve(handoff)
        with pytest.raises(Refused, match="Access begins"):
            read_back(handoff)
        with days_later(2):
            run_due_changes()
            run_due_changes()
        assert reading.count() == 1
        handoff.cancel(by=self.max, because="Not needed")
        assert not reading.exists()


class Approving(CastTestCase):
    def test_the_losing_and_the_gaining_manager_both_decide(self) -> None:
        handoff = hand_over(self.acme, self.nils, by=self.max)
        assert handoff.approvers() == [self.max, self.petra]
        write(handoff, by=self.olivia)
        handoff.approve(by=self.max, fingerprint=handoff.brief().fingerprint)
        assert not handoff.review().is_approved
        with pytest.raises(Refused, match="already approved"):
            handoff.approve(by=self.max, fingerprint=handoff.brief().fingerprint)
        handoff.approve(by=self.petra, fingerprint=handoff.brief().fingerprint)
        assert handoff.review().is_approved

    def test_writer_outgoing_and_incoming_never_approve(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max)
        write(handoff, by=self.max)  # he fills it in for Olivia
        assert handoff.approvers() == [self.petra]
        for by in (self.max, self.olivia, self.ines, self.nils, self.omar, self.carla):
            with self.subTest(by.name), pytest.raises(PermissionDenied):
                handoff.approve(by=by, fingerprint=handoff.brief().fingerprint)

    def test_a_manager_who_takes_over_does_not_approve(self) -> None:
        handoff = hand_over(self.acme, self.max, by=self.petra)
        assert handoff.approvers() == [self.petra]
        ready_to_accept(handoff, by=self.olivia)
        handoff.accept(by=self.petra)
        assert the_owner(self.acme) == self.max

    def test_nobody_left_to_decide_is_said_and_breaks_no_page(self) -> None:
        """Petra, on top and the person of last resort, hands over an account of hers to Max."""
        account = make_account("Eastern Rail", self.petra)
        transition = Transition.objects.open_handover(
            account.coverage.get(), self.max, by=self.omar, because="x", **dates()
        )
        with pytest.raises(Refused, match="Name another person of last resort"):
            transition.start(by=self.omar)
        Organisation.objects.update(last_resort=self.omar)
        transition.start(by=self.omar).run()
        handoff = transition.handoffs.get()
        write(handoff, by=self.petra)
        Organisation.objects.update(last_resort=self.petra)
        handoff.refresh_from_db()
        assert handoff.approvers() == []
        assert not handoff.review().is_approved
        assert any("last resort" in sentence for sentence in blockers.reading_back(handoff))
        for user in (self.omar, self.petra, self.max, self.olivia):
            list(Handoff.objects.visible_to(user))
        with pytest.raises(Refused, match="last resort"):
            read_back(handoff)

    def test_memory_that_changes_makes_an_approval_stale(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max)
        write(handoff, by=self.olivia)
        read = handoff.brief().fingerprint
        make_fact(self.acme, "terms", "They bought a competitor")
        with pytest.raises(Refused, match="has changed since you opened"):
            handoff.approve(by=self.max, fingerprint=read)
        approve(handoff)
        assert handoff.review().is_approved
        make_fact(self.acme, "terms", "The deal fell through")
        assert handoff.review().is_stale
        assert handoff.state == "approval is stale"
        with pytest.raises(Refused, match="approved again"):
            read_back(handoff)
        approve(handoff)
        read_back(handoff)
        make_fact(self.acme, "terms", "They changed their mind")
        with pytest.raises(Refused, match="approved again"):
            handoff.accept(by=self.max)
        approve(handoff)
        handoff.accept(by=self.max)

    def test_an_ordinary_note_leaves_an_approval_as_it_is(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max)
        write(handoff, by=self.olivia)
        approve(handoff)
        make_entry(self.acme, "They never answer on Fridays, unless somebody of their board asks.")
        EntryReading.read_all()
        assert handoff.review().is_approved

    def test_a_brief_is_returned_with_reasons_and_written_again(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max)
        with pytest.raises(Refused, match="not written yet"):
            handoff.return_to_writer(by=self.max, because="Thin")
        write(handoff, by=self.olivia)
        with pytest.raises(Refused, match="Say what is missing"):
            handoff.return_to_writer(by=self.max, because="")
        handoff.return_to_writer(by=self.max, because="Nothing on the champion")
        assert handoff.state == "to write"
        handoff.write(by=self.olivia)
        assert not handoff.review().is_approved
        approve(handoff)
        assert handoff.review().is_approved

    def test_an_approver_who_leaves_is_followed_by_the_next_above(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max)
        write(handoff, by=self.olivia)
        self.max.deactivate(by=self.omar, because="Left")
        handoff = Handoff.objects.get()
        assert handoff.approvers() == [self.petra]
        approve(handoff)
        assert handoff.review().is_approved


class ReadingBack(CastTestCase):
    def written(self) -> Handoff:
        make_obligation(self.acme, "Send the security answers")
        handoff = hand_over(self.acme, self.ines, by=self.max)
        write(handoff, by=self.olivia)
        approve(handoff)
        return handoff

    @pytest.mark.complaint(4)
    def test_only_the_receiver_reads_back_and_in_their_own_words(self) -> None:
        handoff = self.written()
        with pytest.raises(PermissionDenied):
            handoff.read_back(by=self.max, holders={}, **WORDS)
        with pytest.raises(Refused) as refusal:
            read_back(handoff, holders={}, **dict.fromkeys(WORDS, ""))
        said = " ".join(refusal.value.messages)
        for part in (
            "where they stand",
            "why they chose us",
            "whom you call first",
            "have promised",
            "what falls due",
            "could go wrong",
            "takes on",
        ):
            assert part in said

    def test_it_is_held_against_what_must_survive_and_a_person_decides(self) -> None:
        handoff = self.written()
        row = read_back(handoff, first_call="Carla Weiss first")
        brief = handoff.review().approved_brief
        assert brief
        held = {one.line.title: one.said for one in row.held_against(brief.must_survive)}
        assert held["Carla Weiss"] == Said.YES
        with pytest.raises(Refused, match="has been given"):
            read_back(handoff)

    @pytest.mark.complaint(4)
    def test_a_second_person_accepts(self) -> None:
        handoff = self.written()
        with pytest.raises(Refused, match="has not read it back"):
            handoff.accept(by=self.max)
        read_back(handoff)
        for by in (self.ines, self.nils, self.carla):
            with self.subTest(by.name), pytest.raises(PermissionDenied):
                handoff.accept(by=by)
        handoff.accept(by=self.olivia)
        assert the_owner(self.acme) == self.ines
        owed = self.acme.obligations.get()
        assert (owed.holder, owed.transfers) == (self.ines, 1)
        knot = self.acme.entries.filter(kind="coverage").first()
        assert knot
        assert knot.is_knot
        assert knot.subject == "Olivia Brandt → Ines Carvalho (owner)"
        with pytest.raises(Refused, match="This handoff is accepted"):
            handoff.accept(by=self.max)

    def test_a_read_back_is_returned_with_a_note(self) -> None:
        handoff = self.written()
        with pytest.raises(Refused, match="no read-back to return"):
            handoff.return_read_back(by=self.max, note="?")
        read_back(handoff)
        with pytest.raises(PermissionDenied):
            handoff.return_read_back(by=self.ines, note="I was wrong")
        handoff.return_read_back(by=self.max, note="You missed the champion")
        assert handoff.state == "to read back"
        read_back(handoff)
        handoff.accept(by=self.max)

    def test_something_owed_since_the_read_back_needs_a_holder_first(self) -> None:
        handoff = self.written()
        read_back(handoff)
        make_obligation(self.acme, "Call them on Monday")
        approve(handoff)
        with pytest.raises(Refused, match="has no new holder"):
            handoff.accept(by=self.max)
        handoff.return_read_back(by=self.max, note="One more came in")
        read_back(handoff)
        handoff.accept(by=self.max)
        assert not Obligation.objects.open().exclude(holder=self.ines).filter(account=self.acme).exists()

    def test_one_obligation_goes_to_a_colleague(self) -> None:
        handoff = self.written()
        other = make_obligation(self.acme, "Fix the connector", "task")
        holders = {owed.pk: self.ines for owed in handoff.obligations()} | {other.pk: self.nils}
        read_back(handoff, holders=holders)
        handoff.accept(by=self.max)
        other.refresh_from_db()
        assert (other.holder, other.role) == (self.nils, "support")
        assert self.acme.coverage.current().filter(person=self.nils, role="support").exists()

    def test_what_went_elsewhere_between_read_back_and_acceptance_stays_there(self) -> None:
        handoff = self.written()
        owed = self.acme.obligations.get()
        read_back(handoff, holders={owed.pk: self.nils})
        owed.hand_to(self.nils, by=self.olivia)
        handoff.accept(by=self.max)
        owed.refresh_from_db()
        assert owed.holder == self.nils

    def test_it_is_accepted_early_and_moves_on_its_day(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max, **dates(accountable=5, announced=5))
        ready_to_accept(handoff, by=self.olivia)
        handoff.accept(by=self.max)
        assert the_owner(self.acme) == self.olivia
        assert handoff.state == "accepted, waits for its date"
        run_due_changes()
        assert the_owner(self.acme) == self.olivia
        with days_later(5):
            run_due_changes()
            run_due_changes()
        assert the_owner(self.acme) == self.ines
        assert self.acme.coverage.filter(role="owner").count() == 2

    def test_a_reader_who_leaves_before_the_day_takes_nothing(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max, **dates(accountable=5, announced=5))
        ready_to_accept(handoff, by=self.olivia)
        handoff.accept(by=self.max)
        self.ines.deactivate(by=self.max, because="Left")
        with days_later(5):
            run_due_changes()
        assert the_owner(self.acme) == self.olivia
        handoff = Handoff.objects.get(account=self.acme)
        assert handoff.state == "needs another successor"
        again = handoff.replace(self.nils, by=self.max, because="Ines has left")
        assert (again.follows, again.state, again.review().is_approved) == (handoff, "to write", False)


class OverridingRefusingReplacing(CastTestCase):
    def test_a_manager_overrides_with_a_reason_that_stays(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max)
        with pytest.raises(Refused, match="Say why this cannot wait"):
            handoff.override(by=self.max, because="")
        for by in (self.ines, self.olivia, self.omar, self.nils):
            with self.subTest(by.name), pytest.raises(PermissionDenied):
                handoff.override(by=by, because="Now")
        handoff.override(by=self.max, because="the customer waits")
        row = self.acme.owner_coverage
        assert row
        assert row.person == self.ines
        assert "the customer waits" in row.started_because
        assert not row.acting

    def test_the_receiver_refuses_and_somebody_else_takes_it(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max)
        with pytest.raises(PermissionDenied):
            handoff.refuse(by=self.olivia, because="No")
        with pytest.raises(Refused, match="Say why you cannot"):
            handoff.refuse(by=self.ines, because="")
        handoff.refuse(by=self.ines, because="I serve their competitor")
        assert handoff.state == "refused"
        assert not self.acme.coverage.current().filter(role="incoming").exists()
        with pytest.raises(Refused, match="is the one who cannot"):
            handoff.replace(self.ines, by=self.max, because="Try again")
        with pytest.raises(PermissionDenied):
            handoff.replace(self.nils, by=self.nils, because="Me")
        new = handoff.replace(self.nils, by=self.max, because="Nils knows the trade")
        assert new.follows == handoff
        assert new.items.count()
        with pytest.raises(Refused, match="already follows"):
            handoff.replace(self.nils, by=self.max, because="Again")

    def test_nothing_follows_in_a_transition_that_is_over(self) -> None:
        for end in ("undo", "cancel"):
            handoff = hand_over(self.acme, self.ines, by=self.max)
            handoff.refuse(by=self.ines, because="Too much")
            if end == "undo":
                handoff.transition.undo(by=self.max)
            else:
                handoff.transition.cancel(by=self.max, because="Not now")
            handoff.refresh_from_db()
            with self.subTest(end), pytest.raises(Refused, match=r"is (taken back|cancelled)"):
                handoff.replace(self.nils, by=self.max, because="After all")

    def test_access_stays_while_another_handoff_to_the_same_person_needs_it(self) -> None:
        make_coverage(self.acme, self.olivia, Coverage.Role.SUCCESS)
        owner = hand_over(self.acme, self.ines, by=self.max)
        success = hand_over(self.acme, self.ines, by=self.max, role=Coverage.Role.SUCCESS)
        owner.refuse(by=self.ines, because="Only success for me")
        reading = self.acme.coverage.current().filter(role="incoming", person=self.ines)
        assert reading.exists()
        success.cancel(by=self.max, because="Not needed")
        assert not reading.exists()

    def test_one_who_serves_in_the_role_already_takes_over_the_rest_of_it(self) -> None:
        make_coverage(self.acme, self.olivia, Coverage.Role.SUCCESS)
        make_coverage(self.acme, self.ines, Coverage.Role.SUCCESS)
        make_coverage(self.acme, self.nils, Coverage.Role.SUCCESS)
        owed = make_obligation(self.acme, holder=self.olivia, role="success")
        for outgoing in (self.olivia, self.nils):
            transition = Transition.objects.create(
                kind="handover", name="x", because="x", opened_by=self.max, **dates()
            )
            transition.moves.create(account=self.acme, role="success", outgoing=outgoing, incoming=self.ines)
            transition.start(by=self.max).run()
            handoff = transition.handoffs.get()
            handoff.override(by=handoff.approvers()[0], because="One person for all of it")
        (row,) = self.acme.coverage.current().filter(role="success")
        owed.refresh_from_db()
        assert row.person == owed.holder == self.ines

    def test_a_handoff_takes_nothing_that_somebody_else_has_by_now(self) -> None:
        first = Transition.objects.open_handover(
            self.acme.coverage.get(), self.ines, by=self.max, because="x", **dates()
        )
        hand_over_wholly(self.acme, self.nils, by=self.max)
        first.start(by=self.max).run()
        assert not first.handoffs.exists()
        assert "no longer has it" in first.moves.get().refused_because
        assert the_owner(self.acme) == self.nils

    def test_it_is_called_off_and_the_account_stays(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max)
        with pytest.raises(PermissionDenied):
            handoff.cancel(by=self.olivia, because="No")
        handoff.cancel(by=self.max, because="Olivia stays")
        with pytest.raises(Refused, match="is cancelled"):
            handoff.cancel(by=self.max, because="Again")
        with pytest.raises(Refused, match="is cancelled"):
            handoff.override(by=self.max, because="After all")
        assert the_owner(self.acme) == self.olivia

    def test_dates_are_moved_for_one_account(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max, **dates(accountable=5, announced=5))
        when = {"access_on": in_days(3), "accountable_on": in_days(2), "announce_on": in_days(2)}
        with pytest.raises(Refused, match="Access cannot come after"):
            handoff.reschedule(by=self.max, **when)
        with pytest.raises(PermissionDenied):
            handoff.reschedule(by=self.olivia, **when)
        ready_to_accept(handoff, by=self.olivia)
        handoff.accept(by=self.max)
        handoff.reschedule(
            by=self.max, access_on=in_days(0), accountable_on=in_days(0), announce_on=in_days(5)
        )
        assert the_owner(self.acme) == self.ines


class HoldoutsAndBackUps(CastTestCase):
    def test_one_deal_stays_until_its_day_and_then_moves_by_itself(self) -> None:
        deal = make_deal(self.acme)
        handoff = hand_over(self.acme, self.ines, by=self.max, back_up_until=in_days(2))
        elsewhere = make_deal(self.cobalt)
        for wrong, sentence in ((elsewhere, "not open on this account"),):
            with pytest.raises(Refused, match=sentence):
                handoff.hold_out(in_days(9), by=self.max, because="It closes", deal=wrong)
        with pytest.raises(Refused, match="a day in the future"):
            handoff.hold_out(in_days(0), by=self.max, because="It closes", deal=deal)
        handoff.hold_out(in_days(9), by=self.max, because="It closes", deal=deal)
        ready_to_accept(handoff, by=self.olivia)
        handoff.accept(by=self.max)
        deal.refresh_from_db()
        assert (deal.holder, deal.role) == (self.olivia, "back_up")
        with days_later(5):  # the back-up period ends, the deal is still hers
            run_due_changes()
        deal.refresh_from_db()
        assert (deal.holder, deal.role) == (self.olivia, "back_up")
        with days_later(9):
            run_due_changes()
        deal.refresh_from_db()
        assert (deal.holder, deal.role) == (self.ines, "owner")
        assert not self.acme.coverage.current().filter(role="back_up").exists()

    def test_a_deal_moves_on_its_day_where_there_is_no_back_up_period(self) -> None:
        deal = make_deal(self.acme)
        handoff = hand_over(self.acme, self.ines, by=self.max)
        handoff.hold_out(in_days(9), by=self.max, because="It closes", deal=deal)
        handoff.override(by=self.max, because="Now")
        with days_later(9):
            run_due_changes()
        deal.refresh_from_db()
        assert (deal.holder, deal.role) == (self.ines, "owner")
        assert not self.acme.coverage.current().filter(role="back_up").exists()

    def test_a_deal_that_a_colleague_holds_is_not_held_out_with_the_leaver(self) -> None:
        make_coverage(self.acme, self.nils)
        deal = make_deal(self.acme, holder=self.nils, role="support")
        handoff = hand_over(self.acme, self.ines, by=self.max)
        with pytest.raises(Refused, match="Nils Aalto holds that deal"):
            handoff.hold_out(in_days(9), by=self.max, because="It closes", deal=deal)

    def test_the_account_stays_until_its_day(self) -> None:
        handoff = hand_over(self.acme, self.ines, by=self.max)
        handoff.hold_out(in_days(4), by=self.max, because="In the middle of the audit")
        ready_to_accept(handoff, by=self.olivia)
        handoff.accept(by=self.max)
        assert the_owner(self.acme) == self.olivia
        with days_later(4):
            run_due_changes()
        assert the_owner(self.acme) == self.ines

    def test_an_earlier_period_does_not_end_a_later_one(self) -> None:
        hand_over_wholly(self.acme, self.ines, by=self.max, back_up_until=in_days(1))
        hand_over_wholly(self.acme, self.olivia, by=self.max)
        hand_over_wholly(self.acme, self.nils, by=self.max, back_up_until=in_days(20))
        with days_later(3):
            run_due_changes()
        assert self.acme.coverage.current().filter(role="back_up", person=self.olivia).exists()
        with days_later(20):
            run_due_changes()
        assert not self.acme.coverage.current().filter(role="back_up", person=self.olivia).exists()

    def test_a_back_up_who_leaves_returns_the_deal_to_the_owner(self) -> None:
        deal = make_deal(self.acme)
        handoff = hand_over(self.acme, self.ines, by=self.max)
        handoff.hold_out(in_days(9), by=self.max, because="It closes", deal=deal)
        ready_to_accept(handoff, by=self.olivia)
        handoff.accept(by=self.max)
        self.olivia.deactivate(by=self.max, because="Left")
        deal.refresh_from_db()
        assert (deal.holder, deal.role) == (self.ines, "owner")

    def test_a_deal_that_a_back_up_holds_ends_with_the_account(self) -> None:
        deal = make_deal(self.acme)
        handoff = hand_over(self.acme, self.ines, by=self.max)
        handoff.hold_out(in_days(9), by=self.max, because="It closes", deal=deal)
        handoff.override(by=self.max, because="Now")
        self.acme.close(by=self.ines, because="They moved on", outcomes={})
        deal.refresh_from_db()
        assert deal.outcome == "dropped"
        with days_later(9):
            run_due_changes()


class Departures(CastTestCase):
    @pytest.mark.complaint(2)
    def test_a_sudden_one_leaves_nobody_dropped(self) -> None:
        owed = make_obligation(self.acme)
        browser = self.as_(self.olivia)
        transition = departure(self.olivia, self.ines, by=self.max, sudden=True)
        owed.refresh_from_db()
        row = self.acme.owner_coverage
        assert row
        assert (row.person, row.acting, owed.holder) == (self.max, True, self.max)
        assert not User.objects.get(pk=self.olivia.pk).is_active
        assert browser.get("/").status_code in {302, 404}
        handoff = transition.handoffs.get(account=self.acme)
        write(handoff, by=self.max)
        assert handoff.approvers() == [self.petra]
        approve(handoff)
        read_back(handoff)
        handoff.accept(by=self.max)
        row = self.acme.owner_coverage
        assert row
        assert (row.person, row.acting) == (self.ines, False)
        with pytest.raises(Refused, match="has left"):
            transition.undo(by=self.max)
        with pytest.raises(Refused, match="Choose other successors"):
            transition.cancel(by=self.max, because="Not now")

    def test_the_acting_manager_may_be_the_successor(self) -> None:
        transition = departure(self.olivia, self.max, by=self.max, sudden=True)
        handoff = transition.handoffs.get(account=self.acme)
        assert handoff.approvers() == [self.petra]
        with pytest.raises(PermissionDenied):  # who acts may accept, but not from himself
            handoff.accept(by=self.max)
        handoff.override(by=self.petra, because="he knows them")
        row = self.acme.owner_coverage
        assert row
        assert (row.person, row.acting) == (self.max, False)

    def test_a_planned_one_whose_last_day_passes_unread(self) -> None:
        departure(self.olivia, self.ines, by=self.max, last_day=in_days(3))
        with days_later(3):
            run_due_changes()
        assert the_owner(self.acme) == self.olivia
        with days_later(4):
            run_due_changes()
            run_due_changes()
        row = self.acme.owner_coverage
        assert row
        assert (row.person, row.acting) == (self.max, True)
        handoff = Handoff.objects.get(account=self.acme)
        assert handoff.is_open
        handoff.override(by=self.max, because="she has known them for years")
        assert the_owner(self.acme) == self.ines

    def test_one_that_nobody_started_ends_all_the_same_and_can_be_started_later(self) -> None:
        transition = departure(self.olivia, self.ines, by=self.max, last_day=in_days(1), start=False)
        with days_later(2):
            run_due_changes()
            assert not User.objects.get(pk=self.olivia.pk).is_active
            assert the_owner(self.acme) == self.max
            transition.refresh_from_db()
            transition.start(by=self.max).run()
            handoff = transition.handoffs.get(account=self.acme)
            handoff.override(by=self.max, because="they wait for somebody")
        assert the_owner(self.acme) == self.ines

    def test_it_ends_though_its_opener_could_not_open_it_any_more(self) -> None:
        departure(self.olivia, self.ines, by=self.max, last_day=in_days(1))
        self.olivia.correct(by=self.omar, reports_to=self.petra)
        self.max.deactivate(by=self.omar, because="Left too")
        with days_later(2):
            run_due_changes()
        assert the_owner(self.acme) == self.petra

    def test_only_whoever_leads_them_opens_it_and_only_one(self) -> None:
        for by in (self.ines, self.olivia, self.nils, self.carla):
            with self.subTest(by.name), pytest.raises(PermissionDenied):
                departure(self.olivia, self.ines, by=by)
        departure(self.olivia, self.ines, by=self.max)
        with pytest.raises(Refused, match="under way already"):
            departure(self.olivia, self.ines, by=self.max)
        with pytest.raises(Refused, match="under way already"):
            leave(self.olivia, self.ines, by=self.max)

    def test_every_account_needs_a_successor_who_is_there(self) -> None:
        transition = departure(self.olivia, self.ines, by=self.max, start=False)
        move = transition.moves.first()
        assert move
        for nobody in (self.carla, self.olivia):
            with self.subTest(nobody.name), pytest.raises(Refused):
                move.assign(nobody, by=self.max)
        move.assign(None, by=self.max)
        with pytest.raises(Refused, match="no successor yet"):
            transition.start(by=self.max)
        move.assign(self.nils, by=self.max)
        self.nils.deactivate(by=self.petra, because="Left")
        with pytest.raises(Refused, match="has left"):
            transition.start(by=self.max)

    def test_it_takes_over_the_handoffs_of_a_reorganisation(self) -> None:
        reorg = self.reorg()
        reorg.start(by=self.omar).run()
        older = reorg.handoffs.get()
        transition = departure(self.olivia, self.nils, by=self.max)
        newer = transition.handoffs.get(account=self.acme)
        older.refresh_from_db()
        assert newer.follows == older
        assert older.state == "cancelled"

    def test_anything_else_is_refused_naming_the_other(self) -> None:
        hand_over(self.acme, self.ines, by=self.max)
        transition = departure(self.olivia, self.nils, by=self.max)
        move = transition.moves.get(account=self.acme)
        assert "already being handed to Ines Carvalho" in move.refused_because
        assert Handoff.objects.open().filter(account=self.acme).count() == 1

    def reorg(self) -> Transition:
        lines = [(self.acme, self.ines, "By region")]
        reorg = Transition.objects.open_reorg(
            "By region", lines, by=self.omar, because="Closer to you", **dates()
        )
        reorg.submit(by=self.omar)
        for manager in reorg.review().waiting_for:
            reorg.approve(by=manager, fingerprint=reorg.fingerprint)
        return reorg

    def test_undoing_a_planned_one_gives_everything_back(self) -> None:
        owed = make_obligation(self.acme)
        transition = departure(
            self.olivia, self.ines, by=self.max, back_up_until=in_days(9), announced_on=in_days(5)
        )
        handoff = transition.handoffs.get(account=self.acme)
        handoff.override(by=self.max, because="now")
        transition.undo(by=self.max)
        owed.refresh_from_db()
        assert the_owner(self.acme) == owed.holder == self.olivia
        assert not self.acme.coverage.current().exclude(role="owner").exists()
        assert not Handoff.objects.open().exists()
        with pytest.raises(Refused):
            transition.undo(by=self.max)

    def test_undoing_finds_the_account_with_whoever_stands_in(self) -> None:
        transition = departure(self.olivia, self.ines, by=self.max, announced_on=in_days(5))
        transition.handoffs.get(account=self.acme).override(by=self.max, because="now")
        self.ines.deactivate(by=self.max, because="Left as well")
        transition.undo(by=self.max)
        assert the_owner(self.acme) == self.olivia

    def test_what_has_passed_on_since_is_not_taken_from_whoever_has_it(self) -> None:
        transition = departure(self.olivia, self.ines, by=self.max, announced_on=in_days(5))
        for handoff in transition.handoffs.all():  # the other account stays with Ines
            handoff.override(by=self.max, because="now")
        hand_over_wholly(self.acme, self.nils, by=self.max)
        with pytest.raises(Refused, match="has since passed on"):
            transition.undo(by=self.max)
        assert the_owner(self.acme) == self.nils

    def test_acting_again_after_an_undo(self) -> None:
        """Max acted, unread, before; so he does again."""
        departure(self.olivia, self.nils, by=self.max, sudden=True)
        handoff = Handoff.objects.get(account=self.acme)
        with pytest.raises(Refused, match="choose another successor"):
            handoff.cancel(by=self.max, because="Not now")
        handoff.refuse(by=self.nils, because="Too far away")
        reorg = Transition.objects.open_reorg(
            "x", [(self.acme, self.ines, "x")], by=self.omar, because="x", **dates(announced=5)
        )
        reorg.submit(by=self.omar)
        for manager in reorg.review().waiting_for:
            reorg.approve(by=manager, fingerprint=reorg.fingerprint)
        reorg.start(by=self.omar).run()
        moved = reorg.handoffs.get()
        moved.override(by=moved.approvers()[0], because="now")
        reorg.undo(by=self.omar)
        row = self.acme.owner_coverage
        assert row
        assert (row.person, row.acting) == (self.max, True)


class Leaves(CastTestCase):
    def test_the_stand_in_hands_back_by_herself(self) -> None:
        owed = make_obligation(self.acme)
        transition = leave(self.olivia, self.ines, by=self.max, starts=1)
        handoff = transition.handoffs.get(account=self.acme)
        ready_to_accept(handoff, by=self.olivia)
        handoff.accept(by=self.max)
        with days_later(1):
            run_due_changes()
        assert the_owner(self.acme) == self.ines
        borealis = self.borealis.owner_coverage  # nobody has read it back
        assert borealis
        assert (borealis.person, borealis.acting) == (self.max, True)
        with days_later(21):
            run_due_changes()
            run_due_changes()
        owed.refresh_from_db()
        assert the_owner(self.acme) == the_owner(self.borealis) == owed.holder == self.olivia
        assert not Handoff.objects.open().exists()
        assert Coverage.objects.owners().filter(acting=True).count() == 0

    def test_it_comes_back_even_if_the_stand_in_has_left(self) -> None:
        transition = leave(self.olivia, self.ines, by=self.max)
        transition.handoffs.get(account=self.acme).override(by=self.max, because="now")
        self.ines.deactivate(by=self.max, because="Left")
        assert the_owner(self.acme) == self.max
        with days_later(21):
            run_due_changes()
        assert the_owner(self.acme) == self.olivia

    def test_a_cancelled_leave_takes_nothing(self) -> None:
        transition = leave(self.olivia, self.ines, by=self.max, starts=2)
        stale = Transition.objects.get(pk=transition.pk)
        transition.cancel(by=self.max, because="She stays")
        with days_later(2):
            stale.leave_begins()
            run_due_changes()
        assert the_owner(self.acme) == self.olivia

    def test_undoing_a_leave_that_began_gives_the_accounts_back(self) -> None:
        transition = leave(self.olivia, self.ines, by=self.max, starts=0)
        transition.leave_begins()
        assert the_owner(self.acme) == self.max
        transition.undo(by=self.max)
        assert the_owner(self.acme) == self.olivia

    def test_it_ends_after_it_starts(self) -> None:
        with pytest.raises(Refused, match="comes after the first day"):
            leave(self.olivia, self.ines, by=self.max, starts=5, back=5)


class Reorganisations(CastTestCase):
    def plan(self, **when: Any) -> Transition:
        lines = [
            (self.acme, self.nils, "Ireland"),
            (self.cobalt, self.olivia, "Nordics"),
            (self.dunmore, self.nils, "x"),
        ]
        return Transition.objects.open_reorg(
            "By region", lines, by=self.omar, because="Closer", **(dates(announced=5) | when)
        )

    def test_what_has_its_owner_already_is_not_moved(self) -> None:
        assert set(self.plan().moves.values_list("account__name", flat=True)) == {
            "Acme Robotics",
            "Cobalt Mining",
        }
        with pytest.raises(Refused, match="already has that owner"):
            Transition.objects.open_reorg(
                "x", [(self.acme, self.olivia, "x")], by=self.omar, because="x", **dates()
            )
        with pytest.raises(Refused, match="is a customer"):
            Transition.objects.open_reorg(
                "x", [(self.acme, self.carla, "x")], by=self.omar, because="x", **dates()
            )
        with pytest.raises(PermissionDenied):
            Transition.objects.open_reorg(
                "x", [(self.acme, self.ines, "x")], by=self.olivia, because="x", **dates()
            )

    def test_every_manager_concerned_approves_the_plan_as_it_stands(self) -> None:
        plan = self.plan()
        assert plan.review().managers == [self.max, self.petra]
        with pytest.raises(Refused, match="not been sent for approval"):
            plan.start(by=self.omar)
        with pytest.raises(Refused, match="not waiting for approval"):
            plan.approve(by=self.max, fingerprint=plan.fingerprint)
        plan.submit(by=self.omar)
        plan.approve(by=self.max, fingerprint=plan.fingerprint)
        with pytest.raises(Refused, match="Petra Lindqvist has not approved"):
            plan.start(by=self.omar)
        for by in (self.olivia, self.omar, self.ines):
            with self.subTest(by.name), pytest.raises(PermissionDenied):
                plan.approve(by=by, fingerprint=plan.fingerprint)
        before = plan.fingerprint
        plan.moves.get(account=self.cobalt).assign(self.nils, by=self.omar)
        with pytest.raises(Refused, match="The plan has changed"):
            plan.approve(by=self.petra, fingerprint=before)
        assert plan.review().waiting_for == [self.max, self.petra]  # Max's approval is stale
        for manager in plan.review().waiting_for:
            plan.approve(by=manager, fingerprint=plan.fingerprint)
        plan.start(by=self.omar).run()
        assert plan.handoffs.count() == 2
        with pytest.raises(Refused, match="already started"):
            plan.start(by=self.omar)

    def test_it_is_returned_with_a_reason(self) -> None:
        plan = self.plan()
        plan.submit(by=self.omar)
        with pytest.raises(Refused, match="Say what should change"):
            plan.return_to_planner(by=self.max, because="")
        plan.return_to_planner(by=self.max, because="Not Acme")
        assert plan.state == "being planned"

    def test_it_runs_on_its_date_by_itself(self) -> None:
        plan = self.plan(**dates(access=3, accountable=4, announced=5))
        plan.submit(by=self.omar)
        for manager in plan.review().waiting_for:
            plan.approve(by=manager, fingerprint=plan.fingerprint)
        with pytest.raises(Refused, match="It runs on"):
            plan.start(by=self.omar)
        with days_later(3):
            run_due_changes()
        plan.refresh_from_db()
        assert plan.started_at

    @pytest.mark.complaint(1)
    def test_it_is_taken_back_until_the_first_customer_is_told(self) -> None:
        plan = self.plan()
        plan.submit(by=self.omar)
        for manager in plan.review().waiting_for:
            plan.approve(by=manager, fingerprint=plan.fingerprint)
        with pytest.raises(Refused, match="has not been started"):
            plan.undo(by=self.omar)
        plan.start(by=self.omar).run()
        handoff = plan.handoffs.get(account=self.acme)
        with pytest.raises(PermissionDenied):
            plan.undo(by=self.ines)
        with pytest.raises(Refused, match="They are told on"):
            handoff.announce()
        with days_later(5):
            run_due_changes()
            Letter.objects.send()
        handoff.refresh_from_db()
        assert handoff.announced_by == self.olivia
        with pytest.raises(Refused, match="They were told already"):
            handoff.announce()
        with pytest.raises(Refused, match="was told on"):
            plan.undo(by=self.omar)
        stranger = make_contact(self.cobalt, "Somebody Else")
        with pytest.raises(Refused, match="belongs to another account"):
            handoff.confirm(contact=stranger)
        handoff.confirm(contact=self.champion)
        with pytest.raises(Refused, match="already confirmed"):
            handoff.confirm(contact=self.champion)


class MergingAndClosing(CastTestCase):
    def test_what_is_owed_is_held_where_the_account_went(self) -> None:
        owed, deal = make_obligation(self.acme), make_deal(self.acme)
        self.acme.merge_into(self.cobalt, by=self.max, because="One company")
        for thing in (owed, deal):
            thing.refresh_from_db()
            assert (thing.account, thing.holder) == (self.cobalt, self.ines)
        with pytest.raises(Refused, match="already closed"):
            self.acme.merge_into(self.cobalt, by=self.max, because="Again")
        with pytest.raises(Refused, match="with itself"):
            self.cobalt.merge_into(self.cobalt, by=self.max, because="x")

    def test_what_is_part_of_an_account_goes_with_it(self) -> None:
        told = make_entry(self.acme)
        self.acme.merge_into(self.cobalt, by=self.max, because="One company")
        self.cobalt.merge_into(self.dunmore, by=self.omar, because="One group")
        self.acme.refresh_from_db()
        assert self.acme.merged_into == self.dunmore
        assert told in Entry.objects.of(Account.objects.get(pk=self.dunmore.pk))

    def test_closing_says_what_becomes_of_each_thing_owed(self) -> None:
        owed = make_obligation(self.acme)
        with pytest.raises(Refused, match="Say what becomes of"):
            self.acme.close(by=self.max, because="Gone", outcomes={owed.pk: " "})
        with pytest.raises(PermissionDenied):
            self.acme.close(by=self.ines, because="Gone", outcomes={owed.pk: "x"})
        self.acme.close(by=self.max, because="Gone", outcomes={owed.pk: "Cancelled with them"})
        assert Deal.objects.open().filter(account=self.acme).count() == 0
        with pytest.raises(Refused, match="already closed"):
            self.acme.close(by=self.max, because="Gone", outcomes={})


# ---- Two at once


def at_once(*acts: Callable[[], object]) -> list[BaseException | None]:
    """Do these at the same moment, each on a connection of its own. How each ended: None, or the refusal."""
    start = threading.Barrier(len(acts))
    ended: list[BaseException | None] = [None] * len(acts)

    def run(n: int, act: Callable[[], object]) -> None:
        try:
            start.wait(5)
            act()
        except (Refused, PermissionDenied, DatabaseError) as refusal:
            ended[n] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return ended


def one_wins(ended: list[BaseException | None]) -> bool:
    return ended.count(None) == 1 and all(isinstance(e, Refused) for e in ended if e)


def test_accepting_while_it_is_being_cancelled(transactional_db: None) -> None:
    cast = the_cast()
    handoff = ready_to_accept(hand_over(cast.acme, cast.ines, by=cast.max), by=cast.olivia)
    mine, theirs = Handoff.objects.get(pk=handoff.pk), Handoff.objects.get(pk=handoff.pk)
    ended = at_once(
        lambda: mine.accept(by=cast.olivia), lambda: theirs.cancel(by=cast.max, because="She stays")
    )
    assert one_wins(ended)
    handoff.refresh_from_db()
    moved = the_owner(cast.acme) == cast.ines
    assert moved == bool(handoff.moved_at)
    assert moved != bool(handoff.cancelled_at)


def test_accepting_twice_moves_it_once(transactional_db: None) -> None:
    cast = the_cast()
    handoff = ready_to_accept(hand_over(cast.acme, cast.ines, by=cast.max), by=cast.olivia)
    mine, theirs = Handoff.objects.get(pk=handoff.pk), Handoff.objects.get(pk=handoff.pk)
    assert one_wins(at_once(lambda: mine.accept(by=cast.olivia), lambda: theirs.accept(by=cast.max)))
    assert Coverage.objects.filter(account=cast.acme, role="owner").count() == 2


def test_two_managers_who_approve_at_once_are_both_heard(transactional_db: None) -> None:
    cast = the_cast()
    handoff = hand_over(cast.acme, cast.nils, by=cast.max)
    write(handoff, by=cast.olivia)
    print_ = handoff.brief().fingerprint
    mine, theirs = Handoff.objects.get(pk=handoff.pk), Handoff.objects.get(pk=handoff.pk)
    ended = at_once(
        lambda: mine.approve(by=cast.max, fingerprint=print_),
        lambda: theirs.approve(by=cast.petra, fingerprint=print_),
    )
    assert ended == [None, None]
    assert Handoff.objects.get(pk=handoff.pk).review().is_approved


def test_one_manager_who_approves_in_two_tabs_is_counted_once(transactional_db: None) -> None:
    cast = the_cast()
    handoff = hand_over(cast.acme, cast.ines, by=cast.max)
    write(handoff, by=cast.olivia)
    print_ = handoff.brief().fingerprint
    mine, theirs = Handoff.objects.get(pk=handoff.pk), Handoff.objects.get(pk=handoff.pk)
    ended = at_once(
        lambda: mine.approve(by=cast.max, fingerprint=print_),
        lambda: theirs.return_to_writer(by=cast.max, because="Thin"),
    )
    assert None in ended
    assert Handoff.objects.get(pk=handoff.pk).approvals.count() == ended.count(None)


def test_two_departures_of_one_person_at_once(transactional_db: None) -> None:
    cast = the_cast()
    ended = at_once(
        lambda: Transition.objects.open_departure(
            cast.olivia, by=cast.max, because="x", sudden=True, **dates()
        ),
        lambda: Transition.objects.open_departure(cast.olivia, by=cast.petra, because="x", **dates()),
    )
    assert one_wins(ended)
    assert Transition.objects.count() == 1


def test_a_read_back_given_twice_is_kept_once(transactional_db: None) -> None:
    cast = the_cast()
    handoff = hand_over(cast.acme, cast.ines, by=cast.max)
    write(handoff, by=cast.olivia)
    approve(handoff)
    mine, theirs = Handoff.objects.get(pk=handoff.pk), Handoff.objects.get(pk=handoff.pk)
    assert one_wins(at_once(lambda: read_back(mine), lambda: read_back(theirs)))
    assert handoff.read_backs.count() == 1


def test_two_who_leave_at_once_leave_nobody_dropped(transactional_db: None) -> None:
    """Olivia's accounts go to Max while Max goes too: whichever comes second is refused, or finds them with Petra."""
    cast = the_cast()
    extra = make_user("Otis Ops", User.Kind.OPERATIONS)
    at_once(
        lambda: cast.olivia.deactivate(by=cast.omar, because="Left"),
        lambda: cast.max.deactivate(by=extra, because="Left"),
    )
    owner = the_owner(cast.acme)
    assert owner.is_active
