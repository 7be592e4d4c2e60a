"""Departures, leaves, handovers, reorganisations, approvals and checklists: what their pages show and refuse."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Coverage, User
from accounts.rules.lateness import working_days
from handoffs.models import Handoff, JobRun, TemplateItem, Transition
from handoffs.models.blockers import start_blockers
from tests.base import (
    CastTestCase,
    in_days,
    make_account,
    make_coverage,
    make_deal,
    make_obligation,
    make_user,
)

from . import steps

LIST = (
    "account,new owner,reason\nAcme Robotics,Ines Carvalho,She knows robotics\nDunmore Press,Ines Carvalho,\n"
)


def departs(**fields: Any) -> dict[str, Any]:
    standing = {
        "when": "planned",
        "because": "Olivia moves to Lisbon",
        "access_on": in_days(0),
        "announced_on": in_days(7),
        "accountable_on": in_days(14),
        "last_day": in_days(14),
    }
    return standing | fields


class PagesTestCase(CastTestCase):
    """Django's test client gives its answers a context, which the type of an answer does not know."""

    def browse(self, user: User, name: str, /, *args: object, **query: Any) -> Any:
        return super().browse(user, name, *args, **query)

    def send(self, user: User, name: str, /, *args: object, **fields: Any) -> Any:
        return super().send(user, name, *args, **fields)


def words(page: Any) -> str:
    return " ".join(page.content.decode().split())


