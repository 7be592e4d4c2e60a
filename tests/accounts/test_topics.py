"""The catalogue of topics, and merging one into another under live answers."""

from __future__ import annotations

import time
from datetime import datetime
from datetime import time as clock
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.briefing.memory import AccountMemory
from accounts.models import Confirmation, Entry, Fact, Obligation, Refused, Share, Topic, User, today
from accounts.models.topics import NEEDED
from accounts.notes.preview import NotePreview
from accounts.notes.saving import save
from accounts.pages.as_of import facts_then
from accounts.pages.call_plan import plan
from accounts.pages.search import find
from handoffs.models.evidence import answered
from tests.accounts.test_laws import Second, in_the_background, is_waiting_anywhere
from tests.base import CastTestCase, days_ago, make_case, make_fact, the_cast
from tests.laws import refusal_of, run_sql

FIELDS: dict[str, Any] = {
    "name": "Machines on the floor",
    "question": "Which machines do you run?",
    "review_days": 90,
    "position": 55,
}


def a_topic(slug: str) -> Topic:
    return Topic.objects.get(pk=slug)


class TheCatalogue(CastTestCase):
    def test_its_page_lists_them_by_their_place(self) -> None:
        Topic.objects.filter(pk="competition").update(position=1)
        listed = list(Topic.objects.with_use())
        assert listed == sorted(listed, key=lambda topic: (topic.position, topic.name))
        assert listed[0].pk == "competition"

    @pytest.mark.complaint(7, 9, 33, 39, 49)
    def test_it_has_what_buyers_are_qualified_by(self) -> None:
        """There is a place to write each of these down."""
        asked = {topic.pk for topic in Topic.objects.in_use()}
        assert asked >= {"outcome", "decision", "budget", "criteria", "competition", "terms", "contract"}
        assert asked >= {"procurement", "words", *NEEDED}

    @pytest.mark.complaint(9)
    def test_operations_add_a_topic_and_everybody_is_asked_to_fill_it(self) -> None:
        sent = self.send(self.omar, "topic_new", **FIELDS)
        self.assertRedirects(sent, reverse("topic_list"))
        assert a_topic("machines-on-the-floor").review_days == 90
        assert "machines-on-the-floor" in [topic.pk for topic in plan(self.acme, today()).gaps]
        note = NotePreview.of(self.acme, "#machines-on-the-floor two lathes", by=self.olivia)
        save(note, kind=Entry.Kind.NOTE)
        assert Fact.objects.get().topic_id == "machines-on-the-floor"
        self.assertContains(self.browse(self.omar, "topic_list"), "1 account")

    def test_two_topics_of_one_name_get_different_short_names(self) -> None:
        first = Topic.add(name="Näh-Maschinen", question="?", by=self.omar)
        first.retire(by=self.omar)
        second = Topic.add(name="Nah Maschinen", question="?", by=self.omar)
        odd = Topic.add(name="設備", question="?", by=self.omar)
        new = Topic.add(name="New", question="?", by=self.omar)
        assert [topic.pk for topic in (first, second, odd, new)] == [
            "nah-maschinen",
            "nah-maschinen-2",
            "topic",
            "new-2",
        ]

    def test_a_name_is_taken_once_among_those_in_use(self) -> None:
        page = self.send(self.omar, "topic_new", **FIELDS | {"name": "terms AGREED"})
        self.assertContains(page, "There is a topic of that name already.")
        assert refusal_of("UPDATE accounts_topic SET name = 'terms agreed' WHERE slug = 'words'") == (
            "topic_named_once"
        )

    def test_renaming_keeps_the_answers_and_leaves_history(self) -> None:
        make_fact(self.acme, "procurement", "Orders go through Ariba")
        before = self.browse(self.omar, "topic", "procurement").context["form"]["as_of"].value()  # type: ignore[attr-defined]
        fields = FIELDS | {"name": "How they order", "as_of": before}
        self.send(self.omar, "topic", "procurement", **fields)
        self.assertContains(self.browse(self.olivia, "account", self.acme.pk), "How they order")
        page = self.browse(self.omar, "topic", "procurement")
        self.assertContains(page, "Omar Haddad · How they order")
        again = self.send(self.omar, "topic", "procurement", **fields | {"name": "Buying"})
        assert again.status_code == 409
        self.assertContains(again, "Somebody else changed this", status_code=409)

    @pytest.mark.complaint(10)
    def test_a_retired_topic_is_no_longer_asked_and_what_is_known_stays(self) -> None:
        fact = make_fact(self.acme, "competition", "They use spreadsheets")
        self.send(self.omar, "topic_retire", "competition")
        assert "competition" not in [topic.pk for topic in plan(self.borealis, today()).gaps]
        assert "competition" in [known.topic.pk for known in plan(self.acme, today()).known]
        assert fact.supersede("They use nothing", by=self.olivia).topic_id == "competition"
        self.send(self.omar, "topic_retire", "competition")
        assert a_topic("competition").is_in_use

    def test_what_the_product_is_built_on_can_neither_be_retired_nor_merged_away(self) -> None:
        for slug in NEEDED:
            topic = a_topic(slug)
            with pytest.raises(Refused, match="built on it; rename it instead"):
                topic.retire(by=self.omar)
            with pytest.raises(Refused, match="built on it; rename it instead"):
                topic.merge_into(a_topic("words"), by=self.omar)
            retire = "UPDATE accounts_topic SET retired_at = now(), retired_by_id = %s WHERE slug = %s"
            assert refusal_of(retire, self.omar.pk, slug) == "topic_is_needed"
        assert self.send(self.omar, "topic_retire", "story").status_code == 409

    def test_it_belongs_to_operations(self) -> None:
        for act in (
            lambda: Topic.add(name="X", question="?", by=self.max),
            lambda: a_topic("words").retire(by=self.max),
            lambda: a_topic("words").merge_into(a_topic("terms"), by=self.max),
            lambda: a_topic("words").revise(by=self.max, name="X"),
        ):
            with pytest.raises(PermissionDenied):
                act()
        self.assertContains(self.browse(self.omar, "transition_list"), reverse("topic_list"))
        self.assertNotContains(self.browse(self.max, "transition_list"), reverse("topic_list"))

    def test_a_topic_cannot_be_deleted_nor_its_short_name_changed(self) -> None:
        assert refusal_of("DELETE FROM accounts_topic WHERE slug = 'words'").startswith("permission denied")
        assert refusal_of("UPDATE accounts_topic SET slug = 'x' WHERE slug = 'words'").startswith(
            "permission denied"
        )


