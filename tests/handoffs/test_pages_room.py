"""The handoff room: who may do what in it, and what the page says when something stands in the way."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Contact, Coverage, Entry, Fact, Obligation, Topic
from handoffs.models import ChecklistItem, Handoff, ReadBack, Transition
from tests.base import CastTestCase, in_days, make_coverage, make_fact, make_obligation, make_user

SAID = {
    "stands": "They close the books in nine days and want three.",
    "why_us": "We answer the telephone; their year-end is not raised.",
    "first_call": "Carla, who stood up for us.",
    "promised": "Send the security answers, by next week.",
    "falls_due": "Nothing has a day but that.",
    "could_go_wrong": "The cut-over slips; then we wait until January.",
}


class RoomTestCase(CastTestCase):
    handoff: Handoff
    owed: Obligation

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.owed = make_obligation(cls.acme, contact=cls.champion, shared=True)
        departure = Transition.objects.open_departure(
            cls.olivia,
            by=cls.max,
            because="Olivia moves to Lisbon",
            access_on=in_days(0),
            accountable_on=in_days(0),
            announced_on=in_days(0),
            last_day=in_days(14),
        )
        for move in departure.moves.all():
            move.assign(cls.ines, by=cls.max)
        departure.start(by=cls.max).run()
        cls.handoff = Handoff.objects.get(account=cls.acme)

    def room(self, user: Any, handoff: Handoff | None = None) -> str:
        page = self.browse(user, "handoff", (handoff or self.handoff).pk)
        assert page.status_code == 200
        return page.content.decode()

    def fill(self) -> None:
        Entry.keep(self.acme, kind="conversation", text="We spoke.", by=self.olivia, contacts=[self.champion])
        self.acme.rate("watch", because="Year-end", by=self.olivia)
        make_fact(self.acme, Topic.STORY, "They came after a failed rollout in Hamburg.")
        make_fact(self.acme, Topic.IF_THEN, "If the cut-over slips, then we wait until January.")
        for item in self.handoff.items.filter(proof="person"):
            item.tick(by=self.olivia, words="Done, and told to Ines")

    def written(self) -> None:
        self.fill()
        self.handoff.write(by=self.olivia)

    def approved(self) -> None:
        self.written()
        self.handoff.approve(by=self.max, fingerprint=self.handoff.brief().fingerprint)

    def read_back(self) -> None:
        self.approved()
        self.handoff.read_back(
            by=self.ines, holders={o.pk: self.ines for o in self.handoff.obligations()}, **SAID
        )


class WhoSees(RoomTestCase):
    def test_both_people_and_their_manager_see_the_room(self) -> None:
        for user in (self.olivia, self.ines, self.max, self.petra, self.omar):
            assert "Acme Robotics" in self.room(user)

    def test_a_stranger_and_the_customer_are_told_that_it_does_not_exist(self) -> None:
        for user in (self.nils, self.carla):
            assert self.browse(user, "handoff", self.handoff.pk).status_code == 404
            assert self.send(user, "handoff_write", self.handoff.pk).status_code == 404

    def test_the_incoming_person_sees_it_from_the_access_date_only(self) -> None:
        later = Handoff.objects.filter(pk=self.handoff.pk)
        later.end_access(by=self.max, because="Later")
        later.update(access_on=in_days(3))
        assert self.browse(self.ines, "handoff", self.handoff.pk).status_code == 404

    def test_a_colleague_who_serves_the_account_sees_it_and_may_fill_it(self) -> None:
        make_coverage(self.acme, self.nils, Coverage.Role.SUPPORT)
        assert "Tell it in a minute" in self.room(self.nils)

    def test_the_incoming_person_gets_no_form_to_write_with(self) -> None:
        assert "Tell it in a minute" not in self.room(self.ines)

    def test_every_verb_wants_a_post(self) -> None:
        verbs = "rate know if_then champion write return accept return_read_back refuse override hold_out"
        for verb in [*verbs.split(), "reschedule", "replace", "cancel"]:
            assert self.browse(self.max, f"handoff_{verb}", self.handoff.pk).status_code == 405, verb
        item = self.handoff.items.all()[0]
        for verb in ("tick", "untick", "waive"):
            assert self.browse(self.olivia, f"item_{verb}", item.pk).status_code == 405, verb

    def test_whoever_has_no_part_in_a_step_is_refused(self) -> None:
        mine = [
            (self.ines, "write"), (self.ines, "rate"), (self.ines, "know"), (self.ines, "if_then"),
            (self.ines, "champion"), (self.olivia, "approve"), (self.olivia, "return"), (self.max, "read_back"),
            (self.ines, "accept"), (self.ines, "return_read_back"), (self.olivia, "refuse"),
            (self.olivia, "override"), (self.olivia, "hold_out"), (self.olivia, "reschedule"),
            (self.olivia, "replace"), (self.olivia, "cancel"),
        ]  # fmt: skip
        for user, verb in mine:
            assert self.send(user, f"handoff_{verb}", self.handoff.pk).status_code == 403, verb


class Writing(RoomTestCase):
    def test_gaps_are_shown_as_gaps_and_named_beside_the_button(self) -> None:
        page = self.room(self.olivia)
        assert "Nobody has told the story." in page
        assert "Condition: rate how the account stands" in page
        assert "disabled" in page

    def test_a_gap_filled_in_the_room_is_part_of_the_memory(self) -> None:
        sent = {"topic": Topic.STORY, "text": "A failed rollout.", "source": f"told:{self.champion.pk}"}
        assert self.send(self.olivia, "handoff_know", self.handoff.pk, **sent).status_code == 302
        fact = Fact.objects.get(account=self.acme, topic=Topic.STORY)
        assert (fact.text, fact.contact, fact.provenance) == ("A failed rollout.", self.champion, "told")

    def test_a_topic_that_there_is_not_is_answered_in_words(self) -> None:
        for topic in ("story%s", "story%(x)d", "%", ""):
            sent = {"topic": topic, "text": "A failed rollout.", "source": "inferred"}
            page = self.send(self.olivia, "handoff_know", self.handoff.pk, **sent)
            self.assertContains(page, "A failed rollout.")
            assert not Fact.objects.filter(account=self.acme).exists()

    def test_an_answer_over_one_that_somebody_else_has_just_replaced_is_409_and_kept(self) -> None:
        old = make_fact(self.acme, Topic.STORY, "The old story")
        old.supersede("Petra's story", by=self.petra)
        sent = {"topic": Topic.STORY, "supersedes": old.pk, "text": "My words", "source": "inferred"}
        page = self.send(self.olivia, "handoff_know", self.handoff.pk, **sent)
        assert page.status_code == 409
        self.assertContains(page, "Petra&#x27;s story", status_code=409)
        self.assertContains(page, "My words", status_code=409)

    def test_an_answer_over_somebody_elses_replaces_it_only_when_that_is_said(self) -> None:
        old = make_fact(self.acme, "terms", "Thirty days", contact=self.dieter)
        sent = {"topic": "terms", "supersedes": old.pk, "text": "Sixty days", "source": "inferred"}
        page = self.send(self.olivia, "handoff_know", self.handoff.pk, **sent)
        self.assertContains(page, "Say whether yours holds now instead, or both were said.")
        self.send(self.olivia, "handoff_know", self.handoff.pk, **sent, becomes="both")
        assert set(Fact.objects.live().values_list("text", flat=True)) == {"Thirty days", "Sixty days"}
        self.send(self.olivia, "handoff_know", self.handoff.pk, **sent, becomes="instead")
        assert Fact.objects.get(supersedes=old).text == "Sixty days"

    def test_the_condition_if_then_and_champion_are_filled_in_the_room(self) -> None:
        self.send(self.olivia, "handoff_rate", self.handoff.pk, condition="watch", because="Year-end")
        page = self.send(
            self.olivia, "handoff_if_then", self.handoff.pk, happens="Carla leaves", do="we call Dieter"
        )
        assert page["Location"].endswith("#if-then")  # one goes on where one was
        champion = {"contact": self.dieter.pk, "strength": 1, "evidence": "Called us back"}
        self.send(self.olivia, "handoff_champion", self.handoff.pk, **champion)
        self.acme.refresh_from_db()
        self.dieter.refresh_from_db()
        assert self.acme.condition == "watch"
        told = Fact.objects.get(account=self.acme, topic=Topic.IF_THEN).text
        assert told == "If Carla leaves, then we call Dieter."
        assert self.dieter.roles == [Contact.Role.CHAMPION, Contact.Role.PROCUREMENT]

    def test_a_condition_milder_than_what_the_product_sees_is_refused_and_kept(self) -> None:
        page = self.send(
            self.olivia, "handoff_rate", self.handoff.pk, condition="steady", because="I feel fine"
        )
        self.assertContains(page, "I feel fine", status_code=409)
        self.assertContains(page, "cannot be rated steady", status_code=409)

    def test_one_goes_from_account_to_account(self) -> None:
        page = self.room(self.olivia)
        assert "<strong>1 of 2</strong>" in page
        assert "Next: Borealis Foods" in page
        self.fill()
        response = self.send(self.olivia, "handoff_write", self.handoff.pk, then="next")
        assert response["Location"] == reverse(
            "handoff", args=[Handoff.objects.get(account=self.borealis).pk]
        )

    def test_writing_with_something_missing_is_409(self) -> None:
        assert self.send(self.olivia, "handoff_write", self.handoff.pk).status_code == 409


class Checklist(RoomTestCase):
    def item(self) -> ChecklistItem:
        return self.handoff.items.filter(proof="person", before_writing=True, required=True)[0]

    def test_an_item_is_ticked_and_unticked(self) -> None:
        item = self.item()
        assert self.send(self.olivia, "item_tick", item.pk, words="Asked Carla").status_code == 302
        item.refresh_from_db()
        assert item.ticked_by == self.olivia
        self.send(self.olivia, "item_untick", item.pk)
        item.refresh_from_db()
        assert item.ticked_at is None

    def test_htmx_gets_the_list_and_what_still_bars_the_way(self) -> None:
        url = reverse("item_tick", args=[self.item().pk])
        page = self.as_(self.olivia).post(url, headers={"HX-Request": "true"})
        self.assertContains(page, 'id="checklist"')
        self.assertContains(page, 'id="gate"')
        self.assertNotContains(page, "<html")

    def test_accepting_is_open_as_soon_as_the_last_item_is_ticked(self) -> None:
        self.read_back()
        late = self.handoff.items.filter(proof="person", required=True)[0]
        late.untick(by=self.max)
        page = self.browse(self.max, "handoff", self.handoff.pk)
        self.assertContains(page, 'aria-describedby="accepting-blockers"')
        url = reverse("item_tick", args=[late.pk])
        answer = self.as_(self.max).post(url, {"words": "Asked Carla"}, headers={"HX-Request": "true"})
        self.assertContains(answer, '<div class="gate" id="accept-gate" hx-swap-oob="true">')
        self.assertNotContains(answer, 'aria-describedby="accepting-blockers"')

    def test_waiving_wants_a_reason(self) -> None:
        item = self.item()
        self.assertContains(self.send(self.max, "item_waive", item.pk, because=" "), "This field is required")
        self.send(self.max, "item_waive", item.pk, because="There is no mail")
        item.refresh_from_db()
        assert item.waived_because == "There is no mail"

    def test_what_ticks_itself_is_not_ticked_by_hand(self) -> None:
        item = self.handoff.items.filter(proof="condition")[0]
        assert self.send(self.olivia, "item_tick", item.pk).status_code == 409

    def test_a_stranger_finds_no_item_and_the_receiver_may_not_tick(self) -> None:
        assert self.send(self.nils, "item_tick", self.item().pk).status_code == 404
        for verb in ("tick", "untick", "waive"):
            answer = self.send(self.ines, f"item_{verb}", self.item().pk, because="x", words="x")
            assert answer.status_code == 403, verb


class Approving(RoomTestCase):
    def test_the_manager_approves_the_words_on_the_page(self) -> None:
        self.written()
        page = self.browse(self.max, "handoff_approve", self.handoff.pk)
        fingerprint = self.handoff.brief().fingerprint
        self.assertContains(page, fingerprint)
        self.send(self.max, "handoff_approve", self.handoff.pk, fingerprint=fingerprint)
        self.handoff.refresh_from_db()
        assert self.handoff.state == "to read back"

    def test_a_brief_that_changed_meanwhile_is_409(self) -> None:
        self.written()
        before = self.handoff.brief().fingerprint
        make_fact(self.acme, "terms", "Money is released in October")
        page = self.send(self.max, "handoff_approve", self.handoff.pk, fingerprint=before)
        self.assertContains(page, "The memory has changed since you opened this page", status_code=409)

    def test_a_stale_approval_is_loud_and_says_what_changed(self) -> None:
        self.approved()
        make_fact(self.acme, "terms", "Money is released in October")
        page = self.room(self.max)
        assert "The approval is stale." in page
        assert "Money is released in October" in page
        self.assertContains(
            self.browse(self.max, "handoff_approve", self.handoff.pk), "not what was approved"
        )

    def test_changes_name_what_came_went_and_was_rewritten(self) -> None:
        self.fill()
        before = Handoff.objects.get(pk=self.handoff.pk).brief()
        self.acme.rate("urgent", because="They are angry", by=self.olivia)
        gone = Fact.objects.get(account=self.acme, topic=Topic.IF_THEN)
        gone.retract(by=self.olivia, because="Settled")
        make_fact(self.acme, "terms", "Money is released in October")
        now = Handoff.objects.get(pk=self.handoff.pk).brief()
        found = {
            one.title: (bool(one.before), bool(one.after))
            for one in now.matters.changes_since(before.matters)
        }
        assert found["Condition"] == (True, True)
        assert found["If … then …"] == (True, False)
        assert found["Terms agreed"] == (False, True)

    def test_a_return_is_read_by_whoever_wrote(self) -> None:
        self.written()
        self.send(self.max, "handoff_return", self.handoff.pk, because="Say more about Dieter")
        assert "Say more about Dieter" in self.room(self.olivia)


class ReadingBack(RoomTestCase):
    def answers(self, **changed: Any) -> dict[str, Any]:
        return SAID | {"takes_on": "on"} | changed

    def test_source_and_questions_stand_side_by_side(self) -> None:
        self.approved()
        page = self.browse(self.ines, "handoff_read_back", self.handoff.pk)
        self.assertContains(page, "failed rollout in Hamburg")
        self.assertContains(page, "I take all of these on")

    def test_what_was_written_survives_a_refusal(self) -> None:
        self.written()
        page = self.send(self.ines, "handoff_read_back", self.handoff.pk, **self.answers())
        self.assertContains(page, SAID["stands"], status_code=409)
        self.assertContains(page, "has not approved the brief", status_code=409)

    def test_a_line_is_given_to_a_colleague(self) -> None:
        self.approved()
        holder = {f"holder_{self.owed.pk}": self.nils.pk}
        self.send(self.ines, "handoff_read_back", self.handoff.pk, **self.answers(**holder))
        self.send(self.olivia, "handoff_accept", self.handoff.pk)
        self.owed.refresh_from_db()
        assert self.owed.holder == self.nils

    def test_all_that_is_owed_is_taken_on_in_one_act_or_by_nobody(self) -> None:
        self.approved()
        page = self.send(self.ines, "handoff_read_back", self.handoff.pk, **self.answers(takes_on=""))
        self.assertContains(page, f"Say who takes on “{self.owed}”", status_code=409)
        self.send(self.ines, "handoff_read_back", self.handoff.pk, **self.answers())
        assert set(ReadBack.objects.get().takeovers.values_list("holder__name", flat=True)) == {
            "Ines Carvalho"
        }

    def test_what_was_copied_is_pointed_out_before_it_is_sent_and_after(self) -> None:
        long = "If the cut-over slips, then we wait until January and tell Dieter so in writing at once."
        make_fact(self.acme, "terms", long)
        self.approved()
        copied = self.answers(stands="Well", falls_due=SAID["promised"], could_go_wrong=f"I think: {long}")
        page = self.send(self.ines, "handoff_read_back", self.handoff.pk, **copied)
        remarks = (
            "“Where do they stand?” is answered with one word.",
            "“What have we promised, and by when?” and “What falls due, and when?” have the same answer.",
            "“What could go wrong, and what will you do?”: 17 words in a row stand in the brief as they are",
        )
        for remark in remarks:
            self.assertContains(page, remark)
        assert not ReadBack.objects.exists()
        self.send(self.ines, "handoff_read_back", self.handoff.pk, **copied, as_it_is="on")
        for remark in remarks:
            assert remark in self.room(self.olivia)

    def test_a_wrong_day_is_shown_against_the_day_in_the_brief(self) -> None:
        make_fact(self.acme, "terms", "Notice must reach Dieter by 14 January 2031.")
        self.approved()
        said = self.answers(falls_due="The notice to Dieter, by 15 January 2031.")
        self.send(self.ines, "handoff_read_back", self.handoff.pk, **said)
        page = self.room(self.olivia)
        assert "said differently" in page
        assert "<b>14 January 2031</b> in the brief" in page
        assert "<b>15 January 2031</b> in the read-back" in page

    def test_the_second_person_sees_what_was_not_said(self) -> None:
        self.read_back()
        page = self.room(self.olivia)
        assert "not said" in page
        assert "Accept the read-back" in page
        assert "Accept the read-back" not in self.room(self.ines)

    def test_accepting_moves_the_account_and_ties_the_knot_once(self) -> None:
        self.read_back()
        browser = self.as_(self.olivia)
        page = browser.post(reverse("handoff_accept", args=[self.handoff.pk]), follow=True)
        self.assertContains(page, "is-tying")
        assert self.acme.owner == self.ines
        self.assertNotContains(browser.get(reverse("handoff", args=[self.handoff.pk])), "is-tying")

    def test_a_returned_read_back_is_written_on_not_anew(self) -> None:
        self.read_back()
        self.send(self.olivia, "handoff_return_read_back", self.handoff.pk, note="You forgot Dieter")
        page = self.browse(self.ines, "handoff_read_back", self.handoff.pk)
        self.assertContains(page, "You forgot Dieter")
        self.assertContains(page, SAID["stands"])

    def test_accepting_what_nobody_has_read_back_is_409(self) -> None:
        assert self.send(self.olivia, "handoff_accept", self.handoff.pk).status_code == 409


class AnotherCourse(RoomTestCase):
    def test_a_refusal_is_followed_by_another_handoff(self) -> None:
        self.send(self.ines, "handoff_refuse", self.handoff.pk, because="My own book is full")
        assert "My own book is full" in self.room(self.max)
        response = self.send(
            self.max, "handoff_replace", self.handoff.pk, incoming=self.nils.pk, because="Ines is full"
        )
        following = Handoff.objects.get(follows=self.handoff)
        assert response["Location"] == reverse("handoff", args=[following.pk])
        assert "which was refused: My own book is full" in self.room(self.max, following)

    def test_an_override_stays_visible(self) -> None:
        self.send(self.max, "handoff_override", self.handoff.pk, because="The customer cannot wait")
        assert self.acme.owner == self.ines
        assert "The customer cannot wait" in self.room(self.ines)

    def test_dates_are_set_for_this_account_alone(self) -> None:
        dates = {"access_on": in_days(0), "accountable_on": in_days(9), "announce_on": in_days(4)}
        self.send(self.max, "handoff_reschedule", self.handoff.pk, **dates)
        self.handoff.refresh_from_db()
        assert self.handoff.accountable_on == in_days(9)

    def test_dates_in_the_wrong_order_are_refused_with_what_was_typed(self) -> None:
        dates = {"access_on": in_days(10), "accountable_on": in_days(9), "announce_on": in_days(4)}
        page = self.send(self.max, "handoff_reschedule", self.handoff.pk, **dates)
        self.assertContains(page, f'value="{in_days(10)}"', status_code=409)

    def test_the_whole_account_is_held_out(self) -> None:
        self.send(self.max, "handoff_hold_out", self.handoff.pk, until=in_days(12), because="A deal closes")
        assert "The whole account stays with Olivia" in self.room(self.ines)

    def test_it_is_called_off_once(self) -> None:
        self.send(self.max, "handoff_cancel", self.handoff.pk, because="She stays")
        assert "She stays" in self.room(self.olivia)
        again = self.send(self.max, "handoff_cancel", self.handoff.pk, because="Again")
        self.assertContains(again, "This handoff is cancelled", status_code=409)


class Gone(RoomTestCase):
    def test_a_sudden_departure_says_who_is_gone_who_acts_and_what_is_missing(self) -> None:
        rolf = make_user("Rolf Berg", reports_to=self.max)
        Handoff.objects.open().call_off(by=self.max, because="Starting over")
        Transition.objects.update(ended_at=self.handoff.opened_at)
        gone = Transition.objects.open_departure(
            self.olivia, by=self.max, because="Gone", access_on=in_days(0), accountable_on=in_days(0),
            announced_on=in_days(0), sudden=True,
        )  # fmt: skip
        for move in gone.moves.all():
            move.assign(rolf, by=self.max)
        gone.start(by=self.max).run()
        page = self.room(self.max, Handoff.objects.open().get(account=self.acme))
        assert "Olivia Brandt has gone." in page
        assert "Max Adeyemi acts for Acme Robotics" in page
        assert "Story in a minute" in page


class HowMuchIsRead(RoomTestCase):
    MOST = 72

    def queries(self, user: Any) -> int:
        client = self.as_(user)
        address = reverse("handoff", args=[self.handoff.pk])
        client.get(address)
        with CaptureQueriesContext(connection) as read:
            assert client.get(address).status_code == 200
        return len(read)

    def test_no_step_reads_the_same_thing_twice(self) -> None:
        """Its decisions, read-backs and items, the brief, the evidence and the warnings are each read once."""
        for step in (self.fill, self.written, self.approved, self.read_back):
            with self.subTest(step.__name__), transaction.atomic():
                step()
                counted = {user.first_name: self.queries(user) for user in (self.olivia, self.ines, self.max)}
                assert max(counted.values()) <= self.MOST, counted
                transaction.set_rollback(True)

    def test_it_does_not_grow_with_the_memory_of_the_account(self) -> None:
        before = 0
        for n in range(12):
            before = before or (self.queries(self.max) if n == 1 else 0)
            make_obligation(self.acme, f"Send the answer {n}")
            make_fact(self.acme, "needs", f"Need {n}")
            Entry.keep(self.acme, kind="note", text=f"Note {n}", by=self.olivia, contacts=[])
        assert self.queries(self.max) <= before