class ADeparture(PagesTestCase):
    def desk(self, **fields: Any) -> Transition:
        answer = self.send(self.max, "departure_new", self.olivia.pk, **departs(**fields))
        transition = Transition.objects.get(person=self.olivia)
        self.assertRedirects(answer, reverse("transition", args=[transition.pk]))
        return transition

    def test_the_form_has_sensible_dates(self) -> None:
        form = self.browse(self.max, "departure_new", self.olivia.pk).context["form"]
        assert [form[name].value() for name in ("access_on", "announced_on", "accountable_on")] == [
            in_days(0),
            next(working_days(in_days(7), "")),
            next(working_days(in_days(14), "")),
        ]

    def test_every_account_has_a_suggested_successor_and_the_worst_comes_first(self) -> None:
        make_obligation(self.borealis, due_in=-3)
        make_deal(self.borealis, "Renewal", expected_close=in_days(20))
        transition = self.desk()
        page = self.browse(self.max, "transition", transition.pk)
        assert [line.account.name for line in page.context["lines"]] == ["Borealis Foods", "Acme Robotics"]
        assert not transition.moves.filter(incoming=None).exists()
        assert "1 thing we owe, late" in words(page)
        assert Handoff.objects.count() == 0

    def test_she_sees_it_herself_and_cannot_change_it(self) -> None:
        transition = self.desk()
        assert 'name="to-' not in words(self.browse(self.olivia, "transition", transition.pk))
        assert self.send(self.olivia, "transition_start", transition.pk).status_code == 403

    def test_a_back_up_does_not_outstay_the_last_day(self) -> None:
        page = self.send(self.max, "departure_new", self.olivia.pk, **departs(back_up_until=in_days(30)))
        assert page.status_code == 409
        assert "cannot stay as back-up after the last day" in words(page)
        assert "Olivia moves to Lisbon" in words(page)
        assert not Transition.objects.exists()

    def test_a_last_day_that_is_past_is_a_sudden_departure(self) -> None:
        page = self.send(self.max, "departure_new", self.olivia.pk, **departs(last_day=in_days(-1)))
        assert "If Olivia has gone, say so above" in words(page)

    def test_already_gone_the_manager_acts_for_all_of_it_at_once(self) -> None:
        transition = self.desk(when="sudden", last_day="")
        self.olivia.refresh_from_db()
        assert not self.olivia.is_active
        assert Coverage.objects.owners().filter(person=self.max, acting=True).count() == 2
        assert "Max Adeyemi answers for 2 accounts now, unread" in words(
            self.browse(self.max, "transition", transition.pk)
        )

    def test_a_second_departure_is_refused_and_names_the_first(self) -> None:
        self.desk()
        page = self.send(self.max, "departure_new", self.olivia.pk, **departs())
        assert page.status_code == 409
        assert "There is one under way already: Olivia Brandt leaves" in words(page)

    def test_start_takes_the_choices_on_the_page_with_it(self) -> None:
        transition = self.desk()
        move = transition.moves.get(account=self.acme)
        fields = {f"to-{move.pk}": self.nils.pk, f"was-{move.pk}": move.incoming_id}
        self.send(self.max, "transition_start", transition.pk, **fields)
        JobRun.objects.get().run()
        assert Handoff.objects.get(account=self.acme).incoming == self.nils

    def test_it_does_not_start_with_an_account_left_open(self) -> None:
        transition = self.desk()
        move = transition.moves.get(account=self.acme)
        fields = {f"to-{move.pk}": "", f"was-{move.pk}": move.incoming_id}
        self.send(self.max, "transition_choose", transition.pk, **fields)
        page = self.browse(self.max, "transition", transition.pk)
        assert "1 account has no successor yet." in words(page)
        assert self.send(self.max, "transition_start", transition.pk).status_code == 409
        self.send(self.max, "transition_suggest", transition.pk)
        assert start_blockers(transition) == []

    def test_of_two_who_choose_at_once_the_second_is_told(self) -> None:
        transition = self.desk()
        move = transition.moves.get(account=self.acme)
        seen = {f"was-{move.pk}": move.incoming_id}
        other = self.ines if move.incoming == self.nils else self.nils
        self.send(self.max, "transition_choose", transition.pk, **seen, **{f"to-{move.pk}": other.pk})
        late = self.send(self.petra, "transition_choose", transition.pk, **seen, **{f"to-{move.pk}": ""})
        assert late.status_code == 409
        assert f"Acme Robotics goes to {other} in the meantime; you chose nobody." in words(late)

    def test_htmx_answers_with_the_one_line_and_the_gate(self) -> None:
        transition = self.desk()
        move = transition.moves.get(account=self.acme)
        fields = {f"to-{move.pk}": self.nils.pk, f"was-{move.pk}": move.incoming_id}
        url = reverse("transition_choose", args=[transition.pk])
        answer = self.as_(self.max).post(url, fields, headers={"HX-Request": "true"})
        assert words(answer).count("<tr") == 1
        assert 'hx-swap-oob="true"' in words(answer)

    def test_other_dates_are_refused_when_they_cannot_all_be_meant(self) -> None:
        transition = self.desk()
        fields = departs(access_on=in_days(20))
        page = self.send(self.max, "transition_dates", transition.pk, **fields)
        assert page.status_code == 409
        assert "before they answer for it" in words(page)
        self.send(self.max, "transition_dates", transition.pk, **departs(access_on=in_days(3)))
        transition.refresh_from_db()
        assert transition.access_on == in_days(3)

    def test_one_account_is_chosen_with_a_reason(self) -> None:
        move = self.desk().moves.get(account=self.acme)
        page = self.browse(self.max, "move_edit", move.pk)
        assert {one.person for one in page.context["everybody"]} == {self.ines, self.nils}
        self.send(self.max, "move_edit", move.pk, incoming=self.nils.pk, because="They met in Turku")
        move.refresh_from_db()
        assert (move.incoming, move.because) == (self.nils, "They met in Turku")

    def test_progress_stops_polling_when_every_handoff_is_open(self) -> None:
        transition = self.desk()
        job = transition.start(by=self.max)
        url = reverse("job", args=[job.pk])
        client = self.as_(self.max)
        assert client.get(url, headers={"HX-Request": "true"}).status_code == 200
        job.run()
        assert client.get(url, headers={"HX-Request": "true"}).status_code == 286
        assert client.get(url).status_code == 200
        assert self.browse(self.nils, "job", job.pk).status_code == 404

    def test_it_is_cancelled_with_a_reason(self) -> None:
        transition = self.desk()
        assert self.send(self.max, "transition_cancel", transition.pk, because="").status_code == 200
        self.send(self.max, "transition_cancel", transition.pk, because="She stays")
        assert "She stays" in words(self.browse(self.max, "transition", transition.pk))

    def test_it_is_taken_back_until_the_first_customer_was_told(self) -> None:
        transition = steps.departure(self.olivia, self.ines, by=self.max)
        handoff = transition.handoffs.get(account=self.acme)
        steps.announce(handoff)
        page = self.browse(self.max, "transition", transition.pk)
        assert "Acme Robotics was told on" in words(page)
        assert self.send(self.max, "transition_undo", transition.pk).status_code == 409

    def test_a_refused_move_says_why(self) -> None:
        steps.hand_over(self.acme, self.nils, by=self.max)
        transition = steps.departure(self.olivia, self.ines, by=self.max)
        page = words(self.browse(self.max, "transition", transition.pk))
        assert "It is already being handed to Nils Aalto" in page