class Merging(CastTestCase):
    """`quirks` becomes part of `procurement` while both have live answers."""

    quirks: Topic

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.quirks = Topic.add(name="Purchasing oddities", question="What is odd about buying?", by=cls.omar)

    def merge(self) -> int:
        return a_topic(self.quirks.pk).merge_into(a_topic("procurement"), by=self.omar)

    def live(self, topic: str = "procurement") -> list[Any]:
        return list(Fact.objects.of(self.acme).live().filter(topic=topic).with_sources().order_by("pk"))

    @pytest.mark.complaint(7, 9)
    def test_an_answer_goes_along_with_all_that_hangs_on_it(self) -> None:
        """Nothing that they told us is lost, nor is who told us and when."""
        with mock.patch.object(timezone, "now", return_value=days_ago(50)):
            old = make_fact(self.acme, self.quirks.pk, "Two signatures", contact=self.dieter)
        old.share(by=self.olivia)
        confirmation = old.confirm(by=self.olivia, contact=self.champion)
        correction = make_case(
            self.acme, "Three signatures", Obligation.Kind.FEEDBACK, contact=self.dieter, fact=old
        )
        assert self.merge() == 1
        (moved,) = self.live()
        columns = ["account_id", "text", "provenance", "contact_id", "entry_id", "author_id", "at"]
        for column in [*columns, "review_on"]:
            assert getattr(moved, column) == getattr(old, column), column
        assert moved.supersedes == old
        assert Share.objects.get(fact=moved).by == self.olivia
        assert Confirmation.objects.get(fact=moved).at == confirmation.at
        assert Confirmation.objects.get(fact=moved).contact == self.champion
        correction.refresh_from_db()
        assert correction.fact == moved
        correction.decide("yes", "They are right", by=self.olivia)
        assert [fact.text for fact in self.live()] == ["Three signatures"]

    def test_the_old_answer_stays_readable_and_says_where_it_stands_now(self) -> None:
        """Law 1."""
        old = make_fact(self.acme, self.quirks.pk, "Two signatures")
        before = [tuple(row) for row in run_sql("SELECT * FROM accounts_fact ORDER BY id")]
        self.merge()
        assert [tuple(row) for row in run_sql("SELECT * FROM accounts_fact ORDER BY id")][:1] == before
        page = self.browse(self.olivia, "fact", old.pk)
        self.assertContains(page, "“Purchasing oddities” became part of “Quirks of procurement”")
        self.assertContains(
            self.browse(self.olivia, "fact", self.live()[0].pk), "under “Purchasing oddities”"
        )
        for act in (
            lambda: old.confirm(by=self.olivia),
            lambda: old.supersede("One", by=self.olivia),
            lambda: old.retract(by=self.olivia, because="No"),
            lambda: old.share(by=self.olivia),
        ):
            with pytest.raises(Refused, match="kept under “Quirks of procurement” now"):
                act()

    def test_what_was_known_on_a_day_before_is_known_on_that_day(self) -> None:
        with mock.patch.object(timezone, "now", return_value=days_ago(50)):
            make_fact(self.acme, self.quirks.pk, "Two signatures")
        self.merge()
        end = datetime.combine(days_ago(20).date(), clock(), days_ago(20).tzinfo)
        known = [fact.text for _, facts in facts_then(self.acme, end) for fact in facts]
        assert known == ["Two signatures"]

    @pytest.mark.complaint(7)
    def test_two_answers_that_disagree_now_are_a_contradiction(self) -> None:
        with mock.patch.object(timezone, "now", return_value=days_ago(9)):
            make_fact(self.acme, self.quirks.pk, "Two signatures")
        make_fact(self.acme, "procurement", "One signature")
        assert plan(self.acme, today()).contradictions == []
        self.merge()
        (known,) = plan(self.acme, today()).contradictions
        assert known.topic.pk == "procurement"

    def test_what_was_superseded_or_taken_back_stays_where_it_was(self) -> None:
        make_fact(self.acme, self.quirks.pk, "Two").supersede("Three", by=self.olivia)
        make_fact(self.acme, self.quirks.pk, "Four").retract(by=self.olivia, because="A guess")
        assert self.merge() == 1
        assert [fact.text for fact in self.live()] == ["Three"]
        assert self.live(self.quirks.pk) == []

    def test_the_checklist_that_names_the_old_topic_still_ticks(self) -> None:
        assert self.quirks.pk not in answered(AccountMemory.read(self.acme))
        make_fact(self.acme, self.quirks.pk, "Two signatures")
        self.merge()
        assert {self.quirks.pk, "procurement"} <= answered(AccountMemory.read(self.acme))

    def test_a_note_finds_it_by_both_names(self) -> None:
        self.merge()
        for text in (
            "#purchasing-oddities two signatures",
            "#Purchasing oddities: two signatures",
            "#procurement two signatures",
        ):
            note = NotePreview.of(self.acme, text, by=self.olivia)
            assert note.blockers == []
            save(note, kind=Entry.Kind.NOTE)
        assert set(Fact.objects.values_list("topic_id", flat=True)) == {"procurement"}

    def test_a_link_or_a_form_of_the_old_topic_leads_to_the_new(self) -> None:
        self.merge()
        page = self.browse(self.olivia, "fact_new", self.acme.pk, topic=self.quirks.pk)
        self.assertContains(page, "Quirks of procurement")
        assert Fact.state(self.acme, self.quirks, "Two", by=self.olivia).topic_id == "procurement"

    def test_search_finds_each_answer_once(self) -> None:
        make_fact(self.acme, self.quirks.pk, "Two signatures")
        make_fact(self.acme, "terms", "Signatures within a week")
        self.merge()
        (group,) = find("signatures", self.olivia, "facts").groups
        facts: list[Any] = [one.thing for one in group.found]
        found = [(fact.topic_id, fact.is_replaced) for fact in facts]
        assert sorted(found) == [("procurement", False), ("terms", False)]

    def test_merging_on_goes_on(self) -> None:
        make_fact(self.acme, self.quirks.pk, "Two signatures")
        self.merge()
        a_topic("procurement").merge_into(a_topic("terms"), by=self.omar)
        assert [fact.text for fact in self.live("terms")] == ["Two signatures"]
        assert a_topic(self.quirks.pk).merged_into_id == "terms"
        assert [topic.pk for topic in Topic.objects.kept_under(self.quirks.pk)] == ["terms"]

    def test_what_cannot_be_merged(self) -> None:
        a_topic("words").retire(by=self.omar)
        for one, other, why in (
            ("terms", "terms", "with itself"),
            ("terms", "words", "not in use"),
        ):
            with pytest.raises(Refused, match=why):
                a_topic(one).merge_into(a_topic(other), by=self.omar)
        self.merge()
        with pytest.raises(Refused, match="is part of “Quirks of procurement” already"):
            self.merge()
        with pytest.raises(Refused, match="not in use"):
            a_topic("terms").merge_into(a_topic(self.quirks.pk), by=self.omar)

    def test_no_answer_is_written_under_a_topic_that_is_part_of_another(self) -> None:
        self.merge()
        write = """INSERT INTO accounts_fact (account_id, topic_id, text, provenance, author_id, at)
                   VALUES (%s, %s, 'Two', 'inferred', %s, now())"""
        said = refusal_of(write, self.acme.pk, self.quirks.pk, self.olivia.pk)
        assert said == "This topic has just become part of another. Write the answer there."

    def test_it_is_done_on_the_topic_s_page(self) -> None:
        make_fact(self.acme, self.quirks.pk, "Two signatures")
        sent = self.send(self.omar, "topic_merge", self.quirks.pk, into="procurement")
        self.assertRedirects(sent, reverse("topic_list"))
        self.assertContains(self.browse(self.omar, "topic_list"), "Omar Haddad merged it")
        self.assertContains(self.browse(self.omar, "topic", self.quirks.pk), "Its answers are kept under")
        again = self.send(self.omar, "topic_merge", self.quirks.pk, into="terms")
        self.assertContains(again, "already", status_code=409)


