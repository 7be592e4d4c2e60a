"""Would they make the same choice? Asked once, answered once, never just counted."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from unittest import mock

import psycopg
import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from accounts.database.row_security import as_customer
from accounts.models import (
    Account,
    Ask,
    Contact,
    CustomerCase,
    Entry,
    Letter,
    Obligation,
    Refused,
    User,
    Verdict,
    today,
)
from accounts.models.asks import SAME_CHOICE
from accounts.models.deadlines import plan_care
from accounts.pages.verdicts import changes
from accounts.tasks import sweep
from tests.accounts.test_care import give
from tests.base import (
    CastTestCase,
    days_ago,
    make_case,
    make_contact,
    make_coverage,
    make_customer,
    make_deal,
    make_obligation,
    the_cast,
)
from tests.laws import is_waiting, refusal_of, run_sql


def day_90(account: Account) -> Obligation:
    """The account was sold to 90 days ago: the check-in that is due today."""
    make_deal(account, "First line", closed_at=days_ago(90), outcome="won")
    with mock.patch("accounts.models.deadlines.today", return_value=today() - timedelta(days=30)):
        plan_care()
    check_in = Obligation.objects.get(account=account, check_in=90)
    run_sql("UPDATE accounts_obligation SET due = %s WHERE id = %s", today(), check_in.pk)
    check_in.refresh_from_db()
    return check_in


class Asking(CastTestCase):
    check_in: Obligation

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.check_in = day_90(cls.acme)

    @pytest.mark.complaint(47)
    def test_at_day_90_they_are_asked_by_letter_and_on_their_page(self) -> None:
        """Somebody asks, in time, by name, and once."""
        sweep()
        sweep()
        ask = Ask.objects.get(kind="choice")
        assert (ask.what, ask.by, ask.check_in) == (SAME_CHOICE, self.olivia, self.check_in)
        (letter,) = mail.outbox
        assert letter.to == ["Carla Weiss <carla@acme.example>"]
        assert letter.from_email.startswith("Olivia Brandt")
        assert SAME_CHOICE in letter.body
        page = self.browse(self.carla, "customer_page").content.decode()
        assert SAME_CHOICE in page
        assert "Olivia Brandt asks" in page
        assert page.index('id="choice"') < page.index('id="owed"'), "an open question stands where it is seen"
        self.assertContains(self.browse(self.olivia, "ask_list", self.acme.pk), SAME_CHOICE)

    def test_not_before_its_day_and_not_long_after(self) -> None:
        for days in (-1, 31):
            run_sql("UPDATE accounts_obligation SET due = %s WHERE id = %s", today() - timedelta(days=days),
                    self.check_in.pk)  # fmt: skip
            assert Ask.put_due() == 0

    @pytest.mark.complaint(13)
    def test_not_while_an_answer_of_theirs_waits_for_ours(self) -> None:
        """First we say what becomes of what they told us."""
        said = make_case(self.acme, "The export is slow", "feedback", contact=self.champion, due_in=None)
        assert Ask.put_due() == 0
        with pytest.raises(Refused, match="Decide on that first"):
            Ask.same_choice(self.check_in, by=self.olivia)
        insert = """INSERT INTO accounts_ask (account_id, kind, what, by_id, at, check_in_id)
            VALUES (%s, 'choice', 'x', %s, now(), %s)"""
        law = refusal_of(insert, self.acme.pk, self.olivia.pk, self.check_in.pk)
        assert law.startswith("They gave feedback and wait")
        said.decide("planned", "in May", by=self.olivia)
        assert Ask.put_due() == 1

    @pytest.mark.complaint(13)
    def test_not_twice_within_sixty_days(self) -> None:
        """A sale and a change of owner in one spring are one question."""
        Ask.put_due()
        give(self.acme, self.ines)
        plan_care()
        later = Obligation.objects.get(account=self.acme, check_in=90, after_deal=None)
        with pytest.raises(Refused, match="Nobody is asked again within 60 days"):
            Ask.same_choice(later, by=self.ines)
        in_time = timezone.now() + timedelta(days=61)
        with mock.patch.object(timezone, "now", return_value=in_time):
            assert Ask.not_now(later, self.acme) == []

    def test_not_after_somebody_told_us_in_a_call(self) -> None:
        Verdict.give(self.acme, "yes", contact=self.champion, by=self.olivia, words="Any day")
        assert Ask.put_due() == 0

    def test_not_by_a_new_face_nor_where_nobody_can_read_it(self) -> None:
        """Whom they do not know yet does not open with this question; theirs comes 90 days after."""
        give(self.acme, self.ines)
        assert Ask.put_due() == 0
        check_in = day_90(self.borealis)
        assert Ask.put_due() == 0
        page = self.browse(self.olivia, "obligation", check_in.pk)
        self.assertContains(page, "None of their people can sign in.")
        self.assertContains(page, "Record what they said")

    def test_only_the_check_in_after_90_days_asks(self) -> None:
        week = Obligation.objects.exclude(check_in=None).exclude(check_in=90)
        for check_in in [*week, make_obligation(self.acme)]:
            assert self.send(self.olivia, "obligation_ask", check_in.pk).status_code == 409
        assert self.send(self.olivia, "obligation_ask", self.check_in.pk).status_code == 302
        assert self.send(self.olivia, "obligation_ask", self.check_in.pk).status_code == 409
        self.assertContains(
            self.browse(self.olivia, "obligation", self.check_in.pk), "Olivia Brandt asked them on"
        )

    def test_nobody_asks_it_by_hand_among_other_things(self) -> None:
        self.assertNotContains(self.browse(self.olivia, "ask_list", self.acme.pk), 'value="choice"')
        with pytest.raises(Refused, match="what kind of thing"):
            Ask.make(self.acme, "choice", "Would you?", by=self.olivia)
        insert = (
            "INSERT INTO accounts_ask (account_id, kind, what, by_id, at) VALUES (%s, %s, 'x', %s, now())"
        )
        assert (
            refusal_of(insert, self.acme.pk, "choice", self.olivia.pk) == "ask_choice_belongs_to_a_check_in"
        )

    def test_a_check_in_asks_once(self) -> None:
        Ask.put_due()
        insert = """INSERT INTO accounts_ask (account_id, kind, what, by_id, at, check_in_id)
            VALUES (%s, 'choice', 'x', %s, now(), %s)"""
        assert refusal_of(insert, self.acme.pk, self.olivia.pk, self.check_in.pk) == "ask_once_per_check_in"


class Answering(CastTestCase):
    ask: Ask

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        day_90(cls.acme)
        Ask.put_due()
        cls.ask = Ask.objects.get(kind="choice")

    def page(self, user: User | None = None) -> str:
        return self.browse(user or self.carla, "customer_page").content.decode()

    @pytest.mark.complaint(14, 47)
    def test_a_yes_is_kept_on_the_thread_and_they_see_it(self) -> None:
        self.send(self.carla, "customer_choose", self.ask.pk, answer="yes", words="Any day")
        verdict = Verdict.objects.get()
        assert (verdict.contact, verdict.by, verdict.coverage) == (
            self.champion, self.carla, self.acme.owner_coverage,
        )  # fmt: skip
        assert verdict.follow_up is None
        entry = Entry.objects.get(step="verdict")
        assert (entry.author_contact, entry.text) == (self.champion, "Any day")
        assert entry.subject == f"{SAME_CHOICE} Yes"
        page = self.page()
        assert 'name="answer"' not in page
        assert "Any day" in page
        assert f"Carla Weiss, {timezone.localdate():%-d %B %Y}" in page
        self.assertContains(self.browse(self.carla, "customer_take_away", **{"as": "csv"}), "Any day")

    @pytest.mark.complaint(48, 14)
    def test_a_doubt_has_a_holder_and_a_next_step_at_once(self) -> None:
        """A signal does not end in a dashboard. They see what was done."""
        page = self.as_(self.carla).post(
            f"/our/account/choices/{self.ask.pk}/", {"answer": "unsure", "words": "Two outages"}, follow=True
        )
        self.assertContains(page, "Olivia Brandt tells you here what we do about it.")
        doubt = CustomerCase.objects.get(kind="feedback")
        assert (doubt.kind, doubt.holder, doubt.contact) == ("feedback", self.olivia, self.champion)
        assert doubt.text == "I am not sure that I would make the same choice. Two outages"
        assert doubt.due
        assert doubt.shared_at
        assert f"#told-{doubt.pk}" in self.page()
        doubt.decide("planned", "a second data centre in May", by=self.olivia)
        assert "a second data centre in May" in self.page()
        assert self.send(self.olivia, "obligation_keep", doubt.pk).status_code == 409

    def test_without_one_of_the_three_their_words_are_kept(self) -> None:
        page = self.send(self.carla, "customer_choose", self.ask.pk, words="It depends")
        self.assertContains(page, "It depends")
        self.assertContains(page, "Press one of the three answers")
        assert not Verdict.objects.exists()

    def test_the_second_of_them_is_told_who_was_first(self) -> None:
        pia = make_customer(make_contact(self.acme, "Pia Sand"))
        self.send(self.carla, "customer_choose", self.ask.pk, answer="yes")
        page = self.send(pia, "customer_choose", self.ask.pk, answer="no", words="Never")
        self.assertContains(page, "Carla Weiss has answered this already: yes.", status_code=409)
        self.assertContains(page, "Never", status_code=409)

    def test_it_stays_on_their_page_for_sixty_days(self) -> None:
        later = timezone.now() + timedelta(days=61)
        with mock.patch.object(timezone, "now", return_value=later):
            assert not Ask.objects.open_choices().exists()

    def test_it_is_nobody_elses(self) -> None:
        dana = make_customer(make_contact(self.cobalt, "Dana Ortiz"))
        assert self.send(dana, "customer_choose", self.ask.pk, answer="no").status_code == 404
        favour = Ask.make(self.acme, "favour", "A photo", by=self.olivia)
        assert self.send(self.carla, "customer_choose", favour.pk, answer="no").status_code == 404
        assert SAME_CHOICE not in self.page(dana)

    def test_their_role_reads_their_own_questions_and_answers_only(self) -> None:
        """Law 4, under the role of the customer's page."""
        Ask.make(self.acme, "favour", "A photo", by=self.olivia)
        Ask.make(self.cobalt, "favour", "A photo", by=self.ines)
        other = make_contact(self.cobalt, "Dana Ortiz")
        for account, contact in ((self.acme, self.champion), (self.cobalt, other)):
            owner = account.owner
            assert owner
            Verdict.give(account, "yes", contact=contact, by=owner, words="Any day")
        with as_customer(self.acme), connection.cursor() as cursor:
            for table in ("accounts_ask", "accounts_verdict"):
                cursor.execute(f"SELECT DISTINCT account_id FROM {table}")
                assert cursor.fetchall() == [(self.acme.pk,)]

    def test_we_report_what_they_said_only_in_their_words(self) -> None:
        said = {"contact": self.dieter.pk, "answer": "no"}
        page = self.send(self.olivia, "verdict_new", self.acme.pk, **said)
        self.assertContains(page, "This field is required")
        self.send(self.olivia, "verdict_new", self.acme.pk, **said, words="Too dear")
        verdict = Verdict.objects.get()
        assert (verdict.reported, verdict.ask, verdict.contact) == (True, self.ask, self.dieter)
        assert verdict.follow_up
        assert verdict.follow_up.holder == self.olivia
        entry = Entry.objects.get(step="verdict")
        assert entry.author == self.olivia
        assert entry.subject.endswith("No (reported by us)")
        assert "as we wrote it down" in self.page()

    def test_the_preview_cannot_be_pressed(self) -> None:
        page = self.browse(self.olivia, "customer_preview", self.acme.pk)
        self.assertContains(page, SAME_CHOICE)
        self.assertNotContains(page, 'name="answer"')