class LeaveAndHandover(PagesTestCase):
    def test_a_leave_asks_for_the_day_of_return(self) -> None:
        fields = {
            "because": "Three weeks away",
            "access_on": in_days(0),
            "announced_on": in_days(3),
            "starts_on": in_days(7),
            "return_on": in_days(7),
        }
        page = self.send(self.max, "leave_new", self.olivia.pk, **fields)
        assert page.status_code == 409
        assert "The return date comes after the first day of leave." in words(page)
        self.send(self.max, "leave_new", self.olivia.pk, **fields | {"return_on": in_days(28)})
        transition = Transition.objects.get(kind="leave")
        assert "Back on" in words(self.browse(self.max, "transition", transition.pk))

    def test_an_owner_hands_their_own_account_over(self) -> None:
        fields = {
            "coverage": self.acme.coverage.get().pk,
            "incoming": self.ines.pk,
            "because": "Ines knows robotics",
            "access_on": in_days(0),
            "announced_on": in_days(7),
            "accountable_on": in_days(14),
        }
        self.send(self.olivia, "handover_new", self.acme.pk, **fields)
        transition = Transition.objects.get(kind="handover")
        self.send(self.olivia, "transition_start", transition.pk)
        assert JobRun.objects.filter(transition=transition).exists()

    def test_of_two_who_serve_in_the_same_role_the_chosen_one_hands_over(self) -> None:
        make_coverage(self.acme, self.nils, "support", days=200)
        hers = make_coverage(self.acme, self.olivia, "support", days=300)
        fields = steps.dates(announced=7) | {
            "coverage": hers.pk,
            "incoming": self.ines.pk,
            "because": "Ines knows robotics",
        }
        self.send(self.petra, "handover_new", self.acme.pk, **fields)
        assert Transition.objects.get(kind="handover").moves.get().outgoing == self.olivia

    def test_a_colleague_who_only_serves_it_may_not(self) -> None:
        make_coverage(self.acme, self.nils, "back_up")
        assert self.browse(self.nils, "handover_new", self.acme.pk).status_code == 403
        assert self.browse(self.ines, "handover_new", self.dunmore.pk).status_code == 404


