"""Find anything: who finds what, how it is spelt, and what a page makes of it."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Entry, Fact, Obligation, User
from accounts.pages import search
from accounts.pages.search import SearchQuery, find, marked, parts_of
from tests.base import (
    CastTestCase,
    days_ago,
    make_account,
    make_contact,
    make_entry,
    make_fact,
    make_obligation,
    make_question,
    make_user,
)


def things(words: str, user: User, kind: str) -> list[Any]:
    return [found.thing for group in find(words, user).groups if group.kind == kind for found in group.found]


class Kinds(CastTestCase):
    def test_an_account_is_found_by_its_name(self) -> None:
        assert things("acme", self.olivia, "accounts") == [self.acme]

    def test_a_contact_and_a_colleague_are_found_by_name(self) -> None:
        assert things("carla", self.olivia, "people") == [self.champion]
        assert things("nils aalto", self.olivia, "people") == [self.nils]

    def test_people_are_found_by_their_address(self) -> None:
        assert things("carla@acme", self.olivia, "people") == [self.champion]

    def test_an_entry_is_found_by_its_words_and_newest_first(self) -> None:
        older = make_entry(self.acme, "The auditors came by.", days=40)
        newer = make_entry(self.acme, "No auditors this year.", days=4)
        make_entry(self.acme, "Lunch.")
        assert things("auditors", self.olivia, "entries") == [newer, older]

    def test_what_holds_the_word_stands_before_names_that_are_only_like_it(self) -> None:
        make_account("Glover Glass", self.olivia)
        make_account("Globe Works", self.olivia)
        make_entry(self.acme, "They lost a glove in the press.")
        first, *_ = find("glove", self.olivia).groups
        assert first.kind == "accounts"  # Glover holds what was typed so far
        Account.objects.filter(name="Glover Glass").update(name="Glass Lovers")
        kinds = [group.kind for group in find("glove", self.olivia).groups]
        assert kinds == ["entries", "accounts"]
        self.assertContains(self.browse(self.olivia, "search", q="glove"), "Accounts of a similar name")

    def test_an_obligation_is_found_once_not_again_as_the_line_it_was_raised_with(self) -> None:
        promise = make_obligation(self.acme, "Send the penetration report")
        assert things("penetration", self.olivia, "obligations") == [promise]
        assert things("penetration", self.olivia, "entries") == []

    def test_an_answer_is_found_among_what_happened(self) -> None:
        question = make_question(self.acme, self.champion, "Where is it hosted?")
        question.answer("In Frankfurt, in two zones", by=self.olivia)
        assert [line.step for line in things("frankfurt", self.olivia, "entries")] == ["answered"]

    def test_a_fact_is_found_and_so_is_the_answer_it_replaced(self) -> None:
        old = make_fact(self.acme, text="Their fiscal year ends in June")
        new = old.supersede("Their fiscal year ends in December", by=self.olivia)
        assert things("fiscal", self.olivia, "facts") == [new, old]
        self.assertContains(self.browse(self.olivia, "search", q="june fiscal"), "since replaced")

    def test_the_word_being_typed_is_found_before_it_is_finished(self) -> None:
        entry = make_entry(self.acme, "They want a reconciliation every night.")
        assert things("night reconc", self.olivia, "entries") == [entry]
        assert things("reconc night", self.olivia, "entries") == []

    def test_accents_do_not_matter_in_any_language(self) -> None:
        entry = make_entry(self.acme, "Besprechung über die Einführung in Zürich")
        assert things("einfuhrung zurich", self.olivia, "entries") == [entry]
        assert things("Einführung", self.olivia, "entries") == [entry]

    def test_words_in_quotes_or_left_out(self) -> None:
        both = make_entry(self.acme, "The red line moved.", days=2)
        other = make_entry(self.acme, "A line in red ink.", days=3)
        assert things('"red line"', self.olivia, "entries") == [both]
        assert things("red -ink", self.olivia, "entries") == [both]
        assert things("moved or ink", self.olivia, "entries") == [both, other]


class TypingErrors(CastTestCase):
    def test_are_forgiven_in_names_of_accounts(self) -> None:
        for typed in ("robotcis", "Acme Robtics", "boraelis", "Amce", "acm"):
            found = things(typed, self.olivia, "accounts")
            expected = self.borealis if typed.startswith("b") else self.acme
            assert found == [expected], typed

    def test_are_forgiven_in_names_of_people(self) -> None:
        for typed in ("Clara Weis", "calra", "Wiess", "carla wei"):
            assert things(typed, self.olivia, "people") == [self.champion], typed

    def test_a_name_typed_rightly_stands_alone(self) -> None:
        make_contact(self.acme, "Clara Weise")
        assert things("carla weiss", self.olivia, "people")[0] == self.champion
        make_account("Maxima", self.olivia)
        make_account("Maria", self.olivia)
        assert [str(a) for a in things("maxima", self.olivia, "accounts")] == ["Maxima"]


class Sight(CastTestCase):
    """Nobody finds what they may not see, and what they may not see takes no place in what they find."""

    def setUp(self) -> None:
        for account in (self.acme, self.dunmore):
            make_contact(account, f"Zoltan of {account}")
            make_entry(account, "The zeppelin landed.")
            make_obligation(account, "Paint the zeppelin")
            make_fact(account, text="They own a zeppelin")

    def seen(self, user: User, words: str = "zeppelin") -> set[str]:
        found: list[Any] = [row.thing for group in find(words, user).groups for row in group.found]
        return {str(thing.account) for thing in found}

    def test_a_rep_finds_what_is_on_the_accounts_they_serve(self) -> None:
        assert self.seen(self.olivia) == {"Acme Robotics"}
        assert self.seen(self.nils) == {"Dunmore Press"}
        assert self.seen(self.ines) == set()

    def test_a_manager_finds_what_their_team_serves_and_operations_everything(self) -> None:
        assert self.seen(self.max) == {"Acme Robotics"}
        assert self.seen(self.petra) == {"Acme Robotics", "Dunmore Press"}
        assert self.seen(self.omar) == {"Acme Robotics", "Dunmore Press"}

    def test_names_of_another_team_s_customers_are_not_found(self) -> None:
        assert self.seen(self.olivia, "zoltan") == {"Acme Robotics"}
        assert things("dunmore", self.olivia, "accounts") == []
        assert things("dunmore", self.nils, "accounts") == [self.dunmore]

    def test_hidden_matches_do_not_push_out_visible_ones(self) -> None:
        for n in range(search.SHOWN_OF_ONE_KIND + 5):
            make_entry(self.dunmore, f"Another zeppelin, number {n}", days=1)
            make_contact(self.dunmore, "Zoltan")
        make_contact(self.acme, "Zoltana Berg")
        assert self.seen(self.olivia) == {"Acme Robotics"}
        assert "Zoltana Berg" in [str(p) for p in things("zoltan", self.olivia, "people")]
        assert not find("zeppelin", self.olivia).more

    def test_somebody_who_no_longer_serves_finds_nothing(self) -> None:
        self.acme.coverage.owners().pass_to(self.nils, by=self.petra, because="Moved")
        assert self.seen(self.olivia) == set()

    def test_the_same_when_words_are_common(self) -> None:
        with mock.patch.object(search, "COMMON", 0):
            assert self.seen(self.olivia) == {"Acme Robotics"}
            assert self.seen(self.ines) == set()

    def test_a_customer_has_no_search(self) -> None:
        assert self.browse(self.carla, "search", q="acme").status_code == 404
        with pytest.raises(PermissionDenied):
            find("acme", self.carla)

    def test_a_stranger_signs_in_first(self) -> None:
        assert self.client.get("/search/?q=acme").status_code == 302

    def test_it_only_reads(self) -> None:
        assert self.send(self.olivia, "search", q="acme").status_code == 405


class Marks(CastTestCase):
    def test_a_retracted_entry_is_found_and_marked(self) -> None:
        entry = make_entry(self.acme, "They will sign the armadillo clause.")
        self.assertNotContains(self.browse(self.olivia, "search", q="armadillo"), "taken back")
        entry.retract(by=self.olivia, because="Heard it wrongly")
        page = self.browse(self.olivia, "search", q="armadillo")
        self.assertContains(page, "<mark>armadillo</mark>")
        self.assertContains(page, "taken back")

    def test_what_was_looked_for_is_marked_and_the_text_stays_text(self) -> None:
        make_entry(self.acme, "<img src=x onerror=alert(1)> pangolin & <b>bold</b> <script>alert(2)</script>")
        page = self.browse(self.olivia, "search", q="pangolin")
        self.assertContains(page, "<mark>pangolin</mark>")
        for danger in ("<img", "<b>bold", "alert(2)</script>"):
            self.assertNotContains(page, danger)

    def test_marks_within_the_text_itself_open_nothing(self) -> None:
        assert "".join(part.text for part in parts_of("\x03a \x02b\x03 \x02c")) == "a b c"
        assert [part.text for part in parts_of("\x03a \x02b\x03 \x02c") if part.hit] == ["b"]

    def test_what_was_typed_is_text_as_well(self) -> None:
        page = self.browse(self.olivia, "search", q='"><script>alert(1)</script>')
        self.assertNotContains(page, "<script>alert")

    def test_a_name_is_marked_where_it_was_typed(self) -> None:
        assert [p.text for p in marked("Acme Robotics", "rob acme") if p.hit] == ["Acme", "Rob"]
        assert [p.hit for p in marked("(Acme)", "(")] == [True, False]

    def test_an_entry_s_link_begins_the_thread_with_it(self) -> None:
        entry = make_entry(self.acme, "An okapi in the lobby.", days=50)
        make_entry(self.acme, "Something newer.", days=2)
        (found,) = find("okapi", self.olivia).groups[-1].found
        page = self.browse(self.olivia, "account", self.acme.pk, before=found.cursor)
        self.assertContains(page, entry.text)
        self.assertNotContains(page, "Something newer.")

    def test_more_leads_to_all_of_one_kind(self) -> None:
        for n in range(search.SHOWN + 1):
            make_entry(self.acme, f"Quokka {n}", days=n + 1)
        self.assertContains(self.browse(self.olivia, "search", q="quokka"), "kind=entries")
        page = self.browse(self.olivia, "search", q="quokka", kind="entries")
        self.assertContains(page, "<mark>Quokka</mark>", search.SHOWN + 1)
        assert self.browse(self.olivia, "search", q="quokka", kind="nothing").status_code == 200

    def test_while_typing_only_the_results_are_answered(self) -> None:
        page = self.as_(self.olivia).get("/search/", {"q": "acme"}, headers={"HX-Request": "true"})
        self.assertTemplateNotUsed(page, "base.html")
        self.assertContains(page, 'id="results"')


class AnyInput(CastTestCase):
    def test_nothing_typed_is_no_error(self) -> None:
        for words in ("", "   ", " \t"):
            self.assertContains(self.browse(self.olivia, "search", q=words), "Find anything")

    def test_nor_is_anything_else(self) -> None:
        for words in (
            "x" * 100_000,
            "word " * 20_000,
            "' \" \\ ; -- & | ! ( ) <-> :* :A",
            '"not closed',
            "-",
            "- - or or",
            "-acme",
            "or",
            "acme or",
            "acme or -robotics",
            "%_%",
            "(((",
            "\x02\x03",
            "مرحبا بالعالم",
            "שלום",
            "😀 👩‍👩‍👧",
            "日本語",
            "\ud7ff\ue000\uffff",
            "{'a': 1}",
            "it's 100% <b>",
            "a:*",
            "foo_bar",
            "http://example.com/a?b=c",
            "@",
            "@acme",
            "well-known",
            "ß",
            "İstanbul",
            "²",
        ):
            with self.subTest(words=words[:40]):
                assert self.browse(self.olivia, "search", q=words).status_code == 200

    def test_a_very_long_note_can_be_kept_and_found_by_its_beginning(self) -> None:
        text = "aardvark " + " ".join(f"word{n}" for n in range(150_000))
        entry = make_entry(self.acme, text)
        assert things("aardvark", self.olivia, "entries") == [entry]

    def test_other_scripts_are_found(self) -> None:
        entry = make_entry(self.acme, "اجتماع مع العميل 😀 совещание")
        assert things("اجتماع", self.olivia, "entries") == [entry]
        assert things("совещ", self.olivia, "entries") == [entry]

    def test_the_word_being_typed_is_told_from_the_rest(self) -> None:
        for typed, rest, last in (
            ("acme rob", "acme", "'rob':*"),
            ("rob", "", "'rob':*"),
            ("acme -rob", "acme -rob", ""),
            ('acme "red li', 'acme "red li', ""),
            ('"red line" mo', '"red line"', "'mo':*"),
            ("it's", "it's", ""),
            ("moved or in", "moved or in", ""),
        ):
            assert (SearchQuery.parse(typed).rest, SearchQuery.parse(typed).last) == (rest, last)


class Plans(CastTestCase):
    """However words are looked up, the same is found."""

    def test_common_words_are_read_back_from_today(self) -> None:
        entries = [make_entry(self.acme, f"Weekly call {n}", days=n + 1) for n in range(12)]
        with mock.patch.object(search, "COMMON", 0), CaptureQueriesContext(connection) as queries:
            found = things("weekly", self.olivia, "entries")
        assert found == entries[:8]
        assert any("recent WHERE" in query["sql"] for query in queries)
        assert not any("gathered" in query["sql"] for query in queries)

    def test_two_common_words_that_meet_long_ago_are_found_all_the_same(self) -> None:
        old = make_entry(self.acme, "The budget of the board", days=500)
        for n in range(6):
            make_entry(self.acme, f"budget {n}", days=1)
        with mock.patch.multiple(search, COMMON=0, RECENT=5):
            assert things("budget board", self.olivia, "entries") == [old]

    def test_the_number_of_queries_does_not_grow_with_what_is_found(self) -> None:
        """Team, sight, settings, names, how common the words are, and words; then what was found, once for each of
        the six tables; the transaction's two ends; around it the session, the person and the day."""
        browser = self.as_(self.max)

        def queries() -> int:
            with CaptureQueriesContext(connection) as counted:
                browser.get("/search/", {"q": "narwhal"})
            return len(counted)

        assert queries() == 11
        make_user("Narwhal Ng")
        for n in range(11):
            account = make_account(f"Narwhal {n}", self.olivia)
            person = make_contact(account, f"Narwhal Keeper {n}")
            make_entry(account, "A narwhal", by=person)
            make_obligation(account, "Feed the narwhal", contact=person)
            make_fact(account, text="They like a narwhal", contact=person)
            if n == 0:
                assert queries() == 17
        assert queries() == 17


class Frozen(CastTestCase):
    """The words are the database's own: no model reads them, and they go with the text."""

    def test_lines_written_in_bulk_are_found(self) -> None:
        Entry.objects.bulk_create(
            Entry(account=self.acme, kind="note", at=days_ago(n), author=self.olivia, text=f"capybara {n}")
            for n in range(1, 4)
        )
        assert len(things("capybara", self.olivia, "entries")) == 3

    def test_threads_do_not_carry_them(self) -> None:
        for model in (Entry, Obligation, Fact):
            assert "words" not in [field.name for field in model._meta.fields]

    def test_an_erased_person_is_not_found_by_name_or_words(self) -> None:
        make_entry(self.acme, "Carla Weiss told us about the ocelot", by=self.champion)
        make_obligation(self.acme, "Call Carla Weiss back", contact=self.champion)
        self.champion.erase(by=self.omar, because="She asked")
        for words in ("carla weiss", "weiss", "ocelot"):
            assert find(words, self.omar).groups == [], words
        assert things("former contact", self.omar, "people") == []
