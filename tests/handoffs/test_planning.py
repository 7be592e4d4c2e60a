"""transition -> Plan: what is at stake, who could take it over, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.briefing.memory import AccountMemory
from accounts.models import Account, Condition, Coverage, Obligation, Stage, User
from handoffs.models import Transition
from handoffs.pages.reorganisation import impact_of
from handoffs.planning import CandidatePool, best_successors, exposures, succession_plan
from handoffs.planning.succession import Exposure
from tests.base import (
    CastTestCase,
    in_days,
    make_account,
    make_case,
    make_champion,
    make_coverage,
    make_deal,
    make_entry,
    make_obligation,
    make_stage,
    make_user,
)
from tests.handoffs.steps import dates, hand_over_wholly


class AtStake(CastTestCase):
    @pytest.mark.complaint(2)
    def test_late_promises_a_lonely_champion_and_a_closing_deal_come_first(self) -> None:
        make_obligation(self.borealis, due_in=-3)
        make_champion(self.borealis, "Bea Storm")
        make_entry(self.borealis, contacts=[self.borealis.contacts.get()])
        make_deal(self.borealis, "Renewal", expected_close=in_days(20))
        departure = Transition.objects.open_departure(self.olivia, by=self.max, because="Moves", **dates())
        first, second = succession_plan(departure)
        assert (first.account, second.account) == (self.borealis, self.acme)
        sentences = " ".join(first.exposure.sentences("Olivia"))
        assert "1 thing we owe, late" in sentences
        assert "Only Olivia knows Bea Storm" in sentences
        assert "Renewal closes on" in sentences
        assert first.exposure.condition == Condition.URGENT

    def test_a_champion_whom_a_colleague_met_is_not_lost(self) -> None:
        make_entry(self.acme, contacts=[self.champion])
        assert exposures([self.acme], self.olivia)[self.acme.pk].known_only_to_leaver == ("Carla Weiss",)
        make_entry(self.acme, by=self.nils, contacts=[self.champion])
        assert exposures([self.acme], self.olivia)[self.acme.pk].known_only_to_leaver == ()

    def test_an_account_at_risk_is_as_urgent_as_on_its_own_page(self) -> None:
        make_stage(self.acme, Stage.AT_RISK)
        assert self.acme.condition_now == Condition.URGENT
        assert exposures([self.acme], self.olivia)[self.acme.pk].condition == Condition.URGENT

    def test_a_late_task_of_our_own_does_not(self) -> None:
        make_obligation(self.acme, "Tidy the file", kind="task", due_in=-9)
        assert self.acme.condition_now == Condition.WATCH  # for nobody has been in touch
        assert exposures([self.acme], self.olivia)[self.acme.pk].condition == self.acme.condition_now
        assert "late" not in str(AccountMemory.read(self.acme).signs)

    def test_a_repair_makes_it_urgent(self) -> None:
        make_case(self.acme, "The gate broke", Obligation.Kind.REPAIR)
        assert exposures([self.acme], self.olivia)[self.acme.pk].condition == Condition.URGENT

    def test_a_deal_closes_soon_for_sixty_days_and_then_weighs_more(self) -> None:
        def exposure(closes_in: int) -> Exposure:
            deal.expected_close = in_days(closes_in)
            deal.save()
            return exposures([self.borealis], self.olivia)[self.borealis.pk]

        deal = make_deal(self.borealis, "Renewal")
        soon, later = exposure(60), exposure(61)
        assert (soon.closes_soon, later.closes_soon) == (True, False)
        assert soon.weight > later.weight == replace(later, next_close=None).weight


def test_each_loss_weighs_and_the_worst_weigh_most() -> None:
    nothing = Exposure()
    weights = [
        replace(nothing, owed=1).weight,
        replace(nothing, late=1).weight,
        replace(nothing, known_only_to_leaver=("Carla Weiss",)).weight,
        replace(nothing, closes_soon=True).weight,
        replace(nothing, condition=Condition.WATCH).weight,
        replace(nothing, condition=Condition.URGENT).weight,
    ]
    assert nothing.weight == 0
    assert weights == [0.5, 3, 3, 4, 4, 8]
    assert replace(nothing, owed=30).weight == replace(nothing, owed=10).weight == 5, "so many are only many"


class Successors(CastTestCase):
    def suggested(self, account: Account) -> list[User]:
        return [one.person for one in CandidatePool([account], self.olivia).suggest(account)]

    def test_neither_the_leaver_nor_managers_nor_customers_nor_those_who_left_are_suggested(self) -> None:
        make_user("Gone Person", is_active=False)
        assert set(self.suggested(self.acme)) == {self.ines, self.nils}

    def test_likeness_to_the_account_counts(self) -> None:
        make_account("Other Robots", self.nils, industry="Robotics", region="Nordics")
        (best, *_) = CandidatePool([self.acme], self.olivia).suggest(self.acme)
        assert best.person == self.nils
        assert "Serves 1 account in Robotics" in best.reasons
        assert "Serves 1 account in Nordics" in best.reasons

    def test_knowing_people_there_counts(self) -> None:
        make_entry(self.acme, by=self.ines, contacts=[self.champion])
        (best, *_) = CandidatePool([self.acme], self.olivia).suggest(self.acme)
        assert best.person == self.ines
        assert "Knows Carla Weiss" in best.reasons

    def test_a_full_book_counts_against(self) -> None:
        for n in range(6):
            make_account(f"Small {n}", self.ines)
        (best, other) = CandidatePool([self.acme], self.olivia).suggest(self.acme)
        assert best.person == self.nils
        assert best.score > other.score
        assert "Already owns 7 accounts" in other.against

    def test_who_has_only_done_other_work_comes_last(self) -> None:
        sven = make_user("Sven Holm", reports_to=self.max)
        make_coverage(self.dunmore, sven, Coverage.Role.SUPPORT)
        *_, last = CandidatePool([self.acme], self.olivia).suggest(self.acme)
        assert last.person == sven
        assert last.against == ("Nothing in Robotics so far", "Nothing in Nordics so far",
                                "Has not been owner of any account so far")  # fmt: skip

    def test_the_load_is_spread_and_nothing_chosen_is_overwritten(self) -> None:
        for n in range(10):
            make_account(f"Small {n}", self.olivia)
        departure = Transition.objects.open_departure(self.olivia, by=self.max, because="Moves", **dates())
        chosen = departure.moves.get(account=self.acme)
        chosen.assign(self.petra, by=self.max, because="Petra founded it")
        assert departure.fill_in(best_successors(departure), by=self.max) == 11
        chosen.refresh_from_db()
        assert chosen.incoming == self.petra
        got = departure.moves.exclude(pk=chosen.pk).values_list("incoming", flat=True)
        counts = [list(got).count(person.pk) for person in (self.ines, self.nils)]
        assert min(counts) >= 4

    def test_nobody_to_suggest_leaves_it_open(self) -> None:
        for person in (self.ines, self.nils):
            person.deactivate(by=self.petra, because="Left")
        departure = Transition.objects.open_departure(self.olivia, by=self.max, because="Moves", **dates())
        assert best_successors(departure) == {}
        assert not departure.moves.exclude(incoming=None).exists()

    def test_the_number_of_queries_does_not_grow_with_the_book(self) -> None:
        departure = Transition.objects.open_departure(self.olivia, by=self.max, because="Moves", **dates())
        with self.assertNumQueries(16) as few:
            succession_plan(departure)
        for n in range(10):
            make_account(f"Small {n}", self.nils)
            departure.moves.create(
                account=Account.objects.get(name=f"Small {n}"), outgoing=self.nils, role="owner"
            )
        with self.assertNumQueries(len(few)):
            succession_plan(departure)


class Impacts(CastTestCase):
    @pytest.mark.complaint(1)
    def test_it_counts_who_is_hit(self) -> None:
        make_obligation(self.acme)
        make_deal(self.acme)
        make_deal(self.acme, "Abroad", amount=500, currency="GBP")
        hand_over_wholly(self.acme, self.ines, by=self.max)
        reorg = Transition.objects.open_reorg(
            "By region",
            [(self.acme, self.nils, "x"), (self.borealis, self.nils, "x")],
            by=self.omar,
            because="x",
            **dates(),
        )
        hit = impact_of(reorg)
        assert (hit.accounts, hit.obligations, hit.champions, hit.deals) == (2, 1, 1, 2)
        assert hit.deal_values == {"EUR": 42_000, "GBP": 500}
        page = self.browse(self.omar, "transition", reorg.pk)
        self.assertContains(page, "worth 42,000 EUR and 500 GBP.")
        assert hit.arriving == {self.nils: 2}
        assert hit.leaving == {self.ines: 1, self.olivia: 1}

    @pytest.mark.complaint(5)
    def test_a_customer_on_their_third_owner_within_a_year_is_named(self) -> None:
        account = make_account("Moved About", self.olivia, days=200)
        hand_over_wholly(account, self.ines, by=self.max)
        reorg = Transition.objects.open_reorg(
            "x", [(account, self.nils, "x")], by=self.omar, because="x", **dates()
        )
        assert impact_of(reorg).third_owner == [account]