class AReorganisation(PagesTestCase):
    def upload(self, text: str = "", *, user: User | None = None, **fields: Any) -> Any:
        standing = {
            "name": "Spring",
            "because": "Each region gets people who know it",
            "list": text,
            "access_on": in_days(0),
            "announced_on": in_days(14),
            "accountable_on": in_days(14),
        }
        return self.send(user or self.omar, "reorg_new", **standing | fields)

    def planned(self) -> Transition:
        self.upload(LIST)
        return Transition.objects.get(kind="reorg")

    def test_every_wrong_line_is_said_with_its_line_and_nothing_is_planned(self) -> None:
        make_account("Cobalt Mining", self.nils)
        gone = make_user("Gunnar Gone", is_active=False)
        page = self.upload(
            "Account;New owner\n"
            "Acme Robotics;Ines Carvalho\n"
            "Acme Robotix;Ines Carvalho\n"
            "\n"
            "Cobalt Mining;Nils Aalto\n"
            "Borealis Foods;Somebody Else\n"
            f"Borealis Foods;{gone.email}\n"
            "acme robotics;Nils Aalto\n"
            "Dunmore Press;NILS AALTO\n"
            "Borealis Foods;carla@customer.example\n"
            ";Ines Carvalho\n"
        )
        wrong = {wrong.line: wrong.because for wrong in page.context["reading"].wrong}
        assert sorted(wrong) == [3, 5, 6, 7, 8, 9, 10, 11]
        assert "Is it Acme Robotics?" in wrong[3]
        assert "is the name of 2 accounts" in wrong[5]
        assert "Nobody here is called “Somebody Else”" in wrong[6]
        assert "cannot own an account" in wrong[7]
        assert wrong[8] == "Acme Robotics is on line 2 already."
        assert wrong[9] == "Nils Aalto owns Dunmore Press already."
        assert wrong[11] == "The account is missing."
        assert not Transition.objects.exists()

    def test_wrong_lines_are_left_aside_only_after_they_were_shown(self) -> None:
        text = LIST + "Nowhere,Ines Carvalho,\n"
        shown = self.upload(text).context["reading"]
        other = self.upload(text + "Elsewhere,Ines Carvalho,\n", aside=shown.fingerprint)
        assert len(other.context["reading"].wrong) == 2
        self.upload(text, aside=shown.fingerprint)
        assert Transition.objects.get().moves.count() == 2

    def test_a_workbook_keeps_its_lines_and_can_be_corrected_as_text(self) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (
            ["Account", "Owner"],
            [],
            ["Acme Robotics", "Nobody"],
            ["Dunmore Press", "Ines Carvalho"],
        ):
            sheet.append(row)
        file = io.BytesIO()
        book.save(file)
        page = self.upload(file=SimpleUploadedFile("spring.xlsx", file.getvalue()))
        reading = page.context["reading"]
        assert [wrong.line for wrong in reading.wrong] == [3]
        self.upload(reading.text.replace("Nobody", "Nils Aalto"))
        assert Transition.objects.get().moves.count() == 2

    def test_files_that_are_no_list_are_refused_with_a_sentence(self) -> None:
        picture = SimpleUploadedFile("map.png", b"\x89PNG\r\n")
        assert "is a picture, not a table" in words(self.upload(file=picture))
        assert "The first line must name the columns" in words(self.upload("one,two\n1,2\n"))
        assert "Choose a file, or paste the list below" in words(self.upload())

    def test_a_manager_can_name_only_accounts_they_see(self) -> None:
        wrong = self.upload(LIST, user=self.max).context["reading"].wrong
        assert "There is no account “Dunmore Press” that you may see" in wrong[0].because

    def test_who_is_hit_is_seen_before_anything_changes(self) -> None:
        page = self.browse(self.omar, "transition", self.planned().pk)
        assert page.context["impact"].accounts == 2
        assert {bar.person: bar.after for bar in page.context["load"].bars} == {
            self.ines: 3,
            self.nils: 0,
            self.olivia: 1,
        }
        assert self.acme.owner == self.olivia

    def test_it_is_submitted_approved_run_and_taken_back(self) -> None:
        reorg = self.planned()
        assert self.send(self.omar, "transition_start", reorg.pk).status_code == 409
        self.send(self.omar, "transition_submit", reorg.pk)
        for manager in (self.max, self.petra):
            fingerprint = self.browse(manager, "transition", reorg.pk).context["fingerprint"]
            self.send(manager, "transition_approve", reorg.pk, fingerprint=fingerprint)
        self.send(self.omar, "transition_start", reorg.pk)
        JobRun.objects.get().run()
        assert Handoff.objects.open().count() == 2
        self.send(self.omar, "transition_undo", reorg.pk)
        assert Handoff.objects.open().count() == 0
        assert "took all of it back" in words(self.browse(self.omar, "transition", reorg.pk))

    def test_an_approval_of_another_plan_counts_for_nothing(self) -> None:
        reorg = self.planned()
        reorg.submit(by=self.omar)
        seen = reorg.fingerprint
        move = reorg.moves.get(account=self.acme)
        move.assign(self.nils, by=self.omar)
        late = self.send(self.max, "transition_approve", reorg.pk, fingerprint=seen)
        assert late.status_code == 409
        assert "The plan has changed since you opened it" in words(late)

    def test_it_is_returned_with_a_note(self) -> None:
        reorg = self.planned()
        reorg.submit(by=self.omar)
        self.send(self.petra, "transition_return", reorg.pk, because="Dunmore stays with Nils")
        page = words(self.browse(self.omar, "transition", reorg.pk))
        assert "Dunmore stays with Nils" in page
        assert "Send it for approval" in page