# ---- Two at once

WRITE = """INSERT INTO accounts_fact (account_id, topic_id, text, provenance, author_id, at)
           VALUES (%s, 'competition', 'They use paper', 'inferred', %s, clock_timestamp()) RETURNING id"""
MERGE = """UPDATE accounts_topic SET merged_into_id = 'criteria', merged_at = now(), merged_by_id = %s
           WHERE slug = 'competition'"""


def wait_until_somebody_waits(connection: Second) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and not is_waiting_anywhere(connection):
        time.sleep(0.02)


def merge(by: User) -> None:
    a_topic("competition").merge_into(a_topic("criteria"), by=by)


def test_an_answer_that_is_being_written_while_its_topic_is_merged_goes_along(
    second_connection: Second,
) -> None:
    """They write first, uncommitted; merging waits for them and takes their answer along."""
    cast = the_cast()
    second_connection.execute(WRITE, [cast.acme.pk, cast.olivia.pk])
    thread, outcome = in_the_background(lambda: merge(cast.omar))
    wait_until_somebody_waits(second_connection)
    second_connection.commit()
    thread.join(10)
    assert outcome == [None]
    assert Fact.objects.live().get().topic_id == "criteria"


def test_an_answer_that_is_taken_back_while_its_topic_is_merged_does_not_come_back(
    second_connection: Second,
) -> None:
    cast = the_cast()
    fact = make_fact(cast.acme, "competition", "They use paper")
    second_connection.execute("SELECT FROM accounts_topic WHERE slug = 'competition' FOR KEY SHARE")
    second_connection.execute(
        "INSERT INTO accounts_retraction (fact_id, by_id, because, at) VALUES (%s, %s, 'No', now())",
        [fact.pk, cast.olivia.pk],
    )
    thread, outcome = in_the_background(lambda: merge(cast.omar))
    wait_until_somebody_waits(second_connection)
    second_connection.commit()
    thread.join(10)
    assert outcome == [None]
    assert not Fact.objects.live().exists()


