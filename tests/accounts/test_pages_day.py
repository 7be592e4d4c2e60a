"""A working day: notes, what is owed, today, people, and the ways in."""

from __future__ import annotations

from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import Entry, Obligation, User
from accounts.notes.preview import NotePreview
from accounts.rules import clocks
from accounts.unsent import WRITER, mark_of
from tests.base import CastTestCase, in_days, make_case, make_entry, make_obligation, make_question, make_user


class Notes(CastTestCase):
    def test_a_note_is_kept_with_whom(self) -> None:
        page = self.send(
            self.olivia,
            "account_note",
            self.acme.pk,
            kind="visit",
            text="@carla\nSaw the new plant.",
            seen=NotePreview.of(self.acme, "@carla\nSaw the new plant.", by=self.olivia).seen,
        )
        self.assertRedirects(
            page, reverse("account", args=[self.acme.pk]) + "#thread", fetch_redirect_response=False
        )
        entry = Entry.objects.get(text="Saw the new plant.")
        assert (entry.author, list(entry.contacts.all())) == (self.olivia, [self.champion])

    def test_the_saved_note_forgets_its_draft(self) -> None:
        client = self.as_(self.olivia)
        url = reverse("account_note", args=[self.acme.pk])
        page = client.post(url, {"kind": "note", "text": "Call back."}, follow=True)
        self.assertContains(page, f'data-draft-saved="note:{self.acme.pk}"')
        page = client.post(
            reverse("note_new"), {"account": self.acme.pk, "kind": "note", "text": "More."}, follow=True
        )
        self.assertContains(page, 'data-draft-saved="note"')

    def test_a_note_from_anywhere_names_its_account(self) -> None:
        page = self.browse(self.olivia, "note_new", account=self.acme.pk)
        self.assertContains(page, f'<option value="{self.acme.pk}" selected>')
        page = self.send(self.olivia, "note_new", kind="note", text="Whose is this?")
        self.assertContains(page, "Whose is this?")
        assert (
            self.send(self.olivia, "note_new", account=self.dunmore.pk, kind="note", text="x").status_code
            == 404
        )

    def test_the_future_is_refused_and_the_words_stay(self) -> None:
        sent = {"kind": "note", "text": "Will happen.", "at": f"{in_days(3)}T10:00"}
        page = self.send(self.olivia, "account_note", self.acme.pk, **sent)
        self.assertContains(page, "A note is about what has happened.", status_code=409)
        self.assertContains(page, "Will happen.", status_code=409)

    def test_somebody_elses_contact_cannot_be_named(self) -> None:
        sent = {"kind": "note", "text": "Met @carla."}
        page = self.send(self.ines, "account_note", self.cobalt.pk, **sent)
        self.assertContains(page, "No contact here has that name.")
        assert not Entry.objects.filter(account=self.cobalt, kind="note").exists()

    def test_share_and_take_back(self) -> None:
        entry = make_entry(self.acme, kind=Entry.Kind.NOTE)
        self.send(self.olivia, "entry_share", entry.pk)
        assert Entry.objects.shared().get() == entry
        assert self.send(self.olivia, "entry_share", entry.pk).status_code == 409
        page = self.send(self.max, "entry_retract", entry.pk, because="Not so")
        self.assertContains(page, "Only its author can take a note back.", status_code=403)
        self.send(self.olivia, "entry_retract", entry.pk, because="Not so")
        assert not Entry.objects.not_retracted().filter(pk=entry.pk).exists()
        assert self.send(self.nils, "entry_share", entry.pk).status_code == 404
        assert self.browse(self.olivia, "entry_share", entry.pk).status_code == 405

    def test_a_customer_keeps_no_notes_here(self) -> None:
        assert self.browse(self.carla, "note_new").status_code == 404
        assert self.send(self.carla, "account_note", self.acme.pk, kind="note", text="x").status_code == 404


