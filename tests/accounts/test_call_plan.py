"""Ask nothing twice: what is known before a call, what disagrees, and how often we asked again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.briefing import compose
from accounts.mail import digests
from accounts.models import AskedAgain, Coverage, Fact, Refused, Retraction, Topic, today
from accounts.notes.preview import NotePreview, answered
from accounts.notes.saving import save
from accounts.pages import customer_effort
from accounts.pages.call_plan import CallPlan, Proposal, plan
from accounts.pages.customer_effort import asked_before_seen_by
from tests.base import CastTestCase, days_ago, make_deal, make_fact, make_obligation


class BeforeACall(CastTestCase):
    def the_plan(self) -> CallPlan:
        return plan(self.acme, today())

    @pytest.mark.complaint(9, 10, 33)
    def test_what_is_known_comes_first_and_only_then_the_gaps(self) -> None:
        """Not asked again, and not interrogated. Their budget is known."""
        make_fact(self.acme, "budget", "Money is planned in June", contact=self.champion)
        page = self.browse(self.olivia, "account_call", self.acme.pk)
        text = page.content.decode()
        assert text.index("Money is planned in June") < text.index("Only this is left to ask")
        self.assertContains(page, "Told by Carla Weiss")
        gaps = [topic.pk for topic in self.the_plan().gaps]
        assert "outcome" in gaps
        assert "budget" not in gaps
        assert "if-then" not in gaps
        self.assertContains(self.browse(self.olivia, "account", self.acme.pk), "Plan a call")

    @pytest.mark.complaint(7)
    def test_two_answers_that_disagree_are_shown_with_both_sources_until_settled(self) -> None:
        """The new person contradicts what was agreed."""
        old = make_fact(self.acme, "terms", "Sixty days to pay", contact=self.champion)
        new = make_fact(self.acme, "terms", "Thirty days to pay", by=self.ines)
        page = self.browse(self.olivia, "account_call", self.acme.pk)
        for words in (
            "Two answers disagree: Terms agreed",
            "Told by Carla Weiss",
            "Inferred by Ines Carvalho",
        ):
            self.assertContains(page, words)
        sent = self.send(self.olivia, "fact_settle", old.pk, other=new.pk, because="It is in the contract.")
        self.assertRedirects(sent, reverse("account_call", args=[self.acme.pk]))
        assert self.the_plan().contradictions == []
        assert [fact.pk for known in self.the_plan().known for fact in known.facts] == [old.pk]
        because = Retraction.objects.get(fact=new).because
        assert because == "“Sixty days to pay” stands instead: It is in the contract."

    def test_both_may_hold_until_a_third_answer_comes(self) -> None:
        old = make_fact(self.acme, "terms", "Sixty days to pay")
        new = make_fact(self.acme, "terms", "Price fixed for three years")
        self.send(self.olivia, "fact_hold_both", new.pk, other=old.pk)
        assert self.the_plan().contradictions == []
        make_fact(self.acme, "terms", "Thirty days to pay")
        assert len(self.the_plan().contradictions) == 1

    def test_the_same_answer_twice_is_no_contradiction(self) -> None:
        make_fact(self.acme, "terms", "Sixty days to pay")
        make_fact(self.acme, "terms", "sixty  days to pay.")
        make_fact(self.acme, "if-then", "If she leaves, then we call Dieter")
        make_fact(self.acme, "if-then", "If they merge, then we call Pia")
        assert self.the_plan().contradictions == []

    def test_settling_needs_a_reason_and_two_live_answers_on_one_topic(self) -> None:
        old = make_fact(self.acme, "terms", "Sixty days to pay")
        new = make_fact(self.acme, "terms", "Thirty days to pay")
        elsewhere = make_fact(self.borealis, "terms", "Ninety days to pay")
        for one, other, because in ((old, new, " "), (old, old, "So"), (old, elsewhere, "So")):
            with pytest.raises(Refused):
                one.settle(other, because=because, by=self.olivia)
        old.settle(new, because="It is in the contract.", by=self.olivia)
        with pytest.raises(Refused):
            new.settle(old, because="No, it is not.", by=self.ines)

    def test_what_is_past_its_review_asks_for_confirmation(self) -> None:
        with mock.patch.object(timezone, "now", return_value=days_ago(200)):
            fact = make_fact(self.acme, "budget", "Money is planned in June")
        self.assertContains(
            self.browse(self.olivia, "account_call", self.acme.pk), "Ask whether it still holds"
        )
        self.send(self.olivia, "fact_confirm", fact.pk, contact=self.champion.pk)
        assert self.the_plan().to_confirm == []

    def test_not_yours(self) -> None:
        fact = make_fact(self.acme)
        other = make_fact(self.acme, text="Close the books in one day")
        for user in (self.nils, self.carla):
            assert self.browse(user, "account_call", self.acme.pk).status_code == 404
            for name in ("fact_settle", "fact_hold_both"):
                sent = self.send(user, name, fact.pk, other=other.pk, because="So")
                assert sent.status_code == 404
        assert self.send(self.olivia, "fact_settle", fact.pk, other="²").status_code == 404

    def test_as_many_queries_whatever_is_known(self) -> None:
        make_fact(self.acme)
        client, url = self.as_(self.max), reverse("account_call", args=[self.acme.pk])
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        for number in range(10):
            make_fact(self.acme, "terms", f"Term {number}")
        with CaptureQueriesContext(connection) as many:
            client.get(url)
        assert len(few) == len(many)


class OnTheAccountItself(CastTestCase):
    @pytest.mark.complaint(7)
    def test_two_answers_that_disagree_are_marked_with_who_told_them(self) -> None:
        """The new person contradicts what was agreed."""
        make_fact(self.acme, "terms", "Sixty days to pay", contact=self.champion)
        make_fact(self.acme, "terms", "Thirty days to pay", by=self.ines)
        page = self.browse(self.olivia, "account", self.acme.pk)
        for words in (
            "Two answers disagree: Terms agreed",
            "told by Carla Weiss",
            "inferred by Ines Carvalho",
        ):
            self.assertContains(page, words)
        self.assertContains(page, reverse("account_call", args=[self.acme.pk]))

    @pytest.mark.complaint(9)
    def test_what_nobody_has_asked_about_for_long_is_confirmed_with_one_click(self) -> None:
        with mock.patch.object(timezone, "now", return_value=days_ago(200)):
            fact = make_fact(self.acme, "budget", "Money is planned in June")
        asked = f"asked last in {days_ago(200):%B %Y}. Does it still hold?"
        self.assertContains(self.browse(self.olivia, "account", self.acme.pk), asked)
        sent = self.send(self.olivia, "fact_confirm", fact.pk)
        self.assertRedirects(sent, reverse("account", args=[self.acme.pk]))
        self.assertNotContains(self.browse(self.olivia, "account", self.acme.pk), "Does it still hold?")

    def test_nothing_is_said_where_nothing_is_in_doubt(self) -> None:
        make_fact(self.acme, "budget", "Money is planned in June")
        self.assertNotContains(self.browse(self.olivia, "account", self.acme.pk), "Before you rely on it")

    def test_doubts_cost_no_query(self) -> None:
        client, url = self.as_(self.olivia), reverse("account", args=[self.acme.pk])
        make_fact(self.acme, "terms", "Sixty days to pay")
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        make_fact(self.acme, "terms", "Thirty days to pay")
        with mock.patch.object(timezone, "now", return_value=days_ago(400)):
            for slug in ("budget", "criteria", "decision", "procurement"):
                make_fact(self.acme, slug, "As ever")
        with CaptureQueriesContext(connection) as many:
            page = client.get(url)
        self.assertContains(page, "All 4 answers")
        assert len(few) == len(many)

    @pytest.mark.complaint(49)
    def test_their_own_words_for_things_are_shown_to_whoever_comes_next(self) -> None:
        """Their vocabulary is not ours. It stands on the account by itself, and in the brief."""
        make_fact(self.acme, "words", "A plant is a “site”, never a “factory”", contact=self.champion)
        page = self.browse(self.max, "account", self.acme.pk)
        self.assertContains(page, "What they call things")
        self.assertContains(page, "never a “factory”</p>", count=1)
        assert [line.text for line in compose(self.acme).part("ways").lines] == [
            "A plant is a “site”, never a “factory”"
        ]


@pytest.mark.complaint(9)
class AnAnswerToAKnownTopic(CastTestCase):
    """The old answer is shown first, and is confirmed or superseded."""

    def write(self, **fields: Any) -> Any:
        sent = {"topic": "budget", "text": "Money is planned in May", "provenance": "inferred"}
        return self.send(self.olivia, "fact_new", self.acme.pk, **sent | fields)

    def test_it_is_shown_with_who_said_it_when_and_both_choices(self) -> None:
        old = make_fact(self.acme, "budget", "Money is planned in June", contact=self.champion)
        page = self.browse(self.olivia, "fact_new", self.acme.pk, topic="budget")
        for words in (
            "Money is planned in June",
            "Told by Carla Weiss",
            "It still holds",
            "takes the place of",
        ):
            self.assertContains(page, words)
        self.assertContains(page, reverse("fact_confirm", args=[old.pk]))

    def test_a_newer_one_takes_its_place(self) -> None:
        old = make_fact(self.acme, "budget", "Money is planned in June")
        self.write(replaces=old.pk)
        assert Fact.objects.live().get().supersedes == old

    def test_one_that_is_written_without_having_seen_it_is_not_kept_before_it_is_shown(self) -> None:
        make_fact(self.acme, "budget", "Money is planned in June")
        page = self.write()
        self.assertContains(page, "Look at the answer we have: is it still true")
        self.assertContains(page, "Money is planned in June")
        self.assertContains(page, "Money is planned in May")
        assert Fact.objects.count() == 1

    def test_both_may_stand_until_somebody_settles_it(self) -> None:
        make_fact(self.acme, "budget", "Money is planned in June")
        self.write(replaces="beside")
        assert len(plan(self.acme, today()).contradictions) == 1

    def test_two_newer_ones_at_once_have_one_winner(self) -> None:
        old = make_fact(self.acme, "budget", "Money is planned in June")
        old.supersede("Money is planned in April", by=self.ines)
        page = self.write(replaces=old.pk)
        self.assertContains(page, "Money is planned in April")
        self.assertContains(page, "Money is planned in May")
        assert Fact.objects.live().get().text == "Money is planned in April"

    def test_whoever_comes_second_reads_what_the_first_wrote(self) -> None:
        old = make_fact(self.acme, "budget", "Money is planned in June")
        old.supersede("Money is planned in April", by=self.ines)
        newer = "Ines Carvalho has since recorded a newer answer: “Money is planned in April”"
        with pytest.raises(Refused, match=newer):
            old.supersede("Money is planned in May", by=self.olivia)
        with pytest.raises(Refused, match=newer):
            old.confirm(by=self.olivia)

    def test_if_thens_stand_side_by_side(self) -> None:
        make_fact(self.acme, "if-then", "If she leaves, then we call Dieter")
        self.write(topic="if-then", text="If they merge, then we call Pia")
        assert Fact.objects.live().count() == 2

    def test_a_note_shows_it_beside_the_chip_and_offers_to_confirm_it(self) -> None:
        make_fact(self.acme, "budget", "Money is planned in June", contact=self.champion)
        text = "#budget Money is planned in May"
        (chip,) = NotePreview.of(self.acme, text, by=self.olivia).chips
        assert chip.known[0].startswith("Stands beside: “Money is planned in June” (told by Carla Weiss, ")
        (question,) = chip.questions
        assert question.answered
        confirmed = answered(NotePreview.of(self.acme, text, by=self.olivia), question.choices[0].edit)
        assert confirmed == "#budget Money is planned in June"
        preview = NotePreview.of(self.acme, confirmed, by=self.olivia)
        assert preview.chips[0].known[0].startswith("Confirms: ")
        save(preview, kind="note")
        (fact,) = Fact.objects.live().with_sources()
        assert fact.confirmations.exists()
        assert fact.source == "told by Carla Weiss"


class BeforeAProposal(CastTestCase):
    @pytest.mark.complaint(33)
    def test_their_budget_stands_beside_the_date_we_hope_for(self) -> None:
        """Deals are timed to our quarter, not to their budget."""
        deal = make_deal(self.acme)
        for page in (
            self.browse(self.olivia, "deal_new", self.acme.pk),
            self.browse(self.olivia, "deal", deal.pk),
        ):
            self.assertContains(page, "Nobody has written down when their money is planned.")
        make_fact(
            self.acme, "budget", "Their year begins in July; money is planned in May", contact=self.dieter
        )
        for page in (
            self.browse(self.olivia, "deal_new", self.acme.pk),
            self.browse(self.olivia, "deal", deal.pk),
        ):
            self.assertContains(page, "Their year begins in July; money is planned in May")
            self.assertContains(page, "Told by Dieter Krol")

    @pytest.mark.complaint(7, 28)
    def test_what_was_agreed_is_read_before_a_renewal_with_how_our_promises_fared(self) -> None:
        """The new person does not contradict what was agreed, and knows what they will bring up."""
        deal = make_deal(self.acme)
        make_fact(self.acme, "terms", "Sixty days to pay", contact=self.champion)
        make_fact(self.acme, "contract", "Price fixed for three years")
        make_obligation(self.acme, due_in=-40).keep(by=self.olivia)
        page = self.browse(self.max, "deal", deal.pk)
        for words in ("Sixty days to pay", "Price fixed for three years", "In twelve months: "):
            self.assertContains(page, words)

    def test_it_is_found_under_whatever_the_topic_became_part_of(self) -> None:
        make_fact(self.acme, "budget", "Money is planned in May")
        money = Topic.add(name="Money", question="When is money planned?", by=self.omar)
        Topic.objects.get(pk="budget").merge_into(money, by=self.omar)
        known = Proposal.of(self.acme)
        assert [fact.text for fact in known.budget] == ["Money is planned in May"]
        assert known.terms == []


class InTheDigest(CastTestCase):
    def write_down_what_is_old_by_now(self) -> None:
        with mock.patch.object(timezone, "now", return_value=days_ago(400)):
            for slug in ("budget", "criteria", "decision", "procurement"):
                make_fact(self.acme, slug, "As ever")
            make_fact(self.borealis, "terms", "Sixty days to pay")
            confirmed = make_fact(self.borealis, "budget", "Money is planned in June")
        confirmed.confirm(by=self.olivia)

    @pytest.mark.complaint(9)
    def test_on_mondays_the_owner_reads_one_line_for_each_account(self) -> None:
        self.write_down_what_is_old_by_now()
        monday = today() - timedelta(days=today().weekday())
        with mock.patch.object(digests, "today", return_value=monday):
            section = digests.to_confirm(self.olivia)
            assert digests.to_confirm(self.max).lines == []
        acme, borealis = section.lines
        assert acme.startswith("Acme Robotics: 4 answers to confirm. The oldest: ")
        assert acme.count("asked last in") == 3
        assert borealis.startswith("Borealis Foods: 1 answer to confirm. Terms agreed (asked last in ")

    def test_on_other_days_it_is_not_said_again(self) -> None:
        self.write_down_what_is_old_by_now()
        tuesday = today() - timedelta(days=today().weekday() - 1)
        with mock.patch.object(digests, "today", return_value=tuesday):
            assert digests.to_confirm(self.olivia).lines == []


class AskedBefore(CastTestCase):
    @pytest.mark.complaint(9)
    def test_it_is_counted_by_account_by_rep_and_by_topic(self) -> None:
        fact = make_fact(self.acme, "terms", "Sixty days to pay", contact=self.champion)
        fact.share(by=self.olivia)
        self.send(self.carla, "customer_asked_before", fact.pk)
        page = self.browse(self.max, "asked_before")
        asked = page.context["asked"]  # type: ignore[attr-defined]
        assert asked.accounts == [(self.acme, 1)]
        assert asked.reps == [("Olivia Brandt", 1)]
        assert asked.topics == [("Terms agreed", 1)]
        self.assertContains(
            self.browse(self.olivia, "account_call", self.acme.pk), "They have told us 1 time in a year"
        )

    @pytest.mark.complaint(9)
    def test_it_is_counted_by_the_change_of_owner_it_came_after(self) -> None:
        """Asked again within 90 days of a change of hands, it is put down to that change."""
        fact = make_fact(self.acme, "terms", "Sixty days to pay", contact=self.champion)
        fact.share(by=self.olivia)
        Coverage.objects.owners().filter(account=self.acme).pass_to(self.ines, by=self.max, because="North")
        self.send(self.carla, "customer_asked_before", fact.pk)
        asked = asked_before_seen_by(self.max)
        ((change, times),) = asked.changes
        assert (change.follows.person, change.person, times) == (self.olivia, self.ines, 1)  # type: ignore[union-attr]
        self.assertContains(self.browse(self.max, "asked_before"), "Olivia Brandt → Ines Carvalho")
        with mock.patch.object(customer_effort, "AFTER_A_CHANGE", timedelta(0)):
            assert asked_before_seen_by(self.max).changes == []

    def test_by_topic_it_follows_a_topic_that_became_part_of_another(self) -> None:
        fact = make_fact(self.acme, "terms", "Sixty days to pay", contact=self.champion)
        AskedAgain.mark(fact, by=self.carla)
        Topic.objects.get(pk="terms").merge_into(Topic.objects.get(pk="contract"), by=self.omar)
        assert asked_before_seen_by(self.max).topics == [("Prices and contract history", 1)]

    def test_for_those_who_run_changes_each_with_their_own_accounts(self) -> None:
        self.assertContains(self.browse(self.omar, "asked_before"), "Nobody was asked twice")
        assert self.browse(self.olivia, "asked_before").status_code == 403
        assert self.browse(self.carla, "asked_before").status_code == 404