class Approvals(PagesTestCase):
    def test_each_line_says_what_follows(self) -> None:
        handoff = steps.hand_over(self.acme, self.ines, by=self.max, accountable_on=in_days(5))
        steps.write(handoff, by=self.olivia)
        page = self.browse(self.max, "approval_list")
        assert "Then Ines Carvalho reads it back and owns it from" in words(page)
        assert "waits for Max Adeyemi" in words(self.browse(self.olivia, "approval_list"))
        steps.approve(handoff)
        steps.read_back(handoff)
        assert [one.pk for one in self.browse(self.olivia, "approval_list").context["to_accept"]] == [
            handoff.pk
        ]
        handoff.accept(by=self.olivia)
        assert "read-back accepted" in words(self.browse(self.olivia, "approval_list"))
        assert self.browse(self.olivia, "approval_list").context["count"] == 0

    def test_a_plan_waits_for_the_managers_concerned(self) -> None:
        reorg = Transition.objects.open_reorg(
            "Spring", [(self.acme, self.nils, "")], by=self.omar, because="Growth", **steps.dates()
        )
        reorg.submit(by=self.omar)
        assert self.browse(self.max, "approval_list").context["plans"] == [reorg]
        assert self.browse(self.omar, "approval_list").context["plans"] == []
        assert "Waits for Max Adeyemi, Petra Lindqvist" in words(self.browse(self.omar, "approval_list"))


class Checklists(PagesTestCase):
    fields = {
        "text": "The mailbox is read to the end",
        "why": "It closes on the last day",
        "part": "actions",
        "kind": "departure",
        "when": "always",
        "proof": "person",
        "position": 90,
    }

    def test_operations_add_edit_and_take_out_of_use(self) -> None:
        self.send(self.omar, "checklist_new", **self.fields)
        item = TemplateItem.objects.get(text=self.fields["text"])
        self.send(self.omar, "checklist_edit", item.pk, **self.fields | {"why": "It closes at midnight"})
        item.refresh_from_db()
        assert item.why == "It closes at midnight"
        self.send(self.omar, "checklist_retire", item.pk)
        item.refresh_from_db()
        assert not item.active
        assert "Out of use" in words(self.browse(self.omar, "checklist_list"))

    def test_a_topic_ticks_only_what_names_it(self) -> None:
        page = self.send(self.omar, "checklist_new", **self.fields | {"proof": "topic"})
        assert "Choose the topic whose answer ticks this." in words(page)