def test_an_answer_that_comes_while_its_topic_is_being_merged_lands_under_the_other(
    second_connection: Second,
) -> None:
    """Merging comes first, uncommitted; whoever writes waits, and their answer is kept where it belongs now."""
    cast = the_cast()
    competition = a_topic("competition")
    second_connection.execute("SELECT FROM accounts_topic WHERE slug = 'competition' FOR UPDATE")
    second_connection.execute(MERGE, [cast.omar.pk])
    thread, outcome = in_the_background(
        lambda: Fact.state(cast.acme, competition, "They use paper", by=cast.olivia)
    )
    wait_until_somebody_waits(second_connection)
    second_connection.commit()
    thread.join(10)
    assert outcome == [None]
    assert Fact.objects.live().get().topic_id == "criteria"


def test_raw_sql_that_comes_while_a_topic_is_being_merged_is_refused(second_connection: Second) -> None:
    cast = the_cast()
    second_connection.execute("SELECT FROM accounts_topic WHERE slug = 'competition' FOR UPDATE")
    second_connection.execute(MERGE, [cast.omar.pk])
    thread, outcome = in_the_background(lambda: run_sql(WRITE, cast.acme.pk, cast.olivia.pk))
    wait_until_somebody_waits(second_connection)
    second_connection.commit()
    thread.join(10)
    assert "part of another" in str(outcome[0])
    assert not Fact.objects.exists()


def test_two_topics_cannot_become_part_of_each_other(second_connection: Second) -> None:
    cast = the_cast()
    second_connection.execute(
        "SELECT FROM accounts_topic WHERE slug IN ('competition', 'criteria') ORDER BY slug FOR UPDATE"
    )
    second_connection.execute(MERGE, [cast.omar.pk])
    thread, outcome = in_the_background(
        lambda: a_topic("criteria").merge_into(a_topic("competition"), by=cast.omar)
    )
    wait_until_somebody_waits(second_connection)
    second_connection.commit()
    thread.join(10)
    assert isinstance(outcome[0], Refused)
    assert a_topic("criteria").is_in_use