class Obligations(CastTestCase):
    def test_write_a_promise_down(self) -> None:
        sent = {"kind": "promise", "text": "The price holds until May", "urgency": "normal"}
        page = self.send(self.olivia, "obligation_new", self.acme.pk, **sent)
        self.assertContains(page, "A promise needs a date.", status_code=409)
        self.assertContains(page, "The price holds until May", status_code=409)
        self.send(self.olivia, "obligation_new", self.acme.pk, **sent, due=in_days(9), shared="on")
        owed = Obligation.objects.get()
        assert (owed.holder, owed.shared_at is not None) == (self.olivia, True)

    def test_the_list_is_late_this_week_later_and_kept(self) -> None:
        late = make_obligation(self.acme, "Late", due_in=-1)
        week = make_obligation(self.acme, "This week", due_in=0)
        later = make_obligation(self.acme, "Later", due_in=30)
        kept = make_obligation(self.acme, "Kept", due_in=3)
        kept.keep(by=self.olivia)
        groups = dict(self.browse(self.olivia, "obligation_list").context["groups"])  # type: ignore[attr-defined]
        assert groups == {"Late": [late], "This week": [week], "Later": [later], "Settled": [kept]}

    def test_keeping_twice_tells_the_second(self) -> None:
        owed = make_obligation(self.acme)
        assert self.send(self.olivia, "obligation_keep", owed.pk).status_code == 302
        page = self.send(self.max, "obligation_keep", owed.pk)
        self.assertContains(page, "This was already closed: kept.", status_code=409)

    def test_htmx_gets_the_kept_line_back(self) -> None:
        owed = make_obligation(self.acme)
        url = reverse("obligation_keep", args=[owed.pk])
        page = self.as_(self.olivia).post(url, headers={"HX-Request": "true"})
        self.assertContains(page, "row--done")
        self.assertContains(page, 'hx-swap-oob="innerHTML"')

    def test_keeping_goes_on_only_to_pages_of_ours(self) -> None:
        owed = make_obligation(self.acme)
        page = self.send(self.olivia, "obligation_keep", owed.pk, next="https://elsewhere.example/")
        self.assertRedirects(page, reverse("obligation", args=[owed.pk]))

    def test_a_next_page_that_is_no_address_leads_to_the_line(self) -> None:
        for wanted in ("1_000", "today", "elsewhere.example/", "javascript:alert(1)", "/\\elsewhere.example"):
            owed = make_obligation(self.acme)
            answer = self.send(self.olivia, "obligation_keep", owed.pk, next=wanted)
            self.assertRedirects(answer, reverse("obligation", args=[owed.pk]), fetch_redirect_response=False)

    def test_moving_needs_a_reason_and_a_day_to_come(self) -> None:
        owed = make_obligation(self.acme)
        page = self.send(self.olivia, "obligation_move", owed.pk, to=in_days(20), because="")
        assert page.status_code == 200
        page = self.send(self.olivia, "obligation_move", owed.pk, to=in_days(-20), because="Typing")
        self.assertContains(page, "is in the past", status_code=409)
        self.assertContains(page, "Typing", status_code=409)
        self.send(self.olivia, "obligation_move", owed.pk, to=in_days(20), because="Their holidays")
        self.assertContains(self.browse(self.olivia, "obligation", owed.pk), "Their holidays")

    def test_a_question_is_answered_and_the_customer_agrees_through_us(self) -> None:
        asked = make_question(self.acme, self.champion)
        page = self.send(self.olivia, "obligation_keep", asked.pk)
        self.assertContains(page, "Only the customer can close", status_code=409)
        self.send(self.olivia, "obligation_answer", asked.pk, text="Yes, as a file.")
        self.send(self.olivia, "obligation_agree", asked.pk, contact=self.champion.pk, words="That will do.")
        asked.refresh_from_db()
        assert asked.outcome == Obligation.Outcome.AGREED
        self.send(self.olivia, "obligation_reopen", asked.pk, because="The file is empty")
        asked.refresh_from_db()
        assert asked.is_open

    def test_feedback_is_decided_with_a_because(self) -> None:
        said = make_case(self.acme, "Too many mails", Obligation.Kind.FEEDBACK, contact=self.champion)
        assert (
            self.send(self.olivia, "obligation_decide", said.pk, decision="no", because="").status_code == 200
        )
        self.send(self.olivia, "obligation_decide", said.pk, decision="no", because="The law asks for them")
        said.refresh_from_db()
        assert said.decision == Obligation.Decision.NO

    def test_hand_it_to_a_colleague_and_share_it(self) -> None:
        owed = make_obligation(self.acme)
        self.send(self.olivia, "obligation_hand", owed.pk, colleague=self.ines.pk)
        owed.refresh_from_db()
        assert owed.holder == self.ines
        self.send(self.ines, "obligation_share", owed.pk)
        assert self.send(self.ines, "obligation_share", owed.pk).status_code == 409

    def test_every_verb_is_posted_and_nobody_elses(self) -> None:
        owed = make_obligation(self.acme, shared=True)
        for verb in ["keep", "move", "answer", "decide", "agree", "reopen", "hand", "share"]:
            assert self.browse(self.olivia, f"obligation_{verb}", owed.pk).status_code == 405, verb
            assert self.send(self.nils, f"obligation_{verb}", owed.pk).status_code == 404, verb
            assert self.send(self.carla, f"obligation_{verb}", owed.pk).status_code == 404, verb


