"""The account's pages: whom they show what, and what they answer."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, Condition, Coverage, Deal, Entry, Fact, Mention, Obligation, Stage
from tests.base import (
    CastTestCase,
    days_ago,
    in_days,
    make_account,
    make_champion,
    make_contact,
    make_coverage,
    make_deal,
    make_entry,
    make_fact,
    make_obligation,
    make_question,
    make_stage,
)
from tests.handoffs.steps import hand_over


class AccountList(CastTestCase):
    def names(self, user: object, **query: str) -> list[str]:
        page = self.browse(user, "account_list", **query)  # type: ignore[arg-type]
        assert page.status_code == 200
        return [account.name for account in page.context["page"]]  # type: ignore[attr-defined]

    def test_everybody_sees_what_they_serve_or_manage(self) -> None:
        assert self.names(self.olivia) == ["Acme Robotics", "Borealis Foods"]
        assert self.names(self.max) == ["Acme Robotics", "Borealis Foods", "Cobalt Mining"]
        assert "Dunmore Press" in self.names(self.omar)

    def test_to_a_customer_the_list_does_not_exist(self) -> None:
        assert self.browse(self.carla, "account_list").status_code == 404

    def test_the_sentence_filters(self) -> None:
        make_obligation(self.borealis, due_in=-2)
        make_stage(self.acme, Stage.EVALUATING)
        assert self.names(self.max, owner="me") == []
        assert self.names(self.max, owner=str(self.ines.pk)) == ["Cobalt Mining"]
        assert self.names(self.max, stage="evaluating") == ["Acme Robotics"]
        assert self.names(self.max, late="1") == ["Borealis Foods"]
        assert self.names(self.max, **{"with": "late"}) == ["Borealis Foods"]
        assert self.names(self.max, no_champion="1") == ["Borealis Foods", "Cobalt Mining"]
        assert self.names(self.max, q="carla") == ["Acme Robotics"]
        assert self.names(self.max, q="nothing of the kind") == []

    def test_filters_that_make_no_sense_are_let_be(self) -> None:
        assert len(self.names(self.max, stage="nonsense", owner="nobody", page="many")) == 3

    def test_one_query_for_the_rows_whatever_their_number(self) -> None:
        client = self.as_(self.omar)
        with CaptureQueriesContext(
            connection,
        ) as few:
            client.get(reverse("account_list"))
        for number in range(20):
            make_account(f"Another {number}", self.ines)
        with CaptureQueriesContext(connection) as many:
            client.get(reverse("account_list"))
        assert len(few) == len(many)

    def test_odd_letters_in_an_address_are_no_crash(self) -> None:
        assert self.names(self.max, owner="²", page="²")
        assert self.browse(self.max, "note_new", account="²").status_code == 200

    def test_htmx_gets_the_rows_alone(self) -> None:
        page = self.as_(self.olivia).get(reverse("account_list"), headers={"HX-Request": "true"})
        assert b"<html" not in page.content
        assert b'id="accounts"' in page.content


class AccountPage(CastTestCase):
    def test_answers_the_five_questions_with_their_source(self) -> None:
        make_stage(self.acme, Stage.DECIDING, evidence="The board has it on its list.")
        make_fact(self.acme, "outcome", "Close the books in three days", contact=self.champion)
        make_fact(self.acme, "needs", "Nine people in the ledger by March")
        page = self.browse(self.olivia, "account", self.acme.pk)
        for words in [
            "Enterprise, Robotics, Nordics",
            "Carla Weiss",
            "Argued for us in the board meeting.",
            "Deciding",
            "The board has it on its list.",
            "Nine people in the ledger by March",
            "Inferred by Olivia Brandt",
            "Close the books in three days",
            "Told by Carla Weiss",
        ]:
            self.assertContains(page, words)

    def test_a_gap_is_shown_as_a_gap(self) -> None:
        page = self.browse(self.olivia, "account", self.borealis.pk)
        self.assertContains(page, "No champion is named.")
        self.assertContains(page, "Nobody has written down what they want to achieve.")
        self.assertContains(page, "No stage was ever recorded.")
        self.assertContains(page, "Nobody has written down what could happen.")

    def test_a_colleague_elsewhere_and_a_customer_find_nothing(self) -> None:
        for user in [self.nils, self.ines, self.carla]:
            assert self.browse(user, "account", self.acme.pk).status_code == 404

    def test_somebody_who_is_about_to_receive_it_reads_it(self) -> None:
        make_coverage(self.acme, self.ines, Coverage.Role.INCOMING)
        assert self.browse(self.ines, "account", self.acme.pk).status_code == 200

    def test_an_acting_owner_is_a_loud_notice(self) -> None:
        self.olivia.deactivate(by=self.max, because="Left without notice")
        page = self.browse(self.max, "account", self.acme.pk)
        self.assertContains(page, "Max Adeyemi is acting owner and has not read this account back.")

    def test_the_memory_of_a_merged_account_is_read_as_one(self) -> None:
        make_entry(self.borealis, "They once bought under this name.")
        fact = make_fact(self.borealis, "needs", "A second cold store")
        self.borealis.merge_into(self.acme, by=self.max, because="One company")
        page = self.browse(self.olivia, "account", self.acme.pk)
        self.assertContains(page, "They once bought under this name.")
        self.assertContains(page, "A second cold store")
        self.assertRedirects(
            self.browse(self.olivia, "account", self.borealis.pk), reverse("account", args=[self.acme.pk])
        )
        assert self.browse(self.olivia, "fact", fact.pk).status_code == 200

    def test_the_thread_shows_stages_knots_silences_and_what_was_taken_back(self) -> None:
        make_stage(self.acme, Stage.EVALUATING, days=200)
        make_entry(self.acme, "Long ago.", days=150)
        make_entry(self.acme, "Just now.", days=1)
        entry = make_entry(self.acme, "Wrong customer.", kind=Entry.Kind.NOTE, days=2)
        entry.retract(by=self.olivia, because="That was Borealis.")
        page = self.browse(self.olivia, "account", self.acme.pk)
        self.assertContains(page, "thread__stage")
        self.assertContains(page, "No contact for 21 weeks")
        self.assertContains(page, "thread__entry--retracted")
        self.assertContains(page, "Taken back by Olivia Brandt: That was Borealis.")
        Coverage.objects.owners().filter(account=self.acme).pass_to(
            self.ines, by=self.max, because="She leaves"
        )
        page = self.browse(self.ines, "account", self.acme.pk)
        self.assertContains(page, "Olivia Brandt handed Acme Robotics to Ines Carvalho")

    def test_a_long_thread_comes_in_pages_of_thirty_without_a_hole(self) -> None:
        for number in range(70):
            make_entry(self.acme, f"Line {number:02}.", days=1 + number // 3)
        client = self.as_(self.olivia)
        seen: list[int] = []
        before = ""
        while True:
            page = client.get(reverse("account", args=[self.acme.pk]), {"before": before} if before else {})
            thread = page.context["thread"]
            seen += [line.entry.pk for line in thread.lines if line.entry]
            if not (before := thread.older):
                break
        assert len(seen) == len(set(seen)) == self.acme.entries.count()

    def test_htmx_gets_older_lines_alone(self) -> None:
        for number in range(35):
            make_entry(self.acme, f"Line {number}.", days=number)
        client = self.as_(self.olivia)
        older = client.get(reverse("account", args=[self.acme.pk])).context["thread"].older
        page = client.get(
            reverse("account", args=[self.acme.pk]), {"before": older}, headers={"HX-Request": "true"}
        )
        self.assertContains(page, "Line 33.")
        self.assertNotContains(page, "<html")

    def test_a_cursor_that_is_none_of_ours_is_not_found(self) -> None:
        for nonsense in ["x", "2026-01-01,1", "2026-01-01T00:00:00+00:00,x", "2026-13-01T00:00:00Z,1"]:
            assert self.browse(self.olivia, "account", self.acme.pk, before=nonsense).status_code == 404

    def test_the_thread_is_searched(self) -> None:
        make_entry(self.acme, "About the migration.")
        make_entry(self.acme, "About lunch.", kind=Entry.Kind.VISIT)
        page = self.browse(self.olivia, "account", self.acme.pk, q="lunch")
        self.assertContains(page, "About lunch.")
        self.assertNotContains(page, "About the migration.")
        page = self.browse(self.olivia, "account", self.acme.pk, kind="conversation")
        self.assertNotContains(page, "About lunch.")

    def test_at_most_thirteen_queries_whatever_the_history(self) -> None:
        """As a manager, who needs one more than a rep, with a handoff under way:

        1 session  2 user  3 whom she leads  4 the account, its stage, last contact, merged accounts, five checks
        and the organisation's day  5 a page of the thread  6 team  7 contacts  8 facts with their topics and
        sources  9 open obligations  10 open deals  11 topics, for the gaps  12 what of the notes falls on a day
        to come  13 handoffs under way
        """
        make_stage(self.acme, Stage.IN_VALUE)
        make_fact(self.acme)
        make_obligation(self.acme)
        make_question(self.acme, self.champion)
        make_deal(self.acme)
        with_history(self.acme, 20)
        hand_over(self.acme, self.ines, by=self.max, accountable_on=in_days(14))
        client = self.as_(self.max)
        with CaptureQueriesContext(connection) as few:
            client.get(reverse("account", args=[self.acme.pk]))
        with_history(self.acme, 2_000)
        for number in range(10):
            make_obligation(self.acme, f"Promise {number}", due_in=number - 3)
            make_fact(self.acme, "terms", f"Term {number}")
            make_contact(self.acme, f"Contact {number}")
        with CaptureQueriesContext(connection) as many:
            page = client.get(reverse("account", args=[self.acme.pk]))
        self.assertContains(page, "Olivia Brandt hands Acme Robotics to Ines Carvalho")
        assert len(few) == len(many) <= 13, "\n".join(query["sql"][:120] for query in many)


def with_history(account: Account, entries: int) -> None:
    owner = account.owner
    contact = account.contacts.first()
    assert contact
    made = Entry.objects.bulk_create(
        Entry(
            account=account,
            kind=Entry.Kind.CONVERSATION,
            at=days_ago(1 + n / 10),
            author=owner,
            text=f"Talk {n}",
        )
        for n in range(entries)
    )
    Mention.objects.bulk_create(Mention(entry=entry, contact=contact) for entry in made)


class AccountVerbs(CastTestCase):
    def test_a_rep_opens_an_account_of_their_own(self) -> None:
        sent = {"name": "Evergreen Paper", "owner": self.ines.pk, "time_zone": "Europe/Oslo"}
        page = self.send(self.ines, "account_new", **sent)
        account = Account.objects.get(name="Evergreen Paper")
        self.assertRedirects(page, reverse("account", args=[account.pk]))
        assert account.owner == self.ines
        refused = self.send(self.ines, "account_new", **(sent | {"name": "Another", "owner": self.nils.pk}))
        self.assertContains(refused, "Another")
        assert not Account.objects.filter(name="Another").exists()

    def test_a_wrong_time_zone_keeps_what_was_typed(self) -> None:
        page = self.send(self.ines, "account_new", name="Evergreen", owner=self.ines.pk, time_zone="Berlin")
        self.assertContains(page, "is not a time zone we know")
        self.assertContains(page, 'value="Evergreen"')

    def test_correct_the_company(self) -> None:
        form = self.browse(self.olivia, "account_edit", self.acme.pk).context["form"]  # type: ignore[attr-defined]
        sent = {"name": "Acme Robotics AS", "time_zone": "UTC", "industry": "Robotics", "as_of": form.state}
        self.assertRedirects(
            self.send(self.olivia, "account_edit", self.acme.pk, **sent),
            reverse("account", args=[self.acme.pk]),
        )
        stale = self.send(self.max, "account_edit", self.acme.pk, **(sent | {"name": "Acme Inc"}))
        self.assertContains(stale, "Somebody else changed this while you were writing", status_code=409)
        self.assertContains(stale, "Name is now “Acme Robotics AS”.", status_code=409)
        self.assertContains(stale, 'value="Acme Inc"', status_code=409)
        again = self.send(
            self.max,
            "account_edit",
            self.acme.pk,
            **(sent | {"name": "Acme Inc", "as_of": stale.context["form"].state}),  # type: ignore[attr-defined]
        )
        assert again.status_code == 302
        self.acme.refresh_from_db()
        assert self.acme.name == "Acme Inc"

    def test_rating_milder_than_what_we_see_is_refused_on_the_form(self) -> None:
        make_obligation(self.acme, due_in=-3)
        page = self.send(
            self.olivia, "account_condition", self.acme.pk, condition="steady", because="All is well"
        )
        self.assertContains(page, "It cannot be rated steady", status_code=409)
        self.assertContains(page, "All is well", status_code=409)
        page = self.send(
            self.olivia, "account_condition", self.acme.pk, condition="urgent", because="We are late"
        )
        self.assertRedirects(page, reverse("account", args=[self.acme.pk]))
        self.acme.refresh_from_db()
        assert self.acme.condition == Condition.URGENT

    def test_reaching_a_stage_needs_what_shows_it(self) -> None:
        self.assertContains(
            self.send(self.olivia, "account_stage", self.acme.pk, stage="deciding", evidence=" "), "required"
        )
        self.send(self.olivia, "account_stage", self.acme.pk, stage="deciding", evidence="Board in May")
        assert self.acme.stage == Stage.DECIDING
        twice = self.send(
            self.olivia, "account_stage", self.acme.pk, stage="deciding", evidence="Board in May"
        )
        self.assertContains(twice, "already stands at Deciding", status_code=409)

    def test_closing_asks_what_becomes_of_each_thing_owed(self) -> None:
        owed = make_obligation(self.acme)
        self.assertContains(
            self.browse(self.olivia, "account_close", self.acme.pk), "Send the security answers"
        )
        page = self.send(self.olivia, "account_close", self.acme.pk, because="Bankrupt")
        assert page.status_code == 200
        self.acme.refresh_from_db()
        assert self.acme.closed_at is None
        sent = {"because": "Bankrupt", f"outcome_{owed.pk}": "Nobody is left to answer to"}
        self.assertRedirects(
            self.send(self.olivia, "account_close", self.acme.pk, **sent), reverse("account_list")
        )
        owed.refresh_from_db()
        assert owed.outcome == Obligation.Outcome.ACCOUNT_CLOSED

    def test_only_who_owns_or_manages_may_close_or_change_the_team(self) -> None:
        make_coverage(self.acme, self.nils, Coverage.Role.SUPPORT)
        assert self.browse(self.nils, "account_close", self.acme.pk).status_code == 403
        assert self.browse(self.nils, "account_team", self.acme.pk).status_code == 403
        assert self.browse(self.nils, "account_merge", self.acme.pk).status_code == 403
        assert self.browse(self.olivia, "account_merge", self.acme.pk).status_code == 403

    def test_merging(self) -> None:
        page = self.send(
            self.max, "account_merge", self.borealis.pk, other=self.acme.pk, because="One company"
        )
        self.assertRedirects(page, reverse("account", args=[self.acme.pk]))
        twice = self.send(self.max, "account_merge", self.borealis.pk, other=self.acme.pk, because="Again")
        self.assertContains(twice, "is already closed", status_code=409)

    def test_the_team_changes_by_somebody_joining_and_ending(self) -> None:
        joined = self.send(
            self.max, "account_team", self.acme.pk, person=self.ines.pk, role="success", because="Launch"
        )
        self.assertRedirects(joined, reverse("account_team", args=[self.acme.pk]))
        twice = self.send(
            self.max, "account_team", self.acme.pk, person=self.ines.pk, role="success", because="Launch"
        )
        self.assertContains(twice, "already serves", status_code=409)
        row = self.acme.coverage.get(role="success", ended_at=None)
        self.send(self.max, "account_team", self.acme.pk, coverage=row.pk, because="Launched")
        row.refresh_from_db()
        assert row.ended_because == "Launched"

    def test_who_still_holds_something_in_a_role_cannot_leave_it(self) -> None:
        row = make_coverage(self.acme, self.ines, Coverage.Role.SUPPORT)
        make_obligation(self.acme, holder=self.ines, role=Coverage.Role.SUPPORT)
        page = self.send(self.max, "account_team", self.acme.pk, coverage=row.pk, because="Moves on")
        self.assertContains(page, "must serve that account in the role it belongs to", status_code=409)


class DealPages(CastTestCase):
    def test_a_deal_is_held_by_somebody_who_serves(self) -> None:
        sent = {
            "kind": "renewal",
            "name": "Renewal",
            "holder": self.ines.pk,
            "currency": "eur",
            "amount": "900",
        }
        assert self.send(self.olivia, "deal_new", self.acme.pk, **sent).status_code == 200
        assert not Deal.objects.exists()
        self.send(self.olivia, "deal_new", self.acme.pk, **(sent | {"holder": self.olivia.pk}))
        deal = Deal.objects.get()
        assert (deal.currency, deal.role) == ("EUR", Coverage.Role.OWNER)
        make_coverage(self.acme, self.ines, Coverage.Role.SUCCESS)
        self.send(self.olivia, "deal", deal.pk, **sent)
        deal.refresh_from_db()
        assert (deal.holder, deal.role) == (self.ines, Coverage.Role.SUCCESS)

    def test_a_deal_ends_once(self) -> None:
        deal = make_deal(self.acme)
        self.send(self.olivia, "deal_close", deal.pk, outcome="won")
        deal.refresh_from_db()
        assert deal.outcome == Deal.Outcome.WON
        twice = self.send(self.olivia, "deal_close", deal.pk, outcome="lost")
        self.assertContains(twice, "This deal was already won.", status_code=409)

    def test_a_wrong_amount_is_a_sentence(self) -> None:
        sent = {
            "kind": "renewal",
            "name": "Renewal",
            "holder": self.olivia.pk,
            "currency": "EUR",
            "amount": "much",
        }
        self.assertContains(self.send(self.olivia, "deal_new", self.acme.pk, **sent), "Enter a number.")

    def test_not_yours(self) -> None:
        deal = make_deal(self.acme)
        assert self.browse(self.nils, "deal", deal.pk).status_code == 404
        assert self.browse(self.carla, "deal_close", deal.pk).status_code == 404


class FactPages(CastTestCase):
    def test_write_down_what_is_true(self) -> None:
        page = self.browse(self.olivia, "fact_new", self.acme.pk, topic="budget")
        self.assertContains(page, "When is money planned")
        told = {"topic": "budget", "text": "October", "provenance": "told"}
        self.assertContains(
            self.send(self.olivia, "fact_new", self.acme.pk, **told), "Name the contact who told us."
        )
        self.send(self.olivia, "fact_new", self.acme.pk, **told, contact=self.champion.pk)
        assert Fact.objects.get().source == "told by Carla Weiss"

    def test_the_answer_we_have_is_shown_before_asking_again(self) -> None:
        make_fact(self.acme, "budget", "Planned in October")
        page = self.browse(self.olivia, "fact_new", self.acme.pk, topic="budget")
        self.assertContains(page, "Before you ask them again")
        self.assertContains(page, "Planned in October")

    def test_a_newer_answer_leaves_the_older_readable(self) -> None:
        fact = make_fact(self.acme, "budget", "Planned in October")
        self.send(self.olivia, "fact", fact.pk, text="Planned in May", provenance="inferred")
        newer = Fact.objects.get(supersedes=fact)
        self.assertContains(self.browse(self.olivia, "fact", newer.pk), "Planned in October")

    def test_somebody_else_says_whether_it_holds_now_instead_or_both_were_said(self) -> None:
        fact = make_fact(self.acme, "terms", "Thirty days", contact=self.dieter)
        sent = {"text": "Sixty days", "provenance": "told", "contact": self.champion.pk}
        page = self.send(self.olivia, "fact", fact.pk, **sent)
        self.assertContains(page, "Say whether yours holds now instead, or both were said.")
        assert Fact.objects.get() == fact
        both = self.as_(self.olivia).post(
            reverse("fact", args=[fact.pk]), sent | {"becomes": "both"}, follow=True
        )
        self.assertContains(both, "Both stand, as a disagreement, until somebody settles it.")
        assert Fact.objects.live().count() == 2
        self.assertContains(self.browse(self.olivia, "account", self.acme.pk), "Two answers disagree")
        self.send(self.olivia, "fact", fact.pk, **sent | {"text": "Ninety days", "becomes": "instead"})
        assert {one.text for one in Fact.objects.live()} == {"Sixty days", "Ninety days"}

    def test_the_same_person_saying_it_anew_is_not_asked(self) -> None:
        fact = make_fact(self.acme, "terms", "Thirty days", contact=self.dieter)
        sent = {"text": "Sixty days", "provenance": "told", "contact": self.dieter.pk}
        self.send(self.olivia, "fact", fact.pk, **sent)
        assert Fact.objects.live().get().supersedes == fact

    def test_two_newer_answers_at_once_show_theirs_beside_yours(self) -> None:
        fact = make_fact(self.acme, "budget", "Planned in October")
        fact.supersede("Planned in May", by=self.max)
        page = self.send(self.olivia, "fact", fact.pk, text="Planned in June", provenance="inferred")
        self.assertContains(page, "Planned in May", status_code=409)
        self.assertContains(page, "Planned in June", status_code=409)

    def test_confirm_share_and_take_back(self) -> None:
        fact = make_fact(self.acme, "budget", "Planned in October")
        self.send(self.olivia, "fact_confirm", fact.pk, contact=self.champion.pk)
        assert fact.confirmations.get().contact == self.champion
        self.send(self.olivia, "fact_share", fact.pk)
        assert Fact.objects.shared().get() == fact
        assert self.send(self.olivia, "fact_share", fact.pk).status_code == 409
        self.send(self.olivia, "fact_retract", fact.pk, because="It was Borealis")
        assert not Fact.objects.live().exists()
        self.assertContains(self.browse(self.olivia, "fact", fact.pk), "It was Borealis")
        assert self.send(self.olivia, "fact_retract", fact.pk, because="Again").status_code == 409

    def test_not_yours(self) -> None:
        fact = make_fact(self.acme)
        fact.share(by=self.olivia)
        for user in [self.nils, self.carla]:
            assert self.browse(user, "fact", fact.pk).status_code == 404


class ContactPages(CastTestCase):
    def test_add_and_change_somebody(self) -> None:
        sent = {"name": "Pia Holm", "roles": ["champion"], "strength": "2"}
        page = self.send(self.olivia, "contact_new", self.acme.pk, **sent)
        self.assertContains(page, "Say what shows that they are a champion.")
        self.send(self.olivia, "contact_new", self.acme.pk, **sent, evidence="Spoke up")
        pia = self.acme.contacts.get(name="Pia Holm")
        assert pia.is_champion
        self.send(self.olivia, "contact", pia.pk, name="Pia Holme", left_on="2026-01-31")
        pia.refresh_from_db()
        assert (pia.name, pia.roles) == ("Pia Holme", [])

    def test_operations_erase(self) -> None:
        assert self.browse(self.max, "contact_erase", self.dieter.pk).status_code == 403
        self.send(self.omar, "contact_erase", self.dieter.pk, because="His request of Monday")
        self.dieter.refresh_from_db()
        assert self.dieter.erased_at
        self.assertNotContains(self.browse(self.olivia, "account", self.acme.pk), "Dieter")
        self.assertContains(self.browse(self.olivia, "contact", self.dieter.pk), "His request of Monday")
        assert self.send(self.omar, "contact_erase", self.dieter.pk, because="Again").status_code == 409

    def test_not_yours(self) -> None:
        stranger = make_champion(self.dunmore, "Tom")
        for user in [self.olivia, self.carla]:
            assert self.browse(user, "contact", stranger.pk).status_code == 404