class TheLaws(CastTestCase):
    INSERT = """INSERT INTO accounts_verdict (account_id, ask_id, contact_id, answer, words, at, by_id, coverage_id,
        follow_up_id) VALUES (%s, %s, %s, %s, %s, now(), %s, %s, %s)"""

    def refusal(self, **changes: Any) -> str:
        owner = self.acme.owner_coverage
        assert owner
        row = {
            "account": self.acme.pk,
            "ask": None,
            "contact": self.champion.pk,
            "answer": "yes",
            "words": "Any day",
            "by": self.olivia.pk,
            "coverage": owner.pk,
            "follow_up": None,
        }
        return refusal_of(self.INSERT, *(row | changes).values())

    @pytest.mark.complaint(48)
    def test_a_doubt_without_a_next_step_cannot_be_kept(self) -> None:
        """Around the models."""
        for answer in ("unsure", "no"):
            assert self.refusal(answer=answer) == "verdict_of_doubt_is_followed_up"
        line = make_obligation(self.acme, kind="task")
        assert self.refusal(follow_up=line.pk) == "verdict_of_doubt_is_followed_up"
        assert self.refusal(answer="maybe") == "verdict_of_doubt_is_followed_up"

    def test_an_answer_is_theirs_and_ours_only_in_their_words(self) -> None:
        stranger = make_contact(self.cobalt, "Dana Ortiz")
        mine = "An answer is given by a contact of that account, and by nobody for another."
        assert self.refusal(contact=stranger.pk) == mine
        assert self.refusal(contact=self.dieter.pk, by=self.carla.pk) == mine
        assert self.refusal(words=" ") == "An answer that one of us reports comes with their words."
        support = make_coverage(self.acme, self.nils)
        other = self.cobalt.owner_coverage
        assert other
        for row in (support, other):
            assert self.refusal(coverage=row.pk) == "An answer names who owned that account."

    def test_a_question_is_answered_once(self) -> None:
        day_90(self.acme)
        Ask.put_due()
        Verdict.give(self.acme, "yes", contact=self.champion, by=self.carla)
        assert self.refusal(ask=Ask.objects.get().pk) == "verdict_once_per_ask"


