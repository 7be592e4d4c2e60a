"""A passage of a note tells what part somebody plays, that they have left, or how the story went on."""

from __future__ import annotations

import pytest

from accounts.models import Contact, Fact, Note, Refused, SortedPassage, Topic
from tests.base import in_days, make_customer, make_fact
from tests.laws import refusal_of, run_sql

from .test_sorting import FIRST, SECOND, Sorting, unsorted


class RolesAndLeaving(Sorting):
    def test_somebody_plays_a_part_besides_those_they_play(self) -> None:
        self.press("role", contact=self.dieter.pk, roles=["blocker", "procurement"])
        self.dieter.refresh_from_db()
        assert self.dieter.roles == [Contact.Role.PROCUREMENT, Contact.Role.BLOCKER]
        row = SortedPassage.objects.get()
        assert (row.became, row.contact, row.entry, row.by) == ("role", self.dieter, self.entry, self.olivia)
        assert self.left[0] == SECOND

    def test_of_a_new_champion_the_passage_is_what_shows_it(self) -> None:
        self.press("role", contact=self.dieter.pk, roles=["champion"], text="He fought for us")
        self.dieter.refresh_from_db()
        assert (self.dieter.is_champion, self.dieter.evidence) == (True, "He fought for us")
        before = self.champion.evidence
        self.press("role", contact=self.champion.pk, roles=["champion"])
        self.champion.refresh_from_db()
        assert self.champion.evidence == f"{before}\n\n{SECOND}".strip(), "what was known stays"

    def test_somebody_has_left_for_somewhere(self) -> None:
        self.press("role", contact=self.champion.pk, left_on=in_days(-3), went_to="Borealis")
        self.champion.refresh_from_db()
        assert (self.champion.left_on, self.champion.went_to) == (in_days(-3), "Borealis")
        self.assertContains(self.browse(self.olivia, "contact", self.champion.pk), 'value="Borealis"')
        self.assertContains(self.browse(self.olivia, "account", self.acme.pk), "to Borealis")

    def test_who_is_still_there_has_not_left(self) -> None:
        page = self.press("role", contact=self.champion.pk, left_on=in_days(3))
        self.assertContains(page, "is still to come: until then they are there.", status_code=409)
        self.champion.refresh_from_db()
        assert self.champion.left_on is None
        assert not SortedPassage.objects.exists()

    def test_it_is_asked_who_it_is_and_what_it_tells_of_them(self) -> None:
        self.assertContains(self.press("role", roles=["user"]), "Who said it, or whom is it about?</a>")
        page = self.press("role", contact=self.dieter.pk)
        self.assertContains(page, "Choose the day on which they left, or the part they play.")
        assert not SortedPassage.objects.exists()
        with pytest.raises(Refused, match="Say what part they play"):
            unsorted(self.acme)[0].become_role(self.dieter, FIRST, by=self.olivia)

    def test_it_is_somebody_of_that_account(self) -> None:
        (stranger,) = Contact.objects.bulk_create([Contact(account=self.dunmore, name="Pia")])
        with pytest.raises(Refused, match="another account"):
            unsorted(self.acme)[0].become_role(stranger, FIRST, by=self.olivia, roles=["user"])

    def test_where_they_went_goes_with_an_erasure(self) -> None:
        self.press("role", contact=self.champion.pk, left_on=in_days(-3), went_to="Borealis")
        self.champion.erase(by=self.omar, because="She asked us to")
        self.champion.refresh_from_db()
        assert self.champion.went_to == ""
        assert set(self.champion.records.values_list("went_to", flat=True)) == {""}

    def test_who_has_left_said_something_too(self) -> None:
        Contact.objects.filter(pk=self.champion.pk).update(left_on=in_days(-30))
        self.press("fact", topic="terms", contact=self.champion.pk)
        assert Fact.objects.get().contact == self.champion


class TheStory(Sorting):
    def test_begins_with_a_passage_and_goes_on_with_the_next(self) -> None:
        self.press("story")
        self.press("story", text="They pay 48")
        story = Fact.objects.stories_of(self.acme).get()
        assert story.text == f"{FIRST}\n\nThey pay 48"
        assert story.entry == self.entry
        assert [row.became for row in SortedPassage.objects.all()] == ["story", "story"]
        assert SortedPassage.objects.latest("pk").fact == story

    def test_has_no_more_words_than_a_minute_holds(self) -> None:
        make_fact(self.acme, Topic.STORY, "word " * 158)
        page = self.press("story")
        self.assertContains(page, "a minute holds 160", status_code=409)
        assert len(self.left) == 3

    def test_that_the_customer_reads_does_not_go_on_by_a_key(self) -> None:
        make_fact(self.acme, Topic.STORY, "They came after a failed rollout.").share(by=self.olivia)
        page = self.press("story")
        self.assertContains(page, "The customer reads the story", status_code=409)
        assert Fact.objects.stories_of(self.acme).get().text == "They came after a failed rollout."
        assert len(self.left) == 3


