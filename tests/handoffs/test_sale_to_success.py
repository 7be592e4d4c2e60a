"""From sale to success: what was promised to win a customer passes, by name, to whoever has to see it kept."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.database.sentences import sentence_of
from accounts.models import Account, Coverage, CustomerCase, Deal, Letter, Obligation, Refused, User
from accounts.models.deadlines import plan_care
from handoffs.customer.page import compose
from handoffs.models import Handoff, TemplateItem, Transition
from handoffs.tasks import run_due_changes
from tests.base import (
    CastTestCase,
    days_ago,
    in_days,
    make_coverage,
    make_deal,
    make_obligation,
    make_user,
    the_cast,
)
from tests.handoffs.steps import announce, approve, dates, hand_over, read_back, ready_to_accept, write
from tests.laws import refusal_of, run_sql

SUCCESS = Coverage.Role.SUCCESS
#: Who holds what Acme is owed, in which role: before the success person has accepted, and after.
WITH_THE_SELLER = {
    "Send the brochure": ("Olivia", "owner"),
    "Live in Hamburg before the audit": ("Olivia", "owner"),
    "The export to SAP by summer": ("Olivia", "owner"),
    "Send the invoice": ("Olivia", "owner"),
}
WITH_SUCCESS = WITH_THE_SELLER | {
    "Live in Hamburg before the audit": ("Ines", "success"),
    "The export to SAP by summer": ("Ines", "success"),
}


def sold(account: Account, name: str = "Pilot", **fields: Any) -> Deal:
    """An opportunity that was begun a month ago and is still open."""
    deal = make_deal(account, name, kind=Deal.Kind.OPPORTUNITY, **fields)
    run_sql("UPDATE accounts_deal SET created_at = %s WHERE id = %s", days_ago(30), deal.pk)
    deal.refresh_from_db()
    return deal


def promise(account: Account, text: str, days: float, **fields: Any) -> Obligation:
    """Something promised so many days ago."""
    return make_obligation(account, text, at=days_ago(days), **fields)


def pass_on(deal: Deal, success: User, *, by: User, **when: Any) -> Transition:
    return Transition.objects.open_sale_to_success(
        deal, success, by=by, because="You have bought it; now it has to pay off", **(dates() | when)
    )


def begin(deal: Deal, success: User, *, by: User, **when: Any) -> Handoff:
    transition = pass_on(deal, success, by=by, **when)
    transition.start(by=by).run()
    return transition.handoffs.get()


class Selling(CastTestCase):
    """Olivia has won the pilot at Acme; Ines is to see to it that it pays off."""

    deal: Deal
    before: Obligation
    firm: Obligation
    stretch: Obligation
    after: Obligation

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.deal = sold(cls.acme)
        cls.before = promise(cls.acme, "Send the brochure", 60)
        cls.firm = promise(cls.acme, "Live in Hamburg before the audit", 20, contact=cls.champion)
        cls.stretch = promise(cls.acme, "The export to SAP by summer", 10, stretch=True)
        cls.deal.close("won", by=cls.olivia)
        cls.after = make_obligation(cls.acme, "Send the invoice")

    def held(self) -> dict[str, tuple[str, str]]:
        """Who holds each thing that is owed to Acme, in which role."""
        rows = Obligation.objects.open().filter(account=self.acme).select_related("holder")
        return {owed.text: (owed.holder.first_name, owed.role) for owed in rows}


class TheJourney(Selling):
    @pytest.mark.complaint(24, 25)
    def test_promises_of_the_sale_pass_to_success_when_the_read_back_is_accepted(self) -> None:
        """They stay with the seller until somebody has taken on each of them by name."""
        handoff = begin(self.deal, self.ines, by=self.max)
        assert (handoff.role, handoff.outgoing, handoff.is_full) == (SUCCESS, self.olivia, True)
        assert handoff.obligations() == [self.firm, self.stretch]
        write(handoff, by=self.olivia)
        approve(handoff)
        with pytest.raises(Refused, match="Say who takes on “The export to SAP by summer”"):
            read_back(handoff, holders={self.firm.pk: self.ines})
        read_back(handoff)
        assert self.held() == WITH_THE_SELLER
        assert not Coverage.objects.current().filter(account=self.acme, role=SUCCESS).exists()
        handoff.accept(by=self.olivia)
        assert self.held() == WITH_SUCCESS
        assert self.acme.owner == self.olivia
        assert handoff.coverage
        assert (handoff.coverage.role, handoff.coverage.person) == (SUCCESS, self.ines)
        assert handoff.transition.state == "done"
        self.firm.refresh_from_db()
        assert self.firm.transfers == 1

    @pytest.mark.complaint(25)
    def test_the_check_ins_after_the_sale_pass_with_its_promises(self) -> None:
        """Whoever looks after their success is the one who comes back after 7, 30 and 90 days."""
        plan_care()
        handoff = begin(self.deal, self.ines, by=self.max)
        assert handoff.obligations()[:2] == [self.firm, self.stretch]
        assert [owed.check_in for owed in handoff.obligations()[2:]] == [7, 30, 90]
        assert handoff.items.filter(proof="taken_on", text__startswith="Visit: Check in").count() == 3
        ready_to_accept(handoff, by=self.olivia).accept(by=self.olivia)
        visits = self.deal.check_ins.values_list("holder__name", "role")
        assert set(visits) == {("Ines Carvalho", "success")}

    def test_a_colleague_may_take_a_promise_on(self) -> None:
        handoff = begin(self.deal, self.ines, by=self.max)
        write(handoff, by=self.olivia)
        approve(handoff)
        read_back(handoff, holders={self.firm.pk: self.ines, self.stretch.pk: self.nils})
        handoff.accept(by=self.olivia)
        assert self.held()["The export to SAP by summer"] == ("Nils", "support")

    def test_a_promise_that_was_kept_in_between_is_not_moved(self) -> None:
        handoff = ready_to_accept(begin(self.deal, self.ines, by=self.max), by=self.olivia)
        self.firm.keep(by=self.olivia)
        approve(handoff)
        handoff.accept(by=self.olivia)
        self.firm.refresh_from_db()
        assert (self.firm.holder, self.firm.role, self.firm.transfers) == (self.olivia, "owner", 0)

    def test_an_earlier_day_of_engagement_counts_as_the_beginning_of_the_sale(self) -> None:
        run_sql("UPDATE accounts_deal SET engaged_on = %s WHERE id = %s", in_days(-90), self.deal.pk)
        handoff = begin(self.deal, self.ines, by=self.max)
        assert self.before in handoff.obligations()
        assert self.after not in handoff.obligations()

    def test_it_waits_for_its_date_and_for_access(self) -> None:
        handoff = begin(self.deal, self.ines, by=self.max, **dates(access=0, accountable=3, announced=3))
        reading = self.acme.coverage.current().filter(role="incoming", person=self.ines)
        assert reading.exists()
        ready_to_accept(handoff, by=self.olivia).accept(by=self.olivia)
        assert self.held() == WITH_THE_SELLER
        with pytest.MonkeyPatch.context() as later:
            later.setattr("handoffs.models.blockers.today", lambda: in_days(3))
            handoff.becomes_accountable()
        assert self.held() == WITH_SUCCESS
        assert not reading.exists()

    def test_the_seller_may_begin_it_and_whoever_manages_neither_may_not(self) -> None:
        with pytest.raises(PermissionDenied):
            pass_on(self.deal, self.ines, by=self.ines)
        rosa = make_user("Rosa Lind", User.Kind.MANAGER, reports_to=self.petra)
        with pytest.raises(PermissionDenied):
            pass_on(self.deal, self.ines, by=rosa)
        transition = pass_on(self.deal, self.ines, by=self.olivia)
        assert transition.may_run(self.olivia)
        assert transition.may_run(self.max)
        assert not transition.may_run(rosa)

    def test_where_the_seller_serves_no_more_the_owner_hands_on(self) -> None:
        hand_over(self.acme, self.nils, by=self.max).override(by=self.max, because="At once")
        assert self.deal.seller == self.nils
        handoff = begin(self.deal, self.ines, by=self.omar)
        assert handoff.outgoing == self.nils
        assert handoff.obligations() == [self.firm, self.stretch]

    def test_when_the_seller_leaves_meanwhile_the_promises_are_not_lost(self) -> None:
        handoff = begin(self.deal, self.ines, by=self.max)
        self.olivia.deactivate(by=self.max, because="She left")
        handoff = Handoff.objects.get(pk=handoff.pk)
        assert handoff.obligations() == [self.firm, self.stretch]
        handoff.override(by=handoff.approvers()[0], because="The customer waits")
        assert self.held()["The export to SAP by summer"] == ("Ines", "success")
        assert self.held()["Send the invoice"] == ("Max", "owner")


class ItsChecklist(Selling):
    @pytest.mark.complaint(25, 27)
    def test_the_promises_of_the_sale_come_first_with_their_words(self) -> None:
        """A stretch is marked as one. What keeps them from production is a repair with a holder."""
        items = list(begin(self.deal, self.ines, by=self.max).items.all())
        assert [str(item) for item in items[:2]] == [
            "Promised at the sale: “Live in Hamburg before the audit”",
            "Promised at the sale, a stretch: “The export to SAP by summer”",
        ]
        assert all(item.by_read_back and item.required for item in items[:2])
        assert "Each promise made at the sale" in items[2].text
        assert any("repair with a holder" in item.text for item in items)
        assert not any("Send the invoice" in item.text for item in items)

    @pytest.mark.complaint(27)
    def test_what_keeps_a_trial_from_production_is_a_repair_with_a_holder(self) -> None:
        """It stands in the brief that success reads back, somebody has it, and only they say it is over."""
        blocker = CustomerCase.report(
            self.acme, "It must run behind their proxy", by=self.nils, severity="stops", contact=self.champion
        )
        assert blocker.holder == self.olivia
        brief = begin(self.deal, self.ines, by=self.max).brief()
        (line,) = [line for line in brief.part("owed").lines if line.text == "It must run behind their proxy"]
        assert line.must_survive
        assert line.title.startswith("Repair from Carla Weiss")
        with pytest.raises(Refused, match="Only the customer can close"):
            blocker.keep(by=self.olivia)

    def test_its_own_lines_stand_instead_of_the_general_ones_on_the_same_topic(self) -> None:
        handoff = begin(self.deal, self.ines, by=self.max)
        assert [item.text for item in handoff.items.filter(topic="outcome")] == [
            "The outcome they bought it for is written down"
        ]
        assert handoff.items.filter(topic="story").exists()
        TemplateItem.objects.filter(kind="sale_to_success").update(active=False)
        handoff.transition.cancel(by=self.max, because="Anew")
        again = begin(self.deal, self.ines, by=self.max)
        assert again.items.get(topic="outcome").text == "The outcome they want is written in their words"

    def test_a_handover_has_none_of_it(self) -> None:
        items = hand_over(self.borealis, self.ines, by=self.max).items.all()
        assert not [item for item in items if "sale" in item.text]

    def test_a_long_promise_keeps_its_quotation_marks(self) -> None:
        deal = sold(self.borealis)
        promise(self.borealis, "We shall " + "certainly " * 60, 5)
        deal.close("won", by=self.olivia)
        item = begin(deal, self.ines, by=self.max).items.all()[0]
        assert len(item.text) == 300
        assert item.text.endswith("”")


class Refusing(Selling):
    def refused(self, sentence: str, success: User | None = None, deal: Deal | None = None) -> None:
        with pytest.raises(Refused, match=sentence):
            pass_on(deal or self.deal, success or self.ines, by=self.omar)
        assert not Transition.objects.filter(kind="sale_to_success", started_at=None).exists()

    def test_a_deal_that_was_not_won(self) -> None:
        lost, still_open = sold(self.acme, "Second site"), sold(self.acme, "Third site")
        lost.close("lost", by=self.olivia)
        self.refused("“Second site” has not been won", deal=lost)
        self.refused("“Third site” has not been won", deal=still_open)

    def test_a_closed_account(self) -> None:
        outcomes = {owed.pk: "They stopped trading" for owed in self.acme.obligations.open()}
        self.acme.close(by=self.max, because="They stopped trading", outcomes=outcomes)
        self.refused("Acme Robotics is closed")

    def test_somebody_who_cannot_take_it(self) -> None:
        self.refused("Carla Weiss is a customer", self.carla)
        self.refused("Olivia Brandt already has Acme Robotics", self.olivia)
        self.nils.deactivate(by=self.omar, because="He left")
        self.refused("Nils Aalto cannot take Acme Robotics: Nils has left", self.nils)

    def test_somebody_looks_after_it_already(self) -> None:
        make_coverage(self.acme, self.nils, SUCCESS)
        self.refused(
            "Nils Aalto looks after the success of Acme Robotics already. Give them what was promised"
        )

    def test_what_a_further_sale_promised_goes_to_whoever_looks_after_it_already(self) -> None:
        make_coverage(self.acme, self.nils, SUCCESS)
        page = self.browse(self.olivia, "sale_to_success_new", self.deal.pk)
        self.assertContains(page, "Give it to Nils")
        self.send(self.olivia, "deal_give_to_success", self.deal.pk)
        held = self.acme.obligations.open().filter(role=SUCCESS)
        assert {line.text for line in held if line.holder == self.nils} >= set(WITH_SUCCESS) - {
            "Send the brochure",
            "Send the invoice",
        }
        assert Letter.objects.filter(to=self.nils, text__contains="Live in Hamburg").exists()
        with self.assertRaisesMessage(Refused, "is left to hand on"):
            self.deal.give_to_success(by=self.olivia)
        with pytest.raises(PermissionDenied):
            self.deal.give_to_success(by=self.ines)

    def test_it_is_being_handed_over_already(self) -> None:
        make_coverage(self.acme, self.nils, SUCCESS)
        hand_over(self.acme, self.max, by=self.omar, role=SUCCESS)
        self.acme.coverage.get(role=SUCCESS).end(by=self.omar, because="Elsewhere now")
        self.refused("is being handed to Max Adeyemi already")

    def test_it_was_begun_already(self) -> None:
        transition = pass_on(self.deal, self.ines, by=self.max)
        transition.start(by=self.max)
        self.refused("was handed to success already: Acme Robotics: sale to success. Cancel that first")

    def test_dates_that_cannot_all_be_meant_and_no_reason(self) -> None:
        with pytest.raises(Refused, match="must be able to read"):
            pass_on(self.deal, self.ines, by=self.max, **dates(access=4, accountable=2))
        with pytest.raises(Refused, match="Say why"):
            Transition.objects.open_sale_to_success(self.deal, self.ines, by=self.max, because=" ", **dates())

    def test_a_second_time_around_the_models(self) -> None:
        pass_on(self.deal, self.ines, by=self.max)
        names = [f.column for f in Transition._meta.local_concrete_fields if f.column != "id"]
        columns = ", ".join(names)
        again = f"INSERT INTO handoffs_transition ({columns}) SELECT {columns} FROM handoffs_transition"
        assert refusal_of(again) == "transition_one_for_a_deal"
        assert sentence_of("transition_one_for_a_deal").startswith("What was sold in this deal")
        without = "UPDATE handoffs_transition SET deal_id = NULL"
        assert refusal_of(without) == "transition_of_a_sale_has_its_deal"
        another = "UPDATE handoffs_transition SET kind = 'handover'"
        assert refusal_of(another) == "transition_of_a_sale_has_its_deal"


class AnotherCourse(Selling):
    def moved(self) -> Handoff:
        handoff = begin(self.deal, self.ines, by=self.max, **dates(announced=5))
        ready_to_accept(handoff, by=self.olivia).accept(by=self.olivia)
        assert self.held() == WITH_SUCCESS
        return handoff

    def test_undone_the_promises_are_the_owner_s_again(self) -> None:
        handoff = self.moved()
        later = make_obligation(self.acme, "Train the second shift", holder=self.ines, role=SUCCESS)
        handoff.transition.undo(by=self.max)
        assert self.held() == WITH_THE_SELLER | {later.text: ("Olivia", "owner")}
        assert not Coverage.objects.current().filter(account=self.acme, person=self.ines).exists()
        assert Handoff.objects.get(pk=handoff.pk).state == "taken back"
        begin(self.deal, self.nils, by=self.omar)

    def test_undone_it_is_also_taken_from_whoever_stands_in(self) -> None:
        handoff = self.moved()
        self.ines.deactivate(by=self.max, because="She left")
        assert self.held()["The export to SAP by summer"] == ("Max", "success")
        handoff.transition.undo(by=self.max)
        assert self.held() == WITH_THE_SELLER
        assert not Coverage.objects.current().filter(account=self.acme, role=SUCCESS).exists()

    def test_it_cannot_be_undone_once_the_customer_was_told(self) -> None:
        handoff = begin(self.deal, self.ines, by=self.max)
        announce(handoff)
        with pytest.raises(Refused, match="can no longer be taken back"):
            handoff.transition.undo(by=self.max)

    def test_cancelled_nothing_has_moved_and_it_may_begin_anew(self) -> None:
        handoff = begin(self.deal, self.ines, by=self.max)
        ready_to_accept(handoff, by=self.olivia)
        handoff.transition.cancel(by=self.max, because="They bought less")
        assert Handoff.objects.get(pk=handoff.pk).state == "cancelled"
        assert not Coverage.objects.current().filter(account=self.acme, person=self.ines).exists()
        assert self.held() == WITH_THE_SELLER
        begin(self.deal, self.nils, by=self.omar)

    def test_refused_it_is_handed_to_somebody_else_with_the_same_promises(self) -> None:
        handoff = begin(self.deal, self.ines, by=self.max)
        handoff.refuse(by=self.ines, because="Too much at once")
        following = handoff.replace(self.nils, by=self.max, because="Nils has room")
        assert following.obligations() == [self.firm, self.stretch]
        assert following.items.filter(obligation=self.firm).exists()
        ready_to_accept(following, by=self.olivia).accept(by=self.olivia)
        assert self.held()["Live in Hamburg before the audit"] == ("Nils", "success")

    def test_overridden_the_promises_pass_too(self) -> None:
        begin(self.deal, self.ines, by=self.max).override(by=self.max, because="They go live tomorrow")
        assert self.held() == WITH_SUCCESS

    def test_an_account_that_changes_its_owner_meanwhile_loses_no_promise(self) -> None:
        handoff = ready_to_accept(begin(self.deal, self.ines, by=self.max), by=self.olivia)
        hand_over(self.acme, self.nils, by=self.max).override(by=self.max, because="At once")
        assert self.held()["The export to SAP by summer"] == ("Nils", "owner")
        assert handoff.obligations() == [self.firm, self.stretch]
        handoff.accept(by=self.max)
        assert self.held()["The export to SAP by summer"] == ("Ines", "success")
        assert self.held()["Send the invoice"] == ("Nils", "owner")

    def test_a_promise_cannot_be_put_into_a_role_in_which_nobody_serves(self) -> None:
        begin(self.deal, self.ines, by=self.max)
        move = "UPDATE accounts_obligation SET role = 'success', holder_id = %s WHERE id = %s"
        assert refusal_of(move, self.ines.pk, self.firm.pk) == "obligation_holder_serves"


class WhatTheCustomerSees(Selling):
    def test_until_they_are_told_they_see_the_seller(self) -> None:
        self.firm.share(by=self.olivia)
        handoff = begin(self.deal, self.ines, by=self.max, **dates(announced=2))
        ready_to_accept(handoff, by=self.olivia).accept(by=self.olivia)
        page = compose(self.acme)
        assert {member.person for member in page.team} == {self.olivia}
        assert [line.holder for line in page.owed] == [self.olivia]
        self.assertNotContains(self.browse(self.carla, "customer_page"), "Ines Carvalho")

    def test_from_then_on_who_looks_after_their_success_since_when_and_why(self) -> None:
        self.firm.share(by=self.olivia)
        handoff = begin(self.deal, self.ines, by=self.max)
        announce(handoff)
        page = self.browse(self.carla, "customer_page")
        self.assertContains(page, "Olivia Brandt hands your success over to Ines Carvalho")
        self.assertContains(page, "You have bought it; now it has to pay off")
        self.assertContains(page, "Nobody else on your team changes")
        ready_to_accept(handoff, by=self.olivia).accept(by=self.olivia)
        page = self.browse(self.carla, "customer_page")
        self.assertContains(page, "Ines Carvalho looks after your success")
        self.assertContains(page, "looks after your success")
        assert [line.holder for line in compose(self.acme).owed] == [self.ines]

    def test_the_announcement_says_what_is_handed_over_and_what_is_not(self) -> None:
        announce(begin(self.deal, self.ines, by=self.max))
        letter = self.carla.letters.latest("pk")
        assert letter.subject == "Ines Carvalho will look after the success of Acme Robotics"
        assert "Olivia Brandt hands the success of Acme Robotics over to Ines Carvalho" in letter.text
        assert "Nobody else on your team changes." in letter.text

    def test_it_is_announced_and_moved_by_the_day(self) -> None:
        handoff = begin(self.deal, self.ines, by=self.max)
        ready_to_accept(handoff, by=self.olivia).accept(by=self.olivia)
        run_due_changes()
        Letter.objects.send()
        handoff.refresh_from_db()
        assert handoff.announced_by == self.olivia


class ItsPages(Selling):
    def sent(self, **fields: Any) -> dict[str, Any]:
        given = {"success": self.ines.pk, "because": "It is in use now"} | dates(accountable=7, announced=3)
        return given | fields

    @pytest.mark.complaint(25)
    def test_a_deal_that_is_won_says_what_comes_next(self) -> None:
        """The sale does not end with the signature."""
        deal = sold(self.acme, "Second site")
        told = self.as_(self.olivia).post(f"/deals/{deal.pk}/close/", {"outcome": "won"}, follow=True)
        self.assertRedirects(told, f"/deals/{deal.pk}/")
        self.assertContains(told, "Won: Second site. Next, hand it to whoever looks after their success.")
        self.assertContains(told, f"/deals/{deal.pk}/to-success/")
        make_coverage(self.acme, self.nils)
        other = sold(self.acme, "Third site")
        told = self.as_(self.nils).post(f"/deals/{other.pk}/close/", {"outcome": "won"}, follow=True)
        self.assertRedirects(told, f"/accounts/{self.acme.pk}/")
        self.assertNotContains(told, "Next, hand it")
        lost = sold(self.acme, "Fourth site")
        told = self.as_(self.olivia).post(f"/deals/{lost.pk}/close/", {"outcome": "lost"}, follow=True)
        self.assertRedirects(told, f"/accounts/{self.acme.pk}/")

    def test_the_won_deal_is_found_on_the_account_s_page_and_offers_it_to_those_who_may(self) -> None:
        self.assertContains(self.browse(self.olivia, "account", self.acme.pk), f"/deals/{self.deal.pk}/")
        make_coverage(self.acme, self.nils)
        for person, offered in [(self.olivia, True), (self.max, True), (self.omar, True), (self.nils, False)]:
            page = self.browse(person, "deal", self.deal.pk)
            assert ("Hand to success" in page.content.decode()) == offered, person
            self.assertContains(page, "The export to SAP by summer")
        assert "Hand to success" not in self.browse(self.max, "deal", sold(self.acme).pk).content.decode()

    def test_a_sale_of_long_ago_is_folded_on_the_account_s_page(self) -> None:
        run_sql("UPDATE accounts_deal SET closed_at = %s", days_ago(91))
        page = self.browse(self.olivia, "account", self.acme.pk).content.decode()
        assert page.index("Ended before: 1") < page.index(f"/deals/{self.deal.pk}/")

    @pytest.mark.complaint(24)
    def test_the_form_lists_what_was_promised_and_opens_the_desk(self) -> None:
        """The exact words, and which of them were a stretch."""
        page = self.browse(self.max, "sale_to_success_new", self.deal.pk)
        self.assertContains(page, "Live in Hamburg before the audit")
        self.assertContains(page, "a stretch", count=1)
        self.assertNotContains(page, "Send the invoice")
        told = self.as_(self.max).post(f"/deals/{self.deal.pk}/to-success/", self.sent(), follow=True)
        transition = Transition.objects.get(deal=self.deal)
        self.assertRedirects(told, f"/transitions/{transition.pk}/")
        self.assertContains(told, "the account keeps its owner")
        self.assertContains(self.browse(self.max, "transition_list"), "Sale to success")
        page = self.browse(self.max, "deal", self.deal.pk)
        self.assertContains(page, f"/transitions/{transition.pk}/")
        assert "Hand to success" not in page.content.decode()
        page = self.browse(self.olivia, "deal", self.deal.pk)
        self.assertContains(page, "It is being planned.")

    def test_what_stands_in_the_way_is_said_beside_the_button_and_loses_nothing(self) -> None:
        pass_on(self.deal, self.nils, by=self.omar)
        page = self.browse(self.max, "sale_to_success_new", self.deal.pk)
        self.assertContains(page, "was handed to success already")
        sent = self.send(self.max, "sale_to_success_new", self.deal.pk, **self.sent(because="It is live"))
        assert sent.status_code == 409
        self.assertContains(sent, "It is live", status_code=409)
        self.assertContains(sent, "was handed to success already", status_code=409)

    def test_the_seller_is_not_among_those_to_choose(self) -> None:
        sent = self.send(self.max, "sale_to_success_new", self.deal.pk, **self.sent(success=self.olivia.pk))
        self.assertContains(sent, "Select a valid choice")
        assert not Transition.objects.exists()

    def test_whoever_neither_sold_nor_manages_may_not(self) -> None:
        make_coverage(self.acme, self.nils)
        assert self.browse(self.nils, "sale_to_success_new", self.deal.pk).status_code == 403
        assert self.browse(self.carla, "sale_to_success_new", self.deal.pk).status_code == 404

    def test_the_room_says_whose_success_goes_where(self) -> None:
        handoff = begin(self.deal, self.ines, by=self.max)
        room = self.browse(self.max, "handoff", handoff.pk)
        self.assertContains(room, "Olivia hands the success of Acme Robotics to Ines")
        self.assertContains(room, "The account keeps its owner.")
        self.assertContains(room, "Promised at the sale, a stretch: “The export to SAP by summer”")
        write(handoff, by=self.olivia)
        approve(handoff)
        page = self.browse(self.ines, "handoff_read_back", handoff.pk)
        self.assertContains(page, "a stretch: we said we would try", count=1)
        account = self.browse(self.olivia, "account", self.acme.pk)
        self.assertContains(account, "Olivia Brandt hands the success of Acme Robotics to Ines Carvalho")

    def test_where_changes_begin_says_where_this_one_does(self) -> None:
        self.assertContains(self.browse(self.max, "transition_new"), "passes from sale to success")


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_who_begin_it_at_once_one_is_told() -> None:
    cast = the_cast()
    deal = sold(cast.acme)
    deal.close("won", by=cast.olivia)
    outcomes: list[object] = []
    both = threading.Barrier(2)

    def start(by: User) -> None:
        both.wait()
        try:
            outcomes.append(pass_on(Deal.objects.get(pk=deal.pk), cast.ines, by=by))
        except Refused as refused:
            outcomes.append(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=start, args=[person]) for person in (cast.max, cast.petra)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(outcomes) == 2
    assert ["was handed to success already" in str(one) for one in refused] == [True]
    assert Transition.objects.filter(deal=deal).count() == 1