@pytest.mark.complaint(47)
class WhatWeSee(CastTestCase):
    """The trend across changes of owner."""

    def setUp(self) -> None:
        Verdict.give(self.acme, "yes", contact=self.champion, by=self.carla)
        give(self.acme, self.ines)
        Verdict.give(self.acme, "no", contact=self.champion, by=self.carla, words="We started over")
        Verdict.give(
            self.borealis, "yes", contact=make_contact(self.borealis, "Bo"), by=self.olivia, words="Sure"
        )

    def test_the_account_shows_each_answer_beside_who_owned_it(self) -> None:
        page = self.browse(self.ines, "account", self.acme.pk).content.decode()
        section = page.split('id="verdicts"')[1].split("</section>")[0]
        told = ["No", "Ines Carvalho owned it", "We started over", "Ines Carvalho took over", "Yes"]
        places = [section.index(words) for words in [*told, "Olivia Brandt owned it"]]
        assert places == sorted(places)

    def test_the_account_asks_no_query_more(self) -> None:
        with self.assertNumQueries(1):
            account: Any = Account.objects.for_page().get(pk=self.acme.pk)
        assert len(account.verdict_lines) == 2

    def test_a_manager_reads_before_and_after_with_the_numbers(self) -> None:
        page = self.browse(self.max, "verdict_list").content.decode()
        assert changes(Verdict.objects.all()) == {"worse": 1}
        assert "We started over" in page
        assert "worse" in page
        assert "%" not in page.split("<main")[1]
        rows = page.split("counted by owner</caption>")[1].split("</table>")[0]
        assert rows.index("Ines Carvalho") < rows.index("Olivia Brandt"), "who is doubted most stands first"

    def test_another_team_sees_none_of_it(self) -> None:
        rosa = User.objects.create_user(
            "rosa@vendor.example", "Rosa Lind", kind="manager", reports_to=self.petra
        )
        self.assertContains(self.browse(rosa, "verdict_list"), "No customer has answered yet")

    def test_it_takes_as_many_queries_for_many(self) -> None:
        browser = self.as_(self.omar)
        with self.assertNumQueries(9):
            browser.get("/choices/")
        for number in range(4):
            contact = make_contact(self.cobalt, f"Contact {number}")
            Verdict.give(self.cobalt, "no", contact=contact, by=self.ines, words="Too dear")
        with self.assertNumQueries(9):
            browser.get("/choices/")


