"""What a customer cannot wait for reaches somebody at once, and what they send back again goes higher."""

from __future__ import annotations

from accounts.models import CustomerCase, Letter, Obligation, today
from accounts.pages.today import Agenda
from tests.base import CastTestCase, in_days, make_obligation, make_question


class AnUrgentQuestion(CastTestCase):
    def letters(self) -> list[tuple[str, str]]:
        return [(letter.reader.name, letter.subject) for letter in Letter.objects.order_by("pk")]

    def asks(self, urgency: str = "emergency") -> Obligation:
        owner = self.acme.owner_coverage
        assert owner
        sent = {"whom": owner.pk, "text": "The line stands still", "urgency": urgency}
        assert self.send(self.carla, "customer_ask", **sent).status_code == 302
        return Obligation.objects.get(text="The line stands still")

    def test_it_reaches_its_holder_at_once(self) -> None:
        question = self.asks()
        assert self.letters() == [("Olivia Brandt", "Acme Robotics: today")]
        letter = Letter.objects.get()
        assert letter.signed_by == self.carla
        assert "“The line stands still”" in letter.text
        assert letter.page == f"/obligations/{question.pk}/"

    def test_what_can_wait_does_not(self) -> None:
        self.asks("soon")
        assert not self.letters()

    def test_whoever_writes_it_down_themselves_needs_no_letter(self) -> None:
        make_question(self.acme, self.champion, by=self.olivia, urgency="emergency")
        assert not self.letters()
        make_question(self.acme, self.champion, by=self.max, urgency="emergency")
        assert [name for name, _ in self.letters()] == ["Olivia Brandt"]

    def test_it_comes_first_on_today_until_it_is_answered(self) -> None:
        make_obligation(self.acme, "Long late", due_in=-9)
        make_obligation(self.acme, "Due today", due_in=0)
        question = CustomerCase.objects.get(pk=self.asks().pk)
        question.move(in_days(5), because="They agreed", by=self.olivia)
        day = Agenda.of(self.olivia, today())
        assert day.due[0].pk == question.pk
        assert question.pk not in {line.pk for line in day.coming}
        assert day.sentence == "Carla Weiss of Acme Robotics needs to hear today: “The line stands still”."
        page = self.browse(self.olivia, "today").content.decode()
        places = [page.index(f">{text}<") for text in ("The line stands still", "Long late", "Due today")]
        assert places == sorted(places)
        question.answer("Jonas is on his way", by=self.olivia)
        assert "needs to hear today" not in Agenda.of(self.olivia, today()).sentence

    def test_reopened_it_reaches_them_again(self) -> None:
        question = CustomerCase.objects.get(pk=self.asks().pk)
        question.answer("It runs", by=self.olivia)
        question.reopen(because="It does not", by=self.carla)
        assert [name for name, _ in self.letters()] == ["Olivia Brandt", "Olivia Brandt"]


class SentBackAgain(CastTestCase):
    def test_the_second_reopening_and_every_one_after_it_goes_to_the_manager(self) -> None:
        question = make_question(self.acme, self.champion, due_in=3)
        for number, (answer, holder) in enumerate(
            [("Yes", self.olivia), ("Still yes", self.max), ("As I said", self.max), ("Really", self.max)], 1
        ):
            question.answer(answer, by=self.olivia)
            question.reopen(because=f"No, for the {number}th time", by=self.carla)
            assert question.holder == holder
            if number > 1:  # a week later somebody else has it again
                question.hand_to(self.ines, by=self.max)
        told = Letter.objects.filter(to=self.max)
        assert [letter.text.splitlines()[0] for letter in told.order_by("pk")] == [
            f"Carla Weiss reopened it: No, for the {number}th time" for number in (2, 3, 4)
        ]
        assert not Letter.objects.exclude(to=self.max).exists()