class WhoMaySeeAndDoWhat(PagesTestCase):
    def test_four_ways(self) -> None:
        transition = steps.departure(self.olivia, self.ines, by=self.max, start=False)
        pk, move, item = transition.pk, transition.moves.first(), TemplateItem.objects.first()
        assert move is not None
        assert item is not None
        job = JobRun.objects.create(
            transition=transition, total=1, queued_at=date_now(), heartbeat_at=date_now()
        )
        ok, gone, barred, wrong = 200, 404, 403, 405
        getting = [  # name, arguments, Max, Nils (another team), Olivia, Carla (a customer)
            ("transition_list", [], ok, ok, ok, gone),
            ("transition_new", [], ok, barred, barred, gone),
            ("departure_new", [self.olivia.pk], ok, barred, barred, gone),
            ("leave_new", [self.olivia.pk], ok, barred, barred, gone),
            ("handover_new", [self.acme.pk], ok, gone, ok, gone),
            ("reorg_new", [], ok, barred, barred, gone),
            ("transition", [pk], ok, gone, ok, gone),
            ("move_edit", [move.pk], ok, gone, ok, gone),
            ("job", [job.pk], ok, gone, ok, gone),
            ("approval_list", [], ok, ok, ok, gone),
            ("checklist_list", [], barred, barred, barred, gone),
            ("checklist_new", [], barred, barred, barred, gone),
            ("checklist_edit", [item.pk], barred, barred, barred, gone),
        ]
        for name, arguments, *expected in getting:
            with self.subTest(name):
                people = [self.max, self.nils, self.olivia, self.carla]
                assert [self.browse(user, name, *arguments).status_code for user in people] == expected
                assert self.as_(self.omar).delete(reverse(name, args=arguments)).status_code == wrong
        verbs = ["choose", "suggest", "dates", "start", "submit", "approve", "return", "cancel", "undo"]
        for verb in verbs:
            with self.subTest(verb):
                assert self.browse(self.omar, f"transition_{verb}", pk).status_code == wrong
                assert self.send(self.nils, f"transition_{verb}", pk).status_code == gone
                sent = departs() | {"because": "Enough"}
                assert self.send(self.olivia, f"transition_{verb}", pk, **sent).status_code == barred
        assert self.browse(self.omar, "checklist_retire", item.pk).status_code == wrong
        assert self.send(self.max, "checklist_retire", item.pk).status_code == barred
        assert self.send(self.max, "departure_new", self.nils.pk, **departs()).status_code == barred


def date_now() -> Any:
    from accounts.models.base import database_now

    return database_now()


class HowMuchIsAsked(PagesTestCase):
    """The pages ask the database as often for 5 accounts as for 50."""

    def queries(self, user: User, name: str, *args: object) -> int:
        client = self.as_(user)
        client.get(reverse(name, args=args))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse(name, args=args)).status_code == 200
        return len(asked)

    def leaving(self, accounts: int, *, start: bool) -> Transition:
        person = make_user(f"Leaver of {accounts}", reports_to=self.max)
        for number in range(accounts):
            account = make_account(f"{person} {number}", person)
            make_obligation(account, due_in=number - 3)
            make_deal(account, expected_close=in_days(number))
        return steps.departure(person, self.ines, by=self.max, start=start)

    def test_the_desk_of_5_and_of_50(self) -> None:
        few, many = self.leaving(5, start=False), self.leaving(50, start=False)
        assert self.queries(self.max, "transition", few.pk) == self.queries(self.max, "transition", many.pk)

    def test_the_course_and_the_lists_of_5_and_of_50_at_every_state(self) -> None:
        asked: list[list[int]] = []
        for accounts in (5, 50):
            transition = self.leaving(accounts, start=True)
            for handoff in transition.handoffs.all()[: accounts // 5 * 2 : 2]:
                steps.write(handoff, by=self.max)
                steps.approve(handoff)
            leaver = transition.person
            assert leaver is not None
            asked.append(
                [
                    # Session, person, transition, rights, undo, job, acting, count, moves, refused; handoffs,
                    # decisions, read-backs, colleagues; those of approved briefs; what comes to the leaver.
                    self.queries(self.max, "transition", transition.pk),
                    self.queries(leaver, "transition_list"),
                    self.queries(leaver, "approval_list"),
                ]
            )
        assert asked[0] == asked[1]
        assert asked[0][0] <= 41
