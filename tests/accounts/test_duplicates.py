"""Accounts that may be one customer: found, shown side by side, joined by somebody, and taken apart again."""

from __future__ import annotations

import csv
import zlib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountMerge, Contact, Coverage, Deal, DistinctAccounts, Refused, User
from accounts.pages.duplicates import pairs_of
from accounts.rules.duplicates import Described, label, number, street, suggest
from tests.accounts.test_import_book import real
from tests.base import (
    CastTestCase,
    make_account,
    make_contact,
    make_coverage,
    make_deal,
    make_entry,
    make_obligation,
    make_user,
)
from tests.laws import refusal_of

# ---- The rule


def test_precision_and_recall_on_a_list_with_the_true_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """What the rule gives for was looked at on the half with even sums; the other half was never looked at."""
    path = real("messy_dedupe_mit") / "organisations_with_true_ids.csv"
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    halves = [[row for row in rows if zlib.crc32(row["True Id"].encode()) % 2 == odd] for odd in (0, 1)]
    for name, half in zip(("looked at", "never looked at", "all"), (*halves, rows), strict=True):
        precision, recall, found = measured(half)
        with capsys.disabled():
            print(
                f"\n{name}: {len(half)} rows, {found} pairs: precision {precision:.3f}, recall {recall:.3f}"
            )
        assert precision >= 0.95
        assert recall >= 0.85


def measured(rows: list[dict[str, str]]) -> tuple[float, float, int]:
    """Precision and recall of the suggested pairs, and how many there are."""
    found = suggest(
        [
            Described(
                place, row["Site name"], addresses=[row["Address"]], phones=[row["Phone"]], sites=[row["Website"]]
            )
            for place, row in enumerate(rows)
        ]
    )  # fmt: skip
    right = sum(rows[pair.one]["True Id"] == rows[pair.other]["True Id"] for pair in found)
    true = sum(n * (n - 1) // 2 for n in Counter(row["True Id"] for row in rows).values())
    return right / len(found), right / true, len(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Acme GmbH"}, {"name": "ACME Inc."}),
        ({"name": "Corran Foods"}, {"name": "Corran Foods Holding"}),
        ({"name": "Müller Maschinen"}, {"name": "Muller Maschinen AG"}),
        (
            {"name": "Nordwald", "phones": ["+49 30 1234567"]},
            {"name": "Nordwald Kliniken", "phones": ["030/1234567"]},
        ),
        (
            {"name": "IBM Deutschland", "sites": ["https://www.ibm.com/de"]},
            {"name": "IBM", "mails": ["a@ibm.de"]},
        ),
    ],
)
def test_what_may_be_one(one: dict[str, object], other: dict[str, object]) -> None:
    found = suggest([Described(1, **one), Described(2, **other)])  # type: ignore[arg-type]
    assert [(pair.one, pair.other) for pair in found] == [(1, 2)]
    assert found[0].reasons


def test_two_in_one_house_with_nothing_in_common_in_their_names_are_two() -> None:
    one = Described(1, "Stein AG", addresses=["12 Mill Rd"])
    assert not suggest([one, Described(2, "Quarry Ltd", addresses=["12 Mill Road, Leeds"])])


def test_what_many_have_in_common_makes_no_pair() -> None:
    many = [Described(n, f"Firm{n} x{n}", phones=["030 1234567"], mails=["x@gmail.com"]) for n in range(60)]
    assert not suggest(many)


def test_branches_of_one_name_elsewhere_are_not_suggested() -> None:
    one = Described(1, "Blue Bakery", addresses=["1 Hill St"], sites=["bluebakery.example"])
    other = Described(2, "Blue Bakery", addresses=["77 Dock Rd"])
    assert not suggest([one, other])


