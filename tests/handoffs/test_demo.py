"""The demo story loads whole, keeps the laws, and leaves everybody something to do."""

from __future__ import annotations

import json
import tempfile
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.test import SimpleTestCase, TestCase, override_settings
from django.utils import timezone

from accounts.models import (
    Account,
    Ask,
    AskedAgain,
    Cadence,
    Context,
    Coverage,
    Entry,
    Fact,
    Obligation,
    Organisation,
    Passage,
    SortedPassage,
    User,
    Verdict,
    today,
)
from accounts.pages.call_plan import plan
from config.demo.story.clock import ZONE, Calendar
from handoffs.held_against import Said
from handoffs.models import Handoff, Transition, blockers
from handoffs.tasks import run_due_changes
from tests.accounts.test_exporting import come_in, export_of, file_of

#: Whom each account under way goes to, and how far it is.
STATES = {
    "Elbtal Dairy": ("Ines Roth", "to approve"),
    "Feldmann Print": ("Leon Albrecht", "accepted"),
    "Kranich Logistics": ("Leon Albrecht", "to write"),
    "Lüneburg Waterworks": ("Ines Roth", "accepted"),
    "Nordwald Clinics": ("Ines Roth", "to read back"),
    "Osterby Bakeries": ("Leon Albrecht", "approval is stale"),
    "Piave Glass": ("Paolo Ferrante", "to approve"),
    "St Brannock's Hospital": ("Ines Roth", "to approve"),
    "Sundfjord Ferries": ("Ines Roth", "to write"),
    "Tidemark Harbour": ("Leon Albrecht", "to approve"),
    "Varde Pumps": ("Ines Roth", "read back, to accept"),
}
#: With more than 60 notes each: of these the first one's owner leaves, and the last one's has gone.
NOTED = ["Nordwald Clinics", "Osterby Bakeries", "St Brannock's Hospital"]
PLANS = {
    "Bergedorf Brewery: Ines Roth to Leon Albrecht": "done",
    "Dolomiti Sanatorium: sale to success": "under way",
    "Elena Kostova is on leave": "being planned",
    "Food makers in one pair of hands": "waiting for approval",
    "Gregor Hallas leaves": "under way",
    "Olivia Berg leaves": "under way",
    "Paolo Ferrante is on leave": "done",
}