def test_two_of_them_answer_at_once(second_connection: psycopg.Connection[Any]) -> None:
    """One wins; the other waits for it, is told, and nothing of theirs is half there."""
    cast = the_cast()
    day_90(cast.acme)
    Ask.put_due()
    pia = make_customer(make_contact(cast.acme, "Pia Sand"))
    second_connection.execute("SELECT 1 FROM accounts_account WHERE id = %s FOR UPDATE", [cast.acme.pk])
    second_connection.execute(
        """INSERT INTO accounts_verdict (account_id, ask_id, contact_id, answer, words, at, by_id, coverage_id)
        SELECT account_id, id, %s, 'yes', '', now(), %s, %s FROM accounts_ask""",
        [cast.champion.pk, cast.carla.pk, cast.acme.owner_coverage.pk],
    )
    outcome: list[BaseException] = []
    pid: list[int] = []

    def answer() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pid.append(cursor.fetchone()[0])
            contact = Contact.objects.get(user=pia)
            Verdict.give(cast.acme, "no", contact=contact, by=pia, words="Never", ask=Ask.objects.get())
        except Refused as refused:
            outcome.append(refused)
        finally:
            connection.close()

    thread = threading.Thread(target=answer)
    thread.start()
    for _ in range(100):
        thread.join(0.05)
        if pid and is_waiting(second_connection, pid[0]):
            break
    second_connection.commit()
    thread.join(10)
    assert [str(one.messages[0]) for one in outcome if isinstance(one, Refused)] == [
        "Carla Weiss has answered this already: yes."
    ]
    assert Verdict.objects.count() == 1
    assert not Obligation.objects.filter(kind="feedback").exists()
    assert not Letter.objects.filter(text__contains="Never").exists()
    with transaction.atomic():
        assert not Entry.objects.filter(step="verdict").exists()