class Undoing(Sorting):
    def undo(self) -> str:
        """Undo what was sorted last, and read what is said then."""
        row = SortedPassage.objects.latest("pk")
        answer = self.as_(self.olivia).post(f"/sorted/{row.pk}/undo/", follow=True)
        assert answer.status_code == 200
        return str(answer.content.decode())

    def test_the_passage_is_asked_about_again_and_nothing_is_overwritten(self) -> None:
        self.press("nothing")
        assert "Undone. It is asked about again." in self.undo()
        assert self.left[0] == FIRST
        self.press("if_then")
        wrong, right = SortedPassage.objects.order_by("pk")
        assert (wrong.became, wrong.undone.by, right.became) == ("nothing", self.olivia, "if_then")
        self.undo()
        self.press("nothing")
        assert [row.turn for row in SortedPassage.objects.order_by("pk")] == [0, 1, 2]
        assert self.left[0] == SECOND

    def test_a_fact_is_taken_back_unless_somebody_confirmed_it(self) -> None:
        self.press("fact", topic="terms")
        self.undo()
        fact = Fact.objects.get()
        assert fact.retraction.because == "It was sorted wrongly"
        self.press("fact", topic="terms")
        Fact.objects.live().get().confirm(by=self.max)
        assert "stays: somebody has replaced or confirmed it since." in self.undo()
        assert Fact.objects.live().count() == 1
        assert self.left[0] == FIRST

    def test_the_story_is_again_as_it_was(self) -> None:
        make_fact(self.acme, Topic.STORY, "They came after a failed rollout.")
        self.press("story")
        self.undo()
        assert Fact.objects.stories_of(self.acme).get().text == "They came after a failed rollout."

    def test_a_promise_is_taken_back_unless_somebody_acted_on_it(self) -> None:
        self.press("promise", due=in_days(5))
        self.undo()
        owed = self.acme.obligations.get()
        assert (owed.outcome, owed.closed_by) == ("retracted", self.olivia)
        self.press("promise", due=in_days(5))
        self.acme.obligations.open().get().share(by=self.olivia)
        assert "stays: somebody has acted on it since." in self.undo()
        assert self.acme.obligations.open().count() == 1

    def test_a_promise_that_was_broken_stays(self) -> None:
        self.press("promise", due=in_days(-5))
        self.acme.obligations.all().break_overdue()
        assert "stays: it was not kept in time." in self.undo()
        assert self.acme.obligations.open().count() == 1

    def test_what_was_learned_of_a_person_is_as_before_unless_somebody_changed_it(self) -> None:
        make_customer(self.dieter)
        self.press(
            "role", contact=self.dieter.pk, roles=["champion"], left_on=in_days(-3), went_to="Borealis"
        )
        self.undo()
        self.dieter.refresh_from_db()
        assert (self.dieter.roles, self.dieter.left_on, self.dieter.went_to) == (["procurement"], None, "")
        assert self.dieter.evidence == ""
        self.press("role", contact=self.dieter.pk, roles=["user"])
        self.dieter.refresh_from_db()
        self.dieter.correct(by=self.max, roles=["blocker"])
        assert "stays: somebody has changed it since." in self.undo()
        self.dieter.refresh_from_db()
        assert self.dieter.roles == ["blocker"]

    def test_what_was_known_before_is_not_taken_back(self) -> None:
        self.press("role", contact=self.dieter.pk, roles=["procurement"])
        self.undo()
        self.dieter.refresh_from_db()
        assert self.dieter.roles == ["procurement"]

    def test_is_done_once_and_by_colleagues_who_see_the_account(self) -> None:
        self.press("nothing")
        row = SortedPassage.objects.get()
        for user in (self.nils, self.carla):
            assert self.send(user, "sorted_undo", row.pk).status_code == 404
        self.undo()
        page = self.send(self.max, "sorted_undo", row.pk)
        self.assertContains(page, "Somebody has undone this already.", status_code=409)

    def test_of_a_closed_account_stays(self) -> None:
        self.press("nothing")
        self.acme.close(by=self.max, because="They went out of business", outcomes={})
        with pytest.raises(Refused, match="is closed"):
            SortedPassage.objects.get().undo(by=self.omar)
        self.assertNotContains(self.browse(self.omar, "passage_list", self.acme.pk), "/undo/")

    def test_who_takes_a_note_back_takes_back_what_became_of_it(self) -> None:
        self.press("promise", due=in_days(5))
        owed = self.acme.obligations.get()
        note = Note.objects.get(pk=self.entry.pk)
        note.external_id = "note:1"
        stays = note.undo(by=self.olivia)
        owed.refresh_from_db()
        assert (stays, owed.outcome) == ([], "retracted")

    def test_a_place_takes_another_turn_only_where_it_was_undone(self) -> None:
        self.press("nothing")
        row = SortedPassage.objects.get()
        insert = (
            'INSERT INTO accounts_sortedpassage (entry_id, start, "end", turn, became, by_id, at)'
            " VALUES (%s, %s, %s, %s, 'nothing', %s, now())"
        )
        anew = (self.entry.pk, row.start, row.end)
        assert refusal_of(insert, *anew, 1, self.olivia.pk) == "passage_sorted_once"
        row.undo(by=self.olivia)
        for turn in (0, 2):
            assert refusal_of(insert, *anew, turn, self.olivia.pk) == "passage_sorted_once"
        run_sql(insert, *anew, 1, self.olivia.pk)
        assert refusal_of(insert, *anew, 2, self.olivia.pk) == "passage_sorted_once"

    def test_no_promise_is_taken_back_but_with_its_sorting(self) -> None:
        self.press("promise", due=in_days(5))
        take_back = (
            "UPDATE accounts_obligation SET outcome = 'retracted', closed_at = now(), closed_by_id = %s"
        )
        assert "only within ten minutes" in refusal_of(take_back, self.olivia.pk)