class Today(CastTestCase):
    def test_the_one_sentence(self) -> None:
        self.assertContains(self.browse(self.ines, "today"), "Nothing is due.")
        make_obligation(self.acme, "Send the list", due_in=-4)
        page = self.browse(self.olivia, "today")
        self.assertContains(page, "Acme Robotics has waited 4 days for “Send the list”.")

    def test_who_is_quiet(self) -> None:
        make_entry(self.acme, days=100)
        make_entry(self.borealis, days=2)
        quiet = self.browse(self.olivia, "today").context["day"].quiet  # type: ignore[attr-defined]
        assert [line.account.name for line in quiet] == ["Acme Robotics"]

    def test_an_acting_manager_is_told(self) -> None:
        self.olivia.deactivate(by=self.max, because="Left")
        self.assertContains(
            self.browse(self.max, "today"), "You answer for 2 accounts that nobody has read back"
        )

    def test_a_customer_goes_to_their_own_page(self) -> None:
        self.assertRedirects(
            self.browse(self.carla, "today"), reverse("customer_page"), fetch_redirect_response=False
        )


class People(CastTestCase):
    def test_reporting_lines(self) -> None:
        page = self.browse(self.olivia, "person_list")
        lines = [(person.first_name, depth) for person, depth in page.context["lines"]]  # type: ignore[attr-defined]
        assert lines == [("Omar", 0), ("Petra", 0), ("Max", 1), ("Ines", 2), ("Olivia", 2), ("Nils", 1)]

    def test_a_person_and_the_part_of_their_book_that_one_may_see(self) -> None:
        self.assertContains(self.browse(self.max, "person", self.olivia.pk), "Acme Robotics")
        self.assertNotContains(self.browse(self.nils, "person", self.olivia.pk), "Acme Robotics")
        assert self.browse(self.carla, "person", self.olivia.pk).status_code == 404
        assert self.browse(self.max, "person", self.carla.pk).status_code == 404

    def test_a_manager_adds_to_their_own_team(self) -> None:
        sent = {"name": "Tess Oak", "email": "tess@vendor.example", "kind": "rep"}
        assert self.send(self.olivia, "person_new", **sent).status_code == 403
        assert self.send(self.max, "person_new", **sent, reports_to=self.petra.pk).status_code == 200
        self.send(self.max, "person_new", **sent, reports_to=self.max.pk)
        assert User.objects.get(email="tess@vendor.example").reports_to == self.max
        twice = self.send(self.omar, "person_new", **(sent | {"email": "TESS@vendor.example"}))
        assert twice.status_code == 200

    def test_correct_somebody(self) -> None:
        sent = {"name": "Olivia Brand", "email": self.olivia.email, "kind": "rep", "reports_to": self.max.pk}
        self.send(self.max, "person_edit", self.olivia.pk, **sent)
        self.olivia.refresh_from_db()
        assert self.olivia.name == "Olivia Brand"
        assert self.browse(self.max, "person_edit", self.nils.pk).status_code == 403
        works = self.send(self.omar, "person_edit", self.olivia.pk, **(sent | {"kind": "operations"}))
        self.assertContains(works, "still serves accounts", status_code=409)

    def test_reporting_lines_do_not_go_round(self) -> None:
        sent = {
            "name": "Petra Lindqvist",
            "email": self.petra.email,
            "kind": "manager",
            "reports_to": self.max.pk,
        }
        page = self.send(self.omar, "person_edit", self.petra.pk, **sent)
        self.assertContains(page, "cannot go round in a circle", status_code=409)

    def test_access_ends_with_a_reason_and_comes_back(self) -> None:
        assert self.send(self.max, "person_deactivate", self.olivia.pk).status_code == 200
        self.send(self.max, "person_deactivate", self.olivia.pk, because="Left")
        self.acme.refresh_from_db()
        assert self.acme.owner == self.max
        self.assertContains(self.browse(self.max, "person", self.olivia.pk), "Left on")
        twice = self.send(self.max, "person_deactivate", self.olivia.pk, because="Left")
        self.assertContains(twice, "access has already ended", status_code=409)
        self.send(self.omar, "person_reactivate", self.olivia.pk)
        self.olivia.refresh_from_db()
        assert self.olivia.is_active
        assert self.send(self.max, "person_deactivate", self.nils.pk, because="x").status_code == 403

    def test_the_person_of_last_resort_stays(self) -> None:
        page = self.send(self.omar, "person_deactivate", self.petra.pk, because="Left")
        self.assertContains(page, "Name another first", status_code=409)

    def test_a_manager_without_a_team_sees_nobodys_accounts(self) -> None:
        new = make_user("Mia New", User.Kind.MANAGER, reports_to=self.petra)
        assert not self.browse(new, "account_list").context["page"].object_list  # type: ignore[attr-defined]


