"""Law 4 in PostgreSQL: raw SQL under the customer's role finds one account's shared lines and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.database.row_security import READABLE, as_customer, as_customer_reads
from accounts.models import Ask, Contact, Coverage, Entry, Fact, Obligation
from tests.base import (
    CastTestCase,
    make_contact,
    make_coverage,
    make_customer,
    make_deal,
    make_entry,
    make_fact,
    make_obligation,
)


class RowSecurity(CastTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        dana = make_contact(cls.cobalt, "Dana Ortiz", email="dana@cobalt.example")
        make_customer(dana)
        for account, contact in ((cls.acme, cls.champion), (cls.cobalt, dana)):
            make_entry(account, "internal")
            make_entry(account, "shared").share(by=cls.max)
            make_fact(account, text="internal")
            make_fact(account, text="shared").share(by=cls.max)
            make_obligation(account, "internal")
            make_obligation(account, "shared", contact=contact, shared=True)
            make_deal(account)
            Ask.make(account, "favour", "asked of them", by=cls.max)
        taken_back = make_entry(cls.acme, "taken back")
        taken_back.share(by=cls.max)
        taken_back.retract(by=cls.olivia, because="Wrong account")

    def rows(self, statement: str) -> list[Any]:
        with as_customer(self.acme), connection.cursor() as cursor:
            cursor.execute(statement)
            return [row[0] if len(row) == 1 else row for row in cursor.fetchall()]

    def test_only_shared_lines_of_the_one_account_are_found(self) -> None:
        for table in ("accounts_fact", "accounts_obligation"):
            assert self.rows(f"SELECT text FROM {table}") == ["shared"]
            assert self.rows(f"SELECT DISTINCT account_id FROM {table}") == [self.acme.pk]
        said = self.rows("SELECT text FROM accounts_entry WHERE kind <> 'obligation'")
        assert said == ["shared"]
        assert self.rows("SELECT DISTINCT account_id FROM accounts_entry") == [self.acme.pk]
        assert self.rows("SELECT text FROM accounts_entry WHERE step = 'raised'") == ["shared"]

    def test_only_the_one_account_its_people_and_its_team_are_found(self) -> None:
        assert self.rows("SELECT id FROM accounts_account") == [self.acme.pk]
        for table in ("accounts_ask", "accounts_contact", "accounts_coverage"):
            assert self.rows(f"SELECT DISTINCT account_id FROM {table}") == [self.acme.pk]
        customers = self.rows("SELECT name FROM accounts_user WHERE kind = 'customer'")
        assert customers == ["Carla Weiss"]

    def test_colleagues_are_found_who_serve_them_or_wrote_a_line_that_they_read(self) -> None:
        heard = self.rows("SELECT id FROM accounts_user WHERE kind <> 'customer'")
        assert sorted(heard) == sorted([self.olivia.pk, self.max.pk])

    def test_who_reads_in_to_take_over_is_not_found(self) -> None:
        make_coverage(self.acme, self.ines, Coverage.Role.INCOMING)
        assert self.rows("SELECT role FROM accounts_coverage") == ["owner"]
        assert self.rows(f"SELECT id FROM accounts_user WHERE id = {self.ines.pk}") == []

    def test_a_column_that_was_never_granted_cannot_be_read(self) -> None:
        with connection.cursor() as cursor:
            columns = {
                table: [
                    column.name for column in connection.introspection.get_table_description(cursor, table)
                ]
                for table in READABLE
            }
        withheld = [(t, c) for t in columns for c in columns[t] if c not in READABLE[t].names]
        assert ("accounts_contact", "cost") in withheld
        for table, column in withheld:
            with pytest.raises(DatabaseError), transaction.atomic():
                self.rows(f"SELECT {column} FROM {table}")

    def test_the_page_reads_nothing_of_theirs_with_our_eyes(self) -> None:
        """A template that named a withheld column would ask for it afterwards, as ourselves."""
        browser = self.as_(self.olivia)
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("customer_preview", args=[self.acme.pk]))
        asked = [query["sql"] for query in queries]
        (end,) = [n for n, sql in enumerate(asked) if sql.endswith("SET LOCAL ROLE NONE")]
        assert [sql for sql in asked[end:] if sql.startswith("SELECT") and "accounts_" in sql] == []

    def test_shares_retractions_and_confirmations_are_of_that_account(self) -> None:
        assert self.rows("SELECT count(*) FROM accounts_share") == [3]
        assert self.rows("SELECT count(*) FROM accounts_retraction") == [1]

    def test_what_was_never_granted_cannot_be_read_at_all(self) -> None:
        tables = ["accounts_deal", "handoffs_handoff", "handoffs_approval", "accounts_session"]
        for table in [*tables, "accounts_userevent", "accounts_mention"]:
            with pytest.raises(DatabaseError), transaction.atomic():
                self.rows(f"SELECT 1 FROM {table}")

    def test_nothing_can_be_written(self) -> None:
        for table in READABLE:
            with pytest.raises(DatabaseError), transaction.atomic():
                self.rows(f"DELETE FROM {table}")
        with pytest.raises(DatabaseError), transaction.atomic():
            self.rows("UPDATE accounts_obligation SET text = 'x'")

    def test_without_an_account_nothing_is_found(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE throughline_customer")
            cursor.execute("SELECT count(*) FROM accounts_entry")
            assert cursor.fetchone() == (0,)
            cursor.execute("SET LOCAL ROLE NONE")

    def test_a_careless_query_set_is_held_too(self) -> None:
        with as_customer(self.acme):
            assert [fact.text for fact in as_customer_reads(Fact.objects.all())] == ["shared"]
            assert [line.text for line in as_customer_reads(Obligation.objects.all())] == ["shared"]
            with pytest.raises(DatabaseError), transaction.atomic():
                Contact.objects.get(account=self.acme)  # with what we write of them

    def test_the_block_ends_even_after_an_error(self) -> None:
        with pytest.raises(ValueError, match="wrong"), as_customer(self.acme):
            raise ValueError("wrong")
        assert Entry.objects.count() > 3
        with as_customer(self.acme):
            pass
        assert Entry.objects.count() > 3

    def test_the_site_itself_pays_nothing(self) -> None:
        """Its policy is a constant truth: the plan of its own query holds no trace of it."""
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN SELECT * FROM accounts_entry WHERE account_id = 1 AND text ILIKE '%%x%%'")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "accounts_read_as" not in plan
        assert "SubPlan" not in plan
