"""Asked once: before anything is asked of a customer, what we hold is shown, and passed by choice or not at all."""

from __future__ import annotations

import pytest

from accounts.models import Ask, EntryReading, PassedAnswer, Refused
from accounts.models.held_answers import answers_held
from accounts.rules.asked_once import likeness, telling
from tests.base import CastTestCase, make_case, make_entry, make_fact, make_user
from tests.laws import refusal_of

BUDGET = "When does your budget year begin?"


@pytest.mark.parametrize(
    ("question", "text", "answers"),
    [
        (BUDGET, "Their budget year begins in April", True),
        (BUDGET, "BUDGETS are closed in March, and it begins anew", True),
        (BUDGET, "They would like a photo", False),
        (BUDGET, "The budget is small", False),
        ("How do you like the export?", "Exports take an hour, says Carla", True),
        ("What do you think?", "They think about it", False),
        ("Is 14 January the last day?", "Notice by 14 January at the latest", True),
    ],
)
def test_what_answers_shares_the_words_that_tell(question: str, text: str, answers: bool) -> None:
    asked = telling(question)
    assert bool(asked and likeness(asked, text)) == answers


class AskedOnce(CastTestCase):
    def held(self, question: str = BUDGET) -> list[str]:
        return [answer.text for answer in answers_held(self.acme, question)]

    def note(self, text: str) -> None:
        make_entry(self.acme, text, kind="note")
        EntryReading.read_all()

    def test_facts_passages_and_feedback_are_held(self) -> None:
        make_fact(self.acme, "budget", "April to March")
        self.note("Nice weather. Carla said the budget year begins on 1 April because of the ministry.")
        make_case(
            self.acme, "Your budget form came before our year begins", "feedback", contact=self.champion
        )
        make_fact(self.cobalt, "budget", "The budget year begins in May")
        make_entry(self.acme, "We talked about the fair.")
        assert set(self.held()) == {
            "April to March",
            "Carla said the budget year begins on 1 April because of the ministry.",
            "Your budget form came before our year begins",
        }

    def test_what_was_taken_back_is_not(self) -> None:
        fact = make_fact(self.acme, "budget", "April to March")
        assert self.held()
        fact.retract(by=self.olivia, because="Wrong")
        assert not self.held()

    def test_it_must_be_passed_by_choice_whoever_asks(self) -> None:
        fact = make_fact(self.acme, "budget", "April to March")
        for by in (self.olivia, self.max, self.omar):
            with pytest.raises(Refused, match="We may hold the answer already"):
                Ask.make(self.acme, "answers", BUDGET, by=by)
        ask = Ask.make(self.acme, "answers", BUDGET, by=self.olivia, passed=[f"fact:{fact.pk}"])
        assert [passed.fact for passed in PassedAnswer.objects.filter(ask=ask)] == [fact]
        newer = make_fact(self.acme, "budget", "From April, and from 2028 from January")
        with pytest.raises(Refused, match="We may hold"):
            Ask.make(self.acme, "answers", BUDGET, by=self.olivia, passed=[f"fact:{fact.pk}"])
        assert newer.pk

    def test_what_we_do_not_know_is_asked_at_once(self) -> None:
        make_fact(self.acme, "budget", "April to March")
        assert not Ask.make(
            self.acme, "favour", "A photo for the fair", by=self.olivia
        ).passed_answers.exists()

    def test_the_page_shows_what_we_hold_and_asks_all_the_same(self) -> None:
        fact = make_fact(self.acme, "budget", "April to March")
        sent = {"kind": "answers", "what": BUDGET}
        refused = self.send(self.olivia, "ask_list", self.acme.pk, **sent)
        self.assertContains(refused, "What we hold already", status_code=409)
        self.assertContains(refused, "April to March", status_code=409)
        assert not Ask.objects.exists()
        passed = sent | {"passed": f"fact:{fact.pk} "}
        assert self.send(self.olivia, "ask_list", self.acme.pk, **passed).status_code == 302
        page = self.browse(self.max, "ask_list", self.acme.pk)
        self.assertContains(page, "asked although we held 1 answer that may have done")

    def test_what_was_passed_is_counted(self) -> None:
        fact = make_fact(self.acme, "budget", "April to March")
        Ask.make(self.acme, "answers", BUDGET, by=self.olivia, passed=[f"fact:{fact.pk}"])
        page = self.browse(self.max, "asked_before")
        self.assertContains(page, "Asked although we held an answer")
        self.assertContains(page, "Olivia Brandt")
        another = make_user("Mona Falk", "manager", reports_to=self.petra)
        self.assertNotContains(self.browse(another, "asked_before"), "Asked although")

    def test_what_was_passed_stays(self) -> None:
        for sql in ("DELETE FROM accounts_passedanswer", "UPDATE accounts_passedanswer SET fact_id = NULL"):
            assert refusal_of(sql).startswith("permission denied")

    def test_it_takes_as_many_queries_with_much_as_with_little(self) -> None:
        self.note("Carla said the budget year begins on 1 April.")
        assert self.acme.memory_ids, "read once for an account"
        with self.assertNumQueries(4):
            answers_held(self.acme, BUDGET)
        for number in range(9):
            self.note(f"Carla said again that the budget year begins on {number + 1} April.")
            make_fact(self.acme, "needs", f"A budget that begins with the year {number}")
        with self.assertNumQueries(4):
            assert len(answers_held(self.acme, BUDGET)) == 12