class WaysIn(CastTestCase):
    @override_settings(DEMO=True)
    def test_one_click_is_a_sign_in(self) -> None:
        client = Client()
        self.assertContains(client.get(reverse("cast")), "Be Olivia")
        self.assertRedirects(client.post(reverse("cast_sign_in", args=[self.olivia.pk])), reverse("today"))
        self.assertContains(client.get(reverse("today")), "Olivia")
        assert client.get(reverse("cast_sign_in", args=[self.olivia.pk])).status_code == 405

    @override_settings(DEMO=False)
    def test_there_is_no_cast_outside_the_demonstration(self) -> None:
        assert Client().get(reverse("cast")).status_code == 404
        assert Client().post(reverse("cast_sign_in", args=[self.olivia.pk])).status_code == 404
        for page in (Client().get(reverse("account_login")), self.browse(self.olivia, "today")):
            self.assertNotContains(page, reverse("cast"))

    @override_settings(DEMO=True)
    def test_who_has_left_is_not_in_the_cast(self) -> None:
        self.olivia.deactivate(by=self.max, because="Left")
        assert Client().post(reverse("cast_sign_in", args=[self.olivia.pk])).status_code == 404

    def test_words_sent_after_the_session_ended_are_still_there(self) -> None:
        client = Client()
        url = reverse("account_note", args=[self.acme.pk])
        sent = {"kind": "note", "text": "Three hours of talk, written down.", WRITER: mark_of(self.olivia)}
        page = client.post(url, sent)
        assert page.status_code == 302
        session = client.session
        unsent = session["unsent"]
        client.force_login(self.olivia, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session["unsent"] = unsent
        session.save()
        self.assertContains(client.get(reverse("unsent")), "Three hours of talk, written down.")
        sent = {**{name: values[0] for name, values in unsent["fields"].items()}, "send": "yes"}
        client.post(reverse("unsent"), sent, follow=True)
        assert Entry.objects.get(text="Three hours of talk, written down.").author == self.olivia
        assert "unsent" not in client.session

    def test_unsent_words_can_be_thrown_away(self) -> None:
        client = self.as_(self.olivia)
        session = client.session
        session["unsent"] = {
            "writer": self.olivia.pk,
            "at": clocks.now().isoformat(),
            "path": reverse("note_new"),
            "fields": {"text": ["Words"]},
        }
        session.save()
        self.assertRedirects(client.post(reverse("unsent"), {"discard": "yes"}), reverse("today"))
        assert "unsent" not in client.session
        self.assertRedirects(client.get(reverse("unsent")), reverse("today"))