class TheDemoStory(TestCase):
    cast: list[dict[str, str]]

    @classmethod
    def setUpTestData(cls) -> None:
        with tempfile.TemporaryDirectory() as folder, override_settings(VAR=Path(folder)):
            call_command("load_demo", stdout=StringIO())
            cls.cast = json.loads((Path(folder) / "demo.json").read_text())["cast"]

    def who(self, name: str) -> User:
        person: User = User.objects.get(name=name)
        return person

    def handoff(self, account: str) -> Handoff:
        return Handoff.objects.filter(account__name=account, refused_at=None).latest("pk")

    def test_what_goes_out_of_it_comes_in_again_without_a_change(self) -> None:
        for email, shape, name in (
            ("omar.haddad", "csv", "out.zip"),
            ("max.stein", "xlsx", "out.xlsx"),
            ("olivia.berg", "csv", "out.zip"),
        ):
            person = User.objects.get(email__startswith=email)
            data = file_of(export_of(person, shape))
            importer = person if person.runs_changes else User.objects.get(email__startswith="omar")
            assert come_in(data, importer, name) == (True, []), email

    def test_it_keeps_every_law(self) -> None:
        connection.check_constraints()

    def test_it_is_told_only_once(self) -> None:
        said = StringIO()
        before = Entry.objects.count()
        call_command("load_demo", stdout=said)
        assert "already there" in said.getvalue()
        assert Entry.objects.count() == before

    def test_the_cast_is_everybody_who_can_sign_in(self) -> None:
        emails = sorted(person["email"] for person in self.cast)
        assert emails == sorted(User.objects.active().values_list("email", flat=True))
        assert all(person["name"] and person["role"] and person["line"] for person in self.cast)

    def test_every_account_under_way_stands_where_the_story_says(self) -> None:
        leaving = Handoff.objects.filter(transition__kind=Transition.Kind.DEPARTURE, refused_at=None)
        found = {h.account.name: (h.incoming.name, h.state) for h in leaving.with_people()}
        assert found == STATES
        assert {t.name: t.state for t in Transition.objects.all()} == PLANS

    def test_the_next_round_of_daily_work_finds_nothing_left_over(self) -> None:
        def standing() -> list[tuple[object, ...]]:
            rows = [
                *Handoff.objects.order_by("pk").values_list(),
                *Coverage.objects.order_by("pk").values_list(),
            ]
            return [*rows, *Transition.objects.order_by("pk").values_list()]

        before = standing()
        run_due_changes()
        assert standing() == before

    def test_nothing_happened_in_the_future_on_a_weekend_or_at_night(self) -> None:
        assert not Entry.objects.filter(at__gt=timezone.now()).exists()
        by_people = Entry.objects.exclude(
            step__in=["broken", "escalated", "lapsed"]
        )  # those the clock writes
        for at in by_people.values_list("at", flat=True):
            there = at.astimezone(ZONE)
            assert there.weekday() < 5, there
            assert there.hour in range(6, 19), there

    def test_carla_reads_of_the_change_and_mette_does_not_yet(self) -> None:
        assert self.handoff("Nordwald Clinics").announced_at is not None
        assert self.handoff("Sundfjord Ferries").announced_at is None
        carla = self.who("Carla Diaz")
        assert Fact.objects.visible_to(carla).live().exists()
        assert Obligation.objects.visible_to(carla).open().exists()

    def test_max_acts_unread_for_what_gregor_left(self) -> None:
        acting = Coverage.objects.owners().filter(acting=True)
        assert {row.person.name for row in acting} == {"Max Stein"}
        assert {row.account.name for row in acting} == {
            "Kranich Logistics",
            "St Brannock's Hospital",
            "Tidemark Harbour",
        }

    def test_kranich_was_refused_with_a_reason_and_goes_to_another(self) -> None:
        follower = self.handoff("Kranich Logistics")
        assert follower.follows
        assert follower.follows.state == "refused"
        assert "deserves somebody" in follower.follows.refused_because

    def test_ines_left_out_some_of_what_must_survive_at_varde(self) -> None:
        handoff = self.handoff("Varde Pumps")
        read_back, brief = handoff.read_back_waiting, handoff.review().approved_brief
        assert read_back
        assert brief
        missed = {
            one.line.title for one in read_back.held_against(brief.must_survive) if one.said == Said.NOT
        }
        assert "Terms agreed" in missed
        assert blockers.accepting(handoff) == []

    def test_sundfjord_is_full_of_gaps(self) -> None:
        handoff = self.handoff("Sundfjord Ferries")
        assert "Who stands up for us" in handoff.brief().gaps
        assert len(blockers.writing(handoff)) > 2

    def test_no_answer_waits_beyond_the_day_on_which_it_lapses(self) -> None:
        assert not Obligation.objects.open().filter(lapses_on__lt=today()).exists()

    def test_every_kind_of_memory_is_there(self) -> None:
        kinds = set(Entry.objects.values_list("kind", flat=True))
        assert kinds == set(Entry.Kind.values) - {"automatic"}  # no machine answers in the story
        outcomes = set(Obligation.objects.values_list("outcome", flat=True)) - {""}
        assert outcomes == set(Obligation.Outcome.values) - {"account_closed", "retracted"}
        assert Obligation.objects.late().exists()
        assert Obligation.objects.filter(stretch=True).exists()
        assert Obligation.objects.filter(decision=Obligation.Decision.NO).exists()
        assert Fact.objects.filter(supersedes__isnull=False).exists()
        assert Account.objects.filter(merged_into__isnull=False).exists()

    def test_three_accounts_have_a_year_of_notes_with_more_in_them_than_was_marked(self) -> None:
        for name in NOTED:
            account = Account.objects.get(name=name)
            notes = Entry.objects.filter(account=account, kind__in=Entry.KEPT_BY_HAND)
            assert notes.count() > 60, name
            assert notes.values("author").distinct().count() > 2, name
            assert not notes.filter(reading=None).exists(), name
            assert Passage.objects.of(account).unsorted().count() > 60, name
            assert account.contacts.filter(left_on__isnull=False).exists(), name

    def test_what_gregor_left_unsorted_is_shared_by_those_who_knew_the_hospital(self) -> None:
        hospital = Account.objects.get(name="St Brannock's Hospital")
        looked_at = SortedPassage.objects.filter(entry__account=hospital)
        assert set(looked_at.values_list("by__name", flat=True)) == {
            "Hanne Vogt",
            "Jonas Okafor",
            "Max Stein",
        }
        assert set(looked_at.values_list("became", flat=True)) >= {
            "handling",
            "if_then",
            "nothing",
            "promise",
        }
        assert SortedPassage.objects.filter(by=self.who("Olivia Berg")).exists()
        assert not SortedPassage.objects.filter(by=self.who("Gregor Hallas")).exists()

    def test_lines_of_a_mail_stay_lines_and_lines_of_the_source_do_not(self) -> None:
        answer = Entry.objects.get(text__contains="Twelve is fine")
        assert answer.text.count("\n") == 3
        assert "\n> Twelve is fine so long" in answer.text

    def test_the_ledger_tells_of_asks_visits_incidents_and_of_two_who_disagree(self) -> None:
        nordwald = Account.objects.get(name="Nordwald Clinics")
        assert set(Ask.objects.values_list("kind", flat=True)) >= {"feedback", "reference", "answers"}
        for cadence in Cadence.objects.current():
            assert cadence.visits.open().exists(), cadence
        assert set(Obligation.objects.obstacles().values_list("obstacle", flat=True)) == {
            "form",
            "payment",
            "term",
        }
        strangers = Obligation.objects.filter(raised_by=self.who("Leon Albrecht"), severity__gt="")
        assert not set(strangers.values_list("account_id", flat=True)) & set(
            Account.objects.visible_to(self.who("Leon Albrecht")).values_list("pk", flat=True)
        )
        assert [one.topic.pk for one in plan(nordwald, today()).contradictions] == ["decision"]

    def test_care_after_a_sale_and_after_a_change_of_hands(self) -> None:
        check_ins = Obligation.objects.filter(check_in__isnull=False)
        assert check_ins.open().exists()
        assert check_ins.filter(outcome="held").exists()
        assert Ask.objects.filter(kind=Ask.Kind.CHOICE).exists()
        asked = Verdict.objects.filter(account__name="Nordwald Clinics").order_by("at")
        assert list(asked.values_list("answer", flat=True)) == ["yes", "unsure", "yes"]
        assert set(Verdict.objects.values_list("answer", flat=True)) == {"yes", "unsure", "no"}
        sold = self.handoff("Dolomiti Sanatorium")
        assert sold.state == "read back, to accept"
        assert any(owed.stretch for owed in sold.obligations())

    def test_what_weighs_on_their_people_and_who_meets_them_next(self) -> None:
        assert Context.objects.lasting(today()).count() >= 3
        assert Obligation.objects.open().filter(starts_at__gt=timezone.now()).count() >= 4
        story = Fact.objects.live().get(account__name="Nordwald Clinics", topic="story")
        assert story.supersedes
        assert AskedAgain.objects.exists()

    def test_each_of_the_cast_has_something_to_do(self) -> None:
        owed = set(Obligation.objects.open().values_list("holder__name", flat=True))
        waiting = Transition.objects.get(name="Food makers in one pair of hands").review().waiting_for
        for person in User.objects.active().staff():
            handoffs = Handoff.objects.all()
            busy = (
                person.name in owed
                or person in waiting
                or handoffs.filter(written_at__isnull=False).with_approver(person).exists()
                or handoffs.to_write(person).exists()
                or handoffs.to_read_back(person).exists()
            )
            assert busy, person
        for customer in User.objects.active().filter(kind=User.Kind.CUSTOMER):
            assert Obligation.objects.visible_to(customer).open().exists(), customer

    def test_the_organisation_can_always_ask_petra(self) -> None:
        assert Organisation.get().last_resort == self.who("Petra Lindt")


class TheStorysCalendar(SimpleTestCase):
    week = [date(2026, 11, 16) + timedelta(days=n) for n in range(7)]

    def test_days_keep_their_order_and_avoid_weekends_whatever_today_is(self) -> None:
        for day_of_loading in self.week:
            days = [Calendar(day_of_loading).on(day) for day in range(-400, 401)]
            assert days == sorted(days)
            assert all(day.weekday() < 5 for day in days if day != day_of_loading), day_of_loading

    def test_the_last_days_are_working_days(self) -> None:
        monday, saturday = self.week[0], self.week[5]
        assert Calendar(monday).on(-1) == date(2026, 11, 13)
        assert Calendar(saturday).on(-1) == date(2026, 11, 20)
        assert Calendar(monday).on(10) == monday + timedelta(days=14)

    def test_days_and_months_are_written_out(self) -> None:
        calendar = Calendar(self.week[0])
        assert calendar.dated("by {+10}, in {month+60}") == "by 30 November, in January"