def test_addresses_phones_and_domains_are_compared_however_they_are_written() -> None:
    assert street("4526 S. Wabash Ave") == street("4526 South Wabash") == "4526 wabash"
    assert street("Lange Straße 12a, Köln") == "12a lange"
    assert street("P.O. Box") == ""
    assert number("+1 (773) 285-8721") == number("2858721")
    assert number("12") == ""
    assert label("https://www.acme.co.uk/x") == label("acme.com") == "acme"
    assert label("gmail.com") == label("") == ""


# ---- The page


def shown(page: HttpResponse) -> int:
    """How many pairs a page shows."""
    return page.content.decode().count('id="pair-')


class Page(CastTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.again = make_account("ACME Robotics Ltd", self.ines)

    def test_both_stand_side_by_side_with_the_reason(self) -> None:
        make_contact(self.again, "Nora Nu", email="nora@acme.example")
        page = self.browse(self.omar, "duplicate_list")
        self.assertContains(page, "ACME Robotics Ltd")
        self.assertContains(page, "Names alike, the same domain")
        assert shown(page) == 1

    def test_a_manager_is_shown_pairs_of_which_they_see_both(self) -> None:
        make_account("Dunmore Press Inc", self.olivia)
        assert [pair.one for pair in pairs_of(self.max)] == [self.acme.pk]
        assert len(pairs_of(self.omar)) == 2

    def test_one_becomes_part_of_the_other_by_a_person_who_says_which(self) -> None:
        args = (self.omar, "duplicate_join", self.acme.pk, self.again.pk)
        assert self.send(*args, because="The same").status_code == 409
        assert self.send(*args, keep=self.acme.pk, because="The same").status_code == 302
        self.again.refresh_from_db()
        assert self.again.merged_into == self.acme
        assert not pairs_of(self.omar)

    def test_what_was_said_to_be_two_is_not_suggested_again(self) -> None:
        for _ in range(2):
            page = self.send(self.max, "duplicate_part", self.again.pk, self.acme.pk)
            assert page.status_code == 302
        assert DistinctAccounts.objects.count() == 1
        assert not pairs_of(self.max)
        assert not pairs_of(self.omar)

    def test_the_number_of_queries_does_not_depend_on_the_number_of_pairs(self) -> None:
        counts = []
        for more in (0, 5):
            for letter in "ABCDEFG"[:more]:
                make_account(f"Acme Robotics {letter}g", self.ines)
            with CaptureQueriesContext(connection) as seen:
                page = self.browse(self.omar, "duplicate_list")
            counts.append((len(seen), shown(page)))
        assert counts[0][0] == counts[1][0]
        assert counts[1][1] > counts[0][1]

    def test_at_most_fifty_are_shown_at_once(self) -> None:
        for _ in range(10):
            make_account("Acme Robotics SE", self.ines)
        page = self.browse(self.omar, "duplicate_list")
        assert shown(page) == 50
        assert len(pairs_of(self.omar)) == 66


# ---- Taking it back


class TakenBack(CastTestCase):
    def setUp(self) -> None:
        super().setUp()
        make_coverage(self.cobalt, self.olivia, Coverage.Role.SUPPORT)
        self.deal = make_deal(self.cobalt, "Drills")
        self.owed = make_obligation(self.cobalt)
        self.sam = make_contact(self.cobalt, "Sam Stone")
        self.told = make_entry(self.cobalt, contacts=[self.sam])
        self.before = self.state()
        self.cobalt.merge_into(self.acme, by=self.max, because="One company")
        self.merge = AccountMerge.objects.get()

    def state(self) -> dict[str, object]:
        cobalt = Account.objects.get(pk=self.cobalt.pk)
        team = cobalt.coverage.current().values_list("role", "person", "acting")
        return {
            "open": (cobalt.closed_at, cobalt.merged_into),
            "team": set(team),
            "deals": list(cobalt.deals.values_list("name", "role", "holder")),
            "owed": list(cobalt.obligations.values_list("text", "role", "holder")),
            "people": list(cobalt.contacts.order_by("pk").values_list("name", flat=True)),
        }

    def test_everything_is_where_it_was_and_both_threads_say_so(self) -> None:
        assert self.state() != self.before
        page = self.send(self.max, "merge_undo", self.merge.pk)
        assert page.status_code == 302
        assert self.state() == self.before
        for account in (self.acme, self.cobalt):
            assert "taken back" in account.entries.latest("pk").text
        owners = Coverage.objects.filter(account=self.cobalt, role="owner").order_by("started_at")
        assert owners[0].ended_at == owners[1].started_at
        with pytest.raises(Refused, match="taken back already"):
            self.merge.undo(by=self.max)

    def test_they_can_be_joined_again(self) -> None:
        self.merge.undo(by=self.max)
        cobalt = Account.objects.get(pk=self.cobalt.pk)
        cobalt.merge_into(self.acme, by=self.max, because="After all")
        AccountMerge.objects.latest("pk").undo(by=self.max)
        assert self.state() == self.before

    def test_who_has_left_meanwhile_is_followed_by_their_manager(self) -> None:
        User.objects.filter(pk=self.ines.pk).update(is_active=True)
        self.ines.deactivate(by=self.omar, because="Left")
        self.merge.refresh_from_db()
        self.merge.undo(by=self.omar)
        owner = Coverage.objects.owners().get(account=self.cobalt)
        assert (owner.person, owner.acting) == (self.max, True)
        assert Deal.objects.get(pk=self.deal.pk).holder == self.max

    def test_not_once_something_was_added(self) -> None:
        adds: dict[str, Callable[[], object]] = {
            "a note": lambda: make_entry(self.acme),
            "something owed": lambda: make_obligation(self.acme),
            "a contact": lambda: make_contact(self.acme, "New One"),
            "a deal": lambda: make_deal(self.acme, "New"),
            "a deal that was closed": lambda: Deal.objects.get(pk=self.deal.pk).close("won", by=self.max),
        }
        for name, add in adds.items():
            with self.subTest(name):
                merge = AccountMerge.objects.get(pk=self.merge.pk)
                with transaction.atomic():
                    add()
                    with pytest.raises(Refused, match="nobody but a person can say"):
                        merge.undo(by=self.max)
                    transaction.set_rollback(True)

    def test_not_after_thirty_days_nor_when_it_went_on(self) -> None:
        late = AccountMerge.objects.get()
        late.at -= timedelta(days=31)
        assert "It is more than 30 days ago." in list(late.blockers())
        self.acme.merge_into(self.dunmore, by=self.omar, because="One group")
        with pytest.raises(Refused, match="has become part of yet another account since"):
            self.merge.undo(by=self.omar)
        AccountMerge.objects.get(account=self.acme).undo(by=self.omar)
        self.cobalt.refresh_from_db()
        assert self.cobalt.merged_into == self.acme

    def test_not_after_the_other_changed_hands(self) -> None:
        self.acme.coverage.owners().pass_to(self.ines, by=self.max, because="Too many for one")
        with pytest.raises(Refused, match="has changed hands since"):
            self.merge.undo(by=self.max)

    def test_nobody_takes_back_what_they_do_not_see(self) -> None:
        rosa = make_user("Rosa Lind", User.Kind.MANAGER)
        assert self.send(rosa, "merge_undo", self.merge.pk).status_code == 404
        assert self.send(self.olivia, "merge_undo", self.merge.pk).status_code == 403
        assert Contact.objects.get(pk=self.sam.pk).account == self.acme

    def test_postgresql_keeps_what_was_moved_and_who_said_that_two_are_two(self) -> None:
        DistinctAccounts.say(self.acme, self.dunmore, by=self.omar)
        denied = "permission denied"
        assert denied in refusal_of("UPDATE accounts_accountmerge SET moved = '{}'")
        assert denied in refusal_of("DELETE FROM accounts_accountmerge")
        assert denied in refusal_of("UPDATE accounts_distinctaccounts SET first_id = second_id")
        half = "UPDATE accounts_accountmerge SET undone_at = now()"
        assert refusal_of(half) == "merge_undone_by_somebody"
