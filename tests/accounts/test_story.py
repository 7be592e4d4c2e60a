"""An account in one screen: five answers with their source and age, and the story that people tell of it."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from unittest import mock

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Context, Coverage, EntryReading, Fact, Refused, Stage, Topic, User
from accounts.models.facts import STORY_WORDS
from accounts.templatetags.kit import age, in_words
from handoffs.slots import open_handoffs
from tests.base import (
    CastTestCase,
    days_ago,
    in_days,
    make_account,
    make_coverage,
    make_entry,
    make_fact,
    make_obligation,
    make_stage,
    make_user,
    the_cast,
)
from tests.handoffs.steps import hand_over, write

STORY = "They came to us after a failed rollout in Hamburg. Carla argued for us in front of the board."


def long_ago(days: float) -> object:
    return mock.patch.object(timezone, "now", return_value=days_ago(days))


def words(count: int) -> str:
    return " ".join(["word"] * count)


@pytest.mark.complaint(30)
class FiveAnswers(CastTestCase):
    """Company, buyer, stage, needs and outcome wanted, each with its source and its age."""

    @pytest.mark.complaint(30, 32)
    def test_each_answer_says_who_told_us_and_how_long_ago(self) -> None:
        """Support reads the same page."""
        with long_ago(92):  # type: ignore[attr-defined]
            make_fact(self.acme, "needs", "Nine people in the ledger", contact=self.champion)
        with long_ago(15):  # type: ignore[attr-defined]
            make_fact(self.acme, "outcome", "Close the books in three days")
        make_stage(self.acme, Stage.DECIDING, days=5)
        make_entry(self.acme, contacts=[self.champion], days=1)
        make_coverage(self.acme, self.nils, Coverage.Role.SUPPORT)
        for reader in (self.olivia, self.nils):
            page = self.browse(reader, "account", self.acme.pk).content.decode()
            five = page[page.index('id="five"') : page.index('id="story"')]
            for said in [
                "Told by Carla Weiss, <time",
                ">3 months ago</time>",
                "Inferred by Olivia Brandt, <time",
                ">2 weeks ago</time>",
                '<p class="source">Olivia Brandt, <time',
                ">5 days ago</time>",
                "Last in touch with Carla Weiss <time",
                ">yesterday</time>",
                "From the account’s own record, <time",
                ">today</time>",
            ]:
                assert said in five, said

    @pytest.mark.complaint(39)
    def test_the_outcome_is_theirs_and_they_may_go_back_a_stage_for_a_reason(self) -> None:
        """Their own goals in their own words, and their own pace."""
        make_fact(self.acme, "outcome", "Nobody counts parts on a Sunday again", contact=self.champion)
        make_stage(self.acme, Stage.DECIDING, days=5)
        back = {"stage": Stage.EVALUATING.value, "evidence": "Their new head wants to see it in Kiel first"}
        assert self.send(self.olivia, "account_stage", self.acme.pk, **back).status_code == 302
        assert self.acme.stage == Stage.EVALUATING
        page = self.browse(self.olivia, "account", self.acme.pk).content.decode()
        five = page[page.index('id="five"') : page.index('id="story"')]
        for said in ("Nobody counts parts on a Sunday", "<p>Evaluating</p>", "wants to see it in Kiel first"):
            assert said in five

    def test_the_companys_record_says_who_corrected_it(self) -> None:
        form = self.browse(self.olivia, "account_edit", self.acme.pk).context["form"]  # type: ignore[attr-defined]
        sent = {"name": "Acme", "time_zone": "UTC", "industry": "Robots", "as_of": form.state}
        self.send(self.olivia, "account_edit", self.acme.pk, **sent)
        self.assertContains(self.browse(self.max, "account", self.acme.pk), "Written by Olivia Brandt, <time")

    def test_a_second_answer_is_behind_the_first(self) -> None:
        make_fact(self.acme, "needs", "An older answer")
        make_fact(self.acme, "needs", "A newer answer")
        page = self.browse(self.olivia, "account", self.acme.pk)
        self.assertContains(page, "and 1 more answer")
        self.assertContains(page, "An older answer")

    def test_ages_are_said_in_words(self) -> None:
        said = {0: "today", 1: "yesterday", 13: "13 days ago", 14: "2 weeks ago", 60: "8 weeks ago"}
        said |= {
            61: "2 months ago",
            400: "13 months ago",
            800: "2 years ago",
            -1: "tomorrow",
            -9: "in 9 days",
        }
        assert {days: in_words(days) for days in said} == said
        assert age(timezone.localdate() - timedelta(days=1)) == "yesterday"
        assert age(None) == ""


class HandoffsUnderWay(CastTestCase):
    def test_are_told_to_whoever_sees_the_account_and_their_rooms_are_open_to_them(self) -> None:
        helper = make_user("Bela Kiss", reports_to=self.petra)
        make_coverage(self.acme, helper, Coverage.Role.BACK_UP)
        make_coverage(self.acme, self.nils, Coverage.Role.SUPPORT)
        handoff = hand_over(self.acme, self.ines, by=self.max)
        for person in (self.petra, self.max, self.olivia, self.ines, self.nils, self.omar, helper):
            assert "Open the handoff" in self.browse(person, "account", self.acme.pk).content.decode()
            assert self.browse(person, "handoff", handoff.pk).status_code == 200
        with self.assertNumQueries(1):
            assert len(list(open_handoffs(self.nils, self.acme))) == 1

    def test_the_person_of_last_resort_sees_what_they_must_decide(self) -> None:
        """Nobody stands above Ada and Bo, and Petra leads neither of them."""
        ada, bo = make_user("Ada Lund"), make_user("Bo Falk")
        handoff = hand_over(make_account("Eider Wool", ada), bo, by=self.omar)
        write(handoff, by=ada)
        assert self.petra in handoff.approvers()
        assert self.browse(self.petra, "handoff", handoff.pk).status_code == 200
        assert self.browse(self.max, "handoff", handoff.pk).status_code == 404


@pytest.mark.complaint(41, 30)
class Story(CastTestCase):
    """Customers have names and stories. Whoever comes new knows them in a minute."""

    def tell(self, text: str = STORY, **fields: object) -> Fact:
        given: dict[str, object] = {"by": self.olivia, "instead_of": None} | fields
        return Fact.tell(self.acme, text, **given)  # type: ignore[arg-type]

    @pytest.mark.complaint(41)
    def test_stands_first_on_the_accounts_page_with_who_and_when(self) -> None:
        with long_ago(40):  # type: ignore[attr-defined]
            story = self.tell()
        story.confirm(by=self.max)
        page = self.browse(self.olivia, "account", self.acme.pk)
        self.assertContains(page, STORY)
        self.assertContains(page, "Written by Olivia Brandt, <time")
        text = page.content.decode()
        assert (
            text.index('id="five"') < text.index(STORY) < text.index('id="owed"') < text.index('id="thread"')
        )
        assert text.count(STORY) == 1
        assert "still true <time" in text

    @pytest.mark.complaint(41)
    def test_a_story_that_nobody_told_is_a_gap_that_leads_to_telling_it(self) -> None:
        page = self.browse(self.olivia, "account", self.acme.pk)
        self.assertContains(page, "Nobody has written down their story")
        where = reverse("account_story", args=[self.acme.pk])
        self.assertContains(page, f'href="{where}">Tell it in a minute')
        old = self.browse(self.olivia, "fact_new", self.acme.pk, topic="story")
        self.assertRedirects(old, where)
        self.assertContains(
            self.browse(self.olivia, "account_story", self.acme.pk), "Nobody has told it yet."
        )

    def test_the_next_version_takes_the_place_of_the_one_that_was_read(self) -> None:
        self.send(self.olivia, "account_story", self.acme.pk, text=STORY)
        first = Fact.objects.get(topic=Topic.STORY)
        page = self.browse(self.max, "account_story", self.acme.pk)
        self.assertContains(page, f'<input type="hidden" name="instead_of" value="{first.pk}"')
        self.assertContains(page, f'data-draft="story:{self.acme.pk}"')
        assert page.context["form"]["text"].value() == STORY  # type: ignore[attr-defined]
        answer = self.send(self.max, "account_story", self.acme.pk, text="They stayed.", instead_of=first.pk)
        self.assertRedirects(answer, reverse("account_story", args=[self.acme.pk]))
        page = self.browse(self.olivia, "account_story", self.acme.pk)
        assert page.context["story"].supersedes == first  # type: ignore[attr-defined]
        self.assertContains(page, "Written by Max Adeyemi")
        self.assertContains(page, "As it was told before")
        assert [one.pk for one in page.context["earlier"]] == [first.pk]  # type: ignore[attr-defined]

    def test_a_story_longer_than_a_minute_is_told_so_and_kept_on_the_page(self) -> None:
        page = self.send(self.olivia, "account_story", self.acme.pk, text=words(STORY_WORDS + 2))
        self.assertContains(page, f"This has {STORY_WORDS + 2} words, and a minute holds {STORY_WORDS}.")
        self.assertContains(page, "Leave out 2 words")
        self.assertContains(page, words(STORY_WORDS + 2))
        with pytest.raises(Refused, match="This has 161 words"):
            self.tell(words(161))
        self.tell(words(160))

    def test_of_two_who_tell_it_at_once_the_second_sees_theirs_beside_their_own(self) -> None:
        first = self.tell()
        self.tell("Max tells it so.", by=self.max, instead_of=first.pk)
        page = self.send(
            self.olivia, "account_story", self.acme.pk, text="I tell it so.", instead_of=first.pk
        )
        assert page.status_code == 409
        self.assertContains(page, "Max Adeyemi has told it anew while you were writing", status_code=409)
        theirs, yours = (page.content.decode().index(mark) for mark in ("diff__theirs", "diff__yours"))
        text = page.content.decode()
        assert "Max tells it so." in text[theirs:yours]
        assert "I tell it so." in text[yours : text.index("<form", yours)]
        form = page.context["form"]  # type: ignore[attr-defined]
        assert form["text"].value() == "I tell it so."
        again = self.send(
            self.olivia, "account_story", self.acme.pk, text="Ours.", instead_of=form["instead_of"].value()
        )
        assert again.status_code == 302
        assert Fact.objects.stories_of(self.acme).get().text == "Ours."

    def test_one_that_was_taken_back_meanwhile_is_said(self) -> None:
        first = self.tell()
        first.retract(by=self.max, because="That was Borealis")
        page = self.send(self.olivia, "account_story", self.acme.pk, text="More.", instead_of=first.pk)
        self.assertContains(page, "It was taken back while you were writing", status_code=409)
        self.assertContains(page, "Taken back by Max Adeyemi: That was Borealis", status_code=409)
        assert page.context["form"]["instead_of"].value() == ""  # type: ignore[attr-defined]

    def test_still_true_is_said_there_and_leads_back(self) -> None:
        story = self.tell()
        where = reverse("account_story", args=[self.acme.pk])
        answer = self.send(self.max, "fact_confirm", story.pk, contact="", next=where)
        self.assertRedirects(answer, where)
        self.assertContains(
            self.browse(self.olivia, "account_story", self.acme.pk), "Max Adeyemi found it still true"
        )

    def test_stories_of_merged_accounts_are_both_read_until_one_is_taken_back(self) -> None:
        self.tell()
        make_fact(self.borealis, "story", "They once bought under this name.")
        self.borealis.merge_into(self.acme, by=self.max, because="One company")
        page = self.browse(self.olivia, "account_story", self.acme.pk)
        self.assertContains(page, "Also told, and not settled")
        self.assertContains(page, "They once bought under this name.")
        self.assertContains(self.browse(self.olivia, "account", self.acme.pk), "told in 2 ways")
        merged = self.browse(self.olivia, "account_story", self.borealis.pk)
        self.assertRedirects(merged, reverse("account_story", args=[self.acme.pk]))

    def test_html_and_script_are_words(self) -> None:
        self.tell("<script>alert(1)</script> שלום 🎈")
        page = self.browse(self.olivia, "account_story", self.acme.pk)
        self.assertNotContains(page, "<script>alert")
        self.assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt; שלום 🎈")


class ThreadByPerson(CastTestCase):
    def test_is_filtered_by_person(self) -> None:
        make_entry(self.acme, "With both.", contacts=[self.champion, self.dieter], days=1)
        make_entry(self.acme, "With Dieter alone.", contacts=[self.dieter], days=2)
        make_entry(self.acme, "Dieter wrote.", by=self.dieter, days=3)
        make_entry(self.acme, "With nobody.", days=4)
        page = self.browse(self.olivia, "account", self.acme.pk, who=self.dieter.pk)
        said = [line.entry.text for line in page.context["thread"].lines]  # type: ignore[attr-defined]
        assert said == ["With both.", "With Dieter alone.", "Dieter wrote."]
        self.assertContains(page, f'<option value="{self.dieter.pk}" selected>')
        both = self.browse(self.olivia, "account", self.acme.pk, who=self.dieter.pk, q="alone")
        assert len(both.context["thread"].lines) == 1  # type: ignore[attr-defined]
        assert self.browse(self.olivia, "account", self.acme.pk, who="9" * 40).status_code == 200

    def test_its_older_pages_keep_the_person(self) -> None:
        for number in range(35):
            make_entry(self.acme, f"Talk {number}.", contacts=[self.champion], days=number)
        page = self.browse(self.olivia, "account", self.acme.pk, who=self.champion.pk)
        self.assertContains(page, f"&amp;who={self.champion.pk}#thread")


@pytest.mark.complaint(7, 38)
class OnPaper(CastTestCase):
    """Whoever comes new has what was agreed in hand, and knows what weighs on whom."""

    def test_the_brief_has_what_one_must_know(self) -> None:
        Fact.tell(self.acme, STORY, by=self.olivia, instead_of=None)
        make_fact(self.acme, "terms", "Sixty days to pay", contact=self.champion)
        make_fact(self.acme, "procurement", "Every order needs a form 7b")
        make_fact(self.acme, "if-then", "If Dieter asks for a discount, then name appendix 4")
        make_obligation(self.acme, due_in=-2)
        make_entry(self.acme, "They asked about Frankfurt.")
        Context.note(self.dieter, "His first big purchase", in_days(30), by=self.olivia)
        EntryReading.read_all()
        page = self.browse(self.ines_reading(), "account_printed_brief", self.acme.pk)
        for said in [
            STORY,
            "Sixty days to pay",
            "Every order needs a form 7b",
            "name appendix 4",
            "Send the security answers",
            "Late since",
            "They asked about Frankfurt.",
            "His first big purchase",
            "What it cost them: Fell out with her own purchasing over us.",
            "How they decide",
            "What they need now",
        ]:
            self.assertContains(page, said)
        self.assertContains(
            self.browse(self.olivia, "account", self.acme.pk),
            reverse("account_printed_brief", args=[self.acme.pk]),
        )

    def ines_reading(self) -> User:
        make_coverage(self.acme, self.ines, Coverage.Role.INCOMING)
        return self.ines


@pytest.mark.django_db(transaction=True)
def test_of_two_first_versions_at_the_same_instant_one_stands() -> None:
    cast = the_cast()
    start, told, refused = Barrier(2), [], []

    def tell(person: User) -> None:
        start.wait()
        try:
            told.append(
                Fact.tell(Account.objects.get(pk=cast.acme.pk), f"By {person}", by=person, instead_of=None)
            )
        except Refused as sentence:
            refused.append(str(sentence))
        finally:
            connection.close()

    threads = [Thread(target=tell, args=[person]) for person in (cast.olivia, cast.max)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == len(refused) == 1
    assert "has told it anew while you were writing" in refused[0]
